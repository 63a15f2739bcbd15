//! Search: the blocks that may have it and the messages in no block yet, newest first.

use super::Mongo;
use super::convert::{MessageDoc, date, room_ids, signed, time, unsigned, uuid};
use super::messages::without_edits;
use super::search_index::{BLOCK, BlockDoc, asking, of_author, of_gram, of_has};
use crate::id::RoomId;
use crate::model::{Has, MediaPage, Message, Seq};
use crate::server::store::StoreError;
use crate::server::store::search::{Check, Links, Place, Search, SearchAnswer, SearchRequest};
use async_trait::async_trait;
use mongodb::bson::{Document, Uuid, doc};
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

type Result<T> = std::result::Result<T, StoreError>;

/// What the server itself may spend on a question.
const SERVER_TIME_MAX: Duration = Duration::from_secs(1);
/// Messages in no block that are read through at most; more of them and the answer is not complete.
const TAIL_MAX: usize = 20_000;
/// Blocks whose messages are read at once: a few first, as many searches need no more.
const BLOCKS_FIRST: usize = 8;
const BLOCKS_MAX: usize = 128;

#[async_trait]
impl Search for Mongo {
    async fn search(&self, request: &SearchRequest) -> Result<SearchAnswer> {
        Walk::new(self, request).run().await
    }

    /// The blocks of the room that have links, behind what is in no block yet; both from the newest on.
    async fn links(&self, room_id: RoomId, floor: Seq, before: Option<Seq>, limit: u16) -> Result<MediaPage> {
        // The driver takes a limit of 0 for none.
        if limit == 0 {
            return Ok(Links::new(0).page(None));
        }
        let (room, floor, size) = (uuid(room_id.0), signed(floor), BLOCK as i64);
        // Before the rest is asked, as in a search.
        let newest = self.search_index.newest_blocks(&[room_id]).await?;
        let indexed_to = newest.get(&room).map_or(0, |block| (block + 1) * size);
        let mut below = before.map_or(i64::MAX, signed);
        let mut links = Links::new(limit);
        if below > indexed_to + 1 {
            let range = doc! { "$gt": floor.max(indexed_to), "$lt": below };
            for message in self.newest_in(vec![doc! { "room_id": room, "seq": range }], Links::LOOK_MAX + 1).await? {
                if links.is_done() {
                    return Ok(links.page_with_more());
                }
                links.look_at(message);
            }
            below = indexed_to + 1;
        }
        // A few blocks are enough where there are many links, and each one has at least one but for mistakes of its filter.
        for most in [BLOCKS_FIRST, limit.into()] {
            if below <= floor + 1 {
                break;
            }
            let filter = doc! {
                "room_id": room,
                "block": { "$gte": floor / size, "$lte": (below - 2) / size },
                "$or": asking(&[of_has(Has::Link)]),
            };
            let blocks = self.search_index.blocks().clone_with_type::<BlockDoc>();
            let blocks = blocks.find(filter).projection(without_filter()).sort(doc! { "block": -1 }).limit(most as i64);
            let blocks = self.all(blocks.max_time(SERVER_TIME_MAX)).await?;
            let any: Vec<Document> = blocks
                .iter()
                .map(|block| {
                    let (after, upto) = block.range();
                    doc! { "room_id": room, "seq": { "$gt": after.max(floor), "$lt": below.min(upto + 1) } }
                })
                .collect();
            for message in self.newest_in(any, blocks.len() * BLOCK as usize).await? {
                if links.is_done() {
                    return Ok(links.page_with_more());
                }
                links.look_at(message);
            }
            match blocks.last().filter(|_| blocks.len() == most) {
                Some(last) => below = last.range().0 + 1,
                None => return Ok(links.page(None)),
            }
        }
        let next = (below > floor + 1).then(|| unsigned(below));
        Ok(links.page(next))
    }

    async fn finish_index(&self) -> Result<()> {
        self.search_index.finish().await
    }
}

