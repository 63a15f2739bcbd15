//! The colour of a picture: its vivid, dominant hue, and from it a text and a tint that can be read in each theme.

use super::oklch::{Lch, contrast, hue_distance, hue_of, mix};
use super::still::square;
use crate::model::{COLOUR_VERSION, PictureColour, Rgb, ThemeColour};
use image::{DynamicImage, RgbaImage};

/// Pixels of a side that are looked at.
const SIDE: u32 = 48;
/// Hues of 15 degrees, each in four steps of lightness.
const HUES: usize = 24;
const STEPS: usize = 4;

/// The grounds of a theme that the text stands on, beside the tint.
struct Grounds {
    surface: Rgb,
    bubble: Rgb,
    canvas: Rgb,
    is_dark: bool,
}

const LIGHT: Grounds = Grounds {
    surface: Rgb([0xfc, 0xfa, 0xff]),
    bubble: Rgb([0xff, 0xff, 0xff]),
    canvas: Rgb([0xe5, 0xd9, 0xf2]),
    is_dark: false,
};
const DARK: Grounds = Grounds {
    surface: Rgb([0x19, 0x14, 0x29]),
    bubble: Rgb([0x27, 0x20, 0x40]),
    canvas: Rgb([0x11, 0x0d, 0x1b]),
    is_dark: true,
};

/// A hue with its chroma, of OKLCH.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Vivid {
    pub hue: f64,
    pub chroma: f64,
}

/// The colour of a picture. `None`: it has none of its own (grey, black, white, transparent, or a few stray pixels).
pub fn colour_of(image: &DynamicImage) -> Option<PictureColour> {
    let small = square(image, SIDE).ok()?.to_rgba8();
    scan(&small).map(solve)
}

#[derive(Clone, Copy, Default)]
struct Bin {
    count: f64,
    weight: f64,
    a: f64,
    b: f64,
}

/// Pixels of one kind, as weighted.
struct Group {
    count: f64,
    weight: f64,
    hue: f64,
    chroma: f64,
}

/// The hue that most of a picture is in, and vividly: the share of it, to the power of 0.7, times its vividness.
pub fn scan(picture: &RgbaImage) -> Option<Vivid> {
    let mut bins = [Bin::default(); HUES * STEPS];
    let mut seen = 0.0;
    for pixel in picture.pixels().filter(|pixel| pixel.0[3] >= 128) {
        seen += 1.0;
        let [red, green, blue, _] = pixel.0;
        let Lch { lightness, chroma, hue } = Lch::of(Rgb([red, green, blue]));
        // Greys, and what is nearly black or white, say nothing.
        if chroma < 0.045 || !(0.15..=0.97).contains(&lightness) {
            continue;
        }
        // Or every face would make its bar orange.
        let is_skin = hue > 28.0 && hue < 82.0 && chroma > 0.03 && chroma < 0.125 && lightness > 0.4 && lightness < 0.9;
        let weight = if is_skin { 0.22 } else { 1.0 };
        let bin = &mut bins[bin_of(lightness, hue)];
        bin.count += 1.0;
        bin.weight += weight;
        bin.a += weight * chroma * hue.to_radians().cos();
        bin.b += weight * chroma * hue.to_radians().sin();
    }
    let groups: Vec<Group> = bins
        .iter()
        .filter(|bin| bin.count > 0.0)
        .map(|bin| Group {
            count: bin.count,
            weight: bin.weight,
            hue: hue_of(bin.a, bin.b),
            chroma: bin.a.hypot(bin.b) / bin.weight,
        })
        .collect();
    let mut best: Option<(f64, Vivid)> = None;
    for middle in &groups {
        let near = || groups.iter().filter(|group| hue_distance(middle.hue, group.hue) < 24.0);
        let sum = |value: fn(&Group) -> f64| near().map(value).sum::<f64>();
        let weight = sum(|group| group.weight);
        if sum(|group| group.count) / seen < 0.03 {
            continue;
        }
        let chroma = sum(|group| group.weight * group.chroma) / weight;
        let hue = hue_of(
            sum(|group| group.weight * group.hue.to_radians().cos()),
            sum(|group| group.weight * group.hue.to_radians().sin()),
        );
        let score = (weight / seen).powf(0.7) * (chroma / 0.14).min(1.0);
        if best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, Vivid { hue, chroma }));
        }
    }
    best.map(|(_, vivid)| vivid)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
