//! The assistant as it is with nothing configured: rules, no language model. Pure: no store, no I/O, no clock, no chance of
//! its own.
//!
//! ```text
//! message ─▶ decide: is it for us? ─▶ intent: what is asked for ─▶ reply: a text, and at most one act
//! ```
//! What people write is data. It picks one of a closed set of acts and fills at most a number, an emoji or the words of a
//! search; it never becomes part of a rule. An [`reply::Act`] is a proposal: who carries it out asks again whether the person
//! who wrote may do it in that room, now, and whether the assistant may.

pub mod decide;
pub mod digest;
pub mod intent;
pub mod language;
pub mod noted;
pub mod notes;
pub mod prompt;
pub mod reply;
pub mod tic_tac_toe;
pub mod tools;
mod words;
