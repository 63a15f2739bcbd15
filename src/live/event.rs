//! What the server tells those who listen: past facts that say what is now true, never a delta.
//! Only add fields, with `#[serde(default)]`.

use crate::id::{RequestId, RoomId, UserId};
use crate::model::{Message, MessageRequest, Presence, RoomSummary, Seq, Unread};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveEvent {
    /// A new message. `seq` is the room's head after it.
    Message {
        message: Message,
    },
    /// A message in a newer revision.
    MessageChanged {
        message: Message,
    },
    Typing {
        room_id: RoomId,
        user_id: UserId,
        on: bool,
    },
    /// A member's watermarks. `unread` only to that member's own devices.
    Watermark {
        room_id: RoomId,
        user_id: UserId,
        delivered_seq: Seq,
        read_seq: Seq,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unread: Option<Unread>,
    },
    Presence {
        user_id: UserId,
        presence: Presence,
    },
    /// A room that is new to the receiver or has changed (members, block, name), as the receiver sees it.
    Room {
        summary: RoomSummary,
    },
    /// A request that is new to the receiver or has changed.
    Request {
        request: MessageRequest,
    },
    /// A request is no longer there (answered, cancelled, expired).
    RequestGone {
        request_id: RequestId,
    },
    /// From a newer server; ignored. Without it one new event would end every old tab's socket.
    #[serde(other)]
    Unknown,
}
