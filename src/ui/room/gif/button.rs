//! The button in the composer.

use super::GifPicker;
use crate::client::use_live;
use crate::ui::dom::{self, layer::Wish};
use crate::ui::kit::Popover;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::room::{Visit, composer};
use crate::ui::words;
use dioxus::prelude::*;

/// What is picked is sent at once, as an answer if one is being written; the text stays. `is_writing`: where there is little room,
/// the text gets it.
#[component]
pub fn GifButton(is_writing: bool) -> Element {
    let (live, toasts, visit) = (use_live(), use_toasts(), use_context::<Visit>());
    let mut is_open = use_signal(|| false);
    let mut sent = visit.sent;
    let send = move |name: &'static str| {
        // Enter that repeats, or a second tap, would send it twice.
        if !*is_open.peek() {
            return;
        }
        is_open.set(false);
        match live.send_gif(visit.room_id, name) {
            Ok(_) => {
                sent += 1;
                if !dom::is_touch() {
                    dom::focus(composer::ID);
                }
            }
            Err(error) => {
                toasts.show(Toast::error(words::error(&error)));
            }
        }
    };
    rsx! {
        span { class: "menu-anchor gif-anchor", "data-writing": is_writing.then_some(""),
            button {
                class: "icon-btn composer-tool",
                r#type: "button",
                "aria-label": "GIF",
                title: "GIF",
                "aria-haspopup": "dialog",
                "aria-expanded": if is_open() { "true" } else { "false" },
                onclick: move |_| is_open.set(true),
                Icon { d: icon::GIF }
            }
            if is_open() {
                Popover {
                    name: "GIFs",
                    class: "emoji-pop",
                    wish: Wish { is_above: true, is_end: true, is_sheet: true, ..Wish::default() },
                    on_close: move |()| is_open.set(false),
                    GifPicker { on_pick: send }
                }
            }
        }
    }
}
