//! What a message is beside its text: a moving picture of the built-in pack, a game, an answer of a language model, or a note.

use super::Answer;
use super::NoteCard;
use super::game::{Coin, Roll, TicTacToe};
use super::gifs;
use crate::id::UserId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message with one may have an empty text, as one with files may. It goes with the text when the message is deleted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Extra {
    Gif(Gif),
    Coin(Coin),
    Roll(Roll),
    TicTacToe(TicTacToe),
    Answer(Answer),
    Note(NoteCard),
    /// From a newer server. Without it one new kind would end every old tab's socket.
    #[serde(other)]
    Unknown,
}

/// A moving picture that comes with the server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Gif {
    /// Its key in the pack.
    pub name: String,
    /// What is said where it can't be shown.
    pub title: String,
    pub width: u32,
    pub height: u32,
}

/// What a sender asks for. What chance decides is the server's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum NewExtra {
    Gif {
        name: String,
    },
    Flip,
    /// See [`super::limits::DICE_SIDES`].
    Roll {
        sides: u8,
    },
    /// A challenge. In a direct room it is to the other person, whether named or not; in a group it is to a member, or to
    /// anyone who takes it. As an answer to an ended game of the same two it is a rematch: the other one begins.
    TicTacToe {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<UserId>,
    },
}

impl Extra {
    /// Whether it belongs to its message and its room, as games do: it has no text, and is neither edited nor passed on.
    pub fn is_bound(&self) -> bool {
        match self {
            Self::Coin(_) | Self::Roll(_) | Self::TicTacToe(_) | Self::Note(_) | Self::Unknown => true,
            Self::Gif(_) | Self::Answer(_) => false,
        }
    }

    /// Until when somebody says to be writing it.
    pub fn held_until(&self) -> Option<Timestamp> {
        match self {
            Self::Answer(answer) => answer.held_until,
            Self::Gif(_) | Self::Coin(_) | Self::Roll(_) | Self::TicTacToe(_) | Self::Note(_) | Self::Unknown => None,
        }
    }

    /// What its sender asked for, without what chance added and what became of it: tells a repeated send from another one.
    pub fn asked(&self) -> String {
        match self {
            Self::Gif(gif) => format!("gif {}", gif.name),
            Self::Coin(_) => "flip".to_owned(),
            Self::Roll(roll) => format!("roll {}", roll.sides),
            // Who takes an open challenge is not asked for, but then it is no send any more.
            Self::TicTacToe(game) => match game.opponent {
                Some(opponent) => format!("tic_tac_toe {opponent}"),
                None => "tic_tac_toe".to_owned(),
            },
            Self::Answer(answer) => format!("answer {}", answer.to),
            Self::Note(card) => format!("note {}", card.note),
            Self::Unknown => String::new(),
        }
    }
}

impl NewExtra {
    /// See [`Extra::is_bound`].
    pub fn is_bound(&self) -> bool {
        match self {
            Self::Flip | Self::Roll { .. } | Self::TicTacToe { .. } => true,
            Self::Gif { .. } => false,
        }
    }

    /// How it stands on the sender's page until the server has it.
    pub fn pending(&self, me: UserId, now: Timestamp) -> Extra {
        match self {
            Self::Gif { name } => Extra::Gif(gifs::find(name).map_or_else(
                // Queued by a newer page on this device.
                || Gif { name: name.clone(), title: String::new(), width: gifs::SIDE, height: gifs::SIDE },
                gifs::Sticker::gif,
            )),
            Self::Flip => Extra::Coin(Coin::default()),
            Self::Roll { sides } => Extra::Roll(Roll { sides: *sides, value: None }),
            Self::TicTacToe { with } => Extra::TicTacToe(TicTacToe::offer(me, *with, now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_from_a_newer_server_is_read() {
        let read = |text| serde_json::from_str::<Extra>(text).expect("an extra");
        assert_eq!(read(r#"{"kind":"chess","board":[[1]],"turn":{"by":"x"}}"#), Extra::Unknown);
        assert_eq!(
            read(r#"{"kind":"roll","sides":6,"value":4,"loaded":false}"#),
            Extra::Roll(Roll { sides: 6, value: Some(4) })
        );
    }

    #[test]
    fn what_is_asked_for_stays_the_same_through_chance() {
        let me = UserId::new();
        let asked = |new: &NewExtra| new.pending(me, Timestamp(0)).asked();
        let rolled = Extra::Roll(Roll { sides: 20, value: Some(7) });
        assert_eq!(rolled.asked(), asked(&NewExtra::Roll { sides: 20 }));
        assert_ne!(rolled.asked(), asked(&NewExtra::Roll { sides: 6 }));
        let with = UserId::new();
        let open = NewExtra::TicTacToe { with: None };
        assert_ne!(asked(&open), asked(&NewExtra::TicTacToe { with: Some(with) }));
        assert_ne!(asked(&NewExtra::Flip), asked(&open));
        let gif = |name: &str| asked(&NewExtra::Gif { name: name.to_owned() });
        assert_eq!(Extra::Gif(gifs::PACK[0].gif()).asked(), gif(gifs::PACK[0].name));
        assert_ne!(gif(gifs::PACK[0].name), gif(gifs::PACK[1].name));
    }
}
