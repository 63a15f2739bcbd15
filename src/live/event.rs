//! What the server tells those who listen: past facts that say what is now true, never a delta, but for [`LiveEvent::Grown`].
//! Only add fields, with `#[serde(default)]`.

use crate::id::{MessageId, RequestId, RoomId, UserId};
use crate::live::tag_first::tag_first;
use crate::model::{
    ExportProgress, Member, Message, MessageRequest, Person, Presence, Room, RoomPrefs, RoomSummary, Seq, Unread,
};

tag_first! { "LiveEvent" LiveEventAsRead
#[allow(clippy::large_enum_variant, reason = "moved once, never kept in numbers")]
pub enum LiveEvent {
    /// A new message. `seq` is the room's head after it.
    Message {
        message: Message,
    },
    /// A message in a newer revision.
    MessageChanged {
        message: Message,
    },
    /// An answer that is being written goes on with `text`, behind the first `at` bytes of it. Whoever holds another length, or
    /// another attempt, lets it be: about every second the message comes as a whole.
    Grown {
        room_id: RoomId,
        message_id: MessageId,
        attempt: u32,
        at: u32,
        text: String,
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
    /// A group has changed, or its member list: `members` are those who joined or changed, `gone` those who are no longer in it.
    /// A client that holds neither `room.revision - 1` nor a newer one reads the list again.
    RoomChanged {
        room: Room,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<Member>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<UserId>,
        /// The people behind `members`.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        people: Vec<Person>,
        member_count: u32,
    },
    /// The receiver is no longer in a room.
    RoomGone {
        room_id: RoomId,
    },
    /// The receiver's own settings of a room, to their own devices.
    Prefs {
        room_id: RoomId,
        prefs: RoomPrefs,
        /// The receiver's own member row: clearing moves it.
        member: Member,
        unread: Unread,
    },
    /// What the assistant keeps of a room has changed, up to this revision: whoever shows it reads it again.
    Memory {
        room_id: RoomId,
        revision: u64,
    },
    /// What others may see of a person has changed.
    Person {
        person: Person,
    },
    /// The receiver blocked somebody or took it back, to their own devices.
    Block {
        user_id: UserId,
        on: bool,
    },
    /// A request that is new to the receiver or has changed.
    Request {
        request: MessageRequest,
    },
    /// A request is no longer there (answered, cancelled, expired).
    RequestGone {
        request_id: RequestId,
    },
    /// What happens in other processes of the server comes late, or (`on` is false) no longer does. Nothing is lost.
    Delayed {
        on: bool,
    },
    /// How far the receiver's own data are packed, to their own devices.
    Export {
        progress: ExportProgress,
    },
    /// From a newer server; ignored. Without it one new event would end every old tab's socket.
    #[serde(other)]
    Unknown,
}
}
