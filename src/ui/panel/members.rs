//! Who is in a group, what they do now, and what the caller may do about them.

use super::{Ask, Load, LoadView, Page, Panel, Tags, use_load, use_panel};
use crate::api;
use crate::app::Route;
use crate::client::state::State;
use crate::client::use_live;
use crate::id::{RoomId, UserId};
use crate::model::{Act, MembersPage as Answer, Person, Presence, Role};
use crate::ui::dom;
use crate::ui::kit::avatar::{Avatar, Tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::linger::{Kept, Phase, use_linger};
use crate::ui::kit::{MenuButton, MenuItem, MenuRule};
use crate::ui::room::{PresenceLine, Status};
use crate::ui::words;
use dioxus::prelude::*;

/// Members shown on the group's own page.
pub(super) const FEW: usize = 6;

/// A member as they are drawn.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct MemberView {
    person: Person,
    role: Role,
}

/// The members that the page knows, leaders first, otherwise in the order they came. `None`: only the server knows them.
pub(super) fn known(state: &State, room_id: RoomId) -> Option<Vec<MemberView>> {
    let summary = &state.rooms.get(&room_id)?.summary;
    if usize::try_from(summary.member_count).ok()? > summary.members.len() {
        return None;
    }
    let view = |member: &crate::model::Member| {
        let person = state.person(member.user_id)?;
        Some(MemberView { person: (**person).clone(), role: member.role })
    };
    let mut members: Vec<_> = summary.members.iter().filter_map(view).collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.role));
    Some(members)
}

fn views(answer: &Answer) -> Vec<MemberView> {
    let person = |id| answer.people.iter().find(|person| person.id == id);
    let view = |member: &crate::model::Member| {
        person(member.user_id).map(|person| MemberView { person: person.clone(), role: member.role })
    };
    answer.members.iter().filter_map(view).collect()
}

/// The first few, for the group's own page.
#[component]
pub(super) fn FewMembers(room_id: RoomId) -> Element {
    let live = use_live();
    let known = use_memo(move || known(&live.state.read(), room_id));
    let members =
        use_linger(move || known().unwrap_or_default().into_iter().take(FEW).collect(), |member| member.person.id);
    rsx! {
        if known.read().is_some() {
            ul { class: "grid", "aria-label": "Members",
                for Kept { item , phase } in members() {
                    MemberRow { key: "{item.person.id}", room_id, member: item, phase }
                }
            }
        }
    }
}

/// All of them; in a large group page by page.
#[component]
pub(super) fn MembersPage(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let mut query = use_signal(String::new);
    let known = use_memo(move || known(&live.state.read(), room_id));
    let local = use_linger(
        move || {
            let members = known().unwrap_or_default();
            members.into_iter().filter(|member| has(&member.person, &query.read())).collect()
        },
        |member| member.person.id,
    );
    let may_add = use_memo(move || live.state.read().may(room_id, Act::AddMembers));
    rsx! {
        div { class: "grid gap-3",
            if may_add() {
                button { class: "btn btn-soft", r#type: "button", onclick: move |_| panel.push(Page::Add(room_id)),
                    Icon { d: icon::USER_PLUS, class: "i-sm" }
                    "Add people"
                }
            }
            input {
                class: "input",
                r#type: "search",
                "aria-label": "Find a member",
                placeholder: "Find a member",
                autocomplete: "off",
                maxlength: "64",
                value: "{query}",
                oninput: move |event| query.set(event.value()),
            }
            if known.read().is_some() {
                ul { class: "sect", "aria-label": "Members",
                    for Kept { item , phase } in local() {
                        MemberRow { key: "{item.person.id}", room_id, member: item, phase }
                    }
                }
            } else {
                Paged { room_id, query }
            }
        }
    }
}

fn has(person: &Person, query: &str) -> bool {
    let query = query.trim().trim_start_matches('@').to_lowercase();
    person.username.starts_with(&query) || person.display_name.to_lowercase().contains(&query)
}

