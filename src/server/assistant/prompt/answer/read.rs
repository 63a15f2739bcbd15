//! One pass over an answer, from its beginning to its end or to what is not decided yet.

use super::super::address;
use super::look::{self, Look, Miss};
use super::out::Out;
use super::{Rules, Segment};

/// Heads that are cut off the beginning: a model that writes more of them writes a transcript.
const HEADS_MAX: usize = 3;
/// Links within the text of links.
const NESTED_MAX: usize = 4;

/// The text ends before something is decided.
struct Held;

/// The segments of a visible text. A final text ends with a line break.
pub fn segments(text: &str, rules: &Rules<'_>, is_final: bool) -> Vec<Segment> {
    let mut reader =
        Reader { text, at: 0, rules, is_final, fence: 0, has_ticks: false, links: Vec::new(), out: Out::default() };
    // What is held back is not shown. There is nothing else to do about it.
    let end = reader.run();
    if end.is_ok() && is_final && reader.fence > 0 {
        // Open code is none for the reader of Markdown, and what is in it would be read as markup.
        reader.out.raw(&"`".repeat(reader.fence));
    }
    reader.out.segments()
}

/// A link whose text is being read.
struct Open {
    /// Where its text ends: at a closing bracket.
    text_end: usize,
    end: usize,
    /// Shown behind the text; empty for a picture.
    address: String,
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    rules: &'a Rules<'a>,
    is_final: bool,
    /// The backticks of the fence of code that we are in; 0 outside.
    fence: usize,
    /// There was a backtick in this line of fenced code, so that it closes nothing.
    has_ticks: bool,
    links: Vec<Open>,
    out: Out,
}

impl<'a> Reader<'a> {
    fn run(&mut self) -> Result<(), Held> {
        self.skip_heads()?;
        let mut is_line_start = true;
        while self.at < self.text.len() {
            if self.fence > 0 {
                self.fenced()?;
            } else if is_line_start && self.is_invented()? {
                return Ok(());
            } else if !(is_line_start && self.open_fence()?) {
                self.part()?;
            }
            is_line_start = self.text[..self.at].ends_with('\n');
        }
        Ok(())
    }

