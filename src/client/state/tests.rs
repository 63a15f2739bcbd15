use super::fold::Acked;
use super::*;
use crate::client::outbox::Entry;
use crate::id::{MessageId, TxnId};
use crate::live::{LiveEvent, RoomMessages, Snapshot};
use crate::model::{Body, Member, Message, Page, Person, Role, Room, RoomKind, Theme, Tick, Unread};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000_000);

/// A tiny server: one room, its log, its members' marks.
#[derive(Clone)]
struct World {
    room: Room,
    people: Vec<Person>,
    members: Vec<Member>,
    log: Vec<Message>,
    changes: u64,
    changed_at: Vec<u64>,
}

impl World {
    fn new(people: usize) -> Self {
        let people: Vec<Person> = (0..people)
            .map(|n| Person::new(crate::id::UserId::new(), &format!("user{n}"), &format!("User {n}"), Timestamp(0)))
            .collect();
        let members = people.iter().map(|person| member(person.id)).collect();
        let room = Room::new(RoomId::new(), RoomKind::Direct, None, Timestamp(0));
        Self { room, people, members, log: Vec::new(), changes: 0, changed_at: Vec::new() }
    }

    fn head(&self) -> Seq {
        self.log.len() as Seq
    }

    fn send(&mut self, who: usize, txn_id: TxnId, text: &str) -> LiveEvent {
        let message = Message {
            id: MessageId::new(),
            room_id: self.room.id,
            seq: self.head() + 1,
            author_id: self.people[who].id,
            txn_id,
            body: Body::parse(text).expect("valid"),
            created_at: Timestamp(self.head() as i64),
            revision: 1,
            edited_at: None,
            system: None,
            deleted: None,
            reply_to: None,
            forwarded_from: None,
            mentions: Default::default(),
            reactions: Vec::new(),
            preview: None,
        };
        self.log.push(message.clone());
        self.changes += 1;
        self.changed_at.push(self.changes);
        LiveEvent::Message { message }
    }

    fn edit(&mut self, seq: Seq, text: &str) -> Option<LiveEvent> {
        let at = usize::try_from(seq).ok()?.checked_sub(1)?;
        self.changes += 1;
        let message = self.log.get_mut(at)?;
        message.body = Body::parse(text).expect("valid");
        message.revision += 1;
        message.edited_at = Some(NOW);
        self.changed_at[at] = self.changes;
        Some(LiveEvent::MessageChanged { message: message.clone() })
    }

    /// Returns the event for the reader's own devices.
    fn read(&mut self, who: usize, seq: Seq) -> LiveEvent {
        let head = self.head();
        let member = &mut self.members[who];
        member.read_seq = member.read_seq.max(seq.min(head));
        member.delivered_seq = member.delivered_seq.max(member.read_seq);
        let (user_id, delivered_seq, read_seq) = (member.user_id, member.delivered_seq, member.read_seq);
        let unread = Some(self.unread(who));
        LiveEvent::Watermark { room_id: self.room.id, user_id, delivered_seq, read_seq, unread }
    }

    fn unread(&self, who: usize) -> Unread {
        let member = &self.members[who];
        let count = self.log.iter().filter(|m| m.seq > member.read_seq && m.author_id != member.user_id).count();
        Unread { count: count as u32, mentions: 0, at_seq: self.head() }
    }

    fn summary(&self, who: usize) -> RoomSummary {
        RoomSummary {
            room: self.room.clone(),
            members: self.members.clone(),
            people: self.people.clone(),
            last: self.log.last().cloned(),
            head_seq: self.head(),
            unread: self.unread(who),
            can_send: true,
            blocked_by_me: false,
            member_count: 2,
            mine: Default::default(),
        }
    }

    fn page(&self, after: Seq, upto: Seq) -> Page {
        let messages = self.log.iter().filter(|m| m.seq > after && m.seq <= upto).cloned().collect();
        Page::new(self.room.id, messages, after > 0, upto < self.head())
    }

    fn state(&self, who: usize) -> State {
        let mut state = State::from_bootstrap(Bootstrap {
            me: Me { person: self.people[who].clone(), email: String::new(), theme: Theme::System, warning: None },
            rooms: vec![self.summary(who)],
            requests: Vec::new(),
            presence: Vec::new(),
            open: None,
            cursor: self.changes,
            access_until: NOW,
            now: NOW,
            version: String::new(),
        });
        state.put_page(self.page(0, self.head()));
        state
    }

