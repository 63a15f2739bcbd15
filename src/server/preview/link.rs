//! Which link of a text gets a preview.

use crate::model::markup::{self, Block, Inline};
use url::Url;

/// The first web address of a text in its normal form, as a person reads it: not one in a spoiler or in code, whose point is
/// not to be opened at once.
pub fn first_link(text: &str) -> Option<Url> {
    // Most texts have none and need no tree.
    if !text.contains(':') {
        return None;
    }
    let href = in_blocks(&markup::parse(text))?;
    Url::parse(&href).ok()
}

fn in_blocks(blocks: &[Block]) -> Option<String> {
    blocks.iter().find_map(|block| match block {
        Block::Paragraph(parts) => in_line(parts),
        Block::Quote(inner) => in_blocks(inner),
        Block::List { items, .. } => items.iter().find_map(|item| in_blocks(&item.blocks)),
        Block::Code { .. } => None,
    })
}

fn in_line(parts: &[Inline]) -> Option<String> {
    parts.iter().find_map(|part| match part {
        Inline::Link { href, .. } if is_web(href) => Some(href.clone()),
        Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) => in_line(inner),
        Inline::Link { .. }
        | Inline::Spoiler(_)
        | Inline::Text(_)
        | Inline::Code(_)
        | Inline::Mention { .. }
        | Inline::MentionAll => None,
    })
}

fn is_web(href: &str) -> bool {
    let scheme = href.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_in_sight_is_taken() {
        for (text, link) in [
            ("see https://example.org and https://other.example", Some("https://example.org/")),
            ("**bold _https://Example.org/A?b#c_**", Some("https://example.org/A?b#c")),
            ("[a page](https://example.org/x)", Some("https://example.org/x")),
            ("> https://example.org/quoted", Some("https://example.org/quoted")),
            ("- one\n- https://example.org/listed", Some("https://example.org/listed")),
            ("||https://example.org/secret|| https://example.org/open", Some("https://example.org/open")),
            ("`https://example.org/code` then http://example.org/b", Some("http://example.org/b")),
            ("```\nhttps://example.org/code\n```", None),
            ("||**https://example.org/secret**||", None),
            ("mailto:ana@example.org", None),
            ("ana@example.org", None),
            ("ftp://example.org javascript:alert(1)", None),
            ("example.org", None),
            ("nothing: at all", None),
            ("", None),
        ] {
            assert_eq!(first_link(text).map(String::from).as_deref(), link, "{text}");
        }
    }
}
