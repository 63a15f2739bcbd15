//! What is inside files that people send: pure functions from bytes to what is kept. No store, no HTTP; the only thing that runs
//! here is the worker.
//!
//! A file is first judged by name, declared type and its first bytes ([`classify`]). A picture is then measured on its headers
//! (`probe`), and only what fits is decoded: still pictures are made anew (`still`), moving ones are copied block by block
//! without what does not belong to them (`animated`).

pub mod name;
pub mod sniff;

pub use name::clean_name;
pub use sniff::{Classified, HEAD_BYTES, PictureFormat, classify};
