//! Still pictures, made anew: whatever was in the file beside its pixels is gone, and so is what was hidden behind them.

use super::probe::{DECODE_BYTES_MAX, Probe, probe};
use super::sniff::PictureFormat;
use super::{Encoded, Picture};
use crate::model::{AttachmentKind, Refusal};
use fast_image_resize::images::{Image as Target, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::{gif::GifDecoder, jpeg::JpegDecoder, png, webp::WebPDecoder};
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder as _, Limits, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use std::io::Cursor;

/// Longest sides, in pixels. Nothing is ever enlarged.
pub const FULL_SIDE_MAX: u32 = 4_096;
pub const PREVIEW_SIDE_MAX: u32 = 1_100;
pub const GRID_SIDE_MAX: u32 = 320;

/// Of JPEG, in per cent. Pictures that came without loss are drawings and screens more often than photos: they keep more, and
/// their colours at full resolution.
const QUALITY: u8 = 85;
const QUALITY_OF_LOSSLESS: u8 = 92;

/// Bytes that a PNG may unpack beside its pixels: a colour profile of a few kilobytes, or a bomb in its place.
const ASIDE_MAX: u64 = 16 << 20;

/// What was decoded: eight bits, red, green and blue, turned and in sRGB; transparent only where something is.
pub(super) struct Decoded {
    pub image: DynamicImage,
    /// It came without loss.
    pub is_lossless: bool,
}

/// A still picture in its sizes. Pictures that move give their first frame.
///
/// # Errors
/// Those of [`probe`]; [`Refusal::Damaged`] when it does not decode.
pub fn still(bytes: &[u8]) -> Result<Picture, Refusal> {
    let found = probe(bytes)?;
    let decoded = decode(bytes, &found, FULL_SIDE_MAX)?;
    let full = encode(&decoded.image, decoded.is_lossless)?;
    let (preview, grid, thumbhash) = smaller(&decoded, false)?;
    Ok(Picture { kind: AttachmentKind::Image, full, preview, grid, thumbhash })
}

/// The preview and the grid size, `None` where the full one is not larger (unless `always`), and the blurred impression.
pub(super) fn smaller(decoded: &Decoded, always: bool) -> Result<(Option<Encoded>, Option<Encoded>, String), Refusal> {
    let wanted = |image: &DynamicImage, side: u32| always || image.width().max(image.height()) > side;
    let preview = fit(&decoded.image, PREVIEW_SIDE_MAX)?;
    let from = preview.as_ref().unwrap_or(&decoded.image);
    let grid = fit(from, GRID_SIDE_MAX)?;
    let small = grid.as_ref().unwrap_or(from);
    let encoded = |image: &DynamicImage, side: u32, of: &DynamicImage| {
        wanted(of, side).then(|| encode(image, decoded.is_lossless)).transpose()
    };
    Ok((
        encoded(from, PREVIEW_SIDE_MAX, &decoded.image)?,
        encoded(small, GRID_SIDE_MAX, &decoded.image)?,
        thumbhash(small)?,
    ))
}

/// Decodes, makes it fit into `side`, turns it, and brings its colours to sRGB, in this order: the large picture lives shortest.
pub(super) fn decode(bytes: &[u8], found: &Probe, side: u32) -> Result<Decoded, Refusal> {
    let (image, profile) = read(bytes, found)?;
    let image = fit(&image, side)?.unwrap_or(image);
    Ok(finish(image, profile.as_deref(), found))
}

/// As [`decode`], of a square only; `left`, `top` and `square` in pixels as stored.
pub(super) fn decode_square(
    bytes: &[u8],
    found: &Probe,
    (left, top, square): (u32, u32, u32),
    side: u32,
) -> Result<Decoded, Refusal> {
    let (image, profile) = read(bytes, found)?;
    let side = side.min(square);
    let area = (f64::from(left), f64::from(top), f64::from(square), f64::from(square));
    let image = resize(&image, side, side, Some(area))?;
    Ok(finish(image, profile.as_deref(), found))
}

fn finish(mut image: DynamicImage, profile: Option<&[u8]>, found: &Probe) -> Decoded {
    if let Some(profile) = profile {
        to_srgb(&mut image, profile);
    }
    image.apply_orientation(found.orientation);
    if let DynamicImage::ImageRgba8(pixels) = &image
        && pixels.as_raw().chunks_exact(4).all(|pixel| pixel[3] == 255)
    {
        image = DynamicImage::ImageRgb8(image.into_rgb8());
    }
    Decoded { image, is_lossless: found.format != PictureFormat::Jpeg }
}

/// The pixels as stored, in eight bits, and the colour profile.
fn read(bytes: &[u8], found: &Probe) -> Result<(DynamicImage, Option<Vec<u8>>), Refusal> {
    let input = Cursor::new(bytes);
    let damaged = |_| Refusal::Damaged;
    let mut decoder: Box<dyn ImageDecoder + '_> = match found.format {
        PictureFormat::Jpeg => Box::new(JpegDecoder::new(input).map_err(damaged)?),
        PictureFormat::Png => Box::new(png::PngDecoder::with_limits(input, limits(ASIDE_MAX)).map_err(damaged)?),
        PictureFormat::Gif => Box::new(GifDecoder::new(input).map_err(damaged)?),
        PictureFormat::WebP => Box::new(WebPDecoder::new(input).map_err(damaged)?),
    };
    // The decoder reads the same headers by other code: what was checked must be what is decoded.
    if decoder.dimensions() != (found.width, found.height) {
        return Err(Refusal::Damaged);
    }
    decoder.set_limits(limits(DECODE_BYTES_MAX)).map_err(damaged)?;
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    let image = match image {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => image,
        other if other.color().has_alpha() => DynamicImage::ImageRgba8(other.into_rgba8()),
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    };
    Ok((image, profile))
}

