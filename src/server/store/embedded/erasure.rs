//! What is kept of one person, and how it goes. Accounts that are due are found by `users_leaving`; texts and reactions by
//! a pass through `messages_id`, as nobody waits for them.

use super::convert::{Bytes, Named, failure, id, signed, uuid};
use super::files::{FILE, file};
use super::messages::message;
use super::moderation::{REPORT, Stored, stored};
use super::users::{found, user};
use super::writer::Scope;
use super::{Embedded, messages, search_index, users};
use crate::id::{FileId, MessageId, ReportId, RoomId, UserId};
use crate::model::report::Report;
use crate::model::{Message, Theme};
use crate::server::store::erasure::{NOBODY, account_of_person, account_of_room, nobody_key};
use crate::server::store::{Erasure, FileRow, Leaving, StoreError, UserRow};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params};
use std::time::Instant;
use uuid::Uuid;

type Result<T> = std::result::Result<T, StoreError>;

/// Messages of a room that are removed by one write, which those that come meanwhile wait for.
const STEP: usize = 100;
/// Messages that one read looks through.
const WINDOW: i64 = 5_000;

#[async_trait]
impl Erasure for Embedded {
    async fn set_leaving(&self, user_id: UserId, leaving: Option<&Leaving>) -> Result<()> {
        let (leaves_at, takes_messages) = leaving.map(|leaving| (leaving.due_at.0, leaving.takes_messages)).unzip();
        self.writer
            .write(move |scope| {
                let update = scope.connection.prepare_cached(
                    "UPDATE users SET leaves_at = ?2, takes_messages = ?3 WHERE id = ?1 AND deleted_at IS NULL",
                );
                found(update.and_then(|mut update| update.execute(params![id(user_id.0), leaves_at, takes_messages])))
            })
            .await
    }

    async fn due_leavings(&self, now: Timestamp, limit: usize) -> Result<Vec<UserRow>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {} FROM users u INDEXED BY users_leaving WHERE u.leaves_at <= ?1 \
                         ORDER BY u.leaves_at, u.id LIMIT ?2",
                        users::COLUMNS
                    ))?
                    .query_map(params![now.0, limit as i64], user)?
                    .collect()
            })
            .await
    }

    async fn erase_user(&self, user_id: UserId, now: Timestamp) -> Result<Option<UserRow>> {
        self.writer.write(move |scope| erase(scope.connection, user_id, now).map_err(|e| failure(&e))).await
    }

    async fn drop_traces(&self, user_id: UserId) -> Result<()> {
        self.writer.write(move |scope| drop_all_of(scope.connection, user_id).map_err(|e| failure(&e))).await
    }

    async fn end_leaving(&self, user_id: UserId) -> Result<()> {
        self.writer
            .write(move |scope| {
                scope
                    .connection
                    .prepare_cached("UPDATE users SET leaves_at = NULL, takes_messages = NULL WHERE id = ?1")
                    .and_then(|mut end| end.execute([id(user_id.0)]))
                    .map(drop)
                    .map_err(|e| failure(&e))
            })
            .await
    }

    async fn messages_by(&self, author_id: UserId, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>> {
        let author = Value::Blob(author_id.0.into_bytes().to_vec());
        self.pass("m.author_id = ?2 AND m.system IS NULL AND m.deleted_at IS NULL", author, after, limit).await
    }

    async fn reacted_by(&self, user_id: UserId, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>> {
        let reacted = "m.reactions IS NOT NULL AND ?2 IN \
            (SELECT b.value FROM json_each(m.reactions) r CROSS JOIN json_each(r.value, '$.by') b)";
        self.pass(reacted, Value::Text(user_id.to_string()), after, limit).await
    }

    async fn files_of(&self, owner_id: UserId, after: Option<FileId>, limit: usize) -> Result<Vec<FileRow>> {
        let after = after.map_or([0; 16], |after| after.0.into_bytes());
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {FILE} FROM files INDEXED BY files_owner WHERE owner_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"
                    ))?
                    .query_map(params![id(owner_id.0), Bytes(after), limit as i64], file)?
                    .collect()
            })
            .await
    }

    async fn reports_by(&self, reporter_id: UserId, before: Option<ReportId>, limit: usize) -> Result<Vec<Report>> {
        let before = before.map_or([255; 16], |before| before.0.into_bytes());
        let found: Vec<Stored> = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {REPORT} FROM reports WHERE reporter_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
                    ))?
                    .query_map(params![id(reporter_id.0), Bytes(before), limit as i64], stored)?
                    .collect()
            })
            .await?;
        found.into_iter().map(Stored::report).collect()
    }

    async fn drop_room(&self, room_id: RoomId) -> Result<()> {
        loop {
            let started = Instant::now();
            if !self.writer.write(move |scope| drop_some(scope, room_id).map_err(|e| failure(&e))).await? {
                return Ok(());
            }
            // The writer belongs to others for as long.
            tokio::time::sleep(started.elapsed()).await;
        }
    }
}

