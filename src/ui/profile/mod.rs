//! A person: what may be known of them, and what can be done about them.

mod edit;

pub use edit::EditMe;

use crate::api;
use crate::app::Route;
use crate::client::state::State;
use crate::client::use_live;
use crate::id::{RoomId, UserId};
use crate::model::report::Reported;
use crate::model::{Person, PersonHit, Presence, Profile, Relation, RoomKind};
use crate::ui::dom;
use crate::ui::kit::avatar::{Avatar, Tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{
    Ask, Call, ClearLine, Line, Load, LoadView, MediaSection, MemoryLine, Page, Panel, PinsLine, Tags, Top,
    WallpaperSection, role_name, use_load, use_panel,
};
use crate::ui::people::{Intro, relation};
use crate::ui::room::{PresenceLine, Status};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

/// What to say of where they are. In their direct room also that they type.
fn status(state: &State, user_id: UserId, room_id: Option<RoomId>, profile: Option<&Profile>) -> Status {
    if let Some(room_id) = room_id {
        return Status::of(state, room_id);
    }
    let known = state.presence_of(user_id).or_else(|| profile.and_then(|profile| profile.presence));
    match known {
        Some(Presence::Online) => Status::Online,
        Some(Presence::Offline { last_seen: Some(at) }) => Status::LastSeen(at),
        Some(Presence::Offline { last_seen: None }) | None => Status::Unknown,
    }
}

/// The groups among these rooms, with their names.
fn groups(state: &State, rooms: &[RoomId]) -> Vec<(RoomId, String)> {
    let me = state.me.person.id;
    let summaries = rooms.iter().filter_map(|id| state.rooms.get(id)).map(|room| &room.summary);
    let groups = summaries.filter(|summary| summary.room.kind == RoomKind::Group);
    groups.map(|summary| (summary.room.id, summary.title(me))).collect()
}

/// `room_id`: this is the panel of the direct room with them.
#[component]
pub fn PersonPage(user_id: UserId, #[props(default)] room_id: Option<RoomId>) -> Element {
    let live = use_live();
    let clock = use_clock();
    let known = use_memo(move || live.state.read().person(user_id).map(|person| (**person).clone()));
    let revision = use_memo(move || known.read().as_ref().map(|person| person.revision));
    let (load, retry) = use_load(move || {
        revision.read();
        Box::pin(api::people::profile(user_id))
    });
    let profile = use_memo(move || match load() {
        Load::Here(profile) => Some(profile),
        Load::Waiting | Load::Failed(_) => None,
    });
    let failed = use_memo(move || match load() {
        Load::Failed(failed) => Some(failed),
        Load::Waiting | Load::Here(_) => None,
    });
    let now = use_memo(move || status(&live.state.read(), user_id, room_id, profile.read().as_ref()));
    let together = use_memo(move || {
        let profile = profile.read();
        groups(&live.state.read(), profile.as_ref().map(|profile| profile.rooms.as_slice()).unwrap_or_default())
    });
    // In the group that is open.
    let role = use_memo(move || {
        let state = live.state.read();
        let room = state.open_room.and_then(|id| state.rooms.get(&id))?;
        let is_group = room.summary.room.kind == RoomKind::Group;
        let member = room.summary.members.iter().find(|member| is_group && member.user_id == user_id)?;
        role_name(member.role)
    });
    let person = known().or_else(|| profile.read().as_ref().map(|profile| profile.person.clone()));
    let Some(person) = person else {
        return rsx! {
            LoadView { failed: failed(), on_retry: retry }
        };
    };
    let about = profile.read().as_ref().and_then(|profile| profile.about.clone());
    let is_me = live.state.peek().me.person.id == user_id;
    let tint = Tint::of(&person);
    rsx! {
        div { class: "profile", "data-testid": "profile", "data-peer": "", "data-hue": tint.hue(), style: tint.style(),
            Top {
                face: rsx! {
                    span { class: "halo", Avatar { person: person.clone(), size: 104 } }
                },
                name: person.display_name.clone(),
                if person.is_deleted {
                    p { class: "text-ink-muted text-sm", "Nobody uses it any more." }
                } else {
                    p { class: "text-ink-muted text-sm", "@{person.username}" }
                }
                if !is_me && !person.is_deleted {
                    div { class: "mt-1.5 min-h-5", PresenceLine { status: now() } }
                }
                if person.is_admin || person.is_bot || role().is_some() {
                    div { class: "flex gap-1.5 mt-3", Tags { person: person.clone(), role: role() } }
                }
                if let Some(status) = person.status.clone() {
                    p { class: "mt-3 intro-text max-w-full", dir: "auto", "{status}" }
                }
                if let Some(about) = about {
                    p { class: "mt-3 text-sm text-ink-muted whitespace-pre-wrap intro-text max-w-full", dir: "auto", "{about}" }
                }
            }
            if let Some(failed) = failed() {
                LoadView { failed, on_retry: retry }
            }
            div { class: "grid gap-3",
                if let Some(profile) = profile().filter(|profile| room_id.is_none() && !profile.person.is_deleted) {
                    Ways { profile }
                }
                if !person.is_deleted || !together.read().is_empty() {
                    div { class: "sect",
                        if !person.is_deleted {
                            div { class: "ln",
                                Icon { d: icon::CALENDAR }
                                span { class: "flex-1", "Joined" }
                                span { class: "text-ink-muted", {clock.date(person.joined_at)} }
                            }
                        }
                        for (group , name) in together() {
                            Together { key: "{group}", room_id: group, name }
                        }
                    }
                }
                if let Some(room_id) = room_id {
                    DirectRoom { room_id }
                }
                if !is_me {
                    Harsh { person: person.clone(), room_id }
                }
            }
        }
    }
}

/// A group that both are in.
#[component]
fn Together(room_id: RoomId, name: String) -> Element {
    let navigator = use_navigator();
    rsx! {
        button {
            class: "ln",
            r#type: "button",
            onclick: move |_| {
                navigator.push(Route::Room { room_id });
            },
            Icon { d: icon::USERS }
            span { class: "flex-1 min-w-0 truncate", dir: "auto",
                span { class: "sr-only", "Together in " }
                "{name}"
            }
            Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" }
        }
    }
}

/// The way to write to them, by how the caller stands to them now.
#[component]
fn Ways(profile: Profile) -> Element {
    let live = use_live();
    let panel = use_panel();
    let navigator = use_navigator();
    let mut is_writing = use_signal(|| false);
    let person = profile.person.clone();
    let hit = PersonHit { person: profile.person, relation: profile.relation };
    let relation = use_memo(use_reactive(&hit, move |hit| relation(&live.state.read(), &hit)));
    let go = use_callback(move |room_id| {
        if dom::is_compact() {
            panel.close();
        }
        navigator.push(Route::Room { room_id });
    });
    rsx! {
        match relation() {
            Relation::Myself => rsx! {
                button { class: "btn btn-soft", r#type: "button", onclick: move |_| panel.push(Page::Me),
                    Icon { d: icon::PENCIL, class: "i-sm" }
                    "Edit profile"
                }
            },
            Relation::Connected { room_id } => rsx! {
                button { class: "btn btn-primary", r#type: "button", onclick: move |_| go(room_id),
                    Icon { d: icon::MESSAGE_CIRCLE, class: "i-sm" }
                    "Message"
                }
            },
            Relation::Outgoing => rsx! {
                p { class: "text-sm text-ink-muted text-center", "You've asked to talk. You can write once it's accepted." }
            },
            Relation::Incoming => rsx! {
                button {
                    class: "btn btn-primary",
                    r#type: "button",
                    onclick: move |_| {
                        if dom::is_compact() {
                            panel.close();
                        }
                        navigator.push(Route::Requests {});
                    },
                    "Answer their request"
                }
            },
            Relation::Blocked => rsx! {},
            Relation::None if is_writing() => rsx! {
                div { class: "sect p-3 profile-intro", Intro { person: person.clone(), on_connected: go } }
            },
            Relation::None => rsx! {
                button { class: "btn btn-primary", r#type: "button", onclick: move |_| is_writing.set(true),
                    Icon { d: icon::MESSAGE_CIRCLE, class: "i-sm" }
                    "Message"
                }
            },
        }
    }
}

/// What belongs to the room of two.
#[component]
fn DirectRoom(room_id: RoomId) -> Element {
    let live = use_live();
    let pins = use_memo(move || live.state.read().pins(room_id).len());
    rsx! {
        div { class: "sect",
            PinsLine { room_id, count: pins() }
            MemoryLine { room_id }
        }
        MediaSection { room_id }
        WallpaperSection { room_id }
    }
}

/// What hurts, last.
#[component]
fn Harsh(person: Person, room_id: Option<RoomId>) -> Element {
    let live = use_live();
    let panel = use_panel();
    let id = person.id;
    let is_blocked = use_memo(move || live.state.read().is_blocked(id));
    let name = words::first_name(&person.display_name).to_owned();
    let block = {
        let name = name.clone();
        move |()| set_block(panel, live, id, &name, !is_blocked())
    };
    let reported = match room_id {
        Some(room_id) => Reported::Room { room_id },
        None => Reported::Person { user_id: id },
    };
    rsx! {
        div { class: "sect",
            if let Some(room_id) = room_id {
                ClearLine { room_id, who: "{name} keeps theirs." }
            }
            if !person.is_deleted {
                Line { icon: icon::BAN, is_danger: !is_blocked(), on_press: block,
                    if is_blocked() {
                        "Unblock {name}"
                    } else {
                        "Block {name}"
                    }
                }
            }
            Line { icon: icon::FLAG, is_danger: true, on_press: move |()| panel.report(reported), "Report" }
        }
    }
}

/// Blocking is asked for, unblocking is done at once.
fn set_block(panel: Panel, live: crate::client::Live, user_id: UserId, name: &str, on: bool) {
    let run = move || -> Call {
        Box::pin(async move {
            api::people::set_block(user_id, on).await?;
            live.resync();
            Ok(())
        })
    };
    if !on {
        panel.run(run());
        return;
    }
    let text = "Neither of you can write to the other, or see whether the other is online. They aren't told.";
    panel.ask(Ask::new(format!("Block {name}?"), text, "Block", run));
}
