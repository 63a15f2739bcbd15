//! The two servers, as something to put files on and to get them from.

use crate::adapter::lavender::Lavender;
use crate::adapter::{Adapter, Frame, Incoming as Received};
use crate::fixture::{Fixture, User};
use crate::pace::Rng;
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION};
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::cell::RefCell;
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// A kept connection.
pub struct Connection {
    addr: SocketAddr,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr, sender: None }
    }

    async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = TcpStream::connect(self.addr).await?;
            stream.set_nodelay(true)?;
            let (sender, connection) = handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        let sender = self.sender.as_mut().expect("just set");
        sender.ready().await?;
        Ok(sender.send_request(request).await?)
    }

    /// For an answer that is read to its end; one with another status is an error that says what it said.
    async fn expect(&mut self, request: Request<Full<Bytes>>, wanted: StatusCode) -> Result<Response<Bytes>> {
        let what = format!("{} {}", request.method(), request.uri());
        let (parts, body) = self.send(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        ensure!(parts.status == wanted, "{what}: {} {}", parts.status, String::from_utf8_lossy(&body));
        Ok(Response::from_parts(parts, body))
    }
}

/// A file that is there.
pub struct Stored {
    path: String,
    id: String,
    pub bytes: u64,
}

/// Who brings files into a room, and who gets them there.
struct Pair {
    room: String,
    sender: User,
    receiver: User,
}

pub struct Site {
    pub addr: SocketAddr,
    pub pid: u32,
    /// Of each client. None: the plain server, which knows nobody.
    pairs: Vec<Pair>,
    adapter: Lavender,
    rng: RefCell<Rng>,
}

impl Site {
    pub fn plain(addr: SocketAddr, pid: u32) -> Self {
        let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(1, |age| age.as_nanos() as u64);
        Self { addr, pid, pairs: Vec::new(), adapter: Lavender::from_env(true), rng: RefCell::new(Rng::new(seed)) }
    }

    pub fn lavender(addr: SocketAddr, pid: u32, fixture: &Fixture) -> Result<Self> {
        let pairs = fixture.set("files")?.iter().map(|room| {
            let user = |at: usize| fixture.users[room.members[at] as usize].clone();
            Pair { room: room.id.clone(), sender: user(0), receiver: user(1) }
        });
        Ok(Self { pairs: pairs.collect(), ..Self::plain(addr, pid) })
    }

