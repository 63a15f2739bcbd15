//! The mark: a stem with three petals and a bud.

use dioxus::prelude::*;

const STEM: &str = "M256 444V394";
const LOW: &str = "M56.7 -118.1H102.6a61.4 61.4 0 0 1 61.4 61.4V-61.4a61.4 61.4 0 0 1 -61.4 61.4H9.4a9.4 9.4 0 0 1 -9.4 -9.4V-61.4a56.7 56.7 0 0 1 56.7 -56.7Z";
const MIDDLE: &str = "M50.5 -105.1H91.3a54.7 54.7 0 0 1 54.7 54.7V-54.7a54.7 54.7 0 0 1 -54.7 54.7H8.4a8.4 8.4 0 0 1 -8.4 -8.4V-54.7a50.5 50.5 0 0 1 50.5 -50.5Z";
const HIGH: &str = "M44.2 -92.2H80.1a47.9 47.9 0 0 1 47.9 47.9V-47.9a47.9 47.9 0 0 1 -47.9 47.9H7.4a7.4 7.4 0 0 1 -7.4 -7.4V-47.9a44.2 44.2 0 0 1 44.2 -44.2Z";
const BUD: &str = "M0 0C41.8 -19 43.7 -64.6 0 -98.8C-43.7 -64.6 -41.8 -19 0 0Z";

/// The mark, `size` pixels wide and high.
#[component]
pub fn Brand(size: u16) -> Element {
    rsx! {
        svg { class: "brand", width: "{size}", height: "{size}", view_box: "72 40 400 440", "aria-hidden": "true",
            path { class: "brand-stem", d: STEM }
            path { class: "brand-own", d: LOW, transform: "translate(267 400)" }
            path { class: "brand-other", d: MIDDLE, transform: "translate(245 312.6) scale(-1 1) rotate(-6)" }
            path { class: "brand-own", d: HIGH, transform: "translate(267 234.8) rotate(-12)" }
            path { class: "brand-bud", d: BUD, transform: "translate(246 162.6) rotate(-30)" }
        }
    }
}
