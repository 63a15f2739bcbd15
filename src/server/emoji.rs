//! Which texts are an emoji. The page's list of them (`assets/emoji.txt`) is made from the same data.

#[cfg(test)]
mod list;

use std::collections::HashMap;
use std::sync::LazyLock;

/// Bytes of the longest emoji, and some room.
const MAX_BYTES: usize = 64;
/// Asks for the colourful picture. Keyboards and pages differ in where they put it.
const PICTURE: char = '\u{fe0f}';

/// Every emoji of every skin tone, by how it is written without variation selectors. Our own, because the crate takes the
/// shorter forms of some couples for another couple's.
static ALL: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let toned = |emoji: &'static emojis::Emoji| emoji.skin_tones().into_iter().flatten().chain([emoji]);
    let all = emojis::iter().flat_map(toned).map(emojis::Emoji::as_str);
    all.map(|emoji| (bare(emoji), emoji)).collect()
});

fn bare(text: &str) -> String {
    text.replace(PICTURE, "")
}

/// The one way to write an emoji: `None` unless `text` is exactly one, of any skin tone, as Unicode recommends it for
/// general interchange. With and without its variation selectors it is the same emoji.
pub fn canonical(text: &str) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    ALL.get(&bare(text)).map(|emoji| (*emoji).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_has_one_form() {
        for (text, form) in [
            ("👍", "👍"),
            ("👍🏽", "👍🏽"),
            ("\u{2764}", "\u{2764}\u{fe0f}"),
            ("\u{2764}\u{fe0f}", "\u{2764}\u{fe0f}"),
            ("😀\u{fe0f}", "😀"),
            ("👩‍🚀", "👩‍🚀"),
            ("👩🏿‍🚀", "👩🏿‍🚀"),
            ("🧑🏻‍🤝‍🧑🏿", "🧑🏻‍🤝‍🧑🏿"),
            ("🏳\u{200d}🌈", "🏳\u{fe0f}\u{200d}🌈"),
            ("1\u{20e3}", "1\u{fe0f}\u{20e3}"),
            ("🇵🇹", "🇵🇹"),
            ("🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"),
        ] {
            assert_eq!(canonical(text).as_deref(), Some(form), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_one() {
        let long = "👍".repeat(100);
        for text in [
            "",
            " ",
            "a",
            "1",
            "#",
            "👍👍",
            "👍 ",
            " 👍",
            "👍a",
            ":)",
            ":tada:",
            "🇵",
            "🏽",
            "\u{200d}",
            "\u{fe0f}",
            "❤\u{fe0e}",
            "👍\u{200d}",
            "<b>",
            "\u{202e}👍",
            &long,
        ] {
            assert_eq!(canonical(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_emoji_is_its_own_canonical_form() {
        for emoji in emojis::iter() {
            for emoji in emoji.skin_tones().into_iter().flatten().chain([emoji]) {
                assert_eq!(canonical(emoji.as_str()).as_deref(), Some(emoji.as_str()));
                assert_eq!(canonical(&bare(emoji.as_str())).as_deref(), Some(emoji.as_str()));
                assert!(emoji.as_str().len() <= MAX_BYTES);
            }
        }
    }
}
