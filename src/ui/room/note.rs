//! In the conversation: that something is kept from now on, or that it is not any more.

use super::Visit;
use crate::api;
use crate::client::use_live;
use crate::model::{MemoryAct, Note, NoteCard};
use crate::time::Timestamp;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{may_forget, use_panel};
use dioxus::prelude::*;

/// `is_stop`: the keyboard comes here; `is_idle`: messages are being chosen.
#[component]
pub fn NoteLine(card: NoteCard, is_stop: bool, is_idle: bool) -> Element {
    let live = use_live();
    let panel = use_panel();
    let room_id = use_context::<Visit>().room_id;
    let NoteCard { note, by, text } = card;
    let Some(text) = text else {
        return rsx! {
            span { class: "gone-text", "data-testid": "note-gone", "This note is not kept any more." }
        };
    };
    let shown = Note { id: note, text: text.clone(), by, at: Timestamp(0), source: None, is_pinned: false };
    let may_undo = use_memo(use_reactive(&shown, move |shown| may_forget(&live.state.read(), room_id, &shown)));
    let undo = move |event: MouseEvent| {
        event.stop_propagation();
        panel.run(Box::pin(
            async move { api::memory::change_memory(room_id, MemoryAct::Forget { note }).await.map(drop) },
        ));
    };
    rsx! {
        div { class: "note-card", "data-testid": "note-card",
            Icon { d: icon::BOOKMARK, class: "i-sm" }
            p { class: "min-w-0",
                span { class: "text-ink-muted", "Will remember: " }
                span { dir: "auto", "{text}" }
            }
        }
        if may_undo() && !is_idle {
            div { class: "answer-acts",
                button { class: "memo", r#type: "button", tabindex: if is_stop { "0" } else { "-1" }, onclick: undo,
                    Icon { d: icon::X, class: "i-xs" }
                    "Undo"
                }
            }
        }
    }
}
