//! What is kept of me: to take along, or to be gone.

use super::prove::use_proof;
use crate::api;
use crate::client::{Live, use_live};
use crate::error::Error;
use crate::model::limits::PASSWORD_MAX_CHARS;
use crate::model::{ExportProgress, LEAVING_DAYS, Me, Provider, SignInWays};
use crate::time::Timestamp;
use crate::ui::dom;
use crate::ui::kit::Dialog;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::panel::{Load, LoadView, use_load, use_panel};
use crate::ui::people::TextField;
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

/// How its owner shows that it is them.
#[derive(Clone, PartialEq)]
struct Owner {
    has_password: bool,
    /// Where to sign in afresh, without a password.
    again: Option<Provider>,
}

#[component]
pub fn Data() -> Element {
    let live = use_live();
    let (load, retry) = use_load(|| Box::pin(api::account::sign_in_ways()));
    let leaves_at = use_memo(move || live.state.read().me.leaves_at);
    let owner = match load() {
        Load::Here(SignInWays { has_password, ways, .. }) => {
            let again = ways.into_iter().find(|way| way.is_connected).map(|way| way.provider);
            Owner { has_password, again }
        }
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    rsx! {
        TakeAlong { owner: owner.clone() }
        match leaves_at() {
            Some(at) => rsx! { Leaving { at } },
            None => rsx! { Leave { owner } },
        }
    }
}

/// Everything as an archive.
#[component]
fn TakeAlong(owner: Owner) -> Element {
    let live = use_live();
    let mut is_asking = use_signal(|| false);
    let progress = use_memo(move || live.state.read().export);
    let is_packing = use_memo(move || matches!(progress(), Some(ExportProgress::Packing { .. })));
    rsx! {
        section { class: "sect p-4 grid gap-3", "aria-label": "Download my data", "data-testid": "export",
            div {
                h3 { class: "font-semibold", "Download my data" }
                p { class: "hint mt-0.5",
                    "One ZIP file: your account, your chats as you see them, and the files you sent, in formats that other programs read."
                }
            }
            match progress() {
                Some(ExportProgress::Packing { done, of }) => rsx! {
                    Packing { done, of }
                },
                Some(ExportProgress::Packed) => rsx! {
                    p { class: "hint flex items-center gap-1.5", role: "status",
                        Icon { d: icon::CIRCLE_CHECK, class: "i-sm" }
                        span { "All of it is packed. It is among the downloads of the device that asked for it." }
                    }
                },
                Some(ExportProgress::Failed) => rsx! {
                    p { class: "hint", "data-error": "", role: "alert",
                        Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                        span { "The download broke off. What is there of it is not complete." }
                    }
                },
                None => rsx! {},
            }
            button {
                class: "btn btn-soft justify-self-start",
                r#type: "button",
                disabled: is_packing(),
                onclick: move |_| is_asking.set(true),
                Icon { d: icon::DOWNLOAD, class: "i-sm" }
                if is_packing() { "Packing…" } else { "Download…" }
            }
        }
        if is_asking() {
            AskExport { owner, on_close: move |()| is_asking.set(false) }
        }
    }
}

#[component]
fn Packing(done: u64, of: u64) -> Element {
    let percent = (done * 100).checked_div(of).unwrap_or(100).min(100);
    rsx! {
        div { class: "grid gap-1.5",
            progress { class: "meter", max: "100", value: "{percent}", "aria-label": "Packed" }
            p { class: "hint tnum", "{percent} % packed. You can go on chatting." }
        }
    }
}

#[component]
fn AskExport(owner: Owner, on_close: Callback<()>) -> Element {
    let proof = use_proof(owner.has_password);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        proof.sending.send_saying(not_now, api::account::export(proof.given()), move |path: String| {
            dom::download(&path);
            on_close.call(());
        });
    };
    rsx! {
        Dialog { title: "Download my data", on_close,
            form { class: "grid gap-4", onsubmit: submit,
                p { class: "text-ink-muted", "Whoever has the file can read all your chats. Keep it where only you get at it." }
                Proof { owner, proof }
                button { class: "btn btn-primary justify-self-end", r#type: "submit", disabled: !proof.is_ready(), "Download" }
            }
        }
    }
}

/// The password, or the way to sign in afresh; and what was wrong.
#[component]
fn Proof(owner: Owner, proof: super::prove::Proof) -> Element {
    let Owner { has_password, again } = owner;
    rsx! {
        if has_password {
            TextField {
                id: "password",
                label: "Your password",
                value: proof.password,
                max_chars: PASSWORD_MAX_CHARS,
                problem: (proof.sending.problem)(),
                is_first: true,
                kind: "password",
                autocomplete: "current-password",
            }
        } else if let Some(Provider { key , name }) = again {
            p { class: "hint",
                "It has to be within five minutes of signing in. "
                a { class: "text-accent-ink font-semibold", href: "/auth/{key}?again=true&next=%2Fsettings%2Fdata", rel: "nofollow",
                    "Sign in with {name} again"
                }
            }
        }
        if let Some(failed) = (proof.sending.failed)() {
            p { class: "hint", "data-error": "", role: "alert",
                Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                span { "{failed}" }
            }
        }
    }
}

/// The way out.
#[component]
fn Leave(owner: Owner) -> Element {
    let mut is_asking = use_signal(|| false);
    rsx! {
        section { class: "sect p-4 grid gap-3", "aria-label": "Delete my account", "data-testid": "leave",
            div {
                h3 { class: "font-semibold", "Delete my account" }
                p { class: "hint mt-0.5",
                    "It is deleted after {LEAVING_DAYS} days. Until then it stays if you sign in again or say so here. After that nobody can bring it back."
                }
            }
            button { class: "btn btn-danger justify-self-start", r#type: "button", onclick: move |_| is_asking.set(true), "Delete my account…" }
        }
        if is_asking() {
            AskLeave { owner, on_close: move |()| is_asking.set(false) }
        }
    }
}

#[component]
fn AskLeave(owner: Owner, on_close: Callback<()>) -> Element {
    let live = use_live();
    let proof = use_proof(owner.has_password);
    let mut takes_messages = use_signal(|| false);
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let leaving = api::account::leave(proof.given(), *takes_messages.peek());
        proof.sending.send_saying(why_not, leaving, move |me| {
            put_me(live, me);
            on_close.call(());
        });
    };
    let choices = [
        (false, "Keep what I wrote", "Others still read your messages, from “Deleted account”."),
        (
            true,
            "Delete what I wrote",
            "Your messages, files and reactions go from every chat, also from those you have left.",
        ),
    ];
    rsx! {
        Dialog { title: "Delete my account", on_close,
            form { class: "grid gap-4", onsubmit: submit,
                p { class: "text-ink-muted",
                    "Your name, picture, address and settings go, and you leave your groups; those you own go to somebody else in them. Your other devices are signed out now."
                }
                fieldset { class: "sect p-1.5",
                    legend { class: "sr-only", "What I wrote" }
                    for (value , name , note) in choices {
                        label { key: "{name}", class: "ln radio-ln",
                            input {
                                r#type: "radio",
                                name: "takes-messages",
                                checked: takes_messages() == value,
                                onchange: move |_| takes_messages.set(value),
                            }
                            span { class: "flex-1 min-w-0",
                                "{name}"
                                span { class: "block hint", "{note}" }
                            }
                        }
                    }
                }
                Proof { owner, proof }
                button { class: "btn btn-danger justify-self-end", r#type: "submit", disabled: !proof.is_ready(), "Delete my account" }
            }
        }
    }
}

fn why_not(error: &Error) -> String {
    match error {
        Error::Conflict => "You are the only admin here. Make somebody else an admin first.".to_owned(),
        error => words::error(error),
    }
}

fn not_now(error: &Error) -> String {
    match error {
        Error::Conflict => "It is being packed already. One at a time.".to_owned(),
        error => words::error(error),
    }
}

/// It is arranged.
#[component]
fn Leaving(at: Timestamp) -> Element {
    let live = use_live();
    let clock = use_clock();
    let panel = use_panel();
    let stay = move |_| {
        panel.run(Box::pin(async move {
            put_me(live, api::account::stay().await?);
            panel.say(Toast::new("Your account stays.").icon(icon::CHECK));
            Ok(())
        }));
    };
    rsx! {
        section { class: "sect p-4 grid gap-3", "aria-label": "Delete my account", "data-testid": "leaving",
            div { role: "status",
                h3 { class: "font-semibold", "Your account will be deleted on {clock.date(at)}" }
                p { class: "hint mt-0.5", "It stays if you say so here, or sign in again before then." }
            }
            div { class: "flex flex-wrap gap-2",
                button { class: "btn btn-primary", r#type: "button", onclick: stay, "Keep my account" }
                button { class: "btn btn-quiet", r#type: "button", onclick: move |_| live.sign_out(), "Sign out" }
            }
        }
    }
}

fn put_me(mut live: Live, me: Me) {
    live.state.write().me.leaves_at = me.leaves_at;
}
