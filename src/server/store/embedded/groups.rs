//! Changes of groups. Each is one transaction, so nothing of it is seen before all of it.

use super::Embedded;
use super::convert::{Ids, Json, Named, failure, id, is_dangling, signed, unsigned, uuid};
use super::rooms::{MEMBER, ROOM, member, room, room_by_id};
use super::writer::Scope;
use crate::id::{MessageId, RoomId, UserId};
use crate::model::limits::PINS_MAX;
use crate::model::{Member, Picture, Pin, Role, Room, RoomChange, RoomKind};
use crate::server::store::groups::{Groups, Joined, fits};
use crate::server::store::{StoreError, row};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Groups for Embedded {
    async fn add_members(&self, room_id: RoomId, users: &[UserId], now: Timestamp) -> Result<Joined> {
        let users = row::distinct(users);
        self.writer
            .write(move |scope| {
                let room = group(scope.connection, room_id)?;
                let (count, mut place) = places(scope.connection, room_id).map_err(|e| failure(&e))?;
                if count == 0 {
                    return Err(StoreError::Missing);
                }
                let head: i64 = scope
                    .connection
                    .prepare_cached("SELECT coalesce(max(seq), 0) FROM messages WHERE room_id = ?1")
                    .and_then(|mut find| find.query_row([id(room_id.0)], |row| row.get(0)))
                    .map_err(|e| failure(&e))?;
                let joined_seq = if room.settings.history_for_all { 0 } else { head };
                let mut members: Vec<Member> = Vec::new();
                for user_id in users {
                    lift_bar(scope, room_id, user_id)?;
                    place += 1;
                    let insert = format!(
                        "INSERT INTO members (room_id, user_id, role, joined_at, place, joined_seq, delivered_seq, read_seq, \
                         cleared_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 0) ON CONFLICT DO NOTHING RETURNING {MEMBER}"
                    );
                    let inserted = scope.connection.prepare_cached(&insert).and_then(|mut insert| {
                        let (room_id, user_id, role) = (id(room_id.0), id(user_id.0), Named(Role::Member));
                        let values = params![room_id, user_id, role, now.0, place, joined_seq, head];
                        insert.query_row(values, member).optional()
                    });
                    match inserted {
                        Ok(new) => members.extend(new),
                        Err(error) if is_dangling(&error) => return Err(StoreError::Missing),
                        Err(error) => return Err(failure(&error)),
                    }
                }
                fits(count, members.len())?;
                let room = if members.is_empty() { room } else { raise(scope.connection, room_id)? };
                Ok(Joined { room, members })
            })
            .await
    }

    async fn remove_member(&self, room_id: RoomId, user_id: UserId, roles: &[Role], bar: bool) -> Result<Option<Room>> {
        let roles = roles.to_vec();
        self.writer
            .write(move |scope| {
                let role = role(scope.connection, room_id, user_id).map_err(|e| failure(&e))?;
                let Some(role) = role.filter(|role| roles.contains(role)) else { return Ok(None) };
                let (count, _) = places(scope.connection, room_id).map_err(|e| failure(&e))?;
                if role == Role::Owner && count > 1 {
                    return Ok(None);
                }
                let delete = "DELETE FROM members WHERE room_id = ?1 AND user_id = ?2";
                execute(scope, delete, room_id, user_id)?;
                if bar {
                    execute(scope, "INSERT INTO bars VALUES (?1, ?2) ON CONFLICT DO NOTHING", room_id, user_id)?;
                }
                raise(scope.connection, room_id).map(Some)
            })
            .await
    }

    async fn is_barred(&self, room_id: RoomId, user_id: UserId) -> Result<bool> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT 1 FROM bars WHERE room_id = ?1 AND user_id = ?2")?
                    .exists([id(room_id.0), id(user_id.0)])
            })
            .await
    }

    async fn set_role(&self, room_id: RoomId, user_id: UserId, from: Role, to: Role) -> Result<Option<Room>> {
        self.writer
            .write(move |scope| {
                if from == Role::Owner || to == Role::Owner || !give_role(scope, room_id, user_id, from, to)? {
                    return Ok(None);
                }
                raise(scope.connection, room_id).map(Some)
            })
            .await
    }

    async fn transfer(&self, room_id: RoomId, from: UserId, to: UserId) -> Result<Option<Room>> {
        self.writer
            .write(move |scope| {
                let heir = role(scope.connection, room_id, to).map_err(|e| failure(&e))?;
                let Some(heir) = heir.filter(|_| from != to) else { return Ok(None) };
                if !give_role(scope, room_id, from, Role::Owner, Role::Admin)? {
                    return Ok(None);
                }
                give_role(scope, room_id, to, heir, Role::Owner)?;
                raise(scope.connection, room_id).map(Some)
            })
            .await
    }

    async fn update_room(&self, room_id: RoomId, change: &RoomChange) -> Result<Option<Room>> {
        let change = change.clone();
        self.writer
            .write(move |scope| {
                let found = room_by_id(scope.connection, room_id).map_err(|e| failure(&e))?;
                let mut changed = found.ok_or(StoreError::Missing)?;
                if !change.apply(&mut changed) {
                    return Ok(None);
                }
                scope
                    .connection
                    .prepare_cached(
                        "UPDATE rooms SET name = ?2, description = ?3, history_for_all = ?4, slow_mode_s = ?5, pins_by = ?6, \
                         revision = ?7 WHERE id = ?1",
                    )
                    .and_then(|mut update| {
                        update.execute(params![
                            id(room_id.0),
                            changed.name,
                            changed.description,
                            changed.settings.history_for_all,
                            changed.settings.slow_mode_s,
                            Named(changed.settings.pins_by),
                            signed(changed.revision),
                        ])
                    })
                    .map_err(|e| failure(&e))?;
                Ok(Some(changed))
            })
            .await
    }

    async fn set_room_picture(&self, room_id: RoomId, picture: Option<&Picture>) -> Result<Option<Room>> {
        let picture = picture.cloned();
        self.writer
            .write(move |scope| {
                let found = room_by_id(scope.connection, room_id).map_err(|e| failure(&e))?;
                if found.ok_or(StoreError::Missing)?.picture == picture {
                    return Ok(None);
                }
                scope
                    .connection
                    .prepare_cached("UPDATE rooms SET picture = ?2 WHERE id = ?1")
                    .and_then(|mut update| update.execute(params![id(room_id.0), picture.as_ref().map(Json)]))
                    .map_err(|e| failure(&e))?;
                raise(scope.connection, room_id).map(Some)
            })
            .await
    }

    async fn pin(&self, room_id: RoomId, pin: &Pin) -> Result<Option<Room>> {
        let pin = *pin;
        self.writer
            .write(move |scope| {
                let room =
                    room_by_id(scope.connection, room_id).map_err(|e| failure(&e))?.ok_or(StoreError::Missing)?;
                if room.pins.iter().any(|other| other.message_id == pin.message_id) {
                    return Ok(None);
                }
                if room.pins.len() >= PINS_MAX {
                    return Err(StoreError::Full);
                }
                let pins = [room.pins, vec![pin]].concat();
                set_pins(scope, room_id, &pins).map(Some)
            })
            .await
    }

    async fn unpin(&self, room_id: RoomId, messages: &[MessageId]) -> Result<Option<Room>> {
        let messages = messages.to_vec();
        self.writer
            .write(move |scope| {
                let room = room_by_id(scope.connection, room_id).map_err(|e| failure(&e))?;
                let mut pins = room.map(|room| room.pins).unwrap_or_default();
                let before = pins.len();
                pins.retain(|pin| !messages.contains(&pin.message_id));
                if pins.len() == before { Ok(None) } else { set_pins(scope, room_id, &pins).map(Some) }
            })
            .await
    }

    async fn revisions(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        let rooms = Ids::new(rooms.iter().map(|room| room.0));
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT id, revision FROM rooms WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
                    )?
                    .query_map([rooms], |row| Ok((RoomId(uuid(row, "id")?), unsigned(row, "revision")?)))?
                    .collect()
            })
            .await
    }
}

