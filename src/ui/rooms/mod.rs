//! The pane of chats.

mod filters;
mod list;
mod menu;
mod row;
mod view;

use crate::app::Route;
use crate::client::state::ListFilter;
use crate::client::use_live;
use crate::id::RoomId;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Avatar, Brand};
use crate::ui::search::SearchEntry;
use crate::ui::shell::{ConnectionLine, MainMenu};
use crate::ui::words;
use dioxus::prelude::*;
use filters::{Filters, Nothing, PANEL, tab_id};
use list::Rows;
use std::rc::Rc;

#[component]
pub fn RoomList(current: Signal<Option<RoomId>>) -> Element {
    let live = use_live();
    let navigator = use_navigator();
    let route = use_route::<Route>();
    let filter = use_signal(ListFilter::default);
    let rooms = use_memo(move || Rc::new(live.state.read().list(filter())));
    let is_empty = use_memo(move || rooms.read().is_empty());
    // The line stands in the room while one is open.
    let has_line = !matches!(route, Route::Room { .. });
    let new_chat = move |_| {
        navigator.push(Route::New {});
    };
    rsx! {
        div { class: "pane-list", role: if route == (Route::Home {}) { "main" } else { "navigation" }, "aria-label": "Chats",
            div { class: "flex items-center gap-2.5 ps-3 pe-1 pt-3.5 pb-2.5",
                Brand { size: 27 }
                h1 { class: "font-display text-xl font-bold tracking-[-.025em]", "Lavender" }
                span { class: "ms-auto" }
                button { class: "icon-btn list-new", r#type: "button", "aria-label": "New chat", title: "New chat", onclick: new_chat,
                    Icon { d: icon::SQUARE_PEN }
                }
                MainMenu {}
            }
            div { class: "px-1 pb-2.5 only-wide",
                SearchEntry { class: "search w-full", has_key: true }
            }
            if has_line {
                ConnectionLine {}
            }
            Filters { filter }
            div {
                id: PANEL,
                class: "rooms-panel",
                role: if filter() == ListFilter::Archived { "region" } else { "tabpanel" },
                "aria-labelledby": tab_id(filter()),
                "aria-label": (filter() == ListFilter::Archived).then_some("Archived"),
                if filter() == ListFilter::Unread && !is_empty() {
                    button { class: "btn btn-quiet list-tool", r#type: "button", onclick: move |_| {
                            live.mark_all_read(None);
                        },
                        Icon { d: icon::CHECK_CHECK, class: "i-sm" }
                        "Mark all read"
                    }
                }
                Rows { rooms, current,
                    // They scroll away with the rows: a small window has no room to spare.
                    if filter() == ListFilter::All {
                        RequestsEntry {}
                        ArchiveEntry { filter }
                    }
                    if is_empty() {
                        Nothing { filter: filter() }
                    }
                }
            }
            div { class: "list-dock only-phone",
                div { class: "flex gap-2.5 items-center",
                    SearchEntry { class: "search flex-1 shadow-2" }
                    button { class: "send shadow-2", r#type: "button", "aria-label": "New chat", onclick: new_chat,
                        Icon { d: icon::SQUARE_PEN }
                    }
                }
            }
        }
    }
}

/// Who asks to talk, with a way to answer.
#[component]
fn RequestsEntry() -> Element {
    let live = use_live();
    let requests = use_memo(move || {
        let state = live.state.read();
        let incoming = state.incoming();
        let faces: Vec<_> = incoming.iter().take(3).map(|request| request.from.clone()).collect();
        (incoming.len(), state.outgoing().len(), faces)
    });
    let (incoming, outgoing, faces) = requests();
    if incoming == 0 && outgoing == 0 {
        return rsx! {};
    }
    let text = if incoming > 0 {
        words::count(incoming, "message request", "message requests")
    } else {
        words::count(outgoing, "request sent", "requests sent")
    };
    rsx! {
        Link { class: if incoming > 0 { "requests-entry" } else { "requests-entry requests-quiet" }, to: Route::Requests {},
            if faces.is_empty() {
                Icon { d: icon::HOURGLASS, class: "i-sm" }
            } else {
                span { class: "stack",
                    for person in faces {
                        Avatar { key: "{person.id}", person, size: 28 }
                    }
                }
            }
            span { "{text}" }
            span { class: "ms-auto", Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" } }
        }
    }
}

/// The way into the archive, when there is something in it.
#[component]
fn ArchiveEntry(filter: Signal<ListFilter>) -> Element {
    let mut filter = filter;
    let live = use_live();
    let count = use_memo(move || live.state.read().archived_count());
    if count() == 0 {
        return rsx! {};
    }
    rsx! {
        button { class: "requests-entry requests-quiet", r#type: "button", onclick: move |_| filter.set(ListFilter::Archived),
            Icon { d: icon::ARCHIVE, class: "i-sm" }
            span { "Archived" }
            span { class: "ms-auto inline-flex items-center gap-1.5",
                "{count}"
                Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" }
            }
        }
    }
}
