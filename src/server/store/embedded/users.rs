//! Accounts. Keyed by id; unique indexes `users_username_key` and `users_email_key`.

use super::Embedded;
use super::convert::{Ids, Json, Named, failure, id, json, signed, taken, unsigned, uuid};
use crate::id::UserId;
use crate::model::{Privacy, Theme};
use crate::server::store::{Field, Leaving, ProfileChange, Sanction, SanctionRow, StoreError, UserRow, Users, words};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, StoreError>;

pub(super) const COLUMNS: &str = "u.id, u.username, u.username_key, u.display_name, u.email, u.email_key, u.password_hash, \
    u.created_at, u.last_seen, u.theme, u.status, u.about, u.is_admin, u.is_bot, u.revision, u.banned_at, u.muted_until, u.warning, \
    u.picture, u.privacy, u.email_confirmed_at, u.leaves_at, u.takes_messages, u.deleted_at";

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
                         created_at, last_seen, theme, status, about, is_admin, is_bot, revision, picture, email_confirmed_at, \
                         leaves_at, takes_messages, deleted_at) \
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
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
                    user.status,
                    user.about,
                    user.is_admin,
                    user.is_bot,
                    signed(user.revision),
                    user.picture.as_ref().map(Json),
                    user.email_confirmed_at.map(|at| at.0),
                    user.leaving.map(|leaving| leaving.due_at.0),
                    user.leaving.map(|leaving| leaving.takes_messages),
                    user.deleted_at.map(|at| at.0),
                ]);
                match inserted {
                    Ok(_) => {}
                    Err(error) if taken(&error).is_some_and(|columns| columns.contains("users.email_key")) => {
                        return Err(StoreError::Taken(Field::Email));
                    }
                    Err(error) if taken(&error).is_some_and(|columns| columns.contains("users.username_key")) => {
                        return Err(StoreError::Taken(Field::Username));
                    }
                    Err(error) if taken(&error).is_some_and(|columns| columns.contains("users.id")) => {
                        return Err(StoreError::Taken(Field::Id));
                    }
                    Err(error) => return Err(failure(&error)),
                }
                put_words(scope.connection, &user)
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
                        "SELECT {COLUMNS} FROM users u WHERE (u.username_key = ?1 OR u.email_key = ?1) AND u.deleted_at IS NULL"
                    ))?
                    .query_row([key], user)
                    .optional()
            })
            .await
    }

    /// By `users_username`.
    async fn users_by_name(&self, usernames: &[String]) -> Result<Vec<UserRow>> {
        let names = Json(usernames.to_vec());
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM users u WHERE u.username IN (SELECT value FROM json_each(?1)) \
                         AND u.deleted_at IS NULL"
                    ))?
                    .query_map([names], user)?
                    .collect()
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
                        "SELECT {COLUMNS} FROM users u WHERE u.username >= ?1 AND u.username < ?2 AND u.deleted_at IS NULL \
                         ORDER BY u.username LIMIT ?3"
                    ))?
                    .query_map(range, user)?
                    .collect::<rusqlite::Result<_>>()?;
                if found.len() < limit {
                    let more: Vec<UserRow> = connection
                        .prepare_cached(&format!(
                            "SELECT DISTINCT {COLUMNS} FROM user_words w JOIN users u ON u.id = w.user_id \
                             WHERE w.word >= ?1 AND w.word < ?2 AND u.deleted_at IS NULL ORDER BY u.username LIMIT ?3"
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
                    .prepare_cached(
                        "UPDATE users SET last_seen = ?2 WHERE id = ?1 AND coalesce(last_seen < ?2, TRUE) \
                         AND deleted_at IS NULL",
                    )
                    .and_then(|mut update| update.execute(params![id(user_id.0), at.0]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn set_theme(&self, user_id: UserId, theme: Theme) -> Result<()> {
        self.writer
            .write(move |scope| {
                let update =
                    scope.connection.prepare_cached("UPDATE users SET theme = ?2 WHERE id = ?1 AND deleted_at IS NULL");
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), Named(theme)])))
            })
            .await
    }

    async fn set_privacy(&self, user_id: UserId, privacy: &Privacy) -> Result<()> {
        let privacy = *privacy;
        self.writer
            .write(move |scope| {
                let update = scope
                    .connection
                    .prepare_cached("UPDATE users SET privacy = ?2 WHERE id = ?1 AND deleted_at IS NULL");
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), Json(&privacy)])))
            })
            .await
    }

    async fn set_email(&self, user_id: UserId, email: &str, key: &str, confirmed_at: Option<Timestamp>) -> Result<()> {
        let (email, key) = (email.to_owned(), key.to_owned());
        self.writer
            .write(move |scope| {
                let update = scope.connection.prepare_cached(
                    "UPDATE users SET email = ?2, email_key = ?3, email_confirmed_at = ?4 \
                     WHERE id = ?1 AND deleted_at IS NULL",
                );
                let at = confirmed_at.map(|at| at.0);
                match update.and_then(|mut update| update.execute(params![id(user_id.0), email, key, at])) {
                    Err(error) if taken(&error).is_some() => Err(StoreError::Taken(Field::Email)),
                    updated => found(updated),
                }
            })
            .await
    }

    async fn set_password_hash(&self, user_id: UserId, hash: &str) -> Result<()> {
        let hash = hash.to_owned();
        self.writer
            .write(move |scope| {
                let update = scope
                    .connection
                    .prepare_cached("UPDATE users SET password_hash = ?2 WHERE id = ?1 AND deleted_at IS NULL");
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), hash])))
            })
            .await
    }

    async fn set_profile(&self, user_id: UserId, change: &ProfileChange) -> Result<UserRow> {
        let change = change.clone();
        self.writer
            .write(move |scope| {
                let row = scope
                    .connection
                    .prepare_cached(
                        "UPDATE users SET display_name = coalesce(?2, display_name), \
                         status = CASE WHEN ?3 IS NULL THEN status ELSE nullif(?3, '') END, \
                         about = CASE WHEN ?4 IS NULL THEN about ELSE nullif(?4, '') END, \
                         is_admin = coalesce(?5, is_admin), \
                         picture = CASE WHEN ?6 THEN ?7 ELSE picture END, revision = revision + 1 \
                         WHERE id = ?1 AND deleted_at IS NULL RETURNING *",
                    )
                    .and_then(|mut update| {
                        let values = params![
                            id(user_id.0),
                            change.display_name,
                            change.status,
                            change.about,
                            change.is_admin,
                            change.picture.is_some(),
                            change.picture.as_ref().and_then(Option::as_ref).map(Json),
                        ];
                        update.query_row(values, user).optional()
                    })
                    .map_err(|e| failure(&e))?
                    .ok_or(StoreError::Missing)?;
                if change.display_name.is_some() {
                    scope
                        .connection
                        .prepare_cached("DELETE FROM user_words WHERE user_id = ?1")
                        .and_then(|mut delete| delete.execute([id(user_id.0)]))
                        .map_err(|e| failure(&e))?;
                    put_words(scope.connection, &row)?;
                }
                Ok(row)
            })
            .await
    }

    async fn sanction(&self, user_id: UserId, sanction: &Sanction) -> Result<()> {
        let (column, value) = match sanction {
            Sanction::Ban(at) => ("banned_at", at.map(|at| Value::Integer(at.0))),
            Sanction::Mute(until) => ("muted_until", until.map(|until| Value::Integer(until.0))),
            Sanction::Warning(text) => ("warning", text.clone().map(Value::Text)),
        };
        self.writer
            .write(move |scope| {
                let update = scope.connection.prepare_cached(&format!("UPDATE users SET {column} = ?2 WHERE id = ?1"));
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), value])))
            })
            .await
    }

    async fn sanctioned(&self) -> Result<Vec<SanctionRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT id, banned_at, muted_until FROM users INDEXED BY users_sanctioned \
                         WHERE banned_at IS NOT NULL OR muted_until IS NOT NULL",
                    )?
                    .query_map([], |row| {
                        Ok(SanctionRow {
                            user_id: UserId(uuid(row, "id")?),
                            banned_at: row.get::<_, Option<i64>>("banned_at")?.map(Timestamp),
                            muted_until: row.get::<_, Option<i64>>("muted_until")?.map(Timestamp),
                        })
                    })?
                    .collect()
            })
            .await
    }

    async fn list_users(&self, after: &str, limit: usize) -> Result<Vec<UserRow>> {
        let after = after.to_owned();
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM users u WHERE u.username > ?1 AND u.deleted_at IS NULL \
                         ORDER BY u.username LIMIT ?2"
                    ))?
                    .query_map(params![after, limit as i64], user)?
                    .collect()
            })
            .await
    }
}

