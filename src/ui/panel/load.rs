//! What a page of the panel asks the server for.

use crate::error::Result;
use crate::ui::words;
use dioxus::prelude::*;
use std::pin::Pin;

/// Where an answer is.
#[derive(Clone, PartialEq, Debug)]
pub enum Load<T> {
    Waiting,
    Here(T),
    Failed(String),
}

impl<T> Load<T> {
    /// What is shown while it is asked once more: what is there, with whatever has the focus in it.
    fn asked_again(self) -> Self {
        match self {
            Self::Here(answer) => Self::Here(answer),
            Self::Waiting | Self::Failed(_) => Self::Waiting,
        }
    }
}

/// Asks once the page is alive, and again when a signal that `call` reads has changed; what was there stays meanwhile. The
/// callback asks once more.
pub fn use_load<T: Clone + PartialEq + 'static>(
    call: impl Fn() -> Pin<Box<dyn Future<Output = Result<T>>>> + 'static,
) -> (Signal<Load<T>>, Callback<()>) {
    let mut load = use_signal(|| Load::Waiting);
    let mut again = use_signal(|| 0_u32);
    let mut asked = use_hook(|| CopyValue::new(0_u32));
    use_effect(move || {
        again.read();
        let call = call();
        let number = *asked.peek() + 1;
        asked.set(number);
        spawn(async move {
            let answer = call.await;
            if *asked.peek() != number {
                return;
            }
            match answer {
                Ok(answer) => load.set(Load::Here(answer)),
                // What is there is better than a word about it.
                Err(_) if matches!(*load.peek(), Load::Here(_)) => {}
                Err(error) => load.set(Load::Failed(words::error(&error))),
            }
        });
    });
    let retry = use_callback(move |()| {
        let shown = load.peek().clone().asked_again();
        load.set(shown);
        again += 1;
    });
    (load, retry)
}

/// In place of what is not there: a skeleton, or why it did not come.
#[component]
pub fn LoadView(failed: Option<String>, on_retry: Callback<()>) -> Element {
    rsx! {
        if let Some(failed) = failed {
            div { class: "ribbon", "data-k": "error", role: "alert",
                span { class: "flex-1", "{failed}" }
                button { class: "act", r#type: "button", onclick: move |_| on_retry.call(()), "Try again" }
            }
        } else {
            div { class: "sect sk-late grid gap-2 p-3", role: "status", "aria-busy": "true", "aria-label": "Loading",
                for n in 0..3 {
                    span { key: "{n}", class: "sk block h-9" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_stays_while_it_is_asked_once_more() {
        assert_eq!(Load::Here(3).asked_again(), Load::Here(3));
        assert_eq!(Load::<u8>::Failed("No answer".to_owned()).asked_again(), Load::Waiting);
    }
}
