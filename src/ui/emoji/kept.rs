//! What the picker remembers on this device, until its owner signs out; and the list, once it was fetched.

use super::list::{List, Tone};
use crate::client::notes;
use crate::ui::dom;
use dioxus::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

const RECENT: &str = "emoji";
const TONE: &str = "tone";
/// Three rows.
const RECENT_MAX: usize = 24;

thread_local! {
    static LIST: RefCell<Option<Rc<List>>> = const { RefCell::new(None) };
}

/// The list; the first one to ask fetches it. `None`: it did not come.
pub async fn list() -> Option<Rc<List>> {
    if let Some(list) = LIST.with(|list| list.borrow().clone()) {
        return Some(list);
    }
    let path = asset!("/assets/emoji.txt").to_string();
    let list = Rc::new(List::parse(&dom::read_file(&path).await?)?);
    LIST.with(|kept| kept.replace(Some(list.clone())));
    Some(list)
}

/// The last ones that were picked, newest first.
pub fn recent() -> Vec<String> {
    notes::read(RECENT).map(|text| text.split_whitespace().map(str::to_owned).collect()).unwrap_or_default()
}

/// Remembers one that was picked.
pub fn pick(emoji: &str) {
    notes::write(RECENT, &with(&recent(), emoji).join(" "));
}

fn with(recent: &[String], emoji: &str) -> Vec<String> {
    let others = recent.iter().filter(|other| *other != emoji).cloned();
    std::iter::once(emoji.to_owned()).chain(others).take(RECENT_MAX).collect()
}

pub fn tone() -> Tone {
    notes::read(TONE).and_then(|text| text.parse().ok()).filter(|tone| *tone <= 5).unwrap_or_default()
}

pub fn set_tone(tone: Tone) {
    notes::write(TONE, &tone.to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_first_and_none_is_twice() {
        let all: Vec<String> = (0..RECENT_MAX).map(|at| at.to_string()).collect();
        let next = with(&all, "5");
        assert_eq!((next.len(), next[0].as_str(), next[1].as_str()), (RECENT_MAX, "5", "0"));
        let next = with(&all, "x");
        assert_eq!((next.len(), next[0].as_str()), (RECENT_MAX, "x"));
        assert!(!next.contains(&"23".to_owned()), "the oldest goes");
    }
}
