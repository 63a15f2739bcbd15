//! Files that nobody shows any more are removed: at once when their last message is deleted, and by a look at all of them every
//! hour, which also finds what a process left behind when it died.
//!
//! A file goes in three steps: its row turns `Doomed` (unless it was named in a send a moment ago), then the messages are asked
//! again whether one shows it, then its objects and at last its row are removed. A send names its files first and checks that
//! they are `Ready`; so either the send is refused, or the look at the messages comes after it was stored.

use crate::error::Result;
use crate::id::{FileId, UserId};
use crate::model::report::ReportState;
use crate::model::{Attachment, PICTURE_SIZES};
use crate::server::App;
use crate::server::blobs::BlobKey;
use crate::server::store::{FileRow, FileSlot, FileState};
use crate::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// How old a row is when the sweep first looks at it.
const OLD_MS: i64 = 3_600_000;
/// The slowest upload that is waited for, in bytes per millisecond: 2 Mbit/s.
const SLOWEST: u64 = 256;
/// What was uploaded and never sent stays this long: its sender may have been offline.
const UNSENT_MS: i64 = 20 * 3_600_000;
/// What was named in a send stays at least this long: sends take seconds.
pub(super) const CLAIM_MS: i64 = 10 * 60_000;
/// Rows of one step.
const STEP: usize = 200;

/// How long an upload of so many bytes may take, in milliseconds; small ones half an hour, whatever the network.
pub(super) fn longest_ms(bytes: u64) -> i64 {
    1_800_000 + i64::try_from(bytes / SLOWEST).unwrap_or(i64::MAX / 2)
}

/// Looks at all files. Returns how many were removed.
///
/// # Errors
/// The store's; the next look goes on.
pub async fn sweep(app: &App, now: Timestamp) -> Result<usize> {
    let (mut after, mut removed) = (None, 0);
    let mut held: Option<BTreeSet<FileId>> = None;
    loop {
        let rows = app.db.old_files(after, now.plus_ms(-OLD_MS), STEP).await?;
        let Some(last) = rows.last() else { return Ok(removed) };
        after = Some(last.id);
        let ids: Vec<FileId> = rows.iter().map(|row| row.id).collect();
        let shown: BTreeSet<FileId> = app.db.shown_files(&ids).await?.into_iter().collect();
        for row in rows {
            let is_due = match row.state {
                // It has died: a living one has ended by then, and was worked on.
                FileState::Uploading => row.created_at <= now.plus_ms(-OLD_MS - longest_ms(row.bytes)),
                FileState::Doomed => true,
                FileState::Ready => row.created_at <= now.plus_ms(-UNSENT_MS),
            };
            if !is_due {
                continue;
            }
            let is_needed = shown.contains(&row.id) || super::portraits::is_worn(app, &row).await? || {
                // Asked once for all of them here, so that what is held is not doomed and spared every hour.
                let held = match &mut held {
                    Some(held) => held,
                    none => none.insert(evidence(app).await?),
                };
                held.contains(&row.id)
            };
            if is_needed && row.state == FileState::Doomed {
                // Whoever asked whether it is needed died before the answer.
                app.db.spare_file(row.id).await?;
            } else if !is_needed && dismiss(app, row.id, now).await? {
                removed += 1;
            }
        }
    }
}

/// Looks at the files of a message that was just deleted, behind the caller's back: what fails here the next sweep finds.
pub(crate) fn release(app: &App, files: &[Attachment]) {
    if files.is_empty() {
        return;
    }
    release_ids(app, files.iter().map(|file| file.id).collect());
}

/// As [`release`], by their ids.
pub(super) fn release_ids(app: &App, ids: Vec<FileId>) {
    let app = app.clone();
    tokio::spawn(async move {
        let outcome = async {
            let left = dismiss_all(&app, ids, Timestamp::now()).await?;
            if !left.is_empty() {
                // Named in a send a moment ago, which may still go on: asked once more when that is over.
                tokio::time::sleep(Duration::from_millis(CLAIM_MS.unsigned_abs())).await;
                dismiss_all(&app, left, Timestamp::now()).await?;
            }
            Ok::<_, crate::Error>(())
        };
        if let Err(error) = outcome.await {
            tracing::warn!(%error, "files that nobody shows stay until the next sweep");
        }
    });
}

/// Those that are still there.
async fn dismiss_all(app: &App, ids: Vec<FileId>, now: Timestamp) -> Result<Vec<FileId>> {
    let mut left = Vec::new();
    for id in ids {
        if !dismiss(app, id, now).await? {
            left.push(id);
        }
    }
    Ok(left)
}

