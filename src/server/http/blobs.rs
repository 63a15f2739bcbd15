//! `/blobs/{key}`: what the local blob store keeps, for whoever holds a link that this server signed within the last minute.
//! Whether somebody may have such a link was checked when it was made.

use super::AsStored;
use crate::Error;
use crate::error::What;
use crate::server::App;
use crate::server::blobs::link::{CACHE_CONTROL, LinkQuery};
use crate::server::blobs::{BlobError, BlobKey, ByteRange};
use crate::server::telemetry;
use crate::time::Timestamp;
use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// No script, no frame, nothing from anywhere, whatever the bytes turn out to be.
const POLICY: &str = "sandbox; default-src 'none'";

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/blobs/{key}", get(serve))
}

async fn serve(
    app: App,
    Path(key): Path<String>,
    query: Result<Query<LinkQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    // What is no key or no link gets the answer of a link that we did not sign.
    let (Ok(key), Ok(Query(link))) = (key.parse::<BlobKey>(), query) else {
        return Error::Forbidden.into_response();
    };
    if !app.keys.links().check(&key, &link, Timestamp::now()) {
        return Error::Forbidden.into_response();
    }
    let wanted = headers.get(header::RANGE).and_then(|value| ByteRange::parse(value.to_str().ok()?));
    let blob = match app.blobs.get(&key, wanted).await {
        Ok(blob) => blob,
        Err(BlobError::OutOfRange { size }) => {
            let all = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, all, Error::Malformed).into_response();
        }
        Err(error) => return refusal(error).into_response(),
    };
    let options = link.options();
    let mut response = Response::new(Body::from_stream(blob.bytes));
    let length = blob.range.end - blob.range.start;
    if wanted.is_some() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        let part = format!("bytes {}-{}/{}", blob.range.start, blob.range.end.saturating_sub(1), blob.size);
        response.headers_mut().insert(header::CONTENT_RANGE, value(&part));
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(header::CONTENT_TYPE, value(options.content_type()));
    headers.insert(header::CONTENT_DISPOSITION, value(&options.content_disposition()));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHE_CONTROL));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response.extensions_mut().insert(AsStored);
    response
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"))
}

/// What people are told when a blob cannot be had.
fn refusal(error: BlobError) -> Error {
    match error {
        BlobError::Missing => Error::NotFound { what: What::File },
        BlobError::Unavailable(_) | BlobError::NoSpace => {
            tracing::warn!(%error, "a blob cannot be read");
            Error::Unavailable { retry_after_ms: 5_000 }
        }
        BlobError::TooLarge { .. } | BlobError::OutOfRange { .. } | BlobError::Cut(_) | BlobError::Other(_) => {
            telemetry::internal(error)
        }
    }
}
