//! In place of the composer while messages are chosen: how many, and what to do to them.

use super::acts::{Acts, Open};
use super::extras::name_of;
use crate::client::state::Row;
use crate::model::limits;
use crate::ui::kit::OnEscape;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// Chosen texts one below the other; of several people, each with its author.
fn text(acts: Acts, rows: &[Row]) -> String {
    let is_one = rows.windows(2).all(|pair| pair[0].author_id() == pair[1].author_id());
    let said = |row: &Row| match row.body() {
        "" => words::said(&acts.live.state.peek(), &row.message, usize::MAX),
        text => text.to_owned(),
    };
    let lines = rows.iter().filter(|row| !row.is_deleted()).map(|row| match is_one {
        true => said(row),
        false if row.is_own => format!("{}: {}", acts.live.state.peek().me.person.display_name, said(row)),
        false => format!("{}: {}", name_of(acts.live, row.author_id()), said(row)),
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[component]
pub fn SelectBar(count: usize) -> Element {
    let acts = use_context::<Acts>();
    let room_id = acts.visit.room_id;
    let end = move || acts.live.clear_selection(room_id);
    let tools: [(&str, &str, Callback<Vec<Row>>); 3] = [
        (
            "Copy",
            icon::COPY,
            use_callback(move |rows: Vec<Row>| {
                acts.copy(text(acts, &rows), "Copied");
                end();
            }),
        ),
        ("Forward", icon::FORWARD, use_callback(move |rows| acts.open_all(Open::Forward, rows))),
        ("Delete", icon::TRASH_2, use_callback(move |rows| acts.open_all(Open::Delete, rows))),
    ];
    rsx! {
        OnEscape { on_escape: move |()| end() }
        div { class: "composer select-bar", role: "toolbar", "aria-label": "Selected messages", "data-testid": "select-bar",
            button { class: "icon-btn", r#type: "button", "aria-label": "Cancel selection", title: "Cancel selection", onclick: move |_| end(),
                Icon { d: icon::X }
            }
            b { class: "flex-1 min-w-0", role: "status",
                "{count} selected"
                if count >= limits::SELECT_MAX {
                    ", no more at once"
                }
            }
            for (name , glyph , run) in tools {
                button {
                    key: "{name}",
                    class: "icon-btn",
                    r#type: "button",
                    "aria-label": "{name}",
                    title: "{name}",
                    onclick: move |_| run.call(acts.selected()),
                    Icon { d: glyph }
                }
            }
        }
    }
}
