//! Names to addresses.

use async_trait::async_trait;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Lookups at a time. One that nobody waits for any more holds its thread until the system gives up, so it holds its place too.
const LOOKUPS: usize = 16;

/// Who knows the addresses of a name.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// Every address of `host`, best first.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The resolver of the system (`getaddrinfo`): what the operator configured there holds here too.
pub struct SystemResolver(Arc<Semaphore>);

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOKUPS)))
    }
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let place = self.0.clone().acquire_owned().await.map_err(io::Error::other)?;
        // A dot at the end: no search domain is tried, so a name can only mean what it means everywhere.
        let name = format!("{host}.");
        tokio::spawn(async move {
            let found =
                tokio::net::lookup_host((name, 0)).await.map(|found| found.map(|address| address.ip()).collect());
            drop(place);
            found
        })
        .await
        .map_err(io::Error::other)?
    }
}
