//! One form of a text for everything that is searched: lower case, without diacritics, one width, single spaces.
//!
//! `Åström` and `astrom`, `ＡＢＣ` and `abc`, `Straße` and `STRASSE` fold to the same. Letters that are no letters without
//! their marks stay whole: Japanese `が` is not `か`, a Hangul syllable is one character, Indic vowel signs are kept.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// The folded form of a text.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    each(text, |c, _, _| out.push(c));
    out
}

/// A folded text that knows where each of its characters came from.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    pub text: String,
    /// Per character of `text`: the first character of the original and the one after the last.
    origins: Vec<(u32, u32)>,
}

impl Folded {
    pub fn new(text: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(text.len()), origins: Vec::with_capacity(text.len()) };
        each(text, |c, start, end| {
            folded.text.push(c);
            folded.origins.push((start, end));
        });
        folded
    }

    /// The characters of the original behind the characters `start..end` of the folded text.
    pub fn origin(&self, start: usize, end: usize) -> Option<(u32, u32)> {
        let (first, last) = (self.origins.get(start)?, self.origins.get(end.checked_sub(1)?)?);
        Some((first.0, last.1))
    }
}

/// Calls `put` with each folded character and the characters of the original that it came from.
fn each(text: &str, mut put: impl FnMut(char, u32, u32)) {
    let mut is_spaced = false;
    // White space counts once, however much there is.
    let mut put = |c: char, start: u32, end: u32| {
        let is_space = c.is_whitespace() || c.is_control();
        if !(is_space && is_spaced) {
            put(if is_space { ' ' } else { c }, start, end);
        }
        is_spaced = is_space;
    };
    let mut chars = text.chars().peekable();
    let (mut at, mut cluster) = (0, String::new());
    while let Some(first) = chars.next() {
        let start = at;
        at += 1;
        if first.is_ascii() && chars.peek().is_none_or(char::is_ascii) {
            put(first.to_ascii_lowercase(), start, at);
            continue;
        }
        cluster.clear();
        cluster.push(first);
        while let Some(next) = chars.next_if(|c| belongs_to_the_one_before(*c)) {
            at += 1;
            cluster.push(next);
        }
        for composed in cluster.nfkc().flat_map(char::to_lowercase) {
            if is_hangul(composed) || is_kana(composed) {
                put(composed, start, at);
                continue;
            }
            for part in std::iter::once(composed).nfkd().filter(|part| !is_dropped(*part)) {
                match plain(part) {
                    "" => put(part, start, at),
                    letters => letters.chars().for_each(|letter| put(letter, start, at)),
                }
            }
        }
    }
}

/// Marks, and what Unicode joins with the character before: Hangul vowels and finals, half-width voice marks.
fn belongs_to_the_one_before(c: char) -> bool {
    !c.is_ascii()
        && (canonical_combining_class(c) != 0 || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}'))
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}')
}

/// Diacritics (not the signs that Indic and Thai words are made of), what shows nothing, and what we use ourselves.
fn is_dropped(c: char) -> bool {
    !c.is_ascii()
        && (matches!(canonical_combining_class(c), 1 | 10..=36 | 200..=240)
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
                | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{f0000}'..='\u{fffff}'))
}

/// Letters that Unicode does not take apart, as people without them type them; "" for all others.
fn plain(c: char) -> &'static str {
    match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ı' => "i",
        'ŧ' => "t",
        'ς' => "σ",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_marks_and_width_do_not_count() {
        for (typed, folded) in [
            ("Åström", "astrom"),
            ("A\u{30a}stro\u{308}m", "astrom"),
            ("Straße STRASSE", "strasse strasse"),
            ("İstanbul ISPARTA ısı", "istanbul isparta isi"),
            ("ＡＢＣ１２３", "abc123"),
            ("Łódź Ærø", "lodz aero"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Ёлка Й", "елка и"),
            ("ﬁne ①", "fine 1"),
            ("  a \n\t b ", " a b "),
            ("co\u{ad}op\u{200b}!", "coop!"),
            ("❤\u{fe0f}", "❤"),
        ] {
            assert_eq!(fold(typed), folded, "{typed}");
        }
    }

    #[test]
    fn letters_that_need_their_marks_keep_them() {
        assert_eq!(fold("がか"), "がか");
        assert_eq!(fold("か\u{3099}"), "が");
        assert_eq!(fold("ｶﾞ"), "ガ");
        assert_eq!(fold("한국"), "한국");
        assert_eq!(fold("\u{1112}\u{1161}\u{11ab}"), "한");
        assert_eq!(fold("हिन्दी"), "हिन्दी");
        assert_eq!(fold("น้ำ").chars().filter(|c| *c == '\u{e49}').count(), 1);
    }

    #[test]
    fn every_character_knows_where_it_came_from() {
        let folded = Folded::new("Die Straße, e\u{301}te\u{301}");
        assert_eq!(folded.text, "die strasse, ete");
        assert_eq!(folded.origin(8, 11), Some((8, 10)), "ß is both letters");
        assert_eq!(folded.origin(13, 16), Some((12, 17)));
        assert_eq!((folded.origin(0, 0), folded.origin(15, 17)), (None, None));
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn origins_are_in_order_and_within_the_text(text in any::<String>()) {
            let folded = Folded::new(&text);
            prop_assert_eq!(&folded.text, &fold(&text));
            prop_assert_eq!(folded.origins.len(), folded.text.chars().count());
            let count = text.chars().count() as u32;
            prop_assert!(folded.origins.iter().all(|(start, end)| start < end && *end <= count));
            prop_assert!(folded.origins.windows(2).all(|pair| pair[0].0 <= pair[1].0));
        }
    }
}
