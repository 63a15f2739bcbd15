//! Rooms and who is in them.

use crate::id::{MessageId, RoomId, UserId};
use crate::model::{Message, Person, Picture, RoomPrefs};
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

/// In rising order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Member,
    Admin,
    Owner,
}

/// Who of a group may do something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    #[default]
    Everyone,
    /// Admins and the owner.
    Admins,
}

/// What the admins of a group set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RoomSettings {
    /// Whether those who join see what was written before.
    #[serde(default)]
    pub history_for_all: bool,
    /// Seconds between two messages of one member; 0: no slow mode. Admins are exempt.
    #[serde(default)]
    pub slow_mode_s: u32,
    #[serde(default)]
    pub pins_by: Who,
}

/// A pinned message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pin {
    pub message_id: MessageId,
    pub seq: Seq,
    pub by: UserId,
    pub at: Timestamp,
}

/// A room itself. `revision` rises by one with every change of it or of its member list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Room {
    pub id: RoomId,
    pub kind: RoomKind,
    /// Groups only; a direct room is named after the other person.
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub created_at: Timestamp,
    pub revision: u64,
    #[serde(default)]
    pub settings: RoomSettings,
    /// Oldest pin first, at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Pin>,
    /// Groups only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
}

impl Room {
    /// A room in its first revision.
    pub fn new(id: RoomId, kind: RoomKind, name: Option<String>, created_at: Timestamp) -> Self {
        Self {
            id,
            kind,
            name,
            description: None,
            created_at,
            revision: 1,
            settings: RoomSettings::default(),
            pins: Vec::new(),
            picture: None,
        }
    }
}

/// A change of a group by its admins; what is `None` stays as it is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoomChange {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// An empty text takes it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history_for_all: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_mode_s: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pins_by: Option<Who>,
}

impl RoomChange {
    /// Makes the change, in the next revision. Returns whether it was one.
    pub fn apply(&self, room: &mut Room) -> bool {
        let before = (room.name.clone(), room.description.clone(), room.settings);
        if let Some(name) = &self.name {
            room.name = Some(name.clone());
        }
        if let Some(description) = &self.description {
            room.description = Some(description.clone()).filter(|text| !text.is_empty());
        }
        let settings = &mut room.settings;
        settings.history_for_all = self.history_for_all.unwrap_or(settings.history_for_all);
        settings.slow_mode_s = self.slow_mode_s.unwrap_or(settings.slow_mode_s);
        settings.pins_by = self.pins_by.unwrap_or(settings.pins_by);
        let has_changed = before != (room.name.clone(), room.description.clone(), room.settings);
        room.revision += u64::from(has_changed);
        has_changed
    }
}

/// Members of a room in the order they joined, a part of the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MembersPage {
    pub members: Vec<Member>,
    /// The people behind `members`.
    pub people: Vec<Person>,
    /// Ask for those after this member; `None`: there are no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<UserId>,
}

/// What became of each person that was to be added to a group.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Added {
    /// Members now.
    pub added: Vec<UserId>,
    /// They share no direct room with the caller, so they were asked and may accept.
    pub invited: Vec<UserId>,
    /// Not added, and not asked: a block, or too many questions for today.
    pub refused: Vec<UserId>,
}

/// A group that was just made, and what became of those who were to be in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewRoom {
    pub room: RoomSummary,
    pub added: Added,
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
    /// How many of them name me, or all.
    #[serde(default)]
    pub mentions: u32,
    pub at_seq: Seq,
}

/// A room as one of its members sees it in the list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomSummary {
    pub room: Room,
    pub members: Vec<Member>,
    /// The people behind `members` (in large groups only the first 50).
    pub people: Vec<Person>,
    /// How many members there are, listed or not.
    #[serde(default)]
    pub member_count: u32,
    /// What the caller set for this room; nobody else sees it.
    #[serde(default)]
    pub mine: RoomPrefs,
    /// The newest message the caller may see.
    pub last: Option<Message>,
    /// The newest one that the caller has not deleted for themselves, where that is not `last`: what the list shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Message>,
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
