//! "It is you?" before something that a borrowed device must not do.

use crate::error::Result;
use crate::model::limits::PASSWORD_MAX_CHARS;
use crate::ui::kit::Dialog;
use crate::ui::people::{TextField, use_sending};
use dioxus::prelude::*;
use std::pin::Pin;

/// What is done with the password.
pub type Proved<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

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
