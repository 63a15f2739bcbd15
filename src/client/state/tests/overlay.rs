//! Whatever comes back in whichever order: in the end the page shows what the server has, and nothing is laid over it.

use super::world::{NOW, World};
use crate::client::State;
use crate::client::state::overlay::{CAPACITY, Change};
use crate::client::state::{NoticeKind, Quote, UndoToken};
use crate::error::Error;
use crate::id::TxnId;
use crate::live::{Command, LiveEvent};
use crate::model::{Body, Extra, GameAct, Notify, PrefsChange};
use crate::time::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The message that is a game, in the test of everything.
const GAME: u64 = 9;

type Answer = (u64, Result<(), Error>);

/// A page and its server with everything that is on its way between them.
struct Wire {
    world: World,
    state: State,
    now: Timestamp,
    commands: Vec<(u64, Command)>,
    answers: Vec<Answer>,
    events: Vec<LiveEvent>,
    tokens: Vec<UndoToken>,
}

impl Wire {
    /// A room with `count` texts of mine.
    fn new(count: usize) -> Self {
        let mut world = World::new(2);
        for n in 0..count {
            world.send(n % 2, TxnId::new(), &format!("m{n}"));
            world.preview(n as u64 + 1, true);
        }
        let (state, now) = (world.state(), NOW);
        Self { world, state, now, commands: vec![], answers: vec![], events: vec![], tokens: vec![] }
    }

    fn ask(&mut self, change: Change) {
        let room_id = self.world.room.id;
        self.state.ask(room_id, change, self.now);
    }

    fn pump(&mut self) {
        for (room_id, seq) in self.state.overlay.release(self.now, false) {
            if self.state.read_locally(room_id, seq) {
                self.events.extend(self.world.read(0, seq));
            }
        }
        self.state.settle_overlay(self.now);
        self.commands.extend(self.state.overlay.take_ready(self.now));
    }

    fn process(&mut self, at: usize, refusal: Option<Error>) {
        if self.commands.is_empty() {
            return;
        }
        let (id, command) = self.commands.remove(at % self.commands.len());
        let result = match refusal {
            Some(error) => Err(error),
            None => self.world.execute(&command),
        };
        match result {
            Ok(events) => {
                self.events.extend(events);
                self.answers.push((id, Ok(())));
            }
            Err(error) => self.answers.push((id, Err(error))),
        }
    }

    fn answer(&mut self, at: usize) {
        if self.answers.is_empty() {
            return;
        }
        let (id, result) = self.answers.remove(at % self.answers.len());
        match result {
            Ok(()) => self.state.overlay.done(id, self.now),
            Err(error) if error.is_transient() => drop(self.state.overlay.postpone(id, self.now.plus_ms(300))),
            Err(_) => drop(self.state.overlay.refuse(id)),
        }
        self.state.settle_overlay(self.now);
    }

    fn event(&mut self, at: usize) {
        if !self.events.is_empty() {
            let event = self.events.remove(at % self.events.len().min(2));
            if self.state.apply(event, self.now).needs_reload {
                self.state.put_rooms(vec![self.world.summary()]);
            }
        }
    }

    fn disconnect(&mut self) {
        (self.commands, self.answers, self.events) = (vec![], vec![], vec![]);
        self.state.overlay.disconnected();
        let snapshot = self.world.snapshot(&self.state.held(), self.state.cursor, 100);
        self.state.apply_snapshot(snapshot, self.now);
    }

