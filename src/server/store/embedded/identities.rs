//! Accounts elsewhere. Keyed by issuer and subject; `identities_user` finds those of an account.

use super::Embedded;
use super::convert::{failure, id, uuid};
use crate::id::UserId;
use crate::server::store::{Identities, IdentityRow, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "issuer, subject, user_id, email, created_at, last_used_at";

#[async_trait]
impl Identities for Embedded {
    async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<IdentityRow>> {
        let (issuer, subject) = (issuer.to_owned(), subject.to_owned());
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM identities WHERE issuer = ?1 AND subject = ?2"))?
                    .query_row([issuer, subject], identity)
                    .optional()
            })
            .await
    }

    async fn add_identity(&self, row: &IdentityRow) -> Result<bool> {
        let row = row.clone();
        self.writer
            .write(move |scope| {
                let insert = format!("INSERT OR IGNORE INTO identities ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)");
                scope
                    .connection
                    .prepare_cached(&insert)
                    .and_then(|mut insert| {
                        insert.execute(params![
                            row.issuer,
                            row.subject,
                            id(row.user_id.0),
                            row.email,
                            row.created_at.0,
                            row.last_used_at.0
                        ])
                    })
                    .map(|added| added > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn use_identity(&self, issuer: &str, subject: &str, email: Option<&str>, now: Timestamp) -> Result<()> {
        let (issuer, subject, email) = (issuer.to_owned(), subject.to_owned(), email.map(str::to_owned));
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE identities SET email = ?3, last_used_at = max(last_used_at, ?4) \
                         WHERE issuer = ?1 AND subject = ?2",
                    )
                    .and_then(|mut update| update.execute(params![issuer, subject, email, now.0]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn identities_of(&self, user_id: UserId) -> Result<Vec<IdentityRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM identities WHERE user_id = ?1 ORDER BY issuer"))?
                    .query_map([id(user_id.0)], identity)?
                    .collect()
            })
            .await
    }

    async fn remove_identity(&self, user_id: UserId, issuer: &str) -> Result<bool> {
        let issuer = issuer.to_owned();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("DELETE FROM identities WHERE user_id = ?1 AND issuer = ?2")
                    .and_then(|mut delete| delete.execute(params![id(user_id.0), issuer]))
                    .map(|removed| removed > 0)
                    .map_err(|e| failure(&e))
            })
            .await
    }
}

fn identity(row: &Row<'_>) -> rusqlite::Result<IdentityRow> {
    Ok(IdentityRow {
        issuer: row.get("issuer")?,
        subject: row.get("subject")?,
        user_id: UserId(uuid(row, "user_id")?),
        email: row.get("email")?,
        created_at: Timestamp(row.get("created_at")?),
        last_used_at: Timestamp(row.get("last_used_at")?),
    })
}
