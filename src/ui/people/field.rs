//! A field of a form that the server checks.

use crate::error::{Error, Problem, Result};
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
    #[props(default = "text")] kind: &'static str,
    #[props(default = "off")] autocomplete: &'static str,
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
                    name: id,
                    r#type: kind,
                    dir: "auto",
                    autocomplete,
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

/// A form on its way to the server, one sending at a time, and what came back: see [`use_sending`].
#[derive(Clone, Copy, PartialEq)]
pub struct Sending {
    /// What the server says of which field.
    pub problem: Signal<Option<(String, Problem)>>,
    /// Why it failed, when that is of no field.
    pub failed: Signal<Option<String>>,
    pub is_busy: Signal<bool>,
}

pub fn use_sending() -> Sending {
    Sending { problem: use_signal(|| None), failed: use_signal(|| None), is_busy: use_signal(|| false) }
}

impl Sending {
    /// Calls the server, unless it is being called already, and `done` with its answer.
    pub fn send<T: 'static>(self, call: impl Future<Output = Result<T>> + 'static, done: impl FnOnce(T) + 'static) {
        self.send_saying(words::error, call, done);
    }

    /// [`Self::send`] with words of its own for what fails here.
    pub fn send_saying<T: 'static>(
        mut self,
        says: fn(&Error) -> String,
        call: impl Future<Output = Result<T>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        if *self.is_busy.peek() {
            return;
        }
        self.is_busy.set(true);
        self.problem.set(None);
        self.failed.set(None);
        spawn(async move {
            match call.await {
                Ok(answer) => done(answer),
                Err(Error::Invalid { field, problem }) => self.problem.set(Some((field, problem))),
                Err(error) => self.failed.set(Some(says(&error))),
            }
            self.is_busy.set(false);
        });
    }
}
