//! The append queue: gathers new messages, stores them in batches, announces them in order, then answers.
//!
//! ```text
//! submit ─▶ queue (4,096) ─▶ batch (512, over all rooms) ─▶ store ─▶ announce per room by seq ─▶ answer
//! ```
//! While a batch is being written the next one gathers: under load the store gets faster, not slower. A room is never
//! in two batches at a time, so that what is announced later has a higher `seq`.

use crate::id::{RoomId, UserId};
use crate::model::{Message, Seq};
use crate::server::bus::Notice;
use crate::server::hub::{Hub, Packet};
use crate::server::store::{Appended, Database, NewMessage, StoreError};
use dashmap::DashMap;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use std::collections::{HashMap, HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Messages that may wait; more are refused and come back later.
const QUEUE_MAX: usize = 4_096;
/// Messages of one batch.
const BATCH_MAX: usize = 512;
/// Messages that must wait before a second batch goes beside the first: fewer and larger ones are cheaper for the store.
const LANE_MIN: usize = 64;
/// Missing messages that are read back and announced before a later one. Clients fetch longer gaps themselves.
const GAP_MAX: u16 = 100;
/// Rooms of one question.
const ROOMS_MAX: usize = 1_000;

/// Called once with what became of a message, after it was announced. Must not wait.
pub type Answer = Box<dyn FnOnce(Result<Appended, StoreError>) + Send>;

/// The way every new message goes. Cheap to clone.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    db: Arc<dyn Database>,
    /// `None` when closed.
    queue: Mutex<Option<mpsc::Sender<Waiting>>>,
    done: Mutex<Option<tokio::task::JoinHandle<()>>>,
    hub: Hub,
    heads: Arc<Heads>,
    /// Said once each time it fills up.
    is_full: Arc<AtomicBool>,
}

struct Waiting {
    message: NewMessage,
    answer: Answer,
}

/// The newest `seq` of each room as far as this process knows.
#[derive(Default)]
pub struct Heads(DashMap<RoomId, Head>);

#[derive(Clone, Copy)]
struct Head {
    /// In the store.
    stored: Seq,
    /// Told to those who listen here, or known to them from their first snapshot.
    announced: Seq,
}

impl Heads {
    /// The newest `seq` known of a room.
    pub fn get(&self, room_id: RoomId) -> Option<Seq> {
        self.0.get(&room_id).map(|head| head.stored)
    }

    /// Up to where those who listen here were told, as far as that is known.
    fn announced(&self, room_id: RoomId) -> Option<Seq> {
        self.0.get(&room_id).map(|head| head.announced)
    }

    /// A head was read from the store.
    pub fn learn(&self, room_id: RoomId, seq: Seq) {
        let mut head = self.0.entry(room_id).or_insert(Head { stored: seq, announced: seq });
        head.stored = head.stored.max(seq);
    }
}

