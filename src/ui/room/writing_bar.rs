//! Above the composer: what the next text answers, or which message is being changed.

use super::extras::name_of;
use super::{Visit, composer};
use crate::client::state::Quote;
use crate::client::use_live;
use crate::ui::dom;
use crate::ui::kit::OnEscape;
use crate::ui::kit::avatar::Tint;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

#[derive(Clone, PartialEq)]
enum Doing {
    Replying { name: String, tint: Option<Tint>, text: String },
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
            let text = message.map(|message| words::said(&state, message, 120)).unwrap_or_default();
            return Some(Doing::Editing { text });
        }
        let to = state.drafts.get(&room_id)?.reply_to?;
        let Quote::Here(message) = state.quote(room_id, to) else {
            return Some(Doing::Replying { name: "a message".to_owned(), tint: None, text: String::new() });
        };
        let text = words::said(&state, &message, 120);
        let tint = state.person(message.author_id).map(|person| Tint::of(person));
        Some(Doing::Replying { name: name_of(live, message.author_id), tint, text })
    });
    let cancel = use_callback(move |()| {
        let is_edit = matches!(*doing.peek(), Some(Doing::Editing { .. }));
        if is_edit {
            live.cancel_edit(room_id);
            visit.rewritten += 1;
        } else {
            live.set_reply(room_id, None);
        }
        dom::focus(composer::ID);
    });
    let (title, tint, text, glyph) = match doing() {
        None => return rsx! {},
        Some(Doing::Replying { name, tint, text }) => (format!("Reply to {name}"), tint, text, icon::REPLY),
        Some(Doing::Editing { text }) => ("Edit message".to_owned(), None, text, icon::PENCIL),
    };
    rsx! {
        OnEscape { on_escape: move |()| cancel(()) }
        div { class: "reply-strip", "data-testid": "writing-bar", "data-peer": "", "data-hue": tint.and_then(Tint::hue), style: tint.and_then(Tint::style),
            span { class: "text-accent-ink", Icon { d: glyph, class: "i-sm" } }
            div { class: "min-w-0 flex-1",
                b { class: "block font-semibold truncate", "{title}" }
                span { class: "block truncate text-ink-muted", "{text}" }
            }
            button { class: "icon-btn", r#type: "button", "aria-label": if glyph == icon::PENCIL { "Cancel editing" } else { "Cancel reply" }, onclick: move |_| cancel(()),
                Icon { d: icon::X }
            }
        }
    }
}
