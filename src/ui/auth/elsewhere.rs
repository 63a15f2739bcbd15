//! Accounts elsewhere that open one here: their buttons, and what is said to who comes back from there.

use super::link_to;
use crate::model::{Joining, Provider};
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// The buttons above a form; nothing where nobody else's accounts count. Links: they lead to another site.
#[component]
pub fn Elsewhere(providers: Vec<Provider>, next: String) -> Element {
    if providers.is_empty() {
        return rsx! {};
    }
    rsx! {
        div { class: "grid gap-2 mt-7",
            for Provider { key , name } in providers {
                a { key: "{key}", class: "btn btn-outline w-full min-h-12", href: link_to(&format!("/auth/{key}"), &next), rel: "nofollow",
                    if key == "google" {
                        Google {}
                    } else {
                        Icon { d: icon::SHIELD_CHECK, class: "i-sm" }
                    }
                    "Continue with {name}"
                }
            }
        }
        div { class: "flex items-center gap-3 mt-5 -mb-2 text-xs text-ink-subtle",
            i { class: "h-px flex-1 bg-line" }
            "or with a password"
            i { class: "h-px flex-1 bg-line" }
        }
    }
}

/// Who has come back from there, and the way out.
#[component]
pub fn JoiningNote(joining: Joining, is_login: bool) -> Element {
    let Joining { provider, email, is_known } = joining;
    let who = email.map(|email| format!(" as {email}")).unwrap_or_default();
    rsx! {
        div { class: "note-box mt-6 grid gap-1", role: "status", "data-testid": "joining",
            p { class: "font-semibold", "Signed in with {provider}{who}" }
            p { class: "hint",
                {
                    match (is_login, is_known) {
                        (true, true) => {
                            format!("There is an account with this address. Sign in with its password once: from then on {provider} opens it.")
                        }
                        (true, false) => {
                            format!("To have {provider} open an account that you have, sign in to it, then connect {provider} in the settings.")
                        }
                        (false, true) => {
                            "An account has this address already. For a new one choose another address, and how people find you.".to_owned()
                        }
                        (false, false) => "Choose how people find you here, and you are in. No password is needed.".to_owned(),
                    }
                }
            }
            form { method: "post", action: "/auth/join/cancel",
                button { class: "btn btn-quiet -ms-3", r#type: "submit", "Not now" }
            }
        }
    }
}

/// The mark of Google, in its own colours: its rules for buttons ask for that.
#[component]
pub fn Google() -> Element {
    rsx! {
        img { src: asset!("/assets/google.svg"), width: "18", height: "18", alt: "" }
    }
}
