//! Games in a room: begun by a message, played by acts. Each act asks anew whether its player may write there.

use super::{assistant, changes};
use crate::error::{Error, Problem, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::live::LiveEvent;
use crate::model::{Coin, Extra, GameAct, Message, NewExtra, Roll, TicTacToe, gifs};
use crate::server::access::Card;
use crate::server::limits::Rule;
use crate::server::{App, access};
use crate::time::Timestamp;
use rand::Rng;
use std::time::Duration;

/// An act is tried so often against other changes of the same message at the same moment, each time after such a pause: what
/// came between may not be with the majority that is read from yet.
pub(super) const PAUSES_MS: [u64; 7] = [0, 2, 8, 32, 64, 128, 256];

/// A game that `me` begins in a room, or a moving picture, with a message that is going to have this id and answers `answered`.
///
/// # Errors
/// [`Error::Invalid`] of `sides`; of `with` for nobody there, or oneself; of `extra` for a moving picture that the pack doesn't have.
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
        NewExtra::Gif { name } => {
            let found = gifs::find(name).map(|sticker| Extra::Gif(sticker.gif()));
            found.ok_or(Error::invalid("extra", Problem::NoMatch))
        }
    }
}

/// Carries out an act in the game of a message, as of `now`, and tells everybody who may see it. The same act once more
/// changes and tells nothing.
///
/// # Errors
/// [`Error::NotFound`] of a room that the caller is not in, or a message that is not in it or not theirs to see;
/// [`Error::Forbidden`] for what only others may do in this game; [`Error::Conflict`] when it is too late for it, or another
/// act came first: the caller is told how the game stands; [`Error::Invalid`] of `message_id` without a game, of `act` for one
/// of another game, of `cell`; [`Error::Unreachable`] with a block in a direct room; [`Error::Muted`].
pub async fn play(
    app: &App,
    me: UserId,
    room_id: RoomId,
    message_id: MessageId,
    act: &GameAct,
    now: Timestamp,
) -> Result<()> {
    app.limits.check(Rule::Change, me)?;
    carry_out(app, me, room_id, message_id, act, now).await
}

/// [`play`] without a limit on how often.
pub(super) async fn carry_out(
    app: &App,
    me: UserId,
    room_id: RoomId,
    message_id: MessageId,
    act: &GameAct,
    now: Timestamp,
) -> Result<()> {
    access::sender(app, room_id, me).await?;
    for pause_ms in PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let (_, message) = changes::visible(app, me, room_id, message_id).await?;
        let next = match next(app, me, &message, act, now) {
            Ok(Some(next)) => next,
            Ok(None) => return Ok(()),
            Err(error) => {
                if error == Error::Conflict {
                    // Whoever acts on an old state sees the new one, whatever became of the event.
                    app.hub.tell_user(me, &LiveEvent::MessageChanged { message });
                }
                return Err(error);
            }
        };
        if let Some(changed) = app.db.set_extra(message_id, message.revision, &next).await? {
            changes::tell(app, &changed).await?;
            assistant::follow(app, &changed);
            return Ok(());
        }
        // A reaction or another act came between: what that leaves is looked at anew.
    }
    Err(Error::Conflict)
}

/// The game after an act; `None` when that changes nothing.
fn next(app: &App, me: UserId, message: &Message, act: &GameAct, now: Timestamp) -> Result<Option<Extra>> {
    if !message.is_countable() {
        return Err(Error::Conflict);
    }
    match (&message.extra, act) {
        (Some(Extra::Coin(coin)), GameAct::Nonce { nonce }) => {
            if message.author_id != me {
                return Err(Error::Forbidden);
            }
            let Some(seed) = app.keys.seed_of(message.id, &coin.commitment) else {
                tracing::warn!(message.id = %message.id, "a coin stays in the air: the key that it hangs on is gone");
                return Err(Error::Conflict);
            };
            let mut coin = coin.clone();
            let is_new = coin.land(seed, *nonce, message.id)?;
            Ok(is_new.then_some(Extra::Coin(coin)))
        }
        (Some(Extra::TicTacToe(game)), act) => {
            let mut game = game.clone();
            let is_new = game.play(me, act, now)?;
            Ok(is_new.then_some(Extra::TicTacToe(game)))
        }
        (Some(Extra::Coin(_) | Extra::Roll(_)), _) => Err(Error::invalid("act", Problem::BadFormat)),
        (None | Some(Extra::Gif(_) | Extra::Answer(_) | Extra::Note(_) | Extra::Unknown), _) => {
            Err(Error::invalid("message_id", Problem::NoMatch))
        }
    }
}
