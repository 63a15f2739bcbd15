use super::*;
use crate::model::{MUTED_FOR_GOOD, Mentions};
use crate::ui::samples::{NOW, arrives, line, message, person, room, room_id, state};

/// Ana's rooms, and everything in them seen.
fn watched(change: impl FnOnce(&mut State)) -> (State, Seen) {
    let mut state = state(vec![room(1, &[1]), room(2, &[1, 2])]);
    arrives(&mut state, message(1, 1, 1, "old"));
    arrives(&mut state, message(2, 1, 1, "old"));
    change(&mut state);
    let seen = Seen::all(&state);
    (state, seen)
}

fn calls_ana(mut message: Message) -> Message {
    message.mentions = Mentions { users: vec![person(0).id], all: false };
    message
}

fn prefs(state: &mut State, room: u128, change: impl FnOnce(&mut crate::model::RoomPrefs)) {
    change(&mut state.rooms.get_mut(&room_id(room)).expect("a room").summary.mine);
}

#[test]
fn each_room_has_one_and_says_how_many_wait() {
    let (mut state, mut seen) = watched(|_| {});
    assert_eq!(seen.news(&state, None, NOW), [], "what is old is no news");
    arrives(&mut state, message(1, 2, 1, "one **bold** word"));
    arrives(&mut state, message(2, 2, 2, "two"));
    arrives(&mut state, message(2, 3, 1, "three"));
    let news = seen.news(&state, None, NOW);
    let said: Vec<_> = news.iter().map(|one| (one.title.as_str(), one.author.as_deref(), one.text.as_str())).collect();
    assert_eq!(said, [("Mira Solberg (2)", None, "one bold word"), ("Harvest (3)", Some("Mira"), "three")]);
    assert_eq!(news[1].seq, 3);
    assert_eq!(seen.news(&state, None, NOW), [], "once is enough");
}

#[test]
fn nothing_is_told_of_what_is_on_the_screen_or_mine_or_read() {
    let (mut state, mut seen) = watched(|_| {});
    arrives(&mut state, message(1, 2, 1, "seen"));
    assert_eq!(seen.news(&state, Some(room_id(1)), NOW), []);
    assert_eq!(seen.news(&state, None, NOW), [], "nor when it is left");
    arrives(&mut state, message(1, 3, 0, "mine"));
    arrives(&mut state, line(2, 2, 1, crate::model::SystemLine::Left));
    assert_eq!(seen.news(&state, None, NOW), []);
    arrives(&mut state, message(1, 4, 1, "read elsewhere"));
    state.read_locally(room_id(1), 4);
    assert_eq!(seen.news(&state, None, NOW), []);
}

#[test]
fn a_muted_room_is_still_until_its_time_is_over() {
    let (mut state, mut seen) = watched(|state| prefs(state, 1, |prefs| prefs.muted_until = Some(NOW.plus_ms(1_000))));
    arrives(&mut state, calls_ana(message(1, 2, 1, "psst")));
    assert_eq!(seen.news(&state, None, NOW), []);
    arrives(&mut state, message(1, 3, 1, "louder"));
    assert_eq!(seen.news(&state, None, NOW.plus_ms(1_000)).len(), 1);
    prefs(&mut state, 1, |prefs| prefs.muted_until = Some(MUTED_FOR_GOOD));
    arrives(&mut state, message(1, 4, 1, "hello?"));
    assert_eq!(seen.news(&state, None, NOW.plus_ms(1_000_000_000)), []);
}

#[test]
fn levels_decide() {
    for (level, archived, plain, calling) in [
        (Notify::All, false, 1, 1),
        (Notify::All, true, 0, 1),
        (Notify::Mentions, false, 0, 1),
        (Notify::Nothing, false, 0, 0),
    ] {
        let (mut state, mut seen) = watched(|state| {
            prefs(state, 2, |prefs| {
                prefs.notify = level;
                prefs.archived = archived;
            });
        });
        arrives(&mut state, message(2, 2, 1, "plain"));
        assert_eq!(seen.news(&state, None, NOW).len(), plain, "{level:?}");
        // It counts also when something plain came behind it at once.
        arrives(&mut state, calls_ana(message(2, 3, 1, "@ana")));
        arrives(&mut state, message(2, 4, 1, "plain"));
        assert_eq!(seen.news(&state, None, NOW).len(), calling, "{level:?} named");
        arrives(&mut state, message(2, 5, 1, "plain"));
        assert_eq!(seen.news(&state, None, NOW).len(), plain, "{level:?} after");
    }
}
