//! What is made of a span of a room's messages: what somebody missed, and a summary of what fell out of the prompt.
//! Pure: no store, no clock, no I/O.
//!
//! ```text
//! messages ─┬▶ highlights ───────────────────────────────────────────┬▶ lines that lead to messages
//!           ├▶ catch_up_prompt ─▶ model ─▶ catch_up_lines ───────────┘
//!           ├▶ summary_prompt ──▶ model ─▶ summary_text ─────────────┬▶ a text for the next prompts
//!           └▶ extract ──────────────────────────────────────────────┘
//! ```
//! Both work without a model, and better with one. Of a model the worst is assumed: that somebody in the room tells it
//! what to write. It can still lie. But what is kept of it is text of a bounded size with no markup, address, mention
//! or order in it, and it points to nothing but messages that it was shown.
//!
//! Whoever calls this gives what the reader may see: no deleted messages, none of people who hide theirs from the
//! assistant.

mod ask;
mod catch_up;
mod extract;
mod harmless;
mod highlights;
mod readable;
mod signs;
mod summary;
mod suspect;
#[cfg(test)]
mod tests;

pub use catch_up::{Asked, catch_up_lines, catch_up_prompt};
pub use extract::extract;
pub use highlights::highlights;
pub use summary::{About, SummaryAsked, summary_prompt, summary_text};

/// Characters of a line of what somebody missed.
pub const LINE_MAX: usize = 160;
/// Characters of a summary.
pub const SUMMARY_MAX: usize = 1_200;
/// Estimated tokens of a summary: what a prompt has room for.
pub const SUMMARY_TOKENS: u32 = 250;

/// A message, as one person sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said<'a, M> {
    pub key: M,
    pub author: &'a str,
    /// As it is shown, such as `09:14`.
    pub time: &'a str,
    pub text: &'a str,
    /// Another program or the assistant.
    pub is_bot: bool,
    /// It mentions who catches up. `false` for a summary, which is for nobody alone.
    pub names_me: bool,
    /// It answers a message of who catches up.
    pub answers_me: bool,
    pub reactions: u32,
    pub is_pinned: bool,
    pub files: u32,
}

/// A line of what somebody missed: plain text, to be shown as it is and never read as markup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line<M> {
    /// The message that it leads to.
    pub key: M,
    /// At most [`LINE_MAX`] characters.
    pub text: String,
}
