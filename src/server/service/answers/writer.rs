//! One answer while it is written: what there is of it is told, stored and held.

use super::asking::{self, Asking};
use super::hands::Hands;
use super::{Desk, HOLD_AGAIN, count, held_from_now};
use crate::error::{Error, Result};
use crate::id::UserId;
use crate::live::LiveEvent;
use crate::model::{Answer, AnswerProblem, AnswerState, Body, Extra, Message};
use crate::server::App;
use crate::server::access;
use crate::server::assistant::prompt::tokens;
use crate::server::assistant::tools::CALLS_MAX;
use crate::server::model::{ChatRequest, Delta, ModelError, Phase, StopReason, Tool, ToolCall, salvaged};
use crate::server::service::{changes, digests, usage};
use crate::server::store::StoreError;
use futures_util::StreamExt;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

/// What has grown is told at most this often.
const GROW: Duration = Duration::from_millis(50);
/// And stored at most this often: that much of it is lost when the process is killed.
const KEEP: Duration = Duration::from_secs(1);
/// A model that does not end is not listened to any longer: what is behind it would be cut off.
const RAW_MAX_BYTES: usize = 64 * 1024;
/// The last state is tried so often to be stored, each time after such a pause. After that the answer counts as interrupted.
const END_PAUSES_MS: [u64; 6] = [0, 100, 300, 1_000, 2_000, 4_000];

