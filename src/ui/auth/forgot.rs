//! A way back in for who has forgotten their password: a link in a letter.

use super::field::{EMAIL, Field};
use super::{AuthPage, FormError, problem_of, use_form};
use crate::Error;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

#[component]
pub fn Forgot(sent: String) -> Element {
    let form = use_form();
    let email = use_signal(|| form.email.clone());
    let mut is_busy = use_signal(|| false);
    let other = match &form.error {
        Some(Error::Invalid { .. }) | None => None,
        Some(error) => Some(error.clone()),
    };
    // Of what was sent, not of what is typed by now.
    let problem = problem_of(&form, "email").filter(|_| *email.read() == form.email);
    rsx! {
        AuthPage { title: "Forgotten password",
            h1 { class: "font-display font-bold tracking-[-.03em] text-[2.5rem] leading-[1.04]", "Back in again" }
            if !sent.is_empty() {
                p { class: "ribbon mt-7", "data-k": "ok", role: "status",
                    Icon { d: icon::CIRCLE_CHECK, class: "i-sm" }
                    // The same, whether there is such an account or not.
                    span { "If an account here has that address, a link is on its way there. It works once, and for half an hour." }
                }
                p { class: "hint mt-4", "Nothing there? Look among the unwanted mail, or ask one of the people who run this server." }
            } else {
                p { class: "text-ink-muted mt-2.5", "Say which address your account has. A link for a new password goes there." }
                form {
                    class: "grid gap-4 mt-7",
                    method: "post",
                    action: "/auth/forgot",
                    onsubmit: move |_| is_busy.set(true),
                    if let Some(error) = other {
                        FormError { error }
                    }
                    Field { spec: EMAIL, value: email, problem }
                    button { class: "btn btn-primary mt-1 min-h-12", r#type: "submit", "aria-busy": is_busy().then_some("true"),
                        if is_busy() { "Sending…" } else { "Send the link" }
                    }
                }
            }
            p { class: "text-center text-ink-muted mt-6",
                "You know it after all? "
                a { class: "text-accent-ink font-semibold", href: "/login", "Sign in" }
            }
        }
    }
}
