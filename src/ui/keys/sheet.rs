//! The list of all keys.

use super::GROUPS;
use crate::ui::dom;
use crate::ui::kit::Dialog;
use dioxus::prelude::*;

/// What is printed on a key.
fn cap(key: &str, is_apple: bool) -> &str {
    match key {
        "ArrowUp" => "↑",
        "ArrowDown" => "↓",
        "Escape" => "Esc",
        "ContextMenu" => "Menu",
        "Ctrl" if is_apple => "⌘",
        "Alt" if is_apple => "⌥",
        key => key,
    }
}

#[component]
pub fn ShortcutSheet(on_close: Callback<()>) -> Element {
    let is_apple = use_hook(dom::is_apple);
    rsx! {
        Dialog { title: "Keyboard shortcuts", class: "dialog-wide", on_close,
            // Keys scroll it.
            div { class: "shortcuts", role: "group", "aria-label": "Keys", tabindex: "0", "data-autofocus": "", "data-testid": "shortcuts",
                for (group , shortcuts) in GROUPS.iter() {
                    section { key: "{group}",
                        h3 { "{group}" }
                        dl {
                            for shortcut in shortcuts.iter() {
                                div {
                                    dt { "{shortcut.does}" }
                                    dd {
                                        for (at , chord) in shortcut.keys.split('|').enumerate() {
                                            if at > 0 {
                                                span { class: "or", "or" }
                                            }
                                            for key in chord.split(' ') {
                                                kbd { class: "kbd", {cap(key, is_apple)} }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
