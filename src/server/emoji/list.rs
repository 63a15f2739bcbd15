//! Makes the page's list: `UPDATE_EMOJI=1 cargo test --features server --lib emoji::list`.
//!
//! One line for a group (`# name`), one for an emoji: itself, its name, the words it is found by besides, and, if it comes
//! in skin tones, its lightest one; between tabs. The other tones are that one with another modifier.

use emojis::{Emoji, Group, SkinTone};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What phones of the last years can draw.
const NEWEST: emojis::EmojiVersion = emojis::EmojiVersion::new(16, 0);
const LIGHT: char = '\u{1f3fb}';
/// What people type, and what they mean.
const WORDS: &str = include_str!("words.txt");

fn group_name(group: Group) -> &'static str {
    match group {
        Group::SmileysAndEmotion => "Smileys",
        Group::PeopleAndBody => "People",
        Group::AnimalsAndNature => "Nature",
        Group::FoodAndDrink => "Food",
        Group::TravelAndPlaces => "Travel",
        Group::Activities => "Activities",
        Group::Objects => "Objects",
        Group::Symbols => "Symbols",
        Group::Flags => "Flags",
    }
}

fn words() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut words = BTreeMap::<_, Vec<_>>::new();
    for line in WORDS.lines() {
        let (word, emojis) = line.split_once(':').expect("a word, a colon, emojis");
        for emoji in emojis.split_whitespace() {
            let emoji = emojis::get(emoji).unwrap_or_else(|| panic!("{emoji} of {word} is no emoji"));
            words.entry(emoji.as_str()).or_default().push(word);
        }
    }
    words
}

fn line(list: &mut String, emoji: &Emoji, words: &[&str]) {
    let name = emoji.name();
    let mut found_by: Vec<String> = emoji.shortcodes().map(|code| code.replace(['_', '-'], " ")).collect();
    found_by.extend(words.iter().map(|word| (*word).to_owned()));
    found_by.retain(|word| word != name);
    write!(list, "{emoji}\t{name}\t{}", found_by.join(",")).expect("a string takes it");
    if let Some(light) = emoji.with_skin_tone(SkinTone::Light) {
        write!(list, "\t{light}").expect("a string takes it");
    }
    list.push('\n');
}

fn list() -> String {
    let words = words();
    let mut list = String::new();
    for group in Group::iter() {
        writeln!(list, "# {}", group_name(group)).expect("a string takes it");
        for emoji in group.emojis().filter(|emoji| emoji.emoji_version() <= NEWEST) {
            line(&mut list, emoji, words.get(emoji.as_str()).map_or(&[], Vec::as_slice));
        }
    }
    list
}

#[test]
fn the_page_has_the_list() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/emoji.txt");
    if std::env::var_os("UPDATE_EMOJI").is_some() {
        std::fs::write(path, list()).expect("the assets are there");
    }
    let kept = std::fs::read_to_string(path).expect("the list is there");
    assert!(kept == list(), "assets/emoji.txt is not what the data says: run this test with UPDATE_EMOJI=1");
}

#[test]
fn tones_differ_in_the_modifier_only() {
    let tones = [SkinTone::MediumLight, SkinTone::Medium, SkinTone::MediumDark, SkinTone::Dark];
    for emoji in Group::iter().flat_map(|group| group.emojis()) {
        let Some(light) = emoji.with_skin_tone(SkinTone::Light) else { continue };
        for (tone, modifier) in tones.into_iter().zip('\u{1f3fc}'..='\u{1f3ff}') {
            let toned = light.as_str().replace(LIGHT, &modifier.to_string());
            assert_eq!(emoji.with_skin_tone(tone).map(Emoji::as_str), Some(&*toned));
        }
    }
}

#[test]
fn the_list_can_be_split() {
    for line in list().lines().filter(|line| !line.starts_with("# ")) {
        let fields: Vec<&str> = line.split('\t').collect();
        assert!((3..=4).contains(&fields.len()), "{line}");
        assert!(super::canonical(fields[0]).as_deref() == Some(fields[0]), "{line}");
    }
}
