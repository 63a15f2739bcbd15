//! What is known of files; their bytes come and go by plain routes (`/files/…`).

use crate::error::Result;
use crate::id::RoomId;
use crate::model::{FileUsage, MediaKind, MediaPage, Seq};
use dioxus::prelude::*;

/// How much of their room for files the caller uses, and the bounds.
#[get("/api/files/usage", app: crate::server::App, session: crate::server::session::Session)]
pub async fn usage() -> Result<FileUsage> {
    crate::server::service::files::usage(&app, &session).await
}

/// Messages of a room with files of a kind, or with links, newest first, 50 a page; with `before` those older than it.
///
/// # Errors
/// [`crate::Error::NotFound`] if there is no such room or the caller is not in it.
#[get("/api/rooms/{room_id}/media?kind&before", app: crate::server::App, session: crate::server::session::Session)]
pub async fn media(room_id: RoomId, kind: MediaKind, before: Option<Seq>) -> Result<MediaPage> {
    crate::server::service::files::media(&app, &session, room_id, kind, before).await
}
