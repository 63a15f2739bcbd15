//! The one way out: how this server fetches what people point it at, without being turned against the network it runs in.
//!
//! - http and https on ports 80 and 443 only, no credentials in addresses, no cookies, no proxy of the environment.
//! - Names are resolved here, *every* address found must be public, and the connection goes to a checked address: no library
//!   in between looks the name up again, so an answer that changes in between changes nothing.
//! - Redirects are followed by hand, three at most, each checked like the first, never from https to http.
//! - One deadline over everything; heads, bodies (also what they unpack to), and what runs at a time are bounded.
//!
//! A plain HTTP/1 connection per request on hyper, because a pooling client resolves, reconnects, retries and follows by itself.

mod address;
mod body;
mod connect;
mod gate;
mod resolve;
mod target;
#[cfg(test)]
mod tests;

pub use address::is_global;
pub use resolve::{Resolve, SystemResolver};

use crate::server::outbound::gate::Gate;
use http::header;
use ipnet::IpNet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::RootCertStore;
use url::Url;

/// Redirects of one fetch.
const REDIRECTS_MAX: usize = 3;
/// How long a fetch waits for its turn before it gives up.
const QUEUE_TIME: Duration = Duration::from_secs(10);
/// Says what we are and nothing of where we run or who asked.
const USER_AGENT: &str = concat!("Mozilla/5.0 (compatible; Lavender/", env!("CARGO_PKG_VERSION"), ")");

/// Where fetches may go, beyond what is always so.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Public networks that are nevertheless somebody's own.
    pub denied: Vec<IpNet>,
    /// Exact addresses that may be reached although they are not public or have another port: a test's own site. Only code can
    /// fill it; no setting does.
    pub exceptions: Vec<SocketAddr>,
}

impl Reach {
    fn allows(&self, address: SocketAddr) -> bool {
        let ip = address.ip();
        self.exceptions.contains(&address)
            || (is_usual_port(address.port()) && is_global(ip) && !self.denied.iter().any(|net| net.contains(&ip)))
    }

    fn allows_port(&self, port: u16) -> bool {
        is_usual_port(port) || self.exceptions.iter().any(|address| address.port() == port)
    }
}

fn is_usual_port(port: u16) -> bool {
    matches!(port, 80 | 443)
}

/// What one kind of fetch wants and bears.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The `Accept` header.
    pub accept: &'static str,
    /// Media types that are taken, in lower case, without parameters.
    pub types: &'static [&'static str],
    /// Bytes of the body, unpacked.
    pub body_max_bytes: usize,
    /// What to do with a longer one.
    pub overlong: Overlong,
    /// For everything from the first name to the last byte, redirects included.
    pub deadline: Duration,
}

/// What becomes of a body that is longer than wished.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overlong {
    /// Its beginning is taken and the rest never read.
    Cut,
    Refuse,
}

/// What came back, with status 200.
#[derive(Debug)]
pub struct Fetched {
    /// Where it came from, after redirects.
    pub url: Url,
    /// The `Content-Type` header.
    pub content_type: String,
    pub body: Vec<u8>,
}

/// Why a fetch brought nothing. Holds no address: those are people's words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    #[error("not an address that may be fetched")]
    Address,
    #[error("the name or address is not public")]
    NotPublic,
    #[error("the name is not known")]
    Unresolved,
    #[error("no connection")]
    Unreachable,
    #[error("no secure connection")]
    Insecure,
    #[error("not HTTP as it should be, or too large a head")]
    Malformed,
    #[error("too many redirects")]
    Redirects,
    #[error("status {0}")]
    Status(u16),
    #[error("another type than wished")]
    Type,
    #[error("larger than wished")]
    TooLarge,
    #[error("not within its time")]
    Slow,
    #[error("too much is fetched already")]
    Busy,
}

type Result<T> = std::result::Result<T, Failure>;

/// Fetches. Cheap to clone; clones share their bounds.
#[derive(Clone)]
pub struct Outbound(Arc<Parts>);

struct Parts {
    reach: Reach,
    resolver: Box<dyn Resolve>,
    tls: connect::Tls,
    gate: Gate,
}

impl Outbound {
    /// The names of the system's resolver, the certificate authorities of Mozilla.
    pub fn new(reach: Reach) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        Self::with(reach, Box::new(SystemResolver::default()), roots)
    }

    fn with(reach: Reach, resolver: Box<dyn Resolve>, roots: RootCertStore) -> Self {
        Self(Arc::new(Parts { reach, resolver, tls: connect::Tls::new(roots), gate: Gate::default() }))
    }

    /// Fetches `url` by GET, following redirects.
    ///
    /// # Errors
    /// See [`Failure`]. [`Failure::Busy`] says nothing about the address.
    pub async fn get(&self, url: &Url, wish: &Wish) -> Result<Fetched> {
        // Before any turn is taken: most bad addresses need no work.
        target::check(url, &self.0.reach)?;
        let _turn = tokio::time::timeout(QUEUE_TIME, self.0.gate.enter()).await.map_err(|_| Failure::Busy)?;
        tokio::time::timeout(wish.deadline, self.follow(url.clone(), wish)).await.map_err(|_| Failure::Slow)?
    }

    async fn follow(&self, mut url: Url, wish: &Wish) -> Result<Fetched> {
        for _ in 0..=REDIRECTS_MAX {
            match self.hop(&url, wish).await? {
                Hop::Arrived(fetched) => return Ok(fetched),
                Hop::Onward(next) => url = next,
            }
        }
        Err(Failure::Redirects)
    }

    /// One request and its answer.
    async fn hop(&self, url: &Url, wish: &Wish) -> Result<Hop> {
        let parts = &*self.0;
        let target = target::check(url, &parts.reach)?;
        let _turn = parts.gate.enter_host(&target.host).await;
        let addresses = target.addresses(&*parts.resolver, &parts.reach).await?;
        // The connection's task ends with it.
        let mut connection = connect::open(&target, &addresses, &parts.tls).await?;
        let request = target.request(wish.accept)?;
        let response = connection.sender.send_request(request).await.map_err(|_| Failure::Malformed)?;
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(header::LOCATION).ok_or(Failure::Status(status.as_u16()))?;
            return target::onward(url, location.as_bytes()).map(Hop::Onward);
        }
        if status != http::StatusCode::OK {
            return Err(Failure::Status(status.as_u16()));
        }
        let (content_type, body) = body::read(response, wish).await?;
        Ok(Hop::Arrived(Fetched { url: url.clone(), content_type, body }))
    }
}

enum Hop {
    Arrived(Fetched),
    Onward(Url),
}
