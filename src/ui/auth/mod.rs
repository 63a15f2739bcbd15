//! Signing in and registering: plain forms that work before any script has loaded.

mod confirm;
mod elsewhere;
mod field;
mod forgot;
mod hero;
mod login;
mod register;
mod reset;
mod strength;

pub use confirm::Confirm;
pub use elsewhere::Google;
pub use forgot::Forgot;
pub use login::Login;
pub use register::Register;
pub use reset::Reset;

use crate::error::Problem;
use crate::model::FormState;
use crate::ui::kit::Brand;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::{dom, words};
use crate::{Error, ui::auth::hero::Hero};
use dioxus::prelude::*;

/// The form that came back, or an empty one.
fn use_form() -> FormState {
    try_consume_context::<FormState>().unwrap_or_default()
}

/// What is wrong with a field of the form that came back.
fn problem_of(form: &FormState, name: &str) -> Option<Problem> {
    match &form.error {
        Some(Error::Invalid { field, problem }) if field == name => Some(*problem),
        _ => None,
    }
}

/// The page around a form.
#[component]
fn AuthPage(title: &'static str, children: Element) -> Element {
    use_effect(move || dom::set_title(&format!("{title} · Lavender")));
    rsx! {
        div { class: "vp app",
            div { class: "auth",
                main { class: "auth-form scroll",
                    div { class: "w-full max-w-[380px]",
                        div { class: "flex items-center gap-2 mb-9",
                            Brand { size: 30 }
                            span { class: "font-display font-bold text-lg tracking-[-.02em]", "Lavender" }
                        }
                        {children}
                    }
                }
                Hero {}
            }
        }
    }
}

/// An error that belongs to no single field.
#[component]
fn FormError(error: Error) -> Element {
    let text = match &error {
        Error::RateLimited { retry_after_ms } => {
            format!("Too many tries. You can try again in {}.", words::duration(*retry_after_ms))
        }
        Error::Forbidden => "This server takes no new accounts. Ask the people who run it.".to_owned(),
        other => words::error(other),
    };
    rsx! {
        p { class: "ribbon", "data-k": "error", role: "alert", id: "form-error",
            Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
            span { "{text}" }
        }
    }
}

/// Where the other form is, with the same way on.
fn link_to(form: &str, next: &str) -> String {
    let mut encoded = String::new();
    for byte in next.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    if next.is_empty() { form.to_owned() } else { format!("{form}?next={encoded}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_on_is_encoded_whole() {
        assert_eq!(link_to("/login", ""), "/login");
        assert_eq!(link_to("/register", "/r/1?a=b&c"), "/register?next=%2Fr%2F1%3Fa%3Db%26c");
    }
}
