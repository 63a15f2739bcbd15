//! The first paint.

use crate::error::{Error, Result};
use crate::id::RoomId;
use crate::model::{Start, Theme};
use crate::server::App;
use crate::server::http::cookies;
use crate::server::session::{FormFlash, MaybeSession};
use dioxus::fullstack::FullstackContext;

/// See [`crate::api::start::start`].
pub async fn start(_app: &App, session: &MaybeSession, flash: FormFlash, _room_id: Option<RoomId>) -> Result<Start> {
    match session.0 {
        None => Ok(Start::SignedOut(flash.0)),
        Some(_) => Err(Error::Unavailable { retry_after_ms: 1_000 }),
    }
}

/// See [`crate::api::start::set_theme`].
pub async fn set_theme(app: &App, session: &MaybeSession, theme: Theme) -> Result<()> {
    if let Some(session) = session.0 {
        app.db.set_theme(session.user_id, theme).await?;
    }
    if let Some(context) = FullstackContext::current() {
        context.add_response_header(http::header::SET_COOKIE, cookies::theme(theme));
    }
    Ok(())
}
