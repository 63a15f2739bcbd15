//! Lists whose entries come and go before one's eyes: new ones rise, those that are gone stay for a moment and fade.
//!
//! ```ignore
//! let members = use_linger(move || members(), |member| member.id);
//! for Kept { item, phase } in members() {
//!     li { key: "{item.id}", "data-phase": phase.code(), "inert": phase.inert(), … }
//! }
//! ```

use crate::ui::dom;
use dioxus::core::Task;
use dioxus::prelude::*;

/// How long something that is gone is drawn, in milliseconds: the style fades it in less.
const FADE_MS: u32 = 240;
/// With more changes than these at once nothing moves.
const MOVES_MAX: usize = 5;

/// What an entry is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Phase {
    #[default]
    Here,
    Coming,
    Going,
}

impl Phase {
    /// For `data-phase`.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::Here => None,
            Self::Coming => Some("coming"),
            Self::Going => Some("going"),
        }
    }

    /// For `inert`: what is gone can't be pressed or heard.
    pub fn inert(self) -> Option<&'static str> {
        (self == Self::Going).then_some("")
    }
}

/// An entry of the list as it is drawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept<T> {
    pub item: T,
    pub phase: Phase,
}

/// The list to draw: `new` in its order, what has gone since `before` at its place.
fn merge<T: Clone, K: PartialEq>(before: &[Kept<T>], new: &[T], key: impl Fn(&T) -> K) -> Vec<Kept<T>> {
    let was_there = |item: &T| before.iter().find(|kept| kept.phase != Phase::Going && key(&kept.item) == key(item));
    let is_gone = |kept: &Kept<T>| !new.iter().any(|item| key(item) == key(&kept.item));
    let coming = new.iter().filter(|item| was_there(item).is_none()).count();
    let going = before.iter().filter(|kept| kept.phase != Phase::Going && is_gone(kept)).count();
    let is_calm = before.is_empty() || coming + going > MOVES_MAX;
    let mut merged: Vec<Kept<T>> = new
        .iter()
        .map(|item| {
            let phase = match was_there(item) {
                Some(kept) => kept.phase,
                None if is_calm => Phase::Here,
                None => Phase::Coming,
            };
            Kept { item: item.clone(), phase }
        })
        .collect();
    if !is_calm {
        for (at, kept) in before.iter().enumerate().filter(|(_, kept)| is_gone(kept)) {
            let at = at.min(merged.len());
            merged.insert(at, Kept { item: kept.item.clone(), phase: Phase::Going });
        }
    }
    merged
}

/// Follows a list.
pub fn use_linger<T: Clone + PartialEq + 'static, K: PartialEq + 'static>(
    list: impl FnMut() -> Vec<T> + 'static,
    key: fn(&T) -> K,
) -> Signal<Vec<Kept<T>>> {
    let list = use_memo(list);
    let mut drawn = use_signal(|| merge(&[], &list.peek(), key));
    let mut fading = use_hook(|| CopyValue::new(None::<Task>));
    use_effect(move || {
        let merged = merge(&drawn.peek(), &list.read(), key);
        if *drawn.peek() == merged {
            return;
        }
        let fades = merged.iter().any(|kept| kept.phase == Phase::Going);
        drawn.set(merged);
        if fades {
            let task = spawn(async move {
                dom::sleep(FADE_MS).await;
                drawn.write().retain(|kept| kept.phase != Phase::Going);
            });
            // One that began before would cut short what goes now.
            if let Some(before) = fading.replace(Some(task)) {
                before.cancel();
            }
        }
    });
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(before: &[Kept<u8>], new: &[u8]) -> Vec<Kept<u8>> {
        merge(before, new, |item| *item)
    }

    fn shape(list: &[Kept<u8>]) -> String {
        let sign = |kept: &Kept<u8>| match kept.phase {
            Phase::Here => "",
            Phase::Coming => "+",
            Phase::Going => "-",
        };
        list.iter().map(|kept| format!("{}{}", sign(kept), kept.item)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn entries_come_and_go_at_their_place() {
        let first = drawn(&[], &[1, 2, 3]);
        assert_eq!(shape(&first), "1 2 3", "what is there at first does not rise");
        let second = drawn(&first, &[1, 3, 4]);
        assert_eq!(shape(&second), "1 -2 3 +4");
        assert_eq!(shape(&drawn(&second, &[1, 3, 4])), "1 -2 3 +4", "once more the same");
        assert_eq!(shape(&drawn(&second, &[1, 2, 3, 4])), "1 +2 3 +4", "back before it faded");
        assert_eq!(shape(&drawn(&second, &[])), "-1 -2 -3 -4");
    }

    #[test]
    fn many_at_once_do_not_move() {
        let first = drawn(&[], &[1]);
        assert_eq!(shape(&drawn(&first, &[1, 2, 3, 4, 5, 6])), "1 +2 +3 +4 +5 +6");
        assert_eq!(shape(&drawn(&first, &[2, 3, 4, 5, 6, 7])), "2 3 4 5 6 7");
    }
}
