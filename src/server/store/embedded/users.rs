//! Accounts. Keyed by id; unique indexes `users_username_key` and `users_email_key`.

use super::Embedded;
use super::convert::{Ids, Named, failure, id, taken, uuid};
use crate::id::UserId;
use crate::model::Theme;
use crate::server::store::{Field, StoreError, UserRow, Users, words};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

const COLUMNS: &str = "u.id, u.username, u.username_key, u.display_name, u.email, u.email_key, u.password_hash, u.created_at, \
    u.last_seen, u.theme";

#[async_trait]
impl Users for Embedded {
    async fn create_user(&self, user: &UserRow) -> Result<()> {
        let user = user.clone();
        self.writer
            .write(move |scope| {
                let mut insert = scope
                    .connection
                    .prepare_cached(
                        "INSERT INTO users (id, username, username_key, display_name, email, email_key, password_hash, \
                         created_at, last_seen, theme) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    )
                    .map_err(|e| failure(&e))?;
                let inserted = insert.execute(params![
                    id(user.id.0),
                    user.username,
                    user.username_key,
                    user.display_name,
                    user.email,
                    user.email_key,
                    user.password_hash,
                    user.created_at.0,
                    user.last_seen.map(|at| at.0),
                    Named(user.theme),
                ]);
                match inserted {
                    Ok(_) => {}
                    Err(error) if taken(&error).is_some_and(|columns| columns.contains("users.email_key")) => {
                        return Err(StoreError::Taken(Field::Email));
                    }
                    Err(error) if taken(&error).is_some_and(|columns| columns.contains("users.username_key")) => {
                        return Err(StoreError::Taken(Field::Username));
                    }
                    Err(error) => return Err(failure(&error)),
                }
                let mut insert = scope
                    .connection
                    .prepare_cached("INSERT INTO user_words (word, user_id) VALUES (?1, ?2)")
                    .map_err(|e| failure(&e))?;
                for word in words::of(&user) {
                    insert.execute(params![word, id(user.id.0)]).map_err(|e| failure(&e))?;
                }
                Ok(())
            })
            .await
    }

    async fn user(&self, user_id: UserId) -> Result<Option<UserRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM users u WHERE u.id = ?1"))?
                    .query_row([id(user_id.0)], user)
                    .optional()
            })
            .await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<UserRow>> {
        let ids = Ids::new(ids.iter().map(|id| id.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM users u WHERE u.id IN (SELECT unhex(value) FROM json_each(?1))"
                    ))?
                    .query_map([ids], user)?
                    .collect()
            })
            .await
    }

    async fn user_by_login(&self, key: &str) -> Result<Option<UserRow>> {
        let key = key.to_owned();
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM users u WHERE u.username_key = ?1 OR u.email_key = ?1"
                    ))?
                    .query_row([key], user)
                    .optional()
            })
            .await
    }

    /// By `users_username` and the key of `user_words`, at most `limit` rows of each.
    async fn find_users(&self, prefix: &str, limit: usize) -> Result<Vec<UserRow>> {
        let prefix = words::folded(prefix);
        self.readers
            .read(move |connection| {
                let range = params![prefix, words::end_of(&prefix), limit as i64];
                let mut found: Vec<UserRow> = connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM users u WHERE u.username >= ?1 AND u.username < ?2 ORDER BY u.username LIMIT ?3"
                    ))?
                    .query_map(range, user)?
                    .collect::<rusqlite::Result<_>>()?;
                if found.len() < limit {
                    let more: Vec<UserRow> = connection
                        .prepare_cached(&format!(
                            "SELECT DISTINCT {COLUMNS} FROM user_words w JOIN users u ON u.id = w.user_id \
                             WHERE w.word >= ?1 AND w.word < ?2 ORDER BY u.username LIMIT ?3"
                        ))?
                        .query_map(range, user)?
                        .collect::<rusqlite::Result<_>>()?;
                    found.extend(more);
                }
                Ok(words::ranked(found, &prefix, limit))
            })
            .await
    }

    async fn set_last_seen(&self, user_id: UserId, at: Timestamp) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE users SET last_seen = ?2 WHERE id = ?1 AND coalesce(last_seen < ?2, TRUE)")
                    .and_then(|mut update| update.execute(params![id(user_id.0), at.0]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn set_theme(&self, user_id: UserId, theme: Theme) -> Result<()> {
        self.writer
            .write(move |scope| {
                let update = scope.connection.prepare_cached("UPDATE users SET theme = ?2 WHERE id = ?1");
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), Named(theme)])))
            })
            .await
    }

    async fn set_password_hash(&self, user_id: UserId, hash: &str) -> Result<()> {
        let hash = hash.to_owned();
        self.writer
            .write(move |scope| {
                let update = scope.connection.prepare_cached("UPDATE users SET password_hash = ?2 WHERE id = ?1");
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), hash])))
            })
            .await
    }
}

/// `Missing` when an update met no row.
fn found(updated: rusqlite::Result<usize>) -> Result<()> {
    match updated {
        Ok(0) => Err(StoreError::Missing),
        Ok(_) => Ok(()),
        Err(error) => Err(failure(&error)),
    }
}

fn user(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        id: UserId(uuid(row, "id")?),
        username: row.get("username")?,
        username_key: row.get("username_key")?,
        display_name: row.get("display_name")?,
        email: row.get("email")?,
        email_key: row.get("email_key")?,
        password_hash: row.get("password_hash")?,
        created_at: Timestamp(row.get("created_at")?),
        last_seen: row.get::<_, Option<i64>>("last_seen")?.map(Timestamp),
        theme: row.get::<_, Named<Theme>>("theme")?.0,
    })
}
