//! A grid to pick from: how keys walk through it, and the search above it.

use super::icon::{self, Icon};
use crate::ui::dom;
use dioxus::prelude::*;

/// Rows of a page, for its keys.
const PAGE: isize = 5;

/// A cell: its section, and its place in there.
pub type At = (usize, usize);

/// What a key asks of a grid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Walk {
    To(At),
    /// Out at the top, to the search: by an arrow, or because something is typed.
    Out,
    Stay,
}

/// Where a key leads from `at`, in a grid of so many columns whose sections have `sizes` cells. Keys that walk do nothing else.
pub fn walk(event: &KeyboardEvent, columns: usize, sizes: &[usize], at: At) -> Walk {
    let key = event.key();
    match &key {
        Key::ArrowRight
        | Key::ArrowLeft
        | Key::ArrowDown
        | Key::ArrowUp
        | Key::PageDown
        | Key::PageUp
        | Key::Home
        | Key::End => {}
        // Typing goes on in the search.
        Key::Character(text) if text != " " && !event.modifiers().intersects(Modifiers::CONTROL | Modifiers::META) => {
            return Walk::Out;
        }
        _ => return Walk::Stay,
    }
    event.prevent_default();
    let is_far = event.modifiers().contains(Modifiers::CONTROL);
    Grid { columns, sizes }.moved(at, &key, is_far).map_or(Walk::Out, Walk::To)
}

/// The focus goes to the one cell of a grid that Tab stops at.
pub fn focus_cell(grid: &str) {
    dom::focus_within(&format!("#{grid} [tabindex=\"0\"]"));
}

struct Grid<'a> {
    columns: usize,
    sizes: &'a [usize],
}

impl Grid<'_> {
    fn size(&self, section: usize) -> usize {
        self.sizes.get(section).copied().unwrap_or_default()
    }

    /// The cell that a key leads to. `None`: out at the top.
    fn moved(&self, at: At, key: &Key, is_far: bool) -> Option<At> {
        let last = self.sizes.len().saturating_sub(1);
        let end = |section: usize| (section, self.size(section).saturating_sub(1));
        let (section, cell) = at;
        let size = self.size(section);
        let first = cell - cell % self.columns;
        let next = match key {
            Key::ArrowRight if cell + 1 < size => (section, cell + 1),
            Key::ArrowRight if section < last => (section + 1, 0),
            Key::ArrowLeft if cell > 0 => (section, cell - 1),
            Key::ArrowLeft if section > 0 => end(section - 1),
            Key::ArrowDown => self.down(at),
            Key::ArrowUp => return self.up(at),
            Key::PageDown => (0..PAGE).fold(at, |at, _| self.down(at)),
            Key::PageUp => (0..PAGE).fold(at, |at, _| self.up(at).unwrap_or(at)),
            Key::Home if is_far => (0, 0),
            Key::End if is_far => end(last),
            Key::Home => (section, first),
            Key::End => (section, (first + self.columns - 1).min(size.saturating_sub(1))),
            _ => at,
        };
        Some(next)
    }

    fn down(&self, (section, cell): At) -> At {
        let (columns, size) = (self.columns, self.size(section));
        let is_last_row = cell / columns + 1 >= size.div_ceil(columns);
        match self.sizes.get(section + 1) {
            _ if !is_last_row => (section, (cell + columns).min(size - 1)),
            Some(next) => (section + 1, (cell % columns).min(next.saturating_sub(1))),
            None => (section, cell),
        }
    }

    fn up(&self, (section, cell): At) -> Option<At> {
        let columns = self.columns;
        if cell >= columns {
            return Some((section, cell - columns));
        }
        let above = section.checked_sub(1)?;
        let size = self.size(above);
        let row = size.div_ceil(columns).saturating_sub(1);
        Some((above, (row * columns + cell % columns).min(size.saturating_sub(1))))
    }
}

/// The search above the grid with the id `grid`: the down arrow leads into it, and Enter takes the best of what was found.
#[component]
pub fn GridSearch(
    id: &'static str,
    name: &'static str,
    grid: &'static str,
    query: Signal<String>,
    on_enter: Callback<()>,
) -> Element {
    let mut query = query;
    // A popover looks for the focus when it opens, which may be before this is here.
    use_effect(move || {
        if !dom::is_touch() {
            dom::focus(id);
        }
    });
    let on_key = move |event: KeyboardEvent| match event.key() {
        Key::ArrowDown => {
            event.prevent_default();
            focus_cell(grid);
        }
        Key::Enter if !event.is_composing() => {
            event.prevent_default();
            if !query.peek().trim().is_empty() {
                on_enter.call(());
            }
        }
        _ => {}
    };
    rsx! {
        label { class: "search flex-1 min-w-0",
            Icon { d: icon::SEARCH, class: "i-sm" }
            input {
                id,
                class: "find-in",
                r#type: "search",
                "aria-label": name,
                placeholder: name,
                autocomplete: "off",
                enterkeyhint: "search",
                value: "{query}",
                oninput: move |event| query.set(event.value()),
                onkeydown: on_key,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { columns: 8, sizes: &[3, 20, 8] };

    fn go(at: At, key: Key) -> Option<At> {
        GRID.moved(at, &key, false)
    }

    #[test]
    fn arrows_cross_sections_and_stop_at_the_ends() {
        assert_eq!(go((0, 2), Key::ArrowRight), Some((1, 0)));
        assert_eq!(go((1, 0), Key::ArrowLeft), Some((0, 2)));
        assert_eq!(go((0, 0), Key::ArrowLeft), Some((0, 0)));
        assert_eq!(go((2, 7), Key::ArrowRight), Some((2, 7)));
    }

    #[test]
    fn columns_are_kept_as_far_as_rows_reach() {
        assert_eq!(go((0, 1), Key::ArrowDown), Some((1, 1)));
        assert_eq!(go((1, 14), Key::ArrowDown), Some((1, 19)), "the last row is shorter");
        assert_eq!(go((1, 19), Key::ArrowDown), Some((2, 3)));
        assert_eq!(go((2, 7), Key::ArrowDown), Some((2, 7)));
        assert_eq!(go((2, 7), Key::ArrowUp), Some((1, 19)));
        assert_eq!(go((1, 5), Key::ArrowUp), Some((0, 2)));
        assert_eq!(go((0, 2), Key::ArrowUp), None, "out to the search");
    }

    #[test]
    fn far_keys() {
        assert_eq!(go((1, 12), Key::Home), Some((1, 8)));
        assert_eq!(go((1, 17), Key::End), Some((1, 19)));
        assert_eq!(GRID.moved((1, 12), &Key::End, true), Some((2, 7)));
        assert_eq!(GRID.moved((1, 12), &Key::Home, true), Some((0, 0)));
        assert_eq!(go((0, 0), Key::PageDown), Some((2, 0)));
        assert_eq!(go((2, 0), Key::PageUp), Some((0, 0)));
        assert_eq!(Grid { columns: 3, sizes: &[] }.moved((0, 0), &Key::ArrowDown, false), Some((0, 0)));
    }
}
