//! What the assistant keeps of a room, and what it saw.

use crate::error::Result;
use crate::id::{MessageId, RoomId};
use crate::model::{CatchUp, MemoryAct, MemoryView, SeenView, Seq};
use dioxus::prelude::*;

/// What the assistant keeps of a room, for its members.
///
/// # Errors
/// [`crate::Error::NotFound`] of a room that the caller is not in.
#[get("/api/rooms/{room_id}/memory", app: crate::server::App, session: crate::server::session::Session)]
pub async fn memory(room_id: RoomId) -> Result<MemoryView> {
    crate::server::service::memory::view(&app, &session, room_id).await
}

/// Changes it. What changes nothing is no error. The answer is what is kept now.
///
/// # Errors
/// [`crate::Error::NotFound`] of a room that the caller is not in; [`crate::Error::Forbidden`] for what only others may: see
/// [`MemoryAct`]; [`crate::Error::Invalid`] of `text`, of `note` for one that is not there, of `notes` when there are 40;
/// [`crate::Error::Conflict`] to add to one that is switched off; [`crate::Error::Unreachable`] with a block;
/// [`crate::Error::Muted`].
#[post("/api/rooms/{room_id}/memory", app: crate::server::App, session: crate::server::session::Session)]
pub async fn change_memory(room_id: RoomId, act: MemoryAct) -> Result<MemoryView> {
    crate::server::service::memory::act(&app, &session, room_id, act).await
}

/// Whether the assistant may read an own message. What it had made of it is forgotten.
///
/// # Errors
/// [`crate::Error::NotFound`] of a room that the caller is not in, or a message that is not in it or not theirs to see;
/// [`crate::Error::Forbidden`] for a message of somebody else; [`crate::Error::Conflict`] for a deleted one.
#[post("/api/rooms/{room_id}/messages/{message_id}/hidden", app: crate::server::App, session: crate::server::session::Session)]
pub async fn hide_message(room_id: RoomId, message_id: MessageId, on: bool) -> Result<()> {
    crate::server::service::memory::hide_message(&app, &session, room_id, message_id, on).await
}

/// What others wrote behind `after` that is most worth reading, for the caller alone: by a language model where the assistant is
/// in the room and has one, else the members' own words, chosen by rules. The newest 300 messages are looked at.
///
/// # Errors
/// [`crate::Error::NotFound`] of a room that the caller is not in.
#[post("/api/rooms/{room_id}/catch-up", app: crate::server::App, session: crate::server::session::Session)]
pub async fn catch_up(room_id: RoomId, after: Seq) -> Result<CatchUp> {
    crate::server::service::digests::catch_up(&app, &session, room_id, after).await
}

/// What a language model was shown for an answer: its messages, notes and summary, as far as they are still there.
///
/// # Errors
/// [`crate::Error::NotFound`] of a room that the caller is not in, or a message that is not in it or not theirs to see, or for
/// which no model was asked; [`crate::Error::Invalid`] of `message_id` for what is no answer.
#[get("/api/rooms/{room_id}/messages/{message_id}/seen", app: crate::server::App, session: crate::server::session::Session)]
pub async fn seen(room_id: RoomId, message_id: MessageId) -> Result<SeenView> {
    crate::server::service::memory::seen(&app, &session, room_id, message_id).await
}
