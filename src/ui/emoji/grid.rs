//! The grid of the picker. There are 250 rows of emoji; only those in view, and the one with the focus, are in the page.

use crate::ui::dom;
use crate::ui::kit::walk::{Walk, focus_cell, walk};
use dioxus::prelude::*;
use std::rc::Rc;

pub const ID: &str = "emoji-grid";
/// In a row.
pub const COLUMNS: usize = 8;
/// Pixels, as in `assets/css/emoji.css`.
const ROW: usize = 42;
const HEAD: usize = 32;
/// Pixels above the upper edge and below it that are drawn: more than a picker is high.
const ABOVE: usize = 4 * ROW;
const BELOW: usize = 18 * ROW;
/// What one cell shows and says.
#[derive(Clone, PartialEq, Debug)]
pub struct Cell {
    pub text: String,
    pub name: String,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Section {
    /// Empty: no heading.
    pub title: String,
    pub cells: Vec<Cell>,
}

impl Section {
    fn rows(&self) -> usize {
        self.cells.len().div_ceil(COLUMNS)
    }

    fn head(&self) -> usize {
        if self.title.is_empty() { 0 } else { HEAD }
    }

    /// Pixels.
    fn height(&self) -> usize {
        self.head() + self.rows() * ROW
    }
}

/// Where each section begins, in pixels from the top.
pub fn tops(sections: &[Section]) -> Vec<usize> {
    let heights = sections.iter().map(Section::height);
    heights.scan(0, |top, height| Some(std::mem::replace(top, *top + height))).collect()
}

/// The section at the upper edge.
pub fn section_at(sections: &[Section], top: usize) -> usize {
    tops(sections).iter().rposition(|start| *start <= top + HEAD / 2).unwrap_or_default()
}

/// `top` is how far it is scrolled, in pixels; `on_top` is asked for what is above the grid.
#[component]
pub fn Grid(
    sections: Memo<Rc<Vec<Section>>>,
    top: Signal<usize>,
    on_pick: Callback<String>,
    on_top: Callback<()>,
) -> Element {
    let mut top = top;
    let mut active = use_signal(|| (0_usize, 0_usize));
    let mut is_led = use_signal(|| false);
    // After the row of the cell has been drawn.
    use_effect(move || {
        active.read();
        if is_led() {
            is_led.set(false);
            focus_cell(ID);
        }
    });
    // Another search: what was the active cell is another one.
    use_effect(move || {
        sections.read();
        active.set((0, 0));
        top.set(0);
        dom::set_scroll_top(ID, 0);
    });
    let on_key = move |event: KeyboardEvent| {
        let sizes: Vec<usize> = sections.peek().iter().map(|section| section.cells.len()).collect();
        let at = *active.peek();
        match walk(&event, COLUMNS, &sizes, at) {
            Walk::To(next) => {
                is_led.set(true);
                active.set(next);
            }
            Walk::Out => on_top.call(()),
            Walk::Stay => {}
        }
    };
    let all = sections.read();
    let rows: usize = all.iter().map(Section::rows).sum();
    let mut before = 0;
    let parts = all.iter().zip(tops(&all)).enumerate().map(|(at, (section, start))| {
        let first_index = before + 1;
        before += section.rows();
        let from = top().saturating_sub(ABOVE).saturating_sub(start + section.head()) / ROW;
        let to = (top() + BELOW).saturating_sub(start).div_ceil(ROW).min(section.rows());
        let mut shown: Vec<usize> = (from..to).collect();
        let (active_section, active_cell) = active();
        let active_row = active_cell / COLUMNS;
        if active_section == at && !shown.contains(&active_row) && active_row < section.rows() {
            shown.push(active_row);
        }
        (at, section, first_index, shown)
    });
    rsx! {
        div {
            id: ID,
            class: "emoji-grid scroll",
            role: "grid",
            "aria-label": "Emoji",
            "aria-rowcount": "{rows}",
            "aria-colcount": "{COLUMNS}",
            onkeydown: on_key,
            // By whole rows: what is drawn changes no more often.
            onscroll: move |event| {
                let now = event.scroll_top().max(0.0) as usize / ROW * ROW;
                if now != *top.peek() {
                    top.set(now);
                }
            },
            for (at , section , first_index , shown) in parts {
                div { key: "{at}", class: "emoji-section", role: "rowgroup", "aria-label": "{section.title}",
                    if !section.title.is_empty() {
                        div { class: "emoji-head", "aria-hidden": "true", "{section.title}" }
                    }
                    div { class: "emoji-rows", role: "presentation", style: "--n:{section.rows()}",
                        for row in shown {
                            div {
                                key: "{row}",
                                class: "emoji-row",
                                role: "row",
                                "aria-rowindex": "{first_index + row}",
                                style: "--at:{row}",
                                for (column , cell) in section.cells.iter().skip(row * COLUMNS).take(COLUMNS).enumerate() {
                                    button {
                                        key: "{cell.text}",
                                        class: "emoji",
                                        r#type: "button",
                                        role: "gridcell",
                                        "aria-colindex": "{column + 1}",
                                        "aria-label": "{cell.name}",
                                        title: "{cell.name}",
                                        tabindex: if active() == (at, row * COLUMNS + column) { "0" } else { "-1" },
                                        onclick: {
                                            let text = cell.text.clone();
                                            move |_| on_pick.call(text.clone())
                                        },
                                        "{cell.text}"
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_follow_each_other() {
        let cell = Cell { text: "🌿".to_owned(), name: "herb".to_owned() };
        let section = |title: &str, count| Section { title: title.to_owned(), cells: vec![cell.clone(); count] };
        let sections = [section("", 9), section("Nature", 8), section("Food", 1)];
        assert_eq!(tops(&sections), [0, 84, 84 + 74]);
        assert_eq!(section_at(&sections, 0), 0);
        assert_eq!(section_at(&sections, 84), 1);
        assert_eq!(section_at(&sections, 1_000), 2);
    }
}
