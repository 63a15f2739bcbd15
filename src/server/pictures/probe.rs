//! What the headers of a picture say: its size, how many frames, how it is turned. Nothing is decoded and nothing is allocated,
//! whatever the headers claim, and what is larger than the bounds below is refused here.

use super::bytes::{PNG_SIGNATURE, PngChunk, Reader, RiffChunk, gif_table_bytes, skip_gif_blocks, webp_body};
use super::sniff::PictureFormat;
use crate::model::Refusal;
use image::metadata::Orientation;

/// Pixels of one picture: more than the 48 megapixels of common phones.
pub const PIXELS_MAX: u64 = 50_000_000;
/// Pixels of a side.
pub const SIDE_MAX: u32 = 16_384;
/// Frames of an animation.
pub const FRAMES_MAX: u32 = 500;
/// Pixels of all frames of an animation together, each as large as the whole: 500 frames of 1024 by 585.
pub const ANIMATION_PIXELS_MAX: u64 = 300_000_000;
/// Bytes that decoding one picture may take (see [`Probe::cost_bytes`]). Only 16-bit PNG and progressive JPEG with full colour
/// reach it below [`PIXELS_MAX`].
pub const DECODE_BYTES_MAX: u64 = 384 << 20;
/// Scans of a progressive JPEG: encoders make about ten, and each costs a pass over the whole picture.
const SCANS_MAX: u32 = 64;

/// A picture as its headers describe it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Probe {
    pub format: PictureFormat,
    /// Pixels as stored, before turning.
    pub width: u32,
    pub height: u32,
    /// More than one: it moves.
    pub frames: u32,
    pub orientation: Orientation,
    /// Bytes that its decoder needs for each pixel.
    pixel_bytes: u64,
}

impl Probe {
    /// A picture of nothing but its size, for tests.
    #[cfg(test)]
    pub(super) fn plain(format: PictureFormat, width: u32, height: u32, orientation: Orientation) -> Self {
        Self { format, width, height, frames: 1, orientation, pixel_bytes: 3 }
    }

    pub fn is_animated(&self) -> bool {
        self.frames > 1
    }

    /// Width and height as shown, after turning.
    pub fn shown_size(&self) -> (u32, u32) {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        match self.orientation {
            Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH => (self.height, self.width),
            _ => (self.width, self.height),
        }
    }

    /// Memory that decoding and re-encoding takes at most beside the bytes themselves, by the buffers that are alive together.
    pub fn cost_bytes(&self) -> u64 {
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let full = u64::from(super::still::FULL_SIDE_MAX);
        let kept = width.min(full) * height.min(full);
        // While the first size is made: the decoded picture, one pass of resizing, the result; then its turned copy and its bytes.
        let pass = width.min(full) * height * 4;
        width * height * self.pixel_bytes + if width.max(height) > full { pass } else { 0 } + kept * 8
    }

    /// # Errors
    /// [`Refusal::Damaged`] for a side of none; [`Refusal::TooManyPixels`]; [`Refusal::TooManyFrames`].
    fn check(self) -> Result<Self, Refusal> {
        check_size(self.width, self.height)?;
        if self.cost_bytes() > DECODE_BYTES_MAX {
            return Err(Refusal::TooManyPixels { width: self.width, height: self.height });
        }
        check_frames(self.frames, self.width, self.height)?;
        Ok(self)
    }
}

fn check_size(width: u32, height: u32) -> Result<(), Refusal> {
    if width == 0 || height == 0 {
        return Err(Refusal::Damaged);
    }
    let pixels = u64::from(width) * u64::from(height);
    let fits = width <= SIDE_MAX && height <= SIDE_MAX && pixels <= PIXELS_MAX;
    if fits { Ok(()) } else { Err(Refusal::TooManyPixels { width, height }) }
}

fn check_frames(frames: u32, width: u32, height: u32) -> Result<(), Refusal> {
    let for_size = ANIMATION_PIXELS_MAX / (u64::from(width) * u64::from(height)).max(1);
    let max = u32::try_from(for_size).unwrap_or(u32::MAX).clamp(1, FRAMES_MAX);
    if frames > max { Err(Refusal::TooManyFrames { max }) } else { Ok(()) }
}

