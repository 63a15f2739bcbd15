//! The button of a field for text: what is picked goes where the caret is.

use super::EmojiPopover;
use crate::ui::dom::layer::Wish;
use crate::ui::dom::{self, Edit};
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// Puts emoji into the text area with the id `area`, in place of what is selected. The focus goes there too.
#[component]
pub fn EmojiButton(area: &'static str) -> Element {
    let mut is_open = use_signal(|| false);
    let insert = move |text: String| {
        is_open.set(false);
        let (from, to) = dom::selection(area).unwrap_or_default();
        let caret = from + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
        dom::edit(area, Edit { from, to, text, select: (caret, caret) });
    };
    rsx! {
        span { class: "menu-anchor",
            button {
                class: "icon-btn composer-tool",
                r#type: "button",
                "aria-label": "Emoji",
                title: "Emoji",
                "aria-haspopup": "dialog",
                "aria-expanded": if is_open() { "true" } else { "false" },
                onclick: move |_| is_open.set(true),
                Icon { d: icon::SMILE }
            }
            if is_open() {
                EmojiPopover {
                    wish: Wish { is_above: true, is_end: true, is_sheet: true, ..Wish::default() },
                    on_close: move |()| is_open.set(false),
                    on_pick: insert,
                }
            }
        }
    }
}
