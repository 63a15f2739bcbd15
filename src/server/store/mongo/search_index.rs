//! The search index: per room and 16 messages one document, a *block*, with a Bloom filter of their windows of three characters.
//!
//! ```text
//! room  │ block 0: seq 1..16 │ block 1: 17..32 │ … │ tail: not in a block yet
//!       │ filter             │ filter          │   │ read through by a search
//! ```
//!
//! A search asks the server for the blocks of the caller's rooms whose filters have all bits of the terms, and reads only their
//! messages. Blocks of a room are made in their order, so the newest one says where the tail begins; a task makes them behind
//! the log, for many rooms by one insert, and no message waits for it. Every process may make them: the first one wins.
//!
//! A message that is about to change *opens* its block (it then passes every filter) and closes it again with a filter of the texts
//! as they are; so a process that ends in between leaves a block that is read once too often, never one that hides something.

use super::convert::{MessageDoc, date, room_ids, signed, unsigned, uuid};
use super::failure::{failure, refused};
use super::messages::{HeadDoc, newest_of};
use super::{OPERATION_TIME_MAX, SERVER_TIME_MAX};
use crate::id::{RoomId, UserId};
use crate::model::{Has, Message, Seq};
use crate::server::find::{fold, grams};
use crate::server::store::StoreError;
use crate::server::store::search::{has_of, searchable};
use dashmap::DashSet;
use futures_util::TryStreamExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, DateTime, Document, Uuid, doc};
use mongodb::{Collection, Database};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

type Result<T> = std::result::Result<T, StoreError>;

/// Messages of a block. Fewer make the tails shorter and the index larger; more make filters pass that have the windows, but not
/// in one message.
pub(super) const BLOCK: u64 = 16;
/// The sizes of filters, as powers of two of bits; each is a field of its own, so that one question fits all blocks.
const SIZES: [u32; 6] = [10, 11, 12, 13, 15, 18];
/// Bits per window at least (but in the largest size), and bits that each window sets.
const BITS_PER_GRAM: usize = 10;
const HASHES: u64 = 4;
/// Rooms whose messages are read at once, and blocks of one room that are made at once.
const ROOMS_AT_ONCE: usize = 64;
const BLOCKS_AT_ONCE: u64 = 32;
/// Messages gather this long before blocks are made of them; afterwards there is a rest of this many times as long as it
/// took, so that at the limit of the database sending has most of it.
const GATHER: Duration = Duration::from_secs(1);
const REST: u32 = 9;
const REST_MAX: Duration = Duration::from_secs(20);
/// Attempts to close a block that others change at the same time.
const ATTEMPTS: usize = 8;

/// A block, but for its filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BlockDoc {
    pub(super) room_id: Uuid,
    /// Messages `block * 16 + 1` to `block * 16 + 16`.
    pub(super) block: i64,
    /// Rises with every change.
    #[serde(default)]
    revision: i64,
    pub(super) first_at: DateTime,
    pub(super) last_at: DateTime,
}

impl BlockDoc {
    /// Its messages have `after < seq <= upto`.
    pub(super) fn range(&self) -> (i64, i64) {
        (self.block * BLOCK as i64, (self.block + 1) * BLOCK as i64)
    }
}

/// The parts of a message that are indexed.
#[derive(Clone)]
pub(super) struct SearchIndex(Arc<Inner>);

struct Inner {
    blocks: Collection<Document>,
    messages: Collection<MessageDoc>,
    rooms: Collection<Document>,
    /// Rooms with messages for a new block.
    waiting: DashSet<RoomId>,
    woken: Notify,
    task: std::sync::Mutex<Option<JoinHandle<()>>>,
}

impl SearchIndex {
    pub(super) fn new(database: &Database) -> Self {
        Self(Arc::new(Inner {
            blocks: database.collection("search_blocks"),
            messages: database.collection("messages"),
            rooms: database.collection("rooms"),
            waiting: DashSet::new(),
            woken: Notify::new(),
            task: std::sync::Mutex::new(None),
        }))
    }

    pub(super) fn blocks(&self) -> &Collection<Document> {
        &self.0.blocks
    }

    /// Makes blocks behind the log from now on, beginning with what is missing.
    pub(super) fn start(&self) {
        let index = self.clone();
        let task = tokio::spawn(async move {
            index.told(index.finish().await);
            loop {
                index.0.woken.notified().await;
                tokio::time::sleep(GATHER).await;
                let started = Instant::now();
                index.told(index.fill_waiting().await);
                tokio::time::sleep((started.elapsed() * REST).min(REST_MAX)).await;
            }
        });
        if let Ok(mut place) = self.0.task.lock() {
            *place = Some(task);
        }
    }

