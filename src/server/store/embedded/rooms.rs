//! Rooms and who is in them. Rooms are keyed by id and unique by `rooms_pair`; members are keyed by room and user, and
//! found by user through `members_user`.

use super::Embedded;
use super::convert::{Bytes, Ids, Json, Named, failure, id, is_dangling, json, signed, unsigned, uuid};
use super::writer::Scope;
use crate::id::{RoomId, TxnId, UserId};
use crate::model::{Member, Role, Room, RoomKind, RoomPrefs, RoomSettings, Seq, Who};
use crate::server::store::{Marked, Rooms, StoreError, row};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::types::FromSqlError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;

type Result<T> = std::result::Result<T, StoreError>;

pub(super) const ROOM: &str = "r.id, r.kind, r.name, r.created_at, r.revision, r.description, r.history_for_all, r.slow_mode_s, \
    r.pins_by, r.pins, r.picture";
pub(super) const MEMBER: &str = "user_id, role, joined_seq, delivered_seq, read_seq, cleared_seq";

#[async_trait]
impl Rooms for Embedded {
    async fn direct_room(&self, a: UserId, b: UserId, now: Timestamp) -> Result<(Room, bool)> {
        let pair = row::pair(a, b)?;
        self.writer
            .write(move |scope| {
                if let Some(room) = room_of_pair(scope.connection, pair).map_err(|e| failure(&e))? {
                    return Ok((room, false));
                }
                let room = Room::new(RoomId::new(), RoomKind::Direct, None, now);
                insert_room(scope, &room, Some(pair), &[a, b], Role::Member)?;
                Ok((room, true))
            })
            .await
    }

    async fn find_direct_room(&self, a: UserId, b: UserId) -> Result<Option<Room>> {
        let pair = row::pair(a, b)?;
        self.readers.read(move |connection| room_of_pair(connection, pair)).await
    }

    async fn create_group(
        &self,
        room_id: RoomId,
        name: &str,
        description: Option<&str>,
        members: &[UserId],
        now: Timestamp,
    ) -> Result<Room> {
        let mut room = Room::new(room_id, RoomKind::Group, Some(name.to_owned()), now);
        room.description = description.map(str::to_owned);
        let members = row::distinct(members);
        self.writer
            .write(move |scope| {
                if let Some(stored) = room_by_id(scope.connection, room_id).map_err(|e| failure(&e))? {
                    return Ok(stored);
                }
                insert_room(scope, &room, None, &members, Role::Owner)?;
                Ok(room)
            })
            .await
    }

    async fn room(&self, room_id: RoomId) -> Result<Option<Room>> {
        self.readers.read(move |connection| room_by_id(connection, room_id)).await
    }

    async fn rooms_of(&self, user_id: UserId) -> Result<Vec<Room>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {ROOM} FROM members m JOIN rooms r ON r.id = m.room_id WHERE m.user_id = ?1"
                    ))?
                    .query_map([id(user_id.0)], room)?
                    .collect()
            })
            .await
    }

    async fn members(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Vec<Member>)>> {
        let rooms = rooms.to_vec();
        self.readers
            .read(move |connection| {
                let mut find = connection.prepare_cached(&format!(
                    "SELECT room_id, {MEMBER} FROM members WHERE room_id IN (SELECT unhex(value) FROM json_each(?1)) \
                     ORDER BY room_id, joined_at, place"
                ))?;
                let mut by_room: HashMap<RoomId, Vec<Member>> = HashMap::with_capacity(rooms.len());
                let found = find.query_map([Ids::new(rooms.iter().map(|room| room.0))], |row| {
                    Ok((RoomId(uuid(row, "room_id")?), member(row)?))
                })?;
                for pair in found {
                    let (room_id, member) = pair?;
                    by_room.entry(room_id).or_default().push(member);
                }
                Ok(rooms.into_iter().map(|room_id| (room_id, by_room.remove(&room_id).unwrap_or_default())).collect())
            })
            .await
    }

    async fn member(&self, room_id: RoomId, user_id: UserId) -> Result<Option<Member>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {MEMBER} FROM members WHERE room_id = ?1 AND user_id = ?2"))?
                    .query_row([id(room_id.0), id(user_id.0)], member)
                    .optional()
            })
            .await
    }

    async fn memberships_of(&self, user_id: UserId) -> Result<Vec<(RoomId, Member)>> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT room_id, {MEMBER} FROM members WHERE user_id = ?1"))?
                    .query_map([id(user_id.0)], |row| Ok((RoomId(uuid(row, "room_id")?), member(row)?)))?
                    .collect()
            })
            .await
    }

    async fn mark(
        &self,
        room_id: RoomId,
        user_id: UserId,
        delivered: Option<Seq>,
        read: Option<Seq>,
    ) -> Result<Option<Marked>> {
        let (delivered, read) = (signed(delivered.unwrap_or(0)), signed(read.unwrap_or(0)));
        self.writer
            .write(move |scope| {
                let raise = format!(
                    "WITH head (seq) AS (SELECT coalesce(max(seq), 0) FROM messages WHERE room_id = ?1) UPDATE members SET \
                     delivered_seq = max(delivered_seq, min(?3, (SELECT seq FROM head))), \
                     read_seq = max(read_seq, min(?4, (SELECT seq FROM head))) WHERE room_id = ?1 AND user_id = ?2 \
                     AND (delivered_seq < min(?3, (SELECT seq FROM head)) OR read_seq < min(?4, (SELECT seq FROM head)) \
                     OR prefs ->> 'unread_from' <= min(?4, (SELECT seq FROM head))) RETURNING {MEMBER}, prefs"
                );
                let raised = scope
                    .connection
                    .prepare_cached(&raise)
                    .and_then(|mut raise| {
                        let values = params![id(room_id.0), id(user_id.0), delivered, read];
                        raise.query_row(values, |row| Ok((member(row)?, json::<RoomPrefs>(row, "prefs")?))).optional()
                    })
                    .map_err(|e| failure(&e))?;
                let Some((member, mut prefs)) = raised else { return Ok(None) };
                // The head was there when the row matched, so what `read` names is stored or beyond the mark anyway.
                let unmarked = prefs.unread_from.is_some_and(|from| signed(from) <= read && from <= member.read_seq);
                if unmarked {
                    prefs.unread_from = None;
                    prefs.revision += 1;
                    scope
                        .connection
                        .prepare_cached("UPDATE members SET prefs = ?3 WHERE room_id = ?1 AND user_id = ?2")
                        .and_then(|mut keep| keep.execute(params![id(room_id.0), id(user_id.0), Json(&prefs)]))
                        .map_err(|e| failure(&e))?;
                }
                Ok(Some(Marked { member, prefs, unmarked }))
            })
            .await
    }

    async fn take_turn(
        &self,
        room_id: RoomId,
        user_id: UserId,
        txn_id: TxnId,
        now: Timestamp,
        pause_ms: u64,
    ) -> Result<Option<u64>> {
        self.writer
            .write(move |scope| {
                let last: Option<(Option<i64>, Option<Bytes<16>>)> = scope
                    .connection
                    .prepare_cached("SELECT spoke_at, spoke_txn FROM members WHERE room_id = ?1 AND user_id = ?2")
                    .and_then(|mut find| {
                        find.query_row([id(room_id.0), id(user_id.0)], |row| Ok((row.get(0)?, row.get(1)?))).optional()
                    })
                    .map_err(|e| failure(&e))?;
                let (spoke_at, spoke_txn) = last.ok_or(StoreError::Missing)?;
                let is_again = spoke_txn.is_some_and(|txn| txn.0 == txn_id.0.into_bytes());
                if let Some(left) = row::turn_wait(spoke_at.map(Timestamp), now, pause_ms).filter(|_| !is_again) {
                    return Ok(Some(left));
                }
                if !is_again {
                    scope
                        .connection
                        .prepare_cached(
                            "UPDATE members SET spoke_at = ?3, spoke_txn = ?4 WHERE room_id = ?1 AND user_id = ?2",
                        )
                        .and_then(|mut speak| speak.execute(params![id(room_id.0), id(user_id.0), now.0, id(txn_id.0)]))
                        .map_err(|e| failure(&e))?;
                }
                Ok(None)
            })
            .await
    }
}