impl Log {
    /// Starts the queue on the current runtime.
    pub fn start(db: Arc<dyn Database>, hub: Hub) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let heads = Arc::new(Heads::default());
        let is_full = Arc::new(AtomicBool::new(false));
        let writer = Writer { db: db.clone(), hub: hub.clone(), heads: heads.clone(), is_full: is_full.clone() };
        let done = tokio::spawn(writer.run(waiting));
        Self(Arc::new(Inner { db, queue: Mutex::new(Some(queue)), done: Mutex::new(Some(done)), hub, heads, is_full }))
    }

    /// Puts a message in line; the order of calls is the order in its room. Does not wait: when the queue is full or closed
    /// the answer is [`StoreError::Unavailable`], at once.
    pub fn submit(&self, message: NewMessage, answer: Answer) {
        let queue = self.0.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(open) = &*queue else {
            drop(queue);
            return answer(Err(StoreError::Unavailable("the log is closed".into())));
        };
        // Asked while the queue is held: a text is in line before what is said of its author's going, or it is refused.
        if message.system.is_none() && self.0.hub.parted().has(message.room_id, message.author_id) {
            drop(queue);
            return answer(Err(StoreError::Missing));
        }
        let sent = open.try_send(Waiting { message, answer });
        drop(queue);
        if let Err(refused) = sent {
            if !self.0.is_full.swap(true, Ordering::Relaxed) {
                tracing::warn!("the append queue is full: messages are refused for now");
            }
            (refused.into_inner().answer)(Err(StoreError::Unavailable("the log is full".into())));
        }
    }

    /// Stores a message durably and announces it (unless it is a repetition). Resolves after both.
    ///
    /// # Errors
    /// Those of [`crate::server::store::Messages::append`]; `Unavailable` also when the queue is full.
    pub async fn append(&self, message: NewMessage) -> Result<Appended, StoreError> {
        let (send, receive) = oneshot::channel();
        self.submit(
            message,
            Box::new(move |outcome| {
                send.send(outcome).ok();
            }),
        );
        receive.await.unwrap_or_else(|_| Err(StoreError::Unavailable("the log ended".into())))
    }

    /// Messages that another process has stored and announced, in their order. `false` when there are some before them of which
    /// nobody was told here: [`Self::fill`] does.
    pub fn heard(&self, room_id: RoomId, first: Seq, last: Seq, packets: &[Packet]) -> bool {
        match self.0.heads.announced(room_id) {
            None if !self.0.hub.has_listeners(room_id) => true,
            Some(before) if last <= before => true,
            Some(before) if before + 1 < first => false,
            _ => {
                self.0.hub.push_room_here(room_id, packets);
                self.0.heads.told(room_id, last);
                true
            }
        }
    }

    /// Tells those who listen to a room here of what is stored up to `last` and was not told. Of very much that they missed they
    /// hear by the next heads, and fetch it themselves.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn fill(&self, room_id: RoomId, last: Seq) -> Result<(), StoreError> {
        let Some(before) = self.0.heads.announced(room_id).filter(|before| *before < last) else {
            self.0.heads.learn(room_id, last);
            return Ok(());
        };
        if !self.0.hub.has_listeners(room_id) {
            return Ok(());
        }
        tell_missed(&self.0.db, &self.0.hub, room_id, before, last).await?;
        self.0.heads.told(room_id, last);
        Ok(())
    }

    /// [`Self::fill`] of every room that somebody listens to here.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn look(&self) -> Result<(), StoreError> {
        for part in self.0.hub.rooms().chunks(ROOMS_MAX) {
            for (room_id, seq) in self.0.db.heads(part).await? {
                self.fill(room_id, seq).await?;
            }
        }
        Ok(())
    }

    pub fn heads(&self) -> &Heads {
        &self.0.heads
    }

    /// Takes no more, and resolves when what was taken is stored and answered.
    pub async fn shutdown(&self) {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let done = self.0.done.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(done) = done {
            done.await.ok();
        }
    }
}

#[derive(Clone)]
struct Writer {
    db: Arc<dyn Database>,
    hub: Hub,
    heads: Arc<Heads>,
    is_full: Arc<AtomicBool>,
}

impl Writer {
    async fn run(self, mut queue: mpsc::Receiver<Waiting>) {
        // One process owns an embedded store, and it writes one batch at a time. A shared one has a round trip to hide.
        let lanes = if self.db.is_shared() { 2 } else { 1 };
        let mut waiting: VecDeque<Waiting> = VecDeque::new();
        let mut gathered = Vec::new();
        let mut writing = FuturesUnordered::new();
        let mut busy: HashSet<RoomId> = HashSet::new();
        let mut is_open = true;
        // So many at the front of `waiting` are known to be of busy rooms.
        let mut stuck = 0;
        while is_open || !waiting.is_empty() || !writing.is_empty() {
            let worth_it = if writing.is_empty() { 1 } else { LANE_MIN };
            if writing.len() < lanes && waiting.len() >= stuck + worth_it {
                let batch = next_batch(&mut waiting, &busy, stuck);
                stuck = waiting.len();
                if !batch.is_empty() {
                    let rooms: HashSet<_> = batch.iter().map(|item| item.message.room_id).collect();
                    busy.extend(&rooms);
                    let writer = self.clone();
                    writing.push(async move {
                        writer.write(batch).await;
                        rooms
                    });
                    // The others of this moment run before this is looked at again.
                    continue;
                }
            }
            tokio::select! {
                biased;
                Some(rooms) = writing.next(), if !writing.is_empty() => {
                    busy.retain(|room_id| !rooms.contains(room_id));
                    stuck = 0;
                }
                count = queue.recv_many(&mut gathered, BATCH_MAX), if is_open && waiting.len() < BATCH_MAX => {
                    is_open = count > 0;
                    if queue.is_empty() {
                        self.is_full.store(false, Ordering::Relaxed);
                    }
                    waiting.extend(gathered.drain(..));
                }
            }
        }
    }

