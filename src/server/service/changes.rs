//! What people do to messages that are there: edit, delete, react. Each is one atomic change of the store, which raises the
//! message's revision, and is then told to everybody who may see the message. Repeating one changes and tells nothing.

mod follow;

pub use follow::Follower;

use super::{answers, files, memory, messages, pins, previews};
use crate::error::{Error, Problem, Result, What};
use crate::id::{MessageId, RoomId, UserId};
use crate::live::LiveEvent;
use crate::model::limits::SELECT_MAX;
use crate::model::{Act, Body, DeliveryCounts, Edit, Member, Message, permission};
use crate::server::bus::Notice;
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::{NewText, StoreError};
use crate::server::{App, access, emoji};
use crate::time::Timestamp;

/// How often an edit is tried against others of the same message at the same moment.
const EDIT_TRIES: usize = 8;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

/// Replaces the text of an own message; of two at once the later one stays. An edit to the same text changes nothing.
///
/// # Errors
/// [`Error::Invalid`] of `body`; [`Error::NotFound`] of a room that the caller is not in, or a message that is not in it or not
/// theirs to see; [`Error::Forbidden`] for somebody else's message, and for a forwarded one or a game: those are not the
/// caller's words; [`Error::Conflict`] for a deleted one; [`Error::Unreachable`] with a block in a direct room.
pub async fn edit(app: &App, me: UserId, room_id: RoomId, message_id: MessageId, body: &str) -> Result<()> {
    let caption = Body::parse_caption(body)?;
    app.limits.check(Rule::Change, me)?;
    let card = access::sender(app, room_id, me).await?;
    let (_, mut message) = visible(app, me, room_id, message_id).await?;
    if message.author_id != me || message.forwarded_from.is_some() || message.is_bound() {
        return Err(Error::Forbidden);
    }
    // What stands under files or a moving picture may be taken away.
    let body = if message.attachments.is_empty() && message.extra.is_none() { Body::parse(body)? } else { caption };
    let mentions = messages::mentions(app, &card, me, &body).await?;
    for _ in 0..EDIT_TRIES {
        if !message.is_countable() {
            return Err(Error::Conflict);
        }
        if message.body == body {
            return Ok(());
        }
        let keeps_preview = previews::keeps(&message, &body);
        let text = NewText { body: body.clone(), mentions: mentions.clone(), keeps_preview };
        if let Some(changed) = app.db.edit(message_id, message.revision, &text).await? {
            tell(app, &changed).await?;
            previews::begin_anew(app, &message.body, &changed);
            memory::outdate(app, room_id, changed.seq).await?;
            answers::asked_anew(app, &changed);
            return Ok(());
        }
        // A reaction, a preview or another edit came between.
        message = app.db.message(message_id).await?.ok_or(NO_MESSAGE)?;
    }
    Err(Error::Conflict)
}

/// Deletes messages for everyone: own ones, and others' for those who may. All of them or, when one is refused, none. Those
/// that are deleted already stay so.
///
/// # Errors
/// As [`edit`]; [`Error::Invalid`] of `message_ids` for none, or more than 100; [`Error::Conflict`] for a line of the room
/// itself.
pub async fn delete(app: &App, me: UserId, room_id: RoomId, message_ids: &[MessageId]) -> Result<()> {
    if message_ids.is_empty() || message_ids.len() > SELECT_MAX {
        return Err(Error::invalid("message_ids", Problem::OutOfRange));
    }
    app.limits.check(Rule::Change, me)?;
    // A deletion takes back what was said, so a block or a mute does not stand in its way.
    let card = access::member(app, room_id, me).await?;
    let own = app.db.member(room_id, me).await?.ok_or(NO_ROOM)?;
    let may_others = permission::may(card.kind, &card.settings, own.role, Act::DeleteOthers);
    let mut found = app.db.messages(message_ids).await?;
    found.retain(|message| message.room_id == room_id && message.seq > own.floor());
    for id in message_ids {
        let message = found.iter().find(|message| message.id == *id).ok_or(NO_MESSAGE)?;
        if message.system.is_some() {
            return Err(Error::Conflict);
        }
        if message.author_id != me && !may_others {
            return Err(Error::Forbidden);
        }
    }
    take_back(app, me, room_id, found).await
}

