//! Message requests: how two people who do not know each other begin.

use crate::id::RequestId;
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
    pub intro: Body,
    pub state: RequestState,
    pub created_at: Timestamp,
}

/// What came of asking: it waits, or both had asked and are now connected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "one per answer")]
pub enum RequestOutcome {
    Waiting { request: MessageRequest },
    Connected { room: RoomSummary },
}
