//! Addresses: which may be links, where they lead, and where they stand in a text.

use super::punycode;
use linkify::{LinkFinder, LinkKind};

/// The longest host (RFC 1035) and the longest address of mail (RFC 3696, erratum) that are links.
const HOST_MAX: usize = 253;
const MAIL_MAX: usize = 320;

/// An address that stands in a text as it is.
pub(super) struct Found {
    pub start: usize,
    pub end: usize,
    pub href: String,
    pub leads_to: Option<String>,
}

/// The addresses of a text, in its order: http and https with their scheme, and addresses of mail.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(true);
    let ended = without_ends(text);
    let links = finder.links(&ended).filter_map(|link| {
        let shown = &text[link.start()..link.end()];
        match link.kind() {
            LinkKind::Email => {
                // Markers around it are none of it.
                let bare = shown.trim_start_matches(|c: char| "*_~|`{}'=/".contains(c));
                if bare.contains(is_hidden) {
                    return None;
                }
                let href = format!("mailto:{}", encoded(bare));
                let start = link.end() - bare.len();
                target(&href).map(|_| Found { start, end: link.end(), href, leads_to: None })
            }
            _ => {
                let bare = &shown[..shown.find(is_hidden).unwrap_or(shown.len())];
                let bare = bare.trim_end_matches(['*', '_', '~']);
                let found = target(bare)?;
                let leads_to = found.behind(bare);
                Some(Found { start: link.start(), end: link.start() + bare.len(), href: bare.to_owned(), leads_to })
            }
        }
    });
    links.collect()
}

/// A text with spaces for the markers that may stand behind an address: the finder takes them for a part of the host and
/// finds none. All positions stay as they are.
fn without_ends(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let after = rest.peek().copied().unwrap_or(' ');
        let is_end = match c {
            '~' => after == '~' || before == '~',
            '_' => after.is_whitespace() || matches!(after, '*' | '~' | '|'),
            _ => false,
        };
        out.push(if is_end { ' ' } else { c });
        before = c;
    }
    out
}

/// An address of mail with what would mean something in a `mailto:` escaped.
fn encoded(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '%' | '&' | '?' | '#' | '/' | '^' | '`' | '{' | '|' | '}' | '=' | '"' => {
                out.push_str(&format!("%{:02X}", c as u32))
            }
            _ => out.push(c),
        }
    }
    out
}

/// Where an address leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Target {
    /// A host as it is shown (international names in ASCII), or an address of mail.
    name: String,
    /// `name` as it was typed, lower case.
    typed: String,
    is_mail: bool,
    /// Whether the address itself could be misread: a name before the host, or letters that look like others.
    is_tricky: bool,
}

/// Where an address leads, if it may be a link at all: http, https or mailto, written out, with nothing in it that browsers
/// drop, fold or read in another way.
pub(super) fn target(href: &str) -> Option<Target> {
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || is_hidden(c) || "\\<>\"`".contains(c);
    if href.contains(is_bad) {
        return None;
    }
    let (scheme, rest) = href.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => web(rest.strip_prefix("//")?),
        "mailto" => {
            let address = rest.split('?').next()?;
            let (user, host) = address.rsplit_once('@')?;
            let is_fine = !user.is_empty() && !user.contains(['@', ',', ';']) && !host.is_empty();
            (is_fine && address.len() <= MAIL_MAX).then(|| {
                let name = address.to_owned();
                Target { typed: name.to_lowercase(), name, is_mail: true, is_tricky: false }
            })
        }
        _ => None,
    }
}

/// The host of an address of the web as it is shown; `None` for one of mail and for what may be no link.
pub(super) fn web_host(href: &str) -> Option<String> {
    target(href).filter(|target| !target.is_mail).map(|target| target.name)
}

