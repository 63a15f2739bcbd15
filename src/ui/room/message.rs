//! One message. Text is drawn piece by piece as elements: nothing anybody writes is ever markup.

use super::acts::{Acts, Do, Open, anchor_id, row_id};
use super::answer::{AnswerFoot, answer_of};
use super::attachments::{Attachments, has_pictures, is_final};
use super::body::MessageBody;
use super::extras::{Blocked, Forwarded, HoverTools, QuoteBlock};
use super::game::{GameCard, is_game};
use super::gif::{GifCard, is_gif};
use super::grouping::Place;
use super::hold::use_hold;
use super::preview_card::PreviewCard;
use super::react::Reactions;
use super::{Visit, take_back};
use crate::client::state::Row;
use crate::client::{Live, use_live};
use crate::error::Error;
use crate::model::{Attachment, Extra, Person, text};
use crate::ui::dom::{self, layer::Anchor};
use crate::ui::kit::BotTag;
use crate::ui::kit::avatar::{Avatar, Tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::marks::{FailedMark, TickMark, tick_code};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;
use std::rc::Rc;

/// A message in its run. `author` is said to those who can't see the side it is on; `is_new` lets it rise. In a group
/// `person` stands beside it. `is_stop`: the keyboard comes here. `chosen`: messages are being chosen, this one or not.
#[component]
pub fn MessageRow(
    row: Row,
    place: Place,
    author: String,
    #[props(default)] is_new: bool,
    #[props(default)] person: Option<Rc<Person>>,
    #[props(default)] is_stop: bool,
    #[props(default)] is_lit: bool,
    #[props(default)] chosen: Option<bool>,
) -> Element {
    let clock = use_clock();
    let me: Rc<str> = use_hook(|| {
        let live = try_consume_context::<Live>();
        live.map_or_else(|| Rc::from(""), |live| Rc::from(live.state.peek().me.person.username.as_str()))
    });
    let acts = use_hook(try_consume_context::<Acts>);
    let hold = use_hold();
    let mut is_hovered = use_signal(|| false);
    let mut is_uncovered = use_signal(|| false);
    let is_deleted = row.is_deleted();
    let is_covered = row.is_blocked_author && !is_deleted && !is_uncovered();
    let acts = acts.filter(|_| Acts::has_menu(&row) && !is_covered);
    let open = {
        let row = row.clone();
        use_callback(move |(x, y): (f64, f64)| {
            if let Some(acts) = acts.filter(|_| chosen.is_none()) {
                acts.open(Open::Menu, &row, Some(Anchor::Point(x, y)));
            }
        })
    };
    let key = row.key;
    let forwarded = row.message.forwarded_from.filter(|_| !is_deleted && !is_covered);
    let has_files = !is_deleted && !is_covered && !row.message.attachments.is_empty();
    let gif = match &row.message.extra {
        Some(Extra::Gif(gif)) if is_gif(&row) && !is_covered => Some(gif.clone()),
        _ => None,
    };
    let answer = answer_of(&row).filter(|_| !is_covered).cloned();
    let is_growing = answer.as_ref().is_some_and(|answer| answer.is_written());
    let tab = if is_stop { "0" } else { "-1" };
    let has_words = !row.body().trim().is_empty();
    let is_jumbo =
        !is_deleted && !is_covered && !has_files && gif.is_none() && text::is_jumbo(row.body()) && row.error.is_none();
    let has_failed = row.error.is_some();
    let state = if has_failed { Some("failed") } else { row.tick.map(tick_code) };
    let is_pinned = row.pinned_by.is_some();
    let begins = place.begins_run();
    let ends = matches!(place, Place::Last | Place::Solo);
    let tint = person.as_ref().map(|person| Tint::of(person));
    let meta = rsx! {
        if is_growing && has_words {
            span { class: "caret", "aria-hidden": "true" }
        }
        span { class: "meta",
            if row.is_edited() && !is_deleted {
                Edited { row: row.clone(), is_stop }
            }
            if row.message.is_hidden_from_assistant && !is_deleted {
                span { title: "Hidden from the assistant",
                    Icon { d: icon::EYE_OFF, class: "i-xs" }
                    span { class: "sr-only", "Hidden from the assistant" }
                }
            }
            time { {clock.time(row.at())} }
            if has_failed {
                FailedMark {}
            } else if let Some(tick) = row.tick {
                TickMark { tick }
            }
        }
    };
    rsx! {
        li {
            id: row_id(key),
            class: "msg",
            tabindex: if is_stop { "0" } else { "-1" },
            "data-testid": "message",
            "data-key": "{row.key}",
            "data-seq": row.seq.map(|seq| seq.to_string()),
            "data-tick": state,
            "data-own": row.is_own.then_some(""),
            "data-ai": answer.is_some().then_some(""),
            "aria-busy": is_growing.then_some("true"),
            "data-group": person.is_some().then_some(""),
            "data-peer": person.is_some().then_some(""),
            "data-hue": tint.and_then(Tint::hue),
            style: tint.and_then(Tint::style),
            "data-pos": place.code(),
            "data-new": is_new.then_some(""),
            "data-mention": row.mentions_me.then_some(""),
            "data-chosen": chosen.map(|chosen| if chosen { "true" } else { "false" }),
            onmouseenter: move |_| is_hovered.set(true),
            onmouseleave: move |_| is_hovered.set(false),
            onfocusin: move |_| {
                if let Some(mut active) = acts.map(|acts| acts.active)
                    && *active.peek() != Some(key)
                {
                    active.set(Some(key));
                }
            },
            onkeydown: {
                let row = row.clone();
                move |event: KeyboardEvent| {
                    if let Some(acts) = acts
                        && dom::is_focused(&row_id(key))
                        && acts.key(&event, &row, chosen.is_some())
                    {
                        event.prevent_default();
                        event.stop_propagation();
                    }
                }
            },
            onclick: {
                let row = row.clone();
                move |_| {
                    if let Some(acts) = acts.filter(|_| chosen.is_some()) {
                        acts.choose(&row);
                    }
                }
            },
            oncontextmenu: move |event: MouseEvent| {
                if acts.is_some() && chosen.is_none() {
                    event.prevent_default();
                    let at = event.client_coordinates();
                    open.call((at.x, at.y));
                }
            },
            onpointerdown: move |event: PointerEvent| {
                if acts.is_some() && chosen.is_none() {
                    hold.begin(&event, move |at| open.call(at));
                }
            },
            onpointermove: move |event: PointerEvent| hold.moved(&event),
            onpointerup: move |_| hold.end(),
            onpointercancel: move |_| hold.end(),
            ontouchend: move |event: TouchEvent| hold.lifted(&event),
            if let (Some(chosen), Some(acts)) = (chosen, acts) {
                button {
                    class: "select-box",
                    r#type: "button",
                    role: "checkbox",
                    tabindex: if is_stop { "0" } else { "-1" },
                    "aria-checked": if chosen { "true" } else { "false" },
                    "aria-label": "Select the message of {author}",
                    onclick: {
                        let row = row.clone();
                        move |event: MouseEvent| {
                            event.stop_propagation();
                            acts.choose(&row);
                        }
                    },
                    if chosen {
                        Icon { d: icon::CHECK, class: "i-xs" }
                    }
                }
            }
            if let Some(person) = person.as_ref().filter(|_| ends) {
                FaceButton { person: person.clone() }
            } else if person.is_some() {
                span {}
            }
            div { class: "body", id: anchor_id(key),
                div {
                    class: "bubble",
                    dir: "auto",
                    "data-pinned": is_pinned.then_some(""),
                    "data-flash": is_lit.then_some(""),
                    "data-deleted": is_deleted.then_some(""),
                    "data-failed": has_failed.then_some(""),
                    "data-jumbo": is_jumbo.then_some(""),
                    "data-media": (gif.is_some() || has_files && has_pictures(&row)).then_some(""),
                    if let Some(person) = person.as_ref().filter(|_| begins) {
                        b { class: "from",
                            "{person.display_name}"
                            if person.is_bot {
                                BotTag {}
                            }
                        }
                    } else {
                        span { class: "sr-only", "{author}: " }
                    }
                    if is_pinned {
                        span { class: "pin-mark",
                            Icon { d: icon::PIN, class: "i-xs" }
                            span { class: "sr-only", "Pinned" }
                        }
                    }
                    if let Some(id) = forwarded {
                        Forwarded { id }
                    }
                    if let Some(quote) = row.quote.clone().filter(|_| !is_covered && !is_deleted) {
                        QuoteBlock { quote, is_stop }
                    }
                    if is_deleted {
                        span { class: "gone-text", if row.is_own { "You deleted this message" } else { "This message was deleted" } }
                    } else if is_covered {
                        Blocked { on_show: move |()| is_uncovered.set(true) }
                    }
                    if has_files {
                        Attachments {
                            row: row.clone(),
                            author: author.clone(),
                            is_stop,
                            is_choosing: chosen.is_some(),
                            meta: (!has_words).then(|| meta.clone()),
                        }
                    }
                    if let Some(gif) = gif.clone() {
                        GifCard { gif, tab, meta: (!has_words).then(|| meta.clone()) }
                    }
                    if is_game(&row) && !is_covered {
                        GameCard { row: row.clone(), author: author.clone(), is_stop, is_idle: chosen.is_some() }
                    }
                    if (has_files || gif.is_some()) && has_words {
                        div { class: "cap",
                            MessageBody { text: Rc::<str>::from(row.body()), seq: row.seq, me: me.clone(), {meta} }
                        }
                    } else if !has_files && gif.is_none() {
                        MessageBody { text: Rc::<str>::from(if is_covered { "" } else { row.body() }), seq: row.seq, me: me.clone(), {meta} }
                    }
                    if let Some(answer) = answer.clone() {
                        AnswerFoot { row: row.clone(), answer, is_stop, is_idle: chosen.is_some() }
                    }
                    if let Some(preview) = row.message.preview.clone().filter(|_| !is_covered) {
                        PreviewCard { preview, own: row.id().filter(|_| row.is_own) }
                    }
                }
                if acts.is_some() {
                    Reactions { row: row.clone(), is_stop }
                }
                if has_failed {
                    Failed { row: row.clone() }
                }
                if acts.is_some() && chosen.is_none() && is_hovered() {
                    HoverTools { row: row.clone() }
                }
            }
        }
    }
}

/// "edited": a press shows what it said before.
#[component]
fn Edited(row: Row, is_stop: bool) -> Element {
    let Some(acts) = use_hook(try_consume_context::<Acts>) else {
        return rsx! {
            span { "edited" }
        };
    };
    rsx! {
        button {
            class: "edited",
            r#type: "button",
            tabindex: if is_stop { "0" } else { "-1" },
            "aria-label": "Edited. Show earlier versions",
            onclick: move |_| acts.run(Do::Edits, &row),
            "edited"
        }
    }
}

/// The picture beside a message: a press shows the profile. The keyboard has the members of the panel.
#[component]
fn FaceButton(person: Rc<Person>) -> Element {
    let acts = use_hook(try_consume_context::<Acts>);
    let id = person.id;
    rsx! {
        button {
            class: "face",
            r#type: "button",
            tabindex: "-1",
            "aria-label": "Profile of {person.display_name}",
            onclick: move |_| {
                if let Some(acts) = acts {
                    acts.show_person(id);
                }
            },
            Avatar { person: (*person).clone(), size: 30 }
        }
    }
}

/// The file that is to blame for it, and why.
fn refused_file(live: Live, row: &Row) -> Option<(&Attachment, Error)> {
    row.message.attachments.iter().find_map(|file| Some((file, live.uploads.of(file.id)?.failed?)))
}

/// Why it was not sent, and what can be done about it.
#[component]
fn Failed(row: Row) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let key = row.key;
    let bad = refused_file(live, &row);
    let named = bad.as_ref().map(|(file, problem)| words::file_error(&file.name, file.size, problem));
    let why = named.or_else(|| row.error.as_ref().map(words::error)).unwrap_or_default();
    let is_final = bad.as_ref().is_some_and(|(_, problem)| is_final(problem));
    let others = row.message.attachments.len() > 1 || !row.body().trim().is_empty();
    let bad = bad.map(|(file, _)| file.id).filter(|_| is_final && others);
    rsx! {
        div { class: "bubble-actions", role: "alert",
            span { class: "why", "Not sent. {why}" }
            // Together on one line, or all below.
            span { class: "acts",
                if let Some(bad) = bad {
                    button { class: "retry", r#type: "button", onclick: move |_| live.cancel_file(bad),
                        Icon { d: icon::ARROW_UP, class: "i-xs" }
                        "Send without it"
                    }
                } else if !is_final {
                    button { class: "retry", r#type: "button", onclick: move |_| live.retry(key),
                        Icon { d: icon::ROTATE_CW, class: "i-xs" }
                        "Retry"
                    }
                }
                // What is beside a text can't be put back into the composer.
                if row.message.extra.is_none() {
                    button { class: "retry", r#type: "button", onclick: move |_| take_back(live, visit, key, true),
                        Icon { d: icon::PENCIL, class: "i-xs" }
                        "Edit"
                    }
                }
                button { class: "retry", r#type: "button", onclick: move |_| take_back(live, visit, key, false),
                    Icon { d: icon::TRASH_2, class: "i-xs" }
                    "Discard"
                }
            }
        }
    }
}
