//! Tic-tac-toe: the board, whose turn it is, and what one can do about it.

use super::super::Visit;
use super::super::acts::Acts;
use super::super::extras::use_names;
use super::{can_play, use_begin};
use crate::client::state::Row;
use crate::client::use_live;
use crate::id::UserId;
use crate::model::game::{Mark, Stage};
use crate::model::{GameAct, NewExtra, ReplyTo, TicTacToe};
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::time::{Clock, use_clock};
use crate::ui::words;
use dioxus::prelude::*;

const MAIN: &str = "btn btn-primary game-btn";
const SOFT: &str = "btn btn-soft game-btn";

/// The two names, as sentences need them.
#[derive(Clone, PartialEq)]
struct Names {
    me: UserId,
    challenger: String,
    opponent: String,
}

impl Names {
    fn of(&self, game: &TicTacToe, who: Option<UserId>) -> &str {
        match who {
            Some(who) if who == self.me => "You",
            Some(who) if who == game.challenger => &self.challenger,
            Some(_) => &self.opponent,
            None => "Anyone",
        }
    }
}

/// `You 2, Theo 1`; nothing before the first win.
fn score(game: &TicTacToe, names: &Names) -> Option<String> {
    let opponent = game.opponent?;
    // I come first.
    let order = if opponent == names.me { [opponent, game.challenger] } else { [game.challenger, opponent] };
    let wins = order.map(|who| game.wins_of(who));
    let parts = [0, 1].map(|at| format!("{} {}", names.of(game, Some(order[at])), wins[at]));
    (wins != [0, 0]).then(|| parts.join(", "))
}

/// How it stands, in one sentence.
fn standing(game: &TicTacToe, names: &Names, is_late: bool) -> String {
    let name = |who| names.of(game, who);
    let is_mine = |who: Option<UserId>| who == Some(names.me);
    match game.stage {
        Stage::Offered if is_late => "Nobody answered in time".to_owned(),
        Stage::Offered if is_mine(game.opponent) => format!("{} challenges you", name(Some(game.challenger))),
        Stage::Offered if game.opponent.is_none() && game.challenger == names.me => "Waiting for anyone".to_owned(),
        Stage::Offered if game.opponent.is_none() => format!("{} plays against anyone", name(Some(game.challenger))),
        Stage::Offered => format!("Waiting for {}", name(game.opponent)),
        Stage::Playing if is_late && is_mine(game.next()) => "You ran out of time".to_owned(),
        Stage::Playing if is_late => format!("{} ran out of time", name(game.next())),
        Stage::Playing if is_mine(game.next()) => "Your turn".to_owned(),
        Stage::Playing => format!("{}'s turn", name(game.next())),
        Stage::Declined => format!("{} declined", name(game.opponent)),
        Stage::Cancelled => format!("{} took it back", name(Some(game.challenger))),
        Stage::Won { by, .. } => format!("{} won", name(Some(by))),
        Stage::Drawn => "A draw".to_owned(),
        Stage::Resigned { by } => {
            let winner = name(game.other(by));
            format!("{} gave up, {} won", name(Some(by)), if winner == "You" { "you" } else { winner })
        }
        Stage::Unknown => "Reload this page to see how it stands".to_owned(),
    }
}

/// Until when somebody is waited for.
fn until(game: &TicTacToe, clock: Clock) -> Option<String> {
    let time = clock.time(game.deadline);
    let day = clock.day(game.deadline);
    let when = if day == "Today" { time } else { format!("{day}, {time}") };
    (game.is_open() && !game.is_late(clock.now)).then(|| format!("until {when}"))
}

#[component]
pub fn TicTacToeCard(game: TicTacToe, row: Row, is_stop: bool, is_idle: bool) -> Element {
    let acts = use_hook(try_consume_context::<Acts>);
    let clock = use_clock();
    let people = [Some(game.challenger), game.opponent].into_iter().flatten().collect();
    let mut known = use_names(people).into_iter().map(|name| words::first_name(&name).to_owned());
    let (challenger, opponent) = (known.next().unwrap_or_default(), known.next().unwrap_or_default());
    let names = Names { me: row.me, challenger, opponent };
    let is_late = game.is_late(clock.now);
    let plays = can_play(acts, &row, is_idle) && !is_late;
    let has_board = !matches!(game.stage, Stage::Offered | Stage::Declined | Stage::Cancelled | Stage::Unknown);
    rsx! {
        div { class: "game ttt-card", "data-testid": "ttt",
            div { class: "ttt-top",
                span { class: "font-semibold flex-1", "Tic-tac-toe" }
                if let Some(score) = score(&game, &names) {
                    span { class: "game-sub tnum", "data-testid": "score", "{score}" }
                }
            }
            if has_board {
                Board { game: game.clone(), row: row.clone(), is_stop, may_move: plays && game.next() == Some(row.me) }
            }
            div { class: "ttt-turn",
                span { class: "flex-1", role: "status", "data-testid": "standing", {standing(&game, &names, is_late)} }
                if let Some(until) = until(&game, clock) {
                    span { class: "game-sub text-xs", "{until}" }
                }
            }
            if plays || can_play(acts, &row, is_idle) && game.was_played(clock.now) {
                Choices { game: game.clone(), row: row.clone(), is_stop, is_over: game.was_played(clock.now) }
            }
        }
    }
}

