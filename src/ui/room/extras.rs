//! What stands around a message's text: its quote, its reactions, and lines that are no text.

use super::acts::toggle;
use crate::client::state::{Quote, Row};
use crate::client::use_live;
use crate::id::UserId;
use crate::model::{Role, SystemLine, Who, markup};
use crate::ui::kit::avatar::tint;
use crate::ui::words;
use dioxus::prelude::*;

/// Graphemes of a quoted text.
const QUOTED: usize = 120;

/// The name of a person, or of nobody who is known.
pub fn name_of(live: crate::client::Live, id: UserId) -> String {
    let state = live.state.read();
    if state.me.person.id == id {
        return "You".to_owned();
    }
    state.person(id).map_or_else(|| "Someone".to_owned(), |person| person.display_name.clone())
}

/// The message that a text answers; a press goes there.
#[component]
pub fn QuoteBlock(quote: Quote) -> Element {
    let live = use_live();
    match quote {
        Quote::Loading => rsx! {
            div { class: "quote", "aria-busy": "true", span { class: "t", "…" } }
        },
        Quote::Gone => rsx! {
            div { class: "quote", span { class: "t", "This message isn't available." } }
        },
        Quote::Here(message) => {
            let (room_id, seq) = (message.room_id, message.seq);
            let name = name_of(live, message.author_id);
            let hue = live.state.peek().person(message.author_id).map(|person| tint(person));
            let text = match &message.deleted {
                Some(_) => "Deleted message".to_owned(),
                None => markup::excerpt(message.body.as_str(), QUOTED),
            };
            rsx! {
                button {
                    class: "quote",
                    r#type: "button",
                    "data-peer": "",
                    "data-hue": hue,
                    "data-testid": "quote",
                    onclick: move |_| live.jump_to(room_id, seq),
                    span {
                        b { "{name}" }
                        span { class: "t", "{text}" }
                    }
                }
            }
        }
    }
}

/// Reactions under a message; a press adds mine or takes it back, the names are in the tooltip.
#[component]
pub fn Reactions(row: Row) -> Element {
    let live = use_live();
    let views: Vec<(String, usize, bool, String)> = row
        .reactions()
        .map(|view| {
            let names: Vec<String> = view.by.iter().take(12).map(|id| name_of(live, *id)).collect();
            let more = view.by.len().saturating_sub(names.len());
            let names = match more {
                0 => names.join(", "),
                more => format!("{} and {}", names.join(", "), words::count(more, "other", "others")),
            };
            (view.emoji.to_owned(), view.by.len(), view.is_mine, names)
        })
        .collect();
    if views.is_empty() {
        return rsx! {};
    }
    rsx! {
        div { class: "reacts", role: "group", "aria-label": "Reactions",
            for (emoji , count , is_mine , names) in views {
                button {
                    key: "{emoji}",
                    class: "react",
                    r#type: "button",
                    title: "{names}",
                    "aria-pressed": if is_mine { "true" } else { "false" },
                    "aria-label": "{emoji} {count}: {names}",
                    "data-testid": "reaction",
                    onclick: {
                        let (row, emoji) = (row.clone(), emoji.clone());
                        move |_| toggle(live, &row, &emoji)
                    },
                    span { class: "e", "aria-hidden": "true", "{emoji}" }
                    span { "{count}" }
                }
            }
        }
    }
}

/// A line of the room itself.
#[component]
pub fn SystemRow(row: Row) -> Element {
    let live = use_live();
    let Some(line) = row.system().cloned() else { return rsx! {} };
    let actor = name_of(live, row.author_id());
    let names = |ids: &[UserId]| ids.iter().map(|id| name_of(live, *id)).collect::<Vec<_>>().join(", ");
    let text = match line {
        SystemLine::Created { name } => format!("{actor} created the group “{name}”"),
        SystemLine::Added { users } => format!("{actor} added {}", names(&users)),
        SystemLine::Joined => format!("{actor} joined by an invite link"),
        SystemLine::Left => format!("{actor} left"),
        SystemLine::Removed { user } => format!("{actor} removed {}", name_of(live, user)),
        SystemLine::Renamed { name } => format!("{actor} named the group “{name}”"),
        SystemLine::Described => format!("{actor} changed the description"),
        SystemLine::Role { user, role: Role::Member } => format!("{actor} made {} a member", name_of(live, user)),
        SystemLine::Role { user, .. } => format!("{actor} made {} an admin", name_of(live, user)),
        SystemLine::Owner { user } => format!("{} owns the group now", name_of(live, user)),
        SystemLine::Pinned { .. } => format!("{actor} pinned a message"),
        SystemLine::HistoryShown { all: true } => format!("{actor} let new members see the whole history"),
        SystemLine::HistoryShown { all: false } => format!("{actor} lets new members see what comes after they join"),
        SystemLine::SlowMode { seconds: 0 } => format!("{actor} ended slow mode"),
        SystemLine::SlowMode { seconds } => {
            format!("{actor} set slow mode: one message every {}", words::duration(u64::from(seconds) * 1_000))
        }
        SystemLine::PinsBy { who: Who::Everyone } => format!("{actor} lets everyone pin messages"),
        SystemLine::PinsBy { who: Who::Admins } => format!("{actor} lets only admins pin messages"),
        SystemLine::Unknown => return rsx! {},
    };
    rsx! {
        li { class: "sys", "data-testid": "system", "data-key": "{row.key}", "data-seq": row.seq.map(|seq| seq.to_string()),
            "{text}"
        }
    }
}
