//! Failures on their way out: one shape for programs, one plain page for people, and nothing of what lies below.

use crate::Error;
use crate::app::STYLES;
use crate::error::What;
use crate::model::Theme;
use crate::server::audit;
use crate::server::http::address::ClientAddress;
use crate::server::http::cookies;
use crate::server::http::identify::Asker;
use crate::server::http::observe::RequestId;
use crate::server::telemetry;
use crate::ui::shell::{Failure, FailureProps};
use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use dioxus::prelude::VirtualDom;
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
    let theme = cookies::read_theme(request.headers());
    let path = request.uri().path().to_owned();
    let address = request.extensions().get::<ClientAddress>().copied();
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() || for_people && is_html(&response) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, ERROR_BODY_MAX).await.unwrap_or_default();
    let error = told(&body).unwrap_or_else(|| guessed(status, &body));
    note(&error, &path, parts.extensions.get().copied(), address);
    // Dioxus answers 500 to arguments that it cannot read.
    let status = if status.is_server_error() {
        StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    } else {
        status
    };
    let mut shaped = if for_people {
        page(status, &error, &request_id, theme)
    } else {
        let message = error.to_string();
        let body = serde_json::json!({
            "code": status.as_u16(), "message": message, "data": error, "request_id": request_id,
        });
        Json(body).into_response()
    };
    *shaped.status_mut() = status;
    for name in [header::RETRY_AFTER, header::ALLOW, header::CONNECTION, header::CONTENT_RANGE, header::SET_COOKIE] {
        for value in parts.headers.get_all(&name) {
            shaped.headers_mut().append(&name, value.clone());
        }
    }
    shaped
}

/// The line of the audit log about what was refused for who asks, or how often.
fn note(error: &Error, path: &str, asker: Option<Asker>, address: Option<ClientAddress>) {
    let event = match error {
        Error::Forbidden => "denied",
        Error::CrossSite => "cross_site",
        Error::RateLimited { .. } => "limited",
        _ => return,
    };
    let line = audit::refused(event, path).user(asker.map(|asker| asker.0));
    match address {
        Some(ClientAddress(address)) => line.from(address).note(),
        None => line.note(),
    }
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

/// A page in the colours of the app, without a script or a word that someone sent.
fn page(status: StatusCode, error: &Error, request_id: &str, theme: Theme) -> Response {
    let (title, text) = match error {
        _ if status == StatusCode::MISDIRECTED_REQUEST => {
            ("Another address", "This server goes by another address than the one you opened: see LAVENDER_URL.")
        }
        Error::NotFound { .. } => ("Not found", "There is nothing at this address."),
        Error::CrossSite => ("Not allowed", "The request came from another site."),
        Error::Forbidden | Error::Unauthenticated => ("Not allowed", "You may not see this."),
        Error::TooLarge { .. } => {
            ("Too large", "That is more than Lavender takes at once. Make it shorter, then try again.")
        }
        Error::RateLimited { .. } => ("Too many requests", "Please wait a moment, then try again."),
        Error::Unavailable { .. } => ("Just a moment", "Lavender cannot answer right now. Please try again."),
        Error::Internal { .. } => ("Something went wrong", "It is not your fault, and it has been noted."),
        _ => ("Bad request", "Lavender did not understand this request."),
    };
    let note = match error {
        Error::Internal { incident: Some(incident) } => incident,
        _ => request_id,
    };
    let (title, text, note) = (title.to_owned(), text.to_owned(), note.to_owned());
    let mut dom = VirtualDom::new_with_props(Failure, FailureProps { title: title.clone(), text, note });
    dom.rebuild_in_place();
    let body = dioxus::ssr::render(&dom);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} · Lavender</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, viewport-fit=cover\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"/favicon.svg\" \
         type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{STYLES}\"></head><body><div id=\"main\">{body}</div>\
         </body></html>"
    );
    let html = super::page::themed(html, theme);
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
