//! Signing in.

use super::elsewhere::{Elsewhere, JoiningNote};
use super::field::{Field, PasswordField, Spec};
use super::{AuthPage, FormError, link_to, problem_of, use_form};
use crate::Error;
use crate::model::limits;
use crate::ui::words;
use dioxus::prelude::*;

const LOGIN: Spec = Spec {
    name: "login",
    label: "Username or e-mail",
    kind: "text",
    autocomplete: "username",
    placeholder: "",
    max_chars: limits::EMAIL_MAX_CHARS,
};

#[component]
pub fn Login(next: String) -> Element {
    let form = use_form();
    let login = use_signal(|| form.login.clone());
    let password = use_signal(String::new);
    let mut is_busy = use_signal(|| false);
    // Which of the two was wrong is never said, so it is said beside the second.
    let wrong = match &form.error {
        Some(error @ Error::BadCredentials) => Some(words::error(error)),
        _ => problem_of(&form, "password").map(|problem| words::field("password", problem)),
    };
    let other = match &form.error {
        Some(Error::BadCredentials | Error::Invalid { .. }) | None => None,
        Some(error) => Some(error.clone()),
    };
    rsx! {
        AuthPage { title: "Sign in",
            h1 { class: "font-display font-bold tracking-[-.03em] text-[2.5rem] leading-[1.04]", "Good to see you" }
            p { class: "text-ink-muted mt-2.5", "Sign in to pick up your conversations." }
            if let Some(joining) = form.joining.clone() {
                JoiningNote { joining, is_login: true }
            }
            // Also while one is joining: the account may be opened by another of them.
            Elsewhere { providers: form.providers.clone(), next: next.clone() }
            form {
                class: "grid gap-4 mt-7",
                method: "post",
                action: "/auth/login",
                onsubmit: move |_| is_busy.set(true),
                if let Some(error) = other {
                    FormError { error }
                }
                input { r#type: "hidden", name: "next", value: "{next}" }
                if form.joining.is_some() {
                    input { r#type: "hidden", name: "joining", value: "1" }
                }
                Field { spec: LOGIN, value: login, problem: problem_of(&form, "login") }
                PasswordField { autocomplete: "current-password", value: password, problem: wrong }
                button { class: "btn btn-primary mt-1 min-h-12", r#type: "submit", "aria-busy": is_busy().then_some("true"),
                    if is_busy() { "Signing in…" } else { "Sign in" }
                }
            }
            if form.has_mail {
                p { class: "mt-4",
                    a { class: "text-sm text-accent-ink font-medium", href: "/forgot", "Forgot your password?" }
                }
            } else {
                details { class: "forgot mt-4",
                    summary { class: "text-sm text-accent-ink font-medium", "Forgot your password?" }
                    p { class: "hint mt-1.5", "Ask one of the people who run this server. They can give you a link under which you set a new one." }
                }
            }
            p { class: "text-center text-ink-muted mt-6",
                if form.joining.is_some() {
                    "Not your account? "
                } else {
                    "New here? "
                }
                a { class: "text-accent-ink font-semibold", href: link_to("/register", &next), "Create an account" }
            }
        }
    }
}
