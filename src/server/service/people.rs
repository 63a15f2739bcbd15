//! Finding and blocking people.

use crate::error::{Error, Result};
use crate::id::UserId;
use crate::model::PersonHit;
use crate::server::App;
use crate::server::session::Session;

/// See [`crate::api::people::find_people`].
pub async fn find(_app: &App, _session: &Session, _query: &str) -> Result<Vec<PersonHit>> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}

/// See [`crate::api::people::set_block`].
pub async fn set_block(_app: &App, _session: &Session, _user_id: UserId, _on: bool) -> Result<()> {
    Err(Error::Unavailable { retry_after_ms: 1_000 })
}
