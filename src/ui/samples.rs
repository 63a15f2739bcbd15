//! States for tests of what is drawn: Ana, signed in, and what others wrote.

use crate::client::State;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::live::LiveEvent;
use crate::model::{
    Body, Bootstrap, Me, Member, Message, Person, Role, Room, RoomKind, RoomPrefs, RoomSummary, Seq, SystemLine, Theme,
    Unread,
};
use crate::time::Timestamp;
use uuid::Uuid;

pub const NOW: Timestamp = Timestamp(1_749_060_780_000);
const NAMES: [&str; 4] = ["Ana Reyes", "Mira Solberg", "Theo Okafor", "Ines Duarte"];

/// 0 is Ana.
pub fn person(at: usize) -> Person {
    Person::new(UserId(Uuid::from_u128(at as u128 + 1)), &format!("user{at}"), NAMES[at], NOW)
}

pub fn room_id(at: u128) -> RoomId {
    RoomId(Uuid::from_u128(1_000 + at))
}

/// An empty room of Ana's with these.
pub fn room(at: u128, others: &[usize]) -> RoomSummary {
    let (kind, name) = match others {
        [_] => (RoomKind::Direct, None),
        _ => (RoomKind::Group, Some("Harvest".to_owned())),
    };
    let people: Vec<Person> = std::iter::once(0).chain(others.iter().copied()).map(person).collect();
    let member = |person: &Person| Member {
        user_id: person.id,
        role: Role::Member,
        joined_seq: 0,
        delivered_seq: 0,
        read_seq: 0,
        cleared_seq: 0,
    };
    RoomSummary {
        room: Room::new(room_id(at), kind, name, NOW),
        members: people.iter().map(member).collect(),
        member_count: people.len() as u32,
        people,
        mine: RoomPrefs::default(),
        last: None,
        shown: None,
        head_seq: 0,
        unread: Unread::default(),
        can_send: true,
        blocked_by_me: false,
    }
}

pub fn state(rooms: Vec<RoomSummary>) -> State {
    let me = Me {
        person: person(0),
        email: "ana@example.org".to_owned(),
        theme: Theme::System,
        warning: None,
        muted_until: None,
        leaves_at: None,
    };
    State::from_bootstrap(Bootstrap {
        me,
        rooms,
        requests: Vec::new(),
        presence: Vec::new(),
        blocked: Vec::new(),
        assistant: None,
        open: None,
        cursor: 1,
        access_until: NOW,
        now: NOW,
        version: "1".to_owned(),
    })
}

pub fn message(room: u128, seq: Seq, author: usize, text: &str) -> Message {
    let id = Uuid::from_u128(room * 10_000 + u128::from(seq));
    let body = Body::stored(text.to_owned());
    let message = Message::text(MessageId(id), room_id(room), seq, person(author).id, TxnId(id), body);
    Message { created_at: NOW, ..message }
}

/// A line that the room itself writes.
pub fn line(room: u128, seq: Seq, author: usize, line: SystemLine) -> Message {
    Message { system: Some(line), ..message(room, seq, author, "") }
}

/// It arrives.
pub fn arrives(state: &mut State, message: Message) {
    state.apply(LiveEvent::Message { message }, NOW);
}
