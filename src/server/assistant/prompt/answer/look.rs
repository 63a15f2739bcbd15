//! Patterns that a text may begin with.
//!
//! Each says whether its text begins so, or that more must be read to tell. What it says stays true however the text goes on:
//! that is why what was shown of a growing text never changes. Whoever adds a pattern must keep to it: the end of the text is
//! never the end of what is looked for.

use super::super::address;

/// Bytes of the text of a link that are looked at.
const LINK_TEXT_MAX: usize = 300;
/// As a transcript says what somebody is.
const ROLES: [&str; 6] = ["member", "admin", "owner", "bot", "assistant", "system"];
/// Bytes of code within a line that are looked at.
const CODE_MAX: usize = 600;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Miss {
    No,
    NeedsMore,
}

pub type Look<T> = Result<T, Miss>;

/// Reads a text from its beginning.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Look<char> {
        self.text[self.at..].chars().next().ok_or(Miss::NeedsMore)
    }

    fn one(&mut self, is: impl Fn(char) -> bool) -> Look<char> {
        let c = self.peek()?;
        if !is(c) {
            return Err(Miss::No);
        }
        self.at += c.len_utf8();
        Ok(c)
    }

    fn expect(&mut self, word: &str) -> Look<()> {
        word.chars().try_for_each(|c| self.one(|found| found.eq_ignore_ascii_case(&c)).map(|_| ()))
    }

    /// `min` to `max` characters, as many as there are.
    fn run(&mut self, min: usize, max: usize, is: impl Fn(char) -> bool) -> Look<&'a str> {
        let start = self.at;
        for taken in 0..max {
            match self.one(&is) {
                Ok(_) => {}
                Err(Miss::No) if taken >= min => break,
                Err(miss) => return Err(miss),
            }
        }
        Ok(&self.text[start..self.at])
    }
}

/// The bytes of the head of a line of the transcript, such as `m33 [09:16] Ada (member): `, or of the order at its end.
pub fn head(text: &str) -> Look<usize> {
    let looks = [line_head(text), bare_head(text), order(text)];
    // What one of them still waits for may decide for it.
    let found = looks.iter().find(|look| look.is_ok()).or_else(|| looks.iter().find(|look| **look != Err(Miss::No)));
    found.copied().unwrap_or(Err(Miss::No))
}

/// The head of a line without its alias: `[09:16] Ada (member): `.
fn bare_head(text: &str) -> Look<usize> {
    let mut scan = Scan::new(text);
    scan.run(0, 8, is_mark)?;
    scan.expect("[")?;
    scan.run(1, 24, |c| c.is_ascii_digit() || matches!(c, ':' | '-' | ' '))?;
    scan.expect("]")?;
    scan.run(1, 3, |c| c == ' ')?;
    let name = scan.run(0, 80, |c| c != ':' && c != '\n')?;
    scan.expect(":")?;
    let inside = name.trim_end_matches(is_mark).strip_suffix(')').and_then(|name| name.rsplit_once('('));
    let is_role = |role: &str| ROLES.contains(&role.trim().to_ascii_lowercase().as_str());
    if inside.is_some_and(|(_, role)| is_role(role.split(',').next().unwrap_or_default())) {
        scan.run(0, 8, is_mark)?;
        return Ok(scan.at);
    }
    Err(Miss::No)
}

fn line_head(text: &str) -> Look<usize> {
    let mut scan = Scan::new(text);
    scan.run(0, 8, is_mark)?;
    let is_bracketed = !scan.run(0, 1, |c| c == '[')?.is_empty();
    scan.expect("m")?;
    scan.run(1, 3, |c| c.is_ascii_digit())?;
    if is_bracketed {
        scan.expect("]")?;
    }
    scan.run(1, 3, |c| c == ' ')?;
    scan.expect("[")?;
    scan.run(1, 24, |c| c != ']' && c != '\n')?;
    scan.expect("]")?;
    scan.run(1, 3, |c| c == ' ')?;
    scan.run(0, 80, |c| c != ':' && c != '\n')?;
    scan.expect(":")?;
    scan.run(0, 8, is_mark)?;
    Ok(scan.at)
}

/// `Answer m31 by Ada.`
fn order(text: &str) -> Look<usize> {
    let mut scan = Scan::new(text);
    scan.expect("answer m")?;
    scan.run(1, 3, |c| c.is_ascii_digit())?;
    scan.expect(" by ")?;
    scan.run(1, 40, |c| c != '.' && c != '\n')?;
    scan.expect(".")?;
    Ok(scan.at)
}

/// The bytes of a name with a colon before an answer, such as `Lavender (assistant): `.
pub fn own_name(text: &str, name: &str) -> Look<usize> {
    let mut scan = Scan::new(text);
    scan.run(0, 8, is_mark)?;
    scan.expect(name)?;
    scan.run(0, 8, is_mark)?;
    if scan.peek()? == '(' {
        scan.expect("(assistant)")?;
        scan.run(0, 8, is_mark)?;
    }
    scan.expect(":")?;
    scan.run(0, 8, is_mark)?;
    Ok(scan.at)
}

fn is_mark(c: char) -> bool {
    matches!(c, ' ' | '\t' | '*' | '_')
}

