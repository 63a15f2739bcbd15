//! Two pictures like those that people send: a photo of a phone and a picture of a screen.

use crate::pace::Rng;
use anyhow::Result;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Soft light, some edges, and the grain of a sensor: three to five megabytes, as a phone writes them.
pub fn photo(width: u16, height: u16) -> Result<Vec<u8>> {
    let mut rng = Rng::new(12);
    let (wide, high) = (usize::from(width), usize::from(height));
    let mut pixels = Vec::with_capacity(wide * high * 3);
    for y in 0..high {
        for x in 0..wide {
            let is_hill = y * 3 > high + (x / 7 % 97) + (x / 61 % 41) * 6;
            let base = if is_hill { [70, 104, 52] } else { [120, 168, 226] };
            let light = (y * 40 / high) as i64 - (x * 24 / wide) as i64
                + if is_hill { ((x / 9 * 31 + y / 11 * 17) % 29) as i64 } else { 0 };
            let grain = (rng.next() % 13) as i64 - 6;
            pixels.extend(base.map(|channel: i64| (channel + light + grain).clamp(0, 255) as u8));
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode(&pixels, width, height, ColorType::Rgb)?;
    Ok(bytes)
}

/// Windows with lines of text, and one with a photo in it.
pub fn screen(width: u32, height: u32) -> Result<Vec<u8>> {
    let mut rng = Rng::new(2);
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            let is_window = x > 60 && y > 40 && x < width - 60 && y < height - 40;
            let is_photo = x > width * 6 / 10 && y > height / 2;
            let is_ink = y % 22 < 12 && (x / 3 * 7 + y / 3 * 13 + x / 41 * 5) % 5 < 2 && x / 37 % 9 != 0;
            let pixel = match (is_window, is_photo, is_ink) {
                (false, ..) => [96, 84, 160 + (y * 60 / height) as u8],
                (true, true, _) => {
                    let grain = (rng.next() % 9) as u32;
                    [(x * 160 / width + grain) as u8, (y * 150 / height + grain) as u8, (90 + grain) as u8]
                }
                (true, false, true) => [34, 30, 52],
                (true, false, false) => [250, 248, 255],
            };
            pixels.extend(pixel);
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_cost_as_much_as_what_people_send() {
        // Bytes of a pixel: a photo of 12 megapixels has 3 to 6 MB, a screen of 2 megapixels 0.3 to 3.
        let per_pixel = |bytes: Vec<u8>, pixels: f64| bytes.len() as f64 / pixels;
        assert!((0.25..0.5).contains(&per_pixel(photo(400, 300).expect("memory"), 120_000.0)));
        assert!((0.15..1.5).contains(&per_pixel(screen(480, 270).expect("memory"), 129_600.0)));
    }
}
