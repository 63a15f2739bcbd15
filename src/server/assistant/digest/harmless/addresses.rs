//! Addresses in a line of a model. Nobody named them, so they are not shown, not even as text: people type what they
//! read.

use super::super::super::prompt::address;

/// Stands for an address.
pub const LINK: &str = "🔗";
/// Addresses in one word, behind which it is not read further: each look is one at all of the rest.
const ADDRESSES_MAX: usize = 20;
/// Schemes that need no `//`.
const SCHEMES: [&str; 9] = ["mailto:", "javascript:", "vbscript:", "data:", "tel:", "sms:", "xmpp:", "file:", "www."];

/// A word with [`LINK`] for each address in it.
pub fn unaddressed(word: &str) -> String {
    let mut out = String::new();
    let mut rest = word;
    let mut found = 0;
    while let Some(start) = address_start(rest) {
        found += 1;
        if found > ADDRESSES_MAX {
            return out;
        }
        let end = rest[start..].find(is_address_end).map_or(rest.len(), |end| start + end);
        let address = address::bare(&rest[start..end]).len();
        out.push_str(&rest[..start]);
        out.push_str(LINK);
        // Never nothing: the next look begins behind what was found.
        let first = rest[start..].chars().next().map_or(1, char::len_utf8);
        rest = &rest[start + address.max(first)..];
    }
    out.push_str(rest);
    out
}

fn is_address_end(c: char) -> bool {
    address::is_end(c) || matches!(c, '。' | '，' | '、' | '！' | '？' | '）' | '」' | '：' | '；')
}

/// Where the first address of a word begins.
fn address_start(word: &str) -> Option<usize> {
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let with_slashes = word.find("://").map(|at| word[..at].trim_end_matches(is_scheme).len());
    let lower = word.to_ascii_lowercase();
    let is_begun = |at: usize, scheme: &str| {
        let is_alone = !word[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        is_alone && word[at + scheme.len()..].starts_with(|c: char| !c.is_whitespace())
    };
    let without = SCHEMES
        .iter()
        .filter_map(|scheme| lower.match_indices(scheme).map(|(at, _)| at).find(|at| is_begun(*at, scheme)));
    let shaped = hosts(word).next();
    [with_slashes, without.min(), shaped].into_iter().flatten().min()
}

/// Where a host begins that more than its name shows: an address of mail, a path or a port behind it, or four numbers.
fn hosts(word: &str) -> impl Iterator<Item = usize> {
    let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '%');
    let is_part = move |c: char| is_host(c) || c == '@';
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < word.len() {
            let start = at + word[at..].find(is_part)?;
            let end = word[start..].find(|c| !is_part(c)).map_or(word.len(), |end| start + end);
            at = end;
            let part = &word[start..end];
            let is_followed = word[end..].starts_with('/') || {
                let port = word[end..].strip_prefix(':').unwrap_or_default();
                port.starts_with(|c: char| c.is_ascii_digit())
            };
            let has_name = dots(part).next().is_some();
            let is_mail = part.trim_matches('@').contains('@') && part.contains('.');
            let numbers: Vec<&str> = part.trim_matches('.').split('.').collect();
            let is_numeric = numbers.len() == 4 && numbers.iter().all(|part| is_number(part));
            if has_name && is_followed || is_mail || is_numeric {
                return Some(start);
            }
        }
        None
    })
}

/// The points of a text that could stand before the last part of a host.
fn dots(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices('.').map(|(at, _)| at).filter(|at| {
        let mut after = text[at + 1..].chars();
        text[..*at].ends_with(char::is_alphanumeric)
            && after.by_ref().take(2).filter(|c| c.is_alphabetic()).count() == 2
    })
}

/// No host: `example.com` becomes `example com`.
pub fn pointless(line: &str) -> String {
    let dots: Vec<usize> = dots(line).collect();
    let mut out = String::with_capacity(line.len());
    for (at, c) in line.char_indices() {
        let is_wide = c == '。' && {
            let is_ascii = |c: char| c.is_ascii_alphanumeric();
            line[..at].ends_with(is_ascii) && line[at + c.len_utf8()..].starts_with(is_ascii)
        };
        out.push(if is_wide || dots.binary_search(&at).is_ok() { ' ' } else { c });
    }
    out
}

/// Whether a text is a number of up to three digits.
fn is_number(text: &str) -> bool {
    (1..=3).contains(&text.len()) && text.chars().all(|c| c.is_ascii_digit())
}
