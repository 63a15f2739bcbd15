//! What is inside files that people send: pure functions from bytes to what is kept. No store, no HTTP; the only thing that runs
//! here is [`worker`].
//!
//! A file is first judged by name, declared type and its first bytes ([`classify`]). A picture is then measured on its headers
//! ([`probe`]), and only what fits is decoded: still pictures are made anew ([`still`]), moving ones are copied block by block
//! without what does not belong to them ([`animated`]).

pub mod animated;
pub mod avatar;
mod bytes;
pub mod colour;
pub mod name;
pub mod oklch;
pub mod probe;
pub mod sniff;
pub mod still;
pub mod wallpaper;
pub mod worker;

pub use avatar::{AVATAR_SIDES, Avatar, avatar};
pub use name::clean_name;
pub use probe::{Probe, probe};
pub use sniff::{Classified, HEAD_BYTES, PictureFormat, classify};
pub use wallpaper::{Backdrop, Luminance, Scheme, scrim, wallpaper};
pub use worker::{Failure, Worker};

use crate::model::{AttachmentKind, Refusal};

/// A picture as bytes of its own making.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    pub mime: &'static str,
    pub width: u32,
    pub height: u32,
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} {}x{}, {} bytes", self.mime, self.width, self.height, self.bytes.len())
    }
}

/// A picture of a message as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    /// [`AttachmentKind::Image`] or [`AttachmentKind::Animation`].
    pub kind: AttachmentKind,
    pub full: Encoded,
    /// At most [`still::PREVIEW_SIDE_MAX`] a side. `None`: `full` is not larger. Always set for animations, and still.
    pub preview: Option<Encoded>,
    /// At most [`still::GRID_SIDE_MAX`] a side. `None`: the next larger one is not larger. Always set for animations, and still.
    pub grid: Option<Encoded>,
    /// A blurred impression of at most 25 bytes, in base64url.
    pub thumbhash: String,
}

/// A picture of a message from a file as sent.
///
/// # Errors
/// [`Refusal::NotAPicture`], [`Refusal::Damaged`], and the bounds of [`probe`].
pub fn picture(bytes: &[u8]) -> Result<Picture, Refusal> {
    if probe(bytes)?.is_animated() { animated::animated(bytes) } else { still::still(bytes) }
}
