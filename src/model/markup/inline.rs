//! The text of lines to its parts, in one pass with a stack of markers that wait for their partner.

use super::link::{self, Found};
use super::{Inline, plain};
use crate::model::pattern;

/// Adds a part; texts beside each other become one.
pub(super) fn push(parts: &mut Vec<Inline>, part: Inline) {
    match (parts.last_mut(), part) {
        (Some(Inline::Text(before)), Inline::Text(text)) => before.push_str(&text),
        (_, part) => parts.push(part),
    }
}

pub(super) fn push_text(parts: &mut Vec<Inline>, text: &str) {
    if !text.is_empty() {
        push(parts, Inline::Text(text.to_owned()));
    }
}

/// The parts of a text without empty lines, nested at most `depth_max` deep.
pub(super) fn parse(text: &str, depth_max: usize) -> Vec<Inline> {
    let mut parser = Parser {
        text,
        at: 0,
        plain: String::new(),
        out: Vec::new(),
        openers: Vec::new(),
        waiting: [[0; 2]; MARKS.len()],
        brackets: Vec::new(),
        ticks: tick_runs(text),
        links: link::find(text),
        depth_max,
    };
    // Both are taken from their end.
    parser.ticks.reverse();
    parser.links.reverse();
    parser.run();
    let mut parts = Vec::with_capacity(parser.out.len());
    for slot in parser.out {
        push(&mut parts, slot.part);
    }
    parts
}

/// The characters that mark by being put around something.
const MARKS: [char; 4] = ['*', '_', '~', '|'];
/// What a backslash makes plain. Elsewhere it is a backslash.
const ESCAPABLE: &str = "\\`*_~|[]()>-+.#@:!";

/// A part, or a marker (as its text) that may still find its partner.
struct Slot {
    part: Inline,
    /// Levels inside of it.
    depth: usize,
    /// Of a marker: which of [`MARKS`], and how many of its characters are left.
    mark: usize,
    left: usize,
}

/// A run of backticks: where, how long, and where the next one of this length is.
struct Ticks {
    at: usize,
    len: usize,
    next: Option<usize>,
}

fn tick_runs(text: &str) -> Vec<Ticks> {
    let mut runs: Vec<Ticks> = Vec::new();
    for (at, _) in text.match_indices('`') {
        match runs.last_mut() {
            Some(run) if run.at + run.len == at => run.len += 1,
            _ => runs.push(Ticks { at, len: 1, next: None }),
        }
    }
    // Different lengths are few: a text of n characters has about √2n.
    let mut seen = std::collections::BTreeMap::new();
    for run in runs.iter_mut().rev() {
        run.next = seen.insert(run.len, run.at);
    }
    runs
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// What was read and is only text.
    plain: String,
    out: Vec<Slot>,
    /// Markers in `out` that wait.
    openers: Vec<usize>,
    /// How many of them can give one character, and two, for each of [`MARKS`]: a search that would fail is not begun.
    waiting: [[usize; 2]; MARKS.len()],
    /// Opening brackets in `out` that wait.
    brackets: Vec<usize>,
    ticks: Vec<Ticks>,
    links: Vec<Found>,
    depth_max: usize,
}

