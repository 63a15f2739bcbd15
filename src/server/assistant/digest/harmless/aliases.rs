//! The aliases in a line of a model: where it leads, and no part of its text.

/// Bytes of what stands in brackets if it is aliases.
const ALIASES_MAX: usize = 60;
const OPENING: [char; 3] = ['[', '(', '（'];
const CLOSING: [char; 3] = [']', ')', '）'];
/// What may stand between aliases.
const BETWEEN: [&str; 4] = ["and", "und", "y", "et"];

/// An alias of a message that a line held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Alias {
    /// 0 if none can have it: `m0`, `m007`, `m1000`.
    pub number: usize,
    pub is_bracketed: bool,
}

/// Takes aliases of messages and notes out of a line without markup. Returns those of messages, in its order.
pub fn without_aliases(line: &str) -> (String, Vec<Alias>) {
    let (mut out, mut found) = (String::with_capacity(line.len()), Vec::new());
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let rest = &line[at..];
        let len = match c {
            c if OPENING.contains(&c) => bracketed(rest, &mut found),
            'm' if !line[..at].ends_with(is_of_word) && !is_behind_number(&line[..at]) => bare(rest, &mut found),
            _ => 0,
        };
        if len == 0 {
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        at += len;
        if line[at..].trim_start().starts_with(['.', ',', ';', ':', '!', '?', ')', '。', '，']) {
            out.truncate(out.trim_end().len());
        } else {
            out.push(' ');
        }
    }
    (out, found)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Square metres are no alias: `20 m2`.
fn is_behind_number(before: &str) -> bool {
    let Some(before) = before.strip_suffix(' ') else { return false };
    let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
    word.ends_with(char::is_numeric) && word.chars().all(|c| c.is_numeric() || ".,".contains(c))
}

/// The bytes of brackets that hold nothing but aliases, with as many closing ones as there are; 0 if they hold anything
/// else.
fn bracketed(rest: &str, found: &mut Vec<Alias>) -> usize {
    let Some(end) = rest.find(CLOSING).filter(|end| *end <= ALIASES_MAX) else { return 0 };
    let inner = rest[..end].trim_start_matches(OPENING);
    let opened = rest[..end - inner.len()].chars().count();
    let words = inner.split(|c: char| c.is_whitespace() || ",;&-–—/+".contains(c)).filter(|word| !word.is_empty());
    let (mut aliases, mut has_any) = (Vec::new(), false);
    for word in words {
        match word.strip_prefix(['m', 'M', 'f', 'F']).filter(|digits| is_digits(digits)) {
            Some(digits) if word.starts_with(['m', 'M']) => {
                aliases.push(Alias { number: number_of(digits), is_bracketed: true });
                has_any = true;
            }
            Some(_) => has_any = true,
            // `[m12 and m13]`, `[m12-14]`
            None if has_any && (is_digits(word) || BETWEEN.contains(&word)) => {}
            None => return 0,
        }
    }
    if !has_any {
        return 0;
    }
    found.append(&mut aliases);
    let closings = rest[end..].chars().take(opened).take_while(|c| CLOSING.contains(c));
    end + closings.map(char::len_utf8).sum::<usize>()
}

/// The bytes of an alias that stands as a word; 0 if there is none.
fn bare(rest: &str, found: &mut Vec<Alias>) -> usize {
    let digits = rest[1..].chars().take_while(char::is_ascii_digit).count();
    if digits == 0 || rest[1 + digits..].starts_with(is_of_word) {
        return 0;
    }
    found.push(Alias { number: number_of(&rest[1..=digits]), is_bracketed: false });
    1 + digits
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

fn number_of(digits: &str) -> usize {
    let is_plain = digits.len() <= 3 && !digits.starts_with('0');
    digits.parse().ok().filter(|_| is_plain).unwrap_or(0)
}
