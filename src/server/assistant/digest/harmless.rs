//! What a model wrote, as text that can do nothing.
//!
//! Characters that begin markup, mentions or control tokens are not escaped but gone: whoever reads the text later, a
//! page or another model, need not read it as we do. The order matters: nothing that is taken out may join what stood
//! around it to something that was looked for before.

mod addresses;
mod aliases;

pub use aliases::{Alias, without_aliases};

use super::readable::{single_spaced, visible};
use addresses::{LINK, pointless, unaddressed};

/// Bytes of the target of a link, and of a tag, that are looked at.
const TARGET_MAX: usize = 2_000;
const TAG_MAX: usize = 200;

/// The lines of what a model wrote, of its first `chars_max` characters: what can be seen of them, with plain letters
/// and signs for wide ones.
pub fn lines(raw: &str, chars_max: usize) -> Vec<String> {
    visible(raw, chars_max).lines().map(|line| line.chars().map(narrow).collect()).collect()
}

/// Wide letters, digits and signs are read like plain ones, by models and by people. Marks that Chinese and Japanese
/// texts need stay.
fn narrow(c: char) -> char {
    match c {
        '！' | '（' | '）' | '，' | '：' | '；' | '？' | '～' => c,
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '﹤' => '<',
        '﹥' => '>',
        '﹫' => '@',
        '【' | '〔' | '〖' | '﹇' => '[',
        '】' | '〕' | '〗' | '﹈' => ']',
        '｡' => '。',
        c => c,
    }
}

/// A line without links (their text stays), tags, control tokens, emphasis, and what makes a point of a list of it.
pub fn unmarked(line: &str) -> String {
    let line = unemphasised(&untagged(&unlinked(line)));
    point(&line).to_owned()
}

/// Takes out the targets of links and the brackets around their texts, and what makes a picture of one.
fn unlinked(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("](") {
        out.push_str(before);
        let open = out.rfind(['[', ']']).filter(|at| out[*at..].starts_with('['));
        match open {
            // An alias keeps them: it is read later.
            Some(at) if without_aliases(&out[at + 1..]).1.is_empty() => {
                out.remove(at);
                let is_picture = out[..at].ends_with('!');
                if is_picture {
                    out.remove(at - 1);
                }
            }
            Some(_) | None => out.push(']'),
        }
        rest = target_end(after).map_or(after, |end| &after[end..]);
        // What follows is no part of the text.
        if !rest.starts_with(['.', ',', ';', ':', '!', '?', ')']) {
            out.push(' ');
        }
    }
    out.push_str(rest);
    out.replace("![", "[")
}

/// Where the target of a link ends, behind its bracket.
fn target_end(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    for (at, c) in text.char_indices().take_while(|(at, _)| *at <= TARGET_MAX) {
        match c {
            '(' => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn untagged(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let is_tag = after.starts_with(|c: char| c.is_alphabetic() || matches!(c, '/' | '!' | '?' | '|'));
        let end = after.find('>').filter(|end| is_tag && *end <= TAG_MAX);
        match end {
            Some(end) if after[..end].contains("://") || after[..end].contains('@') => {
                out.push_str(LINK);
                rest = &after[end + 1..];
            }
            Some(end) => {
                out.push(' ');
                rest = &after[end + 1..];
            }
            None => {
                out.push('<');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn unemphasised(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::with_capacity(line.len());
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied().unwrap_or(' ');
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        match c {
            '*' if before.is_ascii_digit() && after.is_ascii_digit() => out.push('×'),
            '_' if before.is_alphanumeric() && after.is_alphanumeric() => out.push('_'),
            '~' if before != '~' && after != '~' => out.push('~'),
            '*' | '_' | '~' | '`' | '\\' => {}
            '|' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A line without what makes a heading, a quote or a point of a list of it.
fn point(line: &str) -> &str {
    let mut line = line.trim();
    loop {
        let digits = line.chars().take_while(char::is_ascii_digit).count();
        let numbered = line[digits..].strip_prefix(['.', ')']).filter(|_| (1..=3).contains(&digits));
        let heading = Some(line.trim_start_matches('#')).filter(|rest| rest.len() < line.len());
        let marked = line.strip_prefix(['-', '+', '•', '·', '–', '—', '◦', '▪', '●']).or(numbered).or(heading);
        let rest = marked.filter(|rest| rest.starts_with(char::is_whitespace)).or_else(|| line.strip_prefix('>'));
        match rest {
            Some(rest) => line = rest.trim_start(),
            None => return line,
        }
    }
}

/// A line without markup and aliases as plain text: no address, mention, or bracket that could begin something.
pub fn plain(line: &str) -> String {
    let line = bracketless(line);
    let words: Vec<String> = line.split(' ').map(unaddressed).collect();
    let line = pointless(&unmentioned(&words.join(" ")));
    trimmed(&single_spaced(&without_hollows(&line))).to_owned()
}

/// A line without brackets that hold nothing.
fn without_hollows(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        let inside = out.trim_end().len();
        if c == ')' && out[..inside].ends_with('(') {
            out.truncate(inside - 1);
            // So that what stood on both sides stays apart.
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out
}

/// A text without the marks that what was taken out has left at its ends.
pub fn trimmed(text: &str) -> &str {
    let text = text.trim_start_matches([',', ';', ':', '.', ')', '-', '–', '—', ' ']);
    text.trim_end_matches(['(', '-', '–', '—', ',', ';', ' '])
}

fn bracketless(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        out.push(match c {
            '[' | '{' => '(',
            ']' | '}' => ')',
            '<' if !next.is_whitespace() && !matches!(next, '3' | '-' | '=' | '…') => '‹',
            c if c.is_whitespace() => ' ',
            c => c,
        });
    }
    out
}

/// No mention: `@ada` becomes `ada`.
fn unmentioned(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '@' if out.is_empty() || out.ends_with([' ', '(', '"', '“']) => {}
            '@' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The sentences of a line, each with the marks that end it.
pub fn sentences(line: &str) -> Vec<&str> {
    let (mut out, mut start) = (Vec::new(), 0);
    let mut chars = line.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, next)| *next);
        let is_end = match c {
            '.' | '!' | '?' | '…' => next.is_none_or(char::is_whitespace),
            '。' | '！' | '？' => next.is_none_or(|next| !matches!(next, '。' | '！' | '？' | '」' | '）')),
            _ => false,
        };
        if is_end {
            out.push(line[start..end].trim());
            start = end;
        }
    }
    out.push(line[start..].trim());
    out.retain(|sentence| !sentence.is_empty());
    out
}

/// Whether a text says anything.
pub fn is_useful(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some()
}
