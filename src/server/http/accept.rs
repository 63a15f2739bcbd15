//! The accept loop. Of our own, because axum's and Dioxus' have no deadline for headers, no bound on connections and no
//! orderly end.

use crate::server::App;
use crate::server::http::address::Peer;
use axum::Router;
use axum::body::Body;
use dashmap::DashMap;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Sleep;
use tower::ServiceExt;

/// A head that does not come whole in this time ends its connection; so does silence between two requests.
const HEADER_TIME: Duration = Duration::from_secs(5);
/// A write that nobody takes for this long ends its connection.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// Fields and bytes of a head.
const HEADERS_MAX: usize = 64;
const HEAD_MAX: usize = 16 * 1024;
/// Connections of this process, sockets included; fewer where the system allows fewer open files.
const CONNECTIONS_MAX: u32 = 20_000;
/// Fewer than this are worth a warning.
const FEW_CONNECTIONS: u64 = 4_000;
/// Open files for everything else: the store, the log, files on their way out.
const OTHER_FILES: u32 = 256;
/// Connections of one address that is no trusted proxy, times the limit scale.
const CONNECTIONS_PER_ADDRESS: usize = 256;

/// Accepts until `stop` turns true, then lets each connection finish its request. Resolves when all are gone.
pub async fn run(listener: TcpListener, app: &App, router: Router, mut stop: watch::Receiver<bool>) {
    let room = room();
    let places = Arc::new(Semaphore::new(room as usize));
    let per_address = Arc::new(DashMap::<IpAddr, usize>::new());
    let limit = CONNECTIONS_PER_ADDRESS.saturating_mul(app.config.limit_scale as usize);
    loop {
        let accepted = tokio::select! {
            () = stopping(&mut stop) => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let address = peer.0.ip().to_canonical();
        let is_proxy = app.config.trusted_proxies.iter().any(|network| network.contains(&address));
        let Some(share) = Share::take(&per_address, address, if is_proxy { usize::MAX } else { limit }) else {
            tracing::debug!("refused: too many connections of one address");
            continue;
        };
        stream.set_nodelay(true).ok();
        let stream = Held { stream, stall: None, _place: place, _share: share };
        tokio::spawn(serve(stream, peer, router.clone(), stop.clone()));
    }
    drop(listener);
    // Every place comes back when its connection ends.
    drop(places.acquire_many(room).await);
}

/// How many connections the process has room for. Raises its limit of open files as far as it may: shells give 1,024.
fn room() -> u32 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::from(CONNECTIONS_MAX + OTHER_FILES);
    let current = limit.current.unwrap_or(u64::MAX);
    let raised = wanted.min(limit.maximum.unwrap_or(u64::MAX)).max(current);
    let raised = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }) {
        Ok(()) => raised,
        Err(_) => current,
    };
    let room = raised.saturating_sub(u64::from(OTHER_FILES)).clamp(64, u64::from(CONNECTIONS_MAX));
    if room < FEW_CONNECTIONS {
        tracing::warn!(connections = room, "the limit of open files bounds the connections");
    }
    u32::try_from(room).unwrap_or(CONNECTIONS_MAX)
}

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(TcpStream, Peer, OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, Peer(peer), place)),
        Err(error) => {
            // Out of file descriptors, mostly: trying again at once would only burn the processor.
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

async fn serve(stream: Held, peer: Peer, router: Router, mut stop: watch::Receiver<bool>) {
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request.map(Body::new))
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // What goes wrong on a connection (a reset, nonsense instead of HTTP) is its own affair.
    tokio::select! {
        ended = connection.as_mut() => drop(ended),
        () = stopping(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await.ok();
        }
    }
}

async fn stopping(stop: &mut watch::Receiver<bool>) {
    stop.wait_for(|stop| *stop).await.ok();
}

/// A connection and its place among them, which it keeps when it becomes a websocket. A write that nobody takes for
/// [`WRITE_TIME`] ends it.
struct Held {
    stream: TcpStream,
    stall: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
    _share: Share,
}

impl Held {
    fn watched<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_TIME)));
        stall.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.watched(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// One of an address's connections.
struct Share {
    address: IpAddr,
    counts: Arc<DashMap<IpAddr, usize>>,
}

impl Share {
    fn take(counts: &Arc<DashMap<IpAddr, usize>>, address: IpAddr, limit: usize) -> Option<Self> {
        let mut count = counts.entry(address).or_default();
        if *count >= limit {
            return None;
        }
        *count += 1;
        drop(count);
        Some(Self { address, counts: counts.clone() })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Some(mut count) = self.counts.get_mut(&self.address) {
            *count -= 1;
        }
        self.counts.remove_if(&self.address, |_, count| *count == 0);
    }
}
