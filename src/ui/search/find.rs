//! The bar that finds in one room: how many there are, and from one to the next, also to what is not loaded.

use super::answers::{DEBOUNCE_MS, offset};
use super::{Finding, use_search};
use crate::api;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::limits::SEARCH_QUERY_MAX_CHARS;
use crate::model::{RoomHit, RoomSearch, Seq};
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use crate::{Error, error::Result};
use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use std::rc::Rc;

/// The id of the field.
pub const FIELD: &str = "search-room";
/// A limit that is over this soon is waited for instead of told.
const PATIENCE_MS: u64 = 3_000;

/// The field, once it is painted.
pub(super) fn focus() {
    spawn_forever(async {
        dom::sleep(20).await;
        dom::focus(FIELD);
    });
}

/// The bar is gone: on with writing. A finger would get the keyboard with it.
pub(super) fn leave() {
    if !dom::is_touch() {
        spawn_forever(async {
            dom::sleep(20).await;
            dom::focus("composer");
        });
    }
}

/// How the last question stands.
#[derive(Clone, PartialEq, Default)]
struct Answer {
    is_here: bool,
    is_busy: bool,
    has_more: bool,
    is_complete: bool,
    failed: Option<Error>,
}

/// Over the tools of a room's bar while the room is searched.
#[component]
pub fn FindBar(room_id: RoomId) -> Element {
    let search = use_hook(try_consume_context::<super::Search>);
    rsx! {
        if search.is_some_and(|search| search.room() == Some(room_id)) {
            OpenBar { room_id }
        }
    }
}

