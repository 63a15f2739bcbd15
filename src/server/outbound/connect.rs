//! From checked addresses to a connection that speaks HTTP.

use crate::server::outbound::target::Target;
use crate::server::outbound::{Failure, Result};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// One address has this long; then the next one is tried.
const CONNECT_TIME: Duration = Duration::from_secs(2);
/// Addresses of one name that are tried.
const TRIES: usize = 3;
const HEADERS_MAX: usize = 64;
const HEAD_MAX_BYTES: usize = 32 * 1024;

/// TLS 1.2 and 1.3, certificates verified against the given authorities.
pub(super) struct Tls(TlsConnector);

impl Tls {
    pub fn new(roots: RootCertStore) -> Self {
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring speaks both versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Self(TlsConnector::from(Arc::new(config)))
    }
}

/// A connection for one request. Dropping it closes it.
pub(super) struct Connection {
    pub sender: http1::SendRequest<Empty<Bytes>>,
    _driver: JoinSet<()>,
}

/// Connects to the first of these addresses that answers, and to nothing else.
pub(super) async fn open(target: &Target, addresses: &[SocketAddr], tls: &Tls) -> Result<Connection> {
    let stream = connect(addresses).await?;
    if !target.is_https {
        return speak(stream).await;
    }
    let name = ServerName::try_from(target.host.clone()).map_err(|_| Failure::Address)?;
    speak(tls.0.connect(name, stream).await.map_err(|_| Failure::Insecure)?).await
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream> {
    for address in addresses.iter().take(TRIES) {
        if let Ok(Ok(stream)) = tokio::time::timeout(CONNECT_TIME, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(Failure::Unreachable)
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Result<Connection> {
    let (sender, connection) = http1::Builder::new()
        .max_headers(HEADERS_MAX)
        .max_header_size(HEAD_MAX_BYTES)
        .max_buf_size(2 * HEAD_MAX_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|_| Failure::Malformed)?;
    let mut driver = JoinSet::new();
    driver.spawn(async move {
        // What goes wrong here is the answer's error too.
        connection.await.ok();
    });
    Ok(Connection { sender, _driver: driver })
}
