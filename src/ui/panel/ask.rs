//! Questions before what can't be taken back: one dialog for all of them.

use super::use_panel;
use crate::error::Result;
use crate::ui::kit::dialog::{Confirm, ConfirmState};
use crate::ui::words;
use dioxus::prelude::*;
use std::pin::Pin;
use std::rc::Rc;

/// What a server function is, compiled once for all of them.
pub type Call = Pin<Box<dyn Future<Output = Result<()>>>>;

/// A question, and what confirming does. A call that fails says so in the dialog.
#[derive(Clone)]
pub struct Ask {
    title: String,
    text: String,
    action: &'static str,
    is_calm: bool,
    run: Rc<dyn Fn() -> Call>,
}

impl Ask {
    /// `action` is on the button, which is red.
    pub fn new(
        title: impl Into<String>,
        text: impl Into<String>,
        action: &'static str,
        run: impl Fn() -> Call + 'static,
    ) -> Self {
        Self { title: title.into(), text: text.into(), action, is_calm: false, run: Rc::new(run) }
    }

    /// Nothing is lost by it: the button is not red.
    pub fn calm(self) -> Self {
        Self { is_calm: true, ..self }
    }
}

#[component]
pub fn Asking() -> Element {
    let mut asking = use_panel().asking;
    let mut is_busy = use_signal(|| false);
    let mut problem = use_signal(|| None::<String>);
    let Some(ask) = asking() else { return rsx! {} };
    let mut close = move || {
        is_busy.set(false);
        problem.set(None);
        asking.set(None);
    };
    let confirm = move |()| {
        let Some(run) = asking.peek().as_ref().map(|ask| ask.run.clone()).filter(|_| !*is_busy.peek()) else { return };
        is_busy.set(true);
        problem.set(None);
        spawn(async move {
            match run().await {
                Ok(()) => close(),
                Err(error) => {
                    is_busy.set(false);
                    problem.set(Some(words::error(&error)));
                }
            }
        });
    };
    rsx! {
        Confirm {
            title: ask.title,
            action: ask.action,
            state: ConfirmState { is_calm: ask.is_calm, is_busy: is_busy(), problem: problem() },
            on_close: move |()| close(),
            on_confirm: confirm,
            "{ask.text}"
        }
    }
}
