mod cut;
mod jump;
mod overlay;
pub(super) mod world;

use super::fold::Acked;
use super::*;
use crate::client::outbox::Entry;
use crate::error::{Error, Problem};
use crate::id::TxnId;
use crate::live::{LiveEvent, Snapshot};
use crate::model::{
    Answer, AnswerState, Body, Extra, Mentions, Message, Notify, Person, PrefsChange, Role, SystemLine, Tick, limits,
};
use world::{NOW, World};

fn texts(state: &State, world: &World) -> Vec<String> {
    state.rows(world.room.id).iter().map(|row| row.body().to_owned()).collect()
}

#[test]
fn an_own_message_is_one_row_whichever_of_ack_and_event_comes_first() {
    for ack_first in [true, false] {
        let mut world = World::new(2);
        let mut state = world.state();
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
    let mut state = world.state();
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
    let stale = RoomSummary { members: world.members.clone(), ..world.summary() };
    state.apply(LiveEvent::Room { summary: stale }, NOW);
    assert_eq!(tick(&state), Some(Tick::Read));
}

#[test]
fn an_early_message_waits_for_the_gap() {
    let mut world = World::new(2);
    let mut state = world.state();
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
    let mut state = world.state();
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
    let mut state = world.state();
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
    let mut state = world.state();
    for n in 0..5 {
        let event = world.send(1, TxnId::new(), &format!("m{n}"));
        state.apply(event, NOW);
    }
    let first = world.read(0, 2).remove(0);
    assert!(state.read_locally(world.room.id, 5));
    assert_eq!(state.unread(world.room.id), 0);
    state.apply(first, NOW);
    assert_eq!(state.unread(world.room.id), 0);
}

#[test]
fn what_another_tab_sent_already_is_not_taken_over_from_the_disk() {
    let mut world = World::new(2);
    let mut state = world.state();
    let txn_id = TxnId::new();
    let event = world.send(0, txn_id, "from the other tab");
    state.apply(event, NOW);
    let entry = Entry::new(txn_id, world.room.id, Body::parse("from the other tab").expect("valid"), NOW);
    assert!(!state.restore(entry));
    assert_eq!(state.row_count(world.room.id), 1);
}

#[test]
fn an_answer_grows_where_the_same_beginning_is_held() {
    let world = World::new(2);
    let mut state = world.state();
    let (room_id, message_id, asker) = (world.room.id, MessageId::new(), world.people[0].id);
    let answer = Answer {
        to: MessageId::new(),
        asker,
        model: "m".into(),
        attempt: 1,
        state: AnswerState::Writing,
        messages: 0,
        notes: 0,
        held_until: None,
    };
    let body = Body::stored("É".into());
    let text = Message::text(message_id, room_id, 1, world.people[1].id, TxnId::new(), body);
    let message = Message { extra: Some(Extra::Answer(answer.clone())), ..text };
    state.apply(LiveEvent::Message { message: message.clone() }, NOW);
    let grown = |attempt, at, text: &str| LiveEvent::Grown { room_id, message_id, attempt, at, text: text.into() };
    let said = |state: &State| texts(state, &world).remove(0);
    state.apply(grown(1, 1, "x"), NOW);
    state.apply(grown(0, 2, "x"), NOW);
    assert_eq!(said(&state), "É", "another place, in bytes, or another attempt");
    state.apply(grown(1, 2, "t"), NOW);
    state.apply(grown(1, 2, "t"), NOW);
    state.apply(grown(1, 3, "é"), NOW);
    assert_eq!(said(&state), "Été", "a repetition does no harm");
    let done = Message {
        revision: 2,
        body: Body::stored("Été.".into()),
        extra: Some(Extra::Answer(answer.ended(AnswerState::Done))),
        ..message
    };
    state.apply(LiveEvent::MessageChanged { message: done }, NOW);
    state.apply(grown(1, 6, "?"), NOW);
    assert_eq!(said(&state), "Été.", "it is over");
}

#[test]
fn a_room_keeps_a_bounded_number_of_messages_unless_someone_scrolled_up() {
    let mut world = World::new(2);
    let mut state = world.state();
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
    let mut state = world.state();
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
    let mut state = world.state();
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
    let mut state = world.state();
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
    let mut state = world.state();
    let empty = Snapshot { rooms: Vec::new(), ..world.snapshot(&BTreeMap::new(), 0, 100) };
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
        let mut state = world.state();
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
    let mut state = world.state();
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

/// `count` texts of number 1, folded in.
fn come(world: &mut World, state: &mut State, count: usize) {
    for n in 0..count {
        let event = world.send(1, TxnId::new(), &format!("m{n}"));
        state.apply(event, NOW);
    }
}

#[test]
fn what_does_not_count_as_unread() {
    let mut world = World::new(3);
    let mut state = world.state();
    let room_id = world.room.id;
    come(&mut world, &mut state, 4);
    let named = world.say(1, TxnId::new(), "you!", None, true);
    let own = world.send(0, TxnId::new(), "mine");
    let line = world.system(1, SystemLine::Described);
    for event in [named, own, line] {
        state.apply(event, NOW);
    }
    assert_eq!(state.tally(room_id), Tally { count: 5, mentions: 1, is_marked: false });
    for event in world.delete(1, 1).into_iter().chain(world.delete(1, 5)) {
        assert!(!state.apply(event, NOW).needs_recount, "all of it is here");
    }
    assert_eq!(state.tally(room_id), Tally { count: 3, mentions: 0, is_marked: false });
    let hidden = world.set(&PrefsChange::Hidden { seqs: vec![2], on: true }).expect("new");
    state.apply(hidden, NOW);
    assert_eq!(state.unread(room_id), 2);
    let shown = world.set(&PrefsChange::Hidden { seqs: vec![2], on: false }).expect("new");
    state.apply(shown, NOW);
    assert_eq!(state.unread(room_id), 3);
    let edited = world.change(3, |message| {
        message.mentions = Mentions { users: Vec::new(), all: true };
        message.edited_at = Some(NOW);
        true
    });
    state.apply(edited.expect("there"), NOW);
    assert_eq!(state.tally(room_id).mentions, 1, "an edit can name too");
    assert_eq!(state.unread(room_id), world.unread().count);
}

#[test]
fn an_older_state_of_a_message_does_not_count_it_again() {
    let mut world = World::new(2);
    let mut state = world.state();
    state.rooms.get_mut(&world.room.id).expect("there").timeline = Timeline::default();
    let first = world.send(1, TxnId::new(), "gone soon");
    let gone = world.delete(1, 1).remove(0);
    let next = world.send(1, TxnId::new(), "next");
    for event in [gone, next, first] {
        state.apply(event, NOW);
    }
    assert_eq!(state.unread(world.room.id), 1);
}

#[test]
fn the_server_counts_again_what_is_not_here() {
    let mut world = World::new(2);
    for n in 0..5 {
        world.send(1, TxnId::new(), &format!("m{n}"));
    }
    let mut state = world.state();
    let room = state.rooms.get_mut(&world.room.id).expect("there");
    room.timeline.trim(2);
    let gone = world.delete(1, 1).remove(0);
    let folded = state.apply(gone, NOW);
    assert!(folded.needs_recount && !folded.needs_reload);
    state.put_rooms(vec![world.summary()]);
    assert_eq!(state.unread(world.room.id), 4);
    let reacted = world.react(1, 2, "x", true).expect("there");
    assert!(!state.apply(reacted, NOW).needs_recount, "a reaction moves nothing");
}

#[test]
fn a_mark_unread_counts_from_there_and_reading_takes_it_away() {
    let mut world = World::new(2);
    let mut state = world.state();
    let room_id = world.room.id;
    come(&mut world, &mut state, 5);
    state.read_locally(room_id, 5);
    world.read(0, 5);
    let marked = world.set(&PrefsChange::UnreadFrom { seq: Some(3) }).expect("new");
    state.apply(marked, NOW);
    assert_eq!(state.tally(room_id), Tally { count: 3, mentions: 0, is_marked: true });
    assert_eq!(state.read_seq(room_id), 5, "what others see stays");
    assert!(!state.read_locally(room_id, 2), "that is before the mark");
    assert!(state.read_locally(room_id, 4));
    assert_eq!(state.tally(room_id), Tally::default());
    // A list that was read before the server knew brings it not back.
    state.put_rooms(vec![world.summary()]);
    assert!(!state.tally(room_id).is_marked);
    for event in world.read(0, 4) {
        state.apply(event, NOW);
    }
    assert_eq!(state.tally(room_id), Tally::default());
}

#[test]
fn a_cleared_chat_shows_what_comes_after_and_comes_back() {
    let mut world = World::new(2);
    let mut state = world.state();
    let room_id = world.room.id;
    come(&mut world, &mut state, 4);
    let cleared = world.set(&PrefsChange::Cleared { upto: 3 }).expect("new");
    state.apply(cleared, NOW);
    assert_eq!(texts(&state, &world), ["m3"]);
    assert_eq!((state.unread(room_id), state.row_count(room_id)), (1, 1));
    assert!(!state.shown(room_id).expect("there").has_older);
    assert_eq!(state.newest(room_id).map(|last| last.seq), Some(4));
    let cleared = world.set(&PrefsChange::Cleared { upto: 4 }).expect("new");
    state.apply(cleared.clone(), NOW);
    assert_eq!((state.newest(room_id), state.unread(room_id)), (None, 0));
    let back = world.set(&PrefsChange::Cleared { upto: 0 }).expect("new");
    state.apply(back, NOW);
    state.apply(cleared, NOW);
    assert_eq!(texts(&state, &world), ["m0", "m1", "m2", "m3"], "an older clear is late");
    assert_eq!(state.unread(room_id), 4);
}

#[test]
fn totals_keep_muted_and_archived_rooms_apart() {
    let mut world = World::new(2);
    let mut state = world.state();
    come(&mut world, &mut state, 2);
    let named = world.say(1, TxnId::new(), "you!", None, true);
    state.apply(named, NOW);
    let loud = TotalUnread { count: 3, mentions: 1, quiet: 0, rooms: 1 };
    let quiet = TotalUnread { count: 1, mentions: 1, quiet: 2, rooms: 0 };
    assert_eq!(state.total_unread(NOW), loud);
    let muted = world.set(&PrefsChange::Muted { until: Some(NOW.plus_ms(10)) }).expect("new");
    state.apply(muted, NOW);
    assert_eq!(state.total_unread(NOW), quiet);
    assert_eq!(state.total_unread(NOW.plus_ms(10)), loud, "the mute is over");
    let archived = world.set(&PrefsChange::Archived { on: true }).expect("new");
    state.apply(archived, NOW);
    assert_eq!(state.total_unread(NOW.plus_ms(10)), quiet);
    assert_eq!((state.list(ListFilter::All).len(), state.list(ListFilter::Archived).len()), (0, 1));
}

#[test]
fn an_older_state_of_my_settings_changes_nothing() {
    let mut world = World::new(2);
    let mut state = world.state();
    let old = world.set(&PrefsChange::Notify { level: Notify::Mentions }).expect("new");
    let stale = world.summary();
    let new = world.set(&PrefsChange::Notify { level: Notify::Nothing }).expect("new");
    for event in [new, old, LiveEvent::Room { summary: stale }] {
        state.apply(event, NOW);
    }
    assert_eq!(state.prefs(world.room.id).notify, Notify::Nothing);
}

#[test]
fn members_come_go_and_change_by_revision() {
    let mut world = World::new(4);
    let gone_id = world.people[3].id;
    world.members.pop();
    let mut state = world.state();
    let joined = world.come_or_go(3);
    let role = world.set_role(1, Role::Admin);
    let left = world.come_or_go(3);
    assert!(!state.apply(joined[0].clone(), NOW).needs_reload);
    assert_eq!(state.rooms[&world.room.id].summary.member_count, 4);
    // Out of order: the newest wins, and the list is read again, because something may have been missed.
    assert!(state.apply(left[0].clone(), NOW).needs_reload);
    assert!(!state.apply(role[0].clone(), NOW).needs_reload);
    assert!(state.rooms[&world.room.id].summary.members.iter().all(|member| member.user_id != gone_id));
    state.put_rooms(vec![world.summary()]);
    assert_eq!(state.rooms[&world.room.id].summary.members, world.members);
    assert!(state.person(gone_id).is_some(), "their name stays beside what they wrote");
}

#[test]
fn a_room_that_grows_large_keeps_only_my_row() {
    let mut world = World::new(limits::LISTED_MEMBERS_MAX + 1);
    let last = world.members.pop().expect("many");
    let mut state = world.state();
    world.members.push(last.clone());
    world.room.revision += 1;
    let changed = |world: &World, members, gone, member_count| LiveEvent::RoomChanged {
        room: world.room.clone(),
        members,
        gone,
        people: Vec::new(),
        member_count,
    };
    let count = world.members.len() as u32;
    assert!(!state.apply(changed(&world, vec![last.clone()], vec![], count), NOW).needs_reload);
    assert_eq!(state.rooms[&world.room.id].summary.members.len(), 1);
    world.room.revision += 1;
    let folded = state.apply(changed(&world, vec![], vec![last.user_id], count - 1), NOW);
    assert!(folded.needs_reload, "the others are listed again");
}

#[test]
fn a_room_i_am_out_of_takes_everything_of_it_along() {
    let mut world = World::new(3);
    let mut state = world.state();
    let room_id = world.room.id;
    come(&mut world, &mut state, 1);
    let txn_id = state.compose(room_id, "too late", NOW).expect("room");
    state.delete_for_me(room_id, &[1], NOW).expect("there");
    let folded = state.apply(LiveEvent::RoomGone { room_id }, NOW);
    assert_eq!(folded.confirmed, [txn_id]);
    assert!(state.rooms.is_empty() && state.overlay.is_empty() && state.outbox.entries.is_empty());
}

#[test]
fn people_are_known_once_and_strangers_are_asked_for() {
    let mut world = World::new(3);
    let mut state = world.state();
    let stranger = Person::new(crate::id::UserId::new(), "zoe", "Zoe", NOW);
    let event = world.send(1, TxnId::new(), "fwd");
    let LiveEvent::Message { message } = event else { unreachable!() };
    state.apply(LiveEvent::Message { message: Message { forwarded_from: Some(stranger.id), ..message } }, NOW);
    assert_eq!(state.people.batch(), [stranger.id]);
    let nobody = crate::id::UserId::new();
    state.want_people(&[nobody]);
    state.put_asked_people(&[stranger.id, nobody], std::slice::from_ref(&stranger));
    assert_eq!(state.person(stranger.id).map(|person| person.display_name.as_str()), Some("Zoe"));
    state.want_people(&[nobody]);
    assert!(state.people.batch().is_empty(), "they are asked for once");
    let renamed = world.call_yourself(1, "Robert");
    state.apply(renamed.clone(), NOW);
    let older = Person { revision: 1, display_name: "Bob".into(), ..world.people[1].clone() };
    state.apply(LiveEvent::Person { person: older }, NOW);
    assert_eq!(state.person(world.people[1].id).map(|person| person.display_name.as_str()), Some("Robert"));
    assert_eq!(state.rooms[&world.room.id].summary.people[1].display_name, "Robert");
}

#[test]
fn settings_that_come_late_do_not_bring_an_old_role_back() {
    let mut world = World::new(3);
    let mut state = world.state();
    let late = world.set(&PrefsChange::Pinned { on: true }).expect("new");
    for event in world.set_role(0, Role::Admin) {
        state.apply(event, NOW);
    }
    state.apply(late, NOW);
    let summary = &state.rooms[&world.room.id].summary;
    assert_eq!((summary.members[0].role, summary.mine.pinned_at.is_some()), (Role::Admin, true));
}

#[test]
fn a_row_has_everything_that_is_drawn() {
    let mut world = World::new(3);
    let mut state = world.state();
    let room_id = world.room.id;
    come(&mut world, &mut state, 2);
    let answer = world.say(1, TxnId::new(), "yes", Some(1), true);
    state.apply(answer, NOW);
    for event in world.react(0, 3, "x", true).into_iter().chain(world.react(1, 3, "y", true)) {
        state.apply(event, NOW);
    }
    for event in world.pin(1, 3, true) {
        state.apply(event, NOW);
    }
    let rows = state.rows(room_id);
    let row = &rows[2];
    assert!(row.mentions_me && !row.is_pending && !row.is_own && row.tick.is_none());
    assert_eq!(row.pinned_by, Some(world.people[1].id));
    let said: Vec<_> = row.reactions().map(|reaction| (reaction.emoji, reaction.is_mine)).collect();
    assert_eq!(said, [("x", true), ("y", false)]);
    assert!(matches!(&row.quote, Some(Quote::Here(quoted)) if quoted.body.as_str() == "m0"));
    assert!(rows[3].system().is_some() && rows[3].tick.is_none());
    // The quote follows what it quotes, and goes with what is deleted for me.
    let edited = world.edit(1, "edited").expect("there");
    state.apply(edited, NOW);
    let quote =
        |state: &State| state.rows(room_id).iter().find(|row| row.seq == Some(3)).and_then(|row| row.quote.clone());
    assert!(matches!(quote(&state), Some(Quote::Here(quoted)) if quoted.body.as_str() == "edited"));
    let hidden = world.set(&PrefsChange::Hidden { seqs: vec![1], on: true }).expect("new");
    state.apply(hidden, NOW);
    assert_eq!(quote(&state), Some(Quote::Gone));
    assert_eq!((state.rows(room_id).len(), state.row_count(room_id)), (3, 4), "a hidden one keeps its place only");
}

#[test]
fn a_quote_that_is_not_here_is_asked_for_and_follows_changes() {
    let mut world = World::new(2);
    for n in 0..6 {
        world.send(1, TxnId::new(), &format!("m{n}"));
    }
    let mut state = world.state();
    let room_id = world.room.id;
    state.rooms.get_mut(&room_id).expect("there").timeline.trim(2);
    let answers = [world.say(1, TxnId::new(), "a", Some(1), false), world.say(1, TxnId::new(), "b", Some(2), false)];
    for event in answers {
        state.apply(event, NOW);
    }
    let wanted = state.rooms[&room_id].quotes.batch();
    assert_eq!(wanted, [world.id(1), world.id(2)]);
    let quotes = |state: &State| -> Vec<_> { state.rows(room_id).into_iter().filter_map(|row| row.quote).collect() };
    assert_eq!(quotes(&state), [Quote::Loading, Quote::Loading]);
    state.put_quoted(room_id, &wanted, &world.quoted(&wanted[..1]));
    assert!(matches!(&quotes(&state)[..], [Quote::Here(_), Quote::Gone]));
    let gone = world.delete(1, 1).remove(0);
    state.apply(gone, NOW);
    assert!(matches!(&quotes(&state)[..], [Quote::Here(quoted), Quote::Gone] if quoted.deleted.is_some()));
}

#[test]
fn messages_of_someone_i_blocked_are_marked_in_groups() {
    let mut world = World::new(3);
    let mut state = world.state();
    come(&mut world, &mut state, 1);
    let is_blocked = |state: &State| state.rows(world.room.id)[0].is_blocked_author;
    assert!(!is_blocked(&state));
    let author = state.rows(world.room.id)[0].author_id();
    state.apply(LiveEvent::Block { user_id: author, on: true }, NOW);
    assert!(is_blocked(&state));
    let snapshot = Snapshot { blocked: vec![author], ..world.snapshot(&BTreeMap::new(), 0, 100) };
    state.apply(LiveEvent::Block { user_id: author, on: false }, NOW);
    assert!(!is_blocked(&state));
    state.apply_snapshot(snapshot, NOW);
    assert!(is_blocked(&state));
}

#[test]
fn drafts_answers_and_edits_of_one_composer() {
    let mut world = World::new(2);
    let mut state = world.state();
    let room_id = world.room.id;
    come(&mut world, &mut state, 1);
    let own = world.send(0, TxnId::new(), "mine");
    state.apply(own, NOW);
    state.set_reply(room_id, Some(world.id(1)));
    assert!(state.write_draft(room_id, "so"));
    assert_eq!(state.drafts[&room_id].reply_to.map(|reply| reply.seq), Some(1));
    assert_eq!(state.start_edit(room_id, world.id(1)), None, "that is not mine");
    assert_eq!(state.start_edit(room_id, world.id(2)).as_deref(), Some("mine"));
    assert!(!state.write_draft(room_id, "mine too"), "the draft waits");
    assert_eq!((state.composed(room_id), state.drafts[&room_id].text.as_str()), ("mine too", "so"));
    state.rooms.get_mut(&room_id).expect("there").editing = None;
    let txn_id = state.compose(room_id, state.composed(room_id).to_owned().as_str(), NOW).expect("room");
    let entry = state.outbox.entry(txn_id).expect("queued").clone();
    assert_eq!(entry.reply_to.map(|reply| reply.message_id), Some(world.id(1)));
    assert!(state.drafts.is_empty());
    let rows = state.rows(room_id);
    assert!(matches!(&rows[2].quote, Some(Quote::Here(quoted)) if quoted.seq == 1), "while it waits too");
    let stored = world.say(0, txn_id, "so", Some(1), false);
    let LiveEvent::Message { message } = stored else { unreachable!() };
    state.acknowledge(Acked { txn_id, room_id, message_id: message.id, seq: 3, created_at: message.created_at });
    assert!(state.rows(room_id)[2].quote.is_some(), "and from the ack on");
}

/// A send that the server refused: its words, and files of so many.
fn refused(state: &mut State, room_id: RoomId, text: &str, files: usize) -> TxnId {
    let files = (0..files).map(|n| OutFile::new(&format!("{n}.png"), "image/png", 1)).collect();
    let txn_id = state.compose_with(room_id, text, files, NOW).expect("room");
    state.outbox.fail(txn_id, Error::Forbidden);
    txn_id
}

#[test]
fn a_send_that_is_edited_is_in_the_draft_also_where_nothing_can_be_written() {
    let world = World::new(2);
    let (mut state, room_id) = (world.state(), world.room.id);
    state.me.muted_until = Some(NOW.plus_ms(60_000));
    let first = refused(&mut state, room_id, "first", 1);
    let second = refused(&mut state, room_id, "second", 0);
    let captionless = refused(&mut state, room_id, "", 1);
    state.take_back(second, true).expect("it failed");
    assert_eq!(state.drafts[&room_id].text, "second");
    let entry = state.take_back(first, true).expect("it failed");
    assert_eq!(state.drafts[&room_id].text, "first\nsecond", "before what is there");
    assert!(entry.files.is_empty(), "they are not to be forgotten");
    state.take_back(captionless, true).expect("it failed");
    assert_eq!((state.composed(room_id), state.tray(room_id).len()), ("first\nsecond", 2));
    let thrown = refused(&mut state, room_id, "thrown away", 1);
    assert_eq!(state.take_back(thrown, false).expect("it failed").files.len(), 1);
    assert!(state.outbox.entries.is_empty() && state.take_back(thrown, true).is_none());
}

#[test]
fn a_send_that_is_edited_does_not_become_the_new_text_of_another_message() {
    let mut world = World::new(2);
    let (mut state, room_id) = (world.state(), world.room.id);
    come(&mut world, &mut state, 1);
    let own = world.send(0, TxnId::new(), "mine");
    state.apply(own, NOW);
    let failed = refused(&mut state, room_id, "not sent", 0);
    state.write_draft(room_id, "half a thought");
    state.start_edit(room_id, world.id(2)).expect("mine");
    state.write_draft(room_id, "mine, changed");
    state.take_back(failed, true).expect("it failed");
    assert_eq!(state.rooms[&room_id].editing, None);
    assert_eq!(state.composed(room_id), "not sent\nhalf a thought");
}

#[test]
fn too_many_files_stay_in_the_composer() {
    let world = World::new(2);
    let (mut state, room_id) = (world.state(), world.room.id);
    let full: Vec<_> = (0..=limits::FILES_MAX).map(|n| OutFile::new(&format!("{n}.png"), "image/png", 1)).collect();
    state.trays.insert(room_id, full);
    assert_eq!(state.compose(room_id, "look", NOW), Err(Error::invalid("files", Problem::OutOfRange)));
    state.trays.get_mut(&room_id).expect("still there").pop();
    state.compose(room_id, "look", NOW).expect("these fit");
    assert_eq!(state.tray(room_id), []);
}

#[test]
fn forwards_keep_who_wrote_first_and_their_order() {
    let mut world = World::new(2);
    let mut state = world.state();
    let (from, to) = (world.room.id, RoomId::new());
    come(&mut world, &mut state, 2);
    for event in world.delete(1, 2) {
        state.apply(event, NOW);
    }
    come(&mut world, &mut state, 1);
    let ids = [world.id(3), world.id(2), world.id(1)];
    let queued = state.compose_forwards(from, &ids, &[from, to], NOW).expect("room");
    assert_eq!(queued.len(), 4, "a deleted one is left out");
    let sent: Vec<_> = state.outbox.of_room(to).map(|entry| entry.forward.map(|forward| forward.message_id)).collect();
    assert_eq!(sent, [Some(world.id(1)), Some(world.id(3))]);
    let row = state.rows(from).pop().expect("queued");
    assert_eq!(row.message.forwarded_from, Some(world.people[1].id));
    let many = vec![to; 200];
    assert!(state.compose_forwards(from, &ids, &many, NOW).is_err());
    assert_eq!(state.outbox.entries.len(), 4);
}
