use super::*;
use crate::id::{MessageId, TxnId, UserId};
use crate::live::{LiveEvent, Snapshot};
use crate::model::{Body, Member, Message, Person, Role, Room, RoomKind, RoomSummary, Theme};

const NOW: Timestamp = Timestamp(1_000_000);

fn person(name: &str) -> Person {
    Person::new(UserId::new(), name, name, Timestamp(0))
}

fn summary(people: &[Person]) -> RoomSummary {
    let member = |person: &Person| Member {
        user_id: person.id,
        role: Role::Member,
        joined_seq: 0,
        delivered_seq: 0,
        read_seq: 0,
        cleared_seq: 0,
    };
    RoomSummary {
        room: Room::new(RoomId::new(), RoomKind::Direct, None, Timestamp(0)),
        members: people.iter().map(member).collect(),
        people: people.to_vec(),
        last: None,
        shown: None,
        head_seq: 0,
        unread: Unread::default(),
        can_send: true,
        blocked_by_me: false,
        member_count: 2,
        mine: Default::default(),
    }
}

fn message(room_id: RoomId, author_id: UserId, seq: Seq) -> Message {
    let body = Body::parse(&format!("message {seq}")).expect("valid");
    Message::text(MessageId::new(), room_id, seq, author_id, TxnId::new(), body)
}

/// A page with `rooms` rooms, each with another person.
fn state(rooms: usize) -> (State, Vec<RoomId>) {
    let me = person("ann");
    let rooms: Vec<RoomSummary> = (0..rooms).map(|_| summary(&[me.clone(), person("bob")])).collect();
    let ids = rooms.iter().map(|summary| summary.room.id).collect();
    let state = State::from_bootstrap(Bootstrap {
        me: Me {
            person: me,
            email: "ann@example.org".into(),
            theme: Theme::Dark,
            warning: None,
            muted_until: None,
            leaves_at: None,
        },
        rooms,
        requests: Vec::new(),
        presence: Vec::new(),
        blocked: Vec::new(),
        assistant: None,
        open: None,
        cursor: 7,
        access_until: NOW.plus_ms(600_000),
        now: NOW,
        version: "1".into(),
    });
    (state, ids)
}

fn open(state: &mut State, room_id: RoomId, count: Seq) {
    let author = state.rooms[&room_id].summary.members[1].user_id;
    let messages = (1..=count).map(|seq| message(room_id, author, seq)).collect();
    state.open_room = Some(room_id);
    state.put_page(Page::new(room_id, messages, false, false));
}

/// A disk, and a keeper that begins on it.
#[derive(Default)]
struct Disk(BTreeMap<String, String>);

impl Disk {
    fn records(&self) -> Vec<(String, String)> {
        self.0.clone().into_iter().collect()
    }

    fn keeper(&self) -> Keeper {
        let mut keeper = Keeper::default();
        keeper.start(&self.records());
        keeper
    }

    /// What a change of `state` comes to, in how many records.
    fn save(&mut self, keeper: &mut Keeper, state: &State) -> usize {
        keeper.touch(NOW);
        match keeper.task(state, NOW.plus_ms(AFTER_MS), false) {
            Some(Task::Keep(put, gone)) => {
                let count = put.len() + gone.len();
                self.0.extend(put);
                gone.iter().for_each(|key| drop(self.0.remove(key)));
                count
            }
            Some(Task::Forget) => {
                self.0.clear();
                0
            }
            None => 0,
        }
    }
}

#[test]
fn a_start_without_the_server_shows_what_was_there() {
    let (mut state, rooms) = state(3);
    open(&mut state, rooms[1], 3);
    let mut disk = Disk::default();
    let mut keeper = disk.keeper();
    assert!(disk.save(&mut keeper, &state) > 0);
    assert_eq!(disk.save(&mut keeper, &state), 0, "nothing has changed");

    let kept = Kept::unpack(&disk.records(), NOW).expect("kept");
    let shown = State::from_kept(kept);
    assert!(shown.is_kept);
    assert_eq!(shown.rooms.len(), 3);
    assert_eq!(shown.rows(rooms[1]), state.rows(rooms[1]));
    assert_eq!(shown.unread(rooms[1]), 3);
    assert_eq!(shown.me.theme, Theme::Dark);
    assert!(shown.held().is_empty(), "nothing of it counts as known");
    assert!(!disk.records().iter().any(|(_, text)| text.contains("ann@example.org")));
}

#[test]
fn it_is_bounded_and_the_last_opened_rooms_stay() {
    let (mut state, rooms) = state(OPENED + 5);
    let mut disk = Disk::default();
    let mut keeper = disk.keeper();
    for room_id in &rooms {
        open(&mut state, *room_id, 60);
        disk.save(&mut keeper, &state);
    }
    let pages = Kept::unpack(&disk.records(), NOW).expect("kept").pages;
    assert_eq!(pages.len(), OPENED);
    assert!(pages.iter().all(|page| page.messages.len() == MESSAGES && page.has_older));
    assert!(pages.iter().all(|page| rooms[5..].contains(&page.room_id)));

    // A later visit goes on from there: what it opens pushes out the oldest.
    let mut keeper = disk.keeper();
    open(&mut state, rooms[0], 60);
    disk.save(&mut keeper, &state);
    let pages = Kept::unpack(&disk.records(), NOW).expect("kept").pages;
    assert_eq!(pages.len(), OPENED);
    assert!(pages.iter().any(|page| page.room_id == rooms[0]));
    assert!(!pages.iter().any(|page| page.room_id == rooms[5]));
}

