//! Rows: what a store keeps. Separate from what goes over the wire, so that neither leaks into the other.

use super::StoreError;
use crate::id::{MessageId, RequestId, RoomId, SessionId, TxnId, UserId};
use crate::model::{Body, Person, RequestState, Theme};
use crate::time::Timestamp;
use sha2::{Digest, Sha256};

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
    /// A short line of their own; see [`Person::status`].
    pub status: Option<String>,
    pub about: Option<String>,
    pub is_admin: bool,
    pub is_bot: bool,
    /// Rises by one with every change of what others see.
    pub revision: u64,
    pub banned_at: Option<Timestamp>,
    /// May read, but not write, before this.
    pub muted_until: Option<Timestamp>,
    /// What an admin has to say to them; shown until they have read it.
    pub warning: Option<String>,
}

impl UserRow {
    /// A new account without anything beside what signing up asks for.
    pub fn new(id: UserId, username: String, username_key: String, email: String, email_key: String) -> Self {
        Self {
            id,
            display_name: username.clone(),
            username,
            username_key,
            email,
            email_key,
            password_hash: String::new(),
            created_at: Timestamp::now(),
            last_seen: None,
            theme: Theme::default(),
            status: None,
            about: None,
            is_admin: false,
            is_bot: false,
            revision: 1,
            banned_at: None,
            muted_until: None,
            warning: None,
        }
    }

    /// What others may see.
    pub fn person(&self) -> Person {
        Person {
            status: self.status.clone(),
            is_admin: self.is_admin,
            is_bot: self.is_bot,
            revision: self.revision,
            ..Person::new(self.id, &self.username, &self.display_name, self.created_at)
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
    /// Stored as the time of the room's newest message if that is later, so that times never go back within a room.
    pub created_at: Timestamp,
}

impl NewMessage {
    /// Tells a repeated sending from another text under the same transaction, also after the message was edited: the first
    /// half of the SHA-256 of the text.
    pub(super) fn digest(&self) -> [u8; 16] {
        let hash = Sha256::digest(self.body.as_str());
        std::array::from_fn(|i| hash[i])
    }
}

#[derive(Clone, PartialEq, Debug)]
pub struct RequestRow {
    pub id: RequestId,
    pub from: UserId,
    pub to: UserId,
    pub intro: Body,
    /// The group that it asks into.
    pub room_id: Option<RoomId>,
    pub state: RequestState,
    /// Whether it holds the place of its ordered pair (unique while true).
    pub open: bool,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
}

/// A change of what others see of an account; `None` leaves a field as it is, an empty text takes it away.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ProfileChange {
    pub display_name: Option<String>,
    pub status: Option<String>,
    pub about: Option<String>,
    pub is_admin: Option<bool>,
}

/// What an admin does to an account; each replaces what was there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sanction {
    Ban(Option<Timestamp>),
    Mute(Option<Timestamp>),
    Warning(Option<String>),
}

/// An account that is banned or muted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SanctionRow {
    pub user_id: UserId,
    pub banned_at: Option<Timestamp>,
    pub muted_until: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockRow {
    pub by: UserId,
    pub target: UserId,
}

/// The key of a pair's direct room: both ids, the smaller one first.
///
/// # Errors
/// [`StoreError::Missing`] when it is one person: there is no second one.
pub(super) fn pair(a: UserId, b: UserId) -> Result<[u8; 32], StoreError> {
    if a == b {
        return Err(StoreError::Missing);
    }
    let (low, high) = (a.min(b).0.into_bytes(), a.max(b).0.into_bytes());
    Ok(std::array::from_fn(|i| if i < 16 { low[i] } else { high[i - 16] }))
}

/// `ids` without repetitions, in their order.
pub(super) fn distinct(ids: &[UserId]) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}
