//! Menus that hang below a button, and the one of the app: theme and signing out.

use crate::api;
use crate::app::Route;
use crate::client::use_live;
use crate::model::{Person, Theme};
use crate::ui::dom;
use crate::ui::kit::Avatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::room::BlockItem;
use crate::ui::words;
use dioxus::prelude::*;

/// A button and what it opens. Escape and a press elsewhere close it; arrows move in it.
#[component]
pub fn MenuButton(name: String, is_open: Signal<bool>, face: Element, children: Element) -> Element {
    let mut is_open = is_open;
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key() {
            Key::Escape if is_open() => {
                event.prevent_default();
                event.stop_propagation();
                dom::focus_within(".menu-anchor > button[aria-expanded=true]");
                is_open.set(false);
                return;
            }
            Key::ArrowDown if is_open() => 1,
            Key::ArrowUp if is_open() => -1,
            _ => return,
        };
        event.prevent_default();
        dom::move_focus(".menu-anchor > .menu > button", step);
    };
    rsx! {
        div { class: "menu-anchor", onkeydown: on_key,
            button {
                class: "icon-btn",
                r#type: "button",
                "aria-label": "{name}",
                title: "{name}",
                "aria-haspopup": "true",
                "aria-expanded": if is_open() { "true" } else { "false" },
                onclick: move |_| is_open.toggle(),
                {face}
            }
            if is_open() {
                div { class: "menu-veil", onclick: move |_| is_open.set(false) }
                div { class: "menu", role: "group", "aria-label": "{name}", {children} }
            }
        }
    }
}

/// Theme and signing out, and for a room's bar on a phone also what can be done about `peer`.
#[component]
pub fn MainMenu(peer: Option<Person>) -> Element {
    let live = use_live();
    let mut is_open = use_signal(|| false);
    let mut is_leaving = use_signal(|| false);
    let me = use_memo(move || live.state.read().me.clone());
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
                hr {}
            } else {
                p { class: "menu-label", "{me().person.display_name} · @{me().person.username}" }
            }
            ThemeItems {}
            hr {}
            button {
                r#type: "button",
                "data-danger": "",
                disabled: is_leaving(),
                onclick: move |_| {
                    is_leaving.set(true);
                    is_open.set(false);
                    live.sign_out();
                },
                Icon { d: icon::LOG_OUT }
                "Sign out"
            }
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
    let mut failed = use_signal(|| None::<String>);
    let mut choose = move |next: Theme| {
        let before = theme();
        if next == before {
            return;
        }
        live.state.write().me.theme = next;
        dom::set_theme(next);
        failed.set(None);
        spawn(async move {
            if let Err(error) = api::start::set_theme(next).await {
                live.state.write().me.theme = before;
                dom::set_theme(before);
                failed.set(Some(words::error(&error)));
            }
        });
    };
    rsx! {
        p { class: "menu-label", id: "theme-label", "Theme" }
        for (value , label , glyph) in THEMES {
            button {
                key: "{label}",
                r#type: "button",
                "aria-pressed": if theme() == value { "true" } else { "false" },
                onclick: move |_| choose(value),
                Icon { d: glyph }
                span { class: "flex-1", "{label}" }
                if theme() == value {
                    Icon { d: icon::CHECK, class: "i-sm" }
                }
            }
        }
        if let Some(failed) = failed() {
            p { class: "hint px-3 py-1", "data-error": "", role: "alert", "{failed}" }
        }
    }
}
