//! The frame of the app for someone signed in: chats at the left, what the address names at the right; on a phone one of
//! the two.

mod back;
mod connection;
mod dialogs;
mod heading;
mod menu;
mod notices;
mod offline;
mod warning;

pub use connection::ConnectionLine;
pub use dialogs::{AppDialog, Dialogs, use_dialogs};
pub use heading::Heading;
pub use menu::{MainMenu, THEMES, choose_theme};
pub use offline::{Broken, Offline, Splash};
#[cfg(feature = "server")]
pub use offline::{Failure, FailureProps};

use crate::app::Route;
use crate::client::state::State;
use crate::client::{Live, use_live};
use crate::id::RoomId;
use crate::time::Timestamp;
use crate::ui::auth::Login;
use crate::ui::dom::{self, PageEvent};
use crate::ui::kit::Brand;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::layers::use_provide_layers;
use crate::ui::kit::toast::{ToastRegion, use_provide_toasts};
use crate::ui::notify::use_provide_notifier;
use crate::ui::panel::{SidePanel, use_provide_panel};
use crate::ui::room::attachments::use_provide_pending;
use crate::ui::room::use_provide_suggesting;
use crate::ui::rooms::RoomList;
use crate::ui::search::{Palette, use_provide_search};
use crate::ui::viewer::{ViewerRegion, use_provide_viewer};
use back::use_back;
use dialogs::{DialogRegion, use_provide_dialogs};
use dioxus::prelude::*;
use notices::Notices;
use warning::Warning;

/// The layout of everything that needs a session.
#[component]
pub fn Shell() -> Element {
    let route = use_route::<Route>();
    match try_consume_context::<Live>() {
        Some(_) => rsx! {
            Frame {}
        },
        None => rsx! {
            Login { next: route.to_string() }
        },
    }
}

/// The room that an address names.
fn room_of(route: &Route) -> Option<RoomId> {
    match route {
        Route::Room { room_id } => Some(*room_id),
        Route::Home {}
        | Route::Requests {}
        | Route::New {}
        | Route::NewGroup {}
        | Route::Invite { .. }
        | Route::Admin {}
        | Route::Settings {}
        | Route::SettingsPart { .. }
        | Route::SettingsNews { .. }
        | Route::Login { .. }
        | Route::Register { .. }
        | Route::Reset { .. }
        | Route::Forgot { .. }
        | Route::Confirm { .. }
        | Route::NotFound { .. } => None,
    }
}

/// The room `step` places below in the list, round and round.
fn neighbour(state: &State, current: Option<RoomId>, step: isize) -> Option<RoomId> {
    let rooms = state.rooms_by_activity();
    let count = isize::try_from(rooms.len()).ok().filter(|count| *count > 0)?;
    let at = current.and_then(|current| rooms.iter().position(|id| *id == current));
    let next = match at {
        Some(at) => (isize::try_from(at).ok()? + step).rem_euclid(count),
        None => 0,
    };
    rooms.get(usize::try_from(next).ok()?).copied()
}

