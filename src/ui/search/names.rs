//! Names that the page knows itself, matched without accents and case.

use crate::model::{MatchRange, slips};
use crate::ui::dom;

/// The rank of a match with slips: behind all others.
pub const SLIP: u8 = 3;

/// A text taken apart for matching: accents stand behind their letters.
pub struct Folded {
    /// As it is to be shown; ranges count its characters.
    pub text: String,
    /// Its letters, small, and the place of each.
    letters: Vec<(char, u32)>,
}

impl Folded {
    pub fn new(text: &str) -> Self {
        let text = dom::decomposed(text);
        let is_accent = |c: char| ('\u{300}'..='\u{36f}').contains(&c);
        let places = (0_u32..).zip(text.chars()).filter(|(_, c)| !is_accent(*c));
        let letters = places.map(|(place, c)| (c.to_lowercase().next().unwrap_or(c), place)).collect();
        Self { text, letters }
    }

    /// Where another one stands in it, the best place first: 0 at the beginning, 1 at the beginning of a word, 2 within.
    pub fn find(&self, other: &Self) -> Option<(u8, MatchRange)> {
        let wanted = other.letters.as_slice();
        if wanted.is_empty() {
            return None;
        }
        let windows = self.letters.windows(wanted.len()).enumerate();
        let fits = windows.filter(|(_, window)| window.iter().zip(wanted).all(|(a, b)| a.0 == b.0));
        let ranked = fits.map(|(at, window)| {
            let rank = match at.checked_sub(1) {
                None => 0,
                Some(before) => 2 - u8::from(!self.letters[before].0.is_alphanumeric()),
            };
            let end = self.letters.get(at + window.len()).map(|(_, place)| *place);
            (rank, (window[0].1, end.unwrap_or_else(|| self.text.chars().count() as u32)))
        });
        ranked.min_by_key(|(rank, _)| *rank)
    }

    /// [`Self::find`], or else the first word that begins so but for a slip or two: [`SLIP`].
    pub fn find_close(&self, other: &Self) -> Option<(u8, MatchRange)> {
        self.find(other).or_else(|| {
            let letter = |(letter, _): &(char, u32)| *letter;
            let wanted: Vec<char> = other.letters.iter().map(letter).collect();
            let is_within = |at: usize| self.letters.get(at).is_some_and(|(letter, _)| letter.is_alphanumeric());
            let is_start = |at: &usize| is_within(*at) && at.checked_sub(1).is_none_or(|before| !is_within(before));
            let mut starts = (0..self.letters.len()).filter(is_start);
            let start = starts.find(|start| {
                let rest: Vec<char> = self.letters[*start..].iter().take(wanted.len() + 3).map(letter).collect();
                slips::is_beginning(&wanted, &rest)
            })?;
            // The word, whatever part of it was meant.
            let end = (start..self.letters.len()).find(|at| !is_within(*at)).map(|at| self.letters[at].1);
            Some((SLIP, (self.letters[start].1, end.unwrap_or_else(|| self.text.chars().count() as u32))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, query: &str) -> Option<(u8, MatchRange)> {
        Folded::new(text).find(&Folded::new(query))
    }

    #[test]
    fn a_beginning_is_better_than_the_middle() {
        assert_eq!(find("Ann Anders", "AN"), Some((0, (0, 2))));
        assert_eq!(find("Johann Anders", "an"), Some((1, (7, 9))));
        assert_eq!(find("Johann", "an"), Some((2, (3, 5))));
        assert_eq!(find("Johann", "x"), None);
        assert_eq!(find("Johann", ""), None);
        assert_eq!(find("日本", "本"), Some((2, (1, 2))));
    }

    #[test]
    fn a_slip_is_forgiven_from_four_letters_on() {
        let close = |text: &str, query: &str| Folded::new(text).find_close(&Folded::new(query));
        assert_eq!(close("Vegetable garden", "grade"), Some((3, (10, 16))));
        assert_eq!(close("Vegetable garden", "garden"), Some((1, (10, 16))), "nothing is better than no slip");
        assert_eq!(close("Garden", "grd"), None, "too short");
        assert_eq!(close("Garden", "wintre"), None);
        assert_eq!(close("", "garden"), None);
    }

    #[test]
    fn accents_are_passed_over_and_marked_with_their_letter() {
        assert_eq!(find("A\u{30a}stro\u{308}m", "astrom"), Some((0, (0, 8))));
        assert_eq!(find("Astrom", "a\u{30a}s"), Some((0, (0, 2))));
    }
}
