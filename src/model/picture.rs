//! The pictures of people and groups, and the colour that a conversation takes from them.

use crate::id::FileId;
use serde::{Deserialize, Serialize};

/// A picture in its four sizes, at `/avatars/{file_id}/{size}`. A new picture is a new file, so what was fetched stays right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Picture {
    pub file_id: FileId,
    /// `None`: nothing in it is vivid; the accent is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colours: Option<Colours>,
}

/// The sides of a [`Picture`], in pixels.
pub const PICTURE_SIZES: [u32; 4] = [64, 128, 256, 512];

impl Picture {
    /// Where the picture is for a place of `css_pixels` a side, sharp at two device pixels for one.
    pub fn url(&self, css_pixels: u32) -> String {
        let wanted = css_pixels.saturating_mul(2);
        let size = PICTURE_SIZES.into_iter().find(|size| *size >= wanted).unwrap_or(PICTURE_SIZES[3]);
        format!("/avatars/{}/{size}", self.file_id)
    }
}

/// What a picture gives the bar, the names and the quotes, as `#rrggbb`: readable (4.5 to 1) on the bar, the surface, the
/// bubble and the canvas of its theme.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Colours {
    /// Degrees of OKLCH, 0 to 359.
    pub hue: u16,
    pub light: String,
    pub light_bar: String,
    pub dark: String,
    pub dark_bar: String,
    /// Of the algorithm that found them.
    pub version: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gets_the_smallest_picture_that_is_sharp_there() {
        let picture = Picture { file_id: FileId::new(), colours: None };
        let size = |pixels| picture.url(pixels).rsplit('/').next().map(str::to_owned);
        assert_eq!(size(24).as_deref(), Some("64"));
        assert_eq!(size(48).as_deref(), Some("128"));
        assert_eq!(size(120).as_deref(), Some("256"));
        assert_eq!(size(u32::MAX).as_deref(), Some("512"));
    }
}
