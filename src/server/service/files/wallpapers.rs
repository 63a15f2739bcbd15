//! Pictures of one's own behind a conversation. They belong to the choice of the wallpaper: whatever is chosen instead takes the
//! picture away.

use super::portraits::{self, Made};
use super::upload::{self, Incoming};
use super::{FULL, GRID, sweep};
use crate::error::{Error, Problem, Result};
use crate::id::{FileId, RoomId, UserId};
use crate::model::{
    Attachment, AttachmentKind, PrefsChange, Refusal, WALLPAPER_OWN, Wallpaper, WallpaperPicture, limits,
};
use crate::server::blobs::BlobKey;
use crate::server::limits::Rule;
use crate::server::pictures::{self, PictureFormat, Scheme};
use crate::server::service::prefs;
use crate::server::session::Session;
use crate::server::store::{FileContent, FileRow, FileSlot, FileState};
use crate::server::{App, access};
use crate::time::Timestamp;

/// Takes a picture, of so many bytes, and puts it behind a conversation of the caller, for them alone. How far the one before had
/// faded this one fades too; the one before is removed.
///
/// # Errors
/// [`Error::NotFound`] of a room that the caller is not in; others as in [`portraits::set`].
pub async fn set(
    app: &App,
    session: &Session,
    room_id: RoomId,
    (id, length): (FileId, u64),
    body: Incoming,
) -> Result<Wallpaper> {
    let me = session.user_id;
    access::member(app, room_id, me).await?;
    app.limits.take(Rule::Upload, me).await?;
    if length > limits::PICTURE_MAX_BYTES {
        return Err(Error::TooLarge { limit_bytes: limits::PICTURE_MAX_BYTES });
    }
    let _place = app.files.enter(me, id)?;
    let (head, body) = upload::head_of(body, length).await?;
    if PictureFormat::of(&head).is_none() {
        return Err(upload::refused(me, Refusal::NotAPicture));
    }
    let key = BlobKey::random();
    let about = Attachment::new(id, AttachmentKind::Image, "wallpaper.jpg", "image/jpeg", length);
    let row = FileRow {
        id,
        owner_id: me,
        slot: FileSlot::Wallpaper,
        room_id: Some(room_id),
        state: FileState::Uploading,
        bytes: length,
        created_at: Timestamp::now(),
        claimed_at: None,
        content: FileContent { key: key.to_string(), objects: Vec::new(), about },
    };
    let (light, dark) = portraits::keep(app, row, &key, body, |bytes| {
        let made = pictures::wallpaper(bytes)?;
        let scrim = |scheme| (pictures::scrim(&made.luminance, scheme) * 100.0).ceil() as u8;
        let more = (scrim(Scheme::Light), scrim(Scheme::Dark));
        let sizes = vec![(FULL.to_owned(), made.full), (GRID.to_owned(), made.grid)];
        Ok(Made { sizes, thumbhash: made.thumbhash, more })
    })
    .await?;
    let before = stored(app, me, room_id).await?;
    let dim = before.as_ref().filter(|before| before.key == WALLPAPER_OWN).map_or(0, |before| before.dim);
    let picture = Some(WallpaperPicture { file_id: id, light, dark });
    let wallpaper = Wallpaper { key: WALLPAPER_OWN.to_owned(), hue: None, dim, picture };
    change(app, me, room_id, before, Some(wallpaper.clone())).await?;
    Ok(wallpaper)
}

/// Takes the picture away; another wallpaper stays.
///
/// # Errors
/// [`Error::NotFound`] of a room that the caller is not in.
pub async fn remove(app: &App, session: &Session, room_id: RoomId) -> Result<()> {
    let me = session.user_id;
    app.limits.check(Rule::Prefs, me)?;
    access::member(app, room_id, me).await?;
    let before = stored(app, me, room_id).await?;
    if before.as_ref().is_some_and(|before| before.key == WALLPAPER_OWN) {
        change(app, me, room_id, before, None).await?;
    }
    Ok(())
}

/// Chooses a wallpaper by its key. The picture of one's own can be kept and faded like this, not set.
pub(in crate::server::service) async fn choose(
    app: &App,
    me: UserId,
    room_id: RoomId,
    wallpaper: Option<Wallpaper>,
) -> Result<()> {
    access::member(app, room_id, me).await?;
    let before = stored(app, me, room_id).await?;
    let wallpaper = match wallpaper {
        Some(wanted) if wanted.key == WALLPAPER_OWN => {
            let own = before.as_ref().and_then(|before| before.picture);
            let own = own.ok_or_else(|| Error::invalid("key", Problem::BadFormat))?;
            Some(Wallpaper { hue: None, picture: Some(own), ..wanted })
        }
        other => other.map(|wanted| Wallpaper { picture: None, ..wanted }),
    };
    change(app, me, room_id, before, wallpaper).await
}

async fn change(
    app: &App,
    me: UserId,
    room_id: RoomId,
    before: Option<Wallpaper>,
    wallpaper: Option<Wallpaper>,
) -> Result<()> {
    let picture = |wallpaper: &Option<Wallpaper>| Some(wallpaper.as_ref()?.picture?.file_id);
    let (old, new) = (picture(&before), picture(&wallpaper));
    prefs::store(app, me, room_id, PrefsChange::Wallpaper { wallpaper }).await?;
    if let Some(old) = old.filter(|old| Some(*old) != new) {
        sweep::release_ids(app, vec![old]);
    }
    Ok(())
}

async fn stored(app: &App, me: UserId, room_id: RoomId) -> Result<Option<Wallpaper>> {
    let prefs = app.db.prefs(&[room_id], me).await?;
    Ok(prefs.into_iter().find(|(id, _)| *id == room_id).and_then(|(_, prefs)| prefs.wallpaper))
}

/// The picture that somebody has behind a conversation now.
pub(super) async fn worn(app: &App, of: UserId, room_id: RoomId) -> Result<Option<WallpaperPicture>> {
    Ok(stored(app, of, room_id).await?.and_then(|wallpaper| wallpaper.picture))
}
