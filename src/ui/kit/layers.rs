//! What is open above the page, innermost last: Escape closes one at a time.
//!
//! [`Popover`](super::Popover), [`Menu`](super::Menu) and [`Dialog`](super::Dialog) enter themselves. What is open in some
//! other way (a selection, a reply that is being written) puts an [`OnEscape`] into its markup while it is.

use crate::ui::dom::layer::use_escape;
use dioxus::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

#[derive(Clone, Copy, PartialEq)]
struct Layer {
    id: u32,
    is_modal: bool,
    close: Callback<()>,
}

/// The stack of what is open.
#[derive(Clone, Copy, PartialEq)]
pub struct Layers {
    stack: Signal<Vec<Layer>>,
    next: CopyValue<u32>,
}

impl Layers {
    /// Whether anything is open: then keys that are meant for the page rest.
    pub fn is_open(self) -> bool {
        !self.stack.read().is_empty()
    }

    /// How many are open.
    pub fn depth(self) -> usize {
        self.stack.read().len()
    }

    /// Closes the innermost one. `false`: nothing is open.
    pub fn close_last(self) -> bool {
        let last = self.stack.peek().last().copied();
        if let Some(layer) = last {
            layer.close.call(());
        }
        last.is_some()
    }

    /// Whether a modal dialog is open.
    pub fn has_modal(self) -> bool {
        self.modal().is_some()
    }

    /// The innermost modal dialog: nothing outside of it can be pressed or heard.
    pub(super) fn modal(self) -> Option<u32> {
        self.stack.read().iter().rev().find(|layer| layer.is_modal).map(|layer| layer.id)
    }

    fn enter(mut self, is_modal: bool, close: Callback<()>) -> u32 {
        let id = *self.next.peek();
        self.next.set(id + 1);
        self.stack.write().push(Layer { id, is_modal, close });
        id
    }

    fn leave(mut self, id: u32) {
        // The whole frame may be going, the stack with it.
        if let Ok(mut stack) = self.stack.try_write() {
            stack.retain(|layer| layer.id != id);
        }
    }
}

/// Provides the stack to everything below, and listens for Escape.
pub fn use_provide_layers() -> Layers {
    let layers = use_context_provider(|| Layers { stack: Signal::new(Vec::new()), next: CopyValue::new(1) });
    // What the listener asks lies outside of the runtime.
    let is_open = use_hook(|| Rc::new(Cell::new(false)));
    let told = is_open.clone();
    use_effect(move || told.set(layers.is_open()));
    use_escape(
        move || is_open.get(),
        move || {
            layers.close_last();
        },
    );
    layers
}

/// What is open, for components inside of the app's frame.
pub fn use_layers() -> Layers {
    use_context()
}

/// Enters the component that calls it, for as long as it is there. Returns the number of its layer.
pub(super) fn use_layer(is_modal: bool, close: Callback<()>) -> Option<u32> {
    let layers = use_hook(try_consume_context::<Layers>);
    let id = use_hook(|| layers.map(|layers| layers.enter(is_modal, close)));
    use_drop(move || {
        if let (Some(layers), Some(id)) = (layers, id) {
            layers.leave(id);
        }
    });
    id
}

/// Calls `on_escape` for the next Escape, unless something opens above. Draws nothing.
#[component]
pub fn OnEscape(on_escape: Callback<()>) -> Element {
    use_layer(false, on_escape);
    rsx! {}
}
