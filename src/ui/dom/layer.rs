//! What floats above the page: where it goes, and how the focus gets in and back out. Used by `ui::kit` only.

#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod browser;
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
mod nothing;
mod place;

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub use browser::{LayerHandle, use_escape};
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub use nothing::{LayerHandle, use_escape};
pub use place::{Place, Rect, place};

/// What a popover hangs on.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Anchor {
    /// The first element child of the popover's parent: put the button and its popover into one element of the class
    /// `menu-anchor`.
    #[default]
    Near,
    /// The element with this id.
    Id(String),
    /// A point of the window, in CSS pixels: where a press was.
    Point(f64, f64),
}

/// Where a popover would like to be. There is always a way out: it flips and shifts until it fits.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wish {
    pub anchor: Anchor,
    /// Above the anchor instead of below.
    pub is_above: bool,
    /// With its right edge on the anchor's right edge, instead of left on left.
    pub is_end: bool,
    /// Slides up from the lower edge of a narrow window instead of hanging on its anchor.
    pub is_sheet: bool,
}
