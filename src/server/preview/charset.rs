//! Bytes of a page to text: the byte order mark, the `charset` of the header, the one the page declares in its first 1,024
//! bytes, UTF-8 if it is that, else windows-1252 (<https://html.spec.whatwg.org/#determining-the-character-encoding>).

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How far a page's own declaration is looked for.
const DECLARED_WITHIN: usize = 1_024;

/// The text of a page. What its encoding does not know becomes U+FFFD.
pub(super) fn decode(bytes: &[u8], content_type: &str) -> String {
    let encoding = named(content_type.as_bytes())
        .or_else(|| declared(bytes))
        .unwrap_or_else(|| if is_utf8(bytes) { UTF_8 } else { WINDOWS_1252 });
    // A byte order mark wins over all of it.
    encoding.decode(bytes).0.into_owned()
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let encoding = named(&bytes[..bytes.len().min(DECLARED_WITHIN)])?;
    // Whoever could read that declaration was not reading UTF-16.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The first known label after `charset=`.
fn named(bytes: &[u8]) -> Option<&'static Encoding> {
    const KEY: &[u8] = b"charset";
    let starts = bytes.windows(KEY.len()).enumerate().filter(|(_, part)| part.eq_ignore_ascii_case(KEY));
    starts.map(|(at, _)| &bytes[at + KEY.len()..]).find_map(|rest| {
        let rest = rest.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && !b"-_.:".contains(byte));
        Encoding::for_label(&rest[..end.unwrap_or(rest.len())])
    })
}

/// The end may be cut inside of a character.
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_saying_the_encoding_is_heard() {
        for (bytes, content_type, text) in [
            (&b"gr\xc3\xbc\xc3\x9fe"[..], "text/html", "grüße"),
            (b"gr\xfc\xdfe", "text/html", "grüße"),
            (b"gr\xfc\xdfe", "text/html; charset=ISO-8859-1", "grüße"),
            (b"\x82\xb1\x82\xf1", "text/html; charset=\"Shift_JIS\"", "こん"),
            (b"<meta charset=euc-kr>\xc7\xd1", "text/html", "<meta charset=euc-kr>한"),
            (
                b"<meta content='text/html; charset = koi8-r'>\xf0",
                "text/html",
                "<meta content='text/html; charset = koi8-r'>П",
            ),
            (b"<meta charset=utf-16>gr\xc3\xbc", "text/html", "<meta charset=utf-16>grü"),
            (b"gr\xc3\xbc", "text/html; charset=nonsense", "grü"),
            (b"\xef\xbb\xbfgr\xc3\xbc", "text/html; charset=ISO-8859-1", "grü"),
            (b"\xff\xfeg\0r\0\xfc\0", "text/html", "grü"),
            (b"gr\xc3", "text/html", "gr\u{fffd}"),
            (b"", "", ""),
            (b"charset", "charset=", "charset"),
        ] {
            assert_eq!(decode(bytes, content_type), text, "{content_type} {bytes:?}");
        }
    }
}
