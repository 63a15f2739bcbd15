//! The menu of the app: theme and signing out.

use crate::api;
use crate::app::Route;
use crate::client::use_live;
use crate::model::{Person, Theme};
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Avatar, MenuButton, MenuGroup, MenuItem, MenuLabel, MenuRule, Toast, use_toasts};
use crate::ui::room::BlockItem;
use crate::ui::words;
use dioxus::prelude::*;

/// Theme and signing out, and for a room's bar on a phone also what can be done about `peer`.
#[component]
pub fn MainMenu(peer: Option<Person>) -> Element {
    let live = use_live();
    let is_open = use_signal(|| false);
    let me = use_memo(move || live.state.read().me.clone());
    let navigator = use_navigator();
    let route = use_route::<Route>();
    let room_id = match route {
        Route::Room { room_id } => Some(room_id),
        _ => None,
    };
    let face = match &peer {
        Some(_) => rsx! {
            Icon { d: icon::ELLIPSIS }
        },
        None => rsx! {
            Avatar { person: me().person, size: 34 }
        },
    };
    rsx! {
        MenuButton { name: "Menu", is_open, face,
            if let (Some(peer), Some(room_id)) = (peer, room_id) {
                BlockItem { room_id, peer, is_open }
                MenuRule {}
            } else {
                MenuLabel { "{me().person.display_name} · @{me().person.username}" }
            }
            ThemeItems {}
            MenuRule {}
            if me().person.is_admin {
                MenuItem {
                    icon: icon::USERS,
                    on_pick: move |()| {
                        navigator.push(Route::Admin {});
                    },
                    "Administration"
                }
            }
            MenuItem { icon: icon::LOG_OUT, is_danger: true, on_pick: move |()| live.sign_out(), "Sign out" }
        }
    }
}

const THEMES: [(Theme, &str, &str); 3] = [
    (Theme::System, "Match system", icon::SUN_MOON),
    (Theme::Light, "Light", icon::SUN),
    (Theme::Dark, "Dark", icon::MOON),
];

#[component]
fn ThemeItems() -> Element {
    let mut live = use_live();
    let theme = use_memo(move || live.state.read().me.theme);
    let toasts = use_toasts();
    let mut choose = move |next: Theme| {
        let before = theme();
        if next == before {
            return;
        }
        live.state.write().me.theme = next;
        dom::set_theme(next);
        spawn(async move {
            if let Err(error) = api::start::set_theme(next).await {
                live.state.write().me.theme = before;
                dom::set_theme(before);
                toasts.show(Toast::error(words::error(&error)));
            }
        });
    };
    rsx! {
        MenuGroup { label: "Theme",
            for (value , label , glyph) in THEMES {
                MenuItem {
                    key: "{label}",
                    icon: glyph,
                    checked: theme() == value,
                    stays: true,
                    on_pick: move |()| choose(value),
                    "{label}"
                }
            }
        }
    }
}
