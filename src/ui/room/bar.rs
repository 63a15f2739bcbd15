//! The bar over a conversation: back, who it is with, what they do, and the way to all that can be done about it.

use super::presence::{PresenceLine, Status};
use crate::app::Route;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{Person, Picture, Presence};
use crate::ui::kit::avatar::{Avatar, GroupAvatar, Tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Faces, Page, head_count, use_panel};
use dioxus::prelude::*;

#[component]
pub fn Bar(
    room_id: RoomId,
    title: String,
    peer: Option<Person>,
    /// Of the group.
    picture: Option<Picture>,
    tint: Tint,
) -> Element {
    let live = use_live();
    let panel = use_panel();
    let status = use_memo(move || Status::of(&live.state.read(), room_id));
    let peer_id = peer.as_ref().map(|peer| peer.id);
    let is_online = use_memo(move || {
        let state = live.state.read();
        peer_id.is_some_and(|id| state.presence_of(id) == Some(Presence::Online))
    });
    let navigator = use_navigator();
    rsx! {
        header { class: "info-bar", "data-peer": "", "data-hue": tint.hue(), style: tint.style(),
            button {
                class: "icon-btn only-phone -ms-1 -me-1",
                r#type: "button",
                "aria-label": "Back",
                onclick: move |_| {
                    navigator.push(Route::Home {});
                },
                Icon { d: icon::CHEVRON_LEFT }
            }
            // The whole side is a larger target for the button at the end.
            div { class: "bar-who", onclick: move |_| panel.toggle(Page::Room(room_id)),
                if let Some(peer) = peer.clone() {
                    Avatar { person: peer, size: 42, is_online: is_online() }
                } else if let Some(picture) = picture {
                    GroupAvatar { name: title.clone(), picture, size: 42 }
                } else {
                    GroupFaces { room_id }
                }
                div { class: "min-w-0 flex-1",
                    h2 { class: "who truncate", dir: "auto", "{title}" }
                    // Announced once when it changes, not at every "5 min ago".
                    div { class: "h-5 overflow-hidden truncate",
                        if peer.is_none() && status() == Status::Unknown {
                            GroupCount { room_id }
                        } else {
                            PresenceLine { status: status(), username: peer.as_ref().filter(|peer| !peer.is_deleted).map(|peer| peer.username.clone()) }
                        }
                    }
                }
            }
            span { class: "flex",
                crate::ui::search::FindButton { room_id }
                span { class: "only-wide contents",
                    button { class: "icon-btn", r#type: "button", "aria-label": "Call", title: "Call", onclick: move |_| panel.calls_come_later(),
                        Icon { d: icon::PHONE }
                    }
                    button { class: "icon-btn", r#type: "button", "aria-label": "Video call", title: "Video call", onclick: move |_| panel.calls_come_later(),
                        Icon { d: icon::VIDEO }
                    }
                }
                button {
                    id: "details",
                    class: "icon-btn",
                    r#type: "button",
                    "aria-label": "Details",
                    title: "Details",
                    "aria-expanded": if panel.is_open() { "true" } else { "false" },
                    onclick: move |_| panel.toggle(Page::Room(room_id)),
                    Icon { d: icon::PANEL_RIGHT }
                }
            }
        }
    }
}

/// A few of the others in a group.
#[component]
fn GroupFaces(room_id: RoomId) -> Element {
    let live = use_live();
    let faces = use_memo(move || {
        let state = live.state.read();
        let me = state.me.person.id;
        let Some(room) = state.rooms.get(&room_id) else { return (Vec::new(), 0) };
        let people: Vec<_> = room.summary.people.iter().filter(|person| person.id != me).take(3).cloned().collect();
        let others = usize::try_from(room.summary.member_count).unwrap_or_default().saturating_sub(1);
        let more = others.saturating_sub(people.len());
        (people, u32::try_from(more).unwrap_or_default())
    });
    let (people, more) = faces();
    rsx! {
        if people.is_empty() {
            span { class: "avatar", style: "--s:42px", "aria-hidden": "true", Icon { d: icon::USERS } }
        } else {
            Faces { people, more, size: 34 }
        }
    }
}

/// How many they are, and how many of them are there.
#[component]
fn GroupCount(room_id: RoomId) -> Element {
    let live = use_live();
    let count = use_memo(move || head_count(&live.state.read(), room_id));
    rsx! {
        span { class: "text-sm text-ink-muted", "{count}" }
    }
}
