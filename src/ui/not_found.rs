//! The page of addresses that lead nowhere.

use crate::ui::kit::Brand;
use dioxus::prelude::*;

#[component]
pub fn NotFound(segments: Vec<String>) -> Element {
    drop(segments);
    rsx! {
        div { class: "vp app",
            main { class: "h-full grid place-items-center p-6 text-center",
                div { class: "grid justify-items-center max-w-[24rem]",
                    Brand { size: 120 }
                    h1 { class: "font-display text-2xl font-bold tracking-[-.025em] mt-5", "Nothing grows here" }
                    p { class: "text-ink-muted mt-2", "This page doesn't exist, or it isn't for you. Check the address, or go back to your chats." }
                    a { class: "btn btn-primary mt-6", href: "/", "Back to chats" }
                }
            }
        }
    }
}
