use super::*;
use crate::client::draft::Draft;
use crate::client::outbox::Entry;
use crate::id::TxnId;
use crate::model::{Body, SystemLine};
use crate::ui::samples::{NOW, arrives, line, message, person, room, room_id, state};

fn drawn(state: &State, room: u128) -> View {
    View::of(state, room_id(room), false, NOW).expect("a room")
}

fn said(state: &State, room: u128) -> (Lead, String) {
    let view = drawn(state, room);
    (view.lead, view.preview)
}

#[test]
fn a_preview_says_who_wrote_in_groups() {
    let mut state = state(vec![room(1, &[1]), room(2, &[1, 2])]);
    arrives(&mut state, message(1, 1, 1, "to *you*"));
    arrives(&mut state, message(2, 1, 2, "to all"));
    assert_eq!(said(&state, 1), (Lead::Nothing, "to you".into()));
    assert_eq!(said(&state, 2), (Lead::Author("Theo".into()), "to all".into()));
    arrives(&mut state, message(2, 2, 0, "mine"));
    assert_eq!(said(&state, 2), (Lead::Author("You".into()), "mine".into()));
    assert_eq!(drawn(&state, 2).tick, Some(Tick::Sent));
    assert_eq!(drawn(&state, 2).faces.iter().map(|face| face.id).collect::<Vec<_>>(), [person(1).id, person(2).id]);
}

#[test]
fn lines_of_the_room_and_deleted_texts_are_said_in_words() {
    let mut state = state(vec![room(2, &[1, 2])]);
    arrives(&mut state, line(2, 1, 1, SystemLine::Added { users: vec![person(0).id, person(2).id] }));
    assert_eq!(said(&state, 2), (Lead::Nothing, "Mira Solberg added you and Theo Okafor".into()));
    assert_eq!((drawn(&state, 2).tick, drawn(&state, 2).tally.count), (None, 0));
    let mut gone = message(2, 2, 1, "");
    gone.deleted = Some(crate::model::Deleted { by: person(1).id, at: NOW });
    arrives(&mut state, gone);
    assert_eq!(said(&state, 2), (Lead::Author("Mira".into()), "Message deleted".into()));
}

#[test]
fn what_was_not_sent_comes_before_a_draft_before_the_newest_message() {
    let mut state = state(vec![room(1, &[1])]);
    arrives(&mut state, message(1, 1, 1, "newest"));
    state.drafts.insert(room_id(1), Draft::of("half a thought"));
    assert_eq!(said(&state, 1), (Lead::Draft, "half a thought".into()));
    let open = View::of(&state, room_id(1), true, NOW).expect("a room");
    assert_eq!(open.preview, "newest", "the draft of the open chat is in its composer");
    let mut entry = Entry::new(TxnId::new(), room_id(1), Body::stored("lost".into()), NOW);
    entry.error = Some(crate::Error::Unreachable);
    state.outbox.push(entry);
    assert_eq!(said(&state, 1), (Lead::NotSent, "lost".into()));
}

#[test]
fn marks_are_spoken() {
    let mut state = state(vec![room(1, &[1])]);
    let mine = &mut state.rooms.get_mut(&room_id(1)).expect("a room").summary.mine;
    mine.pinned_at = Some(NOW);
    mine.muted_until = Some(NOW.plus_ms(1));
    assert_eq!(drawn(&state, 1).spoken(), ", pinned, muted");
    let later = View::of(&state, room_id(1), false, NOW.plus_ms(1)).expect("a room");
    assert_eq!(later.spoken(), ", pinned");
}
