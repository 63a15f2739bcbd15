//! Pictures of people and groups: a square part, in several sizes, with its colour.

use super::probe::{Probe, probe};
use super::still::{Decoded, decode_square, encode, fit, thumbhash};
use super::{Encoded, colour};
use crate::model::{Crop, PictureColour, Refusal};
use image::metadata::Orientation;

/// The sizes that there are, in pixels of a side, largest first.
pub const AVATAR_SIDES: [u32; 4] = [512, 256, 128, 64];

/// An avatar as kept.
pub struct Avatar {
    /// In the order of [`AVATAR_SIDES`]. A part that is smaller is not enlarged: then several are equally large.
    pub sizes: [Encoded; 4],
    pub thumbhash: String,
    /// `None`: the picture is neutral.
    pub colour: Option<PictureColour>,
}

/// The part of a picture as an avatar. `crop` is in pixels as shown; without one it is the largest square in the middle, and one
/// that reaches outside is moved, then made smaller. Pictures that move give their first frame.
///
/// # Errors
/// Those of [`probe`]; [`Refusal::Damaged`] when it does not decode.
pub fn avatar(bytes: &[u8], crop: Option<Crop>) -> Result<Avatar, Refusal> {
    let found = probe(bytes)?;
    let crop = inside(crop, found.shown_size());
    let decoded = decode_square(bytes, &found, stored(crop, &found), AVATAR_SIDES[0])?;
    let Decoded { image, is_lossless } = &decoded;
    let sized = |side: u32| -> Result<Encoded, Refusal> {
        let smaller = fit(image, side)?;
        encode(smaller.as_ref().unwrap_or(image), *is_lossless)
    };
    let [a, b, c, d] = AVATAR_SIDES;
    Ok(Avatar {
        sizes: [sized(a)?, sized(b)?, sized(c)?, sized(d)?],
        thumbhash: thumbhash(image)?,
        colour: colour::colour_of(image),
    })
}

fn inside(crop: Option<Crop>, (width, height): (u32, u32)) -> Crop {
    let shorter = width.min(height);
    match crop {
        Some(crop) => {
            let side = crop.side.clamp(1, shorter);
            Crop { x: crop.x.min(width - side), y: crop.y.min(height - side), side }
        }
        None => Crop { x: (width - shorter) / 2, y: (height - shorter) / 2, side: shorter },
    }
}

/// Left, top and side of a part in pixels as stored, before turning.
fn stored(Crop { x, y, side }: Crop, found: &Probe) -> (u32, u32, u32) {
    let (right, bottom) = (|at: u32| found.width - at - side, |at: u32| found.height - at - side);
    let (left, top) = match found.orientation {
        Orientation::NoTransforms => (x, y),
        Orientation::FlipHorizontal => (right(x), y),
        Orientation::Rotate180 => (right(x), bottom(y)),
        Orientation::FlipVertical => (x, bottom(y)),
        Orientation::Rotate90FlipH => (y, x),
        Orientation::Rotate90 => (y, bottom(x)),
        Orientation::Rotate270FlipH => (right(y), bottom(x)),
        Orientation::Rotate270 => (right(y), x),
    };
    (left, top, side)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::pictures::sniff::PictureFormat;

    #[test]
    fn a_part_is_the_same_part_however_the_picture_is_turned() {
        // Numbered pixels: turning and cutting gives what cutting and turning gives.
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let picture = image::GrayImage::from_fn(7, 5, |x, y| image::Luma([u8::try_from(y * 7 + x).unwrap()]));
            let found = Probe::plain(PictureFormat::Jpeg, 7, 5, orientation);
            let mut whole = image::DynamicImage::ImageLuma8(picture.clone());
            whole.apply_orientation(orientation);
            let crop = Crop { x: 1, y: 2, side: 3 };
            let expected = whole.crop_imm(crop.x, crop.y, crop.side, crop.side);
            let (left, top, side) = stored(crop, &found);
            let mut part = image::DynamicImage::ImageLuma8(picture).crop_imm(left, top, side, side);
            part.apply_orientation(orientation);
            assert_eq!(part, expected, "orientation {exif}");
        }
    }

    #[test]
    fn a_part_outside_is_moved_and_then_made_smaller() {
        let crop = |x, y, side| Crop { x, y, side };
        for (wanted, expected) in [
            (None, crop(50, 0, 100)),
            (Some(crop(10, 20, 30)), crop(10, 20, 30)),
            (Some(crop(190, 90, 50)), crop(150, 50, 50)),
            (Some(crop(0, 0, u32::MAX)), crop(0, 0, 100)),
            (Some(crop(u32::MAX, u32::MAX, 0)), crop(199, 99, 1)),
        ] {
            assert_eq!(inside(wanted, (200, 100)), expected, "{wanted:?}");
        }
    }
}
