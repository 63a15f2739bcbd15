//! Lavender: a real-time chat people run themselves.
//!
//! One crate, two builds: feature `web` is the page in the browser (wasm32), feature `server` the process that
//! renders it, answers its server functions and keeps its sockets.
//!
//! | module | holds |
//! |---|---|
//! | [`model`] | what things are and their pure rules, for both sides; no I/O |
//! | [`live`] | the language of the websocket: commands, events, frames |
//! | [`api`] | server functions, one file per capability |
//! | [`client`] | what the page knows and how it learns it; no markup |
//! | [`ui`] | components |
//! | `server` | everything that never reaches a browser |
//!
//! Imports point one way: `model ← live ← api ← client ← ui` and `model, live ← server`. Only the body of an `api`
//! function names `server`.

pub mod api;
pub mod app;
pub mod client;
pub mod error;
pub mod id;
pub mod live;
pub mod model;
#[cfg(feature = "server")]
pub mod server;
pub mod time;
pub mod ui;

pub use app::App;
pub use error::{Error, Result};
