//! An answer of the assistant while it grows, how it ended, and what can be done about it.

use super::Visit;
use super::acts::{Acts, Open};
use crate::client::state::Row;
use crate::client::use_live;
use crate::model::{Answer, AnswerAct, AnswerProblem, AnswerState, Extra, Role};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::marks::Petals;
use crate::ui::words;
use dioxus::prelude::*;

/// The answer of a row that is one.
pub fn answer_of(row: &Row) -> Option<&Answer> {
    match &row.message.extra {
        Some(Extra::Answer(answer)) if !row.is_deleted() => Some(answer),
        _ => None,
    }
}

/// What is said of how it ended. `None`: that it is whole.
fn ending(state: AnswerState, is_empty: bool) -> Option<&'static str> {
    match state {
        AnswerState::Writing | AnswerState::Done | AnswerState::Unknown => None,
        AnswerState::Cut => Some("Cut off: that's as long as an answer may be."),
        AnswerState::Stopped if is_empty => Some("Stopped before there was an answer."),
        AnswerState::Stopped => Some("Stopped."),
        AnswerState::Interrupted if is_empty => Some("The server stopped before there was an answer."),
        AnswerState::Interrupted => Some("Interrupted: the server stopped."),
        AnswerState::Failed { why } => Some(match why {
            AnswerProblem::Unreachable => "The model can't be reached.",
            AnswerProblem::Busy => "Too many questions at once. Try again in a minute.",
            AnswerProblem::Spent => "That's all the answers for today. There are more after midnight, UTC.",
            AnswerProblem::TooLong => "That's more than the model can read at once.",
            AnswerProblem::Refused => "The model's server refuses. An admin has to look at its settings.",
            AnswerProblem::Broken | AnswerProblem::Unknown => "The model gave no proper answer.",
        }),
    }
}

/// `Saw 12 messages, 2 notes`
fn saw(messages: u32, notes: u32) -> String {
    let count = |number: u32, one, many| words::count(usize::try_from(number).unwrap_or(usize::MAX), one, many);
    let messages = count(messages, "message", "messages");
    if notes == 0 { format!("Saw {messages}") } else { format!("Saw {messages}, {}", count(notes, "note", "notes")) }
}

/// Below the text, in the bubble. `is_stop`: the keyboard comes here; `is_idle`: messages are being chosen.
#[component]
pub fn AnswerFoot(row: Row, answer: Answer, is_stop: bool, is_idle: bool) -> Element {
    let live = use_live();
    let room_id = use_context::<Visit>().room_id;
    let may = use_memo(use_reactive(&answer.asker, move |asker| {
        let state = live.state.read();
        let me = state.me.person.id;
        let leads =
            state.rooms.get(&room_id).and_then(|room| room.member(me)).is_some_and(|own| own.role != Role::Member);
        asker == me || leads
    }));
    let acts = use_context::<Acts>();
    let Some(id) = row.id() else { return rsx! {} };
    let shows_seen = !answer.is_written() && answer.messages > 0;
    let tab = if is_stop { "0" } else { "-1" };
    let is_empty = row.body().is_empty();
    let said = ending(answer.state, is_empty);
    let has_failed = matches!(answer.state, AnswerState::Failed { .. } | AnswerState::Interrupted);
    rsx! {
        if answer.is_written() && is_empty {
            span { class: "typing-bubble in-answer", "data-testid": "thinking",
                Petals {}
                span { class: "sr-only", "Thinking" }
            }
        }
        if let Some(said) = said {
            span { class: "answer-end", "data-testid": "answer-end", "data-failed": has_failed.then_some(""), "{said}" }
        }
        if !is_idle && (may() && (answer.is_written() || said.is_some()) || shows_seen) {
            div { class: "answer-acts",
                if shows_seen {
                    button {
                        class: "memo",
                        r#type: "button",
                        tabindex: tab,
                        "data-testid": "saw",
                        onclick: move |event| {
                            event.stop_propagation();
                            acts.open(Open::Seen, &row, None);
                        },
                        Icon { d: icon::EYE, class: "i-xs" }
                        {saw(answer.messages, answer.notes)}
                    }
                }
                if may() && (answer.is_written() || said.is_some()) {
                button {
                    class: "memo",
                    r#type: "button",
                    tabindex: tab,
                    onclick: move |event| {
                        event.stop_propagation();
                        live.answer(room_id, id, if answer.is_written() { AnswerAct::Stop } else { AnswerAct::Again });
                    },
                    if answer.is_written() {
                        Icon { d: icon::SQUARE, class: "i-xs" }
                        "Stop"
                    } else {
                        Icon { d: icon::ROTATE_CW, class: "i-xs" }
                        "Retry"
                    }
                }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_whole_says_nothing_of_its_end() {
        for is_empty in [false, true] {
            assert_eq!(ending(AnswerState::Done, is_empty), None);
            assert_eq!(ending(AnswerState::Writing, is_empty), None);
            let why = AnswerProblem::Unreachable;
            for state in [AnswerState::Cut, AnswerState::Stopped, AnswerState::Interrupted, AnswerState::Failed { why }]
            {
                assert!(ending(state, is_empty).is_some_and(|said| said.ends_with('.')), "{state:?}");
            }
        }
    }
}
