//! The segments of an answer as they grow.

use super::{Segment, look};

/// What was decided. Spaces are added only before what follows them, so that none is at the end.
#[derive(Default)]
pub struct Out {
    segments: Vec<Segment>,
    /// The text behind them.
    text: String,
    spaces: String,
    /// A reference was left out: the space before it is too much now.
    has_gap: bool,
}

impl Out {
    pub fn char(&mut self, c: char, is_code: bool) {
        if c.is_whitespace() {
            let is_first = self.segments.is_empty() && self.text.is_empty();
            let is_twice = self.has_gap && !self.spaces.is_empty() && c != '\n';
            if self.has_gap && c == '\n' {
                self.spaces.truncate(self.spaces.trim_end_matches(' ').len());
            }
            if !is_first && !is_twice {
                self.spaces.push(c);
            }
            return;
        }
        self.space(c);
        // No link that was not looked at: brackets of two kinds never touch.
        if c == '(' && !is_code && self.text.ends_with(']') {
            self.text.push(' ');
        }
        // Nor an address of mail: a mention stands by itself, and calls nobody.
        let is_inside =
            self.text.chars().next_back().map_or(!self.segments.is_empty(), |before| !before.is_whitespace());
        if c == '@' && !is_code && is_inside {
            self.text.push('\\');
        }
        self.text.push(c);
    }

    pub fn text(&mut self, text: &str) {
        text.chars().for_each(|c| self.char(c, false));
    }

    /// Adds what was looked at as it is.
    pub fn raw(&mut self, text: &str) {
        text.chars().for_each(|c| self.char(c, true));
    }

    /// Adds code. Whoever reads it otherwise than we do must find no link in it.
    pub fn code(&mut self, code: &str) {
        for (at, c) in code.char_indices() {
            self.char(c, true);
            if look::link_rest(&code[at..]).is_ok() {
                self.char(' ', true);
            }
        }
    }

    pub fn address(&mut self, address: String) {
        self.space('h');
        self.segment(Segment::Address(address));
    }

    pub fn reference(&mut self, number: usize, is_known: bool) {
        if is_known {
            self.space('m');
            self.segment(Segment::Message(number));
        } else {
            self.has_gap = true;
        }
    }

    /// Adds the spaces that wait, now that `next` follows.
    fn space(&mut self, next: char) {
        let spaces = std::mem::take(&mut self.spaces);
        let is_gap = self.has_gap && !spaces.contains('\n') && ".,;:!?)".contains(next);
        self.has_gap = false;
        if !is_gap {
            self.text.push_str(&spaces);
        }
    }

    fn segment(&mut self, segment: Segment) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.segments.push(Segment::Text(text));
        }
        self.segments.push(segment);
    }

    pub fn segments(mut self) -> Vec<Segment> {
        if !self.text.is_empty() {
            self.segments.push(Segment::Text(self.text));
        }
        self.segments
    }
}
