//! What is made of many messages at once: what somebody missed, for them alone; and the summary of what no prompt has room for.
//!
//! Both come second to answers: a model is asked only when it has nothing else to do here, and where it does not answer, rules
//! choose among the members' own words.

use super::answers::{self, Desk};
use super::{memory, usage};
use crate::error::{Error, Result, What};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::catch_up::{CatchUp, CatchUpLine, LINES_MAX, LOOKED_MAX};
use crate::model::memory::{Memory, Summary};
use crate::model::{Message, Person, RoomKind, Seq};
use crate::server::App;
use crate::server::access::{self, Known};
use crate::server::assistant::digest::{self, About, Line, Said};
use crate::server::assistant::prompt::tokens;
use crate::server::limits::Rule;
use crate::server::model::{ChatRequest, Role, Turn};
use crate::server::session::Session;
use crate::time::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How long somebody waits for a model who wants to catch up.
/// Less than a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The newest messages of a room, which prompts have room for.
const TAIL: u64 = 40;
/// So many that are older make a new summary worth it.
const WORTH: u64 = 40;
/// What is older than so many messages before the tail is not summarised.
const REACH: u64 = 200;
/// Messages of one summary.
const FOLDED_MAX: u16 = 60;
const TEMPERATURE: f32 = 0.2;

/// Messages with what is shown of them.
struct Span {
    messages: Vec<Message>,
    told: Vec<(String, String)>,
    people: HashMap<UserId, Arc<Known>>,
    /// Those that answer `me`.
    answers: BTreeSet<MessageId>,
    pins: BTreeSet<MessageId>,
}

impl Span {
    async fn read(app: &App, messages: Vec<Message>, me: Option<UserId>) -> Result<Self> {
        let people =
            access::people(app, messages.iter().map(|message| message.author_id).collect::<BTreeSet<_>>()).await?;
        let asked: Vec<MessageId> = messages.iter().filter_map(|message| Some(message.reply_to?.message_id)).collect();
        let answered = if me.is_some() { app.db.messages(&asked).await? } else { Vec::new() };
        let mine: BTreeSet<MessageId> =
            answered.iter().filter(|message| Some(message.author_id) == me).map(|message| message.id).collect();
        let is_answer = |message: &&Message| message.reply_to.is_some_and(|reply| mine.contains(&reply.message_id));
        let answers = messages.iter().filter(is_answer).map(|message| message.id).collect();
        let room = match messages.first() {
            Some(message) => app.db.room(message.room_id).await?,
            None => None,
        };
        let pins = room.map(|room| room.pins.iter().map(|pin| pin.message_id).collect()).unwrap_or_default();
        let told = messages.iter().map(answers::told).collect();
        Ok(Self { messages, told, people, answers, pins })
    }

    fn said(&self, me: Option<UserId>) -> Vec<Said<'_, MessageId>> {
        self.messages.iter().zip(&self.told).map(|(message, told)| self.one(message, told, me)).collect()
    }

    fn one<'a>(
        &'a self,
        message: &Message,
        (time, text): &'a (String, String),
        me: Option<UserId>,
    ) -> Said<'a, MessageId> {
        let count = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
        let author = self.people.get(&message.author_id).map(|known| &known.person);
        Said {
            key: message.id,
            author: author.map_or("", |author| author.display_name.as_str()),
            time,
            text,
            is_bot: author.is_some_and(|author| author.is_bot),
            names_me: me.is_some_and(|me| message.mentions.names(me)),
            answers_me: self.answers.contains(&message.id),
            reactions: count(message.reactions.iter().map(|reaction| reaction.by.len()).sum()),
            is_pinned: self.pins.contains(&message.id),
            files: count(message.attachments.len()),
        }
    }
}

