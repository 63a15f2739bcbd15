//! Above the composer: what the next text answers, or which message is being changed.

use super::Visit;
use super::extras::name_of;
use crate::client::state::Quote;
use crate::client::use_live;
use crate::model::markup;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

#[derive(Clone, PartialEq)]
enum Doing {
    Replying { name: String, text: String },
    Editing { text: String },
}

#[component]
pub fn WritingBar() -> Element {
    let live = use_live();
    let mut visit = use_context::<Visit>();
    let room_id = visit.room_id;
    let doing = use_memo(move || {
        let state = live.state.read();
        let room = state.rooms.get(&room_id)?;
        if let Some(editing) = &room.editing {
            let message = room.timeline.get(editing.seq);
            let text = message.map(|message| markup::excerpt(message.body.as_str(), 120)).unwrap_or_default();
            return Some(Doing::Editing { text });
        }
        let to = state.drafts.get(&room_id)?.reply_to?;
        let Quote::Here(message) = state.quote(room_id, to) else {
            return Some(Doing::Replying { name: "a message".to_owned(), text: String::new() });
        };
        let text = markup::excerpt(message.body.as_str(), 120);
        Some(Doing::Replying { name: name_of(live, message.author_id), text })
    });
    let (title, text, is_edit, glyph) = match doing() {
        None => return rsx! {},
        Some(Doing::Replying { name, text }) => (format!("Reply to {name}"), text, false, icon::REPLY),
        Some(Doing::Editing { text }) => ("Edit message".to_owned(), text, true, icon::PENCIL),
    };
    let cancel = move |_| {
        if is_edit {
            let draft = live.cancel_edit(room_id);
            visit.replace.set(Some(draft));
        } else {
            live.set_reply(room_id, None);
        }
    };
    rsx! {
        div { class: "writing-bar", "data-testid": "writing-bar",
            Icon { d: glyph, class: "i-sm" }
            div { class: "min-w-0 flex-1",
                b { class: "block text-sm", "{title}" }
                span { class: "block truncate text-sm text-ink-muted", "{text}" }
            }
            button { class: "icon-btn", r#type: "button", "aria-label": if is_edit { "Cancel editing" } else { "Cancel reply" }, onclick: cancel,
                Icon { d: icon::X }
            }
        }
    }
}
