//! What a model was shown for an answer: its messages, as links, its notes and its summary.

use super::acts::{Acts, Open};
use super::extras::{MessageLink, name_of};
use crate::api;
use crate::client::state::Row;
use crate::model::memory::{Seen, SeenView};
use crate::model::{Message, Person};
use crate::ui::kit::Dialog;
use crate::ui::panel::{Load, LoadView, use_load};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

/// Characters of a message.
const SHOWN_CHARS: usize = 160;

#[component]
pub fn SeenSheet(row: Row) -> Element {
    let acts = use_context::<Acts>();
    let (room_id, id) = (row.message.room_id, row.message.id);
    let (load, retry) = use_load(move || Box::pin(api::memory::seen(room_id, id)));
    rsx! {
        Dialog { title: "What the AI saw", on_close: move |()| acts.close(Open::Seen),
            match load() {
                Load::Waiting => rsx! { LoadView { on_retry: retry } },
                Load::Failed(failed) => rsx! { LoadView { failed, on_retry: retry } },
                Load::Here(view) => rsx! { SeenList { view } },
            }
        }
    }
}

/// `qwen3 on this server`
fn place(seen: &Seen) -> String {
    match &seen.host {
        Some(host) => format!("{}, at {host}", seen.model),
        None => format!("{}, on this server", seen.model),
    }
}

#[component]
fn SeenList(view: SeenView) -> Element {
    let clock = use_clock();
    let SeenView { seen, messages, notes, summary, people } = view;
    let hidden = usize::try_from(seen.hidden).unwrap_or(usize::MAX);
    let gone = seen.messages.len().saturating_sub(messages.len());
    let notes_gone = seen.notes.len().saturating_sub(notes.len());
    let count = words::count(seen.messages.len(), "message", "messages");
    rsx! {
        div { class: "grid gap-4", "data-testid": "seen",
            p { class: "text-ink-muted intro-text",
                {format!("For this answer {} of this room went to {}, {}. No files, ids or other rooms.", count, place(&seen), clock.short(seen.at))}
            }
            if !notes.is_empty() || notes_gone > 0 {
                section { class: "grid gap-1",
                    h3 { class: "font-semibold", "Notes" }
                    ul { class: "grid gap-1 list-disc ps-5",
                        for note in notes {
                            li { key: "{note.id}", class: "intro-text", dir: "auto", "{note.text}" }
                        }
                    }
                    if notes_gone > 0 {
                        p { class: "hint", {format!("{} not kept any more.", words::count(notes_gone, "note is", "notes are"))} }
                    }
                }
            }
            if let Some(summary) = summary {
                section { class: "grid gap-1",
                    h3 { class: "font-semibold", "Summary of what was before" }
                    p { class: "whitespace-pre-wrap intro-text", dir: "auto", "{summary}" }
                }
            } else if seen.summary.is_some() {
                p { class: "hint", "A summary of what was before, which is not kept any more." }
            }
            section { class: "grid gap-1",
                h3 { class: "font-semibold", "Messages" }
                ol { "aria-label": "Messages",
                    for message in messages {
                        SeenLine { key: "{message.id}", by: people.iter().find(|person| person.id == message.author_id).cloned(), message }
                    }
                }
                if gone > 0 {
                    p { class: "hint", {format!("{} deleted since, or not yours to see.", words::count(gone, "message was", "messages were"))} }
                }
                if hidden > 0 {
                    p { class: "hint", {format!("Of {} it only saw that there is one.", words::count(hidden, "hidden message", "hidden messages"))} }
                }
            }
        }
    }
}

/// A press goes there.
#[component]
fn SeenLine(by: Option<Person>, message: Message) -> Element {
    let acts = use_context::<Acts>();
    let (room_id, seq) = (message.room_id, message.seq);
    let name = by.map_or_else(|| name_of(acts.live, message.author_id), |person| person.display_name);
    let said = words::said(&acts.live.state.peek(), &message, SHOWN_CHARS);
    let go = move |()| {
        acts.close(Open::Seen);
        acts.live.jump_to(room_id, seq);
    };
    rsx! {
        li { "data-testid": "seen-message",
            MessageLink { name, at: message.created_at, text: said, on_go: go }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn a_model_is_said_with_its_place() {
        let local = Seen {
            at: Timestamp(0),
            model: "m".to_owned(),
            host: None,
            messages: Vec::new(),
            hidden: 0,
            notes: Vec::new(),
            summary: None,
        };
        assert_eq!(place(&local), "m, on this server");
        assert_eq!(place(&Seen { host: Some("api.example.com".to_owned()), ..local }), "m, at api.example.com");
    }
}
