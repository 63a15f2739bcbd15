//! Foreign text made plain: one line, no invisible or direction-changing characters, never longer than said.

use unicode_segmentation::UnicodeSegmentation;

/// Code points of one grapheme that are kept. The longest emoji families have 11; piles of accents have hundreds.
const GRAPHEME_MAX: usize = 12;

/// The text as one line of at most `max` graphemes, the last one "…" when it was longer. `None` when nothing is left.
pub(super) fn clean(text: &str, max: usize) -> Option<String> {
    // Far more than is kept, so that a megabyte is not looked through for one line.
    let visible = text.chars().take(max * 64).filter(|c| !is_hidden(*c));
    let plain: String = visible.map(|c| if c.is_control() || is_separator(c) { ' ' } else { c }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut graphemes = line.graphemes(true);
    let mut kept: Vec<&str> = graphemes.by_ref().take(max).collect();
    if graphemes.next().is_some() {
        kept.pop();
    }
    let is_cut = kept.len() < line.graphemes(true).count();
    let mut out: String = kept.iter().flat_map(|grapheme| grapheme.chars().take(GRAPHEME_MAX)).collect();
    if is_cut {
        out.truncate(out.trim_end().len());
        out.push('…');
    }
    // Joiners alone are nothing to see.
    out.chars()
        .any(|c| !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe0e}' | '\u{fe0f}'))
        .then_some(out)
}

fn is_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Characters that are not seen, or change how others are. The joiners inside of words and emoji stay.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0d}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_one_plain_line() {
        for (text, plain) in [
            ("  Hello,\n\t world \r\n", "Hello, world"),
            ("a\u{0}b\u{1b}[31mc\u{7f}\u{9b}d", "a b [31mc d"),
            ("abc\u{202e}fed\u{202c}", "abcfed"),
            ("\u{2066}a\u{2069}\u{200e}\u{200f}\u{061c}b", "ab"),
            ("pay\u{200b}pal\u{feff}\u{00ad}", "paypal"),
            ("a\u{2028}b\u{2029}c", "a b c"),
            ("\u{e0041}\u{e007f}a", "a"),
            ("نمی\u{200c}خواهم", "نمی\u{200c}خواهم"),
            ("👩‍👩‍👧‍👦 and ❤️", "👩‍👩‍👧‍👦 and ❤️"),
            ("<b>not markup</b> & \"quotes\"", "<b>not markup</b> & \"quotes\""),
        ] {
            assert_eq!(clean(text, 100).as_deref(), Some(plain), "{text:?}");
        }
        for text in ["", " \n\t", "\u{200b}\u{feff}", "\u{202e}", "\u{200d}\u{fe0f}", "\u{0}\u{1}", "\u{3164}"] {
            assert_eq!(clean(text, 100), None, "{text:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(clean("abcde", 5).as_deref(), Some("abcde"));
        assert_eq!(clean("abcdef", 5).as_deref(), Some("abcd…"));
        assert_eq!(clean("abc def", 5).as_deref(), Some("abc…"));
        assert_eq!(clean("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2).as_deref(), Some("👩‍👩‍👧‍👦…"));
        let long = clean(&"word ".repeat(1_000_000), 300).expect("a text");
        assert!(long.graphemes(true).count() <= 300 && long.ends_with('…'), "{long}");
        let pile = format!("a{}b", "\u{0301}".repeat(500));
        assert_eq!(clean(&pile, 20).map(|text| text.chars().count()), Some(GRAPHEME_MAX + 1));
    }
}
