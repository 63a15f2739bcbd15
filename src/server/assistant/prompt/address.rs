//! Addresses of the web in a text, and their hosts.

/// Bytes of an address. What goes on longer is none that anybody could check by reading it.
pub const ADDRESS_MAX: usize = 2_000;
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// The bytes of `http://` or `https://` at the beginning of a text; 0 if there is neither.
pub fn scheme_len(text: &str) -> usize {
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    SCHEMES.into_iter().find(|scheme| begins(scheme)).map_or(0, str::len)
}

/// Whether a text could become an address when more of it comes: `h`, `https:/`.
pub fn is_scheme_begun(text: &str) -> bool {
    let goes_on = |scheme: &str| scheme.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text));
    SCHEMES.into_iter().any(goes_on)
}

/// Whether a character ends an address wherever it stands.
pub fn is_end(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '\\' | '[' | ']')
}

/// An address without what belongs to the sentence around it: points, quotes, marks, and brackets that it does not open.
pub fn bare(address: &str) -> &str {
    let mut kept = address;
    while let Some(last) = kept.chars().next_back() {
        let is_around = match last {
            ')' => kept.matches(')').count() > kept.matches('(').count(),
            c => matches!(
                c,
                '.' | ','
                    | ';'
                    | ':'
                    | '!'
                    | '?'
                    | '\''
                    | '*'
                    | '_'
                    | '~'
                    | '|'
                    | '}'
                    | '{'
                    | '('
                    | '…'
                    | '”'
                    | '’'
                    | '»'
                    | '。'
            ),
        };
        if !is_around {
            break;
        }
        kept = &kept[..kept.len() - last.len_utf8()];
    }
    kept
}

/// The host that an address leads to, in small letters without a port. `None` where it could be misread: with a name before
/// the host, with letters that are not ASCII, or with no point in it.
pub fn host(address: &str) -> Option<String> {
    let rest = &address[scheme_len(address)..];
    if rest.len() == address.len() {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_fine = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        && name.contains('.')
        && !name.starts_with('.')
        && port.chars().all(|c| c.is_ascii_digit());
    is_fine.then(|| name.to_ascii_lowercase())
}

/// The hosts of the addresses in a text, in its order.
pub fn hosts(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("://").filter_map(|(at, _)| {
        let start = ["https", "http"].iter().find_map(|scheme| {
            let start = at.checked_sub(scheme.len())?;
            text.get(start..at).filter(|found| found.eq_ignore_ascii_case(scheme)).map(|_| start)
        })?;
        let rest = &text[start..];
        host(bare(&rest[..rest.find(is_end).unwrap_or(rest.len())]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_where_addresses_lead() {
        for (address, expected) in [
            ("https://a.example", Some("a.example")),
            ("HTTPS://A.Example/x?y#z", Some("a.example")),
            ("http://a.example:8080/x", Some("a.example")),
            ("https://a.example./x", Some("a.example")),
            ("https://a.example?@b.example", Some("a.example")),
            ("https://a.example\\@b.example", Some("a.example")),
            ("https://a.example@b.example", None),
            ("https://a.example:x@b.example", None),
            ("https://a.example:80@b.example", None),
            ("https://аpple.example", None),
            ("https://localhost", None),
            ("https://[::1]/", None),
            ("https://", None),
            ("https://.example", None),
            ("ftp://a.example", None),
            ("javascript:alert(1)", None),
            ("a.example", None),
        ] {
            assert_eq!(host(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn sentences_are_no_part_of_addresses() {
        for (address, expected) in [
            ("https://a.example/x.", "https://a.example/x"),
            ("https://a.example/x),", "https://a.example/x"),
            ("https://a.example/x_(y)", "https://a.example/x_(y)"),
            ("https://a.example**", "https://a.example"),
            ("https://a.example?!", "https://a.example"),
        ] {
            assert_eq!(bare(address), expected);
        }
    }

    #[test]
    fn hosts_of_a_text_are_found_wherever_they_stand() {
        let text = "https://a.example/x, (http://b.example) [c](HTTPS://c.example/y) ://d.example ftp://e.example éhttps://f.example";
        assert_eq!(hosts(text).collect::<Vec<_>>(), ["a.example", "b.example", "c.example", "f.example"]);
    }

    #[test]
    fn an_address_may_still_begin() {
        assert!(["h", "H", "ht", "http", "http:", "https", "https:/"].into_iter().all(is_scheme_begun));
        assert!(
            !["", "x", "hx", "httpx", "https://a"].into_iter().any(|text| !text.is_empty() && is_scheme_begun(text))
        );
        assert_eq!(["https://x", "http://", "Http://y", "http:/"].map(scheme_len), [8, 7, 7, 0]);
    }
}
