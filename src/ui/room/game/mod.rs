//! Games as messages: a coin, a die, tic-tac-toe. What they may do is in [`crate::model::game`]; here they are drawn.

mod board;
mod coin;
mod die;
mod menu;
mod typed;

use super::acts::Acts;
use super::note::NoteLine;
use crate::client::state::Row;
use crate::client::{Live, use_live};
use crate::id::RoomId;
use crate::model::{Extra, NewExtra, ReplyTo};
use crate::time::Timestamp;
use crate::ui::kit::toast::{Toast, Toasts, use_toasts};
use crate::ui::words;
use board::TicTacToeCard;
use coin::CoinCard;
use die::DieCard;
use dioxus::prelude::*;
pub use menu::{GamesButton, GamesItems};
pub use typed::typed;

/// Two presses within this are one: a double click flips once.
const AGAIN_AFTER_MS: i64 = 1_500;

/// The game of a message. `is_stop`: the keyboard comes here; `is_idle`: messages are being chosen, so nothing is played.
#[component]
pub fn GameCard(row: Row, author: String, is_stop: bool, is_idle: bool) -> Element {
    match &row.message.extra {
        Some(Extra::Coin(coin)) => rsx! {
            CoinCard { coin: coin.clone(), row: row.clone(), author, is_stop, is_idle }
        },
        Some(Extra::Roll(roll)) => rsx! {
            DieCard { roll: roll.clone(), author }
        },
        Some(Extra::TicTacToe(game)) => rsx! {
            TicTacToeCard { game: game.clone(), row: row.clone(), is_stop, is_idle }
        },
        Some(Extra::Note(card)) => rsx! {
            NoteLine { card: card.clone(), is_stop, is_idle }
        },
        Some(Extra::Unknown) => rsx! {
            p { class: "gone-text", "This is something new. Reload this page to see it." }
        },
        Some(Extra::Gif(_) | Extra::Answer(_)) | None => rsx! {},
    }
}

/// Whether [`GameCard`] draws a message.
pub fn is_game(row: &Row) -> bool {
    row.message.is_bound() && !row.is_deleted()
}

/// Begins games in a room.
#[derive(Clone, Copy)]
pub struct Begin {
    live: Live,
    room_id: RoomId,
    toasts: Toasts,
    last: CopyValue<Timestamp>,
}

pub fn use_begin(room_id: RoomId) -> Begin {
    let (live, toasts) = (use_live(), use_toasts());
    let last = use_hook(|| CopyValue::new(Timestamp(0)));
    Begin { live, room_id, toasts, last }
}

impl Begin {
    /// Queues one, unless that was done a moment ago. Whether it did.
    pub fn begin(mut self, extra: NewExtra, reply_to: Option<ReplyTo>) -> bool {
        let now = Timestamp::now();
        if now < self.last.peek().plus_ms(AGAIN_AFTER_MS) {
            return false;
        }
        self.last.set(now);
        match self.live.send_extra(self.room_id, extra, reply_to) {
            Ok(_) => true,
            Err(error) => {
                self.toasts.show(Toast::error(words::error(&error)));
                false
            }
        }
    }
}

/// Whether somebody may act in a game that this row shows.
fn can_play(acts: Option<Acts>, row: &Row, is_idle: bool) -> bool {
    !is_idle && acts.is_some_and(|acts| acts.can_react(row))
}
