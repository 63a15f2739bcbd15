//! Links into groups, in `invites`, by `_id` (the code); found by `room`.

use super::convert::{InviteDoc, date, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::RoomId;
use crate::model::Invite;
use crate::server::store::StoreError;
use crate::server::store::groups::Invites;
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, doc};

type Result<T> = std::result::Result<T, StoreError>;

/// Those of a filter that work at this moment.
fn works(mut filter: Document, now: Timestamp) -> Document {
    filter.insert("revoked_at", doc! { "$exists": false });
    filter.insert(
        "$and",
        [
            doc! { "$or": [{ "expires_at": { "$exists": false } }, { "expires_at": { "$gt": date(now) } }] },
            doc! { "$or": [{ "max_uses": { "$exists": false } }, { "$expr": { "$lt": ["$uses", "$max_uses"] } }] },
        ],
    );
    filter
}

#[async_trait]
impl Invites for Mongo {
    async fn create_invite(&self, invite: &Invite) -> Result<()> {
        match self.attempt(self.invites.insert_one(InviteDoc::from(invite))).await? {
            Ok(_) => Ok(()),
            Err(error) if taken(&error).is_some() => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn invite(&self, code: &str, now: Timestamp) -> Result<Option<Invite>> {
        let found = self.invites.find_one(works(doc! { "_id": code }, now)).max_time(SERVER_TIME_MAX);
        Ok(self.run(found).await?.map(InviteDoc::row))
    }

    async fn invites_of(&self, room_id: RoomId, now: Timestamp) -> Result<Vec<Invite>> {
        let query = self
            .invites
            .find(works(doc! { "room_id": uuid(room_id.0) }, now))
            .sort(doc! { "created_at": 1, "_id": 1 })
            .max_time(SERVER_TIME_MAX);
        Ok(self.all(query).await?.into_iter().map(InviteDoc::row).collect())
    }

    async fn use_invite(&self, code: &str, now: Timestamp) -> Result<bool> {
        let count = doc! { "$inc": { "uses": 1_i64 } };
        Ok(self.run(self.invites.update_one(works(doc! { "_id": code }, now), count)).await?.matched_count > 0)
    }

    async fn unuse_invite(&self, code: &str) -> Result<()> {
        let (used, count) = (doc! { "_id": code, "uses": { "$gt": 0_i64 } }, doc! { "$inc": { "uses": -1_i64 } });
        self.run(self.invites.update_one(used, count)).await.map(drop)
    }

    async fn revoke_invite(&self, room_id: RoomId, code: &str, now: Timestamp) -> Result<bool> {
        let live = works(doc! { "_id": code, "room_id": uuid(room_id.0) }, now);
        let revoke = doc! { "$set": { "revoked_at": date(now) } };
        Ok(self.run(self.invites.update_one(live, revoke)).await?.matched_count > 0)
    }
}
