//! Finds out who asks, and which form has just come back to them, once per request.

use crate::Error;
use crate::server::App;
use crate::server::http::cookies;
use crate::server::http::page::with_cookies;
use crate::server::session::{FormFlash, authenticate};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Where a form that came back is shown: on its page, or by a script of it.
const SHOWS_FORM: [&str; 3] = ["/login", "/register", "/api/start"];

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
    let form =
        SHOWS_FORM.contains(&request.uri().path()).then(|| cookies::read_flash(&app.keys, request.headers())).flatten();
    let Some(form) = form else { return next.run(request).await };
    request.extensions_mut().insert(FormFlash(form));
    with_cookies(next.run(request).await, [cookies::clear(cookies::FORM)])
}
