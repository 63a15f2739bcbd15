//! What the assistant keeps of a room, as [`crate::model::memory`] says: changed by its members, and by the assistant when
//! one of them asks it to.
//!
//! Every change is a compare-and-set of the whole; it is small. What was made of a message goes with the message: so that
//! nothing of it stays whenever a process ends, it goes before the message does, and again after it, as something may have
//! been made of it in between.

use super::{assistant, changes, groups};
use crate::error::{Error, Problem, Result, What};
use crate::id::{MessageId, NoteId, RoomId, UserId};
use crate::live::LiveEvent;
use crate::model::memory::{Actor, Reader, Source, Summary};
use crate::model::{
    Body, Extra, Memory, MemoryAct, MemoryView, Message, Note, NoteCard, Person, ReplyTo, Role, SeenView, Seq,
};
use crate::server::access::{self, Card};
use crate::server::assistant::notes;
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::NewMessage;
use crate::server::{App, service::games};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };
/// The part of [`groups::txn_of`] that the message about a note has.
const CARD: &str = "note";

/// Of a room, also one of which nothing was ever kept.
pub(super) async fn of(app: &App, room_id: RoomId) -> Result<Memory> {
    Ok(app.db.memory(room_id).await?.unwrap_or_else(|| Memory::new(room_id)))
}

/// See [`crate::api::memory::memory`].
pub async fn view(app: &App, session: &Session, room_id: RoomId) -> Result<MemoryView> {
    app.limits.check(Rule::History, session.user_id)?;
    let own = app.db.member(room_id, session.user_id).await?.ok_or(NO_ROOM)?;
    let memory = of(app, room_id).await?;
    shown(app, memory, own.floor()).await
}

/// What is kept of a room, for somebody who sees what is behind `floor`.
pub(super) async fn seen_by(app: &App, room_id: RoomId, floor: Seq) -> Result<Memory> {
    let mut memory = of(app, room_id).await?;
    memory.summary = memory.summary.filter(|summary| summary.from > floor);
    Ok(memory)
}

/// A memory as somebody sees it who sees what is behind `floor`: who came later reads no summary of what was before.
async fn shown(app: &App, mut memory: Memory, floor: Seq) -> Result<MemoryView> {
    memory.summary = memory.summary.filter(|summary| summary.from > floor);
    let named: BTreeSet<UserId> =
        memory.notes.iter().map(|note| note.by).chain(memory.hiders.iter().copied()).collect();
    let people = people(app, named).await?;
    let model = app.config.model.as_ref();
    let reader = model
        .map(|model| Reader { model: model.name.clone(), host: (!model.is_local()).then(|| model.host().to_owned()) });
    Ok(MemoryView { memory, reader, people })
}

async fn people(app: &App, named: BTreeSet<UserId>) -> Result<Vec<Person>> {
    let known = access::people(app, named).await?;
    let mut people: Vec<Person> = known.values().map(|known| known.person.clone()).collect();
    people.sort_unstable_by_key(|person| person.id);
    Ok(people)
}

/// See [`crate::api::memory::change_memory`].
pub async fn act(app: &App, session: &Session, room_id: RoomId, mut act: MemoryAct) -> Result<MemoryView> {
    let me = session.user_id;
    app.limits.check(Rule::Change, me)?;
    let card = match &act {
        // These take something back, so a block or a mute does not stand in their way.
        MemoryAct::Forget { .. } | MemoryAct::ForgetAll | MemoryAct::Hide { .. } => {
            access::member(app, room_id, me).await?
        }
        _ => access::sender(app, room_id, me).await?,
    };
    let own = app.db.member(room_id, me).await?.ok_or(NO_ROOM)?;
    if let MemoryAct::Add { text } | MemoryAct::Edit { text, .. } = &mut act {
        *text = notes::clean(text).map_err(|problem| {
            let problem = match problem {
                notes::Problem::Empty => Problem::Missing,
                notes::Problem::TooLong => Problem::TooLong,
            };
            Error::invalid("text", problem)
        })?;
    }
    let known = access::people(app, [me]).await?;
    let person = &known.get(&me).ok_or(Error::Unauthenticated)?.person;
    let actor = Actor { person, leads: leads(&card, me) };
    let now = Timestamp::now();
    let (before, after) = change(app, room_id, |memory| memory.apply(&act, actor, now)).await?;
    let is_kept = |note: &&Note| after.note(note.id).is_some();
    for note in before.notes.iter().filter(|note| !is_kept(note)) {
        fade(app, note.id).await?;
    }
    if let MemoryAct::Forget { note } = &act {
        // Also of one that was forgotten before: that process may have ended in between.
        fade(app, *note).await?;
    }
    for note in after.notes.iter().filter(|note| before.note(note.id).is_none_or(|old| old.text != note.text)) {
        announce(app, &card, note, None).await?;
    }
    shown(app, after, own.floor()).await
}

