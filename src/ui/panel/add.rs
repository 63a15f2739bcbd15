//! Putting people into a group.

use super::use_panel;
use crate::api;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{Added, Person};
use crate::ui::kit::toast::Toast;
use crate::ui::people::{Pick, outcome};
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub(super) fn AddPage(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let chosen = use_signal(Vec::<Person>::new);
    let mut is_busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<String>);
    let members = use_memo(move || {
        let state = live.state.read();
        let members = state.rooms.get(&room_id).map(|room| room.summary.members.as_slice()).unwrap_or_default();
        members.iter().map(|member| member.user_id).collect::<Vec<_>>()
    });
    let add = move |_| {
        if *is_busy.peek() {
            return;
        }
        is_busy.set(true);
        failed.set(None);
        let people = chosen.peek().clone();
        spawn(async move {
            match api::groups::add_members(room_id, people.iter().map(|person| person.id).collect()).await {
                Ok(Added { added, invited, refused }) => {
                    panel.say(Toast::new(outcome(&people, &added, &invited, &refused)));
                    panel.back();
                }
                Err(error) => {
                    failed.set(Some(words::error(&error)));
                    is_busy.set(false);
                }
            }
        });
    };
    let count = chosen.read().len();
    rsx! {
        div { class: "grid gap-3",
            Pick { chosen, without: members() }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
            button { class: "btn btn-primary panel-foot", r#type: "button", disabled: is_busy() || count == 0, onclick: add,
                if count == 0 {
                    "Add people"
                } else {
                    {format!("Add {}", words::count(count, "person", "people"))}
                }
            }
        }
    }
}
