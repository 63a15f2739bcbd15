//! The log of every room. Unique indexes: `messages_id`, `messages_room_seq` (pages, heads, unread) and
//! `messages_txn_author` (exactly once); `messages_changed` holds only what was ever changed.

use super::Embedded;
use super::convert::{Bytes, Ids, failure, id, signed, unsigned, uuid};
use super::writer::Scope;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Body, Message, Seq};
use crate::server::store::{Appended, Messages, NewMessage, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

type Result<T> = std::result::Result<T, StoreError>;

pub(super) const COLUMNS: &str =
    "m.id, m.room_id, m.seq, m.author_id, m.txn_id, m.body, m.created_at, m.revision, m.edited_at";

#[async_trait]
impl Messages for Embedded {
    async fn append(&self, batch: Vec<NewMessage>) -> Vec<Result<Appended>> {
        let expected = batch.len();
        let appended = self.writer.write(move |scope| Ok(append_all(scope, batch))).await;
        // `StoreError` is no `Clone`; what was not committed is unavailable for each of them.
        appended
            .unwrap_or_else(|error| (0..expected).map(|_| Err(StoreError::Unavailable(error.to_string()))).collect())
    }

    async fn page(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        after: Option<Seq>,
        limit: u16,
    ) -> Result<Vec<Message>> {
        let low = signed(floor.max(after.unwrap_or(0)));
        let high = before.map_or(i64::MAX, signed);
        let order = if after.is_some() { "ASC" } else { "DESC" };
        self.readers
            .read(move |connection| {
                let mut messages: Vec<Message> = connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM messages m WHERE m.room_id = ?1 AND m.seq > ?2 AND m.seq < ?3 \
                         ORDER BY m.seq {order} LIMIT ?4"
                    ))?
                    .query_map(params![id(room_id.0), low, high, limit], message)?
                    .collect::<rusqlite::Result<_>>()?;
                if after.is_none() {
                    messages.reverse();
                }
                Ok(messages)
            })
            .await
    }

    async fn heads(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Seq)>> {
        let rooms = Ids::new(rooms.iter().map(|room| room.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT r.id, coalesce((SELECT max(m.seq) FROM messages m WHERE m.room_id = r.id), 0) AS seq \
                         FROM (SELECT unhex(value) AS id FROM json_each(?1)) r",
                    )?
                    .query_map([rooms], |row| Ok((RoomId(uuid(row, "id")?), unsigned(row, "seq")?)))?
                    .collect()
            })
            .await
    }

    async fn last_of(&self, rooms: &[RoomId]) -> Result<Vec<Message>> {
        let rooms = Ids::new(rooms.iter().map(|room| room.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM (SELECT unhex(value) AS id FROM json_each(?1)) r JOIN messages m \
                         ON m.room_id = r.id AND m.seq = (SELECT max(x.seq) FROM messages x WHERE x.room_id = r.id)"
                    ))?
                    .query_map([rooms], message)?
                    .collect()
            })
            .await
    }

    async fn count_unread_in(&self, user_id: UserId, ranges: &[(RoomId, Seq, Seq)]) -> Result<Vec<u32>> {
        let ranges: Vec<_> = ranges
            .iter()
            .map(|(room, after, upto)| format!("[\"{}\",{},{}]", room.0.simple(), signed(*after), signed(*upto)))
            .collect();
        let ranges = format!("[{}]", ranges.join(","));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT (SELECT count(*) FROM messages m WHERE m.room_id = unhex(r.value ->> 0) \
                         AND m.seq > r.value ->> 1 AND m.seq <= r.value ->> 2 AND m.author_id <> ?2) \
                         FROM json_each(?1) r ORDER BY r.key",
                    )?
                    .query_map(params![ranges, id(user_id.0)], |row| row.get(0))?
                    .collect()
            })
            .await
    }

    async fn message(&self, message_id: MessageId) -> Result<Option<Message>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM messages m WHERE m.id = ?1"))?
                    .query_row([id(message_id.0)], message)
                    .optional()
            })
            .await
    }

    async fn message_by_txn(&self, author_id: UserId, txn_id: TxnId) -> Result<Option<Message>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM messages m WHERE m.txn_id = ?1 AND m.author_id = ?2"
                    ))?
                    .query_row([id(txn_id.0), id(author_id.0)], message)
                    .optional()
            })
            .await
    }

    async fn edit(&self, message_id: MessageId, revision: u64, body: &Body) -> Result<Option<Message>> {
        let body = body.clone();
        self.writer
            .write(move |scope| {
                let stamp = scope.stamp();
                let edited = scope
                    .connection
                    .prepare_cached(&format!(
                        "UPDATE messages AS m SET body = ?3, revision = revision + 1, edited_at = ?4, changed_at = ?4 \
                         WHERE m.id = ?1 AND m.revision = ?2 RETURNING {}",
                        // RETURNING knows no alias.
                        COLUMNS.replace("m.", "")
                    ))
                    .and_then(|mut edit| {
                        let values = params![id(message_id.0), signed(revision), body.as_str(), signed(stamp)];
                        edit.query_row(values, message).optional()
                    })
                    .map_err(|e| failure(&e))?;
                if edited.is_none() {
                    scope
                        .connection
                        .prepare_cached("SELECT 1 FROM messages WHERE id = ?1")
                        .and_then(|mut find| find.exists([id(message_id.0)]))
                        .map_err(|e| failure(&e))?
                        .then_some(())
                        .ok_or(StoreError::Missing)?;
                }
                Ok(edited)
            })
            .await
    }

    async fn changed_since(&self, rooms: &[RoomId], cursor: u64, limit: usize) -> Result<Vec<Message>> {
        let rooms = Ids::new(rooms.iter().map(|room| room.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM (SELECT DISTINCT unhex(value) AS id FROM json_each(?1)) r \
                         JOIN messages m ON m.room_id = r.id AND m.changed_at >= ?2 ORDER BY m.changed_at LIMIT ?3"
                    ))?
                    .query_map(params![rooms, signed(cursor), limit as i64], message)?
                    .collect()
            })
            .await
    }
}

