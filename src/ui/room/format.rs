//! Shortcuts that put markers around what is selected in the composer, or take them away.

use crate::ui::dom::Edit;
use dioxus::prelude::*;

/// The marker that a pressed key stands for: Ctrl or Cmd with B bold, I italic, E code, Shift X strike.
pub fn marker(event: &KeyboardData) -> Option<&'static str> {
    let modifiers = event.modifiers();
    if !modifiers.intersects(Modifiers::CONTROL | Modifiers::META) || modifiers.contains(Modifiers::ALT) {
        return None;
    }
    let Key::Character(key) = event.key() else { return None };
    match (key.as_str(), modifiers.contains(Modifiers::SHIFT)) {
        ("b" | "B", false) => Some("**"),
        ("i" | "I", false) => Some("*"),
        ("e" | "E", false) => Some("`"),
        ("x" | "X", true) => Some("~~"),
        _ => None,
    }
}

/// The byte where a position in UTF-16 units is; browsers count in these.
pub fn byte_at(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    for (at, c) in text.char_indices() {
        if left == 0 {
            return at;
        }
        left = left.saturating_sub(c.len_utf16());
    }
    text.len()
}

pub fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

/// Whether `marker` is among the marks that `before` ends with and `after` begins with: three stars are bold and italic.
fn is_between(marker: &str, before: &str, after: &str) -> bool {
    let Some(mark) = marker.chars().next() else { return false };
    let ends = before.len() - before.trim_end_matches(mark).len();
    let begins = after.len() - after.trim_start_matches(mark).len();
    match (marker, ends.min(begins)) {
        ("*", count) => count == 1 || count == 3,
        ("**", count) => count == 2 || count == 3,
        (_, count) => count == marker.len(),
    }
}

/// The change that puts `marker` around `from..to` (UTF-16 units) of a text, or takes it away when it is there. Spaces at the
/// ends stay outside, where markers work. Without a selection the caret ends up between the markers.
pub fn wrap(text: &str, from: u32, to: u32, marker: &str) -> Edit {
    let (mut from, mut to) = (byte_at(text, from), byte_at(text, to.max(from)));
    let selected = &text[from..to];
    if !selected.trim().is_empty() {
        from += selected.len() - selected.trim_start().len();
        to -= selected.len() - selected.trim_end().len();
    }
    let selected = &text[from..to];
    let len = marker.len();
    let edit = |from: usize, to: usize, new: String, begin: usize, end: usize| {
        let start = units(&text[..from]);
        let select = (start + units(&new[..begin]), start + units(&new[..end]));
        Edit { from: start, to: units(&text[..to]), text: new, select }
    };
    // Around the selection, or at its own ends.
    if is_between(marker, &text[..from], &text[to..]) {
        return edit(from - len, to + len, selected.to_owned(), 0, selected.len());
    }
    let marks = |c: char| marker.starts_with(c);
    let inner = selected.trim_matches(marks);
    if !inner.is_empty() && inner.len() < selected.len() {
        let begins = selected.len() - selected.trim_start_matches(marks).len();
        if is_between(marker, &selected[..begins], &selected[begins + inner.len()..]) {
            let bare = &selected[len..selected.len() - len];
            return edit(from, to, bare.to_owned(), 0, bare.len());
        }
    }
    if marker == "`" && selected.contains('\n') {
        let begin = if text[..from].is_empty() || text[..from].ends_with('\n') { "```\n" } else { "\n```\n" };
        let end = if text[to..].is_empty() || text[to..].starts_with('\n') { "\n```" } else { "\n```\n" };
        return edit(from, to, format!("{begin}{selected}{end}"), begin.len(), begin.len() + selected.len());
    }
    edit(from, to, format!("{marker}{selected}{marker}"), len, len + selected.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies a shortcut to a text in which `[` and `]` stand around what is selected.
    fn pressed(marked: &str, marker: &str) -> String {
        let from = marked.find('[').expect("a beginning");
        let to = marked.find(']').expect("an end") - 1;
        let text = marked.replace(['[', ']'], "");
        let edit = wrap(&text, units(&text[..from]), units(&text[..to]), marker);
        let mut after = text.clone();
        after.replace_range(byte_at(&text, edit.from)..byte_at(&text, edit.to), &edit.text);
        let (begin, end) = (byte_at(&after, edit.select.0), byte_at(&after, edit.select.1));
        format!("{}[{}]{}", &after[..begin], &after[begin..end], &after[end..])
    }

    #[test]
    fn a_shortcut_puts_markers_around_and_takes_them_away() {
        for (before, marker, after) in [
            ("a [b] c", "**", "a **[b]** c"),
            ("a **[b]** c", "**", "a [b] c"),
            ("a [**b**] c", "**", "a [b] c"),
            ("a **[b]** c", "*", "a ***[b]*** c"),
            ("a ***[b]*** c", "*", "a **[b]** c"),
            ("a ***[b]*** c", "**", "a *[b]* c"),
            ("a *[b]* c", "**", "a ***[b]*** c"),
            ("a[ b ]c", "*", "a *[b]* c"),
            ("[]", "**", "**[]**"),
            ("**[]**", "**", "[]"),
            ("😀 [é]", "~~", "😀 ~~[é]~~"),
            ("[a]", "`", "`[a]`"),
            ("x\n[a\nb]\ny", "`", "x\n```\n[a\nb]\n```\ny"),
            ("x [a\nb] y", "`", "x \n```\n[a\nb]\n```\n y"),
            ("[ ]", "*", "*[ ]*"),
            ("[**]", "**", "**[**]**"),
        ] {
            assert_eq!(pressed(before, marker), after, "{before:?} {marker}");
        }
    }

    #[test]
    fn positions_of_browsers_are_found_in_any_text() {
        assert_eq!(byte_at("a😀b", 3), 5);
        assert_eq!(byte_at("a😀b", 99), 6);
        assert_eq!(byte_at("", 1), 0);
        assert_eq!(units("a😀b"), 4);
        // In the middle of a pair: after it, never inside of it.
        assert_eq!(byte_at("😀b", 1), 4);
    }
}
