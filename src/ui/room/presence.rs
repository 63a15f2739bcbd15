//! The line under a name: typing, online, or when they were last seen, each with a motion of its own.

use crate::client::state::State;
use crate::id::RoomId;
use crate::model::Presence;
use crate::time::Timestamp;
use crate::ui::kit::Petals;
use crate::ui::kit::marks::{Hands, Pulse};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

/// What is known of the people of a room, in order of weight.
#[derive(Clone, PartialEq, Debug)]
pub enum Status {
    /// Who, if it needs saying: in groups.
    Typing(Option<String>),
    Online,
    LastSeen(Timestamp),
    /// Nothing may be told.
    Unknown,
}

impl Status {
    pub fn of(state: &State, room_id: RoomId) -> Self {
        // What was true before the network went may not be true now.
        if state.is_stale {
            return Self::Unknown;
        }
        let me = state.me.person.id;
        let Some(room) = state.rooms.get(&room_id) else { return Self::Unknown };
        let name =
            |id| room.summary.people.iter().find(|person| person.id == id).map(|person| person.display_name.as_str());
        let typing: Vec<&str> = room.typing.keys().filter(|id| **id != me).filter_map(|id| name(*id)).collect();
        let Some(peer) = room.summary.peer(me) else {
            return match typing.as_slice() {
                [] => Self::Unknown,
                [one] => Self::Typing(Some(format!("{} is typing", words::first_name(one)))),
                [one, two] => {
                    let (one, two) = (words::first_name(one), words::first_name(two));
                    Self::Typing(Some(format!("{one} and {two} are typing")))
                }
                many => Self::Typing(Some(format!("{} people are typing", many.len()))),
            };
        };
        // It is there as long as the server is.
        if peer.is_bot {
            return Self::Online;
        }
        if room.typing.contains_key(&peer.id) {
            return Self::Typing(None);
        }
        match state.presence_of(peer.id) {
            Some(Presence::Online) => Self::Online,
            Some(Presence::Offline { last_seen: Some(at) }) => Self::LastSeen(at),
            Some(Presence::Offline { last_seen: None }) | None => Self::Unknown,
        }
    }
}

/// A new line rolls in whenever the kind of status changes.
#[component]
pub fn PresenceLine(status: Status, username: Option<String>) -> Element {
    let clock = use_clock();
    rsx! {
        match status {
            Status::Typing(who) => rsx! {
                span { class: "presence", "data-testid": "typing",
                    Petals {}
                    span {
                        if let Some(who) = who {
                            "{who}"
                        } else {
                            "typing"
                        }
                    }
                }
            },
            Status::Online => rsx! {
                span { class: "presence", "data-testid": "presence",
                    Pulse {}
                    span { "online" }
                }
            },
            Status::LastSeen(at) => rsx! {
                span { class: "presence", "data-testid": "presence",
                    Hands {}
                    span { class: "seen", {clock.last_seen(at)} }
                }
            },
            Status::Unknown => rsx! {
                if let Some(username) = username {
                    span { class: "text-sm text-ink-muted", "@{username}" }
                }
            },
        }
    }
}