    fn snapshot(&self, who: usize, held: &BTreeMap<RoomId, Seq>, cursor: u64, limit: usize) -> Snapshot {
        let messages = held
            .iter()
            .map(|(room_id, after)| {
                let missed: Vec<Message> = self.log.iter().filter(|m| m.seq > *after).cloned().collect();
                let limited = missed.len() > limit;
                let messages = missed[missed.len().saturating_sub(limit)..].to_vec();
                RoomMessages { room_id: *room_id, messages, limited }
            })
            .collect();
        let changed = self.log.iter().zip(&self.changed_at).filter(|(_, at)| **at > cursor).map(|(m, _)| m.clone());
        Snapshot {
            rooms: vec![self.summary(who)],
            requests: Vec::new(),
            messages,
            changed: changed.collect(),
            presence: Vec::new(),
            cursor: self.changes,
        }
    }
}

fn member(user_id: crate::id::UserId) -> Member {
    Member { user_id, role: Role::Member, joined_seq: 0, delivered_seq: 0, read_seq: 0, cleared_seq: 0 }
}

fn texts(state: &State, world: &World) -> Vec<String> {
    state.rows(world.room.id).iter().map(|row| row.body().to_owned()).collect()
}

#[test]
fn an_own_message_is_one_row_whichever_of_ack_and_event_comes_first() {
    for ack_first in [true, false] {
        let mut world = World::new(2);
        let mut state = world.state(0);
        let (txn_id, room_id) = (TxnId::new(), world.room.id);
        state.outbox.push(Entry::new(txn_id, room_id, Body::parse("hi").expect("valid"), NOW));
        assert_eq!(state.rows(room_id)[0].tick, Some(Tick::Queued));
        let event = world.send(0, txn_id, "hi");
        let LiveEvent::Message { message } = event.clone() else { unreachable!() };
        let ack = Acked { txn_id, room_id, message_id: message.id, seq: 1, created_at: message.created_at };
        let mut confirmed = 0;
        for step in 0..2 {
            let folded =
                if (step == 0) == ack_first { state.acknowledge(ack) } else { state.apply(event.clone(), NOW) };
            confirmed += folded.confirmed.len();
            let rows = state.rows(room_id);
            assert_eq!(rows.len(), 1, "one row after every step");
            assert_eq!((rows[0].key, rows[0].tick), (txn_id, Some(Tick::Sent)));
        }
        assert_eq!(confirmed, 1);
    }
}

#[test]
fn ticks_follow_the_watermarks_and_never_go_back() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let event = world.send(0, TxnId::new(), "hi");
    state.apply(event, NOW);
    let peer = world.people[1].id;
    let mark = |delivered_seq, read_seq| LiveEvent::Watermark {
        room_id: world.room.id,
        user_id: peer,
        delivered_seq,
        read_seq,
        unread: None,
    };
    let tick = |state: &State| state.rows(world.room.id)[0].tick;
    for (event, expected) in
        [(mark(1, 0), Tick::Delivered), (mark(1, 1), Tick::Read), (mark(1, 0), Tick::Read), (mark(0, 0), Tick::Read)]
    {
        state.apply(event, NOW);
        assert_eq!(tick(&state), Some(expected));
    }
    let stale = RoomSummary { members: world.members.clone(), ..world.summary(0) };
    state.apply(LiveEvent::Room { summary: stale }, NOW);
    assert_eq!(tick(&state), Some(Tick::Read));
}

#[test]
fn an_early_message_waits_for_the_gap() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let events: Vec<_> = (0..4).map(|n| world.send(1, TxnId::new(), &format!("m{n}"))).collect();
    state.apply(events[0].clone(), NOW);
    state.apply(events[3].clone(), NOW);
    assert_eq!(texts(&state, &world), ["m0"]);
    assert_eq!(state.gaps(), [(world.room.id, 1)]);
    state.put_newer(world.page(1, 3));
    assert_eq!(texts(&state, &world), ["m0", "m1", "m2", "m3"]);
    assert!(state.gaps().is_empty());
    assert_eq!(state.unread(world.room.id), 4);
}

