//! A die: the server throws it, so there is nothing to do but look.

use crate::model::Roll;
use dioxus::prelude::*;

#[component]
pub fn DieCard(roll: Roll, author: String) -> Element {
    // It tumbles where somebody saw it being thrown.
    let was_thrown = use_hook(|| roll.value.is_none());
    let Roll { sides, value } = roll;
    rsx! {
        div { class: "game die-card", "data-testid": "roll",
            span { class: "die", "aria-hidden": "true", "data-go": (was_thrown && value.is_some()).then_some(""),
                if let Some(value) = value {
                    "{value}"
                } else {
                    "…"
                }
            }
            b { class: "game-word", role: "status",
                if let Some(value) = value {
                    "{value} of {sides}"
                } else {
                    "Rolling…"
                }
            }
            span { class: "game-sub", "{author} rolled a die" }
        }
    }
}
