//! How files get from the device into the page: chosen, dropped, pasted.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;

use crate::client::uploads::Bytes;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::*;

/// A file that someone wants to send.
#[derive(Clone, PartialEq, Debug)]
pub struct Picked {
    pub name: String,
    /// As the browser says; may be empty.
    pub mime: String,
    pub size: u64,
    pub bytes: Bytes,
}

/// What comes to the page from outside.
#[derive(Clone, PartialEq, Debug)]
pub enum Brought {
    /// Files are held over the room, or not any more.
    Over(bool),
    /// Dropped there, or pasted.
    Files(Vec<Picked>),
}
