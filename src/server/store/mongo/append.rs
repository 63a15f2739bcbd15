//! Compare-and-append: `seq = last + 1` under the unique index `room_seq`, one ordered `insert_many` for a whole batch.
//!
//! ```text
//! number by the known heads ─▶ insert ─┬─ all in ──────────────────────────▶ done
//!        ▲                             ├─ `room_seq` refused: another process was first; read the room's head again
//!        └─────────────────────────────┤
//!                                      ├─ another index refused: sent before; read it back from a majority
//!                                      └─ anything else: outcome unknown, `Unavailable`; the same ids settle it later
//! ```
//!
//! Ordered, because a message after one that was refused would leave a gap. Heads are read from a majority only, and
//! remembered only once acknowledged: a head that a failed primary takes with it would leave a gap too.

use super::convert::{MessageDoc, binary, date, id, room_ids, signed, time, unsigned, uuid};
use super::failure::{failure, refused};
use super::indexes::ROOM_SEQ;
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::RoomId;
use crate::model::Seq;
use crate::server::store::{Appended, NewMessage, StoreError};
use crate::time::Timestamp;
use futures_util::future::join_all;
use mongodb::bson::doc;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

type Result<T> = std::result::Result<T, StoreError>;

/// How long a batch may be refused by other processes before it gives up.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause after a refusal doubles between these: what refused us is on its way to a majority.
const PAUSE_MIN: Duration = Duration::from_millis(2);
const PAUSE_MAX: Duration = Duration::from_millis(64);
/// Undisturbed batches after which a room that other processes write to is written together with others again.
const CALM: u8 = 32;
/// Rooms to remember; beyond that those not in use are forgotten, which costs each one read when it wakes.
const LOGS_MAX: usize = 50_000;

/// What this process knows of a room's log.
#[derive(Default)]
pub(super) struct RoomLog {
    /// Held while a batch with this room is written, so that this process never competes with itself.
    head: Arc<Mutex<Option<Head>>>,
    /// A `seq` that a majority has; the head is there or further.
    stored: AtomicU64,
    /// Above 0: other processes write here too, so refusals are likely.
    contention: AtomicU8,
}

/// The newest message of a room.
#[derive(Clone, Copy)]
struct Head {
    seq: Seq,
    created_at: Timestamp,
}

/// A message and its place in the caller's batch.
type Entry = (usize, NewMessage);
type Outcome = (usize, Result<Appended>);
type Heads = BTreeMap<RoomId, OwnedMutexGuard<Option<Head>>>;

