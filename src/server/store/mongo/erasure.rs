//! What is kept of one person, and how it goes. An account is erased by one update of its document; those that are due are
//! found by `leaving`. All else is several writes, each of which may come again.

use super::convert::{FileDoc, MessageDoc, ReportDoc, UserDoc, date, uuid};
use super::messages::without_edits;
use super::users::{found, somebody};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{FileId, MessageId, ReportId, RoomId, UserId};
use crate::model::report::Report;
use crate::model::{Message, Theme};
use crate::server::store::erasure::{NOBODY, account_of_person, account_of_room, nobody_key};
use crate::server::store::name::Name;
use crate::server::store::{Erasure, FileRow, Leaving, StoreError, UserRow, Users};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, Uuid, doc};
use mongodb::options::ReturnDocument;
use serde::Deserialize;

type Result<T> = std::result::Result<T, StoreError>;

/// Messages that are looked at by one query of a pass through all of them, which the server does well within its time.
const WINDOW: u64 = 20_000;
/// Messages of a room that are removed by one write.
const STEP: i64 = 500;

#[derive(Deserialize)]
struct IdDoc {
    #[serde(rename = "_id")]
    id: Uuid,
}

#[derive(Deserialize)]
struct SeqDoc {
    seq: i64,
}

#[async_trait]
impl Erasure for Mongo {
    async fn set_leaving(&self, id: UserId, leaving: Option<&Leaving>) -> Result<()> {
        let update = match leaving {
            Some(leaving) => {
                let leaving = doc! { "due_at": date(leaving.due_at), "takes_messages": leaving.takes_messages };
                doc! { "$set": { "leaving": leaving } }
            }
            None => doc! { "$unset": { "leaving": "" } },
        };
        self.run(self.users.update_one(somebody(id), update)).await.and_then(|result| found(&result))
    }

