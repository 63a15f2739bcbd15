//! What members set for themselves: JSON in their row, found through the partial index `members_prefs`.

use super::Embedded;
use super::convert::{Json, failure, id, json, signed, uuid};
use super::rooms::{MEMBER, member};
use crate::id::{RoomId, UserId};
use crate::model::{Member, PrefsChange, RoomPrefs};
use crate::server::store::{Prefs, StoreError, row};
use crate::time::Timestamp;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};
use std::collections::HashSet;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Prefs for Embedded {
    async fn set_prefs(
        &self,
        room_id: RoomId,
        user_id: UserId,
        change: &PrefsChange,
        now: Timestamp,
    ) -> Result<(Member, RoomPrefs)> {
        let change = change.clone();
        self.writer
            .write(move |scope| {
                let key = [id(room_id.0), id(user_id.0)];
                let (mut member, mut prefs) = scope
                    .connection
                    .prepare_cached(&format!("SELECT {MEMBER}, prefs FROM members WHERE room_id = ?1 AND user_id = ?2"))
                    .and_then(|mut find| {
                        find.query_row(key, |row| Ok((member(row)?, json::<RoomPrefs>(row, "prefs")?))).optional()
                    })
                    .map_err(|e| failure(&e))?
                    .ok_or(StoreError::Missing)?;
                let before = prefs.revision;
                row::change_prefs(&mut member, &mut prefs, &change, now)?;
                if prefs.revision > before {
                    scope
                        .connection
                        .prepare_cached(
                            "UPDATE members SET prefs = ?3, cleared_seq = ?4 WHERE room_id = ?1 AND user_id = ?2",
                        )
                        .and_then(|mut keep| {
                            let cleared = signed(member.cleared_seq);
                            keep.execute(params![id(room_id.0), id(user_id.0), Json(&prefs), cleared])
                        })
                        .map_err(|e| failure(&e))?;
                }
                Ok((member, prefs))
            })
            .await
    }

    async fn prefs(&self, rooms: &[RoomId], user_id: UserId) -> Result<Vec<(RoomId, RoomPrefs)>> {
        let rooms: HashSet<RoomId> = rooms.iter().copied().collect();
        self.readers
            .read(move |connection| {
                let mut find = connection.prepare_cached(
                    "SELECT room_id, prefs FROM members INDEXED BY members_prefs WHERE user_id = ?1 AND prefs IS NOT NULL",
                )?;
                let found = find.query_map([id(user_id.0)], |row| Ok((RoomId(uuid(row, 0)?), json(row, 1)?)))?;
                found.filter(|pair| !matches!(pair, Ok((room_id, _)) if !rooms.contains(room_id))).collect()
            })
            .await
    }
}
