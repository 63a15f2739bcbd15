//! What a language model writes: a message whose text grows until its state is final.

use crate::id::{MessageId, UserId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// An answer of the assistant. Its text is that of its message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The message that is answered.
    pub to: MessageId,
    /// Who asked. They, and the admins of a group, may stop it and have it written anew.
    pub asker: UserId,
    /// The name of the model, as it is configured.
    pub model: String,
    /// How often it was begun: of two that write at once, the older one sees that it is no longer its turn.
    #[serde(default)]
    pub attempt: u32,
    pub state: AnswerState,
    /// How many messages and notes the model was shown for it; see [`super::SeenView`].
    #[serde(default)]
    pub messages: u32,
    #[serde(default)]
    pub notes: u32,
    /// While it is being written: when it counts as given up, unless whoever writes it says otherwise before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_until: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnswerState {
    Writing,
    Done,
    /// As long as it may be; the model had more to say.
    Cut,
    /// By somebody who may.
    Stopped,
    /// The server ended while it was written.
    Interrupted,
    Failed {
        why: AnswerProblem,
    },
    /// From a newer server.
    #[serde(other)]
    Unknown,
}

/// Why there is no answer, or not all of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerProblem {
    /// The model's server is not there, or too slow.
    Unreachable,
    /// It has too much to do, or whoever asked asks too often.
    Busy,
    /// The day's answers are used up: those of who asked, of the room, or of the server.
    Spent,
    /// More than the model can read at once.
    TooLong,
    /// It refuses: a wrong key, or a name it does not know.
    Refused,
    /// It answered something that is no answer.
    Broken,
    #[serde(other)]
    Unknown,
}

/// What people do to an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerAct {
    /// Ends it and keeps what is written.
    Stop,
    /// Writes it anew; what it said stays among its earlier texts.
    Again,
}

impl Answer {
    pub fn is_written(&self) -> bool {
        self.state == AnswerState::Writing
    }

    /// The answer after an act, as of `held_until`. `None`: it changes nothing.
    pub fn after(&self, act: AnswerAct, held_until: Option<Timestamp>) -> Option<Self> {
        match act {
            AnswerAct::Stop => self.is_written().then(|| self.ended(AnswerState::Stopped)),
            AnswerAct::Again => (!self.is_written()).then(|| Self {
                attempt: self.attempt.saturating_add(1),
                state: AnswerState::Writing,
                held_until,
                ..self.clone()
            }),
        }
    }

    /// The answer in a final state.
    pub fn ended(&self, state: AnswerState) -> Self {
        Self { state, held_until: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_fits_one_half_of_the_states() {
        let model = "m".to_owned();
        let to = MessageId::new();
        let state = AnswerState::Writing;
        let writing = Answer {
            to,
            asker: UserId::new(),
            model,
            attempt: 0,
            state,
            messages: 0,
            notes: 0,
            held_until: Some(Timestamp(5)),
        };
        assert_eq!(writing.after(AnswerAct::Again, None), None);
        let stopped = writing.after(AnswerAct::Stop, None).expect("it was written");
        assert_eq!((stopped.state, stopped.held_until, stopped.attempt), (AnswerState::Stopped, None, 0));
        assert_eq!(stopped.after(AnswerAct::Stop, None), None);
        let again = stopped.after(AnswerAct::Again, Some(Timestamp(9))).expect("it had ended");
        assert_eq!((again.state, again.held_until, again.attempt), (AnswerState::Writing, Some(Timestamp(9)), 1));
    }

    #[test]
    fn states_and_problems_of_a_newer_server_are_read() {
        let state = |text| serde_json::from_str::<AnswerState>(text).expect("a state");
        assert_eq!(state(r#"{"kind":"thinking","about":"it"}"#), AnswerState::Unknown);
        let failed = state(r#"{"kind":"failed","why":"on_strike"}"#);
        assert_eq!(failed, AnswerState::Failed { why: AnswerProblem::Unknown });
    }
}
