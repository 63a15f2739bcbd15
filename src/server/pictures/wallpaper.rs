//! A picture behind a conversation, and how strongly the theme's own ground has to lie over it so that text without a bubble can
//! be read everywhere.

use super::Encoded;
use super::oklch::{gamma, linear, luminance, weighted};
use super::probe::probe;
use super::still::{GRID_SIDE_MAX, decode, encode_jpeg, fit, thumbhash};
use crate::model::{Refusal, Rgb};
use image::{DynamicImage, RgbImage};
use serde::{Deserialize, Serialize};

/// Longest side, in pixels.
pub const WALLPAPER_SIDE_MAX: u32 = 2_560;

/// A wallpaper as kept: JPEG, what was transparent lies on the light theme's own ground.
pub struct Backdrop {
    pub full: Encoded,
    /// For the choice of wallpapers.
    pub grid: Encoded,
    pub thumbhash: String,
    pub luminance: Luminance,
}

/// Relative luminance (WCAG 2.2, 0 to 1) over all pixels.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Luminance {
    pub darkest: f64,
    pub lightest: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    /// The ground of conversations: what is laid over the picture.
    pub const fn ground(self) -> Rgb {
        match self {
            Self::Light => Rgb([0xf5, 0xef, 0xff]),
            Self::Dark => Rgb([0x15, 0x10, 0x23]),
        }
    }

    /// The faintest text that stands on it.
    pub const fn text(self) -> Rgb {
        match self {
            Self::Light => Rgb([0x65, 0x5d, 0x80]),
            Self::Dark => Rgb([0xa3, 0x98, 0xbe]),
        }
    }
}

/// A picture as a wallpaper. Pictures that move give their first frame.
///
/// # Errors
/// Those of [`probe`]; [`Refusal::Damaged`] when it does not decode.
pub fn wallpaper(bytes: &[u8]) -> Result<Backdrop, Refusal> {
    let found = probe(bytes)?;
    let mut decoded = decode(bytes, &found, WALLPAPER_SIDE_MAX)?;
    if decoded.image.color().has_alpha() {
        decoded.image = DynamicImage::ImageRgb8(flattened(&decoded.image, Scheme::Light.ground()));
    }
    let small = fit(&decoded.image, GRID_SIDE_MAX)?;
    let small = small.as_ref().unwrap_or(&decoded.image);
    let full = encode_jpeg(&decoded.image, false)?;
    // The numbers are those of the pixels that browsers get.
    let kept = decode(&full.bytes, &probe(&full.bytes)?, WALLPAPER_SIDE_MAX)?;
    let luminance = measure(&kept.image.to_rgb8());
    Ok(Backdrop { grid: encode_jpeg(small, false)?, thumbhash: thumbhash(small)?, luminance, full })
}

fn flattened(image: &DynamicImage, Rgb(ground): Rgb) -> RgbImage {
    let mut flat = RgbImage::new(image.width(), image.height());
    for (to, from) in flat.pixels_mut().zip(image.to_rgba8().pixels()) {
        let alpha = u16::from(from.0[3]);
        for (at, channel) in to.0.iter_mut().enumerate() {
            let mixed = (u16::from(from.0[at]) * alpha + u16::from(ground[at]) * (255 - alpha) + 127) / 255;
            *channel = u8::try_from(mixed).unwrap_or(u8::MAX);
        }
    }
    flat
}

/// Of every pixel; none is too small to hide a letter's stroke behind.
fn measure(picture: &RgbImage) -> Luminance {
    let light: Vec<f64> = (0..=255).map(|channel| linear(f64::from(channel) / 255.0)).collect();
    let (mut darkest, mut lightest) = (1.0_f64, 0.0_f64);
    for pixel in picture.pixels() {
        let of = weighted(pixel.0.map(|channel| light[usize::from(channel)]));
        darkest = darkest.min(of);
        lightest = lightest.max(of);
    }
    Luminance { darkest, lightest }
}

/// How opaque the ground of a theme lies over a wallpaper, 0 to 1 in hundredths: the least with which the faintest text has a
/// contrast of 4.5 on every colour that is as dark and as light as the picture gets.
pub fn scrim(of: &Luminance, scheme: Scheme) -> f64 {
    // A little more than 4.5, for rounding.
    const LEAST: f64 = 4.55;
    let text = luminance(scheme.text());
    let is_readable = |alpha: f64| match scheme {
        Scheme::Light => (darkest_below(of.darkest, scheme.ground(), alpha) + 0.05) / (text + 0.05) >= LEAST,
        Scheme::Dark => (text + 0.05) / (lightest_below(of.lightest, scheme.ground(), alpha) + 0.05) >= LEAST,
    };
    let hundredths = (0..100).find(|hundredths| is_readable(f64::from(*hundredths) / 100.0));
    f64::from(hundredths.unwrap_or(100)) / 100.0
}

/// One channel of linear light below a layer, as browsers mix: in sRGB, not in light.
fn below(light: f64, ground: u8, alpha: f64) -> f64 {
    linear((1.0 - alpha) * gamma(light) + alpha * f64::from(ground) / 255.0)
}