impl Mongo {
    /// The newest messages of one room in any of these ranges, newest first.
    async fn newest_in(&self, any: Vec<Document>, most: usize) -> Result<Vec<Message>> {
        if any.is_empty() {
            return Ok(Vec::new());
        }
        let query = self
            .messages
            .find(doc! { "$or": any })
            .sort(doc! { "seq": -1 })
            .limit(most as i64)
            .projection(without_edits())
            .max_time(SERVER_TIME_MAX);
        Ok(self.all(query).await?.into_iter().map(MessageDoc::row).collect())
    }
}

/// Of a block: all but its filter.
fn without_filter() -> Document {
    doc! { "_id": 0, "room_id": 1, "block": 1, "first_at": 1, "last_at": 1 }
}

struct Walk<'a> {
    mongo: &'a Mongo,
    request: &'a SearchRequest,
    check: Check<'a>,
    until: Instant,
    found: BTreeMap<Place, Message>,
}

impl<'a> Walk<'a> {
    fn new(mongo: &'a Mongo, request: &'a SearchRequest) -> Self {
        let until = Instant::now() + request.patience;
        Self { mongo, request, check: Check::new(request), until, found: BTreeMap::new() }
    }

    async fn run(mut self) -> Result<SearchAnswer> {
        let rooms: Vec<RoomId> = self.request.rooms.iter().map(|scope| scope.room_id).collect();
        // Before the rest is asked: a block that is made meanwhile is then read twice, not never.
        let newest = self.mongo.search_index.newest_blocks(&rooms).await?;
        let (tail, blocks) = tokio::join!(self.tail(&newest), self.blocks());
        let (tail, mut blocks) = (tail?, blocks?);
        let is_behind = tail.len() > TAIL_MAX;
        self.wake(&tail);
        tail.into_iter().for_each(|message| self.look_at(message));
        blocks.sort_by_key(|block| std::cmp::Reverse(block.last_at));

        let (mut rest, mut step) = (blocks.as_slice(), BLOCKS_FIRST);
        while let Some(next) = rest.first() {
            // Everything that is left is older than what there is.
            let newer = self.found.keys().rev().take_while(|place| date(place.at) > next.last_at).count();
            if newer > self.request.limit || self.until <= Instant::now() {
                break;
            }
            let (now, later) = rest.split_at(step.min(rest.len()));
            let messages = self.messages(now).await?;
            messages.into_iter().for_each(|message| self.look_at(message));
            (rest, step) = (later, (step * 2).min(BLOCKS_MAX));
        }
        Ok(self.answer(rest.first(), is_behind))
    }

    fn look_at(&mut self, message: Message) {
        let place = Place::of(&message);
        if self.request.behind.is_none_or(|behind| place < behind) && self.check.passes(&message) {
            self.found.insert(place, message);
        }
    }

    /// `unread`: the newest block that was not read.
    fn answer(mut self, unread: Option<&BlockDoc>, is_behind: bool) -> SearchAnswer {
        // Only what no unread block can have something newer than.
        if let Some(unread) = unread {
            self.found.retain(|place, _| date(place.at) > unread.last_at);
        }
        let has_more = self.found.len() > self.request.limit;
        let messages: Vec<Message> = self.found.into_values().rev().take(self.request.limit).collect();
        let is_late = unread.is_some() && !has_more;
        let next = match unread.filter(|_| is_late) {
            // In front of everything that was sent when the unread block's last message was, which nothing above was.
            Some(unread) => {
                Some(Place { at: time(unread.last_at).plus_ms(1), room_id: RoomId(::uuid::Uuid::nil()), seq: 0 })
            }
            None => messages.last().filter(|_| has_more).map(Place::of),
        };
        SearchAnswer { next, complete: !is_late && !is_behind, messages }
    }

    /// Messages that are in no block, at most one more than [`TAIL_MAX`].
    async fn tail(&self, newest: &BTreeMap<Uuid, i64>) -> Result<Vec<Message>> {
        let any: Vec<Document> = self
            .request
            .rooms
            .iter()
            .map(|scope| {
                let blocks = newest.get(&uuid(scope.room_id.0)).map_or(0, |block| block + 1);
                let mut range = doc! { "$gt": signed(scope.floor).max(blocks * BLOCK as i64) };
                if let Some(below) = scope.below {
                    range.insert("$lt", signed(below));
                }
                doc! { "room_id": uuid(scope.room_id.0), "seq": range }
            })
            .collect();
        if any.is_empty() {
            return Ok(Vec::new());
        }
        self.read(any, TAIL_MAX + 1).await
    }

