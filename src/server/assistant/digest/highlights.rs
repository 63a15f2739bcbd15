//! The messages most worth reading, chosen by rules.

use super::readable::{Readable, readable, shortened};
use super::signs::signs;
use super::suspect;
use super::{LINE_MAX, Line, Said};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// What a message is worth. What is said to the reader outweighs all else together; pins outweigh what is guessed from
/// words.
const TO_ME: u32 = 10_000;
const PINNED: u32 = 1_000;
const QUESTION: u32 = 80;
const DECISION: u32 = 50;
const DATE: u32 = 40;
const REACTIONS: u32 = 20;
const LINK_OR_FILE: u32 = 10;
/// Fewer reactions than these are politeness; more than these count no more.
const REACTIONS_MIN: u32 = 3;
const REACTIONS_MAX: u32 = 19;
/// Two texts are alike if they share so many of their words, per 100.
const ALIKE: usize = 80;
/// Characters by which two texts are compared.
const LOOKED_AT: usize = 2_000;
/// Stands for the words of a message that is nothing but files.
const FILE: &str = "📎";

/// The messages most worth reading, at most `max`, oldest first. None are worth it where people only chat.
///
/// First what mentions the reader or answers them, then pins, questions, decisions and dates, what many reacted to,
/// links and files. Nothing that programs wrote, and nothing twice. The text is the message's own, shortened between
/// words.
pub fn highlights<M: Clone>(said: &[Said<'_, M>], max: usize) -> Vec<Line<M>> {
    let mut ranked: Vec<(u32, usize, Readable)> = Vec::new();
    for (at, said) in said.iter().enumerate().filter(|(_, said)| !said.is_bot) {
        let text = readable(said.text);
        let worth = worth(said, &text);
        if worth > 0 && (!text.shown.is_empty() || said.files > 0) {
            ranked.push((worth, at, text));
        }
    }
    ranked.sort_by_key(|(worth, at, _)| Reverse((*worth, *at)));
    let mut kept: Vec<(usize, String, Key)> = Vec::new();
    for (_, at, text) in ranked {
        if kept.len() >= max {
            break;
        }
        let key = Key::new(&text.shown);
        if kept.iter().all(|(_, _, other)| !key.is_alike(other)) {
            kept.push((at, text.shown, key));
        }
    }
    kept.sort_by_key(|(at, _, _)| *at);
    let shown = |text: String| if text.is_empty() { FILE.to_owned() } else { shortened(&text, LINE_MAX) };
    kept.into_iter().map(|(at, text, _)| Line { key: said[at].key.clone(), text: shown(text) }).collect()
}

/// How much a message is worth reading; 0 if not at all.
pub fn worth<M>(said: &Said<'_, M>, text: &Readable) -> u32 {
    let signs = signs(&text.words);
    let reactions = if said.reactions >= REACTIONS_MIN { REACTIONS + said.reactions.min(REACTIONS_MAX) } else { 0 };
    let parts = [
        (said.names_me || said.answers_me, TO_ME),
        (said.is_pinned, PINNED),
        (signs.is_question, QUESTION),
        (signs.is_decision, DECISION),
        (signs.has_date, DATE),
        (text.has_link || said.files > 0, LINK_OR_FILE),
    ];
    reactions + parts.into_iter().filter(|(is_so, _)| *is_so).map(|(_, worth)| worth).sum::<u32>()
}

/// What two texts are compared by.
pub struct Key(BTreeSet<String>);

impl Key {
    pub fn new(text: &str) -> Self {
        let looked_at: String = text.chars().take(LOOKED_AT).collect();
        let words: BTreeSet<String> = suspect::spaced(&looked_at).split_whitespace().map(str::to_owned).collect();
        let is_wordless = words.is_empty() && !text.is_empty();
        Self(if is_wordless { BTreeSet::from([looked_at]) } else { words })
    }

    /// Whether two texts say nearly the same. Empty ones do not: two pictures are two.
    pub fn is_alike(&self, other: &Self) -> bool {
        let shared = self.0.intersection(&other.0).count();
        let all = self.0.len() + other.0.len() - shared;
        all > 0 && shared * 100 >= all * ALIKE
    }
}