/// The lowest luminance below the layer, of all colours of one luminance. Mixing is concave in each channel, so it is at a corner:
/// two channels are off or full, the third makes up the rest.
fn darkest_below(of: f64, Rgb(ground): Rgb, alpha: f64) -> f64 {
    const WEIGHTS: [f64; 3] = [0.2126, 0.7152, 0.0722];
    let mut lowest = f64::INFINITY;
    for free in 0..3 {
        for corner in 0..4 {
            let others: Vec<usize> = (0..3).filter(|channel| *channel != free).collect();
            let mut light = [0.0; 3];
            light[others[0]] = f64::from(corner & 1);
            light[others[1]] = f64::from(corner >> 1);
            let rest = (of - weighted(light)) / WEIGHTS[free];
            if (-1e-9..=1.0 + 1e-9).contains(&rest) {
                light[free] = rest.clamp(0.0, 1.0);
                let channels: [f64; 3] = std::array::from_fn(|at| below(light[at], ground[at], alpha));
                lowest = lowest.min(weighted(channels));
            }
        }
    }
    lowest
}

/// No colour of one luminance is lighter below the layer than this: that of the grey, under a layer whose channels are all as
/// light as its lightest.
fn lightest_below(of: f64, Rgb(ground): Rgb, alpha: f64) -> f64 {
    let lightest = ground.into_iter().max().unwrap_or(255);
    below(of, lightest, alpha)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::pictures::oklch::{contrast, mix};
    use proptest::prelude::*;

    fn of(colours: &[[u8; 3]]) -> Luminance {
        measure(&RgbImage::from_fn(u32::try_from(colours.len()).unwrap(), 1, |x, _| image::Rgb(colours[x as usize])))
    }

    #[test]
    fn the_colours_are_those_of_the_page() {
        const TOKENS: &str = include_str!("../../../assets/css/tokens.css");
        for (scheme, start) in
            [(Scheme::Light, "\n:root, [data-theme=\"light\"] {"), (Scheme::Dark, "\n[data-theme=\"dark\"] {")]
        {
            let block = TOKENS.split(start).nth(1).unwrap();
            let token = |name: &str| block.split(&format!("--{name}: ")).nth(1).unwrap()[..7].to_owned();
            assert_eq!(scheme.ground().to_string(), token("wallpaper"));
            assert_eq!(scheme.text().to_string(), token("text-subtle"));
            // No other text on the wallpaper is fainter.
            for other in ["text", "text-muted"] {
                let other = u32::from_str_radix(&token(other)[1..], 16).unwrap().to_be_bytes();
                let of = |text| contrast(text, scheme.ground());
                assert!(of(Rgb([other[1], other[2], other[3]])) >= of(scheme.text()));
            }
        }
    }

    #[test]
    fn a_picture_like_the_ground_needs_little_and_an_opposite_one_much() {
        let like = |scheme: Scheme| of(&[scheme.ground().0]);
        assert!(scrim(&like(Scheme::Light), Scheme::Light) < 0.01);
        assert!(scrim(&like(Scheme::Dark), Scheme::Dark) < 0.3);
        for scheme in [Scheme::Light, Scheme::Dark] {
            let both = scrim(&of(&[[0; 3], [255; 3]]), scheme);
            assert!((0.5..1.0).contains(&both), "{scheme:?} {both}");
        }
    }

    #[test]
    fn what_is_black_in_a_file_counts_as_black() {
        let squares =
            RgbImage::from_fn(640, 640, |x, y| image::Rgb([if (x / 32 + y / 32) % 2 == 0 { 255 } else { 0 }; 3]));
        let mut file = std::io::Cursor::new(Vec::new());
        squares.write_to(&mut file, image::ImageFormat::Png).unwrap();
        let made = wallpaper(file.get_ref()).unwrap();
        let (black, white) = (luminance(Rgb([0; 3])), luminance(Rgb([255; 3])));
        assert!((made.luminance.darkest - black).abs() < 0.001, "{:?}", made.luminance);
        assert!((made.luminance.lightest - white).abs() < 0.001, "{:?}", made.luminance);
        for scheme in [Scheme::Light, Scheme::Dark] {
            let alpha = scrim(&made.luminance, scheme);
            for colour in [[0; 3], [255; 3]] {
                let found = contrast(mix(Rgb(colour), scheme.ground(), alpha), scheme.text());
                assert!(found >= 4.5, "{scheme:?} {colour:?} {alpha} {found}");
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn text_can_be_read_on_every_pixel(colours in proptest::collection::vec(any::<[u8; 3]>(), 1..8)) {
            let stats = of(&colours);
            for scheme in [Scheme::Light, Scheme::Dark] {
                let alpha = scrim(&stats, scheme);
                for colour in &colours {
                    let shown = mix(Rgb(*colour), scheme.ground(), alpha);
                    prop_assert!(contrast(shown, scheme.text()) >= 4.5, "{scheme:?} {colour:?} {alpha}");
                }
            }
        }
    }
}
