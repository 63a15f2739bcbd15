//! The words of a text with their places in it, so that a note keeps its own, and how phrases fit them.
//!
//! Not [`words`](super::words): rules for wishes have no use for places and take quotes for words of nobody.

use crate::server::assistant::words;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Letters before an apostrophe that are a word of their own: "qu'Anna", "l'ami", but not "don't".
const ELIDED_MAX: usize = 2;

/// What stands before a word. The worst of its characters counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gap {
    /// Spaces, and marks within a sentence.
    Soft,
    /// The end of a sentence or of a line.
    Stop,
    /// Quotes, code, a mention: what follows may not be the author's own words.
    Hard,
}

/// A word: `text[start..end]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// In small letters without accents and apostrophes, by which rules know it.
    pub key: String,
    pub start: usize,
    pub end: usize,
    pub gap: Gap,
}

/// The words of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut gap = Gap::Soft;
    let mut start = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_inside = start.is_some() && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        let word = &text[start.unwrap_or(at)..at];
        let goes_on = match c {
            '\'' | '’' => is_inside && word.chars().count() > ELIDED_MAX,
            c if is_word_alone(c) => false,
            c => c.is_alphanumeric() || is_combining_mark(c) && start.is_some(),
        };
        if goes_on {
            start = start.or(Some(at));
            continue;
        }
        if let Some(start) = start.take() {
            tokens.push(token(text, start..at, std::mem::replace(&mut gap, Gap::Soft)));
        }
        if is_word_alone(c) {
            tokens.push(token(text, at..at + c.len_utf8(), std::mem::replace(&mut gap, Gap::Soft)));
        } else if !(is_inside && matches!(c, '.' | '\'' | '’')) {
            gap = gap.max(gap_of(c));
        }
    }
    if let Some(start) = start {
        tokens.push(token(text, start..text.len(), gap));
    }
    tokens
}

fn token(text: &str, at: Range<usize>, gap: Gap) -> Token {
    Token { key: key(&text[at.clone()]), start: at.start, end: at.end, gap }
}

/// A word as rules know it. Only marks of European scripts are accents: in others they are letters.
pub fn key(word: &str) -> String {
    let is_kept =
        |c: &char| !matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\'' | '’');
    let key: String = word.nfkd().filter(is_kept).flat_map(char::to_lowercase).collect();
    if key.is_empty() { word.to_owned() } else { key.replace('ß', "ss") }
}

/// Of scripts that put no spaces between words: kana and Han.
fn is_word_alone(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

fn gap_of(c: char) -> Gap {
    match c {
        '\n' | '\r' | '.' | '!' | '?' | '…' | '。' | '！' | '？' | '\u{2028}' | '\u{2029}' => Gap::Stop,
        ',' | ';' | ':' | '：' | '-' | '‐' | '‑' | '–' | '—' | '#' | '°' | '¡' | '¿' => Gap::Soft,
        c if c.is_whitespace() || words::is_emoji(c) => Gap::Soft,
        _ => Gap::Hard,
    }
}

/// Whether the word `at` begins a sentence or a part of one.
pub fn begins_clause(text: &str, tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    let gap = &text[tokens[before].end..tokens[at].start];
    tokens[at].gap > Gap::Soft || gap.contains([',', ';', ':', '–', '—']) || gap.contains(" - ")
}

/// What a phrase takes: the words up to `end`, and of those the ones that it leaves open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    pub open: Range<usize>,
    pub end: usize,
}

/// How a phrase fits the words that begin a text, or all of them: see [`phrases`](super::phrases).
pub fn fit(phrase: &str, tokens: &[Token], is_whole: bool) -> Option<Found> {
    let end = if is_whole { Some(tokens.len()) } else { None };
    walk(&phrase.split(' ').collect::<Vec<_>>(), tokens, 0, end)
}

fn walk(items: &[&str], tokens: &[Token], at: usize, end: Option<usize>) -> Option<Found> {
    let Some((item, items)) = items.split_first() else {
        return end.is_none_or(|end| end == at).then_some(Found { open: at..at, end: at });
    };
    if *item == "*" {
        let mut ends = at + 1..=tokens.len();
        return ends.find_map(|to| Some(Found { open: at..to, ..walk(items, tokens, to, end)? }));
    }
    let (choices, is_optional) = item.strip_suffix('?').map_or((*item, false), |item| (item, true));
    let found = choices.split('|').find_map(|choice| {
        if let Some(before) = choice.strip_suffix('#') {
            let number = tokens.get(at).filter(|token| token.gap < Gap::Hard)?.key.strip_prefix(before)?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            let found = is_number.then(|| walk(items, tokens, at + 1, end))??;
            return Some(Found { open: at..at + 1, ..found });
        }
        walk(items, tokens, begins(choice, tokens, at)?, end)
    });
    if found.is_none() && is_optional { walk(items, tokens, at, end) } else { found }
}

/// Where the words of `choice`, with `_` between them, end. Only the first word of a phrase may begin a sentence.
fn begins(choice: &str, tokens: &[Token], at: usize) -> Option<usize> {
    let mut to = at;
    for key in choice.split('_') {
        tokens.get(to).filter(|token| token.key == key && (to == 0 || token.gap == Gap::Soft))?;
        to += 1;
    }
    Some(to)
}
