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
        format!("/avatars/{}/{}", self.file_id, sharp(css_pixels, 2))
    }

    /// What `srcset` says for such a place: the smallest that is sharp on screens of one, two and three device pixels for one.
    pub fn srcset(&self, css_pixels: u32) -> String {
        let of = |density| format!("/avatars/{}/{} {density}x", self.file_id, sharp(css_pixels, density));
        let mut set = of(1);
        for density in 2..=3 {
            if sharp(css_pixels, density) > sharp(css_pixels, density - 1) {
                set = format!("{set}, {}", of(density));
            }
        }
        set
    }
}

fn sharp(css_pixels: u32, density: u32) -> u32 {
    let wanted = css_pixels.saturating_mul(density);
    PICTURE_SIZES.into_iter().find(|size| *size >= wanted).unwrap_or(PICTURE_SIZES[3])
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
        let sizes = |pixels| picture.srcset(pixels).replace(&format!("/avatars/{}/", picture.file_id), "");
        assert_eq!(sizes(20), "64 1x");
        assert_eq!(sizes(30), "64 1x, 128 3x");
        assert_eq!(sizes(48), "64 1x, 128 2x, 256 3x");
        assert_eq!(sizes(300), "512 1x");
    }
}