fn limits(bytes: u64) -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(super::probe::SIDE_MAX);
    limits.max_image_height = Some(super::probe::SIDE_MAX);
    limits.max_alloc = Some(bytes);
    limits
}

/// The picture made to fit into a square of `side`; `None` when it does already.
pub(super) fn fit(image: &DynamicImage, side: u32) -> Result<Option<DynamicImage>, Refusal> {
    let (width, height) = (image.width(), image.height());
    let longest = width.max(height);
    if longest <= side {
        return Ok(None);
    }
    let scaled = |of: u32| {
        let rounded = (u64::from(of) * u64::from(side) + u64::from(longest) / 2) / u64::from(longest);
        u32::try_from(rounded).unwrap_or(side).max(1)
    };
    resize(image, scaled(width), scaled(height), None).map(Some)
}

/// The square in the middle, `side` by `side`.
pub(super) fn square(image: &DynamicImage, side: u32) -> Result<DynamicImage, Refusal> {
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    let shorter = width.min(height);
    resize(image, side, side, Some(((width - shorter) / 2.0, (height - shorter) / 2.0, shorter, shorter)))
}

/// `area`: the part of the picture that is kept, as left, top, width and height.
fn resize(
    image: &DynamicImage,
    width: u32,
    height: u32,
    area: Option<(f64, f64, f64, f64)>,
) -> Result<DynamicImage, Refusal> {
    let kind = if image.color().has_alpha() { PixelType::U8x4 } else { PixelType::U8x3 };
    let damaged = |()| Refusal::Damaged;
    let source = ImageRef::new(image.width(), image.height(), image.as_bytes(), kind).map_err(|_| damaged(()))?;
    let mut target = Target::new(width, height, kind);
    let mut options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    if let Some((left, top, wide, high)) = area {
        options = options.crop(left, top, wide, high);
    }
    Resizer::new().resize(&source, &mut target, &options).map_err(|_| damaged(()))?;
    let pixels = target.into_vec();
    let resized = match kind {
        PixelType::U8x4 => RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
    };
    resized.ok_or(Refusal::Damaged)
}

/// Applies the colour profile of the picture. One that cannot be read, or is not of red, green and blue, is left out.
fn to_srgb(image: &mut DynamicImage, profile: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(profile) else { return };
    if profile.color_space != DataColorSpace::Rgb {
        return;
    }
    let layout = if image.color().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) = profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default()) else {
        return;
    };
    let (width, height) = (image.width(), image.height());
    let mut pixels = vec![0; image.as_bytes().len()];
    if transform.transform(image.as_bytes(), &mut pixels).is_err() {
        return;
    }
    let changed = match layout {
        Layout::Rgba => RgbaImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgba8),
        _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8),
    };
    if let Some(changed) = changed {
        *image = changed;
    }
}

/// PNG where something is transparent, JPEG otherwise; with no more in it than the pixels.
pub(super) fn encode(image: &DynamicImage, is_lossless: bool) -> Result<Encoded, Refusal> {
    if image.color().has_alpha() { encode_png(image) } else { encode_jpeg(image, is_lossless) }
}

pub(super) fn encode_jpeg(image: &DynamicImage, is_lossless: bool) -> Result<Encoded, Refusal> {
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    let (width, height) = (image.width(), image.height());
    let side = |side: u32| u16::try_from(side).map_err(|_| Refusal::Damaged);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, if is_lossless { QUALITY_OF_LOSSLESS } else { QUALITY });
    encoder.set_sampling_factor(if is_lossless { SamplingFactor::R_4_4_4 } else { SamplingFactor::R_4_2_0 });
    // Tables of the picture's own would save a few per cent, but with them each colour is a scan of its own, and people send on
    // what they were sent: our decoder reads such files wrongly (see `probe::jpeg`).
    encoder.set_optimized_huffman_tables(false);
    let rgb;
    let pixels = match image {
        DynamicImage::ImageRgb8(pixels) => pixels,
        other => {
            rgb = other.to_rgb8();
            &rgb
        }
    };
    encoder.encode(pixels.as_raw(), side(width)?, side(height)?, ColorType::Rgb).map_err(|_| Refusal::Damaged)?;
    Ok(Encoded { bytes, mime: "image/jpeg", width, height })
}

fn encode_png(image: &DynamicImage) -> Result<Encoded, Refusal> {
    let (width, height) = (image.width(), image.height());
    let pixels = image.as_rgba8().ok_or(Refusal::Damaged)?;
    let mut bytes = Vec::new();
    png::PngEncoder::new_with_quality(&mut bytes, png::CompressionType::Default, png::FilterType::Adaptive)
        .write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgba8)
        .map_err(|_| Refusal::Damaged)?;
    Ok(Encoded { bytes, mime: "image/png", width, height })
}

/// A blurred impression in at most 25 bytes, in base64url.
pub(super) fn thumbhash(image: &DynamicImage) -> Result<String, Refusal> {
    use base64::Engine as _;
    let small = fit(image, 100)?;
    let rgba = small.as_ref().unwrap_or(image).to_rgba8();
    let hash = ::thumbhash::rgba_to_thumb_hash(rgba.width() as usize, rgba.height() as usize, rgba.as_raw());
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash))
}
