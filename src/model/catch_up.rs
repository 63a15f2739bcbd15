//! What somebody missed in a room, for them alone.

use crate::id::{MessageId, UserId};
use crate::model::{Person, Seq};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Lines of an answer.
pub const LINES_MAX: usize = 8;
/// Messages that are looked at: the newest of those that were missed.
pub const LOOKED_MAX: u16 = 300;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CatchUp {
    /// In the order of their messages.
    pub lines: Vec<CatchUpLine>,
    /// How many messages were looked at, and how many were missed before those.
    pub looked_at: u32,
    pub earlier: u32,
    /// The model that wrote it; `None`: the members' own words, chosen by rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Those who wrote the messages.
    #[serde(default)]
    pub people: Vec<Person>,
}

/// A line, and the message that it is about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CatchUpLine {
    pub message_id: MessageId,
    pub seq: Seq,
    pub author_id: UserId,
    pub at: Timestamp,
    /// Plain: to be shown as it is.
    pub text: String,
}
