//! The log of every room. Unique indexes: `messages_id`, `messages_room_seq` (pages, heads, unread) and
//! `messages_txn_author` (exactly once); `messages_changed` holds only what was ever changed.

use super::convert::{Bytes, Ids, Json, failure, id, json, signed, unsigned, uuid};
use super::writer::Scope;
use super::{Embedded, files};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Attachment, Body, Deleted, Extra, Mentions, Message, ReplyTo, Seq};
use crate::server::store::{Appended, Counted, Messages, NewMessage, Span, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;
use uuid::Uuid;

type Result<T> = std::result::Result<T, StoreError>;

/// In the order that [`message`] takes them in.
pub(super) const COLUMNS: &str = "m.id, m.room_id, m.seq, m.author_id, m.txn_id, m.body, m.created_at, m.revision, m.edited_at, \
     m.system, m.deleted_by, m.deleted_at, m.reply_to, m.reply_seq, m.forwarded_from, m.mentions, m.reactions, m.preview, \
     m.attachments, m.extra, m.hidden_from_assistant";

/// What counts as unread for `?2`.
const COUNTABLE: &str = "m.author_id <> ?2 AND m.system IS NULL AND m.deleted_at IS NULL";
/// Two counts of one look at the messages: all of them, and above the 32nd bit those that name `?3`, an id in quotes.
const COUNTS: &str = "count(*) + (count(CASE WHEN m.mentions IS NOT NULL \
     AND (instr(m.mentions, ?3) OR instr(m.mentions, '\"all\":true')) THEN 1 END) << 32)";

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

    async fn count_unread_in(&self, user_id: UserId, spans: &[Span]) -> Result<Vec<Counted>> {
        let spans: Vec<_> = spans
            .iter()
            .map(|span| {
                let (room, after, upto) = (span.room_id.0.simple(), signed(span.after), signed(span.upto));
                let holes: Vec<_> = span.holes().map(|seq| seq.to_string()).collect();
                format!("[\"{room}\",{after},{upto},[{}]]", holes.join(","))
            })
            .collect();
        let spans = format!("[{}]", spans.join(","));
        self.readers
            .read(move |connection| {
                // What is hidden is taken away again: few messages, each found by its place.
                connection
                    .prepare_cached(&format!(
                        "SELECT (SELECT {COUNTS} FROM messages m WHERE m.room_id = unhex(r.value ->> 0) \
                         AND m.seq > r.value ->> 1 AND m.seq <= r.value ->> 2 AND {COUNTABLE}) \
                         - (SELECT {COUNTS} FROM json_each(r.value, '$[3]') h CROSS JOIN messages m \
                         ON m.room_id = unhex(r.value ->> 0) AND m.seq = h.value WHERE {COUNTABLE}) \
                         FROM json_each(?1) r ORDER BY r.key"
                    ))?
                    .query_map(params![spans, id(user_id.0), format!("\"{}\"", user_id.0)], |row| {
                        let both: i64 = row.get(0)?;
                        let part = |bits: i64| u32::try_from(bits & i64::from(u32::MAX)).unwrap_or(0);
                        Ok(Counted { texts: part(both), mentions: part(both >> 32) })
                    })?
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

    async fn messages(&self, ids: &[MessageId]) -> Result<Vec<Message>> {
        let ids = Ids::new(ids.iter().map(|id| id.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM messages m WHERE m.id IN (SELECT unhex(value) FROM json_each(?1))"
                    ))?
                    .query_map([ids], message)?
                    .collect()
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

/// The newest stamp in a file, also of messages that went with their room; 0 when nothing was ever changed.
pub(super) fn newest_stamp(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row(
        "SELECT max(coalesce(max(changed_at), 0), (SELECT newest FROM clock)) AS stamp \
         FROM messages INDEXED BY messages_changed WHERE changed_at IS NOT NULL",
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
    let digest = new.digest();
    let created_at = new.created_at.max(last_at);
    let message = new.stored(last + 1, created_at);
    scope
        .connection
        .prepare_cached(
            "INSERT INTO messages (id, room_id, seq, author_id, txn_id, body, sent_digest, created_at, revision, system, \
             reply_to, reply_seq, forwarded_from, mentions, attachments, extra, held_until) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                id(message.id.0),
                id(message.room_id.0),
                signed(message.seq),
                id(message.author_id.0),
                id(message.txn_id.0),
                message.body.as_str(),
                Bytes(digest),
                message.created_at.0,
                signed(message.revision),
                message.system.as_ref().map(Json),
                message.reply_to.map(|reply| id(reply.message_id.0)),
                message.reply_to.map(|reply| signed(reply.seq)),
                message.forwarded_from.map(|author| id(author.0)),
                mentions_column(&message.mentions),
                attachments_column(&message),
                message.extra.as_ref().map(Json),
                message.extra.as_ref().and_then(Extra::held_until).map(|at| at.0),
            ])
        })
        .map_err(|e| failure(&e))?;
    files::show(scope, &message).map_err(|e| failure(&e))?;
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

/// Nothing without any, so that most rows have none.
pub(super) fn mentions_column(mentions: &Mentions) -> Option<Json<&Mentions>> {
    (!mentions.is_empty()).then_some(Json(mentions))
}

fn attachments_column(message: &Message) -> Option<Json<&[Attachment]>> {
    (!message.attachments.is_empty()).then_some(Json(&message.attachments[..]))
}

/// A row that begins with [`COLUMNS`].
pub(super) fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    message_at(row, 0)
}

/// [`COLUMNS`] from this place of a row on.
pub(super) fn message_at(row: &Row<'_>, first: usize) -> rusqlite::Result<Message> {
    let at = |place: usize| first + place;
    let optional_id = |place| row.get::<_, Option<Bytes<16>>>(at(place)).map(|id| id.map(|id| Uuid::from_bytes(id.0)));
    let deleted = optional_id(10)?.zip(row.get::<_, Option<i64>>(at(11))?);
    let reply_to = optional_id(12)?.zip(row.get::<_, Option<i64>>(at(13))?);
    Ok(Message {
        id: MessageId(uuid(row, at(0))?),
        room_id: RoomId(uuid(row, at(1))?),
        seq: unsigned(row, at(2))?,
        author_id: UserId(uuid(row, at(3))?),
        txn_id: TxnId(uuid(row, at(4))?),
        body: Body::stored(row.get(at(5))?),
        created_at: Timestamp(row.get(at(6))?),
        revision: unsigned(row, at(7))?,
        edited_at: row.get::<_, Option<i64>>(at(8))?.map(Timestamp),
        system: json(row, at(9))?,
        deleted: deleted.map(|(by, at)| Deleted { by: UserId(by), at: Timestamp(at) }),
        reply_to: reply_to.map(|(id, seq)| ReplyTo { message_id: MessageId(id), seq: Seq::try_from(seq).unwrap_or(0) }),
        forwarded_from: optional_id(14)?.map(UserId),
        mentions: json(row, at(15))?,
        reactions: json(row, at(16))?,
        preview: json(row, at(17))?,
        attachments: json(row, at(18))?,
        extra: json(row, at(19))?,
        is_hidden_from_assistant: row.get::<_, Option<i64>>(at(20))?.is_some(),
    })
}
