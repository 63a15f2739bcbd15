//! Message requests. Keyed by id; `requests_open` keeps one open per ordered pair.

use super::Embedded;
use super::convert::{Bytes, Named, failure, id, taken, uuid};
use crate::id::{RequestId, RoomId, UserId};
use crate::model::{Body, RequestState};
use crate::server::store::{DueRequests, Field, RequestRow, Requests, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};
use uuid::Uuid;

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "id, from_id, to_id, intro, state, open, created_at, changed_at, room_id";

#[async_trait]
impl Requests for Embedded {
    async fn create_request(&self, request: &RequestRow) -> Result<()> {
        let row = request.clone();
        self.writer
            .write(move |scope| {
                let insert = format!("INSERT INTO requests ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
                let inserted = scope.connection.prepare_cached(&insert).and_then(|mut insert| {
                    insert.execute(params![
                        id(row.id.0),
                        id(row.from.0),
                        id(row.to.0),
                        row.intro.as_str(),
                        Named(row.state),
                        row.open,
                        row.created_at.0,
                        row.changed_at.0,
                        row.room_id.map(|room| id(room.0)),
                    ])
                });
                inserted.map(drop).map_err(|error| place_taken(&error))
            })
            .await
    }

    async fn request(&self, request_id: RequestId) -> Result<Option<RequestRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM requests WHERE id = ?1"))?
                    .query_row([id(request_id.0)], request)
                    .optional()
            })
            .await
    }

    async fn open_request(&self, from: UserId, to: UserId) -> Result<Option<RequestRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM requests WHERE from_id = ?1 AND to_id = ?2 AND open = 1 AND room_id IS NULL"
                    ))?
                    .query_row([id(from.0), id(to.0)], request)
                    .optional()
            })
            .await
    }

    /// By `requests_open_from` and `requests_open_to`.
    async fn open_requests_of(&self, user_id: UserId) -> Result<Vec<RequestRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM requests WHERE from_id = ?1 AND open = 1 UNION \
                         SELECT {COLUMNS} FROM requests WHERE to_id = ?1 AND open = 1 ORDER BY created_at DESC, id DESC"
                    ))?
                    .query_map([id(user_id.0)], request)?
                    .collect()
            })
            .await
    }

    /// Of the open ones all are looked at, by their partial index.
    async fn due_requests(&self, due: &DueRequests, limit: usize) -> Result<Vec<RequestRow>> {
        let due = *due;
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM requests INDEXED BY requests_open_to WHERE open = 1 AND ( \
                         state = 'pending' AND created_at <= ?1 OR \
                         state IN ('declined', 'cancelled') AND changed_at <= ?2 OR \
                         state = 'accepted' AND changed_at <= ?3) ORDER BY created_at, id LIMIT ?4"
                    ))?
                    .query_map(
                        params![
                            due.pending.0,
                            due.declined.0,
                            due.accepted.0,
                            i64::try_from(limit).unwrap_or(i64::MAX)
                        ],
                        request,
                    )?
                    .collect()
            })
            .await
    }

    async fn move_request(
        &self,
        request_id: RequestId,
        from: RequestState,
        to: RequestState,
        open: bool,
        now: Timestamp,
    ) -> Result<bool> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE requests SET state = ?3, open = ?4, changed_at = ?5 WHERE id = ?1 AND state = ?2",
                    )
                    .and_then(|mut update| {
                        update.execute(params![id(request_id.0), Named(from), Named(to), open, now.0])
                    })
                    .map(|changed| changed > 0)
                    .map_err(|error| place_taken(&error))
            })
            .await
    }
}

/// `Taken` when another open request holds the pair's place.
fn place_taken(error: &rusqlite::Error) -> StoreError {
    match taken(error) {
        Some(columns) if columns.contains("requests.to_id") => StoreError::Taken(Field::Request),
        _ => failure(error),
    }
}

fn request(row: &Row<'_>) -> rusqlite::Result<RequestRow> {
    Ok(RequestRow {
        id: RequestId(uuid(row, "id")?),
        from: UserId(uuid(row, "from_id")?),
        to: UserId(uuid(row, "to_id")?),
        intro: Body::stored(row.get("intro")?),
        state: row.get::<_, Named<RequestState>>("state")?.0,
        open: row.get("open")?,
        created_at: Timestamp(row.get("created_at")?),
        changed_at: Timestamp(row.get("changed_at")?),
        room_id: row.get::<_, Option<Bytes<16>>>("room_id")?.map(|bytes| RoomId(Uuid::from_bytes(bytes.0))),
    })
}
