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
            "data-initials": "",
            "data-peer": "",
            "data-hue": tint(&person),
            style: "--s:{size}px",
            "aria-hidden": "true",
            "{person.initials()}"
            if is_online {
                i { class: "dot", style: "--d:{dot}px" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn luminance(hex: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The colours of a theme's block in the tokens.
    fn token(name: &str, is_dark: bool) -> String {
        let tokens = include_str!("../../../assets/css/tokens.css");
        let block = if is_dark { "[data-theme=\"dark\"] {" } else { ":root, [data-theme=\"light\"] {" };
        let block = tokens.split(block).nth(1).expect("a theme");
        let value = block.split(&format!("--{name}: ")).nth(1).expect("a token");
        value[..7].to_owned()
    }

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
