//! Message requests.

use crate::error::{Error, Result};
use crate::id::{RequestId, UserId};
use crate::model::{RequestOutcome, RoomSummary};
use crate::server::App;
use crate::server::session::Session;

/// See [`crate::api::requests::send_request`].
pub async fn send(_app: &App, _session: &Session, _to: UserId, _intro: &str) -> Result<RequestOutcome> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}

/// See [`crate::api::requests::accept_request`].
pub async fn accept(_app: &App, _session: &Session, _id: RequestId) -> Result<RoomSummary> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}

/// See [`crate::api::requests::decline_request`].
pub async fn decline(_app: &App, _session: &Session, _id: RequestId) -> Result<()> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}

/// See [`crate::api::requests::cancel_request`].
pub async fn cancel(_app: &App, _session: &Session, _id: RequestId) -> Result<()> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}