/// See [`crate::api::memory::catch_up`].
pub async fn catch_up(app: &App, session: &Session, room_id: RoomId, after: Seq) -> Result<CatchUp> {
    let me = session.user_id;
    app.limits.check(Rule::History, me)?;
    let card = access::member(app, room_id, me).await?;
    let own = app.db.member(room_id, me).await?.ok_or(Error::NotFound { what: What::Room })?;
    let floor = own.floor().max(after);
    let ids = [room_id];
    let (messages, prefs, blocks) = tokio::join!(
        app.db.page(room_id, floor, None, None, LOOKED_MAX),
        app.db.prefs(&ids, me),
        access::blocks(app, me)
    );
    let (mut messages, blocks) = (messages?, blocks?);
    let hidden: Vec<Seq> = prefs?.into_iter().flat_map(|(_, prefs)| prefs.hidden).collect();
    let earlier = messages.first().map_or(0, |first| first.seq.saturating_sub(floor + 1));
    // As they are shown: in groups nothing of those whom they blocked.
    let is_blocked = |message: &Message| card.kind == RoomKind::Group && blocks.made(me, message.author_id);
    messages.retain(|message| {
        message.is_countable() && message.author_id != me && !hidden.contains(&message.seq) && !is_blocked(message)
    });
    let looked_at = u32::try_from(messages.len()).unwrap_or(u32::MAX);
    let span = Span::read(app, messages, Some(me)).await?;
    let by_model = match &app.answers {
        Some(desk) if !span.messages.is_empty() => asked_for(app, desk, (room_id, me), &card, &span).await,
        _ => None,
    };
    let (lines, model) = match by_model {
        Some(lines) => (lines, app.answers.as_ref().map(|desk| desk.model().to_owned())),
        None => (digest::highlights(&span.said(Some(me)), LINES_MAX), None),
    };
    let line = |Line { key, text }: Line<MessageId>| {
        let message = span.messages.iter().find(|message| message.id == key)?;
        let (seq, author_id, at) = (message.seq, message.author_id, message.created_at);
        Some(CatchUpLine { message_id: key, seq, author_id, at, text })
    };
    let mut lines: Vec<CatchUpLine> = lines.into_iter().filter_map(line).collect();
    lines.sort_by_key(|line| line.seq);
    let named: BTreeSet<UserId> = lines.iter().map(|line| line.author_id).collect();
    let mut people: Vec<Person> =
        span.people.iter().filter(|(id, _)| named.contains(id)).map(|(_, known)| known.person.clone()).collect();
    people.sort_unstable_by_key(|person| person.id);
    Ok(CatchUp { lines, looked_at, earlier: u32::try_from(earlier).unwrap_or(u32::MAX), model, people })
}

/// The lines of a model, where the assistant is in the room, and of what it may read. `None`: it has none.
async fn asked_for(
    app: &App,
    desk: &Desk,
    (room_id, me): (RoomId, UserId),
    card: &access::Card,
    span: &Span,
) -> Option<Vec<Line<MessageId>>> {
    let assistant = app.assistant.get().copied().filter(|assistant| card.has(*assistant))?;
    if app.limits.take(Rule::Ask, me).await.is_err() {
        return None;
    }
    let floor = app.db.member(room_id, assistant).await.ok()??.floor();
    let memory = memory::of(app, room_id).await.ok()?;
    let may_read: BTreeSet<MessageId> = span
        .messages
        .iter()
        .filter(|message| message.seq > floor && !is_hidden(&memory, message))
        .map(|message| message.id)
        .collect();
    let mut said = span.said(Some(me));
    said.retain(|said| may_read.contains(&said.key));
    let name = access::people(app, [me]).await.ok()?.get(&me)?.person.display_name.clone();
    let today = answers::date(Timestamp::now());
    let context = desk.correction().fitting(desk.context());
    let asked = digest::catch_up_prompt(&said, &name, &today, context, desk.canary(), LINES_MAX);
    if asked.keys.is_empty() {
        return None;
    }
    let texts = (asked.system.clone(), asked.user.clone());
    let raw = aside(app, (Some(me), room_id), texts, asked.max_tokens).await?;
    let lines = digest::catch_up_lines(&raw, &asked, desk.canary(), LINES_MAX);
    (!lines.is_empty()).then_some(lines)
}

fn is_hidden(memory: &Memory, message: &Message) -> bool {
    message.is_hidden_from_assistant || memory.hides(message.author_id)
}

/// One question beside the answers, counted as they are, also when nobody waits for it any more. `None`: there is no answer.
async fn aside(
    app: &App,
    of: (Option<UserId>, RoomId),
    (system, user): (String, String),
    max_tokens: u32,
) -> Option<String> {
    let turn = |role, content| Turn { role, content };
    let request = ChatRequest {
        messages: vec![turn(Role::System, system), turn(Role::User, user)],
        max_tokens,
        temperature: Some(TEMPERATURE),
        ..ChatRequest::default()
    };
    let app = app.clone();
    tokio::spawn(async move {
        let (Some(desk), Some(model)) = (&app.answers, &app.config.model) else { return None };
        let _turn = desk.spare_turn()?;
        let read = u64::from(desk.correction().corrected(answers::tokens_of(&request)));
        let reserved = usage::reserve(&app, model, of, read + u64::from(max_tokens)).await.ok()??;
        let answer = tokio::time::timeout(PATIENCE, desk.aside(request)).await;
        let (read, written) = match &answer {
            Ok(Some(answer)) => match answer.usage {
                Some(used) => (used.prompt_tokens.into(), used.answer_tokens.into()),
                None => (read, u64::from(tokens::count(&answer.text))),
            },
            // It failed at once, or was still at it.
            Ok(None) => (0, 0),
            Err(_) => (read, 0),
        };
        usage::settle(&app, reserved, read, written).await;
        answer.ok().flatten().map(|answer| answer.text)
    })
    .await
    .ok()
    .flatten()
}

