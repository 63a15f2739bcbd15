//! Sends not yet confirmed. Pure: `storage` keeps it on the device's disk and `connection` drives it.
//!
//! ```text
//! queued ──▶ on the wire ──ack or the message itself──▶ gone
//!   ▲            ├─no answer, lost connection, "later"──▶ queued, same txn_id, after a back-off
//!   └──retry── failed ◀──refused for good
//! ```

mod files;

use crate::error::Error;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Attachment, Body, Extra, Message, NewExtra, ReplyTo};
use crate::time::Timestamp;
pub use files::{OutFile, UPLOADS_AT_ONCE, Upload, kind_of};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};

/// Sends that one account may have waiting on one device.
pub const CAPACITY: usize = 200;
/// A send without an answer for this long goes again, with the same id.
pub const ANSWER_MS: i64 = 10_000;
/// The back-off after refusals: full jitter under `min(MAX, BASE * 2^attempts)`.
const BACKOFF_BASE_MS: f64 = 500.0;
const BACKOFF_MAX_MS: f64 = 30_000.0;
/// Ids that [`Outbox`] remembers after they went.
const GONE: usize = 2 * CAPACITY;

/// The message whose text a send passes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Forward {
    pub message_id: MessageId,
    /// Who wrote it first.
    pub from: UserId,
}

/// One waiting send.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Entry {
    pub txn_id: TxnId,
    pub room_id: RoomId,
    pub body: Body,
    pub composed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<ReplyTo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// At most [`crate::model::limits::FILES_MAX`]. With some the text may be empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<OutFile>,
    /// The files of a message that is passed on: the server has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<Attachment>,
    /// What a message that is passed on is beside its text: the server has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Extra>,
    /// What it is beside its text, which then may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra: Option<NewExtra>,
    /// Refused for good; it keeps its place and its text until someone edits, retries or discards it.
    #[serde(default)]
    pub error: Option<Error>,
    /// Whether it is on this device's disk: only then may it leave.
    #[serde(skip)]
    pub is_stored: bool,
    /// Whether it was there once, with the bytes of its files: these may go up.
    #[serde(skip)]
    pub is_kept: bool,
    /// On the wire now, since this moment of this device's clock.
    #[serde(skip)]
    pub in_flight: Option<Timestamp>,
    /// It left once on this visit: the server may have it, whatever became of the answer.
    #[serde(skip)]
    pub has_left: bool,
    #[serde(skip)]
    pub attempts: u32,
    /// Not before this moment (back-off, or the server's `retry_after_ms`).
    #[serde(skip)]
    pub not_before: Option<Timestamp>,
}

impl Entry {
    pub fn new(txn_id: TxnId, room_id: RoomId, body: Body, composed_at: Timestamp) -> Self {
        Self {
            txn_id,
            room_id,
            body,
            composed_at,
            reply_to: None,
            forward: None,
            files: Vec::new(),
            attached: Vec::new(),
            passed: None,
            extra: None,
            error: None,
            is_stored: false,
            is_kept: false,
            in_flight: None,
            has_left: false,
            attempts: 0,
            not_before: None,
        }
    }

    /// As a message of its author, before the server has it: without an id or a place of its own, below every stored revision.
    pub fn message(&self, author_id: UserId) -> Message {
        let id = MessageId(self.txn_id.0);
        let asked = self.extra.as_ref().map(|extra| extra.pending(author_id, self.composed_at));
        Message {
            created_at: self.composed_at,
            revision: 0,
            reply_to: self.reply_to,
            forwarded_from: self.forward.map(|forward| forward.from),
            attachments: self.attached.iter().cloned().chain(self.files.iter().map(OutFile::attachment)).collect(),
            extra: asked.or_else(|| self.passed.clone()),
            ..Message::text(id, self.room_id, 0, author_id, self.txn_id, self.body.clone())
        }
    }
}

/// In order of composing; one at a time per room.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Outbox {
    pub entries: Vec<Entry>,
    /// The account was told to slow down: nothing leaves before this moment.
    pub paused_until: Option<Timestamp>,
    /// The last that were confirmed or taken back: a slow read of the disk must not bring them back.
    gone: VecDeque<TxnId>,
}

impl Outbox {
    /// Whether so many more entries fit.
    pub fn has_room_for(&self, count: usize) -> bool {
        self.entries.len() + count <= CAPACITY
    }

    /// Adds what was composed just now: behind all others, also when this device's clock was set back.
    pub fn compose(&mut self, mut entry: Entry) {
        if let Some(last) = self.entries.last() {
            entry.composed_at = entry.composed_at.max(last.composed_at.plus_ms(1));
        }
        self.push(entry);
    }

    /// Adds an entry unless it is or was there; loaded ones find their place by the time they were composed.
    pub fn push(&mut self, entry: Entry) {
        if self.entry(entry.txn_id).is_some() || self.gone.contains(&entry.txn_id) {
            return;
        }
        let at = self
            .entries
            .partition_point(|other| (other.composed_at, other.txn_id) <= (entry.composed_at, entry.txn_id));
        self.entries.insert(at, entry);
    }

