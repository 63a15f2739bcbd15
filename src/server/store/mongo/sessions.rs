//! Signed-in devices, in `sessions`. Found by `_id`, and by the indexes `refresh`, `previous` and `user`.

use super::convert::{SessionDoc, binary, date, uuid};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{SessionId, UserId};
use crate::server::store::{RefreshOutcome, SessionRow, Sessions, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Bson, Document, doc};
use mongodb::options::ReturnDocument;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Sessions for Mongo {
    async fn create_session(&self, session: &SessionRow) -> Result<()> {
        self.run(self.sessions.insert_one(SessionDoc::from(session))).await.map(drop)
    }

    async fn session(&self, id: SessionId) -> Result<Option<SessionRow>> {
        self.find_session(doc! { "_id": uuid(id.0) }).await
    }

    async fn session_by_refresh(&self, hash: &[u8; 32]) -> Result<Option<SessionRow>> {
        match self.find_session(doc! { "refresh_hash": binary(hash) }).await? {
            Some(row) => Ok(Some(row)),
            None => self.find_session(doc! { "previous_hash": binary(hash) }).await,
        }
    }

    async fn rotate_refresh(&self, old: &[u8; 32], new: &[u8; 32], now: Timestamp) -> Result<RefreshOutcome> {
        let rotate = self
            .sessions
            .find_one_and_update(
                doc! { "refresh_hash": binary(old), "revoked_at": Bson::Null },
                doc! {
                    "$set": { "refresh_hash": binary(new), "previous_hash": binary(old), "rotated_at": date(now) },
                    "$max": { "last_used_at": date(now) },
                },
            )
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        if let Some(rotated) = self.run(rotate).await? {
            return rotated.row().map(RefreshOutcome::Rotated);
        }
        let replayed = self.find_session(doc! { "previous_hash": binary(old) }).await?;
        Ok(replayed.map_or(RefreshOutcome::Unknown, RefreshOutcome::Replayed))
    }

    async fn touch_session(&self, id: SessionId, now: Timestamp) -> Result<()> {
        let raise = doc! { "$max": { "last_used_at": date(now) } };
        self.run(self.sessions.update_one(doc! { "_id": uuid(id.0) }, raise)).await.map(drop)
    }

    async fn revoke_session(&self, id: SessionId, now: Timestamp) -> Result<bool> {
        let live = doc! { "_id": uuid(id.0), "revoked_at": Bson::Null };
        let revoke = doc! { "$set": { "revoked_at": date(now) } };
        self.run(self.sessions.update_one(live, revoke)).await.map(|result| result.modified_count > 0)
    }

    async fn revoked_since(&self, since: Timestamp) -> Result<Vec<SessionId>> {
        let ended = doc! { "revoked_at": { "$gte": date(since) } };
        let found = self.all(self.sessions.find(ended).max_time(SERVER_TIME_MAX)).await?;
        found.into_iter().map(|found| SessionDoc::row(found).map(|row| row.id)).collect()
    }

    async fn sessions_of(&self, user_id: UserId) -> Result<Vec<SessionRow>> {
        let of_user = doc! { "user_id": uuid(user_id.0) };
        let found = self.all(self.sessions.find(of_user).sort(doc! { "_id": 1 }).max_time(SERVER_TIME_MAX)).await?;
        found.into_iter().map(SessionDoc::row).collect()
    }
}

impl Mongo {
    async fn find_session(&self, filter: Document) -> Result<Option<SessionRow>> {
        self.run(self.sessions.find_one(filter).max_time(SERVER_TIME_MAX)).await?.map(SessionDoc::row).transpose()
    }
}