/// Whether somebody decides for the room: the owner and the admins of a group, and each of two.
fn leads(card: &Card, me: UserId) -> bool {
    card.peer(me).is_some() || card.role(me).is_some_and(|role| role > Role::Member)
}

/// Keeps a text that a member asked the assistant to keep, and says so in the room. Harmless when repeated.
///
/// # Errors
/// As [`Memory::add`].
pub(super) async fn remember(app: &App, card: &Card, question: &Message, text: &str) -> Result<()> {
    let note = Note {
        // The same however often it is tried.
        id: NoteId(groups::txn_of(question.id.0, CARD).0),
        text: text.to_owned(),
        by: question.author_id,
        at: Timestamp::now(),
        source: Some(Source { message_id: question.id, seq: question.seq }),
        is_pinned: false,
    };
    change(app, question.room_id, |memory| match memory.note(note.id) {
        Some(_) => Ok(false),
        None => memory.add(note.clone()).map(|()| true),
    })
    .await?;
    announce(app, card, &note, Some(question)).await?;
    // Taken back meanwhile: what that took away may be what came after it.
    match app.db.message(question.id).await? {
        Some(message) if message.is_countable() && !message.is_hidden_from_assistant => Ok(()),
        _ => part_with(app, question.room_id, &[(question.id, question.seq)]).await,
    }
}

/// Forgets a note for somebody who may. Returns whether it was there.
///
/// # Errors
/// [`Error::Forbidden`].
pub(super) async fn forget(app: &App, card: &Card, by: &Person, note: NoteId) -> Result<bool> {
    let actor = Actor { person: by, leads: leads(card, by.id) };
    let act = MemoryAct::Forget { note };
    let (before, after) = change(app, card.id, |memory| memory.apply(&act, actor, Timestamp::now())).await?;
    fade(app, note).await?;
    Ok(before.notes.len() > after.notes.len())
}

/// These messages are not for the assistant any more, or are going to be gone: what was made of them goes.
///
/// # Errors
/// Those of the store.
pub(super) async fn part_with(app: &App, room_id: RoomId, messages: &[(MessageId, Seq)]) -> Result<()> {
    if app.db.memory(room_id).await?.is_none() {
        return Ok(());
    }
    let mut gone = Vec::new();
    change(app, room_id, |memory| {
        let (parted, has_changed) = memory.part_with(messages);
        gone = parted;
        Ok(has_changed)
    })
    .await?;
    for note in gone {
        fade(app, note.id).await?;
    }
    Ok(())
}

/// A message says something else now: a summary of what it said goes.
///
/// # Errors
/// Those of the store.
pub(super) async fn outdate(app: &App, room_id: RoomId, seq: Seq) -> Result<()> {
    if app.db.memory(room_id).await?.is_some_and(|memory| memory.summary.is_some()) {
        change(app, room_id, |memory| Ok(memory.outdate(&[seq]))).await?;
    }
    Ok(())
}

/// Keeps a summary, unless anything has changed since `before`: something that it says may have been taken back.
///
/// # Errors
/// Those of the store.
pub(super) async fn summarise(app: &App, before: &Memory, summary: Summary) -> Result<()> {
    let revision = before.revision.saturating_add(1);
    let after = Memory { revision, summary: Some(summary), ..before.clone() };
    if app.db.set_memory(&after).await? {
        tell(app, &after).await?;
    }
    Ok(())
}

