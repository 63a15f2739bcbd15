//! `Database`: one trait per noun, two drivers (SQLite and MongoDB), one conformance suite.
//!
//! Drivers hold no rules. A promise exists when `tests/integration/conformance` tests it on both.

pub mod embedded;
mod erasure;
mod files;
mod groups;
mod identities;
mod mails;
pub mod memories;
mod moderation;
pub mod mongo;
mod name;
pub mod row;
pub mod search;
mod words;

use crate::id::{AuditId, MessageId, ReportId, RequestId, RoomId, SessionId, TxnId, UserId};
use crate::model::report::{AuditEntry, Report, ReportState};
use crate::model::{
    Answer, Body, Edit, Extra, LinkPreview, Member, Message, PrefsChange, RequestState, Room, RoomPrefs, Seq,
};
use crate::time::Timestamp;
use async_trait::async_trait;
pub use erasure::{Erasure, Leaving};
pub use files::{FileContent, FileObject, FilePlace, FileRow, FileSlot, FileState, Files};
pub use groups::{Groups, Invites, Joined};
pub use identities::{Identities, IdentityRow};
pub use mails::{MailRow, Mails};
pub use memories::{Account, Memories, Usage};
pub use row::{
    BlockRow, Counted, DueRequests, Field, Marked, NewMessage, NewText, ProfileChange, RefreshOutcome, RequestRow,
    Sanction, SanctionRow, SessionRow, Span, UserRow, distinct,
};
pub use search::{Scope, Search, SearchAnswer, SearchRequest, searchable};

/// Why a driver could not.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique value is taken.
    #[error("taken: {0:?}")]
    Taken(Field),
    /// What the call names is not there.
    #[error("not there")]
    Missing,
    /// The same `(author, txn_id)` was stored with another room or body.
    #[error("the txn id was used for another message")]
    TxnConflict,
    /// No more fit: a bound of [`crate::model::limits`].
    #[error("full")]
    Full,
    /// The store does not answer (now); nothing was acknowledged. Safe to try again with the same ids.
    #[error("store unavailable: {0}")]
    Unavailable(String),
    /// A bug or a broken file.
    #[error("store: {0}")]
    Other(String),
}

type Result<T> = std::result::Result<T, StoreError>;

/// What was done with a message of [`Messages::append`].
#[derive(Clone, Debug)]
pub struct Appended {
    pub message: Message,
    /// It was stored before: success, but announce nothing.
    pub repeated: bool,
}

/// Accounts. One that was erased ([`Erasure::erase_user`]) is found by its id alone, and takes nothing in but an admin's
/// sanctions.
#[async_trait]
pub trait Users: Send + Sync {
    /// # Errors
    /// [`StoreError::Taken`] of `Id`, `Username` or `Email`; the latter are unique by their keys.
    async fn create_user(&self, user: &UserRow) -> Result<()>;
    async fn user(&self, id: UserId) -> Result<Option<UserRow>>;
    /// Those of `ids` that exist, in any order.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<UserRow>>;
    /// By `username_key` or `email_key`.
    async fn user_by_login(&self, key: &str) -> Result<Option<UserRow>>;
    /// Those with one of these usernames (in their stored form), in any order.
    async fn users_by_name(&self, usernames: &[String]) -> Result<Vec<UserRow>>;
    /// Users whose username begins with `prefix` (folded), or a word of whose display name does; best first, at most `limit`.
    /// `prefix` is data, never a pattern.
    async fn find_users(&self, prefix: &str, limit: usize) -> Result<Vec<UserRow>>;
    /// Moves `last_seen` forward only.
    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()>;
    async fn set_theme(&self, id: UserId, theme: crate::model::Theme) -> Result<()>;
    async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<()>;
    /// # Errors
    /// [`StoreError::Missing`].
    async fn set_privacy(&self, id: UserId, privacy: &crate::model::Privacy) -> Result<()>;
    /// Another address; `confirmed_at` says when it was shown to be theirs.
    ///
    /// # Errors
    /// [`StoreError::Taken`] of `Email` by its key; [`StoreError::Missing`].
    async fn set_email(&self, id: UserId, email: &str, key: &str, confirmed_at: Option<Timestamp>) -> Result<()>;
    /// Changes what others see; the revision rises by one. Returns the new row.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    async fn set_profile(&self, id: UserId, change: &ProfileChange) -> Result<UserRow>;
    /// # Errors
    /// [`StoreError::Missing`].
    async fn sanction(&self, id: UserId, sanction: &Sanction) -> Result<()>;
    /// Everyone who is banned, or has been muted (the caller compares the time).
    async fn sanctioned(&self) -> Result<Vec<SanctionRow>>;
    /// Accounts by username, after `after`, at most `limit`.
    async fn list_users(&self, after: &str, limit: usize) -> Result<Vec<UserRow>>;
}

