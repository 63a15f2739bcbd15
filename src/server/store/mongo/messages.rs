//! The log of every room, in `messages`. Unique indexes `room_seq` (pages, heads, unread) and `txn_author` (exactly once);
//! `room_changed` holds only what was ever changed. New messages: [`super::append`].

use super::convert::{MessageDoc, room_ids, signed, uuid};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Message, Seq};
use crate::server::store::{Appended, Counted, Messages, NewMessage, Span, StoreError};
use async_trait::async_trait;
use mongodb::bson::{Document, Timestamp as ClusterTime, Uuid, doc};
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
    texts: i64,
    mentions: i64,
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
            .projection(without_edits())
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
        pipeline.push(doc! { "$unset": ["edits", "seen"] });
        let query = self.messages.aggregate(pipeline).max_time(SERVER_TIME_MAX).with_type::<MessageDoc>();
        Ok(self.all(query).await?.into_iter().map(MessageDoc::row).collect())
    }

    async fn count_unread_in(&self, user_id: UserId, spans: &[Span]) -> Result<Vec<Counted>> {
        if spans.is_empty() {
            return Ok(Vec::new());
        }
        let any: Vec<Document> = spans
            .iter()
            .map(|span| {
                let mut range = doc! { "$gt": signed(span.after), "$lte": signed(span.upto) };
                let holes: Vec<i64> = span.holes().map(signed).collect();
                if !holes.is_empty() {
                    range.insert("$nin", holes);
                }
                doc! { "room_id": uuid(span.room_id.0), "seq": range }
            })
            .collect();
        let me = uuid(user_id.0);
        let countable = doc! {
            "$or": any, "author_id": { "$ne": me }, "system": { "$exists": false }, "deleted": { "$exists": false },
        };
        let names_me = doc! { "$or": ["$mentions.all", { "$in": [me, { "$ifNull": ["$mentions.users", []] }] }] };
        let pipeline = [
            doc! { "$match": countable },
            doc! { "$group": {
                "_id": "$room_id",
                "texts": { "$sum": 1_i64 },
                "mentions": { "$sum": { "$cond": [names_me, 1_i64, 0_i64] } },
            } },
        ];
        let query = self.messages.aggregate(pipeline).max_time(SERVER_TIME_MAX).with_type::<CountDoc>();
        let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let counts: HashMap<Uuid, Counted> = self
            .all(query)
            .await?
            .into_iter()
            .map(|found| (found.room_id, Counted { texts: number(found.texts), mentions: number(found.mentions) }))
            .collect();
        Ok(spans.iter().map(|span| counts.get(&uuid(span.room_id.0)).copied().unwrap_or_default()).collect())
    }

    async fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.find_message(doc! { "_id": uuid(id.0) }).await
    }

    async fn messages(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| uuid(id.0)).collect();
        let found = self.messages.find(doc! { "_id": { "$in": ids } });
        let found = self.all(found.projection(without_edits()).max_time(SERVER_TIME_MAX)).await?;
        Ok(found.into_iter().map(MessageDoc::row).collect())
    }

    async fn message_by_txn(&self, author_id: UserId, txn_id: TxnId) -> Result<Option<Message>> {
        self.find_message(doc! { "txn_id": uuid(txn_id.0), "author_id": uuid(author_id.0) }).await
    }

    async fn changed_since(&self, rooms: &[RoomId], cursor: u64, limit: usize) -> Result<Vec<Message>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let since = ClusterTime { time: u32::try_from(cursor / 1_000).unwrap_or(u32::MAX), increment: 0 };
        let query = self
            .messages
            .find(doc! { "room_id": { "$in": room_ids(rooms) }, "changed": { "$gte": since } })
            .sort(doc! { "changed": 1 })
            .limit(most)
            .projection(without_edits())
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
        self.run(self.messages.find_one(filter).projection(without_edits()).max_time(SERVER_TIME_MAX)).await
    }
}

/// Earlier texts may be many and long, and hardly anybody asks for them.
pub(super) fn without_edits() -> Document {
    doc! { "edits": 0, "seen": 0 }
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
