//! Keeps the index of `message_grams` up behind the log: in transactions of its own, so that no message waits for it.
//!
//! `search_state.indexed_to` says how far it is and `search_stale` (filled by a trigger) what has changed since; both are written
//! with the index, so it goes on where it was after any end of the process, and a file from before it is simply far behind.

use super::convert::{failure, json};
use super::messages::{COLUMNS, message_at};
use super::writer::{Scope, Writer};
use crate::id::{RoomId, UserId};
use crate::model::{Body, Has, Message};
use crate::server::find::{fold, grams};
use crate::server::store::StoreError;
use crate::server::store::search::{has_of, searchable};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Messages of one step: what a write that comes meanwhile waits for, some milliseconds.
const STEP: usize = 256;
/// New messages gather this long before they are indexed, so that a quiet server does not pay for two commits per message.
const GATHER: Duration = Duration::from_secs(1);
/// After a step the writer belongs to others for this many times as long.
const REST: u32 = 3;

/// The thread that indexes what was committed; `woken` tells of commits, and ends it when it ends.
pub(super) fn start(writer: Arc<Writer>, woken: Receiver<()>) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new()
        .name("search-index".into())
        .spawn(move || serve(&writer, &woken))
        .map_err(|error| StoreError::Other(format!("the search index does not start: {error}")))
}

fn serve(writer: &Writer, woken: &Receiver<()>) {
    // Once unasked: for what a process before this one left.
    loop {
        loop {
            let started = Instant::now();
            match writer.write_blocking(step) {
                Ok(true) => std::thread::sleep(started.elapsed() * REST),
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "messages could not be indexed for search; trying again with the next one");
                    break;
                }
            }
        }
        if woken.recv().is_err() {
            return;
        }
        let ready = Instant::now() + GATHER;
        loop {
            match woken.recv_timeout(ready.saturating_duration_since(Instant::now())) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }
}

/// Indexes a bounded number of messages; whether there may be more to do.
pub(super) fn step(scope: &mut Scope<'_>) -> Result<bool, StoreError> {
    let renewed = renew(scope.connection).map_err(|e| failure(&e))?;
    let added = add(scope.connection).map_err(|e| failure(&e))?;
    Ok(renewed == STEP || added == STEP)
}

