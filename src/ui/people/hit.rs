//! A person found, and the one thing to do about them.

use super::intro::Intro;
use crate::app::Route;
use crate::client::state::State;
use crate::client::use_live;
use crate::id::{RequestId, UserId};
use crate::model::{PersonHit, Relation, RequestState};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Avatar, BotTag};
use crate::ui::panel::{Page, use_panel};
use crate::ui::requests::actions;
use dioxus::prelude::*;

/// How the caller stands to a person now: what the page has learnt since the search weighs more.
pub(crate) fn relation(state: &State, hit: &PersonHit) -> Relation {
    let me = state.me.person.id;
    let person = hit.person.id;
    let room = state.rooms.values().find(|room| room.summary.peer(me).is_some_and(|peer| peer.id == person));
    if let Some(room) = room {
        if room.summary.blocked_by_me {
            return Relation::Blocked;
        }
        return Relation::Connected { room_id: room.summary.room.id };
    }
    // One that asks into a group is no word between two.
    let pending =
        |request: &&crate::model::MessageRequest| request.state == RequestState::Pending && request.room.is_none();
    let mut requests = state.requests.values().filter(pending);
    if requests.clone().any(|request| request.to.id == person) {
        return Relation::Outgoing;
    }
    if requests.any(|request| request.from.id == person) {
        return Relation::Incoming;
    }
    match hit.relation {
        // They were there when the search was made and are gone.
        Relation::Outgoing | Relation::Incoming if state.is_restored => hit.relation,
        other => other,
    }
}

/// The open request of a person to the caller.
fn incoming_of(state: &State, person: UserId) -> Option<RequestId> {
    state
        .incoming()
        .iter()
        .find(|request| request.from.id == person && request.room.is_none())
        .map(|request| request.id)
}

/// `open` is the person whose introduction is being written.
#[component]
pub fn Hit(hit: PersonHit, open: Signal<Option<UserId>>) -> Element {
    let live = use_live();
    let panel = use_panel();
    let mut open = open;
    let busy = use_signal(|| false);
    let failed = use_signal(|| None::<String>);
    let id = hit.person.id;
    let person = hit.person.clone();
    let relation = use_memo(use_reactive(&hit, move |hit| relation(&live.state.read(), &hit)));
    let navigator = use_navigator();
    // Two ways lead there when both asked each other: the answer, and what is told live.
    let mut has_gone = use_hook(|| CopyValue::new(false));
    let go_to = use_callback(move |room_id| {
        if !has_gone.replace(true) {
            navigator.push(Route::Room { room_id });
        }
    });
    // Whoever wrote to them on this page waits for the room: it opens by itself, unless another text is being written.
    let mut has_waited = use_hook(|| CopyValue::new(false));
    use_effect(move || match relation() {
        Relation::Outgoing => has_waited.set(true),
        Relation::Connected { room_id } => {
            let is_writing = *open.peek() == Some(id);
            if is_writing || (*has_waited.peek() && open.peek().is_none()) {
                go_to(room_id);
            }
        }
        Relation::Myself | Relation::Incoming | Relation::Blocked | Relation::None => {}
    });
    let choose = use_callback(move |()| match relation() {
        Relation::None => {
            let next = if *open.peek() == Some(id) { None } else { Some(id) };
            open.set(next);
        }
        Relation::Connected { room_id } => go_to(room_id),
        Relation::Myself | Relation::Outgoing | Relation::Incoming | Relation::Blocked => {}
    });
    rsx! {
        li { class: "rounded-lg px-3 py-2 hit-row",
            div { class: "flex items-center gap-3 min-h-11 flex-wrap",
                button {
                    class: "face-btn",
                    r#type: "button",
                    onclick: move |_| panel.open(Page::Person(id)),
                    Avatar { person: person.clone(), size: 40 }
                    span { class: "sr-only", "Profile of {person.display_name}" }
                }
                // The whole name is a larger target for the button beside it.
                span { class: "min-w-0 flex-1 basis-32 cursor-pointer", onclick: move |_| choose(()),
                    span { class: "flex items-center gap-1.5 min-w-0",
                        span { class: "truncate font-medium", "{person.display_name}" }
                        if person.is_bot {
                            BotTag {}
                        }
                    }
                    span { class: "block truncate text-sm text-ink-muted", "@{person.username}" }
                }
                match relation() {
                    Relation::Myself => rsx! {
                        span { class: "tag", "You" }
                    },
                    Relation::Connected { .. } => rsx! {
                        button { class: "btn btn-soft", r#type: "button", onclick: move |_| choose(()), "Open" }
                    },
                    Relation::Outgoing => rsx! {
                        span { class: "tag pending", Icon { d: icon::HOURGLASS, class: "i-xs" } "Pending" }
                    },
                    Relation::Incoming => rsx! {
                        button {
                            class: "btn btn-primary",
                            r#type: "button",
                            disabled: busy(),
                            onclick: move |_| {
                                let request = incoming_of(&live.state.peek(), id);
                                match request {
                                    Some(request) => actions::accept(live, request, busy, failed, navigator),
                                    None => live.resync(),
                                }
                            },
                            "Accept"
                        }
                    },
                    Relation::Blocked => rsx! {
                        button {
                            class: "btn btn-outline",
                            r#type: "button",
                            disabled: busy(),
                            onclick: move |_| actions::set_block(live, id, false, busy, failed),
                            "Unblock"
                        }
                    },
                    Relation::None => rsx! {
                        button {
                            class: "btn btn-soft",
                            r#type: "button",
                            "aria-expanded": if open() == Some(id) { "true" } else { "false" },
                            onclick: move |_| choose(()),
                            "Write"
                        }
                    },
                }
            }
            // A request that comes from them while one to them is being written takes no text away.
            if open() == Some(id) && matches!(relation(), Relation::None | Relation::Incoming) {
                Intro { person: person.clone(), on_connected: go_to }
            }
            if relation() == Relation::Outgoing {
                p { class: "text-sm text-ink-muted ps-[52px] pb-1", "You can write more once it's accepted." }
            }
            if let Some(failed) = failed() {
                p { class: "hint ps-[52px]", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}