    async fn write(&self, batch: Vec<Waiting>) {
        let (messages, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|item| (item.message, item.answer)).unzip();
        let appending = AssertUnwindSafe(self.db.append(messages)).catch_unwind();
        // This task must outlive a bug in a driver: without it nobody could send until a restart.
        let mut outcomes = appending.await.unwrap_or_default();
        outcomes.resize_with(answers.len(), || Err(StoreError::Unavailable("the store broke off".into())));
        let lost = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).find(|error| is_failure(error));
        if let Some(error) = lost {
            // Once for the whole batch.
            tracing::warn!(%error, messages = outcomes.len(), "a batch was not stored, or only in part");
        }
        self.announce(&outcomes).await;
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            answer(outcome);
        }
    }

    /// Tells the listeners of each room what is new, by `seq`.
    async fn announce(&self, outcomes: &[Result<Appended, StoreError>]) {
        let mut rooms: HashMap<RoomId, Vec<Message>> = HashMap::new();
        for appended in outcomes.iter().flatten() {
            let message = &appended.message;
            // A repetition was announced when it was new, unless its answer got lost on the way from the store.
            let is_new = !appended.repeated
                || self.heads.0.get(&message.room_id).is_some_and(|head| head.announced < message.seq);
            if is_new {
                rooms.entry(message.room_id).or_default().push(message.clone());
            }
        }
        for (room_id, mut messages) in rooms {
            messages.sort_unstable_by_key(|message| message.seq);
            messages.dedup_by_key(|message| message.seq);
            let (first, last) = (messages[0].seq, messages[messages.len() - 1].seq);
            let before = self.heads.0.get(&room_id).map(|head| head.announced);
            if let Some(before) = before.filter(|before| before + 1 < first)
                && self.hub.has_listeners(room_id)
            {
                // Written by another process, or by a call of ours that the store answered with an error.
                if let Err(error) = tell_missed(&self.db, &self.hub, room_id, before, first - 1).await {
                    tracing::warn!(%error, "what was missed of a room was not read");
                }
            }
            let packets = Packet::messages(messages);
            self.hub.push_room_here(room_id, &packets);
            self.heads.told(room_id, last);
            let frames: Vec<&[u8]> = packets.iter().map(|packet| &packet.bytes[..]).collect();
            let notice = || {
                // A packet has 64 KiB at most.
                let size = |packet: &Packet| (packet.frames, u32::try_from(packet.bytes.len()).unwrap_or(u32::MAX));
                Notice::Messages { room_id, first, last, packets: packets.iter().map(size).collect() }
            };
            self.hub.bus().publish_frames(notice, &frames);
        }
    }
}

impl Heads {
    /// Everybody here was told up to this `seq`.
    fn told(&self, room_id: RoomId, last: Seq) {
        let mut head = self.0.entry(room_id).or_insert(Head { stored: last, announced: last });
        head.stored = head.stored.max(last);
        head.announced = head.announced.max(last);
    }
}

