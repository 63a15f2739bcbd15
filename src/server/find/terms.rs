//! Whether a text has all terms of a search, and where.

use crate::model::MatchRange;
use crate::server::find::fold::{Folded, fold};
use crate::server::find::grams;

/// Places of one text that are marked.
const RANGES_MAX: usize = 50;

/// The words and quotations of a search, folded. A text matches when it has all of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms(Vec<String>);

impl Terms {
    /// Terms that say nothing when folded (only marks, only spaces) are left out.
    pub fn new<S: AsRef<str>>(typed: impl IntoIterator<Item = S>) -> Self {
        let folded = typed.into_iter().map(|term| fold(term.as_ref()).trim().to_owned());
        let mut terms: Vec<String> = folded.filter(|term| !term.is_empty()).collect();
        terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
        terms.dedup();
        Self(terms)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The windows that every text with these terms has; see [`grams`].
    pub fn grams(&self) -> Vec<[char; 3]> {
        let mut all: Vec<_> = self.0.iter().flat_map(|term| grams::needed(term)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The meetings of words that every text with these terms has; see [`grams::seams`].
    pub fn seams(&self) -> Vec<[char; 4]> {
        self.0.iter().flat_map(|term| grams::seams(term)).collect()
    }

    pub fn are_in(&self, text: &str) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let folded = fold(text);
        self.0.iter().all(|term| places(&folded, term).next().is_some())
    }

    /// Where the terms are, in order and without overlap, at most 50 places.
    pub fn ranges(&self, text: &str) -> Vec<MatchRange> {
        let folded = Folded::new(text);
        let mut found: Vec<MatchRange> = Vec::new();
        for term in &self.0 {
            let (mut at_byte, mut at_char) = (0, 0);
            let length = term.chars().count();
            for place in places(&folded.text, term).take(RANGES_MAX) {
                at_char += folded.text[at_byte..place].chars().count();
                at_byte = place;
                found.extend(folded.origin(at_char, at_char + length));
            }
        }
        found.sort_unstable();
        let mut ranges: Vec<MatchRange> = Vec::with_capacity(found.len());
        for (start, end) in found {
            match ranges.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => ranges.push((start, end)),
            }
        }
        ranges.truncate(RANGES_MAX);
        ranges
    }
}

/// The bytes of a folded text at which a term is: short ones of alphabets only where a word begins.
fn places<'a>(folded: &'a str, term: &'a str) -> impl Iterator<Item = usize> {
    let is_beginning = grams::is_beginning(term);
    let fits = move |at: &usize| !is_beginning || !folded[..*at].chars().next_back().is_some_and(grams::is_narrow);
    folded.match_indices(term).map(|(at, _)| at).filter(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(typed: &[&str]) -> Terms {
        Terms::new(typed)
    }

    #[test]
    fn parts_of_words_accents_and_short_words_are_found() {
        assert!(terms(&["ström"]).are_in("Herr ASTROM kommt"));
        assert!(terms(&["ello", "orl"]).are_in("Hello World"));
        assert!(!terms(&["hello", "mars"]).are_in("Hello World"));
        assert!(
            terms(&["本"]).are_in("日本語") && terms(&["日本"]).are_in("日本語") && !terms(&["日語"]).are_in("日本語")
        );
        assert!(terms(&["big  World"]).are_in("a big\nworld"));
        assert!(terms(&["🎉"]).are_in("done 🎉!"));
        assert!(terms(&[":)"]).are_in("ok :)"));
    }

    #[test]
    fn one_and_two_letters_find_beginnings() {
        assert!(terms(&["hi"]).are_in("(Hi) there") && terms(&["hi"]).are_in("oh, hip"));
        assert!(!terms(&["hi"]).are_in("this"));
        assert!(terms(&["4"]).are_in("at 4pm") && !terms(&["4"]).are_in("1234"));
        assert!(terms(&["ok"]).are_in("日ok"));
    }

    #[test]
    fn places_are_counted_in_characters_of_the_original() {
        assert_eq!(terms(&["strom"]).ranges("日 Åström, A\u{30a}strom"), [(3, 8), (12, 17)]);
        assert_eq!(terms(&["strasse"]).ranges("Die Straße"), [(4, 10)]);
        assert_eq!(terms(&["abc", "bcd"]).ranges("abcd abc"), [(0, 4), (5, 8)]);
        assert_eq!(terms(&["x"]).ranges(&"x ".repeat(99)).len(), RANGES_MAX);
        assert_eq!(terms(&["hi"]).ranges("this hi"), [(5, 7)]);
        assert!(terms(&[]).ranges("x").is_empty());
    }

    #[test]
    fn terms_that_say_nothing_are_left_out() {
        assert!(terms(&["\u{301}", " ", "\u{200b}"]).is_empty());
        assert!(terms(&[]).are_in(""));
    }

    proptest! {
        #[test]
        fn ranges_are_there_exactly_if_the_text_matches(text in "[ a-cåÉß.日本🎉]{0,30}", term in "[ a-cåéß日本🎉]{1,3}") {
            let terms = terms(&[&term]);
            prop_assume!(!terms.is_empty());
            let ranges = terms.ranges(&text);
            prop_assert_eq!(!ranges.is_empty(), terms.are_in(&text));
            let count = text.chars().count() as u32;
            prop_assert!(ranges.iter().all(|(start, end)| start < end && *end <= count));
            prop_assert!(ranges.windows(2).all(|pair| pair[0].1 < pair[1].0));
            if terms.are_in(&text) {
                let grams = grams::of(&fold(&text));
                prop_assert!(terms.grams().iter().all(|gram| grams.contains(gram)));
            }
        }
    }
}