    pub fn entry(&self, txn_id: TxnId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.txn_id == txn_id)
    }

    fn entry_mut(&mut self, txn_id: TxnId) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.txn_id == txn_id)
    }

    pub fn of_room(&self, room_id: RoomId) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.room_id == room_id)
    }

    /// It is on this device's disk now.
    pub fn stored(&mut self, txn_id: TxnId) {
        if let Some(entry) = self.entry_mut(txn_id) {
            entry.is_stored = true;
            entry.is_kept = true;
        }
    }

    /// Takes those that may leave now and marks them as on the wire: the first of each room that did not fail.
    pub fn take_ready(&mut self, now: Timestamp) -> Vec<Entry> {
        if self.paused_until.is_some_and(|until| until > now) {
            return Vec::new();
        }
        self.paused_until = None;
        let mut seen = BTreeSet::new();
        let mut ready = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.error.is_none()) {
            if !seen.insert(entry.room_id) || !entry.is_stored || !entry.is_uploaded() {
                continue;
            }
            let waits = entry.in_flight.is_some_and(|since| since.plus_ms(ANSWER_MS) > now)
                || entry.not_before.is_some_and(|at| at > now);
            if !waits {
                if entry.in_flight.is_some() {
                    entry.attempts += 1;
                }
                entry.in_flight = Some(now);
                entry.has_left = true;
                entry.not_before = None;
                ready.push(entry.clone());
            }
        }
        ready
    }

    /// When [`Self::take_ready`] may have something, if nothing else happens.
    pub fn next_wake(&self) -> Option<Timestamp> {
        let mut seen = BTreeSet::new();
        self.entries
            .iter()
            .filter(|entry| {
                entry.error.is_none() && seen.insert(entry.room_id) && entry.is_stored && entry.is_uploaded()
            })
            .map(|entry| {
                let answer = entry.in_flight.map(|since| since.plus_ms(ANSWER_MS));
                let earliest = answer.or(entry.not_before).unwrap_or_default();
                earliest.max(self.paused_until.unwrap_or_default())
            })
            .min()
    }

    /// It is stored on the server. `true` if it was waiting here.
    pub fn confirm(&mut self, txn_id: TxnId) -> bool {
        let Some(at) = self.entries.iter().position(|entry| entry.txn_id == txn_id) else { return false };
        self.remove(at);
        true
    }

    fn remove(&mut self, at: usize) -> Entry {
        let entry = self.entries.remove(at);
        self.gone.push_back(entry.txn_id);
        if self.gone.len() > GONE {
            self.gone.pop_front();
        }
        entry
    }

    /// Takes out all of a room that is gone.
    pub fn forget_room(&mut self, room_id: RoomId) -> Vec<TxnId> {
        let gone: Vec<TxnId> = self.of_room(room_id).map(|entry| entry.txn_id).collect();
        for txn_id in &gone {
            self.confirm(*txn_id);
        }
        gone
    }

    /// When the next send of a room leaves, if it was told to wait.
    pub fn waits_until(&self, room_id: RoomId) -> Option<Timestamp> {
        self.of_room(room_id).find(|entry| entry.error.is_none()).and_then(|entry| entry.not_before)
    }

    /// The server said "later". `random` is in `0.0..1.0`; with `is_slow` the room itself is slow, and others go on.
    pub fn postpone(&mut self, txn_id: TxnId, error: &Error, is_slow: bool, now: Timestamp, random: f64) {
        let Some(entry) = self.entry_mut(txn_id) else { return };
        entry.in_flight = None;
        let wait = backoff_ms(entry.attempts, random).max(error.retry_after_ms().map_or(0, cap_ms));
        entry.attempts += 1;
        entry.not_before = Some(now.plus_ms(wait));
        if let Error::RateLimited { retry_after_ms } = error
            && !is_slow
        {
            self.paused_until = Some(now.plus_ms(cap_ms(*retry_after_ms)));
        }
    }

    /// The server said "never". It stays where it is and holds nobody up.
    pub fn fail(&mut self, txn_id: TxnId, error: Error) {
        if let Some(entry) = self.entry_mut(txn_id) {
            entry.in_flight = None;
            entry.error = Some(error);
        }
    }

    /// The connection is gone: whatever was on the wire goes again.
    pub fn disconnected(&mut self) {
        for entry in &mut self.entries {
            entry.in_flight = None;
            entry.not_before = None;
        }
        self.uploads_at_once();
    }

    /// Tries a failed or waiting one again, at once and with its id.
    pub fn retry(&mut self, txn_id: TxnId) {
        if let Some(entry) = self.entry_mut(txn_id) {
            entry.error = None;
            entry.attempts = 0;
            entry.not_before = None;
            for file in &mut entry.files {
                file.error = None;
                file.attempts = 0;
                file.not_before = None;
            }
        }
    }

    /// Takes one out that has failed or has never left. `None` for others: the server may have them already.
    pub fn take_back(&mut self, txn_id: TxnId) -> Option<Entry> {
        let at = self.entries.iter().position(|entry| entry.txn_id == txn_id)?;
        let entry = &self.entries[at];
        if entry.has_left && entry.error.is_none() {
            return None;
        }
        Some(self.remove(at))
    }
}

/// A server's wish, bounded: no answer may stop a client for longer than five minutes.
fn cap_ms(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX).min(300_000)
}

/// Full jitter under an exponential cap, at least 250 ms (AWS Architecture Blog, "Exponential Backoff and Jitter").
pub fn backoff_ms(attempts: u32, random: f64) -> i64 {
    let cap = (BACKOFF_BASE_MS * 2f64.powi(attempts.min(16) as i32)).min(BACKOFF_MAX_MS);
    (cap * random.clamp(0.0, 1.0)).max(250.0) as i64
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod tests;
