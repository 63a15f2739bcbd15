//! What a model wrote becomes what may be shown and stored.
//!
//! ```text
//! raw ─▶ visible characters ─▶ read: heads, links, aliases, invented lines ─▶ canary ─▶ at most 4,000 characters
//! ```
//! Every step decides from what it has read, never from where the text ends. So it works on a text that still grows too: what
//! is not decided yet is held back, and what was shown once stays.
//!
//! A model may be in anybody's hands: whoever writes in the room can make it write anything. Here it can name an address but
//! not hide where it leads, and point at a message but only at one it was shown. Mentions are for the caller to ignore.

mod look;
mod out;
mod read;
#[cfg(test)]
mod tests;

use super::clean;
use std::collections::BTreeSet;

/// Characters of an answer.
pub const ANSWER_MAX: usize = 4_000;
/// What a reference counts: the caller shows a name of this length at most.
pub const REFERENCE_CHARS: usize = clean::NAME_MAX;
/// Characters that are read. A model that writes much that is dropped must not cost time without end.
const RAW_MAX: usize = 16_000;
/// Stands for the canary. Without square brackets, which could become a part of a link.
const REDACTED: &str = "(redacted)";

/// What an answer is read with.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The assistant's name.
    pub assistant: &'a str,
    /// How many messages the model was shown: it may refer to `m1` and so on up to this one.
    pub messages: usize,
    /// Hosts that may be linked to: [`super::Prompt::hosts`].
    pub hosts: &'a BTreeSet<String>,
    /// The word that must not be shown: letters and digits. Empty: none.
    pub canary: &'a str,
}

/// A part of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// In the Markdown of members, with links only to hosts that they named.
    Text(String),
    /// An address of a host that nobody named: to be read whole, not to be pressed. See [`inert`].
    Address(String),
    /// A message by the number of its alias, from 1: to be shown as a name that leads there.
    Message(usize),
}

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Answer {
    /// No two texts beside each other, none empty. No segments at all: the model wrote nothing worth showing.
    pub segments: Vec<Segment>,
    /// The canary was in it, and is not any more. Worth counting, and a reason to stop.
    pub has_canary: bool,
    /// The model wrote more than [`ANSWER_MAX`] characters: it need not go on.
    pub is_cut: bool,
}

/// The Markdown of members that shows an address as it is, and makes no link, mention or emphasis of it wherever it stands.
///
/// Not code: a backtick that a model wrote before it would end that at its beginning.
pub fn inert(address: &str) -> String {
    let mut text = String::with_capacity(address.len() + 2);
    for c in address.chars() {
        if matches!(c, ':' | '@' | '*' | '_' | '~' | '|') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

/// The whole answer.
pub fn finished(raw: &str, rules: &Rules<'_>) -> Answer {
    made(raw, rules, true)
}

/// What may be shown of an answer that still grows. With more of it these segments stay, and the last text may get longer. All
/// of it is a beginning of what [`finished`] gives in the end.
pub fn so_far(raw: &str, rules: &Rules<'_>) -> Answer {
    made(raw, rules, false)
}

fn made(raw: &str, rules: &Rules<'_>, is_final: bool) -> Answer {
    let mut text = visible(raw);
    if is_final {
        // The end of a line ends all that may stand in one, so that nobody else needs to know the end of the text.
        text.push('\n');
    }
    let mut answer = Answer { segments: read::segments(&text, rules, is_final), ..Answer::default() };
    redact(&mut answer, rules.canary, is_final);
    cut(&mut answer, is_final);
    answer
}

/// A text without control characters and what is not seen. All line breaks are `\n`.
fn visible(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len().min(4 * RAW_MAX));
    let mut before = '\0';
    for c in raw.chars().take(RAW_MAX) {
        let is_joined =
            matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0f}') && text.ends_with(|last: char| !last.is_ascii());
        match c {
            '\n' if before == '\r' => {}
            c if clean::is_break(c) => text.push('\n'),
            // Emoji and some scripts are joined so. Behind ASCII they would only tear words that are looked for.
            c if is_joined || !clean::is_hidden(c) => text.push(c),
            _ => {}
        }
        before = c;
    }
    text
}

/// Takes the canary out, however it is capitalised. Of a text that grows, what may become the canary is held back.
fn redact(answer: &mut Answer, canary: &str, is_final: bool) {
    if canary.is_empty() {
        return;
    }
    let canary = canary.to_ascii_lowercase();
    let last = answer.segments.len().saturating_sub(1);
    for (at, segment) in answer.segments.iter_mut().enumerate() {
        let (text, may_grow) = match segment {
            Segment::Text(text) => (text, at == last && !is_final),
            Segment::Address(text) => (text, false),
            Segment::Message(_) => continue,
        };
        let lower = text.to_ascii_lowercase();
        let mut kept = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(found) = lower[from..].find(&canary) {
            kept.push_str(&text[from..from + found]);
            kept.push_str(REDACTED);
            from += found + canary.len();
            answer.has_canary = true;
        }
        let is_begun = |at: &usize| lower.is_char_boundary(*at) && canary.starts_with(&lower[*at..]);
        let end = if may_grow { (from..lower.len()).find(is_begun) } else { None };
        kept.push_str(&text[from..end.unwrap_or(text.len())]);
        *text = kept;
    }
    answer.segments.retain(|segment| !matches!(segment, Segment::Text(text) if text.is_empty()));
}

/// Cuts what is longer than [`ANSWER_MAX`]. A text that grows ends one character earlier: it may yet need the ellipsis.
fn cut(answer: &mut Answer, is_final: bool) {
    let chars = |segment: &Segment| match segment {
        Segment::Text(text) | Segment::Address(text) => text.chars().count(),
        Segment::Message(_) => REFERENCE_CHARS,
    };
    let total: usize = answer.segments.iter().map(chars).sum();
    answer.is_cut = total > ANSWER_MAX;
    if total < ANSWER_MAX || is_final && !answer.is_cut {
        return;
    }
    let mut left = ANSWER_MAX - 1;
    let mut kept = Vec::new();
    for segment in std::mem::take(&mut answer.segments) {
        let Some(rest) = left.checked_sub(chars(&segment)) else {
            // Half an address leads elsewhere.
            if let Segment::Text(text) = segment {
                kept.push(Segment::Text(text.chars().take(left).collect()));
            }
            break;
        };
        left = rest;
        kept.push(segment);
    }
    match kept.last_mut() {
        Some(Segment::Text(text)) if is_final => text.push('…'),
        _ if is_final => kept.push(Segment::Text("…".to_owned())),
        _ => kept.retain(|segment| !matches!(segment, Segment::Text(text) if text.is_empty())),
    }
    answer.segments = kept;
}
