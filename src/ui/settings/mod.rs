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
