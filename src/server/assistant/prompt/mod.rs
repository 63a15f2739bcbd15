//! What a language model is shown of a room, and what is kept of its answer. Pure: no store, no clock, no I/O.
//!
//! ```text
//! messages, notes ─▶ clean ─▶ build: system text, transcript, question ─▶ model ─▶ answer: what may be shown and stored
//!                              └ aliases m1…m40, f1…f40 ───────────────────────────┘
//! ```
//! No wording separates data from orders for a model. So what it reads holds only what everybody in the room may read, and of
//! what it writes only a text is kept, which can do no more than a member's. A model never sees an id: only aliases, which are
//! nothing outside of their prompt.

pub mod address;
pub mod answer;
mod build;
pub mod clean;
mod system;
#[cfg(test)]
mod tests;
pub mod tokens;
mod window;

use std::collections::BTreeSet;
use tokens::Correction;

/// The smallest context that surely holds the system text, a question and an answer, in tokens. A smaller one counts as it, and
/// the server of the model may refuse the prompt: a setting should allow none.
pub const CONTEXT_MIN: u32 = 2_048;
/// Aliases of messages in a prompt.
pub const MESSAGES_MAX: usize = 40;
/// Aliases of notes in a prompt.
pub const FACTS_MAX: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    #[default]
    Member,
    Admin,
    Owner,
    /// Another program.
    Bot,
    /// The one who is asked.
    Assistant,
}

impl Role {
    fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
            Self::Bot => "bot",
            Self::Assistant => "assistant",
        }
    }
}

/// What may be shown of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum State {
    #[default]
    Written,
    Edited,
    /// Only that there was one.
    Deleted,
    /// The author does not want the assistant to read it: neither the text nor the name is shown.
    Hidden,
}

/// A message of the room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item<'a, M> {
    pub key: M,
    /// Its place in the room: greater for younger ones, the same in every prompt.
    pub seq: u64,
    pub author: &'a str,
    pub role: Role,
    /// As it is shown, such as `09:14`.
    pub time: &'a str,
    pub text: &'a str,
    pub state: State,
}

/// A note that a member saved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fact<'a, F> {
    pub key: F,
    pub author: &'a str,
    pub text: &'a str,
    pub is_pinned: bool,
}

/// What a prompt is made of. `M` and `F` are what the caller knows messages and notes by.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a, M, F> {
    pub assistant: &'a str,
    pub room: &'a str,
    /// The day, as it is shown. A time of day would make every prompt begin differently.
    pub today: &'a str,
    /// One line for each tool, written by us.
    pub tools: &'a [&'a str],
    /// How the room's admins want it to write; may be empty.
    pub persona: &'a str,
    /// A secret word of letters and digits that must never be in an answer: see [`answer`].
    pub canary: &'a str,
    /// Oldest first.
    pub facts: &'a [Fact<'a, F>],
    pub summary: Option<&'a str>,
    /// Oldest first. Give at least 48 where there are as many: blocks are cut off by their place, and a list that itself moves
    /// with each message would make every prompt begin differently.
    pub items: &'a [Item<'a, M>],
    /// What the question answers.
    pub quoted: Option<&'a Item<'a, M>>,
    /// Shown whatever its state is: its author asked. It may be one of `items` too.
    pub question: &'a Item<'a, M>,
    /// The window of the model; see [`CONTEXT_MIN`].
    pub context_tokens: u32,
    /// What is asked for at most: 400 in groups, 800 between two. Never more than a quarter of the context.
    pub output_tokens: u32,
    pub correction: Correction,
}

/// What is sent, and what the answer is read with.
///
/// The three texts are a `system` message and two `user` messages. Templates that want roles to alternate (Gemma, Mistral)
/// refuse two of the same: for them join both with a line break.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prompt<M, F> {
    pub system: String,
    pub transcript: String,
    /// Such as `Answer m31 by Ada.`
    pub question: String,
    /// What the model saw: `messages[0]` is `m1`.
    pub messages: Vec<M>,
    /// `facts[0]` is `f1`.
    pub facts: Vec<F>,
    pub has_summary: bool,
    /// Where addresses led that people, not the assistant, wrote in what is shown.
    pub hosts: BTreeSet<String>,
    /// By [`tokens::count`], before any correction: give it to [`Correction::learn`].
    pub estimated: u32,
    /// The most that may be written.
    pub max_tokens: u32,
}

impl<M, F> Prompt<M, F> {
    /// The message with an alias, such as `m12`.
    pub fn message(&self, alias: &str) -> Option<&M> {
        nth(&self.messages, alias.strip_prefix('m')?)
    }

    /// The note with an alias, such as `f3`.
    pub fn fact(&self, alias: &str) -> Option<&F> {
        nth(&self.facts, alias.strip_prefix('f')?)
    }
}

fn nth<'a, K>(keys: &'a [K], number: &str) -> Option<&'a K> {
    let is_plain = number.len() <= 2 && !number.starts_with('0') && number.chars().all(|c| c.is_ascii_digit());
    let number: usize = number.parse().ok().filter(|_| is_plain)?;
    keys.get(number.checked_sub(1)?)
}

/// Adds messages to a prompt that were searched for, and gives their lines, each with its alias. What is in the prompt already
/// keeps its alias.
pub fn found<M: Clone + PartialEq, F>(
    prompt: &mut Prompt<M, F>,
    items: &[Item<'_, M>],
    assistant: &str,
) -> Vec<String> {
    build::found(prompt, items, assistant)
}

/// Makes a prompt. The same input gives the same one.
///
/// `estimated`, corrected, and `max_tokens` together are never more than the context without a margin of 10 % for the input.
/// Room is given in this order: the system text, the question, what it answers, notes (a third of the rest at most), the
/// summary (if a quarter of what is left is enough), and then the newest messages.
pub fn build<M: Clone + PartialEq, F: Clone>(input: &Input<'_, M, F>) -> Prompt<M, F> {
    build::Builder::new(input).build()
}
