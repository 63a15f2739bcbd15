//! What a room may notify of, and for how long not at all.

use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{MUTED_FOR_GOOD, Notify, PrefsChange};
use crate::time::Timestamp;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{MenuButton, MenuGroup, MenuItem, MenuLabel, MenuRule};
use crate::ui::time::{Clock, use_clock};
use dioxus::prelude::*;

const HOUR_MS: i64 = 3_600_000;
const LEVELS: [(Notify, &str); 3] =
    [(Notify::All, "All messages"), (Notify::Mentions, "Only when I'm named"), (Notify::Nothing, "Nothing")];
/// Without hours: for good.
const TERMS: [(Option<i64>, &str); 4] =
    [(Some(1), "For 1 hour"), (Some(8), "For 8 hours"), (Some(7 * 24), "For a week"), (None, "Until I turn it on")];

/// `Muted until 18:40`
fn muted(until: Timestamp, clock: Clock) -> String {
    match until {
        MUTED_FOR_GOOD => "Muted".to_owned(),
        until if clock.day(until) == "Today" => format!("Muted until {}", clock.time(until)),
        until => format!("Muted until {}, {}", clock.short(until), clock.time(until)),
    }
}

#[component]
pub(super) fn MuteButton(room_id: RoomId) -> Element {
    let live = use_live();
    let clock = use_clock();
    let is_open = use_signal(|| false);
    let until = use_memo(move || live.state.read().prefs(room_id).muted_until);
    let is_muted = until().is_some_and(|until| until > clock.now);
    rsx! {
        MenuButton {
            name: if is_muted { "Notifications, muted" } else { "Notifications" },
            is_open,
            face: rsx! { Icon { d: if is_muted { icon::BELL_OFF } else { icon::BELL } } },
            MuteItems { room_id }
        }
    }
}

/// Items of a menu.
#[component]
pub fn MuteItems(room_id: RoomId) -> Element {
    let live = use_live();
    let clock = use_clock();
    let prefs = use_memo(move || {
        let state = live.state.read();
        let prefs = state.prefs(room_id);
        (prefs.notify, prefs.muted_until)
    });
    let (level, until) = prefs();
    let is_muted = until.is_some_and(|until| until > clock.now);
    let mute = move |until| live.set_prefs(room_id, PrefsChange::Muted { until });
    rsx! {
        MenuGroup { label: "Notify me of",
            for (value , name) in LEVELS {
                MenuItem {
                    key: "{name}",
                    checked: level == value,
                    stays: true,
                    on_pick: move |()| live.set_prefs(room_id, PrefsChange::Notify { level: value }),
                    "{name}"
                }
            }
        }
        MenuRule {}
        if let (true, Some(until)) = (is_muted, until) {
            MenuLabel { {muted(until, clock)} }
            MenuItem { icon: icon::BELL, on_pick: move |()| mute(None), "Unmute" }
        } else {
            MenuGroup { label: "Mute",
                for (hours , name) in TERMS {
                    MenuItem {
                        key: "{name}",
                        icon: icon::BELL_OFF,
                        on_pick: move |()| {
                            mute(Some(hours.map_or(MUTED_FOR_GOOD, |hours| Timestamp::now().plus_ms(hours * HOUR_MS))));
                        },
                        "{name}"
                    }
                }
            }
        }
    }
}
