//! What I let others know and do.

use crate::api;
use crate::error::Result;
use crate::model::{Privacy, RequestsFrom};
use crate::ui::kit::SwitchLine;
use crate::ui::panel::{Load, LoadView, use_load, use_panel};
use dioxus::prelude::*;

const FROM: [(RequestsFrom, &str, &str); 3] = [
    (RequestsFrom::Everyone, "Everyone here", "Anybody with an account may ask you to talk."),
    (RequestsFrom::Shared, "People in my groups", "Only who is in a group with you may ask."),
    (RequestsFrom::Nobody, "Nobody", "You ask others. Chats that you have go on."),
];

#[component]
pub fn PrivacySection() -> Element {
    let panel = use_panel();
    let (mut load, retry) = use_load(|| Box::pin(api::account::privacy()));
    let privacy = match load() {
        Load::Here(privacy) => privacy,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    // At once, and back when it is not kept.
    let mut set = move |next: Privacy| {
        load.set(Load::Here(next));
        panel.run(Box::pin(async move {
            let kept: Result<Privacy> = api::account::set_privacy(next).await;
            load.set(Load::Here(kept.clone().unwrap_or(privacy)));
            kept.map(drop)
        }));
    };
    rsx! {
        div { class: "sect",
            SwitchLine {
                name: "Hide when I was last seen",
                note: Some("Others see whether you are online now, and nothing of before. Admins of this server still see it."),
                on: privacy.hides_last_seen,
                on_change: move |hides_last_seen| set(Privacy { hides_last_seen, ..privacy }),
            }
        }
        fieldset { class: "sect p-3", "data-testid": "requests-from",
            legend { class: "sr-only", "Who may ask to talk" }
            p { class: "font-semibold px-1 pb-1", "aria-hidden": "true", "Who may ask to talk" }
            for (value , name , note) in FROM {
                label { key: "{name}", class: "ln radio-ln",
                    input {
                        r#type: "radio",
                        name: "requests-from",
                        checked: privacy.requests == value,
                        onchange: move |_| set(Privacy { requests: value, ..privacy }),
                    }
                    span { class: "flex-1 min-w-0",
                        "{name}"
                        span { class: "block hint", "{note}" }
                    }
                }
            }
        }
    }
}
