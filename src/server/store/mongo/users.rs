//! Accounts, in `users`. Unique indexes `username_key` and `email_key`; searches by ranges of `username` and `words`.

use super::convert::{UserDoc, date, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX, indexes};
use crate::id::UserId;
use crate::model::Theme;
use crate::server::store::name::Name;
use crate::server::store::{Field, StoreError, UserRow, Users, words};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, Uuid, doc};
use mongodb::results::UpdateResult;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Users for Mongo {
    async fn create_user(&self, user: &UserRow) -> Result<()> {
        match self.attempt(self.users.insert_one(UserDoc::from(user))).await? {
            Ok(_) => Ok(()),
            Err(error) => match taken(&error) {
                Some(indexes::USERNAME) => Err(StoreError::Taken(Field::Username)),
                Some(indexes::EMAIL) => Err(StoreError::Taken(Field::Email)),
                _ => Err(failure(&error)),
            },
        }
    }

    async fn user(&self, id: UserId) -> Result<Option<UserRow>> {
        self.find_user(doc! { "_id": uuid(id.0) }).await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<UserRow>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| uuid(id.0)).collect();
        let found = self.all(self.users.find(doc! { "_id": { "$in": ids } }).max_time(SERVER_TIME_MAX)).await?;
        found.into_iter().map(UserDoc::row).collect()
    }

    async fn user_by_login(&self, key: &str) -> Result<Option<UserRow>> {
        self.find_user(doc! { "$or": [{ "username_key": key }, { "email_key": key }] }).await
    }

    async fn find_users(&self, prefix: &str, limit: usize) -> Result<Vec<UserRow>> {
        let prefix = words::folded(prefix);
        // The driver takes a limit of 0 for none.
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let range = doc! { "$gte": &prefix, "$lt": words::end_of(&prefix) };
        let by_username = self
            .users
            .find(doc! { "username": range.clone() })
            .sort(doc! { "username": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        let mut found = self.all(by_username).await?;
        if found.len() < limit {
            // One word must be within both ends; without $elemMatch two words could share them.
            let by_word = doc! { "words": { "$elemMatch": range } };
            let by_word = self.users.find(by_word).limit(most).max_time(SERVER_TIME_MAX);
            found.extend(self.all(by_word).await?);
        }
        let found = found.into_iter().map(UserDoc::row).collect::<Result<_>>()?;
        Ok(words::ranked(found, &prefix, limit))
    }

    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()> {
        let raise = doc! { "$max": { "last_seen": date(at) } };
        self.run(self.users.update_one(doc! { "_id": uuid(id.0) }, raise)).await.map(drop)
    }

    async fn set_theme(&self, id: UserId, theme: Theme) -> Result<()> {
        let set = doc! { "$set": { "theme": theme.name() } };
        self.run(self.users.update_one(doc! { "_id": uuid(id.0) }, set)).await.and_then(|result| found(&result))
    }

    async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<()> {
        let set = doc! { "$set": { "password_hash": hash } };
        self.run(self.users.update_one(doc! { "_id": uuid(id.0) }, set)).await.and_then(|result| found(&result))
    }
}

impl Mongo {
    async fn find_user(&self, filter: Document) -> Result<Option<UserRow>> {
        self.run(self.users.find_one(filter).max_time(SERVER_TIME_MAX)).await?.map(UserDoc::row).transpose()
    }
}

/// `Missing` when an update met no document.
fn found(result: &UpdateResult) -> Result<()> {
    if result.matched_count == 0 { Err(StoreError::Missing) } else { Ok(()) }
}
