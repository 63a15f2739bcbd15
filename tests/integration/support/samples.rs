//! Forty pictures as people choose them for themselves, drawn here: small, and the same on every machine, in whole numbers only.
//! Each knows the colour that somebody who looks at it would name.

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use std::io::Cursor;

pub type Colour = [u8; 3];

/// What the colour of a picture has to be near to.
pub enum Expected {
    /// Its hue, by the colour of a part of it.
    Hue(Colour),
    /// One of two that are equally good.
    Either(Colour, Colour),
    /// Every hue is right; it has one.
    Any,
    /// The picture is neutral.
    Nothing,
}

pub struct Sample {
    pub about: &'static str,
    pub expected: Expected,
    pub picture: RgbaImage,
    format: ImageFormat,
}

impl Sample {
    /// The file as somebody sends it.
    pub fn file(&self) -> Vec<u8> {
        let picture = DynamicImage::ImageRgba8(self.picture.clone());
        let mut bytes = Cursor::new(Vec::new());
        match self.format {
            ImageFormat::Jpeg => picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 85)),
            format => picture.write_to(&mut bytes, format),
        }
        .expect("memory");
        bytes.into_inner()
    }
}

const SIDE: u32 = 120;
const BLACK: Colour = [0; 3];
const WHITE: Colour = [255; 3];
const GREY: Colour = [136, 136, 138];
const FAIR: Colour = [233, 190, 160];
const OLIVE: Colour = [202, 156, 122];
const BROWN: Colour = [146, 98, 66];
const DEEP: Colour = [74, 46, 32];
const DARK_HAIR: Colour = [42, 34, 32];
const TEAL: Colour = [25, 147, 127];
const MUSTARD: Colour = [212, 156, 24];
const SKY: Colour = [92, 160, 226];
const LEAF: Colour = [62, 132, 48];
const RED: Colour = [200, 36, 44];
const PINK: Colour = [232, 96, 150];
const ORANGE: Colour = [236, 124, 28];
const VIOLET: Colour = [128, 84, 196];

/// All of them, in the order of the table.
pub fn samples() -> Vec<Sample> {
    [portraits(), landscapes(), drawings(), screens_and_noise()].into_iter().flatten().collect()
}

fn photo(about: &'static str, expected: Expected, picture: RgbaImage) -> Sample {
    Sample { about, expected, picture, format: ImageFormat::Jpeg }
}

fn drawing(about: &'static str, expected: Expected, picture: RgbaImage) -> Sample {
    Sample { about, expected, picture, format: ImageFormat::Png }
}

fn portraits() -> Vec<Sample> {
    let hue = Expected::Hue;
    vec![
        photo("Portrait: fair skin, teal wall", hue(TEAL), portrait(FAIR, DARK_HAIR, GREY, |x, y| wall(TEAL, x, y))),
        photo(
            "Portrait: brown skin, mustard wall",
            hue(MUSTARD),
            portrait(BROWN, BLACK, WHITE, |x, y| wall(MUSTARD, x, y)),
        ),
        photo("Portrait: olive skin, blue sky", hue(SKY), portrait(OLIVE, DARK_HAIR, WHITE, |x, y| wall(SKY, x, y))),
        photo(
            "Portrait: fair skin, fair hair, leaves behind",
            hue(LEAF),
            portrait(FAIR, [206, 170, 110], GREY, |x, y| leaves(LEAF, x, y)),
        ),
        photo("Portrait: red jumper, grey wall", hue(RED), portrait(FAIR, DARK_HAIR, RED, |x, y| wall(GREY, x, y))),
        photo("Portrait: dark skin, pink wall", hue(PINK), portrait(DEEP, BLACK, BLACK, |x, y| wall(PINK, x, y))),
        photo("Portrait in the light of a lamp", hue(ORANGE), {
            portrait([238, 142, 66], [60, 26, 8], [120, 52, 10], |x, y| between(ORANGE, [60, 24, 4], (x + y) / 2))
        }),
        photo("A face alone: nothing but skin and brown hair", hue(FAIR), {
            draw(SIDE, SIDE, |x, y| if y < 260 { grain([92, 62, 44], x, y, 10) } else { wall(FAIR, x, y) })
        }),
        photo("Portrait in black and white", Expected::Nothing, {
            portrait([190; 3], [40; 3], [90; 3], |x, y| wall([150; 3], x, y))
        }),
        photo("Portrait in sepia", hue([168, 124, 72]), {
            portrait([214, 176, 122], [62, 42, 20], [112, 80, 42], |x, y| wall([168, 124, 72], x, y))
        }),
    ]
}

