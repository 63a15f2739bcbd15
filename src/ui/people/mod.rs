//! Finding people, and asking them to talk.

mod field;
mod group;
mod hit;
mod intro;
mod pick;

pub use field::{Sending, TextField, use_sending};
pub use group::NewGroup;
pub(crate) use hit::relation;
pub use intro::Intro;
pub use pick::{Pick, outcome};

use crate::api;
use crate::app::Route;
use crate::client::use_live;
use crate::model::limits::SEARCH_MAX_CHARS;
use crate::model::{PersonHit, Relation};
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::shell::Heading;
use crate::ui::words;
use dioxus::prelude::*;
use hit::Hit;

/// The id of the field.
pub const ID: &str = "find-people";
/// Keys in quick succession ask once.
const DEBOUNCE_MS: u32 = 250;
/// A skeleton for less than this would only flicker.
const SKELETON_AFTER_MS: u32 = 150;

#[derive(Clone, PartialEq, Debug)]
enum Results {
    /// Nothing was asked.
    Idle,
    /// Asked; `true` once it takes long enough to show.
    Loading(bool),
    Found(Vec<PersonHit>),
    Failed(String),
}

#[component]
pub fn People() -> Element {
    let live = use_live();
    let mut query = use_signal(String::new);
    let mut results = use_signal(|| Results::Idle);
    // Answers that come late are told by it.
    let mut asked = use_signal(|| 0_u32);
    let mut open = use_signal(|| None);

    let mut ask = move |text: String, delay_ms: u32| {
        query.set(text.clone());
        open.set(None);
        let number = *asked.peek() + 1;
        asked.set(number);
        let text = text.trim().to_owned();
        if text.is_empty() {
            results.set(Results::Idle);
            return;
        }
        spawn(async move {
            dom::sleep(delay_ms).await;
            if *asked.peek() != number {
                return;
            }
            if !matches!(*results.peek(), Results::Found(_)) {
                results.set(Results::Loading(false));
            }
            spawn(async move {
                dom::sleep(SKELETON_AFTER_MS).await;
                if *asked.peek() == number && matches!(*results.peek(), Results::Loading(_)) {
                    results.set(Results::Loading(true));
                }
            });
            let answer = api::people::find_people(text).await;
            if *asked.peek() == number {
                results.set(match answer {
                    Ok(hits) => Results::Found(hits),
                    Err(error) => Results::Failed(words::error(&error)),
                });
            }
        });
    };
    use_effect(move || {
        // A field that is there at once may have been typed into before the page came alive.
        if let Some(typed) = dom::value(ID).filter(|typed| !typed.is_empty() && *typed != *query.peek()) {
            ask(typed, 0);
        }
        dom::focus(ID);
    });
    let me = use_memo(move || live.state.read().me.person.clone());
    let assistant = use_memo(move || live.state.read().assistant.clone());
    rsx! {
        section {
            class: "sheet wallpaper",
            "aria-label": "New chat",
            style: "--wp:var(--wp-petals);--wp-size:var(--wps-petals)",
            Heading { title: "New chat", only_on_phones: true }
            div { class: "scroll flex-1 px-3 pb-6 pt-2",
                div { class: "dialog find",
                    form {
                        class: "flex items-center gap-3 px-5 h-16",
                        role: "search",
                        onsubmit: move |event: FormEvent| {
                            event.prevent_default();
                            let text = query.peek().clone();
                            ask(text, 0);
                        },
                        Icon { d: icon::SEARCH, class: "text-ink-subtle" }
                        input {
                            id: ID,
                            class: "find-in",
                            r#type: "search",
                            "aria-label": "Find people",
                            placeholder: "Name or @username",
                            autocomplete: "off",
                            autocapitalize: "none",
                            spellcheck: "false",
                            maxlength: "{SEARCH_MAX_CHARS}",
                            value: "{query}",
                            oninput: move |event| ask(event.value(), DEBOUNCE_MS),
                        }
                    }
                    div { class: "px-2 pb-3", "aria-live": "polite", "aria-busy": matches!(results(), Results::Loading(_)).then_some("true"),
                        match results() {
                            Results::Idle => rsx! {
                                Link { class: "ln pick mb-1", to: Route::NewGroup {},
                                    Icon { d: icon::USERS }
                                    span { class: "flex-1 font-medium", "New group" }
                                    Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" }
                                }
                                if let Some(person) = assistant() {
                                    ul { class: "grid gap-1 mb-1", "aria-label": "Assistant",
                                        Hit { hit: PersonHit { person, relation: Relation::None }, open }
                                    }
                                }
                                p { class: "text-ink-muted text-sm px-3 pb-2",
                                    "People find you as "
                                    b { class: "font-semibold text-ink", "@{me().username}" }
                                    "."
                                }
                            },
                            Results::Loading(false) => rsx! {},
                            Results::Loading(true) => rsx! { HitSkeleton {} },
                            Results::Failed(text) => rsx! {
                                div { class: "ribbon mx-2", "data-k": "error", role: "alert",
                                    span { class: "flex-1", "{text}" }
                                    button {
                                        class: "act",
                                        r#type: "button",
                                        onclick: move |_| {
                                            let text = query.peek().clone();
                                            ask(text, 0);
                                        },
                                        "Try again"
                                    }
                                }
                            },
                            Results::Found(hits) if hits.is_empty() => rsx! {
                                p { class: "font-semibold px-3", "Nobody matches “{query.read().trim()}”" }
                                p { class: "text-sm text-ink-muted px-3 pb-2", "Try fewer letters, or ask them for their username." }
                            },
                            Results::Found(hits) => rsx! {
                                ul { class: "grid gap-1", "aria-label": "People",
                                    for hit in hits {
                                        Hit { key: "{hit.person.id}", hit, open }
                                    }
                                }
                            },
                        }
                    }
                }
            }
        }
    }
}

/// In the shape of what comes.
#[component]
fn HitSkeleton() -> Element {
    rsx! {
        ul { "aria-hidden": "true",
            for at in 0..3 {
                li { class: "flex items-center gap-3 min-h-[60px] px-3",
                    span { class: "sk size-10 rounded-full" }
                    span { class: "grid gap-2",
                        span { class: "sk block h-3.5 w-32", style: "animation-delay:{at * 80}ms" }
                        span { class: "sk block h-3 w-20", style: "animation-delay:{at * 80}ms" }
                    }
                }
            }
        }
    }
}
