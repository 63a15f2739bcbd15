//! A message's text as a typed list of pieces. Nothing here is ever HTML: components draw each piece as an element.

use linkify::{LinkFinder, LinkKind};

/// A piece of one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    Text(String),
    /// `href` is http, https or mailto; `text` is what was typed.
    Link {
        href: String,
        text: String,
    },
}

/// A text's lines, each a list of pieces.
pub fn lines(body: &str) -> Vec<Vec<Piece>> {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url, LinkKind::Email]).url_must_have_scheme(true);
    body.split('\n')
        .map(|line| {
            finder
                .spans(line)
                .map(|span| {
                    let text = span.as_str().to_owned();
                    match span.kind() {
                        Some(LinkKind::Email) => Piece::Link { href: format!("mailto:{text}"), text },
                        Some(LinkKind::Url) if is_safe(&text) => Piece::Link { href: text.clone(), text },
                        _ => Piece::Text(text),
                    }
                })
                .collect()
        })
        .collect()
}

/// Whether an address may be a link: nothing but http and https runs or opens anything else.
fn is_safe(url: &str) -> bool {
    let scheme = url.split(':').next().unwrap_or_default().to_ascii_lowercase();
    scheme == "http" || scheme == "https"
}

/// Whether a text is nothing but one to three emoji: drawn large.
pub fn is_jumbo(body: &str) -> bool {
    let body = body.trim();
    let emoji = |c: char| matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{2600}'..='\u{27bf}' | '\u{2b05}'..='\u{2b55}' | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}');
    let starts = body.chars().filter(|c| !matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')).count();
    !body.is_empty() && starts <= 4 && body.chars().all(emoji)
}
