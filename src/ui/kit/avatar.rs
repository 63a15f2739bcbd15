//! Pictures of people and groups. Below each lie initials on a tint: they are seen while it loads, when it can't be had, and
//! when there is none.

use crate::model::{Person, Picture, PictureColour, Room};
use dioxus::prelude::*;

/// Tints that `assets/css/people.css` has, one for each 15 degrees of hue.
const TINTS: u16 = 24;

/// What colours something that is a person's or a group's. An element with `data-peer` takes it as `data-hue: tint.hue()` and
/// `style: tint.style()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tint {
    /// Of a picture.
    Colour(PictureColour),
    /// Of a name, where there is no picture.
    Hue(u16),
    /// The app's own: a picture that has none, and groups without a picture.
    Accent,
}

impl Tint {
    pub fn of(person: &Person) -> Self {
        match &person.picture {
            Some(picture) => Self::of_picture(picture),
            None if person.is_deleted => Self::Accent,
            None => Self::Hue(person.hue() * TINTS / 360),
        }
    }

    pub fn of_group(room: &Room) -> Self {
        room.picture.as_ref().map_or(Self::Accent, Self::of_picture)
    }

    fn of_picture(picture: &Picture) -> Self {
        picture.colour.map_or(Self::Accent, Self::Colour)
    }

    /// What `data-hue` says: a rule of the style sheet. `none` is one as well, so that nothing comes down from around, and
    /// `own` takes what [`Self::style`] says: styles of an element that are gone again stay until it goes, so they alone decide
    /// nothing.
    pub fn hue(self) -> Option<String> {
        match self {
            Self::Colour(_) => Some("own".to_owned()),
            Self::Hue(hue) => Some(hue.to_string()),
            Self::Accent => Some("none".to_owned()),
        }
    }

    /// The four colours of a picture, which the server chose so that they can be read. Numbers only.
    pub fn style(self) -> Option<String> {
        let Self::Colour(PictureColour { light, dark, .. }) = self else { return None };
        Some(format!("--own-l:{};--own-bar-l:{};--own-d:{};--own-bar-d:{}", light.text, light.bar, dark.text, dark.bar))
    }
}

/// A person in a circle of `size` pixels. `is_online` cuts a dot out of it.
#[component]
pub fn Avatar(person: Person, size: u16, #[props(default)] is_online: bool) -> Element {
    rsx! {
        Face { initials: person.initials(), tint: Tint::of(&person), picture: person.picture, size, is_online }
    }
}

/// A group that has a picture, in a circle of `size` pixels.
#[component]
pub fn GroupAvatar(name: String, picture: Picture, size: u16) -> Element {
    rsx! {
        Face { initials: Person::initials_of(&name), tint: Tint::of_picture(&picture), picture, size }
    }
}

#[component]
fn Face(
    initials: String,
    tint: Tint,
    picture: Option<Picture>,
    size: u16,
    #[props(default)] is_online: bool,
) -> Element {
    let dot = if size > 60 {
        18
    } else if size > 40 {
        13
    } else {
        10
    };
    let colours = tint.style().unwrap_or_default();
    rsx! {
        span {
            class: "avatar",
            "data-initials": initials,
            "data-peer": "",
            "data-hue": tint.hue(),
            style: "--s:{size}px;{colours}",
            "aria-hidden": "true",
            if let Some(picture) = picture {
                // New for each: one that could not be had says nothing of the next.
                for picture in [picture] {
                    // Without words of its own, a browser shows nothing in place of one that can't be had.
                    img {
                        key: "{picture.file_id}",
                        class: "face-img",
                        src: picture.url(u32::from(size)),
                        srcset: picture.srcset(u32::from(size)),
                        alt: "",
                        loading: "lazy",
                        decoding: "async",
                        draggable: "false",
                    }
                }
            }
            if is_online {
                i { class: "dot", style: "--d:{dot}px" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{FileId, UserId};
    use crate::model::{Rgb, ThemeColour};
    use crate::time::Timestamp;
    use crate::ui::tokens::{contrast, token};
    use std::collections::BTreeMap;

    #[test]
    fn every_tint_can_be_read_everywhere() {
        let rules: BTreeMap<u16, BTreeMap<String, String>> = include_str!("../../../assets/css/people.css")
            .lines()
            .filter_map(|line| line.strip_prefix("[data-hue=\""))
            .map(|line| {
                let (hue, rest) = line.split_once('"').expect("a hue");
                let pairs = rest.split("--").skip(1).filter_map(|pair| pair.split_once(": "));
                let pairs = pairs.map(|(name, value)| (name.to_owned(), value[..7].to_owned()));
                (hue.parse().expect("a number"), pairs.collect())
            })
            .collect();
        assert_eq!(rules.keys().copied().collect::<Vec<_>>(), (0..TINTS).collect::<Vec<_>>());
        for (hue, colors) in rules {
            for (scheme, is_dark) in [("l", false), ("d", true)] {
                let text = &colors[&format!("peer-{scheme}")];
                let grounds = ["surface", "bubble-other", "canvas"].map(|name| token(name, is_dark));
                for ground in grounds.iter().chain([&colors[&format!("peer-bar-{scheme}")]]) {
                    assert!(contrast(text, ground) >= 4.5, "hue {hue}: {text} on {ground}");
                }
            }
        }
    }

    #[test]
    fn a_picture_colours_in_place_of_the_name() {
        let mut person = Person::new(UserId::new(), "mira", "Mira", Timestamp(0));
        assert!(matches!(Tint::of(&person), Tint::Hue(hue) if hue < TINTS));
        let theme = |text, bar| ThemeColour { text: Rgb(text), bar: Rgb(bar) };
        let (light, dark) = (theme([0, 0x6c, 0x5c], [1; 3]), theme([0x52, 0xc1, 0xaa], [2; 3]));
        let colour = PictureColour { version: 1, hue: 178, chroma: 140, light, dark };
        person.picture = Some(Picture { file_id: FileId::new(), colour: Some(colour) });
        let tint = Tint::of(&person);
        assert_eq!(tint.hue().as_deref(), Some("own"));
        let [text_l, bar_l, text_d, bar_d] = [light.text, light.bar, dark.text, dark.bar];
        let style = format!("--own-l:{text_l};--own-bar-l:{bar_l};--own-d:{text_d};--own-bar-d:{bar_d}");
        assert_eq!(tint.style(), Some(style));
        // A grey one is in the app's own colour, not in that of the name.
        person.picture = Some(Picture { file_id: FileId::new(), colour: None });
        assert_eq!((Tint::of(&person).hue().as_deref(), Tint::of(&person).style()), (Some("none"), None));
    }
}