#[test]
fn a_room_that_is_gone_is_forgotten_and_a_change_is_kept() {
    let (mut state, rooms) = state(2);
    let mut disk = Disk::default();
    let mut keeper = disk.keeper();
    open(&mut state, rooms[0], 3);
    disk.save(&mut keeper, &state);
    open(&mut state, rooms[1], 3);
    disk.save(&mut keeper, &state);

    let mut changed = (*state.rooms[&rooms[1]].timeline.messages[0]).clone();
    changed.revision = 2;
    changed.body = Body::parse("taken back").expect("valid");
    state.apply(LiveEvent::MessageChanged { message: changed }, NOW);
    assert!(disk.save(&mut keeper, &state) > 0);
    state.rooms.remove(&rooms[0]);
    disk.save(&mut keeper, &state);
    let pages = Kept::unpack(&disk.records(), NOW).expect("kept").pages;
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0].messages[0].body.as_str(), "taken back");
}

#[test]
fn an_ended_session_forgets_once_and_keeps_nothing_more() {
    let (mut state, rooms) = state(1);
    open(&mut state, rooms[0], 3);
    let mut disk = Disk::default();
    let mut keeper = disk.keeper();
    disk.save(&mut keeper, &state);
    state.connection = ConnectionState::LoggedOut;
    keeper.touch(NOW);
    assert_eq!(keeper.task(&state, NOW, false), Some(Task::Forget));
    keeper.touch(NOW);
    assert_eq!(keeper.task(&state, NOW.plus_ms(AFTER_MS), true), None);
}

#[test]
fn nothing_is_written_before_the_server_is_heard_nor_before_it_is_due() {
    let (mut state, rooms) = state(1);
    open(&mut state, rooms[0], 3);
    let mut keeper = Disk::default().keeper();
    keeper.touch(NOW);
    assert_eq!(keeper.next_wake(), Some(NOW.plus_ms(AFTER_MS)));
    assert_eq!(keeper.task(&state, NOW, false), None);
    assert!(keeper.task(&state, NOW, true).is_some(), "a page that goes does not wait");
    state.is_kept = true;
    keeper.touch(NOW);
    assert_eq!(keeper.task(&state, NOW, true), None);
    assert_eq!(keeper.next_wake(), None);
}

#[test]
fn what_the_server_says_replaces_what_was_kept() {
    let (mut before, rooms) = state(2);
    open(&mut before, rooms[0], 9);
    open(&mut before, rooms[1], 2);
    let mut disk = Disk::default();
    let mut keeper = disk.keeper();
    disk.save(&mut keeper, &before);
    let mut state = State::from_kept(Kept::unpack(&disk.records(), NOW).expect("kept"));

    // The room of nine is gone, the other one went back to one message that is another one.
    let mut other = before.rooms[&rooms[1]].summary.clone();
    let truth = message(rooms[1], other.members[1].user_id, 1);
    (other.head_seq, other.last, other.unread) = (1, Some(truth.clone()), Unread { count: 1, mentions: 0, at_seq: 1 });
    let snapshot = Snapshot {
        rooms: vec![other],
        requests: vec![],
        messages: vec![],
        changed: vec![],
        presence: vec![],
        blocked: vec![],
        cursor: 9,
    };
    let folded = state.apply_snapshot(snapshot, NOW);
    assert!(folded.needs_reload, "the account itself may have changed");
    assert!(!state.is_kept);
    assert_eq!(state.rooms.keys().copied().collect::<Vec<_>>(), [rooms[1]]);
    assert_eq!((state.rooms[&rooms[1]].summary.head_seq, state.unread(rooms[1])), (1, 1));
    assert_eq!(state.rows(rooms[1]).len(), 2, "still drawn until the page comes");
    state.put_page(Page::new(rooms[1], vec![truth.clone()], false, false));
    let rows = state.rows(rooms[1]);
    assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), [truth.txn_id]);
}

#[test]
fn what_cannot_be_read_is_no_start() {
    assert_eq!(Kept::unpack(&[], NOW), None);
    assert_eq!(Kept::unpack(&[(LIST.to_owned(), "{\"me\":7}".to_owned())], NOW), None);
    let (state, _) = state(1);
    let mut disk = Disk::default();
    let mut keeper = disk.keeper();
    disk.save(&mut keeper, &state);
    disk.0.insert(RoomId::new().to_string(), "[]".to_owned());
    let kept = Kept::unpack(&disk.records(), NOW).expect("the list is whole");
    assert!(kept.pages.is_empty());
}
