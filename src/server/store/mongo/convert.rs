//! Documents, and between them and our values. Ids are UUIDs (binary subtype 4), times are dates.

use crate::id::{FileId, MailId, MessageId, RequestId, RoomId, SessionId, TxnId, UserId};
use crate::model::{
    Attachment, Body, Deleted, Edit, Extra, Invite, Member, Mentions, Message, Notify, Pin, Reaction, ReplyTo, Room,
    RoomPrefs, RoomSettings, SystemLine, Wallpaper,
};
use crate::server::store::name::Name;
use crate::server::store::{
    BlockRow, FileRow, IdentityRow, Leaving, MailRow, NewMessage, RequestRow, SessionRow, StoreError, Usage, UserRow,
    words,
};
use crate::time::Timestamp;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Timestamp as ClusterTime, Uuid};
use serde::{Deserialize, Serialize};

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct UserDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) username: String,
    pub(super) username_key: String,
    pub(super) display_name: String,
    pub(super) email: String,
    pub(super) email_key: String,
    pub(super) password_hash: String,
    pub(super) created_at: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_seen: Option<DateTime>,
    pub(super) theme: String,
    /// What a search may begin with.
    #[serde(default)]
    pub(super) words: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) about: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_admin: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_bot: bool,
    #[serde(default = "first_revision")]
    pub(super) revision: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) banned_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) muted_until: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) warning: Option<String>,
    /// JSON as on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) picture: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) privacy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) email_confirmed_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) leaving: Option<LeavingDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted_at: Option<DateTime>,
}

/// A [`Leaving`].
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct LeavingDoc {
    due_at: DateTime,
    takes_messages: bool,
}

/// Of accounts from before there were revisions.
fn first_revision() -> i64 {
    1
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FactDoc {
    #[serde(rename = "_id")]
    pub(super) key: String,
    pub(super) value: Uuid,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReportDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) state: String,
    pub(super) reporter_id: Uuid,
    pub(super) created_at: DateTime,
    /// The report with its evidence, as JSON.
    pub(super) content: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) handled_by: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) handled_at: Option<DateTime>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AuditDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) at: DateTime,
    pub(super) content: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SessionDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) created_at: DateTime,
    pub(super) last_used_at: DateTime,
    pub(super) refresh_hash: Binary,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous_hash: Option<Binary>,
    pub(super) rotated_at: DateTime,
    pub(super) user_agent: String,
    pub(super) network: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revoked_at: Option<DateTime>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct IdentityDoc {
    /// See [`IdentityDoc::key`].
    #[serde(rename = "_id")]
    pub(super) key: String,
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) user_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<String>,
    pub(super) created_at: DateTime,
    pub(super) last_used_at: DateTime,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MailDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) to: String,
    /// JSON.
    pub(super) about: String,
    pub(super) created_at: DateTime,
    pub(super) due_at: DateTime,
    pub(super) tries: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RoomDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pair: Option<Binary>,
    pub(super) created_at: DateTime,
    pub(super) revision: i64,
    /// Groups only; see [`super::groups`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) history_for_all: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) slow_mode_s: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pins_by: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) pins: Vec<PinDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) picture: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PinDoc {
    pub(super) message_id: Uuid,
    pub(super) seq: i64,
    pub(super) by_id: Uuid,
    pub(super) at: DateTime,
}

/// Who was taken out of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BarDoc {
    pub(super) room_id: Uuid,
    pub(super) user_id: Uuid,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct InviteDoc {
    #[serde(rename = "_id")]
    pub(super) code: String,
    pub(super) room_id: Uuid,
    pub(super) by_id: Uuid,
    pub(super) created_at: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) revoked_at: Option<DateTime>,
    pub(super) uses: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_uses: Option<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MemberDoc {
    pub(super) room_id: Uuid,
    pub(super) user_id: Uuid,
    pub(super) role: String,
    pub(super) joined_at: DateTime,
    /// Breaks ties of `joined_at`: the place in the list that created the room.
    pub(super) place: i64,
    pub(super) joined_seq: i64,
    pub(super) delivered_seq: i64,
    pub(super) read_seq: i64,
    pub(super) cleared_seq: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) prefs: Option<PrefsDoc>,
    /// The last turn in slow mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) spoke_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) spoke_txn: Option<Uuid>,
}

