//! The pieces of three characters that texts are indexed by, and those that a term needs.
//!
//! Both stores index the windows of two strings made from a folded text:
//!
//! - [`spaced`]: the text, with two spaces in front of every word. Windows within it find any part of a text from three
//!   characters on; the spaces make windows for the first one and two letters of words (`␠␠h`, `␠he`).
//! - [`dense`]: what is written without spaces, or says a whole word in one or two characters (Chinese, Japanese, Korean, Thai,
//!   emoji), a mark between the characters: `日本` becomes `|日|本|`, whose windows are `|日|`, `日|本`, `|本|`: single
//!   characters and pairs.
//!
//! So a short term finds beginnings of words in alphabets, where parts of words would be noise, and anything in dense scripts.
//! The rules are permanent: what is in an index was made by them.

use std::collections::HashSet;

/// Between the characters of [`dense`]. No folded text has it: folding turns control characters into spaces.
const MARK: char = '\u{1}';
/// Windows of one term that are looked up; what they let through is checked anyway.
const WINDOWS_MAX: usize = 8;

/// Characters of scripts whose words are short or not set apart.
pub fn is_dense(c: char) -> bool {
    match c as u32 {
        // Thai, Lao, Tibetan, Burmese, Khmer.
        0xe00..=0xfff | 0x1000..=0x109f | 0x1780..=0x17ff => true,
        // Alphabets beyond the arrows: Coptic, Georgian, Tifinagh, Ethiopic; Cyrillic, Latin and others; old scripts.
        0x2c00..=0x2dff
        | 0xa4d0..=0xabff
        | 0xfb00..=0xfdff
        | 0xfe70..=0xfeff
        | 0x1_0000..=0x1_6fff
        | 0x1_8d00..=0x1_afff => false,
        code => code >= 0x2190,
    }
}

/// Letters and digits of alphabets.
pub fn is_narrow(c: char) -> bool {
    c.is_alphanumeric() && !is_dense(c)
}

/// A folded text with two spaces in front of every word.
pub fn spaced(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len() * 5 / 4 + 2);
    put_spaced(folded, Some('.'), &mut out);
    out
}

/// `before`: what stands before the text; `None` when that is not known.
fn put_spaced(folded: &str, before: Option<char>, out: &mut String) {
    let mut before = before;
    for c in folded.chars() {
        if c == ' ' {
            out.push_str("  ");
        } else {
            if is_narrow(c) && before.is_some_and(|b| b != ' ' && !is_narrow(b)) {
                out.push_str("  ");
            }
            out.push(c);
        }
        before = Some(c);
    }
}

/// The dense runs of a folded text, each with a mark between its characters and its neighbours; "" when there are none.
pub fn dense(folded: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    for c in folded.chars() {
        let follows_dense = before.is_some_and(is_dense);
        if is_dense(c) {
            if !follows_dense {
                out.extend(before.filter(|b| *b != ' '));
                out.push(MARK);
            }
            out.extend([c, MARK]);
        } else if follows_dense && c != ' ' {
            out.push(c);
        }
        before = Some(c);
    }
    out
}

/// All windows of a text, as an index that is not made by a database keeps them.
pub fn of(folded: &str) -> HashSet<[char; 3]> {
    let mut grams = HashSet::new();
    for text in [spaced(folded), dense(folded)] {
        grams.extend(windows(&text));
    }
    grams
}

/// Where words of a text meet: the last two characters of one and the first two of the next. An index of several messages at a time
/// needs them for phrases: the words of `me ne co` are in most of its entries, their meetings are not.
pub fn seams(folded: &str) -> Vec<[char; 4]> {
    let chars: Vec<char> = folded.chars().collect();
    let seam = |window: &[char]| match *window {
        [a, b, ' ', c, d] if [a, b, c, d].iter().all(|c| *c != ' ') => Some([a, b, c, d]),
        _ => None,
    };
    chars.windows(5).filter_map(seam).collect()
}

/// Whether a term finds beginnings of words only.
pub fn is_beginning(term: &str) -> bool {
    term.chars().count() <= 2 && term.chars().all(is_narrow)
}

