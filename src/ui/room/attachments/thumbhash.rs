//! Blurred impressions of pictures: <https://evanw.github.io/thumbhash/>, drawn as a tiny bitmap in an address.

use std::f32::consts::PI;

/// Pixels a side. It is stretched and blurred anyway, so it knows nothing of the picture's shape.
const SIDE: usize = 16;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// What is behind transparent pictures.
const BEHIND: f32 = 0.85;

/// A `data:` address of the impression, or `None` if the text (base64url) is none.
pub fn address(hash: &str) -> Option<String> {
    let pixels = Hash::read(&decode(hash)?)?.pixels();
    // A bitmap of 24 bits: no checksums, and every browser reads it.
    let size = u32::try_from(54 + pixels.len()).ok()?;
    let side = u32::try_from(SIDE).ok()?;
    let mut file = Vec::with_capacity(54 + pixels.len());
    file.extend(b"BM");
    for number in [size, 0, 54, 40, side, side, 0x0018_0001, 0, 0, 0, 0, 0, 0] {
        file.extend(number.to_le_bytes());
    }
    file.extend(pixels);
    Some(format!("data:image/bmp;base64,{}", encode(&file)))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.trim_end_matches('=').bytes() {
        let digit = match digit {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let value = ALPHABET.iter().position(|known| *known == digit)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    Some(bytes)
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

/// The waves of one channel, without the constant one.
struct Channel {
    across: usize,
    down: usize,
    waves: Vec<f32>,
}

impl Channel {
    /// Pairs of wave numbers in the order in which they are stored.
    fn pairs(across: usize, down: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..down).flat_map(move |y| {
            (usize::from(y == 0)..across).take_while(move |x| x * down < across * (down - y)).map(move |x| (x, y))
        })
    }

    fn read(across: usize, down: usize, scale: f32, digits: &mut impl Iterator<Item = u8>) -> Option<Self> {
        let waves = Self::pairs(across, down).map(|_| Some((f32::from(digits.next()?) / 7.5 - 1.0) * scale));
        Some(Self { across, down, waves: waves.collect::<Option<_>>()? })
    }

    fn at(&self, base: f32, x: &[f32; 8], y: &[f32; 8]) -> f32 {
        let waves = Self::pairs(self.across, self.down).zip(&self.waves);
        base + waves
            .map(|((across, down), wave)| wave * x[across] * y[down] * if down > 0 { 2.0 } else { 1.0 })
            .sum::<f32>()
    }
}

struct Hash {
    light: (f32, Channel),
    yellow_blue: (f32, Channel),
    red_green: (f32, Channel),
    alpha: Option<(f32, Channel)>,
}

impl Hash {
    fn read(bytes: &[u8]) -> Option<Self> {
        let byte = |at: usize| bytes.get(at).map(|byte| u32::from(*byte));
        let head = byte(0)? | byte(1)? << 8 | byte(2)? << 16;
        let tail = byte(3)? | byte(4)? << 8;
        let part = |bits: u32, shift: u32, mask: u32| (bits >> shift & mask) as f32;
        let has_alpha = head >> 23 != 0;
        let is_landscape = tail >> 15 != 0;
        let (long, short) = (if has_alpha { 5 } else { 7 }, (tail & 7) as usize);
        let (across, down) = if is_landscape { (long, short) } else { (short, long) };
        let (skipped, alpha) = match byte(5).filter(|_| has_alpha) {
            Some(alpha) => (6, Some(((alpha & 15) as f32 / 15.0, (alpha >> 4) as f32 / 15.0))),
            None if has_alpha => return None,
            None => (5, None),
        };
        let mut digits = bytes.get(skipped..)?.iter().flat_map(|byte| [byte & 15, byte >> 4]);
        let digits = &mut digits;
        let light = Channel::read(across.max(3), down.max(3), part(head, 18, 31) / 31.0, digits)?;
        let yellow_blue = Channel::read(3, 3, part(tail, 3, 63) / 63.0 * 1.25, digits)?;
        let red_green = Channel::read(3, 3, part(tail, 9, 63) / 63.0 * 1.25, digits)?;
        let alpha = match alpha {
            Some((base, scale)) => Some((base, Channel::read(5, 5, scale, digits)?)),
            None => None,
        };
        Some(Self {
            light: (part(head, 0, 63) / 63.0, light),
            yellow_blue: (part(head, 6, 63) / 31.5 - 1.0, yellow_blue),
            red_green: (part(head, 12, 63) / 31.5 - 1.0, red_green),
            alpha,
        })
    }

    /// Blue, green, red of each pixel, from the lower row up: as a bitmap has them.
    fn pixels(&self) -> Vec<u8> {
        let waves: Vec<[f32; 8]> = (0..SIDE)
            .map(|at| std::array::from_fn(|wave| (PI / SIDE as f32 * (at as f32 + 0.5) * wave as f32).cos()))
            .collect();
        let mut pixels = Vec::with_capacity(SIDE * SIDE * 3);
        for y in waves.iter().rev() {
            for x in &waves {
                let value = |(base, channel): &(f32, Channel)| channel.at(*base, x, y);
                let (l, p, q) = (value(&self.light), value(&self.yellow_blue), value(&self.red_green));
                let a = self.alpha.as_ref().map_or(1.0, value).clamp(0.0, 1.0);
                let blue = l - 2.0 / 3.0 * p;
                let red = (3.0 * l - blue + q) / 2.0;
                let green = red - q;
                let over = |color: f32| (color.clamp(0.0, 1.0) * a + BEHIND * (1.0 - a)) * 255.0;
                pixels.extend([blue, green, red].map(|color| over(color).round() as u8));
            }
        }
        pixels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sunrise of the page that describes the format.
    const SUNRISE: &str = "1QcSHQRnh493V4dIh4eXh1h4kJUI";

    #[test]
    fn a_hash_is_drawn_in_its_colours() {
        let hash = Hash::read(&decode(SUNRISE).unwrap()).unwrap();
        let pixels = hash.pixels();
        let mean = |channel: usize| {
            pixels.chunks(3).map(|pixel| u32::from(pixel[channel])).sum::<u32>() / (SIDE * SIDE) as u32
        };
        // The constant part alone, as red, green and blue.
        let (l, p, q) = (21.0 / 63.0, 31.0 / 31.5 - 1.0, 32.0 / 31.5 - 1.0_f32);
        let blue = l - 2.0 / 3.0 * p;
        let red = (3.0 * l - blue + q) / 2.0;
        for (channel, expected) in [(0, blue), (1, red - q), (2, red)] {
            assert!(
                (mean(channel) as f32 - expected * 255.0).abs() < 12.0,
                "{channel}: {} {}",
                mean(channel),
                expected * 255.0
            );
        }
        assert!(pixels.iter().max().unwrap() - pixels.iter().min().unwrap() > 40, "it is not one colour");
    }

    #[test]
    fn the_address_is_a_bitmap() {
        let address = address(SUNRISE).unwrap();
        let file = decode(address.strip_prefix("data:image/bmp;base64,").unwrap()).unwrap();
        assert_eq!(&file[..2], b"BM");
        assert_eq!(file.len(), 54 + SIDE * SIDE * 3);
        assert_eq!(u32::from_le_bytes(file[2..6].try_into().unwrap()) as usize, file.len());
        assert_eq!(file[26..30], [1, 0, 24, 0]);
    }

    #[test]
    fn what_is_no_hash_draws_nothing() {
        for text in ["", "AAA", "not base64!", "ÄÄÄÄÄÄÄÄ", "////////"] {
            assert_eq!(address(text), None, "{text}");
        }
        // Cut off: waves are missing.
        assert_eq!(address(&SUNRISE[..12]), None);
    }

    #[test]
    fn base64_is_that_of_others() {
        for (bytes, text) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"foob", "Zm9vYg==")]
        {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).unwrap(), bytes);
        }
        assert_eq!(decode("-_-_").unwrap(), decode("+/+/").unwrap());
    }
}
