//! The colour that the picture of a person gives to what is theirs: their name, their line in the bar.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The way colours are found now. Colours of another version are made again from the picture.
pub const COLOUR_VERSION: u8 = 1;

/// A colour of sRGB, `#rrggbb` as text and on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub [u8; 3]);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl fmt::Debug for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Rgb {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rgb {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] = number.ok_or_else(|| serde::de::Error::custom("no #rrggbb"))?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

/// Text and tint in one theme. The text has a contrast of at least 4.5 on the tint, the surface, the bubbles of others and the
/// canvas of that theme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ThemeColour {
    pub text: Rgb,
    /// Behind the info bar.
    pub bar: Rgb,
}

/// What the server found in a picture. A picture without a colour of its own has none, and the accent stands there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PictureColour {
    /// [`COLOUR_VERSION`] when it was found.
    pub version: u8,
    /// Of OKLCH, in degrees, 0 to 359.
    pub hue: u16,
    /// Of OKLCH, in thousandths.
    pub chroma: u16,
    pub light: ThemeColour,
    pub dark: ThemeColour,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_text_on_the_wire() {
        let colour = Rgb([0, 0x6c, 0x5c]);
        assert_eq!(serde_json::to_string(&colour).unwrap(), "\"#006c5c\"");
        assert_eq!(serde_json::from_str::<Rgb>("\"#006C5c\"").unwrap(), colour);
        for wrong in ["\"006c5c\"", "\"#06c\"", "\"#00g000\"", "\"#+12345\"", "\"#äääää\"", "1"] {
            assert!(serde_json::from_str::<Rgb>(wrong).is_err(), "{wrong}");
        }
    }
}