fn put_words(connection: &Connection, user: &UserRow) -> Result<()> {
    let mut insert =
        connection.prepare_cached("INSERT INTO user_words (word, user_id) VALUES (?1, ?2)").map_err(|e| failure(&e))?;
    for word in words::of(user) {
        insert.execute(params![word, id(user.id.0)]).map_err(|e| failure(&e))?;
    }
    Ok(())
}

/// `Missing` when an update met no row.
pub(super) fn found(updated: rusqlite::Result<usize>) -> Result<()> {
    match updated {
        Ok(0) => Err(StoreError::Missing),
        Ok(_) => Ok(()),
        Err(error) => Err(failure(&error)),
    }
}

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<UserRow> {
    Ok(UserRow {
        id: UserId(uuid(row, "id")?),
        username: row.get("username")?,
        username_key: row.get("username_key")?,
        display_name: row.get("display_name")?,
        email: row.get("email")?,
        email_key: row.get("email_key")?,
        email_confirmed_at: row.get::<_, Option<i64>>("email_confirmed_at")?.map(Timestamp),
        password_hash: row.get("password_hash")?,
        created_at: Timestamp(row.get("created_at")?),
        last_seen: row.get::<_, Option<i64>>("last_seen")?.map(Timestamp),
        theme: row.get::<_, Named<Theme>>("theme")?.0,
        status: row.get("status")?,
        about: row.get("about")?,
        is_admin: row.get("is_admin")?,
        is_bot: row.get("is_bot")?,
        picture: json(row, "picture")?,
        revision: unsigned(row, "revision")?,
        banned_at: row.get::<_, Option<i64>>("banned_at")?.map(Timestamp),
        muted_until: row.get::<_, Option<i64>>("muted_until")?.map(Timestamp),
        warning: row.get("warning")?,
        privacy: json(row, "privacy")?,
        leaving: leaving(row)?,
        deleted_at: row.get::<_, Option<i64>>("deleted_at")?.map(Timestamp),
    })
}

fn leaving(row: &Row<'_>) -> rusqlite::Result<Option<Leaving>> {
    let due_at = row.get::<_, Option<i64>>("leaves_at")?.map(Timestamp);
    let takes_messages: Option<bool> = row.get("takes_messages")?;
    Ok(due_at.zip(takes_messages).map(|(due_at, takes_messages)| Leaving { due_at, takes_messages }))
}