/// Folds what no prompt of a room has room for any more into its summary, if there is enough of it. Nobody waits for it.
pub(super) fn fold_soon(app: &App, room_id: RoomId) {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = fold(&app, room_id).await {
            tracing::warn!(room.id = %room_id, %error, "a room was not summarised");
        }
    });
}

async fn fold(app: &App, room_id: RoomId) -> Result<()> {
    let (Some(desk), Some(me)) = (&app.answers, app.assistant.get().copied()) else { return Ok(()) };
    // Before anything is read: what is taken back from now on makes this vain.
    let before = memory::of(app, room_id).await?;
    let Some(own) = app.db.member(room_id, me).await? else { return Ok(()) };
    let head = app.db.heads(&[room_id]).await?.first().map_or(0, |(_, head)| *head);
    let upto = head.saturating_sub(TAIL);
    let done = before.summary.as_ref().map_or(0, |summary| summary.upto);
    let start = own.floor().max(done).max(upto.saturating_sub(REACH));
    if !before.is_on || upto.saturating_sub(start) < WORTH {
        return Ok(());
    }
    let mut messages = app.db.page(room_id, start, None, Some(start), FOLDED_MAX).await?;
    messages.retain(|message| message.seq <= upto);
    let Some(last) = messages.last().map(|message| message.seq) else { return Ok(()) };
    messages.retain(|message| message.is_countable() && !is_hidden(&before, message));
    // What is left out of it in between is as if it had been summarised.
    let old = before.summary.as_ref().filter(|summary| summary.upto >= start);
    let from = old.map_or(start + 1, |old| old.from);
    if messages.is_empty() {
        // Nothing to tell: what there is goes further.
        return match old {
            Some(old) => memory::summarise(app, &before, Summary { upto: last, ..old.clone() }).await,
            None => Ok(()),
        };
    }
    let span = Span::read(app, messages, None).await?;
    let said = span.said(None);
    let room = app.db.room(room_id).await?.and_then(|room| room.name).unwrap_or_default();
    let today = answers::date(Timestamp::now());
    let about = About { assistant: super::assistant::DISPLAY_NAME, room: &room, today: &today, canary: desk.canary() };
    let old_text = old.map(|old| old.text.as_str());
    let context = desk.correction().fitting(desk.context());
    let asked = digest::summary_prompt(old_text, &said, &about, context);
    let texts = (asked.system.clone(), asked.user.clone());
    let raw = aside(app, (None, room_id), texts, asked.max_tokens).await;
    let by_model = raw.and_then(|raw| digest::summary_text(&raw, desk.canary()));
    let (text, model, used) = match by_model {
        Some(text) => (text, Some(desk.model().to_owned()), asked.used),
        None => match digest::extract(old_text, &said) {
            Some(text) => (text, None, said.len()),
            None => return Ok(()),
        },
    };
    let upto = if used >= said.len() { last } else { span.messages.get(used).map_or(last, |next| next.seq - 1) };
    let summary = Summary { text, from, upto, at: Timestamp::now(), model };
    // What was taken back while it was made must not be in it; and not either what is while it is stored.
    if !taken_back(app, &span.messages).await?.is_empty() {
        return Ok(());
    }
    memory::summarise(app, &before, summary).await?;
    match taken_back(app, &span.messages).await? {
        gone if gone.is_empty() => Ok(()),
        gone => memory::part_with(app, room_id, &gone).await,
    }
}

/// Those of these messages that say something else now, or nothing any more, or not to the assistant.
async fn taken_back(app: &App, messages: &[Message]) -> Result<Vec<(MessageId, Seq)>> {
    let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
    let now: HashMap<MessageId, Message> =
        app.db.messages(&ids).await?.into_iter().map(|message| (message.id, message)).collect();
    let is_same = |message: &&Message| {
        now.get(&message.id)
            .is_some_and(|now| now.deleted.is_none() && !now.is_hidden_from_assistant && now.body == message.body)
    };
    Ok(messages.iter().filter(|message| !is_same(message)).map(|message| (message.id, message.seq)).collect())
}
