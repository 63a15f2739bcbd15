//! Filters, offered while they are typed.

use super::names::Folded;
use crate::client::state::State;
use crate::ui::time::Clock;
use std::collections::BTreeMap;

/// What narrows a search for messages, and what it takes.
pub const FILTERS: [(&str, &str); 5] = [
    ("from:", "who wrote it"),
    ("in:", "the chat it is in"),
    ("has:", "link, file or image"),
    ("before:", "a date"),
    ("after:", "a date"),
];
const HINTS_MAX: usize = 5;
const DAY_MS: i64 = 86_400_000;

/// A way to go on.
#[derive(Clone, PartialEq, Debug)]
pub struct Hint {
    /// The last word, complete.
    pub label: String,
    pub about: String,
    /// What is in the field then.
    pub query: String,
}

/// Ways to complete the last word that was typed, if it is a filter or begins like one.
pub fn hints(state: &State, typed: &str, clock: Clock) -> Vec<Hint> {
    let start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let Some((before, word)) = typed.split_at_checked(start) else { return Vec::new() };
    let small = word.to_lowercase();
    let hint = |label: String, about: String, end: &str| Hint { query: format!("{before}{label}{end}"), label, about };
    let Some((name, _)) = FILTERS.iter().find(|(name, _)| small.starts_with(name)) else {
        let begun = FILTERS.iter().filter(|(name, _)| small.len() > 1 && name.starts_with(&small));
        return begun.map(|(name, about)| hint((*name).to_owned(), (*about).to_owned(), "")).collect();
    };
    let value = &word[name.len()..];
    let wanted = Folded::new(value.trim_start_matches(['@', '#', '"']));
    let fits = |text: &str| value.is_empty() || Folded::new(text).find(&wanted).is_some();
    let mut values: Vec<(String, String)> = Vec::new();
    match *name {
        "from:" => {
            let others: BTreeMap<&str, &str> = (state.rooms.values())
                .flat_map(|room| &room.summary.people)
                .filter(|person| person.id != state.me.person.id)
                .map(|person| (person.username.as_str(), person.display_name.as_str()))
                .collect();
            let others = others.into_iter().filter(|(username, name)| fits(username) || fits(name));
            values.extend(fits("me").then(|| ("me".to_owned(), "You".to_owned())));
            values.extend(others.take(HINTS_MAX).map(|(username, name)| (username.to_owned(), name.to_owned())));
        }
        "in:" => {
            let me = state.me.person.id;
            for id in state.rooms_by_activity() {
                let Some(summary) = state.rooms.get(&id).map(|room| &room.summary) else { continue };
                let title = summary.title(me);
                if values.len() < HINTS_MAX && fits(&title) {
                    let value = match summary.peer(me) {
                        Some(peer) => peer.username.clone(),
                        None if title.contains(' ') => format!("\"{title}\""),
                        None => title.clone(),
                    };
                    values.push((value, title));
                }
            }
        }
        "has:" => {
            let all = [("link", "Links"), ("file", "Files"), ("image", "Images")];
            let begun = value.to_lowercase();
            values.extend(
                all.iter()
                    .filter(|(name, _)| name.starts_with(&begun))
                    .map(|(a, b)| ((*a).to_owned(), (*b).to_owned())),
            );
        }
        _ => {
            for (days, about) in [(0, "Today"), (7, "A week ago"), (30, "30 days ago"), (365, "365 days ago")] {
                let date = clock.local(clock.now.plus_ms(-days * DAY_MS)).iso();
                if date.starts_with(value) {
                    values.push((date, about.to_owned()));
                }
            }
        }
    }
    // What is complete needs no offer.
    values.retain(|(complete, _)| !complete.eq_ignore_ascii_case(value.trim_start_matches('@')));
    values.into_iter().map(|(value, about)| hint(format!("{name}{value}"), about, " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::samples::{NOW, room, state};

    fn offered(typed: &str) -> Vec<String> {
        let state = state(vec![room(1, &[1]), room(2, &[1, 2])]);
        let clock = Clock { now: NOW, is_local: false };
        hints(&state, typed, clock).into_iter().map(|hint| hint.query).collect()
    }

    #[test]
    fn filters_are_offered_once_two_letters_are_there() {
        assert_eq!(offered("tea be"), ["tea before:"]);
        assert_eq!(offered("in"), ["in:"]);
        for quiet in ["", "b", "tea", "from ", "tea befores", "文"] {
            assert!(offered(quiet).is_empty(), "{quiet}");
        }
    }

    #[test]
    fn values_are_offered_until_they_are_complete() {
        assert_eq!(offered("tea from:"), ["tea from:me ", "tea from:user1 ", "tea from:user2 "]);
        assert_eq!(offered("from:@SOL"), ["from:user1 "]);
        assert!(offered("from:user1").is_empty());
        assert_eq!(offered("in:harv"), ["in:Harvest "]);
        assert_eq!(offered("in:mira"), ["in:user1 "]);
        assert_eq!(offered("has:l"), ["has:link "]);
        assert_eq!(offered("after:2025-06"), ["after:2025-06-04 "]);
        assert!(offered("before:tomorrow").is_empty());
    }
}
