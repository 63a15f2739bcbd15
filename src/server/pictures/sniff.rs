//! What a file is. Its name, the type that was declared for it and its first bytes have to say the same; nothing is believed
//! of what is not on the list, and that is kept for download only.

use super::name::{clean_name, extension};
use crate::model::program::is_program;
use crate::model::{AttachmentKind, Refusal};

/// How much of a file [`classify`] wants to see: its first 8 KiB, or all of a shorter one.
pub const HEAD_BYTES: usize = 8 * 1_024;

/// The type of everything that is not on the list.
pub const OPAQUE: &str = "application/octet-stream";

/// A picture that can be read here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PictureFormat {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl PictureFormat {
    /// By the first bytes alone.
    pub fn of(head: &[u8]) -> Option<Self> {
        [(Self::Jpeg, is_jpeg as fn(&[u8]) -> bool), (Self::Png, is_png), (Self::Gif, is_gif), (Self::WebP, is_webp)]
            .into_iter()
            .find_map(|(format, fits)| fits(head).then_some(format))
    }

    pub fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

/// What [`classify`] found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Classified {
    /// By [`clean_name`].
    pub name: String,
    /// Pictures are [`AttachmentKind::Image`] here: whether they move is seen when they are read whole.
    pub kind: AttachmentKind,
    /// The type that it is served with, ours and never the sender's. [`OPAQUE`] means: download only.
    pub mime: &'static str,
    /// Set for pictures: they have to be read, and made anew, before anybody sees them.
    pub picture: Option<PictureFormat>,
}

/// A type that is known.
struct Known {
    extensions: &'static [&'static str],
    /// What may be declared for it; the first is what it is served with.
    mimes: &'static [&'static str],
    kind: AttachmentKind,
    /// What its name promises, for people.
    promise: &'static str,
    fits: fn(&[u8]) -> bool,
}

