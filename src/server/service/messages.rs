//! Sending, reading and marking messages, and typing.

use crate::error::{Error, Problem, Result, What};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::live::LiveEvent;
use crate::model::limits::{PAGE_DEFAULT, PAGE_MAX};
use crate::model::{
    Act, Body, Extra, Member, Mentions, Message, NewExtra, Page, Person, ReplyTo, Role, RoomPrefs, SentFile, Seq,
    SystemLine, Unread, markup,
};
use crate::server::App;
use crate::server::access::{self, Card, Known, SMALL_ROOM_MAX};
use crate::server::bus::Notice;
use crate::server::hub::{Connection, uptime_ms};
use crate::server::limits::Rule;
use crate::server::service::{assistant, files, games, previews};
use crate::server::session::Session;
use crate::server::store::{Appended, Counted, Marked, NewMessage, Span, StoreError};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::str::FromStr;

type Later = Pin<Box<dyn Future<Output = ()> + Send>>;

/// When to send again what could not be stored now.
const RETRY_MS: u64 = 1_000;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

/// A text on its way into a room.
#[derive(Clone, Debug)]
pub struct Sending {
    pub room_id: RoomId,
    pub txn_id: TxnId,
    pub body: String,
    /// The message that it answers.
    pub reply_to: Option<MessageId>,
    /// The message whose text and files are passed on; `body` and `files` are not looked at then.
    pub forward: Option<MessageId>,
    /// Uploaded before. With some, `body` may be empty.
    pub files: Vec<SentFile>,
    /// With one, `body` may be empty, and is for a game.
    pub extra: Option<NewExtra>,
}

impl Sending {
    /// A text with nothing around it.
    pub fn text(room_id: RoomId, txn_id: TxnId, body: &str) -> Self {
        Self { room_id, txn_id, body: body.to_owned(), reply_to: None, forward: None, files: Vec::new(), extra: None }
    }
}

/// Called once with the stored message, or with why there is none.
pub type Answer = Box<dyn FnOnce(Result<Message>) + Send>;

/// Sends a text. Its place in line is taken when this returns `None`; otherwise when what is returned has run. Either way
/// the answer comes later, so that many can be on their way at a time.
///
/// A repetition is answered with the stored message, also when the sender may not write there (so fast) any more.
///
/// Answered with: [`Error::Invalid`] of `body`, `files`, `extra`, `with` or `sides`; [`Error::NotFound`] of a room the sender is
/// not in, of a message to answer or pass on that is not theirs to see, or of a file that is not there (any more): upload it
/// again; [`Error::Forbidden`] for a game that is passed on; [`Error::Unreachable`]; [`Error::Muted`]; [`Error::RateLimited`],
/// also in slow mode.
pub fn send(app: &App, user_id: UserId, sending: Sending, answer: Answer) -> Option<Later> {
    let message = match body(&sending) {
        Ok(body) => NewMessage::text(sending.room_id, user_id, sending.txn_id, body),
        Err(error) => {
            answer(Err(error));
            return None;
        }
    };
    // Most texts need nothing but what is at hand.
    let is_plain = sending.reply_to.is_none()
        && sending.forward.is_none()
        && sending.files.is_empty()
        && sending.extra.is_none()
        && !message.body.as_str().contains('@');
    let may = |card: &Card| card.settings.slow_mode_s == 0 || card.role(user_id) > Some(Role::Member);
    if is_plain
        && access::known_sender(app, message.room_id, user_id).is_some_and(|card| may(&card))
        && app.limits.check(Rule::Send, user_id).is_ok()
    {
        submit(app, message, answer);
        return None;
    }
    let app = app.clone();
    Some(Box::pin(async move {
        let mut message = message;
        match complete(&app, &sending, &mut message).await {
            Ok(()) => submit(&app, message, answer),
            Err(error) => answer(stored_before(&app, &message, &sending).await.unwrap_or(Err(error))),
        }
    }))
}

