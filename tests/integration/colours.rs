//! docs/colours.md: forty pictures, sent as files and worked on as the server does with pictures of people, and the colours that come
//! out. `WRITE_COLOURS=1` writes it anew.

use crate::support::samples::{Colour, Expected, Sample, samples};
use image::RgbaImage;
use lavender::model::{Rgb, ThemeColour};
use lavender::server::pictures::oklch::{Lch, contrast, hue_distance};
use lavender::server::pictures::{Avatar, avatar};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/colours.md");
const TOKENS: &str = include_str!("../../assets/css/tokens.css");
const PLACES: [&str; 4] = ["bar", "surface", "bubble", "canvas"];
/// Degrees. Half a bin of hues on both sides: no other colour has the same name.
const NEAR: f64 = 15.0;

const ABOUT: &str = "\
# Colours of forty pictures

What the server finds in forty pictures of people, groups and bots, and what it makes of it for the bar of a conversation:
text and tint for the light and the dark theme. Drawn by `tests/integration/support/samples.rs`, sent through the same functions as a
picture that is uploaded. The rules are those of `src/server/pictures/colour.rs`. Written by a test, which fails when it is no longer
true; to write it anew: `WRITE_COLOURS=1 cargo test --features server --test integration colours`.

*Dominant*: the largest parts of the whole picture, transparent ones not counted. *Hue*: in degrees of OKLCH, of the square in the
middle; a picture without one gets the accent, on the plain surface. *Least*: the lowest contrast (WCAG 2.2) of the text on the bar, the
surface, the bubbles of others and the canvas, and where that is. It has to be 4.5 at least.

";

/// A theme's colours that text stands on or that stand in for one, from the style sheet that the page is made with.
struct Theme {
    accent: ThemeColour,
    bubble: Rgb,
    canvas: Rgb,
}

impl Theme {
    fn read(start: &str) -> Self {
        let block = TOKENS.split(start).nth(1).expect("a theme");
        let token = |name: &str| {
            let value = block.split(&format!("--{name}: ")).nth(1).expect("a token");
            serde_json::from_str(&format!("\"{}\"", &value[..7])).expect("#rrggbb")
        };
        let accent = ThemeColour { text: token("accent-text"), bar: token("surface") };
        Self { accent, bubble: token("bubble-other"), canvas: token("canvas") }
    }

    /// Contrast on each of [`PLACES`].
    fn contrasts(&self, colour: ThemeColour) -> [f64; 4] {
        [colour.bar, self.accent.bar, self.bubble, self.canvas].map(|ground| contrast(colour.text, ground))
    }
}

fn least(contrasts: [f64; 4]) -> (f64, &'static str) {
    let pairs = contrasts.into_iter().zip(PLACES);
    pairs.min_by(|(a, _), (b, _)| a.total_cmp(b)).expect("four")
}

/// Up to three colours that make up most of a picture, with their shares in per cent.
fn dominant(picture: &RgbaImage) -> String {
    let mut cubes: BTreeMap<Colour, (u64, [u64; 3])> = BTreeMap::new();
    let mut seen = 0;
    for pixel in picture.pixels().filter(|pixel| pixel.0[3] >= 128) {
        let [red, green, blue, _] = pixel.0;
        let (count, sums) = cubes.entry([red / 43, green / 43, blue / 43]).or_default();
        *count += 1;
        seen += 1;
        for (sum, channel) in sums.iter_mut().zip([red, green, blue]) {
            *sum += u64::from(channel);
        }
    }
    let mut parts: Vec<(u64, [u64; 3])> = cubes.into_values().filter(|(count, _)| count * 20 >= seen).collect();
    parts.sort_by_key(|(count, sums)| (std::cmp::Reverse(*count), *sums));
    let named = parts.iter().take(3).map(|(count, sums)| {
        let mean = sums.map(|sum| u8::try_from((sum + count / 2) / count).expect("a mean of bytes"));
        format!("`{}` {}", Rgb(mean), (count * 100 + seen / 2) / seen)
    });
    let named = named.collect::<Vec<_>>().join(", ");
    if named.is_empty() { "–".to_owned() } else { named }
}