/// Reads the headers of a whole file of one of the four formats.
///
/// # Errors
/// [`Refusal::NotAPicture`] when it is none of them; [`Refusal::Damaged`] when it is cut off or contradicts itself;
/// [`Refusal::TooManyPixels`] and [`Refusal::TooManyFrames`] beyond the bounds of this module.
pub fn probe(bytes: &[u8]) -> Result<Probe, Refusal> {
    match PictureFormat::of(bytes).ok_or(Refusal::NotAPicture)? {
        PictureFormat::Jpeg => jpeg(bytes),
        PictureFormat::Png => png(bytes),
        PictureFormat::Gif => gif(bytes),
        PictureFormat::WebP => webp(bytes),
    }
}

fn orientation(exif: &[u8]) -> Orientation {
    Orientation::from_exif_chunk(exif).unwrap_or(Orientation::NoTransforms)
}

/// Baseline pictures with a scan for each colour are refused: zune-jpeg 0.5.15 gives wrong pixels for them and says nothing
/// (etemesi254/zune-image 419 and 422), and a wrong picture is worse than none. Cameras and editors write one scan.
fn jpeg(bytes: &[u8]) -> Result<Probe, Refusal> {
    let mut reader = Reader::new(&bytes[2..]);
    let mut found: Option<Probe> = None;
    let mut baseline_components = None;
    let mut turned = Orientation::NoTransforms;
    let mut scans = 0;
    loop {
        match next_marker(&mut reader).ok_or(Refusal::Damaged)? {
            0xd9 => break,
            0x01 | 0xd0..=0xd8 => {}
            marker => {
                let length = usize::from(reader.be16().ok_or(Refusal::Damaged)?);
                let data = length.checked_sub(2).and_then(|length| reader.take(length)).ok_or(Refusal::Damaged)?;
                match marker {
                    0xc0..=0xc2 if found.is_none() => {
                        found = Some(frame(marker, data).ok_or(Refusal::Damaged)?);
                        baseline_components = data.get(5).copied().filter(|_| marker != 0xc2);
                    }
                    // A second frame, or a kind that nobody uses: lossless, hierarchical, arithmetic.
                    0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Err(Refusal::Damaged),
                    0xda => {
                        scans += 1;
                        // Before the walk through the rest: a bomb is refused at its header.
                        found.ok_or(Refusal::Damaged)?.check()?;
                        if baseline_components.is_some_and(|components| data.first() != Some(&components)) {
                            return Err(Refusal::Damaged);
                        }
                    }
                    0xe1 => turned = data.strip_prefix(b"Exif\0\0").map_or(turned, orientation),
                    _ => {}
                }
            }
        }
    }
    let found = found.filter(|_| (1..=SCANS_MAX).contains(&scans)).ok_or(Refusal::Damaged)?;
    Probe { orientation: turned, ..found }.check()
}

/// The next marker, past coded data: there, `FF` is followed by 0 or a restart marker.
fn next_marker(reader: &mut Reader) -> Option<u8> {
    loop {
        let skip = reader.rest().iter().position(|byte| *byte == 0xff)?;
        reader.take(skip)?;
        while *reader.rest().first()? == 0xff {
            reader.u8()?;
        }
        match reader.u8()? {
            0x00 | 0xd0..=0xd7 => {}
            marker => return Some(marker),
        }
    }
}

fn frame(marker: u8, data: &[u8]) -> Option<Probe> {
    let mut reader = Reader::new(data);
    let precision = reader.u8()?;
    let (height, width) = (reader.be16()?, reader.be16()?);
    let components = reader.u8()?;
    let mut samples = 0;
    let mut most = 1;
    for _ in 0..components {
        reader.u8()?;
        let factors = reader.u8()?;
        reader.u8()?;
        let area = u64::from(factors >> 4) * u64::from(factors & 15);
        samples += area;
        most = most.max(area);
    }
    (precision == 8 && matches!(components, 1 | 3 | 4) && samples > 0).then_some(())?;
    // Progressive pictures keep two bytes of every sample until the last scan.
    let coefficients = if marker == 0xc2 { (2 * samples).div_ceil(most) } else { 0 };
    Some(Probe {
        format: PictureFormat::Jpeg,
        width: u32::from(width),
        height: u32::from(height),
        frames: 1,
        orientation: Orientation::NoTransforms,
        pixel_bytes: 3 + coefficients,
    })
}

