//! Changes that wait for their answer, and what is missing beside the messages: names, quotes.

use super::{Core, Step, WANTED_AGAIN_MS};
use crate::Error;
use crate::client::connection::Effect;
use crate::client::outbox::backoff_ms;
use crate::client::state::overlay::{ATTEMPTS_MAX, Change, ChangeId};
use crate::client::state::refusal_of;
use crate::id::{MessageId, RoomId, UserId};
use crate::live::ClientFrame;
use crate::model::{Bytes32, GameAct, Message, Person};

impl Core {
    /// What can't be undone any more leaves.
    pub(super) fn release(&mut self, step: &mut Step<'_>, all: bool) {
        for (room_id, seq) in step.state.overlay.release(step.now, all) {
            if step.state.read_locally(room_id, seq) {
                let seq = step.state.read_seq(room_id);
                let mark = self.reads.entry(room_id).or_default();
                *mark = seq.max(*mark);
                self.flush_soon(step, 0);
            }
        }
    }

    /// Gives each own coin that is in the air its nonce.
    pub(super) fn throw_coins(step: &mut Step<'_>) {
        for (room_id, message_id) in step.state.take_coins() {
            let act = GameAct::Nonce { nonce: Bytes32::random() };
            step.state.ask(room_id, Change::Play { message_id, act }, step.now);
        }
    }

    pub(super) fn send_changes(&mut self, step: &mut Step<'_>) {
        let mut frames = Vec::new();
        for (change, command) in step.state.overlay.take_ready(step.now) {
            let id = self.id();
            self.changes.insert(id, change);
            frames.push(ClientFrame { id: Some(id), command });
        }
        if !frames.is_empty() {
            step.effects.push(Effect::Send(frames));
        }
    }

    pub(super) fn done(&mut self, step: &mut Step<'_>, id: u64) {
        if let Some(change) = self.changes.remove(&id) {
            step.state.overlay.done(change, step.now);
            step.state.settle_overlay(step.now);
        }
    }

    pub(super) fn change_refused(&mut self, step: &mut Step<'_>, change: ChangeId, error: Error) {
        if error == Error::Unauthenticated {
            self.refresh(step);
        }
        if error.is_transient() {
            let asked = error.retry_after_ms().and_then(|ms| i64::try_from(ms).ok()).unwrap_or(0).min(60_000);
            let wait = backoff_ms(1, step.random).max(asked);
            match step.state.overlay.postpone(change, step.now.plus_ms(wait)) {
                Some(attempts) if attempts < ATTEMPTS_MAX => return,
                Some(_) => {}
                None => return,
            }
        }
        if let Some(pending) = step.state.overlay.refuse(change)
            && let Some(kind) = refusal_of(&pending.change)
        {
            step.state.tell(kind, Some(error));
        }
    }

    /// Asks for names and quotes that are missing, a batch of each at a time.
    pub(super) fn ask_wanted(&mut self, step: &mut Step<'_>) {
        if self.wanted_again_at.is_some_and(|at| at > step.now) {
            return;
        }
        self.wanted_again_at = None;
        let people = step.state.people.batch();
        if !people.is_empty() && !std::mem::replace(&mut self.is_asking_people, true) {
            step.effects.push(Effect::FetchPeople(people));
        }
        for (room_id, room) in &step.state.rooms {
            let ids = room.quotes.batch();
            if !ids.is_empty() && self.quotes_asked.insert(*room_id) {
                step.effects.push(Effect::FetchQuoted { room_id: *room_id, ids });
            }
        }
    }

    pub(super) fn people(&mut self, step: &mut Step<'_>, asked: &[UserId], result: Result<Vec<Person>, Error>) {
        self.is_asking_people = false;
        match result {
            Ok(people) => step.state.put_asked_people(asked, &people),
            Err(error) => self.wanted_failed(step, &error),
        }
    }

    pub(super) fn quoted(
        &mut self,
        step: &mut Step<'_>,
        room_id: RoomId,
        asked: &[MessageId],
        result: Result<Vec<Message>, Error>,
    ) {
        self.quotes_asked.remove(&room_id);
        match result {
            Ok(messages) => step.state.put_quoted(room_id, asked, &messages),
            Err(error) => self.wanted_failed(step, &error),
        }
    }

    fn wanted_failed(&mut self, step: &mut Step<'_>, error: &Error) {
        if *error == Error::Unauthenticated {
            self.refresh(step);
        }
        self.wanted_again_at = Some(step.now.plus_ms(WANTED_AGAIN_MS));
    }
}
