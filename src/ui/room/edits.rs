//! What a message said before it was changed.

use super::acts::{Acts, Open};
use super::body::MessageBody;
use crate::api;
use crate::client::state::Row;
use crate::model::Edit;
use crate::ui::kit::Dialog;
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;
use std::rc::Rc;

/// The versions, newest first. What is asked for is asked again when the message changes under it.
#[component]
pub fn Edits(row: Row) -> Element {
    let acts = use_context::<Acts>();
    let clock = use_clock();
    let me: Rc<str> = use_hook(|| Rc::from(acts.live.state.peek().me.person.username.as_str()));
    let (room_id, id) = (row.message.room_id, row.message.id);
    let current = use_memo(move || acts.live.state.read().message(room_id, id));
    let mut earlier = use_resource(move || {
        current.read();
        api::rooms::edits(room_id, id)
    });
    let newest = current()
        .map(|message| Edit { body: message.body.clone(), at: message.edited_at.unwrap_or(message.created_at) });
    rsx! {
        Dialog { title: "Earlier versions", on_close: move |()| acts.close(Open::Edits),
            match earlier() {
                None => rsx! {
                    div { class: "sk sk-late h-16 mb-2", "aria-hidden": "true" }
                    p { class: "sr-only", role: "status", "Loading" }
                },
                Some(Err(error)) => rsx! {
                    p { class: "hint", "data-error": "", role: "alert", {words::error(&error)} }
                    button { class: "btn btn-soft mt-3", r#type: "button", onclick: move |_| earlier.restart(), "Try again" }
                },
                Some(Ok(edits)) => rsx! {
                    ol { class: "grid gap-3", "data-testid": "edits",
                        for (at , edit) in newest.into_iter().chain(edits.into_iter().rev()).enumerate() {
                            li { key: "{at}", class: "version",
                                p { class: "text-xs text-ink-muted mb-1",
                                    {clock.day(edit.at)}
                                    " "
                                    {clock.time(edit.at)}
                                    if at == 0 {
                                        ", now"
                                    }
                                }
                                div { class: "bubble", dir: "auto",
                                    MessageBody { text: Rc::<str>::from(edit.body.as_str()), me: me.clone() }
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}
