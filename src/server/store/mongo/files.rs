//! Files, in `files` (index `owner`), and who shows them: index `files` of `messages`, which holds only those with files, and
//! `room_files` for the files of a room.

use super::convert::{FileDoc, MessageDoc, date, json, signed, unsigned, uuid};
use super::failure::{failure, taken};
use super::messages::without_edits;
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{FileId, RoomId, UserId};
use crate::model::{AttachmentKind, Message, Seq};
use crate::server::store::name::Name;
use crate::server::store::{FileContent, FilePlace, FileRow, FileState, Files, StoreError};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, Uuid, doc};
use mongodb::options::ReturnDocument;
use serde::Deserialize;

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Deserialize)]
struct UsedDoc {
    used: i64,
}

#[derive(Deserialize)]
struct PlaceDoc {
    room_id: Uuid,
    seq: i64,
}

#[derive(Deserialize)]
struct ShownDoc {
    #[serde(rename = "_id")]
    id: Uuid,
}

#[async_trait]
impl Files for Mongo {
    async fn begin_file(&self, row: &FileRow, quota: u64) -> Result<FileRow> {
        if let Some(stored) = self.file(row.id).await? {
            return Ok(stored);
        }
        match self.attempt(self.files.insert_one(FileDoc::new(row)?)).await? {
            Ok(_) => {}
            // The one that was first may not be with a majority yet.
            Err(error) if taken(&error).is_some() => {
                return self.file(row.id).await?.ok_or_else(|| StoreError::Unavailable("a file is being begun".into()));
            }
            Err(error) => return Err(failure(&error)),
        }
        // Counted with this one in it, so that of many at once none slips past: they may all be refused instead.
        if self.file_usage(row.owner_id).await? > quota {
            self.remove_file(row.id, &row.content.key).await?;
            return Err(StoreError::Full);
        }
        Ok(row.clone())
    }

    async fn finish_file(&self, id: FileId, bytes: u64, content: &FileContent) -> Result<bool> {
        let mut coming = of_attempt(id, &content.key);
        coming.insert("state", FileState::Uploading.name());
        let set = doc! { "state": FileState::Ready.name(), "bytes": signed(bytes), "content": json(content)? };
        let finished = self.run(self.files.update_one(coming, doc! { "$set": set })).await?;
        Ok(finished.modified_count > 0)
    }

    async fn file(&self, id: FileId) -> Result<Option<FileRow>> {
        let found = self.files.find_one(doc! { "_id": uuid(id.0) }).max_time(SERVER_TIME_MAX);
        self.run(found).await?.map(FileDoc::row).transpose()
    }

    async fn claim_files(&self, owner: UserId, ids: &[FileId], now: Timestamp) -> Result<Vec<FileRow>> {
        let mut claimed = Vec::with_capacity(ids.len());
        for id in ids {
            let ready = doc! { "_id": uuid(id.0), "owner_id": uuid(owner.0), "state": FileState::Ready.name() };
            let claim = self
                .files
                .find_one_and_update(ready, doc! { "$max": { "claimed_at": date(now) } })
                .return_document(ReturnDocument::After)
                .max_time(SERVER_TIME_MAX);
            claimed.extend(self.run(claim).await?.map(FileDoc::row).transpose()?);
        }
        Ok(claimed)
    }

    async fn keep_files(&self, ids: &[FileId], now: Timestamp) -> Result<usize> {
        let ids: Vec<Uuid> = ids.iter().map(|id| uuid(id.0)).collect();
        let ready = doc! { "_id": { "$in": ids }, "state": FileState::Ready.name() };
        let kept = self.run(self.files.update_many(ready, doc! { "$max": { "claimed_at": date(now) } })).await?;
        Ok(usize::try_from(kept.matched_count).unwrap_or(0))
    }

    async fn doom_file(&self, id: FileId, since: Timestamp) -> Result<Option<FileRow>> {
        let unclaimed = doc! { "_id": uuid(id.0), "$or": [
            { "claimed_at": { "$exists": false } },
            { "claimed_at": { "$lt": date(since) } },
        ] };
        let doom = self
            .files
            .find_one_and_update(unclaimed, doc! { "$set": { "state": FileState::Doomed.name() } })
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        self.run(doom).await?.map(FileDoc::row).transpose()
    }