#[test]
fn an_own_message_keeps_its_row_while_an_earlier_one_is_missing() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let (txn_id, room_id) = (TxnId::new(), world.room.id);
    state.outbox.compose(Entry::new(txn_id, room_id, Body::parse("mine").expect("valid"), NOW));
    world.send(1, TxnId::new(), "theirs");
    let LiveEvent::Message { message } = world.send(0, txn_id, "mine") else { unreachable!() };
    state.acknowledge(Acked { txn_id, room_id, message_id: message.id, seq: 2, created_at: message.created_at });
    let rows = state.rows(room_id);
    assert_eq!(rows.iter().map(|row| (row.key, row.tick)).collect::<Vec<_>>(), [(txn_id, Some(Tick::Sent))]);
    assert_eq!((state.row_count(room_id), state.rows_in(room_id, 0..1)), (1, rows));
    state.put_newer(world.page(0, 2));
    assert_eq!(texts(&state, &world), ["theirs", "mine"]);
}

#[test]
fn a_change_that_overtakes_its_message_confirms_it_too() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let (txn_id, room_id) = (TxnId::new(), world.room.id);
    state.outbox.compose(Entry::new(txn_id, room_id, Body::parse("mine").expect("valid"), NOW));
    world.send(0, txn_id, "mine");
    let later = world.send(1, TxnId::new(), "theirs");
    let changed = world.edit(1, "edited").expect("there");
    state.apply(later, NOW);
    assert_eq!(state.apply(changed, NOW).confirmed, [txn_id]);
    assert_eq!(texts(&state, &world), ["edited", "theirs"]);
}

#[test]
fn the_answer_to_an_earlier_mark_does_not_raise_the_count() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    for n in 0..5 {
        let event = world.send(1, TxnId::new(), &format!("m{n}"));
        state.apply(event, NOW);
    }
    let first = world.read(0, 2);
    assert!(state.read_locally(world.room.id, 5));
    assert_eq!(state.unread(world.room.id), 0);
    state.apply(first, NOW);
    assert_eq!(state.unread(world.room.id), 0);
}

#[test]
fn what_another_tab_sent_already_is_not_taken_over_from_the_disk() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let txn_id = TxnId::new();
    let event = world.send(0, txn_id, "from the other tab");
    state.apply(event, NOW);
    let entry = Entry::new(txn_id, world.room.id, Body::parse("from the other tab").expect("valid"), NOW);
    assert!(!state.restore(entry));
    assert_eq!(state.row_count(world.room.id), 1);
}

#[test]
fn a_room_keeps_a_bounded_number_of_messages_unless_someone_scrolled_up() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let room_id = world.room.id;
    let come = |world: &mut World, state: &mut State, count: usize| {
        for _ in 0..count {
            let event = world.send(1, TxnId::new(), "x");
            state.apply(event, NOW);
        }
    };
    come(&mut world, &mut state, 1_251);
    assert_eq!(state.row_count(room_id), 1_000);
    assert!(state.rooms[&room_id].timeline.has_older);
    state.put_older(world.page(0, 251));
    come(&mut world, &mut state, 400);
    assert_eq!(state.row_count(room_id), 1_651, "someone reads up there");
    assert!(state.read_locally(room_id, world.head()));
    come(&mut world, &mut state, 1);
    assert_eq!(state.row_count(room_id), 1_000);
}

#[test]
fn an_older_revision_never_replaces_a_newer_one() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let first = world.send(1, TxnId::new(), "old");
    let changed = world.edit(1, "new").expect("there");
    state.apply(changed, NOW);
    state.apply(first.clone(), NOW);
    assert_eq!(texts(&state, &world), ["new"], "the change overtook its message");
    let changed = world.edit(1, "newer").expect("there");
    state.apply(changed, NOW);
    state.apply(first, NOW);
    assert_eq!(texts(&state, &world), ["newer"]);
    assert_eq!(state.rooms[&world.room.id].summary.last.as_ref().map(|m| m.revision), Some(3));
}

#[test]
fn history_joins_in_front_and_pages_that_do_not_meet_are_dropped() {
    let mut world = World::new(2);
    for n in 0..10 {
        world.send(1, TxnId::new(), &format!("m{n}"));
    }
    let mut state = world.state(0);
    let room = state.rooms.get_mut(&world.room.id).expect("there");
    room.timeline.trim(3);
    assert!(room.timeline.has_older);
    state.put_older(world.page(2, 5));
    assert_eq!(state.row_count(world.room.id), 3, "it does not meet");
    state.put_older(world.page(4, 7));
    state.put_older(world.page(0, 4));
    assert_eq!(state.row_count(world.room.id), 10);
    assert!(!state.rooms[&world.room.id].timeline.has_older);
    assert_eq!(state.rows_in(world.room.id, 2..4), state.rows(world.room.id)[2..4]);
}