/// Reports of people about people, what was done, and single facts of the instance.
#[async_trait]
pub trait Moderation: Send + Sync {
    /// Sets a fact of the whole instance unless it is set already (to something else than `old`). Returns what it is now:
    /// of many calls at once one wins.
    async fn claim(&self, key: &str, value: UserId, old: Option<UserId>) -> Result<UserId>;
    /// Stored once per id.
    async fn create_report(&self, report: &Report) -> Result<()>;
    async fn report(&self, id: ReportId) -> Result<Option<Report>>;
    /// Newest first, those older than `before`.
    async fn reports(&self, state: ReportState, before: Option<ReportId>, limit: usize) -> Result<Vec<Report>>;
    /// Compare-and-set from open. Returns whether it was open.
    async fn close_report(&self, id: ReportId, state: ReportState, by: UserId, at: Timestamp) -> Result<bool>;
    /// Replaces what a report says, not how it stands. Nothing when it is not there.
    async fn rewrite_report(&self, report: &Report) -> Result<()>;
    async fn add_audit(&self, entry: &AuditEntry) -> Result<()>;
    /// Newest first, those older than `before`.
    async fn audit(&self, before: Option<AuditId>, limit: usize) -> Result<Vec<AuditEntry>>;
}

#[async_trait]
pub trait Sessions: Send + Sync {
    async fn create_session(&self, session: &SessionRow) -> Result<()>;
    async fn session(&self, id: SessionId) -> Result<Option<SessionRow>>;
    /// By the SHA-256 of the refresh token, current or previous.
    async fn session_by_refresh(&self, hash: &[u8; 32]) -> Result<Option<SessionRow>>;
    /// Compare-and-set: from `old` (must be the current hash of a live session) to `new`. Atomic. A session whose *previous*
    /// hash is `old` answers [`RefreshOutcome::Replayed`] with the row; unknown: `Unknown`.
    async fn rotate_refresh(&self, old: &[u8; 32], new: &[u8; 32], now: Timestamp) -> Result<RefreshOutcome>;
    async fn touch_session(&self, id: SessionId, now: Timestamp) -> Result<()>;
    /// Returns whether it was live.
    async fn revoke_session(&self, id: SessionId, now: Timestamp) -> Result<bool>;
    async fn sessions_of(&self, user_id: UserId) -> Result<Vec<SessionRow>>;
    /// Sessions that were revoked at `since` or later, in no order.
    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<SessionId>>;
}

#[async_trait]
pub trait Rooms: Send + Sync {
    /// The direct room of a pair, created if there is none: unique by the sorted pair. `true`: created now. Atomic.
    async fn direct_room(&self, a: UserId, b: UserId, now: Timestamp) -> Result<(Room, bool)>;
    async fn find_direct_room(&self, a: UserId, b: UserId) -> Result<Option<Room>>;
    /// A group with these members (repetitions count once), the first one its owner. Repeated with the same id: the stored one.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when one of the members has no account; [`Rooms::direct_room`] too.
    async fn create_group(
        &self,
        id: RoomId,
        name: &str,
        description: Option<&str>,
        members: &[UserId],
        now: Timestamp,
    ) -> Result<Room>;
    async fn room(&self, id: RoomId) -> Result<Option<Room>>;
    /// Rooms that the user is in.
    async fn rooms_of(&self, user_id: UserId) -> Result<Vec<Room>>;
    /// Members of each room, by joining order.
    async fn members(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Vec<Member>)>>;
    async fn member(&self, room_id: RoomId, user_id: UserId) -> Result<Option<Member>>;
    /// The user in each room that they are in.
    async fn memberships_of(&self, user_id: UserId) -> Result<Vec<(RoomId, Member)>>;
    /// Raises watermarks, each clamped to the room's head, and takes away a mark "unread from here" that `read` reaches.
    /// `None` when nothing changed or the user is no member.
    async fn mark(
        &self,
        room_id: RoomId,
        user_id: UserId,
        delivered: Option<Seq>,
        read: Option<Seq>,
    ) -> Result<Option<Marked>>;
    /// Slow mode: takes a member's turn to write if `pause_ms` have passed since the last one, or if that was taken for the
    /// same message. Otherwise how many milliseconds are left. Atomic.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the user is no member.
    async fn take_turn(
        &self,
        room_id: RoomId,
        user_id: UserId,
        txn_id: TxnId,
        now: Timestamp,
        pause_ms: u64,
    ) -> Result<Option<u64>>;
}