    pub(super) fn stop(&self) {
        if let Some(task) = self.0.task.lock().ok().and_then(|mut task| task.take()) {
            task.abort();
        }
    }

    fn told(&self, outcome: Result<()>) {
        if let Err(error) = outcome {
            tracing::warn!(%error, "messages could not be indexed for search; they are read through until they are");
        }
    }

    /// A message was stored: its room has a new block when it was the last one of it.
    pub(super) fn appended(&self, room_id: RoomId, seq: Seq) {
        if seq.is_multiple_of(BLOCK) {
            self.wants(room_id);
        }
    }

    /// A room has messages for a new block.
    pub(super) fn wants(&self, room_id: RoomId) {
        self.0.waiting.insert(room_id);
        self.0.woken.notify_one();
    }

    /// The messages of a room were removed.
    pub(super) async fn forget(&self, room_id: RoomId) -> Result<()> {
        self.0.waiting.remove(&room_id);
        run(self.0.blocks.delete_many(doc! { "room_id": uuid(room_id.0) })).await.map(drop)
    }

    async fn fill_waiting(&self) -> Result<()> {
        let rooms: Vec<RoomId> = self.0.waiting.iter().map(|room| *room).collect();
        for rooms in rooms.chunks(ROOMS_AT_ONCE) {
            self.0.waiting.retain(|room| !rooms.contains(room));
            self.fill(rooms).await?;
        }
        Ok(())
    }

    /// Makes every block that there are messages for, and closes those that were left open.
    pub(super) async fn finish(&self) -> Result<()> {
        let mut rooms = run(self.0.rooms.find(doc! {}).projection(doc! { "_id": 1 }).sort(doc! { "_id": 1 })).await?;
        let mut chunk = Vec::with_capacity(ROOMS_AT_ONCE);
        loop {
            let next = run(rooms.try_next()).await?;
            let is_last = next.is_none();
            chunk.extend(
                next.and_then(|room| mongodb::bson::deserialize_from_bson::<Uuid>(room.get("_id")?.clone()).ok()),
            );
            if chunk.len() == ROOMS_AT_ONCE || is_last {
                let ids: Vec<RoomId> = chunk.drain(..).map(|room| RoomId(super::convert::id(room))).collect();
                self.fill(&ids).await?;
            }
            if is_last {
                break;
            }
        }
        let open: Vec<BlockDoc> = {
            let open = self.0.blocks.clone_with_type::<BlockDoc>();
            let found = run(open.find(doc! { "open": true }).max_time(SERVER_TIME_MAX)).await?;
            run(found.try_collect()).await?
        };
        for block in open {
            self.close(block.room_id, block.block).await?;
        }
        Ok(())
    }

    /// The newest block of each room that has one.
    pub(super) async fn newest_blocks(&self, rooms: &[RoomId]) -> Result<BTreeMap<Uuid, i64>> {
        #[derive(Deserialize)]
        struct Newest {
            #[serde(rename = "_id")]
            room_id: Uuid,
            block: i64,
        }
        let pipeline = [
            doc! { "$match": { "room_id": { "$in": room_ids(rooms) } } },
            doc! { "$sort": { "room_id": 1, "block": -1 } },
            doc! { "$group": { "_id": "$room_id", "block": { "$first": "$block" } } },
        ];
        let query = self.0.blocks.aggregate(pipeline).max_time(SERVER_TIME_MAX).with_type::<Newest>();
        let newest: Vec<Newest> = run(run(query).await?.try_collect()).await?;
        Ok(newest.into_iter().map(|newest| (newest.room_id, newest.block)).collect())
    }

    /// Makes the blocks of these rooms that there are messages for.
    async fn fill(&self, rooms: &[RoomId]) -> Result<()> {
        let mut rooms: HashSet<RoomId> = rooms.iter().copied().collect();
        while !rooms.is_empty() {
            let ids: Vec<RoomId> = rooms.iter().copied().collect();
            let heads = {
                let fields = doc! { "seq": { "$first": "$seq" }, "created_at": { "$first": "$created_at" } };
                let query = self.0.messages.aggregate(newest_of(&ids, fields)).max_time(SERVER_TIME_MAX);
                let heads: Vec<HeadDoc> = run(run(query.with_type::<HeadDoc>()).await?.try_collect()).await?;
                heads.into_iter().map(|head| (head.room_id, head.seq)).collect::<BTreeMap<Uuid, i64>>()
            };
            let newest = self.newest_blocks(&ids).await?;
            let (mut ranges, mut is_more) = (Vec::new(), HashSet::new());
            for room_id in ids {
                let room = uuid(room_id.0);
                let first = newest.get(&room).map_or(0, |block| block + 1);
                let full = heads.get(&room).map_or(0, |head| head / BLOCK as i64);
                let end = full.min(first + BLOCKS_AT_ONCE as i64);
                if first < end {
                    ranges.push((room, first, end));
                }
                if end < full {
                    is_more.insert(room_id);
                }
            }
            if ranges.is_empty() {
                return Ok(());
            }
            if self.make(&ranges).await? {
                rooms = is_more;
            }
        }
        Ok(())
    }

