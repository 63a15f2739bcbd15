//! Files: who may bring them, name them and see them.

pub mod portraits;
mod sweep;
mod upload;
pub mod wallpapers;

use crate::error::{Error, Result, What};
use crate::id::{FileId, RoomId, UserId};
use crate::model::{Attachment, AttachmentKind, FileUsage, MediaKind, MediaPage, SentFile, Seq, Variant, limits};
use crate::server::App;
use crate::server::blobs::{BlobError, BlobKey, ByteStream, Disposition, LinkOptions};
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::{FileRow, FileSlot, FileState};
use crate::time::Timestamp;
use dashmap::DashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
pub use sweep::sweep;
pub(super) use sweep::{dismiss_all_of, release};
pub use upload::{Incoming, NewFile, upload};

const NO_FILE: Error = Error::NotFound { what: What::File };
const NO_ROOM: Error = Error::NotFound { what: What::Room };
/// How long a link to bytes works, in seconds.
const LINK_S: u32 = 60;
/// Messages that are looked through for one that the caller may see.
const PLACES_MAX: usize = 500;
/// When one of too many uploads may come again.
const BUSY_MS: u64 = 1_000;

/// Suffixes of the sizes of a picture in the blob store; what came in, and all other files, have none.
const FULL: &str = "f";
const PREVIEW: &str = "p";
const GRID: &str = "g";

/// Uploads under way in this process: whose, and under which ids.
#[derive(Default)]
pub struct Desk {
    under_way: Arc<DashMap<UserId, Vec<FileId>>>,
}

/// The right to one upload at a time.
struct Place {
    of: UserId,
    id: FileId,
    under_way: Arc<DashMap<UserId, Vec<FileId>>>,
}

impl Desk {
    /// # Errors
    /// [`Error::RateLimited`] beyond [`limits::UPLOADS_MAX`] at a time; [`Error::Conflict`] while the same id is coming.
    fn enter(&self, user_id: UserId, id: FileId) -> Result<Place> {
        let mut ids = self.under_way.entry(user_id).or_default();
        if ids.contains(&id) {
            return Err(Error::Conflict);
        }
        if ids.len() >= limits::UPLOADS_MAX {
            return Err(Error::RateLimited { retry_after_ms: BUSY_MS });
        }
        ids.push(id);
        Ok(Place { of: user_id, id, under_way: Arc::clone(&self.under_way) })
    }

    fn is_coming(&self, user_id: UserId, id: FileId) -> bool {
        self.under_way.get(&user_id).is_some_and(|ids| ids.contains(&id))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.under_way.remove_if_mut(&self.of, |_, ids| {
            ids.retain(|id| *id != self.id);
            ids.is_empty()
        });
    }
}

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

/// A link to the bytes of a file, good for a minute, for someone who may see it now: its owner before it is sent, members of a
/// room where a message shows it that they may read, and the admins of the instance while a report shows it.
///
/// # Errors
/// [`Error::NotFound`] for everything else, alike; [`Error::Unavailable`] when storage does not answer.
pub async fn link(app: &App, session: &Session, id: FileId, variant: Variant, download: bool) -> Result<String> {
    app.limits.check(Rule::File, session.user_id)?;
    let row = app.db.file(id).await?.filter(|row| row.state == FileState::Ready).ok_or(NO_FILE)?;
    if !may_see(app, session.user_id, &row).await? {
        return Err(NO_FILE);
    }
    let (object, mime) = object_of(&row, variant)?;
    let about = &row.content.about;
    // Nothing but media is shown in place; a document is no part of our page.
    let inline = !download && about.kind != AttachmentKind::File;
    let disposition = if inline { Disposition::Inline } else { Disposition::Attachment };
    let options = LinkOptions { content_type: &mime, disposition, name: &about.name, expires_s: LINK_S };
    app.blobs.link(&object, &options, Timestamp::now()).await.map_err(upload::blob_error)
}