fn png(bytes: &[u8]) -> Result<Probe, Refusal> {
    let mut reader = Reader::new(&bytes[PNG_SIGNATURE.len()..]);
    let header = PngChunk::read(&mut reader).filter(|chunk| chunk.tag == *b"IHDR" && chunk.data.len() == 13);
    let header = header.ok_or(Refusal::Damaged)?.data;
    let size = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (width, height) = (size(0), size(4));
    check_size(width, height)?;
    let samples = match header[9] {
        0 => 1,
        2 | 3 => 3,
        4 => 2,
        6 => 4,
        _ => return Err(Refusal::Damaged),
    };
    let mut has_alpha = matches!(header[9], 4 | 6);
    let mut turned = Orientation::NoTransforms;
    let mut announced = 0;
    let mut controls = 0;
    let mut has_data = false;
    loop {
        let chunk = PngChunk::read(&mut reader).ok_or(Refusal::Damaged)?;
        match &chunk.tag {
            b"IEND" => break,
            b"IHDR" => return Err(Refusal::Damaged),
            b"IDAT" => has_data = true,
            b"tRNS" => has_alpha = true,
            b"eXIf" => turned = orientation(chunk.data),
            b"acTL" if !has_data => announced = Reader::new(chunk.data).be32().ok_or(Refusal::Damaged)?,
            b"fcTL" => {
                controls += 1;
                check_frames(controls, width, height)?;
                let mut frame = Reader::new(chunk.data.get(4..20).ok_or(Refusal::Damaged)?);
                let mut next = || frame.be32().map(u64::from).ok_or(Refusal::Damaged);
                let (wide, high, left, top) = (next()?, next()?, next()?, next()?);
                let is_inside = left + wide <= u64::from(width) && top + high <= u64::from(height);
                if wide == 0 || high == 0 || !is_inside {
                    return Err(Refusal::Damaged);
                }
            }
            _ => {}
        }
    }
    if !has_data {
        return Err(Refusal::Damaged);
    }
    // As decoded, and as converted to eight bits with red, green and blue.
    let decoded =
        (samples + u64::from(has_alpha && matches!(header[9], 0 | 2 | 3))) * if header[8] == 16 { 2 } else { 1 };
    let wanted = if has_alpha { 4 } else { 3 };
    let pixel_bytes = if decoded == wanted { decoded } else { decoded + wanted };
    // One that contradicts itself is the still picture that it also is; browsers do the same.
    let frames = if announced == controls { controls.max(1) } else { 1 };
    Probe { format: PictureFormat::Png, width, height, frames, orientation: turned, pixel_bytes }.check()
}

fn gif(bytes: &[u8]) -> Result<Probe, Refusal> {
    let mut reader = Reader::new(&bytes[6..]);
    let (width, height, frames) = gif_blocks(&mut reader)?;
    Probe {
        format: PictureFormat::Gif,
        width,
        height,
        frames,
        orientation: Orientation::NoTransforms,
        // The screen, the frame, and its indices.
        pixel_bytes: 9,
    }
    .check()
}

fn gif_blocks(reader: &mut Reader) -> Result<(u32, u32, u32), Refusal> {
    let cut = || Refusal::Damaged;
    let (width, height) = (reader.le16().ok_or_else(cut)?, reader.le16().ok_or_else(cut)?);
    let (width, height) = (u32::from(width), u32::from(height));
    check_size(width, height)?;
    let flags = reader.u8().ok_or_else(cut)?;
    reader.take(2 + gif_table_bytes(flags)).ok_or_else(cut)?;
    let mut frames = 0;
    loop {
        match reader.u8() {
            // The end; many files lack its mark after the last whole block.
            Some(0x3b) | None if frames > 0 => return Ok((width, height, frames)),
            Some(0x21) => {
                reader.u8().ok_or_else(cut)?;
                skip_gif_blocks(reader).ok_or_else(cut)?;
            }
            Some(0x2c) => {
                frames += 1;
                check_frames(frames, width, height)?;
                let mut next = || reader.le16().map(u32::from).ok_or_else(cut);
                let (left, top, wide, high) = (next()?, next()?, next()?, next()?);
                check_size(wide, high)?;
                if left + wide > width || top + high > height {
                    return Err(Refusal::Damaged);
                }
                let flags = reader.u8().ok_or_else(cut)?;
                reader.take(gif_table_bytes(flags)).ok_or_else(cut)?;
                let code_size = reader.u8().ok_or_else(cut)?;
                if !(1..=11).contains(&code_size) {
                    return Err(Refusal::Damaged);
                }
                skip_gif_blocks(reader).ok_or_else(cut)?;
            }
            _ => return Err(Refusal::Damaged),
        }
    }
}

