//! First paint and settings of the page itself.

use crate::error::Result;
use crate::id::RoomId;
use crate::model::{Start, Theme};
use dioxus::prelude::*;

/// What the page shows first: the caller's rooms, requests and, with `room_id`, the newest 50 messages of that room.
/// Without a session: the state of the sign-in form.
#[get("/api/start?room_id", app: crate::server::App, session: crate::server::session::MaybeSession, parts: crate::server::session::FormFlash, shell: crate::server::session::IsShell)]
pub async fn start(room_id: Option<RoomId>) -> Result<Start> {
    if shell.0 {
        return Ok(Start::Shell);
    }
    crate::server::service::start::start(&app, &session, parts, room_id).await
}

/// Keeps the theme in a cookie, so that the next first paint has it, and with the account when signed in.
#[post("/api/theme", app: crate::server::App, session: crate::server::session::MaybeSession)]
pub async fn set_theme(theme: Theme) -> Result<()> {
    crate::server::service::start::set_theme(&app, &session, theme).await
}