impl Embedded {
    /// Messages behind `after` that `fits` lets pass (`?2` is `who`), in the order of their ids. In that order they are
    /// read, too, so that going on behind the last one reads each message once.
    async fn pass(&self, fits: &str, who: Value, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>> {
        let mut after = after.map_or([0; 16], |after| after.0.into_bytes());
        let query = format!(
            "SELECT {} FROM messages m INDEXED BY messages_id WHERE m.id > ?1 AND m.id <= ?4 AND {fits} ORDER BY m.id LIMIT ?3",
            messages::COLUMNS
        );
        let mut found = Vec::new();
        // In windows, so that no reader is held for long and others come in between.
        while found.len() < limit {
            let (query, who, rest) = (query.clone(), who.clone(), (limit - found.len()) as i64);
            let (end, more): (Option<[u8; 16]>, Vec<Message>) = self
                .readers
                .read(move |connection| {
                    let end: Option<[u8; 16]> = connection
                        .prepare_cached(
                            "SELECT max(id) FROM (SELECT id FROM messages WHERE id > ?1 ORDER BY id LIMIT ?2)",
                        )?
                        .query_row(params![Bytes(after), WINDOW], |row| row.get(0))?;
                    let Some(end) = end else { return Ok((None, Vec::new())) };
                    let more = connection
                        .prepare_cached(&query)?
                        .query_map(params![Bytes(after), who, rest, Bytes(end)], message)?
                        .collect::<rusqlite::Result<_>>()?;
                    Ok((Some(end), more))
                })
                .await?;
            let Some(end) = end else { break };
            found.extend(more);
            after = end;
        }
        Ok(found)
    }
}

fn erase(connection: &Connection, user_id: UserId, now: Timestamp) -> rusqlite::Result<Option<UserRow>> {
    let erased = connection
        .prepare(
            "UPDATE users SET username = '', username_key = ?3, display_name = ?4, email = '', email_key = ?3, \
             email_confirmed_at = NULL, password_hash = '', last_seen = NULL, theme = ?5, status = NULL, about = NULL, \
             is_admin = 0, picture = NULL, muted_until = NULL, warning = NULL, privacy = NULL, revision = revision + 1, \
             deleted_at = ?2 WHERE id = ?1 AND leaves_at <= ?2 AND deleted_at IS NULL RETURNING *",
        )?
        .query_row(params![id(user_id.0), now.0, nobody_key(user_id), NOBODY, Named(Theme::default())], user)
        .optional()?;
    if erased.is_some() {
        connection.execute("DELETE FROM user_words WHERE user_id = ?1", [id(user_id.0)])?;
        return Ok(erased);
    }
    connection
        .prepare(&format!("SELECT {} FROM users u WHERE u.id = ?1 AND u.deleted_at IS NOT NULL", users::COLUMNS))?
        .query_row([id(user_id.0)], user)
        .optional()
}

fn drop_all_of(connection: &Connection, user_id: UserId) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM sessions WHERE user_id = ?1",
        "DELETE FROM identities WHERE user_id = ?1",
        "DELETE FROM mails WHERE user_id = ?1",
        "DELETE FROM requests WHERE from_id = ?1 OR to_id = ?1",
        "DELETE FROM blocks WHERE by_id = ?1 OR target_id = ?1",
        "DELETE FROM bars WHERE user_id = ?1",
        "DELETE FROM invites WHERE by_id = ?1",
        "UPDATE members SET prefs = NULL, cleared_seq = 0, spoke_at = NULL, spoke_txn = NULL WHERE user_id = ?1",
    ] {
        connection.execute(sql, [id(user_id.0)])?;
    }
    connection.execute("DELETE FROM usage WHERE account = ?1", [account_of_person(user_id)]).map(drop)
}

/// Removes the oldest messages of a room, and with the last of them the room itself. Returns whether it may have more.
fn drop_some(scope: &mut Scope<'_>, room_id: RoomId) -> rusqlite::Result<bool> {
    let (stamp, connection) = (scope.stamp(), scope.connection);
    // First, so that nobody comes in meanwhile.
    for sql in ["DELETE FROM invites WHERE room_id = ?1", "DELETE FROM requests WHERE room_id = ?1"] {
        connection.execute(sql, [id(room_id.0)])?;
    }
    let going: Vec<(i64, Uuid)> = connection
        .prepare("SELECT place, id FROM messages WHERE room_id = ?1 ORDER BY seq LIMIT ?2")?
        .query_map(params![id(room_id.0), STEP as i64], |row| Ok((row.get("place")?, uuid(row, "id")?)))?
        .collect::<rusqlite::Result<_>>()?;
    let (places, ids): (Vec<i64>, Vec<Uuid>) = going.into_iter().unzip();
    search_index::forget(connection, &places)?;
    for sql in [
        "DELETE FROM edits WHERE message_id = ?1",
        "DELETE FROM message_files WHERE message_id = ?1",
        "DELETE FROM messages WHERE id = ?1",
    ] {
        let mut remove = connection.prepare(sql)?;
        for message_id in &ids {
            remove.execute([id(*message_id)])?;
        }
    }
    search_index::removed(connection)?;
    connection.execute("UPDATE clock SET newest = max(newest, ?1)", [signed(stamp)])?;
    if places.len() == STEP {
        return Ok(true);
    }
    // Members, bars and links go with the room, by its key.
    for sql in ["DELETE FROM memories WHERE room_id = ?1", "DELETE FROM rooms WHERE id = ?1"] {
        connection.execute(sql, [id(room_id.0)])?;
    }
    connection.execute("DELETE FROM usage WHERE account = ?1", [account_of_room(room_id)])?;
    Ok(false)
}
