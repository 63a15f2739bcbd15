//! What a person asks the room's memory for, in plain words.
//!
//! ```text
//! message ─▶ ask: to remember, to forget, to tell? ─▶ clean: a note of one line ─▶ doubt: does it need a click?
//! ```
//! A note stays in every later prompt, so it is kept only if a person asks for it, in their own words. What is not
//! understood costs a second try; what is misunderstood stays. So a message is an ask only if it begins like one.

mod doubt;
mod find;
mod keep;
mod orders;
mod phrases;
mod read;
#[cfg(test)]
mod tests;

pub use doubt::is_doubtful;
pub use find::matching;

use super::prompt::clean::{is_break, is_hidden};
use super::words;
use keep::is_pointing;
use read::{Gap, Token, fit};
use unicode_normalization::UnicodeNormalization;

/// Characters of a note.
pub const NOTE_MAX: usize = 200;
/// Longer sentences are no order to forget and no question.
const WORDS_MAX: usize = 40;
/// Polite phrases before an ask that are looked at.
const POLITE_MAX: usize = 8;
/// Words of what is asked about: "Kim", "the party". More are a question for the conversation.
const RECALL_WORDS_MAX: usize = 3;

/// What a message asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ask {
    /// The member's own words, as [`clean`] gives them.
    Remember {
        text: String,
    },
    /// To remember what [`is_doubtful`]: it is kept only if a person confirms it.
    Doubtful,
    /// To remember more than [`NOTE_MAX`] characters.
    TooLong,
    /// To remember or to forget, but not what.
    Empty,
    Forget(Which),
    /// "What do you remember?"
    Recall,
}

/// Which notes are to be forgotten.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Which {
    /// Counted from 1. Whether there is one is for the caller to check.
    Number(usize),
    /// 1 to [`NOTE_MAX`] characters, for [`matching`].
    Words(String),
    All,
}

/// Why a text is no note.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Problem {
    /// No letter, digit or emoji is in it.
    Empty,
    /// It has more than [`NOTE_MAX`] characters.
    TooLong,
}

/// What a message asks the memory for, if it does.
///
/// `text` is the message as it was typed, with `/ai` and `@lavender` in it.
pub fn ask(text: &str) -> Option<Ask> {
    let seen = words::unaddressed(text).chars().filter(|c| is_break(*c) || !is_hidden(*c)).nfc().collect::<String>();
    let said = seen.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ':')).trim_end();
    if let Some(ask) = slash(said) {
        return Some(ask);
    }
    // Somebody else's words are nobody's ask, and words that are added to them not the note that was meant.
    if said.lines().any(|line| line.trim_start().starts_with('>')) {
        return None;
    }
    let tokens = read::tokens(said);
    starts(&tokens).iter().find_map(|start| {
        let tokens = &tokens[start.at..];
        recall(tokens).or_else(|| forget(said, tokens, start)).or_else(|| keep::remember(said, tokens, start))
    })
}

/// A text as a note: one line in NFC without control, bidi and hidden characters, with single spaces.
///
/// # Errors
/// A [`Problem`] if that is no note.
pub fn clean(text: &str) -> Result<String, Problem> {
    let mut before = '\0';
    let seen = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| {
        // Emoji and some scripts are joined so. Behind ASCII they would only tear words apart.
        let is_joined = matches!(*c, '\u{200c}' | '\u{200d}' | '\u{fe0f}') && !before.is_ascii();
        before = *c;
        is_joined || !is_hidden(*c)
    });
    let note = seen.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    if !note.chars().any(|c| c.is_alphanumeric() || words::is_emoji(c)) {
        return Err(Problem::Empty);
    }
    if note.chars().count() > NOTE_MAX { Err(Problem::TooLong) } else { Ok(note) }
}

/// Where an ask may begin, and what is known from the words before.
struct Start {
    at: usize,
    /// "Can you" is before, so that a question may be an ask.
    is_question: bool,
    /// "Please" is before, so that such a question is one.
    is_polite: bool,
}

/// The beginning, and behind each of the polite words that begin a message.
fn starts(tokens: &[Token]) -> Vec<Start> {
    let mut starts = vec![Start { at: 0, is_question: false, is_polite: false }];
    let mut start = Start { at: 0, is_question: false, is_polite: false };
    let longest =
        |phrases: &[&str], rest| phrases.iter().filter_map(|phrase| fit(phrase, rest, false)).map(|f| f.end).max();
    for _ in 0..POLITE_MAX {
        let rest = &tokens[start.at..];
        if rest.first().is_none_or(|first| first.gap == Gap::Hard) {
            break;
        }
        let (asking, polite) = (longest(phrases::ASKING, rest), longest(phrases::PLEASE, rest));
        let Some(len) = asking.max(polite).max(longest(phrases::BEFORE, rest)) else { break };
        start.at += len;
        start.is_question |= asking == Some(len);
        start.is_polite |= polite == Some(len);
        starts.push(Start { ..start });
    }
    starts.retain(|start| tokens.get(start.at).is_some_and(|first| first.gap < Gap::Hard));
    starts
}