    /// The blocks that may have what is asked for.
    async fn blocks(&self) -> Result<Vec<BlockDoc>> {
        let request = self.request;
        let mut filter = match request.rooms.as_slice() {
            [only] => {
                let mut range = doc! { "$gte": signed(only.floor / BLOCK) };
                if let Some(below) = only.below {
                    range.insert("$lte", signed(below / BLOCK));
                }
                doc! { "room_id": uuid(only.room_id.0), "block": range }
            }
            rooms => {
                let ids: Vec<RoomId> = rooms.iter().map(|scope| scope.room_id).collect();
                doc! { "room_id": { "$in": room_ids(&ids) } }
            }
        };
        let (grams, seams) = (request.terms.grams(), request.terms.seams());
        let grams = grams.iter().map(|gram| of_gram(gram)).chain(seams.iter().map(|seam| of_gram(seam)));
        let hashes: Vec<u64> = grams.chain(request.has.iter().map(|has| of_has(*has))).collect();
        let mut all: Vec<Document> = Vec::new();
        if !hashes.is_empty() {
            all.push(doc! { "$or": asking(&hashes) });
        }
        if let Some(authors) = request.authors.as_ref() {
            let any: Vec<Document> = authors.iter().flat_map(|author| asking(&[of_author(*author)])).collect();
            if any.is_empty() {
                return Ok(Vec::new());
            }
            all.push(doc! { "$or": any });
        }
        let newest = request
            .before
            .map(|before| before.plus_ms(-1))
            .into_iter()
            .chain(request.behind.map(|behind| behind.at))
            .min();
        if let Some(newest) = newest {
            all.push(doc! { "first_at": { "$lte": date(newest) } });
        }
        if let Some(after) = request.after {
            all.push(doc! { "last_at": { "$gte": date(after) } });
        }
        if !all.is_empty() {
            filter.insert("$and", all);
        }
        let blocks = self.mongo.search_index.blocks().clone_with_type::<BlockDoc>();
        let found = self
            .mongo
            .all(blocks.find(filter).projection(without_filter()).batch_size(10_000).max_time(SERVER_TIME_MAX))
            .await?;
        let floors: HashMap<Uuid, Seq> =
            request.rooms.iter().map(|scope| (uuid(scope.room_id.0), scope.floor)).collect();
        let is_above =
            |block: &BlockDoc| floors.get(&block.room_id).is_some_and(|floor| block.range().1 > signed(*floor));
        Ok(found.into_iter().filter(is_above).collect())
    }

    /// The messages of these blocks.
    async fn messages(&self, blocks: &[BlockDoc]) -> Result<Vec<Message>> {
        let any = blocks.iter().map(|block| {
            let (after, upto) = block.range();
            doc! { "room_id": block.room_id, "seq": { "$gt": after, "$lte": upto } }
        });
        self.read(any.collect(), blocks.len() * BLOCK as usize).await
    }

    async fn read(&self, any: Vec<Document>, most: usize) -> Result<Vec<Message>> {
        let query = self
            .mongo
            .messages
            .find(doc! { "$or": any })
            .limit(most as i64)
            .batch_size(5_000)
            .max_time(SERVER_TIME_MAX);
        Ok(self.mongo.all(query).await?.into_iter().map(MessageDoc::row).collect())
    }

    /// Rooms with a tail longer than a block have fallen behind: another process ended before it made theirs.
    fn wake(&self, tail: &[Message]) {
        let mut counts: HashMap<RoomId, u64> = HashMap::new();
        tail.iter().for_each(|message| *counts.entry(message.room_id).or_default() += 1);
        counts
            .into_iter()
            .filter(|(_, count)| *count >= BLOCK)
            .for_each(|(room_id, _)| self.mongo.search_index.wants(room_id));
    }
}
