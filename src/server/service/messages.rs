//! Sending, reading and marking messages, and typing.

use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, TxnId, UserId};
use crate::live::LiveEvent;
use crate::model::limits::{PAGE_DEFAULT, PAGE_MAX};
use crate::model::{Body, Member, Message, Page, RoomPrefs, Seq, Unread};
use crate::server::App;
use crate::server::access;
use crate::server::hub::{Connection, uptime_ms};
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::{Counted, Marked, NewMessage, Span, StoreError};
use std::pin::Pin;

type Later = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When to send again what could not be stored now.
const RETRY_MS: u64 = 1_000;

/// A text on its way into a room.
#[derive(Clone, Debug)]
pub struct Sending {
    pub room_id: RoomId,
    pub txn_id: TxnId,
    pub body: String,
}

/// Called once with the stored message, or with why there is none.
pub type Answer = Box<dyn FnOnce(Result<Message>) + Send>;

/// Sends a text. Its place in line is taken when this returns `None`; otherwise when what is returned has run. Either way
/// the answer comes later, so that many can be on their way at a time.
///
/// A repetition is answered with the stored message, also when the sender may not write there (so fast) any more.
pub fn send(app: &App, user_id: UserId, sending: Sending, answer: Answer) -> Option<Later> {
    let message = match Body::parse(&sending.body) {
        Ok(body) => NewMessage::text(sending.room_id, user_id, sending.txn_id, body),
        Err(error) => {
            answer(Err(error));
            return None;
        }
    };
    if access::known_sender(app, message.room_id, user_id).is_some() && app.limits.check(Rule::Send, user_id).is_ok() {
        submit(app, message, answer);
        return None;
    }
    let app = app.clone();
    Some(Box::pin(async move {
        let allowed = match access::sender(&app, message.room_id, user_id).await {
            Ok(_) => app.limits.check(Rule::Send, user_id),
            Err(error) => Err(error),
        };
        match allowed {
            Ok(()) => submit(&app, message, answer),
            Err(error) => answer(stored_before(&app, &message).await.unwrap_or(Err(error))),
        }
    }))
}

fn submit(app: &App, message: NewMessage, answer: Answer) {
    app.log.submit(message, Box::new(|outcome| answer(outcome.map(|done| done.message).map_err(refusal))));
}

fn refusal(error: StoreError) -> Error {
    match error {
        StoreError::Missing => Error::NotFound { what: What::Room },
        StoreError::TxnConflict => Error::Conflict,
        // The log has said it, once for many messages.
        StoreError::Unavailable(_) => Error::Unavailable { retry_after_ms: RETRY_MS },
        StoreError::Taken(_) | StoreError::Full | StoreError::Other(_) => error.into(),
    }
}

/// The message that this one repeats, if it does.
async fn stored_before(app: &App, message: &NewMessage) -> Option<Result<Message>> {
    let stored = app.db.message_by_txn(message.author_id, message.txn_id).await.ok()??;
    // An edited text can no longer be compared.
    let is_same = stored.room_id == message.room_id && (stored.revision > 1 || stored.body == message.body);
    Some(if is_same { Ok(stored) } else { Err(Error::Conflict) })
}

/// A page of a room's history; see [`crate::api::rooms::messages`].
pub async fn page(
    app: &App,
    session: &Session,
    room_id: RoomId,
    before: Option<Seq>,
    after: Option<Seq>,
    limit: Option<u16>,
) -> Result<Page> {
    app.limits.check(Rule::History, session.user_id)?;
    if before.is_some() && after.is_some() {
        return Err(Error::invalid("after", Problem::OutOfRange));
    }
    page_of(app, session.user_id, room_id, before, after, limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)).await
}

