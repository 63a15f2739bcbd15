//! Names of files as they are shown. Pure.

use crate::model::Attachment;

/// Characters of an extension; what is longer is a part of the name.
const EXTENSION_CHARS: usize = 8;
/// Characters of an extension on a tile.
const TILE_CHARS: usize = 4;

/// A name in two: what may be cut, and the extension with its dot, which never is (perhaps empty).
pub fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty()
                && (1..=EXTENSION_CHARS).contains(&extension.chars().count())
                && extension.chars().all(char::is_alphanumeric) =>
        {
            name.split_at(stem.len())
        }
        _ => (name, ""),
    }
}

/// The extension as a type: `PDF`. Empty without one.
pub fn extension(name: &str) -> String {
    split(name).1.trim_start_matches('.').to_uppercase()
}

/// What stands on a file's tile, if it fits there.
pub fn tile(name: &str) -> Option<String> {
    Some(extension(name)).filter(|extension| !extension.is_empty() && extension.chars().count() <= TILE_CHARS)
}

/// Where a file is kept from.
pub fn download(file: &Attachment) -> String {
    format!("/files/{}?download=1", file.id)
}

/// `1:05`, `1:02:05`
pub fn length(ms: u32) -> String {
    let seconds = ms / 1_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_is_never_cut() {
        for (name, stem, extension) in [
            ("visitor-permit-june.pdf", "visitor-permit-june", ".pdf"),
            ("archive.tar.gz", "archive.tar", ".gz"),
            ("README", "README", ""),
            (".profile", ".profile", ""),
            ("ends.", "ends.", ""),
            ("v1.2 of the plan", "v1.2 of the plan", ""),
            ("a.verylongextension", "a.verylongextension", ""),
            ("תמונה.jpeg", "תמונה", ".jpeg"),
            ("снимок.жпг", "снимок", ".жпг"),
            ("", "", ""),
        ] {
            assert_eq!(split(name), (stem, extension), "{name}");
        }
    }

    #[test]
    fn tiles_have_short_types_only() {
        assert_eq!(tile("a.pdf").as_deref(), Some("PDF"));
        assert_eq!(tile("a.docx").as_deref(), Some("DOCX"));
        assert_eq!(tile("a.sqlite"), None);
        assert_eq!(tile("README"), None);
    }

    #[test]
    fn lengths_have_the_parts_they_need() {
        assert_eq!(length(0), "0:00");
        assert_eq!(length(65_900), "1:05");
        assert_eq!(length(3_725_000), "1:02:05");
    }
}