/// What is kept of a file in its largest size; nothing when that is not there (any more).
///
/// # Errors
/// [`Error::Unavailable`] when storage does not answer.
pub(super) async fn bytes_of(app: &App, row: &FileRow) -> Result<Option<ByteStream>> {
    let Some(object) = row.content.objects.iter().max_by_key(|object| object.size) else { return Ok(None) };
    let key: BlobKey = row.content.key.parse().map_err(|_| NO_FILE)?;
    match app.blobs.get(&object_key(&key, &object.suffix)?, None).await {
        Ok(blob) => Ok(Some(blob.bytes)),
        Err(BlobError::Missing) => Ok(None),
        Err(error) => Err(upload::blob_error(error)),
    }
}

/// The object of a size, and its type.
fn object_of(row: &FileRow, variant: Variant) -> Result<(BlobKey, String)> {
    let key: BlobKey = row.content.key.parse().map_err(|_| NO_FILE)?;
    let suffixes = match variant {
        _ if !row.content.about.kind.has_pictures() => &[""][..],
        Variant::Full => &[FULL],
        // A picture that is small already has no smaller ones.
        Variant::Preview => &[PREVIEW, FULL],
        Variant::Grid => &[GRID, PREVIEW, FULL],
    };
    let stored = |suffix: &&str| row.content.objects.iter().find(|object| object.suffix == **suffix);
    let object = suffixes.iter().find_map(stored).ok_or(NO_FILE)?;
    Ok((object_key(&key, &object.suffix)?, object.mime.clone()))
}

fn object_key(key: &BlobKey, suffix: &str) -> Result<BlobKey> {
    if suffix.is_empty() { Ok(key.clone()) } else { key.variant(suffix).map_err(|_| NO_FILE) }
}

async fn may_see(app: &App, me: UserId, row: &FileRow) -> Result<bool> {
    match row.slot {
        FileSlot::Message => {}
        FileSlot::Wallpaper => return Ok(row.owner_id == me),
        // Served by their own route.
        FileSlot::Avatar | FileSlot::Group => return Ok(false),
    }
    let places = app.db.file_places(row.id, PLACES_MAX).await?;
    if places.is_empty() && row.owner_id == me {
        return Ok(true);
    }
    let mut rooms: Vec<RoomId> = places.iter().map(|place| place.room_id).collect();
    rooms.sort_unstable();
    rooms.dedup();
    for room_id in rooms {
        // Not from a cache: who was taken out sees nothing, at once.
        let Some(own) = app.db.member(room_id, me).await? else { continue };
        if places.iter().any(|place| place.room_id == room_id && place.seq > own.floor()) {
            return Ok(true);
        }
    }
    sweep::is_evidence_for(app, me, row.id).await
}

/// Takes back an own file that no message shows; nothing when one does.
///
/// # Errors
/// [`Error::NotFound`] for one that is not the caller's.
pub async fn withdraw(app: &App, session: &Session, id: FileId) -> Result<()> {
    app.limits.check(Rule::Change, session.user_id)?;
    sweep::withdraw(app, session.user_id, id).await
}

/// See [`crate::api::files::usage`].
pub async fn usage(app: &App, session: &Session) -> Result<FileUsage> {
    app.limits.check(Rule::History, session.user_id)?;
    let used = app.db.file_usage(session.user_id).await?;
    Ok(FileUsage {
        used,
        quota: app.config.file_quota,
        file_max: app.config.file_max,
        is_down: !app.storage_up.load(Ordering::Relaxed),
    })
}

/// See [`crate::api::files::media`].
pub async fn media(
    app: &App,
    session: &Session,
    room_id: RoomId,
    kind: MediaKind,
    before: Option<Seq>,
) -> Result<MediaPage> {
    app.limits.check(Rule::History, session.user_id)?;
    let own = app.db.member(room_id, session.user_id).await?.ok_or(NO_ROOM)?;
    let mut page = if kind == MediaKind::Links {
        app.db.links(room_id, own.floor(), before, limits::MEDIA_PAGE).await?
    } else {
        let messages = app.db.media(room_id, own.floor(), before, kind.kinds(), limits::MEDIA_PAGE).await?;
        let is_full = messages.len() == usize::from(limits::MEDIA_PAGE);
        MediaPage { next: messages.last().filter(|_| is_full).map(|last| last.seq), messages }
    };
    let prefs = app.db.prefs(&[room_id], session.user_id).await?;
    if let Some((_, prefs)) = prefs.first() {
        page.messages.retain(|message| !prefs.hidden.contains(&message.seq));
    }
    Ok(page)
}
