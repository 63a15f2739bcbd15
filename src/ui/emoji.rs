//! Choosing emoji: a picker with all of them, and a bar with the ones people react with.
//!
//! ```ignore
//! if is_open() {
//!     EmojiPopover { wish: Wish { is_above: true, is_end: true, is_sheet: true, ..Wish::default() },
//!         on_close: move |()| is_open.set(false),
//!         on_pick: move |emoji: String| { react(emoji); is_open.set(false); },
//!     }
//! }
//! QuickBar { mine, on_pick: move |emoji: String| react(emoji), on_more: move |()| is_open.set(true) }
//! ```
//!
//! What `on_pick` gets is in the server's canonical form. The bar has the mark of the first focus, for a popover or a dialog
//! around it. The list comes from the server when the picker first opens; the page carries none of it.

mod button;
mod grid;
mod kept;
mod list;
mod picker;
mod quick;

pub use button::EmojiButton;
pub use list::List;
pub use picker::{Chooser, EmojiPicker, EmojiPopover, Failed, Loaded, Loading};
pub use quick::{QuickBar, quick};

use crate::ui::dom;
use dioxus::prelude::*;

/// Arrows move the focus among the buttons of a toolbar.
fn arrows(event: &KeyboardEvent, buttons: &str) {
    let step = match event.key() {
        Key::ArrowRight => 1,
        Key::ArrowLeft => -1,
        _ => return,
    };
    event.prevent_default();
    dom::move_focus(buttons, step);
}