fn landscapes() -> Vec<Sample> {
    let hue = Expected::Hue;
    vec![
        photo("Blue sky over sand", hue(SKY), {
            draw(160, 120, |x, y| if y < 600 { wall(SKY, x, y) } else { grain([222, 204, 168], x, y, 12) })
        }),
        photo("Overcast sky over grey water", Expected::Nothing, {
            draw(160, 120, |x, y| if y < 550 { wall([188, 191, 194], x, y) } else { grain([112, 117, 121], x, y, 14) })
        }),
        photo("Forest", hue(LEAF), {
            draw(SIDE, SIDE, |x, y| if x % 220 < 50 { grain([72, 54, 40], x, y, 16) } else { leaves(LEAF, x, y) })
        }),
        photo("Wood in autumn", hue(ORANGE), draw(SIDE, SIDE, |x, y| leaves(ORANGE, x, y))),
        photo("Sunset over the sea", hue(ORANGE), {
            draw(160, 120, |_, y| match y {
                ..250 => between([86, 58, 120], [226, 96, 60], y * 4),
                250..620 => between([226, 96, 60], [252, 186, 72], (y - 250) * 1_000 / 370),
                _ => between([150, 84, 62], [44, 36, 64], (y - 620) * 1_000 / 380),
            })
        }),
        photo("City at night: black, with amber windows", hue([240, 170, 50]), {
            draw(SIDE, SIDE, |x, y| if is_lit(x, y, 9) { [240, 170, 50] } else { grain([14, 14, 18], x, y, 4) })
        }),
        photo("Snow under a white sky", Expected::Nothing, draw(160, 120, |x, y| wall([238, 240, 243], x, y))),
        photo("Turquoise water, white beach", hue([32, 178, 190]), {
            draw(160, 120, |x, y| if y < 640 { wall([32, 178, 190], x, y) } else { grain([244, 238, 226], x, y, 8) })
        }),
        photo("Field of lavender", hue(VIOLET), {
            draw(160, 120, |x, y| match y {
                ..300 => wall([196, 208, 222], x, y),
                _ if (x + y / 3) % 180 < 120 => leaves(VIOLET, x, y),
                _ => leaves([96, 116, 70], x, y),
            })
        }),
        photo("Northern lights", hue([60, 220, 140]), {
            draw(160, 120, |x, y| {
                let far = (y - 350 - (x - 500) * (x - 500) / 2_000).abs();
                if far < 260 { between([60, 220, 140], [10, 18, 40], far * 1_000 / 260) } else { [10, 18, 40] }
            })
        }),
    ]
}

