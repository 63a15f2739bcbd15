//! Passing messages on to other rooms.

use super::acts::{Acts, Open};
use crate::client::state::{Row, State};
use crate::id::RoomId;
use crate::model::{Person, Picture};
use crate::ui::kit::avatar::{Avatar, GroupAvatar};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Dialog, Toast, use_toasts};
use crate::ui::words;
use dioxus::prelude::*;

/// Rooms to send to at once.
const MAX: usize = 20;

#[derive(Clone, PartialEq)]
struct Target {
    id: RoomId,
    title: String,
    peer: Option<Person>,
    /// Of a group.
    picture: Option<Picture>,
}

/// Rooms that can be written to, newest first, whose name has the filter in it.
fn targets(state: &State, filter: &str) -> Vec<Target> {
    let me = state.me.person.id;
    let filter = filter.trim().to_lowercase();
    let rooms = state.rooms_by_activity().into_iter();
    rooms
        .filter_map(|id| {
            let summary = &state.rooms.get(&id)?.summary;
            let (title, peer) = (summary.title(me), summary.peer(me).cloned());
            let fits = title.to_lowercase().contains(&filter)
                || peer.as_ref().is_some_and(|peer| peer.username.contains(&filter));
            (summary.can_send && fits).then(|| Target { id, title, peer, picture: summary.room.picture.clone() })
        })
        .collect()
}

#[component]
pub fn ForwardDialog(rows: Vec<Row>) -> Element {
    let acts = use_context::<Acts>();
    let toasts = use_toasts();
    let mut filter = use_signal(String::new);
    let mut chosen = use_signal(Vec::<RoomId>::new);
    let mut problem = use_signal(|| None::<String>);
    let targets = use_memo(move || targets(&acts.live.state.read(), &filter.read()));
    let ids: Vec<_> = rows.iter().filter(|row| !row.is_deleted()).filter_map(Row::id).collect();
    let from = acts.visit.room_id;
    let send = move |_| {
        let rooms = chosen.peek().clone();
        match acts.live.forward(from, &ids, &rooms) {
            Ok(_) => {
                acts.live.clear_selection(from);
                acts.close(Open::Forward);
                let chats = words::count(rooms.len(), "chat", "chats");
                toasts.show(Toast::new(format!("Forwarded to {chats}")).icon(icon::FORWARD));
            }
            Err(error) => problem.set(Some(words::error(&error))),
        }
    };
    let count = chosen.read().len();
    rsx! {
        Dialog { title: "Forward to", class: "forward", on_close: move |()| acts.close(Open::Forward),
            label { class: "search mb-2", "data-sunken": "",
                Icon { d: icon::SEARCH, class: "i-sm" }
                input {
                    class: "find-in",
                    r#type: "search",
                    "data-autofocus": "",
                    "aria-label": "Find a chat",
                    placeholder: "Find a chat",
                    autocomplete: "off",
                    value: "{filter}",
                    oninput: move |event| filter.set(event.value()),
                }
            }
            ul { class: "forward-list scroll", "aria-label": "Chats",
                for target in targets() {
                    li { key: "{target.id}",
                        label { class: "ln",
                            input {
                                r#type: "checkbox",
                                class: "check",
                                checked: chosen.read().contains(&target.id),
                                disabled: count >= MAX && !chosen.read().contains(&target.id),
                                onchange: move |event| {
                                    chosen.write().retain(|id| *id != target.id);
                                    if event.checked() {
                                        chosen.write().push(target.id);
                                    }
                                },
                            }
                            if let Some(peer) = target.peer {
                                Avatar { person: peer, size: 36 }
                            } else if let Some(picture) = target.picture {
                                GroupAvatar { name: target.title.clone(), picture, size: 36 }
                            } else {
                                span { class: "group-mark", "aria-hidden": "true", Icon { d: icon::USERS, class: "i-sm" } }
                            }
                            span { class: "min-w-0 truncate", "{target.title}" }
                        }
                    }
                }
            }
            if targets.read().is_empty() {
                p { class: "p-3 text-ink-muted", role: "status", "No chat of that name." }
            }
            if let Some(problem) = problem() {
                p { class: "hint mt-2", "data-error": "", role: "alert", "{problem}" }
            }
            button { class: "btn btn-primary w-full mt-4", r#type: "button", disabled: count == 0, onclick: send,
                if count == 0 {
                    "Choose a chat"
                } else {
                    {format!("Forward to {}", words::count(count, "chat", "chats"))}
                }
            }
        }
    }
}
