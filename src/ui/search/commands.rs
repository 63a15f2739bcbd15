//! What can be done from the box. To add something: one more row in [`COMMANDS`].

use super::Search;
use crate::app::Route;
use crate::client::Live;
use crate::id::RoomId;
use crate::model::Theme;
use crate::ui::kit::icon;
use crate::ui::kit::toast::Toasts;
use crate::ui::panel::{Page, Panel};
use crate::ui::shell::{AppDialog, Dialogs, choose_theme};
use dioxus::prelude::*;
use dioxus::router::Navigator;

/// What commands work with.
#[derive(Clone, Copy)]
pub struct Reach {
    pub live: Live,
    pub search: Search,
    pub panel: Panel,
    pub toasts: Toasts,
    pub dialogs: Dialogs,
    pub navigator: Navigator,
    /// The room that is open.
    pub room_id: Option<RoomId>,
}

/// Something to do.
pub struct Command {
    pub name: &'static str,
    /// More words that it is found by.
    pub also: &'static str,
    pub icon: &'static str,
    /// The key that does it too.
    pub key: &'static str,
    /// Whether it makes sense now.
    pub is_there: fn(&Reach) -> bool,
    pub run: fn(Reach),
}

const ALWAYS: fn(&Reach) -> bool = |_| true;

pub static COMMANDS: [Command; 13] = [
    Command {
        name: "New chat",
        also: "find people start talk",
        icon: icon::SQUARE_PEN,
        key: "",
        is_there: ALWAYS,
        run: |reach| go(reach, Route::New {}),
    },
    Command {
        name: "New group",
        also: "create room",
        icon: icon::USERS,
        key: "",
        is_there: ALWAYS,
        run: |reach| go(reach, Route::NewGroup {}),
    },
    Command {
        name: "Search in this chat",
        also: "find",
        icon: icon::SEARCH,
        key: "Ctrl F",
        is_there: |reach| reach.room_id.is_some(),
        run: |reach| {
            if let Some(room_id) = reach.room_id {
                reach.search.find_in(room_id);
            }
        },
    },
    Command {
        name: "Mark all read",
        also: "unread seen",
        icon: icon::CHECK_CHECK,
        key: "",
        is_there: ALWAYS,
        run: |reach| {
            reach.live.mark_all_read(None);
        },
    },
    Command {
        name: "Message requests",
        also: "invitations",
        icon: icon::HOURGLASS,
        key: "",
        is_there: ALWAYS,
        run: |reach| go(reach, Route::Requests {}),
    },
    Command {
        name: "Your profile",
        also: "me name about status",
        icon: icon::USER_ROUND,
        key: "",
        is_there: ALWAYS,
        run: |reach| reach.panel.open(Page::Me),
    },
    Command {
        name: "Switch to dark",
        also: "theme night appearance",
        icon: icon::MOON,
        key: "",
        is_there: |reach| reach.live.state.peek().me.theme != Theme::Dark,
        run: |reach| set_theme(reach, Theme::Dark),
    },
    Command {
        name: "Switch to light",
        also: "theme day appearance",
        icon: icon::SUN,
        key: "",
        is_there: |reach| reach.live.state.peek().me.theme != Theme::Light,
        run: |reach| set_theme(reach, Theme::Light),
    },
    Command {
        name: "Match system theme",
        also: "appearance",
        icon: icon::SUN_MOON,
        key: "",
        is_there: |reach| reach.live.state.peek().me.theme != Theme::System,
        run: |reach| set_theme(reach, Theme::System),
    },
    Command {
        name: "Settings",
        also: "notifications sound preferences",
        icon: icon::SETTINGS,
        key: "",
        is_there: ALWAYS,
        run: |reach| go(reach, Route::Settings {}),
    },
    Command {
        name: "Keyboard shortcuts",
        also: "keys help",
        icon: icon::KEYBOARD,
        key: "?",
        is_there: ALWAYS,
        run: |reach| reach.dialogs.open(AppDialog::Shortcuts),
    },
    Command {
        name: "Administration",
        also: "reports accounts moderation",
        icon: icon::SHIELD_CHECK,
        key: "",
        is_there: |reach| reach.live.state.peek().me.person.is_admin,
        run: |reach| go(reach, Route::Admin {}),
    },
    Command {
        name: "Sign out",
        also: "leave log off",
        icon: icon::LOG_OUT,
        key: "",
        is_there: ALWAYS,
        run: |reach| reach.live.sign_out(),
    },
];

fn go(reach: Reach, route: Route) {
    reach.navigator.push(route);
}

fn set_theme(reach: Reach, next: Theme) {
    choose_theme(reach.live, reach.toasts, next);
}

impl Command {
    /// Whether each word that was typed begins one of its own.
    pub fn fits(&self, typed: &str) -> bool {
        let own = || self.name.split(' ').chain(self.also.split(' '));
        let begins =
            |word: &str| own().any(|own| own.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word)));
        typed.split_whitespace().all(begins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_by_beginnings_of_its_words() {
        let found = |typed: &str| {
            COMMANDS.iter().filter(|command| command.fits(typed)).map(|command| command.name).collect::<Vec<_>>()
        };
        assert_eq!(found("new g"), ["New group"]);
        assert_eq!(found("THEME d"), ["Switch to dark", "Switch to light"]);
        assert_eq!(found("ew"), Vec::<&str>::new());
        assert_eq!(found("日"), Vec::<&str>::new());
        assert_eq!(found("").len(), COMMANDS.len());
    }
}