#[async_trait]
pub trait Messages: Send + Sync {
    /// Appends a batch, in its order per room: `seq = last + 1` by compare-and-append, durable when this returns (COMMIT with
    /// full sync; majority and journal). One result per message, in the order given; the failure of one does not fail others.
    /// A repeated `(author_id, txn_id)` gives the stored message (read back with majority) and takes no `seq`, whatever became
    /// of its text since; with another room or first text it is [`StoreError::TxnConflict`]. No such room:
    /// [`StoreError::Missing`].
    async fn append(&self, batch: Vec<NewMessage>) -> Vec<Result<Appended>>;
    /// Messages with `floor < seq`, oldest first: the newest `limit`, or the newest `limit` older than `before`, or the oldest
    /// `limit` newer than `after`.
    async fn page(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        after: Option<Seq>,
        limit: u16,
    ) -> Result<Vec<Message>>;
    /// The newest `seq` of each room (0 when empty), with majority.
    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>>;
    /// The newest message of each room that has one.
    async fn last_of(&self, rooms: &[RoomId]) -> Result<Vec<Message>>;
    /// How many texts of others a span has that are neither deleted nor hidden, and how many of those name the user.
    async fn count_unread(&self, user_id: UserId, span: &Span) -> Result<Counted> {
        Ok(self.count_unread_in(user_id, std::slice::from_ref(span)).await?.first().copied().unwrap_or_default())
    }
    /// [`Messages::count_unread`] of many rooms, each named once, in one query; the answers in the same order.
    async fn count_unread_in(&self, user_id: UserId, spans: &[Span]) -> Result<Vec<Counted>>;
    async fn message(&self, id: MessageId) -> Result<Option<Message>>;
    /// Those of `ids` that exist, in any order.
    async fn messages(&self, ids: &[MessageId]) -> Result<Vec<Message>>;
    async fn message_by_txn(&self, author_id: UserId, txn_id: TxnId) -> Result<Option<Message>>;
    /// Messages of these rooms that changed at or after `cursor` (see [`Database::cursor`]), at most `limit`, oldest change first.
    /// A new message is no change: it is found by its `seq`.
    async fn changed_since(&self, rooms: &[RoomId], cursor: u64, limit: usize) -> Result<Vec<Message>>;
}

/// Changes of a stored message. Each is one atomic update that raises the revision by one and stamps the change by the store's
/// clock; system lines and deleted messages do not change. Where there is no such message: [`StoreError::Missing`].
#[async_trait]
pub trait Changes: Send + Sync {
    /// Replaces the text if the stored revision is `revision` (a new message has 1), and keeps the one before, the newest
    /// [`crate::model::limits::EDITS_MAX`] of them. `None`: the revision has moved on, or it is no text any more.
    async fn edit(&self, id: MessageId, revision: u64, text: &NewText) -> Result<Option<Message>>;
    /// Takes the text for good: body, earlier texts, mentions, reactions, preview, files and extra. `None`: it is no text any more.
    async fn delete(&self, id: MessageId, by: UserId, now: Timestamp) -> Result<Option<Message>>;
    /// Sets or takes back a reaction. `None`: it is so already, or it is no text any more.
    ///
    /// # Errors
    /// [`StoreError::Full`] beyond [`crate::model::limits::REACTIONS_MAX`] different emoji.
    async fn react(&self, id: MessageId, user_id: UserId, emoji: &str, on: bool) -> Result<Option<Message>>;
    /// Sets the preview or takes it away, if the text is still `of` (`None`: whatever it says). `None`: it is not, or that
    /// changes nothing.
    async fn set_preview(
        &self,
        id: MessageId,
        of: Option<&Body>,
        preview: Option<&LinkPreview>,
    ) -> Result<Option<Message>>;
    /// Replaces what a message is beside its text if the stored revision is `revision`. `None`: the revision has moved on, or
    /// it is no text any more.
    async fn set_extra(&self, id: MessageId, revision: u64, extra: &Extra) -> Result<Option<Message>>;
    /// Replaces the text of an answer that is being written and what is known about it, if the stored revision is `revision`.
    /// With `keeps_text` the text before is kept as an earlier one. `None`: the revision has moved on, or it is no text any more.
    async fn write_answer(
        &self,
        id: MessageId,
        revision: u64,
        text: &Body,
        answer: &Answer,
        keeps_text: bool,
    ) -> Result<Option<Message>>;
    /// Answers that nobody holds any more at `now` and that are not ended, at most `limit`, the oldest first.
    async fn lapsed_answers(&self, now: Timestamp, limit: usize) -> Result<Vec<Message>>;
    /// Whether the assistant may read it. `None`: it is so already, or it is no text any more.
    async fn hide_from_assistant(&self, id: MessageId, on: bool) -> Result<Option<Message>>;
    /// The earlier texts, oldest first.
    async fn edits(&self, id: MessageId) -> Result<Vec<Edit>>;
}

