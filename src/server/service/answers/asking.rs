//! What a model is asked for an answer, and how what it writes is read.

use super::{Desk, count, hands};
use crate::error::{Error, Result};
use crate::id::{MessageId, NoteId, UserId};
use crate::model::memory::{Note, Summary};
use crate::model::{Extra, Memory, Message, Person, Role, Seen, Seq};
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::assistant::prompt::answer::{self, Rules, Segment};
use crate::server::assistant::prompt::{self, Fact, Input, Item, Prompt, Role as Standing, State};
use crate::server::model::{ChatRequest, Role as Of, Turn};
use crate::server::service::assistant::DISPLAY_NAME;
use crate::server::service::memory;
use crate::server::store::StoreError;
use crate::time::{Timestamp, civil};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Messages that are looked at for a prompt; see [`Input::items`].
const READ_MAX: u16 = 56;
/// Steady, and not always the same.
const TEMPERATURE: f32 = 0.4;
/// Tokens that stay free for the schemas of tools, and for what a search brings.
const TOOLS_TOKENS: u32 = 1_200;
const TOLD_HEAD: &str = "What tools did (data):";

/// A prompt, and how the answer to it is read.
pub(super) struct Asking {
    pub(super) prompt: Prompt<MessageId, NoteId>,
    pub(super) seen: Seen,
    pub(super) question: Message,
    pub(super) asker: UserId,
    /// The assistant.
    pub(super) me: UserId,
    /// What is behind it is what both may read.
    pub(super) floor: Seq,
    /// Of each message that the model may refer to: what is said of it, its author; and whether it is the assistant's.
    names: Vec<String>,
    pub(super) own: Vec<bool>,
    hiders: Vec<UserId>,
    canary: String,
}

impl Asking {
    /// What may be shown of an answer that still grows.
    pub(super) fn shown(&self, raw: &str) -> String {
        self.text(&answer::so_far(raw, &self.rules()))
    }

    pub(super) fn finished(&self, raw: &str) -> String {
        let read = answer::finished(raw, &self.rules());
        if read.has_canary {
            tracing::warn!("an answer named the word that no answer may name: somebody asked for the instructions");
        }
        self.text(&read)
    }

    /// What is sent, with lines of what tools have brought.
    pub(super) fn request(&self, told: &[String]) -> ChatRequest {
        let turn = |role, content: String| Turn { role, content };
        let Prompt { system, transcript, question, max_tokens, .. } = &self.prompt;
        let told = if told.is_empty() { String::new() } else { format!("\n{TOLD_HEAD}\n{}", told.join("\n")) };
        ChatRequest {
            messages: vec![
                turn(Of::System, system.clone()),
                // One, as some templates refuse two of the same side.
                turn(Of::User, format!("{transcript}{told}\n\n{question}")),
            ],
            max_tokens: *max_tokens,
            temperature: Some(TEMPERATURE),
            ..ChatRequest::default()
        }
    }

    /// Adds messages that were searched for, where they are not there yet. Their lines for the model.
    pub(super) async fn add(&mut self, app: &App, card: &Card, found: &[Message]) -> Result<Vec<String>> {
        let people =
            access::people(app, found.iter().map(|message| message.author_id).collect::<BTreeSet<_>>()).await?;
        let told: Vec<(String, String)> = found.iter().map(told_with_day).collect();
        let author = |message: &Message| people.get(&message.author_id).map(|known| &known.person);
        let items: Vec<Item<'_, MessageId>> = found
            .iter()
            .zip(&told)
            .map(|(message, told)| item(card, self.me, message, told, (author(message), self.hides(message))))
            .collect();
        let known = self.prompt.messages.len();
        let lines = prompt::found(&mut self.prompt, &items, DISPLAY_NAME);
        for key in self.prompt.messages.iter().skip(known) {
            let item = items.iter().find(|item| item.key == *key);
            self.names.push(item.map_or(String::new(), name_of));
            self.own.push(item.is_some_and(|item| item.role == Standing::Assistant));
            self.seen.messages.push(*key);
        }
        Ok(lines)
    }

    /// Whether its author does not want the assistant to read it.
    pub(super) fn hides(&self, message: &Message) -> bool {
        message.is_hidden_from_assistant || self.hiders.contains(&message.author_id)
    }

