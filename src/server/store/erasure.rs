//! All that is kept of one person: to be given to them, or to go for good.

use super::{FileRow, Result, UserRow};
use crate::id::{FileId, MessageId, RoomId, UserId};
use crate::model::Message;
use crate::model::report::Report;
use crate::time::Timestamp;
use async_trait::async_trait;

/// An account that its owner wants to be gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaving {
    /// From then on it cannot be kept any more.
    pub due_at: Timestamp,
    /// What it wrote and brought goes, too; else that stays without its name.
    pub takes_messages: bool,
}

/// The display name of an account that is nobody's any more.
pub(super) const NOBODY: &str = "Deleted account";

/// In place of both keys of an erased account: its own alone, and, having a colon and no at sign, neither a username nor
/// an address.
pub(super) fn nobody_key(id: UserId) -> String {
    format!("deleted:{id}")
}

/// What a person's answers are counted in: see [`super::Account`].
pub(super) fn account_of_person(id: UserId) -> String {
    format!("person {id}")
}

/// What the answers in a room are counted in.
pub(super) fn account_of_room(id: RoomId) -> String {
    format!("room {id}")
}

#[async_trait]
pub trait Erasure: Send + Sync {
    /// Says when an account goes, or takes that back.
    ///
    /// # Errors
    /// [`super::StoreError::Missing`] when there is no such account, or it was erased.
    async fn set_leaving(&self, id: UserId, leaving: Option<&Leaving>) -> Result<()>;
    /// Accounts that are due at `now`, those due first first, at most `limit`: also those that were erased, until
    /// [`Erasure::end_leaving`].
    async fn due_leavings(&self, now: Timestamp, limit: usize) -> Result<Vec<UserRow>>;
    /// Makes an account that is due at `now` nobody's, in one step: name, address, password, picture, status, what it says about
    /// itself, last seen, privacy, warning and admin's rights go, its username and its address are free, nobody finds it or signs
    /// in to it, its revision rises by one. `deleted_at` and when it was due stay, and whether it was banned. Returns what is stored
    /// now; the same again when it was erased before; `None` when it is not due, or not there.
    async fn erase_user(&self, id: UserId, now: Timestamp) -> Result<Option<UserRow>>;
    /// Removes what is kept under its id beside its account, messages, files and rooms: sessions, identities, letters, requests of
    /// both directions, blocks of both directions, bars, links into rooms that it made, counts of answers (the accounts named
    /// `person ID`), and what it set for itself in rooms ([`super::Prefs`]). Harmless when repeated.
    async fn drop_traces(&self, id: UserId) -> Result<()>;
    /// All that was to be done for an erased account is done.
    async fn end_leaving(&self, id: UserId) -> Result<()>;
    /// Texts of an author behind `after`, in the order of their ids, at most `limit`: no lines of rooms, nothing that was deleted.
    /// Reads through all messages: for work behind everybody's back.
    async fn messages_by(&self, author_id: UserId, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>>;
    /// Messages with a reaction of this person behind `after`, in the order of their ids, at most `limit`. As slow as
    /// [`Erasure::messages_by`].
    async fn reacted_by(&self, user_id: UserId, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>>;
    /// All files of a person behind `after`, of any state, in the order of their ids, at most `limit`.
    async fn files_of(&self, owner_id: UserId, after: Option<FileId>, limit: usize) -> Result<Vec<FileRow>>;
    /// What a person reported, newest first, those older than `before`, at most `limit`.
    async fn reports_by(
        &self,
        reporter_id: UserId,
        before: Option<crate::id::ReportId>,
        limit: usize,
    ) -> Result<Vec<Report>>;
    /// Removes a room with everything in it: messages, their earlier texts, what finds them and their links to files, members and
    /// what they set, bars, links into it, requests into it, its memory. Files themselves are found by the sweep. Harmless when
    /// repeated.
    async fn drop_room(&self, room_id: RoomId) -> Result<()>;
}
