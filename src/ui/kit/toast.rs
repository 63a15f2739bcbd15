//! Short news at the lower edge, with at most one thing to do about it.
//!
//! ```ignore
//! let toasts = use_toasts();
//! toasts.show(Toast::new("Link copied"));
//! toasts.show(Toast::error(words::error(&error)));
//! toasts.show(Toast::new("Chat cleared").action("Undo", move || live.undo(room_id)).lasting(10_000));
//! ```
//!
//! A toast lasts 5 s at least, 8 s if there is something to do or something is wrong. Its time stands still while the pointer
//! or the focus is on it. Two are shown: a third takes the place of the older one, so that "Undo" is seen while it works. The
//! action runs in the app's frame and outlives who made the toast: let it take what lives as long (`Live`, ids, `Toasts`), no
//! signals of a row.

use super::icon::{CHECK, CIRCLE_ALERT, Icon, X};
use super::layers::Layers;
use crate::ui::dom;
use dioxus::prelude::*;
use std::rc::Rc;

const SHORT_MS: u32 = 5_000;
const LONG_MS: u32 = 8_000;
/// Between two looks at whether the time is over.
const STEP_MS: u32 = 250;
/// Shown at the same time.
const SHOWN: usize = 2;

type Run = Rc<dyn Fn()>;

/// One of the news.
#[derive(Clone)]
pub struct Toast {
    text: String,
    icon: &'static str,
    action: Option<(String, Run)>,
    ms: u32,
}

impl Toast {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), icon: CHECK, action: None, ms: SHORT_MS }
    }

    /// Something did not work.
    pub fn error(text: impl Into<String>) -> Self {
        Self { icon: CIRCLE_ALERT, ms: LONG_MS, ..Self::new(text) }
    }

    /// With a button.
    pub fn action(self, label: impl Into<String>, run: impl Fn() + 'static) -> Self {
        Self { action: Some((label.into(), Rc::new(run))), ms: self.ms.max(LONG_MS), ..self }
    }

    /// With another icon than the tick, or the alert of an error.
    pub fn icon(self, icon: &'static str) -> Self {
        Self { icon, ..self }
    }

    /// For so many milliseconds, 5,000 at least.
    pub fn lasting(self, ms: u32) -> Self {
        Self { ms: ms.max(SHORT_MS), ..self }
    }
}

#[derive(Clone)]
struct Shown {
    id: u64,
    toast: Toast,
}

impl PartialEq for Shown {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

/// The queue of the news.
#[derive(Clone, Copy, PartialEq)]
pub struct Toasts {
    queue: Signal<Vec<Shown>>,
    next: CopyValue<u64>,
    /// Runs actions in the frame, which stays.
    run: Callback<Run>,
}

impl Toasts {
    /// Shows it, in place of the oldest if there are enough. Returns its number for [`Toasts::dismiss`].
    pub fn show(mut self, toast: Toast) -> u64 {
        let id = *self.next.peek();
        self.next.set(id + 1);
        let mut queue = self.queue.write();
        if queue.len() >= SHOWN {
            queue.remove(0);
        }
        queue.push(Shown { id, toast });
        id
    }

    /// Takes one away; nothing happens if it is gone.
    pub fn dismiss(mut self, id: u64) {
        self.queue.write().retain(|shown| shown.id != id);
    }
}

/// Provides the queue to everything below; put a [`ToastRegion`] there.
pub fn use_provide_toasts() -> Toasts {
    let run = use_callback(|run: Run| run());
    use_context_provider(|| Toasts { queue: Signal::new(Vec::new()), next: CopyValue::new(0), run })
}

/// The queue, for components inside of the app's frame.
pub fn use_toasts() -> Toasts {
    use_context()
}

/// Where the news are shown and read out: in the frame, or in the innermost modal dialog (`owner`).
#[component]
pub fn ToastRegion(owner: Option<u32>) -> Element {
    let toasts = use_hook(try_consume_context::<Toasts>);
    let layers = use_hook(try_consume_context::<Layers>);
    let Some(toasts) = toasts else { return rsx! {} };
    if layers.and_then(Layers::modal) != owner {
        return rsx! {};
    }
    let shown: Vec<Shown> = toasts.queue.read().iter().take(SHOWN).cloned().collect();
    rsx! {
        div { class: "toasts", role: "status", "aria-live": "polite",
            for shown in shown {
                ToastItem { key: "{shown.id}", toasts, shown }
            }
        }
    }
}

#[component]
fn ToastItem(toasts: Toasts, shown: Shown) -> Element {
    let Shown { id, toast } = shown;
    let mut is_hovered = use_signal(|| false);
    let mut is_focused = use_signal(|| false);
    let ms = toast.ms;
    use_future(move || async move {
        let mut left = ms;
        while left > 0 {
            dom::sleep(STEP_MS).await;
            if !is_hovered() && !is_focused() {
                left = left.saturating_sub(STEP_MS);
            }
        }
        toasts.dismiss(id);
    });
    rsx! {
        div {
            class: "toast",
            "data-testid": "toast",
            style: "--ms:{ms}ms",
            onpointerenter: move |_| is_hovered.set(true),
            onpointerleave: move |_| is_hovered.set(false),
            onfocusin: move |_| is_focused.set(true),
            onfocusout: move |_| is_focused.set(false),
            span { class: "ic", Icon { d: toast.icon, class: "i-sm" } }
            span { class: "min-w-0", "{toast.text}" }
            if let Some((label, run)) = toast.action {
                button {
                    class: "act",
                    r#type: "button",
                    onclick: move |_| {
                        toasts.dismiss(id);
                        toasts.run.call(run.clone());
                    },
                    "{label}"
                }
            }
            button { class: "end", r#type: "button", "aria-label": "Dismiss", onclick: move |_| toasts.dismiss(id),
                svg { class: "ring", view_box: "0 0 32 32", "aria-hidden": "true",
                    circle { cx: "16", cy: "16", r: "14", path_length: "1" }
                }
                Icon { d: X, class: "i-xs" }
            }
        }
    }
}