/// The text of what is sent, as far as it says it itself.
fn body(sending: &Sending) -> Result<Body> {
    match &sending.extra {
        Some(_) if !sending.files.is_empty() => Err(Error::invalid("files", Problem::OutOfRange)),
        Some(_) if sending.forward.is_some() => Err(Error::invalid("forward", Problem::OutOfRange)),
        Some(extra) => {
            let body = Body::parse_caption(&sending.body)?;
            let is_fitting = !extra.is_bound() || body.as_str().is_empty();
            if is_fitting { Ok(body) } else { Err(Error::invalid("body", Problem::TooLong)) }
        }
        None if sending.forward.is_some() => Ok(Body::stored(String::new())),
        None if sending.files.is_empty() => Body::parse(&sending.body),
        None => Body::parse_caption(&sending.body),
    }
}

/// Checks a message, and adds what has to be looked up.
async fn complete(app: &App, sending: &Sending, message: &mut NewMessage) -> Result<()> {
    let (room_id, me) = (message.room_id, message.author_id);
    let card = access::sender(app, room_id, me).await?;
    app.limits.check(Rule::Send, me)?;
    if let Some(source) = sending.forward {
        // What it said may be another text by now, or gone.
        if app.db.message_by_txn(me, message.txn_id).await?.is_some() {
            return Err(Error::Conflict);
        }
        let source = readable(app, me, source).await?.filter(Message::is_countable).ok_or(NO_MESSAGE)?;
        if source.is_bound() {
            return Err(Error::Forbidden);
        }
        message.forwarded_from = Some(source.forwarded_from.unwrap_or(source.author_id));
        files::pass_on(app, &source.attachments).await?;
        message.body = source.body;
        message.attachments = source.attachments;
        // A text that a model wrote goes on as a text.
        message.extra = source.extra.filter(|extra| !matches!(extra, Extra::Answer(_)));
    } else {
        message.mentions = mentions(app, &card, me, &message.body).await?;
        message.attachments = files::attach(app, me, room_id, &sending.files).await?;
    }
    let mut answered = None;
    if let Some(id) = sending.reply_to {
        let found = readable(app, me, id).await?.filter(|found| found.room_id == room_id);
        // Also one that was deleted meanwhile: the answer was written to it.
        let found = found.filter(|found| found.system.is_none()).ok_or(NO_MESSAGE)?;
        message.reply_to = Some(ReplyTo { message_id: found.id, seq: found.seq });
        answered = Some(found);
    }
    if let Some(asked) = &sending.extra {
        message.extra = Some(games::begin(app, &card, me, message.id, asked, answered.as_ref())?);
    }
    let pause_ms = u64::from(card.settings.slow_mode_s) * 1_000;
    if pause_ms > 0
        && card.role(me) == Some(Role::Member)
        && let Some(left) = app.db.take_turn(room_id, me, message.txn_id, Timestamp::now(), pause_ms).await?
    {
        return Err(Error::RateLimited { retry_after_ms: left });
    }
    Ok(())
}

/// A message that someone may read, in any of their rooms.
async fn readable(app: &App, me: UserId, id: MessageId) -> Result<Option<Message>> {
    let Some(message) = app.db.message(id).await? else { return Ok(None) };
    let own = app.db.member(message.room_id, me).await?;
    Ok(own.is_some_and(|own| message.seq > own.floor()).then_some(message))
}

/// Who a text calls: members only, and all of them only by those who may.
pub(super) async fn mentions(app: &App, card: &Card, me: UserId, body: &Body) -> Result<Mentions> {
    let found = markup::mentioned(body.as_str());
    let all = found.all && card.may(me, Act::MentionAll);
    if found.usernames.is_empty() {
        return Ok(Mentions { users: Vec::new(), all });
    }
    let rows = app.db.users_by_name(&found.usernames).await?;
    let mut users: Vec<UserId> = rows.iter().map(|row| row.id).filter(|id| card.has(*id)).collect();
    users.sort_unstable();
    Ok(Mentions { users, all })
}

