//! Colours as people see them: OKLCH (lightness 0 to 1, chroma, hue in degrees) and back, and contrast by WCAG 2.2.
//! <https://bottosson.github.io/posts/oklab/>

use crate::model::Rgb;

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lch {
    pub lightness: f64,
    pub chroma: f64,
    pub hue: f64,
}

/// From 0 to 1 in sRGB to linear light.
pub fn linear(channel: f64) -> f64 {
    if channel <= 0.040_45 { channel / 12.92 } else { ((channel + 0.055) / 1.055).powf(2.4) }
}

/// From linear light to 0 to 1 in sRGB.
pub fn gamma(light: f64) -> f64 {
    if light <= 0.003_130_8 { 12.92 * light } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// Of a colour, 0 to 1.
pub fn luminance(Rgb(channels): Rgb) -> f64 {
    weighted(channels.map(|channel| linear(f64::from(channel) / 255.0)))
}

/// Luminance of linear light.
pub fn weighted([red, green, blue]: [f64; 3]) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// 1 to 21.
pub fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// `share` of `b` in `a`, as browsers mix them.
pub fn mix(Rgb(a): Rgb, Rgb(b): Rgb, share: f64) -> Rgb {
    Rgb(std::array::from_fn(|at| to_byte(f64::from(a[at]) / 255.0 * (1.0 - share) + f64::from(b[at]) / 255.0 * share)))
}

/// The distance of two hues, 0 to 180.
pub fn hue_distance(a: f64, b: f64) -> f64 {
    let distance = (a - b).abs().rem_euclid(360.0);
    distance.min(360.0 - distance)
}

/// The hue of a direction, 0 to 360.
pub fn hue_of(a: f64, b: f64) -> f64 {
    b.atan2(a).to_degrees().rem_euclid(360.0)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
fn to_byte(channel: f64) -> u8 {
    (channel.clamp(0.0, 1.0) * 255.0).round() as u8
}

impl Lch {
    pub fn of(Rgb(channels): Rgb) -> Self {
        let [red, green, blue] = channels.map(|channel| linear(f64::from(channel) / 255.0));
        let l = (0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue).cbrt();
        let m = (0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue).cbrt();
        let s = (0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue).cbrt();
        let a = 1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s;
        let b = 0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s;
        let lightness = 0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s;
        Self { lightness, chroma: a.hypot(b), hue: hue_of(a, b) }
    }

    /// In sRGB, with as much of the chroma as there is room for.
    pub fn to_rgb(self) -> Rgb {
        let is_inside = |light: [f64; 3]| light.iter().all(|channel| (-1e-4..=1.0001).contains(channel));
        let mut chroma = self.chroma;
        if !is_inside(self.light()) {
            let (mut low, mut high) = (0.0, chroma);
            for _ in 0..20 {
                let middle = f64::midpoint(low, high);
                if is_inside(Self { chroma: middle, ..self }.light()) { low = middle } else { high = middle }
            }
            chroma = low;
        }
        Rgb(Self { chroma, ..self }.light().map(|channel| to_byte(gamma(channel.max(0.0)))))
    }

    /// Linear red, green and blue; outside of 0 to 1 when sRGB has no such colour.
    fn light(self) -> [f64; 3] {
        let (sin, cos) = self.hue.to_radians().sin_cos();
        let (a, b) = (self.chroma * cos, self.chroma * sin);
        let l = (self.lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
        let m = (self.lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
        let s = (self.lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
        [
            4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s,
            -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s,
            -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s,
        ]
    }
}
