//! Fields of the forms: a label, an input, and below it a hint or what is wrong.

use crate::error::Problem;
use crate::model::limits;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::{dom, words};
use dioxus::prelude::*;

/// A field's fixed parts.
#[derive(Clone, Copy, PartialEq)]
pub struct Spec {
    pub name: &'static str,
    pub label: &'static str,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub placeholder: &'static str,
    pub max_chars: usize,
}

/// The address of an account.
pub const EMAIL: Spec = Spec {
    name: "email",
    label: "E-mail",
    kind: "email",
    autocomplete: "email",
    placeholder: "you@example.org",
    max_chars: limits::EMAIL_MAX_CHARS,
};

/// What `maxlength` has to be for so many characters: it counts UTF-16 units, and would cut emoji in the middle of a text. More than
/// the server takes may then be typed, which it says.
fn max_units(chars: usize) -> usize {
    chars * 2
}

/// A text field. `value` follows what is typed; `problem` is shown once the field was left, and at once when it came from
/// the server. `good` is said when there is no problem.
#[component]
pub fn Field(spec: Spec, value: Signal<String>, problem: Option<Problem>, #[props(default)] good: String) -> Element {
    let mut value = value;
    let Spec { name, label, kind, autocomplete, placeholder, max_chars } = spec;
    let is_invalid = problem.is_some();
    let has_hint = is_invalid || !good.is_empty();
    // Something may have been typed, or filled in, before the page came alive.
    let mut early = use_hook(|| CopyValue::new(dom::early_value(name)));
    use_effect(move || {
        let typed = early.write().take().or_else(|| dom::value(name));
        if let Some(typed) = typed.filter(|typed| *typed != *value.peek()) {
            value.set(typed);
        }
    });
    rsx! {
        div { class: "field",
            label { r#for: name, "{label}" }
            input {
                id: name,
                class: "input",
                name,
                r#type: kind,
                autocomplete,
                placeholder,
                required: true,
                maxlength: "{max_units(max_chars)}",
                autocapitalize: "none",
                spellcheck: "false",
                value: "{value}",
                "aria-invalid": is_invalid.then_some("true"),
                "aria-describedby": has_hint.then(|| format!("{name}-hint")),
                oninput: move |event| value.set(event.value()),
            }
            if let Some(problem) = problem {
                p { class: "hint", "data-error": "", id: "{name}-hint", role: "alert",
                    Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                    span { {words::field(name, problem)} }
                }
            } else if !good.is_empty() {
                p { class: "hint text-success-ink", id: "{name}-hint", "{good}" }
            }
        }
    }
}

/// A password field with a button that shows it and a word when Caps Lock is on.
#[component]
pub fn PasswordField(
    autocomplete: &'static str,
    value: Signal<String>,
    problem: Option<String>,
    children: Element,
) -> Element {
    let mut value = value;
    let mut is_shown = use_signal(|| false);
    let mut has_caps = use_signal(|| false);
    let is_invalid = problem.is_some();
    let look_at_keys = use_callback(move |event: KeyboardEvent| {
        let on = dom::has_caps_lock(&event);
        if on != *has_caps.peek() {
            has_caps.set(on);
        }
    });
    use_effect(move || {
        if let Some(typed) = dom::value("password").filter(|typed| *typed != *value.peek()) {
            value.set(typed);
        }
    });
    rsx! {
        div { class: "field",
            label { r#for: "password", "Password" }
            div { class: "relative",
                input {
                    id: "password",
                    class: "input pe-12",
                    name: "password",
                    r#type: if is_shown() { "text" } else { "password" },
                    autocomplete,
                    required: true,
                    maxlength: "{max_units(crate::model::limits::PASSWORD_MAX_CHARS)}",
                    autocapitalize: "none",
                    spellcheck: "false",
                    "aria-invalid": is_invalid.then_some("true"),
                    "aria-describedby": "password-hint",
                    oninput: move |event| value.set(event.value()),
                    onkeydown: move |event| look_at_keys.call(event),
                    onkeyup: move |event| look_at_keys.call(event),
                }
                button {
                    class: "icon-btn absolute end-0.5 top-0.5",
                    r#type: "button",
                    "aria-label": if is_shown() { "Hide characters" } else { "Show characters" },
                    "aria-pressed": if is_shown() { "true" } else { "false" },
                    "aria-controls": "password",
                    onclick: move |_| is_shown.toggle(),
                    Icon { d: if is_shown() { icon::EYE_OFF } else { icon::EYE }, class: "i-sm" }
                }
            }
            div { id: "password-hint", class: "grid gap-1.5",
                if let Some(problem) = problem {
                    p { class: "hint", "data-error": "", role: "alert",
                        Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                        span { "{problem}" }
                    }
                }
                if has_caps() {
                    p { class: "hint", role: "status", "Caps Lock is on." }
                }
                {children}
            }
        }
    }
}
