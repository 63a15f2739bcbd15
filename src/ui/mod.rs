//! Components. `kit` knows nothing of chat; the rest reads [`crate::client::Live`] and asks it.

pub mod admin;
pub mod auth;
pub mod dom;
pub mod emoji;
pub mod invite;
pub mod keys;
pub mod kit;
mod not_found;
pub mod notify;
pub mod panel;
pub mod people;
pub mod portrait;
pub mod profile;
pub mod requests;
pub mod room;
pub mod rooms;
#[cfg(test)]
mod samples;
pub mod search;
pub mod settings;
pub mod shell;
pub mod system_line;
pub mod time;
#[cfg(test)]
pub(crate) mod tokens;
pub mod viewer;
pub mod words;

pub use not_found::NotFound;
