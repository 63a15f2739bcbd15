//! Links into groups. Keyed by code; found by room through `invites_room`.

use super::Embedded;
use super::convert::{failure, id, uuid};
use crate::id::{RoomId, UserId};
use crate::model::Invite;
use crate::server::store::StoreError;
use crate::server::store::groups::Invites;
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, ToSql, params};

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "code, room_id, by_id, created_at, expires_at, uses, max_uses";
/// ?1 is now.
const WORKS: &str =
    "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?1) AND (max_uses IS NULL OR uses < max_uses)";

#[async_trait]
impl Invites for Embedded {
    async fn create_invite(&self, invite: &Invite) -> Result<()> {
        let new = invite.clone();
        self.change_invite(
            &format!("INSERT INTO invites ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"),
            move |run| {
                run(params![
                    new.code,
                    id(new.room_id.0),
                    id(new.by.0),
                    new.created_at.0,
                    new.expires_at.map(|at| at.0),
                    new.uses,
                    new.max_uses,
                ])
            },
        )
        .await
        .map(drop)
    }

    async fn invite(&self, code: &str, now: Timestamp) -> Result<Option<Invite>> {
        let code = code.to_owned();
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM invites WHERE code = ?2 AND {WORKS}"))?
                    .query_row(params![now.0, code], invite)
                    .optional()
            })
            .await
    }

    async fn invites_of(&self, room_id: RoomId, now: Timestamp) -> Result<Vec<Invite>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM invites WHERE room_id = ?2 AND {WORKS} ORDER BY created_at, code"
                    ))?
                    .query_map(params![now.0, id(room_id.0)], invite)?
                    .collect()
            })
            .await
    }

    async fn use_invite(&self, code: &str, now: Timestamp) -> Result<bool> {
        let code = code.to_owned();
        let count = format!("UPDATE invites SET uses = uses + 1 WHERE code = ?2 AND {WORKS}");
        self.change_invite(&count, move |run| run(params![now.0, code])).await
    }

    async fn unuse_invite(&self, code: &str) -> Result<()> {
        let code = code.to_owned();
        let count = "UPDATE invites SET uses = uses - 1 WHERE code = ?1 AND uses > 0";
        self.change_invite(count, move |run| run(params![code])).await.map(drop)
    }

    async fn revoke_invite(&self, room_id: RoomId, code: &str, now: Timestamp) -> Result<bool> {
        let code = code.to_owned();
        let revoke = format!("UPDATE invites SET revoked_at = ?1 WHERE code = ?2 AND room_id = ?3 AND {WORKS}");
        self.change_invite(&revoke, move |run| run(params![now.0, code, id(room_id.0)])).await
    }
}

impl Embedded {
    /// Runs one statement, and says whether it changed a row.
    async fn change_invite<F>(&self, statement: &str, bind: F) -> Result<bool>
    where
        F: FnOnce(&mut dyn FnMut(&[&dyn ToSql]) -> rusqlite::Result<usize>) -> rusqlite::Result<usize> + Send + 'static,
    {
        let statement = statement.to_owned();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(&statement)
                    .and_then(|mut statement| bind(&mut |values| statement.execute(values)))
                    .map(|changed| changed > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }
}

fn invite(row: &Row<'_>) -> rusqlite::Result<Invite> {
    Ok(Invite {
        code: row.get("code")?,
        room_id: RoomId(uuid(row, "room_id")?),
        by: UserId(uuid(row, "by_id")?),
        created_at: Timestamp(row.get("created_at")?),
        expires_at: row.get::<_, Option<i64>>("expires_at")?.map(Timestamp),
        uses: row.get("uses")?,
        max_uses: row.get("max_uses")?,
    })
}
