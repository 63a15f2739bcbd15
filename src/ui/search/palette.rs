//! The box: a field, and a list of what it finds.

use super::answers::{Answers, DEBOUNCE_MS, use_asker};
use super::commands::{COMMANDS, Reach};
use super::line::Choice;
use super::sections::{Line, Pick, Question, TABS, Tab, asked, sections};
use super::use_search;
use crate::app::Route;
use crate::client::use_live;
use crate::error::{Error, Problem};
use crate::id::RoomId;
use crate::model::limits::SEARCH_QUERY_MAX_CHARS;
use crate::model::{Covered, Relation};
use crate::ui::dom;
use crate::ui::kit::dialog::Modal;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::use_toasts;
use crate::ui::panel::{Page, use_panel};
use crate::ui::people::relation;
use crate::ui::shell::use_dialogs;
use crate::ui::time::{Clock, use_clock};
use crate::ui::words;
use dioxus::prelude::*;

const FIELD: &str = "search-all";

/// Where the box is drawn while it is open.
#[component]
pub fn Palette(current: Signal<Option<RoomId>>) -> Element {
    let search = use_search();
    rsx! {
        if (search.is_open)() {
            OpenPalette { current }
        }
    }
}

#[component]
fn OpenPalette(current: Signal<Option<RoomId>>) -> Element {
    let search = use_search();
    let (live, panel, toasts, navigator) = (use_live(), use_panel(), use_toasts(), use_navigator());
    let reach = Reach { live, search, panel, toasts, dialogs: use_dialogs(), navigator, room_id: *current.peek() };
    let clock = use_clock();
    let asker = use_asker();
    let mut typed = use_signal(String::new);
    let mut tab = use_signal(|| Tab::Everything);
    // The key of the line that Enter picks; `None`: the first that answers what was typed.
    let mut active = use_signal(|| None::<String>);

    let list = {
        let (state, answers) = (live.state.read(), asker.answers.read());
        sections(&reach, &state, &Question { typed: &typed.read(), tab: tab(), answers: &answers, clock })
    };
    let lines: Vec<Line> = list.iter().flat_map(|section| section.lines.iter().cloned()).collect();
    // Enter right after typing must not open what an earlier question found.
    let first = lines.iter().position(|line| !is_old(&line.pick, &asker.answers.read()));
    let at = active().and_then(|key| lines.iter().position(|line| line.key == key)).or(first);
    let chosen = at.and_then(|at| lines.get(at).cloned());

    let mut ask = move |text: String, delay_ms: u32| {
        typed.set(text.clone());
        active.set(None);
        asker.ask(&asked(&text, *tab.peek()), delay_ms);
    };
    let mut narrow = move |to: Tab| {
        let before = *tab.peek();
        tab.set(to);
        active.set(None);
        let text = typed.peek().clone();
        let question = asked(&text, to);
        if question != asked(&text, before) {
            asker.ask(&question, 0);
        }
    };
    let go_to = move |room_id: RoomId| {
        if dom::is_compact() && panel.is_open() {
            panel.close();
        }
        navigator.push(Route::Room { room_id });
    };
    let pick = use_callback(move |line: Line| match line.pick {
        Pick::Fill(query) => {
            ask(query, 0);
            dom::focus(FIELD);
        }
        Pick::More => asker.more(&asked(&typed.peek(), *tab.peek())),
        Pick::Retry => {
            let text = typed.peek().clone();
            ask(text, 0);
        }
        pick => {
            search.close();
            match pick {
                Pick::Room(room_id) => go_to(room_id),
                Pick::Message(room_id, seq) => {
                    go_to(room_id);
                    live.jump_to(room_id, seq);
                }
                Pick::Person(hit) => match relation(&live.state.peek(), &hit) {
                    Relation::Connected { room_id } => go_to(room_id),
                    _ => panel.open(Page::Person(hit.person.id)),
                },
                Pick::Command(at) => (COMMANDS[at].run)(reach),
                Pick::Fill(_) | Pick::More | Pick::Retry => {}
            }
        }
    });
    let point = use_callback(move |key| active.set(Some(key)));
    let onkeydown = {
        let chosen = chosen.clone();
        let keys: Vec<String> = lines.iter().map(|line| line.key.clone()).collect();
        move |event: KeyboardEvent| {
            if event.is_composing() {
                return;
            }
            let count = keys.len();
            match event.key() {
                Key::ArrowDown | Key::ArrowUp if count > 0 => {
                    let next = match (event.key() == Key::ArrowDown, at) {
                        (true, Some(at)) => (at + 1) % count,
                        (false, Some(at)) => (at + count - 1) % count,
                        (true, None) => 0,
                        (false, None) => count - 1,
                    };
                    let key = &keys[next];
                    active.set(Some(key.clone()));
                    dom::show(&format!("pal-{key}"));
                }
                Key::Enter => {
                    if let Some(line) = chosen.clone() {
                        pick.call(line);
                    }
                }
                Key::Tab => {
                    let now = TABS.iter().position(|(kind, _)| *kind == tab()).unwrap_or(0);
                    let step = if event.modifiers().contains(Modifiers::SHIFT) { TABS.len() - 1 } else { 1 };
                    narrow(TABS[(now + step) % TABS.len()].0);
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    let answers = asker.answers.read();
    let is_asking = !typed.read().trim().is_empty();
    let offers = lines.iter().filter(|line| matches!(line.pick, Pick::Fill(_))).count();
    // A filter whose value is still being typed, or offered, is not wrong yet.
    let is_wrong =
        |error: &&Error| matches!(error, Error::Invalid { problem, .. } if offers == 0 || *problem != Problem::Missing);
    let wrong = answers.failed.as_ref().filter(is_wrong).map(words::error);
    let is_nothing = is_asking && lines.is_empty() && wrong.is_none() && has_all(&answers, tab());
    let status = status(&answers, is_asking, lines.len() - offers, clock);
    rsx! {
        Modal { name: "Search", class: "palette", on_close: move |()| search.close(),
            div { class: "flex items-center gap-3 px-5 h-16 flex-none",
                Icon { d: icon::SEARCH, class: "text-ink-subtle" }
                input {
                    id: FIELD,
                    class: "find-in",
                    r#type: "text",
                    role: "combobox",
                    "inputmode": "search",
                    "data-autofocus": "",
                    "aria-label": "Search",
                    "aria-expanded": if lines.is_empty() { "false" } else { "true" },
                    "aria-controls": "pal-list",
                    "aria-autocomplete": "list",
                    "aria-activedescendant": chosen.as_ref().map(|line| format!("pal-{}", line.key)),
                    placeholder: "People, messages, actions",
                    autocomplete: "off",
                    autocapitalize: "none",
                    spellcheck: "false",
                    "enterkeyhint": "go",
                    maxlength: "{SEARCH_QUERY_MAX_CHARS}",
                    value: "{typed}",
                    oninput: move |event| ask(event.value(), DEBOUNCE_MS),
                    onkeydown,
                }
                span { class: "kbd only-wide", "aria-hidden": "true", "Esc" }
                button { class: "icon-btn only-phone -me-2", r#type: "button", "aria-label": "Close", onclick: move |_| search.close(),
                    Icon { d: icon::X }
                }
            }
            div { class: "palette-tabs", role: "tablist", "aria-label": "What to list",
                for (kind , name) in TABS {
                    button {
                        key: "{name}",
                        class: "chip",
                        r#type: "button",
                        role: "tab",
                        tabindex: "-1",
                        "aria-selected": if tab() == kind { "true" } else { "false" },
                        onclick: move |_| {
                            narrow(kind);
                            dom::focus(FIELD);
                        },
                        "{name}"
                    }
                }
            }
            if let Some(wrong) = wrong {
                p { class: "hint px-5 pb-2", "data-error": "", role: "alert", "{wrong}" }
            }
            if is_nothing {
                p { class: "px-5 pt-3 pb-6 text-ink-muted", "No results for “{typed.read().trim()}”" }
            }
            div { id: "pal-list", class: "palette-list scroll", role: "listbox", tabindex: "-1", "aria-label": "Results", "aria-busy": answers.is_busy.then_some("true"),
                for section in list {
                    ul { key: "{section.title}", role: "group", "aria-label": section.title,
                        li { class: "opt-title", role: "presentation", "aria-hidden": "true", "{section.title}" }
                        for line in section.lines {
                            Choice {
                                key: "{line.key}",
                                is_active: chosen.as_ref().is_some_and(|chosen| chosen.key == line.key),
                                line,
                                on_pick: pick,
                                on_point: point,
                            }
                        }
                    }
                }
            }
            footer { class: "palette-foot",
                span { class: "only-wide keys", "aria-hidden": "true",
                    span { class: "kbd", "↑" }
                    span { class: "kbd", "↓" }
                    " move "
                    span { class: "kbd ms-2", "Enter" }
                    " open "
                    span { class: "kbd ms-2", "Tab" }
                    " narrow"
                }
                span { class: "ms-auto", role: "status", "data-testid": "search-status",
                    if is_asking { "{status}" } else { "from: in: has: before: after:" }
                }
            }
        }
    }
}

/// Whether a line answers an earlier question than the one that was typed.
fn is_old(pick: &Pick, answers: &Answers) -> bool {
    match pick {
        Pick::Person(_) => answers.has_old_people,
        Pick::Message(..) | Pick::More => answers.has_old_page,
        Pick::Room(_) | Pick::Command(_) | Pick::Fill(_) | Pick::Retry => false,
    }
}

/// Whether everything that this tab lists was answered, and nothing was left out.
fn has_all(answers: &Answers, tab: Tab) -> bool {
    let has_people = answers.people.is_some() && !answers.has_old_people;
    let has_messages = !answers.is_busy && answers.page.as_ref().is_some_and(|page| page.covered.complete);
    match tab {
        Tab::Everything => has_people && has_messages,
        Tab::People => has_people,
        Tab::Messages | Tab::Files => has_messages,
        Tab::Actions => true,
    }
}

/// How many were found, and what was looked through for them.
fn status(answers: &Answers, is_asking: bool, count: usize, clock: Clock) -> String {
    if !is_asking {
        return String::new();
    }
    if answers.is_busy {
        return "Searching…".to_owned();
    }
    let found = words::count(count, "result", "results");
    match answers.page.as_ref().map(|page| page.covered) {
        Some(covered) if !covered.complete => match covered.back_to {
            Some(at) => format!("{found} so far, back to {}", clock.day(at)),
            None => format!("{found} so far"),
        },
        Some(covered) => format!("{found} in {}", extent(&covered)),
        None => found,
    }
}

/// `3 rooms, 12,480 messages`
fn extent(covered: &Covered) -> String {
    let rooms = if covered.rooms == 1 { "room" } else { "rooms" };
    let messages = if covered.messages == 1 { "message" } else { "messages" };
    format!("{} {rooms}, {} {messages}", grouped(covered.rooms.into()), grouped(covered.messages))
}

/// `12,480`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SearchPage;
    use crate::time::Timestamp;

    const CLOCK: Clock = Clock { now: Timestamp(1_749_060_720_000), is_local: false };

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 999, 1_000, 12_480, 1_000_000].map(grouped), ["0", "999", "1,000", "12,480", "1,000,000"]);
    }

    #[test]
    fn a_status_says_what_was_covered() {
        let covered = Covered { rooms: 3, messages: 12_480, complete: true, back_to: None };
        let page = |covered| SearchPage { found: vec![], people: vec![], covered, next: None };
        let answers = Answers { page: Some(page(covered)), ..Answers::default() };
        assert_eq!(status(&answers, true, 1, CLOCK), "1 result in 3 rooms, 12,480 messages");
        let part = Covered { complete: false, back_to: Some(CLOCK.now), ..covered };
        let answers = Answers { page: Some(page(part)), people: Some(vec![]), ..Answers::default() };
        assert_eq!(status(&answers, true, 0, CLOCK), "0 results so far, back to Today");
        assert!(!has_all(&answers, Tab::Everything) && has_all(&answers, Tab::People));
        let old = Answers { people: Some(vec![]), has_old_people: true, has_old_page: true, ..Answers::default() };
        assert!(!has_all(&old, Tab::People), "others were asked for");
        assert!(is_old(&Pick::Message(crate::ui::samples::room_id(1), 4), &old) && is_old(&Pick::More, &old));
        assert!(!is_old(&Pick::Command(0), &old), "what the page knows itself is never old");
        assert_eq!(status(&Answers { is_busy: true, ..Answers::default() }, true, 0, CLOCK), "Searching…");
    }
}
