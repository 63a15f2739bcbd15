//! From frames to files: one palette for the whole pack, and of each frame only what changed.

use crate::draw::{Canvas, Rgb};
use std::collections::BTreeMap;

/// Colours of the palette. One more stands for "as before".
const COLOURS: usize = 63;
const SAME: u8 = 63;
/// Colours nearer to each other than this are one.
const NEAR: i32 = 90;
/// The blend at an edge stays as it was when the new one is nearer to it than this: nobody sees it, and it packs better.
const STILL: i32 = 5_000;

/// How many are the theme's, and come first.
pub struct Palette(Vec<Rgb>, usize);

fn distance(a: Rgb, b: Rgb) -> i32 {
    let d = |at: usize| i32::from(a[at]) - i32::from(b[at]);
    2 * d(0) * d(0) + 4 * d(1) * d(1) + 3 * d(2) * d(2)
}

impl Palette {
    /// The theme's colours as they are; the rest goes to what is most in use between them.
    pub fn of<'a>(theme: &[Rgb], frames: impl Iterator<Item = &'a Canvas>) -> Self {
        let mut counts: BTreeMap<Rgb, u32> = BTreeMap::new();
        for frame in frames {
            for pixel in &frame.pixels {
                *counts.entry(*pixel).or_default() += 1;
            }
        }
        let mut chosen = theme.to_vec();
        // What is least well shown, by how often it is wanted, comes next.
        let mut wanted: Vec<(Rgb, u32, i32)> = counts
            .into_iter()
            .map(|(colour, count)| {
                (colour, count, chosen.iter().map(|c| distance(*c, colour)).min().unwrap_or(i32::MAX))
            })
            .filter(|(_, _, off)| *off > NEAR)
            .collect();
        while chosen.len() < COLOURS {
            let worst = |(_, count, off): &(Rgb, u32, i32)| u64::from(*count) * (*off as u64);
            let Some(at) = (0..wanted.len()).max_by_key(|at| (worst(&wanted[*at]), *at)) else { break };
            let (next, _, _) = wanted.swap_remove(at);
            chosen.push(next);
            for entry in &mut wanted {
                entry.2 = entry.2.min(distance(next, entry.0));
            }
            wanted.retain(|(_, _, off)| *off > NEAR);
        }
        chosen.resize(COLOURS + 1, [0; 3]);
        Self(chosen, theme.len())
    }

    fn index(&self, frame: &Canvas, known: &mut BTreeMap<Rgb, u8>) -> Vec<u8> {
        let nearest = |colour: Rgb| {
            let at = (0..COLOURS).min_by_key(|at| distance(self.0[*at], colour)).unwrap_or_default();
            u8::try_from(at).expect("fewer than 128")
        };
        frame.pixels.iter().map(|pixel| *known.entry(*pixel).or_insert_with(|| nearest(*pixel))).collect()
    }

    /// A looping GIF; with one frame, a still one.
    pub fn gif(&self, frames: &[&Canvas], delay_ms: u16) -> Vec<u8> {
        let size = frames[0].size;
        let side = u16::try_from(size).expect("a small picture");
        let table: Vec<u8> = self.0.iter().flatten().copied().collect();
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, side, side, &table).expect("a valid palette");
        if frames.len() > 1 {
            encoder.set_repeat(gif::Repeat::Infinite).expect("written to memory");
        }
        let mut known = BTreeMap::new();
        let mut before: Option<Vec<u8>> = None;
        for frame in frames {
            let mut now = self.index(frame, &mut known);
            if let Some(before) = &before {
                for (now, before) in now.iter_mut().zip(before) {
                    let (new, old) = (usize::from(*now), usize::from(*before));
                    if new >= self.1 && distance(self.0[new], self.0[old]) < STILL {
                        *now = *before;
                    }
                }
            }
            let (left, top, right, bottom) = match &before {
                Some(before) => changed(before, &now, size),
                None => (0, 0, size, size),
            };
            let small = |n: usize| u16::try_from(n).expect("a small picture");
            let frame = |run: bool, plain: bool| {
                let mut last = SAME;
                let part: Vec<u8> = (top..bottom)
                    .flat_map(|y| (left..right).map(move |x| y * size + x))
                    .map(|at| {
                        let is_same = before.as_ref().is_some_and(|before| before[at] == now[at]);
                        last = if is_same && !plain && !(run && last == now[at]) { SAME } else { now[at] };
                        last
                    })
                    .collect();
                gif::Frame {
                    delay: if frames.len() > 1 { delay_ms / 10 } else { 0 },
                    dispose: gif::DisposalMethod::Keep,
                    transparent: before.is_some().then_some(SAME),
                    left: small(left),
                    top: small(top),
                    width: small(right - left),
                    height: small(bottom - top),
                    buffer: part.into(),
                    ..gif::Frame::default()
                }
            };
            // What is as before may be left out or painted again; what packs best depends on what is around it.
            let mut variants = [frame(false, false), frame(true, false), frame(false, true)];
            variants.iter_mut().for_each(gif::Frame::make_lzw_pre_encoded);
            let out = variants.iter().min_by_key(|frame| frame.buffer.len()).expect("three of them");
            encoder.write_lzw_pre_encoded_frame(out).expect("written to memory");
            before = Some(now);
        }
        drop(encoder);
        bytes
    }

    pub fn shown(&self, frame: &Canvas) -> Canvas {
        let indices = self.index(frame, &mut BTreeMap::new());
        Canvas { size: frame.size, pixels: indices.into_iter().map(|at| self.0[usize::from(at)]).collect() }
    }
}

/// The smallest rectangle around what differs: left, top, and behind right and bottom. One pixel when nothing does.
fn changed(before: &[u8], now: &[u8], size: usize) -> (usize, usize, usize, usize) {
    let differs = |x: usize, y: usize| before[y * size + x] != now[y * size + x];
    let rows: Vec<usize> = (0..size).filter(|y| (0..size).any(|x| differs(x, *y))).collect();
    let columns: Vec<usize> = (0..size).filter(|x| (0..size).any(|y| differs(*x, y))).collect();
    match (columns.first(), rows.first(), columns.last(), rows.last()) {
        (Some(left), Some(top), Some(right), Some(bottom)) => (*left, *top, right + 1, bottom + 1),
        _ => (0, 0, 1, 1),
    }
}

/// A PNG without compression, to look at what was drawn.
pub fn png(width: usize, height: usize, pixels: &[Rgb]) -> Vec<u8> {
    let mut raw = Vec::with_capacity((width * 3 + 1) * height);
    for row in pixels.chunks(width) {
        raw.push(0);
        raw.extend(row.iter().flatten());
    }
    let mut data = vec![0x78, 0x01];
    let blocks = raw.chunks(65_535).count();
    for (at, block) in raw.chunks(65_535).enumerate() {
        let length = u16::try_from(block.len()).expect("at most 65,535");
        data.push(u8::from(at + 1 == blocks));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(block);
    }
    let (a, b) = raw.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    data.extend(((b << 16) | a).to_be_bytes());
    let big = |n: usize| u32::try_from(n).expect("a small picture").to_be_bytes();
    let head = [&big(width)[..], &big(height), &[8, 2, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, body) in [(b"IHDR", &head), (b"IDAT", &data), (b"IEND", &Vec::new())] {
        let part = [&kind[..], body].concat();
        bytes.extend(big(body.len()));
        bytes.extend(&part);
        bytes.extend(crc(&part).to_be_bytes());
    }
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc: u32, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}
