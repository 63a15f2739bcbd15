//! The two kinds of blob store to test with.

use super::server::{Store, TestServer};
use lavender::server::config::{Config, S3};

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
            let config = Config::read(|name| match name {
                "S3_BUCKET" => Some(test_variable("BUCKET") + ending),
                "S3_ENDPOINT" | "S3_ACCESS_KEY_ID" | "S3_SECRET_ACCESS_KEY" => Some(test_variable(&name[3..])),
                _ => None,
            });
            config.expect("a good bucket").s3.expect("a bucket")
        })
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