    /// Everybody answers, until nothing is left.
    fn rest(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..500 {
            if self.state.overlay.is_empty() && self.events.is_empty() && self.answers.is_empty() {
                return Ok(());
            }
            self.pump();
            self.process(0, None);
            self.event(0);
            self.answer(0);
            if self.commands.is_empty() && self.events.is_empty() && self.answers.is_empty() {
                self.now = self.state.overlay.next_wake(true).unwrap_or_default().max(self.now);
            }
        }
        prop_assert!(false, "it never comes to rest: {:?}", self.state.overlay.pending);
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Step {
    Edit(u64, u8),
    React(u64, bool),
    Pin(u64, bool),
    Preview(u64),
    Mark(u8),
    Delete(Vec<u64>),
    Hide(Vec<u64>),
    Clear,
    Set(PrefsChange),
    ReadAll,
    Undo(usize),
    /// Another device of mine, or somebody else.
    Theirs(u8, u64, bool),
    Pump,
    Process(usize, u8),
    Answer(usize),
    Event(usize),
    Disconnect,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let seq = || 1u64..9;
    prop_oneof![
        3 => (seq(), 0u8..3).prop_map(|(seq, text)| Step::Edit(seq, text)),
        4 => (seq(), any::<bool>()).prop_map(|(seq, on)| Step::React(seq, on)),
        3 => (seq(), any::<bool>()).prop_map(|(seq, on)| Step::Pin(seq, on)),
        1 => seq().prop_map(Step::Preview),
        4 => (0u8..9).prop_map(Step::Mark),
        2 => proptest::collection::vec(seq(), 1..3).prop_map(Step::Delete),
        2 => proptest::collection::vec(seq(), 1..3).prop_map(Step::Hide),
        1 => Just(Step::Clear),
        2 => any::<bool>().prop_map(|on| Step::Set(PrefsChange::Pinned { on })),
        1 => Just(Step::Set(PrefsChange::Notify { level: Notify::Nothing })),
        2 => proptest::option::of(seq()).prop_map(|seq| Step::Set(PrefsChange::UnreadFrom { seq })),
        1 => Just(Step::ReadAll),
        3 => any::<usize>().prop_map(Step::Undo),
        4 => (0u8..8, seq(), any::<bool>()).prop_map(|(what, seq, on)| Step::Theirs(what, seq, on)),
        8 => Just(Step::Pump),
        8 => (any::<usize>(), 0u8..8).prop_map(|(at, refusal)| Step::Process(at, refusal)),
        8 => any::<usize>().prop_map(Step::Answer),
        8 => any::<usize>().prop_map(Step::Event),
        1 => Just(Step::Disconnect),
        3 => (0i64..7_000).prop_map(Step::Wait),
    ]
}

proptest! {
    #[test]
    fn it_ends_with_what_the_server_has(steps in proptest::collection::vec(step(), 1..80)) {
        let mut wire = Wire::new(8);
        wire.world.game();
        wire.state = wire.world.state();
        let room_id = wire.world.room.id;
        for step in steps {
            let (now, world) = (wire.now, &wire.world);
            match step {
                Step::Edit(seq, text) => {
                    let body = Body::parse(["one", "two", "three"][usize::from(text)]).expect("valid");
                    let message_id = world.id(seq);
                    wire.ask(Change::Edit { message_id, body });
                }
                Step::React(seq, on) => {
                    let message_id = world.id(seq);
                    wire.ask(Change::React { message_id, emoji: "x".into(), on });
                }
                Step::Pin(seq, on) => {
                    let message_id = world.id(seq);
                    wire.ask(Change::Pin { message_id, seq, on });
                }
                Step::Preview(seq) => {
                    let message_id = world.id(seq);
                    wire.ask(Change::RemovePreview { message_id });
                }
                Step::Mark(cell) => {
                    let message_id = world.id(GAME);
                    let shown = wire.state.message(room_id, message_id).and_then(|message| message.extra.clone());
                    let Some(Extra::TicTacToe(game)) = shown else { panic!("a game") };
                    wire.ask(Change::Play { message_id, act: GameAct::Mark { turn: game.turn(), cell } });
                }
                Step::Delete(seqs) => {
                    let ids: Vec<_> = seqs.into_iter().map(|seq| world.id(seq)).collect();
                    wire.tokens.extend(wire.state.delete_for_everyone(room_id, &ids, now).ok());
                }
                Step::Hide(seqs) => wire.tokens.extend(wire.state.delete_for_me(room_id, &seqs, now).ok()),
                Step::Clear => wire.tokens.extend(wire.state.clear_chat(room_id, now).ok()),
                Step::Set(change) => wire.ask(Change::Prefs(change)),
                Step::ReadAll => wire.tokens.extend(wire.state.mark_all_read(None, now)),
                Step::Undo(at) if !wire.tokens.is_empty() => {
                    let token = wire.tokens[at % wire.tokens.len()];
                    wire.state.undo(token, now);
                }
                Step::Undo(_) => {}
                Step::Theirs(what, seq, on) => {
                    let events: Vec<LiveEvent> = match what {
                        0 => wire.world.react(0, seq, "x", on).into_iter().collect(),
                        1 => wire.world.edit(seq, "elsewhere").into_iter().collect(),
                        2 => wire.world.delete(1, seq),
                        3 => wire.world.pin(1, seq, on),
                        4 => vec![wire.world.send(1, TxnId::new(), "new")],
                        5 | 6 => {
                            let Some(Extra::TicTacToe(game)) = &wire.world.message(GAME).expect("there").extra else {
                                panic!("a game")
                            };
                            let turn = game.turn();
                            let act = GameAct::Mark { turn, cell: seq as u8 };
                            wire.world.play(1, GAME, &act).ok().flatten().into_iter().collect()
                        }
                        _ => wire.world.set(&PrefsChange::Hidden { seqs: vec![seq], on }).into_iter().collect(),
                    };
                    wire.events.extend(events);
                }
                Step::Pump => wire.pump(),
                Step::Process(at, refusal) => wire.process(at, match refusal {
                    0 => Some(Error::Forbidden),
                    1 => Some(Error::Unavailable { retry_after_ms: 100 }),
                    _ => None,
                }),
                Step::Answer(at) => wire.answer(at),
                Step::Event(at) => wire.event(at),
                Step::Disconnect => wire.disconnect(),
                Step::Wait(ms) => wire.now = wire.now.plus_ms(ms),
            }
            let shown = wire.state.row_count(room_id);
            prop_assert!(wire.state.rows(room_id).len() <= shown);
            prop_assert!(wire.state.overlay.pending.len() <= CAPACITY);
        }
        wire.rest()?;
        let fresh = wire.world.state();
        let (state, world) = (&wire.state, &wire.world);
        let rows = |state: &State| {
            let mut rows = state.rows(room_id);
            rows.iter_mut().for_each(|row| row.quote = row.quote.take().filter(|quote| *quote != Quote::Loading));
            rows
        };
        prop_assert_eq!(rows(state), rows(&fresh));
        prop_assert_eq!(&*state.prefs(room_id), &world.prefs);
        prop_assert_eq!(state.pins(room_id), fresh.pins(room_id));
        prop_assert_eq!(state.floor(room_id), world.own().floor());
        prop_assert_eq!(state.tally(room_id), fresh.tally(room_id));
        let expected: BTreeMap<u64, bool> = world.log.iter().map(|m| (m.seq, m.deleted.is_some())).collect();
        for row in state.rows(room_id) {
            let seq = row.seq.expect("stored");
            prop_assert_eq!(row.is_deleted(), expected[&seq]);
        }
    }
}

#[test]
fn a_change_shows_at_once_and_goes_when_it_is_refused() {
    let mut wire = Wire::new(2);
    let room_id = wire.world.room.id;
    let (message_id, body) = (wire.world.id(1), Body::parse("better").expect("valid"));
    wire.ask(Change::Edit { message_id, body });
    let first = |wire: &Wire| wire.state.rows(room_id)[0].clone();
    assert!(first(&wire).is_pending && first(&wire).is_edited() && first(&wire).body() == "better");
    wire.pump();
    wire.process(0, Some(Error::Forbidden));
    wire.answer(0);
    assert!(!first(&wire).is_pending && first(&wire).body() == "m0");
}

#[test]
fn a_move_shows_at_once_and_goes_when_somebody_was_faster() {
    let mut wire = Wire::new(0);
    wire.world.game();
    wire.state = wire.world.state();
    let room_id = wire.world.room.id;
    let message_id = wire.world.id(1);
    let mark = |turn, cell| GameAct::Mark { turn, cell };
    let moves = |wire: &Wire| match &wire.state.rows(room_id)[0].message.extra {
        Some(Extra::TicTacToe(game)) => game.moves.clone(),
        other => panic!("a game, not {other:?}"),
    };
    wire.ask(Change::Play { message_id, act: mark(0, 4) });
    assert_eq!(moves(&wire), [4]);
    assert!(wire.state.rows(room_id)[0].is_pending);
    wire.pump();
    wire.process(0, None);
    wire.answer(0);
    wire.event(0);
    assert!(!wire.state.rows(room_id)[0].is_pending && moves(&wire) == [4]);
    let reply = wire.world.play(1, 1, &mark(1, 0)).expect("legal");
    wire.events.extend(reply);
    wire.event(0);
    // Another tab of mine plays, and this one does not know it yet.
    wire.world.play(0, 1, &mark(2, 8)).expect("legal");
    wire.ask(Change::Play { message_id, act: mark(2, 7) });
    assert_eq!(moves(&wire), [4, 0, 7]);
    wire.pump();
    wire.process(0, None);
    wire.answer(0);
    assert_eq!(moves(&wire), [4, 0], "it is taken back");
}

#[test]
fn a_later_change_of_the_same_takes_the_place_of_a_waiting_one() {
    let mut wire = Wire::new(2);
    let message_id = wire.world.id(1);
    let react = |on| Change::React { message_id, emoji: "x".into(), on };
    for on in [true, false, true] {
        wire.ask(react(on));
    }
    assert_eq!(wire.state.overlay.pending.len(), 1);
    wire.pump();
    wire.ask(react(false));
    assert_eq!(wire.state.overlay.pending.len(), 2, "what has left stays what it is");
    wire.pump();
    assert_eq!(wire.commands.len(), 1, "one at a time, so that the order stays");
    assert!(wire.state.rows(wire.world.room.id)[0].message.reactions.is_empty(), "the last one is drawn");
}

#[test]
fn the_answer_before_the_event_shows_no_step_back() {
    let mut wire = Wire::new(2);
    let room_id = wire.world.room.id;
    let message_id = wire.world.id(1);
    wire.ask(Change::React { message_id, emoji: "x".into(), on: true });
    let is_mine = |wire: &Wire| wire.state.rows(room_id)[0].reactions().any(|reaction| reaction.is_mine);
    let steps: [fn(&mut Wire); 4] =
        [Wire::pump, |wire| wire.process(0, None), |wire| wire.answer(0), |wire| wire.event(0)];
    for step in steps {
        step(&mut wire);
        assert!(is_mine(&wire));
    }
    assert!(wire.state.overlay.is_empty());
}

#[test]
fn a_deletion_can_be_undone_until_it_leaves() {
    let mut wire = Wire::new(4);
    let room_id = wire.world.room.id;
    let ids = [wire.world.id(1), wire.world.id(2)];
    let token = wire.state.delete_for_everyone(room_id, &ids, NOW).expect("there");
    assert!(wire.state.rows(room_id)[..2].iter().all(|row| row.is_deleted()));
    assert_eq!(wire.state.notices[0].kind, NoticeKind::Deleted { count: 2 });
    assert_eq!(wire.state.notices[0].undo, Some(token));
    wire.pump();
    assert!(wire.commands.is_empty());
    assert!(wire.state.undo(token, NOW) && !wire.state.undo(token, NOW));
    assert!(wire.state.rows(room_id).iter().all(|row| !row.is_deleted()) && wire.state.notices.is_empty());
    let token = wire.state.delete_for_everyone(room_id, &ids, NOW).expect("there");
    wire.now = NOW.plus_ms(6_000);
    wire.pump();
    assert_eq!(wire.commands.len(), 1);
    assert!(!wire.state.undo(token, wire.now), "it has left");
    assert!(wire.state.expire_notices(wire.now) || wire.state.notices.is_empty());
}

#[test]
fn what_was_hidden_or_cleared_comes_back_even_later() {
    let mut wire = Wire::new(4);
    let room_id = wire.world.room.id;
    let hidden = wire.state.delete_for_me(room_id, &[2], NOW).expect("there");
    let cleared = wire.state.clear_chat(room_id, NOW).expect("there");
    assert!(wire.state.rows(room_id).is_empty() && wire.state.row_count(room_id) == 0);
    wire.now = NOW.plus_ms(10_000);
    wire.rest().expect("rest");
    assert_eq!((wire.world.own().cleared_seq, &wire.world.prefs.hidden[..]), (4, &[2][..]));
    assert!(wire.state.undo(cleared, wire.now) && wire.state.undo(hidden, wire.now));
    wire.rest().expect("rest");
    assert_eq!((wire.world.own().cleared_seq, wire.world.prefs.hidden.len()), (0, 0));
    assert_eq!(wire.state.rows(room_id).len(), 4);
}

#[test]
fn everything_read_can_be_unread_again() {
    let mut wire = Wire::new(6);
    let room_id = wire.world.room.id;
    let before = wire.state.tally(room_id);
    assert_eq!(before.count, 3);
    let token = wire.state.mark_all_read(None, NOW).expect("unread");
    assert_eq!((wire.state.tally(room_id).count, wire.state.read_seq(room_id)), (0, 0), "nobody else is told yet");
    assert_eq!(wire.state.notices[0].kind, NoticeKind::MarkedRead { count: 3 });
    assert!(wire.state.undo(token, NOW));
    assert_eq!(wire.state.tally(room_id), before);
    let token = wire.state.mark_all_read(Some(room_id), NOW).expect("unread");
    wire.now = NOW.plus_ms(6_000);
    wire.rest().expect("rest");
    assert_eq!((wire.world.own().read_seq, wire.state.tally(room_id).count), (6, 0));
    wire.state.open_room = Some(room_id);
    assert!(wire.state.undo(token, wire.now));
    assert_eq!(wire.state.hold_reading, Some(room_id), "being on the screen does not read it again");
    wire.rest().expect("rest");
    assert_eq!((wire.world.prefs.unread_from, wire.state.tally(room_id).count), (Some(1), 3));
    assert_eq!(wire.state.mark_all_read(Some(crate::id::RoomId::new()), NOW), None);
}

#[test]
fn pins_show_at_once_and_a_deleted_message_is_no_longer_pinned() {
    let mut wire = Wire::new(3);
    let room_id = wire.world.room.id;
    for seq in [1, 2] {
        let message_id = wire.world.id(seq);
        wire.ask(Change::Pin { message_id, seq, on: true });
    }
    assert_eq!(wire.state.pins(room_id).len(), 2);
    let me = wire.world.me();
    assert_eq!(wire.state.rows(room_id)[0].pinned_by, Some(me));
    assert!(matches!(&wire.state.pinned(room_id)[1].1, Quote::Here(message) if message.seq == 2));
    wire.rest().expect("rest");
    let id = wire.world.id(2);
    wire.state.delete_for_everyone(room_id, &[id], wire.now).expect("there");
    assert_eq!(wire.state.pins(room_id).len(), 1);
}

#[test]
fn too_many_changes_are_refused_here() {
    let mut wire = Wire::new(2);
    let message_id = wire.world.id(1);
    for n in 0..=CAPACITY {
        wire.ask(Change::React { message_id, emoji: format!("{n}"), on: true });
    }
    assert_eq!(wire.state.overlay.pending.len(), CAPACITY);
    assert_eq!(wire.state.notices.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [NoticeKind::NotReacted]);
}
