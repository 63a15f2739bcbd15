//! The picker: a search, groups, and a grid.

use super::grid::{self, Cell, Grid, Section, section_at, tops};
use super::kept;
use super::list::{Emoji, List, TONES, Tone};
use crate::ui::dom;
use crate::ui::dom::layer::Wish;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::walk::GridSearch;
use crate::ui::kit::{MenuButton, MenuItem, Popover};
use dioxus::prelude::*;
use std::rc::Rc;

const SEARCH_ID: &str = "emoji-search";
const RECENT: &str = "Recent";
/// Rows of the skeleton.
const SKELETON: usize = 6;

/// The picker in a popover, beside what opened it. `on_pick` gets the emoji in the chosen skin tone; close it then.
#[component]
pub fn EmojiPopover(on_pick: Callback<String>, on_close: Callback<()>, #[props(default)] wish: Wish) -> Element {
    rsx! {
        Popover { name: "Emoji", class: "emoji-pop", wish, on_close,
            EmojiPicker { on_pick }
        }
    }
}

/// The picker itself. It fetches the list when it first opens.
#[component]
pub fn EmojiPicker(on_pick: Callback<String>) -> Element {
    let mut list = use_resource(kept::list);
    let loaded = use_memo(move || list.read().as_ref().map(|list| list.clone().map(Loaded)));
    rsx! {
        match loaded() {
            Some(Some(Loaded(list))) => rsx! {
                Chooser { list: Loaded(list), on_pick }
            },
            Some(None) => rsx! {
                Failed { on_retry: move |()| list.restart() }
            },
            None => rsx! {
                Loading {}
            },
        }
    }
}

/// A list that is compared by where it is.
#[derive(Clone)]
pub struct Loaded(pub Rc<List>);

