//! A site on this machine that answers each path as its script says, and the names that lead to it.

use crate::server::outbound::Resolve;
use async_trait::async_trait;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What a site does with one request.
pub enum Act {
    /// Writes this and closes.
    Say(Vec<u8>),
    /// Writes the first, then the second again and again as long as it is taken, pausing in between.
    Repeat(Vec<u8>, Vec<u8>, Duration),
    /// Writes this and then nothing, without closing.
    Hang(Vec<u8>),
}

/// An answer with status 200 and a length.
pub fn ok(content_type: &str, body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n", body.len());
    Act::Say([head.as_bytes(), body].concat())
}

pub fn redirect(location: &str) -> Act {
    Act::Say(format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n").into_bytes())
}

pub struct Site {
    pub address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub async fn start(script: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::serve("127.0.0.1:0".parse().expect("an address"), None, script).await
    }

    pub async fn serve(
        at: SocketAddr,
        tls: Option<TlsAcceptor>,
        script: impl Fn(&str) -> Act + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(at).await.expect("a free port");
        let site = Self { address: listener.local_addr().expect("an address"), heads: Arc::default() };
        let (heads, script) = (site.heads.clone(), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (heads, script, tls) = (heads.clone(), script.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &heads, &*script).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => answer(stream, &heads, &*script).await,
                            Err(error) => Err(error),
                        },
                    }
                });
            }
        });
        site
    }

    /// An address of this site under a name.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    /// The paths that were asked for.
    pub fn paths(&self) -> Vec<String> {
        self.heads().iter().filter_map(|head| head.split(' ').nth(1).map(str::to_owned)).collect()
    }

    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("nobody panics with it").clone()
    }
}

async fn answer(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    heads: &Mutex<Vec<String>>,
    script: &(impl Fn(&str) -> Act + ?Sized),
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    heads.lock().expect("nobody panics with it").push(head);
    match script(&path) {
        Act::Say(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Act::Repeat(first, again, pause) => {
            stream.write_all(&first).await?;
            loop {
                stream.write_all(&again).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Act::Hang(bytes) => {
            stream.write_all(&bytes).await?;
            // Until the other side gives up.
            stream.read_u8().await.map(drop)
        }
    }
}

/// Names with the answers they give, one after the other; the last one stays.
#[derive(Clone, Default)]
pub struct Names(Arc<Mutex<HashMap<String, Known>>>);

#[derive(Default)]
struct Known {
    answers: VecDeque<Vec<IpAddr>>,
    asked: usize,
}

impl Names {
    pub fn learn(&self, host: &str, ips: &[&str]) {
        let ips = ips.iter().map(|ip| ip.parse().expect("an address")).collect();
        let mut names = self.0.lock().expect("nobody panics with it");
        names.entry(host.to_owned()).or_default().answers.push_back(ips);
    }

    pub fn asked(&self, host: &str) -> usize {
        self.0.lock().expect("nobody panics with it").get(host).map_or(0, |known| known.asked)
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().expect("nobody panics with it");
        let known = names.get_mut(host).ok_or_else(|| io::Error::other("no such name"))?;
        known.asked += 1;
        let answer = if known.answers.len() > 1 { known.answers.pop_front() } else { known.answers.front().cloned() };
        Ok(answer.unwrap_or_default())
    }
}