/// The windows that every text with this (folded) term has, at most 8. None for one or two characters of punctuation.
pub fn needed(term: &str) -> Vec<[char; 3]> {
    let chars: Vec<char> = term.chars().collect();
    let grams: Vec<[char; 3]> = match *chars.as_slice() {
        _ if is_beginning(term) => windows(&spaced(term)).last().into_iter().collect(),
        [only] if is_dense(only) => vec![[MARK, only, MARK]],
        [a, b] if (is_dense(a) || is_dense(b)) && a != ' ' && b != ' ' => vec![[a, MARK, b]],
        _ => {
            let mut text = String::new();
            put_spaced(term, None, &mut text);
            windows(&text).collect()
        }
    };
    if grams.len() <= WINDOWS_MAX {
        return grams;
    }
    // From all over the term.
    (0..WINDOWS_MAX).map(|n| grams[n * (grams.len() - 1) / (WINDOWS_MAX - 1)]).collect()
}

fn windows(text: &str) -> impl Iterator<Item = [char; 3]> {
    let third = text.chars().skip(2);
    text.chars().zip(text.chars().skip(1)).zip(third).map(|((a, b), c)| [a, b, c])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::find::fold::fold;
    use proptest::prelude::*;

    fn strings(grams: &[[char; 3]]) -> Vec<String> {
        grams.iter().map(|gram| gram.iter().collect::<String>().replace(MARK, "|")).collect()
    }

    #[test]
    fn words_begin_with_two_spaces() {
        assert_eq!(spaced("hello, (big) world"), "  hello,  (  big)  world");
        assert_eq!(spaced("日ok本"), "日  ok本");
        assert_eq!(spaced("c++ a.b"), "  c++  a.  b");
    }

    #[test]
    fn dense_runs_are_set_apart() {
        assert_eq!(dense("hello"), "");
        assert_eq!(dense("日本").replace(MARK, "|"), "|日|本|");
        assert_eq!(dense("3月 x。🎉").replace(MARK, "|"), "3|月|x|。|🎉|");
    }

    #[test]
    fn words_meet_in_seams() {
        assert_eq!(seams("the big dog a cat"), [['h', 'e', 'b', 'i'], ['i', 'g', 'd', 'o']]);
        assert!(seams("日本 x").is_empty() && seams("").is_empty());
    }

    #[test]
    fn a_term_needs_windows_of_its_length() {
        assert_eq!(strings(&needed("h")), ["  h"]);
        assert_eq!(strings(&needed("he")), [" he"]);
        assert_eq!(strings(&needed("hell")), ["hel", "ell"]);
        assert_eq!(strings(&needed("日")), ["|日|"]);
        assert_eq!(strings(&needed("日本")), ["日|本"]);
        assert_eq!(strings(&needed("3月")), ["3|月"]);
        assert_eq!(strings(&needed("日本語")), ["日本語"]);
        assert_eq!(strings(&needed("🎉")), ["|🎉|"]);
        assert_eq!(strings(&needed("a b")), ["a  ", "  b"]);
        assert!(needed(":)").is_empty() && needed("").is_empty());
        assert_eq!(needed(&"abcdefghij".repeat(9)).len(), WINDOWS_MAX);
    }

    proptest! {
        /// Nothing that matches is missed: a text has all windows of each of its parts.
        #[test]
        fn a_text_has_the_windows_of_its_parts(text in "[ a-cé.:日本ก🎉]{0,30}", from in 0_usize..30, length in 1_usize..12) {
            let folded = fold(&text);
            let part: String = folded.chars().skip(from).take(length).collect();
            let term = part.trim();
            let grams = of(&folded);
            let begins = folded
                .match_indices(term)
                .any(|(at, _)| !folded[..at].chars().next_back().is_some_and(is_narrow));
            let seams = (seams(&folded), seams(term));
            prop_assert!(seams.1.iter().all(|seam| seams.0.contains(seam)), "{:?} in {:?}", term, folded);
            if !term.is_empty() && (begins || !is_beginning(term)) {
                for gram in needed(term) {
                    prop_assert!(grams.contains(&gram), "{:?} of {:?} in {:?}", gram, term, folded);
                }
            }
        }
    }
}
