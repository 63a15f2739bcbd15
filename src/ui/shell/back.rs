//! Back on a phone (its gesture, its button) closes what is open above the page before it leaves the page.
//!
//! While something is open the history has one more entry, with the same address and `#open` at its end. Going back leaves
//! that entry: the innermost thing closes, and if something is still open the entry is made again. What is closed in another
//! way takes the entry with it. An entry that a link left behind is passed over when one comes back to it.

use crate::ui::dom;
use dioxus::prelude::*;

/// The entry of a page. Copy.
#[derive(Clone, Copy)]
pub(super) struct Back {
    /// Whether the entry was made and has not been left.
    is_made: CopyValue<bool>,
    /// Whether this page itself is going back.
    is_going: CopyValue<bool>,
    depth: Memo<usize>,
}

/// Follows how many things are open.
pub(super) fn use_back(depth: impl FnMut() -> usize + 'static) -> Back {
    let depth = use_memo(depth);
    let back = use_hook(|| {
        if dom::is_at_open() {
            dom::drop_open();
        }
        Back { is_made: CopyValue::new(false), is_going: CopyValue::new(false), depth }
    });
    use_effect(move || {
        depth.read();
        back.settle();
    });
    back
}

impl Back {
    /// Makes the entry, or takes it away.
    fn settle(mut self) {
        if *self.is_going.peek() {
            // Again, when it is there.
            return;
        }
        let (is_open, is_here) = (*self.depth.peek() > 0, dom::is_at_open());
        if is_open && !is_here && dom::is_compact() {
            dom::push_open();
            self.is_made.set(true);
        } else if !is_open && is_here {
            self.go();
        } else {
            self.is_made.set(is_here);
        }
    }

    fn go(mut self) {
        self.is_going.set(true);
        self.is_made.set(false);
        dom::go_back();
    }

    /// The browser went to another entry. `close` closes the innermost thing.
    pub(super) fn travelled(mut self, close: impl FnOnce()) {
        if self.is_going.replace(false) {
            self.settle();
        } else if dom::is_at_open() {
            if *self.depth.peek() == 0 {
                self.go();
            }
        } else if self.is_made.replace(false) && *self.depth.peek() > 0 {
            close();
        }
    }
}
