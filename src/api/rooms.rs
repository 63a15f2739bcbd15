//! History of a room.

use crate::error::Result;
use crate::id::RoomId;
use crate::model::{Message, Page, Seq};
use dioxus::prelude::*;

/// A page of a room's messages, oldest first: the newest ones, or those older than `before`, or those newer than `after`.
///
/// `limit` defaults to 50 and is clamped to 1..=100.
///
/// # Errors
/// [`crate::Error::NotFound`] if there is no such room or the caller is not in it: alike, so that ids cannot be probed.
#[get("/api/rooms/{room_id}/messages?before&after&limit", app: crate::server::App, session: crate::server::session::Session)]
pub async fn messages(room_id: RoomId, before: Option<Seq>, after: Option<Seq>, limit: Option<u16>) -> Result<Page> {
    crate::server::service::messages::page(&app, &session, room_id, before, after, limit).await
}

/// The pinned messages of a room that the caller may see, oldest pin first.
#[get("/api/rooms/{room_id}/pins", app: crate::server::App, session: crate::server::session::Session)]
pub async fn pins(room_id: RoomId) -> Result<Vec<Message>> {
    crate::server::service::pins::list(&app, &session, room_id).await
}