    /// Makes these blocks (of a room: the first one, and the one after the last), all of whose messages are there. `false`: another
    /// process was first with one of them, and those behind it are still missing.
    async fn make(&self, ranges: &[(Uuid, i64, i64)]) -> Result<bool> {
        let size = BLOCK as i64;
        let any: Vec<Document> = ranges
            .iter()
            .map(|(room, first, end)| doc! { "room_id": *room, "seq": { "$gt": first * size, "$lte": end * size } })
            .collect();
        let messages: Vec<MessageDoc> = {
            let query = self.0.messages.find(doc! { "$or": any.clone() }).max_time(SERVER_TIME_MAX);
            run(run(query).await?.try_collect()).await?
        };
        let mut found: BTreeMap<(Uuid, i64), Vec<Message>> = BTreeMap::new();
        for message in messages {
            found.entry((message.room_id, block_of(unsigned(message.seq)))).or_default().push(message.row());
        }
        let revisions: BTreeMap<Uuid, u64> =
            found.values().flatten().map(|message| (uuid(message.id.0), message.revision)).collect();
        let blocks = ranges.iter().flat_map(|(room, first, end)| (*first..*end).map(move |block| (*room, block)));
        let blocks = blocks.map(|(room, block)| {
            let mut new = doc! { "room_id": room, "block": block, "revision": 1_i64 };
            new.extend(contents(found.get(&(room, block)).map_or(&[], Vec::as_slice)));
            new
        });
        // Ordered, so that no block of a room is there before the ones in front of it.
        let insert = self.0.blocks.insert_many(blocks.collect::<Vec<_>>()).into_future();
        let is_all = match tokio::time::timeout(OPERATION_TIME_MAX, insert).await {
            Ok(Ok(_)) => true,
            Ok(Err(error)) if refused(&error).is_some() => false,
            Ok(Err(error)) => return Err(failure(&error)),
            Err(_) => return Err(StoreError::Unavailable("MongoDB did not answer in time".into())),
        };
        // Who changed a message before its block was there found none to open: look again.
        let changed: Vec<MessageDoc> = {
            let filter = doc! { "$or": any, "changed": { "$exists": true } };
            run(run(self.0.messages.find(filter).max_time(SERVER_TIME_MAX)).await?.try_collect()).await?
        };
        for message in changed {
            if revisions.get(&message.id).is_none_or(|read| signed(*read) != message.revision) {
                self.close(message.room_id, block_of(unsigned(message.seq))).await?;
            }
        }
        Ok(is_all)
    }

    /// Lets the block of a message pass every filter until [`SearchIndex::changed`]; call it before the change.
    pub(super) async fn changing(&self, room_id: RoomId, seq: Seq) -> Result<()> {
        let open = doc! { "$set": { "open": true }, "$inc": { "revision": 1_i64 } };
        run(self.0.blocks.update_one(key(uuid(room_id.0), block_of(seq)), open)).await.map(drop)
    }

    /// Closes the block of a message that was changed. What goes wrong leaves it open, and is made good later.
    pub(super) async fn changed(&self, room_id: RoomId, seq: Seq) {
        if let Err(error) = self.close(uuid(room_id.0), block_of(seq)).await {
            tracing::warn!(%error, "a changed message stays out of the search index for now");
        }
    }