/// A [`RoomPrefs`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct PrefsDoc {
    pub(super) revision: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pinned_at: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    muted_until: Option<DateTime>,
    #[serde(default)]
    archived: bool,
    notify: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unread_from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wallpaper: Option<WallpaperDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<i64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct WallpaperDoc {
    key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hue: Option<i32>,
    dim: i32,
    /// JSON, as the pictures of people are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    picture: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MessageDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) room_id: Uuid,
    pub(super) seq: i64,
    pub(super) author_id: Uuid,
    pub(super) txn_id: Uuid,
    pub(super) body: String,
    /// See [`NewMessage::digest`].
    pub(super) sent_digest: Binary,
    pub(super) created_at: DateTime,
    pub(super) revision: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) edited_at: Option<DateTime>,
    /// The cluster's time of the newest change; absent until the first one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) changed: Option<ClusterTime>,
    /// JSON as on the wire, and `preview` too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) system: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deleted: Option<DeletedDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<ReplyDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) forwarded_from: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mentions: Option<MentionsDoc>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) reactions: Vec<ReactionDoc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) preview: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) files: Vec<ShownDoc>,
    /// JSON as on the wire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) extra: Option<String>,
    /// The same as in `extra`: until when somebody says to be writing an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held_until: Option<DateTime>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hidden_from_assistant: Option<bool>,
}

/// What a model was shown for an answer, JSON; no other read brings it along.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SeenDoc {
    #[serde(default)]
    pub(super) seen: Option<String>,
}

/// What the assistant keeps of a room, JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MemoryDoc {
    #[serde(rename = "_id")]
    pub(super) room_id: Uuid,
    pub(super) revision: i64,
    pub(super) content: String,
}

/// What an account has taken on a day.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct UsageDoc {
    #[serde(rename = "_id")]
    pub(super) key: String,
    runs: i64,
    tokens: i64,
    read: i64,
    written: i64,
}

impl UsageDoc {
    pub(super) fn row(&self) -> Usage {
        let [runs, tokens, read, written] = [self.runs, self.tokens, self.read, self.written].map(unsigned);
        Usage { runs, tokens, read, written }
    }
}

/// A file that a message shows; what is not looked for is JSON as on the wire.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ShownDoc {
    id: Uuid,
    kind: String,
    content: String,
}

