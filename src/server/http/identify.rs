//! Finds out who asks, once per request.

use crate::Error;
use crate::server::App;
use crate::server::http::cookies;
use crate::server::session::authenticate;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// The layer: a good access token becomes a [`crate::server::session::Session`] among the request's extensions.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    if let Some(token) = cookies::find(request.headers(), cookies::ACCESS) {
        match authenticate(&app, token).await {
            Ok(Some(session)) => {
                request.extensions_mut().insert(session);
            }
            Ok(None) => {}
            // Not "signed out": the page would believe it.
            Err(error) => return Error::from(error).into_response(),
        }
    }
    next.run(request).await
}
