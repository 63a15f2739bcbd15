//! What is refused before anything looks at it: other sites, other hosts, wrong types, and what is too large. Dioxus'
//! server functions check none of this themselves, and a body that is cut off makes them panic.

use crate::Error;
use crate::live::SOCKET_PATH;
use crate::server::App;
use crate::server::http::files;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;

/// Bytes of a JSON body.
pub const BODY_MAX: usize = 64 * 1024;
/// Bytes of a form.
pub const FORM_MAX: usize = 16 * 1024;
/// Bytes of a request target.
const URI_MAX: usize = 4 * 1024;
/// How deep arrays and objects may be in each other.
const DEPTH_MAX: usize = 32;
/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Forms that work before any script has loaded, and so come urlencoded.
const FORMS: [&str; 7] = [
    "/auth/register",
    "/auth/login",
    "/auth/logout",
    "/auth/join/cancel",
    "/auth/reset",
    "/auth/forgot",
    "/auth/confirm",
];
/// Asked by machines on the same network, by address.
pub const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The layer.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    match admit(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal,
    }
}

async fn admit(app: &App, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let (path, headers) = (parts.uri.path(), &parts.headers);
    if parts.uri.path_and_query().is_some_and(|target| target.as_str().len() > URI_MAX) {
        let error = Error::TooLarge { limit_bytes: URI_MAX as u64 };
        return Err((StatusCode::URI_TOO_LONG, error).into_response());
    }
    let safe = match parts.method {
        Method::GET | Method::HEAD => true,
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE => false,
        _ => return Err((StatusCode::METHOD_NOT_ALLOWED, Error::Malformed).into_response()),
    };
    if !PROBES.contains(&path) && !is_own_host(app, &parts) {
        return Err((StatusCode::MISDIRECTED_REQUEST, Error::Malformed).into_response());
    }
    // Browsers always say how long a body is. Who does not, or says it in two ways (hyper then hides one of them), may be
    // trying to make us and a proxy disagree on where a request ends.
    if headers.contains_key(header::TRANSFER_ENCODING) {
        let close = [(header::CONNECTION, "close")];
        return Err((StatusCode::LENGTH_REQUIRED, close, Error::Malformed).into_response());
    }
    check_origin(app, &parts.method, path, headers).map_err(IntoResponse::into_response)?;
    // With it Dioxus would answer who accepts HTML with a redirect to wherever the header says.
    parts.headers.remove(header::REFERER);
    if safe {
        return Ok(Request::from_parts(parts, Body::empty()));
    }
    let (path, headers) = (parts.uri.path(), &parts.headers);
    if headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Error::Unsupported.into_response());
    }
    // A file is a stream, checked by the one who takes it.
    if files::is_upload(&parts.method, path) {
        return Ok(Request::from_parts(parts, body));
    }
    let is_form = FORMS.contains(&path);
    let limit = if is_form { FORM_MAX } else { BODY_MAX };
    let body = read(headers, body, limit).await.map_err(IntoResponse::into_response)?;
    check_type(headers, &body, is_form).map_err(IntoResponse::into_response)?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn is_own_host(app: &App, parts: &http::request::Parts) -> bool {
    let mut hosts = parts.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let named = host.to_str().is_ok_and(|host| app.config.is_own_host(host));
    named && parts.uri.authority().is_none_or(|authority| app.config.is_own_host(authority.as_str()))
}

/// Whatever changes something, and the socket, must come from our own page. Reading the API from another site is refused
/// too: its answer could not be read there, and asking could still be felt.
fn check_origin(app: &App, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Error> {
    let own = |origin: &http::HeaderValue| app.config.origins.iter().any(|own| origin == own.as_str());
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (origin, more) = (origins.next(), origins.next().is_some());
    let site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    let allowed = if matches!(*method, Method::GET | Method::HEAD) && path != SOCKET_PATH {
        !path.starts_with("/api/") || matches!(site, None | Some(b"same-origin" | b"none"))
    } else {
        match origin {
            Some(origin) => own(origin) && !more && !matches!(site, Some(b"cross-site")),
            None => path != SOCKET_PATH && site == Some(b"same-origin"),
        }
    };
    if allowed {
        return Ok(());
    }
    Err(Error::CrossSite)
}

async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Error> {
    let too_large = Error::TooLarge { limit_bytes: limit as u64 };
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large);
    }
    match tokio::time::timeout(BODY_TIME, Limited::new(body, limit).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large),
        Ok(Err(_)) | Err(_) => Err(Error::Malformed),
    }
}

/// A server function without arguments is called without a body and a type.
fn check_type(headers: &HeaderMap, body: &[u8], is_form: bool) -> Result<(), Error> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let (given, more) = (types.next(), types.next().is_some());
    if given.is_none() && body.is_empty() && !is_form {
        return Ok(());
    }
    let given = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let expected = if is_form { "application/x-www-form-urlencoded" } else { "application/json" };
    if more || essence != expected {
        return Err(Error::Unsupported);
    }
    let is_json = || !is_too_deep(body) && serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok();
    if is_form || body.is_empty() || is_json() { Ok(()) } else { Err(Error::Malformed) }
}

fn is_too_deep(json: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_brackets_outside_of_texts() {
        assert!(!is_too_deep(br#"{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"[[[["}"#));
        assert!(!is_too_deep("[]".repeat(1_000).as_bytes()));
        assert!(!is_too_deep("[".repeat(32).as_bytes()));
        assert!(is_too_deep("[".repeat(33).as_bytes()));
    }
}