/// Deletes texts of one room, whoever may.
pub(super) async fn take_back(app: &App, by: UserId, room_id: RoomId, mut found: Vec<Message>) -> Result<()> {
    found.sort_unstable_by_key(|message| message.seq);
    let now = Timestamp::now();
    let made_of: Vec<_> = found.iter().map(|message| (message.id, message.seq)).collect();
    memory::part_with(app, room_id, &made_of).await?;
    for message in &found {
        if let Some(changed) = app.db.delete(message.id, by, now).await? {
            tell(app, &changed).await?;
            files::release(app, &message.attachments);
        }
    }
    // Also of those that were deleted before: that process may have ended in between.
    memory::part_with(app, room_id, &made_of).await?;
    let ids: Vec<MessageId> = found.iter().map(|message| message.id).collect();
    pins::unpin(app, room_id, &ids).await
}

/// Sets or takes back the caller's reaction.
///
/// # Errors
/// As [`edit`], but for anybody's message; [`Error::Invalid`] of `emoji` for what is no emoji, and when there are 20 different
/// ones already.
pub async fn react(app: &App, me: UserId, room_id: RoomId, message_id: MessageId, emoji: &str, on: bool) -> Result<()> {
    app.limits.check(Rule::Change, me)?;
    set_reaction(app, me, room_id, message_id, emoji, on).await
}

/// [`react`] without a limit on how often.
pub(super) async fn set_reaction(
    app: &App,
    me: UserId,
    room_id: RoomId,
    message_id: MessageId,
    emoji: &str,
    on: bool,
) -> Result<()> {
    let emoji = emoji::canonical(emoji).ok_or(Error::invalid("emoji", Problem::BadFormat))?;
    access::sender(app, room_id, me).await?;
    let (_, message) = visible(app, me, room_id, message_id).await?;
    if !message.is_countable() {
        return Err(Error::Conflict);
    }
    let changed = app.db.react(message_id, me, &emoji, on).await.map_err(|error| match error {
        StoreError::Full => Error::invalid("emoji", Problem::OutOfRange),
        other => other.into(),
    })?;
    match changed {
        Some(changed) => tell(app, &changed).await,
        None => Ok(()),
    }
}

/// See [`crate::api::rooms::edits`].
pub async fn edits(app: &App, session: &Session, room_id: RoomId, message_id: MessageId) -> Result<Vec<Edit>> {
    app.limits.check(Rule::History, session.user_id)?;
    visible(app, session.user_id, room_id, message_id).await?;
    Ok(app.db.edits(message_id).await?)
}

/// See [`crate::api::rooms::delivery`].
pub async fn delivery(app: &App, session: &Session, room_id: RoomId, message_id: MessageId) -> Result<DeliveryCounts> {
    app.limits.check(Rule::History, session.user_id)?;
    let (_, message) = visible(app, session.user_id, room_id, message_id).await?;
    if message.author_id != session.user_id || message.system.is_some() {
        return Err(Error::Forbidden);
    }
    let mut counts = DeliveryCounts::default();
    let members = app.db.members(&[room_id]).await?.into_iter().flat_map(|(_, members)| members);
    for member in members.filter(|member| member.user_id != message.author_id && member.joined_seq < message.seq) {
        counts.members += 1;
        counts.delivered += u32::from(member.delivered_seq >= message.seq);
        counts.read += u32::from(member.read_seq >= message.seq);
    }
    Ok(counts)
}

/// Tells everybody who may see a message of its newest revision.
pub(super) async fn tell(app: &App, message: &Message) -> Result<()> {
    app.hub.bus().publish(|| Notice::Changed { message: message.clone() });
    tell_here(app, message).await
}

/// [`tell`] in this process only.
pub(super) async fn tell_here(app: &App, message: &Message) -> Result<()> {
    let room_id = message.room_id;
    let mut card = access::known_card(app, room_id);
    // Who joined on another process a moment ago is in no card that is at hand.
    if card.as_ref().is_none_or(|card| app.hub.listeners(room_id).iter().any(|listener| !card.has(*listener))) {
        card = access::refreshed(app, room_id).await?;
    }
    if let Some(card) = card {
        let event = LiveEvent::MessageChanged { message: message.clone() };
        app.hub.tell_room_here(room_id, &event, |listener| card.sees(listener, message.seq));
    }
    if app.db.is_shared() {
        app.hub.told().note(message.id, message.revision);
    }
    Ok(())
}

/// A message of a room that the caller is in and may see, by the store: the floor moves, and who was taken out sees nothing.
pub(super) async fn visible(
    app: &App,
    me: UserId,
    room_id: RoomId,
    message_id: MessageId,
) -> Result<(Member, Message)> {
    let (own, message) = tokio::join!(app.db.member(room_id, me), app.db.message(message_id));
    let own = own?.ok_or(NO_ROOM)?;
    let message = message?.filter(|found| found.room_id == room_id && found.seq > own.floor()).ok_or(NO_MESSAGE)?;
    Ok((own, message))
}