fn drawings() -> Vec<Sample> {
    let hue = Expected::Hue;
    let disc = |x, y, radius| is_in(x, y, (500, 500, radius, radius));
    vec![
        drawing("Logo: a red disc on white", hue(RED), {
            draw(SIDE, SIDE, |x, y| if disc(x, y, 330) { RED } else { WHITE })
        }),
        drawing("Logo: a blue ring on nothing", hue([32, 96, 220]), {
            draw_over(SIDE, SIDE, |x, y| (disc(x, y, 420) && !disc(x, y, 260)).then_some([32, 96, 220]))
        }),
        drawing("Logo: black letters on white", Expected::Nothing, {
            draw(SIDE, SIDE, |x, y| if is_text(x, y, 150) { BLACK } else { WHITE })
        }),
        Sample {
            format: ImageFormat::Gif,
            ..drawing("Logo in two colours: orange around navy", hue(ORANGE), {
                draw(SIDE, SIDE, |x, y| if disc(x, y, 300) { [24, 32, 84] } else { ORANGE })
            })
        },
        drawing("Neon: magenta and cyan tubes on black", Expected::Either([255, 0, 220], [0, 240, 255]), {
            draw(SIDE, SIDE, |x, y| match (x - y).rem_euclid(250) {
                ..40 => [255, 0, 220],
                125..165 => [0, 240, 255],
                _ => [8, 6, 14],
            })
        }),
        drawing("Neon: a thin green frame on black", hue([57, 255, 20]), {
            draw(SIDE, SIDE, |x, y| {
                let edge = (x - 500).abs().max((y - 500).abs());
                if (360..400).contains(&edge) { [57, 255, 20] } else { BLACK }
            })
        }),
        Sample {
            format: ImageFormat::WebP,
            ..drawing("Pastel: pale pink", hue([248, 200, 220]), draw(SIDE, SIDE, |_, _| [248, 200, 220]))
        },
        drawing("Pastel: mint with a little peach", hue([190, 236, 212]), {
            draw(SIDE, SIDE, |x, y| if disc(x, y, 240) { [255, 218, 193] } else { [190, 236, 212] })
        }),
        drawing("Plain yellow", hue([255, 235, 0]), draw(SIDE, SIDE, |_, _| [255, 235, 0])),
        drawing("Plain navy", hue([0, 0, 128]), draw(SIDE, SIDE, |_, _| [0, 0, 128])),
    ]
}

fn screens_and_noise() -> Vec<Sample> {
    let hue = Expected::Hue;
    vec![
        drawing("Screenshot: black text on white, one blue link", Expected::Nothing, {
            draw(160, 120, |x, y| match (is_text(x, y, 60), y) {
                (true, 480..510) if x < 400 => [20, 80, 220],
                (true, _) => [32, 33, 36],
                (false, _) => WHITE,
            })
        }),
        drawing("Screenshot: coloured code on dark blue", hue([26, 32, 58]), {
            draw(160, 120, |x, y| match (is_text(x, y, 60), y / 60 % 3) {
                (true, 0) => [198, 146, 234],
                (true, 1) => [130, 170, 255],
                (true, _) => [195, 232, 141],
                (false, _) => [26, 32, 58],
            })
        }),
        drawing("Noise in all colours", Expected::Any, {
            draw(SIDE, SIDE, |x, y| [0, 1, 2].map(|channel| byte(noise(x, y, channel) + 128)))
        }),
        drawing("Noise in grey", Expected::Nothing, draw(SIDE, SIDE, |x, y| [byte(noise(x, y, 0) + 128); 3])),
        drawing("Transparent everywhere", Expected::Nothing, draw_over(SIDE, SIDE, |_, _| None)),
        drawing("Transparent, with one violet corner", hue(VIOLET), {
            draw_over(SIDE, SIDE, |x, y| (x + y < 400).then_some(VIOLET))
        }),
        drawing("Two halves: red and green", Expected::Either(RED, [30, 160, 60]), {
            draw(SIDE, SIDE, |x, _| if x < 500 { RED } else { [30, 160, 60] })
        }),
        drawing("Two halves: vivid blue and dull brown", hue([20, 90, 230]), {
            draw(SIDE, SIDE, |x, _| if x < 500 { [20, 90, 230] } else { [120, 100, 84] })
        }),
        drawing("Rainbow in seven stripes", Expected::Any, {
            let stripes =
                [[228, 3, 3], [255, 140, 0], [255, 237, 0], [0, 128, 38], [0, 166, 214], [36, 64, 142], VIOLET];
            draw(SIDE, SIDE, move |_, y| stripes[usize::try_from(y * 7 / 1_000).expect("a stripe")])
        }),
        drawing("Panorama: green in the middle, red at both ends", hue(LEAF), {
            draw(240, 80, |x, y| if (333..667).contains(&x) { leaves(LEAF, x, y) } else { RED })
        }),
    ]
}