/// What members set for themselves.
#[async_trait]
pub trait Prefs: Send + Sync {
    /// Carries a change of a member's own settings out, atomically: see [`RoomPrefs::apply`]. Returns what is now true, also
    /// when nothing changed.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when the user is no member; [`StoreError::Full`] when more messages would be hidden than fit.
    async fn set_prefs(
        &self,
        room_id: RoomId,
        user_id: UserId,
        change: &PrefsChange,
        now: Timestamp,
    ) -> Result<(Member, RoomPrefs)>;
    /// What the user set in those of `rooms` where they set anything, in any order.
    async fn prefs(&self, rooms: &[RoomId], user_id: UserId) -> Result<Vec<(RoomId, RoomPrefs)>>;
}

#[async_trait]
pub trait Requests: Send + Sync {
    /// Stores a request unless an open (`Pending`, or `Declined` within its cool-down: the caller passes only live ones as
    /// `Pending`/`Declined`) one exists for the ordered pair; or, when it asks into a group, for that person and group.
    ///
    /// # Errors
    /// [`StoreError::Taken`] of `Request`.
    async fn create_request(&self, request: &RequestRow) -> Result<()>;
    async fn request(&self, id: RequestId) -> Result<Option<RequestRow>>;
    /// The one of the ordered pair that still holds its place (`open = true`); not those that ask into a group.
    async fn open_request(&self, from: UserId, to: UserId) -> Result<Option<RequestRow>>;
    /// Those with `open = true` that the user sent or got, newest first.
    async fn open_requests_of(&self, user_id: UserId) -> Result<Vec<RequestRow>>;
    /// Those with `open = true` whose time is over, at most `limit`, the oldest first.
    async fn due_requests(&self, due: &DueRequests, limit: usize) -> Result<Vec<RequestRow>>;
    /// Compare-and-set of the state; `open` says whether it goes on holding the pair's place. Returns whether it was `from`.
    async fn move_request(
        &self,
        id: RequestId,
        from: RequestState,
        to: RequestState,
        open: bool,
        now: Timestamp,
    ) -> Result<bool>;
}

#[async_trait]
pub trait Blocks: Send + Sync {
    /// Returns whether anything changed.
    async fn set_block(&self, by: UserId, target: UserId, on: bool, now: Timestamp) -> Result<bool>;
    /// Every block that this user made or is the target of.
    async fn blocks_of(&self, user_id: UserId) -> Result<Vec<BlockRow>>;
}

/// A whole store.
#[async_trait]
pub trait Database:
    Users
    + Sessions
    + Rooms
    + Groups
    + Invites
    + Messages
    + Changes
    + Files
    + Prefs
    + Search
    + Requests
    + Blocks
    + Moderation
    + Memories
    + Identities
    + Mails
    + Erasure
{
    /// `sqlite` or `mongodb`.
    fn name(&self) -> &'static str;
    /// Whether other processes may write to it too (then heads are polled).
    fn is_shared(&self) -> bool;
    /// A quick round trip.
    async fn ping(&self) -> Result<()>;
    /// The store's clock, as the cursor of [`Messages::changed_since`]: about Unix milliseconds, so that an overlap can be
    /// subtracted. Never goes back, whatever the machine's clock does.
    async fn cursor(&self) -> Result<u64>;
    /// Flushes and closes; further calls fail.
    async fn close(&self);
}
