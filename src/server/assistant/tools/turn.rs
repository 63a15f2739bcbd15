//! What of a model's wishes is granted in one turn.

use super::consent::Consent;
use super::{Refused, Tool, Wish};

/// All that may be done, searches too.
const ACTS_MAX: u8 = 6;
const GIFS_MAX: u8 = 1;
const REACTIONS_MAX: u8 = 1;
const NOTES_MAX: u8 = 1;
const FORGOTTEN_MAX: u8 = 3;
/// Coins and dice together.
const THROWS_MAX: u8 = 1;
const GAMES_MAX: u8 = 1;
const SEARCHES_MAX: u8 = 2;

/// The policy of one turn: one answer to one question, with all rounds that it takes. An answer that is written anew is
/// a new turn, and the caller sees to it that its acts are not done twice.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    consent: Consent,
    acts: u8,
    gifs: u8,
    reactions: u8,
    notes: u8,
    forgotten: u8,
    throws: u8,
    games: u8,
    searches: u8,
}

impl Turn {
    pub fn new(consent: Consent) -> Self {
        Self { consent, ..Self::default() }
    }

    /// Gives a wish back if it may be carried out, and counts it, whether or not it works then.
    ///
    /// # Errors
    /// [`Refused::NotAsked`], [`Refused::Capped`].
    pub fn admit(&mut self, wish: Wish) -> Result<Wish, Refused> {
        let asked = self.consent;
        let (is_asked, done, max) = match wish.tool() {
            Tool::Gif => (asked.gif, &mut self.gifs, GIFS_MAX),
            Tool::React => (asked.react, &mut self.reactions, REACTIONS_MAX),
            Tool::Remember => (asked.remember, &mut self.notes, NOTES_MAX),
            Tool::Forget => (asked.forget, &mut self.forgotten, FORGOTTEN_MAX),
            Tool::Flip | Tool::Roll => (asked.throw, &mut self.throws, THROWS_MAX),
            Tool::TicTacToe => (asked.play, &mut self.games, GAMES_MAX),
            // It reads only what everybody in the room may read.
            Tool::Search => (true, &mut self.searches, SEARCHES_MAX),
        };
        if !is_asked {
            return Err(Refused::NotAsked);
        }
        if *done >= max || self.acts >= ACTS_MAX {
            return Err(Refused::Capped);
        }
        *done += 1;
        self.acts += 1;
        Ok(wish)
    }
}
