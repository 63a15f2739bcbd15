//! Files up and down: plain routes, because their bodies are streams.
//!
//! `PUT /files/{id}` takes one, `GET /files/{id}` answers with a redirect to a link that is good for a minute, `DELETE
//! /files/{id}` takes one back that was never sent. `/pictures/…` sets and takes away pictures of people and groups and those
//! behind conversations; `/avatars/{id}/{size}` shows people and groups.

use crate::Error;
use crate::error::Problem;
use crate::id::{FileId, RoomId};
use crate::model::{Crop, FileHints, Variant};
use crate::server::App;
use crate::server::service::files::portraits::{self, NewPortrait};
use crate::server::service::files::wallpapers;
use crate::server::service::files::{self, Incoming, NewFile};
use crate::server::session::Session;
use crate::server::telemetry;
use axum::body::Body;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, put};
use axum::{Json, Router};
use futures_util::{StreamExt, TryStreamExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Context;
use std::time::Duration;
use tracing::Instrument;

/// How long the rest of a refused file is read, and how long it may be silent.
const REST_TIME: Duration = Duration::from_secs(60);
const REST_SILENCE: Duration = Duration::from_secs(5);

/// The routes below `/files/`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/files/{id}", get(link))
        .route("/files/{id}", put(upload))
        .route("/files/{id}", delete(withdraw))
        .route("/pictures/me/{id}", put(set_own))
        .route("/pictures/me", delete(remove_own))
        .route("/pictures/rooms/{room_id}/{id}", put(set_of_room))
        .route("/pictures/rooms/{room_id}", delete(remove_of_room))
        .route("/pictures/wallpapers/{room_id}/{id}", put(set_wallpaper))
        .route("/pictures/wallpapers/{room_id}", delete(remove_wallpaper))
        .route("/avatars/{id}/{size}", get(portrait))
}

/// Whether the body of a request is a file: streamed, and of any type.
pub fn is_upload(method: &http::Method, path: &str) -> bool {
    *method == http::Method::PUT && (path.starts_with("/files/") || path.starts_with("/pictures/"))
}

/// Whether a path has limits of its own: a page full of pictures asks for many at once.
pub fn is_governed_itself(method: &http::Method, path: &str) -> bool {
    *method == http::Method::GET && ["/files/", "/blobs/", "/avatars/"].iter().any(|start| path.starts_with(start))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Up {
    room: RoomId,
    name: String,
    width: Option<u32>,
    height: Option<u32>,
    duration_ms: Option<u32>,
    waveform: Option<String>,
    #[serde(default)]
    voice: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Down {
    #[serde(default)]
    v: Variant,
    download: Option<String>,
}

/// Clients choose ids that grow with time.
fn check_id(id: FileId) -> Result<(), Error> {
    if id.0.get_version_num() == 7 { Ok(()) } else { Err(Error::invalid("id", Problem::BadFormat)) }
}

/// None is said of none: a body in pieces was refused before.
fn length_of(headers: &HeaderMap) -> u64 {
    headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or(0)
}

/// Gives a body to `take`, and does that to its end, also when the one who asked hangs up: then the body ends with an error, and
/// what was begun is taken back in order. Dropped in the middle, a write that no longer can be stopped would come after the clean-up.
///
/// What `take` leaves of the body, because it refused the file or has it already, is read and dropped before the answer: to who
/// still sends the connection would only break, and the page would try again for ever what is refused for good.
async fn whole<T, F>(app: &App, length: u64, body: Body, take: impl FnOnce(Incoming) -> F) -> Result<Response, Error>
where
    T: Serialize + Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let body = Arc::new(Mutex::new(body.into_data_stream()));
    let next = move |cx: &mut Context<'_>| body.lock().unwrap_or_else(PoisonError::into_inner).poll_next_unpin(cx);
    let work = take(Box::pin(stream::poll_fn(next.clone()).map_err(io::Error::other)));
    // Its lines in the log name the request, too.
    let taken = tokio::spawn(work.in_current_span()).await.map_err(|error| telemetry::internal(error.to_string()))?;
    // What was announced as too large is not waited for.
    if length <= app.config.file_max {
        let mut rest = stream::poll_fn(next);
        let read = async { while let Ok(Some(Ok(_))) = tokio::time::timeout(REST_SILENCE, rest.next()).await {} };
        tokio::time::timeout(REST_TIME, read).await.ok();
    }
    Ok(Json(taken?).into_response())
}

async fn upload(
    app: App,
    session: Session,
    id: Result<Path<FileId>, axum::extract::rejection::PathRejection>,
    query: Result<Query<Up>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let (Path(id), Query(up)) = (id.map_err(|_| Error::Malformed)?, query.map_err(|_| Error::Malformed)?);
    check_id(id)?;
    let length = length_of(&headers);
    let declared = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().map(str::to_owned));
    let new = NewFile {
        id,
        room_id: up.room,
        name: up.name,
        declared: declared.transpose().map_err(|_| Error::Unsupported)?,
        length,
        hints: FileHints {
            width: up.width,
            height: up.height,
            duration_ms: up.duration_ms,
            waveform: up.waveform,
            voice: up.voice,
        },
    };
    let took = app.clone();
    whole(&app, length, body, |body| async move { files::upload(&took, &session, new, body).await }).await
}

