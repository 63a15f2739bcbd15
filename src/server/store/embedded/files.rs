//! Files, in `files`, and who shows them, in `message_files`, which is written with the messages themselves.

use super::Embedded;
use super::convert::{Bytes, Ids, Json, Named, failure, id, signed, unsigned, uuid};
use super::messages::{COLUMNS, message};
use super::writer::Scope;
use crate::id::{FileId, RoomId, UserId};
use crate::model::{AttachmentKind, Message, Seq};
use crate::server::store::{FileContent, FilePlace, FileRow, FileSlot, FileState, Files, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

pub(super) const FILE: &str = "id, owner_id, slot, room_id, state, bytes, created_at, claimed_at, content";

#[async_trait]
impl Files for Embedded {
    async fn begin_file(&self, new: &FileRow, quota: u64) -> Result<FileRow> {
        let new = new.clone();
        self.writer
            .write(move |scope| {
                if let Some(stored) = find(scope, new.id)? {
                    return Ok(stored);
                }
                let used = usage(scope.connection, new.owner_id).map_err(|e| failure(&e))?;
                if used.saturating_add(new.bytes) > quota {
                    return Err(StoreError::Full);
                }
                scope
                    .connection
                    .prepare_cached(
                        "INSERT INTO files (id, owner_id, slot, room_id, state, bytes, created_at, claimed_at, content) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    )
                    .and_then(|mut insert| {
                        insert.execute(params![
                            id(new.id.0),
                            id(new.owner_id.0),
                            Named(new.slot),
                            new.room_id.map(|room| id(room.0)),
                            Named(new.state),
                            signed(new.bytes),
                            new.created_at.0,
                            new.claimed_at.map(|at| at.0),
                            Json(&new.content),
                        ])
                    })
                    .map_err(|e| failure(&e))?;
                Ok(new)
            })
            .await
    }

    async fn finish_file(&self, file_id: FileId, bytes: u64, content: &FileContent) -> Result<bool> {
        let content = content.clone();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE files SET state = ?2, bytes = ?3, content = ?4 \
                         WHERE id = ?1 AND state = ?5 AND json_extract(content, '$.key') = ?6",
                    )
                    .and_then(|mut update| {
                        let (ready, coming) = (Named(FileState::Ready), Named(FileState::Uploading));
                        let key = &content.key;
                        update.execute(params![id(file_id.0), ready, signed(bytes), Json(&content), coming, key])
                    })
                    .map(|rows| rows > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn file(&self, file_id: FileId) -> Result<Option<FileRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {FILE} FROM files WHERE id = ?1"))?
                    .query_row([id(file_id.0)], file)
                    .optional()
            })
            .await
    }

    async fn claim_files(&self, owner: UserId, ids: &[FileId], now: Timestamp) -> Result<Vec<FileRow>> {
        let ids = Ids::new(ids.iter().map(|id| id.0));
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(&format!(
                        "UPDATE files SET claimed_at = max(coalesce(claimed_at, 0), ?3) WHERE owner_id = ?2 AND state = ?4 \
                         AND id IN (SELECT unhex(value) FROM json_each(?1)) RETURNING {FILE}"
                    ))
                    .and_then(|mut update| {
                        update
                            .query_map(params![ids, id(owner.0), now.0, Named(FileState::Ready)], file)?
                            .collect::<rusqlite::Result<_>>()
                    })
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn keep_files(&self, ids: &[FileId], now: Timestamp) -> Result<usize> {
        let ids = Ids::new(ids.iter().map(|id| id.0));
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE files SET claimed_at = max(coalesce(claimed_at, 0), ?2) WHERE state = ?3 \
                         AND id IN (SELECT unhex(value) FROM json_each(?1))",
                    )
                    .and_then(|mut update| update.execute(params![ids, now.0, Named(FileState::Ready)]))
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn doom_file(&self, file_id: FileId, since: Timestamp) -> Result<Option<FileRow>> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(&format!(
                        "UPDATE files SET state = ?3 WHERE id = ?1 AND coalesce(claimed_at, ?2 - 1) < ?2 RETURNING {FILE}"
                    ))
                    .and_then(|mut update| {
                        update.query_row(params![id(file_id.0), since.0, Named(FileState::Doomed)], file).optional()
                    })
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn doom_upload(&self, file_id: FileId, key: &str) -> Result<bool> {
        let key = key.to_owned();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE files SET state = ?3 WHERE id = ?1 AND state = ?4 AND json_extract(content, '$.key') = ?2",
                    )
                    .and_then(|mut update| {
                        let (doomed, coming) = (Named(FileState::Doomed), Named(FileState::Uploading));
                        update.execute(params![id(file_id.0), key, doomed, coming])
                    })
                    .map(|rows| rows > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn spare_file(&self, file_id: FileId) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE files SET state = ?2 WHERE id = ?1 AND state = ?3")
                    .and_then(|mut update| {
                        update.execute(params![id(file_id.0), Named(FileState::Ready), Named(FileState::Doomed)])
                    })
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn remove_file(&self, file_id: FileId, key: &str) -> Result<()> {
        let key = key.to_owned();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("DELETE FROM files WHERE id = ?1 AND json_extract(content, '$.key') = ?2")
                    .and_then(|mut delete| delete.execute(params![id(file_id.0), key]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn old_files(&self, after: Option<FileId>, before: Timestamp, limit: usize) -> Result<Vec<FileRow>> {
        let after = after.map_or([0; 16], |after| after.0.into_bytes());
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {FILE} FROM files WHERE id > ?1 AND created_at < ?2 ORDER BY id LIMIT ?3"
                    ))?
                    .query_map(params![Bytes(after), before.0, limit as i64], file)?
                    .collect()
            })
            .await
    }

    async fn file_usage(&self, owner: UserId) -> Result<u64> {
        self.readers.read(move |connection| usage(connection, owner)).await
    }

    async fn file_places(&self, file_id: FileId, limit: usize) -> Result<Vec<FilePlace>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT room_id, seq FROM message_files WHERE file_id = ?1 LIMIT ?2")?
                    .query_map(params![id(file_id.0), limit as i64], |row| {
                        Ok(FilePlace { room_id: RoomId(uuid(row, 0)?), seq: unsigned(row, 1)? })
                    })?
                    .collect()
            })
            .await
    }

    async fn shown_files(&self, ids: &[FileId]) -> Result<Vec<FileId>> {
        let ids = Ids::new(ids.iter().map(|id| id.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT DISTINCT unhex(w.value) AS id FROM json_each(?1) w \
                         WHERE EXISTS (SELECT 1 FROM message_files f WHERE f.file_id = unhex(w.value))",
                    )?
                    .query_map([ids], |row| Ok(FileId(uuid(row, 0)?)))?
                    .collect()
            })
            .await
    }

    async fn media(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        kinds: &[AttachmentKind],
        limit: u16,
    ) -> Result<Vec<Message>> {
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let kinds = Json(kinds.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>());
        let before = before.map_or(i64::MAX, signed);
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM (SELECT DISTINCT seq FROM message_files WHERE room_id = ?1 AND seq > ?2 \
                         AND seq < ?3 AND kind IN (SELECT value FROM json_each(?4)) ORDER BY seq DESC LIMIT ?5) f \
                         JOIN messages m ON m.room_id = ?1 AND m.seq = f.seq ORDER BY m.seq DESC"
                    ))?
                    .query_map(params![id(room_id.0), signed(floor), before, kinds, limit], message)?
                    .collect()
            })
            .await
    }
}

