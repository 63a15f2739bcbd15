//! The pinned messages of a room, one at a time: a press goes to it and shows the one before.

use super::Visit;
use super::attachments::Thumb;
use super::extras::{QUOTED, thumb_of};
use crate::client::state::Quote;
use crate::client::use_live;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Page, use_panel};
use crate::ui::words;
use dioxus::prelude::*;

/// Ticks at the side; more pins than this share the last one.
const TICKS: usize = 4;

#[component]
pub fn PinBar() -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let panel = use_panel();
    let room_id = visit.room_id;
    let pins = use_memo(move || {
        let state = live.state.read();
        let text = |quote| match quote {
            Quote::Here(message) => (words::said(&state, &message, QUOTED), thumb_of(&message)),
            Quote::Loading => ("…".to_owned(), None),
            Quote::Gone => ("This message isn't available.".to_owned(), None),
        };
        // The newest first.
        state.pinned(room_id).into_iter().rev().map(|(pin, quote)| (pin, text(quote))).collect::<Vec<_>>()
    });
    let mut at = use_signal(|| 0_usize);
    let all = pins.read();
    let count = all.len();
    let place = at().min(count.saturating_sub(1));
    let Some((pin, (text, thumb))) = all.get(place).cloned() else { return rsx! {} };
    let by = live.state.peek().person(pin.by).map_or_else(String::new, |person| person.display_name.clone());
    let ticks = count.min(TICKS);
    let number = count - place;
    rsx! {
        div { class: "pin-bar", role: "region", "aria-label": "Pinned messages",
            span { class: "ticks", "aria-hidden": "true",
                for n in 0..ticks {
                    i { key: "{n}", "data-on": (ticks - 1 - n == place.min(ticks - 1)).then_some("") }
                }
            }
            // New for each: a picture is loaded once.
            for file in thumb {
                Thumb { key: "{file.id}", file, size: 32 }
            }
            button {
                class: "min-w-0 flex-1 text-start min-h-[44px]",
                r#type: "button",
                "data-testid": "pin-bar",
                title: "Pinned by {by}",
                onclick: move |_| {
                    live.jump_to(room_id, pin.seq);
                    at.set((place + 1) % count);
                },
                span { class: "block text-xs font-semibold text-pin-ink",
                    "Pinned message "
                    if count > 1 {
                        span { class: "tnum", "{number} of {count}" }
                    }
                }
                span { class: "block truncate text-sm", "{text}" }
            }
            button {
                class: "icon-btn",
                r#type: "button",
                "aria-label": "All pinned messages",
                title: "All pinned messages",
                onclick: move |_| panel.open(Page::Pins(room_id)),
                Icon { d: icon::PIN }
            }
        }
    }
}
