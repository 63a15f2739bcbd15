//! What people wrote, as it reads: one line without markup.

use super::super::prompt::{address, clean};
use crate::model::markup::{self, Block, Inline};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What stands for a spoiler, whatever its length. It is not for us to open it, nor for a model.
const SPOILER: &str = "▒▒▒▒▒";
/// Accents on one letter. Scripts need three; more of them cover the lines around.
const MARKS_MAX: usize = 3;

/// A text of a member.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Readable {
    /// One line, with ` / ` for line breaks.
    pub shown: String,
    /// The same without code, addresses and spoilers: the words that say what somebody wants.
    pub words: String,
    pub has_link: bool,
}

/// A text without its markup. Of quotes, which are the words of others, nothing stays unless there is nothing else.
pub fn readable(text: &str) -> Readable {
    let tree = markup::parse(text);
    let read = |with_quotes| {
        let mut out = Readable::default();
        blocks(&tree, with_quotes, &mut out);
        Readable { shown: line(&out.shown), words: line(&out.words), has_link: out.has_link }
    };
    let own = read(false);
    if own.shown.is_empty() { Readable { words: String::new(), ..read(true) } } else { own }
}

fn blocks(list: &[Block], with_quotes: bool, out: &mut Readable) {
    for block in list {
        match block {
            Block::Paragraph(parts) => inlines(parts, out),
            Block::Quote(inner) if with_quotes => blocks(inner, with_quotes, out),
            Block::Quote(_) => {}
            Block::List { items, .. } => {
                items.iter().for_each(|item| blocks(&item.blocks, with_quotes, out));
            }
            Block::Code { text, .. } => out.shown.push_str(text),
        }
        out.shown.push('\n');
        out.words.push('\n');
    }
}

fn inlines(parts: &[Inline], out: &mut Readable) {
    for part in parts {
        match part {
            Inline::Text(text) => add(text, out),
            Inline::Code(text) => out.shown.push_str(text),
            Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) => inlines(inner, out),
            Inline::Spoiler(_) => out.shown.push_str(SPOILER),
            Inline::Link { href, text, leads_to } => {
                out.has_link = true;
                let text = markup::plain(text);
                // An address is long, and half of one leads elsewhere.
                let host = Some(&text).filter(|text| address::scheme_len(text) > 0).and_then(|_| address::host(href));
                match (&host, leads_to) {
                    (Some(host), _) => out.shown.push_str(host),
                    (None, Some(leads_to)) => out.shown.push_str(&format!("{text} ({leads_to})")),
                    (None, None) => add(&text, out),
                }
            }
            Inline::Mention { username } => add(&format!("@{username}"), out),
            Inline::MentionAll => add("@all", out),
        }
    }
}

fn add(text: &str, out: &mut Readable) {
    out.shown.push_str(text);
    out.words.push_str(text);
}

fn line(text: &str) -> String {
    let text = visible(text, usize::MAX);
    let lines: Vec<String> = text.lines().map(single_spaced).filter(|line| !line.is_empty()).collect();
    lines.join(" / ")
}

/// The beginning of a text without what is not seen or turns the direction, in NFC. All line breaks are `\n`, tabs are
/// spaces.
pub fn visible(text: &str, chars_max: usize) -> String {
    let mut seen = String::with_capacity(text.len().min(chars_max.saturating_mul(4)));
    let (mut last, mut marks) = ('\0', 0);
    for c in text.chars().take(chars_max).nfc() {
        let is_mark = is_combining_mark(c);
        marks = if is_mark { marks + 1 } else { 0 };
        // Emoji and some scripts are joined so. Behind ASCII they only tear words, and many of them are a way to hide
        // bytes.
        let is_joined =
            matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0f}') && !last.is_ascii() && !clean::is_hidden(last);
        let kept = match c {
            c if clean::is_break(c) => '\n',
            '\t' => ' ',
            c if is_joined || !clean::is_hidden(c) && marks <= MARKS_MAX => c,
            _ => continue,
        };
        seen.push(kept);
        last = kept;
    }
    seen
}

pub fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text, of at most `chars_max` characters: between two words where that leaves half of it.
pub fn shortened(text: &str, chars_max: usize) -> String {
    let cut = clean::cut(text, chars_max);
    let Some(kept) = cut.strip_suffix('…').filter(|_| cut != text) else { return cut };
    let is_torn = text[kept.len()..].starts_with(|c: char| !c.is_whitespace());
    let word = kept.rfind(char::is_whitespace).filter(|at| is_torn && *at >= kept.len() / 2);
    let kept = kept[..word.unwrap_or(kept.len())].trim_end_matches([' ', '/', ',', ';', ':', '-', '–', '(']);
    if kept.is_empty() { cut } else { format!("{kept}…") }
}
