//! A file on its way in: checked before its first byte, while it comes, and as a whole; then it can be sent.
//!
//! ```text
//! may they, here? ─▶ row (Uploading, counts) ─▶ head: name, type and bytes agree? ─▶ blob store, byte by byte
//!                                                   │ pictures                         │ others
//!                                                   ▼                                  ▼
//!                              read back by a bounded worker, re-encoded        row (Ready)
//! ```
//!
//! The row is there before the first byte: whatever a process leaves behind when it dies is found by it and removed, by the next
//! attempt under the same id or by the sweep. Until the row is `Ready` no message can name the file.

use super::{FULL, GRID, NO_FILE, PREVIEW, sweep};
use crate::error::{Error, Problem, Result};
use crate::id::{FileId, RoomId, UserId};
use crate::model::{Attachment, AttachmentKind, FileHints, Refusal, limits};
use crate::server::blobs::{BlobError, BlobKey};
use crate::server::limits::Rule;
use crate::server::pictures::{self, Classified, HEAD_BYTES};
use crate::server::session::Session;
use crate::server::store::{FileContent, FileObject, FileRow, FileSlot, FileState, StoreError};
use crate::server::{App, access, audit};
use crate::time::Timestamp;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use std::io;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::Instant;

/// A sender who says nothing for this long has gone.
const STALL: Duration = Duration::from_secs(30);
/// When storage that does not answer is asked again.
const RETRY_MS: u64 = 5_000;

/// A file that somebody wants to bring.
#[derive(Clone, Debug)]
pub struct NewFile {
    pub id: FileId,
    pub room_id: RoomId,
    /// As sent.
    pub name: String,
    /// The declared type, if any.
    pub declared: Option<String>,
    /// Bytes that are announced; not one more is taken.
    pub length: u64,
    pub hints: FileHints,
}

pub use crate::server::blobs::ByteStream as Incoming;

/// Takes a file for a message of a room. A repetition of a finished one is answered with what is stored; one that its process did
/// not live to finish begins from the start.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Unreachable`], [`Error::Muted`] as for a text; [`Error::TooLarge`]; [`Error::Refused`];
/// [`Error::Invalid`] of `width`, `height`, `duration_ms` or `waveform`; [`Error::RateLimited`] for too many, also at a time;
/// [`Error::Conflict`] while the same id is still coming, and for somebody else's; [`Error::Unavailable`] when storage does
/// not answer, and when nothing came for half a minute; [`Error::StorageFull`] when it is full; [`Error::Malformed`] when fewer
/// bytes came than were announced.
pub async fn upload(app: &App, session: &Session, new: NewFile, body: Incoming) -> Result<Attachment> {
    let me = session.user_id;
    check_hints(&new.hints)?;
    access::sender(app, new.room_id, me).await?;
    if let Some(stored) = app.db.file(new.id).await?
        && !is_abandoned(app, me, &stored)
    {
        return again(me, stored);
    }
    app.limits.take(Rule::Upload, me).await?;
    let file_max = app.config.file_max;
    if new.length > file_max {
        return Err(Error::TooLarge { limit_bytes: file_max });
    }
    if !app.storage_up.load(Ordering::Relaxed) {
        return Err(Error::Unavailable { retry_after_ms: RETRY_MS });
    }
    if new.length == 0 {
        return Err(refused(me, Refusal::Empty));
    }
    let _place = app.files.enter(me, new.id)?;
    // What is refused by its first bytes never gets a row.
    let (head, body) = head_of(body, new.length).await?;
    let classified =
        pictures::classify(&new.name, new.declared.as_deref(), &head).map_err(|refusal| refused(me, refusal))?;
    if classified.picture.is_some() && new.length > pictures::worker::INPUT_MAX {
        return Err(Error::TooLarge { limit_bytes: pictures::worker::INPUT_MAX });
    }
    let key = BlobKey::random();
    let about = Attachment {
        width: new.hints.width,
        height: new.hints.height,
        duration_ms: new.hints.duration_ms,
        waveform: new.hints.waveform.clone(),
        ..Attachment::new(new.id, kind_of(&classified, &new.hints), &classified.name, classified.mime, new.length)
    };
    let row = FileRow {
        id: new.id,
        owner_id: me,
        slot: FileSlot::Message,
        room_id: Some(new.room_id),
        state: FileState::Uploading,
        bytes: new.length,
        created_at: Timestamp::now(),
        claimed_at: None,
        content: FileContent { key: key.to_string(), objects: Vec::new(), about },
    };
    let mut unfinished = Unfinished::begin(app, me, &row).await?;
    let received = receive(app, &key, new.length, body).await?;
    let (bytes, content) = if classified.picture.is_some() {
        pictures_of(app, me, &row, &key).await?
    } else {
        let about = Attachment { size: received, ..row.content.about.clone() };
        let objects = vec![FileObject { suffix: String::new(), mime: about.mime.clone(), size: received }];
        (received, FileContent { key: row.content.key.clone(), objects, about })
    };
    if !app.db.finish_file(new.id, bytes, &content).await? {
        return Err(NO_FILE);
    }
    unfinished.done();
    Ok(content.about)
}

