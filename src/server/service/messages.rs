//! Sending, reading and marking messages.

use crate::error::{Error, Result};
use crate::id::RoomId;
use crate::model::{Page, Seq};
use crate::server::App;
use crate::server::session::Session;

/// A page of a room's history; see [`crate::api::rooms::messages`].
pub async fn page(
    _app: &App,
    _session: &Session,
    _room_id: RoomId,
    _before: Option<Seq>,
    _after: Option<Seq>,
    _limit: Option<u16>,
) -> Result<Page> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}