async fn link(
    app: App,
    session: Session,
    id: Result<Path<FileId>, axum::extract::rejection::PathRejection>,
    query: Result<Query<Down>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Error> {
    let (Path(id), Query(down)) = (id.map_err(|_| Error::Malformed)?, query.map_err(|_| Error::Malformed)?);
    let link = files::link(&app, &session, id, down.v, down.download.is_some()).await?;
    let location = HeaderValue::try_from(link).map_err(|_| Error::Internal { incident: None })?;
    Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
}

async fn withdraw(
    app: App,
    session: Session,
    id: Result<Path<FileId>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, Error> {
    let Path(id) = id.map_err(|_| Error::Malformed)?;
    files::withdraw(&app, &session, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The part to show, in pixels of the picture as it is shown; all three or none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    x: Option<u32>,
    y: Option<u32>,
    side: Option<u32>,
}

type Parameters<T> = Result<Path<T>, axum::extract::rejection::PathRejection>;
type Parts = Result<Query<Part>, axum::extract::rejection::QueryRejection>;

async fn set_own(
    app: App,
    session: Session,
    id: Parameters<FileId>,
    part: Parts,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let Path(id) = id.map_err(|_| Error::Malformed)?;
    set(&app, &session, (id, None), part, &headers, body).await
}

async fn set_of_room(
    app: App,
    session: Session,
    ids: Parameters<(RoomId, FileId)>,
    part: Parts,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let Path((room_id, id)) = ids.map_err(|_| Error::Malformed)?;
    set(&app, &session, (id, Some(room_id)), part, &headers, body).await
}

async fn set(
    app: &App,
    session: &Session,
    (id, room_id): (FileId, Option<RoomId>),
    part: Parts,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let Query(part) = part.map_err(|_| Error::Malformed)?;
    let crop = match (part.x, part.y, part.side) {
        (Some(x), Some(y), Some(side)) if side > 0 => Some(Crop { x, y, side }),
        (None, None, None) => None,
        _ => return Err(Error::invalid("side", Problem::OutOfRange)),
    };
    check_id(id)?;
    let new = NewPortrait { id, room_id, crop, length: length_of(headers) };
    let (took, session) = (app.clone(), *session);
    whole(app, new.length, body, |body| async move { portraits::set(&took, &session, new, body).await }).await
}

async fn remove_own(app: App, session: Session) -> Result<StatusCode, Error> {
    portraits::remove(&app, &session, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_of_room(app: App, session: Session, room_id: Parameters<RoomId>) -> Result<StatusCode, Error> {
    let Path(room_id) = room_id.map_err(|_| Error::Malformed)?;
    portraits::remove(&app, &session, Some(room_id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_wallpaper(
    app: App,
    session: Session,
    ids: Parameters<(RoomId, FileId)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Error> {
    let Path((room_id, id)) = ids.map_err(|_| Error::Malformed)?;
    check_id(id)?;
    let (new, took) = ((id, length_of(&headers)), app.clone());
    whole(&app, new.1, body, |body| async move { wallpapers::set(&took, &session, room_id, new, body).await }).await
}

async fn remove_wallpaper(app: App, session: Session, room_id: Parameters<RoomId>) -> Result<StatusCode, Error> {
    let Path(room_id) = room_id.map_err(|_| Error::Malformed)?;
    wallpapers::remove(&app, &session, room_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A picture never changes under its id, so a browser may keep it.
async fn portrait(app: App, session: Session, ids: Parameters<(FileId, u32)>) -> Result<Response, Error> {
    let Path((id, side)) = ids.map_err(|_| Error::Malformed)?;
    let (bytes, length, mime) = portraits::read(&app, &session, id, side).await?;
    let mut response = Response::new(Body::from_stream(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(mime).map_err(|_| Error::Internal { incident: None })?);
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(response)
}