    /// Makes the filter of a block anew, from the texts as they are.
    async fn close(&self, room: Uuid, block: i64) -> Result<()> {
        for _ in 0..ATTEMPTS {
            let blocks = self.0.blocks.clone_with_type::<BlockDoc>();
            let Some(before) = run(blocks.find_one(key(room, block)).max_time(SERVER_TIME_MAX)).await? else {
                return Ok(());
            };
            let (after, upto) = before.range();
            let filter = doc! { "room_id": room, "seq": { "$gt": after, "$lte": upto } };
            let messages: Vec<MessageDoc> =
                run(run(self.0.messages.find(filter).max_time(SERVER_TIME_MAX)).await?.try_collect()).await?;
            let messages: Vec<Message> = messages.into_iter().map(MessageDoc::row).collect();
            let contents = contents(&messages);
            let mut unset = doc! { "open": "" };
            unset.extend(
                SIZES.map(|size| (field(size), "".into())).into_iter().filter(|(name, _)| !contents.contains_key(name)),
            );
            let mut same = key(room, block);
            same.insert("revision", before.revision);
            let change = doc! { "$set": contents, "$unset": unset, "$inc": { "revision": 1_i64 } };
            // Another change since it was read: its text may be missing in what we made.
            if run(self.0.blocks.update_one(same, change)).await?.matched_count > 0 {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable("a block of the search index keeps changing".into()))
    }
}

/// Runs one operation within the time that every operation has.
async fn run<T, O>(operation: O) -> Result<T>
where
    O: IntoFuture<Output = mongodb::error::Result<T>>,
{
    tokio::time::timeout(OPERATION_TIME_MAX, operation.into_future())
        .await
        .map_err(|_| StoreError::Unavailable("MongoDB did not answer in time".into()))?
        .map_err(|error| failure(&error))
}

fn block_of(seq: Seq) -> i64 {
    signed(seq.saturating_sub(1) / BLOCK)
}

fn key(room: Uuid, block: i64) -> Document {
    doc! { "room_id": room, "block": block }
}

fn field(size: u32) -> String {
    format!("bits_{size}")
}

/// What a block says of its messages.
fn contents(messages: &[Message]) -> Document {
    let mut hashes = HashSet::new();
    for message in messages {
        let Some(text) = searchable(message) else { continue };
        let folded = fold::fold(&text);
        hashes.extend(grams::of(&folded).iter().map(|gram| of_gram(gram)));
        hashes.extend(grams::seams(&folded).iter().map(|seam| of_gram(seam)));
        hashes.insert(of_author(message.author_id));
        hashes.extend(has_of(message).into_iter().map(of_has));
    }
    let size =
        SIZES.into_iter().find(|size| hashes.len() * BITS_PER_GRAM <= 1 << size).unwrap_or(SIZES[SIZES.len() - 1]);
    let mut bytes = vec![0_u8; 1 << (size - 3)];
    for bit in hashes.into_iter().flat_map(|hash| bits(hash, size)) {
        // As the server counts: the lowest bit of the first byte is the first one.
        bytes[bit as usize / 8] |= 1 << (bit % 8);
    }
    let (first, last) = (messages.iter().map(|m| m.created_at).min(), messages.iter().map(|m| m.created_at).max());
    doc! {
        "first_at": date(first.unwrap_or_default()),
        "last_at": date(last.unwrap_or_default()),
        field(size): Binary { subtype: BinarySubtype::Generic, bytes },
    }
}

/// What a block has to say for all of these to be in it; `None` when nothing is asked.
pub(super) fn asking(hashes: &[u64]) -> Vec<Document> {
    let mut any: Vec<Document> = SIZES
        .into_iter()
        .map(|size| {
            let mut positions: Vec<i64> =
                hashes.iter().flat_map(|hash| bits(*hash, size)).map(|bit| bit as i64).collect();
            positions.sort_unstable();
            positions.dedup();
            doc! { field(size): { "$bitsAllSet": positions } }
        })
        .collect();
    any.push(doc! { "open": true });
    any
}

/// Of a window, or of a seam.
pub(super) fn of_gram(gram: &[char]) -> u64 {
    hash(b'g', gram.iter().collect::<String>().as_bytes())
}

pub(super) fn of_author(author: UserId) -> u64 {
    hash(b'a', author.0.as_bytes())
}

pub(super) fn of_has(has: Has) -> u64 {
    hash(
        b'h',
        match has {
            Has::Link => b"link",
            Has::File => b"file",
            Has::Image => b"image",
        },
    )
}

/// FNV-1a, mixed once more (as SplitMix64 does). Permanent: it is in the index.
fn hash(kind: u8, bytes: &[u8]) -> u64 {
    let start = (0xcbf2_9ce4_8422_2325 ^ u64::from(kind)).wrapping_mul(0x0100_0000_01b3);
    let hash = bytes.iter().fold(start, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// The bits of a filter of `2^size` that a hash sets.
fn bits(hash: u64, size: u32) -> impl Iterator<Item = u64> {
    let (first, step) = (hash & 0xffff_ffff, (hash >> 32) | 1);
    (0..HASHES).map(move |n| first.wrapping_add(step.wrapping_mul(n)) & ((1 << size) - 1))
}
