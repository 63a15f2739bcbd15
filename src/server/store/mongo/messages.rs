//! The log of every room, in `messages`. Unique indexes `room_seq` (pages, heads, unread) and `txn_author` (exactly once);
//! `room_changed` holds only what was ever changed. New messages: [`super::append`].

use super::convert::{MessageDoc, date, room_ids, signed, uuid};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Body, Message, Seq};
use crate::server::store::{Appended, Messages, NewMessage, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, Timestamp as ClusterTime, Uuid, doc};
use mongodb::options::ReturnDocument;
use serde::Deserialize;
use std::collections::HashMap;

type Result<T> = std::result::Result<T, StoreError>;

/// The newest message of a room, as far as an append and a digest need it.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct HeadDoc {
    #[serde(rename = "_id")]
    pub(super) room_id: Uuid,
    pub(super) seq: i64,
    pub(super) created_at: mongodb::bson::DateTime,
}

#[derive(Deserialize)]
struct CountDoc {
    #[serde(rename = "_id")]
    room_id: Uuid,
    count: i64,
}

#[async_trait]
impl Messages for Mongo {
    async fn append(&self, batch: Vec<NewMessage>) -> Vec<Result<Appended>> {
        self.append_batch(batch).await
    }

    async fn page(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        after: Option<Seq>,
        limit: u16,
    ) -> Result<Vec<Message>> {
        // The driver takes a limit of 0 for none.
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut range = doc! { "$gt": signed(floor.max(after.unwrap_or(0))) };
        if let Some(before) = before {
            range.insert("$lt", signed(before));
        }
        let order = if after.is_some() { 1 } else { -1 };
        let page = self
            .messages
            .find(doc! { "room_id": uuid(room_id.0), "seq": range })
            .sort(doc! { "seq": order })
            .limit(limit.into())
            .max_time(SERVER_TIME_MAX);
        let mut messages: Vec<Message> = self.all(page).await?.into_iter().map(MessageDoc::row).collect();
        if after.is_none() {
            messages.reverse();
        }
        Ok(messages)
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>> {
        let heads = self.newest(rooms).await?;
        let head_of = |room: &RoomId| heads.get(&uuid(room.0)).map_or(0, |head| head.seq.max(0) as Seq);
        Ok(rooms.iter().map(|room| (*room, head_of(room))).collect())
    }

    async fn last_of(&self, rooms: &[RoomId]) -> Result<Vec<Message>> {
        let mut pipeline = newest_of(rooms, doc! { "message": { "$first": "$$ROOT" } });
        pipeline.push(doc! { "$replaceRoot": { "newRoot": "$message" } });
        let query = self.messages.aggregate(pipeline).max_time(SERVER_TIME_MAX).with_type::<MessageDoc>();
        Ok(self.all(query).await?.into_iter().map(MessageDoc::row).collect())
    }

    async fn count_unread_in(&self, user_id: UserId, ranges: &[(RoomId, Seq, Seq)]) -> Result<Vec<u32>> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let any: Vec<Document> = ranges
            .iter()
            .map(|(room, after, upto)| {
                doc! { "room_id": uuid(room.0), "seq": { "$gt": signed(*after), "$lte": signed(*upto) } }
            })
            .collect();
        let pipeline = [
            doc! { "$match": { "$or": any, "author_id": { "$ne": uuid(user_id.0) } } },
            doc! { "$group": { "_id": "$room_id", "count": { "$sum": 1_i64 } } },
        ];
        let query = self.messages.aggregate(pipeline).max_time(SERVER_TIME_MAX).with_type::<CountDoc>();
        let counts: HashMap<Uuid, i64> =
            self.all(query).await?.into_iter().map(|found| (found.room_id, found.count)).collect();
        let count_of =
            |room: &RoomId| counts.get(&uuid(room.0)).map_or(0, |count| u32::try_from(*count).unwrap_or(u32::MAX));
        Ok(ranges.iter().map(|(room, ..)| count_of(room)).collect())
    }

    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.find_message(doc! { "_id": uuid(id.0) }).await
    }

    async fn message_by_txn(&self, author_id: UserId, txn_id: TxnId) -> Result<Option<Message>> {
        self.find_message(doc! { "txn_id": uuid(txn_id.0), "author_id": uuid(author_id.0) }).await
    }

    async fn edit(&self, id: MessageId, revision: u64, body: &Body) -> Result<Option<Message>> {
        let Some(before) = self.message(id).await? else { return Err(StoreError::Missing) };
        self.search_index.changing(before.room_id, before.seq).await?;
        let edit = self
            .messages
            .find_one_and_update(
                doc! { "_id": uuid(id.0), "revision": signed(revision) },
                doc! {
                    "$set": { "body": body.as_str(), "edited_at": date(Timestamp::now()) },
                    "$inc": { "revision": 1_i64 },
                    // A tick of the cluster's clock, given by the primary.
                    "$currentDate": { "changed": { "$type": "timestamp" } },
                },
            )
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        let edited = self.run(edit).await?;
        self.search_index.changed(before.room_id, before.seq).await;
        Ok(edited.map(MessageDoc::row))
    }

    async fn changed_since(&self, rooms: &[RoomId], cursor: u64, limit: usize) -> Result<Vec<Message>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let since = ClusterTime { time: u32::try_from(cursor / 1_000).unwrap_or(u32::MAX), increment: 0 };
        let query = self
            .messages
            .find(doc! { "room_id": { "$in": room_ids(rooms) }, "changed": { "$gte": since } })
            .sort(doc! { "changed": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        Ok(self.all(query).await?.into_iter().map(MessageDoc::row).collect())
    }
}

impl Mongo {
    /// The newest message of each room that has one, as a majority has it.
    pub(super) async fn newest(&self, rooms: &[RoomId]) -> Result<HashMap<Uuid, HeadDoc>> {
        let fields = doc! { "seq": { "$first": "$seq" }, "created_at": { "$first": "$created_at" } };
        let pipeline = newest_of(rooms, fields);
        let query = self.messages.aggregate(pipeline).max_time(SERVER_TIME_MAX).with_type::<HeadDoc>();
        Ok(self.all(query).await?.into_iter().map(|head| (head.room_id, head)).collect())
    }

    pub(super) async fn find_message(&self, filter: Document) -> Result<Option<Message>> {
        Ok(self.find_message_doc(filter).await?.map(MessageDoc::row))
    }

    pub(super) async fn find_message_doc(&self, filter: Document) -> Result<Option<MessageDoc>> {
        self.run(self.messages.find_one(filter).max_time(SERVER_TIME_MAX)).await
    }
}

/// In this form the server jumps from room to room on `room_seq` (`DISTINCT_SCAN`) instead of reading the rooms through.
pub(super) fn newest_of(rooms: &[RoomId], fields: Document) -> Vec<Document> {
    let mut group = doc! { "_id": "$room_id" };
    group.extend(fields);
    vec![
        doc! { "$match": { "room_id": { "$in": room_ids(rooms) } } },
        doc! { "$sort": { "room_id": 1, "seq": -1 } },
        doc! { "$group": group },
    ]
}
