//! Fresh stores of both kinds, and what is left of them taken away again.

use lavender::server::store::embedded::Embedded;
use lavender::server::store::mongo::Mongo;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

/// An embedded store in a folder of its own, which goes with this value.
pub struct Folder {
    dir: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn file(&self) -> PathBuf {
        self.dir.path().join("lavender.db")
    }

    pub fn other(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn open(&self) -> Arc<Embedded> {
        Arc::new(Embedded::open(&self.file()).expect("a store that opens"))
    }
}

/// A database of its own in the replica set that `scripts/with-mongo.sh` started.
pub struct FreshDatabase {
    pub uri: String,
    name: String,
}

impl FreshDatabase {
    /// Fails, and does not skip, without a replica set: a test that did not run must not look like one that passed.
    #[track_caller]
    pub fn new() -> Self {
        let server = std::env::var("TEST_MONGODB_URI")
            .expect("TEST_MONGODB_URI names a replica set: run the tests by scripts/with-mongo.sh");
        let name = format!("test_{}", Uuid::now_v7().simple());
        let (hosts, options) = server.split_once("/?").unwrap_or((server.trim_end_matches('/'), ""));
        Self { uri: format!("{hosts}/{name}?{options}"), name }
    }

    pub async fn open(&self) -> Arc<Mongo> {
        Arc::new(Mongo::connect(&self.uri).await.expect("a MongoDB that answers"))
    }

    /// Removes the database.
    pub async fn end(self) {
        let client = mongodb::Client::with_uri_str(&self.uri).await.expect("the same address");
        client.database(&self.name).drop().await.expect("a database of our own");
        client.shutdown().await;
    }
}
