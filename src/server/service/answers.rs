//! Answers of a language model: a message that begins empty, grows, and ends.
//!
//! ```text
//! asked ─▶ message stored, Writing, held ─▶ waits for a turn ─▶ grows: told 20 times a second, stored every second
//!                     │                                             │
//!                     │ nobody holds it any more                    ├─▶ Done, Cut, Failed
//!                     └──────────▶ Interrupted ◀── going down ──────┴─▶ Stopped, by the asker or an admin
//! ```
//! The message itself is the record of the run. It is stored before the model is asked, under a transaction id made of the
//! question: of many processes one writes. Whoever writes says so for 15 s at a time; what nobody holds any more is ended by
//! any process. Every step is a compare-and-set of the message's revision, so a stop by another process is seen at the next one.
//! Nobody else waits: not for the model, and not for what is stored here.

use super::assistant::{DISPLAY_NAME, SAID};
use super::{changes, games, groups};
use crate::error::{Error, Problem, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::live::LiveEvent;
use crate::model::{Answer, AnswerAct, AnswerProblem, AnswerState, Body, Extra, Message, Person, ReplyTo, Role};
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::assistant::prompt::answer::{self, Rules, Segment};
use crate::server::assistant::prompt::tokens::Correction;
use crate::server::assistant::prompt::{self, Input, Item, Prompt, Role as Standing, State};
use crate::server::limits::Rule;
use crate::server::model::{Breaker, ChatModel, ChatRequest, Delta, ModelError, Role as Of, StopReason, Turn};
use crate::server::store::{Appended, NewMessage, StoreError};
use crate::time::Timestamp;
use dashmap::DashMap;
use futures_util::StreamExt;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

/// How long an answer counts as being written since its writer last said so.
const HOLD_MS: i64 = 15_000;
/// How often a waiting or silent writer says so.
const HOLD_AGAIN: Duration = Duration::from_secs(5);
/// What has grown is told at most this often.
const GROW: Duration = Duration::from_millis(50);
/// And stored at most this often: that much of it is lost when the process is killed.
const KEEP: Duration = Duration::from_secs(1);
/// Answers that wait for their turn in one process; more are refused.
const WAITING_MAX: usize = 16;
/// The last state is tried so often to be stored, each time after such a pause. After that the answer counts as interrupted.
const END_PAUSES_MS: [u64; 6] = [0, 100, 300, 1_000, 2_000, 4_000];
/// Messages that are looked at for a prompt; see [`Input::items`].
const READ_MAX: u16 = 56;
/// Steady, and not always the same.
const TEMPERATURE: f32 = 0.4;
/// Answers that are ended in one go because nobody holds them.
const SWEEP_MAX: usize = 100;

/// A model, and who waits for it in this process.
pub struct Desk {
    model: Arc<dyn ChatModel>,
    limits: Limits,
    slots: Semaphore,
    waiting: AtomicUsize,
    /// Lets a server that fails rest, so that not everybody waits for it in vain.
    breaker: Mutex<Breaker>,
    /// A word that is in every prompt and must be in no answer.
    canary: String,
    /// What is being written here: which attempt, and how to end it.
    running: DashMap<MessageId, (u32, watch::Sender<Option<AnswerState>>)>,
}

/// What a model can take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Tokens that it reads and writes in one go.
    pub context: u32,
    /// Tokens of an answer.
    pub answer: u32,
    /// Answers that are written side by side.
    pub at_once: usize,
}

impl Desk {
    pub fn new(model: Arc<dyn ChatModel>, limits: Limits) -> Self {
        let slots = Semaphore::new(limits.at_once);
        let canary = format!("lv{:016x}", rand::random::<u64>());
        Self {
            model,
            limits,
            slots,
            waiting: AtomicUsize::new(0),
            breaker: Mutex::default(),
            canary,
            running: DashMap::new(),
        }
    }

