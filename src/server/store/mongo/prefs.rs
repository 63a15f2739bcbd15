//! What members set for themselves, in their document: compare-and-set on its revision. Found by `user_prefs`.

use super::convert::{MemberDoc, PrefsDoc, room_ids, signed, uuid};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{RoomId, UserId};
use crate::model::{Member, PrefsChange, RoomPrefs};
use crate::server::store::{Prefs, StoreError, row};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{self, Uuid, doc};
use serde::Deserialize;
use std::time::Duration;

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Clone, Debug, Deserialize)]
struct OwnDoc {
    room_id: Uuid,
    prefs: PrefsDoc,
}

#[async_trait]
impl Prefs for Mongo {
    async fn set_prefs(
        &self,
        room_id: RoomId,
        user_id: UserId,
        change: &PrefsChange,
        now: Timestamp,
    ) -> Result<(Member, RoomPrefs)> {
        let key = doc! { "room_id": uuid(room_id.0), "user_id": uuid(user_id.0) };
        // Only one's own devices compete. What refused the update may not be with the majority that is read from.
        for pause_ms in [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024] {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            let find = self.members.find_one(key.clone()).max_time(SERVER_TIME_MAX);
            let stored = self.member_of(room_id, self.run(find)).await?.ok_or(StoreError::Missing)?;
            let mut prefs = stored.prefs()?;
            let mut member = stored.row()?;
            let before = prefs.revision;
            row::change_prefs(&mut member, &mut prefs, change, now)?;
            if prefs.revision == before {
                return Ok((member, prefs));
            }
            let mut same = key.clone();
            match before {
                0 => same.insert("prefs", doc! { "$exists": false }),
                _ => same.insert("prefs.revision", signed(before)),
            };
            let doc = bson::serialize_to_document(&PrefsDoc::from(&prefs))
                .map_err(|error| StoreError::Other(error.to_string()))?;
            let mut set = doc! { "prefs": doc };
            if let PrefsChange::Cleared { .. } = change {
                set.insert("cleared_seq", signed(member.cleared_seq));
            }
            if self.run(self.members.update_one(same, doc! { "$set": set })).await?.matched_count > 0 {
                return Ok((member, prefs));
            }
        }
        Err(StoreError::Unavailable("a member's settings keep changing".into()))
    }

    async fn prefs(&self, rooms: &[RoomId], user_id: UserId) -> Result<Vec<(RoomId, RoomPrefs)>> {
        let own = doc! {
            "user_id": uuid(user_id.0), "prefs": { "$exists": true }, "room_id": { "$in": room_ids(rooms) },
        };
        let members = self.members.clone_with_type::<OwnDoc>();
        let find = members.find(own).projection(doc! { "room_id": 1, "prefs": 1 }).max_time(SERVER_TIME_MAX);
        let found = self.all(find).await?;
        found.into_iter().map(|own| Ok((RoomId(super::convert::id(own.room_id)), own.prefs.row()?))).collect()
    }
}

impl MemberDoc {
    /// All of a member that others may know: what they set for themselves stays where it is.
    pub(super) fn public() -> bson::Document {
        doc! { "prefs": 0, "spoke_at": 0, "spoke_txn": 0 }
    }
}
