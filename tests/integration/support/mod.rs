//! What the tests share.

pub mod client;
pub mod corpus;
pub mod server;
pub mod stage;
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