fn submit(app: &App, message: NewMessage, answer: Answer) {
    let app_then = app.clone();
    let done = move |outcome: Result<Appended, StoreError>| {
        if let Ok(done) = &outcome
            && !done.repeated
        {
            previews::begin(&app_then, &done.message);
            assistant::hear(&app_then, &done.message);
        }
        answer(outcome.map(|done| done.message).map_err(refusal));
    };
    app.log.submit(message, Box::new(done));
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
async fn stored_before(app: &App, message: &NewMessage, sending: &Sending) -> Option<Result<Message>> {
    let stored = app.db.message_by_txn(message.author_id, message.txn_id).await.ok()??;
    // A changed text can no longer be compared, nor one that was taken from elsewhere.
    let files = stored.attachments.iter().map(|file| file.id);
    let is_alike = stored.revision > 1
        || stored.body == message.body
            && files.eq(sending.files.iter().map(|file| file.id))
            && stored.extra.is_some() == sending.extra.is_some();
    let is_same = stored.room_id == message.room_id
        && if sending.forward.is_some() { stored.forwarded_from.is_some() } else { is_alike };
    Some(if is_same { Ok(stored) } else { Err(Error::Conflict) })
}

/// Which part of a room's history is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    Newest,
    Before(Seq),
    After(Seq),
    /// Half of it up to this one, the other half behind it.
    Around(Seq),
}

impl Part {
    fn of(before: Option<Seq>, after: Option<Seq>, around: Option<Seq>) -> Result<Self> {
        match (before, after, around) {
            (None, None, None) => Ok(Self::Newest),
            (Some(seq), None, None) => Ok(Self::Before(seq)),
            (None, Some(seq), None) => Ok(Self::After(seq)),
            (None, None, Some(seq)) => Ok(Self::Around(seq)),
            (_, _, Some(_)) => Err(Error::invalid("around", Problem::OutOfRange)),
            (_, Some(_), None) => Err(Error::invalid("after", Problem::OutOfRange)),
        }
    }
}

/// A page of a room's history; see [`crate::api::rooms::messages`].
pub async fn page(
    app: &App,
    session: &Session,
    room_id: RoomId,
    (before, after, around): (Option<Seq>, Option<Seq>, Option<Seq>),
    limit: Option<u16>,
) -> Result<Page> {
    let part = Part::of(before, after, around)?;
    app.limits.check(Rule::History, session.user_id)?;
    page_of(app, session.user_id, room_id, part, limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX)).await
}

/// [`page`] of checked values, without a limit on how often.
pub async fn page_of(app: &App, user_id: UserId, room_id: RoomId, part: Part, limit: u16) -> Result<Page> {
    // Not from the cache: the floor moves.
    let own = app.db.member(room_id, user_id).await?.ok_or(NO_ROOM)?;
    let floor = own.floor();
    let messages = match part {
        Part::Newest => app.db.page(room_id, floor, None, None, limit).await?,
        Part::Before(seq) => app.db.page(room_id, floor, Some(seq), None, limit).await?,
        Part::After(seq) => app.db.page(room_id, floor, None, Some(seq), limit).await?,
        Part::Around(seq) => {
            let upto = Some(seq.saturating_add(1));
            let (mut older, newer) = tokio::try_join!(
                app.db.page(room_id, floor, upto, None, limit - limit / 2),
                app.db.page(room_id, floor, None, Some(seq), limit / 2)
            )?;
            older.extend(newer);
            older
        }
    };
    // No gaps: the message before the first one is there exactly if the floor is lower.
    let has_older = match (messages.first(), part) {
        (Some(first), _) => first.seq > floor + 1,
        (None, Part::After(after)) => after > floor,
        (None, _) => false,
    };
    let known = if let Part::After(seq) | Part::Around(seq) = part { seq } else { 0 };
    let has_newer = match part {
        Part::Newest => false,
        _ => messages.last().map_or(0, |last| last.seq).max(known) < head(app, room_id).await?,
    };
    let mut page = Page::new(room_id, messages, has_older, has_newer);
    page.quoted = quoted_in(app, room_id, floor, &page.messages).await?;
    page.people = strangers_in(app, room_id, user_id, &page).await?;
    Ok(page)
}

