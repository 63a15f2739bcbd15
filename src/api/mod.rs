//! Server functions. Each body is one line: the service that does it.
//!
//! `session` in an attribute is the authentication: without a valid session cookie the function answers 401.

pub mod account;
pub mod files;
pub mod groups;
pub mod memory;
pub mod moderation;
pub mod people;
pub mod requests;
pub mod rooms;
pub mod search;
pub mod start;
