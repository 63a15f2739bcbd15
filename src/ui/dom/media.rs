//! What pictures, films and sounds ask of the browser. Elements that play are named by their id.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::*;

/// Where something that plays is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Moment {
    pub at_ms: u32,
    /// `None`: not known (yet, or ever: recordings of some browsers don't say).
    pub length_ms: Option<u32>,
    pub is_playing: bool,
}

/// A box on the screen, in CSS pixels.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Area {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}
