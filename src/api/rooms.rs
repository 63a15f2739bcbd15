//! History of a room.

use crate::error::Result;
use crate::id::{MessageId, RoomId};
use crate::model::{DeliveryCounts, Edit, Message, Page, Seq};
use dioxus::prelude::*;

/// A page of a room's messages, oldest first: the newest ones, those older than `before`, those newer than `after`, or those
/// around one; only one of the three. With it come the messages that they answer, and people in no list of the caller's.
///
/// `limit` defaults to 50 and is clamped to 1..=100.
///
/// # Errors
/// [`crate::Error::NotFound`] if there is no such room or the caller is not in it: alike, so that ids cannot be probed.
#[get("/api/rooms/{room_id}/messages?before&after&around&limit", app: crate::server::App, session: crate::server::session::Session)]
pub async fn messages(
    room_id: RoomId,
    before: Option<Seq>,
    after: Option<Seq>,
    around: Option<Seq>,
    limit: Option<u16>,
) -> Result<Page> {
    crate::server::service::messages::page(&app, &session, room_id, (before, after, around), limit).await
}

/// Messages of a room by id, at most 100, ids separated by commas: what others answer. Those that are not there, or not the
/// caller's to see, are left out.
#[get("/api/rooms/{room_id}/quoted?ids", app: crate::server::App, session: crate::server::session::Session)]
pub async fn quoted(room_id: RoomId, ids: String) -> Result<Vec<Message>> {
    crate::server::service::messages::quoted(&app, &session, room_id, &ids).await
}

/// The earlier texts of a message, oldest first, the newest 50 of them. Of a deleted message there are none.
#[get("/api/rooms/{room_id}/messages/{message_id}/edits", app: crate::server::App, session: crate::server::session::Session)]
pub async fn edits(room_id: RoomId, message_id: MessageId) -> Result<Vec<Edit>> {
    crate::server::service::changes::edits(&app, &session, room_id, message_id).await
}

/// How far an own message is, in numbers: in a large room nobody is told of each person.
///
/// # Errors
/// [`crate::Error::Forbidden`] for a message of somebody else.
#[get("/api/rooms/{room_id}/messages/{message_id}/delivery", app: crate::server::App, session: crate::server::session::Session)]
pub async fn delivery(room_id: RoomId, message_id: MessageId) -> Result<DeliveryCounts> {
    crate::server::service::changes::delivery(&app, &session, room_id, message_id).await
}

/// The pinned messages of a room that the caller may see, oldest pin first.
#[get("/api/rooms/{room_id}/pins", app: crate::server::App, session: crate::server::session::Session)]
pub async fn pins(room_id: RoomId) -> Result<Vec<Message>> {
    crate::server::service::pins::list(&app, &session, room_id).await
}
