//! How people get into their own account, and where they are signed in.

use super::Provider;
use crate::id::SessionId;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How the caller gets in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignInWays {
    pub has_password: bool,
    /// Every provider of this server.
    pub ways: Vec<Way>,
    pub email: EmailView,
}

/// The caller's own address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EmailView {
    pub address: String,
    /// It was shown to be theirs.
    pub is_confirmed: bool,
    /// Whether this server writes letters.
    pub can_write: bool,
}

/// An account elsewhere, or none yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Way {
    pub provider: Provider,
    pub is_connected: bool,
    /// The address there, as it was told last.
    pub email: Option<String>,
}

/// How long an account that its owner wants to be gone can still be kept: 14 days.
pub const LEAVING_DAYS: i64 = 14;

/// Proof that it is the owner who asks: the password, or nothing for an account without one whose owner has just signed in afresh.
pub type Proof = Option<String>;

/// How far everything of one's own is packed. Parts are messages and pieces of files.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ExportProgress {
    Packing {
        done: u64,
        of: u64,
    },
    Packed,
    /// It broke off, and so did the download.
    Failed,
}

/// What somebody lets others know and do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Others see whether they are there now, and nothing of before.
    #[serde(default)]
    pub hides_last_seen: bool,
    #[serde(default)]
    pub requests: RequestsFrom,
}

/// Who may ask somebody to talk.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestsFrom {
    #[default]
    Everyone,
    /// Who is in a group with them.
    Shared,
    Nobody,
}

/// A device that the caller is signed in on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionView {
    pub id: SessionId,
    /// The one that asks.
    pub is_this: bool,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    /// What the browser says of itself; at most 200 characters, and not to be believed.
    pub user_agent: String,
    /// Where it was when it signed in: /24 or /48.
    pub network: String,
}