impl Mongo {
    pub(super) async fn append_batch(&self, batch: Vec<NewMessage>) -> Vec<Result<Appended>> {
        let mut together = Vec::new();
        let mut alone: BTreeMap<RoomId, Vec<Entry>> = BTreeMap::new();
        for entry in batch.into_iter().enumerate() {
            let room_id = entry.1.room_id;
            if self.log(room_id).contention.load(Ordering::Relaxed) > 0 {
                alone.entry(room_id).or_default().push(entry);
            } else {
                together.push(entry);
            }
        }
        let groups = std::iter::once(together).chain(alone.into_values()).filter(|group| !group.is_empty());
        let mut outcomes: Vec<Outcome> =
            join_all(groups.map(|group| self.append_group(group))).await.into_iter().flatten().collect();
        outcomes.sort_unstable_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    /// A `seq` that is stored in this room for sure, 0 when none is known.
    pub(super) fn known_head(&self, room_id: RoomId) -> Seq {
        self.logs.get(&room_id).map_or(0, |log| log.stored.load(Ordering::Acquire))
    }

    pub(super) fn learn_head(&self, room_id: RoomId, seq: Seq) {
        self.log(room_id).stored.fetch_max(seq, Ordering::AcqRel);
    }

    /// A room was removed: who appends to it has to look whether it is there.
    pub(super) async fn forget_log(&self, room_id: RoomId) {
        if let Some((_, log)) = self.logs.remove(&room_id) {
            *log.head.lock().await = None;
        }
    }

    fn log(&self, room_id: RoomId) -> Arc<RoomLog> {
        if let Some(log) = self.logs.get(&room_id) {
            return Arc::clone(&log);
        }
        if self.logs.len() >= LOGS_MAX {
            self.logs.retain(|_, log| Arc::strong_count(log) > 1 || Arc::strong_count(&log.head) > 1);
        }
        Arc::clone(&self.logs.entry(room_id).or_default())
    }

    async fn append_group(&self, mut entries: Vec<Entry>) -> Vec<Outcome> {
        // One room after the other; within a room as given.
        entries.sort_by_key(|(_, new)| new.room_id);
        let rooms: BTreeSet<RoomId> = entries.iter().map(|(_, new)| new.room_id).collect();
        let mut heads = Heads::new();
        // Always in the order of ids, so that two batches cannot wait for each other.
        for room_id in rooms {
            heads.insert(room_id, Arc::clone(&self.log(room_id).head).lock_owned().await);
        }
        let mut group = Group { mongo: self, heads, waiting: entries.into(), outcomes: Vec::new() };
        if let Err(error) = group.run().await {
            group.give_up(&error);
        }
        group.outcomes
    }
}

/// A batch under way: what waits is ordered by room, and every room in it is locked.
struct Group<'a> {
    mongo: &'a Mongo,
    heads: Heads,
    waiting: VecDeque<Entry>,
    outcomes: Vec<Outcome>,
}

