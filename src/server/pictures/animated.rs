//! Pictures that move stay as they are, frame by frame, in a container written anew: only what draws them is copied. Comments,
//! metadata, foreign blocks and whatever follows the end stay behind.

use super::bytes::{PNG_SIGNATURE, PngChunk, Reader, RiffChunk, gif_table_bytes, skip_gif_blocks, webp_body};
use super::probe::{Probe, probe};
use super::sniff::PictureFormat;
use super::still::{PREVIEW_SIDE_MAX, decode, smaller};
use super::{Encoded, Picture};
use crate::model::{AttachmentKind, Refusal};

/// A picture that moves, with still ones of its first frame in the smaller sizes (both always set: they are what stands there
/// while it does not play).
///
/// # Errors
/// Those of [`probe`]; [`Refusal::Damaged`] when its first frame does not decode.
pub fn animated(bytes: &[u8]) -> Result<Picture, Refusal> {
    let found = probe(bytes)?;
    let bytes = stripped(bytes, &found)?;
    // What is kept is read once more, by what browsers will be given.
    let found = probe(&bytes)?;
    let first = decode(&bytes, &found, PREVIEW_SIDE_MAX)?;
    let (preview, grid, thumbhash) = smaller(&first, true)?;
    let full = Encoded { bytes, mime: found.format.mime(), width: found.width, height: found.height };
    Ok(Picture { kind: AttachmentKind::Animation, full, preview, grid, thumbhash })
}

fn stripped(bytes: &[u8], found: &Probe) -> Result<Vec<u8>, Refusal> {
    match found.format {
        PictureFormat::Gif => gif(bytes),
        PictureFormat::Png => png(bytes),
        PictureFormat::WebP => webp(bytes),
        PictureFormat::Jpeg => None,
    }
    .ok_or(Refusal::Damaged)
}

/// The screen, the frames with their controls, and how often they repeat.
fn gif(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes.get(6..)?);
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend(b"GIF89a");
    let screen = reader.take(7)?;
    kept.extend(screen);
    kept.extend(reader.take(gif_table_bytes(screen[4]))?);
    let mut repeats = false;
    loop {
        let start = reader.clone();
        match reader.u8() {
            Some(0x21) => match reader.u8()? {
                0xf9 => {
                    let control = reader.take(6)?;
                    (control[0] == 4 && control[5] == 0).then_some(())?;
                    kept.extend([0x21, 0xf9]);
                    kept.extend(control);
                }
                0xff => {
                    let mut blocks = reader.clone();
                    skip_gif_blocks(&mut reader)?;
                    if let Some(times) = repetitions(&mut blocks)
                        && !repeats
                    {
                        repeats = true;
                        kept.extend(b"\x21\xff\x0bNETSCAPE2.0\x03\x01");
                        kept.extend(times);
                        kept.push(0);
                    }
                }
                _ => skip_gif_blocks(&mut reader)?,
            },
            Some(0x2c) => {
                let frame = reader.take(9)?;
                reader.take(gif_table_bytes(frame[8]) + 1)?;
                skip_gif_blocks(&mut reader)?;
                kept.extend(&start.rest()[..reader.at() - start.at()]);
            }
            // As `probe` saw it: the end, with its mark or without.
            _ => break,
        }
    }
    kept.push(0x3b);
    Some(kept)
}

/// The number in the block that says how often an animation repeats, as it stands there. `None`: another block.
fn repetitions<'a>(blocks: &mut Reader<'a>) -> Option<&'a [u8]> {
    let name = blocks.take(12)?;
    let is_loop = &name[1..] == b"NETSCAPE2.0" || &name[1..] == b"ANIMEXTS1.0";
    (name[0] == 11 && is_loop && blocks.take(2)? == [3, 1]).then_some(())?;
    blocks.take(2)
}

/// Pixels, palette, and frames with their times; checksums are checked on the way.
fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(bytes.get(PNG_SIGNATURE.len()..)?);
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend(PNG_SIGNATURE);
    loop {
        let start = reader.clone();
        let chunk = PngChunk::read(&mut reader)?;
        if matches!(
            &chunk.tag,
            b"IHDR" | b"PLTE" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"acTL" | b"fcTL" | b"fdAT" | b"IDAT" | b"IEND"
        ) {
            let mut crc = flate2::Crc::new();
            crc.update(&chunk.tag);
            crc.update(chunk.data);
            (crc.sum() == chunk.crc).then_some(())?;
            kept.extend(&start.rest()[..reader.at() - start.at()]);
        }
        if chunk.tag == *b"IEND" {
            return Some(kept);
        }
    }
}

/// The header with its flags of metadata taken back, the animation and its frames.
fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    const ALPHA: u8 = 0x10;
    const ANIMATION: u8 = 0x02;
    let mut reader = Reader::new(webp_body(bytes)?);
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend(b"RIFF\0\0\0\0WEBP");
    while !reader.is_at_end() {
        let chunk = RiffChunk::read(&mut reader)?;
        match &chunk.tag {
            b"VP8X" => {
                let mut header = chunk.data.get(..10)?.to_vec();
                header[0] &= ALPHA | ANIMATION;
                header[1..4].fill(0);
                push_riff(&mut kept, b"VP8X", &header)?;
            }
            b"ANIM" => push_riff(&mut kept, b"ANIM", chunk.data.get(..6)?)?,
            b"ANMF" => push_riff(&mut kept, b"ANMF", &webp_frame(chunk.data)?)?,
            _ => {}
        }
    }
    let length = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&length.to_le_bytes());
    Some(kept)
}

fn webp_frame(data: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(data);
    let mut kept = reader.take(16)?.to_vec();
    while !reader.is_at_end() {
        let chunk = RiffChunk::read(&mut reader)?;
        if matches!(&chunk.tag, b"ALPH" | b"VP8 " | b"VP8L") {
            push_riff(&mut kept, &chunk.tag, chunk.data)?;
        }
    }
    Some(kept)
}

fn push_riff(to: &mut Vec<u8>, tag: &[u8; 4], data: &[u8]) -> Option<()> {
    to.extend(tag);
    to.extend(u32::try_from(data.len()).ok()?.to_le_bytes());
    to.extend(data);
    if data.len() % 2 == 1 {
        to.push(0);
    }
    Some(())
}