/// Takes changed messages out by the text they were indexed with, and in again by the one they have.
fn renew(connection: &Connection) -> rusqlite::Result<usize> {
    let stale: Vec<(i64, Message, Message)> = connection
        .prepare_cached(&format!(
            "SELECT s.place, s.body AS old_body, s.attachments AS old_attachments, {COLUMNS} \
             FROM search_stale s JOIN messages m ON m.place = s.place LIMIT ?1"
        ))?
        .query_map([STEP as i64], |row| {
            let current = message_at(row, 3)?;
            Ok((row.get("place")?, as_indexed(row, current.clone())?, current))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (place, old, current) in &stale {
        Entry::of(old).map_or(Ok(()), |entry| entry.delete(connection, *place))?;
        Entry::of(current).map_or(Ok(()), |entry| entry.insert(connection, *place))?;
        connection.prepare_cached("DELETE FROM search_stale WHERE place = ?1")?.execute([place])?;
    }
    Ok(stale.len())
}

fn add(connection: &Connection) -> rusqlite::Result<usize> {
    let new: Vec<(i64, Message)> = connection
        .prepare_cached(&format!(
            "SELECT m.place, {COLUMNS} FROM messages m WHERE m.place > (SELECT indexed_to FROM search_state) \
             ORDER BY m.place LIMIT ?1"
        ))?
        .query_map([STEP as i64], |row| Ok((row.get("place")?, message_at(row, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (place, message) in &new {
        Entry::of(message).map_or(Ok(()), |entry| entry.insert(connection, *place))?;
    }
    if let Some((last, _)) = new.last() {
        connection.prepare_cached("UPDATE search_state SET indexed_to = ?1")?.execute([last])?;
    }
    Ok(new.len())
}

/// A message as it was when it was indexed, from a row with what `search_stale` keeps of that.
fn as_indexed(row: &Row<'_>, current: Message) -> rusqlite::Result<Message> {
    let body = Body::stored(row.get("old_body")?);
    Ok(Message { body, attachments: json(row, "old_attachments")?, ..current })
}

/// Takes messages out that are about to be removed.
pub(super) fn forget(connection: &Connection, places: &[i64]) -> rusqlite::Result<()> {
    let mut find = connection.prepare(&format!(
        "SELECT s.place IS NOT NULL AS is_stale, s.body AS old_body, s.attachments AS old_attachments, {COLUMNS} \
         FROM messages m LEFT JOIN search_stale s ON s.place = m.place \
         WHERE m.place = ?1 AND m.place <= (SELECT indexed_to FROM search_state)"
    ))?;
    for place in places {
        let indexed = find
            .query_row([place], |row| {
                let current = message_at(row, 3)?;
                if row.get::<_, bool>("is_stale")? { as_indexed(row, current) } else { Ok(current) }
            })
            .optional()?;
        indexed.as_ref().and_then(Entry::of).map_or(Ok(()), |entry| entry.delete(connection, *place))?;
        connection.prepare_cached("DELETE FROM search_stale WHERE place = ?1")?.execute([place])?;
    }
    Ok(())
}

/// Messages were removed: those that come next may take their places at the end of the log, and are in no index yet.
pub(super) fn removed(connection: &Connection) -> rusqlite::Result<()> {
    let back = "UPDATE search_state SET indexed_to = min(indexed_to, (SELECT coalesce(max(place), 0) FROM messages))";
    connection.execute(back, []).map(drop)
}

/// A row of the index.
struct Entry {
    room: String,
    author: String,
    has: [Option<String>; 3],
    spaced: String,
    dense: Option<String>,
}

impl Entry {
    /// `None` for a message that is never found.
    fn of(message: &Message) -> Option<Self> {
        let text = searchable(message)?;
        let (folded, has) = (fold::fold(&text), has_of(message));
        Some(Self {
            room: room_token(message.room_id),
            author: author_token(message.author_id),
            has: [Has::Link, Has::File, Has::Image].map(|one| has.contains(&one).then(|| has_token(one))),
            spaced: grams::spaced(&folded),
            dense: Some(grams::dense(&folded)).filter(|dense| !dense.is_empty()),
        })
    }

    fn insert(&self, connection: &Connection, place: i64) -> rusqlite::Result<()> {
        self.write(
            connection,
            "INSERT INTO message_grams (rowid, room, author, has_link, has_file, has_image, spaced, dense) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            place,
        )
    }

    /// Must be the entry that was inserted: FTS5 takes out exactly what it says.
    fn delete(&self, connection: &Connection, place: i64) -> rusqlite::Result<()> {
        self.write(
            connection,
            "INSERT INTO message_grams (message_grams, rowid, room, author, has_link, has_file, has_image, spaced, dense) \
             VALUES ('delete', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            place,
        )
    }

    fn write(&self, connection: &Connection, sql: &str, place: i64) -> rusqlite::Result<()> {
        let [link, file, image] = &self.has;
        let values = params![place, self.room, self.author, link, file, image, self.spaced, self.dense];
        connection.prepare_cached(sql)?.execute(values).map(drop)
    }
}

/// Three characters that no folded text has, from the random part of an id: 45 bits. Two rooms may share one; what is found is
/// checked.
pub(super) fn room_token(room_id: RoomId) -> String {
    token(room_id.0, 0xf_0000)
}

pub(super) fn author_token(author_id: UserId) -> String {
    token(author_id.0, 0xf_8000)
}

pub(super) fn has_token(has: Has) -> String {
    let kind = match has {
        Has::Link => 'l',
        Has::File => 'f',
        Has::Image => 'i',
    };
    format!("\u{2}{kind}\u{2}")
}

fn token(uuid: Uuid, base: u32) -> String {
    let bits = uuid.as_u128();
    (0..3).filter_map(|n| char::from_u32(base + ((bits >> (15 * n)) as u32 & 0x7fff))).collect()
}
