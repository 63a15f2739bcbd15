//! Games in a room: begun by a message, played by acts. Each act asks anew whether its player may write there.

use crate::error::{Error, Problem, Result};
use crate::id::{MessageId, UserId};
use crate::model::{Coin, Extra, Message, NewExtra, Roll, TicTacToe};
use crate::server::App;
use crate::server::access::Card;
use crate::time::Timestamp;
use rand::Rng;

/// A game that `me` begins in a room, with a message that is going to have this id and answers `answered`.
///
/// # Errors
/// [`Error::Invalid`] of `sides`; of `with` for nobody there, or oneself; of `extra` for what is no game.
pub(super) fn begin(
    app: &App,
    card: &Card,
    me: UserId,
    id: MessageId,
    asked: &NewExtra,
    answered: Option<&Message>,
) -> Result<Extra> {
    match asked {
        NewExtra::Flip => Ok(Extra::Coin(Coin::thrown(&app.keys.seed(id)))),
        NewExtra::Roll { sides } => {
            Roll::check(*sides)?;
            Ok(Extra::Roll(Roll { sides: *sides, value: Some(rand::rng().random_range(1..=*sides)) }))
        }
        NewExtra::TicTacToe { with } => {
            let peer = card.peer(me);
            let opponent = with.or(peer);
            let is_there = |who: UserId| who != me && card.has(who) && peer.is_none_or(|peer| peer == who);
            if opponent.is_some_and(|who| !is_there(who)) {
                return Err(Error::invalid("with", Problem::NoMatch));
            }
            let now = Timestamp::now();
            let before = answered.and_then(|message| {
                let Some(Extra::TicTacToe(game)) = &message.extra else { return None };
                game.rematch(me, now)
            });
            let rematch = before.filter(|game| game.opponent == opponent);
            Ok(Extra::TicTacToe(rematch.unwrap_or_else(|| TicTacToe::offer(me, opponent, now))))
        }
        NewExtra::Gif { .. } => Err(Error::invalid("extra", Problem::NoMatch)),
    }
}
