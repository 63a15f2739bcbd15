//! Reports to the admins of the instance, and what they do.

use crate::id::{AuditId, MessageId, ReportId, RequestId, RoomId, UserId};
use crate::model::{Attachment, Body, Person, Seq};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Characters of what a reporter adds, and of what an admin writes.
pub const NOTE_MAX_CHARS: usize = 1_000;
/// Messages before and after a reported one that are kept as context.
pub const CONTEXT: u16 = 5;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Spam,
    Harassment,
    Hate,
    Violence,
    Sexual,
    Impersonation,
    Other,
}

/// What is reported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reported {
    Message { message_id: MessageId },
    Person { user_id: UserId },
    Room { room_id: RoomId },
    Request { request_id: RequestId },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    #[default]
    Open,
    Dismissed,
    /// Something was done; the audit log says what.
    Acted,
}

/// A text as it was when the report was made: what becomes of the message later changes nothing here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EvidenceText {
    pub message_id: Option<MessageId>,
    pub seq: Option<Seq>,
    pub author: Person,
    pub body: Body,
    pub at: Timestamp,
    pub is_reported: bool,
    /// Kept while the report is open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A report as the admins see it. The person reported is never told who made it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    pub id: ReportId,
    pub state: ReportState,
    pub reported: Reported,
    /// Who is reported; nobody when a whole group is.
    pub subject: Option<Person>,
    pub reporter: Person,
    pub reason: Reason,
    pub note: String,
    pub room_id: Option<RoomId>,
    pub room_name: Option<String>,
    /// Oldest first.
    pub evidence: Vec<EvidenceText>,
    pub created_at: Timestamp,
    pub handled_by: Option<UserId>,
    pub handled_at: Option<Timestamp>,
}

/// What an admin does about a report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Verdict {
    Dismiss,
    /// They see it on their next page.
    Warn {
        text: String,
    },
    /// They may read but not write, so many hours (1 to 720).
    Mute {
        hours: u32,
    },
    Ban,
    DeleteMessage,
}

/// A line of the audit log: who did what to whom.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditId,
    pub at: Timestamp,
    pub actor: UserId,
    /// A stable code: `ban`, `unban`, `mute`, `unmute`, `warn`, `dismiss`, `delete_message`, `make_admin`, `unmake_admin`,
    /// `reset_link`.
    pub action: String,
    pub target: Option<UserId>,
    pub report: Option<ReportId>,
    pub note: Option<String>,
}

/// An account as the admins see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    pub person: Person,
    pub email: String,
    pub last_seen: Option<Timestamp>,
    pub banned_at: Option<Timestamp>,
    pub muted_until: Option<Timestamp>,
}
