//! The one text that goes with a request.

use crate::api;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::limits::INTRO_MAX_CHARS;
use crate::model::{Body, Person, RequestOutcome};
use crate::ui::{dom, words};
use dioxus::prelude::*;

const ID: &str = "intro";

#[component]
pub fn Intro(person: Person, on_connected: EventHandler<RoomId>) -> Element {
    let mut live = use_live();
    let mut text = use_signal(String::new);
    let mut is_busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<String>);
    use_effect(|| dom::focus(ID));
    let to = person.id;
    let send = use_callback(move |()| {
        if *is_busy.peek() {
            return;
        }
        let intro = text.peek().clone();
        if let Err(error) = Body::parse_intro(&intro) {
            failed.set(Some(words::error(&error)));
            return;
        }
        is_busy.set(true);
        failed.set(None);
        spawn(async move {
            match api::requests::send_request(to, intro).await {
                Ok(RequestOutcome::Waiting { request }) => {
                    live.state.write().requests.insert(request.id, request);
                    live.resync();
                }
                Ok(RequestOutcome::Connected { room }) => {
                    live.resync();
                    on_connected.call(room.room.id);
                }
                Err(error) => {
                    failed.set(Some(words::error(&error)));
                    is_busy.set(false);
                }
            }
        });
    });
    let chars = text.read().chars().count();
    let is_over = chars > INTRO_MAX_CHARS;
    let name = words::first_name(&person.display_name).to_owned();
    rsx! {
        form {
            class: "grid gap-2 ps-[52px] pt-2 pb-2",
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                send(());
            },
            textarea {
                id: ID,
                class: "input intro-in",
                rows: "3",
                "aria-label": "Introduction",
                "aria-describedby": "intro-count",
                placeholder: "Say hello to {name}",
                dir: "auto",
                "aria-invalid": (is_over || failed().is_some()).then_some("true"),
                value: "{text}",
                oninput: move |event| text.set(event.value()),
                onkeydown: move |event: KeyboardEvent| {
                    let command = event.modifiers().intersects(Modifiers::CONTROL | Modifiers::META);
                    if event.key() == Key::Enter && command {
                        event.prevent_default();
                        send(());
                    }
                },
            }
            div { class: "flex items-center gap-3",
                span { id: "intro-count", class: "hint tnum flex-1", "data-error": is_over.then_some(""), "{chars} of {INTRO_MAX_CHARS}" }
                button { class: "btn btn-primary", r#type: "submit", disabled: is_busy() || is_over,
                    if person.is_bot { "Send" } else { "Send request" }
                }
            }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}
