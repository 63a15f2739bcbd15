//! The rules, one file per capability: check, write, announce.

pub mod accounts;
pub mod answers;
pub mod assistant;
pub mod changes;
pub mod digests;
pub mod export;
pub mod files;
pub mod games;
pub mod groups;
pub mod heard;
pub mod mails;
pub mod memory;
pub mod messages;
pub mod moderation;
pub mod people;
pub mod pins;
pub mod prefs;
pub mod presence;
pub mod previews;
pub mod profiles;
pub mod requests;
pub mod rooms;
pub mod search;
pub mod start;
pub mod sync;
pub mod usage;
