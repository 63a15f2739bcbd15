//! What can be done about a chat from the list.

use crate::client::use_live;
use crate::id::RoomId;
use crate::model::PrefsChange;
use crate::ui::dom::layer::{Anchor, Wish};
use crate::ui::kit::icon;
use crate::ui::kit::{Menu, MenuItem, MenuLabel, MenuRule, Toast, use_toasts};
use crate::ui::panel::MuteItems;
use crate::ui::time::use_clock;
use dioxus::prelude::*;

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum MenuPage {
    Main,
    Notify,
}

/// The menu that is open.
#[derive(Clone, PartialEq, Debug)]
pub struct OpenMenu {
    pub room_id: RoomId,
    pub anchor: Anchor,
    pub page: MenuPage,
}

#[component]
pub fn RoomMenu(open: Signal<Option<OpenMenu>>) -> Element {
    let mut open = open;
    let live = use_live();
    let toasts = use_toasts();
    let clock = use_clock();
    let Some(OpenMenu { room_id, anchor, page }) = open() else { return rsx! {} };
    let state = live.state.read();
    let Some(room) = state.rooms.get(&room_id) else { return rsx! {} };
    let title = room.summary.title(state.me.person.id);
    let prefs = state.prefs(room_id).into_owned();
    let is_unread = state.tally(room_id).is_unread();
    let newest = state.newest(room_id).map(|message| message.seq);
    drop(state);
    let is_muted = prefs.is_muted(clock.now);
    let is_pinned = prefs.pinned_at.is_some();
    let is_archived = prefs.archived;
    let name = title.clone();
    let set = move |change| live.set_prefs(room_id, change);
    let archive = move |on: bool| {
        set(PrefsChange::Archived { on });
        let text = if on { "Chat archived" } else { "Chat is back in the list" };
        let undo = move || live.set_prefs(room_id, PrefsChange::Archived { on: !on });
        toasts.show(Toast::new(text).action("Undo", undo));
    };
    let wish = Wish { anchor: anchor.clone(), is_sheet: true, ..Wish::default() };
    let close = move |()| open.set(None);
    rsx! {
        match page {
            MenuPage::Main => rsx! {
                Menu { name, wish, on_close: close,
                    MenuLabel { "{title}" }
                    if is_unread {
                        MenuItem { icon: icon::CHECK_CHECK, on_pick: move |()| { live.mark_all_read(Some(room_id)); }, "Mark as read" }
                    } else if let Some(seq) = newest {
                        MenuItem { icon: icon::MAIL, on_pick: move |()| live.mark_unread(room_id, seq), "Mark as unread" }
                    }
                    MenuItem { icon: icon::PIN, on_pick: move |()| set(PrefsChange::Pinned { on: !is_pinned }),
                        if is_pinned {
                            "Unpin"
                        } else {
                            "Pin to top"
                        }
                    }
                    if is_muted {
                        MenuItem { icon: icon::BELL, on_pick: move |()| set(PrefsChange::Muted { until: None }), "Unmute" }
                    }
                    MenuItem {
                        icon: if is_muted { icon::BELL_OFF } else { icon::BELL },
                        stays: true,
                        on_pick: {
                            let anchor = anchor.clone();
                            move |()| open.set(Some(OpenMenu { room_id, anchor: anchor.clone(), page: MenuPage::Notify }))
                        },
                        "Mute and notifications…"
                    }
                    MenuRule {}
                    MenuItem { icon: icon::ARCHIVE, on_pick: move |()| archive(!is_archived),
                        if is_archived {
                            "Take out of the archive"
                        } else {
                            "Archive"
                        }
                    }
                }
            },
            MenuPage::Notify => rsx! {
                Menu { name, wish, on_close: close, MuteItems { room_id } }
            },
        }
    }
}