/// An alias in square brackets: its letter in lower case, its number and its bytes.
pub fn bracketed_alias(text: &str) -> Look<(char, usize, usize)> {
    let mut scan = Scan::new(text);
    scan.expect("[")?;
    scan.run(0, 2, |c| c == ' ')?;
    let letter = scan.one(|c| matches!(c, 'm' | 'M' | 'f' | 'F'))?;
    let number = number(scan.run(1, 3, |c| c.is_ascii_digit())?)?;
    scan.run(0, 2, |c| c == ' ')?;
    scan.expect("]")?;
    Ok((letter.to_ascii_lowercase(), number, scan.at))
}

/// An alias of a message as a word: its number and its bytes.
pub fn bare_alias(text: &str) -> Look<(usize, usize)> {
    let mut scan = Scan::new(text);
    scan.one(|c| c == 'm')?;
    let number = number(scan.run(1, 3, |c| c.is_ascii_digit())?)?;
    match scan.peek()? {
        c if c.is_alphanumeric() || c == '_' => Err(Miss::No),
        _ => Ok((number, scan.at)),
    }
}

fn number(digits: &str) -> Look<usize> {
    if digits.starts_with('0') { Err(Miss::No) } else { digits.parse().map_err(|_| Miss::No) }
}

/// A link of Markdown: where its text ends, what its round brackets hold, and where they end. All in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link<'a> {
    pub text_end: usize,
    pub target: &'a str,
    pub end: usize,
}

pub fn link(text: &str) -> Look<Link<'_>> {
    let text_end = closing(text, ('[', ']'), LINK_TEXT_MAX, |_| false)?;
    let rest = &text[text_end + 1..];
    match rest.chars().next() {
        None => return Err(Miss::NeedsMore),
        Some('(') => {}
        Some(_) => return Err(Miss::No),
    }
    let end = closing(rest, ('(', ')'), address::ADDRESS_MAX, |c| matches!(c, '[' | ']'))?;
    Ok(Link { text_end, target: &rest[1..end], end: text_end + 1 + end + 1 })
}

/// Where the bracket at the beginning of a text is closed, in the same line.
fn closing(text: &str, (open, close): (char, char), max: usize, is_bad: impl Fn(char) -> bool) -> Look<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        if at > max {
            return Err(Miss::No);
        }
        match c {
            c if c == open => depth += 1,
            c if c == close && depth == 1 => return Ok(at),
            c if c == close => depth = depth.saturating_sub(1),
            c if at == 0 || c == '\n' || is_bad(c) => return Err(Miss::No),
            _ => {}
        }
    }
    Err(Miss::NeedsMore)
}

/// An address of the web up to what cannot be in one: its bytes.
pub fn web_address(text: &str) -> Look<usize> {
    let scheme = address::scheme_len(text);
    if scheme == 0 {
        return Err(if address::is_scheme_begun(text) { Miss::NeedsMore } else { Miss::No });
    }
    match text.find(address::is_end) {
        Some(end) if end > scheme && end <= address::ADDRESS_MAX => Ok(end),
        Some(end) if end <= scheme => Err(Miss::No),
        None if text.len() <= address::ADDRESS_MAX => Err(Miss::NeedsMore),
        Some(_) | None => Ok(text.floor_char_boundary(address::ADDRESS_MAX)),
    }
}

/// A line that opens a fence of code: its backticks, and its bytes with the line break.
pub fn fence(text: &str) -> Look<(usize, usize)> {
    let mut scan = Scan::new(text);
    scan.run(0, CODE_MAX, |c| c == ' ')?;
    let ticks = scan.run(3, CODE_MAX, |c| c == '`')?.len();
    scan.run(0, CODE_MAX, |c| c != '`' && c != '\n')?;
    scan.expect("\n")?;
    Ok((ticks, scan.at))
}

/// Whether a fence of so many backticks is closed at the beginning of a text.
pub fn fence_end(text: &str, ticks: usize) -> Look<()> {
    let mut scan = Scan::new(text);
    scan.run(ticks, usize::MAX, |c| c == '`')?;
    scan.run(0, usize::MAX, |c| c.is_whitespace() && c != '\n')?;
    scan.expect("\n")
}

/// Code between runs of backticks of the same length in one line: the bytes of one run, and of all.
pub fn code(text: &str) -> Look<(usize, usize)> {
    let ticks = ticks(text)?;
    let mut at = ticks;
    while at <= CODE_MAX {
        let c = text[at..].chars().next().ok_or(Miss::NeedsMore)?;
        match c {
            '\n' => return Err(Miss::No),
            '`' => {
                let found = self::ticks(&text[at..])?;
                if found == ticks {
                    let is_blank = text[ticks..at].trim().is_empty();
                    return if is_blank { Err(Miss::No) } else { Ok((ticks, at + ticks)) };
                }
                at += found;
            }
            c => at += c.len_utf8(),
        }
    }
    Err(Miss::No)
}

/// The backticks at the beginning of a text.
pub fn ticks(text: &str) -> Look<usize> {
    Scan::new(text).run(1, usize::MAX, |c| c == '`').map(str::len)
}

/// Whether a closing bracket at the beginning of a text goes on like a link.
pub fn link_rest(text: &str) -> Look<()> {
    let begins = ["](http://", "](https://", "](mailto:"].map(|begin| Scan::new(text).expect(begin));
    if begins.contains(&Ok(())) {
        Ok(())
    } else if begins.contains(&Err(Miss::NeedsMore)) {
        Err(Miss::NeedsMore)
    } else {
        Err(Miss::No)
    }
}