impl Group<'_> {
    async fn run(&mut self) -> Result<()> {
        let give_up_at = Instant::now() + PATIENCE;
        let mut pause = PAUSE_MIN;
        let mut is_disturbed = false;
        loop {
            self.read_heads().await?;
            if self.waiting.is_empty() {
                return Ok(());
            }
            let mut docs = self.numbered();
            let error = match self.mongo.attempt(self.mongo.messages.insert_many(&docs)).await? {
                Ok(_) => {
                    self.acknowledge(docs);
                    if !is_disturbed {
                        self.calm_down();
                    }
                    return Ok(());
                }
                Err(error) => error,
            };
            let Some((place, index)) = refused(&error) else { return Err(failure(&error)) };
            docs.truncate(place);
            self.acknowledge(docs);
            if index == ROOM_SEQ {
                is_disturbed = true;
                self.lose_head();
            } else if self.settle_sent_before().await? {
                continue;
            }
            // What refused us may not be with a majority yet; before, neither its number nor its text can be believed.
            if Instant::now() > give_up_at {
                return Err(StoreError::Unavailable("other processes keep writing to the same room".into()));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    /// Reads the heads that are not known, and answers the messages to rooms that do not exist.
    async fn read_heads(&mut self) -> Result<()> {
        let unknown: Vec<RoomId> =
            self.heads.iter().filter(|(_, head)| head.is_none()).map(|(room, _)| *room).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let newest = self.mongo.newest(&unknown).await?;
        for room_id in &unknown {
            if let Some(found) = newest.get(&uuid(room_id.0)) {
                self.learn(*room_id, Head { seq: unsigned(found.seq), created_at: time(found.created_at) });
            }
        }
        let silent: Vec<RoomId> = unknown.into_iter().filter(|room| !newest.contains_key(&uuid(room.0))).collect();
        if silent.is_empty() {
            return Ok(());
        }
        let existing = self.mongo.rooms.find(doc! { "_id": { "$in": room_ids(&silent) } }).max_time(SERVER_TIME_MAX);
        let existing: BTreeSet<_> = self.mongo.all(existing).await?.into_iter().map(|room| id(room.id)).collect();
        for room_id in silent {
            if existing.contains(&room_id.0) {
                self.learn(room_id, Head { seq: 0, created_at: Timestamp(i64::MIN) });
            } else {
                self.heads.remove(&room_id);
                let (there, gone) =
                    std::mem::take(&mut self.waiting).into_iter().partition(|(_, new)| new.room_id != room_id);
                self.waiting = there;
                let gone: VecDeque<Entry> = gone;
                self.outcomes.extend(gone.into_iter().map(|(place, _)| (place, Err(StoreError::Missing))));
            }
        }
        Ok(())
    }

    /// What waits, with the next numbers of its rooms.
    fn numbered(&self) -> Vec<MessageDoc> {
        let mut heads: BTreeMap<RoomId, Head> =
            self.heads.iter().filter_map(|(room, head)| head.map(|head| (*room, head))).collect();
        let number = |(_, new): &Entry| {
            let head = heads.get_mut(&new.room_id)?;
            *head = Head { seq: head.seq + 1, created_at: head.created_at.max(new.created_at) };
            Some(MessageDoc::new(new, signed(head.seq), date(head.created_at)))
        };
        self.waiting.iter().filter_map(number).collect()
    }

    /// The first of what waits are these, and a majority has them.
    fn acknowledge(&mut self, docs: Vec<MessageDoc>) {
        for doc in docs {
            let message = doc.row();
            self.learn(message.room_id, Head { seq: message.seq, created_at: message.created_at });
            self.mongo.search_index.appended(message.room_id, message.seq);
            if let Some((place, _)) = self.waiting.pop_front() {
                self.outcomes.push((place, Ok(Appended { message, repeated: false })));
            }
        }
    }

    /// The first of what waits was refused because its id or transaction is taken: answers it from what a majority has.
    /// `false` when that cannot be seen yet.
    async fn settle_sent_before(&mut self) -> Result<bool> {
        let Some((place, new)) = self.waiting.front() else { return Ok(true) };
        let by_txn = doc! { "txn_id": uuid(new.txn_id.0), "author_id": uuid(new.author_id.0) };
        let outcome = match self.mongo.find_message_doc(by_txn).await? {
            Some(stored) if stored.room_id == uuid(new.room_id.0) && stored.sent_digest == binary(&new.digest()) => {
                Ok(Appended { message: stored.row(), repeated: true })
            }
            Some(_) => Err(StoreError::TxnConflict),
            None if self.mongo.find_message_doc(doc! { "_id": uuid(new.id.0) }).await?.is_some() => {
                Err(StoreError::Other("the id of a message is taken".into()))
            }
            None => return Ok(false),
        };
        self.outcomes.push((*place, outcome));
        self.waiting.pop_front();
        Ok(true)
    }

    /// The first of what waits met another process in its room.
    fn lose_head(&mut self) {
        if let Some(room_id) = self.waiting.front().map(|(_, new)| new.room_id) {
            self.mongo.log(room_id).contention.store(CALM, Ordering::Relaxed);
            self.heads.entry(room_id).and_modify(|head| **head = None);
        }
    }

    fn learn(&mut self, room_id: RoomId, newest: Head) {
        self.mongo.learn_head(room_id, newest.seq);
        self.heads.entry(room_id).and_modify(|head| **head = Some(newest));
    }

    /// Nobody interfered this time.
    fn calm_down(&self) {
        for room_id in self.heads.keys() {
            let log = self.mongo.log(*room_id);
            log.contention.store(log.contention.load(Ordering::Relaxed).saturating_sub(1), Ordering::Relaxed);
        }
    }

    /// The outcome of what waits is unknown: so are the heads of its rooms.
    fn give_up(&mut self, error: &StoreError) {
        for (place, new) in std::mem::take(&mut self.waiting) {
            self.heads.entry(new.room_id).and_modify(|head| **head = None);
            let again = match error {
                StoreError::Unavailable(reason) => StoreError::Unavailable(reason.clone()),
                other => StoreError::Other(other.to_string()),
            };
            self.outcomes.push((place, Err(again)));
        }
    }
}
