//! File names as data: what people called it, fit to be shown and to be saved anywhere.

use crate::model::limits;
use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Extensions longer than this are part of the name.
const EXTENSION_MAX_CHARS: usize = 16;

/// Names that Windows keeps for devices, whatever extension follows.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// The name that is kept and shown: the last part of a path, in NFC, without control, invisible and bidirectional characters,
/// without dots or spaces at its ends, with `_` for what Windows forbids (also before its device names), at most
/// [`limits::FILE_NAME_MAX_CHARS`] characters with its extension whole. `file` when nothing is left; never empty.
pub fn clean_name(raw: &str) -> String {
    // Far more than any name; keeps the work small whatever is sent.
    let head: String = raw.chars().rev().take(4 * 1_024).collect::<Vec<_>>().into_iter().rev().collect();
    let shown: String = head.chars().filter(|c| !is_hidden(*c)).nfc().collect();
    let last = shown.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe: String = last
        .chars()
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    let is_edge = |c: char| c == '.' || c == ' ';
    // Before the cut, and after it: the cut may leave the name of a device.
    let name = undevice(shortened(&undevice(safe.trim_matches(is_edge).to_owned())));
    let name = name.trim_end_matches(is_edge);
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

/// What follows the last dot, in lower case; empty when there is none, or nothing before it.
pub fn extension(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

/// Characters that show nothing, or change what the others show. Joiners stay: emoji and several scripts need them.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
        )
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = ["com", "lpt"].iter().any(|port| {
        stem.strip_prefix(port).is_some_and(|number| {
            let mut digits = number.chars();
            digits.next().is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c)) && digits.next().is_none()
        })
    });
    numbered || DEVICES.contains(&stem.as_str())
}

fn undevice(name: String) -> String {
    if is_device(&name) { format!("_{name}") } else { name }
}

/// The stem cut between characters as people see them, the extension whole.
fn shortened(name: &str) -> String {
    let most = limits::FILE_NAME_MAX_CHARS;
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.chars().count() <= EXTENSION_MAX_CHARS => (stem, Some(extension)),
        _ => (name, None),
    };
    let room = most - extension.map_or(0, |extension| extension.chars().count() + 1);
    let mut kept = String::new();
    let mut used = 0;
    for piece in stem.graphemes(true) {
        used += piece.chars().count();
        if used > room {
            break;
        }
        kept.push_str(piece);
    }
    if kept.is_empty() {
        // One "character" of hundreds of accents.
        kept = stem.chars().take(room).collect();
    }
    match extension {
        Some(extension) => format!("{}.{extension}", kept.trim_end_matches(['.', ' '])),
        None => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_keep_what_people_know_and_nothing_else() {
        for (raw, expected) in [
            ("holiday.jpg", "holiday.jpg"),
            ("Отчёт за май.pdf", "Отчёт за май.pdf"),
            ("👩‍👩‍👧 family.png", "👩‍👩‍👧 family.png"),
            ("می‌خواهم.txt", "می‌خواهم.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\mira\\photo.png", "photo.png"),
            ("/absolute/..", "file"),
            ("..", "file"),
            ("", "file"),
            (" . . ", "file"),
            (".htaccess", "htaccess"),
            ("photo\u{202e}gpj.exe", "photogpj.exe"),
            ("a\u{0}b\r\nc\u{7f}.txt", "abc.txt"),
            ("a\u{2066}b\u{200b}\u{feff}.txt", "ab.txt"),
            ("setup.exe. . ", "setup.exe"),
            ("10:30 <notes>?.txt", "10_30 _notes__.txt"),
            ("a.txt:evil.exe", "a.txt_evil.exe"),
            ("CON", "_CON"),
            ("nul.tar.gz", "_nul.tar.gz"),
            ("com1 .txt", "_com1 .txt"),
            ("LPT².log", "_LPT².log"),
            ("console.log", "console.log"),
            ("com10.txt", "com10.txt"),
            ("tab\tand\u{a0}space.txt", "taband space.txt"),
            ("cafe\u{301}.png", "caf\u{e9}.png"),
        ] {
            assert_eq!(clean_name(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let long = clean_name(&format!("{}.tar.xlsx", "ä".repeat(400)));
        assert_eq!(long.chars().count(), limits::FILE_NAME_MAX_CHARS);
        assert!(long.ends_with("ä.xlsx"), "{long}");
        let accents = clean_name(&format!("a{}.png", "\u{301}".repeat(4_000)));
        assert!(accents.ends_with(".png") && accents.chars().count() <= limits::FILE_NAME_MAX_CHARS);
        assert_eq!(clean_name(&"x".repeat(9_000_000)).chars().count(), limits::FILE_NAME_MAX_CHARS);
        assert_eq!(clean_name(&format!("a.{}", "b".repeat(300))).chars().count(), limits::FILE_NAME_MAX_CHARS);
    }

    #[test]
    fn the_extension_is_the_last_part() {
        assert_eq!(extension("photo.JPG"), "jpg");
        assert_eq!(extension("a.jpg.exe"), "exe");
        assert_eq!(extension("README"), "");
    }

    proptest! {
        #[test]
        fn any_name_becomes_a_safe_one(raw in any::<String>()) {
            let name = clean_name(&raw);
            prop_assert!(!name.is_empty() && name.chars().count() <= limits::FILE_NAME_MAX_CHARS, "{name:?}");
            prop_assert!(!name.contains(['/', '\\', '"', ':']) && !name.starts_with('.') && !name.ends_with('.'), "{name:?}");
            prop_assert!(!name.chars().any(is_hidden), "{name:?}");
            prop_assert_eq!(clean_name(&name), name);
        }
    }
}
