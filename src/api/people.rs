//! Finding and blocking people.

use crate::error::Result;
use crate::id::UserId;
use crate::model::PersonHit;
use dioxus::prelude::*;

/// Up to 20 people whose username or display name begins with, or has a word that begins with, `query` (1 to 64 characters).
#[get("/api/people?query", app: crate::server::App, session: crate::server::session::Session)]
pub async fn find_people(query: String) -> Result<Vec<PersonHit>> {
    crate::server::service::people::find(&app, &session, &query).await
}

/// Blocks or unblocks a person. Blocking also answers their open request, silently.
#[post("/api/blocks", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_block(user_id: UserId, on: bool) -> Result<()> {
    crate::server::service::people::set_block(&app, &session, user_id, on).await
}