fn webp(bytes: &[u8]) -> Result<Probe, Refusal> {
    let body = webp_body(bytes).ok_or(Refusal::Damaged)?;
    let found = webp_chunks(body)?.ok_or(Refusal::Damaged)?;
    found.check()
}

/// `None`: a chunk is cut off, or two say different things.
fn webp_chunks(body: &[u8]) -> Result<Option<Probe>, Refusal> {
    let mut reader = Reader::new(body);
    let Some(first) = RiffChunk::read(&mut reader) else { return Ok(None) };
    let mut found = Probe {
        format: PictureFormat::WebP,
        width: 0,
        height: 0,
        frames: 1,
        orientation: Orientation::NoTransforms,
        // The picture, the canvas below it, and its three planes.
        pixel_bytes: 10,
    };
    if first.tag != *b"VP8X" {
        let Some((width, height)) = webp_size(&first) else { return Ok(None) };
        return Ok(Some(Probe { width, height, ..found }));
    }
    let mut header = Reader::new(first.data);
    let (Some(flags), Some(_), Some(width), Some(height)) = (header.u8(), header.take(3), header.le24(), header.le24())
    else {
        return Ok(None);
    };
    (found.width, found.height) = (width + 1, height + 1);
    check_size(found.width, found.height)?;
    let mut frames = 0;
    let mut has_still = false;
    while !reader.is_at_end() {
        let Some(chunk) = RiffChunk::read(&mut reader) else { return Ok(None) };
        match &chunk.tag {
            b"EXIF" => found.orientation = orientation(chunk.data.strip_prefix(b"Exif\0\0").unwrap_or(chunk.data)),
            b"VP8 " | b"VP8L" => {
                has_still = true;
                if webp_size(&chunk) != Some((found.width, found.height)) {
                    return Ok(None);
                }
            }
            b"ANMF" => {
                frames += 1;
                check_frames(frames, found.width, found.height)?;
                if webp_frame(chunk.data, &found).is_none() {
                    return Ok(None);
                }
            }
            _ => {}
        }
    }
    let is_animated = flags & 2 != 0;
    if (is_animated && frames == 0) || (!is_animated && !has_still) {
        return Ok(None);
    }
    found.frames = if is_animated { frames } else { 1 };
    Ok(Some(found))
}

/// A frame of an animation lies inside of the whole, and its picture is as large as it says.
fn webp_frame(data: &[u8], whole: &Probe) -> Option<()> {
    let mut reader = Reader::new(data);
    let (left, top) = (reader.le24()? * 2, reader.le24()? * 2);
    let (wide, high) = (reader.le24()? + 1, reader.le24()? + 1);
    reader.take(4)?;
    (left + wide <= whole.width && top + high <= whole.height).then_some(())?;
    while !reader.is_at_end() {
        let chunk = RiffChunk::read(&mut reader)?;
        if matches!(&chunk.tag, b"VP8 " | b"VP8L") {
            return (webp_size(&chunk)? == (wide, high)).then_some(());
        }
    }
    None
}

fn webp_size(chunk: &RiffChunk) -> Option<(u32, u32)> {
    let mut reader = Reader::new(chunk.data);
    match &chunk.tag {
        b"VP8 " => {
            let is_key_frame = reader.take(3)?[0] & 1 == 0;
            (is_key_frame && reader.take(3)? == [0x9d, 0x01, 0x2a]).then_some(())?;
            Some((u32::from(reader.le16()? & 0x3fff), u32::from(reader.le16()? & 0x3fff)))
        }
        b"VP8L" => {
            (reader.u8()? == 0x2f).then_some(())?;
            let bits = reader.le32()?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        _ => None,
    }
}
