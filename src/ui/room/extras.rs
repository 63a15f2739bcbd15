//! What stands around a message's text: its quote, and lines that are no text. And people, as lists show them.

use super::acts::Acts;
use super::attachments::Thumb;
use crate::client::state::{Quote, Row};
use crate::client::{Live, use_live};
use crate::id::UserId;
use crate::model::{Attachment, Message, Seq, SystemLine};
use crate::time::Timestamp;
use crate::ui::kit::avatar::{Avatar, Tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::time::use_clock;
use crate::ui::{system_line, words};
use dioxus::prelude::*;

/// Graphemes of a quoted text.
pub const QUOTED: usize = 120;

/// The name of a person, or of nobody who is known.
pub fn name_of(live: Live, id: UserId) -> String {
    let state = live.state.read();
    if state.me.person.id == id {
        return "You".to_owned();
    }
    state.person(id).map_or_else(|| "Someone".to_owned(), |person| person.display_name.clone())
}

/// Names that follow their people. Whoever calls it renders anew only when one of them changes.
pub fn use_names(ids: Vec<UserId>) -> Vec<String> {
    let live = use_live();
    use_memo(use_reactive(&ids, move |ids| ids.into_iter().map(|id| name_of(live, id)).collect::<Vec<_>>()))()
}

/// Who wrote a text first.
#[component]
pub fn Forwarded(id: UserId) -> Element {
    let name = use_names(vec![id]).concat();
    rsx! {
        span { class: "fwd", "Forwarded from {name}" }
    }
}

/// The picture that stands for a message beside its words.
pub fn thumb_of(message: &Message) -> Option<Attachment> {
    let files = message.attachments.iter().filter(|_| message.deleted.is_none());
    { files }.find(|file| file.kind.has_pictures()).cloned()
}

/// The message that a text answers; a press goes there. `is_stop`: the keyboard comes here.
#[component]
pub fn QuoteBlock(quote: Quote, is_stop: bool) -> Element {
    let live = use_live();
    let author = match &quote {
        Quote::Here(message) => Some(message.author_id),
        _ => None,
    };
    let name = use_names(author.into_iter().collect()).concat();
    match quote {
        Quote::Loading => rsx! {
            div { class: "quote", "aria-busy": "true", span { class: "t", "…" } }
        },
        Quote::Gone => rsx! {
            div { class: "quote", span { class: "t", "This message isn't available." } }
        },
        Quote::Here(message) => {
            let (room_id, seq) = (message.room_id, message.seq);
            let tint = live.state.peek().person(message.author_id).map(|person| Tint::of(person));
            let text = match &message.deleted {
                Some(_) => "Deleted message".to_owned(),
                None => words::said(&live.state.peek(), &message, QUOTED),
            };
            let thumb = thumb_of(&message);
            rsx! {
                button {
                    class: if thumb.is_some() { "quote has-thumb" } else { "quote" },
                    r#type: "button",
                    tabindex: if is_stop { "0" } else { "-1" },
                    "data-peer": "",
                    "data-hue": tint.and_then(Tint::hue),
                    style: tint.and_then(Tint::style),
                    "data-testid": "quote",
                    onclick: move |_| live.jump_to(room_id, seq),
                    if let Some(file) = thumb.clone() {
                        Thumb { file, size: 36 }
                    }
                    span {
                        span { class: "sr-only", "Answer to " }
                        b { "{name}" }
                        span { class: "t", "{text}" }
                    }
                }
            }
        }
    }
}

/// A line of the room itself; several that say the same of different people are one.
#[component]
pub fn SystemRow(rows: Vec<Row>, #[props(default)] is_new: bool) -> Element {
    let live = use_live();
    let text = use_memo(use_reactive(&rows, move |rows| {
        let row = rows.last()?;
        let line = row.system()?;
        let state = live.state.read();
        if rows.len() == 1 {
            return system_line::sentence(&state, line, row.author_id());
        }
        let people = rows.iter().flat_map(|row| match row.system() {
            Some(SystemLine::Added { users }) => users.clone(),
            _ => vec![row.author_id()],
        });
        Some(system_line::together(&state, line, &people.collect::<Vec<UserId>>()))
    }));
    let (Some(row), Some(text)) = (rows.last(), text()) else { return rsx! {} };
    let pinned: Option<Seq> = match row.system() {
        Some(SystemLine::Pinned { seq, .. }) => Some(*seq),
        _ => None,
    };
    let room_id = row.message.room_id;
    rsx! {
        li { class: "sys", "data-testid": "system", "data-new": is_new.then_some(""), "data-key": "{row.key}", "data-seq": row.seq.map(|seq| seq.to_string()),
            if let Some(seq) = pinned {
                button { r#type: "button", class: "hover:underline", onclick: move |_| live.jump_to(room_id, seq), "{text}" }
            } else {
                "{text}"
            }
        }
    }
}

/// Somebody in a list: picture, name, a second line, and what stands at the end.
#[component]
pub fn PersonLine(id: UserId, #[props(default)] sub: String, children: Element) -> Element {
    let live = use_live();
    let person = use_memo(move || live.state.read().person(id).map(|person| (**person).clone()));
    let name = use_names(vec![id]).concat();
    rsx! {
        div { class: "ln",
            if let Some(person) = person() {
                Avatar { person, size: 36 }
            } else {
                span { class: "group-mark", "aria-hidden": "true" }
            }
            span { class: "min-w-0 flex-1",
                span { class: "block truncate font-medium", "{name}" }
                if !sub.is_empty() {
                    span { class: "block text-sm text-ink-muted", "{sub}" }
                }
            }
            {children}
        }
    }
}

/// A message in a list: a press goes there.
#[component]
pub fn MessageLink(name: String, at: Timestamp, text: String, on_go: Callback<()>) -> Element {
    let clock = use_clock();
    rsx! {
        button { class: "ln", r#type: "button", onclick: move |_| on_go.call(()),
            span { class: "flex-1 min-w-0",
                span { class: "flex gap-2 text-sm",
                    b { class: "font-semibold truncate", dir: "auto", "{name}" }
                    time { class: "text-ink-subtle ms-auto flex-none", {clock.short(at)} }
                }
                span { class: "block intro-text", dir: "auto", "{text}" }
            }
            Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" }
        }
    }
}

/// In place of a message of somebody I blocked, until it is asked for.
#[component]
pub fn Blocked(on_show: Callback<()>) -> Element {
    rsx! {
        button { class: "gone-text underline", r#type: "button", onclick: move |_| on_show.call(()), "Message from someone you blocked. Show it" }
    }
}

/// The buttons beside a message, for a mouse; keys and the menu do the same.
#[component]
pub fn HoverTools(row: Row) -> Element {
    use super::acts::{Do, Open};
    let acts = use_context::<Acts>();
    let offered = acts.offered(&row);
    let tool = |name: &'static str, glyph: &'static str, press: Callback<()>| {
        rsx! {
            button { class: "icon-btn", r#type: "button", tabindex: "-1", "aria-label": name, title: name, onclick: move |_| press.call(()),
                Icon { d: glyph, class: "i-sm" }
            }
        }
    };
    let (react, reply) = (row.clone(), row.clone());
    let react = use_callback(move |()| acts.open(Open::React, &react, None));
    let reply = use_callback(move |()| acts.run(Do::Reply, &reply));
    let can_react = acts.can_react(&row);
    let can_reply = offered.contains(&Do::Reply);
    let more = use_callback(move |()| acts.open(Open::Menu, &row, None));
    rsx! {
        div { class: "hover-tools",
            if can_react {
                {tool("React", icon::SMILE_PLUS, react)}
            }
            if can_reply {
                {tool("Reply", icon::REPLY, reply)}
            }
            {tool("More", icon::ELLIPSIS, more)}
        }
    }
}
