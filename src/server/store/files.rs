//! What is known of files. Their bytes are in [`crate::server::blobs`]; which message shows a file is said by the messages.

use super::Result;
use crate::id::{FileId, RoomId, UserId};
use crate::model::{Attachment, AttachmentKind, Message, Seq};
use crate::time::Timestamp;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What a file is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileSlot {
    /// Of messages, in the room that it was uploaded for and wherever those are forwarded to.
    Message,
    /// The picture of its owner.
    Avatar,
    /// The picture of the group `room_id`.
    Group,
    /// Behind the conversation `room_id`, for its owner only.
    Wallpaper,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileState {
    /// The row is there before the first byte, so that whatever a process leaves behind when it dies is found.
    Uploading,
    Ready,
    /// About to be removed: takes no new link.
    Doomed,
}

/// A file as kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileRow {
    pub id: FileId,
    pub owner_id: UserId,
    pub slot: FileSlot,
    pub room_id: Option<RoomId>,
    pub state: FileState,
    /// What it counts of its owner's room: the announced size while it comes, then what all its objects take.
    pub bytes: u64,
    pub created_at: Timestamp,
    /// When it was last named in a message about to be sent.
    pub claimed_at: Option<Timestamp>,
    pub content: FileContent,
}

/// The part of a [`FileRow`] that nothing is found by.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileContent {
    /// Under which its objects are in the blob store: random, 32 hexadecimal digits.
    pub key: String,
    /// What is there under it; nothing is known while it comes.
    #[serde(default)]
    pub objects: Vec<FileObject>,
    pub about: Attachment,
}

/// One object in the blob store.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FileObject {
    /// What is appended to the key: the size of a picture, or nothing.
    pub suffix: String,
    pub mime: String,
    pub size: u64,
}

/// Where a file is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FilePlace {
    pub room_id: RoomId,
    pub seq: Seq,
}

#[async_trait]
pub trait Files: Send + Sync {
    /// Takes room for a file that is about to come. Returns what is stored under its id: this, or what was there before,
    /// whosever it is.
    ///
    /// # Errors
    /// [`super::StoreError::Full`] when its owner's files would take more than `quota` bytes together.
    async fn begin_file(&self, row: &FileRow, quota: u64) -> Result<FileRow>;
    /// All bytes are there: from `Uploading` to `Ready` with these `bytes` and `content`. `false` when it is not `Uploading`
    /// under the key of `content` (removed meanwhile, finished by another, or begun anew).
    async fn finish_file(&self, id: FileId, bytes: u64, content: &FileContent) -> Result<bool>;
    async fn file(&self, id: FileId) -> Result<Option<FileRow>>;
    /// Notes that these are about to be sent. Returns those of `ids` that are `Ready` and belong to `owner`, in any order: they
    /// are not removed for a while.
    async fn claim_files(&self, owner: UserId, ids: &[FileId], now: Timestamp) -> Result<Vec<FileRow>>;
    /// Notes that these are about to be shown once more, whosever they are. Returns how many of `ids` are `Ready`.
    async fn keep_files(&self, ids: &[FileId], now: Timestamp) -> Result<usize>;
    /// From any state to `Doomed`, unless it was claimed at or after `since`. `None`: it was, or it is not there.
    async fn doom_file(&self, id: FileId, since: Timestamp) -> Result<Option<FileRow>>;
    /// From `Uploading` to `Doomed`, if it is still this attempt, which is known by its key. `false`: it is not.
    async fn doom_upload(&self, id: FileId, key: &str) -> Result<bool>;
    /// From `Doomed` back to `Ready`: somebody shows it after all.
    async fn spare_file(&self, id: FileId) -> Result<()>;
    /// Forgets it. Nothing when it is not there, or was begun anew under another key.
    async fn remove_file(&self, id: FileId, key: &str) -> Result<()>;
    /// Files behind `after` that were begun before `before`, in the order of their ids, at most `limit`.
    async fn old_files(&self, after: Option<FileId>, before: Timestamp, limit: usize) -> Result<Vec<FileRow>>;
    /// Bytes of all files of this person.
    async fn file_usage(&self, owner: UserId) -> Result<u64>;
    /// The messages that show a file now, at most `limit`: deleted ones do not.
    async fn file_places(&self, id: FileId, limit: usize) -> Result<Vec<FilePlace>>;
    /// Those of `ids` that a message shows now, in any order.
    async fn shown_files(&self, ids: &[FileId]) -> Result<Vec<FileId>>;
    /// Messages with a file of these kinds and `floor < seq`, newest first: the newest `limit`, or those older than `before`.
    async fn media(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        kinds: &[AttachmentKind],
        limit: u16,
    ) -> Result<Vec<Message>>;
}
