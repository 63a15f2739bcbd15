//! Name, description and settings of a group, for who may change them.

use super::use_panel;
use crate::api;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::limits::{ROOM_DESCRIPTION_MAX_CHARS, ROOM_NAME_MAX_CHARS};
use crate::model::{RoomChange, RoomSettings, Who};
use crate::ui::kit::avatar::GroupAvatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::people::{Sending, TextField, use_sending};
use crate::ui::portrait::{Of, PictureButtons};
use dioxus::prelude::*;

/// Seconds between two messages of one member.
const SLOW: [(u32, &str); 8] = [
    (0, "Off"),
    (5, "5 seconds"),
    (10, "10 seconds"),
    (30, "30 seconds"),
    (60, "1 minute"),
    (300, "5 minutes"),
    (900, "15 minutes"),
    (3_600, "1 hour"),
];
const HISTORY: [(u32, &str); 2] = [(0, "From when they join"), (1, "All of it")];
const PINS: [(u32, &str); 2] = [(0, "Everyone"), (1, "Admins only")];

#[component]
pub(super) fn EditPage(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let room = use_memo(move || live.state.read().rooms.get(&room_id).map(|room| room.summary.room.clone()));
    let face = use_memo(move || {
        let room = room.read();
        let room = room.as_ref()?;
        Some((room.name.clone().unwrap_or_default(), room.picture.clone()?))
    });
    let start = room.peek().clone();
    let name = use_signal(|| start.as_ref().and_then(|room| room.name.clone()).unwrap_or_default());
    let description = use_signal(|| start.as_ref().and_then(|room| room.description.clone()).unwrap_or_default());
    let sending = use_sending();
    let save = move |event: FormEvent| {
        event.prevent_default();
        let change = RoomChange {
            name: Some(name.peek().trim().to_owned()),
            description: Some(description.peek().trim().to_owned()),
            ..RoomChange::default()
        };
        sending.send(api::groups::change_room(room_id, change), move |()| panel.say(Toast::new("Saved")));
    };
    let change = move |change: RoomChange| panel.run(Box::pin(api::groups::change_room(room_id, change)));
    let RoomSettings { history_for_all, slow_mode_s, pins_by } =
        room.read().as_ref().map(|room| room.settings).unwrap_or_default();
    let Sending { problem, failed, is_busy } = sending;
    rsx! {
        div { class: "grid gap-3",
            div { class: "grid justify-items-center pt-1 pb-2",
                if let Some((name, picture)) = face() {
                    span { class: "halo", GroupAvatar { name, picture, size: 104 } }
                } else {
                    span { class: "invite-mark", Icon { d: icon::USERS, class: "i-lg" } }
                }
                PictureButtons { of: Of::Group(room_id), has_one: face.read().is_some() }
            }
            form { class: "sect p-3 grid gap-3", onsubmit: save,
                TextField { id: "name", label: "Name", value: name, max_chars: ROOM_NAME_MAX_CHARS, problem: problem() }
                TextField {
                    id: "description",
                    label: "Description",
                    value: description,
                    max_chars: ROOM_DESCRIPTION_MAX_CHARS,
                    rows: 3,
                    problem: problem(),
                }
                if let Some(failed) = failed() {
                    p { class: "hint", "data-error": "", role: "alert", "{failed}" }
                }
                button { class: "btn btn-primary", r#type: "submit", disabled: is_busy(), "Save" }
            }
            div { class: "sect p-3 grid gap-3",
                Choice {
                    id: "history",
                    label: "What people who join can read",
                    options: HISTORY.to_vec(),
                    value: u32::from(history_for_all),
                    on_choose: move |value| change(RoomChange { history_for_all: Some(value == 1), ..RoomChange::default() }),
                }
                Choice {
                    id: "slow",
                    label: "Slow mode: time between two messages",
                    options: SLOW.to_vec(),
                    value: slow_mode_s,
                    on_choose: move |value| change(RoomChange { slow_mode_s: Some(value), ..RoomChange::default() }),
                }
                Choice {
                    id: "pins",
                    label: "Who pins messages",
                    options: PINS.to_vec(),
                    value: u32::from(pins_by == Who::Admins),
                    on_choose: move |value| {
                        let who = if value == 1 { Who::Admins } else { Who::Everyone };
                        change(RoomChange { pins_by: Some(who), ..RoomChange::default() });
                    },
                }
                p { class: "hint", "Settings count at once. Slow mode doesn't hold for admins." }
            }
        }
    }
}

/// One of a few. What is set and not among them is shown as a number of seconds.
#[component]
fn Choice(
    id: &'static str,
    label: &'static str,
    options: Vec<(u32, &'static str)>,
    value: u32,
    on_choose: Callback<u32>,
) -> Element {
    let is_other = options.iter().all(|(known, _)| *known != value);
    rsx! {
        div { class: "field",
            label { r#for: id, "{label}" }
            select {
                id,
                class: "input",
                onchange: move |event| {
                    if let Ok(value) = event.value().parse() {
                        on_choose.call(value);
                    }
                },
                if is_other {
                    option { value: "{value}", selected: true, "{value} seconds" }
                }
                for (known , name) in options {
                    option { key: "{known}", value: "{known}", selected: known == value, "{name}" }
                }
            }
        }
    }
}
