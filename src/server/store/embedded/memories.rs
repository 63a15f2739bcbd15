//! What the assistant keeps of rooms, each as JSON, and what answers take.

use super::Embedded;
use super::convert::{failure, id, json, signed, unsigned};
use crate::id::{MessageId, RoomId};
use crate::model::{Memory, Seen};
use crate::server::store::moderation::{pack, unpack};
use crate::server::store::{Account, Memories, StoreError, Usage};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Memories for Embedded {
    async fn memory(&self, room_id: RoomId) -> Result<Option<Memory>> {
        let content: Option<String> = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT content FROM memories WHERE room_id = ?1")?
                    .query_row([id(room_id.0)], |row| row.get(0))
                    .optional()
            })
            .await?;
        content.as_deref().map(unpack).transpose()
    }

    async fn set_memory(&self, memory: &Memory) -> Result<bool> {
        let (room_id, revision, content) = (memory.room_id, signed(memory.revision), pack(memory)?);
        self.writer
            .write(move |scope| {
                // Only the first one is new.
                let sql = if revision == 1 {
                    "INSERT OR IGNORE INTO memories (room_id, revision, content) VALUES (?1, ?2, ?3)"
                } else {
                    "UPDATE memories SET revision = ?2, content = ?3 WHERE room_id = ?1 AND revision = ?2 - 1"
                };
                let changed = scope
                    .connection
                    .prepare_cached(sql)
                    .and_then(|mut put| put.execute(params![id(room_id.0), revision, content]))
                    .map_err(|e| failure(&e))?;
                Ok(changed == 1)
            })
            .await
    }

    async fn drop_memory(&self, room_id: RoomId) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("DELETE FROM memories WHERE room_id = ?1")
                    .and_then(|mut drop| drop.execute([id(room_id.0)]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn set_seen(&self, message_id: MessageId, seen: &Seen) -> Result<()> {
        let content = pack(seen)?;
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE messages SET seen = ?2 WHERE id = ?1 AND deleted_at IS NULL")
                    .and_then(|mut set| set.execute(params![id(message_id.0), content]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn seen(&self, message_id: MessageId) -> Result<Option<Seen>> {
        self.readers
            .read(move |connection| {
                let found = connection
                    .prepare_cached("SELECT seen FROM messages WHERE id = ?1")?
                    .query_row([id(message_id.0)], |row| json(row, 0))
                    .optional()?;
                Ok(found.flatten())
            })
            .await
    }

    async fn reserve_usage(&self, day: i64, accounts: &[Account], tokens: u64) -> Result<Option<usize>> {
        let accounts = accounts.to_vec();
        self.writer
            .write(move |scope| {
                let connection = scope.connection;
                for (place, account) in accounts.iter().enumerate() {
                    let used = of(connection, day, &account.name).map_err(|e| failure(&e))?;
                    let is_full = used.runs >= account.runs_max || used.tokens.saturating_add(tokens) > account.tokens_max;
                    if used.runs > 0 && is_full {
                        return Ok(Some(place));
                    }
                }
                for account in &accounts {
                    connection
                        .prepare_cached(
                            "INSERT INTO usage (day, account, runs, tokens, read, written) VALUES (?1, ?2, 1, ?3, 0, 0) \
                             ON CONFLICT (day, account) DO UPDATE SET runs = runs + 1, tokens = tokens + ?3",
                        )
                        .and_then(|mut add| add.execute(params![day, account.name, signed(tokens)]))
                        .map_err(|e| failure(&e))?;
                }
                Ok(None)
            })
            .await
    }

    async fn settle_usage(&self, day: i64, accounts: &[String], reserved: u64, read: u64, written: u64) -> Result<()> {
        let accounts = accounts.to_vec();
        self.writer
            .write(move |scope| {
                for account in &accounts {
                    scope
                        .connection
                        .prepare_cached(
                            "UPDATE usage SET tokens = max(0, tokens - ?3 + ?4 + ?5), read = read + ?4, written = written + ?5, \
                             runs = max(0, runs - (?4 + ?5 = 0)) WHERE day = ?1 AND account = ?2",
                        )
                        .and_then(|mut settle| {
                            settle.execute(params![day, account, signed(reserved), signed(read), signed(written)])
                        })
                        .map_err(|e| failure(&e))?;
                }
                Ok(())
            })
            .await
    }

    async fn usage(&self, day: i64, accounts: &[String]) -> Result<Vec<Usage>> {
        let accounts = accounts.to_vec();
        self.readers.read(move |connection| accounts.iter().map(|account| of(connection, day, account)).collect()).await
    }

    async fn drop_usage(&self, before_day: i64) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("DELETE FROM usage WHERE day < ?1")
                    .and_then(|mut drop| drop.execute([before_day]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }
}

fn of(connection: &Connection, day: i64, account: &str) -> rusqlite::Result<Usage> {
    let found = connection
        .prepare_cached("SELECT runs, tokens, read, written FROM usage WHERE day = ?1 AND account = ?2")?
        .query_row(params![day, account], |row| {
            let number = |place| unsigned(row, place);
            Ok(Usage { runs: number(0)?, tokens: number(1)?, read: number(2)?, written: number(3)? })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}
