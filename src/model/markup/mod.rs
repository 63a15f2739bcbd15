//! What people write, as a typed tree: a small part of Markdown, spoilers and mentions. Nothing here is ever HTML; components
//! draw each node as an element.
//!
//! A text that was not meant as markup stays as it is: markers without a partner, unknown markers, half a link. Parsing
//! takes time in proportion to the text, nests at most [`DEPTH_MAX`] deep and makes no more nodes than the text has characters.
//! What was typed is what is stored; the tree is made whenever it is drawn.

mod block;
mod excerpt;
pub mod highlight;
mod inline;
mod link;
mod punycode;
#[cfg(test)]
mod tests;

pub use excerpt::excerpt;

use crate::model::limits::MENTIONS_MAX;

/// How deep quotes, lists and emphasis nest together. What is deeper stays as it was typed.
pub const DEPTH_MAX: usize = 8;

/// A part of a text that stands on lines of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Block {
    /// Its texts hold the line breaks, also those of empty lines.
    Paragraph(Vec<Inline>),
    Quote(Vec<Block>),
    List {
        is_ordered: bool,
        items: Vec<Item>,
    },
    /// `lang` as it was typed, 1 to 20 letters, digits or `+#._-`.
    Code {
        lang: Option<String>,
        text: String,
    },
}

/// One point of a list. `number` is what was typed before it; 0 without order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub number: u32,
    pub blocks: Vec<Block>,
}

/// A part of a line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Inline {
    /// May hold line breaks.
    Text(String),
    Bold(Vec<Inline>),
    Italic(Vec<Inline>),
    Strike(Vec<Inline>),
    Spoiler(Vec<Inline>),
    Code(String),
    /// `href` is http, https or mailto and names a host or an address. `text` holds no links, mentions or spoilers.
    /// `leads_to` is where it really leads, when the text could make people believe something else.
    Link {
        href: String,
        text: Vec<Inline>,
        leads_to: Option<String>,
    },
    /// A username in its stored form. Whether there is such a person in the room is not known here.
    Mention {
        username: String,
    },
    /// `@all`. Whether the author may do that is not known here.
    MentionAll,
}

/// The tree of a text.
pub fn parse(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.split('\n').collect();
    block::blocks(&lines, 0)
}

/// Who a text calls.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mentioned {
    /// In their stored form, each once, in the order of the text, at most [`MENTIONS_MAX`].
    pub usernames: Vec<String>,
    pub all: bool,
}

/// Who a text calls; names in code and in links call nobody.
pub fn mentioned(text: &str) -> Mentioned {
    let mut found = Mentioned::default();
    if text.contains('@') {
        each_inline(&parse(text), &mut |inline| match inline {
            Inline::MentionAll => found.all = true,
            Inline::Mention { username }
                if found.usernames.len() < MENTIONS_MAX && !found.usernames.contains(username) =>
            {
                found.usernames.push(username.clone());
            }
            _ => {}
        });
    }
    found
}

/// The addresses that a text links to, in its order.
pub fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains([':', '@']) {
        each_inline(&parse(text), &mut |inline| {
            if let Inline::Link { href, .. } = inline {
                found.push(href.clone());
            }
        });
    }
    found
}

/// A web address that a text shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebLink {
    /// http or https.
    pub href: String,
    /// What can be read of it: the address itself when nothing else was written.
    pub text: String,
    /// Where it leads; international names in ASCII.
    pub host: String,
}

/// Whether a text may have web addresses: most have none and need no tree. What it rejects has none.
pub fn may_have_web_links(text: &str) -> bool {
    text.contains("://")
}

/// The web addresses of a text as a person reads it, in its order, each once: not those in spoilers and in code, whose point is
/// not to be opened at once.
pub fn web_links(text: &str) -> Vec<WebLink> {
    fn in_blocks(blocks: &[Block], found: &mut Vec<WebLink>) {
        for block in blocks {
            match block {
                Block::Paragraph(parts) => in_line(parts, found),
                Block::Quote(inner) => in_blocks(inner, found),
                Block::List { items, .. } => items.iter().for_each(|item| in_blocks(&item.blocks, found)),
                Block::Code { .. } => {}
            }
        }
    }
    fn in_line(parts: &[Inline], found: &mut Vec<WebLink>) {
        for part in parts {
            match part {
                Inline::Link { href, text, .. } => {
                    if let Some(host) = link::web_host(href).filter(|_| found.iter().all(|other| other.href != *href)) {
                        found.push(WebLink { href: href.clone(), text: plain(text), host });
                    }
                }
                Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) => in_line(inner, found),
                Inline::Spoiler(_)
                | Inline::Text(_)
                | Inline::Code(_)
                | Inline::Mention { .. }
                | Inline::MentionAll => {}
            }
        }
    }
    let mut found = Vec::new();
    if may_have_web_links(text) {
        in_blocks(&parse(text), &mut found);
    }
    found
}

/// Calls `on` for every part of every line, outer ones first.
pub fn each_inline(blocks: &[Block], on: &mut impl FnMut(&Inline)) {
    fn inlines(parts: &[Inline], on: &mut impl FnMut(&Inline)) {
        for part in parts {
            on(part);
            match part {
                Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) | Inline::Spoiler(inner) => {
                    inlines(inner, on);
                }
                Inline::Link { text, .. } => inlines(text, on),
                Inline::Text(_) | Inline::Code(_) | Inline::Mention { .. } | Inline::MentionAll => {}
            }
        }
    }
    for block in blocks {
        match block {
            Block::Paragraph(parts) => inlines(parts, on),
            Block::Quote(inner) => each_inline(inner, on),
            Block::List { items, .. } => {
                for item in items {
                    each_inline(&item.blocks, on);
                }
            }
            Block::Code { .. } => {}
        }
    }
}

/// What can be read of parts, spoilers too.
pub fn plain(parts: &[Inline]) -> String {
    fn add(parts: &[Inline], out: &mut String) {
        for part in parts {
            match part {
                Inline::Text(text) | Inline::Code(text) => out.push_str(text),
                Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) | Inline::Spoiler(inner) => {
                    add(inner, out);
                }
                Inline::Link { text, .. } => add(text, out),
                Inline::Mention { username } => {
                    out.push('@');
                    out.push_str(username);
                }
                Inline::MentionAll => out.push_str("@all"),
            }
        }
    }
    let mut text = String::new();
    add(parts, &mut text);
    text
}
