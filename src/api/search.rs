//! Searching messages.

use crate::error::Result;
use crate::id::RoomId;
use crate::model::{RoomSearch, SearchPage, Seq};
use dioxus::prelude::*;

/// Messages over all rooms of the caller, newest first. `q`: words and `"phrases"`, all of which a message must have, and the filters
/// `from:` (`me`, a username, a name), `in:`, `has:link|file|image`, `before:2026-01-31` and `after:2026-01-31`.
///
/// `cursor` is `next` of the answer before; `limit` is 20 unless given, 50 at most; `offset` says how many minutes the caller's
/// clock is ahead of UTC, and so when days begin.
///
/// # Errors
/// [`crate::Error::Invalid`] of the part of `q` that cannot be read, or that names nobody; of `cursor`.
#[get("/api/search?q&cursor&limit&offset", app: crate::server::App, session: crate::server::session::Session)]
pub async fn search_messages(
    q: String,
    cursor: Option<String>,
    limit: Option<u16>,
    offset: Option<i32>,
) -> Result<SearchPage> {
    crate::server::service::search::everywhere(&app, &session, &q, cursor.as_deref(), limit, offset).await
}

/// What matches in one room, newest first, at most 999 messages; `before` asks for those with a lower `seq`. `q` as of
/// [`search_messages`], but without `in:`.
///
/// # Errors
/// Those of [`search_messages`]; [`crate::Error::NotFound`] if there is no such room or the caller is not in it.
#[get("/api/rooms/{room_id}/search?q&before&offset", app: crate::server::App, session: crate::server::session::Session)]
pub async fn search_room(room_id: RoomId, q: String, before: Option<Seq>, offset: Option<i32>) -> Result<RoomSearch> {
    crate::server::service::search::in_room(&app, &session, room_id, &q, before, offset).await
}