fn cell_id(row: &Row, cell: u8) -> String {
    format!("ttt-{}-{cell}", row.key)
}

/// Where an arrow key leads from a cell; it stays at the edge.
fn beside(cell: u8, key: &Key) -> Option<u8> {
    let (line, column) = (cell / 3, cell % 3);
    match key {
        Key::ArrowUp => Some(line.saturating_sub(1) * 3 + column),
        Key::ArrowDown => Some((line + 1).min(2) * 3 + column),
        Key::ArrowLeft => Some(line * 3 + column.saturating_sub(1)),
        Key::ArrowRight => Some(line * 3 + (column + 1).min(2)),
        Key::Home => Some(line * 3),
        Key::End => Some(line * 3 + 2),
        _ => None,
    }
}

#[component]
fn Board(game: TicTacToe, row: Row, is_stop: bool, may_move: bool) -> Element {
    let live = use_live();
    // The one cell that Tab leads to; arrows lead on from there.
    let mut here = use_signal(|| 0_u8);
    let line = if let Stage::Won { line, .. } = game.stage { Some(line) } else { None };
    // What was there when it was first drawn does not draw itself.
    let old = use_hook(|| game.turn());
    let place = |cell: u8| game.moves.iter().position(|taken| *taken == cell);
    let is_new = |cell: u8| place(cell).is_some_and(|turn| turn >= usize::from(old));
    let is_pending = |cell: u8| row.is_pending && game.moves.last() == Some(&cell);
    let said = |cell: u8| {
        let what = match game.at(cell) {
            Some(Mark::X) => "X",
            Some(Mark::O) => "O",
            None => "empty",
        };
        let won = if line.is_some_and(|line| line.contains(&cell)) { ", in the winning line" } else { "" };
        format!("Row {}, column {}, {what}{won}", cell / 3 + 1, cell % 3 + 1)
    };
    let (room_id, turn, id) = (row.message.room_id, game.turn(), row.id());
    let taken = game.moves.clone();
    let press = use_callback(move |(cell, is_free): (u8, bool)| {
        here.set(cell);
        if let Some(id) = id.filter(|_| may_move && is_free) {
            live.play(room_id, id, GameAct::Mark { turn, cell });
        }
    });
    rsx! {
        div {
            class: "ttt",
            role: "group",
            "aria-label": "Tic-tac-toe board",
            "data-mine": may_move.then_some(""),
            onkeydown: {
                let row = row.clone();
                move |event: KeyboardEvent| {
                    // What arrows do to the stream of messages they must not do from here.
                    let at = *here.peek();
                    if let Some(next) = beside(at, &event.key()).filter(|_| event.modifiers().is_empty()) {
                        event.prevent_default();
                        event.stop_propagation();
                        here.set(next);
                        dom::focus(&cell_id(&row, next));
                    }
                }
            },
            for cell in 0..9_u8 {
                button {
                    key: "{cell}",
                    id: cell_id(&row, cell),
                    r#type: "button",
                    tabindex: if is_stop && here() == cell { "0" } else { "-1" },
                    "aria-label": said(cell),
                    "aria-disabled": (!may_move || taken.contains(&cell)).then_some("true"),
                    "data-v": game.at(cell).map(|mark| if mark == Mark::X { "x" } else { "o" }),
                    "data-win": line.is_some_and(|line| line.contains(&cell)).then_some(""),
                    "data-new": is_new(cell).then_some(""),
                    "data-pending": is_pending(cell).then_some(""),
                    onfocus: move |_| here.set(cell),
                    onclick: {
                        let is_free = !taken.contains(&cell);
                        move |_| press.call((cell, is_free))
                    },
                    {drawn(game.at(cell))}
                }
            }
        }
    }
}

