//! Games in a room: their whole state, and every rule. A game lives in its message; an act makes the next revision of it.

use crate::error::{Error, Problem, Result};
use crate::id::{MessageId, UserId};
use crate::model::limits::{DICE_SIDES, GAME_TURN_MS};
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};
use std::fmt;

/// 32 bytes, written as 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Bytes32(pub [u8; 32]);

impl Bytes32 {
    /// What nobody else can guess.
    pub fn random() -> Self {
        let mut hash = Sha256::new();
        // Each has 74 random bits (RFC 9562), and the browser's generator is asked without another crate.
        for _ in 0..4 {
            hash.update(uuid::Uuid::now_v7().as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// Its SHA-256.
    pub fn hashed(&self) -> Self {
        Self(Sha256::digest(self.0).into())
    }
}

impl fmt::Display for Bytes32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Bytes32 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Bytes32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Bytes32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let pairs = text.as_bytes().chunks(2).map(|pair| Some((digit(pair[0])? << 4) | digit(*pair.get(1)?)?));
        let bytes: Option<Vec<u8>> = pairs.collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| de::Error::custom("not 64 hexadecimal digits"))
    }
}

/// What somebody does in a game.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum GameAct {
    /// The half of a coin's chance that its flipper's page makes. Once.
    Nonce {
        nonce: Bytes32,
    },
    Accept,
    /// By who was named.
    Decline,
    /// By the challenger, before anybody accepted.
    Cancel,
    /// `turn` counts moves from 0, `cell` row by row from 0 to 8. Of two acts for one turn the first one stays.
    Mark {
        turn: u8,
        cell: u8,
    },
    Resign,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    Heads,
    Tails,
}

/// A coin that nobody can load: the server binds itself to its seed first, then the flipper's page adds a nonce that the
/// server could not know. Anybody can check it afterwards.
///
/// ```text
/// commitment = SHA-256(seed) ──▶ nonce ──▶ face = last bit of SHA-256(seed ‖ nonce ‖ id of the message): 0 heads, 1 tails
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Coin {
    /// Zeros on the flipper's page until the server has it.
    pub commitment: Bytes32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub landed: Option<Landed>,
}

/// A coin that lies, with all that its face follows from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Landed {
    pub seed: Bytes32,
    pub nonce: Bytes32,
    pub face: Face,
}

impl Coin {
    /// A coin in the air.
    pub fn thrown(seed: &Bytes32) -> Self {
        Self { commitment: seed.hashed(), landed: None }
    }

    /// Lets it land. Whether that changed anything: the same nonce once more does not.
    ///
    /// # Errors
    /// [`Error::Conflict`]: it lies already, by another nonce; or `seed` is not what the server is bound to.
    pub fn land(&mut self, seed: Bytes32, nonce: Bytes32, id: MessageId) -> Result<bool> {
        match &self.landed {
            Some(landed) if landed.nonce == nonce => return Ok(false),
            Some(_) => return Err(Error::Conflict),
            None if seed.hashed() != self.commitment => return Err(Error::Conflict),
            None => {}
        }
        self.landed = Some(Landed { seed, nonce, face: face(&seed, &nonce, id) });
        Ok(true)
    }

    /// Whether it lies as the seed that the server was bound to, and the nonce, say.
    pub fn is_fair(&self, id: MessageId) -> bool {
        self.landed.as_ref().is_some_and(|landed| {
            landed.seed.hashed() == self.commitment && landed.face == face(&landed.seed, &landed.nonce, id)
        })
    }
}

fn face(seed: &Bytes32, nonce: &Bytes32, id: MessageId) -> Face {
    let hash = Sha256::new().chain_update(seed.0).chain_update(nonce.0).chain_update(id.0.as_bytes()).finalize();
    if hash[31] & 1 == 0 { Face::Heads } else { Face::Tails }
}

/// A die of so many sides, thrown by the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Roll {
    pub sides: u8,
    /// From 1 to `sides`. Nothing on the page of who rolls, until the server has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<u8>,
}

impl Roll {
    /// # Errors
    /// [`Error::Invalid`] of `sides`.
    pub fn check(sides: u8) -> Result<()> {
        if DICE_SIDES.contains(&sides) { Ok(()) } else { Err(Error::invalid("sides", Problem::OutOfRange)) }
    }
}

