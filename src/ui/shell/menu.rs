//! The menu of the app: theme and signing out.

use super::{AppDialog, use_dialogs};
use crate::api;
use crate::app::Route;
use crate::client::{Live, use_live};
use crate::model::Theme;
use crate::ui::dom;
use crate::ui::kit::icon;
use crate::ui::kit::toast::Toasts;
use crate::ui::kit::{Avatar, MenuButton, MenuGroup, MenuItem, MenuLabel, MenuRule, Toast, use_toasts};
use crate::ui::panel::{Page, use_panel};
use crate::ui::words;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// The own profile, theme and signing out.
#[component]
pub fn MainMenu() -> Element {
    let live = use_live();
    let panel = use_panel();
    let is_open = use_signal(|| false);
    let dialogs = use_dialogs();
    let me = use_memo(move || live.state.read().me.clone());
    let has_unread = use_memo(move || {
        let state = live.state.read();
        state.rooms.keys().any(|room_id| state.tally(*room_id).is_unread())
    });
    let navigator = use_navigator();
    rsx! {
        MenuButton { name: "Menu", is_open, face: rsx! { Avatar { person: me().person, size: 34 } },
            MenuLabel { "{me().person.display_name} · @{me().person.username}" }
            MenuItem { icon: icon::USER_ROUND, on_pick: move |()| panel.open(Page::Me), "Your profile" }
            ThemeItems {}
            MenuRule {}
            if has_unread() {
                MenuItem {
                    icon: icon::CHECK_CHECK,
                    on_pick: move |()| {
                        live.mark_all_read(None);
                    },
                    "Mark all read"
                }
            }
            MenuItem {
                icon: icon::SETTINGS,
                on_pick: move |()| {
                    navigator.push(Route::Settings {});
                },
                "Settings"
            }
            MenuItem { icon: icon::KEYBOARD, on_pick: move |()| dialogs.open(AppDialog::Shortcuts), "Keyboard shortcuts" }
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

pub const THEMES: [(Theme, &str, &str); 3] = [
    (Theme::System, "Match system", icon::SUN_MOON),
    (Theme::Light, "Light", icon::SUN),
    (Theme::Dark, "Dark", icon::MOON),
];

/// Changes the theme at once, and back if the server does not keep it.
pub fn choose_theme(mut live: Live, toasts: Toasts, next: Theme) {
    let before = std::mem::replace(&mut live.state.write().me.theme, next);
    if next == before {
        return;
    }
    dom::set_theme(next);
    spawn_forever(async move {
        if let Err(error) = api::start::set_theme(next).await {
            live.state.write().me.theme = before;
            dom::set_theme(before);
            toasts.show(Toast::error(words::error(&error)));
        }
    });
}

#[component]
fn ThemeItems() -> Element {
    let live = use_live();
    let theme = use_memo(move || live.state.read().me.theme);
    let toasts = use_toasts();
    rsx! {
        MenuGroup { label: "Theme",
            for (value , label , glyph) in THEMES {
                MenuItem {
                    key: "{label}",
                    icon: glyph,
                    checked: theme() == value,
                    stays: true,
                    on_pick: move |()| choose_theme(live, toasts, value),
                    "{label}"
                }
            }
        }
    }
}
