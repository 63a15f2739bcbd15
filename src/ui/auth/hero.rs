//! The picture beside the forms: a conversation growing on a stem.

use dioxus::prelude::*;

const PETALS: [(&str, bool); 6] = [
    ("Home safe. The whole\ncar smells of lavender.", true),
    ("Told you it would", false),
    ("Same again\nnext Sunday?", true),
    ("I'll bring the flask", false),
    ("You're on", true),
    ("Night", false),
];

#[component]
pub fn Hero() -> Element {
    rsx! {
        div { class: "auth-hero p-2.5 ps-0 min-h-0", "aria-hidden": "true",
            div { class: "hero h-full",
                img { src: asset!("/assets/hero.svg"), alt: "" }
                i { class: "stem" }
                svg { class: "bud", width: "92", height: "114", view_box: "-66 -112 92 114",
                    path { d: "M0 0C42-19 44-65 0-99-44-65-42-19 0 0Z", transform: "rotate(-26)" }
                }
                for (text , is_own) in PETALS {
                    div { class: "pet whitespace-pre", "data-own": is_own.then_some(""), "{text}" }
                }
            }
        }
    }
}