/// Writes the answer that a message is going to be, to its end.
pub(super) async fn write(app: &App, message: Message) {
    let (Some(desk), Some(Extra::Answer(answer))) = (&app.answers, &message.extra) else { return };
    let (id, attempt) = (message.id, answer.attempt);
    let room_id = message.room_id;
    let (stop, mut stopped) = watch::channel(None);
    desk.running.insert(id, (attempt, stop));
    let mut writer = Writer {
        app,
        attempt,
        told: 0,
        kept: 0,
        text: String::new(),
        held_at: Instant::now(),
        shown: (0, 0),
        spent: None,
        message,
    };
    let ended = tokio::select! {
        biased;
        Ok(state) = stopped.wait_for(Option::is_some) => *state,
        state = writer.run(desk) => state,
    };
    writer.settle().await;
    if let Some(state) = ended {
        writer.end(state).await;
    }
    if matches!(ended, Some(AnswerState::Done | AnswerState::Cut)) {
        digests::fold_soon(app, room_id);
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
    /// How many messages and notes the model was shown.
    shown: (u32, u32),
    spent: Option<Spent>,
}

/// What is reserved for an answer, and what is known to be taken of it.
struct Spent {
    reserved: usage::Reserved,
    /// The tokens of the prompt, as far as they are known.
    read: u64,
    /// Those of the answer, if its server has counted them.
    written: Option<u64>,
    /// What short questions beside it have taken, read and written.
    beside: (u64, u64),
}

/// About how many tokens a request has.
pub(in crate::server::service) fn tokens_of(request: &ChatRequest) -> u32 {
    let turns = request.messages.iter().map(|turn| tokens::count(&turn.content) + tokens::MESSAGE_TOKENS);
    let of_tool =
        |tool: &Tool| [&tool.name, &tool.description, tool.schema.get()].map(tokens::count).iter().sum::<u32>();
    turns.sum::<u32>() + request.tools.iter().map(of_tool).sum::<u32>()
}

/// Whether a model's server has surely not read what it was asked.
fn was_not_read(error: &ModelError) -> bool {
    !matches!(error, ModelError::Timeout(Phase::FirstByte | Phase::Idle | Phase::Whole) | ModelError::Broken(_))
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
        let unread = |error: Error| {
            tracing::warn!(%error, "a question could not be read, or what a model sees was not stored");
            AnswerProblem::Unknown
        };
        // The question may be gone.
        let Some(mut asked) = asking::asking(self.app, desk, &self.message).await.map_err(unread)? else {
            return Ok(Some(AnswerState::Stopped));
        };
        if !desk.breaker().may_ask(std::time::Instant::now()) {
            return Err(AnswerProblem::Unreachable);
        }
        let mut hands = Hands::new(self.app, &asked, desk.caps(), self.attempt);
        let request = ChatRequest { tools: hands.tools(), ..asked.request(&[]) };
        self.reserve(asked.asker, desk, &request).await?;
        let routed = self.hold_while(hands.route(desk, &mut asked)).await;
        if let Some(spent) = &mut self.spent {
            spent.beside = hands.used();
        }
        let Some(told) = routed else { return Ok(None) };
        self.show(&asked).await.map_err(unread)?;
        let request = ChatRequest { tools: request.tools, ..asked.request(&told) };
        let Some((mut reason, calls)) = self.round(desk, &asked, request, "").await? else { return Ok(None) };
        // What was not offered can't be called.
        if hands.can_call() && !calls.is_empty() {
            let Some(told) = self.hold_while(hands.carry_out(&mut asked, calls)).await else { return Ok(None) };
            // Of what is seen by everybody the model need not be told, unless it has not said anything yet.
            if hands.has_found() || self.text.is_empty() {
                self.settle().await;
                let request = asked.request(&told);
                // What there is stays, if the day has no more.
                match self.reserve(asked.asker, desk, &request).await {
                    Ok(()) => {
                        self.show(&asked).await.map_err(unread)?;
                        let before = if self.text.is_empty() { String::new() } else { format!("{}\n\n", self.text) };
                        match self.round(desk, &asked, request, &before).await? {
                            Some((last, _)) => reason = last,
                            None => return Ok(None),
                        }
                    }
                    Err(AnswerProblem::Spent) if !self.text.is_empty() || hands.has_acted() => {}
                    Err(why) => return Err(why),
                }
            }
        }
        match (self.text.is_empty(), reason) {
            (true, _) if hands.has_acted() => {
                hands.done().clone_into(&mut self.text);
                Ok(Some(AnswerState::Done))
            }
            (true, _) => Err(AnswerProblem::Broken),
            (false, StopReason::Length) => Ok(Some(AnswerState::Cut)),
            (false, _) => Ok(Some(AnswerState::Done)),
        }
    }

    /// Keeps what the model is going to see.
    async fn show(&mut self, asked: &Asking) -> Result<()> {
        let shown = (count(asked.seen.messages.len()), count(asked.seen.notes.len()));
        if self.shown != shown {
            self.app.db.set_seen(self.message.id, &asked.seen).await?;
            self.shown = shown;
        }
        Ok(())
    }

    /// One request and its answer, behind `before`: why it ended, and what is called. `None` when somebody else has ended it.
    async fn round(
        &mut self,
        desk: &Desk,
        asked: &Asking,
        request: ChatRequest,
        before: &str,
    ) -> std::result::Result<Option<(StopReason, Vec<ToolCall>)>, AnswerProblem> {
        let (tools, estimated) = (request.tools.clone(), tokens_of(&request));
        // From now on it may be read, whatever becomes of it.
        if let Some(spent) = &mut self.spent {
            spent.read = desk.correction().corrected(estimated).into();
        }
        let Some(begun) = self.hold_while(desk.model.stream(request)).await else { return Ok(None) };
        let begun = begun.map_err(|error| {
            if let Some(spent) = self.spent.as_mut().filter(|_| was_not_read(&error)) {
                spent.read = 0;
            }
            desk.failed(&error)
        })?;
        let mut deltas = salvaged(begun, &tools);
        let (mut raw, mut calls) = (String::new(), Vec::new());
        let whole = |raw: &str| match asked.finished(raw) {
            said if said.is_empty() => before.trim_end().to_owned(),
            said => format!("{before}{said}"),
        };
        let (mut grow, mut keep) = (interval(GROW), interval_at(Instant::now() + KEEP, KEEP));
        grow.set_missed_tick_behavior(MissedTickBehavior::Delay);
        keep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                delta = deltas.next() => match delta {
                    Some(Ok(Delta::Text(text))) => {
                        raw.push_str(&text);
                        if raw.len() > RAW_MAX_BYTES {
                            self.text = whole(&raw);
                            return Ok(Some((StopReason::Length, calls)));
                        }
                        let said = asked.shown(&raw);
                        if !said.is_empty() {
                            self.text = format!("{before}{said}");
                        }
                        // The first of it is waited for.
                        if self.told == 0 {
                            self.tell();
                        }
                    }
                    Some(Ok(Delta::ToolCall(call))) if calls.len() < CALLS_MAX => calls.push(call),
                    Some(Ok(Delta::Done(reason))) => {
                        desk.breaker().succeeded();
                        self.text = whole(&raw);
                        return Ok(Some((reason, calls)));
                    }
                    Some(Ok(Delta::Usage(usage))) => {
                        desk.counted(estimated, usage.prompt_tokens);
                        if let Some(spent) = &mut self.spent {
                            spent.read = usage.prompt_tokens.into();
                            spent.written = Some(usage.answer_tokens.into());
                        }
                    }
                    Some(Ok(Delta::ToolCall(_) | Delta::Thought(_))) => {}
                    Some(Err(error)) => {
                        self.text = whole(&raw);
                        return Err(desk.failed(&error));
                    }
                    None => {
                        self.text = whole(&raw);
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

    /// Takes what the answer may take out of what the day has left.
    async fn reserve(
        &mut self,
        asker: UserId,
        desk: &Desk,
        request: &ChatRequest,
    ) -> std::result::Result<(), AnswerProblem> {
        let Some(model) = &self.app.config.model else { return Ok(()) };
        let tokens = desk.correction().corrected(tokens_of(request)).saturating_add(request.max_tokens);
        let of = (Some(asker), self.message.room_id);
        match usage::reserve(self.app, model, of, tokens.into()).await {
            Ok(Some(reserved)) => self.spent = Some(Spent { reserved, read: 0, written: None, beside: (0, 0) }),
            Ok(None) => return Err(AnswerProblem::Spent),
            Err(error) => {
                tracing::warn!(message.id = %self.message.id, %error, "what an answer may take was not reserved");
                return Err(AnswerProblem::Unknown);
            }
        }
        Ok(())
    }

    /// Counts what was taken. Where the server has not said it, by what there is.
    async fn settle(&mut self) {
        let Some(Spent { reserved, read, written, beside }) = self.spent.take() else { return };
        let written = written.unwrap_or_else(|| if read > 0 { tokens::count(&self.text).into() } else { 0 });
        usage::settle(self.app, reserved, read + beside.0, written + beside.1).await;
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
        self.app.hub.tell_seeing(&card, seq, &event);
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
            let answer = Answer { messages: self.shown.0, notes: self.shown.1, ..answer };
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
