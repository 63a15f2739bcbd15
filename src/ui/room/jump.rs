//! The button that leads to what is new, then to the end.

use super::Visit;
use super::scroll::Scroller;
use crate::client::use_live;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Jump(scroller: Scroller) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let unread = use_memo(move || live.state.read().unread(visit.room_id));
    // The message that the first press led to.
    let mut led_to = use_signal(|| None);
    let count = unread();
    if !scroller.is_away() {
        return rsx! {};
    }
    let press = move |_| {
        let first_unread = live.state.peek().mark(visit.room_id) + 1;
        if count > 0 && led_to.peek().is_none_or(|seq| seq < first_unread) {
            led_to.set(Some(first_unread));
            scroller.reveal(first_unread);
        } else {
            scroller.to_end();
        }
    };
    let name = if count > 0 {
        format!("Jump to {}", words::count(count as usize, "new message", "new messages"))
    } else {
        "Jump to the newest message".to_owned()
    };
    rsx! {
        div { class: "dock jump-dock",
            button { class: "jump", r#type: "button", "data-testid": "jump", "aria-label": name, onclick: press,
                if count > 0 {
                    span { class: "badge", "{count}" }
                    span { "new" }
                }
                Icon { d: icon::ARROW_DOWN, class: "i-sm" }
            }
        }
    }
}