fn group(connection: &Connection, room_id: RoomId) -> Result<Room> {
    let room = room_by_id(connection, room_id).map_err(|e| failure(&e))?;
    room.filter(|room| room.kind == RoomKind::Group).ok_or(StoreError::Missing)
}

/// How many are in a room, and the greatest `place` of them.
fn places(connection: &Connection, room_id: RoomId) -> rusqlite::Result<(usize, i64)> {
    connection
        .prepare_cached("SELECT count(*), coalesce(max(place), 0) FROM members WHERE room_id = ?1")?
        .query_row([id(room_id.0)], |row| Ok((row.get::<_, u32>(0)? as usize, row.get(1)?)))
}

fn role(connection: &Connection, room_id: RoomId, user_id: UserId) -> rusqlite::Result<Option<Role>> {
    connection
        .prepare_cached("SELECT role FROM members WHERE room_id = ?1 AND user_id = ?2")?
        .query_row([id(room_id.0), id(user_id.0)], |row| Ok(row.get::<_, Named<Role>>(0)?.0))
        .optional()
}

fn give_role(scope: &Scope<'_>, room_id: RoomId, user_id: UserId, from: Role, to: Role) -> Result<bool> {
    scope
        .connection
        .prepare_cached("UPDATE members SET role = ?4 WHERE room_id = ?1 AND user_id = ?2 AND role = ?3")
        .and_then(|mut update| update.execute(params![id(room_id.0), id(user_id.0), Named(from), Named(to)]))
        .map(|changed| changed > 0)
        .map_err(|e| failure(&e))
}

fn lift_bar(scope: &Scope<'_>, room_id: RoomId, user_id: UserId) -> Result<()> {
    execute(scope, "DELETE FROM bars WHERE room_id = ?1 AND user_id = ?2", room_id, user_id)
}

fn execute(scope: &Scope<'_>, statement: &str, room_id: RoomId, user_id: UserId) -> Result<()> {
    scope
        .connection
        .prepare_cached(statement)
        .and_then(|mut statement| statement.execute([id(room_id.0), id(user_id.0)]))
        .map(drop)
        .map_err(|e| failure(&e))
}

/// The room in its next revision.
fn raise(connection: &Connection, room_id: RoomId) -> Result<Room> {
    connection
        .prepare_cached(&format!(
            "UPDATE rooms SET revision = revision + 1 WHERE id = ?1 RETURNING {}",
            ROOM.replace("r.", "")
        ))
        .and_then(|mut update| update.query_row([id(room_id.0)], room))
        .map_err(|e| failure(&e))
}

fn set_pins(scope: &Scope<'_>, room_id: RoomId, pins: &[Pin]) -> Result<Room> {
    let json = serde_json::to_string(pins).map_err(|error| StoreError::Other(error.to_string()))?;
    scope
        .connection
        .prepare_cached(&format!(
            "UPDATE rooms SET pins = nullif(?2, '[]'), revision = revision + 1 WHERE id = ?1 RETURNING {}",
            ROOM.replace("r.", "")
        ))
        .and_then(|mut update| update.query_row(params![id(room_id.0), json], room))
        .map_err(|e| failure(&e))
}
