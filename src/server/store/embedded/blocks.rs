//! Who blocked whom. Keyed by the ordered pair; `blocks_target` finds the other direction.

use super::Embedded;
use super::convert::{failure, id, uuid};
use crate::id::UserId;
use crate::server::store::{BlockRow, Blocks, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::params;

#[async_trait]
impl Blocks for Embedded {
    async fn set_block(&self, by: UserId, target: UserId, on: bool, now: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .write(move |scope| {
                let changed = if on {
                    scope
                        .connection
                        .prepare_cached(
                            "INSERT OR IGNORE INTO blocks (by_id, target_id, created_at) VALUES (?1, ?2, ?3)",
                        )
                        .and_then(|mut insert| insert.execute(params![id(by.0), id(target.0), now.0]))
                } else {
                    scope
                        .connection
                        .prepare_cached("DELETE FROM blocks WHERE by_id = ?1 AND target_id = ?2")
                        .and_then(|mut delete| delete.execute(params![id(by.0), id(target.0)]))
                };
                changed.map(|rows| rows > 0).map_err(|e| failure(&e))
            })
            .await
    }

    async fn blocks_of(&self, user_id: UserId) -> Result<Vec<BlockRow>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT by_id, target_id FROM blocks WHERE by_id = ?1 OR target_id = ?1")?
                    .query_map([id(user_id.0)], |row| {
                        Ok(BlockRow { by: UserId(uuid(row, "by_id")?), target: UserId(uuid(row, "target_id")?) })
                    })?
                    .collect()
            })
            .await
    }
}
