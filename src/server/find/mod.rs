//! What it means that a text matches, apart from any store: folding, n-grams, terms, and names with slips of the finger.
//!
//! A store narrows down by [`grams`] and drops what [`terms`] does not confirm; so both stores agree on what is found.

pub mod fold;
pub mod grams;
pub mod names;
pub mod terms;

pub use terms::Terms;
