//! The messages of a room, as many as are near the view.

use super::Visit;
use super::acts::Acts;
use super::catch_up::CatchUpButton;
use super::composer;
use super::extras::SystemRow;
use super::grouping::{Item, items};
use super::jump::Jump;
use super::message::MessageRow;
use super::scroll::{ID, use_scroller};
use super::skeleton::StreamSkeleton;
use super::window::Extent;
use crate::client::state::State;
use crate::client::use_live;
use crate::id::{RoomId, UserId};
use crate::model::{Message, Person, RoomKind, Seq};
use crate::ui::dom::{self, PageEvent};
use crate::ui::kit::Avatar;
use crate::ui::time::Clock;
use crate::ui::words;
use dioxus::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// More new messages than this at once do not rise, and are announced as a number.
const BATCH: u64 = 5;
/// Characters of a message that are read out; the rest is there to be read.
const SAID_CHARS: usize = 300;

/// What is around the rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Edges {
    extent: Extent,
    is_loaded: bool,
    has_older: bool,
    is_loading: bool,
    has_failed: bool,
}

impl Edges {
    fn of(state: &State, room_id: RoomId) -> Self {
        let Some(shown) = state.shown(room_id) else { return Self::default() };
        Self {
            extent: Extent::of(state, room_id),
            is_loaded: shown.is_shown,
            has_older: shown.has_older,
            is_loading: shown.is_loading_older,
            has_failed: shown.failed && (shown.is_loaded || !shown.is_shown),
        }
    }
}

#[component]
pub fn Stream(title: String) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let room_id = visit.room_id;
    let clock = use_context::<Signal<Clock>>();
    // Days move with the zone and at midnight only.
    let day_clock = use_memo(move || {
        let clock = clock();
        (clock.is_local, clock.local(clock.now).day())
    });
    let scroller = use_scroller(live, visit);
    let edges = use_memo(move || Edges::of(&live.state.read(), room_id));
    let drawn = use_memo(move || {
        let state = live.state.read();
        let Edges { extent, has_older, .. } = Edges::of(&state, room_id);
        let range = scroller.window().range(extent);
        let is_start = range.start == 0 && !has_older;
        day_clock.read();
        let clock = *clock.peek();
        let unread = (visit.unread)().map(|(seq, _)| seq);
        items(state.rows_in(room_id, range), unread, is_start, |at| clock.local(at).day())
    });
    // What was there before this visit does not rise, nor do many at once.
    let mut calm = use_hook(|| CopyValue::new(edges.peek().extent));
    let calm_until = {
        let (now, before) = (edges.read().extent, *calm.peek());
        let newest = |extent: Extent| extent.first.map_or(0, |first| first + extent.stored as Seq);
        if newest(now) > newest(before) + BATCH || before.first.is_none() {
            calm.set(now);
        }
        newest(*calm.peek())
    };
    use_effect(move || {
        // After every change of what is drawn.
        drawn.read();
        edges.read();
        scroller.settle();
    });
    use_effect(move || {
        if visit.sent.read().gt(&0) {
            scroller.to_end();
        }
    });
    // Something was jumped to, from here or from elsewhere.
    let target = use_memo(move || {
        let state = live.state.read();
        let room = state.rooms.get(&room_id)?;
        let is_settled = room.jump.as_ref().is_none_or(|jump| jump.error.is_some());
        let seq = room.target.filter(|_| is_settled)?;
        Some((seq, room.jump.is_none()))
    });
    use_effect(move || {
        if let Some((seq, is_here)) = target() {
            live.end_jump(room_id);
            if is_here {
                scroller.reveal(seq);
            }
        }
    });
    dom::use_page_events(move |event| match event {
        PageEvent::Seen => scroller.scrolled(),
        // A phone that is turned lays everything out anew.
        PageEvent::Resized => scroller.settle(),
        _ => {}
    });

    let acts = use_context::<Acts>();
    // Names of others, wherever they are known from.
    let people = use_memo(move || {
        let state = live.state.read();
        let is_group = state.rooms.get(&room_id).is_some_and(|room| room.summary.room.kind == RoomKind::Group);
        let others = drawn.read().iter().filter_map(Item::author).collect::<BTreeSet<UserId>>();
        let people = others.into_iter().filter_map(|id| Some((id, state.person(id)?.clone())));
        (is_group, people.collect::<BTreeMap<UserId, Rc<Person>>>())
    });
    let chosen = use_memo(move || {
        let state = live.state.read();
        state.rooms.get(&room_id).map(|room| room.selected.clone()).unwrap_or_default()
    });
    let active = acts.active;
    // One row is the stop of the keyboard; until there is one, or when it is out of sight, the stream itself is.
    let stop = use_memo(move || {
        let active = active()?;
        drawn.read().iter().any(|item| matches!(item, Item::Message(row, _) if row.key == active)).then_some(active)
    });
    let on_key = move |event: KeyboardEvent| {
        let step = match event.key() {
            Key::ArrowUp if event.modifiers().is_empty() => -1,
            Key::ArrowDown if event.modifiers().is_empty() => 1,
            _ => return,
        };
        event.prevent_default();
        if !dom::step_row(ID, step) && step > 0 {
            dom::focus(composer::ID);
        }
    };
    let Edges { is_loaded, has_older, is_loading, has_failed, .. } = edges();
    let unread = (visit.unread)().map_or(0, |(_, count)| count) as usize;
    let clock = clock();
    let (people, chosen) = (people.read(), chosen.read());
    let (stop, lit) = (stop(), (visit.flash)());
    rsx! {
        div {
            id: ID,
            class: "timeline",
            role: "log",
            tabindex: if stop.is_some() { "-1" } else { "0" },
            "aria-label": "Messages",
            "aria-live": "off",
            "aria-busy": (!is_loaded && !has_failed || is_loading).then_some("true"),
            onscroll: move |_| scroller.scrolled(),
            onkeydown: on_key,
            if is_loaded {
                ol {
                    if has_older && has_failed {
                        li { class: "sep",
                            "Older messages didn't load. "
                            button { class: "font-semibold underline", r#type: "button", onclick: move |_| live.load_older(room_id), "Try again" }
                        }
                    } else if has_older {
                        li { class: "sep", "aria-hidden": "true", "Earlier messages" }
                    } else {
                        Beginning { title: title.clone() }
                    }
                    for item in drawn() {
                        match item {
                            Item::Day(day, at) => rsx! {
                                li { key: "day{day}", class: "sep", {clock.day(at)} }
                            },
                            Item::Unread => rsx! {
                                li { key: "unread{unread}", class: "unread", "data-testid": "unread-divider",
                                    {words::count(unread, "new message", "new messages")}
                                    CatchUpButton { after: (visit.unread)().map_or(0, |(after, _)| after), count: unread }
                                }
                            },
                            Item::Lines(rows) => rsx! {
                                SystemRow {
                                    key: "{rows[0].key}",
                                    is_new: rows[0].seq.is_none_or(|seq| seq >= calm_until),
                                    rows,
                                }
                            },
                            Item::Message(row, place) => {
                                let person = people.1.get(&row.author_id()).filter(|_| !row.is_own);
                                let author = match person {
                                    _ if row.is_own => "You",
                                    Some(person) => &person.display_name,
                                    None => "Someone",
                                };
                                rsx! {
                                    MessageRow {
                                        key: "{row.key}",
                                        author,
                                        person: person.filter(|_| people.0).cloned(),
                                        is_new: row.seq.is_none_or(|seq| seq >= calm_until),
                                        is_stop: stop == Some(row.key),
                                        is_lit: lit.is_some() && row.seq == lit,
                                        chosen: (!chosen.is_empty()).then(|| row.seq.is_some_and(|seq| chosen.contains(&seq))),
                                        row,
                                        place,
                                    }
                                }
                            }
                        }
                    }
                }
            } else if has_failed {
                div { class: "m-auto text-center p-6",
                    p { class: "ribbon", "data-k": "error", role: "alert",
                        "This chat didn't load."
                        button { class: "act", r#type: "button", onclick: move |_| live.open_room(Some(room_id)), "Try again" }
                    }
                }
            } else {
                StreamSkeleton {}
            }
        }
        Jump { scroller }
        Announcer { title }
    }
}

/// Above the very first message.
#[component]
fn Beginning(title: String) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let peer = use_memo(move || {
        let state = live.state.read();
        state.rooms.get(&visit.room_id).and_then(|room| room.summary.peer(state.me.person.id).cloned())
    });
    rsx! {
        li { class: "start grid justify-items-center",
            if let Some(peer) = peer() {
                Avatar { person: peer.clone(), size: 72 }
                b { class: "font-display text-lg mt-3", "{title}" }
                span { class: "text-sm text-ink-muted", "{peer.handle()}" }
            }
            span { class: "text-sm text-ink-muted mt-2", "This is the beginning of your chat." }
        }
    }
}