/// The messages that these answer and that are not among them.
async fn quoted_in(app: &App, room_id: RoomId, floor: Seq, messages: &[Message]) -> Result<Vec<Message>> {
    let answered = messages.iter().filter_map(|message| message.reply_to).filter(|reply| reply.seq > floor);
    let mut ids: Vec<MessageId> = answered.map(|reply| reply.message_id).collect();
    ids.retain(|id| !messages.iter().any(|message| message.id == *id));
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() { Ok(Vec::new()) } else { seen_of(app, room_id, floor, &ids).await }
}

/// Those of `ids` that are in a room, above the floor.
async fn seen_of(app: &App, room_id: RoomId, floor: Seq, ids: &[MessageId]) -> Result<Vec<Message>> {
    let mut found = app.db.messages(ids).await?;
    found.retain(|message| message.room_id == room_id && message.seq > floor && message.system.is_none());
    found.sort_unstable_by_key(|message| message.seq);
    Ok(found)
}

/// People whom a page names and whom its reader has in no list.
async fn strangers_in(app: &App, room_id: RoomId, user_id: UserId, page: &Page) -> Result<Vec<Person>> {
    let card = access::member(app, room_id, user_id).await?;
    let listed = &card.members[..card.members.len().min(SMALL_ROOM_MAX)];
    let named = page.messages.iter().chain(&page.quoted).flat_map(|message| {
        let line: &[UserId] = match &message.system {
            Some(SystemLine::Added { users }) => users,
            Some(SystemLine::Removed { user } | SystemLine::Role { user, .. } | SystemLine::Owner { user }) => {
                std::slice::from_ref(user)
            }
            _ => &[],
        };
        let players = match &message.extra {
            Some(Extra::TicTacToe(game)) => [Some(game.challenger), game.opponent],
            _ => [None, None],
        };
        let written = [Some(message.author_id), message.forwarded_from];
        written.into_iter().chain(players).flatten().chain(line.iter().copied())
    });
    let wanted: BTreeSet<UserId> = named.filter(|id| listed.binary_search(id).is_err()).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let (found, blocks) = tokio::join!(access::people(app, wanted), access::blocks(app, user_id));
    let blocks = blocks?;
    let seen = |known: &Known| {
        let mut person = known.person.clone();
        person.status = person.status.filter(|_| !blocks.between(user_id, person.id));
        person
    };
    Ok(found?.values().map(|known| seen(known)).collect())
}

/// See [`crate::api::rooms::quoted`].
pub async fn quoted(app: &App, session: &Session, room_id: RoomId, ids: &str) -> Result<Vec<Message>> {
    app.limits.check(Rule::History, session.user_id)?;
    let ids = ids.split(',').filter(|id| !id.is_empty()).map(MessageId::from_str).collect::<Result<Vec<_>, _>>();
    let ids = ids.map_err(|_| Error::invalid("ids", Problem::BadFormat))?;
    if ids.len() > usize::from(PAGE_MAX) {
        return Err(Error::invalid("ids", Problem::OutOfRange));
    }
    let own = app.db.member(room_id, session.user_id).await?.ok_or(NO_ROOM)?;
    if ids.is_empty() { Ok(Vec::new()) } else { seen_of(app, room_id, own.floor(), &ids).await }
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
    app.hub.bus().publish(|| Notice::Typing { room_id, user_id, on });
    types_here(app, room_id, user_id, on).await
}

/// Tells those of this process that a member of a small room types, or no longer does.
pub(super) async fn types_here(app: &App, room_id: RoomId, user_id: UserId, on: bool) -> Result<()> {
    let blocks = access::blocks(app, user_id).await?;
    let may_hear = |other| other != user_id && !blocks.between(user_id, other);
    app.hub.tell_room_here(room_id, &LiveEvent::Typing { room_id, user_id, on }, may_hear);
    Ok(())
}

/// The newest `seq` of a room.
pub(super) async fn head(app: &App, room_id: RoomId) -> Result<Seq> {
    if let Some(seq) = app.log.heads().get(room_id).filter(|_| !app.db.is_shared()) {
        return Ok(seq);
    }
    let seq = app.db.heads(&[room_id]).await?.first().map_or(0, |(_, seq)| *seq);
    app.log.heads().learn(room_id, seq);
    Ok(seq)
}
