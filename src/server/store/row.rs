//! Rows: what a store keeps. Separate from what goes over the wire, so that neither leaks into the other.

use super::{Leaving, StoreError};
use crate::id::{MessageId, RequestId, RoomId, SessionId, TxnId, UserId};
use crate::model::{
    Attachment, Body, Extra, Me, Member, Mentions, Message, Person, Picture, PrefsChange, Privacy, ReplyTo,
    RequestState, RoomPrefs, Seq, SystemLine, Theme, limits,
};
use crate::time::Timestamp;
use sha2::{Digest, Sha256};

/// Which unique value was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Id,
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
    /// When the address was shown to be theirs.
    pub email_confirmed_at: Option<Timestamp>,
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
    pub picture: Option<Picture>,
    /// Rises by one with every change of what others see.
    pub revision: u64,
    pub banned_at: Option<Timestamp>,
    /// May read, but not write, before this.
    pub muted_until: Option<Timestamp>,
    /// What an admin has to say to them; shown until they have read it.
    pub warning: Option<String>,
    pub privacy: Privacy,
    /// Its owner wants it to be gone.
    pub leaving: Option<Leaving>,
    /// It is nobody's any more: see [`super::Erasure::erase_user`].
    pub deleted_at: Option<Timestamp>,
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
            email_confirmed_at: None,
            password_hash: String::new(),
            created_at: Timestamp::now(),
            last_seen: None,
            theme: Theme::default(),
            status: None,
            about: None,
            is_admin: false,
            is_bot: false,
            picture: None,
            revision: 1,
            banned_at: None,
            muted_until: None,
            warning: None,
            privacy: Privacy::default(),
            leaving: None,
            deleted_at: None,
        }
    }

    /// When they were last seen, as far as others may know.
    pub fn shown_last_seen(&self) -> Option<Timestamp> {
        self.last_seen.filter(|_| !self.privacy.hides_last_seen)
    }

    /// What others may see.
    pub fn person(&self) -> Person {
        Person {
            status: self.status.clone(),
            is_admin: self.is_admin,
            is_bot: self.is_bot,
            is_deleted: self.deleted_at.is_some(),
            picture: self.picture.clone(),
            revision: self.revision,
            ..Person::new(self.id, &self.username, &self.display_name, self.created_at)
        }
    }

    /// What they see of their own account. `muted_until`: see [`crate::server::service::moderation::Sanctions`].
    pub fn me(&self, muted_until: Option<Timestamp>) -> Me {
        let (person, email, warning) = (self.person(), self.email.clone(), self.warning.clone());
        let leaves_at = self.leaving.map(|leaving| leaving.due_at);
        Me { person, email, theme: self.theme, warning, muted_until, leaves_at }
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
    pub system: Option<SystemLine>,
    pub reply_to: Option<ReplyTo>,
    pub forwarded_from: Option<UserId>,
    pub mentions: Mentions,
    pub attachments: Vec<Attachment>,
    pub extra: Option<Extra>,
}

impl NewMessage {
    /// A text of now, with nothing around it.
    pub fn text(room_id: RoomId, author_id: UserId, txn_id: TxnId, body: Body) -> Self {
        Self {
            id: MessageId::new(),
            room_id,
            author_id,
            txn_id,
            body,
            created_at: Timestamp::now(),
            system: None,
            reply_to: None,
            forwarded_from: None,
            mentions: Mentions::default(),
            attachments: Vec::new(),
            extra: None,
        }
    }

    /// A line of the room itself, of now.
    pub fn system(room_id: RoomId, author_id: UserId, txn_id: TxnId, line: SystemLine) -> Self {
        let empty = Body::stored(String::new());
        Self { system: Some(line), ..Self::text(room_id, author_id, txn_id, empty) }
    }