#[component]
fn OpenBar(room_id: RoomId) -> Element {
    let search = use_search();
    let live = use_live();
    let mut finding = search.finding;
    let mut typed = use_signal(String::new);
    let mut answer = use_signal(Answer::default);
    let mut asked = use_hook(|| CopyValue::new(0_u32));
    use_drop(move || {
        // The room was left.
        if let Ok(mut finding) = finding.try_write()
            && finding.as_ref().is_some_and(|finding| finding.room_id == room_id)
        {
            *finding = None;
        }
    });

    let go_to = move |hits: Rc<Vec<RoomHit>>, at: usize| {
        let found = Finding { room_id, hits, at };
        let seq = found.current();
        finding.set(Some(found));
        if let Some(seq) = seq {
            live.jump_to(room_id, seq);
        }
    };
    // `before`: goes on with what is older.
    let mut ask = move |before: Option<Seq>, delay_ms: u32| {
        let number = *asked.peek() + 1;
        asked.set(number);
        let text = typed.peek().trim().to_owned();
        if text.is_empty() {
            answer.set(Answer::default());
            finding.set(Some(Finding { room_id, hits: Rc::default(), at: 0 }));
            return;
        }
        {
            let mut answer = answer.write();
            answer.is_busy = true;
            answer.failed = None;
        }
        let mut go_to = go_to;
        spawn(async move {
            dom::sleep(delay_ms).await;
            if *asked.peek() != number {
                return;
            }
            let found = hits(room_id, &text, before).await;
            if *asked.peek() != number {
                return;
            }
            match found {
                Ok(found) => {
                    answer.set(Answer {
                        is_here: true,
                        has_more: found.has_more,
                        is_complete: found.covered.complete,
                        ..Answer::default()
                    });
                    let mut all = match (before, finding.peek().as_ref()) {
                        (Some(_), Some(finding)) => finding.hits.to_vec(),
                        _ => Vec::new(),
                    };
                    let first = all.len();
                    all.extend(found.hits);
                    let at = if first < all.len() { first } else { 0 };
                    go_to(Rc::new(all), at);
                }
                Err(error) => {
                    answer.set(Answer { failed: Some(error), ..Answer::default() });
                    if before.is_none() {
                        finding.set(Some(Finding { room_id, hits: Rc::default(), at: 0 }));
                    }
                }
            }
        });
    };
    let mut step = move |is_older: bool| {
        if answer.peek().is_busy {
            return;
        }
        let Some(now) = finding.peek().clone() else { return };
        let count = now.hits.len();
        let is_last = now.at + 1 >= count;
        if is_older && is_last && (answer.peek().has_more || count == 0) {
            // Again from the beginning, when there is nothing yet.
            let before = now.hits.last().map(|hit| hit.seq);
            return ask(before, 0);
        }
        if count > 0 {
            let by = if is_older { 1 } else { count - 1 };
            let mut go_to = go_to;
            go_to(now.hits.clone(), (now.at + by) % count);
        }
    };
    let (count, at) = finding.read().as_ref().map_or((0, 0), |finding| (finding.hits.len(), finding.at));
    let Answer { is_here, is_busy, has_more, is_complete, failed } = answer();
    let status = match &failed {
        Some(error) => words::error(error),
        None if is_busy => "Searching…".to_owned(),
        None if !is_here => String::new(),
        None if count > 0 => format!("{} of {count}{}", at + 1, if has_more { "+" } else { "" }),
        None if is_complete => "No results".to_owned(),
        None => "Not all searched yet".to_owned(),
    };
    let can_retry = failed.as_ref().is_some_and(|error| !matches!(error, Error::Invalid { .. }))
        || is_here && !is_complete && count == 0;
    rsx! {
        div { class: "find-bar", role: "search", "aria-label": "Search in this chat",
            Icon { d: icon::SEARCH, class: "i-sm text-ink-subtle" }
            input {
                id: FIELD,
                class: "find-in",
                r#type: "search",
                "aria-label": "Search in this chat",
                "aria-describedby": "search-room-status",
                placeholder: "Search in this chat",
                autocomplete: "off",
                autocapitalize: "none",
                spellcheck: "false",
                "enterkeyhint": "search",
                maxlength: "{SEARCH_QUERY_MAX_CHARS}",
                value: "{typed}",
                onmounted: move |_| focus(),
                oninput: move |event| {
                    typed.set(event.value());
                    ask(None, DEBOUNCE_MS);
                },
                onkeydown: move |event: KeyboardEvent| {
                    if event.is_composing() {
                        return;
                    }
                    let is_back = event.modifiers().contains(Modifiers::SHIFT);
                    match event.key() {
                        Key::Enter => step(!is_back),
                        Key::ArrowUp => step(true),
                        Key::ArrowDown => step(false),
                        _ => return,
                    }
                    event.prevent_default();
                },
            }
            span {
                id: "search-room-status",
                class: if failed.is_some() { "find-status hint" } else { "find-status" },
                "data-error": failed.is_some().then_some(""),
                role: "status",
                "data-testid": "find-status",
                "{status}"
            }
            if can_retry {
                button { class: "btn btn-soft find-retry", r#type: "button", onclick: move |_| ask(None, 0), "Retry" }
            }
            button { class: "icon-btn", r#type: "button", "aria-label": "Previous", title: "Previous (Enter)", disabled: count == 0, onclick: move |_| step(true),
                Icon { d: icon::CHEVRON_UP }
            }
            button { class: "icon-btn", r#type: "button", "aria-label": "Next", title: "Next (Shift Enter)", disabled: count == 0, onclick: move |_| step(false),
                Icon { d: icon::CHEVRON_DOWN }
            }
            button { class: "icon-btn", r#type: "button", "aria-label": "Close search", title: "Close (Esc)", onclick: move |_| search.end_find(),
                Icon { d: icon::X }
            }
        }
    }
}

async fn hits(room_id: RoomId, text: &str, before: Option<Seq>) -> Result<RoomSearch> {
    let ask = || api::search::search_room(room_id, text.to_owned(), before, offset());
    match ask().await {
        Err(Error::RateLimited { retry_after_ms }) if retry_after_ms <= PATIENCE_MS => {
            dom::sleep(u32::try_from(retry_after_ms).unwrap_or_default()).await;
            ask().await
        }
        answer => answer,
    }
}
