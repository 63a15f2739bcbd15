//! Sends not yet confirmed. Pure; `storage` keeps it on the device's disk and `connection` drives it.
use crate::error::Error;
use crate::id::{RoomId, TxnId};
use crate::model::Body;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One waiting send.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub txn_id: TxnId,
    pub room_id: RoomId,
    pub body: Body,
    pub composed_at: Timestamp,
    /// Refused for good; it keeps its place and its text until someone edits, retries or discards it.
    #[serde(default)]
    pub error: Option<Error>,
    /// On the wire now, since this moment of this device's clock.
    #[serde(skip)]
    pub in_flight: Option<Timestamp>,
    #[serde(skip)]
    pub attempts: u32,
    /// Not before this moment (back-off, or the server's `retry_after_ms`).
    #[serde(skip)]
    pub not_before: Option<Timestamp>,
}

/// In order of composing; one at a time per room.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Outbox {
    pub entries: Vec<Entry>,
}
