//! Letters that wait, in `mails`. Keyed by id; the index `due` finds those that are due.

use super::convert::{MailDoc, date, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::MailId;
use crate::server::store::{MailRow, Mails, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::doc;
use mongodb::options::ReturnDocument;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Mails for Mongo {
    async fn add_mail(&self, row: &MailRow) -> Result<()> {
        match self.attempt(self.mails.insert_one(MailDoc::from(row))).await? {
            Ok(_) => Ok(()),
            Err(error) if taken(&error).is_some() => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    async fn take_mails(&self, now: Timestamp, until: Timestamp, limit: usize) -> Result<Vec<MailRow>> {
        let mut taken = Vec::new();
        while taken.len() < limit {
            let take = doc! { "$set": { "due_at": date(until) }, "$inc": { "tries": 1 } };
            let next = self
                .mails
                .find_one_and_update(doc! { "due_at": { "$lte": date(now) } }, take)
                .sort(doc! { "due_at": 1, "_id": 1 })
                .return_document(ReturnDocument::After)
                .max_time(SERVER_TIME_MAX);
            match self.run(next).await? {
                Some(found) => taken.push(found.row()),
                None => break,
            }
        }
        Ok(taken)
    }

    async fn put_mail_off(&self, id: MailId, due_at: Timestamp) -> Result<()> {
        let set = doc! { "$set": { "due_at": date(due_at) } };
        self.run(self.mails.update_one(doc! { "_id": uuid(id.0) }, set)).await.map(drop)
    }

    async fn remove_mail(&self, id: MailId) -> Result<()> {
        self.run(self.mails.delete_one(doc! { "_id": uuid(id.0) })).await.map(drop)
    }
}