    async fn due_leavings(&self, now: Timestamp, limit: usize) -> Result<Vec<UserRow>> {
        // The driver takes a limit of 0 for none.
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let due = self
            .users
            .find(doc! { "leaving.due_at": { "$lte": date(now) } })
            .sort(doc! { "leaving.due_at": 1, "_id": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        self.all(due).await?.into_iter().map(UserDoc::row).collect()
    }

    async fn erase_user(&self, id: UserId, now: Timestamp) -> Result<Option<UserRow>> {
        let mut due = somebody(id);
        due.insert("leaving.due_at", doc! { "$lte": date(now) });
        let key = nobody_key(id);
        let set = doc! {
            "username": "",
            "username_key": &key,
            "display_name": NOBODY,
            "email": "",
            "email_key": &key,
            "password_hash": "",
            "theme": Theme::default().name(),
            "deleted_at": date(now),
        };
        let unset = doc! {
            "words": "",
            "email_confirmed_at": "",
            "last_seen": "",
            "status": "",
            "about": "",
            "is_admin": "",
            "picture": "",
            "muted_until": "",
            "warning": "",
            "privacy": "",
        };
        let erase = self
            .users
            .find_one_and_update(due, doc! { "$set": set, "$unset": unset, "$inc": { "revision": 1_i64 } })
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        match self.run(erase).await? {
            Some(erased) => erased.row().map(Some),
            None => Ok(self.user(id).await?.filter(|row| row.deleted_at.is_some())),
        }
    }

    async fn drop_traces(&self, id: UserId) -> Result<()> {
        let me = uuid(id.0);
        for removal in [
            self.sessions.delete_many(doc! { "user_id": me }),
            self.identities.delete_many(doc! { "user_id": me }),
            self.mails.delete_many(doc! { "user_id": me }),
            self.requests.delete_many(doc! { "$or": [{ "from_id": me }, { "to_id": me }] }),
            self.blocks.delete_many(doc! { "$or": [{ "by_id": me }, { "target_id": me }] }),
            self.bars.delete_many(doc! { "user_id": me }),
            self.invites.delete_many(doc! { "by_id": me }),
            self.usage.delete_many(of_account(&account_of_person(id))),
        ] {
            self.run(removal).await?;
        }
        let own = doc! {
            "$unset": { "prefs": "", "spoke_at": "", "spoke_txn": "" }, "$set": { "cleared_seq": 0_i64 },
        };
        self.run(self.members.update_many(doc! { "user_id": me }, own)).await.map(drop)
    }

    async fn end_leaving(&self, id: UserId) -> Result<()> {
        let end = doc! { "$unset": { "leaving": "" } };
        self.run(self.users.update_one(doc! { "_id": uuid(id.0) }, end)).await.map(drop)
    }

    async fn messages_by(&self, author_id: UserId, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>> {
        let texts = doc! {
            "author_id": uuid(author_id.0), "system": { "$exists": false }, "deleted": { "$exists": false },
        };
        self.pass(texts, after, limit).await
    }

    async fn reacted_by(&self, user_id: UserId, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>> {
        self.pass(doc! { "reactions.by": uuid(user_id.0) }, after, limit).await
    }

    async fn files_of(&self, owner_id: UserId, after: Option<FileId>, limit: usize) -> Result<Vec<FileRow>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let mut filter = doc! { "owner_id": uuid(owner_id.0) };
        if let Some(after) = after {
            filter.insert("_id", doc! { "$gt": uuid(after.0) });
        }
        let page = self.files.find(filter).sort(doc! { "_id": 1 }).limit(most).max_time(SERVER_TIME_MAX);
        self.all(page).await?.into_iter().map(FileDoc::row).collect()
    }

    async fn reports_by(&self, reporter_id: UserId, before: Option<ReportId>, limit: usize) -> Result<Vec<Report>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let mut filter = doc! { "reporter_id": uuid(reporter_id.0) };
        if let Some(before) = before {
            filter.insert("_id", doc! { "$lt": uuid(before.0) });
        }
        let page = self.reports.find(filter).sort(doc! { "_id": -1 }).limit(most).max_time(SERVER_TIME_MAX);
        self.all(page).await?.into_iter().map(ReportDoc::report).collect()
    }

    async fn drop_room(&self, room_id: RoomId) -> Result<()> {
        let room = uuid(room_id.0);
        // First, so that nobody comes in meanwhile.
        self.run(self.invites.delete_many(doc! { "room_id": room })).await?;
        self.run(self.requests.delete_many(doc! { "room_id": room })).await?;
        self.drop_messages(room_id).await?;
        for removal in [
            self.bars.delete_many(doc! { "room_id": room }),
            self.memories.delete_many(doc! { "_id": room }),
            self.usage.delete_many(of_account(&account_of_room(room_id))),
            self.rooms.delete_many(doc! { "_id": room }),
        ] {
            self.run(removal).await?;
        }
        // What came until a moment ago; from now on nothing does.
        self.forget_log(room_id).await;
        self.drop_messages(room_id).await?;
        // Last, as they were stored first: see [`super::rooms`].
        self.run(self.members.delete_many(doc! { "room_id": room })).await.map(drop)
    }
}

impl Mongo {
    /// Messages behind `after` that fit, in the order of their ids. It looks at one window after another: all messages at
    /// once would take more time than a query has.
    async fn pass(&self, fits: Document, after: Option<MessageId>, limit: usize) -> Result<Vec<Message>> {
        let ids = self.messages.clone_with_type::<IdDoc>();
        let mut after = uuid(after.map_or(::uuid::Uuid::nil(), |after| after.0));
        let mut passed: Vec<Message> = Vec::new();
        loop {
            // The driver takes a limit of 0 for none.
            let left = i64::try_from(limit.saturating_sub(passed.len())).unwrap_or(i64::MAX);
            if left == 0 {
                return Ok(passed);
            }
            let last = ids
                .find_one(doc! { "_id": { "$gt": after } })
                .sort(doc! { "_id": 1 })
                .skip(WINDOW - 1)
                .projection(doc! { "_id": 1 })
                .max_time(SERVER_TIME_MAX);
            let last = self.run(last).await?.map(|last| last.id);
            let mut window = doc! { "$gt": after };
            if let Some(last) = last {
                window.insert("$lte", last);
            }
            let mut filter = fits.clone();
            filter.insert("_id", window);
            let query = self
                .messages
                .find(filter)
                .sort(doc! { "_id": 1 })
                .limit(left)
                .projection(without_edits())
                .max_time(SERVER_TIME_MAX);
            passed.extend(self.all(query).await?.into_iter().map(MessageDoc::row));
            let Some(last) = last else { return Ok(passed) };
            after = last;
        }
    }

    /// Removes the messages of a room, the oldest first, and then what finds them.
    async fn drop_messages(&self, room_id: RoomId) -> Result<()> {
        let room = uuid(room_id.0);
        let seqs = self.messages.clone_with_type::<SeqDoc>();
        loop {
            let oldest = seqs
                .find_one(doc! { "room_id": room })
                .sort(doc! { "seq": 1 })
                .projection(doc! { "seq": 1 })
                .max_time(SERVER_TIME_MAX);
            let Some(oldest) = self.run(oldest).await? else { break };
            let step = doc! { "room_id": room, "seq": { "$lt": oldest.seq + STEP } };
            self.run(self.messages.delete_many(step)).await?;
        }
        self.search_index.forget(room_id).await
    }
}

/// What an account has taken, of whatever day. Its name holds nothing that means something to a pattern.
fn of_account(name: &str) -> Document {
    doc! { "_id": { "$regex": format!("^-?[0-9]+ {name}$") } }
}
