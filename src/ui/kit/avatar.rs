//! Pictures of people who have none: initials on a tint of their name.

use crate::model::Person;
use dioxus::prelude::*;

/// Tints that `assets/css/people.css` has, one for each 15 degrees of hue.
const TINTS: u16 = 24;

/// The tint of a person: what `data-hue` says wherever `data-peer` colours something.
pub fn tint(person: &Person) -> u16 {
    person.hue() * TINTS / 360
}

/// Initials in a circle of `size` pixels. `is_online` cuts a dot out of it.
#[component]
pub fn Avatar(person: Person, size: u16, #[props(default)] is_online: bool) -> Element {
    let dot = if size > 60 {
        18
    } else if size > 40 {
        13
    } else {
        10
    };
    rsx! {
        span {
            class: "avatar",
            "data-initials": person.initials(),
            "data-peer": "",
            "data-hue": tint(&person),
            style: "--s:{size}px",
            "aria-hidden": "true",
            if is_online {
                i { class: "dot", style: "--d:{dot}px" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::tokens::{contrast, token};
    use std::collections::BTreeMap;

    #[test]
    fn every_tint_can_be_read_everywhere() {
        let rules: BTreeMap<u16, BTreeMap<String, String>> = include_str!("../../../assets/css/people.css")
            .lines()
            .filter_map(|line| line.strip_prefix("[data-hue=\""))
            .map(|line| {
                let (hue, rest) = line.split_once('"').expect("a hue");
                let pairs = rest.split("--").skip(1).filter_map(|pair| pair.split_once(": "));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value[..7].to_owned()));
                (hue.parse().expect("a number"), pairs.collect())
            })
            .collect();
        assert_eq!(rules.keys().copied().collect::<Vec<_>>(), (0..TINTS).collect::<Vec<_>>());
        for (hue, colors) in rules {
            for (scheme, is_dark) in [("l", false), ("d", true)] {
                let text = &colors[&format!("peer-{scheme}")];
                let grounds = ["surface", "bubble-other", "canvas"].map(|name| token(name, is_dark));
                for ground in grounds.iter().chain([&colors[&format!("peer-bar-{scheme}")]]) {
                    assert!(contrast(text, ground) >= 4.5, "hue {hue}: {text} on {ground}");
                }
            }
        }
    }
}
