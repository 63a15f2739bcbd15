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

mod asking;
mod hands;
mod writer;

pub(super) use asking::{date, told};
pub(super) use writer::tokens_of;

use super::assistant::SAID;
use super::{changes, games, groups, memory};
use crate::error::{Error, Problem, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::{Answer, AnswerAct, AnswerProblem, AnswerState, Body, Extra, Message, ReplyTo, Role};
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::assistant::prompt::tokens::Correction;
use crate::server::limits::Rule;
use crate::server::model::{self, Breaker, Caps, ChatModel, ChatRequest, ModelError, probe};
use crate::server::store::{Appended, NewMessage};
use crate::time::Timestamp;
use dashmap::DashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use writer::write;

/// How long an answer counts as being written since its writer last said so.
const HOLD_MS: i64 = 15_000;
/// How often a waiting or silent writer says so.
const HOLD_AGAIN: Duration = Duration::from_secs(5);
/// Answers that wait for their turn in one process; more are refused.
const WAITING_MAX: usize = 16;
/// How soon a writer that was told to stop has stopped.
const STOP_PAUSES_MS: [u64; 7] = [0, 20, 60, 200, 500, 1_000, 2_000];
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
    /// How it counts tokens.
    correction: Mutex<Correction>,
    /// What it can do, as far as it is known.
    caps: Mutex<Caps>,
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
            correction: Mutex::default(),
            caps: Mutex::default(),
            canary,
            running: DashMap::new(),
        }
    }

    /// As it is configured, such as `gpt-5-mini`.
    pub fn model(&self) -> &str {
        self.model.name()
    }

    /// Finds out what the model can do, by asking it.
    ///
    /// # Errors
    /// [`ModelError`]: it is not known then.
    pub async fn probe(&self) -> std::result::Result<Caps, ModelError> {
        let caps = probe(self.model.as_ref()).await?;
        self.set_caps(caps);
        Ok(caps)
    }

    pub fn set_caps(&self, caps: Caps) {
        *self.caps.lock().unwrap_or_else(PoisonError::into_inner) = caps;
    }

    fn caps(&self) -> Caps {
        *self.caps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a server says that it counted for a prompt.
    fn counted(&self, estimated: u32, counted: u32) {
        self.correction.lock().unwrap_or_else(PoisonError::into_inner).learn(estimated, counted);
    }

    pub(super) fn correction(&self) -> Correction {
        *self.correction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn for a question beside the answers, which waits for nothing: `None` when the model has other things to do, or rests.
    pub(super) fn spare_turn(&self) -> Option<SemaphorePermit<'_>> {
        let turn = self.slots.try_acquire().ok()?;
        self.breaker().may_ask(std::time::Instant::now()).then_some(turn)
    }

    /// Asks something in a spare turn. `None`: it failed.
    pub(super) async fn aside(&self, request: ChatRequest) -> Option<model::Answer> {
        let answer = match self.model.stream(request).await {
            Ok(deltas) => model::Answer::gather(deltas).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => {
                self.breaker().succeeded();
                Some(answer)
            }
            Err(error) => {
                self.failed(&error);
                None
            }
        }
    }

    /// A word that is in every prompt and must be in nothing that comes of one.
    pub(super) fn canary(&self) -> &str {
        &self.canary
    }

    /// Tokens that it reads and writes in one go.
    pub(super) fn context(&self) -> u32 {
        self.limits.context
    }

    /// Whether the model's server failed so often that it is left alone for a while.
    pub fn is_resting(&self) -> bool {
        self.breaker().is_open()
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
    let is_refused =
        app.limits.take(Rule::Ask, asker).await.is_err() || desk.waiting.load(Ordering::Relaxed) >= WAITING_MAX;
    let busy = AnswerState::Failed { why: AnswerProblem::Busy };
    let answer = Answer {
        to: question.id,
        asker,
        model: desk.model().to_owned(),
        attempt: 0,
        state: if is_refused { busy } else { AnswerState::Writing },
        messages: 0,
        notes: 0,
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
            (AnswerAct::Again, _) if memory::of(app, room_id).await?.is_silent => return Err(Error::Conflict),
            (AnswerAct::Again, Some(_)) => {
                let question = app.db.message(answer.to).await?;
                let is_there = question.is_some_and(|question| question.room_id == room_id && question.is_countable());
                if !is_there || !card.has(message.author_id) {
                    return Err(Error::Conflict);
                }
                if !std::mem::replace(&mut is_counted, true) {
                    app.limits.take(Rule::Ask, me).await?;
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

/// A question was changed. If its answer is still the last word in the room, it is written anew, for what is asked now. Returns at
/// once: nobody waits.
pub(super) fn asked_anew(app: &App, question: &Message) {
    let (Some(_), Some(me)) = (&app.answers, app.assistant.get().copied()) else { return };
    let is_there = access::known_card(app, question.room_id).is_none_or(|card| card.has(me));
    if !is_there || question.author_id == me {
        return;
    }
    let (app, question) = (app.clone(), question.clone());
    tokio::spawn(async move {
        if let Err(error) = write_anew(&app, me, &question).await {
            tracing::info!(room.id = %question.room_id, %error, "a changed question was not answered anew");
        }
    });
}

async fn write_anew(app: &App, me: UserId, question: &Message) -> Result<()> {
    let (room_id, asker) = (question.room_id, question.author_id);
    let Some(answer) = app.db.message_by_txn(me, groups::txn_of(question.id.0, SAID)).await? else { return Ok(()) };
    let is_last = app.db.heads(&[room_id]).await?.first().is_some_and(|(_, head)| *head == answer.seq);
    if !is_last || !matches!(answer.extra, Some(Extra::Answer(_))) {
        return Ok(());
    }
    if memory::of(app, room_id).await?.is_silent {
        return Ok(());
    }
    // What is being written is for what was asked before.
    act(app, asker, room_id, answer.id, AnswerAct::Stop).await?;
    for pause_ms in STOP_PAUSES_MS {
        tokio::time::sleep(Duration::from_millis(pause_ms)).await;
        let now = app.db.message(answer.id).await?;
        let is_written = |message: Message| matches!(message.extra, Some(Extra::Answer(answer)) if answer.is_written());
        if !now.is_some_and(is_written) {
            return act(app, asker, room_id, answer.id, AnswerAct::Again).await;
        }
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
fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