impl Parser<'_> {
    fn run(&mut self) {
        while let Some(c) = self.text[self.at..].chars().next() {
            while self.links.last().is_some_and(|link| link.start < self.at) {
                self.links.pop();
            }
            if let Some(link) = self.links.pop_if(|link| link.start == self.at) {
                let shown = &self.text[link.start..link.end];
                self.at = link.end;
                let text = vec![Inline::Text(shown.to_owned())];
                self.add(Inline::Link { href: link.href, text, leads_to: link.leads_to });
                continue;
            }
            match c {
                '\\' => self.escape(),
                '`' => self.code(),
                '[' => {
                    self.at += 1;
                    self.flush();
                    self.brackets.push(self.out.len());
                    self.add(Inline::Text("[".to_owned()));
                }
                ']' => self.bracket(),
                '@' => self.mention(),
                _ => match MARKS.iter().position(|mark| *mark == c) {
                    Some(mark) => self.mark(c, mark),
                    None => self.literal(c.len_utf8()),
                },
            }
        }
        self.flush();
    }

    /// Takes `len` bytes as text.
    fn literal(&mut self, len: usize) {
        self.plain.push_str(&self.text[self.at..self.at + len]);
        self.at += len;
    }

    fn flush(&mut self) {
        if !self.plain.is_empty() {
            let part = Inline::Text(std::mem::take(&mut self.plain));
            self.out.push(Slot { part, depth: 0, mark: 0, left: 0 });
        }
    }

    fn add(&mut self, part: Inline) {
        self.flush();
        self.out.push(Slot { part, depth: 0, mark: 0, left: 0 });
    }

    fn before(&self) -> Option<char> {
        self.text[..self.at].chars().next_back()
    }

    fn escape(&mut self) {
        let before = self.before();
        let next = self.text[self.at + 1..].chars().next();
        match next {
            // ¯\_(ツ)_/¯ keeps its arm.
            Some('_') if before == Some('¯') => self.literal(2),
            Some(next) if ESCAPABLE.contains(next) => {
                self.plain.push(next);
                self.at += 1 + next.len_utf8();
            }
            _ => self.literal(1),
        }
    }

    fn code(&mut self) {
        while self.ticks.last().is_some_and(|run| run.at < self.at) {
            self.ticks.pop();
        }
        let Some(run) = self.ticks.pop_if(|run| run.at == self.at) else {
            // What an escape has left of a run.
            return self.literal(1);
        };
        let inside = run.next.map(|next| &self.text[run.at + run.len..next]);
        match (inside, run.next) {
            (Some(code), Some(next)) if !code.trim().is_empty() => {
                // One space inside of each end lets code begin and end with a backtick.
                let bare = code.strip_prefix(' ').and_then(|code| code.strip_suffix(' '));
                self.add(Inline::Code(bare.unwrap_or(code).to_owned()));
                self.at = next + run.len;
            }
            _ => self.literal(run.len),
        }
    }

    fn mark(&mut self, c: char, mark: usize) {
        let run = &self.text[self.at..];
        let len = run.len() - run.trim_start_matches(c).len();
        let (before, after) = (self.before(), run[len..].chars().next());
        let is_known = if mark < 2 { len <= 3 } else { len == 2 };
        if !is_known || is_inert(c, len, before, after) {
            return self.literal(len);
        }
        let touches = |side: Option<char>| side.is_some_and(|c| !c.is_whitespace());
        let is_free = |side: Option<char>| c != '_' || !side.is_some_and(char::is_alphanumeric);
        self.flush();
        self.at += len;
        let mut left = len;
        if touches(before) && is_free(after) {
            while left > 0 && self.close(mark, &mut left) {}
        }
        if left > 0 {
            if touches(after) && is_free(before) {
                self.openers.push(self.out.len());
                self.count(mark, left, true);
            }
            let part = Inline::Text(c.to_string().repeat(left));
            self.out.push(Slot { part, depth: 0, mark, left });
        }
    }

    /// Counts a marker that waits, or no longer does.
    fn count(&mut self, mark: usize, left: usize, is_waiting: bool) {
        let [single, double] = &mut self.waiting[mark];
        for (counter, counts) in [(single, left % 2 == 1), (double, left >= 2)] {
            match (counts, is_waiting) {
                (true, true) => *counter += 1,
                (true, false) => *counter = counter.saturating_sub(1),
                (false, _) => {}
            }
        }
    }

    /// Lets the openers from the `from`th on wait no longer.
    fn forget(&mut self, from: usize) {
        for at in self.openers.split_off(from.min(self.openers.len())) {
            if let Some(slot) = self.out.get(at) {
                let (mark, left) = (slot.mark, slot.left);
                self.count(mark, left, false);
            }
        }
    }

    /// Puts what lies between a closing marker and the nearest opening one that fits into a part of its own. Markers between
    /// them stay text. Returns whether there was one; `left` is then less.
    fn close(&mut self, mark: usize, left: &mut usize) -> bool {
        let [single, double] = self.waiting[mark];
        let wants_single = *left % 2 == 1 && single > 0;
        let wants_double = *left >= 2 && double > 0;
        if !wants_single && !wants_double {
            return false;
        }
        let fits = |slot: &Slot| {
            slot.mark == mark && ((wants_double && slot.left >= 2) || (wants_single && slot.left % 2 == 1))
        };
        let Some(nth) = self.openers.iter().rposition(|at| self.out.get(*at).is_some_and(fits)) else { return false };
        self.forget(nth + 1);
        let at = self.openers[nth];
        let depth = 1 + self.out[at + 1..].iter().map(|slot| slot.depth).max().unwrap_or(0);
        if depth > self.depth_max {
            // Whatever is still open lies around this and would be deeper yet.
            self.forget(0);
            self.brackets.clear();
            return false;
        }
        self.brackets.truncate(self.brackets.partition_point(|bracket| *bracket < at));
        let mut inner = Vec::new();
        for slot in self.out.drain(at + 1..) {
            push(&mut inner, slot.part);
        }
        self.forget(nth);
        let opener = self.out[at].left;
        let taken = if *left >= 2 && opener >= 2 { 2 } else { 1 };
        *left -= taken;
        if opener == taken {
            self.out.truncate(at);
        } else {
            let slot = &mut self.out[at];
            slot.left -= taken;
            slot.part = Inline::Text(MARKS[mark].to_string().repeat(slot.left));
            let still = slot.left;
            self.openers.push(at);
            self.count(mark, still, true);
        }
        let part = match (MARKS[mark], taken) {
            ('~', _) => Inline::Strike(inner),
            ('|', _) => Inline::Spoiler(inner),
            (_, 2) => Inline::Bold(inner),
            _ => Inline::Italic(inner),
        };
        self.out.push(Slot { part, depth, mark: 0, left: 0 });
        true
    }

    /// A closing bracket: with an address behind it, what lies between the brackets becomes a link.
    fn bracket(&mut self) {
        self.flush();
        let Some(at) = self.brackets.pop() else { return self.literal(1) };
        let Some((href, end)) = destination(&self.text[self.at + 1..]) else { return self.literal(1) };
        let Some(target) = link::target(href) else { return self.literal(1) };
        let depth = self.out[at + 1..].iter().map(|slot| slot.depth).max().unwrap_or(0);
        let mut text = Vec::new();
        let is_fine =
            self.out[at + 1..].iter().all(|slot| flatten(&slot.part, &mut text)) && !plain(&text).trim().is_empty();
        // A link in a link is none, so nothing before this one can become one around it.
        self.brackets.clear();
        if !is_fine {
            return self.literal(1);
        }
        self.forget(self.openers.partition_point(|opener| *opener < at));
        self.out.truncate(at);
        let leads_to = target.behind(&plain(&text));
        self.out.push(Slot { part: Inline::Link { href: href.to_owned(), text, leads_to }, depth, mark: 0, left: 0 });
        self.at += 1 + end;
    }

    fn mention(&mut self) {
        let before = self.before();
        let rest = &self.text[self.at + 1..];
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let len = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let mut name = rest[..len].split("..").next().unwrap_or_default().trim_end_matches('.');
        // `_see @ann_` is emphasis that ends, not a name that does.
        if self.waiting[1] != [0, 0] {
            name = name.trim_end_matches(['_', '.']);
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let is_begun = match before {
            // Only as a marker that opens.
            Some('_') => self.plain.is_empty() && self.openers.last().is_some_and(|at| at + 1 == self.out.len()),
            Some(c) => !is_word(c) && c != '@',
            None => true,
        };
        let is_ended =
            !name.is_empty() && rest[name.len()..].chars().next().is_none_or(|c| c != '@' && (!is_word(c) || c == '_'));
        let part = if !is_begun || !is_ended {
            None
        } else if name.eq_ignore_ascii_case("all") {
            Some(Inline::MentionAll)
        } else {
            pattern::mentioned_username(name).map(|username| Inline::Mention { username })
        };
        match part {
            Some(part) => {
                self.at += 1 + name.len();
                self.add(part);
            }
            None => self.literal(1),
        }
    }
}

