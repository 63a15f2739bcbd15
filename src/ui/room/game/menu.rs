//! Games to choose from, beside what can be attached.

use super::use_begin;
use crate::model::NewExtra;
use crate::ui::dom::layer::Wish;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::menu::{MenuButton, MenuItem};
use crate::ui::room::Visit;
use dioxus::prelude::*;

/// The items of a menu. In a group the challenge is to anyone; `/ttt @name` names somebody.
#[component]
pub fn GamesItems() -> Element {
    let visit = use_context::<Visit>();
    let begin = use_begin(visit.room_id);
    let mut sent = visit.sent;
    let start = use_callback(move |extra: NewExtra| {
        if begin.begin(extra, None) {
            sent += 1;
        }
    });
    rsx! {
        MenuItem { icon: icon::COINS, on_pick: move |()| start.call(NewExtra::Flip), "Flip a coin" }
        MenuItem { icon: icon::DICES, on_pick: move |()| start.call(NewExtra::Roll { sides: 6 }), "Roll a die" }
        MenuItem { icon: icon::HASH, on_pick: move |()| start.call(NewExtra::TicTacToe { with: None }), "Tic-tac-toe" }
    }
}

/// The button in the composer, for a mouse: a finger finds the games in the menu beside it.
#[component]
pub fn GamesButton() -> Element {
    let is_open = use_signal(|| false);
    rsx! {
        MenuButton {
            name: "Games",
            is_open,
            class: "icon-btn composer-tool games-tool",
            wish: Wish { is_end: true, is_above: true, ..Wish::default() },
            face: rsx! {
                Icon { d: icon::DICES }
            },
            GamesItems {}
        }
    }
}