    fn rules(&self) -> Rules<'_> {
        let (messages, hosts) = (self.prompt.messages.len(), &self.prompt.hosts);
        Rules { assistant: DISPLAY_NAME, messages, hosts, canary: &self.canary }
    }

    fn text(&self, read: &answer::Answer) -> String {
        let said = |segment: &Segment| match segment {
            Segment::Text(text) => text.clone(),
            Segment::Address(address) => answer::inert(address),
            Segment::Message(number) => {
                let name = number.checked_sub(1).and_then(|place| self.names.get(place));
                name.cloned().unwrap_or_default()
            }
        };
        read.segments.iter().map(said).collect()
    }
}

/// What the model is asked, from what both the assistant and who asks may read of the room up to the question: who came later,
/// or cleared the chat, is told nothing of what was before. `None`: the question is gone.
pub(super) async fn asking(app: &App, desk: &Desk, message: &Message) -> Result<Option<Asking>> {
    let (room_id, me) = (message.room_id, message.author_id);
    let Some(Extra::Answer(of)) = &message.extra else { return Ok(None) };
    let card = access::sender(app, room_id, me).await?;
    let (own, asker, question, memory) =
        tokio::try_join!(app.db.member(room_id, me), app.db.member(room_id, of.asker), app.db.message(of.to), async {
            memory::of(app, room_id).await.map_err(|error| StoreError::Other(error.to_string()))
        })?;
    let (Some(own), Some(asker)) = (own, asker) else { return Ok(None) };
    let floor: Seq = own.floor().max(asker.floor());
    let Some(question) = question.filter(|question| question.is_countable() && question.seq > floor) else {
        return Ok(None);
    };
    let before = question.seq.saturating_add(1);
    let (mut read, quoted, room) = tokio::try_join!(
        app.db.page(room_id, floor, Some(before), None, READ_MAX),
        async {
            match question.reply_to.filter(|reply| reply.seq > floor) {
                Some(reply) => app.db.message(reply.message_id).await,
                None => Ok(None),
            }
        },
        app.db.room(room_id)
    )?;
    read.retain(|message| message.system.is_none());
    let shown = read.iter().chain(&quoted).chain([&question]);
    let people = access::people(app, shown.map(|message| message.author_id).collect::<BTreeSet<_>>()).await?;
    let texts: Vec<(String, String)> = read.iter().chain(&quoted).chain([&question]).map(told).collect();
    let shown = read.iter().chain(&quoted).chain([&question]).zip(&texts);
    let all: Vec<Item<'_, MessageId>> = shown
        .map(|(message, told)| {
            let author = people.get(&message.author_id).map(|known| &known.person);
            item(&card, me, message, told, (author, memory.hides(message.author_id)))
        })
        .collect();
    let (asked, before) = all.split_last().ok_or(Error::Conflict)?;
    let (items, quoted) = before.split_at(read.len());
    let is_direct = card.peer(me).is_some();
    let today = date(question.created_at);
    let authors = access::people(app, memory.notes.iter().map(|note| note.by).collect::<BTreeSet<_>>()).await?;
    let kept = kept(&memory, &authors, floor);
    let summary = kept.summary.map(|summary| summary.text.as_str());
    let lines: Vec<&str> = hands::lines(desk.caps(), of.attempt);
    // What tools are told with, and what they bring, is not counted in the prompt.
    let kept_free = if lines.is_empty() { 0 } else { TOOLS_TOKENS };
    let context_tokens = desk.limits.context.saturating_sub(kept_free).max(prompt::CONTEXT_MIN);
    let built = prompt::build(&Input {
        assistant: DISPLAY_NAME,
        room: room.as_ref().and_then(|room| room.name.as_deref()).unwrap_or(""),
        today: &today,
        tools: &lines,
        persona: "",
        canary: &desk.canary,
        facts: &kept.facts,
        summary,
        items,
        quoted: quoted.first(),
        question: asked,
        context_tokens,
        output_tokens: if is_direct { desk.limits.answer.saturating_mul(2) } else { desk.limits.answer },
        correction: desk.correction(),
    });
    let of_key = |id: &MessageId| all.iter().find(|item| item.key == *id);
    let names = built.messages.iter().map(|id| of_key(id).map_or(String::new(), name_of)).collect();
    let own = built.messages.iter().map(|id| of_key(id).is_some_and(|item| item.role == Standing::Assistant)).collect();
    let hidden: BTreeSet<MessageId> =
        before.iter().filter(|item| item.state == State::Hidden).map(|item| item.key).collect();
    let (hidden, messages): (Vec<MessageId>, Vec<MessageId>) =
        built.messages.iter().partition(|id| hidden.contains(*id) && **id != question.id);
    let model = app.config.model.as_ref();
    let seen = Seen {
        at: Timestamp::now(),
        model: desk.model().to_owned(),
        host: model.filter(|model| !model.is_local()).map(|model| model.host().to_owned()),
        messages,
        hidden: count(hidden.len()),
        notes: built.facts.clone(),
        summary: kept.summary.filter(|_| built.has_summary).map(|summary| summary.at),
    };
    Ok(Some(Asking {
        prompt: built,
        seen,
        asker: of.asker,
        me,
        floor,
        names,
        own,
        hiders: memory.hiders,
        canary: desk.canary.clone(),
        question,
    }))
}

