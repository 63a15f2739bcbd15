//! Messages: plain text with line breaks. Links are found when a message is drawn, never stored as markup.

use crate::Error;
use crate::error::{Problem, Result};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Seq, limits};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A text that passed [`Body::parse`]: 1 to 8,000 characters, not only white space, ends trimmed, no control characters but
/// line breaks and tabs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Body(String);

impl Body {
    /// # Errors
    /// [`Error::Invalid`] of field `body`.
    pub fn parse(text: &str) -> Result<Self> {
        Self::bounded(text, "body", limits::MESSAGE_MAX_CHARS)
    }

    /// The one text of a message request: at most 300 characters.
    ///
    /// # Errors
    /// [`Error::Invalid`] of field `intro`.
    pub fn parse_intro(text: &str) -> Result<Self> {
        Self::bounded(text, "intro", limits::INTRO_MAX_CHARS)
    }

    fn bounded(text: &str, field: &str, max_chars: usize) -> Result<Self> {
        let text: String =
            text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{200b}' || c == '\u{feff}');
        if text.is_empty() {
            return Err(Error::invalid(field, Problem::Missing));
        }
        if text.chars().count() > max_chars {
            return Err(Error::invalid(field, Problem::TooLong));
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a text that a store kept, without checking it again.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A message as stored and shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub room_id: RoomId,
    pub seq: Seq,
    pub author_id: UserId,
    pub txn_id: TxnId,
    pub body: Body,
    pub created_at: Timestamp,
    /// Rises by one with every change; a client never replaces a newer one by an older one.
    pub revision: u64,
    pub edited_at: Option<Timestamp>,
}

/// What a person is about to send.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Draft {
    pub room_id: RoomId,
    pub txn_id: TxnId,
    pub body: Body,
}

/// Consecutive messages of a room, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Page {
    pub room_id: RoomId,
    pub messages: Vec<Message>,
    /// Whether there are older ones that the caller may see.
    pub has_older: bool,
    pub has_newer: bool,
}
