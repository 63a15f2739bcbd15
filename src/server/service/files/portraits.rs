//! The pictures of people and groups: a square part of what was sent, in four sizes, with the colour that it gives.

use super::upload::{self, Incoming, Unfinished};
use super::{NO_FILE, object_key, sweep};
use crate::error::{Error, Result, What};
use crate::id::{FileId, RoomId, UserId};
use crate::model::{Act, Attachment, AttachmentKind, Crop, Me, PICTURE_SIZES, Picture, Refusal, limits};
use crate::server::App;
use crate::server::blobs::BlobKey;
use crate::server::limits::Rule;
use crate::server::pictures::{self, Encoded, PictureFormat};
use crate::server::service::{groups, profiles};
use crate::server::session::Session;
use crate::server::store::{FileContent, FileObject, FileRow, FileSlot, FileState, ProfileChange};
use crate::time::Timestamp;

/// A picture that somebody wants to have.
#[derive(Clone, Copy, Debug)]
pub struct NewPortrait {
    pub id: FileId,
    /// Of this group; of the caller when there is none.
    pub room_id: Option<RoomId>,
    /// The largest square in the middle when there is none.
    pub crop: Option<Crop>,
    pub length: u64,
}

/// Takes a picture for the caller, or for a group that they lead, and tells those who see it. The one before is removed.
///
/// # Errors
/// [`Error::Refused`] for what is no picture that can be read; [`Error::TooLarge`] beyond [`limits::PICTURE_MAX_BYTES`];
/// [`Error::NotFound`] and [`Error::Forbidden`] of a group; others as in [`super::upload`].
pub async fn set(app: &App, session: &Session, new: NewPortrait, body: Incoming) -> Result<Picture> {
    let me = session.user_id;
    if let Some(room_id) = new.room_id {
        groups::allowed(app, room_id, me, Act::ChangeRoom).await?;
    }
    app.limits.take(Rule::Upload, me).await?;
    if new.length > limits::PICTURE_MAX_BYTES {
        return Err(Error::TooLarge { limit_bytes: limits::PICTURE_MAX_BYTES });
    }
    let _place = app.files.enter(me, new.id)?;
    let (head, body) = upload::head_of(body, new.length).await?;
    if PictureFormat::of(&head).is_none() {
        return Err(upload::refused(me, Refusal::NotAPicture));
    }
    let key = BlobKey::random();
    let about = Attachment::new(new.id, AttachmentKind::Image, "picture.jpg", "image/jpeg", new.length);
    let row = FileRow {
        id: new.id,
        owner_id: me,
        slot: if new.room_id.is_some() { FileSlot::Group } else { FileSlot::Avatar },
        room_id: new.room_id,
        state: FileState::Uploading,
        bytes: new.length,
        created_at: Timestamp::now(),
        claimed_at: None,
        content: FileContent { key: key.to_string(), objects: Vec::new(), about },
    };
    let crop = new.crop;
    let colour = keep(app, row, &key, body, move |bytes| {
        let made = pictures::avatar(bytes, crop)?;
        let sizes = pictures::AVATAR_SIDES.into_iter().zip(made.sizes);
        let sizes = sizes.map(|(side, encoded)| (suffix(side), encoded)).collect();
        Ok(Made { sizes, thumbhash: made.thumbhash, more: made.colour })
    })
    .await?;
    let picture = Picture { file_id: new.id, colour };
    if let Some(room_id) = new.room_id {
        // Again: the bytes may have come for half an hour.
        groups::allowed(app, room_id, me, Act::ChangeRoom).await?;
    }
    wear(app, me, new.room_id, Some(picture.clone())).await?;
    Ok(picture)
}

/// What a picture was made into: its sizes by their suffixes, and what else is known of it.
pub(super) struct Made<T> {
    pub(super) sizes: Vec<(String, Encoded)>,
    pub(super) thumbhash: String,
    pub(super) more: T,
}