/// Tells those who listen to a room of what is stored between two numbers, `before` excluded, as far as they may see it: whoever
/// joined since sees none of it. Of very much they hear by the next heads, and fetch it themselves.
async fn tell_missed(
    db: &Arc<dyn Database>,
    hub: &Hub,
    room_id: RoomId,
    before: Seq,
    last: Seq,
) -> Result<(), StoreError> {
    let limit = u16::try_from(last - before).unwrap_or(u16::MAX);
    if limit > GAP_MAX {
        return Ok(());
    }
    let rooms = [room_id];
    let (missing, members) = tokio::join!(db.page(room_id, 0, None, Some(before), limit), db.members(&rooms));
    let members = members?.into_iter().flat_map(|(_, members)| members);
    let joined: HashMap<UserId, Seq> = members.map(|member| (member.user_id, member.joined_seq)).collect();
    for message in missing?.into_iter().filter(|message| message.seq <= last) {
        let seq = message.seq;
        let may_see = |listener| joined.get(&listener).is_some_and(|joined| seq > *joined);
        hub.push_room_if(room_id, &Packet::messages(vec![message]), may_see);
    }
    Ok(())
}

/// Whether an outcome says something about the store rather than about the message.
fn is_failure(error: &StoreError) -> bool {
    match error {
        StoreError::Unavailable(_) | StoreError::Other(_) => true,
        StoreError::Taken(_) | StoreError::Missing | StoreError::TxnConflict | StoreError::Full => false,
    }
}

/// The oldest messages behind the first `stuck` whose rooms are not being written to, up to the size of a batch. Those of a
/// busy room stay, all of them and in order.
fn next_batch(waiting: &mut VecDeque<Waiting>, busy: &HashSet<RoomId>, stuck: usize) -> Vec<Waiting> {
    if busy.is_empty() {
        return waiting.drain(..waiting.len().min(BATCH_MAX)).collect();
    }
    let (mut batch, mut rest) = (Vec::new(), Vec::new());
    for item in waiting.drain(stuck..) {
        if batch.len() < BATCH_MAX && !busy.contains(&item.message.room_id) {
            batch.push(item);
        } else {
            rest.push(item);
        }
    }
    waiting.extend(rest);
    batch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{TxnId, UserId};
    use crate::model::Body;

    fn waiting(room_id: RoomId, text: &str) -> Waiting {
        let message = NewMessage::text(room_id, UserId::new(), TxnId::new(), Body::stored(text.into()));
        Waiting { message, answer: Box::new(drop) }
    }

    fn texts<'a>(items: impl IntoIterator<Item = &'a Waiting>) -> Vec<&'a str> {
        items.into_iter().map(|item| item.message.body.as_str()).collect()
    }

    #[test]
    fn messages_of_a_busy_room_wait_in_their_order() {
        let (hot, quiet) = (RoomId::new(), RoomId::new());
        let items = [(hot, "h1"), (quiet, "q1"), (hot, "h2"), (quiet, "q2")];
        let mut line: VecDeque<_> = items.into_iter().map(|(room, text)| waiting(room, text)).collect();
        let busy = HashSet::from([hot]);
        assert_eq!(texts(&next_batch(&mut line, &busy, 0)), ["q1", "q2"]);
        assert_eq!(texts(&line), ["h1", "h2"]);
        line.push_back(waiting(quiet, "q3"));
        line.push_back(waiting(hot, "h3"));
        assert_eq!(texts(&next_batch(&mut line, &busy, 2)), ["q3"]);
        assert_eq!(texts(&next_batch(&mut line, &HashSet::new(), 0)), ["h1", "h2", "h3"]);
    }

    #[test]
    fn a_batch_is_bounded() {
        let room = RoomId::new();
        let mut line: VecDeque<_> = (0..BATCH_MAX + 3).map(|_| waiting(room, "x")).collect();
        assert_eq!(next_batch(&mut line, &HashSet::new(), 0).len(), BATCH_MAX);
        let busy = HashSet::from([RoomId::new()]);
        line.extend((0..BATCH_MAX).map(|_| waiting(room, "y")));
        assert_eq!(next_batch(&mut line, &busy, 0).len(), BATCH_MAX);
        assert_eq!(line.len(), 3);
    }
}