/// A [`FileRow`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct FileDoc {
    #[serde(rename = "_id")]
    id: Uuid,
    owner_id: Uuid,
    slot: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    room_id: Option<Uuid>,
    state: String,
    bytes: i64,
    created_at: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed_at: Option<DateTime>,
    content: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct DeletedDoc {
    by: Uuid,
    at: DateTime,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReplyDoc {
    message_id: Uuid,
    seq: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MentionsDoc {
    users: Vec<Uuid>,
    all: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ReactionDoc {
    emoji: String,
    by: Vec<Uuid>,
}

/// The earlier texts of a message, which no other read brings along.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct EditsDoc {
    #[serde(default)]
    edits: Vec<EditDoc>,
}

#[derive(Clone, Debug, Deserialize)]
struct EditDoc {
    body: String,
    at: DateTime,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RequestDoc {
    #[serde(rename = "_id")]
    pub(super) id: Uuid,
    pub(super) from_id: Uuid,
    pub(super) to_id: Uuid,
    pub(super) intro: String,
    pub(super) state: String,
    /// Holds the place of its pair.
    pub(super) open: bool,
    /// The group that it asks into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) room_id: Option<Uuid>,
    /// In place of `open`, when it asks into a group: holds the place of that person and group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) open_room: Option<bool>,
    pub(super) created_at: DateTime,
    pub(super) changed_at: DateTime,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BlockDoc {
    pub(super) by_id: Uuid,
    pub(super) target_id: Uuid,
    pub(super) created_at: DateTime,
}

pub(super) fn uuid(id: uuid::Uuid) -> Uuid {
    Uuid::from_bytes(id.into_bytes())
}

pub(super) fn id(id: Uuid) -> uuid::Uuid {
    uuid::Uuid::from_bytes(id.bytes())
}

pub(super) fn room_ids(rooms: &[RoomId]) -> Vec<Uuid> {
    rooms.iter().map(|room| uuid(room.0)).collect()
}

pub(super) fn binary(bytes: &[u8]) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() }
}

pub(super) fn date(time: Timestamp) -> DateTime {
    DateTime::from_millis(time.0)
}

pub(super) fn time(date: DateTime) -> Timestamp {
    Timestamp(date.timestamp_millis())
}

/// A number that is never negative, as BSON's signed one; saturates.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn hash(binary: &Binary) -> Result<[u8; 32]> {
    binary.bytes.as_slice().try_into().map_err(|_| StoreError::Other("a stored hash has another length".into()))
}

impl From<&UserRow> for UserDoc {
    fn from(row: &UserRow) -> Self {
        Self {
            id: uuid(row.id.0),
            username: row.username.clone(),
            username_key: row.username_key.clone(),
            display_name: row.display_name.clone(),
            email: row.email.clone(),
            email_key: row.email_key.clone(),
            password_hash: row.password_hash.clone(),
            created_at: date(row.created_at),
            last_seen: row.last_seen.map(date),
            theme: row.theme.name().into(),
            words: words::of(row),
            status: row.status.clone(),
            about: row.about.clone(),
            is_admin: row.is_admin,
            is_bot: row.is_bot,
            revision: signed(row.revision),
            banned_at: row.banned_at.map(date),
            muted_until: row.muted_until.map(date),
            warning: row.warning.clone(),
            picture: row.picture.as_ref().and_then(|picture| json(picture).ok()),
            privacy: json(&row.privacy).ok(),
            email_confirmed_at: row.email_confirmed_at.map(date),
            leaving: row
                .leaving
                .map(|leaving| LeavingDoc { due_at: date(leaving.due_at), takes_messages: leaving.takes_messages }),
            deleted_at: row.deleted_at.map(date),
        }
    }
}

impl UserDoc {
    pub(super) fn row(self) -> Result<UserRow> {
        Ok(UserRow {
            id: UserId(id(self.id)),
            username: self.username,
            username_key: self.username_key,
            display_name: self.display_name,
            email: self.email,
            email_key: self.email_key,
            email_confirmed_at: self.email_confirmed_at.map(time),
            password_hash: self.password_hash,
            created_at: time(self.created_at),
            last_seen: self.last_seen.map(time),
            theme: Name::from_name(&self.theme)?,
            status: self.status,
            about: self.about,
            is_admin: self.is_admin,
            is_bot: self.is_bot,
            revision: unsigned(self.revision),
            banned_at: self.banned_at.map(time),
            muted_until: self.muted_until.map(time),
            warning: self.warning,
            picture: self.picture.and_then(|text| serde_json::from_str(&text).ok()),
            privacy: self.privacy.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            leaving: self.leaving.map(|doc| Leaving { due_at: time(doc.due_at), takes_messages: doc.takes_messages }),
            deleted_at: self.deleted_at.map(time),
        })
    }
}

impl From<&SessionRow> for SessionDoc {
    fn from(row: &SessionRow) -> Self {
        Self {
            id: uuid(row.id.0),
            user_id: uuid(row.user_id.0),
            created_at: date(row.created_at),
            last_used_at: date(row.last_used_at),
            refresh_hash: binary(&row.refresh_hash),
            previous_hash: row.previous_hash.as_ref().map(|hash| binary(hash)),
            rotated_at: date(row.rotated_at),
            user_agent: row.user_agent.clone(),
            network: row.network.clone(),
            revoked_at: row.revoked_at.map(date),
        }
    }
}

impl SessionDoc {
    pub(super) fn row(self) -> Result<SessionRow> {
        Ok(SessionRow {
            id: SessionId(id(self.id)),
            user_id: UserId(id(self.user_id)),
            created_at: time(self.created_at),
            last_used_at: time(self.last_used_at),
            refresh_hash: hash(&self.refresh_hash)?,
            previous_hash: self.previous_hash.as_ref().map(hash).transpose()?,
            rotated_at: time(self.rotated_at),
            user_agent: self.user_agent,
            network: self.network,
            revoked_at: self.revoked_at.map(time),
        })
    }
}

impl From<&IdentityRow> for IdentityDoc {
    fn from(row: &IdentityRow) -> Self {
        Self {
            key: Self::key(&row.issuer, &row.subject),
            issuer: row.issuer.clone(),
            subject: row.subject.clone(),
            user_id: uuid(row.user_id.0),
            email: row.email.clone(),
            created_at: date(row.created_at),
            last_used_at: date(row.last_used_at),
        }
    }
}

impl From<&MailRow> for MailDoc {
    fn from(row: &MailRow) -> Self {
        Self {
            id: uuid(row.id.0),
            user_id: uuid(row.user_id.0),
            to: row.to.clone(),
            about: row.about.clone(),
            created_at: date(row.created_at),
            due_at: date(row.due_at),
            tries: i32::try_from(row.tries).unwrap_or(i32::MAX),
        }
    }
}

impl MailDoc {
    pub(super) fn row(self) -> MailRow {
        MailRow {
            id: MailId(id(self.id)),
            user_id: UserId(id(self.user_id)),
            to: self.to,
            about: self.about,
            created_at: time(self.created_at),
            due_at: time(self.due_at),
            tries: u32::try_from(self.tries).unwrap_or(0),
        }
    }
}

impl IdentityDoc {
    /// A URL holds no space, so that two pairs never share a key.
    pub(super) fn key(issuer: &str, subject: &str) -> String {
        format!("{issuer} {subject}")
    }

    pub(super) fn row(self) -> IdentityRow {
        IdentityRow {
            issuer: self.issuer,
            subject: self.subject,
            user_id: UserId(id(self.user_id)),
            email: self.email,
            created_at: time(self.created_at),
            last_used_at: time(self.last_used_at),
        }
    }
}

impl RoomDoc {
    pub(super) fn new(room: &Room, pair: Option<[u8; 32]>) -> Self {
        Self {
            id: uuid(room.id.0),
            kind: room.kind.name().into(),
            name: room.name.clone(),
            pair: pair.map(|pair| binary(&pair)),
            created_at: date(room.created_at),
            revision: signed(room.revision),
            owner_id: None,
            description: room.description.clone(),
            history_for_all: None,
            slow_mode_s: None,
            pins_by: None,
            pins: Vec::new(),
            picture: None,
        }
    }

    pub(super) fn row(self) -> Result<Room> {
        Ok(Room {
            id: RoomId(id(self.id)),
            kind: Name::from_name(&self.kind)?,
            name: self.name,
            created_at: time(self.created_at),
            revision: unsigned(self.revision),
            description: self.description,
            settings: RoomSettings {
                history_for_all: self.history_for_all.unwrap_or_default(),
                slow_mode_s: self.slow_mode_s.and_then(|s| u32::try_from(s).ok()).unwrap_or_default(),
                pins_by: self.pins_by.as_deref().map(Name::from_name).transpose()?.unwrap_or_default(),
            },
            pins: self.pins.into_iter().map(PinDoc::row).collect(),
            picture: self.picture.and_then(|text| serde_json::from_str(&text).ok()),
        })
    }
}

impl From<&Pin> for PinDoc {
    fn from(pin: &Pin) -> Self {
        Self { message_id: uuid(pin.message_id.0), seq: signed(pin.seq), by_id: uuid(pin.by.0), at: date(pin.at) }
    }
}

impl PinDoc {
    fn row(self) -> Pin {
        Pin {
            message_id: MessageId(id(self.message_id)),
            seq: unsigned(self.seq),
            by: UserId(id(self.by_id)),
            at: time(self.at),
        }
    }
}

impl From<&Invite> for InviteDoc {
    fn from(invite: &Invite) -> Self {
        Self {
            code: invite.code.clone(),
            room_id: uuid(invite.room_id.0),
            by_id: uuid(invite.by.0),
            created_at: date(invite.created_at),
            expires_at: invite.expires_at.map(date),
            revoked_at: None,
            uses: invite.uses.into(),
            max_uses: invite.max_uses.map(i64::from),
        }
    }
}

impl InviteDoc {
    pub(super) fn row(self) -> Invite {
        let number = |value: i64| u32::try_from(value).unwrap_or(0);
        Invite {
            code: self.code,
            room_id: RoomId(id(self.room_id)),
            by: UserId(id(self.by_id)),
            created_at: time(self.created_at),
            expires_at: self.expires_at.map(time),
            uses: number(self.uses),
            max_uses: self.max_uses.map(number),
        }
    }
}

impl MemberDoc {
    pub(super) fn row(self) -> Result<Member> {
        Ok(Member {
            user_id: UserId(id(self.user_id)),
            role: Name::from_name(&self.role)?,
            joined_seq: unsigned(self.joined_seq),
            delivered_seq: unsigned(self.delivered_seq),
            read_seq: unsigned(self.read_seq),
            cleared_seq: unsigned(self.cleared_seq),
        })
    }

    pub(super) fn prefs(&self) -> Result<RoomPrefs> {
        self.prefs.as_ref().map_or(Ok(RoomPrefs::default()), PrefsDoc::row)
    }
}

impl PrefsDoc {
    pub(super) fn row(&self) -> Result<RoomPrefs> {
        Ok(RoomPrefs {
            revision: unsigned(self.revision),
            pinned_at: self.pinned_at.map(time),
            muted_until: self.muted_until.map(time),
            archived: self.archived,
            notify: Notify::from_name(&self.notify)?,
            unread_from: self.unread_from.map(unsigned),
            wallpaper: self.wallpaper.as_ref().map(|wallpaper| Wallpaper {
                key: wallpaper.key.clone(),
                hue: wallpaper.hue.and_then(|hue| u16::try_from(hue).ok()),
                dim: u8::try_from(wallpaper.dim).unwrap_or(0),
                picture: wallpaper.picture.as_ref().and_then(|text| serde_json::from_str(text).ok()),
            }),
            hidden: self.hidden.iter().copied().map(unsigned).collect(),
        })
    }
}

impl From<&RoomPrefs> for PrefsDoc {
    fn from(prefs: &RoomPrefs) -> Self {
        Self {
            revision: signed(prefs.revision),
            pinned_at: prefs.pinned_at.map(date),
            muted_until: prefs.muted_until.map(date),
            archived: prefs.archived,
            notify: prefs.notify.name().into(),
            unread_from: prefs.unread_from.map(signed),
            wallpaper: prefs.wallpaper.as_ref().map(|wallpaper| WallpaperDoc {
                key: wallpaper.key.clone(),
                hue: wallpaper.hue.map(i32::from),
                dim: i32::from(wallpaper.dim),
                picture: wallpaper.picture.as_ref().and_then(|picture| json(picture).ok()),
            }),
            hidden: prefs.hidden.iter().copied().map(signed).collect(),
        }
    }
}

impl MentionsDoc {
    /// Nothing without any, so that most messages have none.
    pub(super) fn of(mentions: &Mentions) -> Option<Self> {
        let users = mentions.users.iter().map(|user| uuid(user.0)).collect();
        (!mentions.is_empty()).then_some(Self { users, all: mentions.all })
    }
}

impl EditsDoc {
    pub(super) fn row(self) -> Vec<Edit> {
        let edit = |edit: EditDoc| Edit { body: Body::stored(edit.body), at: time(edit.at) };
        self.edits.into_iter().map(edit).collect()
    }
}

/// A value kept as the text of its JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))
}

