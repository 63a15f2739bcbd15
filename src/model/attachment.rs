//! Files of messages: what is known of them without their bytes.

use crate::error::{Error, Problem, Result};
use crate::id::FileId;
use crate::model::{Seq, limits};
use serde::{Deserialize, Serialize};

/// How a file is shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A still picture: re-encoded, in three sizes.
    Image,
    /// A picture that moves (GIF, animated WebP or PNG), with a still one in the smaller sizes.
    Animation,
    Video,
    Audio,
    /// Spoken into the page, with a waveform.
    Voice,
    /// Anything else: a card, and a download.
    File,
}

impl AttachmentKind {
    pub const ALL: [Self; 6] = [Self::Image, Self::Animation, Self::Video, Self::Audio, Self::Voice, Self::File];

    /// As on the wire and in stores.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Animation => "animation",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Voice => "voice",
            Self::File => "file",
        }
    }

    /// Whether it has smaller pictures of itself ([`Variant::Grid`], [`Variant::Preview`]).
    pub fn has_pictures(self) -> bool {
        matches!(self, Self::Image | Self::Animation)
    }

    /// Whether it is looked at rather than kept: photos and films stand together in an album.
    pub fn is_visual(self) -> bool {
        matches!(self, Self::Image | Self::Animation | Self::Video)
    }
}

/// A picture in one of its sizes, named in `/files/{id}?v=`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// As it is kept: re-encoded pictures, other files byte by byte.
    #[default]
    Full,
    /// At most 1,100 pixels a side: in the stream.
    Preview,
    /// At most 320 pixels a side: in albums and lists.
    Grid,
}

impl Variant {
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Preview => "preview",
            Self::Grid => "grid",
        }
    }
}

/// A file in a message. Everything here was found by the server in the bytes, but `duration_ms` and `waveform`, which are the
/// sender's word, and are used for looks only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attachment {
    pub id: FileId,
    pub kind: AttachmentKind,
    /// As the sender had it, without paths and invisible characters: 1 to [`limits::FILE_NAME_MAX_CHARS`] characters.
    pub name: String,
    pub mime: String,
    /// Bytes as kept.
    pub size: u64,
    /// Pixels, as shown (after turning).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// A blurred impression of at most 25 bytes, in base64url: <https://evanw.github.io/thumbhash/>.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u32>,
    /// Loudness over time, each character one of 64 steps in the base64url alphabet, at most
    /// [`limits::WAVEFORM_MAX_CHARS`] of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waveform: Option<String>,
    /// What the picture shows, in the sender's words; at most [`limits::ALT_MAX_CHARS`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
}

impl Attachment {
    /// A file that nothing more is known of.
    pub fn new(id: FileId, kind: AttachmentKind, name: &str, mime: &str, size: u64) -> Self {
        Self {
            id,
            kind,
            name: name.to_owned(),
            mime: mime.to_owned(),
            size,
            width: None,
            height: None,
            thumbhash: None,
            duration_ms: None,
            waveform: None,
            alt: None,
        }
    }

    /// Where its bytes are asked for.
    pub fn url(&self, variant: Variant) -> String {
        file_url(self.id, variant)
    }
}

/// Where the bytes of a file are asked for, by those who may see it.
pub fn file_url(id: FileId, variant: Variant) -> String {
    match variant {
        Variant::Full => format!("/files/{id}"),
        Variant::Preview | Variant::Grid => format!("/files/{id}?v={}", variant.name()),
    }
}

/// A file that was uploaded before, named when a message is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentFile {
    pub id: FileId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
}

impl SentFile {
    /// What is wrong with a list of them, beside what the server knows.
    ///
    /// # Errors
    /// [`Error::Invalid`] of `files`: more than [`limits::FILES_MAX`], one of them twice, or an `alt` that is too long.
    pub fn check(files: &[Self]) -> Result<()> {
        let too_long = |file: &Self| file.alt.as_ref().is_some_and(|alt| alt.chars().count() > limits::ALT_MAX_CHARS);
        let twice = |(place, file): (usize, &Self)| files[..place].iter().any(|other| other.id == file.id);
        if files.len() > limits::FILES_MAX || files.iter().enumerate().any(twice) {
            return Err(Error::invalid("files", Problem::OutOfRange));
        }
        if files.iter().any(too_long) { Err(Error::invalid("files", Problem::TooLong)) } else { Ok(()) }
    }
}

/// What the sender says of a file beside its bytes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FileHints {
    #[serde(default)]
    pub width: Option<u32>,
    #[serde(default)]
    pub height: Option<u32>,
    #[serde(default)]
    pub duration_ms: Option<u32>,
    #[serde(default)]
    pub waveform: Option<String>,
    /// Spoken into the page: [`AttachmentKind::Voice`] when the bytes are audio.
    #[serde(default)]
    pub voice: bool,
}

/// The square part of a picture that becomes an avatar, in pixels of the picture as shown, from its top left corner.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crop {
    pub x: u32,
    pub y: u32,
    pub side: u32,
}

/// How much of their room for files someone has used, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FileUsage {
    pub used: u64,
    pub quota: u64,
    /// Bytes of one file.
    pub file_max: u64,
    /// Storage does not answer: nothing is taken for now.
    #[serde(default)]
    pub is_down: bool,
}

/// What was sent in a room, newest first, for its panel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// Photos, animations and films.
    Photos,
    Files,
    /// Addresses of the web ([`crate::model::markup::web_links`]).
    Links,
    /// Sounds, spoken or not.
    Voice,
}

impl MediaKind {
    /// The files of this kind; links are no files.
    pub fn kinds(self) -> &'static [AttachmentKind] {
        match self {
            Self::Photos => &[AttachmentKind::Image, AttachmentKind::Animation, AttachmentKind::Video],
            Self::Files => &[AttachmentKind::File],
            Self::Links => &[],
            Self::Voice => &[AttachmentKind::Audio, AttachmentKind::Voice],
        }
    }
}

/// A page of [`MediaKind`]: whole messages, newest first, since a file is looked at where it was said. With a `next` it may be
/// short, even empty.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MediaPage {
    pub messages: Vec<crate::model::Message>,
    /// The `before` of the next page; `None` on the last one.
    #[serde(default)]
    pub next: Option<Seq>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(alt: Option<String>) -> SentFile {
        SentFile { id: FileId::new(), alt }
    }

    #[test]
    fn a_list_of_files_is_bounded_and_names_each_once() {
        let most: Vec<_> = (0..limits::FILES_MAX).map(|_| sent(None)).collect();
        assert_eq!(SentFile::check(&most), Ok(()));
        let more = [&most[..], &[sent(None)]].concat();
        assert!(SentFile::check(&more).is_err());
        assert!(SentFile::check(&[most[0].clone(), most[0].clone()]).is_err());
        assert_eq!(SentFile::check(&[sent(Some("ä".repeat(limits::ALT_MAX_CHARS)))]), Ok(()));
        assert!(SentFile::check(&[sent(Some("a".repeat(limits::ALT_MAX_CHARS + 1)))]).is_err());
    }
}
