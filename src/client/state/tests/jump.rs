//! Jumping into history and back, and how both runs become one.

use super::world::{NOW, World};
use crate::client::State;
use crate::client::state::View;
use crate::error::{Error, What};
use crate::id::TxnId;
use crate::model::{PrefsChange, Seq};

/// A room of `head` messages of which the newest 5 are loaded.
fn room(head: u64) -> (World, State) {
    let mut world = World::new(2);
    for n in 1..=head {
        world.send(1, TxnId::new(), &format!("m{n}"));
    }
    let mut state = world.state();
    state.rooms.get_mut(&world.room.id).expect("there").timeline.trim(5);
    (world, state)
}

fn seqs(state: &State, world: &World) -> Vec<Seq> {
    state.rows(world.room.id).into_iter().filter_map(|row| row.seq).collect()
}

fn view(state: &State, world: &World) -> View {
    state.rooms[&world.room.id].view
}

#[test]
fn what_is_here_is_shown_without_a_fetch() {
    let (world, mut state) = room(20);
    assert!(!state.jump_to(world.room.id, 17));
    assert_eq!(view(&state, &world), View::Newest);
    assert!(state.rooms[&world.room.id].timeline.is_browsed, "it must not be cut off above");
}

#[test]
fn a_jump_shows_a_run_of_its_own_while_new_messages_come_below() {
    let (mut world, mut state) = room(40);
    let room_id = world.room.id;
    assert!(state.jump_to(room_id, 10));
    assert_eq!(seqs(&state, &world), [36, 37, 38, 39, 40], "nothing goes before the other is here");
    state.put_around(10, world.page(7, 13));
    assert_eq!((view(&state, &world), seqs(&state, &world)), (View::Around, (8..=13).collect()));
    let shown = state.shown(room_id).expect("there");
    assert!(shown.has_older && shown.has_newer);
    let event = world.send(1, TxnId::new(), "new");
    state.apply(event, NOW);
    state.compose(room_id, "typed", NOW).expect("room");
    // Sending leads back to the end.
    assert_eq!((view(&state, &world), seqs(&state, &world).last()), (View::Newest, Some(&41)));
}

#[test]
fn changes_reach_both_runs() {
    let (mut world, mut state) = room(40);
    state.jump_to(world.room.id, 10);
    state.put_around(10, world.page(7, 13));
    let edited = world.edit(10, "edited").expect("there");
    state.apply(edited, NOW);
    assert_eq!(state.rows(world.room.id)[2].body(), "edited");
}

#[test]
fn runs_grow_both_ways_and_become_one() {
    // (the page around, further steps as (is_after, after, upto), the rows in the end, what is drawn)
    type Table = [(Seq, Seq, &'static [(bool, Seq, Seq)], std::ops::RangeInclusive<Seq>, View); 7];
    let table: Table = [
        (7, 13, &[], 8..=13, View::Around),
        (7, 13, &[(false, 3, 7)], 4..=13, View::Around),
        (7, 13, &[(true, 13, 20)], 8..=20, View::Around),
        (7, 13, &[(true, 13, 35)], 8..=40, View::Newest),
        (7, 13, &[(true, 13, 38)], 8..=40, View::Newest),
        (7, 35, &[], 8..=40, View::Newest),
        (7, 13, &[(true, 14, 20), (false, 2, 6)], 8..=13, View::Around),
    ];
    for (after, upto, steps, rows, expected) in table {
        let (world, mut state) = room(40);
        let room_id = world.room.id;
        assert!(state.jump_to(room_id, 10));
        state.put_around(10, world.page(after, upto));
        for (is_after, after, upto) in steps {
            state.put_beside(world.page(*after, *upto), *is_after);
        }
        assert_eq!((seqs(&state, &world), view(&state, &world)), (rows.clone().collect(), expected), "{steps:?}");
        assert_eq!(state.shown(room_id).expect("there").has_older, *rows.start() > 1);
        assert_eq!(state.gaps(), []);
    }
}

#[test]
fn the_newest_run_that_grows_upwards_meets_the_other_one_too() {
    let (world, mut state) = room(40);
    state.jump_to(world.room.id, 10);
    state.put_around(10, world.page(7, 13));
    state.put_older(world.page(13, 35));
    assert_eq!((view(&state, &world), seqs(&state, &world)), (View::Newest, (8..=40).collect()));
}

#[test]
fn a_jump_that_leads_nowhere_says_why_and_leaves_all_as_it_was() {
    let (mut world, mut state) = room(40);
    let room_id = world.room.id;
    let error = |state: &State| state.rooms[&room_id].jump.as_ref().and_then(|jump| jump.error.clone());
    assert!(state.jump_to(room_id, 10));
    state.fail_jump(room_id, 10, Error::Offline);
    assert_eq!(error(&state), Some(Error::Offline));
    assert!(state.jump_to(room_id, 10), "asked again");
    assert_eq!(error(&state), None);
    state.put_around(9, world.page(7, 13));
    assert!(state.rooms[&room_id].detached.is_none(), "that was the answer to an earlier one");
    state.put_around(10, world.page(30, 40));
    assert_eq!(error(&state), Some(Error::NotFound { what: What::Message }));
    let cleared = world.set(&PrefsChange::Cleared { upto: 20 }).expect("new");
    state.apply(cleared, NOW);
    assert!(!state.jump_to(room_id, 10), "cleared: nothing to ask for");
    assert_eq!(error(&state), Some(Error::NotFound { what: What::Message }));
    assert_eq!((view(&state, &world), seqs(&state, &world)), (View::Newest, (36..=40).collect()));
}

#[test]
fn leaving_a_room_forgets_where_it_was_read() {
    let (world, mut state) = room(40);
    let room_id = world.room.id;
    state.jump_to(room_id, 10);
    state.put_around(10, world.page(7, 13));
    let room = state.rooms.get_mut(&room_id).expect("there");
    room.selected.insert(10);
    room.leave(3);
    assert_eq!((view(&state, &world), seqs(&state, &world)), (View::Newest, vec![38, 39, 40]));
    let room = &state.rooms[&room_id];
    assert!(room.selected.is_empty() && room.detached.is_none());
}

#[test]
fn after_too_long_away_the_run_around_a_message_is_read_again() {
    let (mut world, mut state) = room(40);
    let room_id = world.room.id;
    state.jump_to(room_id, 10);
    state.put_around(10, world.page(7, 13));
    world.delete(1, 10);
    for n in 0..20 {
        world.send(1, TxnId::new(), &format!("later {n}"));
    }
    let mut snapshot = world.snapshot(&state.held(), state.cursor, 5);
    snapshot.changed.clear();
    state.apply_snapshot(snapshot, NOW);
    let jump = state.rooms[&room_id].jump.clone().expect("asked again");
    assert_eq!(view(&state, &world), View::Around, "drawn until then");
    state.put_around(jump.seq, world.page(7, 13));
    assert!(state.rows(room_id)[2].is_deleted());
}
