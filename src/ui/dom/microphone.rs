//! What is spoken into the page.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;

use crate::client::uploads::Bytes;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::*;

/// Why nothing is recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Denied {
    /// Someone, or their browser, said no.
    NotAllowed,
    NoMicrophone,
    /// The browser cannot, or not on this page: it may have to be on https.
    Unsupported,
}

/// A recording that has ended.
#[derive(Clone, PartialEq, Debug)]
pub struct Recorded {
    pub bytes: Bytes,
    pub mime: String,
    pub size: u64,
    pub duration_ms: u32,
}
