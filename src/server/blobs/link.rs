//! Addresses of blobs that work for a minute: what they say, and how this server signs and checks its own.

use super::BlobKey;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use serde::Deserialize;
use sha2::Sha256;

/// How long a link works at most, in seconds.
pub const EXPIRY_MAX_S: u32 = 60;
/// How long browsers may keep what a link gave.
pub const CACHE_CONTROL: &str = "private, max-age=60";
/// Characters of a name that a link carries: far below what a request target may have.
const NAME_MAX_CHARS: usize = 255;
/// What may be in `filename*` as it is (`attr-char` of RFC 8187).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');
const OCTETS: &str = "application/octet-stream";

/// Whether a browser shows a file or saves it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Disposition {
    Inline,
    Attachment,
}

impl Disposition {
    fn name(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Attachment => "attachment",
        }
    }
}

/// What the answer of a link says of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LinkOptions<'a> {
    /// A media type that the server chose. What cannot be a header is `application/octet-stream`.
    pub content_type: &'a str,
    pub disposition: Disposition,
    /// The name to save it under, as people wrote it; may be empty.
    pub name: &'a str,
    /// From 1 to [`EXPIRY_MAX_S`]; other values are moved there.
    pub expires_s: u32,
}

impl LinkOptions<'_> {
    /// [`LinkOptions::content_type`], if that can be a header.
    pub fn content_type(&self) -> &str {
        let fits = |byte: u8| matches!(byte, b' '..=b'~');
        if self.content_type.contains('/') && self.content_type.bytes().all(fits) { self.content_type } else { OCTETS }
    }

    /// A `Content-Disposition` (RFC 6266): the name in UTF-8, and for programs of long ago in ASCII.
    pub fn content_disposition(&self) -> String {
        let kind = self.disposition.name();
        let name = clean(self.name);
        if name.is_empty() {
            return kind.to_owned();
        }
        let plain: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || " !#$&+-.^_`|~()[]{}@,='".contains(c) { c } else { '_' })
            .collect();
        let full = percent_encode(name.as_bytes(), ATTR_CHAR);
        if plain == name {
            format!("{kind}; filename=\"{plain}\"")
        } else {
            format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{full}")
        }
    }

    pub(super) fn expires_s(&self) -> u32 {
        self.expires_s.clamp(1, EXPIRY_MAX_S)
    }
}

/// No separators of paths, no control characters, and none that turn the reading direction so that `exe.gpj` reads as `jpg.exe`.
fn clean(name: &str) -> String {
    let clean = |c: char| match c {
        '/' | '\\' => '_',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    name.chars().take(NAME_MAX_CHARS).map(clean).collect()
}

/// Signs and checks links to blobs of [`super::Local`].
#[derive(Clone)]
pub struct Links {
    key: [u8; 32],
}

/// The query of a link, as it came.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkQuery {
    /// When it expires: Unix milliseconds.
    e: i64,
    /// The media type.
    t: String,
    /// `inline` or `attachment`.
    d: String,
    /// The name.
    #[serde(default)]
    n: String,
    sig: String,
}

impl LinkQuery {
    /// What it asks for. Only as good as [`Links::check`] says.
    pub fn options(&self) -> LinkOptions<'_> {
        let disposition = if self.d == "inline" { Disposition::Inline } else { Disposition::Attachment };
        LinkOptions { content_type: &self.t, disposition, name: &self.n, expires_s: EXPIRY_MAX_S }
    }
}

impl Links {
    /// `key` is a secret of this installation, used for nothing else.
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// The path and query of a link: `/blobs/<key>?e=…&t=…&d=…&n=…&sig=…`.
    pub fn sign(&self, key: &BlobKey, options: &LinkOptions<'_>, now: Timestamp) -> String {
        let expires_at = now.plus_ms(i64::from(options.expires_s()) * 1_000).0;
        let name = clean(options.name);
        let (kind, disposition) = (options.content_type(), options.disposition.name());
        let sig = URL_SAFE_NO_PAD.encode(self.mac(key, expires_at, kind, disposition, &name).finalize().into_bytes());
        let escaped = |text: &str| percent_encode(text.as_bytes(), ATTR_CHAR_OF_QUERY).to_string();
        format!("/blobs/{key}?e={expires_at}&t={}&d={disposition}&n={}&sig={sig}", escaped(kind), escaped(&name))
    }

    /// Whether we made this link, for this blob, and it has not expired.
    pub fn check(&self, key: &BlobKey, query: &LinkQuery, now: Timestamp) -> bool {
        let Ok(sig) = URL_SAFE_NO_PAD.decode(&query.sig) else { return false };
        // `verify_slice` takes the same time wherever the first difference is.
        let authentic = self.mac(key, query.e, &query.t, &query.d, &query.n).verify_slice(&sig).is_ok();
        authentic && query.e > now.0
    }

