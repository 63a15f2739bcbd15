//! A conversation: bar, stream, composer.

mod acts;
mod answer;
mod attach;
pub mod attachments;
mod bar;
mod body;
#[cfg(test)]
mod body_tests;
mod catch_up;
mod complete;
mod composer;
mod delete;
mod delivery;
mod edits;
mod extras;
mod format;
mod forward;
mod game;
mod gif;
mod grouping;
mod hold;
mod jump;
mod menu;
mod message;
mod note;
mod pin_bar;
mod presence;
mod preview_card;
mod react;
mod scroll;
mod seen;
mod select;
mod skeleton;
mod stream;
mod suggest;
#[cfg(test)]
mod tests;
mod window;
mod writing_bar;

use crate::app::{Permalink, Route};
use crate::client::{Live, use_live};
use crate::id::{RoomId, TxnId};
use crate::model::permission::{Act, may};
use crate::model::{Person, RoomSummary, Seq};
use crate::time::Timestamp;
use crate::ui::dom;
use crate::ui::kit::avatar::Tint;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{backdrop, own_picture};
use crate::ui::shell::ConnectionLine;
use crate::ui::time::use_clock;
use crate::ui::words;
use acts::{OpenActs, use_provide_acts};
use bar::Bar;
use composer::Composer;
use dioxus::prelude::*;
pub use message::MessageRow;
use pin_bar::PinBar;
pub use presence::{PresenceLine, Status};
use select::SelectBar;
use stream::Stream;
pub use suggest::{use_provide_suggesting, use_suggesting};
use writing_bar::WritingBar;

/// What the parts of one open room share.
#[derive(Clone, Copy)]
struct Visit {
    room_id: RoomId,
    /// The last message that was read when the room was opened, if there were unread ones, and how many. Stays as
    /// it is, unless I mark something unread.
    unread: Signal<Option<(Seq, u32)>>,
    /// The message that is lit up for a moment.
    flash: Signal<Option<Seq>>,
    /// Counts how often something else than typing changed what the composer holds: it reads it anew.
    rewritten: Signal<u32>,
    /// Counts own sends: the stream goes to its end.
    sent: Signal<u32>,
}

/// A room, new for each address: nothing of one room's visit leaks into the next.
#[component]
pub fn RoomPage(room_id: RoomId) -> Element {
    rsx! {
        for id in [room_id] {
            Conversation { key: "{id}", room_id: id }
        }
    }
}

#[component]
fn Conversation(room_id: RoomId) -> Element {
    let live = use_live();
    let visit = use_context_provider(|| Visit {
        room_id,
        unread: Signal::new(unread_at_open(live, room_id)),
        flash: Signal::new(None),
        rewritten: Signal::new(0),
        sent: Signal::new(0),
    });
    use_provide_acts(visit);
    attach::use_provide_attach(room_id);
    let permalink = use_hook(try_consume_context::<Permalink>);
    use_effect(move || {
        // A link to a message.
        if let Some(Permalink(mut named)) = permalink
            && let Some((_, seq)) = named.write().take_if(|(room, _)| *room == room_id)
        {
            live.jump_to(room_id, seq);
        }
    });
    let summary = use_memo(move || live.state.read().rooms.get(&room_id).map(|room| room.summary.clone()));
    let wallpaper = use_memo(move || live.state.read().prefs(room_id).wallpaper.clone());
    let clock = use_clock();
    let muted_until = use_memo(use_reactive(&clock.now, move |now| live.state.read().muted_until(now)));
    let chosen = use_memo(move || live.state.read().rooms.get(&room_id).map_or(0, |room| room.selected.len()));
    let summary = summary.read();
    let Some(summary) = summary.as_ref() else {
        return rsx! {
            Missing {}
        };
    };
    let me = live.state.peek().me.person.id;
    let peer = summary.peer(me).cloned();
    let title = summary.title(me);
    let tint = peer.as_ref().map_or_else(|| Tint::of_group(&summary.room), Tint::of);
    let role = summary.members.iter().find(|member| member.user_id == me).map(|member| member.role);
    rsx! {
        section { class: "sheet", "aria-label": "Chat with {title}",
            Bar { room_id, title: title.clone(), peer: peer.clone(), picture: summary.room.picture.clone(), tint }
            crate::ui::search::FindBar { room_id }
            div {
                class: "wallpaper flex flex-col flex-1 min-h-0",
                style: "{backdrop(wallpaper.read().as_ref())};{tint.style().unwrap_or_default()}",
                "data-picture": own_picture(wallpaper.read().as_ref()).map(|_| ""),
                "data-peer": "",
                "data-hue": tint.hue(),
                PinBar {}
                Stream { title: title.clone() }
                OpenActs {}
                attach::DropVeil { title: title.clone() }
                div { class: "dock",
                    ConnectionLine {}
                    if chosen() > 0 {
                        SelectBar { count: chosen() }
                    }
                    if let Some(until) = muted_until() {
                        if chosen() == 0 {
                            Muted { until }
                        }
                    } else if summary.can_send {
                        if chosen() == 0 {
                            WritingBar {}
                        }
                        Composer {
                            title: title.clone(),
                            people: summary.people.iter().filter(|person| person.id != me).cloned().collect::<Vec<_>>(),
                            can_call_all: role.is_some_and(|role| may(summary.room.kind, &summary.room.settings, role, Act::MentionAll)),
                        }
                    } else if chosen() == 0 {
                        CannotSend { summary: summary.clone(), peer: peer.clone() }
                    }
                }
            }
        }
    }
}

