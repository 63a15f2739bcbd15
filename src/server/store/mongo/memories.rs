//! What the assistant keeps of rooms, in `memories`, each as JSON, and what answers take, in `usage`.

use super::convert::{MemoryDoc, SeenDoc, UsageDoc, signed, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{MessageId, RoomId};
use crate::model::{Memory, Seen};
use crate::server::store::moderation::{pack, unpack};
use crate::server::store::{Account, Memories, StoreError, Usage};
use async_trait::async_trait;
use mongodb::bson::{Document, doc};

type Result<T> = std::result::Result<T, StoreError>;

/// Of one account and day; they sort by the day.
fn key(day: i64, account: &str) -> String {
    format!("{day:08} {account}")
}

#[async_trait]
impl Memories for Mongo {
    async fn memory(&self, room_id: RoomId) -> Result<Option<Memory>> {
        let find = self.memories.find_one(doc! { "_id": uuid(room_id.0) }).max_time(SERVER_TIME_MAX);
        self.run(find).await?.map(|found| unpack(&found.content)).transpose()
    }

    async fn set_memory(&self, memory: &Memory) -> Result<bool> {
        let row =
            MemoryDoc { room_id: uuid(memory.room_id.0), revision: signed(memory.revision), content: pack(memory)? };
        if memory.revision == 1 {
            return match self.attempt(self.memories.insert_one(row)).await? {
                Ok(_) => Ok(true),
                Err(error) if taken(&error).is_some() => Ok(false),
                Err(error) => Err(failure(&error)),
            };
        }
        let before = doc! { "_id": row.room_id, "revision": row.revision - 1 };
        let set = doc! { "$set": { "revision": row.revision, "content": &row.content } };
        Ok(self.run(self.memories.update_one(before, set)).await?.matched_count == 1)
    }

    async fn drop_memory(&self, room_id: RoomId) -> Result<()> {
        self.run(self.memories.delete_one(doc! { "_id": uuid(room_id.0) })).await.map(drop)
    }

    async fn set_seen(&self, id: MessageId, seen: &Seen) -> Result<()> {
        let there = doc! { "_id": uuid(id.0), "deleted": { "$exists": false } };
        let set = doc! { "$set": { "seen": pack(seen)? } };
        self.run(self.messages.update_one(there, set)).await.map(drop)
    }

    async fn seen(&self, id: MessageId) -> Result<Option<Seen>> {
        let seen = self.messages.clone_with_type::<SeenDoc>();
        let find = seen.find_one(doc! { "_id": uuid(id.0) }).projection(doc! { "seen": 1 });
        let found = self.run(find.max_time(SERVER_TIME_MAX)).await?;
        found.and_then(|found| found.seen).map(|content| unpack(&content)).transpose()
    }

    async fn reserve_usage(&self, day: i64, accounts: &[Account], tokens: u64) -> Result<Option<usize>> {
        for (place, account) in accounts.iter().enumerate() {
            if !self.reserve_one(day, account, tokens).await? {
                let before: Vec<String> = accounts[..place].iter().map(|account| account.name.clone()).collect();
                self.add_usage(day, &before, doc! { "runs": -1_i64, "tokens": -signed(tokens) }).await?;
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    async fn settle_usage(&self, day: i64, accounts: &[String], reserved: u64, read: u64, written: u64) -> Result<()> {
        let (read, written) = (signed(read), signed(written));
        let tokens = read.saturating_add(written).saturating_sub(signed(reserved));
        let runs = if read == 0 && written == 0 { -1_i64 } else { 0 };
        self.add_usage(day, accounts, doc! { "tokens": tokens, "read": read, "written": written, "runs": runs }).await
    }

    async fn usage(&self, day: i64, accounts: &[String]) -> Result<Vec<Usage>> {
        let keys: Vec<String> = accounts.iter().map(|account| key(day, account)).collect();
        let find = self.usage.find(doc! { "_id": { "$in": &keys } }).max_time(SERVER_TIME_MAX);
        let found = self.all(find).await?;
        let of = |key: &String| found.iter().find(|row| row.key == *key).map(UsageDoc::row).unwrap_or_default();
        Ok(keys.iter().map(of).collect())
    }

    async fn drop_usage(&self, before_day: i64) -> Result<()> {
        self.run(self.usage.delete_many(doc! { "_id": { "$lt": key(before_day, "") } })).await.map(drop)
    }
}

impl Mongo {
    async fn reserve_one(&self, day: i64, account: &Account, tokens: u64) -> Result<bool> {
        let tokens = signed(tokens);
        let room = signed(account.tokens_max).saturating_sub(tokens);
        let runs = doc! { "$lt": signed(account.runs_max) };
        let open = doc! {
            "_id": key(day, &account.name),
            "$or": [{ "runs": { "$lte": 0_i64 } }, { "runs": runs, "tokens": { "$lte": room } }],
        };
        let add = doc! { "$inc": { "runs": 1_i64, "tokens": tokens, "read": 0_i64, "written": 0_i64 } };
        // A second try finds the document that another process has just made.
        for _ in 0..2 {
            match self.attempt(self.usage.update_one(open.clone(), add.clone()).upsert(true)).await? {
                Ok(_) => return Ok(true),
                Err(error) if taken(&error).is_some() => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        // There is one, and it does not fit: it is full.
        Ok(false)
    }

    async fn add_usage(&self, day: i64, accounts: &[String], amounts: Document) -> Result<()> {
        if accounts.is_empty() {
            return Ok(());
        }
        let keys: Vec<String> = accounts.iter().map(|account| key(day, account)).collect();
        let update = self.usage.update_many(doc! { "_id": { "$in": keys } }, doc! { "$inc": amounts });
        self.run(update).await.map(drop)
    }
}