/// Removes all files of somebody that nobody needs any more; what they are shown in now stays.
///
/// # Errors
/// The store's; what is left the sweep finds.
pub(crate) async fn dismiss_all_of(app: &App, owner_id: UserId, now: Timestamp) -> Result<()> {
    let mut after = None;
    loop {
        let rows = app.db.files_of(owner_id, after, STEP).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        let ids: Vec<FileId> = rows.iter().map(|row| row.id).collect();
        // Not doomed and spared: nobody could see it in between.
        let shown: BTreeSet<FileId> = app.db.shown_files(&ids).await?.into_iter().collect();
        for row in rows {
            if !shown.contains(&row.id) && !super::portraits::is_worn(app, &row).await? {
                dismiss(app, row.id, now).await?;
            }
        }
    }
}

/// Removes a file unless somebody shows or wears it, is about to, or reported it. Returns whether it is gone.
async fn dismiss(app: &App, id: FileId, now: Timestamp) -> Result<bool> {
    let Some(row) = app.db.doom_file(id, now.plus_ms(-CLAIM_MS)).await? else { return Ok(false) };
    let is_needed = !app.db.file_places(id, 1).await?.is_empty()
        || super::portraits::is_worn(app, &row).await?
        || evidence(app).await?.contains(&id);
    if is_needed {
        app.db.spare_file(id).await?;
        return Ok(false);
    }
    Ok(remove(app, &row).await)
}

/// Takes back an own file that no message shows; not what was reported, though its message is deleted.
pub(super) async fn withdraw(app: &App, me: UserId, id: FileId) -> Result<()> {
    let Some(row) = app.db.file(id).await?.filter(|row| row.owner_id == me && row.slot == FileSlot::Message) else {
        return Err(super::NO_FILE);
    };
    if row.state == FileState::Ready && app.db.file_places(id, 1).await?.is_empty() {
        dismiss(app, id, Timestamp::now()).await?;
    }
    Ok(())
}

/// Removes what is left of an upload that nobody goes on with. `false`: somebody finished it after all, or it cannot be removed.
///
/// Doomed first, as always: who finishes it in the same moment either comes first, and keeps it, or is told that it is gone.
pub(super) async fn take_over(app: &App, row: &FileRow) -> Result<bool> {
    Ok(app.db.doom_upload(row.id, &row.content.key).await? && remove(app, row).await)
}

/// The objects first: a row without them is found again, objects without a row never. Returns whether all is gone.
pub(super) async fn remove(app: &App, row: &FileRow) -> bool {
    let Ok(key) = row.content.key.parse::<BlobKey>() else {
        tracing::error!(file.id = %row.id, "a stored key is none");
        return false;
    };
    // The bytes as they came, and every size that there may be.
    let portraits = PICTURE_SIZES.map(super::portraits::suffix);
    let suffixes = match row.slot {
        FileSlot::Avatar | FileSlot::Group => portraits.iter().map(String::as_str).chain([""]).collect::<Vec<_>>(),
        FileSlot::Message | FileSlot::Wallpaper => vec![super::FULL, super::PREVIEW, super::GRID, ""],
    };
    for suffix in suffixes {
        let Ok(object) = super::object_key(&key, suffix) else { return false };
        if let Err(error) = app.blobs.delete(&object).await {
            tracing::warn!(%error, "a file could not be removed; the next sweep tries again");
            return false;
        }
    }
    app.db
        .remove_file(row.id, &row.content.key)
        .await
        .inspect_err(|error| tracing::warn!(%error, "a file's row stays"))
        .is_ok()
}

/// Whether an open report shows it to this admin of the instance.
pub(super) async fn is_evidence_for(app: &App, me: UserId, id: FileId) -> Result<bool> {
    let is_admin = app.db.user(me).await?.is_some_and(|user| user.is_admin && user.banned_at.is_none());
    Ok(is_admin && evidence(app).await?.contains(&id))
}

/// The files that open reports show.
async fn evidence(app: &App) -> Result<BTreeSet<FileId>> {
    let (mut held, mut before) = (BTreeSet::new(), None);
    loop {
        let reports = app.db.reports(ReportState::Open, before, 100).await?;
        let Some(last) = reports.last() else { return Ok(held) };
        before = Some(last.id);
        let texts = reports.iter().flat_map(|report| &report.evidence);
        held.extend(texts.flat_map(|text| &text.attachments).map(|file| file.id));
    }
}