    /// The message that it becomes.
    pub(super) fn stored(self, seq: Seq, created_at: Timestamp) -> Message {
        Message {
            created_at,
            system: self.system,
            reply_to: self.reply_to,
            forwarded_from: self.forwarded_from,
            mentions: self.mentions,
            attachments: self.attachments,
            extra: self.extra,
            ..Message::text(self.id, self.room_id, seq, self.author_id, self.txn_id, self.body)
        }
    }

    /// Tells a repeated sending from another text under the same transaction, also after the message was edited: the first
    /// half of the SHA-256 of the text, and of the ids of its files and what it is beside them behind that.
    pub(super) fn digest(&self) -> [u8; 16] {
        let mut hash = Sha256::new_with_prefix(self.body.as_str());
        for file in &self.attachments {
            hash.update(file.id.0.as_bytes());
        }
        if let Some(extra) = &self.extra {
            // No text holds this byte, so none can pass for one with an extra.
            hash.update([0]);
            hash.update(extra.asked());
        }
        let hash = hash.finalize();
        std::array::from_fn(|i| hash[i])
    }
}

/// What an edit sets.
#[derive(Clone, PartialEq, Debug)]
pub struct NewText {
    pub body: Body,
    pub mentions: Mentions,
    /// Whether the link of the preview is still in the text.
    pub keeps_preview: bool,
}

/// The part of a room's log with a `seq` in `(after, upto]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    pub room_id: RoomId,
    pub after: Seq,
    pub upto: Seq,
    /// Left out; those outside of the span mean nothing.
    pub hidden: Vec<Seq>,
}

impl Span {
    pub fn new(room_id: RoomId, after: Seq, upto: Seq) -> Self {
        Self { room_id, after, upto, hidden: Vec::new() }
    }

    /// The hidden ones within.
    pub(super) fn holes(&self) -> impl Iterator<Item = Seq> + '_ {
        self.hidden.iter().copied().filter(|seq| *seq > self.after && *seq <= self.upto)
    }
}

/// What was counted in a [`Span`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    pub texts: u32,
    pub mentions: u32,
}

/// A member after [`super::Rooms::mark`].
#[derive(Clone, PartialEq, Debug)]
pub struct Marked {
    pub member: Member,
    pub prefs: RoomPrefs,
    /// A mark "unread from here" was taken away.
    pub unmarked: bool,
}

/// The rule of [`super::Rooms::set_prefs`]. Hidden messages that a clear hides too make room for others.
pub(super) fn change_prefs(
    member: &mut Member,
    prefs: &mut RoomPrefs,
    change: &PrefsChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    match change {
        PrefsChange::Cleared { upto } if member.cleared_seq != *upto => {
            member.cleared_seq = *upto;
            prefs.revision += 1;
        }
        PrefsChange::Hidden { seqs, on: true } if prefs.hidden.len() + seqs.len() > limits::HIDDEN_MAX => {
            let floor = member.floor();
            prefs.hidden.retain(|seq| *seq > floor);
        }
        _ => {}
    }
    if prefs.apply(change, now) { Ok(()) } else { Err(StoreError::Full) }
}

/// The rest of a pause that began at `last`; never longer than the pause, whatever the clock did since.
pub(super) fn turn_wait(last: Option<Timestamp>, now: Timestamp, pause_ms: u64) -> Option<u64> {
    let passed = u64::try_from(now.0.saturating_sub(last?.0)).unwrap_or(0);
    pause_ms.checked_sub(passed).filter(|left| *left > 0)
}

/// Until when an open request of each state must have been made (`Pending`) or changed (the others) to be due.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DueRequests {
    pub pending: Timestamp,
    /// `Declined`, and `Cancelled` after it.
    pub declined: Timestamp,
    /// `Accepted`, and not finished since.
    pub accepted: Timestamp,
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
    /// The innermost `None` takes it away.
    pub picture: Option<Option<Picture>>,
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
pub fn distinct(ids: &[UserId]) -> Vec<UserId> {
    let mut seen = std::collections::HashSet::new();
    ids.iter().copied().filter(|id| seen.insert(*id)).collect()
}