/// The newest stamp in a file; 0 when nothing was ever changed.
pub(super) fn newest_stamp(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row(
        "SELECT coalesce(max(changed_at), 0) AS stamp FROM messages INDEXED BY messages_changed WHERE changed_at IS NOT NULL",
        [],
        |row| unsigned(row, "stamp"),
    )
}

/// The newest `seq` of a room and its time.
type Head = (Seq, Timestamp);

fn append_all(scope: &mut Scope<'_>, batch: Vec<NewMessage>) -> Vec<Result<Appended>> {
    let mut heads = HashMap::new();
    batch.into_iter().map(|new| append(scope, &mut heads, new)).collect()
}

/// A statement that fails undoes itself and nothing else, so that one refused message harms no other of its batch.
fn append(scope: &mut Scope<'_>, heads: &mut HashMap<RoomId, Head>, new: NewMessage) -> Result<Appended> {
    if let Some((message, digest)) = sent_before(scope.connection, &new).map_err(|e| failure(&e))? {
        let same = message.room_id == new.room_id && digest == new.digest();
        return if same { Ok(Appended { message, repeated: true }) } else { Err(StoreError::TxnConflict) };
    }
    let (last, last_at) = match heads.get(&new.room_id) {
        Some(head) => *head,
        None => head(scope.connection, new.room_id).map_err(|e| failure(&e))?.ok_or(StoreError::Missing)?,
    };
    let message = Message {
        id: new.id,
        room_id: new.room_id,
        seq: last + 1,
        author_id: new.author_id,
        txn_id: new.txn_id,
        created_at: new.created_at.max(last_at),
        revision: 1,
        edited_at: None,
        system: None,
        deleted: None,
        reply_to: None,
        forwarded_from: None,
        mentions: Default::default(),
        reactions: Vec::new(),
        preview: None,
        body: new.body.clone(),
    };
    scope
        .connection
        .prepare_cached(
            "INSERT INTO messages (id, room_id, seq, author_id, txn_id, body, sent_digest, created_at, revision) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                id(message.id.0),
                id(message.room_id.0),
                signed(message.seq),
                id(message.author_id.0),
                id(message.txn_id.0),
                message.body.as_str(),
                Bytes(new.digest()),
                message.created_at.0,
                signed(message.revision),
            ])
        })
        .map_err(|e| failure(&e))?;
    heads.insert(message.room_id, (message.seq, message.created_at));
    Ok(Appended { message, repeated: false })
}

fn sent_before(connection: &Connection, new: &NewMessage) -> rusqlite::Result<Option<(Message, [u8; 16])>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, m.sent_digest FROM messages m WHERE m.txn_id = ?1 AND m.author_id = ?2"
        ))?
        .query_row([id(new.txn_id.0), id(new.author_id.0)], |row| {
            Ok((message(row)?, row.get::<_, Bytes<16>>("sent_digest")?.0))
        })
        .optional()
}

/// `None` when there is no such room.
fn head(connection: &Connection, room_id: RoomId) -> rusqlite::Result<Option<Head>> {
    let newest = connection
        .prepare_cached("SELECT seq, created_at FROM messages WHERE room_id = ?1 ORDER BY seq DESC LIMIT 1")?
        .query_row([id(room_id.0)], |row| Ok((unsigned(row, "seq")?, Timestamp(row.get("created_at")?))))
        .optional()?;
    if newest.is_some() {
        return Ok(newest);
    }
    let exists = connection.prepare_cached("SELECT 1 FROM rooms WHERE id = ?1")?.exists([id(room_id.0)])?;
    Ok(exists.then_some((0, Timestamp(i64::MIN))))
}

pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: MessageId(uuid(row, "id")?),
        room_id: RoomId(uuid(row, "room_id")?),
        seq: unsigned(row, "seq")?,
        author_id: UserId(uuid(row, "author_id")?),
        txn_id: TxnId(uuid(row, "txn_id")?),
        body: Body::stored(row.get("body")?),
        created_at: Timestamp(row.get("created_at")?),
        revision: unsigned(row, "revision")?,
        edited_at: row.get::<_, Option<i64>>("edited_at")?.map(Timestamp),
        system: None,
        deleted: None,
        reply_to: None,
        forwarded_from: None,
        mentions: Default::default(),
        reactions: Vec::new(),
        preview: None,
    })
}
