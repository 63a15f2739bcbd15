//! One chat in the list.

use super::view::{Lead, View};
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::Person;
use crate::ui::kit::avatar::{Avatar, GroupAvatar};
use crate::ui::kit::icon::{BELL_OFF, Icon, PIN};
use crate::ui::kit::{BotTag, Petals, TickMark};
use crate::ui::time::use_clock;
use dioxus::prelude::*;

/// What is inside of a row: picture, name, time, preview, marks.
#[component]
pub fn RowFace(room_id: RoomId, is_current: bool) -> Element {
    let live = use_live();
    let clock = use_clock();
    let view = use_memo(use_reactive((&is_current, &clock.now), move |(is_current, now)| {
        View::of(&live.state.read(), room_id, is_current, now)
    }));
    let view = view.read();
    let Some(view) = view.as_ref() else { return rsx! {} };
    let is_bot = view.peer.as_ref().is_some_and(|peer| peer.is_bot);
    rsx! {
        if let Some(peer) = &view.peer {
            Avatar { person: peer.clone(), size: 48, is_online: view.is_online }
        } else if let Some(picture) = view.picture.clone() {
            GroupAvatar { name: view.title.clone(), picture, size: 48 }
        } else {
            GroupFace { people: view.faces.clone() }
        }
        span {
            class: "row-text",
            "data-peer": "",
            "data-hue": view.tint.hue(),
            style: view.tint.style(),
            // A muted chat does not call.
            "data-unread": (view.tally.is_unread() && !view.is_muted).then_some(""),
            span { class: "flex items-center gap-1.5",
                span { class: "name", dir: "auto", "{view.title}" }
                span { class: "sr-only", {view.spoken()} }
                if is_bot {
                    BotTag {}
                }
                if view.is_muted {
                    Icon { d: BELL_OFF, class: "i-xs text-ink-subtle flex-none" }
                }
                if let Some(at) = view.at {
                    time { class: "when ms-auto", {clock.short(at)} }
                }
            }
            span { class: "row-line",
                if let Some(typing) = &view.typing {
                    span { class: "prev is-typing inline-flex items-center gap-1.5",
                        Petals {}
                        "{typing}"
                    }
                } else {
                    Preview { view: view.clone() }
                }
                Marks { view: view.clone() }
            }
        }
    }
}

#[component]
fn Preview(view: View) -> Element {
    rsx! {
        span { class: "prev", dir: "auto",
            if let Some(tick) = view.tick {
                span { class: "inline-flex align-[-2px] me-1", TickMark { tick } }
            }
            match view.lead {
                Lead::Nothing => rsx! {},
                Lead::Draft => rsx! {
                    span { class: "text-accent-ink font-semibold", "Draft: " }
                },
                Lead::NotSent => rsx! {
                    span { class: "text-danger-ink font-semibold", "Not sent: " }
                },
                Lead::Author(name) => rsx! {
                    b { class: "lead", "{name}: " }
                },
            }
            if let Some(d) = view.glyph {
                Icon { d, class: "i-sm" }
            }
            "{view.preview}"
        }
    }
}

/// What waits: that somebody named me, how many there are, that it is pinned.
#[component]
fn Marks(view: View) -> Element {
    let tally = view.tally;
    let is_muted = view.is_muted.then_some("");
    rsx! {
        if view.is_pinned {
            Icon { d: PIN, class: "i-sm text-ink-subtle flex-none" }
        }
        if tally.mentions > 0 {
            span { class: "badge", role: "img", "data-testid": "mention", "aria-label": "You were mentioned", "@" }
        }
        if tally.count > 0 {
            span { class: "badge", role: "img", "data-testid": "unread", "data-muted": is_muted, "aria-label": "{tally.count} unread",
                if tally.count > 99 {
                    "99+"
                } else {
                    "{tally.count}"
                }
            }
        } else if tally.is_marked {
            span { class: "badge", role: "img", "data-testid": "unread", "data-muted": is_muted, "aria-label": "Marked unread" }
        }
    }
}

/// A small heap of up to three faces.
#[component]
fn GroupFace(people: Vec<Person>) -> Element {
    let sizes: [u16; 3] = match people.len() {
        0 | 1 => [48; 3],
        2 => [32, 30, 0],
        _ => [29, 26, 20],
    };
    let count = people.len();
    match count {
        0 => rsx! {
            span { class: "avatar", "aria-hidden": "true" }
        },
        1 => rsx! {
            for person in people {
                Avatar { person, size: 48 }
            }
        },
        _ => rsx! {
            span { class: "trio", "data-n": "{count}", "aria-hidden": "true",
                for (person , size) in people.into_iter().zip(sizes) {
                    Avatar { key: "{person.id}", person, size }
                }
            }
        },
    }
}
