//! "It is you?" before something that a borrowed device must not do.

use crate::error::Result;
use crate::model::limits::PASSWORD_MAX_CHARS;
use crate::ui::kit::Dialog;
use crate::ui::people::{Sending, TextField, use_sending};
use dioxus::prelude::*;
use std::pin::Pin;

/// What is done with the password.
pub type Proved<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

/// A password that is being typed, where the account has one, and what becomes of it.
#[derive(Clone, Copy, PartialEq)]
pub struct Proof {
    pub password: Signal<String>,
    pub sending: Sending,
    has_password: bool,
}

pub fn use_proof(has_password: bool) -> Proof {
    Proof { password: use_signal(String::new), sending: use_sending(), has_password }
}

impl Proof {
    /// For the server: nothing of an account without a password.
    pub fn given(&self) -> Option<String> {
        self.has_password.then(|| self.password.peek().clone())
    }

    pub fn is_ready(&self) -> bool {
        !((self.sending.is_busy)() || self.has_password && self.password.read().is_empty())
    }
}

/// Asks for the password and calls `on_proof` with it.
#[component]
pub fn Prove<T: Clone + PartialEq + 'static>(
    title: String,
    text: String,
    action: &'static str,
    call: Callback<String, Proved<T>>,
    on_done: Callback<T>,
    on_close: Callback<()>,
) -> Element {
    let password = use_signal(String::new);
    let sending = use_sending();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        sending.send(call.call(password.peek().clone()), move |answer| on_done.call(answer));
    };
    rsx! {
        Dialog { title, on_close,
            form { class: "grid gap-4", onsubmit: submit,
                p { class: "text-ink-muted", "{text}" }
                TextField {
                    id: "password",
                    label: "Your password",
                    value: password,
                    max_chars: PASSWORD_MAX_CHARS,
                    problem: (sending.problem)(),
                    is_first: true,
                    kind: "password",
                    autocomplete: "current-password",
                }
                if let Some(failed) = (sending.failed)() {
                    p { class: "hint", "data-error": "", role: "alert", "{failed}" }
                }
                button {
                    class: "btn btn-primary justify-self-end",
                    r#type: "submit",
                    disabled: password.read().is_empty() || (sending.is_busy)(),
                    "{action}"
                }
            }
        }
    }
}
