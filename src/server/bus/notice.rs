//! What processes say to each other.

use super::ProcessId;
use crate::id::{RoomId, SessionId, UserId};
use crate::live::{LiveEvent, LogoutReason};
use crate::model::{Member, Message, Room, Seq};
use serde::{Deserialize, Serialize};

/// One thing that happened in the process that says it. The store knows it already, if it is one that lasts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Every second: whoever hears their own has a link that works.
    Pulse,
    /// Who is there in this process, all of them. `ask`: the others say it too.
    Here {
        users: Vec<UserId>,
        ask: bool,
    },
    /// Somebody is there in this process who was not.
    Appeared {
        user_id: UserId,
    },
    /// Somebody is no longer there in this process.
    Away {
        user_id: UserId,
    },
    /// This process ends now, and its people come back elsewhere.
    Bye,
    /// New messages of a room, in their order; the websocket frames follow: for each packet how many, and their bytes.
    Messages {
        room_id: RoomId,
        first: Seq,
        last: Seq,
        packets: Vec<(u16, u32)>,
    },
    /// For every connection of these people.
    Users {
        users: Vec<UserId>,
        event: LiveEvent,
    },
    /// For those who listen to a room.
    Room {
        room_id: RoomId,
        reach: Reach,
        event: LiveEvent,
    },
    Typing {
        room_id: RoomId,
        user_id: UserId,
        on: bool,
    },
    /// A message in a newer revision.
    Changed {
        message: Message,
    },
    /// A group in a newer revision: members who joined or have another role, people who have left.
    RoomChanged {
        room: Room,
        members: Vec<Member>,
        gone: Vec<UserId>,
    },
    /// A group that everybody in it has to read anew.
    RoomWhole {
        room_id: RoomId,
    },
    /// A room that these people see otherwise than before.
    Summary {
        room_id: RoomId,
        users: Vec<UserId>,
    },
    /// These people are in a room from now on.
    Joined {
        room_id: RoomId,
        users: Vec<UserId>,
    },
    /// This one is not any more.
    Left {
        room_id: RoomId,
        user_id: UserId,
    },
    SessionEnded {
        session_id: SessionId,
        reason: LogoutReason,
    },
    /// What was read of these is no longer true.
    ForgetRoom {
        room_id: RoomId,
    },
    ForgetBlocks {
        a: UserId,
        b: UserId,
    },
    ForgetPerson {
        user_id: UserId,
    },
}

/// Who of those who listen to a room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// All but one.
    But(UserId),
    /// Those who may see what has this `seq`.
    Seeing(Seq),
}

/// What stands in front of a notice.
#[derive(Serialize, Deserialize)]
pub(super) struct Envelope<N> {
    pub from: uuid::Uuid,
    pub number: u64,
    /// Milliseconds since 1970, by the clock of who says it.
    pub at: i64,
    pub notice: N,
}

impl<N> Envelope<N> {
    pub fn sender(&self) -> ProcessId {
        ProcessId(self.from)
    }
}