/// One extension may stand in several rows: the declared type chooses, or else the first row.
const KNOWN: &[Known] = {
    use AttachmentKind::{Audio, File, Image, Video};
    macro_rules! known {
        ($kind:ident, $promise:literal, $fits:expr, [$($extension:literal),*], [$($mime:literal),*]) => {
            Known { extensions: &[$($extension),*], mimes: &[$($mime),*], kind: $kind, promise: $promise, fits: $fits }
        };
    }
    &[
        known!(
            Image,
            "JPEG picture",
            is_jpeg,
            ["jpg", "jpeg", "jpe", "jfif"],
            ["image/jpeg", "image/jpg", "image/pjpeg"]
        ),
        known!(Image, "PNG picture", is_png, ["png", "apng"], ["image/png", "image/apng", "image/x-png"]),
        known!(Image, "GIF picture", is_gif, ["gif"], ["image/gif"]),
        known!(Image, "WebP picture", is_webp, ["webp"], ["image/webp"]),
        known!(Video, "MP4 video", is_mp4, ["mp4", "m4v"], ["video/mp4", "video/x-m4v"]),
        known!(Audio, "MP4 recording", is_mp4, ["m4a", "mp4"], ["audio/mp4", "audio/x-m4a", "audio/m4a", "audio/aac"]),
        known!(Video, "QuickTime video", is_mov, ["mov"], ["video/quicktime", "video/mp4"]),
        known!(Video, "WebM video", is_webm, ["webm"], ["video/webm"]),
        known!(Audio, "WebM recording", is_webm, ["weba", "webm"], ["audio/webm"]),
        known!(Audio, "MP3 recording", is_mp3, ["mp3"], ["audio/mpeg", "audio/mp3"]),
        known!(
            Audio,
            "Ogg recording",
            is_ogg,
            ["ogg", "oga", "opus"],
            ["audio/ogg", "audio/opus", "audio/vorbis", "application/ogg", "video/ogg"]
        ),
        known!(Audio, "WAV recording", is_wav, ["wav"], ["audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"]),
        known!(Audio, "FLAC recording", is_flac, ["flac"], ["audio/flac", "audio/x-flac"]),
        known!(File, "PDF document", is_pdf, ["pdf"], ["application/pdf", "application/x-pdf"]),
        known!(
            File,
            "ZIP archive",
            is_zip,
            ["zip"],
            ["application/zip", "application/x-zip-compressed", "application/x-zip", "multipart/x-zip"]
        ),
        known!(File, "7z archive", is_7z, ["7z"], ["application/x-7z-compressed"]),
        known!(
            File,
            "gzip archive",
            is_gzip,
            ["gz", "tgz"],
            ["application/gzip", "application/x-gzip", "application/x-compressed-tar", "application/x-compressed"]
        ),
        known!(File, "tar archive", is_tar, ["tar"], ["application/x-tar"]),
        known!(
            File,
            "Word document",
            is_zip,
            ["docx"],
            ["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]
        ),
        known!(
            File,
            "Excel workbook",
            is_zip,
            ["xlsx"],
            ["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
        ),
        known!(
            File,
            "PowerPoint presentation",
            is_zip,
            ["pptx"],
            ["application/vnd.openxmlformats-officedocument.presentationml.presentation"]
        ),
        known!(File, "OpenDocument text", is_zip, ["odt"], ["application/vnd.oasis.opendocument.text"]),
        known!(File, "OpenDocument sheet", is_zip, ["ods"], ["application/vnd.oasis.opendocument.spreadsheet"]),
        known!(File, "OpenDocument slides", is_zip, ["odp"], ["application/vnd.oasis.opendocument.presentation"]),
    ]
};

/// Plain text: what is not text after all is kept as [`OPAQUE`], since old encodings are common and no lie. All are served
/// as `text/plain`, so that no reader does more with them than show them.
const TEXT: &[(&str, &[&str])] = &[
    ("txt", &["text/plain"]),
    ("log", &["text/plain", "text/x-log"]),
    ("md", &["text/markdown", "text/x-markdown", "text/plain"]),
    ("csv", &["text/csv", "text/plain", "application/csv", "application/vnd.ms-excel"]),
    ("json", &["application/json", "text/json", "text/plain"]),
];

/// What a file is, by its name as sent, the type declared for it (empty, or `application/octet-stream`, claims nothing) and its
/// first [`HEAD_BYTES`].
///
/// # Errors
/// [`Refusal::Empty`]; [`Refusal::Program`] for programs whatever they are called; [`Refusal::NotWhatItSays`] when the bytes are
/// not what the name promises; [`Refusal::TypeMismatch`] when something else was declared than what the name promises.
pub fn classify(name: &str, declared: Option<&str>, head: &[u8]) -> Result<Classified, Refusal> {
    let name = clean_name(name);
    let extension = extension(&name);
    let head = &head[..head.len().min(HEAD_BYTES)];
    if head.is_empty() {
        return Err(Refusal::Empty);
    }
    if is_program(&extension, head) {
        return Err(Refusal::Program);
    }
    let declared = declared.map(essence).filter(|mime| !mime.is_empty() && mime != OPAQUE);
    let claims = |mimes: &[&str]| declared.as_deref().is_none_or(|declared| mimes.contains(&declared));
    let rows: Vec<&Known> = KNOWN.iter().filter(|row| row.extensions.contains(&extension.as_str())).collect();
    if let Some(first) = rows.first() {
        let row = rows.iter().find(|row| claims(row.mimes));
        if !(row.unwrap_or(first).fits)(head) {
            return Err(Refusal::NotWhatItSays { expected: first.promise.to_owned() });
        }
        let row = row.ok_or(Refusal::TypeMismatch)?;
        let picture = if row.kind == AttachmentKind::Image { PictureFormat::of(head) } else { None };
        return Ok(Classified { name, kind: row.kind, mime: row.mimes[0], picture });
    }
    let mime = match TEXT.iter().find(|(text, _)| *text == extension) {
        Some((_, mimes)) if !claims(mimes) => return Err(Refusal::TypeMismatch),
        Some(_) if is_text(head) => "text/plain",
        _ => OPAQUE,
    };
    Ok(Classified { name, kind: AttachmentKind::File, mime, picture: None })
}

/// A declared type without its parameters, in lower case.
fn essence(declared: &str) -> String {
    declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_jpeg(head: &[u8]) -> bool {
    head.starts_with(&[0xff, 0xd8, 0xff])
}

fn is_png(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n")
}

fn is_gif(head: &[u8]) -> bool {
    head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")
}

fn is_riff(head: &[u8], form: &[u8]) -> bool {
    head.starts_with(b"RIFF") && head.get(8..12) == Some(form)
}

fn is_webp(head: &[u8]) -> bool {
    is_riff(head, b"WEBP")
}

fn is_wav(head: &[u8]) -> bool {
    is_riff(head, b"WAVE")
}

/// Pictures in the same container are no films.
fn is_mp4(head: &[u8]) -> bool {
    const PICTURES: [&[u8]; 10] =
        [b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1", b"crx "];
    head.get(4..8) == Some(b"ftyp") && head.get(8..12).is_some_and(|brand| !PICTURES.contains(&brand))
}

/// Films of old cameras begin with any of their parts.
fn is_mov(head: &[u8]) -> bool {
    const PARTS: [&[u8]; 5] = [b"moov", b"mdat", b"wide", b"free", b"skip"];
    is_mp4(head) || head.get(4..8).is_some_and(|part| PARTS.contains(&part))
}

/// EBML whose document type is `webm`, and not Matroska in general.
fn is_webm(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(&[0x1a, 0x45, 0xdf, 0xa3]) else { return false };
    let header = &rest[..rest.len().min(64)];
    header.windows(7).any(|at| at == [0x42, 0x82, 0x84, b'w', b'e', b'b', b'm'])
}

/// An ID3v2 tag, or a frame of layer III with a bit rate and a sample rate that exist.
fn is_mp3(head: &[u8]) -> bool {
    let is_frame = |at: &[u8]| {
        at[0] == 0xff
            && at[1] & 0xe0 == 0xe0
            && at[1] & 0x18 != 0x08
            && at[1] & 0x06 == 0x02
            && !matches!(at[2] >> 4, 0 | 15)
            && at[2] & 0x0c != 0x0c
    };
    head.starts_with(b"ID3") || (head.len() >= 4 && is_frame(head))
}

fn is_ogg(head: &[u8]) -> bool {
    head.starts_with(b"OggS\0")
}

fn is_flac(head: &[u8]) -> bool {
    head.starts_with(b"fLaC")
}

fn is_pdf(head: &[u8]) -> bool {
    head.starts_with(b"%PDF-")
}

fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") || head.starts_with(b"PK\x07\x08")
}

fn is_7z(head: &[u8]) -> bool {
    head.starts_with(b"7z\xbc\xaf\x27\x1c")
}

fn is_gzip(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b, 0x08])
}

fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// UTF-8 without NUL (the last character may be cut off), or UTF-16 with its mark.
fn is_text(head: &[u8]) -> bool {
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && head.len() == HEAD_BYTES,
    };
    is_utf8 && !head.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 0, 16, b'J', b'F', b'I', b'F', 0];
    const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0";
    const WEBM: &[u8] = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm";

    fn kind(name: &str, declared: &str, head: &[u8]) -> Result<(AttachmentKind, &'static str), Refusal> {
        classify(name, Some(declared), head).map(|found| (found.kind, found.mime))
    }

    #[test]
    fn name_type_and_bytes_agree() {
        use AttachmentKind::{Audio, File, Image, Video};
        let tar = [&[b'a'; 257][..], b"ustar\0"].concat();
        for (name, declared, head, expected) in [
            ("a.png", "image/png", PNG, (Image, "image/png")),
            ("a.PNG", "", PNG, (Image, "image/png")),
            ("a.png", "application/octet-stream", PNG, (Image, "image/png")),
            ("a.jpeg", "IMAGE/JPEG; charset=binary", JPEG, (Image, "image/jpeg")),
            ("a.gif", "image/gif", b"GIF89a\x01", (Image, "image/gif")),
            ("a.webp", "image/webp", b"RIFF\0\0\0\0WEBPVP8 ", (Image, "image/webp")),
            ("a.mp4", "video/mp4", MP4, (Video, "video/mp4")),
            ("voice.mp4", "audio/mp4", MP4, (Audio, "audio/mp4")),
            ("voice.m4a", "audio/x-m4a", MP4, (Audio, "audio/mp4")),
            ("a.mov", "video/quicktime", b"\0\0\0\x14ftypqt  ", (Video, "video/quicktime")),
            ("a.webm", "", WEBM, (Video, "video/webm")),
            ("voice.webm", "audio/webm;codecs=opus", WEBM, (Audio, "audio/webm")),
            ("a.mp3", "audio/mpeg", b"ID3\x03\0", (Audio, "audio/mpeg")),
            ("a.mp3", "audio/mpeg", &[0xff, 0xfb, 0x90, 0x64], (Audio, "audio/mpeg")),
            ("a.opus", "audio/ogg; codecs=opus", b"OggS\0\x02", (Audio, "audio/ogg")),
            ("a.wav", "audio/x-wav", b"RIFF\0\0\0\0WAVEfmt ", (Audio, "audio/wav")),
            ("a.flac", "audio/flac", b"fLaC\0", (Audio, "audio/flac")),
            ("a.pdf", "application/pdf", b"%PDF-1.7", (File, "application/pdf")),
            ("a.zip", "application/x-zip-compressed", b"PK\x03\x04", (File, "application/zip")),
            ("a.tar", "application/x-tar", &tar, (File, "application/x-tar")),
            ("a.odt", "", b"PK\x03\x04", (File, "application/vnd.oasis.opendocument.text")),
            ("a.txt", "text/plain", b"hello", (File, "text/plain")),
            ("a.md", "", "# Grüße".as_bytes(), (File, "text/plain")),
            ("a.csv", "application/vnd.ms-excel", b"a;b", (File, "text/plain")),
            ("a.txt", "text/plain", &[0xff, 0xfe, b'h', 0], (File, "text/plain")),
            ("latin1.txt", "text/plain", b"gr\xfc\xdfe", (File, OPAQUE)),
            ("nul.txt", "text/plain", b"a\0b", (File, OPAQUE)),
        ] {
            assert_eq!(kind(name, declared, head), Ok(expected), "{name} {declared}");
        }
    }

    #[test]
    fn what_is_not_on_the_list_is_opaque() {
        for (name, declared, head) in [
            ("a.html", "text/html", &b"<script>alert(1)</script>"[..]),
            ("a.svg", "image/svg+xml", b"<svg onload='alert(1)'/>"),
            ("a.xml", "application/xml", b"<?xml version='1.0'?>"),
            ("a.js", "text/javascript", b"alert(1)"),
            ("a.css", "text/css", b"*{}"),
            ("a.heic", "image/heic", b"\0\0\0\x18ftypheic"),
            ("photo", "image/png", PNG),
            ("a.py", "text/x-python", b"#!/usr/bin/python3\n"),
            ("a.docm", "", b"PK\x03\x04"),
        ] {
            assert_eq!(kind(name, declared, head), Ok((AttachmentKind::File, OPAQUE)), "{name}");
        }
    }

    #[test]
    fn other_bytes_than_the_name_promises_are_refused() {
        let refused = |expected: &str| Err(Refusal::NotWhatItSays { expected: expected.to_owned() });
        for (name, declared, head, expected) in [
            ("photo.png", "image/png", &b"<html>"[..], "PNG picture"),
            ("photo.png", "image/png", JPEG, "PNG picture"),
            ("photo.jpg", "image/png", PNG, "JPEG picture"),
            ("a.gif", "", b"GIF88a", "GIF picture"),
            ("a.webp", "", b"RIFF\0\0\0\0WAVE", "WebP picture"),
            ("a.mp4", "", b"\0\0\0\x18ftypheic", "MP4 video"),
            ("a.webm", "", b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", "WebM video"),
            ("a.mp3", "", JPEG, "MP3 recording"),
            ("a.pdf", "", b" %PDF-1.7", "PDF document"),
            ("a.zip", "", b"hello", "ZIP archive"),
            ("a.docx", "", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Word document"),
        ] {
            assert_eq!(kind(name, declared, head), refused(expected), "{name}");
        }
        assert_eq!(kind("a.png", "image/jpeg", PNG), Err(Refusal::TypeMismatch));
        assert_eq!(kind("a.pdf", "text/html", b"%PDF-1.7"), Err(Refusal::TypeMismatch));
        assert_eq!(kind("a.txt", "text/html", b"<b>"), Err(Refusal::TypeMismatch));
        assert_eq!(kind("a.png", "image/png", b""), Err(Refusal::Empty));
    }

    #[test]
    fn programs_are_refused_whatever_they_are_called() {
        for (name, head) in [
            ("photo.png", &b"MZ\x90\0\x03\0\0\0"[..]),
            ("notes.txt", b"\x7fELF\x02\x01"),
            ("archive.zip", b"\xcf\xfa\xed\xfe"),
            ("unknown.xyz", b"\xca\xfe\xba\xbe"),
            ("photo.jpg.exe", JPEG),
            ("photo\u{202e}gpj.exe", JPEG),
            ("setup.EXE. ", b"anything"),
            ("app.jar", b"PK\x03\x04"),
            ("page.hta", b"<html>"),
            ("install.sh", b"#!/bin/sh\n"),
            ("install", b"\xef\xbb\xbf#!/bin/sh\n"),
            ("link.txt", b"L\0\0\0\x01\x14\x02\0\0"),
        ] {
            assert_eq!(classify(name, None, head), Err(Refusal::Program), "{name}");
        }
        assert_eq!(kind("notes.txt", "", b"MZ is a state of Mizoram"), Ok((AttachmentKind::File, "text/plain")));
    }

    #[test]
    fn a_character_cut_by_the_end_of_the_head_is_still_text() {
        let mut head = vec![b'a'; HEAD_BYTES - 1];
        head.extend("é and more".as_bytes());
        assert_eq!(kind("a.txt", "", &head), Ok((AttachmentKind::File, "text/plain")));
        assert_eq!(kind("a.txt", "", b"cut \xc3"), Ok((AttachmentKind::File, OPAQUE)));
    }

    #[test]
    fn every_extension_of_the_table_has_one_first_row() {
        for row in KNOWN {
            assert!(!row.mimes.is_empty() && !row.promise.is_empty());
            for extension in row.extensions {
                assert!(!is_program(extension, b"") && TEXT.iter().all(|(text, _)| text != extension), "{extension}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(name in ".{0,20}(\\.(png|mp4|webm|mp3|tar|txt|exe))?", declared in any::<Option<String>>(), head in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok(found) = classify(&name, declared.as_deref(), &head) {
                prop_assert!(found.kind != AttachmentKind::Image || found.picture.is_some());
                prop_assert!(!found.name.is_empty());
            }
        }
    }
}