/// [`page`] of checked values, without a limit on how often.
pub async fn page_of(
    app: &App,
    user_id: UserId,
    room_id: RoomId,
    before: Option<Seq>,
    after: Option<Seq>,
    limit: u16,
) -> Result<Page> {
    // Not from the cache: the floor moves.
    let own = app.db.member(room_id, user_id).await?.ok_or(Error::NotFound { what: What::Room })?;
    let messages = app.db.page(room_id, own.floor(), before, after, limit).await?;
    // No gaps: the message before the first one is there exactly if the floor is lower.
    let has_older = match (messages.first(), after) {
        (Some(first), _) => first.seq > own.floor() + 1,
        (None, Some(after)) => after > own.floor(),
        (None, None) => false,
    };
    let has_newer = match (before, after) {
        (None, None) => false,
        _ => messages.last().map_or(0, |last| last.seq).max(after.unwrap_or(0)) < head(app, room_id).await?,
    };
    Ok(Page::new(room_id, messages, has_older, has_newer))
}

/// Raises the caller's watermarks and tells those who see them. Reading includes delivery. In a direct room with a block
/// nothing moves: a tick would tell that someone is there.
///
/// # Errors
/// [`Error::NotFound`] if there is no such room or the caller is not in it.
pub async fn mark(
    app: &App,
    user_id: UserId,
    room_id: RoomId,
    delivered: Option<Seq>,
    read: Option<Seq>,
) -> Result<()> {
    let card = access::member(app, room_id, user_id).await?;
    if let Some(peer) = card.peer(user_id)
        && access::blocks(app, user_id).await?.between(user_id, peer)
    {
        return Ok(());
    }
    let delivered = delivered.max(read).filter(|seq| *seq > 0);
    if delivered.is_none() {
        return Ok(());
    }
    let Some(Marked { member: own, prefs, unmarked }) = app.db.mark(room_id, user_id, delivered, read).await? else {
        return Ok(());
    };
    let unread = match read {
        Some(_) => Some(unread(app, room_id, &own, &prefs).await?),
        None => None,
    };
    let watermark = |unread| LiveEvent::Watermark {
        room_id,
        user_id,
        delivered_seq: own.delivered_seq,
        read_seq: own.read_seq,
        unread,
    };
    app.hub.tell_user(user_id, &watermark(unread));
    if let (true, Some(unread)) = (unmarked, unread) {
        app.hub.tell_user(user_id, &LiveEvent::Prefs { room_id, prefs, member: own.clone(), unread });
    }
    if card.is_small() {
        app.hub.tell_room_but(room_id, user_id, &watermark(None));
    }
    Ok(())
}

/// What a member has not read of a room, counted anew.
pub async fn unread(app: &App, room_id: RoomId, own: &Member, prefs: &RoomPrefs) -> Result<Unread> {
    let at_seq = head(app, room_id).await?;
    let after = prefs.unread_after(own.read_seq).max(own.floor());
    let span = Span { hidden: prefs.hidden.clone(), ..Span::new(room_id, after, at_seq) };
    let Counted { texts, mentions } =
        if at_seq > after { app.db.count_unread(own.user_id, &span).await? } else { Counted::default() };
    Ok(Unread { count: texts, mentions, at_seq })
}

/// Tells the others in a small room that the caller types, or no longer does. Where there is a block it tells nobody, and
/// says nothing of it.
///
/// # Errors
/// [`Error::NotFound`] if there is no such room or the caller is not in it.
pub async fn typing(app: &App, connection: &Connection, room_id: RoomId, on: bool) -> Result<()> {
    let user_id = connection.user_id;
    let card = access::member(app, room_id, user_id).await?;
    if !connection.set_typing(room_id, on, uptime_ms()) || !card.is_small() {
        return Ok(());
    }
    let blocks = access::blocks(app, user_id).await?;
    let may_hear = |other| other != user_id && !blocks.between(user_id, other);
    app.hub.tell_room_if(room_id, &LiveEvent::Typing { room_id, user_id, on }, may_hear);
    Ok(())
}

/// The newest `seq` of a room.
async fn head(app: &App, room_id: RoomId) -> Result<Seq> {
    if let Some(seq) = app.log.heads().get(room_id).filter(|_| !app.db.is_shared()) {
        return Ok(seq);
    }
    let seq = app.db.heads(&[room_id]).await?.first().map_or(0, |(_, seq)| *seq);
    app.log.heads().learn(room_id, seq);
    Ok(seq)
}
