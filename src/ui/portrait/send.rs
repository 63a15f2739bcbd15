//! A picture on its way to the server, and how far it is.

use crate::Error;
use crate::ui::dom;
use crate::ui::dom::picture::{self, Picked};
use crate::ui::words;
use dioxus::core::{Task, spawn_forever};
use dioxus::prelude::*;
use futures_util::future::{Either, select};
use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;

/// Between two looks at how far it is.
const STEP_MS: u32 = 100;

/// What is being sent. Goes with its component, and then the sending ends, unless it was begun to last.
#[derive(Clone, Copy, PartialEq)]
pub struct Sending {
    /// The share that has left, 0 to 1; `None`: nothing is on its way.
    pub share: Signal<Option<f64>>,
    pub problem: Signal<Option<String>>,
    task: Signal<Option<Task>>,
}

impl Sending {
    pub fn is_busy(self) -> bool {
        self.share.read().is_some()
    }

    /// Sends it to a path, and then tells.
    pub fn begin(self, path: String, picked: Picked, mut done: impl FnMut() + 'static) {
        self.run(path, picked, false, move |outcome| {
            if outcome.is_ok() {
                done();
            }
        });
    }

    /// As [`Self::begin`], but to its end whatever closes meanwhile. `done` also hears a problem that nobody is there to read.
    pub fn begin_to_last(self, path: String, picked: Picked, done: impl FnMut(Result<(), String>) + 'static) {
        self.run(path, picked, true, done);
    }

    fn run(mut self, path: String, picked: Picked, lasts: bool, mut done: impl FnMut(Result<(), String>) + 'static) {
        if self.share.peek().is_some() {
            return;
        }
        self.problem.set(None);
        self.share.set(Some(0.0));
        let work = async move {
            let outcome = send(&path, &picked, self.share).await.map_err(|error| words::error(&error));
            if let Ok(mut share) = self.share.try_write() {
                *share = None;
            }
            if let Err(said) = &outcome
                && let Ok(mut problem) = self.problem.try_write()
            {
                *problem = Some(said.clone());
                return;
            }
            done(outcome);
        };
        let task = if lasts { spawn_forever(work) } else { spawn(work) };
        self.task.set(Some(task));
    }

    pub fn stop(mut self) {
        if let Some(task) = self.task.take() {
            task.cancel();
        }
        self.share.set(None);
    }
}

pub fn use_sending() -> Sending {
    Sending { share: use_signal(|| None), problem: use_signal(|| None), task: use_signal(|| None) }
}

async fn send(path: &str, picked: &Picked, mut share: Signal<Option<f64>>) -> Result<(), Error> {
    let left = Rc::new(Cell::new(0.0));
    let heard = left.clone();
    // The browser tells outside of the runtime: it is looked at from here.
    let mut sending = pin!(picture::put(path, picked, move |share| heard.set(share)));
    loop {
        match select(&mut sending, pin!(dom::sleep(STEP_MS))).await {
            Either::Left((outcome, _)) => return outcome,
            Either::Right(_) => {
                // Nobody may be there any more to see it.
                if share.try_peek().is_ok_and(|shown| *shown != Some(left.get())) {
                    share.set(Some(left.get()));
                }
            }
        }
    }
}

/// How far it is. Nothing is drawn while nothing is on its way.
#[component]
pub fn Progress(sending: Sending) -> Element {
    let share = sending.share;
    let Some(share) = share() else { return rsx! {} };
    let percent = (share * 100.0).round();
    // All has left, and the server works on it.
    let text = if share >= 1.0 { "Almost done…" } else { "Uploading…" };
    rsx! {
        div { class: "sending", "data-testid": "sending",
            div {
                class: "sending-bar",
                role: "progressbar",
                "aria-label": "Uploading the picture",
                "aria-valuenow": "{percent}",
                "aria-valuetext": "{percent} per cent",
                i { style: "--share:{share:.3}" }
            }
            span { class: "text-sm text-ink-muted", "{text}" }
        }
    }
}