#[component]
fn Frame() -> Element {
    let live = use_live();
    let route = use_route::<Route>();
    let room_id = room_of(&route);
    let navigator = use_navigator();
    let mut current = use_signal(|| room_id);
    if *current.peek() != room_id {
        current.set(room_id);
    }
    use_effect(move || live.open_room(current()));
    use_effect(move || dom::set_theme(live.state.peek().me.theme));
    use_title(live, current);
    let layers = use_provide_layers();
    let panel = use_provide_panel(use_provide_toasts(), current);
    let view = if panel.is_open() {
        "side"
    } else if route == (Route::Home {}) {
        "list"
    } else {
        "chat"
    };
    let dialogs = use_provide_dialogs();
    let search = use_provide_search();
    use_provide_viewer();
    use_provide_pending();
    use_provide_notifier();
    use_provide_suggesting();
    dom::files::use_no_drops();
    let back = use_back(move || {
        layers.depth() + usize::from(search.room().is_some() && search.room() == current()) + panel.depth()
    });
    // What Escape closes, and going back on a phone. `false`: nothing is open.
    let close = move || {
        if layers.close_last() {
            return true;
        }
        if search.is_finding() {
            search.end_find();
            return true;
        }
        let is_open = panel.is_open();
        if is_open {
            panel.back();
        }
        is_open
    };
    dom::use_page_events(move |event| match event {
        PageEvent::Search if search.is_open() => search.close(),
        PageEvent::Search | PageEvent::Find if layers.has_modal() => {}
        PageEvent::Search => search.open(),
        PageEvent::Find => {
            if let Some(room_id) = *current.peek() {
                search.find_in(room_id);
            }
        }
        // Keys are for what is open above the page.
        PageEvent::PreviousRoom | PageEvent::NextRoom | PageEvent::Shortcuts if layers.is_open() => {}
        PageEvent::Escape => {
            if !close() && (dom::is_compact() || current.peek().is_none()) {
                navigator.push(Route::Home {});
            }
        }
        PageEvent::Travelled => back.travelled(move || {
            close();
        }),
        PageEvent::PreviousRoom | PageEvent::NextRoom => {
            let step = if event == PageEvent::NextRoom { 1 } else { -1 };
            let next = neighbour(&live.state.peek(), *current.peek(), step);
            if let Some(room_id) = next {
                navigator.push(Route::Room { room_id });
            }
        }
        PageEvent::Shortcuts => dialogs.open(AppDialog::Shortcuts),
        PageEvent::Resized => dom::fit_viewport(),
        PageEvent::Seen | PageEvent::Online => {}
    });
    let heading = use_memo(move || {
        let state = live.state.read();
        let room = current().and_then(|id| state.rooms.get(&id));
        room.map(|room| room.summary.title(state.me.person.id))
    });
    let is_home = route == (Route::Home {});
    rsx! {
        div { class: "vp app",
            if heading.read().is_some() {
                a { class: "btn btn-primary skip", href: "#messages", "Skip to messages" }
            }
            div { class: "shell", "data-view": view, "data-panel": panel.is_open().then_some(""),
                RoomList { current }
                // Without anything open the list is what the page is about.
                div { class: "pane-chat", role: (!is_home).then_some("main"),
                    if !is_home {
                        // On a phone the list and its heading are not there.
                        h1 { class: "sr-only only-phone", {heading().unwrap_or_else(|| "Lavender".to_owned())} }
                    }
                    Outlet::<Route> {}
                }
                SidePanel {}
            }
            ToastRegion { owner: None }
            Notices {}
            Warning {}
            DialogRegion {}
            ViewerRegion {}
            Palette { current }
        }
    }
}

/// The title of the tab and the badge of the icon.
fn use_title(live: Live, current: Signal<Option<RoomId>>) {
    let title = use_memo(move || {
        let state = live.state.read();
        let unread = state.total_unread(Timestamp::now()).count;
        let name = current().and_then(|id| state.rooms.get(&id)).map(|room| room.summary.title(state.me.person.id));
        (unread, title(unread, name.as_deref()))
    });
    use_effect(move || {
        let (unread, title) = title();
        dom::set_title(&title);
        dom::set_badge(unread);
    });
}

/// `(3) Mira · Lavender`
fn title(unread: u32, room: Option<&str>) -> String {
    let count = if unread > 0 { format!("({unread}) ") } else { String::new() };
    match room {
        Some(room) => format!("{count}{room} · Lavender"),
        None => format!("{count}Lavender"),
    }
}

/// No room is open.
#[component]
pub fn Home() -> Element {
    let live = use_live();
    let has_rooms = use_memo(move || !live.state.read().rooms.is_empty());
    rsx! {
        section {
            class: "sheet wallpaper",
            "aria-label": "No chat open",
            style: "--wp:var(--wp-petals);--wp-size:var(--wps-petals)",
            div { class: "m-auto grid justify-items-center text-center px-16 py-20 max-w-[38rem] clearing",
                Brand { size: 168 }
                if has_rooms() {
                    h2 { class: "font-display text-2xl font-bold tracking-[-.025em] mt-5", "Pick up where you left off" }
                    p { class: "text-ink-muted mt-2 max-w-[23rem]",
                        "Choose a chat on the left, or start one. New people get a request first, so nobody is surprised."
                    }
                } else {
                    h2 { class: "font-display text-2xl font-bold tracking-[-.025em] mt-5", "Say hello to someone" }
                    p { class: "text-ink-muted mt-2 max-w-[23rem]",
                        "Find people by name. They get a request first, so nobody is surprised."
                    }
                }
                Link { class: "btn btn-primary mt-6", to: Route::New {},
                    Icon { d: icon::SQUARE_PEN, class: "i-sm" }
                    "Start a chat"
                }
                p { class: "hint keys mt-6",
                    span { class: "kbd", "Ctrl K" }
                    " to search"
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_counts_first() {
        assert_eq!(title(0, None), "Lavender");
        assert_eq!(title(3, None), "(3) Lavender");
        assert_eq!(title(12, Some("Mira")), "(12) Mira · Lavender");
    }
}