/// The mark of this visit.
fn unread_at_open(live: Live, room_id: RoomId) -> Option<(Seq, u32)> {
    let state = live.state.peek();
    let count = state.unread(room_id);
    (count > 0).then(|| (state.mark(room_id), count))
}

/// In place of the composer when writing isn't possible.
#[component]
fn CannotSend(summary: RoomSummary, peer: Option<Person>) -> Element {
    let live = use_live();
    let mut is_busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<String>);
    let name = peer.as_ref().map_or("this person", |peer| words::first_name(&peer.display_name)).to_owned();
    let is_deleted = peer.as_ref().is_some_and(|peer| peer.is_deleted);
    let unblock = move |_| {
        let Some(user_id) = peer.as_ref().map(|peer| peer.id) else { return };
        is_busy.set(true);
        spawn(async move {
            match crate::api::people::set_block(user_id, false).await {
                Ok(()) => live.resync(),
                Err(error) => failed.set(Some(words::error(&error))),
            }
            is_busy.set(false);
        });
    };
    rsx! {
        div { class: "card p-4 text-center petal-in", role: "note",
            if summary.blocked_by_me {
                p { class: "font-semibold", "You blocked {name}" }
                p { class: "text-sm text-ink-muted mt-1", "Neither of you can write here." }
                button { class: "btn btn-soft mt-3", disabled: is_busy(), onclick: unblock, "Unblock" }
            } else if is_deleted {
                p { class: "text-sm text-ink-muted", "This account was deleted. What was written here stays." }
            } else {
                p { class: "text-sm text-ink-muted", "You can't send messages to {name}." }
            }
            if let Some(failed) = failed() {
                p { class: "hint mt-2", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}

/// In place of the composer while an admin has paused my writing.
#[component]
fn Muted(until: Timestamp) -> Element {
    let live = use_live();
    let clock = use_clock();
    let day = clock.day(until);
    let when = if day == "Today" { clock.time(until) } else { format!("{day}, {}", clock.time(until)) };
    rsx! {
        div { class: "card p-4 text-center petal-in", role: "note", "data-testid": "muted",
            p { class: "font-semibold", "You can read, but not write" }
            p { class: "text-sm text-ink-muted mt-1", "An admin has paused your writing until {when}. What you have begun to write is kept." }
            button { class: "btn btn-soft mt-3", r#type: "button", onclick: move |_| live.resync(), "Check again" }
        }
    }
}

/// An address of a room that isn't there, or not yet.
#[component]
fn Missing() -> Element {
    rsx! {
        section { class: "sheet", "aria-label": "No such chat",
            div { class: "m-auto grid justify-items-center text-center p-8",
                Icon { d: icon::MESSAGE_CIRCLE, class: "i-lg" }
                h2 { class: "font-display text-xl font-bold mt-3", "This chat isn't here" }
                p { class: "text-ink-muted mt-1", "It may have been removed, or the address is wrong." }
                Link { class: "btn btn-soft mt-5", to: Route::Home {}, "Back to chats" }
            }
            div { class: "dock", ConnectionLine {} }
        }
    }
}

/// Takes a failed send out; it is in the composer when it is to be edited.
fn take_back(live: Live, mut visit: Visit, key: TxnId, is_edit: bool) {
    if live.take_back(key, is_edit) && is_edit {
        visit.rewritten += 1;
        dom::focus(composer::ID);
    }
}
