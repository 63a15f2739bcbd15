//! Messages: a text as it was typed, and what is around it. Its markup is read whenever it is drawn ([`super::markup`]).

use crate::Error;
use crate::error::{Problem, Result};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Attachment, Extra, LinkPreview, Person, Role, Seq, Who, limits};
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

    /// [`Body::parse`] of what stands under files: it may be empty.
    ///
    /// # Errors
    /// [`Error::Invalid`] of field `body`: it is too long.
    pub fn parse_caption(text: &str) -> Result<Self> {
        match Self::parse(text) {
            Err(Error::Invalid { problem: Problem::Missing, .. }) => Ok(Self(String::new())),
            parsed => parsed,
        }
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

    /// Goes on with `text` behind its first `at` bytes. `false`: it is not that long, and stays as it is.
    pub fn grow(&mut self, at: usize, text: &str) -> bool {
        let fits = self.0.len() == at;
        if fits {
            self.0.push_str(text);
        }
        fits
    }
}

/// What one emoji says about a message, and who says it, in the order they did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub by: Vec<UserId>,
}

/// The message that another one answers. Its text is not kept here: it is looked up, so that an edit or a deletion reaches
/// every quote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReplyTo {
    pub message_id: MessageId,
    pub seq: Seq,
}

/// Who a text names. Resolved by the server when the text is stored.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Mentions {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserId>,
    /// `@all`, by someone who may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

impl Mentions {
    pub fn is_empty(&self) -> bool {
        self.users.is_empty() && !self.all
    }

    pub fn names(&self, user_id: UserId) -> bool {
        self.all || self.users.contains(&user_id)
    }
}

/// The text is gone for everyone; its place in the log stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deleted {
    pub by: UserId,
    pub at: Timestamp,
}

/// An earlier text of a message, oldest first in a list of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Edit {
    pub body: Body,
    /// When this text was written.
    pub at: Timestamp,
}

/// How many of the other members who were there when a message was written have it, and have seen it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DeliveryCounts {
    pub members: u32,
    pub delivered: u32,
    pub read: u32,
}

/// What a line of the room itself says; its author is who did it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum SystemLine {
    Created {
        name: String,
    },
    Added {
        users: Vec<UserId>,
    },
    /// By an invite link.
    Joined,
    Left,
    Removed {
        user: UserId,
    },
    Renamed {
        name: String,
    },
    Described,
    Role {
        user: UserId,
        role: Role,
    },
    /// Ownership went to `user`.
    Owner {
        user: UserId,
    },
    Pinned {
        message_id: MessageId,
        seq: Seq,
    },
    HistoryShown {
        all: bool,
    },
    SlowMode {
        seconds: u32,
    },
    PinsBy {
        who: Who,
    },
    #[serde(other)]
    Unknown,
}

/// A message as stored and shown.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub room_id: RoomId,
    pub seq: Seq,
    pub author_id: UserId,
    pub txn_id: TxnId,
    /// Empty when it was deleted, and in system lines; it may be with files or an extra.
    pub body: Body,
    pub created_at: Timestamp,
    /// Rises by one with every change; a client never replaces a newer one by an older one.
    pub revision: u64,
    pub edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Deleted>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    /// Who wrote the text first, when it was forwarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<UserId>,
    #[serde(default, skip_serializing_if = "Mentions::is_empty")]
    pub mentions: Mentions,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<LinkPreview>,
    /// At most [`limits::FILES_MAX`], in the sender's order; none when it was deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// What it is beside its text; nothing when it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<Extra>,
    /// The assistant does not read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_hidden_from_assistant: bool,
}

impl Message {
    /// A text in its first revision, without anything around it.
    pub fn text(id: MessageId, room_id: RoomId, seq: Seq, author_id: UserId, txn_id: TxnId, body: Body) -> Self {
        Self {
            id,
            room_id,
            seq,
            author_id,
            txn_id,
            body,
            created_at: Timestamp(0),
            revision: 1,
            edited_at: None,
            system: None,
            deleted: None,
            reply_to: None,
            forwarded_from: None,
            mentions: Mentions::default(),
            reactions: Vec::new(),
            preview: None,
            attachments: Vec::new(),
            extra: None,
            is_hidden_from_assistant: false,
        }
    }

