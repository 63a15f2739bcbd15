//! Accounts elsewhere, in `identities`. Keyed by issuer and subject; the unique index `user_issuer` finds those of an account.

use super::convert::{IdentityDoc, date, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::UserId;
use crate::server::store::{Identities, IdentityRow, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Bson, doc};

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Identities for Mongo {
    async fn identity(&self, issuer: &str, subject: &str) -> Result<Option<IdentityRow>> {
        let find =
            self.identities.find_one(doc! { "_id": IdentityDoc::key(issuer, subject) }).max_time(SERVER_TIME_MAX);
        Ok(self.run(find).await?.map(IdentityDoc::row))
    }

    async fn add_identity(&self, row: &IdentityRow) -> Result<bool> {
        match self.attempt(self.identities.insert_one(IdentityDoc::from(row))).await? {
            Ok(_) => Ok(true),
            Err(error) if taken(&error).is_some() => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn use_identity(&self, issuer: &str, subject: &str, email: Option<&str>, now: Timestamp) -> Result<()> {
        let one = doc! { "_id": IdentityDoc::key(issuer, subject) };
        let email = email.map_or(Bson::Null, Bson::from);
        let used = doc! { "$set": { "email": email }, "$max": { "last_used_at": date(now) } };
        self.run(self.identities.update_one(one, used)).await.map(drop)
    }

    async fn identities_of(&self, user_id: UserId) -> Result<Vec<IdentityRow>> {
        let find = self.identities.find(doc! { "user_id": uuid(user_id.0) }).sort(doc! { "issuer": 1 });
        let found = self.all(find.max_time(SERVER_TIME_MAX)).await?;
        Ok(found.into_iter().map(IdentityDoc::row).collect())
    }

    async fn remove_identity(&self, user_id: UserId, issuer: &str) -> Result<bool> {
        let one = doc! { "user_id": uuid(user_id.0), "issuer": issuer };
        self.run(self.identities.delete_one(one)).await.map(|result| result.deleted_count > 0)
    }
}
