//! HTTP: the request layer and the routes that are no server functions.

pub mod live;

use crate::Error;
use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// The one shape of a failure over HTTP, the same that server functions answer with:
/// `{"code": <status>, "message": …, "data": <Error>}`, with `Retry-After` in seconds where it is known.
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