    async fn doom_upload(&self, id: FileId, key: &str) -> Result<bool> {
        let mut coming = of_attempt(id, key);
        coming.insert("state", FileState::Uploading.name());
        let doom = doc! { "$set": { "state": FileState::Doomed.name() } };
        Ok(self.run(self.files.update_one(coming, doom)).await?.modified_count > 0)
    }

    async fn spare_file(&self, id: FileId) -> Result<()> {
        let doomed = doc! { "_id": uuid(id.0), "state": FileState::Doomed.name() };
        let spare = doc! { "$set": { "state": FileState::Ready.name() } };
        self.run(self.files.update_one(doomed, spare)).await.map(drop)
    }

    async fn remove_file(&self, id: FileId, key: &str) -> Result<()> {
        self.run(self.files.delete_one(of_attempt(id, key))).await.map(drop)
    }

    async fn old_files(&self, after: Option<FileId>, before: Timestamp, limit: usize) -> Result<Vec<FileRow>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let mut filter = doc! { "created_at": { "$lt": date(before) } };
        if let Some(after) = after {
            filter.insert("_id", doc! { "$gt": uuid(after.0) });
        }
        let page = self.files.find(filter).sort(doc! { "_id": 1 }).limit(most).max_time(SERVER_TIME_MAX);
        self.all(page).await?.into_iter().map(FileDoc::row).collect()
    }

    async fn file_usage(&self, owner: UserId) -> Result<u64> {
        let sum = [
            doc! { "$match": { "owner_id": uuid(owner.0) } },
            doc! { "$group": { "_id": null, "used": { "$sum": "$bytes" } } },
        ];
        let sum = self.files.aggregate(sum).with_type::<UsedDoc>().max_time(SERVER_TIME_MAX);
        Ok(self.all(sum).await?.first().map_or(0, |sum| unsigned(sum.used)))
    }

    async fn file_places(&self, id: FileId, limit: usize) -> Result<Vec<FilePlace>> {
        let Some(most) = i64::try_from(limit).ok().filter(|most| *most > 0) else { return Ok(Vec::new()) };
        let places = self.messages.clone_with_type::<PlaceDoc>();
        let found = places
            .find(doc! { "files.id": uuid(id.0) })
            .projection(doc! { "room_id": 1, "seq": 1 })
            .limit(most)
            .max_time(SERVER_TIME_MAX);
        let place =
            |doc: PlaceDoc| FilePlace { room_id: RoomId(super::convert::id(doc.room_id)), seq: unsigned(doc.seq) };
        Ok(self.all(found).await?.into_iter().map(place).collect())
    }

    async fn shown_files(&self, ids: &[FileId]) -> Result<Vec<FileId>> {
        let ids: Vec<Uuid> = ids.iter().map(|id| uuid(id.0)).collect();
        let shown = [
            doc! { "$match": { "files.id": { "$in": &ids } } },
            doc! { "$unwind": "$files" },
            doc! { "$match": { "files.id": { "$in": &ids } } },
            doc! { "$group": { "_id": "$files.id" } },
        ];
        let shown = self.messages.aggregate(shown).with_type::<ShownDoc>().max_time(SERVER_TIME_MAX);
        Ok(self.all(shown).await?.into_iter().map(|doc| FileId(super::convert::id(doc.id))).collect())
    }

    async fn media(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        kinds: &[AttachmentKind],
        limit: u16,
    ) -> Result<Vec<Message>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let mut range = doc! { "$gt": signed(floor) };
        if let Some(before) = before {
            range.insert("$lt", signed(before));
        }
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        let page = self
            .messages
            .find(doc! { "room_id": uuid(room_id.0), "seq": range, "files.kind": { "$in": kinds } })
            .sort(doc! { "seq": -1 })
            .limit(limit.into())
            .projection(without_edits())
            .max_time(SERVER_TIME_MAX);
        Ok(self.all(page).await?.into_iter().map(MessageDoc::row).collect())
    }
}

/// The row of this attempt to bring a file. Its key is the first thing in its content, which is JSON.
fn of_attempt(id: FileId, key: &str) -> Document {
    // A key is hexadecimal: nothing in it means something to a pattern.
    doc! { "_id": uuid(id.0), "content": { "$regex": format!("^\\{{\"key\":\"{key}\"") } }
}
