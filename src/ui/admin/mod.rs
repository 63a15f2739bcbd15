//! What the admins of the instance see: open reports, accounts, and the log of what was done.

mod accounts;
mod assistant;
mod log;
mod reports;

use crate::client::use_live;
use crate::error::Result;
use crate::ui::NotFound;
use crate::ui::shell::Heading;
use crate::ui::words;
use dioxus::prelude::*;
use std::pin::Pin;

/// Rows of one answer; fewer mean that it was the last.
const PAGE: usize = 50;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Reports,
    Accounts,
    Assistant,
    Log,
}

const TABS: [(Tab, &str); 4] =
    [(Tab::Reports, "Reports"), (Tab::Accounts, "Accounts"), (Tab::Assistant, "Assistant"), (Tab::Log, "Log")];

#[component]
pub fn Admin() -> Element {
    let live = use_live();
    let is_admin = use_memo(move || live.state.read().me.person.is_admin);
    let mut tab = use_signal(|| Tab::Reports);
    if !is_admin() {
        return rsx! {
            NotFound { segments: vec!["admin".to_owned()] }
        };
    }
    rsx! {
        section { class: "sheet", "aria-label": "Administration", "data-testid": "admin",
            Heading { title: "Administration" }
            div { class: "scroll flex-1 px-3 py-4",
                div { class: "grid grid-cols-1 gap-4 mx-auto w-full max-w-[720px]",
                    div { class: "flex flex-wrap gap-2", role: "group", "aria-label": "What to show",
                        for (value , name) in TABS {
                            button {
                                key: "{name}",
                                class: if tab() == value { "btn btn-primary" } else { "btn btn-soft" },
                                r#type: "button",
                                "aria-pressed": if tab() == value { "true" } else { "false" },
                                onclick: move |_| tab.set(value),
                                "{name}"
                            }
                        }
                    }
                    match tab() {
                        Tab::Reports => rsx! {
                            reports::Reports {}
                        },
                        Tab::Accounts => rsx! {
                            accounts::Accounts {}
                        },
                        Tab::Assistant => rsx! {
                            assistant::Assistant {}
                        },
                        Tab::Log => rsx! {
                            log::Log {}
                        },
                    }
                }
            }
        }
    }
}

/// A list that comes page by page.
#[derive(Clone, PartialEq)]
struct Rows<T> {
    rows: Vec<T>,
    is_loading: bool,
    has_more: bool,
    failed: Option<String>,
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<Vec<T>>>>>;

impl<T: Clone + 'static> Rows<T> {
    fn new() -> Self {
        Self { rows: Vec::new(), is_loading: true, has_more: false, failed: None }
    }

    /// Adds what `call` brings; `anew` puts it in the place of what is there.
    fn load(mut list: Signal<Self>, anew: bool, call: Answer<T>) {
        {
            let mut list = list.write();
            list.is_loading = true;
            list.failed = None;
        }
        spawn(async move {
            let answer = call.await;
            let mut list = list.write();
            list.is_loading = false;
            match answer {
                Ok(rows) => {
                    list.has_more = rows.len() == PAGE;
                    if anew {
                        list.rows = rows;
                    } else {
                        list.rows.extend(rows);
                    }
                }
                Err(error) => list.failed = Some(words::error(&error)),
            }
        });
    }
}

/// What stands below a list: its skeleton, why it did not come, that it is empty, or the button for more.
#[component]
fn Foot(
    is_loading: bool,
    is_empty: bool,
    has_more: bool,
    failed: Option<String>,
    empty: &'static str,
    on_more: EventHandler,
) -> Element {
    rsx! {
        if let Some(failed) = failed {
            div { class: "card p-4 grid gap-2 justify-items-start", role: "alert",
                p { "{failed}" }
                button { class: "btn btn-soft", r#type: "button", onclick: move |_| on_more.call(()), "Try again" }
            }
        } else if is_loading {
            div { class: "grid gap-3", "aria-busy": "true", "aria-label": "Loading",
                for n in 0..3 {
                    div { key: "{n}", class: "card p-5 sk h-24" }
                }
            }
        } else if is_empty {
            p { class: "text-center text-ink-muted py-12", "{empty}" }
        } else if has_more {
            button { class: "btn btn-soft justify-self-center", r#type: "button", onclick: move |_| on_more.call(()), "Show more" }
        }
    }
}
