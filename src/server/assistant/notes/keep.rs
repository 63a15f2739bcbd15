//! What a message asks to remember.

use super::read::{self, Gap, Token, fit};
use super::{Ask, Start, is_lead, is_that, kept, phrases, politeness};

/// Words in which the verb of a sentence is looked for.
const VERB_WITHIN: usize = 5;

/// What the words behind `start` ask to remember.
pub fn remember(said: &str, tokens: &[Token], start: &Start) -> Option<Ask> {
    let longest =
        |phrases: &[&str]| phrases.iter().filter_map(|phrase| fit(phrase, tokens, false)).map(|f| f.end).max();
    // Kept whole: without its beginning it would be another note.
    if let Some(len) = longest(phrases::FROM_NOW_ON) {
        return (tokens.len() > len + 1).then(|| note(said, tokens[0].start, start)).flatten();
    }
    let with_colon = longest(phrases::REMEMBER_COLON).filter(|at| label(said, tokens, *at).is_some());
    let mut at = longest(phrases::REMEMBER).max(with_colon)?;
    let mut is_polite = start.is_polite;
    // "Merk dir bitte, dass".
    while let Some(found) = phrases::PLEASE.iter().find_map(|phrase| fit(phrase, &tokens[at..], false)) {
        (at, is_polite) = (at + found.end, true);
    }
    if let Some(from) = label(said, tokens, at) {
        return note(said, from, start);
    }
    let next = tokens.get(at).filter(|next| next.gap == Gap::Soft)?;
    // "Can you remember that" may ask whether one is able to.
    let is_able = || tokens[0].key == "remember" && start.is_question && !is_polite;
    if is_that(next) {
        let after = &tokens[at + 1..];
        let is_ask = !after.is_empty() && !is_pointing(next, after) && (!is_able() || is_sentence(said, after));
        return is_ask.then(|| note(said, next.end, start)).flatten();
    }
    let after = &tokens[at..];
    let is_of = |phrases: &[&str]| phrases.iter().any(|phrase| fit(phrase, &tokens[..at], true).is_some());
    let is_ask =
        is_of(phrases::BARE) && is_sentence(said, after) || is_of(phrases::LABELLED) && is_labelled(said, after);
    let is_meant = is_ask && !phrases::NO_NOTE.contains(&next.key.as_str()) && !is_pointed_at(after);
    // A comma would have been before a name that is called, or before what is said to everybody.
    let is_joined = !said[tokens[at - 1].end..next.start].contains(',');
    (is_meant && is_joined).then(|| note(said, next.start, start)).flatten()
}

/// Whether the English "that" before these words points at something: "time we went to Rome", "is Kim's cup".
pub fn is_pointing(that: &Token, after: &[Token]) -> bool {
    let is_next = |next: &Token| next.start == that.end + 1 && phrases::COPULAS.contains(&next.key.as_str());
    that.key == "that" && (after.first().is_some_and(is_next) || is_pointed_at(after))
}

fn is_pointed_at(after: &[Token]) -> bool {
    let is_of = |at: usize, list: &[&str]| after.get(at).is_some_and(|token| list.contains(&token.key.as_str()));
    is_of(0, &["one"])
        || !is_of(0, phrases::DETERMINERS)
            && (0..3).any(|at| is_of(at, phrases::POINTED_AT) && !is_of(at + 1, phrases::COPULAS))
}

/// Where the text begins behind a colon before the word `at`, or behind "this" and a colon there.
fn label(said: &str, tokens: &[Token], at: usize) -> Option<usize> {
    let this = || phrases::THIS.iter().find_map(|phrase| fit(phrase, &tokens[at..], false));
    colon(said, tokens, at).or_else(|| colon(said, tokens, at + this()?.end))
}

/// Where the text begins behind a colon before the word `at`, but for one that begins a face.
fn colon(said: &str, tokens: &[Token], at: usize) -> Option<usize> {
    let from = tokens.get(at.checked_sub(1)?)?.end;
    let gap = &said[from..tokens.get(at).map_or(said.len(), |next| next.start)];
    let colon = gap.find([':', '：'])?;
    let is_gap = gap[..colon].chars().all(char::is_whitespace);
    let after = from + colon + gap[colon..].chars().next()?.len_utf8();
    let is_end = match said[after..].chars().next() {
        None => true,
        Some(c) => c.is_whitespace() || colon == 0 && (c.is_alphanumeric() || matches!(c, '"' | '“' | '„' | '«')),
    };
    (is_gap && is_end).then_some(after)
}

/// "Kim is …": a verb soon, and nothing that divides it from its subject.
fn is_sentence(said: &str, tokens: &[Token]) -> bool {
    let verb = tokens.iter().take(VERB_WITHIN).skip(1).position(|token| {
        phrases::VERBS.contains(&token.key.as_str()) || phrases::COPULAS.contains(&token.key.as_str())
    });
    verb.is_some_and(|at| !said[tokens[0].start..tokens[at + 1].start].contains([',', '.', '!', '\n']))
}

/// "My birthday: …".
fn is_labelled(said: &str, tokens: &[Token]) -> bool {
    let is_after = |at| colon(said, tokens, at).is_some_and(|from| said[from..].starts_with(char::is_whitespace));
    (1..tokens.len().min(VERB_WITHIN)).any(is_after)
}

/// Where the polite words begin that end a note and are not its own.
fn before_politeness(text: &str) -> Option<usize> {
    let tokens = read::tokens(text);
    let mut end = tokens.len();
    let mut found = None;
    while let Some(at) = politeness(&tokens[..end]) {
        let (before, polite) = (&tokens[at - 1], &tokens[at]);
        let is_please = || phrases::PLEASE_AFTER.iter().any(|phrase| fit(phrase, &tokens[at..end], true).is_some());
        // Only what is divided from it: "Kim always says thanks" ends so too.
        let is_own = match polite.gap {
            Gap::Hard => true,
            Gap::Stop => false,
            Gap::Soft if text[before.end..polite.start].contains(',') => false,
            Gap::Soft => !is_please() || phrases::SAYING.contains(&before.key.as_str()),
        };
        found = if is_own { found } else { Some(polite.start) };
        end = at;
    }
    found
}

/// The note that begins at a byte of `said`. `None` for what is a question, or taken back.
fn note(said: &str, from: usize, start: &Start) -> Option<Ask> {
    let mut text = said[from..].trim_start_matches(is_lead);
    if let Some(end) = before_politeness(text) {
        text = text[..end].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '¿' | '¡'));
    }
    if start.is_question {
        text = text.trim_end_matches(['?', '？', ' ', '\u{a0}', '\u{202f}']);
    }
    let is_question = text.char_indices().any(|(at, c)| {
        matches!(c, '?' | '？') && text[at + c.len_utf8()..].chars().next().is_none_or(|next| !next.is_alphanumeric())
    });
    let tokens = read::tokens(text);
    let is_taken_back = (0..tokens.len()).any(|at| {
        read::begins_clause(text, &tokens, at)
            && phrases::TAKEN_BACK.iter().any(|phrase| fit(phrase, &tokens[at..], false).is_some())
    });
    (tokens.is_empty() || !is_question && !is_taken_back).then(|| kept(text))
}
