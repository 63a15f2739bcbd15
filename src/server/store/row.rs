//! Rows: what a store keeps. Separate from what goes over the wire, so that neither leaks into the other.

use crate::id::{MessageId, RequestId, RoomId, SessionId, TxnId, UserId};
use crate::model::{Body, Person, RequestState, Theme};
use crate::time::Timestamp;

/// Which unique value was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Username,
    Email,
    Request,
}

#[derive(Clone, PartialEq, Debug)]
pub struct UserRow {
    pub id: UserId,
    pub username: String,
    /// Case-folded and confusable-folded: unique.
    pub username_key: String,
    pub display_name: String,
    pub email: String,
    /// Lower case: unique.
    pub email_key: String,
    /// A PHC string.
    pub password_hash: String,
    pub created_at: Timestamp,
    pub last_seen: Option<Timestamp>,
    pub theme: Theme,
}

impl UserRow {
    /// What others may see.
    pub fn person(&self) -> Person {
        Person {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            joined_at: self.created_at,
        }
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct SessionRow {
    pub id: SessionId,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// SHA-256 of the current refresh token, and of the one before.
    pub refresh_hash: [u8; 32],
    pub previous_hash: Option<[u8; 32]>,
    pub rotated_at: Timestamp,
    /// At most 200 characters.
    pub user_agent: String,
    /// Shortened: /24 or /48.
    pub network: String,
    pub revoked_at: Option<Timestamp>,
}

/// The outcome of [`super::Sessions::rotate_refresh`].
#[derive(Clone, PartialEq, Debug)]
pub enum RefreshOutcome {
    Rotated(SessionRow),
    /// The previous token came again; within 10 s that is another tab, later it is theft.
    Replayed(SessionRow),
    Unknown,
}

/// A message about to be appended.
#[derive(Clone, PartialEq, Debug)]
pub struct NewMessage {
    pub id: MessageId,
    pub room_id: RoomId,
    pub author_id: UserId,
    pub txn_id: TxnId,
    pub body: Body,
    pub created_at: Timestamp,
}

#[derive(Clone, PartialEq, Debug)]
pub struct RequestRow {
    pub id: RequestId,
    pub from: UserId,
    pub to: UserId,
    pub intro: Body,
    pub state: RequestState,
    /// Whether it holds the place of its ordered pair (unique while true).
    pub open: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockRow {
    pub by: UserId,
    pub target: UserId,
}
