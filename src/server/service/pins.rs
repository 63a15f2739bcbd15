//! Pinned messages. They are a part of their room; who may is decided by its settings.

use super::groups;
use crate::error::{Error, Problem, Result, What};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Act, Message, Pin, SystemLine};
use crate::server::App;
use crate::server::access;
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::{NewMessage, StoreError};
use crate::time::Timestamp;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

/// Pins a message or takes its pin away. Harmless when repeated; of two at once one is told.
///
/// # Errors
/// [`Error::NotFound`] of a room that the caller is not in, or a message that is not in it or not theirs to see;
/// [`Error::Forbidden`] by the room's settings; [`Error::Unreachable`] with a block in a direct room; [`Error::Conflict`] for a
/// message that is deleted, or a line of the room itself; [`Error::Invalid`] of `pins` when there are 50.
pub async fn set(app: &App, me: UserId, room_id: RoomId, message_id: MessageId, on: bool) -> Result<()> {
    app.limits.check(Rule::Pin, me)?;
    access::sender(app, room_id, me).await?;
    access::may(app, room_id, me, Act::Pin).await?;
    // Not from the cache: the floor moves, and who was taken out sees nothing.
    let own = app.db.member(room_id, me).await?.ok_or(NO_ROOM)?;
    let message = app.db.message(message_id).await?;
    let message = message.filter(|found| found.room_id == room_id && found.seq > own.floor()).ok_or(NO_MESSAGE)?;
    if !on {
        return unpin(app, room_id, &[message_id]).await;
    }
    if !message.is_countable() {
        return Err(Error::Conflict);
    }
    let pin = Pin { message_id, seq: message.seq, by: me, at: Timestamp::now() };
    let pinned = app.db.pin(room_id, &pin).await.map_err(|error| match error {
        StoreError::Full => Error::invalid("pins", Problem::OutOfRange),
        other => other.into(),
    })?;
    let Some(room) = pinned else { return Ok(()) };
    groups::tell(app, &room, &[], &[]).await?;
    // Who deletes it at this moment looks for the pin after that; so one of the two finds what the other did.
    if app.db.message(message_id).await?.is_none_or(|message| !message.is_countable()) {
        unpin(app, room_id, &[message_id]).await?;
        return Err(Error::Conflict);
    }
    let line = SystemLine::Pinned { message_id, seq: message.seq };
    if let Err(error) = app.log.append(NewMessage::system(room_id, me, TxnId::new(), line)).await {
        tracing::warn!(%error, room.id = %room_id, "a line about a pin was not stored");
    }
    Ok(())
}

/// Takes the pins of these messages away, if they have any: they were deleted, or somebody asks for it.
pub(crate) async fn unpin(app: &App, room_id: RoomId, messages: &[MessageId]) -> Result<()> {
    match app.db.unpin(room_id, messages).await? {
        Some(room) => groups::tell(app, &room, &[], &[]).await,
        None => Ok(()),
    }
}

/// See [`crate::api::rooms::pins`].
pub async fn list(app: &App, session: &Session, room_id: RoomId) -> Result<Vec<Message>> {
    app.limits.check(Rule::History, session.user_id)?;
    let room = app.db.room(room_id).await?.ok_or(NO_ROOM)?;
    let own = app.db.member(room_id, session.user_id).await?.ok_or(NO_ROOM)?;
    let ids: Vec<MessageId> = room.pins.iter().filter(|pin| pin.seq > own.floor()).map(|pin| pin.message_id).collect();
    let found = app.db.messages(&ids).await?;
    let message_of = |id: &MessageId| found.iter().find(|message| message.id == *id && message.deleted.is_none());
    Ok(ids.iter().filter_map(message_of).cloned().collect())
}