pub(super) fn room_by_id(connection: &Connection, room_id: RoomId) -> rusqlite::Result<Option<Room>> {
    connection
        .prepare_cached(&format!("SELECT {ROOM} FROM rooms r WHERE r.id = ?1"))?
        .query_row([id(room_id.0)], room)
        .optional()
}

fn room_of_pair(connection: &Connection, pair: [u8; 32]) -> rusqlite::Result<Option<Room>> {
    connection
        .prepare_cached(&format!("SELECT {ROOM} FROM rooms r WHERE r.pair = ?1"))?
        .query_row([Bytes(pair)], room)
        .optional()
}

/// `first_role` is that of the first member; the others are plain ones.
fn insert_room(
    scope: &mut Scope<'_>,
    room: &Room,
    pair: Option<[u8; 32]>,
    members: &[UserId],
    first_role: Role,
) -> Result<()> {
    scope
        .connection
        .prepare_cached(
            "INSERT INTO rooms (id, kind, name, pair, created_at, revision, description) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                id(room.id.0),
                Named(room.kind),
                room.name,
                pair.map(Bytes),
                room.created_at.0,
                signed(room.revision),
                room.description,
            ])
        })
        .map_err(|e| failure(&e))?;
    let mut insert = scope
        .connection
        .prepare_cached(
            "INSERT INTO members (room_id, user_id, role, joined_at, place, joined_seq, delivered_seq, read_seq, cleared_seq) \
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0)",
        )
        .map_err(|e| failure(&e))?;
    for (user_id, place) in members.iter().zip(0_i64..) {
        let role = if place == 0 { first_role } else { Role::Member };
        match insert.execute(params![id(room.id.0), id(user_id.0), Named(role), room.created_at.0, place]) {
            Ok(_) => {}
            Err(error) if is_dangling(&error) => return Err(StoreError::Missing),
            Err(error) => return Err(failure(&error)),
        }
    }
    Ok(())
}

pub(super) fn room(row: &Row<'_>) -> rusqlite::Result<Room> {
    Ok(Room {
        id: RoomId(uuid(row, "id")?),
        kind: row.get::<_, Named<RoomKind>>("kind")?.0,
        name: row.get("name")?,
        created_at: Timestamp(row.get("created_at")?),
        revision: unsigned(row, "revision")?,
        description: row.get("description")?,
        settings: RoomSettings {
            history_for_all: row.get("history_for_all")?,
            slow_mode_s: row.get("slow_mode_s")?,
            pins_by: row.get::<_, Named<Who>>("pins_by")?.0,
        },
        pins: match row.get_ref("pins")?.as_str_or_null()? {
            Some(json) => serde_json::from_str(json).map_err(FromSqlError::other)?,
            None => Vec::new(),
        },
        picture: json(row, "picture")?,
    })
}

pub(super) fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        user_id: UserId(uuid(row, "user_id")?),
        role: row.get::<_, Named<Role>>("role")?.0,
        joined_seq: unsigned(row, "joined_seq")?,
        delivered_seq: unsigned(row, "delivered_seq")?,
        read_seq: unsigned(row, "read_seq")?,
        cleared_seq: unsigned(row, "cleared_seq")?,
    })
}
