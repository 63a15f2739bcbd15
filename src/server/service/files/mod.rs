//! Files of messages: who may name them, and who may see them.

use crate::error::{Error, Result, What};
use crate::id::{FileId, RoomId, UserId};
use crate::model::{Attachment, SentFile};
use crate::server::App;
use crate::server::store::FileSlot;
use crate::time::Timestamp;

const NO_FILE: Error = Error::NotFound { what: What::File };

/// The files that a message is about to show, in the sender's order. They were uploaded by the sender for this room, and stay
/// for a while even when the message is not stored.
///
/// # Errors
/// [`Error::Invalid`] of `files`; [`Error::NotFound`] of a file when one is not there (any more): upload it again.
pub(super) async fn attach(app: &App, me: UserId, room_id: RoomId, files: &[SentFile]) -> Result<Vec<Attachment>> {
    SentFile::check(files)?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<FileId> = files.iter().map(|file| file.id).collect();
    let rows = app.db.claim_files(me, &ids, Timestamp::now()).await?;
    let attached = |file: &SentFile| {
        let row = rows.iter().find(|row| row.id == file.id)?;
        let fits = row.slot == FileSlot::Message && row.room_id == Some(room_id);
        let alt = file.alt.as_deref().map(str::trim).filter(|alt| !alt.is_empty()).map(str::to_owned);
        fits.then(|| Attachment { alt, ..row.content.about.clone() })
    };
    files.iter().map(|file| attached(file).ok_or(NO_FILE)).collect()
}

/// Keeps the files of a message that is about to be forwarded.
///
/// # Errors
/// [`Error::NotFound`] of a message: it was deleted this moment.
pub(super) async fn pass_on(app: &App, files: &[Attachment]) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let ids: Vec<FileId> = files.iter().map(|file| file.id).collect();
    let kept = app.db.keep_files(&ids, Timestamp::now()).await?;
    if kept == ids.len() { Ok(()) } else { Err(Error::NotFound { what: What::Message }) }
}
