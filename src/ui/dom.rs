//! What components ask of the browser. On the server every function is there too and does nothing.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
pub mod files;
pub mod layer;
pub mod media;
pub mod microphone;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;
pub mod picture;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::*;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::*;

/// Where a scrolled element is, in CSS pixels. It is laid out from its end (`column-reverse`): at the end `from_end` is 0,
/// however much there is above.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scroll {
    pub from_end: f64,
    pub to_start: f64,
    /// Of what is visible.
    pub height: f64,
}

/// A change of what a text area holds. All positions in UTF-16 units, as browsers count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What `text` takes the place of.
    pub from: u32,
    pub to: u32,
    pub text: String,
    /// What is selected afterwards; the same twice: the caret.
    pub select: (u32, u32),
}

/// An event of the window that components wait for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PageEvent {
    /// The page came into view, got the focus, or was pressed.
    Seen,
    Online,
    Resized,
    /// The browser went to another entry of its history.
    Travelled,
    /// Ctrl or Cmd with K.
    Search,
    Escape,
    /// Alt with an arrow.
    PreviousRoom,
    NextRoom,
    /// `?` where nothing is typed.
    Shortcuts,
    /// Ctrl or Cmd with F while a chat is open.
    Find,
}
