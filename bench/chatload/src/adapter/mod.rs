//! What the load generator must know about a server, and nothing more.
//!
//! An adapter does no I/O and keeps no state: it turns wishes into frames or HTTP calls and says what
//! a received frame is. Connections, schedules, clocks and counting belong to the generator. To
//! compare another server, write one file like `socketio.rs` and add it to [`by_name`].

pub mod bare;
pub mod lavender;
pub mod socketio;

pub use tokio_tungstenite::tungstenite::Message as Frame;

use crate::fixture::User;

/// The websocket upgrade request.
pub struct Upgrade {
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
}

/// An HTTP/1.1 call; a body is sent as JSON.
pub struct HttpCall {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Option<String>,
}

/// What a received frame means. Message texts are found by the generator itself: each text that it
/// sends holds a tag, and every tag in the bytes of a `Message` or of a good `Ack` counts, so that a
/// frame may carry several messages.
pub enum Incoming<'a> {
    /// The connection is authenticated and may be used.
    Ready,
    /// The server refused the connection.
    Refused(&'a [u8]),
    /// One or more room messages.
    Message,
    /// The answer to `join` or `send` with this correlation number; `id` is the server's message id
    /// (empty for a join).
    Ack { corr: u64, ok: bool, id: &'a [u8] },
    /// A typing notice; `user` as in the fixture.
    Typing { user: &'a [u8] },
    /// The protocol wants this sent back (a pong, a greeting).
    Reply(Frame),
    /// Anything else (presence, for instance).
    Other,
}

pub trait Adapter: Send + Sync + 'static {
    // --- websocket ---------------------------------------------------------
    fn upgrade(&self, user: &User) -> Upgrade;
    /// A frame to send as soon as the upgrade is done, if the client speaks first.
    fn hello(&self, _user: &User) -> Option<Frame> {
        None
    }
    /// Join a room; `after` asks for the messages that came after this id, in the answer or as
    /// ordinary messages.
    fn join(&self, corr: u64, room: &str, after: Option<&str>) -> Frame;
    /// `text` and `client_id` hold only characters that need no escaping in JSON.
    fn send(&self, corr: u64, room: &str, client_id: &str, text: &str) -> Frame;
    fn typing(&self, room: &str) -> Frame;
    fn read<'a>(&self, user: &User, frame: &'a [u8]) -> Incoming<'a>;

    // --- HTTP --------------------------------------------------------------
    fn login(&self, name: &str, password: &str) -> HttpCall;
    fn history(&self, user: &User, room: &str, before: Option<&str>) -> HttpCall;

    // --- making a fixture through the API (`chatload provision`); not needed where the server has
    // --- a faster way to write the same fixture file
    fn register(&self, _name: &str, _password: &str) -> Option<HttpCall> {
        None
    }
    fn create_room(&self, _owner: &User, _name: &str, _members: &[&str]) -> Option<HttpCall> {
        None
    }
    /// (user id, token) from the answer to `login` or `register`.
    fn session(&self, _body: &[u8]) -> Option<(String, String)> {
        None
    }
    /// The room id from the answer to `create_room`.
    fn room_id(&self, _body: &[u8]) -> Option<String> {
        None
    }
}

pub fn by_name(name: &str) -> Option<Box<dyn Adapter>> {
    match name {
        "socketio" => Some(Box::new(socketio::SocketIo)),
        "bare" => Some(Box::new(bare::Bare)),
        "lavender" => Some(Box::new(lavender::Lavender::from_env(true))),
        "lavender-auth" => Some(Box::new(lavender::Lavender::from_env(false))),
        _ => None,
    }
}

/// The bytes of the JSON string value that follows `"key":"`; only for values without escapes.
pub fn json_str<'a>(hay: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let start = memchr::memmem::find(hay, key.as_bytes())? + key.len();
    let len = memchr::memchr(b'"', &hay[start..])?;
    Some(&hay[start..start + len])
}
