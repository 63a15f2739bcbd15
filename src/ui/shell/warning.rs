//! What an admin has to say to the person who is signed in, until they have read it.

use crate::api;
use crate::client::use_live;
use crate::ui::kit::dialog::Dialog;
use crate::ui::kit::toast::{Toast, use_toasts};
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Warning() -> Element {
    let mut live = use_live();
    let toasts = use_toasts();
    let warning = use_memo(move || live.state.read().me.warning.clone());
    let mut is_later = use_signal(|| false);
    let Some(text) = warning().filter(|_| !is_later()) else { return rsx! {} };
    let confirm = move |_| {
        spawn(async move {
            match api::moderation::read_warning().await {
                Ok(()) => live.state.write().me.warning = None,
                Err(error) => drop(toasts.show(Toast::error(words::error(&error)))),
            }
        });
    };
    rsx! {
        Dialog { title: "A warning from the people who run this server", on_close: move |()| is_later.set(true),
            p { class: "whitespace-pre-wrap intro-text", dir: "auto", "data-testid": "warning", "{text}" }
            button { class: "btn btn-primary mt-5", r#type: "button", "data-autofocus": "", onclick: confirm, "I have read this" }
        }
    }
}