impl MessageDoc {
    pub(super) fn new(new: &NewMessage, seq: i64, created_at: DateTime) -> Self {
        Self {
            id: uuid(new.id.0),
            room_id: uuid(new.room_id.0),
            seq,
            author_id: uuid(new.author_id.0),
            txn_id: uuid(new.txn_id.0),
            body: new.body.as_str().to_owned(),
            sent_digest: binary(&new.digest()),
            created_at,
            revision: 1,
            edited_at: None,
            changed: None,
            // What is made of our own types always is JSON.
            system: new.system.as_ref().and_then(|line| json(line).ok()),
            deleted: None,
            reply_to: new
                .reply_to
                .map(|reply| ReplyDoc { message_id: uuid(reply.message_id.0), seq: signed(reply.seq) }),
            forwarded_from: new.forwarded_from.map(|author| uuid(author.0)),
            mentions: MentionsDoc::of(&new.mentions),
            reactions: Vec::new(),
            preview: None,
            files: new.attachments.iter().filter_map(ShownDoc::new).collect(),
            extra: new.extra.as_ref().and_then(|extra| json(extra).ok()),
            held_until: new.extra.as_ref().and_then(Extra::held_until).map(date),
            hidden_from_assistant: None,
        }
    }

    pub(super) fn row(self) -> Message {
        let reaction = |doc: ReactionDoc| Reaction {
            emoji: doc.emoji,
            by: doc.by.into_iter().map(|user| UserId(id(user))).collect(),
        };
        let mentions = |doc: MentionsDoc| Mentions {
            users: doc.users.into_iter().map(|user| UserId(id(user))).collect(),
            all: doc.all,
        };
        Message {
            id: MessageId(id(self.id)),
            room_id: RoomId(id(self.room_id)),
            seq: unsigned(self.seq),
            author_id: UserId(id(self.author_id)),
            txn_id: TxnId(id(self.txn_id)),
            body: Body::stored(self.body),
            created_at: time(self.created_at),
            revision: unsigned(self.revision),
            edited_at: self.edited_at.map(time),
            // One that a newer version wrote stays a line of the room, and one that nobody can read is no preview.
            system: self.system.map(|text| serde_json::from_str(&text).unwrap_or(SystemLine::Unknown)),
            deleted: self.deleted.map(|doc| Deleted { by: UserId(id(doc.by)), at: time(doc.at) }),
            reply_to: self
                .reply_to
                .map(|doc| ReplyTo { message_id: MessageId(id(doc.message_id)), seq: unsigned(doc.seq) }),
            forwarded_from: self.forwarded_from.map(|author| UserId(id(author))),
            mentions: self.mentions.map(mentions).unwrap_or_default(),
            reactions: self.reactions.into_iter().map(reaction).collect(),
            preview: self.preview.and_then(|text| serde_json::from_str(&text).ok()),
            attachments: self.files.iter().filter_map(|file| serde_json::from_str(&file.content).ok()).collect(),
            extra: self.extra.map(|text| serde_json::from_str(&text).unwrap_or(Extra::Unknown)),
            is_hidden_from_assistant: self.hidden_from_assistant == Some(true),
        }
    }
}

