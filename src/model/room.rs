//! Rooms and who is in them.

use crate::id::{RoomId, UserId};
use crate::model::{Message, Person};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message's place in its room: 1, 2, 3 … without a gap, given by the store. 0 means "before the first".
pub type Seq = u64;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// Two people; one per pair.
    Direct,
    Group,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Member,
    Admin,
    Owner,
}

/// A room itself. `revision` rises by one with every change of it or of its member list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Room {
    pub id: RoomId,
    pub kind: RoomKind,
    /// Groups only; a direct room is named after the other person.
    pub name: Option<String>,
    pub created_at: Timestamp,
    pub revision: u64,
}

/// A user in a room, with watermarks that only grow.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Member {
    pub user_id: UserId,
    pub role: Role,
    /// What they may see starts after this.
    pub joined_seq: Seq,
    /// Everything up to here reached one of their devices.
    pub delivered_seq: Seq,
    /// Everything up to here was on a focused screen.
    pub read_seq: Seq,
    /// "Clear chat": what they see starts after this too.
    pub cleared_seq: Seq,
}

impl Member {
    /// Messages with a `seq` at or below this are not shown to this member.
    pub fn floor(&self) -> Seq {
        self.joined_seq.max(self.cleared_seq)
    }
}

/// How many countable messages (others' texts after my read mark) there are, seen when the room's head was `at_seq`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Unread {
    pub count: u32,
    pub at_seq: Seq,
}

/// A room as one of its members sees it in the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomSummary {
    pub room: Room,
    pub members: Vec<Member>,
    /// The people behind `members` (in large groups only the first 50).
    pub people: Vec<Person>,
    /// The newest message the caller may see.
    pub last: Option<Message>,
    /// The newest `seq` in the room.
    pub head_seq: Seq,
    pub unread: Unread,
    /// Whether the caller may write: no block either way. The composer gives way to a line of text otherwise.
    pub can_send: bool,
    /// Whether the caller blocked the other person of a direct room.
    pub blocked_by_me: bool,
}

impl RoomSummary {
    /// The other person of a direct room.
    pub fn peer(&self, me: UserId) -> Option<&Person> {
        match self.room.kind {
            RoomKind::Direct => self.people.iter().find(|person| person.id != me),
            RoomKind::Group => None,
        }
    }

    /// What the list and the bar call this room.
    pub fn title(&self, me: UserId) -> String {
        self.peer(me)
            .map(|person| person.display_name.clone())
            .or_else(|| self.room.name.clone())
            .unwrap_or_else(|| "Deleted account".into())
    }
}
