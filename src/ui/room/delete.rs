//! The question before messages go: for whom.

use super::acts::{Acts, Open};
use crate::client::state::Row;
use crate::error::Result;
use crate::ui::kit::Dialog;
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Delete(rows: Vec<Row>) -> Element {
    let acts = use_context::<Acts>();
    let room_id = acts.visit.room_id;
    let mut problem = use_signal(|| None::<String>);
    let count = rows.len();
    let what = if count == 1 { "this message".to_owned() } else { format!("{count} messages") };
    let can_all = acts.may_delete_for_all(&rows);
    let ids: Vec<_> = rows.iter().filter_map(Row::id).collect();
    let seqs: Vec<_> = rows.iter().filter_map(|row| row.seq).collect();
    let mut end = move |result: Result<()>| match result {
        Ok(()) => {
            acts.live.clear_selection(room_id);
            acts.close(Open::Delete);
        }
        Err(error) => problem.set(Some(words::error(&error))),
    };
    rsx! {
        Dialog { title: "Delete {what}?", on_close: move |()| acts.close(Open::Delete),
            p { class: "text-ink-muted mb-4",
                if can_all {
                    "For everyone: the text goes from every device and can't be read any more. For me: only you stop seeing it."
                } else {
                    "Only you stop seeing it. Everyone else keeps it."
                }
            }
            if let Some(problem) = problem() {
                p { class: "hint mb-3", "data-error": "", role: "alert", "{problem}" }
            }
            div { class: "grid gap-2",
                if can_all {
                    button {
                        class: "btn btn-danger",
                        r#type: "button",
                        onclick: move |_| end(acts.live.delete_for_everyone(room_id, &ids).map(drop)),
                        "Delete for everyone"
                    }
                }
                button {
                    class: if can_all { "btn btn-soft" } else { "btn btn-danger" },
                    r#type: "button",
                    onclick: move |_| end(acts.live.delete_for_me(room_id, &seqs).map(drop)),
                    "Delete for me"
                }
                button { class: "btn btn-quiet", r#type: "button", "data-autofocus": "", onclick: move |_| acts.close(Open::Delete), "Cancel" }
            }
        }
    }
}
