//! Making an account.

use super::elsewhere::{Elsewhere, JoiningNote};
use super::field::{EMAIL, Field, PasswordField, Spec};
use super::{AuthPage, FormError, link_to, problem_of, strength, use_form};
use crate::Error;
use crate::error::Problem;
use crate::model::{limits, pattern};
use crate::ui::words;
use dioxus::prelude::*;

const USERNAME: Spec = Spec {
    name: "username",
    label: "Username",
    kind: "text",
    autocomplete: "username",
    placeholder: "",
    max_chars: limits::USERNAME_MAX_CHARS + 1,
};
const DISPLAY_NAME: Spec = Spec {
    name: "display_name",
    label: "Display name",
    kind: "text",
    autocomplete: "name",
    placeholder: "",
    max_chars: limits::DISPLAY_NAME_MAX_CHARS,
};

/// What is wrong with what is typed, or, while that is what was sent, what the server said of it. Nothing is wrong with
/// an empty field that nobody has filled in yet.
fn check(typed: &str, sent: &str, answer: Option<Problem>, rule: fn(&str) -> Result<String, Error>) -> Option<Problem> {
    if typed == sent && answer.is_some() {
        return answer;
    }
    match rule(typed) {
        Err(Error::Invalid { problem, .. }) if problem != Problem::Missing => Some(problem),
        _ => None,
    }
}

#[component]
pub fn Register(next: String) -> Element {
    let form = use_form();
    let username = use_signal(|| form.username.clone());
    let display_name = use_signal(|| form.display_name.clone());
    let email = use_signal(|| form.email.clone());
    let password = use_signal(String::new);
    let mut is_busy = use_signal(|| false);

    let username_problem = check(&username.read(), &form.username, problem_of(&form, "username"), pattern::username);
    let name_problem =
        check(&display_name.read(), &form.display_name, problem_of(&form, "display_name"), pattern::display_name);
    let email_problem = check(&email.read(), &form.email, problem_of(&form, "email"), pattern::email);
    let password_problem = problem_of(&form, "password")
        .filter(|_| password.read().is_empty())
        .map(|problem| words::field("password", problem));
    let found_as = match pattern::username(&username.read()) {
        Ok(name) if username_problem.is_none() => format!("People find you as @{name}"),
        _ => String::new(),
    };
    let other = match &form.error {
        Some(Error::Invalid { .. }) | None => None,
        Some(error) => Some(error.clone()),
    };
    let is_vouched = form.joining.as_ref().is_some_and(|joining| joining.email.is_some() && !joining.is_known);
    let score = strength::score(&password.read());
    rsx! {
        AuthPage { title: "Create account",
            h1 { class: "font-display font-bold tracking-[-.03em] text-[2.5rem] leading-[1.04]", "Make yourself at home" }
            p { class: "text-ink-muted mt-2.5", "People find you by your username. Your address stays private." }
            if let Some(joining) = form.joining.clone() {
                JoiningNote { joining, is_login: false }
            } else {
                Elsewhere { providers: form.providers.clone(), next: next.clone() }
            }
            form {
                class: "grid gap-4 mt-7",
                method: "post",
                action: "/auth/register",
                onsubmit: move |_| is_busy.set(true),
                if let Some(error) = other {
                    FormError { error }
                }
                input { r#type: "hidden", name: "next", value: "{next}" }
                if form.joining.is_some() {
                    input { r#type: "hidden", name: "joining", value: "1" }
                }
                Field { spec: USERNAME, value: username, problem: username_problem, good: found_as }
                Field { spec: DISPLAY_NAME, value: display_name, problem: name_problem }
                // What the provider vouches for stays as it is.
                if !is_vouched {
                    Field { spec: EMAIL, value: email, problem: email_problem }
                }
                if form.joining.is_none() { PasswordField { autocomplete: "new-password", value: password, problem: password_problem,
                    div { class: "meter", "data-n": "{score}", "aria-hidden": "true",
                        for step in 1..=4_u8 {
                            i { "data-on": (step <= score).then_some("") }
                        }
                    }
                    p { class: "hint", {strength::hint(score)} }
                } }
                button { class: "btn btn-primary mt-1 min-h-12", r#type: "submit", "aria-busy": is_busy().then_some("true"),
                    if is_busy() { "Creating your account…" } else { "Create account" }
                }
            }
            p { class: "text-center text-ink-muted mt-6",
                "Already here? "
                a { class: "text-accent-ink font-semibold", href: link_to("/login", &next), "Sign in" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_server_stands_until_the_field_changes() {
        let taken = Some(Problem::Taken);
        assert_eq!(check("ana", "ana", taken, pattern::username), taken);
        assert_eq!(check("ana2", "ana", taken, pattern::username), None);
        assert_eq!(check("an", "ana", taken, pattern::username), Some(Problem::TooShort));
        assert_eq!(check("", "", None, pattern::username), None);
    }
}
