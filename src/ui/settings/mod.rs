//! What this device and this account are set to.

mod notifications;
mod suggestions;

use crate::ui::kit::Dialog;
use dioxus::prelude::*;
use notifications::Notifications;
use suggestions::Suggestions;

#[component]
pub fn Settings(on_close: Callback<()>) -> Element {
    rsx! {
        Dialog { title: "Settings", on_close,
            div { class: "grid gap-3", "data-testid": "settings",
                Notifications {}
                Suggestions {}
            }
        }
    }
}

/// A line with a switch. `note` says more in small letters.
#[component]
fn SwitchLine(name: &'static str, note: Option<&'static str>, on: bool, on_change: Callback<bool>) -> Element {
    rsx! {
        button {
            class: "ln",
            r#type: "button",
            role: "switch",
            "aria-checked": if on { "true" } else { "false" },
            onclick: move |_| on_change.call(!on),
            span { class: "flex-1 min-w-0",
                "{name}"
                if let Some(note) = note {
                    span { class: "block hint", "{note}" }
                }
            }
            span { class: "switch", "data-on": on.then_some(""), "aria-hidden": "true" }
        }
    }
}