async fn tell(app: &App, memory: &Memory) -> Result<()> {
    let (room_id, revision) = (memory.room_id, memory.revision);
    let card = match access::known_card(app, room_id) {
        Some(card) => Some(card),
        None => access::refreshed(app, room_id).await?,
    };
    if let Some(card) = card {
        // Whoever is a member may know it, whenever they joined.
        app.hub.tell_seeing(&card, Seq::MAX, &LiveEvent::Memory { room_id, revision });
    }
    Ok(())
}

/// Nothing is kept of a room any more, but for whose messages are not to be read.
pub(super) async fn forget_all(app: &App, room_id: RoomId) -> Result<()> {
    if app.db.memory(room_id).await?.is_none() {
        return Ok(());
    }
    let (before, _) = change(app, room_id, |memory| {
        let has_any = !memory.notes.is_empty() || memory.summary.is_some();
        memory.notes.clear();
        memory.summary = None;
        Ok(has_any)
    })
    .await?;
    for note in before.notes {
        fade(app, note.id).await?;
    }
    Ok(())
}

/// What somebody had kept of a room goes.
pub(super) async fn take_notes(app: &App, room_id: RoomId, by: UserId) -> Result<()> {
    if app.db.memory(room_id).await?.is_none() {
        return Ok(());
    }
    let mut gone = Vec::new();
    change(app, room_id, |memory| {
        gone = memory.notes.iter().filter(|note| note.by == by).map(|note| note.id).collect();
        memory.notes.retain(|note| note.by != by);
        Ok(!gone.is_empty())
    })
    .await?;
    for note in gone {
        fade(app, note).await?;
    }
    Ok(())
}

/// Makes a change and tells the room. What was there before, and what is there now.
pub(super) async fn change(
    app: &App,
    room_id: RoomId,
    mut change: impl FnMut(&mut Memory) -> Result<bool>,
) -> Result<(Memory, Memory)> {
    for pause_ms in games::PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let before = of(app, room_id).await?;
        let mut after = before.clone();
        if !change(&mut after)? {
            return Ok((before, after));
        }
        after.revision = before.revision.saturating_add(1);
        if app.db.set_memory(&after).await? {
            tell(app, &after).await?;
            return Ok((before, after));
        }
        // Somebody else was faster: what that leaves is looked at anew.
    }
    Err(Error::Conflict)
}

/// Says in the room what is kept from now on, as the assistant, if it is there. One message for one note: what it said before
/// is replaced.
async fn announce(app: &App, card: &Card, note: &Note, asked: Option<&Message>) -> Result<()> {
    let Some(me) = app.assistant.get().copied().filter(|me| card.has(*me)) else { return Ok(()) };
    let mut message = NewMessage::text(card.id, me, groups::txn_of(note.id.0, CARD), Body::stored(String::new()));
    let said = NoteCard { note: note.id, by: note.by, text: Some(note.text.clone()) };
    message.extra = Some(Extra::Note(said.clone()));
    if let Some(asked) = asked.filter(|_| card.peer(me).is_none()) {
        message.reply_to = Some(ReplyTo { message_id: asked.id, seq: asked.seq });
    }
    let appended = app.log.append(message).await?;
    if appended.repeated {
        say(app, appended.message, &said).await?;
    }
    // Changed or forgotten meanwhile, which could not be said before this was.
    match of(app, card.id).await?.note(note.id) {
        None => fade(app, note.id).await,
        Some(now) if now.text != note.text => {
            let said = NoteCard { text: Some(now.text.clone()), ..said };
            match app.db.message_by_txn(me, groups::txn_of(note.id.0, CARD)).await? {
                Some(message) => say(app, message, &said).await,
                None => Ok(()),
            }
        }
        Some(_) => Ok(()),
    }
}

