//! What somebody is, beside their name.

use super::icon::{Icon, SPARKLES};
use dioxus::prelude::*;

/// Not a person.
#[component]
pub fn BotTag() -> Element {
    rsx! {
        span { class: "tag", Icon { d: SPARKLES, class: "i-xs" } "Bot" }
    }
}