fn bin_of(lightness: f64, hue: f64) -> usize {
    let step = ((lightness * 4.0) as usize).min(STEPS - 1);
    ((hue / 15.0) as usize).min(HUES - 1) * STEPS + step
}

/// Text and tint of both themes from a hue.
pub fn solve(vivid: Vivid) -> PictureColour {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
    let whole = |value: f64| value.round() as u16;
    PictureColour {
        version: COLOUR_VERSION,
        hue: whole(vivid.hue) % 360,
        chroma: whole(vivid.chroma * 1_000.0),
        light: in_theme(vivid, &LIGHT),
        dark: in_theme(vivid, &DARK),
    }
}

fn in_theme(Vivid { hue, chroma }: Vivid, grounds: &Grounds) -> ThemeColour {
    let (lightness, share) = if grounds.is_dark { (0.62, 0.2) } else { (0.72, 0.17) };
    let pure = Lch { lightness, chroma: chroma.clamp(0.07, 0.16), hue }.to_rgb();
    let bar = mix(grounds.surface, pure, share);
    ThemeColour {
        text: text_on([bar, grounds.surface, grounds.bubble, grounds.canvas], hue, chroma, grounds.is_dark),
        bar,
    }
}

/// The hue in the lightness nearest to the middle that can be read on all of `grounds`.
fn text_on(grounds: [Rgb; 4], hue: f64, chroma: f64, is_dark: bool) -> Rgb {
    let (mut lightness, step) = if is_dark { (0.74, 0.005) } else { (0.62, -0.005) };
    for _ in 0..90 {
        let text = Lch { lightness, chroma: chroma.clamp(0.07, 0.17), hue }.to_rgb();
        if grounds.iter().all(|ground| contrast(text, *ground) >= 4.6) {
            return text;
        }
        lightness += step;
    }
    if is_dark { Rgb([255; 3]) } else { Rgb([0; 3]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A token of a theme, from the style sheet that the page is made with.
    fn token(name: &str, is_dark: bool) -> String {
        const TOKENS: &str = include_str!("../../../assets/css/tokens.css");
        let start = if is_dark { "\n[data-theme=\"dark\"] {" } else { "\n:root, [data-theme=\"light\"] {" };
        let block = TOKENS.split(start).nth(1).unwrap();
        block.split(&format!("--{name}: ")).nth(1).unwrap()[..7].to_owned()
    }

    fn lowest(colour: ThemeColour, grounds: &Grounds) -> f64 {
        [colour.bar, grounds.surface, grounds.bubble, grounds.canvas]
            .into_iter()
            .map(|ground| contrast(colour.text, ground))
            .fold(f64::INFINITY, f64::min)
    }

    fn check(colour: PictureColour) {
        for (theme, grounds) in [(colour.light, &LIGHT), (colour.dark, &DARK)] {
            let lowest = lowest(theme, grounds);
            assert!(lowest >= 4.5, "{theme:?} {lowest}");
        }
    }

    #[test]
    fn the_grounds_are_those_of_the_page() {
        for (grounds, is_dark) in [(&LIGHT, false), (&DARK, true)] {
            assert_eq!(grounds.surface.to_string(), token("surface", is_dark));
            assert_eq!(grounds.bubble.to_string(), token("bubble-other", is_dark));
            assert_eq!(grounds.canvas.to_string(), token("canvas", is_dark));
        }
    }

    #[test]
    fn the_colours_are_those_of_the_design() {
        for (name, hue, chroma, light, dark, least) in [
            ("teal", 177.674_57, 0.106_506_870, ["#006c5c", "#deeff0"], ["#52c1aa", "#1b2f3c"], [4.71, 6.30]),
            ("coral", 41.268_476, 0.157_470_908, ["#a93c00", "#fbe5e1"], ["#fc8557", "#3e232a"], [4.66, 5.84]),
            ("pink", 356.658_231, 0.174_806_440, ["#ac2d68", "#fae3f0"], ["#fc78ad", "#3d213c"], [4.67, 5.69]),
            ("blue", 260.871_592, 0.175_733_134, ["#225bc0", "#e4ebff"], ["#79aaff", "#232a4f"], [4.67, 5.94]),
            ("mustard", 79.296_300, 0.140_015_395, ["#7f5800", "#f5eada"], ["#d99f2d", "#372921"], [4.71, 5.96]),
        ] {
            let found = solve(Vivid { hue, chroma });
            let shown = |theme: ThemeColour| [theme.text.to_string(), theme.bar.to_string()];
            assert_eq!(
                (shown(found.light), shown(found.dark)),
                (light.map(str::to_owned), dark.map(str::to_owned)),
                "{name}"
            );
            assert!((lowest(found.light, &LIGHT) - least[0]).abs() < 0.01, "{name}");
            assert!((lowest(found.dark, &DARK) - least[1]).abs() < 0.01, "{name}");
        }
    }

    #[test]
    fn a_plain_picture_keeps_its_hue_and_a_neutral_one_has_none() {
        let plain = |colour: [u8; 4]| RgbaImage::from_pixel(7, 5, image::Rgba(colour));
        for colour in [[255, 255, 0, 255], [245, 220, 255, 255], [0, 0, 128, 255], [200, 30, 40, 200]] {
            let found = scan(&plain(colour)).unwrap();
            let hue = Lch::of(Rgb([colour[0], colour[1], colour[2]])).hue;
            assert!(hue_distance(found.hue, hue) < 0.01, "{colour:?}");
            check(solve(found));
        }
        for colour in [[0, 0, 0, 255], [255; 4], [128, 128, 128, 255], [255, 0, 0, 100], [130, 126, 128, 255]] {
            assert_eq!(scan(&plain(colour)), None, "{colour:?}");
        }
    }

    #[test]
    fn a_face_gives_way_to_what_is_behind_it() {
        // Two thirds of skin before teal.
        let picture = RgbaImage::from_fn(48, 48, |_, y| {
            image::Rgba(if y < 32 { [222, 172, 136, 255] } else { [25, 147, 127, 255] })
        });
        let found = scan(&picture).unwrap();
        assert!(hue_distance(found.hue, Lch::of(Rgb([25, 147, 127])).hue) < 15.0, "{found:?}");
    }

    #[test]
    fn text_can_be_read_in_every_hue_and_chroma() {
        for hue in 0..360 {
            for chroma in [0.0, 0.07, 0.11, 0.17, 0.4] {
                check(solve(Vivid { hue: f64::from(hue), chroma }));
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        /// Random pictures of a few colours each, any of which may be transparent.
        #[test]
        fn text_can_be_read_whatever_the_picture(
            palette in proptest::collection::vec(any::<[u8; 4]>(), 1..6),
            places in proptest::collection::vec(any::<u8>(), 36),
        ) {
            let picture = RgbaImage::from_fn(6, 6, |x, y| {
                image::Rgba(palette[usize::from(places[(y * 6 + x) as usize]) % palette.len()])
            });
            if let Some(found) = scan(&picture) {
                prop_assert_eq!(scan(&picture), Some(found));
                let colour = solve(found);
                check(colour);
                // What is read has the hue that was found, as far as it has one.
                for text in [colour.light.text, colour.dark.text] {
                    let shown = Lch::of(text);
                    prop_assert!(shown.chroma < 0.03 || hue_distance(shown.hue, found.hue) <= 15.0, "{text} {found:?}");
                }
                // And it is a hue that is in the picture.
                let near = palette.iter().any(|[r, g, b, _]| hue_distance(Lch::of(Rgb([*r, *g, *b])).hue, found.hue) <= 24.0);
                prop_assert!(near, "{found:?}");
            }
        }
    }
}