/// X begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    X,
    O,
}

/// Tic-tac-toe between two people.
///
/// ```text
/// offered ─┬─accept──▶ playing ─┬─mark…──▶ won, drawn
///          ├─decline──▶ declined └─resign──▶ resigned
///          └─cancel──▶ cancelled
/// ```
/// What waits for somebody (offered, playing) is over at its deadline, without anybody writing that down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TicTacToe {
    pub challenger: UserId,
    /// Who is asked, and then plays. Nobody while anyone may accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opponent: Option<UserId>,
    /// Whether the challenger has X.
    pub challenger_begins: bool,
    #[serde(flatten)]
    pub stage: Stage,
    /// The cells in the order they were taken, X and O in turns. Its length is the turn.
    #[serde(default)]
    pub moves: Vec<u8>,
    /// When what is waited for comes too late, by the server's clock.
    pub deadline: Timestamp,
    /// How many games the challenger and the opponent won against each other before this one, through rematches.
    #[serde(default)]
    pub wins: [u32; 2],
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    Offered,
    Playing,
    Declined,
    Cancelled,
    Won {
        by: UserId,
        line: [u8; 3],
    },
    Drawn,
    Resigned {
        by: UserId,
    },
    #[serde(other)]
    Unknown,
}

/// The rows, columns and diagonals.
pub const LINES: [[u8; 3]; 8] =
    [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]];
const CELLS: u8 = 9;

impl TicTacToe {
    /// A challenge to somebody, or to anyone. The challenger begins.
    pub fn offer(challenger: UserId, opponent: Option<UserId>, now: Timestamp) -> Self {
        Self {
            challenger,
            opponent,
            challenger_begins: true,
            stage: Stage::Offered,
            moves: Vec::new(),
            deadline: now.plus_ms(GAME_TURN_MS),
            wins: [0, 0],
        }
    }

    /// A challenge to the other one of an ended game: who had O begins. `None`: it has not ended, or `by` did not play.
    pub fn rematch(&self, by: UserId, now: Timestamp) -> Option<Self> {
        let other = self.other(by).filter(|_| self.was_played(now))?;
        let wins = [self.wins_of(by), self.wins_of(other)];
        let challenger_begins = self.player(Mark::O) == Some(by);
        Some(Self { challenger_begins, wins, ..Self::offer(by, Some(other), now) })
    }

    /// Whether two people played it and it is over.
    pub fn was_played(&self, now: Timestamp) -> bool {
        match self.stage {
            Stage::Won { .. } | Stage::Drawn | Stage::Resigned { .. } => true,
            Stage::Playing => self.is_late(now),
            Stage::Offered | Stage::Declined | Stage::Cancelled | Stage::Unknown => false,
        }
    }