impl ShownDoc {
    fn new(file: &Attachment) -> Option<Self> {
        Some(Self { id: uuid(file.id.0), kind: Name::name(file.kind).into(), content: json(file).ok()? })
    }
}

impl FileDoc {
    pub(super) fn new(row: &FileRow) -> Result<Self> {
        Ok(Self {
            id: uuid(row.id.0),
            owner_id: uuid(row.owner_id.0),
            slot: row.slot.name().into(),
            room_id: row.room_id.map(|room| uuid(room.0)),
            state: row.state.name().into(),
            bytes: signed(row.bytes),
            created_at: date(row.created_at),
            claimed_at: row.claimed_at.map(date),
            content: json(&row.content)?,
        })
    }

    pub(super) fn row(self) -> Result<FileRow> {
        Ok(FileRow {
            id: FileId(id(self.id)),
            owner_id: UserId(id(self.owner_id)),
            slot: Name::from_name(&self.slot)?,
            room_id: self.room_id.map(|room| RoomId(id(room))),
            state: Name::from_name(&self.state)?,
            bytes: unsigned(self.bytes),
            created_at: time(self.created_at),
            claimed_at: self.claimed_at.map(time),
            content: serde_json::from_str(&self.content).map_err(|error| StoreError::Other(error.to_string()))?,
        })
    }
}

