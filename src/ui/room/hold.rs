//! A press that rests: what a right click is for a finger.

use crate::ui::dom;
use dioxus::html::input_data::MouseButton;
use dioxus::prelude::*;

/// A press that rests this long is a long one; one that moves so far means something else.
const HOLD_MS: u32 = 380;
const SLOP: f64 = 10.0;

/// The press that may become a long one.
#[derive(Clone, Copy)]
pub struct Hold {
    /// Rises with each press, and when one ends: a timer of an earlier one does nothing.
    turn: CopyValue<u32>,
    from: CopyValue<(f64, f64)>,
    has_held: CopyValue<bool>,
}

pub fn use_hold() -> Hold {
    use_hook(|| Hold { turn: CopyValue::new(0), from: CopyValue::new((0.0, 0.0)), has_held: CopyValue::new(false) })
}

impl Hold {
    /// A press begins; `held` gets the place when it has rested.
    pub fn begin(self, event: &PointerEvent, held: impl FnOnce((f64, f64)) + 'static) {
        let Self { mut turn, mut from, mut has_held } = self;
        has_held.set(false);
        if event.trigger_button().is_some_and(|button| button != MouseButton::Primary) {
            return;
        }
        let at = event.client_coordinates();
        let mine = *turn.peek() + 1;
        turn.set(mine);
        from.set((at.x, at.y));
        spawn(async move {
            dom::sleep(HOLD_MS).await;
            // A text that is being selected is not held.
            if *turn.peek() == mine && !dom::has_selection() {
                has_held.set(true);
                held((at.x, at.y));
            }
        });
    }

    pub fn moved(self, event: &PointerEvent) {
        let (at, from) = (event.client_coordinates(), *self.from.peek());
        if (at.x - from.0).hypot(at.y - from.1) > SLOP {
            self.end();
        }
    }

    pub fn end(mut self) {
        self.turn += 1;
    }

    /// The finger goes: after a long press no click comes, which would hit what has opened under the finger.
    pub fn lifted(self, event: &TouchEvent) {
        if self.has_held() {
            event.prevent_default();
        }
    }

    /// Whether the press that ends now was a long one: then it is no click.
    pub fn has_held(mut self) -> bool {
        self.has_held.replace(false)
    }
}
