//! A panel that floats beside what opened it, or slides up from below on a phone.
//!
//! ```ignore
//! span { class: "menu-anchor",
//!     button { "aria-haspopup": "dialog", "aria-expanded": is_open(), onclick: move |_| is_open.toggle(), "Emoji" }
//!     if is_open() {
//!         Popover { name: "Emoji", wish: Wish { is_above: true, is_sheet: true, ..Wish::default() },
//!             on_close: move |()| is_open.set(false),
//!             Content {}
//!         }
//!     }
//! }
//! ```
//!
//! It is there while it is in the markup. The focus goes to the element with `data-autofocus`, or to the panel, and returns
//! to where it was when the popover goes (unless something else was given it meanwhile). Escape and a press outside call
//! `on_close`; Tab stays inside. Events do not bubble to what is around it in the markup.

use super::layers::use_layer;
use crate::ui::dom::layer::{LayerHandle, Wish};
use dioxus::prelude::*;

/// See the module. `class` is for the panel: its width and padding.
#[component]
pub fn Popover(
    name: String,
    on_close: Callback<()>,
    #[props(default)] wish: Wish,
    #[props(default)] class: &'static str,
    children: Element,
) -> Element {
    let handle = use_signal(LayerHandle::default);
    let on_key = move |event: KeyboardEvent| {
        let is_back = event.modifiers().contains(Modifiers::SHIFT);
        if event.key() == Key::Tab && handle.peek().wrap_tab(is_back) {
            event.prevent_default();
        }
    };
    rsx! {
        Float { handle, wish, on_close, on_key,
            div { class: "pop {class}", role: "dialog", "aria-label": "{name}", {children} }
        }
    }
}

/// The layer of a popover or a menu: a veil over the window, and a panel that is placed in it.
#[component]
pub(super) fn Float(
    handle: Signal<LayerHandle>,
    wish: Wish,
    on_close: Callback<()>,
    on_key: Callback<KeyboardEvent>,
    children: Element,
) -> Element {
    use_layer(false, on_close);
    let own = handle.peek().clone();
    use_drop(move || own.close());
    // A finger that opened it by holding lets go above the veil: that is no press on it.
    let mut is_pressed = use_hook(|| CopyValue::new(false));
    rsx! {
        div {
            class: "layer",
            popover: "manual",
            "data-sheet": wish.is_sheet.then_some(""),
            onmounted: move |event| handle.peek().open(&event, wish.clone()),
            onmousedown: move |event| event.stop_propagation(),
            onpointerup: move |event| event.stop_propagation(),
            onpointermove: move |event| event.stop_propagation(),
            onpointerdown: move |event| {
                event.stop_propagation();
                is_pressed.set(true);
            },
            onclick: move |event| {
                event.stop_propagation();
                if *is_pressed.peek() {
                    on_close.call(());
                }
            },
            oncontextmenu: move |event| {
                event.stop_propagation();
                if *is_pressed.peek() {
                    event.prevent_default();
                    on_close.call(());
                }
            },
            onkeydown: move |event| event.stop_propagation(),
            div {
                class: "layer-panel",
                "data-panel": "",
                tabindex: "-1",
                onpointerdown: move |event| {
                    event.stop_propagation();
                    is_pressed.set(false);
                },
                onclick: move |event| event.stop_propagation(),
                oncontextmenu: move |event| event.stop_propagation(),
                onkeydown: move |event| {
                    event.stop_propagation();
                    on_key.call(event);
                },
                {children}
            }
        }
    }
}
