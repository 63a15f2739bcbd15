//! The buttons that lead to what is new: to the first unread message, then to the end; and to where I am named.

use super::Visit;
use super::scroll::{ID, Scroller};
use crate::client::use_live;
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// Whether the mark of this visit is in view: a visit begins there, and a press that led there would lead nowhere.
fn is_at_mark() -> bool {
    let offset = dom::offset_of(ID, "[data-testid=unread-divider]");
    let height = dom::scroll(ID).map_or(0.0, |scroll| scroll.height);
    offset.is_some_and(|offset| (0.0..height).contains(&offset))
}

#[component]
pub fn Jump(scroller: Scroller) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let room_id = visit.room_id;
    let tally = use_memo(move || live.state.read().tally(room_id));
    // The first unread message that names me, if it is here.
    let named = use_memo(move || {
        let state = live.state.read();
        if state.tally(room_id).mentions == 0 {
            return None;
        }
        let (mark, me) = (state.mark(room_id), state.me.person.id);
        let unread = state.rooms.get(&room_id)?.timeline.above(mark);
        let names = unread.iter().find(|message| message.author_id != me && message.mentions.names(me));
        names.map(|message| message.seq)
    });
    // Whether a press led to what is new already; until the end is seen.
    let mut has_led = use_signal(|| false);
    use_effect(move || {
        if !scroller.is_away() {
            has_led.set(false);
        }
    });
    let count = tally().count;
    if !scroller.is_away() {
        return rsx! {};
    }
    let press = move |_| {
        if count > 0 && !*has_led.peek() && !is_at_mark() {
            has_led.set(true);
            let first_unread = live.state.peek().mark(room_id) + 1;
            live.jump_to(room_id, first_unread);
        } else {
            if count > 0 {
                // What was passed over is read, unless that is undone.
                live.mark_all_read(Some(room_id));
            }
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
            if let Some(seq) = named() {
                button {
                    class: "jump jump-named",
                    r#type: "button",
                    "data-testid": "jump-named",
                    "aria-label": "Jump to where you are mentioned",
                    onclick: move |_| live.jump_to(room_id, seq),
                    "@"
                }
            }
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
