//! One option of the box.

use super::sections::{Face, Line};
use crate::ui::kit::avatar::{Avatar, GroupAvatar};
use crate::ui::kit::icon::Icon;
use dioxus::prelude::*;

#[component]
pub fn Choice(line: Line, is_active: bool, on_pick: Callback<Line>, on_point: Callback<String>) -> Element {
    let (picked, pointed) = (line.clone(), line.key.clone());
    rsx! {
        li {
            id: "pal-{line.key}",
            class: "opt",
            role: "option",
            "aria-selected": if is_active { "true" } else { "false" },
            onclick: move |_| on_pick.call(picked.clone()),
            onpointermove: move |_| {
                if !is_active {
                    on_point.call(pointed.clone());
                }
            },
            match line.face {
                Face::Person(person) => rsx! {
                    Avatar { person: *person, size: 36 }
                },
                Face::Group(name, picture) => rsx! {
                    GroupAvatar { name, picture, size: 36 }
                },
                Face::Icon(d) => rsx! {
                    span { class: "opt-icon", Icon { d, class: "i-sm" } }
                },
            }
            span { class: "min-w-0 flex-1",
                span { class: "block truncate font-medium", dir: "auto",
                    for (piece , is_match) in line.text {
                        if is_match {
                            mark { "{piece}" }
                        } else {
                            "{piece}"
                        }
                    }
                }
                if !line.about.is_empty() {
                    span { class: "block truncate text-sm text-ink-muted", "{line.about}" }
                }
            }
            if !line.end.is_empty() {
                span { class: "kbd", "{line.end}" }
            } else if is_active {
                span { class: "kbd only-wide", "aria-hidden": "true", "Enter" }
            }
        }
    }
}
