//! What the assistant keeps of a room: every member sees it, and can have it forgotten.

use super::{Ask, BACK, Call, Line, Load, LoadView, Page, use_load, use_panel};
use crate::api;
use crate::client::state::State;
use crate::client::{ConnectionState, use_live};
use crate::id::{NoteId, RoomId, UserId};
use crate::model::limits::{NOTE_MAX_CHARS, NOTES_MAX};
use crate::model::memory::{Actor, Reader, Summary};
use crate::model::{MemoryAct, MemoryView, Note, Person, Role, RoomKind};
use crate::ui::dom;
use crate::ui::kit::SwitchLine;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::people::{Sending, TextField, use_sending};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::core::spawn_forever;
use dioxus::prelude::*;

/// Whether the assistant is in a room, as far as this page knows its members.
pub(crate) fn has_assistant(state: &State, room_id: RoomId) -> bool {
    let Some(assistant) = &state.assistant else { return false };
    state.rooms.get(&room_id).is_some_and(|room| room.member(assistant.id).is_some())
}

/// Whether I decide for a room: see [`crate::model::memory::Actor`].
fn leads(state: &State, room_id: RoomId) -> bool {
    let Some(room) = state.rooms.get(&room_id) else { return false };
    let own = room.member(state.me.person.id);
    room.summary.room.kind == RoomKind::Direct || own.is_some_and(|own| own.role > Role::Member)
}

/// Whether I may have something forgotten.
pub(crate) fn may_forget(state: &State, room_id: RoomId, note: &Note) -> bool {
    note.may_be_forgotten_by(Actor { person: &state.me.person, leads: leads(state, room_id) })
}

/// Shows what is kept now, if the page is still there and shows nothing newer.
fn put(mut load: Signal<Load<MemoryView>>, view: MemoryView) {
    if let Ok(mut load) = load.try_write() {
        let is_newer = matches!(&*load, Load::Here(shown) if shown.memory.revision > view.memory.revision);
        if !is_newer {
            *load = Load::Here(view);
        }
    }
}

/// Whether the server may take it.
fn is_note(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= NOTE_MAX_CHARS
}

fn edit_id(note: NoteId) -> String {
    format!("edit-{note}")
}

/// Once it is painted.
fn focus_soon(id: String) {
    spawn_forever(async move {
        dom::sleep(50).await;
        dom::focus(&id);
    });
}

/// The way to the page; nothing where the assistant is not.
#[component]
pub(crate) fn MemoryLine(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let is_there = use_memo(move || has_assistant(&live.state.read(), room_id));
    rsx! {
        if is_there() {
            Line { icon: icon::BOOKMARK, trail: String::new(), on_press: move |()| panel.push(Page::Memory(room_id)), "Memory" }
        }
    }
}

