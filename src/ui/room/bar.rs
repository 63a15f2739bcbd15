//! The bar over a conversation: back, who it is with, what they do, and a menu.

use super::presence::{PresenceLine, Status};
use crate::api;
use crate::app::Route;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{Person, Presence};
use crate::ui::kit::avatar::{Avatar, tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{MenuButton, MenuItem, MenuLabel, Toast, use_toasts};
use crate::ui::shell::MainMenu;
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Bar(room_id: RoomId, title: String, peer: Option<Person>) -> Element {
    let live = use_live();
    let status = use_memo(move || Status::of(&live.state.read(), room_id));
    let peer_id = peer.as_ref().map(|peer| peer.id);
    let is_online = use_memo(move || {
        let state = live.state.read();
        peer_id.is_some_and(|id| state.presence_of(id) == Some(Presence::Online))
    });
    let navigator = use_navigator();
    rsx! {
        header { class: "info-bar", "data-peer": "", "data-hue": peer.as_ref().map(tint),
            button {
                class: "icon-btn only-phone -ms-1 -me-1",
                r#type: "button",
                "aria-label": "Back",
                onclick: move |_| {
                    navigator.push(Route::Home {});
                },
                Icon { d: icon::CHEVRON_LEFT }
            }
            if let Some(peer) = peer.clone() {
                Avatar { person: peer, size: 42, is_online: is_online() }
            }
            div { class: "min-w-0 flex-1",
                h2 { class: "who truncate", "{title}" }
                // Announced once when it changes, not at every "5 min ago".
                div { class: "h-5 overflow-hidden truncate", PresenceLine { status: status(), username: peer.as_ref().map(|peer| peer.username.clone()) } }
            }
            if let Some(peer) = peer.clone() {
                div { class: "only-wide contents", PeerMenu { room_id, peer: peer.clone() } }
                div { class: "only-phone", MainMenu { peer } }
            }
        }
    }
}

/// What can be done about a person.
#[component]
fn PeerMenu(room_id: RoomId, peer: Person) -> Element {
    let is_open = use_signal(|| false);
    let name = words::first_name(&peer.display_name).to_owned();
    rsx! {
        MenuButton { name: "More about {name}", is_open, face: rsx! { Icon { d: icon::ELLIPSIS } },
            MenuLabel { "@{peer.username}" }
            BlockItem { room_id, peer, is_open }
        }
    }
}

/// "Block Mira" or "Unblock Mira".
#[component]
pub fn BlockItem(room_id: RoomId, peer: Person, is_open: Signal<bool>) -> Element {
    let live = use_live();
    let mut is_open = is_open;
    let toasts = use_toasts();
    let is_blocked =
        use_memo(move || live.state.read().rooms.get(&room_id).is_some_and(|room| room.summary.blocked_by_me));
    let name = words::first_name(&peer.display_name).to_owned();
    let toggle = move |()| {
        let on = !is_blocked();
        spawn(async move {
            match api::people::set_block(peer.id, on).await {
                Ok(()) => {
                    live.resync();
                    is_open.set(false);
                }
                Err(error) => drop(toasts.show(Toast::error(words::error(&error)))),
            }
        });
    };
    rsx! {
        // The menu stays until it is done.
        MenuItem { icon: icon::BAN, is_danger: !is_blocked(), stays: true, on_pick: toggle,
            if is_blocked() {
                "Unblock {name}"
            } else {
                "Block {name}"
            }
        }
    }
}
