//! Message requests: how two people who do not know each other begin.

use crate::id::{RequestId, RoomId};
use crate::model::{Body, Person, RoomSummary};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// ```text
/// Pending ──accept──▶ Accepted        (a direct room exists, the intro is its first message)
///    ├─────decline──▶ Declined        (told to nobody: the sender still sees Pending, for 7 days)
///    ├─────cancel───▶ Cancelled
///    └─────30 days──▶ Expired
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    Pending,
    Accepted,
    Declined,
    Cancelled,
    Expired,
}

/// A request as one of the two sees it; the sender never sees `Declined`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MessageRequest {
    pub id: RequestId,
    pub from: Person,
    pub to: Person,
    /// Empty when it asks into a group.
    pub intro: Body,
    pub state: RequestState,
    pub created_at: Timestamp,
    /// The group that it asks into; accepting joins it. `None`: it asks to talk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room: Option<InvitedTo>,
}

/// A group that someone is asked into.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvitedTo {
    pub room_id: RoomId,
    pub name: String,
    pub member_count: u32,
}

/// What came of asking: it waits, or both had asked and are now connected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one per answer")]
pub enum RequestOutcome {
    Waiting { request: MessageRequest },
    Connected { room: RoomSummary },
}
