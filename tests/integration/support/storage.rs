//! The two kinds of blob store to test with.

use super::server::{Store, TestServer};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use lavender::server::config::{Config, S3};
use secrecy::ExposeSecret;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// Where a server keeps the bytes of files.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    Folder,
    Bucket,
}

impl Storage {
    /// A server that keeps files there.
    pub async fn server(self) -> TestServer {
        TestServer::start_with(Store::Embedded, |config| config.s3 = self.settings("")).await
    }

    /// The settings of the bucket, or of the one beside it with this ending.
    pub fn settings(self, ending: &str) -> Option<S3> {
        (self == Self::Bucket).then(|| {
            let all = self.variables(ending);
            let read = |name: &str| {
                let (_, value) = all.iter().find(|(known, _)| *known == name)?;
                Some(value.to_str().expect("a plain value").to_owned())
            };
            Config::read(read).expect("a good bucket").s3.expect("a bucket")
        })
    }

    /// What a process is told of the bucket, or of the one beside it with this ending.
    pub fn variables(self, ending: &str) -> Vec<(&'static str, OsString)> {
        if self == Self::Folder {
            return Vec::new();
        }
        let told = ["S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"].map(|name| {
            let value = test_variable(&name[3..]);
            (name, if name == "S3_BUCKET" { value + ending } else { value }.into())
        });
        told.to_vec()
    }
}

/// All that a blob store holds, seen from behind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inventory {
    /// Sizes by key.
    pub blobs: BTreeMap<String, u64>,
    /// Sizes of what is still being written, or was left so. A bucket does not say how much there is.
    pub unfinished: Vec<u64>,
}

impl Inventory {
    pub fn of_folder(root: &Path) -> Self {
        let mut all = Self::default();
        for folder in std::fs::read_dir(root).expect("a folder") {
            let folder = folder.expect("an entry");
            let is_incoming = folder.file_name() == ".incoming";
            // What is not a folder was put there by a test.
            let Ok(entries) = std::fs::read_dir(folder.path()) else { continue };
            for entry in entries {
                let entry = entry.expect("an entry");
                // It may be finished, or removed, this moment.
                let Ok(about) = entry.metadata() else { continue };
                if is_incoming {
                    all.unfinished.push(about.len());
                } else {
                    all.blobs.insert(entry.file_name().into_string().expect("ASCII"), about.len());
                }
            }
        }
        all
    }

    /// Of a bucket that a test has for itself: up to 1,000 of each.
    pub async fn of_bucket(settings: &S3) -> Self {
        let (key, secret) = (settings.access_key_id.expose_secret(), settings.secret_access_key.expose_secret());
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .region(Region::new(settings.region.clone()))
            .endpoint_url(&settings.endpoint)
            .force_path_style(settings.path_style)
            .credentials_provider(Credentials::new(key, secret, None, None, "test"))
            .build();
        let client = Client::from_conf(config);
        let listed = client.list_objects_v2().bucket(&settings.bucket).send().await.expect("it lists");
        let uploads = client.list_multipart_uploads().bucket(&settings.bucket).send().await.expect("it lists");
        let blob = |object: &aws_sdk_s3::types::Object| {
            let size = u64::try_from(object.size().unwrap_or(0)).expect("not negative");
            (object.key().unwrap_or_default().to_owned(), size)
        };
        Self { blobs: listed.contents().iter().map(blob).collect(), unfinished: vec![0; uploads.uploads().len()] }
    }
}

fn test_variable(name: &str) -> String {
    std::env::var(format!("TEST_S3_{name}")).expect("has_bucket() was asked")
}

/// Whether there is a bucket to test with; says so once if not.
pub fn has_bucket() -> bool {
    let there = std::env::var_os("TEST_S3_ENDPOINT").is_some();
    if !there {
        eprintln!("skipped: TEST_S3_ENDPOINT is not set");
    }
    there
}