impl PartialEq for Loaded {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// While the list is on its way.
#[component]
pub fn Loading() -> Element {
    rsx! {
        p { class: "sr-only", role: "status", "Loading emoji" }
        div { class: "emoji-picker", "aria-hidden": "true",
            div { class: "emoji-bar-top",
                div { class: "sk h-[42px] flex-1 !rounded-full" }
            }
            div { class: "emoji-loading sk-late",
                for row in 0..SKELETON * grid::COLUMNS {
                    i { key: "{row}", class: "sk" }
                }
            }
        }
    }
}

/// The list did not come.
#[component]
pub fn Failed(on_retry: Callback<()>) -> Element {
    rsx! {
        div { class: "emoji-picker",
            div { class: "emoji-none", role: "alert",
                Icon { d: icon::CLOUD_OFF, class: "i-lg" }
                p { "The emoji could not be loaded. Check your connection, then try again." }
                button { class: "btn btn-soft", r#type: "button", "data-autofocus": "", onclick: move |_| on_retry.call(()), "Try again" }
            }
        }
    }
}

fn cell(emoji: &Emoji, tone: Tone) -> Cell {
    Cell { text: emoji.toned(tone), name: emoji.name.clone() }
}

/// What the grid shows: the recent ones and all groups, or what a query found.
fn sections(list: &List, recent: &[String], tone: Tone, query: &str) -> Vec<Section> {
    let section = |title: &str, cells: Vec<Cell>| Section { title: title.to_owned(), cells };
    if !query.trim().is_empty() {
        let found: Vec<Cell> = list.search(query).into_iter().map(|emoji| cell(emoji, tone)).collect();
        return if found.is_empty() { Vec::new() } else { vec![section("", found)] };
    }
    let name = |text: &String| list.find(text).map_or_else(|| text.clone(), |emoji| emoji.name.clone());
    let recent: Vec<Cell> = recent.iter().map(|text| Cell { text: text.clone(), name: name(text) }).collect();
    let recent = (!recent.is_empty()).then(|| section(RECENT, recent));
    let groups =
        list.0.iter().map(|group| section(&group.name, group.emoji.iter().map(|emoji| cell(emoji, tone)).collect()));
    recent.into_iter().chain(groups).collect()
}

/// The sign of a group on its tab.
fn tab_face(title: &str) -> &'static str {
    match title {
        RECENT => "🕘",
        "Smileys" => "😀",
        "People" => "👋",
        "Nature" => "🌿",
        "Food" => "🍎",
        "Travel" => "🚗",
        "Activities" => "⚽",
        "Objects" => "💡",
        "Symbols" => "❤️",
        _ => "🏳️",
    }
}

#[component]
pub fn Chooser(list: Loaded, on_pick: Callback<String>, #[props(default)] query: String) -> Element {
    // As they were when it opened: nothing moves under the pointer.
    let recent = use_hook(|| Rc::new(kept::recent()));
    let mut tone = use_signal(kept::tone);
    let query = use_signal(|| query);
    let top = use_signal(|| 0_usize);
    let Loaded(list) = list;
    let sections = use_memo(move || Rc::new(sections(&list, &recent, tone(), &query.read())));
    let pick = use_callback(move |emoji: String| {
        kept::pick(&emoji);
        on_pick.call(emoji);
    });
    let take_best = move |()| {
        let best = sections.peek().first().and_then(|section| section.cells.first()).map(|cell| cell.text.clone());
        if let Some(best) = best {
            pick.call(best);
        }
    };
    let is_searching = use_memo(move || !query.read().trim().is_empty());
    let count = use_memo(move || sections.read().iter().map(|section| section.cells.len()).sum::<usize>());
    let said = match count() {
        _ if !is_searching() => String::new(),
        0 => "No emoji found".to_owned(),
        1 => "1 emoji".to_owned(),
        count => format!("{count} emoji"),
    };
    rsx! {
        div { class: "emoji-picker",
            div { class: "emoji-bar-top",
                GridSearch { id: SEARCH_ID, name: "Find an emoji", grid: grid::ID, query, on_enter: take_best }
                ToneButton { tone: tone(), on_choose: move |next| { kept::set_tone(next); tone.set(next); } }
            }
            if !is_searching() {
                Tabs { sections, top }
            }
            if count() == 0 {
                div { class: "emoji-none",
                    Icon { d: icon::SEARCH, class: "i-lg" }
                    p { "No emoji found. Try another word." }
                }
            } else {
                Grid { sections, top, on_pick: pick, on_top: move |()| dom::focus(SEARCH_ID) }
            }
            p { class: "sr-only", role: "status", "{said}" }
        }
    }
}

/// The groups: a press scrolls there. Arrows move among them.
#[component]
fn Tabs(sections: Memo<Rc<Vec<Section>>>, top: Signal<usize>) -> Element {
    let current = use_memo(move || section_at(&sections.read(), top()));
    let on_key = |event: KeyboardEvent| super::arrows(&event, ".emoji-tabs > button");
    let all = sections.read();
    rsx! {
        div { class: "emoji-tabs", role: "toolbar", "aria-label": "Groups", onkeydown: on_key,
            for (at , (section , start)) in all.iter().zip(tops(&all)).enumerate() {
                button {
                    key: "{section.title}",
                    r#type: "button",
                    "aria-label": "{section.title}",
                    title: "{section.title}",
                    "aria-pressed": if current() == at { "true" } else { "false" },
                    tabindex: if current() == at { "0" } else { "-1" },
                    onclick: move |_| dom::set_scroll_top(grid::ID, i32::try_from(start).unwrap_or_default()),
                    {tab_face(&section.title)}
                }
            }
        }
    }
}

#[component]
fn ToneButton(tone: Tone, on_choose: Callback<Tone>) -> Element {
    let is_open = use_signal(|| false);
    const HANDS: [&str; 6] = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"];
    let all = || (0_u8..).zip(HANDS.iter().zip(TONES));
    rsx! {
        MenuButton {
            name: "Skin tone",
            class: "icon-btn emoji-tone",
            is_open,
            wish: Wish { is_end: true, ..Wish::default() },
            face: rsx! { {HANDS[usize::from(tone)]} },
            for (value , (hand , name)) in all() {
                MenuItem { key: "{value}", checked: value == tone, on_pick: move |()| on_choose.call(value),
                    span { class: "text-xl me-3", "aria-hidden": "true", "{hand}" }
                    "{name}"
                }
            }
        }
    }
}
