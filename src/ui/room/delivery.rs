//! Where an own message is with each person, and why not further.

use super::acts::{Acts, Open};
use super::extras::PersonLine;
use crate::api;
use crate::client::ConnectionState;
use crate::client::state::{Row, State};
use crate::client::use_live;
use crate::id::{MessageId, RoomId, UserId};
use crate::model::{DeliveryCounts, Presence, RoomKind, Tick, limits};
use crate::ui::kit::marks::tick_name;
use crate::ui::kit::{Dialog, TickMark};
use crate::ui::panel::{Load, LoadView, use_load};
use crate::ui::time::{Clock, use_clock};
use dioxus::prelude::*;

/// How far it is with somebody.
#[derive(Clone, PartialEq, Debug)]
struct Step {
    id: UserId,
    tick: Tick,
    why: String,
}

/// The other members who were there when it was written, those whom it has not reached first.
fn steps(state: &State, row: &Row, clock: Clock) -> Vec<Step> {
    let Some(room) = state.rooms.get(&row.message.room_id) else { return Vec::new() };
    let is_here = state.connection == ConnectionState::Online || state.connection == ConnectionState::Slow;
    let waiting = row.tick.filter(|_| row.seq.is_none());
    let mut steps: Vec<Step> = room
        .summary
        .members
        .iter()
        .filter(|member| member.user_id != row.me && row.seq.is_none_or(|seq| member.joined_seq < seq))
        .map(|member| {
            let seq = row.seq.unwrap_or(u64::MAX);
            let tick = match waiting {
                Some(tick) => tick,
                None if member.read_seq >= seq => Tick::Read,
                None if member.delivered_seq >= seq => Tick::Delivered,
                None => Tick::Sent,
            };
            Step { id: member.user_id, tick, why: why(state, tick, member.user_id, is_here, clock) }
        })
        .collect();
    steps.sort_by_key(|step| step.tick);
    steps
}

/// Why it has come as far as it has.
fn why(state: &State, tick: Tick, id: UserId, is_here: bool, clock: Clock) -> String {
    let text = match (tick, state.presence_of(id)) {
        (Tick::Queued, _) if !is_here => "It waits on this device until there is a connection.",
        (Tick::Queued, _) => "It waits on this device for those before it.",
        (Tick::Sending, _) => "It is on its way to the server.",
        (Tick::Read, _) => "They have seen it.",
        (Tick::Delivered, _) => "On their device. They haven't looked at it yet.",
        (_, Some(Presence::Online)) => "On the server. Their device hasn't taken it yet.",
        (_, Some(Presence::Offline { last_seen: Some(at) })) => {
            return format!("On the server. They are offline, {}.", clock.last_seen(at));
        }
        _ => "On the server. They haven't been online since.",
    };
    text.to_owned()
}

/// How far it is in a large group, in numbers.
#[component]
fn Counts(room_id: RoomId, message_id: MessageId) -> Element {
    let (load, retry) = use_load(move || Box::pin(api::rooms::delivery(room_id, message_id)));
    let DeliveryCounts { members, delivered, read } = match load() {
        Load::Here(counts) => counts,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    rsx! {
        p { role: "status", "data-testid": "delivery-counts", "Delivered to {delivered} of {members}, read by {read}." }
        p { class: "text-ink-muted mt-2",
            "In a group of this size it isn't said for each person. Everyone gets the message when they are next online."
        }
        button { class: "btn btn-soft mt-4", r#type: "button", onclick: move |_| retry.call(()), "Count again" }
    }
}

/// The sheet. It follows what happens while it is open.
#[component]
pub fn Delivery(row: Row) -> Element {
    let acts = use_context::<Acts>();
    let live = use_live();
    let clock = use_clock();
    let (room_id, key) = (row.message.room_id, row.key);
    let now = use_memo(move || {
        let state = live.state.read();
        // It may have been waiting when this was opened.
        let waits = state.rows(room_id).into_iter().rev().take(200).find(|row| row.key == key);
        let row = waits.unwrap_or_else(|| row.clone());
        let is_large = state.rooms.get(&room_id).is_some_and(|room| {
            room.summary.room.kind == RoomKind::Group && room.summary.member_count as usize > limits::LISTED_MEMBERS_MAX
        });
        (steps(&state, &row, clock), is_large, row.id())
    });
    let id = use_memo(move || now.read().2);
    let (steps, is_large, _) = now();
    let count = |tick: Tick| steps.iter().filter(|step| step.tick >= tick).count();
    let summary = format!("Delivered to {} of {}, read by {}.", count(Tick::Delivered), steps.len(), count(Tick::Read));
    rsx! {
        Dialog { title: "Delivery", on_close: move |()| acts.close(Open::Delivery),
            if is_large {
                if let Some(message_id) = id() {
                    Counts { room_id, message_id }
                } else {
                    p { class: "text-ink-muted", role: "status", "It waits on this device until the server has it." }
                }
            } else {
                p { class: "text-ink-muted mb-2", role: "status", "{summary}" }
                ul { "data-testid": "delivery",
                    for step in steps {
                        li { key: "{step.id}",
                            PersonLine { id: step.id, sub: step.why,
                                span { class: "flex items-center gap-1.5 text-sm text-ink-muted flex-none",
                                    span { "aria-hidden": "true", {tick_name(step.tick)} }
                                    TickMark { tick: step.tick }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
