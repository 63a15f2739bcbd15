//! What a page needs for its first paint.

use crate::id::UserId;
use crate::model::{Me, MessageRequest, Page, Person, Presence, RoomSummary};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The first paint of someone signed in. `cursor` goes into the first `hello`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Bootstrap {
    pub me: Me,
    pub rooms: Vec<RoomSummary>,
    pub requests: Vec<MessageRequest>,
    pub presence: Vec<(UserId, Presence)>,
    /// Whom the reader blocked, with and without a room of two.
    #[serde(default)]
    pub blocked: Vec<UserId>,
    /// The assistant, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assistant: Option<Person>,
    /// The newest messages of the room that the address names.
    pub open: Option<Page>,
    pub cursor: u64,
    /// When the access token ends; refresh before.
    pub access_until: Timestamp,
    /// The server's clock and build.
    pub now: Timestamp,
    pub version: String,
}

/// Why a form came back: the fields as typed (never the password) and what was wrong with which.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct FormState {
    pub username: String,
    pub display_name: String,
    pub email: String,
    /// The typed name or address of a sign-in.
    pub login: String,
    pub error: Option<crate::Error>,
    /// Whose accounts open one here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<Provider>,
    /// Whether this server writes letters: a forgotten password can be helped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_mail: bool,
    /// Somebody has signed in there, and has no account here that it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joining: Option<Joining>,
}

/// Whose accounts open one here (`OpenID` Connect).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Provider {
    /// Its part of addresses: signing in begins at `/auth/<key>`.
    pub key: String,
    /// As people know it.
    pub name: String,
}

/// An account elsewhere that opens none here yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Joining {
    /// The provider's name.
    pub provider: String,
    /// The address that it vouches for.
    pub email: Option<String>,
    /// An account here has this address: its password is needed once.
    pub is_known: bool,
}

/// What the server knows before it paints: the first loader of the app.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(clippy::large_enum_variant, reason = "one per page")]
pub enum Start {
    SignedIn(Bootstrap),
    SignedOut(FormState),
    /// The cached shell for an offline start: the page finds out by itself.
    Shell,
}