    /// What can be looked at: within the text of a link no more than that and its bracket.
    fn rest(&self) -> &'a str {
        let end = self.links.last().map_or(self.text.len(), |link| link.text_end + 1);
        &self.text[self.at..end]
    }

    /// Whether a pattern was found, if that can be said.
    fn seen<T>(&self, look: Look<T>) -> Result<Option<T>, Held> {
        match look {
            Ok(found) => Ok(Some(found)),
            Err(Miss::NeedsMore) if !self.is_final && self.links.is_empty() => Err(Held),
            Err(Miss::NeedsMore | Miss::No) => Ok(None),
        }
    }

    /// Small models begin like the lines that they have read.
    fn skip_heads(&mut self) -> Result<(), Held> {
        for _ in 0..HEADS_MAX {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            let rest = self.rest();
            let head = match self.seen(look::head(rest))? {
                None => self.seen(look::own_name(rest, self.rules.assistant))?,
                found => found,
            };
            let Some(len) = head else { break };
            self.at += len;
        }
        Ok(())
    }

    /// Whether a line is one of the transcript. The model then goes on with what others would say; nothing of it is true.
    fn is_invented(&self) -> Result<bool, Held> {
        Ok(self.seen(look::head(self.rest()))?.is_some())
    }

    fn open_fence(&mut self) -> Result<bool, Held> {
        let Some((ticks, len)) = self.seen(look::fence(self.rest()))? else { return Ok(false) };
        self.out.code(&self.rest()[..len]);
        self.at += len;
        self.fence = ticks;
        self.has_ticks = false;
        Ok(true)
    }

    /// A character of fenced code, or its end.
    fn fenced(&mut self) -> Result<(), Held> {
        let rest = self.rest();
        if rest.starts_with('`') {
            let is_end = !self.has_ticks && self.seen(look::fence_end(rest, self.fence))?.is_some();
            let len = self.seen(look::ticks(rest))?.unwrap_or(1);
            self.out.raw(&rest[..len]);
            self.at += len;
            self.has_ticks = true;
            if is_end {
                self.fence = 0;
            }
            return Ok(());
        }
        // As in `Out::code`.
        let is_link = rest.starts_with(']') && self.seen(look::link_rest(rest))?.is_some();
        self.char();
        if rest.starts_with('\n') {
            self.has_ticks = false;
        }
        if is_link {
            self.out.raw(" ");
        }
        Ok(())
    }

    /// The next part of a text that is no fenced code.
    fn part(&mut self) -> Result<(), Held> {
        if self.links.last().is_some_and(|link| self.at >= link.text_end) {
            self.close_link();
            return Ok(());
        }
        let rest = self.rest();
        match rest.chars().next() {
            Some('\\') => self.escape(),
            Some('`') => self.code(),
            Some('!') => self.picture(),
            Some('[') => self.bracket(),
            Some('m') => self.bare_alias(),
            Some('h' | 'H') => self.web_address(),
            _ => {
                self.char();
                Ok(())
            }
        }
    }

    /// Shows the next character.
    fn char(&mut self) {
        if let Some(c) = self.text[self.at..].chars().next() {
            self.at += c.len_utf8();
            self.out.char(c, self.fence > 0);
        }
    }

    /// What a backslash makes plain begins nothing: of backticks the whole run.
    fn escape(&mut self) -> Result<(), Held> {
        let rest = &self.rest()[1..];
        let next = self.seen(rest.chars().next().ok_or(Miss::NeedsMore))?;
        let plain = match next {
            Some('`') => self.seen(look::ticks(rest))?.unwrap_or(1),
            // In the text of a link nothing may hide its end.
            Some(c) if c.is_ascii_punctuation() && self.links.is_empty() => 1,
            _ => 0,
        };
        self.out.raw(&self.rest()[..1 + plain]);
        self.at += 1 + plain;
        Ok(())
    }

    fn code(&mut self) -> Result<(), Held> {
        let rest = self.rest();
        if let Some((_, len)) = self.seen(look::code(rest))? {
            self.out.code(&rest[..len]);
            self.at += len;
        } else if let Some(len) = self.seen(look::ticks(rest))? {
            self.out.raw(&rest[..len]);
            self.at += len;
        } else {
            self.char();
        }
        Ok(())
    }

    /// Of a picture its description is shown: whoever fetches one tells its server what the address says.
    fn picture(&mut self) -> Result<(), Held> {
        let look = match self.rest().get(1..) {
            Some("") | None => Err(Miss::NeedsMore),
            Some(rest) => look::link(rest),
        };
        match self.seen(look)? {
            Some(link) if self.links.len() < NESTED_MAX => {
                let start = self.at + 1;
                self.open_link(start, link, String::new());
            }
            _ => self.char(),
        }
        Ok(())
    }

    fn bracket(&mut self) -> Result<(), Held> {
        let rest = self.rest();
        if let Some(link) = self.seen(look::link(rest))? {
            self.link(rest, link);
        } else if let Some((letter, number, len)) = self.seen(look::bracketed_alias(rest))? {
            self.at += len;
            let is_known = letter == 'm' && number <= self.rules.messages;
            self.out.reference(number, is_known);
        } else {
            self.char();
        }
        Ok(())
    }

    /// A link stays one if it leads to a host that members named. Else its text and its address are shown.
    fn link(&mut self, rest: &str, link: look::Link<'_>) {
        let text = &rest[1..link.text_end];
        let is_plain =
            !text.contains(['[', ']', '`', '!', '\\', '<']) && !text.contains("://") && !text.trim().is_empty();
        let is_whole = !link.target.contains(address::is_end);
        if is_plain && is_whole && self.is_known(link.target) {
            self.out.raw(&rest[..link.end]);
            self.at += link.end;
        } else if self.links.len() < NESTED_MAX {
            let target = link.target.split_whitespace().next().unwrap_or_default();
            let address: String = target.chars().filter(|c| !address::is_end(*c)).collect();
            self.open_link(self.at, link, if text == address { String::new() } else { address });
        } else {
            self.char();
        }
    }

    fn open_link(&mut self, start: usize, link: look::Link<'_>, address: String) {
        self.links.push(Open { text_end: start + link.text_end, end: start + link.end, address });
        self.at = start + 1;
    }

    fn close_link(&mut self) {
        if let Some(link) = self.links.pop() {
            self.at = self.at.max(link.end);
            if !link.address.is_empty() {
                self.out.text(" (");
                self.out.address(link.address);
                self.out.text(")");
            }
        }
    }

    fn web_address(&mut self) -> Result<(), Held> {
        let rest = self.rest();
        let Some(len) = self.seen(look::web_address(rest))? else {
            self.char();
            return Ok(());
        };
        let found = address::bare(&rest[..len]);
        if address::scheme_len(found) == 0 {
            self.char();
        } else if self.is_known(found) {
            self.out.raw(found);
            self.at += found.len();
        } else {
            self.out.address(found.to_owned());
            self.at += found.len();
        }
        Ok(())
    }

    /// An address with another one in it is read as two by some, and sends people on to the second by others.
    fn is_known(&self, found: &str) -> bool {
        found.matches("://").count() == 1 && address::host(found).is_some_and(|host| self.rules.hosts.contains(&host))
    }

    fn bare_alias(&mut self) -> Result<(), Held> {
        let found = self.seen(look::bare_alias(self.rest()))?;
        match found.filter(|_| self.may_be_alias()) {
            Some((number, len)) => {
                self.at += len;
                self.out.reference(number, number <= self.rules.messages);
            }
            None => self.char(),
        }
        Ok(())
    }

    /// Not in a word, and no square metres: `20 m2`.
    fn may_be_alias(&self) -> bool {
        let before = &self.text[..self.at];
        let is_inside = |c: char| c.is_alphanumeric() || "_/.-@#&=+$%~".contains(c);
        let word =
            before.strip_suffix(' ').and_then(|before| before.rsplit(char::is_whitespace).next()).unwrap_or_default();
        let is_number = word.ends_with(char::is_numeric) && word.chars().all(|c| c.is_numeric() || ".,".contains(c));
        !before.ends_with(is_inside) && !is_number
    }
}
