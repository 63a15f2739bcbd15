//! Something that is on or off.

use dioxus::prelude::*;

/// A line with a switch. `note` says more in small letters.
#[component]
pub fn SwitchLine(name: &'static str, note: Option<&'static str>, on: bool, on_change: Callback<bool>) -> Element {
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
