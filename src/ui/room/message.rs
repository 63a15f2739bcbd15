//! One message. Text is drawn piece by piece as elements: nothing anybody writes is ever markup.

use super::acts::{ActsMenu, use_hold};
use super::body::MessageBody;
use super::extras::{QuoteBlock, Reactions, name_of};
use super::grouping::Place;
use super::preview_card::PreviewCard;
use super::{Visit, take_back};
use crate::client::state::Row;
use crate::client::{Live, use_live};
use crate::model::text;
use crate::ui::dom::layer::Anchor;
use crate::ui::kit::TickMark;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::marks::{FailedMark, tick_code};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;
use std::rc::Rc;

/// A message in its run. `author` is said to those who can't see the side it is on; `is_new` lets it rise.
#[component]
pub fn MessageRow(row: Row, place: Place, author: String, #[props(default)] is_new: bool) -> Element {
    let clock = use_clock();
    let me: Rc<str> = use_hook(|| {
        let live = try_consume_context::<Live>();
        live.map_or_else(|| Rc::from(""), |live| Rc::from(live.state.peek().me.person.username.as_str()))
    });
    let menu = try_consume_context::<ActsMenu>();
    let hold = use_hold();
    let is_deleted = row.is_deleted();
    let open = {
        let row = row.clone();
        use_callback(move |anchor: Anchor| {
            if let Some(menu) = menu {
                menu.open(&row, anchor);
            }
        })
    };
    let forwarded = row.message.forwarded_from.zip(try_consume_context::<Live>()).map(|(id, live)| name_of(live, id));
    let more_id = format!("more-{}", row.key);
    let has_menu = menu.is_some() && row.id().is_some() && !is_deleted;
    let is_jumbo = !is_deleted && text::is_jumbo(row.body()) && row.error.is_none();
    let has_failed = row.error.is_some();
    let state = if has_failed { Some("failed") } else { row.tick.map(tick_code) };
    rsx! {
        li {
            class: "msg",
            "data-testid": "message",
            "data-key": "{row.key}",
            "data-seq": row.seq.map(|seq| seq.to_string()),
            "data-tick": state,
            "data-own": row.is_own.then_some(""),
            "data-pos": place.code(),
            "data-new": is_new.then_some(""),
            "data-mention": row.mentions_me.then_some(""),
            oncontextmenu: move |event: MouseEvent| {
                if has_menu {
                    event.prevent_default();
                    let at = event.client_coordinates();
                    open.call(Anchor::Point(at.x, at.y));
                }
            },
            onpointerdown: move |event: PointerEvent| {
                if has_menu {
                    hold.begin(&event, move |anchor| open.call(anchor));
                }
            },
            onpointermove: move |event: PointerEvent| hold.moved(&event),
            onpointerup: move |_| hold.end(),
            onpointercancel: move |_| hold.end(),
            div { class: "body",
                div {
                    class: "bubble",
                    dir: "auto",
                    "data-pinned": row.pinned_by.map(|_| ""),
                    "data-deleted": is_deleted.then_some(""), "data-failed": has_failed.then_some(""), "data-jumbo": is_jumbo.then_some(""),
                    span { class: "sr-only", "{author}: " }
                    if let Some(name) = &forwarded {
                        span { class: "fwd", "Forwarded from {name}" }
                    }
                    if let Some(quote) = row.quote.clone() {
                        QuoteBlock { quote }
                    }
                    if is_deleted {
                        span { class: "gone-text", if row.is_own { "You deleted this message" } else { "This message was deleted" } }
                    }
                    MessageBody { text: Rc::<str>::from(row.body()), me: me.clone(),
                        span { class: "meta",
                            if row.pinned_by.is_some() {
                                Icon { d: icon::PIN, class: "i-xs" }
                                span { class: "sr-only", "Pinned" }
                            }
                            if row.is_edited() {
                                span { "edited" }
                            }
                            time { {clock.time(row.at())} }
                            if has_failed {
                                FailedMark {}
                            } else if let Some(tick) = row.tick {
                                TickMark { tick }
                            }
                        }
                    }
                    if let Some(preview) = row.message.preview.clone() {
                        PreviewCard { preview, own: row.id().filter(|_| row.is_own) }
                    }
                }
                Reactions { row: row.clone() }
                if has_failed {
                    Failed { row: row.clone() }
                }
                if has_menu {
                    button {
                        id: "{more_id}",
                        class: "msg-more",
                        r#type: "button",
                        "aria-label": "What to do with this message",
                        "aria-haspopup": "menu",
                        onclick: {
                            let id = more_id.clone();
                            move |_| open.call(Anchor::Id(id.clone()))
                        },
                        Icon { d: icon::ELLIPSIS, class: "i-sm" }
                    }
                }
            }
        }
    }
}

/// Why it was not sent, and what can be done about it.
#[component]
fn Failed(row: Row) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let key = row.key;
    let why = row.error.as_ref().map(words::error).unwrap_or_default();
    rsx! {
        div { class: "bubble-actions", role: "alert",
            span { class: "why", "Not sent. {why}" }
            // Together on one line, or all below.
            span { class: "acts",
                button { class: "retry", r#type: "button", onclick: move |_| live.retry(key),
                    Icon { d: icon::ROTATE_CW, class: "i-xs" }
                    "Retry"
                }
                button { class: "retry", r#type: "button", onclick: move |_| take_back(live, visit, key, true),
                    Icon { d: icon::PENCIL, class: "i-xs" }
                    "Edit"
                }
                button { class: "retry", r#type: "button", onclick: move |_| take_back(live, visit, key, false),
                    Icon { d: icon::TRASH_2, class: "i-xs" }
                    "Discard"
                }
            }
        }
    }
}