    /// Whether somebody is waited for, in time or not.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Offered | Stage::Playing)
    }

    /// Whether whoever was waited for has let the time pass.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.is_open() && now >= self.deadline
    }

    pub fn plays(&self, who: UserId) -> bool {
        self.challenger == who || self.opponent == Some(who)
    }

    /// Who plays, or was asked to play, against `who`.
    pub fn other(&self, who: UserId) -> Option<UserId> {
        let opponent = self.opponent?;
        match who {
            _ if who == self.challenger => Some(opponent),
            _ if who == opponent => Some(self.challenger),
            _ => None,
        }
    }

    pub fn player(&self, mark: Mark) -> Option<UserId> {
        if self.challenger_begins == (mark == Mark::X) { Some(self.challenger) } else { self.opponent }
    }

    /// How many moves were made.
    pub fn turn(&self) -> u8 {
        u8::try_from(self.moves.len()).unwrap_or(u8::MAX)
    }

    /// Who is to move.
    pub fn next(&self) -> Option<UserId> {
        if self.stage == Stage::Playing { self.player(mark_of(self.turn())) } else { None }
    }

    pub fn at(&self, cell: u8) -> Option<Mark> {
        let turn = self.moves.iter().position(|taken| *taken == cell)?;
        Some(mark_of(u8::try_from(turn).unwrap_or(0)))
    }

    pub fn winner(&self) -> Option<UserId> {
        match self.stage {
            Stage::Won { by, .. } => Some(by),
            Stage::Resigned { by } => self.other(by),
            Stage::Offered | Stage::Playing | Stage::Declined | Stage::Cancelled | Stage::Drawn | Stage::Unknown => {
                None
            }
        }
    }

    /// Games won by one of the two, this one with those before it.
    pub fn wins_of(&self, who: UserId) -> u32 {
        let before = self.wins[usize::from(who != self.challenger)];
        before + u32::from(self.winner() == Some(who))
    }

    /// Carries an act out. Whether that changed anything: the same act once more does not.
    ///
    /// # Errors
    /// [`Error::Forbidden`]: not theirs to do; [`Error::Conflict`]: not now, or too late; [`Error::Invalid`] of `cell`, or of
    /// `act` for one of another game.
    pub fn play(&mut self, by: UserId, act: &GameAct, now: Timestamp) -> Result<bool> {
        let next = match act {
            GameAct::Nonce { .. } => return Err(Error::invalid("act", Problem::BadFormat)),
            GameAct::Accept => self.accepted(by)?,
            GameAct::Decline if self.opponent == Some(by) => self.moved_on(Stage::Offered, Stage::Declined)?,
            GameAct::Cancel if self.challenger == by => self.moved_on(Stage::Offered, Stage::Cancelled)?,
            GameAct::Resign if self.plays(by) => self.moved_on(Stage::Playing, Stage::Resigned { by })?,
            GameAct::Mark { turn, cell } if self.plays(by) => self.marked(by, *turn, *cell)?,
            GameAct::Decline | GameAct::Cancel | GameAct::Resign | GameAct::Mark { .. } => {
                return Err(Error::Forbidden);
            }
        };
        let Some(next) = next else { return Ok(false) };
        if self.is_late(now) {
            return Err(Error::Conflict);
        }
        *self = next;
        self.deadline = now.plus_ms(GAME_TURN_MS);
        Ok(true)
    }

    /// `None`, here and below: it was done before.
    fn accepted(&self, by: UserId) -> Result<Option<Self>> {
        if by == self.challenger || self.stage == Stage::Offered && self.opponent.is_some_and(|named| named != by) {
            return Err(Error::Forbidden);
        }
        match self.stage {
            Stage::Offered => Ok(Some(Self { opponent: Some(by), stage: Stage::Playing, ..self.clone() })),
            Stage::Playing if self.opponent == Some(by) => Ok(None),
            Stage::Playing
            | Stage::Declined
            | Stage::Cancelled
            | Stage::Won { .. }
            | Stage::Drawn
            | Stage::Resigned { .. }
            | Stage::Unknown => Err(Error::Conflict),
        }
    }

    fn moved_on(&self, from: Stage, to: Stage) -> Result<Option<Self>> {
        match self.stage {
            stage if stage == to => Ok(None),
            stage if stage == from => Ok(Some(Self { stage: to, ..self.clone() })),
            _ => Err(Error::Conflict),
        }
    }

    fn marked(&self, by: UserId, turn: u8, cell: u8) -> Result<Option<Self>> {
        if cell >= CELLS {
            return Err(Error::invalid("cell", Problem::OutOfRange));
        }
        let mark = mark_of(turn);
        if self.player(mark) != Some(by) {
            return Err(Error::Conflict);
        }
        if self.moves.get(usize::from(turn)) == Some(&cell) {
            return Ok(None);
        }
        if self.stage != Stage::Playing || turn != self.turn() || self.moves.contains(&cell) {
            return Err(Error::Conflict);
        }
        let mut next = self.clone();
        next.moves.push(cell);
        let line = LINES.into_iter().find(|line| line.iter().all(|cell| next.at(*cell) == Some(mark)));
        if let Some(line) = line {
            next.stage = Stage::Won { by, line };
        } else if next.turn() == CELLS {
            next.stage = Stage::Drawn;
        }
        Ok(Some(next))
    }
}

fn mark_of(turn: u8) -> Mark {
    if turn.is_multiple_of(2) { Mark::X } else { Mark::O }
}

#[cfg(test)]
mod tests;
