//! What is being written.

use crate::id::MessageId;
use crate::model::{ReplyTo, Seq};

/// What a composer holds, kept on this device until it is sent.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    pub text: String,
    /// The message that it answers.
    pub reply_to: Option<ReplyTo>,
}

impl Draft {
    /// A text that answers nothing.
    pub fn of(text: &str) -> Self {
        Self { text: text.to_owned(), reply_to: None }
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.reply_to.is_none()
    }
}

/// A change of an own message that is being written. Not kept: the draft of the room waits under it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Editing {
    pub message_id: MessageId,
    pub seq: Seq,
    pub text: String,
}