/// The answer to an id that is there already.
fn again(me: UserId, stored: FileRow) -> Result<Attachment> {
    if stored.owner_id == me && stored.state == FileState::Ready {
        Ok(stored.content.about)
    } else {
        Err(Error::Conflict)
    }
}

/// Whether an own upload is one that nobody here goes on with: the process that took it died, or is about to notice that its
/// sender went. Another process of the same store may still have it; the later attempt takes its place.
fn is_abandoned(app: &App, me: UserId, stored: &FileRow) -> bool {
    stored.owner_id == me && stored.state == FileState::Uploading && !app.files.is_coming(me, stored.id)
}

pub(super) fn refused(me: UserId, refusal: Refusal) -> Error {
    // Its words are ours: no name of a file is in them.
    audit::refused("upload", &refusal.to_string()).user(me).note();
    Error::Refused { refusal }
}

fn check_hints(hints: &FileHints) -> Result<()> {
    let in_alphabet = |text: &String| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if hints.waveform.as_ref().is_some_and(|text| text.len() > limits::WAVEFORM_MAX_CHARS || !in_alphabet(text)) {
        return Err(Error::invalid("waveform", Problem::BadFormat));
    }
    if hints.duration_ms.is_some_and(|ms| ms > 24 * 3_600_000) {
        return Err(Error::invalid("duration_ms", Problem::OutOfRange));
    }
    for (field, side) in [("width", hints.width), ("height", hints.height)] {
        if side.is_some_and(|side| !(1..=100_000).contains(&side)) {
            return Err(Error::invalid(field, Problem::OutOfRange));
        }
    }
    Ok(())
}

fn kind_of(classified: &Classified, hints: &FileHints) -> AttachmentKind {
    match classified.kind {
        AttachmentKind::Audio if hints.voice => AttachmentKind::Voice,
        kind => kind,
    }
}

/// The first bytes, and all of them as a stream that ends with an error when it is too long, too short or silent.
pub(super) async fn head_of(body: Incoming, length: u64) -> Result<(Bytes, Incoming)> {
    let mut body = bounded(body, length);
    let mut head = BytesMut::new();
    while head.len() < HEAD_BYTES {
        match body.next().await {
            Some(Ok(chunk)) => head.extend_from_slice(&chunk),
            Some(Err(error)) => return Err(blob_error(BlobError::Cut(error))),
            None => break,
        }
    }
    let all = head.freeze();
    let first = all.slice(..all.len().min(HEAD_BYTES));
    let rest = stream::once(async move { Ok(all) }).chain(body);
    Ok((first, Box::pin(rest)))
}

fn bounded(body: Incoming, length: u64) -> Incoming {
    let end = Instant::now() + Duration::from_millis(sweep::longest_ms(length).unsigned_abs());
    let parts = stream::unfold(Some((body, length)), move |state| async move {
        let (mut body, left) = state?;
        let bad = |kind: io::ErrorKind| Some((Err(io::Error::from(kind)), None));
        match tokio::time::timeout_at(end.min(Instant::now() + STALL), body.next()).await {
            Err(_) => bad(io::ErrorKind::TimedOut),
            Ok(None) if left > 0 => bad(io::ErrorKind::UnexpectedEof),
            Ok(None) => None,
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(Some(Ok(chunk))) => match left.checked_sub(chunk.len() as u64) {
                Some(left) => Some((Ok(chunk), Some((body, left)))),
                None => bad(io::ErrorKind::InvalidData),
            },
        }
    });
    // It is asked again when it was shorter than a head.
    Box::pin(parts.fuse())
}

/// Stores the bytes as they come.
pub(super) async fn receive(app: &App, key: &BlobKey, length: u64, body: Incoming) -> Result<u64> {
    app.blobs.put(key, body, length).await.map_err(blob_error)
}

/// What went wrong with the blob store, for the sender.
pub(super) fn blob_error(error: BlobError) -> Error {
    match error {
        BlobError::Missing => NO_FILE,
        BlobError::OutOfRange { .. } => Error::invalid("range", Problem::OutOfRange),
        // A network that was away for a while: the same again may do.
        BlobError::Cut(error) if error.kind() == io::ErrorKind::TimedOut => {
            Error::Unavailable { retry_after_ms: RETRY_MS }
        }
        // The sender went, or said something else than announced.
        BlobError::TooLarge { .. } | BlobError::Cut(_) => Error::Malformed,
        error @ BlobError::NoSpace => {
            tracing::warn!(%error, "storage of files");
            Error::StorageFull
        }
        error @ (BlobError::Unavailable(_) | BlobError::Other(_)) => {
            tracing::warn!(%error, "storage of files");
            Error::Unavailable { retry_after_ms: RETRY_MS }
        }
    }
}

