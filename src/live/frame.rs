//! Frames down.

use crate::Error;
use crate::id::{ConnectionId, MessageId, RoomId, TxnId, UserId};
use crate::live::LiveEvent;
use crate::live::tag_first::tag_first;
use crate::model::{Message, MessageRequest, Presence, RoomSummary, Seq};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

tag_first! { "ServerFrame" ServerFrameAsRead
#[allow(clippy::large_enum_variant, reason = "moved once, never kept in numbers")]
pub enum ServerFrame {
    /// The connection is authenticated. Sent first.
    Welcome(ConnectionInfo),
    /// The answer to `hello`. Events that happened meanwhile follow; those it already holds are harmless.
    Synced(Box<Snapshot>),
    /// The message is on disk.
    Ack {
        id: u64,
        txn_id: TxnId,
        room_id: RoomId,
        message_id: MessageId,
        seq: Seq,
        created_at: Timestamp,
    },
    /// The command was carried out.
    Done {
        id: u64,
    },
    /// It was not.
    Refused {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u64>,
        error: Error,
    },
    Event {
        event: LiveEvent,
    },
    /// Every 15 s: the newest `seq` of each of the receiver's rooms, so that even the last message of a quiet room cannot
    /// stay lost.
    Heads {
        rooms: BTreeMap<RoomId, Seq>,
    },
    Pong,
    /// The session has ended; the socket closes with 4401.
    LoggedOut {
        reason: LogoutReason,
    },
    /// The server is going down: come back after this long.
    Reconnect {
        after_ms: u64,
    },
    /// The client's `protocol` is not spoken here: offer a reload.
    Outdated,
    #[serde(other)]
    Unknown,
}
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ConnectionInfo {
    pub connection_id: ConnectionId,
    pub user_id: UserId,
    pub protocol: u16,
    /// The build of the server; another one than the page's own means that a fresh version is ready.
    pub version: String,
    pub now: Timestamp,
}

/// Everything a client lacks. Rooms and requests are whole lists: what is not in them is gone.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    pub rooms: Vec<RoomSummary>,
    pub requests: Vec<MessageRequest>,
    /// For each room named in `hello` with something new.
    pub messages: Vec<RoomMessages>,
    /// Messages that changed since `cursor`.
    pub changed: Vec<Message>,
    pub presence: Vec<(UserId, Presence)>,
    /// Whom the receiver blocked, with and without a room of two.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<UserId>,
    /// Send it with the next `hello`.
    pub cursor: u64,
}

/// Messages after the client's last contiguous `seq`, oldest first.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RoomMessages {
    pub room_id: RoomId,
    pub messages: Vec<Message>,
    /// There were too many: these are the newest only, and what the client held of the room has a gap before them.
    pub limited: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogoutReason {
    SignedOut,
    Expired,
    Revoked,
}
