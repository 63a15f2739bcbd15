//! What a text is as a whole.

/// Whether a text is nothing but one to three emoji: drawn large.
pub fn is_jumbo(body: &str) -> bool {
    let body = body.trim();
    let emoji = |c: char| matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{2600}'..='\u{27bf}' | '\u{2b05}'..='\u{2b55}' | '\u{1f000}'..='\u{1faff}' | '\u{e0020}'..='\u{e007f}');
    let starts = body.chars().filter(|c| !matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')).count();
    !body.is_empty() && starts <= 4 && body.chars().all(emoji)
}
