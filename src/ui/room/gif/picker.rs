//! The picker: a search and a grid. All stand still; the one that a pointer or the keyboard is on plays, unless someone asked for
//! less motion.

use super::typed::none_for;
use crate::model::gifs::{self, Sticker};
use crate::ui::dom::{self, media};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::walk::{GridSearch, Walk, focus_cell, walk};
use crate::ui::words;
use dioxus::prelude::*;

const SEARCH_ID: &str = "gif-search";
const GRID_ID: &str = "gif-grid";
/// In a row, as in `assets/css/gifs.css`.
const COLUMNS: usize = 3;

/// `on_pick` gets the name of what was chosen; close it then.
#[component]
pub fn GifPicker(on_pick: Callback<&'static str>, #[props(default)] query: String) -> Element {
    let query = use_signal(|| query);
    let found = use_memo(move || gifs::search(&query.read()));
    let mut active = use_signal(|| 0_usize);
    let mut is_led = use_signal(|| false);
    let playing = use_signal(|| None::<&'static str>);
    // After the cell has become the one that Tab stops at.
    use_effect(move || {
        active.read();
        if is_led() {
            is_led.set(false);
            focus_cell(GRID_ID);
        }
    });
    use_effect(move || {
        found.read();
        active.set(0);
    });
    let take_best = move |()| {
        if let Some(best) = found.peek().first() {
            on_pick.call(best.name);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let at = *active.peek();
        match walk(&event, COLUMNS, &[found.peek().len()], (0, at)) {
            Walk::To((_, next)) => {
                is_led.set(true);
                active.set(next);
            }
            Walk::Out => dom::focus(SEARCH_ID),
            Walk::Stay => {}
        }
    };
    let all = found();
    let count = all.len();
    let is_searching = !query.read().trim().is_empty();
    let none = none_for(&query.read());
    let said = match count {
        _ if !is_searching => String::new(),
        0 => none.clone(),
        _ => words::count(count, "GIF", "GIFs"),
    };
    rsx! {
        div { class: "emoji-picker", "data-testid": "gif-picker",
            div { class: "emoji-bar-top pe-3",
                GridSearch { id: SEARCH_ID, name: "Find a GIF", grid: GRID_ID, query, on_enter: take_best }
            }
            if count == 0 {
                div { class: "emoji-none",
                    Icon { d: icon::SEARCH, class: "i-lg" }
                    p { "{none}" }
                }
            } else {
                div {
                    id: GRID_ID,
                    class: "gif-grid scroll",
                    role: "grid",
                    "aria-label": "GIFs",
                    "aria-colcount": "{COLUMNS}",
                    onkeydown: on_key,
                    for (row , stickers) in all.chunks(COLUMNS).enumerate() {
                        div { key: "{row}", class: "gif-row", role: "row",
                            for (column , sticker) in stickers.iter().enumerate() {
                                Cell {
                                    key: "{sticker.name}",
                                    sticker: **sticker,
                                    is_stop: active() == row * COLUMNS + column,
                                    playing,
                                    on_pick,
                                }
                            }
                        }
                    }
                }
            }
            p { class: "sr-only", role: "status", "{said}" }
        }
    }
}

#[component]
fn Cell(
    sticker: Sticker,
    is_stop: bool,
    playing: Signal<Option<&'static str>>,
    on_pick: Callback<&'static str>,
) -> Element {
    let mut playing = playing;
    let name = sticker.name;
    let mut play = move || {
        if !media::is_calm() {
            playing.set(Some(name));
        }
    };
    // Another one may have begun already.
    let mut rest = move || {
        if *playing.peek() == Some(name) {
            playing.set(None);
        }
    };
    let is_playing = use_memo(move || playing() == Some(name));
    rsx! {
        button {
            class: "gif-cell",
            r#type: "button",
            role: "gridcell",
            "aria-label": "{sticker.title}",
            title: "{sticker.title}",
            tabindex: if is_stop { "0" } else { "-1" },
            "data-playing": is_playing().then_some(""),
            onmouseenter: move |_| play(),
            onmouseleave: move |_| rest(),
            onfocus: move |_| play(),
            onblur: move |_| rest(),
            onclick: move |_| on_pick.call(name),
            img { src: gifs::url(name, true), alt: "", loading: "lazy", draggable: "false" }
            if is_playing() {
                img { src: gifs::url(name, false), alt: "", draggable: "false" }
            }
        }
    }
}
