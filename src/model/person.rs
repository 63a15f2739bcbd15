//! People: what others may see of an account.

use crate::id::{RoomId, UserId};
use crate::model::Picture;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a deleted account is called.
pub const DELETED_NAME: &str = "Deleted account";

/// The part of an account that anyone signed in may see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub joined_at: Timestamp,
    /// A short line of their own, at most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// An admin of this instance.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_admin: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_bot: bool,
    /// It is nobody's any more: its name is [`DELETED_NAME`], and it can be neither written to nor asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_deleted: bool,
    /// `None`: a generated one, of initials on a tint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// Rises by one with every change of the above; a client keeps the newest.
    #[serde(default)]
    pub revision: u64,
}

impl Person {
    /// Someone in their first revision, with nothing said about themselves.
    pub fn new(id: UserId, username: &str, display_name: &str, joined_at: Timestamp) -> Self {
        Self {
            id,
            username: username.to_owned(),
            display_name: display_name.to_owned(),
            joined_at,
            status: None,
            is_admin: false,
            is_bot: false,
            is_deleted: false,
            picture: None,
            revision: 1,
        }
    }

    /// How they are called by their username; nobody is called so any more.
    pub fn handle(&self) -> String {
        if self.is_deleted { String::new() } else { format!("@{}", self.username) }
    }

    /// Up to two initials of the display name, for the picture of someone without one.
    pub fn initials(&self) -> String {
        if self.is_deleted {
            return "×".to_owned();
        }
        Self::initials_of(&self.display_name)
    }

    /// Up to two initials of any name.
    pub fn initials_of(name: &str) -> String {
        let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
        let first = words.next().into_iter();
        let last = words.next_back().into_iter();
        first.chain(last).flat_map(char::to_uppercase).collect()
    }

    /// The tint of the generated picture: a hue in degrees, the same on both sides (FNV-1a of the username).
    pub fn hue(&self) -> u16 {
        let hash = self
            .username
            .bytes()
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        (hash % 360) as u16
    }
}

/// The signed-in account, as its owner sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Me {
    pub person: Person,
    pub email: String,
    pub theme: Theme,
    /// What an admin has to say; shown until it is confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// Until when an admin has paused their writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Timestamp>,
    /// When this account goes, as its owner wished; see [`super::LEAVING_DAYS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaves_at: Option<Timestamp>,
}

/// Light, dark, or what the system says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

/// Whether a person is there. Only people who share an accepted room, with no block between them, are told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Presence {
    Online,
    Offline { last_seen: Option<Timestamp> },
}

/// How the caller stands to a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Relation {
    /// Nothing yet: a request may be sent.
    None,
    Myself,
    /// They share this direct room.
    Connected {
        room_id: RoomId,
    },
    /// The caller asked and waits.
    Outgoing,
    /// The caller was asked.
    Incoming,
    /// The caller blocked this person.
    Blocked,
}

/// A person found, and how the caller stands to them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PersonHit {
    pub person: Person,
    pub relation: Relation,
}

/// A person as their profile panel shows them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Profile {
    pub person: Person,
    /// At most 500 characters; bots say here what they are.
    pub about: Option<String>,
    pub relation: Relation,
    /// Rooms that the caller shares with them.
    pub rooms: Vec<RoomId>,
    /// `None` when the caller may not know.
    pub presence: Option<Presence>,
}