impl From<&RequestRow> for RequestDoc {
    fn from(row: &RequestRow) -> Self {
        Self {
            id: uuid(row.id.0),
            from_id: uuid(row.from.0),
            to_id: uuid(row.to.0),
            intro: row.intro.as_str().to_owned(),
            state: row.state.name().into(),
            open: row.open && row.room_id.is_none(),
            room_id: row.room_id.map(|room| uuid(room.0)),
            open_room: row.room_id.map(|_| row.open),
            created_at: date(row.created_at),
            changed_at: date(row.changed_at),
        }
    }
}

impl RequestDoc {
    pub(super) fn row(self) -> Result<RequestRow> {
        Ok(RequestRow {
            id: RequestId(id(self.id)),
            from: UserId(id(self.from_id)),
            to: UserId(id(self.to_id)),
            intro: Body::stored(self.intro),
            state: Name::from_name(&self.state)?,
            open: self.open || self.open_room.unwrap_or_default(),
            room_id: self.room_id.map(|room| RoomId(id(room))),
            created_at: time(self.created_at),
            changed_at: time(self.changed_at),
        })
    }
}

impl BlockDoc {
    pub(super) fn row(&self) -> BlockRow {
        BlockRow { by: UserId(id(self.by_id)), target: UserId(id(self.target_id)) }
    }
}
