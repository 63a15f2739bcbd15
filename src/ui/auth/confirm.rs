//! An address that somebody gave is theirs: they followed the link of a letter, and say so. Opening it alone does nothing, since mail
//! programs open links to look at them.

use super::{AuthPage, FormError, use_form};
use crate::Error;
use crate::client::Live;
use crate::error::What;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// What stands for the token once it has done its work.
const DONE: &str = "done";

#[component]
pub fn Confirm(token: String) -> Element {
    // Who is signed in has no form that came back.
    let form = use_form();
    let is_signed_in = try_consume_context::<Live>().is_some();
    let mut is_busy = use_signal(|| false);
    let is_gone =
        token.is_empty() || token == "gone" || matches!(&form.error, Some(Error::NotFound { what: What::Link }));
    let problem = match &form.error {
        Some(Error::NotFound { what: What::Link }) | None => None,
        Some(error) => Some(error.clone()),
    };
    let is_taken = token == "taken" || matches!(problem, Some(Error::Conflict));
    let problem = problem.filter(|error| *error != Error::Conflict);
    rsx! {
        AuthPage { title: "Your address",
            h1 { class: "font-display font-bold tracking-[-.03em] text-[2.5rem] leading-[1.04]", "Your address" }
            if token == DONE {
                p { class: "ribbon mt-7", "data-k": "ok", role: "status",
                    Icon { d: icon::CIRCLE_CHECK, class: "i-sm" }
                    span { "Confirmed. Letters about your account come to this address." }
                }
            } else if is_gone {
                p { class: "ribbon mt-7", "data-k": "error", role: "alert",
                    Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                    span { "This link is no longer good: it works for a day, and only until the address or the password changes. Ask for another one in your settings." }
                }
            } else if is_taken {
                p { class: "ribbon mt-7", "data-k": "error", role: "alert",
                    Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                    span { "Another account has this address by now." }
                }
            } else {
                p { class: "text-ink-muted mt-2.5", "Press the button if you asked for this: then the address is your account's." }
                form {
                    class: "grid gap-4 mt-7",
                    method: "post",
                    action: "/auth/confirm",
                    onsubmit: move |_| is_busy.set(true),
                    if let Some(error) = problem {
                        FormError { error }
                    }
                    input { r#type: "hidden", name: "token", value: "{token}" }
                    button { class: "btn btn-primary min-h-12", r#type: "submit", "aria-busy": is_busy().then_some("true"),
                        if is_busy() { "Confirming…" } else { "Confirm this address" }
                    }
                }
            }
            p { class: "text-center text-ink-muted mt-6",
                a { class: "text-accent-ink font-semibold", href: "/",
                    if is_signed_in { "Back to chats" } else { "Sign in" }
                }
            }
        }
    }
}
