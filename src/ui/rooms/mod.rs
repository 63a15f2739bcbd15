//! The pane of chats.

mod row;

use crate::app::Route;
use crate::client::use_live;
use crate::id::RoomId;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Avatar, Brand};
use crate::ui::shell::{ConnectionLine, MainMenu};
use crate::ui::words;
use dioxus::prelude::*;
use row::RoomRow;

#[component]
pub fn RoomList(current: Signal<Option<RoomId>>) -> Element {
    let live = use_live();
    let navigator = use_navigator();
    let route = use_route::<Route>();
    let rooms = use_memo(move || live.state.read().rooms_by_activity());
    // The line stands in the room while one is open.
    let has_line = !matches!(route, Route::Room { .. });
    let new_chat = move |_| {
        navigator.push(Route::New {});
    };
    rsx! {
        nav { class: "pane-list", "aria-label": "Chats",
            header { class: "flex items-center gap-2.5 ps-3 pe-1 pt-3.5 pb-2.5",
                Brand { size: 27 }
                h1 { class: "font-display text-xl font-bold tracking-[-.025em]", "Lavender" }
                span { class: "ms-auto" }
                button { class: "icon-btn list-new", r#type: "button", "aria-label": "New chat", title: "New chat", onclick: new_chat,
                    Icon { d: icon::SQUARE_PEN }
                }
                MainMenu {}
            }
            div { class: "px-1 pb-2.5 only-wide",
                Link { class: "search w-full", to: Route::New {},
                    Icon { d: icon::SEARCH, class: "i-sm" }
                    span { class: "flex-1 text-start", "Search people" }
                    span { class: "kbd", "aria-hidden": "true", "Ctrl K" }
                }
            }
            if has_line {
                ConnectionLine {}
            }
            RequestsEntry {}
            if rooms.read().is_empty() {
                div { class: "grid justify-items-center text-center px-6 py-10 text-ink-muted",
                    p { class: "font-semibold text-ink", "No chats yet" }
                    p { class: "text-sm mt-1", "Find people by name and send them a request." }
                }
            } else {
                ul { class: "rows scroll flex flex-col gap-0.5 pb-4",
                    for room_id in rooms() {
                        li { key: "{room_id}", RoomRow { room_id, is_current: current() == Some(room_id) } }
                    }
                }
            }
            div { class: "list-dock only-phone",
                div { class: "flex gap-2.5 items-center",
                    Link { class: "search flex-1 shadow-2", to: Route::New {},
                        Icon { d: icon::SEARCH }
                        span { class: "flex-1 text-start", "Search people" }
                    }
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
