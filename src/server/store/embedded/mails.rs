//! Letters that wait. Keyed by id; `mails_due` finds those that are due.

use super::Embedded;
use super::convert::{failure, id, uuid};
use crate::id::{MailId, UserId};
use crate::server::store::{MailRow, Mails, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{Row, params};

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "id, user_id, recipient, about, created_at, due_at, tries";

#[async_trait]
impl Mails for Embedded {
    async fn add_mail(&self, row: &MailRow) -> Result<()> {
        let row = row.clone();
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached(&format!(
                        "INSERT OR IGNORE INTO mails ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                    ))
                    .and_then(|mut insert| {
                        insert.execute(params![
                            id(row.id.0),
                            id(row.user_id.0),
                            row.to,
                            row.about,
                            row.created_at.0,
                            row.due_at.0,
                            row.tries
                        ])
                    })
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn take_mails(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<MailRow>> {
        self.writer
            .write(move |scope| {
                let take = format!(
                    "UPDATE mails SET due_at = ?2, tries = tries + 1 WHERE id IN \
                     (SELECT id FROM mails WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?3) RETURNING {COLUMNS}"
                );
                let mut taken: Vec<MailRow> = scope
                    .connection
                    .prepare_cached(&take)
                    .and_then(|mut take| take.query_map(params![now.0, until.0, limit as i64], mail)?.collect())
                    .map_err(|e| failure(&e))?;
                taken.sort_by_key(|row| row.id);
                Ok(taken)
            })
            .await
    }

    async fn put_mail_off(&self, mail_id: MailId, due_at: Timestamp) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE mails SET due_at = ?2 WHERE id = ?1")
                    .and_then(|mut update| update.execute(params![id(mail_id.0), due_at.0]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn remove_mail(&self, mail_id: MailId) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("DELETE FROM mails WHERE id = ?1")
                    .and_then(|mut delete| delete.execute([id(mail_id.0)]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }
}

fn mail(row: &Row<'_>) -> rusqlite::Result<MailRow> {
    Ok(MailRow {
        id: MailId(uuid(row, "id")?),
        user_id: UserId(uuid(row, "user_id")?),
        to: row.get("recipient")?,
        about: row.get("about")?,
        created_at: Timestamp(row.get("created_at")?),
        due_at: Timestamp(row.get("due_at")?),
        tries: row.get("tries")?,
    })
}