fn hue_of(colour: Colour) -> f64 {
    Lch::of(Rgb(colour)).hue
}

/// Whether what was found is what somebody would name.
fn check(sample: &Sample, made: &Avatar) {
    let (about, found) = (sample.about, made.colour.map(|colour| f64::from(colour.hue)));
    let is_near = |colour: Colour| found.is_some_and(|hue| hue_distance(hue, hue_of(colour)) <= NEAR);
    match sample.expected {
        Expected::Hue(colour) => assert!(is_near(colour), "{about}: {found:?}, not {:.0}", hue_of(colour)),
        Expected::Either(a, b) => {
            assert!(is_near(a) || is_near(b), "{about}: {found:?}, not {:.0} or {:.0}", hue_of(a), hue_of(b));
        }
        Expected::Any => assert!(found.is_some(), "{about}: nothing"),
        Expected::Nothing => assert_eq!(found, None, "{about}"),
    }
}

/// The whole document, and nothing in it that cannot be read.
fn table() -> String {
    let themes = [Theme::read("\n:root, [data-theme=\"light\"] {"), Theme::read("\n[data-theme=\"dark\"] {")];
    let mut text = ABOUT.to_owned();
    text += "| | picture | dominant, % | hue | light: text | bar | least | dark: text | bar | least |\n";
    text += "|---:|---|---|---:|---|---|---:|---|---|---:|\n";
    let mut lowest = [[f64::INFINITY; 4]; 2];
    for (number, sample) in (1..).zip(samples()) {
        let made = avatar(&sample.file(), None).expect("a picture");
        check(&sample, &made);
        let hue = made.colour.map_or_else(|| "none".to_owned(), |colour| colour.hue.to_string());
        write!(text, "| {number} | {} | {} | {hue} ", sample.about, dominant(&sample.picture)).unwrap();
        let found = made.colour.map(|colour| [colour.light, colour.dark]);
        for (at, theme) in themes.iter().enumerate() {
            let colour = found.map_or(theme.accent, |found| found[at]);
            let contrasts = theme.contrasts(colour);
            for (place, contrast) in lowest[at].iter_mut().zip(contrasts) {
                *place = place.min(contrast);
            }
            let (least, place) = least(contrasts);
            assert!(least >= 4.5, "{}: {colour:?} has {least} on the {place}", sample.about);
            write!(text, "| `{}` | `{}` | {least:.2} {place} ", colour.text, colour.bar).unwrap();
        }
        text += "|\n";
    }
    text += "\n| the least of all forty on the | bar | surface | bubble | canvas |\n|---|---:|---:|---:|---:|\n";
    for (theme, lowest) in ["light", "dark"].into_iter().zip(lowest) {
        let [bar, surface, bubble, canvas] = lowest;
        writeln!(text, "| {theme} | {bar:.2} | {surface:.2} | {bubble:.2} | {canvas:.2} |").unwrap();
    }
    text
}

#[test]
fn forty_pictures_have_the_colours_of_the_table_and_can_be_read() {
    assert_eq!(samples().len(), 40);
    let made = table();
    if std::env::var_os("WRITE_COLOURS").is_some() {
        std::fs::write(TABLE, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(TABLE).unwrap();
    let differs = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert!(kept == made, "docs/colours.md is not true any more, see its head: {differs:#?}");
}

/// Colours that are found in another way one day are found anew in what was kept, not in what was sent.
#[test]
fn the_kept_picture_has_the_colour_of_the_one_that_was_sent() {
    for sample in samples() {
        let made = avatar(&sample.file(), None).expect("a picture");
        let again = avatar(&made.sizes[0].bytes, None).expect("our own picture");
        check(&sample, &again);
    }
}
