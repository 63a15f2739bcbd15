//! Message requests.

use crate::error::Result;
use crate::id::{RequestId, UserId};
use crate::model::{RequestOutcome, RoomSummary};
use dioxus::prelude::*;

/// Asks a person to talk, with one text of at most 300 characters. If they had asked the caller, both are connected.
///
/// # Errors
/// `already_requested` while one is open, `unreachable` when they cannot be messaged, `rate_limited` beyond the open limit.
#[post("/api/requests", app: crate::server::App, session: crate::server::session::Session)]
pub async fn send_request(to: UserId, intro: String) -> Result<RequestOutcome> {
    crate::server::service::requests::send(&app, &session, to, &intro).await
}

/// Accepts a request: the direct room, with the intro as its first message. Harmless when repeated.
#[post("/api/requests/{request_id}/accept", app: crate::server::App, session: crate::server::session::Session)]
pub async fn accept_request(request_id: RequestId) -> Result<RoomSummary> {
    crate::server::service::requests::accept(&app, &session, request_id).await
}

/// Declines a request, silently.
#[post("/api/requests/{request_id}/decline", app: crate::server::App, session: crate::server::session::Session)]
pub async fn decline_request(request_id: RequestId) -> Result<()> {
    crate::server::service::requests::decline(&app, &session, request_id).await
}

/// Takes an own request back.
#[post("/api/requests/{request_id}/cancel", app: crate::server::App, session: crate::server::session::Session)]
pub async fn cancel_request(request_id: RequestId) -> Result<()> {
    crate::server::service::requests::cancel(&app, &session, request_id).await
}