/// `/remember x`, `/forget x`, `/memory`.
fn slash(said: &str) -> Option<Ask> {
    let line = said.strip_prefix('/')?;
    let (name, rest) = line.split_at(line.find(|c: char| !c.is_alphanumeric()).unwrap_or(line.len()));
    if !rest.is_empty() && !rest.starts_with(|c: char| c.is_whitespace() || c == ':') {
        return None;
    }
    let rest = rest.trim_start_matches(is_lead).trim_end();
    match name.to_lowercase().as_str() {
        "memory" => Some(Ask::Recall),
        "remember" => Some(kept(without_that(rest))),
        "forget" => Some(forgotten(rest)),
        _ => None,
    }
}

/// What stands between an order and what it is about.
fn is_lead(c: char) -> bool {
    c.is_whitespace() || matches!(c, ':' | '：' | ',' | '\'' | '’')
}

/// `rest` without "that" at its beginning, but for "that time in Rome".
fn without_that(rest: &str) -> &str {
    let tokens = read::tokens(rest);
    match tokens.split_first() {
        Some((that, after)) if is_that(that) && that.start == 0 && !after.is_empty() && !is_pointing(that, after) => {
            rest[that.end..].trim_start_matches(is_lead)
        }
        _ => rest,
    }
}

fn is_that(token: &Token) -> bool {
    phrases::THAT.contains(&token.key.as_str())
}

fn kept(text: &str) -> Ask {
    match clean(text) {
        Err(Problem::Empty) => Ask::Empty,
        Err(Problem::TooLong) => Ask::TooLong,
        Ok(text) if is_doubtful(&text) => Ask::Doubtful,
        Ok(text) => Ask::Remember { text },
    }
}

/// What `/forget` is followed by.
fn forgotten(rest: &str) -> Ask {
    let said = read::tokens(rest);
    let tokens = without_politeness(&said);
    if phrases::ALL.iter().any(|phrase| fit(phrase, tokens, true).is_some()) {
        return Ask::Forget(Which::All);
    }
    let numbered = phrases::NUMBERED.iter().find_map(|phrase| number(tokens, phrase));
    numbered.or_else(|| words_of(without_that(rest))).map_or(Ask::Empty, Ask::Forget)
}

fn number(tokens: &[Token], phrase: &str) -> Option<Which> {
    let token = tokens.get(fit(phrase, tokens, true)?.open.start)?;
    let digits = token.key.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.parse().ok().filter(|number| *number > 0).map(Which::Number)
}

/// The beginning of a text, which is enough to find a note by.
fn words_of(text: &str) -> Option<Which> {
    let beginning: String = text.chars().take(NOTE_MAX).collect();
    clean(&beginning).ok().map(Which::Words)
}

fn recall(tokens: &[Token]) -> Option<Ask> {
    if tokens.len() > WORDS_MAX {
        return None;
    }
    let tokens = without_politeness(tokens);
    let is_memory = |open: &[Token]| open.iter().all(|token| !phrases::NO_RECALL.contains(&token.key.as_str()));
    let mut found = phrases::RECALL.iter().filter_map(|phrase| fit(phrase, tokens, true));
    found.any(|found| found.open.len() <= RECALL_WORDS_MAX && is_memory(&tokens[found.open])).then_some(Ask::Recall)
}

/// The words without polite ones at their end. Those before which a sentence ends are none of its own.
fn without_politeness(tokens: &[Token]) -> &[Token] {
    let mut rest = tokens;
    while let Some(at) = politeness(rest) {
        rest = &rest[..at];
    }
    rest
}

/// Where the polite words begin that end a message.
fn politeness(tokens: &[Token]) -> Option<usize> {
    let before = phrases::AFTER.iter().filter_map(|phrase| {
        let at = tokens.len().checked_sub(phrase.split('_').count())?;
        fit(phrase, &tokens[at..], true).map(|_| at)
    });
    before.min().filter(|at| *at > 0)
}

fn forget(said: &str, tokens: &[Token], start: &Start) -> Option<Ask> {
    if tokens.len() > WORDS_MAX || said.contains(['?', '？']) && !start.is_question {
        return None;
    }
    let tokens = without_politeness(tokens);
    if phrases::FORGET_ALL.iter().any(|phrase| fit(phrase, tokens, true).is_some()) {
        return Some(Ask::Forget(Which::All));
    }
    let numbered = phrases::FORGET_NUMBER.iter().find_map(|phrase| number(tokens, phrase));
    let which = numbered.or_else(|| {
        let found = phrases::FORGET_WORDS.iter().find_map(|phrase| fit(phrase, tokens, true))?;
        let (before, open) = (&tokens[..found.open.start], &tokens[found.open]);
        let is_pointer = before.last().is_some_and(|that| is_that(that) && (open.len() < 2 || is_pointing(that, open)));
        let is_topic = open.iter().any(|token| !phrases::NO_TOPIC.contains(&token.key.as_str()));
        let is_idiom = phrases::IDIOMS.iter().any(|phrase| fit(phrase, open, false).is_some())
            || open.iter().any(|token| token.key == "happened");
        let is_one_sentence = open.iter().skip(1).all(|token| token.gap != Gap::Stop);
        let (first, last) = (open.first()?, open.last()?);
        (is_topic && is_one_sentence && !is_pointer && !is_idiom).then(|| words_of(&said[first.start..last.end]))?
    });
    which.map(Ask::Forget)
}