/// Says what others write, politely, while the room is open.
#[component]
fn Announcer(title: String) -> Element {
    let live = use_live();
    let visit = use_context::<Visit>();
    let newest = use_memo(move || {
        let state = live.state.read();
        state.rooms.get(&visit.room_id).map_or(0, |room| room.timeline.last())
    });
    let mut said = use_hook(|| CopyValue::new(*newest.peek()));
    let mut text = use_signal(String::new);
    use_effect(move || {
        let (from, to) = (*said.peek(), newest());
        said.set(to);
        if from == 0 || to <= from {
            return;
        }
        let state = live.state.peek();
        let Some(room) = state.rooms.get(&visit.room_id) else { return };
        let me = state.me.person.id;
        let fresh: Vec<_> = room.timeline.messages.iter().rev().take_while(|message| message.seq > from).collect();
        let counts = |message: &&Rc<Message>| {
            message.author_id != me && message.is_countable() && !state.is_blocked(message.author_id)
        };
        let fresh: Vec<_> = fresh.into_iter().filter(counts).collect();
        let next = match fresh.as_slice() {
            [] => return,
            [one] => {
                let name = state.person(one.author_id).map_or(title.as_str(), |person| &person.display_name);
                format!("{name}: {}", words::said(&state, one, SAID_CHARS))
            }
            many => format!("{} new messages from {title}", many.len()),
        };
        drop(state);
        text.set(next);
    });
    rsx! {
        div { class: "sr-only", role: "status", "aria-live": "polite", "data-testid": "announcer", "{text}" }
    }
}
