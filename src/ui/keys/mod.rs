//! Keys: which ones the whole page listens for, and the sheet that lists all of them. [`GROUPS`] is the one table of both.

mod sheet;

use crate::ui::dom::PageEvent;
pub use sheet::ShortcutSheet;

/// Something a key does.
pub struct Shortcut {
    /// Keys as browsers name them, pressed together: `Ctrl K`. `Ctrl` stands for Cmd too. Several ways: `A|B`.
    pub keys: &'static str,
    pub does: &'static str,
    /// What the page itself listens for, wherever the focus is.
    event: Option<PageEvent>,
}

const fn page(keys: &'static str, does: &'static str, event: PageEvent) -> Shortcut {
    Shortcut { keys, does, event: Some(event) }
}

const fn local(keys: &'static str, does: &'static str) -> Shortcut {
    Shortcut { keys, does, event: None }
}

/// All of them, by where they work.
pub static GROUPS: [(&str, &[Shortcut]); 5] = [
    (
        "Everywhere",
        &[
            page("Ctrl K", "Search", PageEvent::Search),
            page("Ctrl F|Ctrl Shift F", "Search in this chat", PageEvent::Find),
            page("Alt ArrowUp", "Chat above", PageEvent::PreviousRoom),
            page("Alt ArrowDown", "Chat below", PageEvent::NextRoom),
            page("?", "This list", PageEvent::Shortcuts),
            page("Escape", "Close what is open", PageEvent::Escape),
        ],
    ),
    (
        "In the list of chats",
        &[
            local("ArrowUp|ArrowDown", "Go through chats"),
            local("Home|End", "First or last chat"),
            local("Enter", "Open the chat"),
            local("Shift F10|ContextMenu", "What can be done about it"),
        ],
    ),
    (
        "On a message",
        &[
            local("ArrowUp|ArrowDown", "Go through messages"),
            local("R", "React"),
            local("Shift R", "Reply"),
            local("P", "Pin or unpin"),
            local("Enter", "All that can be done"),
            local("Escape", "Back to writing"),
        ],
    ),
    (
        "While writing",
        &[
            local("Enter", "Send"),
            local("Shift Enter", "New line"),
            local("ArrowUp", "Change your last message, when nothing is written"),
            local("@", "Mention somebody"),
            local("Alt 1|Alt 2|Alt 3", "Send a suggested reply"),
        ],
    ),
    (
        "Formatting",
        &[
            local("Ctrl B", "Bold"),
            local("Ctrl I", "Italic"),
            local("Ctrl E", "Code"),
            local("Ctrl Shift X", "Struck through"),
        ],
    ),
];

/// A key that was pressed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Press<'a> {
    /// As browsers name it.
    pub key: &'a str,
    /// Ctrl or Cmd.
    pub is_ctrl: bool,
    pub is_alt: bool,
    pub is_shift: bool,
    /// Where something can be typed.
    pub is_in_field: bool,
}

impl Press<'_> {
    fn is(&self, chord: &str) -> bool {
        let (mut ctrl, mut alt, mut shift, mut name) = (false, false, false, "");
        for part in chord.split(' ') {
            match part {
                "Ctrl" => ctrl = true,
                "Alt" => alt = true,
                "Shift" => shift = true,
                key => name = key,
            }
        }
        // Which characters need Shift is the keyboard's matter.
        let is_sign = name.chars().count() == 1 && !ctrl && !alt;
        let fits = (self.is_ctrl, self.is_alt) == (ctrl, alt) && (is_sign || self.is_shift == shift);
        fits && self.key.eq_ignore_ascii_case(name) && !(is_sign && self.is_in_field)
    }
}

/// What the page does about a key.
pub fn page_event(press: &Press<'_>) -> Option<PageEvent> {
    let all = GROUPS.iter().flat_map(|(_, shortcuts)| shortcuts.iter());
    let mut ours = all.filter_map(|shortcut| Some((shortcut.keys, shortcut.event?)));
    ours.find(|(keys, _)| keys.split('|').any(|chord| press.is(chord))).map(|(_, event)| event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const PRESS: Press<'_> = Press { key: "", is_ctrl: false, is_alt: false, is_shift: false, is_in_field: false };

    #[test]
    fn the_page_knows_its_keys() {
        let search = Press { key: "k", is_ctrl: true, is_in_field: true, ..PRESS };
        assert_eq!(page_event(&search), Some(PageEvent::Search), "also while typing");
        assert_eq!(page_event(&Press { key: "K", ..search }), Some(PageEvent::Search), "with Caps Lock");
        assert_eq!(page_event(&Press { is_shift: true, ..search }), None);
        assert_eq!(page_event(&Press { key: "k", ..PRESS }), None);
        let below = Press { key: "ArrowDown", is_alt: true, ..PRESS };
        assert_eq!(page_event(&below), Some(PageEvent::NextRoom));
        assert_eq!(page_event(&Press { is_alt: false, ..below }), None, "the list's own");
        assert_eq!(page_event(&Press { key: "Escape", is_in_field: true, ..PRESS }), Some(PageEvent::Escape));
    }

    #[test]
    fn a_question_mark_is_a_key_only_where_it_is_not_text() {
        let asked = Press { key: "?", is_shift: true, ..PRESS };
        assert_eq!(page_event(&asked), Some(PageEvent::Shortcuts));
        assert_eq!(page_event(&Press { is_shift: false, ..asked }), Some(PageEvent::Shortcuts));
        assert_eq!(page_event(&Press { is_in_field: true, ..asked }), None);
        assert_eq!(page_event(&Press { is_ctrl: true, ..asked }), None);
    }

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (group, shortcuts) in &GROUPS {
            let chords: Vec<&str> = shortcuts.iter().flat_map(|shortcut| shortcut.keys.split('|')).collect();
            assert_eq!(chords.iter().collect::<BTreeSet<_>>().len(), chords.len(), "{group}");
        }
    }
}
