//! The theme.

use crate::client::use_live;
use crate::model::Theme;
use crate::ui::kit::use_toasts;
use crate::ui::shell::{THEMES, choose_theme};
use dioxus::prelude::*;

#[component]
pub fn Look() -> Element {
    let live = use_live();
    let toasts = use_toasts();
    let theme = use_memo(move || live.state.read().me.theme);
    rsx! {
        fieldset { class: "grid gap-2",
            legend { class: "font-semibold pb-2", "Theme" }
            div { class: "theme-tiles",
                for (value , name , _) in THEMES {
                    label { key: "{name}", class: "theme-tile",
                        input {
                            class: "sr-only",
                            r#type: "radio",
                            name: "theme",
                            checked: theme() == value,
                            onchange: move |_| choose_theme(live, toasts, value),
                        }
                        // Two bubbles on the ground of each theme.
                        span { class: "theme-look", "aria-hidden": "true",
                            if value != Theme::Dark {
                                i { "data-theme": "light" }
                            }
                            if value != Theme::Light {
                                i { "data-theme": "dark" }
                            }
                        }
                        span { class: "text-sm", "{name}" }
                    }
                }
            }
        }
    }
}