    /// As it is configured, such as `gpt-5-mini`.
    pub fn model(&self) -> &str {
        self.model.name()
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what went wrong, and what is said of it.
    fn failed(&self, error: &ModelError) -> AnswerProblem {
        self.breaker().failed(error, std::time::Instant::now());
        problem(error)
    }

    /// Ends what is written here. `false`: it is not.
    fn end(&self, id: MessageId, attempt: u32, state: AnswerState) -> bool {
        let running = self.running.get(&id).filter(|running| running.0 == attempt);
        running.is_some_and(|running| running.1.send_replace(Some(state)).is_none())
    }

    /// The process goes down: what is being written is ended, and keeps what it has.
    pub async fn shutdown(&self) {
        self.slots.close();
        for running in &self.running {
            running.1.send_replace(Some(AnswerState::Interrupted));
        }
        while !self.running.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// Begins the answer to a question, if there is a model and nobody else has begun it, and sees to it until it is over.
///
/// # Errors
/// Those of the store before the answer is there.
pub(super) async fn begin(app: &App, me: UserId, card: &Card, question: &Message) -> Result<()> {
    let Some(desk) = &app.answers else { return Ok(()) };
    let asker = question.author_id;
    let is_refused = app.limits.check(Rule::Ask, asker).is_err() || desk.waiting.load(Ordering::Relaxed) >= WAITING_MAX;
    let busy = AnswerState::Failed { why: AnswerProblem::Busy };
    let answer = Answer {
        to: question.id,
        asker,
        model: desk.model().to_owned(),
        attempt: 0,
        state: if is_refused { busy } else { AnswerState::Writing },
        held_until: (!is_refused).then(held_from_now),
    };
    let txn_id = groups::txn_of(question.id.0, SAID);
    let mut message = NewMessage::text(question.room_id, me, txn_id, Body::stored(String::new()));
    message.extra = Some(Extra::Answer(answer));
    // Among two it is plain what is answered.
    if card.peer(me).is_none() {
        message.reply_to = Some(ReplyTo { message_id: question.id, seq: question.seq });
    }
    let Appended { message, repeated } = app.log.append(message).await?;
    if !repeated && !is_refused {
        write(app, message).await;
    }
    Ok(())
}

/// Stops an answer, or has it written anew. What changes nothing is no error.
///
/// # Errors
/// [`Error::NotFound`] of a room that the caller is not in, or a message that is not in it or not theirs to see;
/// [`Error::Invalid`] of `message_id` for what is no answer; [`Error::Forbidden`] to those who neither asked nor lead the
/// group; [`Error::Conflict`] when the question or the answer is gone, or nothing can answer any more;
/// [`Error::RateLimited`]; [`Error::Unreachable`] with a block; [`Error::Muted`].
pub async fn act(app: &App, me: UserId, room_id: RoomId, message_id: MessageId, act: AnswerAct) -> Result<()> {
    app.limits.check(Rule::Change, me)?;
    let card = access::sender(app, room_id, me).await?;
    let mut is_counted = false;
    for pause_ms in games::PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let (_, message) = changes::visible(app, me, room_id, message_id).await?;
        if !message.is_countable() {
            return Err(Error::Conflict);
        }
        let Some(Extra::Answer(answer)) = &message.extra else {
            return Err(Error::invalid("message_id", Problem::NoMatch));
        };
        if answer.asker != me && card.role(me).is_none_or(|role| role == Role::Member) {
            return Err(Error::Forbidden);
        }
        let Some(next) = answer.after(act, Some(held_from_now())) else { return Ok(()) };
        match (act, &app.answers) {
            // Its writer has more of the text than the store.
            (AnswerAct::Stop, Some(desk)) if desk.end(message_id, answer.attempt, next.state) => return Ok(()),
            (AnswerAct::Stop, _) => {}
            (AnswerAct::Again, None) => return Err(Error::Conflict),
            (AnswerAct::Again, Some(_)) => {
                let question = app.db.message(answer.to).await?;
                let is_there = question.is_some_and(|question| question.room_id == room_id && question.is_countable());
                if !is_there || !card.has(message.author_id) {
                    return Err(Error::Conflict);
                }
                if !std::mem::replace(&mut is_counted, true) {
                    app.limits.check(Rule::Ask, me)?;
                }
            }
        }
        let (text, keeps) = match act {
            AnswerAct::Stop => (message.body.clone(), false),
            AnswerAct::Again => (Body::stored(String::new()), !message.body.as_str().is_empty()),
        };
        if let Some(changed) = app.db.write_answer(message_id, message.revision, &text, &next, keeps).await? {
            changes::tell(app, &changed).await?;
            if act == AnswerAct::Again {
                let app = app.clone();
                tokio::spawn(async move { write(&app, changed).await });
            }
            return Ok(());
        }
        // A reaction came between, or its writer.
    }
    Err(Error::Conflict)
}

/// Ends the answers that nobody holds any more at `now`: their process is gone. What they say stays.
///
/// # Errors
/// Those of the store.
pub async fn sweep(app: &App, now: Timestamp) -> Result<()> {
    for message in app.db.lapsed_answers(now, SWEEP_MAX).await? {
        let Some(Extra::Answer(answer)) = &message.extra else { continue };
        let ended = answer.ended(AnswerState::Interrupted);
        if let Some(changed) = app.db.write_answer(message.id, message.revision, &message.body, &ended, false).await? {
            changes::tell(app, &changed).await?;
        }
    }
    Ok(())
}

fn held_from_now() -> Timestamp {
    Timestamp::now().plus_ms(HOLD_MS)
}

/// Writes the answer that a message is going to be, to its end.
async fn write(app: &App, message: Message) {
    let (Some(desk), Some(Extra::Answer(answer))) = (&app.answers, &message.extra) else { return };
    let (id, attempt) = (message.id, answer.attempt);
    let (stop, mut stopped) = watch::channel(None);
    desk.running.insert(id, (attempt, stop));
    let mut writer = Writer { app, attempt, told: 0, kept: 0, text: String::new(), held_at: Instant::now(), message };
    let ended = tokio::select! {
        biased;
        Ok(state) = stopped.wait_for(Option::is_some) => *state,
        state = writer.run(desk) => state,
    };
    if let Some(state) = ended {
        writer.end(state).await;
    }
    desk.running.remove_if(&id, |_, running| running.0 == attempt);
}

struct Writer<'a> {
    app: &'a App,
    /// As stored last.
    message: Message,
    attempt: u32,
    /// All that can be shown.
    text: String,
    /// How many bytes of it were told, and stored.
    told: usize,
    kept: usize,
    held_at: Instant,
}

impl Writer<'_> {
    /// How it ended; `None` when somebody else has ended it.
    async fn run(&mut self, desk: &Desk) -> Option<AnswerState> {
        desk.waiting.fetch_add(1, Ordering::Relaxed);
        let turn = self.hold_while(desk.slots.acquire()).await;
        desk.waiting.fetch_sub(1, Ordering::Relaxed);
        let Ok(_turn) = turn? else { return Some(AnswerState::Interrupted) };
        match self.generate(desk).await {
            Ok(state) => state,
            Err(why) => Some(AnswerState::Failed { why }),
        }
    }