/// What of a memory is for a prompt.
struct Kept<'a> {
    facts: Vec<Fact<'a, NoteId>>,
    summary: Option<&'a Summary>,
}

/// Names of those whose notes are kept.
type Authors = HashMap<UserId, Arc<access::Known>>;

/// Nothing while it is switched off. The summary is for those who may read all that it covers.
fn kept<'a>(memory: &'a Memory, authors: &'a Authors, floor: Seq) -> Kept<'a> {
    let name = |id: &UserId| authors.get(id).map_or("", |known| known.person.display_name.as_str());
    let fact =
        |note: &'a Note| Fact { key: note.id, author: name(&note.by), text: &note.text, is_pinned: note.is_pinned };
    let notes = memory.notes.iter().filter(|_| memory.is_on);
    let summary = memory.summary.as_ref().filter(|summary| memory.is_on && summary.from > floor);
    Kept { facts: notes.map(fact).collect(), summary }
}

/// As it is referred to.
fn name_of(item: &Item<'_, MessageId>) -> String {
    item.author.chars().take(answer::REFERENCE_CHARS).collect()
}

/// [`told`] with the day: what is searched for may be old.
fn told_with_day(message: &Message) -> (String, String) {
    let (time, text) = told(message);
    (format!("{} {time}", date(message.created_at)), text)
}

/// When a message was written, and what it says.
pub(in crate::server::service) fn told(message: &Message) -> (String, String) {
    let minutes = message.created_at.0.div_euclid(60_000).rem_euclid(24 * 60);
    let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let text = message.body.as_str();
    let beside = match &message.extra {
        _ if !text.is_empty() => String::new(),
        Some(Extra::Gif(gif)) => format!("[GIF: {}]", gif.title),
        Some(Extra::Answer(_)) => "[no answer]".to_owned(),
        Some(Extra::Note(_)) => "[a note]".to_owned(),
        Some(_) => "[a game]".to_owned(),
        None if !message.attachments.is_empty() => "[files]".to_owned(),
        None => String::new(),
    };
    (time, format!("{text}{beside}"))
}

fn item<'a>(
    card: &Card,
    me: UserId,
    message: &Message,
    (time, text): &'a (String, String),
    (author, hides): (Option<&'a Person>, bool),
) -> Item<'a, MessageId> {
    let role = role(card, me, message, author.is_some_and(|author| author.is_bot));
    let state = match (message.deleted, message.edited_at) {
        (Some(_), _) => State::Deleted,
        _ if hides || message.is_hidden_from_assistant => State::Hidden,
        (None, Some(_)) => State::Edited,
        (None, None) => State::Written,
    };
    let author = author.map_or("", |author| author.display_name.as_str());
    Item { key: message.id, seq: message.seq, author, role, time, text, state }
}

fn role(card: &Card, me: UserId, message: &Message, is_bot: bool) -> Standing {
    match card.role(message.author_id) {
        _ if message.author_id == me => Standing::Assistant,
        _ if is_bot => Standing::Bot,
        Some(Role::Owner) => Standing::Owner,
        Some(Role::Admin) => Standing::Admin,
        Some(Role::Member) | None => Standing::Member,
    }
}

/// A day in UTC, as 2026-11-27.
pub(in crate::server::service) fn date(at: Timestamp) -> String {
    let (year, month, day) = civil(at.0.div_euclid(86_400_000));
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (ms, day) in [(0, "1970-01-01"), (951_782_400_000, "2000-02-29"), (1_795_737_600_000, "2026-11-27")] {
            assert_eq!(date(Timestamp(ms)), day);
            assert_eq!(date(Timestamp(ms + 86_399_999)), day);
        }
    }
}
