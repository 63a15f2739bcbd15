//! The language of the live connection: JSON text frames, over a websocket or over HTTP (events down, posts up).
//! A bot in any language can speak it; docs/api.md shows every frame.

mod command;
mod event;
mod frame;
mod tag_first;

pub use command::{ClientFrame, Command};
pub use event::LiveEvent;
pub use frame::{ConnectionInfo, LogoutReason, RoomMessages, ServerFrame, Snapshot};

/// The version of this language. A server answers an unknown one with [`ServerFrame::Outdated`].
pub const PROTOCOL: u16 = 1;
/// Where the websocket is.
pub const SOCKET_PATH: &str = "/api/live";
/// The stand-in where websockets are blocked: server-sent events, one frame each.
pub const EVENTS_PATH: &str = "/api/live/events";
/// Its other half: `{"connection_id": …, "frames": [ClientFrame, …]}` (at most 16), answered with 202.
pub const POST_PATH: &str = "/api/live/post";
/// Close codes beyond those of RFC 6455.
pub mod close {
    /// The client cannot keep up; reconnect and catch up.
    pub const TRY_AGAIN: u16 = 1013;
    /// Malformed frames again and again.
    pub const PROTOCOL: u16 = 1008;
    /// The session ended; do not reconnect with it.
    pub const LOGGED_OUT: u16 = 4401;
    /// Too many sockets of this person: the oldest goes.
    pub const REPLACED: u16 = 4409;
    /// A flood of frames.
    pub const FLOOD: u16 = 4429;
}
