//! One chat in the list.

use crate::app::Route;
use crate::client::state::State;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{Person, Presence, Tick, markup, tick};
use crate::time::Timestamp;
use crate::ui::kit::avatar::{Avatar, tint};
use crate::ui::kit::{Petals, TickMark};
use crate::ui::room::Status;
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

/// Characters of a preview; the row cuts it where it ends.
const PREVIEW_CHARS: usize = 90;

/// What the second line begins with.
#[derive(Clone, PartialEq, Debug)]
enum Lead {
    Nothing,
    Tick(Tick),
    Draft,
    NotSent,
    /// In groups.
    Author(String),
}

/// All that a row shows.
#[derive(Clone, PartialEq, Debug)]
struct View {
    title: String,
    peer: Option<Person>,
    is_online: bool,
    is_typing: bool,
    lead: Lead,
    preview: String,
    at: Option<Timestamp>,
    unread: u32,
}

fn view(state: &State, room_id: RoomId, is_current: bool) -> Option<View> {
    let room = state.rooms.get(&room_id)?;
    let me = state.me.person.id;
    let peer = room.summary.peer(me).cloned();
    let waiting = state.outbox.of_room(room_id).last();
    let failed = state.outbox.of_room(room_id).find(|entry| entry.error.is_some());
    let newest = state.newest(room_id);
    let draft = state.drafts.get(&room_id).filter(|draft| !is_current && !draft.text.trim().is_empty());
    let (lead, text, at) = if let Some(entry) = failed {
        (Lead::NotSent, entry.body.as_str(), Some(entry.composed_at))
    } else if let Some(draft) = draft {
        (Lead::Draft, draft.text.as_str(), newest.as_ref().map(|message| message.created_at))
    } else if let Some(entry) = waiting {
        let tick = if entry.in_flight.is_some() { Tick::Sending } else { Tick::Queued };
        (Lead::Tick(tick), entry.body.as_str(), Some(entry.composed_at))
    } else if let Some(message) = &newest {
        let lead = if message.author_id == me {
            Lead::Tick(tick::of_stored(message.seq, me, &room.summary.members))
        } else if peer.is_none() {
            let author = room.summary.people.iter().find(|person| person.id == message.author_id);
            author.map_or(Lead::Nothing, |person| Lead::Author(words::first_name(&person.display_name).to_owned()))
        } else {
            Lead::Nothing
        };
        (lead, message.body.as_str(), Some(message.created_at))
    } else {
        (Lead::Nothing, "", None)
    };
    Some(View {
        title: room.summary.title(me),
        is_online: peer.as_ref().is_some_and(|peer| state.presence_of(peer.id) == Some(Presence::Online)),
        is_typing: matches!(Status::of(state, room_id), Status::Typing(_)),
        peer,
        lead,
        preview: markup::excerpt(text, PREVIEW_CHARS),
        at,
        unread: state.unread(room_id),
    })
}

#[component]
pub fn RoomRow(room_id: RoomId, is_current: bool) -> Element {
    let live = use_live();
    let clock = use_clock();
    let view = use_memo(use_reactive(&is_current, move |is_current| view(&live.state.read(), room_id, is_current)));
    let view = view.read();
    let Some(view) = view.as_ref() else { return rsx! {} };
    let View { title, peer, is_online, is_typing, lead, preview, at, unread } = view.clone();
    rsx! {
        Link {
            class: "row",
            to: Route::Room { room_id },
            "data-testid": "room",
            "data-unread": (unread > 0).then_some(""),
            "data-peer": "",
            "data-hue": peer.as_ref().map(|peer| tint(peer).to_string()),
            if let Some(peer) = peer {
                Avatar { person: peer, size: 48, is_online }
            } else {
                span { class: "avatar", "aria-hidden": "true" }
            }
            span { class: "min-w-0",
                span { class: "flex items-center gap-1.5",
                    span { class: "name", "{title}" }
                    if let Some(at) = at {
                        time { class: "when ms-auto", {clock.short(at)} }
                    }
                }
                span { class: "flex items-center gap-2 mt-0.5",
                    if is_typing {
                        span { class: "prev is-typing inline-flex items-center gap-1.5",
                            Petals {}
                            "typing"
                        }
                    } else {
                        span { class: "prev",
                            match lead {
                                Lead::Nothing => rsx! {},
                                Lead::Tick(tick) => rsx! {
                                    span { class: "inline-flex align-[-2px] me-1", TickMark { tick } }
                                },
                                Lead::Draft => rsx! {
                                    span { class: "text-accent-ink font-semibold", "Draft: " }
                                },
                                Lead::NotSent => rsx! {
                                    span { class: "text-danger-ink font-semibold", "Not sent: " }
                                },
                                Lead::Author(name) => rsx! {
                                    b { class: "font-semibold", "{name}: " }
                                },
                            }
                            "{preview}"
                        }
                    }
                    if unread > 0 {
                        span { class: "badge", "data-testid": "unread", "aria-label": "{unread} unread",
                            if unread > 99 {
                                "99+"
                            } else {
                                "{unread}"
                            }
                        }
                    }
                }
            }
        }
    }
}
