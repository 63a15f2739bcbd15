//! Searching: one box for people, chats, messages and commands (Ctrl K), and a bar for what stands in one chat (Ctrl F).

mod answers;
mod commands;
mod find;
mod hints;
mod line;
mod marks;
mod names;
mod palette;
mod sections;

pub use find::{FIELD, FindBar};
pub use marks::{Marks, use_marks};
pub use palette::Palette;

use crate::id::RoomId;
use crate::model::{RoomHit, Seq};
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;
use std::rc::Rc;

/// What was found in the room that is searched; `at` is the place of the current one.
#[derive(Clone, PartialEq)]
struct Finding {
    room_id: RoomId,
    /// Newest first.
    hits: Rc<Vec<RoomHit>>,
    at: usize,
}

impl Finding {
    fn current(&self) -> Option<Seq> {
        self.hits.get(self.at).map(|hit| hit.seq)
    }
}

/// What is open. Copy; all of it is signals.
#[derive(Clone, Copy, PartialEq)]
pub struct Search {
    is_open: Signal<bool>,
    finding: Signal<Option<Finding>>,
}

impl Search {
    pub fn is_open(self) -> bool {
        *self.is_open.peek()
    }

    /// Opens the box, empty.
    pub fn open(mut self) {
        self.is_open.set(true);
    }

    pub fn close(mut self) {
        self.is_open.set(false);
    }

    /// The room whose bar is open. A subscription.
    pub fn room(self) -> Option<RoomId> {
        self.finding.read().as_ref().map(|finding| finding.room_id)
    }

    /// Opens the bar of a room.
    pub fn find_in(mut self, room_id: RoomId) {
        if self.finding.peek().as_ref().is_none_or(|finding| finding.room_id != room_id) {
            self.finding.set(Some(Finding { room_id, hits: Rc::default(), at: 0 }));
        }
        find::focus();
    }

    /// Whether the bar is open.
    pub fn is_finding(self) -> bool {
        self.finding.peek().is_some()
    }

    /// Closes the bar; the composer gets the focus.
    pub fn end_find(mut self) {
        self.finding.set(None);
        find::leave();
    }
}

/// Provides it to everything below.
pub fn use_provide_search() -> Search {
    use_context_provider(|| Search { is_open: Signal::new(false), finding: Signal::new(None) })
}

pub fn use_search() -> Search {
    use_context()
}

/// The way into the box, in the shape of a field.
#[component]
pub fn SearchEntry(class: &'static str, #[props(default)] has_key: bool) -> Element {
    let size = if has_key { "i-sm" } else { "" };
    let search = use_hook(try_consume_context::<Search>);
    rsx! {
        button {
            class,
            r#type: "button",
            "aria-haspopup": "dialog",
            "data-testid": "search",
            onclick: move |_| {
                if let Some(search) = search {
                    search.open();
                }
            },
            Icon { d: icon::SEARCH, class: size }
            span { class: "flex-1 text-start", "Search" }
            if has_key {
                span { class: "kbd", "aria-hidden": "true", "Ctrl K" }
            }
        }
    }
}

/// Opens the bar of a room.
#[component]
pub fn FindButton(room_id: RoomId) -> Element {
    let search = use_hook(try_consume_context::<Search>);
    rsx! {
        button {
            class: "icon-btn",
            r#type: "button",
            "aria-label": "Search in this chat",
            title: "Search in this chat",
            onclick: move |_| {
                if let Some(search) = search {
                    search.find_in(room_id);
                }
            },
            Icon { d: icon::SEARCH }
        }
    }
}
