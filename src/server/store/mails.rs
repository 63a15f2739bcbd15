//! Letters that wait to be carried to a mail server.

use super::Result;
use crate::id::{MailId, UserId};
use crate::time::Timestamp;
use async_trait::async_trait;

/// A letter that is not written yet: what it is about, and to whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailRow {
    pub id: MailId,
    pub user_id: UserId,
    pub to: String,
    /// What it is about, as JSON. Nothing secret: links are made when it is written.
    pub about: String,
    pub created_at: Timestamp,
    /// Not before this; whoever takes it moves it on, so that nobody else does meanwhile.
    pub due_at: Timestamp,
    /// How often it was taken.
    pub tries: u32,
}

#[async_trait]
pub trait Mails: Send + Sync {
    /// Stored once per id.
    async fn add_mail(&self, row: &MailRow) -> Result<()>;
    /// Takes up to `limit` that are due, oldest first, and lets nobody else take them before `until`. Each counts a try. Atomic for each.
    async fn take_mails(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<MailRow>>;
    /// It is tried again at `due_at`.
    async fn put_mail_off(&self, id: MailId, due_at: Timestamp) -> Result<()>;
    /// It was carried, or never will be.
    async fn remove_mail(&self, id: MailId) -> Result<()>;
}
