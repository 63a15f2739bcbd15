//! Who blocked whom, in `blocks`. Unique by `by_target`; `target` finds the other direction.

use super::convert::{BlockDoc, date, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::UserId;
use crate::server::store::{BlockRow, Blocks, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::doc;

#[async_trait]
impl Blocks for Mongo {
    async fn set_block(&self, by: UserId, target: UserId, on: bool, now: Timestamp) -> Result<bool, StoreError> {
        let (by_id, target_id) = (uuid(by.0), uuid(target.0));
        if !on {
            let block = doc! { "by_id": by_id, "target_id": target_id };
            return self.run(self.blocks.delete_one(block)).await.map(|result| result.deleted_count > 0);
        }
        match self.attempt(self.blocks.insert_one(BlockDoc { by_id, target_id, created_at: date(now) })).await? {
            Ok(_) => Ok(true),
            Err(error) if taken(&error).is_some() => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn blocks_of(&self, user_id: UserId) -> Result<Vec<BlockRow>, StoreError> {
        let user_id = uuid(user_id.0);
        let either = doc! { "$or": [{ "by_id": user_id }, { "target_id": user_id }] };
        let found = self.all(self.blocks.find(either).max_time(SERVER_TIME_MAX)).await?;
        Ok(found.iter().map(BlockDoc::row).collect())
    }
}