    /// Whether it can make a room unread for others: neither a system line nor deleted.
    pub fn is_countable(&self) -> bool {
        self.system.is_none() && self.deleted.is_none()
    }

    /// Whether it is neither edited nor passed on: see [`Extra::is_bound`].
    pub fn is_bound(&self) -> bool {
        self.extra.as_ref().is_some_and(Extra::is_bound)
    }

    /// Whether a reaction with this emoji fits: at most [`limits::REACTIONS_MAX`] different ones.
    pub fn takes_emoji(&self, emoji: &str) -> bool {
        self.reactions.len() < limits::REACTIONS_MAX || self.reactions.iter().any(|reaction| reaction.emoji == emoji)
    }

    /// Sets or takes back a reaction. Whether that changed anything; nothing does when it does not fit.
    pub fn react(&mut self, user_id: UserId, emoji: &str, on: bool) -> bool {
        let fits = self.is_countable() && self.takes_emoji(emoji);
        let place = self.reactions.iter().position(|reaction| reaction.emoji == emoji);
        let has = place.is_some_and(|place| self.reactions[place].by.contains(&user_id));
        match (place, on) {
            _ if has == on => return false,
            (_, true) if !fits => return false,
            (Some(place), true) => self.reactions[place].by.push(user_id),
            (None, true) => self.reactions.push(Reaction { emoji: emoji.to_owned(), by: vec![user_id] }),
            (Some(place), false) => {
                self.reactions[place].by.retain(|other| *other != user_id);
                if self.reactions[place].by.is_empty() {
                    self.reactions.remove(place);
                }
            }
            (None, false) => return false,
        }
        true
    }
}

/// Consecutive messages of a room, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Page {
    pub room_id: RoomId,
    pub messages: Vec<Message>,
    /// The messages that `messages` answer and that are not among them, as far as the caller may see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quoted: Vec<Message>,
    /// Authors and others named in `messages` who are not among the room's listed people (they left, or the room is large).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
    /// Whether there are older ones that the caller may see.
    pub has_older: bool,
    pub has_newer: bool,
}

impl Page {
    /// A page with nothing beside its messages.
    pub fn new(room_id: RoomId, messages: Vec<Message>, has_older: bool, has_newer: bool) -> Self {
        Self { room_id, messages, quoted: Vec::new(), people: Vec::new(), has_older, has_newer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        let body = Body::stored("hi".into());
        Message::text(MessageId::new(), RoomId::new(), 1, UserId::new(), TxnId::new(), body)
    }

    #[test]
    fn a_reaction_is_set_once_and_its_emoji_goes_with_the_last_of_them() {
        let (mut message, ana, ben) = (message(), UserId::new(), UserId::new());
        assert!(message.react(ana, "👍", true) && !message.react(ana, "👍", true));
        assert!(message.react(ben, "👍", true) && message.react(ben, "🎉", true));
        assert!(
            message.react(ana, "👍", false) && !message.react(ana, "👍", false) && !message.react(ana, "🙃", false)
        );
        let said: Vec<_> =
            message.reactions.iter().map(|reaction| (reaction.emoji.as_str(), &reaction.by[..])).collect();
        assert_eq!(said, [("👍", &[ben][..]), ("🎉", &[ben][..])]);
        assert!(message.react(ben, "👍", false));
        assert_eq!(message.reactions.len(), 1);
    }

    #[test]
    fn different_emoji_are_bounded_and_a_deleted_message_takes_none() {
        let (mut message, ana, ben) = (message(), UserId::new(), UserId::new());
        let emoji: Vec<String> = ('a'..='z').map(String::from).collect();
        let taken = emoji.iter().filter(|emoji| message.react(ana, emoji, true)).count();
        assert_eq!(taken, limits::REACTIONS_MAX);
        assert!(message.react(ben, "a", true), "one that is there already");
        message.deleted = Some(Deleted { by: ana, at: Timestamp(0) });
        assert!(!message.react(ben, "b", true));
    }
}
