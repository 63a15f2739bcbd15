//! What the tests share.

pub mod client;
pub mod corpus;
pub mod dump;
pub mod mail;
pub mod model;
pub mod process;
pub mod provider;
pub mod redis;
pub mod reply;
pub mod samples;
pub mod server;
pub mod stage;
pub mod storage;
pub mod stores;

/// Makes each test run on both stores: `on_both_stores! { async fn name(store) { … } }` gives `name::embedded` and
/// `name::mongodb`.
macro_rules! on_both_stores {
    ($($(#[doc = $doc:expr])* async fn $name:ident($store:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs all of its file")]
            use super::*;

            $(#[doc = $doc])*
            async fn run($store: $crate::support::server::Store) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                run($crate::support::server::Store::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn mongodb() {
                if $crate::support::server::has_mongodb() {
                    run($crate::support::server::Store::MongoDb).await;
                }
            }
        }
    )+};
}

/// Makes each test run on both kinds of blob store: `on_both_storages! { async fn name(storage) { … } }` gives `name::folder` and
/// `name::bucket`.
macro_rules! on_both_storages {
    ($($(#[doc = $doc:expr])* async fn $name:ident($storage:ident) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs all of its file")]
            use super::*;

            $(#[doc = $doc])*
            async fn run($storage: $crate::support::storage::Storage) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn folder() {
                run($crate::support::storage::Storage::Folder).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn bucket() {
                if $crate::support::storage::has_bucket() {
                    run($crate::support::storage::Storage::Bucket).await;
                }
            }
        }
    )+};
}