fn web(rest: &str) -> Option<Target> {
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let (user, host_port) = authority.rsplit_once('@').map_or((None, authority), |(user, rest)| (Some(user), rest));
    let is_port = |port: &str| port.len() <= 5 && port.chars().all(|c| c.is_ascii_digit());
    let host = match host_port.strip_prefix('[') {
        Some(v6) => {
            let (inside, port) = v6.split_once(']')?;
            let is_fine = inside.chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c)) && inside.contains(':');
            let port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
            (is_fine && port).then(|| &host_port[..inside.len() + 2])?
        }
        None => {
            let (host, port) = host_port.split_once(':').unwrap_or((host_port, ""));
            let is_letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || (!c.is_ascii() && is_plain(c));
            let is_fine = host.chars().all(is_letter) && host.chars().any(char::is_alphanumeric);
            (is_fine && is_port(port)).then_some(host)?
        }
    };
    let typed = host.to_lowercase();
    let name = punycode::host(&typed);
    let is_accent = |c: char| c.is_ascii() || matches!(c, '\u{df}'..='\u{ff}');
    let is_tricky = user.is_some() || !typed.chars().all(is_accent);
    (name.len() <= HOST_MAX).then_some(Target { name, typed, is_mail: false, is_tricky })
}

/// Whether a letter that is not ASCII may be in a host: not one that is only another way to write others, which browsers
/// fold (`ｅ`, `𝐞`, `ℯ`).
fn is_plain(c: char) -> bool {
    let is_mark = matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' | '\u{e31}' | '\u{e34}'..='\u{e4e}');
    let is_folded = matches!(
        c,
        '\u{aa}' | '\u{b2}'..='\u{be}' | '\u{132}' | '\u{133}' | '\u{13f}' | '\u{140}' | '\u{149}' | '\u{17f}' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}'
            | '\u{2b0}'..='\u{2ff}' | '\u{1d00}'..='\u{1dbf}' | '\u{2000}'..='\u{2bff}' | '\u{3130}'..='\u{318f}' | '\u{3200}'..='\u{33ff}'
            | '\u{a69c}'..='\u{a69d}' | '\u{f900}'..='\u{faff}' | '\u{fb00}'..='\u{fdff}' | '\u{fe00}'..='\u{feff}' | '\u{ff00}'..='\u{ffff}'
            | '\u{1d400}'..='\u{1d7ff}' | '\u{1ee00}'..='\u{1f2ff}' | '\u{2f800}'..='\u{2fa1f}'
    );
    (c.is_alphanumeric() || is_mark) && !is_folded
}

/// Characters that have no width or turn the direction of a text.
pub(super) fn is_hidden(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

impl Target {
    /// What to show behind a link whose text is `shown`, so that nobody takes it for a link to somewhere else. `None` when the
    /// text says it already, or is plainly no address.
    pub(super) fn behind(&self, shown: &str) -> Option<String> {
        let shown = shown.trim();
        let is_dot = |c: char| {
            matches!(c, '.' | '\u{2024}' | '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{b7}' | '\u{2027}' | '\u{30fb}')
        };
        let has_dot = shown.char_indices().any(|(at, c)| {
            let is_letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || is_hidden(c));
            is_dot(c)
                && is_letter(shown[..at].chars().next_back())
                && is_letter(shown[at + c.len_utf8()..].chars().next())
        });
        let looks_like_one = has_dot
            || shown.contains(is_hidden)
            || shown.contains(['@', '\u{ff20}', '\u{fe6b}', '\u{ff1a}', '\u{ff0f}', '\u{2044}', '\u{2215}'])
            || shown.contains("//");
        let is_hidden_well = self.is_tricky || looks_like_one && !self.says(shown);
        is_hidden_well.then(|| self.name.clone())
    }

    /// Whether a text names this host or address itself.
    fn says(&self, shown: &str) -> bool {
        let shown = shown.to_lowercase();
        if self.is_mail {
            return shown.strip_prefix("mailto:").unwrap_or(&shown) == self.typed;
        }
        let rest = shown.strip_prefix("https://").or_else(|| shown.strip_prefix("http://")).unwrap_or(&shown);
        let rest = rest.strip_prefix(self.typed.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#'])) && !shown.contains(is_hidden)
            // A port is fine, a name before a host is not.
            || rest.and_then(|rest| rest.strip_prefix(':')).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) && !rest.contains('@'))
    }
}
