//! Finds out who asks, and which form has just come back to them, once per request.

use crate::Error;
use crate::id::UserId;
use crate::model::FormState;
use crate::server::App;
use crate::server::http::cookies;
use crate::server::http::page::with_cookies;
use crate::server::service::accounts::Pending;
use crate::server::session::{FormFlash, Fresh, authenticate};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Where a form that came back is shown: on its page, or by a script of it.
const SHOWS_FORM: [&str; 6] = ["/login", "/register", "/reset", "/forgot", "/confirm", "/api/start"];

/// Whose request an answer is to, for the layers around it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Asker(pub UserId);

/// The layer: a good access token becomes a [`crate::server::session::Session`] among the request's extensions.
pub async fn identify(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut asker = None;
    let mut response = answered(&app, request, next, &mut asker).await;
    if let Some(user_id) = asker {
        response.extensions_mut().insert(Asker(user_id));
    }
    response
}

async fn answered(app: &App, mut request: Request, next: Next, asker: &mut Option<UserId>) -> Response {
    if let Some(token) = cookies::find(request.headers(), cookies::ACCESS) {
        match authenticate(app, token).await {
            Ok(Some(session)) => {
                let is_fresh = cookies::is_fresh(&app.keys, request.headers(), session.session_id);
                *asker = Some(session.user_id);
                request.extensions_mut().insert(session);
                request.extensions_mut().insert(Fresh(is_fresh));
            }
            Ok(None) => {}
            // Not "signed out": the page would believe it.
            Err(error) => return Error::from(error).into_response(),
        }
    }
    if !SHOWS_FORM.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let form = cookies::read_flash(&app.keys, request.headers());
    let pending = cookies::find(request.headers(), cookies::JOINING).and_then(|sealed| Pending::unseal(app, sealed));
    if let Some(pending) = pending {
        // What they have typed, or what is known of them.
        let mut shown = form.clone().unwrap_or_else(|| FormState {
            username: pending.username(),
            display_name: pending.display_name(),
            login: pending.email.clone().filter(|_| pending.is_known).unwrap_or_default(),
            ..FormState::default()
        });
        shown.joining = pending.shown(app);
        request.extensions_mut().insert(FormFlash(shown));
    } else if let Some(form) = form.clone() {
        request.extensions_mut().insert(FormFlash(form));
    }
    if form.is_none() {
        return next.run(request).await;
    }
    with_cookies(next.run(request).await, [cookies::clear(cookies::FORM)])
}