#[component]
pub(super) fn MemoryPage(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let revision = use_memo(move || live.state.read().memories.get(&room_id).copied());
    // What was told while the connection was away is asked for.
    let is_here = use_memo(move || live.state.read().connection == ConnectionState::Online);
    let (load, retry) = use_load(move || {
        revision.read();
        is_here.read();
        Box::pin(api::memory::memory(room_id))
    });
    let put = use_callback(move |view: MemoryView| put(load, view));
    let mut edited = use_signal(|| None::<NoteId>);
    let rights = use_memo(move || {
        let state = live.state.read();
        (leads(&state, room_id), state.me.person.id)
    });
    // What is answered to a change is what is kept now.
    let act = use_callback(move |act: MemoryAct| {
        panel.run(Box::pin(async move {
            put.call(api::memory::change_memory(room_id, act).await?);
            Ok(())
        }));
    });
    let MemoryView { memory, reader, people } = match load() {
        Load::Here(view) => view,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    let (leads, me) = rights();
    let is_full = memory.notes.len() >= NOTES_MAX;
    let count = memory.notes.len();
    let ask_all = move |()| {
        let run = move || -> Call {
            Box::pin(async move {
                put.call(api::memory::change_memory(room_id, MemoryAct::ForgetAll).await?);
                Ok(())
            })
        };
        let text = "All notes of this room and its summary are forgotten, for everyone. There is no way back.";
        panel.ask(Ask::new("Forget everything?", text, "Forget everything", run));
    };
    rsx! {
        div { class: "grid gap-3", "data-testid": "memory",
            div { class: "px-3 pb-1 grid gap-1",
                ReaderLine { reader }
                p { class: "hint", "What is kept here is read for answers in this room and nowhere else. Every member sees it." }
            }
            if memory.notes.is_empty() {
                div { class: "text-center px-4 py-6",
                    p { class: "font-semibold", "Nothing is kept" }
                    p { class: "text-sm text-ink-muted mt-1", "Tell Lavender to remember something, or add a note below." }
                }
            } else {
                ol { class: "grid gap-2", "aria-label": "Notes",
                    for (place , note) in memory.notes.iter().enumerate() {
                        NoteRow {
                            key: "{note.id}",
                            room_id,
                            number: place + 1,
                            note: note.clone(),
                            by: people.iter().find(|person| person.id == note.by).cloned(),
                            leads,
                            is_edited: edited() == Some(note.id),
                            on_act: act,
                            on_edit: move |id| edited.set(id),
                            on_view: put,
                        }
                    }
                }
            }
            // One form at a time: both have the same field.
            if memory.is_on && !is_full && edited().is_none() {
                AddNote { room_id, on_view: put }
            } else if is_full {
                p { class: "hint px-3", "There is room for {NOTES_MAX} notes. Forget one to add another." }
            }
            if let Some(summary) = memory.summary.clone() {
                SummaryCard { summary }
            }
            div { class: "sect",
                SwitchLine {
                    name: "Lavender reads what I write here",
                    note: Some("Off: your messages in this room are left out of every prompt, those that are there too."),
                    on: !memory.hides(me),
                    on_change: move |on: bool| act.call(MemoryAct::Hide { on: !on }),
                }
                if leads {
                    SwitchLine {
                        name: "Lavender answers here",
                        note: Some("Off: it stays silent in this room, whoever asks it."),
                        on: !memory.is_silent,
                        on_change: move |on: bool| act.call(MemoryAct::Answers { on }),
                    }
                    SwitchLine {
                        name: "Lavender may react",
                        note: Some("Off: it puts no emoji on messages."),
                        on: !memory.keeps_still,
                        on_change: move |on: bool| act.call(MemoryAct::Reactions { on }),
                    }
                    SwitchLine {
                        name: "Keep a memory of this room",
                        note: Some("Off: nothing new is kept, and nothing of it is used."),
                        on: memory.is_on,
                        on_change: move |on: bool| act.call(MemoryAct::Switch { on }),
                    }
                } else {
                    if memory.is_silent {
                        p { class: "hint p-3", "An admin has switched Lavender's answers off here." }
                    }
                    if !memory.is_on {
                        p { class: "hint p-3", "An admin has switched the memory of this room off." }
                    }
                }
                a { class: "ln", href: "/api/rooms/{room_id}/memory", download: "memory.json",
                    Icon { d: icon::DOWNLOAD }
                    span { class: "flex-1", "Export" }
                }
                if leads && (count > 0 || memory.summary.is_some()) {
                    Line { icon: icon::ERASER, is_danger: true, on_press: ask_all, "Forget everything" }
                }
            }
            Hiders { hiders: memory.hiders.clone(), people }
        }
    }
}

/// Who reads along, and where.
#[component]
fn ReaderLine(reader: Option<Reader>) -> Element {
    let text = match reader {
        None => "Lavender reads this room by fixed rules, on this server.".to_owned(),
        Some(Reader { model, host: None }) => {
            format!("Lavender reads this room when it is asked: {model}, on this server.")
        }
        Some(Reader { model, host: Some(host) }) => {
            format!("Lavender reads this room when it is asked: {model}, at {host}.")
        }
    };
    rsx! {
        p { class: "flex gap-2 text-sm", "data-testid": "reader",
            Icon { d: icon::SPARKLES, class: "i-sm" }
            span { class: "min-w-0 intro-text", "{text}" }
        }
    }
}

#[component]
fn NoteRow(
    room_id: RoomId,
    number: usize,
    note: Note,
    by: Option<Person>,
    leads: bool,
    is_edited: bool,
    on_act: Callback<MemoryAct>,
    on_edit: Callback<Option<NoteId>>,
    on_view: Callback<MemoryView>,
) -> Element {
    let live = use_live();
    let panel = use_panel();
    let clock = use_clock();
    let (may_change, may_go) = {
        let state = live.state.peek();
        (leads || note.by == state.me.person.id, may_forget(&state, room_id, &note))
    };
    let name = by.map_or_else(|| "Someone".to_owned(), |person| person.display_name);
    let (id, is_pinned, source) = (note.id, note.is_pinned, note.source);
    if is_edited && may_change {
        return rsx! {
            li { class: "sect p-3",
                EditNote {
                    room_id,
                    note,
                    on_view,
                    on_done: move |()| {
                        on_edit.call(None);
                        focus_soon(edit_id(id));
                    },
                }
            }
        };
    }
    rsx! {
        li { class: "sect note-row", "data-testid": "note",
            div { class: "note-text",
                span { class: "text-ink-subtle tnum flex-none", "{number}" }
                p { class: "min-w-0 intro-text", dir: "auto", "{note.text}" }
                if is_pinned {
                    span { class: "text-ink-muted flex-none", title: "Pinned",
                        Icon { d: icon::PIN, class: "i-sm" }
                        span { class: "sr-only", "Pinned" }
                    }
                }
            }
            div { class: "note-foot",
                span { class: "flex-1 min-w-0 truncate text-sm text-ink-muted", dir: "auto", "{name}, {clock.short(note.at)}" }
                if let Some(source) = source {
                    button {
                        class: "icon-btn",
                        r#type: "button",
                        "aria-label": "Go to its message",
                        title: "Go to its message",
                        onclick: move |_| {
                            if dom::is_compact() {
                                panel.close();
                            }
                            live.jump_to(room_id, source.seq);
                        },
                        Icon { d: icon::REPLY, class: "i-sm" }
                    }
                }
                if may_change {
                    button {
                        class: "icon-btn",
                        r#type: "button",
                        "aria-label": if is_pinned { "Unpin" } else { "Pin" },
                        title: if is_pinned { "Unpin" } else { "Pin" },
                        onclick: move |_| on_act.call(MemoryAct::Pin { note: id, on: !is_pinned }),
                        Icon { d: if is_pinned { icon::PIN_OFF } else { icon::PIN }, class: "i-sm" }
                    }
                    button {
                        class: "icon-btn",
                        r#type: "button",
                        id: edit_id(id),
                        "aria-label": "Edit",
                        title: "Edit",
                        onclick: move |_| {
                            on_edit.call(Some(id));
                            focus_soon("text".to_owned());
                        },
                        Icon { d: icon::PENCIL, class: "i-sm" }
                    }
                }
                if may_go {
                    button {
                        class: "icon-btn",
                        r#type: "button",
                        "aria-label": "Forget",
                        title: "Forget",
                        onclick: move |_| {
                            on_act.call(MemoryAct::Forget { note: id });
                            focus_soon(BACK.to_owned());
                        },
                        Icon { d: icon::TRASH_2, class: "i-sm" }
                    }
                }
            }
        }
    }
}

/// The words that a note may have; `act` makes the change of them.
#[component]
fn EditNote(room_id: RoomId, note: Note, on_view: Callback<MemoryView>, on_done: Callback<()>) -> Element {
    let text = use_signal(|| note.text.clone());
    let sending = use_sending();
    let Sending { problem, failed, is_busy } = sending;
    let id = note.id;
    let save = move |event: FormEvent| {
        event.prevent_default();
        let act = MemoryAct::Edit { note: id, text: text.peek().clone() };
        sending.send(api::memory::change_memory(room_id, act), move |view| {
            on_done.call(());
            on_view.call(view);
        });
    };
    rsx! {
        form { class: "grid gap-3", onsubmit: save,
            TextField { id: "text", label: "Note", value: text, max_chars: NOTE_MAX_CHARS, rows: 2, is_first: true, problem: problem() }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
            div { class: "flex gap-2",
                button { class: "btn btn-primary", r#type: "submit", disabled: is_busy() || !is_note(&text.read()), "Save" }
                button { class: "btn btn-soft", r#type: "button", onclick: move |_| on_done.call(()), "Cancel" }
            }
        }
    }
}

#[component]
fn AddNote(room_id: RoomId, on_view: Callback<MemoryView>) -> Element {
    let panel = use_panel();
    let mut text = use_signal(String::new);
    let sending = use_sending();
    let Sending { problem, failed, is_busy } = sending;
    let save = move |event: FormEvent| {
        event.prevent_default();
        let act = MemoryAct::Add { text: text.peek().clone() };
        sending.send(api::memory::change_memory(room_id, act), move |view| {
            text.set(String::new());
            on_view.call(view);
            panel.say(Toast::new("Kept").icon(icon::BOOKMARK));
        });
    };
    rsx! {
        form { class: "sect p-3 grid gap-3", onsubmit: save,
            TextField { id: "text", label: "Add a note", value: text, max_chars: NOTE_MAX_CHARS, rows: 2, problem: problem() }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
            button { class: "btn btn-primary", r#type: "submit", disabled: is_busy() || !is_note(&text.read()), "Add" }
        }
    }
}

#[component]
fn SummaryCard(summary: Summary) -> Element {
    let clock = use_clock();
    let by = summary.model.map_or_else(|| "put together by rules".to_owned(), |model| format!("by {model}"));
    let count = usize::try_from(summary.upto.saturating_sub(summary.from) + 1).unwrap_or(usize::MAX);
    rsx! {
        section { class: "sect p-3 grid gap-1", "data-testid": "summary",
            h3 { class: "font-semibold", "What was said before" }
            p { class: "text-sm whitespace-pre-wrap intro-text", dir: "auto", "{summary.text}" }
            p { class: "hint", {format!("Of {}, {by}, {}.", words::count(count, "message", "messages"), clock.short(summary.at))} }
        }
    }
}

/// Whose messages are left out.
#[component]
fn Hiders(hiders: Vec<UserId>, people: Vec<Person>) -> Element {
    let names: Vec<&str> = hiders
        .iter()
        .filter_map(|id| people.iter().find(|person| person.id == *id))
        .map(|person| person.display_name.as_str())
        .collect();
    rsx! {
        if !names.is_empty() {
            p { class: "hint px-3", dir: "auto", "data-testid": "hiders", {format!("Lavender does not read what these write: {}.", names.join(", "))} }
        }
    }
}
