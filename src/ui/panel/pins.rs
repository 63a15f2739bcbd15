//! The pinned messages of a room, newest pin first.

use super::{Load, LoadView, use_load, use_panel};
use crate::api;
use crate::client::use_live;
use crate::id::{MessageId, RoomId};
use crate::model::{Act, Message, Pin};
use crate::ui::dom;
use crate::ui::kit::Avatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::room::attachments::{Thumb, thumb_of};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

/// Characters of a message that are shown.
const SHOWN_CHARS: usize = 280;

#[component]
pub(super) fn PinsPage(room_id: RoomId) -> Element {
    let live = use_live();
    let pins = use_memo(move || live.state.read().pins(room_id));
    // Those the server has, too: what it answered before my pin had come is without it.
    let ids = use_memo(move || {
        let state = live.state.read();
        let known = state.rooms.get(&room_id).map(|room| room.summary.room.pins.as_slice()).unwrap_or_default();
        [known, pins.read().as_slice()].map(|pins| pins.iter().map(|pin| pin.message_id).collect::<Vec<MessageId>>())
    });
    let (load, retry) = use_load(move || {
        ids.read();
        Box::pin(api::rooms::pins(room_id))
    });
    if pins.read().is_empty() {
        return rsx! {
            div { class: "text-center px-4 py-10",
                p { class: "font-semibold", "Nothing is pinned" }
                p { class: "text-sm text-ink-muted mt-1", "Pin a message from its menu, and it is found here." }
            }
        };
    }
    let messages = match load() {
        Load::Here(messages) => messages,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    rsx! {
        ul { class: "grid gap-2", "aria-label": "Pinned messages",
            for pin in pins().into_iter().rev() {
                if let Some(message) = messages.iter().find(|message| message.id == pin.message_id) {
                    PinRow { key: "{pin.message_id}", room_id, pin, message: message.clone() }
                }
            }
        }
    }
}

#[component]
fn PinRow(room_id: RoomId, pin: Pin, message: Message) -> Element {
    let live = use_live();
    let panel = use_panel();
    let clock = use_clock();
    let author = message.author_id;
    let person = use_memo(move || live.state.read().person(author).map(|person| (**person).clone()));
    let may_pin = use_memo(use_reactive(&clock.now, move |now| {
        let state = live.state.read();
        state.may(room_id, Act::Pin) && state.can_write(room_id, now)
    }));
    let name = person().map_or_else(|| "Someone".to_owned(), |person| person.display_name);
    let thumb = thumb_of(&message);
    let go = move |_| {
        if dom::is_compact() {
            panel.close();
        }
        live.jump_to(room_id, pin.seq);
    };
    rsx! {
        li { class: "sect pin-row", "data-testid": "pin",
            button { class: "ln", r#type: "button", onclick: go,
                if let Some(person) = person() {
                    Avatar { person, size: 34 }
                }
                span { class: "flex-1 min-w-0",
                    span { class: "flex gap-2 text-sm",
                        b { class: "font-semibold truncate", dir: "auto", "{name}" }
                        time { class: "text-ink-subtle ms-auto flex-none", {clock.short(message.created_at)} }
                    }
                    if let Some(file) = thumb {
                        span { class: "float-end ms-2", Thumb { file, size: 40 } }
                    }
                    span { class: "pin-text", dir: "auto", {words::said(&live.state.peek(), &message, SHOWN_CHARS)} }
                }
            }
            if may_pin() {
                button {
                    class: "icon-btn",
                    r#type: "button",
                    "aria-label": "Unpin",
                    title: "Unpin",
                    onclick: move |_| live.pin(room_id, pin.message_id, false),
                    Icon { d: icon::PIN_OFF, class: "i-sm" }
                }
            }
        }
    }
}