/// Reads a picture back, checks and re-encodes it, and stores it in its sizes instead.
async fn pictures_of(app: &App, me: UserId, row: &FileRow, raw: &BlobKey) -> Result<(u64, FileContent)> {
    // The file is in memory only while it is its turn.
    let turn = app.pictures.turn().await;
    let bytes = whole(app, raw, row.bytes).await?;
    let made = turn.run(bytes, pictures::picture).await.map_err(|failure| unreadable(me, failure))?;
    let base = &row.content.about;
    let about = Attachment {
        kind: made.kind,
        mime: made.full.mime.to_owned(),
        name: renamed(&base.name, made.full.mime),
        size: made.full.bytes.len() as u64,
        width: Some(made.full.width),
        height: Some(made.full.height),
        thumbhash: Some(made.thumbhash),
        ..base.clone()
    };
    let sizes = [(FULL, Some(made.full)), (PREVIEW, made.preview), (GRID, made.grid)];
    let mut objects = Vec::new();
    for (suffix, encoded) in sizes.into_iter().filter_map(|(suffix, encoded)| Some((suffix, encoded?))) {
        let key = raw.variant(suffix).map_err(|_| Error::Internal { incident: None })?;
        let size = encoded.bytes.len() as u64;
        app.blobs.put_bytes(&key, encoded.bytes.into(), encoded.mime).await.map_err(blob_error)?;
        objects.push(FileObject { suffix: suffix.to_owned(), mime: encoded.mime.to_owned(), size });
    }
    app.blobs.delete(raw).await.map_err(blob_error)?;
    let total = objects.iter().map(|object| object.size).sum();
    Ok((total, FileContent { key: row.content.key.clone(), objects, about }))
}

/// An object as one piece; it was bounded when it came.
pub(super) async fn whole(app: &App, key: &BlobKey, length: u64) -> Result<Vec<u8>> {
    let mut bytes = app.blobs.get(key, None).await.map_err(blob_error)?.bytes;
    let mut all = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    while let Some(part) = bytes.next().await {
        all.extend_from_slice(&part.map_err(|error| blob_error(BlobError::Unavailable(error.to_string())))?);
    }
    Ok(all)
}

/// The name with the extension of what a picture became.
fn renamed(name: &str, mime: &str) -> String {
    let wanted: &[&str] = match mime {
        "image/jpeg" => &["jpg", "jpeg"],
        "image/png" => &["png", "apng"],
        "image/webp" => &["webp"],
        "image/gif" => &["gif"],
        _ => return name.to_owned(),
    };
    match name.rsplit_once('.') {
        Some((_, extension)) if wanted.iter().any(|one| extension.eq_ignore_ascii_case(one)) => name.to_owned(),
        Some((stem, _)) => format!("{stem}.{}", wanted[0]),
        None => format!("{name}.{}", wanted[0]),
    }
}

pub(super) fn unreadable(me: UserId, failure: pictures::Failure) -> Error {
    match failure {
        pictures::Failure::Refused(refusal) => refused(me, refusal),
        failure @ pictures::Failure::Panicked(_) => {
            tracing::error!(%failure, "a picture is refused");
            refused(me, Refusal::Damaged)
        }
    }
}

/// A file that has begun to come. Unless it is done, its row and objects are taken away again, also when the sender goes.
pub(super) struct Unfinished {
    app: App,
    row: Option<FileRow>,
}

impl Unfinished {
    /// Writes the row, in place of one of an own attempt that was not finished. The caller has a [`super::Place`]: no other
    /// attempt under this id is under way here.
    ///
    /// # Errors
    /// [`Refusal::QuotaReached`]; [`Error::Conflict`] when the id is taken.
    pub(super) async fn begin(app: &App, me: UserId, row: &FileRow) -> Result<Self> {
        let quota = app.config.file_quota;
        let mut begun = app.db.begin_file(row, quota).await;
        if let Ok(left) = &begun
            && left != row
            && left.owner_id == me
            && left.state == FileState::Uploading
            && sweep::take_over(app, left).await?
        {
            begun = app.db.begin_file(row, quota).await;
        }
        match begun {
            Ok(begun) if begun == *row => Ok(Self { app: app.clone(), row: Some(row.clone()) }),
            Ok(_) => Err(Error::Conflict),
            Err(StoreError::Full) => {
                let used = app.db.file_usage(me).await?;
                Err(refused(me, Refusal::QuotaReached { used, quota }))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn done(&mut self) {
        self.row = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(row) = self.row.take() else { return };
        let app = self.app.clone();
        tokio::spawn(async move { sweep::remove(&app, &row).await });
    }
}
