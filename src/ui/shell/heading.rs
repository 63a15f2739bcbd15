//! The bar above a pane that is no room: its name, and the way back to the list.

use crate::app::Route;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

#[component]
pub fn Heading(title: &'static str, #[props(default)] only_on_phones: bool) -> Element {
    let navigator = use_navigator();
    rsx! {
        header { class: if only_on_phones { "info-bar only-phone-bar" } else { "info-bar" },
            button {
                class: "icon-btn -ms-1.5",
                r#type: "button",
                "aria-label": "Back",
                onclick: move |_| {
                    navigator.push(Route::Home {});
                },
                Icon { d: icon::CHEVRON_LEFT }
            }
            h2 { class: "who", "{title}" }
        }
    }
}
