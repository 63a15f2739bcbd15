//! Making a group.

use super::field::TextField;
use super::pick::{Pick, outcome};
use crate::api;
use crate::app::Route;
use crate::client::use_live;
use crate::error::{Error, Problem};
use crate::id::RoomId;
use crate::model::limits::{ROOM_DESCRIPTION_MAX_CHARS, ROOM_NAME_MAX_CHARS};
use crate::model::{Added, NewRoom as Made, Person};
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::shell::Heading;
use crate::ui::{dom, words};
use dioxus::prelude::*;

#[component]
pub fn NewGroup() -> Element {
    let live = use_live();
    let toasts = use_toasts();
    let navigator = use_navigator();
    // One group however often it is tried.
    let room_id = use_hook(|| CopyValue::new(None::<RoomId>));
    let name = use_signal(String::new);
    let description = use_signal(String::new);
    let chosen = use_signal(Vec::<Person>::new);
    let mut problem = use_signal(|| None::<(String, Problem)>);
    let mut failed = use_signal(|| None::<String>);
    let mut is_busy = use_signal(|| false);
    use_effect(|| dom::focus("name"));
    let create = move |event: FormEvent| {
        event.prevent_default();
        if *is_busy.peek() {
            return;
        }
        problem.set(None);
        failed.set(None);
        let (name, description) = (name.peek().trim().to_owned(), description.peek().trim().to_owned());
        if name.is_empty() {
            problem.set(Some(("name".to_owned(), Problem::Missing)));
            dom::focus("name");
            return;
        }
        is_busy.set(true);
        let mut room_id = room_id;
        let known = *room_id.peek();
        let id = known.unwrap_or_else(RoomId::new);
        room_id.set(Some(id));
        let people = chosen.peek().clone();
        spawn(async move {
            let members = people.iter().map(|person| person.id).collect();
            match api::groups::create_room(id, name, description, members).await {
                Ok(Made { room, added: Added { added, invited, refused } }) => {
                    live.resync();
                    if !invited.is_empty() || !refused.is_empty() {
                        toasts.show(Toast::new(outcome(&people, &added, &invited, &refused)));
                    }
                    navigator.push(Route::Room { room_id: room.room.id });
                }
                Err(Error::Invalid { field, problem: what }) if field == "name" || field == "description" => {
                    dom::focus(if field == "name" { "name" } else { "description" });
                    problem.set(Some((field, what)));
                }
                Err(error) => failed.set(Some(words::error(&error))),
            }
            is_busy.set(false);
        });
    };
    let count = chosen.read().len();
    rsx! {
        section {
            class: "sheet wallpaper",
            "aria-label": "New group",
            style: "--wp:var(--wp-petals);--wp-size:var(--wps-petals)",
            Heading { title: "New group" }
            div { class: "scroll flex-1 px-3 pb-6 pt-2",
                form { class: "card new-group", novalidate: true, onsubmit: create,
                    TextField { id: "name", label: "Name", value: name, max_chars: ROOM_NAME_MAX_CHARS, problem: problem() }
                    TextField {
                        id: "description",
                        label: "Description, if you like",
                        value: description,
                        max_chars: ROOM_DESCRIPTION_MAX_CHARS,
                        rows: 2,
                        problem: problem(),
                    }
                    div { class: "grid gap-1.5",
                        h3 { class: "text-sm font-semibold", "People" }
                        Pick { chosen, without: Vec::new() }
                    }
                    if let Some(failed) = failed() {
                        p { class: "hint", "data-error": "", role: "alert", "{failed}" }
                    }
                    button { class: "btn btn-primary min-h-12", r#type: "submit", disabled: is_busy(),
                        if count == 0 {
                            "Create group"
                        } else {
                            {format!("Create group with {}", words::count(count, "person", "people"))}
                        }
                    }
                }
            }
        }
    }
}
