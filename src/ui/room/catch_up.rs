//! What I missed, in some lines, each of which leads to its message. For me alone.

use super::acts::Acts;
use super::extras::MessageLink;
use crate::api;
use crate::model::{CatchUp, CatchUpLine, Person, Seq};
use crate::ui::kit::Dialog;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Load, LoadView, use_load};
use crate::ui::words;
use dioxus::prelude::*;

/// Fewer are read as quickly as a list of them.
const WORTH: usize = 8;

/// On the mark of what is new.
#[component]
pub fn CatchUpButton(after: Seq, count: usize) -> Element {
    let acts = use_hook(try_consume_context::<Acts>);
    let Some(acts) = acts.filter(|_| count >= WORTH) else { return rsx! {} };
    rsx! {
        button { class: "memo", r#type: "button", onclick: move |_| acts.catch_up(Some(after)),
            Icon { d: icon::SPARKLES, class: "i-xs" }
            "Catch me up"
        }
    }
}

#[component]
pub fn CatchUpSheet(after: Seq) -> Element {
    let acts = use_context::<Acts>();
    let room_id = acts.visit.room_id;
    let (load, retry) = use_load(move || Box::pin(api::memory::catch_up(room_id, after)));
    rsx! {
        Dialog { title: "What you missed", on_close: move |()| acts.catch_up(None),
            match load() {
                Load::Waiting => rsx! { LoadView { on_retry: retry } },
                Load::Failed(failed) => rsx! { LoadView { failed, on_retry: retry } },
                Load::Here(found) => rsx! { Lines { found } },
            }
        }
    }
}

/// `Of 120 messages by qwen3. Only you see this.`
fn source(found: &CatchUp) -> String {
    let count = words::count(usize::try_from(found.looked_at).unwrap_or(usize::MAX), "message", "messages");
    let by = match &found.model {
        Some(model) => format!("Written by {model} from {count}; it can be wrong."),
        None => format!("Chosen from {count} by rules, in their own words."),
    };
    let earlier = match found.earlier {
        0 => String::new(),
        earlier => format!(" {earlier} before those were not looked at."),
    };
    format!("{by}{earlier} Only you see this.")
}

#[component]
fn Lines(found: CatchUp) -> Element {
    let said = source(&found);
    let CatchUp { lines, people, .. } = found;
    rsx! {
        div { class: "grid gap-3", "data-testid": "catch-up",
            if lines.is_empty() {
                p { "Nothing stands out: no questions, plans or mentions of you." }
            } else {
                ul { "aria-label": "What you missed",
                    for line in lines {
                        OneLine {
                            key: "{line.message_id}",
                            by: people.iter().find(|person| person.id == line.author_id).cloned(),
                            line,
                        }
                    }
                }
            }
            p { class: "hint", "{said}" }
        }
    }
}

/// A press goes to its message.
#[component]
fn OneLine(by: Option<Person>, line: CatchUpLine) -> Element {
    let acts = use_context::<Acts>();
    let name = by.map_or_else(|| "Someone".to_owned(), |person| person.display_name);
    let seq = line.seq;
    let go = move |()| {
        acts.catch_up(None);
        acts.live.jump_to(acts.visit.room_id, seq);
    };
    rsx! {
        li { "data-testid": "catch-up-line",
            MessageLink { name, at: line.at, text: line.text, on_go: go }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_where_it_comes_from() {
        let by_rules = CatchUp { lines: Vec::new(), looked_at: 12, earlier: 0, model: None, people: Vec::new() };
        assert_eq!(source(&by_rules), "Chosen from 12 messages by rules, in their own words. Only you see this.");
        let by_model = CatchUp { looked_at: 1, earlier: 40, model: Some("m".to_owned()), ..by_rules };
        let said =
            "Written by m from 1 message; it can be wrong. 40 before those were not looked at. Only you see this.";
        assert_eq!(source(&by_model), said);
    }
}
