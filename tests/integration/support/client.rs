//! A client of the live connection that waits for what it asserts, never for time to pass.

use super::stage::PATIENCE;
use super::stage::Person;
use futures_util::{SinkExt, StreamExt};
use lavender::Error;
use lavender::id::{ConnectionId, RoomId, TxnId, UserId};
use lavender::live::{ClientFrame, Command, LiveEvent, PROTOCOL, SOCKET_PATH, ServerFrame, Snapshot};
use lavender::model::Seq;
use std::collections::VecDeque;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Message as Raw;
use tokio_tungstenite::tungstenite::{Error as WireError, http};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub user_id: UserId,
    pub connection_id: ConnectionId,
    next_id: u64,
    /// Events that came while something else was waited for.
    events: VecDeque<LiveEvent>,
}

/// An acknowledged send.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acked {
    pub txn_id: TxnId,
    pub seq: Seq,
    pub message_id: lavender::id::MessageId,
}

/// The handshake of a person, to be changed by a test.
pub fn handshake(person: &Person) -> http::Request<()> {
    handshake_to(person.address, &person.cookie, &person.app.config.origin)
}

pub fn handshake_to(address: SocketAddr, cookie: &str, origin: &str) -> http::Request<()> {
    let mut request = format!("ws://{address}{SOCKET_PATH}").into_client_request().unwrap();
    let headers = request.headers_mut();
    headers.insert("cookie", cookie.parse().unwrap());
    headers.insert("origin", origin.parse().unwrap());
    request
}

/// The status with which a handshake is refused.
pub async fn refused(request: http::Request<()>) -> u16 {
    match tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await.expect("in time") {
        Err(WireError::Http(response)) => response.status().as_u16(),
        other => panic!("refused with a status, not {other:?}"),
    }
}

impl Client {
    /// Connects and reads `welcome`.
    pub async fn open(person: &Person) -> Self {
        let client = Self::enter(handshake(person)).await.expect("let in");
        assert_eq!(client.user_id, person.user_id);
        client
    }