    pub fn name(&self) -> &'static str {
        if self.pairs.is_empty() { "plain" } else { "Lavender" }
    }

    fn request(
        &self,
        (method, path): (Method, &str),
        user: Option<&User>,
        body: Bytes,
        kind: Option<&str>,
    ) -> Result<Request<Full<Bytes>>> {
        let mut request = Request::builder().method(method).uri(path).header(HOST, self.addr.to_string());
        for (name, value) in user.map(|user| self.adapter.headers(user)).unwrap_or_default() {
            request = request.header(name, value);
        }
        if let Some(kind) = kind {
            request = request.header(CONTENT_TYPE, kind).header(CONTENT_LENGTH, body.len());
        }
        Ok(request.body(Full::new(body))?)
    }

    fn pair(&self, client: usize) -> Option<&Pair> {
        self.pairs.get(client)
    }

    /// A file in the room of this client.
    pub async fn put(
        &self,
        connection: &mut Connection,
        client: usize,
        body: Bytes,
        kind: &str,
        extension: &str,
    ) -> Result<Stored> {
        let (id, bytes) = (self.new_id(), body.len() as u64);
        let pair = self.pair(client);
        let path = format!("/files/{id}");
        let target =
            pair.map_or_else(|| path.clone(), |pair| format!("{path}?room={}&name=sample.{extension}", pair.room));
        let request = self.request((Method::PUT, &target), pair.map(|pair| &pair.sender), body, Some(kind))?;
        connection.expect(request, StatusCode::OK).await?;
        Ok(Stored { path, id, bytes })
    }

    /// Reads a file to its end, by its redirect if there is one; returns when that was there.
    pub async fn get(
        &self,
        connection: &mut Connection,
        client: usize,
        stored: &Stored,
        expected: Option<&Bytes>,
    ) -> Result<Option<Duration>> {
        let user = self.pair(client).map(|pair| &pair.receiver);
        let began = Instant::now();
        let mut link = None;
        let mut path = stored.path.clone();
        if user.is_some() {
            let request = self.request((Method::GET, &path), user, Bytes::new(), None)?;
            let answer = connection.expect(request, StatusCode::FOUND).await?;
            path = answer.headers().get(LOCATION).context("no address")?.to_str()?.to_owned();
            link = Some(began.elapsed());
        }
        let request = self.request((Method::GET, &path), user, Bytes::new(), None)?;
        let answer = connection.send(request).await?;
        ensure!(answer.status() == StatusCode::OK, "GET {path}: {}", answer.status());
        let (mut body, mut count) = (answer.into_body(), 0);
        while let Some(frame) = body.frame().await {
            let Ok(part) = frame?.into_data() else { continue };
            if let Some(expected) = expected {
                ensure!(expected.get(count..count + part.len()) == Some(&part[..]), "GET {path}: other bytes");
            }
            count += part.len();
        }
        ensure!(count as u64 == stored.bytes, "GET {path}: {count} bytes");
        Ok(link)
    }

    pub async fn remove(&self, connection: &mut Connection, client: usize, stored: &Stored) -> Result<()> {
        let user = self.pair(client).map(|pair| &pair.sender);
        let request = self.request((Method::DELETE, &stored.path), user, Bytes::new(), None)?;
        connection.expect(request, StatusCode::NO_CONTENT).await?;
        Ok(())
    }

    /// Sends a message that shows the files, so that somebody else may ask for them.
    pub async fn share(&self, client: usize, files: &[Stored]) -> Result<()> {
        let Some(Pair { room, sender, .. }) = self.pair(client) else { return Ok(()) };
        let upgrade = self.adapter.upgrade(sender);
        let mut request = format!("ws://{}{}", self.addr, upgrade.path).into_client_request()?;
        for (name, value) in upgrade.headers {
            request.headers_mut().insert(name, value.parse()?);
        }
        let stream = TcpStream::connect(self.addr).await?;
        let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        socket.send(self.adapter.hello(sender).context("a greeting")?).await?;
        let files: Vec<_> = files.iter().map(|file| serde_json::json!({ "id": file.id })).collect();
        let command = serde_json::json!({
            "id": 1,
            "command": { "type": "send", "room_id": room, "txn_id": self.new_id(), "body": "", "files": files },
        });
        loop {
            let frame = socket.next().await.context("closed")??;
            let Frame::Text(text) = &frame else { continue };
            match self.adapter.read(sender, text.as_bytes()) {
                Received::Ready => socket.send(Frame::text(command.to_string())).await?,
                Received::Ack { ok: true, corr: 1, .. } => break,
                Received::Ack { ok: false, .. } | Received::Refused(_) => bail!("a message with files: {text}"),
                _ => {}
            }
        }
        socket.close(None).await?;
        Ok(())
    }

    /// A UUIDv7.
    fn new_id(&self) -> String {
        let ms = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_millis() as u64);
        let mut rng = self.rng.borrow_mut();
        let (a, b) = (rng.next(), rng.next());
        format!(
            "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
            (ms >> 16) & 0xffff_ffff,
            ms & 0xffff,
            a & 0xfff,
            0x8000 | ((b >> 48) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_version_7_and_never_the_same() {
        let site = Site::plain(SocketAddr::from(([127, 0, 0, 1], 1)), 1);
        let ids: std::collections::HashSet<String> = (0..1_000).map(|_| site.new_id()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let parts: Vec<&str> = id.split('-').collect();
            assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{id}");
            assert!(parts[2].starts_with('7') && "89ab".contains(&parts[3][..1]), "{id}");
        }
    }
}
