//! Failures on their way out: one shape for programs, one plain page for people, and nothing of what lies below.

use crate::Error;
use crate::error::What;
use crate::server::http::observe::RequestId;
use crate::server::telemetry;
use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// More than any of our own failures takes.
const ERROR_BODY_MAX: usize = 64 * 1024;

/// The one shape of a failure over HTTP, the same that server functions answer with:
/// `{"code": <status>, "message": …, "data": <Error>}`, with `Retry-After` in seconds where it is known. The layer below
/// adds `request_id`.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_ms().map(|ms| HeaderValue::from(ms.div_ceil(1_000).max(1)));
        let body = serde_json::json!({ "code": status.as_u16(), "message": self.to_string(), "data": self });
        let mut response = (status, Json(body)).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}

/// The layer: gives every failure its shape, also those that Dioxus or axum made.
pub async fn shape(request: Request, next: Next) -> Response {
    let for_people = is_for_people(request.method(), request.uri().path(), request.headers());
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() || for_people && is_html(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, ERROR_BODY_MAX).await.unwrap_or_default();
    let error = told(&body).unwrap_or_else(|| guessed(status, &body));
    // Dioxus answers 500 to arguments that it cannot read.
    let status = if status.is_server_error() {
        StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    } else {
        status
    };
    let mut shaped = if for_people {
        page(status, &error, &request_id)
    } else {
        let message = error.to_string();
        let body = serde_json::json!({
            "code": status.as_u16(), "message": message, "data": error, "request_id": request_id,
        });
        Json(body).into_response()
    };
    *shaped.status_mut() = status;
    for name in [header::RETRY_AFTER, header::ALLOW, header::CONNECTION, header::SET_COOKIE] {
        for value in parts.headers.get_all(&name) {
            shaped.headers_mut().append(&name, value.clone());
        }
    }
    shaped
}

/// What one of us said.
fn told(body: &[u8]) -> Option<Error> {
    let mut body: serde_json::Value = serde_json::from_slice(body).ok()?;
    serde_json::from_value(body.get_mut("data")?.take()).ok()
}

/// What a framework meant.
fn guessed(status: StatusCode, body: &[u8]) -> Error {
    match status {
        StatusCode::UNAUTHORIZED => Error::Unauthenticated,
        StatusCode::FORBIDDEN => Error::Forbidden,
        StatusCode::NOT_FOUND => Error::NotFound { what: What::Page },
        StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge { limit_bytes: super::guard::BODY_MAX as u64 },
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::Unsupported,
        StatusCode::TOO_MANY_REQUESTS => Error::RateLimited { retry_after_ms: 1_000 },
        StatusCode::SERVICE_UNAVAILABLE => Error::Unavailable { retry_after_ms: 1_000 },
        status if status.is_client_error() => Error::Malformed,
        // `{"error": …}` without an `Error` in it: the arguments of a server function did not decode.
        _ if serde_json::from_slice::<serde_json::Map<_, _>>(body).is_ok_and(|body| body.contains_key("error")) => {
            Error::Malformed
        }
        _ => telemetry::internal("a handler failed or panicked"),
    }
}

/// Whether a failure of this request is read by a person.
fn is_for_people(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    !path.starts_with("/api/") && accepts.contains("text/html") && matches!(*method, Method::GET | Method::POST)
}

fn is_html(response: &Response<Body>) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// A page without a script, a style or a word that someone sent.
fn page(status: StatusCode, error: &Error, request_id: &str) -> Response {
    let (title, text) = match error {
        _ if status == StatusCode::MISDIRECTED_REQUEST => {
            ("Another address", "This server goes by another address than the one you opened: see LAVENDER_URL.")
        }
        Error::NotFound { .. } => ("Not found", "There is nothing at this address."),
        Error::CrossSite => ("Not allowed", "The request came from another site."),
        Error::Forbidden | Error::Unauthenticated => ("Not allowed", "You may not see this."),
        Error::RateLimited { .. } => ("Too many requests", "Please wait a moment, then try again."),
        Error::Unavailable { .. } => ("Just a moment", "Lavender cannot answer right now. Please try again."),
        Error::Internal { .. } => ("Something went wrong", "It is not your fault, and it has been noted."),
        _ => ("Bad request", "Lavender did not understand this request."),
    };
    let name = match error {
        Error::Internal { incident: Some(incident) } => incident,
        _ => request_id,
    };
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>{title} · Lavender\
         </title><main><h1>{title}</h1><p>{text}</p><p><a href=\"/\">To Lavender</a></p><p><small>{name}</small></p>\
         </main></html>"
    );
    (status, Html(html)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameworks_are_translated_and_ours_kept() {
        let ours = serde_json::json!({ "code": 403, "message": "x", "data": Error::Unreachable }).to_string();
        assert_eq!(told(ours.as_bytes()), Some(Error::Unreachable));
        assert_eq!(told(br#"{"error":"missing field"}"#), None);
        let args = guessed(StatusCode::INTERNAL_SERVER_ERROR, br#"{"error":"missing field"}"#);
        assert_eq!(args, Error::Malformed);
        let panic = guessed(StatusCode::INTERNAL_SERVER_ERROR, b"Server function panicked: secret");
        assert!(matches!(panic, Error::Internal { incident: Some(_) }), "{panic:?}");
        assert_eq!(guessed(StatusCode::METHOD_NOT_ALLOWED, b""), Error::Malformed);
    }
}