    /// [`Self::open`] with this handshake. `None`: the server is not there, or goes meanwhile.
    pub async fn enter(handshake: http::Request<()>) -> Option<Self> {
        let connected = tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(handshake)).await;
        let (socket, _) = connected.expect("in time").ok()?;
        let (user_id, connection_id) = (UserId::new(), ConnectionId::new());
        let mut client = Self { socket, user_id, connection_id, next_id: 1, events: VecDeque::new() };
        match client.frame_or_end().await.ok()? {
            ServerFrame::Welcome(info) => {
                assert_eq!(info.protocol, PROTOCOL);
                (client.user_id, client.connection_id) = (info.user_id, info.connection_id);
            }
            other => panic!("welcome comes first, not {other:?}"),
        }
        Some(client)
    }

    /// Says what is held, and reads what is missing.
    pub async fn hello(&mut self, held: impl IntoIterator<Item = (RoomId, Seq)>, cursor: Option<u64>) -> Snapshot {
        let rooms = held.into_iter().collect();
        let hello = Command::Hello { protocol: PROTOCOL, rooms, cursor };
        self.hello_or_end(hello).await.unwrap_or_else(|code| panic!("a snapshot, not the end with {code:?}"))
    }

    /// Says hello and holds nothing. `None`: the server goes meanwhile.
    pub async fn greet(&mut self) -> Option<Snapshot> {
        self.hello_or_end(Command::Hello { protocol: PROTOCOL, rooms: Default::default(), cursor: None }).await.ok()
    }

    async fn hello_or_end(&mut self, command: Command) -> Result<Snapshot, Option<u16>> {
        self.post(&ClientFrame { id: None, command }).await;
        match self.until_or_end(|frame| matches!(frame, ServerFrame::Synced(_))).await? {
            ServerFrame::Synced(snapshot) => Ok(*snapshot),
            _ => unreachable!(),
        }
    }

    /// Sends a command that wants an answer, and gives its id.
    pub async fn command(&mut self, command: Command) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.post(&ClientFrame { id: Some(id), command }).await;
        id
    }

    pub async fn post(&mut self, frame: &ClientFrame) {
        self.post_raw(&serde_json::to_string(frame).unwrap()).await;
    }

    pub async fn post_raw(&mut self, text: &str) {
        self.raw(Raw::text(text)).await;
    }

    pub async fn raw(&mut self, message: Raw) {
        // A server that has closed already is found out by the next read.
        self.socket.send(message).await.ok();
    }

    /// The next frame.
    pub async fn frame(&mut self) -> ServerFrame {
        self.frame_or_end().await.unwrap_or_else(|code| panic!("a frame, not the end with {code:?}"))
    }

    async fn frame_or_end(&mut self) -> Result<ServerFrame, Option<u16>> {
        Ok(serde_json::from_str(&self.next().await?).expect("a frame"))
    }

    /// The next text, or the code with which the server closed.
    async fn next(&mut self) -> Result<String, Option<u16>> {
        loop {
            match tokio::time::timeout(PATIENCE, self.socket.next()).await.expect("a frame in time") {
                Some(Ok(Raw::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Raw::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The first frame that fits; events before it are kept for [`Self::settle`].
    pub async fn until(&mut self, fits: impl Fn(&ServerFrame) -> bool) -> ServerFrame {
        self.until_or_end(fits).await.unwrap_or_else(|code| panic!("a frame, not the end with {code:?}"))
    }

    async fn until_or_end(&mut self, fits: impl Fn(&ServerFrame) -> bool) -> Result<ServerFrame, Option<u16>> {
        loop {
            let frame = self.frame_or_end().await?;
            if fits(&frame) {
                return Ok(frame);
            }
            if let ServerFrame::Event { event } = frame {
                self.events.push_back(event);
            }
        }
    }

    /// The answer to a command.
    pub async fn answer(&mut self, id: u64) -> Result<ServerFrame, Error> {
        self.answer_or_end(id).await.expect("an answer, not the end")
    }

    /// The answer to a command. `None`: the server goes before it.
    pub async fn answer_or_end(&mut self, id: u64) -> Option<Result<ServerFrame, Error>> {
        let is_it = |frame: &ServerFrame| match frame {
            ServerFrame::Ack { id: other, .. } | ServerFrame::Done { id: other } => *other == id,
            ServerFrame::Refused { id: other, .. } => *other == Some(id),
            _ => false,
        };
        match self.until_or_end(is_it).await.ok()? {
            ServerFrame::Refused { error, .. } => Some(Err(error)),
            frame => Some(Ok(frame)),
        }
    }

    /// Sends a text and waits for its ack.
    pub async fn send(&mut self, room_id: RoomId, body: &str) -> Result<Acked, Error> {
        self.send_as(TxnId::new(), room_id, body).await
    }

    /// [`Self::send`] with a given transaction id.
    pub async fn send_as(&mut self, txn_id: TxnId, room_id: RoomId, body: &str) -> Result<Acked, Error> {
        let id = self
            .command(Command::Send {
                room_id,
                txn_id,
                body: body.into(),
                reply_to: None,
                forward: None,
                files: Vec::new(),
                extra: None,
            })
            .await;
        match self.answer(id).await? {
            ServerFrame::Ack { txn_id, seq, message_id, .. } => Ok(Acked { txn_id, seq, message_id }),
            other => panic!("an ack, not {other:?}"),
        }
    }

    /// Marks, and waits until it is done.
    pub async fn mark(&mut self, room_id: RoomId, delivered: Option<Seq>, read: Option<Seq>) -> Result<(), Error> {
        let id = self.command(Command::Mark { room_id, delivered, read }).await;
        self.answer(id).await.map(|_| ())
    }

    /// Types or stops, and waits until that was taken.
    pub async fn typing(&mut self, room_id: RoomId, on: bool) -> Result<(), Error> {
        let id = self.command(Command::Typing { room_id, on }).await;
        self.answer(id).await.map(|_| ())
    }

    /// Everything that was told before now: a ping comes back behind it.
    pub async fn settle(&mut self) -> Vec<LiveEvent> {
        self.post(&ClientFrame { id: None, command: Command::Ping }).await;
        self.until(|frame| matches!(frame, ServerFrame::Pong)).await;
        self.events.drain(..).collect()
    }

    /// The first event that fits, of those kept or to come.
    pub async fn event(&mut self, fits: impl Fn(&LiveEvent) -> bool) -> LiveEvent {
        if let Some(place) = self.events.iter().position(&fits) {
            return self.events.remove(place).unwrap();
        }
        match self.until(|frame| matches!(frame, ServerFrame::Event { event } if fits(event))).await {
            ServerFrame::Event { event } => event,
            _ => unreachable!(),
        }
    }

    /// Reads to the end; the frames on the way and the code with which the server closed.
    pub async fn ending(&mut self) -> (Vec<ServerFrame>, Option<u16>) {
        let mut frames = Vec::new();
        loop {
            match self.next().await {
                Ok(text) => frames.push(serde_json::from_str(&text).expect("a frame")),
                Err(code) => return (frames, code),
            }
        }
    }

    /// The code with which the server closes.
    pub async fn close_code(&mut self) -> Option<u16> {
        self.ending().await.1
    }

    /// Lets the socket itself be used: for bytes that no library would write.
    pub fn tcp(&mut self) -> &mut TcpStream {
        match self.socket.get_mut() {
            MaybeTlsStream::Plain(tcp) => tcp,
            _ => unreachable!("tests speak plain text"),
        }
    }
}