    /// Over each part with its length in front, so that none can flow into the next.
    fn mac(&self, key: &BlobKey, expires_at: i64, kind: &str, disposition: &str, name: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("an HMAC key may have any length");
        for part in [key.as_str(), &expires_at.to_string(), kind, disposition, name] {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// What needs no escape in a value of a query.
const ATTR_CHAR_OF_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn options(name: &str) -> LinkOptions<'_> {
        LinkOptions { content_type: "image/webp", disposition: Disposition::Inline, name, expires_s: 60 }
    }

    fn query(link: &str) -> LinkQuery {
        let (_, query) = link.split_once('?').expect("a query");
        axum::extract::Query::try_from_uri(&format!("/?{query}").parse().expect("a URI")).expect("our own").0
    }

    #[test]
    fn a_link_works_for_its_blob_until_it_expires() {
        let (links, key) = (Links::new([7; 32]), BlobKey::random());
        let link = links.sign(&key, &options("späti & co.webp"), NOW);
        assert!(link.starts_with(&format!("/blobs/{key}?e=")), "{link}");
        let query = query(&link);
        assert_eq!(query.options().name, "späti & co.webp");
        assert_eq!(query.options().content_type(), "image/webp");
        assert!(links.check(&key, &query, NOW) && links.check(&key, &query, NOW.plus_ms(59_999)));
        assert!(!links.check(&key, &query, NOW.plus_ms(60_000)), "expired");
        assert!(!links.check(&BlobKey::random(), &query, NOW), "another blob");
        assert!(!links.check(&key.variant("g").expect("a suffix"), &query, NOW), "another variant");
        assert!(!Links::new([8; 32]).check(&key, &query, NOW), "another installation");
    }

    #[test]
    fn nothing_of_a_link_can_be_changed() {
        let (links, key) = (Links::new([7; 32]), BlobKey::random());
        let good = query(&links.sign(&key, &options("a.webp"), NOW));
        let changes: [fn(&mut LinkQuery); 8] = [
            |query| query.e += 1,
            |query| query.t = "text/html".into(),
            |query| query.d = "attachment".into(),
            |query| query.n = "b.webp".into(),
            |query| query.n.clear(),
            |query| query.sig.clear(),
            |query| query.sig = query.sig[1..].to_owned(),
            |query| {
                let other = if query.sig.starts_with('A') { "B" } else { "A" };
                query.sig.replace_range(..1, other);
            },
        ];
        assert!(links.check(&key, &good, NOW), "the control passes");
        for (index, change) in changes.into_iter().enumerate() {
            let mut changed = good.clone();
            change(&mut changed);
            assert!(!links.check(&key, &changed, NOW), "change {index}");
        }
        let mut moved = good.clone();
        moved.t = "image/webpinline".into();
        moved.d = String::new();
        assert!(!links.check(&key, &moved, NOW), "a part flowed into the next");
    }

    #[test]
    fn a_link_lives_for_a_minute_at_most() {
        let (links, key) = (Links::new([7; 32]), BlobKey::random());
        for (asked, given) in [(0, 1), (5, 5), (60, 60), (u32::MAX, 60)] {
            let link = links.sign(&key, &LinkOptions { expires_s: asked, ..options("") }, NOW);
            assert_eq!(query(&link).e, NOW.0 + given * 1_000);
        }
    }

    #[test]
    fn names_are_quoted_as_the_rfc_says() {
        let of = |name| options(name).content_disposition();
        assert_eq!(of(""), "inline");
        assert_eq!(of("a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(of("€ rates.txt"), "inline; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt");
        assert_eq!(
            of("\"; filename=\"x.exe"),
            "inline; filename=\"__ filename=_x.exe\"; filename*=UTF-8''%22%3B%20filename%3D%22x.exe"
        );
        assert_eq!(
            of("../a\\b\r\nSet-Cookie: x"),
            "inline; filename=\".._a_b__Set-Cookie_ x\"; filename*=UTF-8''.._a_b__Set-Cookie%3A%20x"
        );
        assert_eq!(of("a\u{202e}gpj.exe"), "inline; filename=\"a_gpj.exe\"");
        let saved = LinkOptions { disposition: Disposition::Attachment, ..options("a.pdf") };
        assert_eq!(saved.content_disposition(), "attachment; filename=\"a.pdf\"");
        let longest = "\u{1f600}".repeat(1_000);
        assert!(Links::new([7; 32]).sign(&BlobKey::random(), &options(&longest), NOW).len() < 4_000);
    }

    #[test]
    fn a_type_that_is_no_header_is_bytes() {
        let of = |kind| LinkOptions { content_type: kind, ..options("") }.content_type().to_owned();
        assert_eq!(of("video/mp4"), "video/mp4");
        for bad in ["", "video", "text/html\r\nx: y", "text/hтml", "a/b\0"] {
            assert_eq!(of(bad), OCTETS, "{bad:?}");
        }
    }
}
