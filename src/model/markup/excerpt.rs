//! One line of a text, for lists, notifications and quotes.

use super::{Block, Inline, parse};

/// What stands for a spoiler, whatever its length.
const SPOILER: &str = "▒▒▒▒▒";
/// Bytes of one character on average; a family of four has 25. Piles of accents end a line.
const CHARACTER_BYTES_MAX: usize = 28;

/// A text without its markup, on one line, of at most `max` characters as people count them; cut, it ends with `…`. Spoilers
/// are blocks.
pub fn excerpt(text: &str, max: usize) -> String {
    let mut line = Line { text: String::new(), count: 0, cluster: 0, max, last: None, is_apart: false, is_full: false };
    let is_marked = |c: char| "\\`*_~|[@>".contains(c) || c.is_ascii_digit() || c == '-';
    if text.contains(is_marked) {
        blocks(&parse(text), &mut line);
    } else {
        // Most texts: nothing in them can be markup, but addresses, which are shown as they are.
        line.push(text);
    }
    line.text
}

fn blocks(list: &[Block], line: &mut Line) {
    for block in list {
        line.is_apart = true;
        match block {
            Block::Paragraph(parts) => inlines(parts, line),
            Block::Quote(inner) => blocks(inner, line),
            Block::List { is_ordered, items } => {
                for item in items {
                    line.is_apart = true;
                    if *is_ordered {
                        line.push(&format!("{}.", item.number));
                    } else {
                        line.push("•");
                    }
                    blocks(&item.blocks, line);
                }
            }
            Block::Code { text, .. } => line.push(text),
        }
        if line.is_full {
            return;
        }
    }
}

fn inlines(parts: &[Inline], line: &mut Line) {
    for part in parts {
        match part {
            Inline::Text(text) | Inline::Code(text) => line.push(text),
            Inline::Bold(inner) | Inline::Italic(inner) | Inline::Strike(inner) => inlines(inner, line),
            Inline::Spoiler(_) => line.push(SPOILER),
            Inline::Link { text, leads_to, .. } => {
                inlines(text, line);
                if let Some(leads_to) = leads_to {
                    line.push(&format!(" ({leads_to})"));
                }
            }
            Inline::Mention { username } => {
                line.push("@");
                line.push(username);
            }
            Inline::MentionAll => line.push("@all"),
        }
        if line.is_full {
            return;
        }
    }
}

/// A line that grows up to its bound.
struct Line {
    text: String,
    /// Characters as people count them.
    count: usize,
    /// Where the last of them begins.
    cluster: usize,
    max: usize,
    last: Option<char>,
    /// A space is due before what comes next.
    is_apart: bool,
    is_full: bool,
}

impl Line {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if self.is_full {
                return;
            }
            if c.is_whitespace() || c.is_control() {
                self.is_apart = true;
                continue;
            }
            // What turns the direction would turn what stands beside the line too.
            if matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') {
                continue;
            }
            if std::mem::take(&mut self.is_apart) && !self.text.is_empty() {
                self.one(' ');
            }
            self.one(c);
        }
    }

    fn one(&mut self, c: char) {
        if self.is_full {
            return;
        }
        let joins = self.last.is_some_and(|last| joins(last, c));
        if !joins && self.count == self.max || self.text.len() > self.max.saturating_mul(CHARACTER_BYTES_MAX) {
            // What would be the end makes room for the sign that it is none.
            self.text.truncate(self.cluster);
            self.text.truncate(self.text.trim_end().len());
            self.text.push('…');
            self.is_full = true;
            return;
        }
        if !joins {
            self.count += 1;
            self.cluster = self.text.len();
        }
        // A pair of letters is one flag; a third letter begins the next.
        self.last = Some(if joins && is_flag_letter(c) { ' ' } else { c });
        self.text.push(c);
    }
}

fn is_flag_letter(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

/// Whether two characters are seen as one. The common cases of UAX 29 (accents, vowel signs, Hangul, emoji) without its tables:
/// in the others a text is cut a character early at worst.
fn joins(last: char, c: char) -> bool {
    is_joined(c) || last == '\u{200d}' || (is_flag_letter(last) && is_flag_letter(c))
}

fn is_joined(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{93c}' | '\u{93e}'..='\u{94f}' | '\u{981}'..='\u{983}' | '\u{9bc}'..='\u{9cd}'
        | '\u{b82}' | '\u{bbe}'..='\u{bcd}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1160}'..='\u{11ff}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}' | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}