    /// Waits for something, and goes on holding the answer meanwhile. `None` when it can't be held any more.
    async fn hold_while<W: Future>(&mut self, work: W) -> Option<W::Output> {
        let mut work = std::pin::pin!(work);
        let mut again = interval(HOLD_AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        again.tick().await;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Some(done),
                _ = again.tick() => if !self.keep().await { return None },
            }
        }
    }

    async fn generate(&mut self, desk: &Desk) -> std::result::Result<Option<AnswerState>, AnswerProblem> {
        let asked = match prompt(self.app, desk, &self.message).await {
            Ok(Some(asked)) => asked,
            // The question is gone.
            Ok(None) => return Ok(Some(AnswerState::Stopped)),
            Err(error) => {
                tracing::warn!(message.id = %self.message.id, %error, "a question could not be read");
                return Err(AnswerProblem::Unknown);
            }
        };
        if !desk.breaker().may_ask(std::time::Instant::now()) {
            return Err(AnswerProblem::Unreachable);
        }
        let Some(begun) = self.hold_while(desk.model.stream(asked.request.clone())).await else { return Ok(None) };
        let mut deltas = begun.map_err(|error| desk.failed(&error))?;
        let mut raw = String::new();
        let (mut grow, mut keep) = (interval(GROW), interval_at(Instant::now() + KEEP, KEEP));
        grow.set_missed_tick_behavior(MissedTickBehavior::Delay);
        keep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                delta = deltas.next() => match delta {
                    Some(Ok(Delta::Text(text))) => {
                        raw.push_str(&text);
                        self.text = asked.shown(&raw);
                    }
                    Some(Ok(Delta::Done(reason))) => {
                        desk.breaker().succeeded();
                        self.text = asked.finished(&raw);
                        return match (self.text.is_empty(), reason) {
                            (true, _) => Err(AnswerProblem::Broken),
                            (false, StopReason::Length) => Ok(Some(AnswerState::Cut)),
                            (false, _) => Ok(Some(AnswerState::Done)),
                        };
                    }
                    Some(Ok(_)) => {}
                    Some(Err(error)) => {
                        self.text = asked.finished(&raw);
                        return Err(desk.failed(&error));
                    }
                    None => {
                        self.text = asked.finished(&raw);
                        return Err(AnswerProblem::Broken);
                    }
                },
                _ = grow.tick() => self.tell(),
                _ = keep.tick(), if self.is_due() => {
                    // What is stored comes as a whole, to some of them later.
                    self.tell();
                    if !self.keep().await {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn is_due(&self) -> bool {
        self.kept < self.text.len() || self.held_at.elapsed() >= HOLD_AGAIN
    }

    /// Tells those who see the message what has come since. Nothing of it is lost for who is not told: see [`Self::keep`].
    fn tell(&mut self) {
        let Some(text) = self.text.get(self.told..).filter(|text| !text.is_empty()) else { return };
        let (room_id, seq) = (self.message.room_id, self.message.seq);
        // What is not at hand now comes with the next part that is stored.
        let Some(card) = access::known_card(self.app, room_id) else { return };
        let event = LiveEvent::Grown {
            room_id,
            message_id: self.message.id,
            attempt: self.attempt,
            at: u32::try_from(self.told).unwrap_or(u32::MAX),
            text: text.to_owned(),
        };
        self.app.hub.tell_room_if(room_id, &event, |listener| card.sees(listener, seq));
        self.told = self.text.len();
    }

    /// Stores what there is, and that it is still being written. `false` when somebody else has ended it. A store that does not
    /// answer is no reason to stop: the next time may be better.
    async fn keep(&mut self) -> bool {
        match self.save(AnswerState::Writing).await {
            Ok(is_ours) => is_ours,
            Err(error) => {
                tracing::warn!(message.id = %self.message.id, %error, "a part of an answer was not stored yet");
                true
            }
        }
    }

    async fn end(&mut self, state: AnswerState) {
        for pause_ms in END_PAUSES_MS {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            match self.save(state).await {
                Ok(_) => return,
                Err(error) => {
                    tracing::warn!(message.id = %self.message.id, %error, "the end of an answer was not stored yet")
                }
            }
        }
    }

    /// Stores the text with this state and tells everybody. `false` when it was not this writer's any more.
    async fn save(&mut self, state: AnswerState) -> Result<bool> {
        loop {
            let ours = match &self.message.extra {
                Some(Extra::Answer(answer)) if answer.is_written() && answer.attempt == self.attempt => answer,
                _ => return Ok(false),
            };
            let answer = match state {
                AnswerState::Writing => Answer { held_until: Some(held_from_now()), ..ours.clone() },
                state => ours.ended(state),
            };
            let (db, id) = (&self.app.db, self.message.id);
            let body = Body::stored(self.text.clone());
            match db.write_answer(id, self.message.revision, &body, &answer, false).await {
                Ok(Some(changed)) => {
                    self.message = changed;
                    (self.kept, self.told) = (self.text.len(), self.text.len());
                    self.held_at = Instant::now();
                    changes::tell(self.app, &self.message).await?;
                    return Ok(true);
                }
                // A reaction came between, or it was deleted or stopped.
                Ok(None) => match db.message(id).await?.filter(Message::is_countable) {
                    Some(stored) => self.message = stored,
                    None => return Ok(false),
                },
                Err(StoreError::Missing) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// What is said of a model that could not.
fn problem(error: &ModelError) -> AnswerProblem {
    tracing::warn!(%error, "the model did not answer");
    match error {
        ModelError::Unreachable | ModelError::Timeout(_) => AnswerProblem::Unreachable,
        ModelError::Busy { .. } => AnswerProblem::Busy,
        ModelError::Overflow { .. } => AnswerProblem::TooLong,
        ModelError::Auth | ModelError::BadRequest { .. } => AnswerProblem::Refused,
        ModelError::Broken(_) => AnswerProblem::Broken,
    }
}

/// A prompt, and how the answer to it is read.
struct Asking {
    request: ChatRequest,
    prompt: Prompt<MessageId, ()>,
    /// What is said of each message that the model may refer to: its author.
    names: Vec<String>,
    canary: String,
}

impl Asking {
    /// What may be shown of an answer that still grows.
    fn shown(&self, raw: &str) -> String {
        self.text(&answer::so_far(raw, &self.rules()))
    }

    fn finished(&self, raw: &str) -> String {
        let read = answer::finished(raw, &self.rules());
        if read.has_canary {
            tracing::warn!("an answer named the word that no answer may name: somebody asked for the instructions");
        }
        self.text(&read)
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

/// What the model is asked, from what the assistant may read of the room up to the question. `None`: the question is gone.
async fn prompt(app: &App, desk: &Desk, message: &Message) -> Result<Option<Asking>> {
    let (room_id, me) = (message.room_id, message.author_id);
    let Some(Extra::Answer(of)) = &message.extra else { return Ok(None) };
    let card = access::sender(app, room_id, me).await?;
    let (own, question) = tokio::try_join!(app.db.member(room_id, me), app.db.message(of.to))?;
    let Some(floor) = own.map(|own| own.floor()) else { return Ok(None) };
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
            item(&card, me, message, told, people.get(&message.author_id).map(|known| &known.person))
        })
        .collect();
    let (asked, before) = all.split_last().ok_or(Error::Conflict)?;
    let (items, quoted) = before.split_at(read.len());
    let is_direct = card.peer(me).is_some();
    let today = date(question.created_at);
    let built = prompt::build(&Input {
        assistant: DISPLAY_NAME,
        room: room.as_ref().and_then(|room| room.name.as_deref()).unwrap_or(""),
        today: &today,
        tools: &[],
        persona: "",
        canary: &desk.canary,
        facts: &[],
        summary: None,
        items,
        quoted: quoted.first(),
        question: asked,
        context_tokens: desk.limits.context,
        output_tokens: if is_direct { desk.limits.answer.saturating_mul(2) } else { desk.limits.answer },
        correction: Correction::default(),
    });
    let name = |id: &MessageId| {
        let of = all.iter().find(|item| item.key == *id);
        of.map_or(String::new(), |item| item.author.chars().take(answer::REFERENCE_CHARS).collect())
    };
    let names = built.messages.iter().map(name).collect();
    let turn = |role, content: String| Turn { role, content };
    let request = ChatRequest {
        messages: vec![
            turn(Of::System, built.system.clone()),
            // One, as some templates refuse two of the same side.
            turn(Of::User, format!("{}\n\n{}", built.transcript, built.question)),
        ],
        max_tokens: built.max_tokens,
        temperature: Some(TEMPERATURE),
        ..ChatRequest::default()
    };
    Ok(Some(Asking { request, prompt: built, names, canary: desk.canary.clone() }))
}

/// When a message was written, and what it says.
fn told(message: &Message) -> (String, String) {
    let minutes = message.created_at.0.div_euclid(60_000).rem_euclid(24 * 60);
    let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let text = message.body.as_str();
    let beside = match &message.extra {
        _ if !text.is_empty() => String::new(),
        Some(Extra::Gif(gif)) => format!("[GIF: {}]", gif.title),
        Some(Extra::Answer(_)) => "[no answer]".to_owned(),
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
    author: Option<&'a Person>,
) -> Item<'a, MessageId> {
    let role = role(card, me, message, author.is_some_and(|author| author.is_bot));
    let state = match (message.deleted, message.edited_at) {
        (Some(_), _) => State::Deleted,
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

/// A day in UTC, as 2026-11-27. Days to a date as in "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant.
fn date(at: Timestamp) -> String {
    let days = at.0.div_euclid(86_400_000) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
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
