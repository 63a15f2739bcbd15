//! Telling the admins of the instance: what is wrong, in the sender's words if they like.

use super::use_panel;
use crate::api;
use crate::client::{Live, use_live};
use crate::model::report::{NOTE_MAX_CHARS, Reason, Reported};
use crate::ui::kit::dialog::Dialog;
use crate::ui::kit::toast::Toast;
use crate::ui::words;
use dioxus::prelude::*;

const REASONS: [(Reason, &str); 7] = [
    (Reason::Spam, "Unwanted messages"),
    (Reason::Harassment, "Threats or abuse"),
    (Reason::Hate, "Hate"),
    (Reason::Violence, "Violence"),
    (Reason::Sexual, "Sexual content"),
    (Reason::Impersonation, "Pretending to be someone"),
    (Reason::Other, "Something else"),
];

#[component]
pub fn Reporting() -> Element {
    let reporting = use_panel().reporting;
    rsx! {
        if let Some(reported) = reporting() {
            ReportDialog { reported }
        }
    }
}

/// Says that it was sent, and offers to block who was reported.
fn thanks(live: Live, reported: Reported) -> Toast {
    let toast = Toast::new("Reported. The people who run this server will look at it.");
    let state = live.state.peek();
    let person = match reported {
        Reported::Person { user_id } => Some(user_id),
        Reported::Room { room_id } => {
            let room = state.rooms.get(&room_id);
            room.and_then(|room| room.summary.peer(state.me.person.id)).map(|peer| peer.id)
        }
        Reported::Message { .. } | Reported::Request { .. } => None,
    };
    match person.filter(|id| !state.is_blocked(*id)) {
        None => toast,
        Some(user_id) => toast.action("Block them", move || {
            spawn(async move {
                if api::people::set_block(user_id, true).await.is_ok() {
                    live.resync();
                }
            });
        }),
    }
}

#[component]
fn ReportDialog(reported: Reported) -> Element {
    let live = use_live();
    let panel = use_panel();
    let mut reporting = panel.reporting;
    let mut reason = use_signal(|| Reason::Spam);
    let mut note = use_signal(String::new);
    let mut is_busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<String>);
    let send = move |event: FormEvent| {
        event.prevent_default();
        if *is_busy.peek() {
            return;
        }
        is_busy.set(true);
        failed.set(None);
        let note = note.peek().trim().to_owned();
        spawn(async move {
            match api::moderation::report(reported, *reason.peek(), note).await {
                Ok(()) => {
                    panel.say(thanks(live, reported));
                    reporting.set(None);
                }
                Err(error) => {
                    failed.set(Some(words::error(&error)));
                    is_busy.set(false);
                }
            }
        });
    };
    let sent = match reported {
        Reported::Message { .. } => "the message and a few around it",
        Reported::Person { .. } => "their name and profile",
        Reported::Room { .. } => "the last messages here",
        Reported::Request { .. } => "what they wrote",
    };
    rsx! {
        Dialog { title: "What's wrong?", on_close: move |()| reporting.set(None),
            form { class: "grid gap-3", onsubmit: send,
                fieldset { class: "grid",
                    legend { class: "sr-only", "Reason" }
                    for (value , name) in REASONS {
                        label { key: "{name}", class: "ln radio-ln",
                            input {
                                r#type: "radio",
                                name: "reason",
                                checked: reason() == value,
                                onchange: move |_| reason.set(value),
                            }
                            "{name}"
                        }
                    }
                }
                div { class: "field",
                    label { r#for: "report-note", "Anything to add?" }
                    textarea {
                        id: "report-note",
                        class: "input intro-in",
                        rows: "2",
                        maxlength: "{NOTE_MAX_CHARS}",
                        dir: "auto",
                        value: "{note}",
                        oninput: move |event| note.set(event.value()),
                    }
                }
                p { class: "hint", "This server's admins get {sent}. Nobody else hears who reported it." }
                if let Some(failed) = failed() {
                    p { class: "hint", "data-error": "", role: "alert", "{failed}" }
                }
                div { class: "flex gap-2 justify-end mt-1",
                    button { class: "btn btn-quiet", r#type: "button", onclick: move |_| reporting.set(None), "Cancel" }
                    button { class: "btn btn-primary", r#type: "submit", disabled: is_busy(), "Send report" }
                }
            }
        }
    }
}
