//! A group: who and what it is, and what can be done about it.

use super::members::{FEW, FewMembers};
use super::{
    Ask, Call, Faces, Line, MediaSection, MemoryLine, Page, Panel, Top, WallpaperSection, has_assistant, use_panel,
};
use crate::api;
use crate::app::Route;
use crate::client::state::State;
use crate::client::{Live, use_live};
use crate::id::RoomId;
use crate::model::report::Reported;
use crate::model::{Act, Person, Picture, Presence, Role};
use crate::ui::dom;
use crate::ui::kit::avatar::GroupAvatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;
use dioxus::router::Navigator;

#[derive(Clone, PartialEq, Debug)]
struct View {
    name: String,
    picture: Option<Picture>,
    description: Option<String>,
    people: Vec<Person>,
    count: usize,
    heads: String,
    pins: usize,
    may_change: bool,
    may_add: bool,
}

fn view(state: &State, room_id: RoomId) -> Option<View> {
    let summary = &state.rooms.get(&room_id)?.summary;
    let me = state.me.person.id;
    Some(View {
        name: summary.title(me),
        picture: summary.room.picture.clone(),
        description: summary.room.description.clone(),
        people: summary.people.iter().filter(|person| person.id != me).take(3).cloned().collect(),
        count: usize::try_from(summary.member_count).unwrap_or_default(),
        heads: head_count(state, room_id),
        pins: state.pins(room_id).len(),
        may_change: state.may(room_id, Act::ChangeRoom),
        may_add: state.may(room_id, Act::AddMembers),
    })
}

/// `12 members, 3 online`
pub fn head_count(state: &State, room_id: RoomId) -> String {
    let Some(room) = state.rooms.get(&room_id) else { return String::new() };
    let me = state.me.person.id;
    let members = room.summary.members.iter();
    let is_here = |id| state.presence_of(id) == Some(Presence::Online);
    // I am, and it goes without saying.
    let online = members.filter(|member| member.user_id != me && is_here(member.user_id)).count() + 1;
    let count = words::count(usize::try_from(room.summary.member_count).unwrap_or_default(), "member", "members");
    let assistant = state.assistant.as_ref().filter(|_| has_assistant(state, room_id));
    match assistant {
        // On a phone there is no room for both, and who reads along is the more important.
        Some(assistant) if online > 1 && !dom::is_compact() => {
            format!("{count}, {online} online · {} reads along", assistant.display_name)
        }
        Some(assistant) => format!("{count} · {} reads along", assistant.display_name),
        None if online > 1 => format!("{count}, {online} online"),
        None => count,
    }
}

#[component]
pub(super) fn GroupPage(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let navigator = use_navigator();
    let view = use_memo(move || view(&live.state.read(), room_id));
    let Some(View { name, picture, description, people, count, heads, pins, may_change, may_add }) = view() else {
        return rsx! {};
    };
    let shown = people.len().min(3) + 1;
    rsx! {
        Top {
            face: rsx! {
                if let Some(picture) = picture {
                    span { class: "halo", GroupAvatar { name: name.clone(), picture, size: 104 } }
                } else if people.is_empty() {
                    span { class: "avatar", style: "--s:72px", Icon { d: icon::USERS, class: "i-lg" } }
                } else {
                    Faces { people, size: 64, more: count.saturating_sub(shown) as u32 }
                }
            },
            name: name.clone(),
            p { class: "text-ink-muted text-sm", "{heads}" }
            if let Some(description) = description {
                p { class: "text-sm text-ink-muted mt-2 whitespace-pre-wrap intro-text max-w-full", dir: "auto", "{description}" }
            }
        }
        div { class: "grid gap-3",
            div { class: "sect",
                FewMembers { room_id }
                if count > FEW || count == 0 {
                    Line { icon: icon::USERS, trail: count.to_string(), on_press: move |()| panel.push(Page::Members(room_id)), "All members" }
                }
                if may_add {
                    Line { icon: icon::USER_PLUS, on_press: move |()| panel.push(Page::Add(room_id)), "Add people" }
                    Line { icon: icon::LINK, on_press: move |()| panel.push(Page::Invites(room_id)), "Invite links" }
                }
            }
            div { class: "sect",
                PinsLine { room_id, count: pins }
                MemoryLine { room_id }
                if may_change {
                    Line { icon: icon::PENCIL, on_press: move |()| panel.push(Page::Edit(room_id)), "Group settings" }
                }
            }
            MediaSection { room_id }
            WallpaperSection { room_id }
            div { class: "sect",
                ClearLine { room_id, who: "The others keep theirs." }
                Line {
                    icon: icon::LOG_OUT,
                    is_danger: true,
                    on_press: move |()| ask_leave(panel, live, navigator, room_id),
                    "Leave group"
                }
                Line { icon: icon::FLAG, is_danger: true, on_press: move |()| panel.report(Reported::Room { room_id }), "Report" }
            }
        }
    }
}

#[component]
pub(crate) fn PinsLine(room_id: RoomId, count: usize) -> Element {
    let panel = use_panel();
    rsx! {
        Line { icon: icon::PIN, trail: count.to_string(), on_press: move |()| panel.push(Page::Pins(room_id)), "Pinned messages" }
    }
}

/// "Clear chat", with the question before it and the way back after it.
#[component]
pub(crate) fn ClearLine(room_id: RoomId, who: String) -> Element {
    let live = use_live();
    let panel = use_panel();
    let ask = move |()| {
        let run = move || -> Call { Box::pin(async move { live.clear_chat(room_id).map(|_| ()) }) };
        panel.ask(Ask::new("Clear this chat?", format!("All messages disappear for you. {who}"), "Clear chat", run));
    };
    rsx! {
        Line { icon: icon::ERASER, on_press: ask, "Clear chat" }
    }
}

/// Says what leaving means before it is done.
fn ask_leave(panel: Panel, live: Live, navigator: Navigator, room_id: RoomId) {
    let state = live.state.peek();
    let Some(room) = state.rooms.get(&room_id) else { return };
    let summary = &room.summary;
    let me = state.me.person.id;
    let role = summary.members.iter().find(|member| member.user_id == me).map(|member| member.role);
    // The assistant goes with the last one.
    let is_person = |id| state.person(id).is_none_or(|person| !person.is_bot);
    let others = summary.members.iter().filter(|member| member.user_id != me && is_person(member.user_id)).count();
    let is_last = summary.member_count <= 1 || summary.member_count == 2 && others == 0;
    // As the server chooses: the admin, else the member, who has been in it for longest.
    let longest = |role| {
        let is_heir = |user_id| user_id != me && is_person(user_id);
        summary.members.iter().find(|member| member.role == role && is_heir(member.user_id))
    };
    let heir = longest(Role::Admin).or_else(|| longest(Role::Member)).and_then(|member| state.person(member.user_id));
    let text = if is_last {
        "You are the last one in it, so the group closes and its messages are gone.".to_owned()
    } else if role == Some(Role::Owner) {
        let heir = heir.map_or("The longest admin or member", |person| person.display_name.as_str());
        format!("{heir} becomes the owner. To come back you need to be added or have an invite link.")
    } else {
        "You get nothing more from it. To come back you need to be added or have an invite link.".to_owned()
    };
    let title = format!("Leave {}?", summary.title(me));
    let run = move || -> Call {
        Box::pin(async move {
            api::groups::leave_room(room_id).await?;
            panel.close();
            navigator.push(Route::Home {});
            Ok(())
        })
    };
    drop(state);
    panel.ask(Ask::new(title, text, if is_last { "Close group" } else { "Leave" }, run));
}