#[test]
fn typing_ends_by_itself_and_by_the_message() {
    let mut world = World::new(2);
    let mut state = world.state(0);
    let typing = LiveEvent::Typing { room_id: world.room.id, user_id: world.people[1].id, on: true };
    state.apply(typing.clone(), NOW);
    assert_eq!(state.typing_ends(), Some(NOW.plus_ms(6_000)));
    assert!(!state.expire_typing(NOW.plus_ms(5_999)));
    assert!(state.expire_typing(NOW.plus_ms(6_000)));
    state.apply(typing, NOW);
    let event = world.send(1, TxnId::new(), "done");
    state.apply(event, NOW);
    assert_eq!(state.typing_ends(), None);
}

#[test]
fn rooms_of_a_snapshot_are_the_whole_list() {
    let world = World::new(2);
    let mut state = world.state(0);
    let empty = Snapshot { rooms: Vec::new(), ..world.snapshot(0, &BTreeMap::new(), 0, 100) };
    state.apply_snapshot(empty, NOW);
    assert!(state.rooms.is_empty());
    let mut other = World::new(2);
    let folded = state.apply(other.send(1, TxnId::new(), "who?"), NOW);
    assert!(folded.needs_reload);
}

#[test]
fn undoing_a_mark_all_read_also_takes_back_what_was_read_meanwhile() {
    for is_looked_at in [false, true] {
        let mut world = World::new(2);
        for n in 1..=4 {
            world.send(1, TxnId::new(), &format!("text {n}"));
        }
        let mut state = world.state(0);
        let room_id = world.room.id;
        assert_eq!(state.unread(room_id), 4);
        let token = state.mark_all_read(Some(room_id), NOW).expect("something is unread");
        assert_eq!(state.unread(room_id), 0);
        if is_looked_at {
            assert!(state.read_locally(room_id, 4));
        }
        assert!(state.undo(token, NOW));
        assert_eq!(state.unread(room_id), 4);
        assert_eq!(state.overlay.pending.len(), usize::from(is_looked_at), "nothing is asked of the server in vain");
    }
}

#[test]
fn a_jump_leads_to_its_target_or_says_why_not() {
    let mut world = World::new(2);
    world.send(1, TxnId::new(), "here");
    let mut state = world.state(0);
    let room_id = world.room.id;
    assert!(!state.jump_to(room_id, 1));
    assert_eq!(state.rooms[&room_id].target, Some(1));
    state.end_jump(room_id);
    assert!(state.rooms[&room_id].target.is_none() && state.notices.is_empty());
    assert!(!state.jump_to(room_id, 0), "nothing is before the first");
    state.end_jump(room_id);
    assert!(state.rooms[&room_id].jump.is_none());
    assert_eq!(state.notices.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [NoticeKind::NotReached]);
}

fn seq_of(event: &LiveEvent) -> Option<Seq> {
    match event {
        LiveEvent::Message { message } | LiveEvent::MessageChanged { message } => Some(message.seq),
        _ => None,
    }
}

/// Others' messages above my mark that the server counted or that were heard of since: never fewer than shown, and just as
/// many once what was counted is here.
fn recount(world: &World, state: &State, heard: &BTreeSet<Seq>) -> Result<(), TestCaseError> {
    let room = &state.rooms[&world.room.id];
    let (read, at_seq) = (state.read_seq(world.room.id), room.summary.unread.at_seq);
    let counts = |m: &&Message| m.author_id != state.me.person.id && m.seq > read;
    let known = |m: &&Message| m.seq <= at_seq || heard.contains(&m.seq);
    let expected = world.log.iter().filter(counts).filter(known).count() as u32;
    let is_here = room.timeline.last() >= at_seq && (read >= at_seq || read == 0 || room.timeline.get(read).is_some());
    if is_here {
        prop_assert_eq!(state.unread(world.room.id), expected);
    } else {
        prop_assert!(state.unread(world.room.id) >= expected);
    }
    Ok(())
}