fn drawn(mark: Option<Mark>) -> Element {
    match mark {
        Some(Mark::X) => rsx! {
            svg { view_box: "0 0 32 32", "aria-hidden": "true",
                path { path_length: "1", d: "M8 8 24 24" }
                path { class: "second", path_length: "1", d: "M24 8 8 24" }
            }
        },
        Some(Mark::O) => rsx! {
            svg { view_box: "0 0 32 32", "aria-hidden": "true",
                circle { path_length: "1", cx: "16", cy: "16", r: "9.5" }
            }
        },
        None => rsx! {},
    }
}

/// What can be done beside moving.
#[component]
fn Choices(game: TicTacToe, row: Row, is_stop: bool, is_over: bool) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let begin = use_begin(visit.room_id);
    let mut sent = visit.sent;
    let me = row.me;
    // Of a stored one: others are not played.
    let (room_id, id, seq) = (row.message.room_id, row.message.id, row.message.seq);
    let act = move |act: GameAct| live.play(room_id, id, act);
    let other = game.other(me);
    let button = |name: &'static str, class: &'static str, press: Callback<()>| {
        rsx! {
            button {
                class,
                r#type: "button",
                tabindex: if is_stop { "0" } else { "-1" },
                onclick: move |_| press.call(()),
                "{name}"
            }
        }
    };
    let accept = use_callback(move |()| act(GameAct::Accept));
    let decline = use_callback(move |()| act(GameAct::Decline));
    let cancel = use_callback(move |()| act(GameAct::Cancel));
    let resign = use_callback(move |()| act(GameAct::Resign));
    let rematch = use_callback(move |()| {
        if begin.begin(NewExtra::TicTacToe { with: other }, Some(ReplyTo { message_id: id, seq })) {
            sent += 1;
        }
    });
    rsx! {
        div { class: "game-acts",
            if is_over && game.plays(me) {
                button {
                    class: SOFT,
                    r#type: "button",
                    tabindex: if is_stop { "0" } else { "-1" },
                    onclick: move |_| rematch.call(()),
                    Icon { d: icon::ROTATE_CW, class: "i-sm" }
                    "Rematch"
                }
            } else if game.stage == Stage::Offered {
                if game.challenger == me {
                    {button("Cancel", SOFT, cancel)}
                } else if game.opponent == Some(me) {
                    {button("Accept", MAIN, accept)}
                    {button("Decline", SOFT, decline)}
                } else if game.opponent.is_none() {
                    {button("Play", MAIN, accept)}
                }
            } else if game.stage == Stage::Playing && game.plays(me) {
                {button("Resign", SOFT, resign)}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn it_says_how_it_stands_to_each_of_them() {
        let (ana, ben, cara) = (UserId::new(), UserId::new(), UserId::new());
        let names = |me| Names { me, challenger: "Ana".to_owned(), opponent: "Ben".to_owned() };
        let now = Timestamp(0);
        let mut game = TicTacToe::offer(ana, Some(ben), now);
        let said = |game: &TicTacToe| [ana, ben, cara].map(|me| standing(game, &names(me), false));
        assert_eq!(said(&game), ["Waiting for Ben", "Ana challenges you", "Waiting for Ben"]);
        game.play(ben, &GameAct::Accept, now).expect("accepted");
        assert_eq!(said(&game), ["Your turn", "Ana's turn", "Ana's turn"]);
        assert_eq!(score(&game, &names(ana)), None);
        let late = [ana, ben].map(|me| standing(&game, &names(me), true));
        assert_eq!(late, ["You ran out of time", "Ana ran out of time"]);
        game.play(ana, &GameAct::Resign, now).expect("given up");
        assert_eq!(said(&game), ["You gave up, Ben won", "Ana gave up, you won", "Ana gave up, Ben won"]);
        assert_eq!(score(&game, &names(ben)).as_deref(), Some("You 1, Ana 0"));
        assert_eq!(score(&game, &names(cara)).as_deref(), Some("Ana 0, Ben 1"));
        let open = TicTacToe::offer(ana, None, now);
        let said = [ana, ben].map(|me| standing(&open, &names(me), false));
        assert_eq!(said, ["Waiting for anyone", "Ana plays against anyone"]);
    }

    #[test]
    fn arrows_lead_to_the_next_cell_and_stay_on_the_board() {
        assert_eq!(beside(4, &Key::ArrowUp), Some(1));
        assert_eq!(beside(4, &Key::ArrowRight), Some(5));
        assert_eq!((beside(0, &Key::ArrowUp), beside(0, &Key::ArrowLeft)), (Some(0), Some(0)));
        assert_eq!((beside(8, &Key::ArrowDown), beside(8, &Key::ArrowRight)), (Some(8), Some(8)));
        assert_eq!((beside(4, &Key::Home), beside(4, &Key::End)), (Some(3), Some(5)));
        assert_eq!(beside(4, &Key::Enter), None);
    }
}
