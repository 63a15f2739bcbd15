//! A new password by a link that an admin has made.

use super::field::PasswordField;
use super::{AuthPage, FormError, problem_of, strength, use_form};
use crate::Error;
use crate::client::Live;
use crate::error::What;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Reset(token: String) -> Element {
    let form = use_form();
    let password = use_signal(String::new);
    let mut is_busy = use_signal(|| false);
    // Who is signed in here is somebody: the link may be for somebody else.
    if let Some(live) = try_consume_context::<Live>() {
        return rsx! {
            SignedIn { live }
        };
    }
    let problem = problem_of(&form, "password")
        .filter(|_| password.read().is_empty())
        .map(|problem| words::field("password", problem));
    let is_gone = matches!(&form.error, Some(Error::NotFound { what: What::Link })) || token.is_empty();
    let other = match &form.error {
        Some(Error::Invalid { .. } | Error::NotFound { .. }) | None => None,
        Some(error) => Some(error.clone()),
    };
    let score = strength::score(&password.read());
    rsx! {
        AuthPage { title: "New password",
            h1 { class: "font-display font-bold tracking-[-.03em] text-[2.5rem] leading-[1.04]", "A new password" }
            if is_gone {
                p { class: "ribbon mt-7", "data-k": "error", role: "alert",
                    Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                    span { "This link is no longer good: it works once, and for half an hour. Ask for another one." }
                }
            } else {
                p { class: "text-ink-muted mt-2.5", "Everything that is signed in to your account has to sign in again with it." }
                form {
                    class: "grid gap-4 mt-7",
                    method: "post",
                    action: "/auth/reset",
                    onsubmit: move |_| is_busy.set(true),
                    if let Some(error) = other {
                        FormError { error }
                    }
                    input { r#type: "hidden", name: "token", value: "{token}" }
                    PasswordField { autocomplete: "new-password", value: password, problem,
                        div { class: "meter", "data-n": "{score}", "aria-hidden": "true",
                            for step in 1..=4_u8 {
                                i { "data-on": (step <= score).then_some("") }
                            }
                        }
                        p { class: "hint", {strength::hint(score)} }
                    }
                    button { class: "btn btn-primary mt-1 min-h-12", r#type: "submit", "aria-busy": is_busy().then_some("true"),
                        if is_busy() { "Setting it…" } else { "Set the password" }
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

#[component]
fn SignedIn(live: Live) -> Element {
    let name = live.state.peek().me.person.display_name.clone();
    rsx! {
        AuthPage { title: "New password",
            h1 { class: "font-display font-bold tracking-[-.03em] text-[2.5rem] leading-[1.04]", "A new password" }
            p { class: "text-ink-muted mt-2.5",
                "You are signed in here as {name}. Sign out first, then open the link again. Nothing that waits to be sent should be left here."
            }
            div { class: "grid gap-2 mt-7",
                a { class: "btn btn-primary min-h-12", href: "/", "Back to chats" }
                button { class: "btn btn-outline min-h-12", r#type: "button", onclick: move |_| live.sign_out(), "Sign out" }
            }
        }
    }
}
