//! The append queue: gathers new messages, stores them in batches, announces them in order, then answers.

use crate::server::store::{Appended, NewMessage, StoreError};

/// The way every new message goes.
#[derive(Clone)]
pub struct Log;

impl Log {
    /// Stores a message durably and announces it (unless it is a repetition). Resolves after both.
    ///
    /// # Errors
    /// Those of [`crate::server::store::Messages::append`]; `Unavailable` also when the queue is full.
    pub async fn append(&self, _message: NewMessage) -> Result<Appended, StoreError> {
        Err(StoreError::Unavailable("not started".into()))
    }
}
