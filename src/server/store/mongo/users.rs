//! Accounts, in `users`. Unique indexes `username_key` and `email_key`; searches by ranges of `username` and `words`.

use super::convert::{self, UserDoc, date, json, time, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX, indexes};
use crate::id::UserId;
use crate::model::{Privacy, Theme};
use crate::server::store::name::Name;
use crate::server::store::{Field, ProfileChange, Sanction, SanctionRow, StoreError, UserRow, Users, words};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Bson, Document, Uuid, doc};
use mongodb::options::ReturnDocument;
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
                Some(indexes::ID) => Err(StoreError::Taken(Field::Id)),
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
        let either = [doc! { "username_key": key }, doc! { "email_key": key }];
        self.find_user(doc! { "$or": either, "deleted_at": { "$exists": false } }).await
    }

    async fn users_by_name(&self, usernames: &[String]) -> Result<Vec<UserRow>> {
        let named = doc! { "username": { "$in": usernames }, "deleted_at": { "$exists": false } };
        let found = self.all(self.users.find(named).max_time(SERVER_TIME_MAX)).await?;
        found.into_iter().map(UserDoc::row).collect()
    }

    async fn find_users(&self, prefix: &str, limit: usize) -> Result<Vec<UserRow>> {
        let prefix = words::folded(prefix);
        // The driver takes a limit of 0 for none.
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let range = doc! { "$gte": &prefix, "$lt": words::end_of(&prefix) };
        let by_username = self
            .users
            .find(doc! { "username": range.clone(), "deleted_at": { "$exists": false } })
            .sort(doc! { "username": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        let mut found = self.all(by_username).await?;
        if found.len() < limit {
            // One word must be within both ends; without $elemMatch two words could share them.
            let by_word = doc! { "words": { "$elemMatch": range }, "deleted_at": { "$exists": false } };
            let by_word = self.users.find(by_word).limit(most).max_time(SERVER_TIME_MAX);
            found.extend(self.all(by_word).await?);
        }
        let found = found.into_iter().map(UserDoc::row).collect::<Result<_>>()?;
        Ok(words::ranked(found, &prefix, limit))
    }

    async fn set_last_seen(&self, id: UserId, at: Timestamp) -> Result<()> {
        let raise = doc! { "$max": { "last_seen": date(at) } };
        self.run(self.users.update_one(somebody(id), raise)).await.map(drop)
    }

    async fn set_theme(&self, id: UserId, theme: Theme) -> Result<()> {
        let set = doc! { "$set": { "theme": theme.name() } };
        self.run(self.users.update_one(somebody(id), set)).await.and_then(|result| found(&result))
    }

    async fn set_privacy(&self, id: UserId, privacy: &Privacy) -> Result<()> {
        let set = doc! { "$set": { "privacy": json(privacy)? } };
        self.run(self.users.update_one(somebody(id), set)).await.and_then(|result| found(&result))
    }

    async fn set_email(&self, id: UserId, email: &str, key: &str, confirmed_at: Option<Timestamp>) -> Result<()> {
        let update = match confirmed_at {
            Some(at) => doc! { "$set": { "email": email, "email_key": key, "email_confirmed_at": date(at) } },
            None => doc! { "$set": { "email": email, "email_key": key }, "$unset": { "email_confirmed_at": "" } },
        };
        match self.attempt(self.users.update_one(somebody(id), update)).await? {
            Ok(result) => found(&result),
            Err(error) if taken(&error).is_some() => Err(StoreError::Taken(Field::Email)),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn set_password_hash(&self, id: UserId, hash: &str) -> Result<()> {
        let set = doc! { "$set": { "password_hash": hash } };
        self.run(self.users.update_one(somebody(id), set)).await.and_then(|result| found(&result))
    }

    async fn set_profile(&self, id: UserId, change: &ProfileChange) -> Result<UserRow> {
        let (mut set, mut unset) = (Document::new(), Document::new());
        if let Some(name) = &change.display_name {
            set.insert("display_name", name);
        }
        for (field, value) in [("status", &change.status), ("about", &change.about)] {
            match value.as_deref() {
                None => {}
                Some("") => drop(unset.insert(field, "")),
                Some(text) => drop(set.insert(field, text)),
            }
        }
        if let Some(is_admin) = change.is_admin {
            set.insert("is_admin", is_admin);
        }
        match &change.picture {
            None => {}
            Some(None) => drop(unset.insert("picture", "")),
            Some(Some(picture)) => drop(set.insert("picture", json(picture)?)),
        }
        let mut update = doc! { "$inc": { "revision": 1_i64 } };
        if !set.is_empty() {
            update.insert("$set", set);
        }
        if !unset.is_empty() {
            update.insert("$unset", unset);
        }
        let changed = self
            .users
            .find_one_and_update(somebody(id), update)
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        let row = self.run(changed).await?.ok_or(StoreError::Missing)?.row()?;
        if change.display_name.is_some() {
            // Of two changes at once the words may be those of the other; the next change of the name sets that right.
            let mut same = somebody(id);
            same.insert("display_name", &row.display_name);
            self.run(self.users.update_one(same, doc! { "$set": { "words": words::of(&row) } })).await?;
        }
        Ok(row)
    }

    async fn sanction(&self, id: UserId, sanction: &Sanction) -> Result<()> {
        let (field, value) = match sanction {
            Sanction::Ban(at) => ("banned_at", at.map(|at| Bson::DateTime(date(at)))),
            Sanction::Mute(until) => ("muted_until", until.map(|until| Bson::DateTime(date(until)))),
            Sanction::Warning(text) => ("warning", text.clone().map(Bson::String)),
        };
        let update = match value {
            Some(value) => doc! { "$set": { field: value } },
            None => doc! { "$unset": { field: "" } },
        };
        self.run(self.users.update_one(doc! { "_id": uuid(id.0) }, update)).await.and_then(|result| found(&result))
    }

    async fn sanctioned(&self) -> Result<Vec<SanctionRow>> {
        // Each side by its own partial index.
        let (banned, muted) = (doc! { "banned_at": { "$exists": true } }, doc! { "muted_until": { "$exists": true } });
        let mut rows = self.all(self.users.find(banned).max_time(SERVER_TIME_MAX)).await?;
        rows.extend(self.all(self.users.find(muted).max_time(SERVER_TIME_MAX)).await?);
        rows.sort_by_key(|row| row.id.bytes());
        rows.dedup_by_key(|row| row.id);
        let sanction = |row: &UserDoc| SanctionRow {
            user_id: UserId(convert::id(row.id)),
            banned_at: row.banned_at.map(time),
            muted_until: row.muted_until.map(time),
        };
        Ok(rows.iter().map(sanction).collect())
    }

    async fn list_users(&self, after: &str, limit: usize) -> Result<Vec<UserRow>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let page = self
            .users
            .find(doc! { "username": { "$gt": after }, "deleted_at": { "$exists": false } })
            .sort(doc! { "username": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        self.all(page).await?.into_iter().map(UserDoc::row).collect()
    }
}

impl Mongo {
    async fn find_user(&self, filter: Document) -> Result<Option<UserRow>> {
        self.run(self.users.find_one(filter).max_time(SERVER_TIME_MAX)).await?.map(UserDoc::row).transpose()
    }
}

/// An account that was not erased.
pub(super) fn somebody(id: UserId) -> Document {
    doc! { "_id": uuid(id.0), "deleted_at": { "$exists": false } }
}

/// `Missing` when an update met no document.
pub(super) fn found(result: &UpdateResult) -> Result<()> {
    if result.matched_count == 0 { Err(StoreError::Missing) } else { Ok(()) }
}
