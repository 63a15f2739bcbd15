//! The password: changed, or set for the first time.

use crate::api;
use crate::model::Provider;
use crate::model::limits::PASSWORD_MAX_CHARS;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::panel::use_panel;
use crate::ui::people::{TextField, use_sending};
use dioxus::prelude::*;

/// `on_done` is called once the account has it. `again` is where to sign in afresh for a first one.
#[component]
pub fn PasswordForm(has_password: bool, again: Option<Provider>, on_done: Callback<()>) -> Element {
    let panel = use_panel();
    let mut old = use_signal(String::new);
    let mut new = use_signal(String::new);
    let sending = use_sending();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let before = has_password.then(|| old.peek().clone());
        sending.send(api::account::set_password(before, new.peek().clone()), move |()| {
            old.set(String::new());
            new.set(String::new());
            panel.say(Toast::new("Password changed. Other devices were signed out.").icon(icon::CHECK));
            on_done.call(());
        });
    };
    let is_ready = !new.read().is_empty() && (!has_password || !old.read().is_empty());
    rsx! {
        form { class: "sect p-4 grid gap-4", onsubmit: submit, "aria-label": "Password",
            div {
                h3 { class: "font-semibold", "Password" }
                p { class: "hint mt-0.5",
                    if has_password {
                        "Every other device is signed out when it changes."
                    } else {
                        "You have none: you sign in with another account. With one you also get in without that."
                    }
                }
            }
            if has_password {
                TextField {
                    id: "old_password",
                    label: "Password now",
                    value: old,
                    max_chars: PASSWORD_MAX_CHARS,
                    problem: (sending.problem)(),
                    kind: "password",
                    autocomplete: "current-password",
                }
            }
            TextField {
                id: "password",
                label: "New password",
                value: new,
                max_chars: PASSWORD_MAX_CHARS,
                problem: (sending.problem)(),
                kind: "password",
                autocomplete: "new-password",
            }
            if let Some(failed) = (sending.failed)() {
                p { class: "hint", "data-error": "", role: "alert",
                    Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                    span { "{failed}" }
                }
            }
            if let Some(Provider { key , name }) = again.filter(|_| !has_password) {
                p { class: "hint",
                    "It has to be set within five minutes of signing in. "
                    a { class: "text-accent-ink font-semibold", href: "/auth/{key}?again=true&next=%2Fsettings%2Fsign-in", rel: "nofollow",
                        "Sign in with {name} again"
                    }
                }
            }
            button { class: "btn btn-primary justify-self-start", r#type: "submit", disabled: !is_ready || (sending.is_busy)(),
                if has_password {
                    "Change password"
                } else {
                    "Set password"
                }
            }
        }
    }
}
