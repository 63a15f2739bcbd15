//! The pictures of people and groups, and the colour that a conversation takes from them.

use crate::id::FileId;
use crate::model::PictureColour;
use serde::{Deserialize, Serialize};

/// A picture in its four sizes, at `/avatars/{file_id}/{size}`. A new picture is a new file, so what was fetched stays right.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Picture {
    pub file_id: FileId,
    /// `None`: nothing in it is vivid; the accent is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub colour: Option<PictureColour>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gets_the_smallest_picture_that_is_sharp_there() {
        let picture = Picture { file_id: FileId::new(), colour: None };
        let size = |pixels| picture.url(pixels).rsplit('/').next().map(str::to_owned);
        assert_eq!(size(24).as_deref(), Some("64"));
        assert_eq!(size(48).as_deref(), Some("128"));
        assert_eq!(size(120).as_deref(), Some("256"));
        assert_eq!(size(u32::MAX).as_deref(), Some("512"));
    }
}
