//! The pinned messages of a room, one at a time: a press goes to it and shows the one before.

use super::Visit;
use super::extras::name_of;
use crate::client::use_live;
use crate::model::{Pin, markup};
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

#[component]
pub fn PinBar() -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let room_id = visit.room_id;
    let pins = use_memo(move || live.state.read().pins(room_id));
    let mut at = use_signal(|| 0_usize);
    let pins = pins();
    if pins.is_empty() {
        return rsx! {};
    }
    let place = at().min(pins.len() - 1);
    // The newest first.
    let pin: Pin = pins[pins.len() - 1 - place];
    let text = {
        let state = live.state.read();
        let loaded =
            state.rooms.get(&room_id).and_then(|room| room.timeline.get(pin.seq).map(|message| message.body.clone()));
        loaded.map_or_else(|| "Pinned message".to_owned(), |body| markup::excerpt(body.as_str(), 120))
    };
    let by = name_of(live, pin.by);
    let count = pins.len();
    rsx! {
        button {
            class: "pin-bar",
            r#type: "button",
            "data-testid": "pin-bar",
            "aria-label": "Pinned message {place + 1} of {count}: {text}. Go there",
            onclick: move |_| {
                live.jump_to(room_id, pin.seq);
                at.set((place + 1) % count);
            },
            span { class: "ticks", "aria-hidden": "true",
                for n in 0..count.min(4) {
                    i { key: "{n}", "data-on": (n == place.min(3)).then_some("") }
                }
            }
            span { class: "min-w-0 flex-1",
                b { class: "block text-sm", "Pinned by {by}" }
                span { class: "block truncate text-sm", "{text}" }
            }
            Icon { d: icon::PIN, class: "i-sm" }
        }
    }
}
