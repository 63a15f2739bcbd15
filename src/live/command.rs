//! What a client asks for. Imperative, and may be refused.

use crate::error::{Error, Result};
use crate::id::{MessageId, RoomId, TxnId};
use crate::model::limits::FRAME_MAX_BYTES;
use crate::model::{AnswerAct, GameAct, NewExtra, PrefsChange, SentFile, Seq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One frame up. `id` comes back in the answer (`ack`, `done` or `refused`); without it there is no answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientFrame {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    pub command: Command,
}

impl ClientFrame {
    /// Reads one frame from a client.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond [`FRAME_MAX_BYTES`]; [`Error::Malformed`] for anything but JSON of a known command with
    /// known fields.
    pub fn decode(text: &str) -> Result<Self> {
        if text.len() > FRAME_MAX_BYTES {
            return Err(Error::TooLarge { limit_bytes: FRAME_MAX_BYTES as u64 });
        }
        serde_json::from_str(text).map_err(|_| Error::Malformed)
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// First frame of a connection, within 10 s. The answer is `synced`: what is missing since `rooms` and `cursor`.
    Hello {
        protocol: u16,
        /// The last contiguous `seq` this client holds, per room it holds anything of.
        #[serde(default)]
        rooms: BTreeMap<RoomId, Seq>,
        /// The `cursor` of its last `synced` or first page.
        #[serde(default)]
        cursor: Option<u64>,
    },
    /// Answered with `ack`, also when it is a repetition. With `forward` the text is taken from that message, which the caller
    /// must be able to read; `body` says it too, for the page's own row.
    Send {
        room_id: RoomId,
        txn_id: TxnId,
        body: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<MessageId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forward: Option<MessageId>,
        /// Uploaded before for this room, by the sender. With some, `body` may be empty. A forwarded message brings its own.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<SentFile>,
        /// With one, `body` may be empty, and is for a game. Not together with files, and not when a message is forwarded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extra: Option<NewExtra>,
    },
    /// Replaces the text of an own message; the last one wins.
    Edit {
        room_id: RoomId,
        message_id: MessageId,
        body: String,
    },
    /// Deletes messages for everyone: own ones, or anybody's for the admins of a group. At most 100.
    Delete {
        room_id: RoomId,
        message_ids: Vec<MessageId>,
    },
    /// Sets or takes back a reaction.
    React {
        room_id: RoomId,
        message_id: MessageId,
        emoji: String,
        on: bool,
    },
    Pin {
        room_id: RoomId,
        message_id: MessageId,
        on: bool,
    },
    /// Does something in the game of a message.
    Play {
        room_id: RoomId,
        message_id: MessageId,
        act: GameAct,
    },
    /// Stops an answer of the assistant, or has it written anew.
    Answer {
        room_id: RoomId,
        message_id: MessageId,
        act: AnswerAct,
    },
    /// Takes the preview off an own message.
    RemovePreview {
        room_id: RoomId,
        message_id: MessageId,
    },
    /// Changes the caller's own settings of a room.
    Prefs {
        room_id: RoomId,
        change: PrefsChange,
    },
    /// Repeated every 3 s while typing; not answered.
    Typing {
        room_id: RoomId,
        on: bool,
    },
    /// Raises the caller's watermarks; lower values are ignored.
    Mark {
        room_id: RoomId,
        #[serde(default)]
        delivered: Option<Seq>,
        #[serde(default)]
        read: Option<Seq>,
    },
    /// Whether the page is in front of someone: an unseen tab does not make its owner "online" for long.
    Visible {
        on: bool,
    },
    /// Answered with `pong`.
    Ping,
}