/// Whether a marker is only text where it stands: inside of a word (`2*3*4`, `a||b`) or of a face (`-_-`).
fn is_inert(c: char, len: usize, before: Option<char>, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else { return false };
    let is_inside = before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric();
    let is_face = c == '_' && "-^.<>=;".contains(before) && "-^.<>=;".contains(after);
    is_face || is_inside && !(c == '*' && len == 2)
}

/// The address between the brackets at the beginning of `text`, and where they end. Without spaces or other brackets; round
/// ones in pairs.
fn destination(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('(')?;
    let mut open = 0;
    for (at, c) in inner.char_indices() {
        match c {
            '(' => open += 1,
            ')' if open == 0 => return Some((&inner[..at], at + 2)),
            ')' => open -= 1,
            '[' | ']' | '<' | '>' => return None,
            c if c.is_whitespace() => return None,
            _ => {}
        }
    }
    None
}

/// Adds a part as it is inside of a link: links and mentions are text there. `false` for what can't be in one.
fn flatten(part: &Inline, out: &mut Vec<Inline>) -> bool {
    let inside = |parts: &[Inline], out: &mut Vec<Inline>| parts.iter().all(|part| flatten(part, out));
    let mut inner = Vec::new();
    let part = match part {
        Inline::Spoiler(_) => return false,
        Inline::Link { text, .. } => return inside(text, out),
        Inline::Mention { username } => Inline::Text(format!("@{username}")),
        Inline::MentionAll => Inline::Text("@all".to_owned()),
        Inline::Text(_) | Inline::Code(_) => part.clone(),
        Inline::Bold(parts) if inside(parts, &mut inner) => Inline::Bold(inner),
        Inline::Italic(parts) if inside(parts, &mut inner) => Inline::Italic(inner),
        Inline::Strike(parts) if inside(parts, &mut inner) => Inline::Strike(inner),
        Inline::Bold(_) | Inline::Italic(_) | Inline::Strike(_) => return false,
    };
    push(out, part);
    true
}