#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    Edit(u64),
    Read(usize, u64),
    ReadHere(u64),
    Deliver,
    DeliverTwice,
    Swap,
    Cut,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0usize..3).prop_map(Step::Send),
        2 => (1u64..40).prop_map(Step::Edit),
        2 => (0usize..3, 1u64..40).prop_map(|(who, seq)| Step::Read(who, seq)),
        2 => (1u64..40).prop_map(Step::ReadHere),
        6 => Just(Step::Deliver),
        1 => Just(Step::DeliverTwice),
        1 => Just(Step::Swap),
        1 => Just(Step::Cut),
    ]
}

proptest! {
    /// Snapshot + live + catch-up = fresh snapshot; unread counts agree with a recount; ticks never go back.
    #[test]
    fn a_cut_client_equals_a_fresh_one(steps in proptest::collection::vec(step(), 1..120), limit in 1usize..12) {
        let mut world = World::new(3);
        let room_id = world.room.id;
        let mut state = world.state(0);
        let mut queue: Vec<LiveEvent> = Vec::new();
        let mut ticks: BTreeMap<TxnId, Tick> = BTreeMap::new();
        let mut heard: BTreeSet<Seq> = BTreeSet::new();
        for step in steps {
            match step {
                Step::Send(who) => {
                    let txn_id = TxnId::new();
                    if who == 0 {
                        let entry = Entry::new(txn_id, room_id, Body::parse("mine").expect("valid"), NOW);
                        state.outbox.push(entry);
                    }
                    queue.push(world.send(who, txn_id, if who == 0 { "mine" } else { "theirs" }));
                }
                Step::Edit(seq) => queue.extend(world.edit(seq, "edited")),
                Step::Read(who, seq) => queue.push(world.read(who, seq)),
                Step::ReadHere(seq) if state.read_locally(room_id, seq) => {
                    let seq = state.read_seq(room_id);
                    queue.push(world.read(0, seq));
                }
                Step::Deliver if !queue.is_empty() => {
                    let event = queue.remove(0);
                    heard.extend(seq_of(&event));
                    state.apply(event, NOW);
                }
                Step::DeliverTwice if !queue.is_empty() => {
                    let event = queue.remove(0);
                    heard.extend(seq_of(&event));
                    state.apply(event.clone(), NOW);
                    state.apply(event, NOW);
                }
                Step::Swap if queue.len() > 1 => queue.swap(0, 1),
                Step::Cut => {
                    queue.clear();
                    let snapshot = world.snapshot(0, &state.held(), state.cursor, limit);
                    state.apply_snapshot(snapshot, NOW);
                }
                _ => {}
            }
            for row in state.rows(room_id).iter().filter(|row| row.seq.is_some()) {
                if let Some(tick) = row.tick {
                    let before = ticks.insert(row.key, tick);
                    prop_assert!(before.is_none_or(|before| before <= tick), "a tick went back");
                }
            }
            recount(&world, &state, &heard)?;
            let keys: BTreeSet<_> = state.rows(room_id).iter().map(|row| row.key).collect();
            prop_assert_eq!(keys.len(), state.row_count(room_id), "a message is drawn twice");
        }
        for event in queue.drain(..) {
            state.apply(event, NOW);
        }
        for (room, after) in state.gaps() {
            prop_assert_eq!(room, room_id);
            state.put_newer(world.page(after, world.head()));
        }
        // What a limited catch-up did not show is sent again, and acknowledged as what it was.
        for entry in state.outbox.entries.clone() {
            let stored = world.log.iter().find(|message| message.txn_id == entry.txn_id).expect("sent");
            let (txn_id, message_id, seq, created_at) = (stored.txn_id, stored.id, stored.seq, stored.created_at);
            state.acknowledge(Acked { txn_id, room_id, message_id, seq, created_at });
        }
        let fresh = world.state(0);
        prop_assert!(state.outbox.entries.is_empty());
        prop_assert!(state.gaps().is_empty());
        prop_assert_eq!(state.unread(room_id), fresh.unread(room_id));
        let (held, whole) = (state.rows(room_id), fresh.rows(room_id));
        prop_assert_eq!(&held[..], &whole[whole.len() - held.len()..]);
        prop_assert_eq!(held.len() < whole.len(), state.rooms[&room_id].timeline.has_older);
        // The count is compared above; at which head it was taken may differ.
        let summary = |state: &State| RoomSummary { unread: Unread::default(), ..state.rooms[&room_id].summary.clone() };
        prop_assert_eq!(summary(&state), summary(&fresh));
    }
}
