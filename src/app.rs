//! `App`: the routes, the first loader, and what is provided to everything below.
use dioxus::prelude::*;

/// The root component.
#[component]
pub fn App() -> Element {
    rsx! {}
}