#[component]
fn Paged(room_id: RoomId, query: Signal<String>) -> Element {
    let live = use_live();
    let mut more = use_signal(|| None::<Answer>);
    let mut is_busy = use_signal(|| false);
    let revision = use_memo(move || live.state.read().rooms.get(&room_id).map(|room| room.summary.room.revision));
    let asked = move || Some(query.read().trim().to_owned()).filter(|query| !query.is_empty());
    let (first, retry) = use_load(move || {
        revision.read();
        let mut more = more;
        more.set(None);
        Box::pin(api::groups::list_members(room_id, None, asked()))
    });
    let page = match first() {
        Load::Here(page) => page,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    let next = more.read().as_ref().map_or(page.next, |more| more.next);
    let load_more = move |_| {
        if *is_busy.peek() {
            return;
        }
        is_busy.set(true);
        spawn(async move {
            if let Ok(answer) = api::groups::list_members(room_id, next, asked()).await {
                let mut more = more.write();
                let all = more.get_or_insert_with(|| Answer { members: Vec::new(), people: Vec::new(), next: None });
                all.members.extend(answer.members);
                all.people.extend(answer.people);
                all.next = answer.next;
            }
            is_busy.set(false);
        });
    };
    let rest = more.read().as_ref().map(views).unwrap_or_default();
    rsx! {
        ul { class: "sect", "aria-label": "Members",
            for member in views(&page).into_iter().chain(rest) {
                MemberRow { key: "{member.person.id}", room_id, member }
            }
        }
        if next.is_some() {
            button { class: "btn btn-soft", r#type: "button", disabled: is_busy(), onclick: load_more, "Show more" }
        }
    }
}

/// What is known of a person now: whether they type in this room, are there, or were.
fn status(state: &State, room_id: RoomId, user_id: UserId) -> Status {
    if state.rooms.get(&room_id).is_some_and(|room| room.typing.contains_key(&user_id)) {
        return Status::Typing(None);
    }
    // Whoever reads this is there.
    if user_id == state.me.person.id && !state.is_stale {
        return Status::Online;
    }
    match state.presence_of(user_id) {
        Some(Presence::Online) => Status::Online,
        Some(Presence::Offline { last_seen: Some(at) }) => Status::LastSeen(at),
        Some(Presence::Offline { last_seen: None }) | None => Status::Unknown,
    }
}

pub(crate) fn role_name(role: Role) -> Option<&'static str> {
    match role {
        Role::Owner => Some("Owner"),
        Role::Admin => Some("Admin"),
        Role::Member => None,
    }
}

fn row_id(user_id: UserId) -> String {
    format!("member-{user_id}")
}

#[component]
fn MemberRow(room_id: RoomId, member: MemberView, #[props(default)] phase: Phase) -> Element {
    let live = use_live();
    let panel = use_panel();
    let MemberView { person, role } = member;
    let (id, tint) = (person.id, Tint::of(&person));
    let now = use_memo(move || status(&live.state.read(), room_id, id));
    let is_me = live.state.peek().me.person.id == id;
    rsx! {
        li {
            id: row_id(id),
            class: "member",
            "data-testid": "member",
            "data-peer": "",
            "data-hue": tint.hue(),
            style: tint.style(),
            "data-phase": phase.code(),
            "inert": phase.inert(),
            button { class: "ln", r#type: "button", onclick: move |_| panel.push(Page::Person(id)),
                Avatar { person: person.clone(), size: 38 }
                span { class: "flex-1 min-w-0",
                    span { class: "flex items-center gap-2",
                        span { class: "font-semibold truncate", dir: "auto", "{person.display_name}" }
                        if is_me {
                            span { class: "tag", "You" }
                        }
                        Tags { person: person.clone(), role: role_name(role) }
                    }
                    span { class: "block h-5 overflow-hidden truncate",
                        PresenceLine { status: now(), username: person.username.clone() }
                    }
                }
            }
            if !is_me {
                MemberMenu { room_id, person, role }
            }
        }
    }
}

#[component]
fn MemberMenu(room_id: RoomId, person: Person, role: Role) -> Element {
    let live = use_live();
    let panel = use_panel();
    let navigator = use_navigator();
    let is_open = use_signal(|| false);
    let id = person.id;
    let name = words::first_name(&person.display_name).to_owned();
    let rights = use_memo(use_reactive(&role, move |role| {
        let state = live.state.read();
        let may = |act| state.may(room_id, act);
        let direct = direct_room(&state, id);
        let to_admin = may(Act::SetRole(role, Role::Admin)) && role == Role::Member;
        let from_admin = may(Act::SetRole(role, Role::Member)) && role == Role::Admin;
        (direct, to_admin, from_admin, may(Act::Transfer), may(Act::Remove(role)))
    }));
    let (direct, to_admin, from_admin, may_transfer, may_remove) = rights();
    let set_role = move |role| panel.run(Box::pin(api::groups::set_role(room_id, id, role)));
    rsx! {
        MenuButton { name: "More about {person.display_name}", is_open, face: rsx! { Icon { d: icon::ELLIPSIS } },
            MenuItem { icon: icon::USER_ROUND, on_pick: move |()| panel.push(Page::Person(id)), "Profile" }
            if let Some(direct) = direct {
                MenuItem {
                    icon: icon::MESSAGE_CIRCLE,
                    on_pick: move |()| {
                        navigator.push(Route::Room { room_id: direct });
                    },
                    "Message"
                }
            }
            if to_admin {
                MenuItem { icon: icon::SHIELD_CHECK, on_pick: move |()| set_role(Role::Admin), "Make admin" }
            }
            if from_admin {
                MenuItem { icon: icon::USER_ROUND, on_pick: move |()| set_role(Role::Member), "Take admin back" }
            }
            if may_transfer {
                MenuItem { icon: icon::CROWN, on_pick: { let name = name.clone(); move |()| ask_transfer(panel, room_id, id, &name) }, "Make owner" }
            }
            if may_remove {
                MenuRule {}
                MenuItem { icon: icon::LOG_OUT, is_danger: true, on_pick: { let name = name.clone(); move |()| ask_remove(panel, room_id, id, &name) }, "Remove from group" }
            }
        }
    }
}

/// The direct room with a person.
pub(crate) fn direct_room(state: &State, user_id: UserId) -> Option<RoomId> {
    let me = state.me.person.id;
    let room = state.rooms.values().find(|room| room.summary.peer(me).is_some_and(|peer| peer.id == user_id));
    room.map(|room| room.summary.room.id)
}

fn ask_transfer(panel: Panel, room_id: RoomId, to: UserId, name: &str) {
    let text = "They can then change and remove everyone, and you stay in it as an admin. Only they can give it back.";
    let run = move || -> super::Call { Box::pin(api::groups::transfer_room(room_id, to)) };
    panel.ask(Ask::new(format!("Make {name} the owner?"), text, "Make owner", run));
}

fn ask_remove(panel: Panel, room_id: RoomId, user_id: UserId, name: &str) {
    let text =
        "They are out at once, on all their devices, and no invite link lets them in again until an admin adds them.";
    let run = move || -> super::Call {
        let row = dom::LeavingRow::of(&row_id(user_id));
        Box::pin(async move {
            api::groups::remove_member(room_id, user_id).await?;
            row.pass_focus();
            Ok(())
        })
    };
    panel.ask(Ask::new(format!("Remove {name}?"), text, "Remove", run));
}
