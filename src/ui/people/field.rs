//! A field of a form that the server checks.

use crate::error::Problem;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// A line of text, or with `rows` a box. `id` is the name of the field, also in the server's answers; `problem` is shown
/// when it is of this field.
#[component]
pub fn TextField(
    id: &'static str,
    label: &'static str,
    value: Signal<String>,
    max_chars: usize,
    problem: Option<(String, Problem)>,
    #[props(default)] rows: u8,
    #[props(default)] is_first: bool,
) -> Element {
    let mut value = value;
    let problem = problem.filter(|(field, _)| field == id).map(|(_, problem)| words::field(id, problem));
    let chars = value.read().chars().count();
    // Said only when it matters.
    let is_near = chars + 20 > max_chars;
    let has_hint = problem.is_some() || is_near;
    let invalid = (problem.is_some() || chars > max_chars).then_some("true");
    let hint = has_hint.then(|| format!("{id}-hint"));
    rsx! {
        div { class: "field",
            label { r#for: id, "{label}" }
            if rows > 0 {
                textarea {
                    id,
                    class: "input intro-in",
                    rows: "{rows}",
                    dir: "auto",
                    "aria-invalid": invalid,
                    "aria-describedby": hint.clone(),
                    value: "{value}",
                    oninput: move |event| value.set(event.value()),
                }
            } else {
                input {
                    id,
                    class: "input",
                    r#type: "text",
                    dir: "auto",
                    autocomplete: "off",
                    "data-autofocus": is_first.then_some(""),
                    "aria-invalid": invalid,
                    "aria-describedby": hint.clone(),
                    value: "{value}",
                    oninput: move |event| value.set(event.value()),
                }
            }
            if let Some(problem) = problem {
                p { class: "hint", "data-error": "", id: hint, role: "alert",
                    Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                    span { "{problem}" }
                }
            } else if is_near {
                p { class: "hint tnum", "data-error": (chars > max_chars).then_some(""), id: hint, "{chars} of {max_chars}" }
            }
        }
    }
}