/// Writes the row, receives the bytes, has them worked on when it is their turn, and keeps what was made of them in their place.
pub(super) async fn keep<T: Send + 'static>(
    app: &App,
    row: FileRow,
    key: &BlobKey,
    body: Incoming,
    work: impl FnOnce(&[u8]) -> std::result::Result<Made<T>, Refusal> + Send + 'static,
) -> Result<T> {
    let me = row.owner_id;
    let mut unfinished = Unfinished::begin(app, me, &row).await?;
    upload::receive(app, key, row.bytes, body).await?;
    let turn = app.pictures.turn().await;
    let bytes = upload::whole(app, key, row.bytes).await?;
    let made = turn.run(bytes, work).await.map_err(|failure| upload::unreadable(me, failure))?;
    let mut objects = Vec::new();
    for (suffix, encoded) in made.sizes {
        let (object, size) = (object_key(key, &suffix)?, encoded.bytes.len() as u64);
        app.blobs.put_bytes(&object, encoded.bytes.into(), encoded.mime).await.map_err(upload::blob_error)?;
        objects.push(FileObject { suffix, mime: encoded.mime.to_owned(), size });
    }
    app.blobs.delete(key).await.map_err(upload::blob_error)?;
    let bytes = objects.iter().map(|object| object.size).sum();
    let about = Attachment { size: bytes, thumbhash: Some(made.thumbhash), ..row.content.about.clone() };
    if !app.db.finish_file(row.id, bytes, &FileContent { objects, about, ..row.content }).await? {
        return Err(NO_FILE);
    }
    // Before it is worn: what fails from here on must not take away what somebody wears. Nobody does? The sweep finds it.
    unfinished.done();
    Ok(made.more)
}

/// Takes the picture of the caller, or of a group that they lead, away.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] of a group.
pub async fn remove(app: &App, session: &Session, room_id: Option<RoomId>) -> Result<()> {
    let me = session.user_id;
    if let Some(room_id) = room_id {
        groups::allowed(app, room_id, me, Act::ChangeRoom).await?;
    }
    app.limits.check(Rule::Manage, me)?;
    wear(app, me, room_id, None).await
}

async fn wear(app: &App, me: UserId, room_id: Option<RoomId>, picture: Option<Picture>) -> Result<()> {
    let before = match room_id {
        Some(room_id) => {
            let before = app.db.room(room_id).await?.and_then(|room| room.picture);
            groups::set_picture(app, room_id, picture.as_ref()).await?;
            before
        }
        None => {
            let before = app.db.user(me).await?.and_then(|user| user.picture);
            let change = ProfileChange { picture: Some(picture.clone()), ..ProfileChange::default() };
            let _: Me = profiles::store(app, me, &change).await?;
            before
        }
    };
    if let Some(before) = before.filter(|before| Some(before.file_id) != picture.map(|picture| picture.file_id)) {
        sweep::release_ids(app, vec![before.file_id]);
    }
    Ok(())
}

/// The bytes of a picture in one of [`PICTURE_SIZES`], and their type. For anybody who is signed in: its id is known only to those
/// who were shown it.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn read(app: &App, session: &Session, id: FileId, side: u32) -> Result<(Incoming, u64, String)> {
    app.limits.check(Rule::File, session.user_id)?;
    let is_portrait = |row: &FileRow| matches!(row.slot, FileSlot::Avatar | FileSlot::Group);
    let row = app.db.file(id).await?.filter(|row| row.state == FileState::Ready && is_portrait(row)).ok_or(NO_FILE)?;
    if !PICTURE_SIZES.contains(&side) {
        return Err(Error::NotFound { what: What::File });
    }
    let suffix = suffix(side);
    let object = row.content.objects.iter().find(|object| object.suffix == suffix).ok_or(NO_FILE)?;
    let key: BlobKey = row.content.key.parse().map_err(|_| NO_FILE)?;
    let blob = app.blobs.get(&object_key(&key, &suffix)?, None).await.map_err(upload::blob_error)?;
    Ok((blob.bytes, blob.size, object.mime.clone()))
}

/// Whether it is somebody's picture, a group's, or behind a conversation now.
pub(super) async fn is_worn(app: &App, row: &FileRow) -> Result<bool> {
    let worn = match (row.slot, row.room_id) {
        (FileSlot::Avatar, _) => app.db.user(row.owner_id).await?.and_then(|user| user.picture),
        (FileSlot::Group, Some(room_id)) => app.db.room(room_id).await?.and_then(|room| room.picture),
        (FileSlot::Wallpaper, Some(room_id)) => {
            let worn = super::wallpapers::worn(app, row.owner_id, room_id).await?;
            return Ok(worn.is_some_and(|picture| picture.file_id == row.id));
        }
        (FileSlot::Group | FileSlot::Message | FileSlot::Wallpaper, _) => None,
    };
    Ok(worn.is_some_and(|picture| picture.file_id == row.id))
}

/// Of the object of one size.
pub(super) fn suffix(side: u32) -> String {
    format!("a{side}")
}