/// `colour` gets its place in thousandths of the width and of the height.
fn draw(width: u32, height: u32, colour: impl Fn(i64, i64) -> Colour) -> RgbaImage {
    draw_over(width, height, |x, y| Some(colour(x, y)))
}

/// As [`draw`]; transparent where there is no colour.
fn draw_over(width: u32, height: u32, colour: impl Fn(i64, i64) -> Option<Colour>) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let place = |at: u32, of: u32| i64::from(at * 1_000 / of);
        match colour(place(x, width), place(y, height)) {
            Some([red, green, blue]) => Rgba([red, green, blue, 255]),
            None => Rgba([0; 4]),
        }
    })
}

/// A head with hair and shoulders before something.
fn portrait(skin: Colour, hair: Colour, clothes: Colour, behind: impl Fn(i64, i64) -> Colour) -> RgbaImage {
    draw(SIDE, SIDE, |x, y| {
        if is_in(x, y, (500, 460, 170, 220)) && y > 330 {
            // Lit from the left.
            grain(between(skin, skin.map(|channel| channel / 5 * 4), x), x, y, 6)
        } else if is_in(x, y, (500, 400, 220, 240)) {
            grain(hair, x, y, 8)
        } else if is_in(x, y, (500, 1_020, 400, 340)) {
            grain(clothes, x, y, 8)
        } else {
            behind(x, y)
        }
    })
}

/// Brighter above, with a little grain.
fn wall(colour: Colour, x: i64, y: i64) -> Colour {
    grain(between(colour, colour.map(|channel| channel / 8 * 7), y), x, y, 5)
}

/// Light and shade in patches.
fn leaves(colour: Colour, x: i64, y: i64) -> Colour {
    let shade = 640 + noise(x / 40, y / 40, 3) * 2;
    grain(between(BLACK, colour, shade.clamp(250, 900)), x, y, 14)
}

/// Lines of words, `line` thousandths high with the space between them.
fn is_text(x: i64, y: i64, line: i64) -> bool {
    let (row, within) = (y / line, y % line);
    let is_word = (60..930).contains(&x) && noise(x / 70, row, 5) > -70;
    is_word && within < line / 2 && noise(x / 12, y / 12, 6) > -10
}

/// One of so many windows has light.
fn is_lit(x: i64, y: i64, one_of: i64) -> bool {
    let (window, floor) = (x / 60, y / 60);
    x % 60 > 20 && y % 60 > 20 && y > 200 && noise(window, floor, 7).rem_euclid(one_of) == 0
}

fn is_in(x: i64, y: i64, (left, top, wide, high): (i64, i64, i64, i64)) -> bool {
    let (across, down) = ((x - left) * 1_000 / wide, (y - top) * 1_000 / high);
    across * across + down * down <= 1_000_000
}

/// `thousandths` of the way from one colour to another.
fn between(from: Colour, to: Colour, thousandths: i64) -> Colour {
    std::array::from_fn(|channel| {
        let (from, to) = (i64::from(from[channel]), i64::from(to[channel]));
        byte(from + (to - from) * thousandths.clamp(0, 1_000) / 1_000)
    })
}

/// All channels a little up or down together.
fn grain(colour: Colour, x: i64, y: i64, strength: i64) -> Colour {
    let by = noise(x, y, 4) * strength / 128;
    colour.map(|channel| byte(i64::from(channel) + by))
}

/// From -128 to 127, without a pattern that one sees, and always the same.
fn noise(x: i64, y: i64, seed: i64) -> i64 {
    let place = (x << 24) ^ (y << 4) ^ seed;
    let mut mixed = place.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    i64::from(mixed.to_le_bytes()[7]) - 128
}

fn byte(value: i64) -> u8 {
    u8::try_from(value.clamp(0, 255)).expect("between 0 and 255")
}
