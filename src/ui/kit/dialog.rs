//! Modal dialogs: the page behind is out of reach until they are answered.
//!
//! ```ignore
//! if is_asking() {
//!     Confirm { title: "Delete this message?", action: "Delete", on_close: move |()| is_asking.set(false),
//!         on_confirm: move |()| delete(),
//!         "Everyone in the chat sees that a message was deleted."
//!     }
//! }
//! ```
//!
//! A dialog is there while it is in the markup, wherever that is. The focus goes to the element with `data-autofocus`, or to
//! the dialog, and returns at the end. Escape, the cross and a press outside call `on_close`. Problems of what was asked for
//! are said inside (`.hint` with `data-error` and role `alert`).

use super::icon::{Icon, X};
use super::layers::use_layer;
use super::toast::ToastRegion;
use crate::ui::dom::layer::{LayerHandle, Wish};
use dioxus::prelude::*;

/// A dialog under a heading. `class` is for its box (`dialog-wide` is 640 instead of 440 pixels wide).
#[component]
pub fn Dialog(
    title: String,
    on_close: Callback<()>,
    #[props(default)] class: &'static str,
    children: Element,
) -> Element {
    rsx! {
        Modal { name: "{title}", on_close, class,
            header { class: "dialog-head",
                h2 { class: "font-display text-xl font-bold flex-1 min-w-0", "{title}" }
                button { class: "icon-btn -me-2", r#type: "button", "aria-label": "Close", onclick: move |_| on_close.call(()),
                    Icon { d: X }
                }
            }
            div { class: "dialog-body scroll", {children} }
        }
    }
}

/// A question with two answers. `action` names what confirming does; `problem` says why it did not work, and while
/// `is_busy` it cannot be asked for again.
#[component]
pub fn Confirm(
    title: String,
    action: String,
    on_confirm: Callback<()>,
    on_close: Callback<()>,
    #[props(default)] state: ConfirmState,
    children: Element,
) -> Element {
    let ConfirmState { is_calm, is_busy, problem } = state;
    rsx! {
        Modal { name: "{title}", on_close, is_alert: true,
            div { class: "dialog-head",
                h2 { class: "font-display text-xl font-bold", "{title}" }
            }
            div { class: "dialog-body scroll text-ink-muted", {children} }
            if let Some(problem) = problem {
                p { class: "hint px-6 pt-3", "data-error": "", role: "alert", "{problem}" }
            }
            footer { class: "dialog-foot",
                button { class: "btn btn-quiet", r#type: "button", "data-autofocus": "", onclick: move |_| on_close.call(()), "Cancel" }
                button {
                    class: if is_calm { "btn btn-primary" } else { "btn btn-danger" },
                    r#type: "button",
                    disabled: is_busy,
                    onclick: move |_| on_confirm.call(()),
                    "{action}"
                }
            }
        }
    }
}

/// How a [`Confirm`] stands.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct ConfirmState {
    /// Nothing is lost by confirming: the button is not red.
    pub is_calm: bool,
    pub is_busy: bool,
    pub problem: Option<String>,
}

/// A box without a heading, under a name that is read out.
#[component]
pub fn Modal(
    name: String,
    on_close: Callback<()>,
    #[props(default)] class: &'static str,
    #[props(default)] is_alert: bool,
    children: Element,
) -> Element {
    let id = use_layer(true, on_close);
    let handle = use_signal(LayerHandle::default);
    let own = handle.peek().clone();
    use_drop(move || own.close());
    let mut is_pressed = use_hook(|| CopyValue::new(false));
    rsx! {
        dialog {
            class: "layer",
            "data-modal": "",
            "data-sheet": "",
            role: is_alert.then_some("alertdialog"),
            "aria-label": "{name}",
            onmounted: move |event| handle.peek().open(&event, Wish::default()),
            // The back gesture of phones. Escape is taken before.
            oncancel: move |event| {
                event.prevent_default();
                on_close.call(());
            },
            onmousedown: move |event| event.stop_propagation(),
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
            oncontextmenu: move |event| event.stop_propagation(),
            onkeydown: move |event| event.stop_propagation(),
            div {
                class: "dialog {class}",
                "data-panel": "",
                tabindex: "-1",
                onpointerdown: move |event| {
                    event.stop_propagation();
                    is_pressed.set(false);
                },
                onclick: move |event| event.stop_propagation(),
                {children}
            }
            // What is outside of a modal dialog cannot be pressed, nor is it read out.
            ToastRegion { owner: id }
        }
    }
}
