//! Signed-in devices. Keyed by id; `sessions_refresh`, `sessions_previous` and `sessions_user` find them otherwise.

use super::Embedded;
use super::convert::{Bytes, failure, id, uuid};
use crate::id::{SessionId, UserId};
use crate::server::store::{RefreshOutcome, SessionRow, Sessions, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str =
    "id, user_id, created_at, last_used_at, refresh_hash, previous_hash, rotated_at, user_agent, network, revoked_at";

#[async_trait]
impl Sessions for Embedded {
    async fn create_session(&self, session: &SessionRow) -> Result<()> {
        let row = session.clone();
        self.writer
            .write(move |scope| {
                let insert =
                    format!("INSERT INTO sessions ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
                let inserted = scope.connection.prepare_cached(&insert).and_then(|mut insert| {
                    insert.execute(params![
                        id(row.id.0),
                        id(row.user_id.0),
                        row.created_at.0,
                        row.last_used_at.0,
                        Bytes(row.refresh_hash),
                        row.previous_hash.map(Bytes),
                        row.rotated_at.0,
                        row.user_agent,
                        row.network,
                        row.revoked_at.map(|at| at.0),
                    ])
                });
                match inserted {
                    Ok(_) => Ok(()),
                    Err(error) if super::convert::is_dangling(&error) => Err(StoreError::Missing),
                    Err(error) => Err(failure(&error)),
                }
            })
            .await
    }

    async fn session(&self, session_id: SessionId) -> Result<Option<SessionRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1"))?
                    .query_row([id(session_id.0)], session)
                    .optional()
            })
            .await
    }

    async fn session_by_refresh(&self, hash: &[u8; 32]) -> Result<Option<SessionRow>> {
        let hash = *hash;
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM sessions WHERE refresh_hash = ?1 OR previous_hash = ?1"
                    ))?
                    .query_row([Bytes(hash)], session)
                    .optional()
            })
            .await
    }

    async fn rotate_refresh(&self, old: &[u8; 32], new: &[u8; 32], now: Timestamp) -> Result<RefreshOutcome> {
        let (old, new) = (*old, *new);
        self.writer
            .write(move |scope| {
                let rotate = format!(
                    "UPDATE sessions SET refresh_hash = ?2, previous_hash = ?1, rotated_at = ?3, \
                     last_used_at = max(last_used_at, ?3) WHERE refresh_hash = ?1 AND revoked_at IS NULL RETURNING {COLUMNS}"
                );
                let rotated = scope
                    .connection
                    .prepare_cached(&rotate)
                    .and_then(|mut rotate| rotate.query_row(params![Bytes(old), Bytes(new), now.0], session).optional())
                    .map_err(|e| failure(&e))?;
                if let Some(row) = rotated {
                    return Ok(RefreshOutcome::Rotated(row));
                }
                let replayed = scope
                    .connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE previous_hash = ?1"))
                    .and_then(|mut find| find.query_row([Bytes(old)], session).optional())
                    .map_err(|e| failure(&e))?;
                Ok(replayed.map_or(RefreshOutcome::Unknown, RefreshOutcome::Replayed))
            })
            .await
    }

    async fn touch_session(&self, session_id: SessionId, now: Timestamp) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE sessions SET last_used_at = ?2 WHERE id = ?1 AND last_used_at < ?2")
                    .and_then(|mut update| update.execute(params![id(session_id.0), now.0]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn revoke_session(&self, session_id: SessionId, now: Timestamp) -> Result<bool> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE sessions SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL")
                    .and_then(|mut update| update.execute(params![id(session_id.0), now.0]))
                    .map(|changed| changed > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<SessionId>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT id FROM sessions WHERE revoked_at >= ?1")?
                    .query_map([since.0], |row| Ok(SessionId(uuid(row, "id")?)))?
                    .collect()
            })
            .await
    }

    async fn sessions_of(&self, user_id: UserId) -> Result<Vec<SessionRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE user_id = ?1 ORDER BY id"))?
                    .query_map([id(user_id.0)], session)?
                    .collect()
            })
            .await
    }
}

fn session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        id: SessionId(uuid(row, "id")?),
        user_id: UserId(uuid(row, "user_id")?),
        created_at: Timestamp(row.get("created_at")?),
        last_used_at: Timestamp(row.get("last_used_at")?),
        refresh_hash: row.get::<_, Bytes<32>>("refresh_hash")?.0,
        previous_hash: row.get::<_, Option<Bytes<32>>>("previous_hash")?.map(|hash| hash.0),
        rotated_at: Timestamp(row.get("rotated_at")?),
        user_agent: row.get("user_agent")?,
        network: row.get("network")?,
        revoked_at: row.get::<_, Option<i64>>("revoked_at")?.map(Timestamp),
    })
}
