//! Menus: a list of things to do.
//!
//! ```ignore
//! let is_open = use_signal(|| false);
//! MenuButton { name: "More", is_open, face: rsx! { Icon { d: icon::ELLIPSIS } },
//!     MenuLabel { "@mira" }
//!     MenuItem { icon: icon::PENCIL, on_pick: move |()| edit(), "Edit" }
//!     MenuRule {}
//!     MenuItem { icon: icon::TRASH_2, is_danger: true, on_pick: move |()| delete(), "Delete" }
//! }
//! ```
//!
//! [`Menu`] alone is for a menu that something else opens, at a button or at a point (`Wish`); it is there while it is in
//! the markup. Arrows, Home, End and first letters move in it, Tab and Escape close it. A menu holds items, labels, rules
//! and groups only. An item closes its menu unless it says `stays`; tasks that `on_pick` spawns live on in the component
//! that wrote the item, so let that one outlive the menu.

use super::icon::{CHECK, Icon};
use super::popover::Float;
use crate::ui::dom::layer::{LayerHandle, Wish};
use dioxus::prelude::*;

/// What closes the menu around an item.
#[derive(Clone, Copy)]
struct Close(Callback<()>);

/// An open menu.
#[component]
pub fn Menu(name: String, on_close: Callback<()>, #[props(default)] wish: Wish, children: Element) -> Element {
    use_context_provider(|| Close(on_close));
    let handle = use_signal(LayerHandle::default);
    let on_key = move |event: KeyboardEvent| {
        match event.key() {
            Key::ArrowDown => handle.peek().step(1),
            Key::ArrowUp => handle.peek().step(-1),
            Key::Home => handle.peek().edge(false),
            Key::End => handle.peek().edge(true),
            Key::Tab => on_close.call(()),
            // The space bar picks.
            Key::Character(text)
                if text != " " && !event.modifiers().intersects(Modifiers::CONTROL | Modifiers::META) =>
            {
                handle.peek().typeahead(&text);
            }
            _ => return,
        }
        event.prevent_default();
    };
    rsx! {
        Float { handle, wish, on_close, on_key,
            div { class: "menu", role: "menu", "aria-label": "{name}", {children} }
        }
    }
}

/// A button and the menu that hangs below it. `face` is what the button shows.
#[component]
pub fn MenuButton(
    name: String,
    is_open: Signal<bool>,
    face: Element,
    #[props(default = "icon-btn")] class: &'static str,
    #[props(default = Wish { is_end: true, is_sheet: true, ..Wish::default() })] wish: Wish,
    children: Element,
) -> Element {
    let mut is_open = is_open;
    rsx! {
        span { class: "menu-anchor",
            button {
                class,
                r#type: "button",
                "aria-label": "{name}",
                title: "{name}",
                "aria-haspopup": "menu",
                "aria-expanded": if is_open() { "true" } else { "false" },
                onclick: move |_| is_open.set(true),
                onkeydown: move |event| {
                    if event.key() == Key::ArrowDown {
                        event.prevent_default();
                        is_open.set(true);
                    }
                },
                {face}
            }
            if is_open() {
                Menu { name: name.clone(), wish: wish.clone(), on_close: move |()| is_open.set(false), {children} }
            }
        }
    }
}

/// Something to do, or with `checked` something to choose. `stays` keeps the menu open.
#[component]
pub fn MenuItem(
    on_pick: Callback<()>,
    #[props(default)] icon: Option<&'static str>,
    #[props(default)] checked: Option<bool>,
    #[props(default)] is_danger: bool,
    #[props(default)] stays: bool,
    children: Element,
) -> Element {
    let Close(close) = use_context();
    rsx! {
        button {
            r#type: "button",
            role: if checked.is_some() { "menuitemradio" } else { "menuitem" },
            tabindex: "-1",
            "aria-checked": checked.map(|checked| if checked { "true" } else { "false" }),
            "data-danger": is_danger.then_some(""),
            onclick: move |_| {
                on_pick.call(());
                if !stays {
                    close.call(());
                }
            },
            if let Some(icon) = icon {
                Icon { d: icon }
            }
            span { class: "flex-1 min-w-0", {children} }
            if checked == Some(true) {
                Icon { d: CHECK, class: "i-sm" }
            }
        }
    }
}

/// Items that belong together: with `checked`, one of them is chosen.
#[component]
pub fn MenuGroup(label: String, children: Element) -> Element {
    rsx! {
        div { class: "grid", role: "group", "aria-label": "{label}",
            div { class: "menu-label", "aria-hidden": "true", "{label}" }
            {children}
        }
    }
}

/// A line of text over items.
#[component]
pub fn MenuLabel(children: Element) -> Element {
    rsx! {
        div { class: "menu-label", {children} }
    }
}

#[component]
pub fn MenuRule() -> Element {
    rsx! {
        hr {}
    }
}