/// Notes the files of a message that was just written.
pub(super) fn show(scope: &Scope<'_>, message: &Message) -> rusqlite::Result<()> {
    for file in &message.attachments {
        scope
            .connection
            .prepare_cached(
                "INSERT OR IGNORE INTO message_files (file_id, message_id, room_id, seq, kind) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                id(file.id.0),
                id(message.id.0),
                id(message.room_id.0),
                signed(message.seq),
                Named(file.kind)
            ])?;
    }
    Ok(())
}

/// A message shows nothing any more.
pub(super) fn hide(scope: &Scope<'_>, message: &Message) -> rusqlite::Result<()> {
    if message.attachments.is_empty() {
        return Ok(());
    }
    scope
        .connection
        .prepare_cached("DELETE FROM message_files WHERE message_id = ?1")?
        .execute([id(message.id.0)])
        .map(drop)
}

fn find(scope: &Scope<'_>, file_id: FileId) -> Result<Option<FileRow>> {
    scope
        .connection
        .prepare_cached(&format!("SELECT {FILE} FROM files WHERE id = ?1"))
        .and_then(|mut find| find.query_row([id(file_id.0)], file).optional())
        .map_err(|e| failure(&e))
}

fn usage(connection: &rusqlite::Connection, owner: UserId) -> rusqlite::Result<u64> {
    connection
        .prepare_cached("SELECT coalesce(sum(bytes), 0) AS used FROM files INDEXED BY files_owner WHERE owner_id = ?1")?
        .query_row([id(owner.0)], |row| unsigned(row, "used"))
}

/// A row that begins with [`FILE`].
pub(super) fn file(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    Ok(FileRow {
        id: FileId(uuid(row, 0)?),
        owner_id: UserId(uuid(row, 1)?),
        slot: row.get::<_, Named<FileSlot>>(2)?.0,
        room_id: row.get::<_, Option<Bytes<16>>>(3)?.map(|room| RoomId(uuid::Uuid::from_bytes(room.0))),
        state: row.get::<_, Named<FileState>>(4)?.0,
        bytes: unsigned(row, 5)?,
        created_at: Timestamp(row.get(6)?),
        claimed_at: row.get::<_, Option<i64>>(7)?.map(Timestamp),
        content: row.get::<_, Json<FileContent>>(8)?.0,
    })
}