/// The message about a note says no more what it was.
async fn fade(app: &App, note: NoteId) -> Result<()> {
    let txn_id = groups::txn_of(note.0, CARD);
    let Some(message) = app.db.message_by_txn(assistant::ID, txn_id).await? else { return Ok(()) };
    let Some(Extra::Note(card)) = &message.extra else { return Ok(()) };
    let said = NoteCard { text: None, ..card.clone() };
    say(app, message, &said).await
}

async fn say(app: &App, mut message: Message, said: &NoteCard) -> Result<()> {
    for pause_ms in games::PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let is_said = matches!(&message.extra, Some(Extra::Note(card)) if card == said);
        if !message.is_countable() || is_said {
            return Ok(());
        }
        let extra = Extra::Note(said.clone());
        if let Some(changed) = app.db.set_extra(message.id, message.revision, &extra).await? {
            return changes::tell(app, &changed).await;
        }
        message = app.db.message(message.id).await?.ok_or(NO_MESSAGE)?;
    }
    Err(Error::Conflict)
}

/// See [`crate::api::memory::hide_message`].
pub async fn hide_message(
    app: &App,
    session: &Session,
    room_id: RoomId,
    message_id: MessageId,
    on: bool,
) -> Result<()> {
    let me = session.user_id;
    app.limits.check(Rule::Change, me)?;
    let (_, message) = changes::visible(app, me, room_id, message_id).await?;
    if message.author_id != me {
        return Err(Error::Forbidden);
    }
    if !message.is_countable() {
        return Err(Error::Conflict);
    }
    let made_of = [(message_id, message.seq)];
    if on {
        part_with(app, room_id, &made_of).await?;
    }
    if let Some(changed) = app.db.hide_from_assistant(message_id, on).await? {
        changes::tell(app, &changed).await?;
    }
    if on { part_with(app, room_id, &made_of).await } else { Ok(()) }
}

/// See [`crate::api::memory::seen`].
pub async fn seen(app: &App, session: &Session, room_id: RoomId, message_id: MessageId) -> Result<SeenView> {
    app.limits.check(Rule::History, session.user_id)?;
    let (own, message) = changes::visible(app, session.user_id, room_id, message_id).await?;
    let seen = match &message.extra {
        Some(Extra::Answer(_)) => app.db.seen(message_id).await?.ok_or(NO_MESSAGE)?,
        _ => return Err(Error::invalid("message_id", Problem::NoMatch)),
    };
    let memory = of(app, room_id).await?;
    let mut found = app.db.messages(&seen.messages).await?;
    let (card, prefs, blocks) = tokio::join!(
        access::member(app, room_id, session.user_id),
        app.db.prefs(std::slice::from_ref(&room_id), session.user_id),
        access::blocks(app, session.user_id)
    );
    let (card, blocks) = (card?, blocks?);
    let hidden: Vec<Seq> = prefs?.into_iter().flat_map(|(_, prefs)| prefs.hidden).collect();
    // As they are shown elsewhere: not what the reader deleted for themselves, nor, in groups, what those wrote whom they blocked.
    found.retain(|found| {
        let is_there = found.room_id == room_id && found.seq > own.floor() && found.deleted.is_none();
        let is_blocked = card.peer(session.user_id).is_none() && blocks.made(session.user_id, found.author_id);
        is_there && !is_blocked && !hidden.contains(&found.seq)
    });
    let message_of = |id: &MessageId| found.iter().find(|found| found.id == *id).cloned();
    let messages: Vec<Message> = seen.messages.iter().filter_map(message_of).collect();
    let notes: Vec<Note> = seen.notes.iter().filter_map(|id| memory.note(*id).cloned()).collect();
    let is_same = |summary: &Summary| Some(summary.at) == seen.summary && summary.from > own.floor();
    let summary = memory.summary.filter(is_same).map(|summary| summary.text);
    let named = messages.iter().map(|message| message.author_id).chain(notes.iter().map(|note| note.by)).collect();
    let people = people(app, named).await?;
    Ok(SeenView { seen, messages, notes, summary, people })
}
