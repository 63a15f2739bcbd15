//! Lines to blocks.

use super::{Block, DEPTH_MAX, Item, inline};

/// The longest name of a language.
const LANG_MAX: usize = 20;

/// The blocks of lines that lie `depth` quotes and lists deep.
pub(super) fn blocks(lines: &[&str], depth: usize) -> Vec<Block> {
    let mut out = Vec::new();
    let mut loose: Vec<&str> = Vec::new();
    // No fence of this length or more is closed from here on, so that each is looked for once.
    let mut unclosed = usize::MAX;
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let found = code(&lines[at..], &mut unclosed).or_else(|| {
            (depth < DEPTH_MAX).then(|| quote(&lines[at..], depth).or_else(|| list(&lines[at..], depth))).flatten()
        });
        match found {
            Some((block, taken)) => {
                paragraph(&mut loose, depth, &mut out);
                out.push(block);
                at += taken;
            }
            None => {
                loose.push(line);
                at += 1;
            }
        }
    }
    paragraph(&mut loose, depth, &mut out);
    out
}

/// Makes the lines that belong to nothing else a paragraph. Emphasis ends at empty lines.
fn paragraph(lines: &mut Vec<&str>, depth: usize, out: &mut Vec<Block>) {
    let is_blank = |line: &&str| line.trim().is_empty();
    let (first, last) = (lines.iter().position(|line| !is_blank(line)), lines.iter().rposition(|line| !is_blank(line)));
    if let (Some(first), Some(last)) = (first, last) {
        let mut parts = Vec::new();
        let mut breaks = String::new();
        for run in lines[first..=last].chunk_by(|a, b| is_blank(a) == is_blank(b)) {
            if is_blank(&run[0]) {
                breaks.extend(std::iter::repeat_n('\n', run.len() + 1));
            } else {
                inline::push_text(&mut parts, &breaks);
                breaks.clear();
                for part in inline::parse(&run.join("\n"), DEPTH_MAX.saturating_sub(depth)) {
                    inline::push(&mut parts, part);
                }
            }
        }
        out.push(Block::Paragraph(parts));
    }
    lines.clear();
}

fn ticks_at_end(line: &str) -> usize {
    line.len() - line.trim_end_matches('`').len()
}

/// Fenced code at the first line: the block and its number of lines. The fence is closed by one as long, alone or at the end
/// of the last line. What follows the opening fence and is no name of a language is code.
fn code(lines: &[&str], unclosed: &mut usize) -> Option<(Block, usize)> {
    let opening = lines.first()?;
    let opening = opening.trim_start_matches(' ');
    let after = opening.trim_start_matches('`');
    let ticks = opening.len() - after.len();
    if ticks < 3 || after.contains('`') || ticks >= *unclosed {
        return None;
    }
    let closes = |line: &&str| {
        let found = ticks_at_end(line.trim_end());
        found >= ticks && !line.trim_end()[..line.trim_end().len() - found].contains('`')
    };
    let Some(last) = lines[1..].iter().position(closes).map(|at| at + 1) else {
        *unclosed = ticks;
        return None;
    };
    let info = after.trim();
    let is_lang = |c: char| c.is_ascii_alphanumeric() || "+#._-".contains(c);
    let lang = (!info.is_empty() && info.len() <= LANG_MAX && info.chars().all(is_lang)).then(|| info.to_owned());
    let mut code: Vec<&str> = Vec::with_capacity(last + 1);
    if lang.is_none() && !info.is_empty() {
        code.push(after);
    }
    code.extend(&lines[1..last]);
    let end = lines[last].trim_end();
    let end = &end[..end.len() - ticks_at_end(end)];
    if !end.trim().is_empty() {
        code.push(end);
    }
    let text = code.join("\n");
    (!text.trim().is_empty()).then_some((Block::Code { lang, text }, last + 1))
}

/// What stands behind a `>`: with a space between (`>_<` is a face), or nothing.
fn quoted(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('>')?;
    if rest.is_empty() {
        return Some(rest);
    }
    match rest.strip_prefix(' ') {
        Some(rest) => Some(rest),
        None => rest.trim_start_matches('>').starts_with(' ').then_some(rest),
    }
}

fn quote(lines: &[&str], depth: usize) -> Option<(Block, usize)> {
    quoted(lines.first()?).filter(|first| !first.trim().is_empty())?;
    let inner: Vec<&str> = lines.iter().map_while(|line| quoted(line)).collect();
    Some((Block::Quote(blocks(&inner, depth + 1)), inner.len()))
}

/// The number (`None` for a bullet), the width of the marker and the text of a list's line.
fn marker(line: &str) -> Option<(Option<u32>, usize, &str)> {
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    if indent > 3 {
        return None;
    }
    let (number, rest) = match text.strip_prefix(['-', '*']) {
        Some(rest) => (None, rest),
        None => {
            let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = &text[..text.len() - rest.len()];
            let is_plain = digits.len() <= 9 && (digits == "0" || !digits.starts_with('0'));
            (Some(is_plain.then(|| digits.parse().ok()).flatten()?), rest.strip_prefix('.')?)
        }
    };
    let rest = rest.strip_prefix(' ')?;
    // `* * *` and `- -` are lines that somebody drew.
    let is_drawn = rest.chars().all(|c| c.is_whitespace() || "-*_".contains(c));
    (!is_drawn).then(|| (number, line.len() - rest.len(), rest))
}

/// A line that goes on with a point: set in by two spaces or a tab, of which at most `width` spaces are taken off.
fn continued(line: &str, width: usize) -> Option<&str> {
    if let Some(rest) = line.strip_prefix('\t') {
        return Some(rest);
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    (indent >= 2 && indent < line.len()).then(|| &line[indent.min(width)..])
}

fn list(lines: &[&str], depth: usize) -> Option<(Block, usize)> {
    let is_ordered = marker(lines.first()?)?.0.is_some();
    let mut items = Vec::new();
    let mut at = 0;
    while let Some((number, width, first)) = lines.get(at).and_then(|line| marker(line)) {
        if number.is_some() != is_ordered {
            break;
        }
        let more = lines[at + 1..].iter().map_while(|line| continued(line, width));
        let inner: Vec<&str> = std::iter::once(first).chain(more).collect();
        at += inner.len();
        items.push(Item { number: number.unwrap_or(0), blocks: blocks(&inner, depth + 1) });
    }
    Some((Block::List { is_ordered, items }, at))
}
