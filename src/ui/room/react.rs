//! Reacting to a message, and who did.

use super::acts::{Acts, Open};
use super::extras::{PersonLine, use_names};
use super::hold::use_hold;
use crate::client::state::Row;
use crate::client::use_live;
use crate::id::{MessageId, UserId};
use crate::model::Reaction;
use crate::ui::dom::layer::{Anchor, Wish};
use crate::ui::emoji::{EmojiPopover, QuickBar};
use crate::ui::kit::Popover;
use crate::ui::words;
use dioxus::prelude::*;

/// Names that the tip of a reaction says.
const NAMED: usize = 12;

/// Reactions under a message: a press adds mine or takes it back, a long one says who. `is_stop`: the keyboard comes here.
#[component]
pub fn Reactions(row: Row, is_stop: bool) -> Element {
    let acts = use_context::<Acts>();
    let Some(id) = row.id() else { return rsx! {} };
    if row.message.reactions.is_empty() {
        return rsx! {};
    }
    let can_react = acts.can_react(&row);
    let open = {
        let row = row.clone();
        use_callback(move |at: (f64, f64)| acts.open(Open::Who, &row, Some(Anchor::Point(at.0, at.1))))
    };
    rsx! {
        div { class: "reacts", role: "group", "aria-label": "Reactions",
            for view in row.reactions() {
                Chip {
                    key: "{view.emoji}",
                    id,
                    reaction: Reaction { emoji: view.emoji.to_owned(), by: view.by.to_vec() },
                    is_mine: view.is_mine,
                    can_react,
                    is_stop,
                    open,
                }
            }
        }
    }
}

#[component]
fn Chip(
    id: MessageId,
    reaction: Reaction,
    is_mine: bool,
    can_react: bool,
    is_stop: bool,
    open: Callback<(f64, f64)>,
) -> Element {
    let acts = use_context::<Acts>();
    let live = use_live();
    let hold = use_hold();
    let Reaction { emoji, by } = reaction;
    let names = use_names(by.iter().take(NAMED).copied().collect());
    let more = by.len().saturating_sub(names.len());
    let mut names = names.join(", ");
    if more > 0 {
        names = format!("{names} and {}", words::count(more, "other", "others"));
    }
    use_effect(use_reactive(&by, move |by| live.want_people(&by[..by.len().min(NAMED)])));
    rsx! {
        button {
            class: "react",
            r#type: "button",
            tabindex: if is_stop { "0" } else { "-1" },
            "data-testid": "reaction",
            "data-tip": "{names}",
            // Where nothing can be written a press only says who.
            "aria-pressed": can_react.then_some(if is_mine { "true" } else { "false" }),
            "data-mine": is_mine.then_some(""),
            "aria-label": "{emoji} {by.len()}: {names}",
            onpointerdown: move |event: PointerEvent| {
                event.stop_propagation();
                hold.begin(&event, move |at| open.call(at));
            },
            onpointermove: move |event: PointerEvent| hold.moved(&event),
            onpointerup: move |_| hold.end(),
            onpointercancel: move |_| hold.end(),
            ontouchend: move |event: TouchEvent| hold.lifted(&event),
            oncontextmenu: move |event: MouseEvent| {
                event.prevent_default();
                event.stop_propagation();
                let at = event.client_coordinates();
                open.call((at.x, at.y));
            },
            onclick: {
                let emoji = emoji.clone();
                move |event: MouseEvent| {
                    if hold.has_held() {
                        return;
                    }
                    if can_react {
                        acts.toggle(id, &emoji);
                    } else {
                        let at = event.client_coordinates();
                        open.call((at.x, at.y));
                    }
                }
            },
            span { class: "e", "aria-hidden": "true", "{emoji}" }
            span { "{by.len()}" }
        }
    }
}

/// The quick bar, or with `is_whole` the picker.
#[component]
pub fn Chooser(row: Row, wish: Wish, is_whole: bool) -> Element {
    let acts = use_context::<Acts>();
    let Some(id) = row.id() else { return rsx! {} };
    let what = if is_whole { Open::Picker } else { Open::React };
    let on_pick = move |emoji: String| {
        acts.toggle(id, &emoji);
        acts.close(what);
    };
    let on_close = move |()| acts.close(what);
    if is_whole {
        return rsx! {
            EmojiPopover { wish, on_close, on_pick }
        };
    }
    let mine: Vec<String> = row.reactions().filter(|view| view.is_mine).map(|view| view.emoji.to_owned()).collect();
    rsx! {
        Popover { name: "React", class: "pop-bare", wish, on_close,
            QuickBar { mine, on_pick, on_more: move |()| acts.open(Open::Picker, &row, None) }
        }
    }
}

/// Everyone who reacted, by emoji. Follows what happens meanwhile.
#[component]
pub fn Who(row: Row, wish: Wish) -> Element {
    let acts = use_context::<Acts>();
    let live = use_live();
    let reactions = use_memo(move || {
        let message = row.id().and_then(|id| live.state.read().message(row.message.room_id, id));
        message.map(|message| message.reactions.clone()).unwrap_or_default()
    });
    use_effect(move || {
        let ids: Vec<UserId> = reactions.read().iter().flat_map(|reaction| reaction.by.clone()).collect();
        live.want_people(&ids);
    });
    rsx! {
        Popover { name: "Who reacted", class: "who-pop", wish, on_close: move |()| acts.close(Open::Who),
            div { class: "scroll p-2", "data-testid": "who-reacted",
                if reactions.read().is_empty() {
                    p { class: "p-3 text-ink-muted", "Nobody has reacted." }
                }
                ul {
                    for reaction in reactions() {
                        for id in reaction.by {
                            li { key: "{reaction.emoji}{id}",
                                PersonLine { id, span { class: "text-xl", "{reaction.emoji}" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
