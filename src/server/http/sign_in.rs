//! The way to an account elsewhere, and back. Both are navigations: a form would be kept from leading to another site by the policy
//! of our pages.

use super::auth::{back, device, login_url, session_of, welcome};
use crate::Error;
use crate::error::What;
use crate::model::FormState;
use crate::server::App;
use crate::server::http::address::ClientAddress;
use crate::server::http::cookies;
use crate::server::http::page::{not_found, with_cookies};
use crate::server::limits::Rule;
use crate::server::service::accounts::{self, Entered, Pending};
use crate::server::session::{MaybeSession, Session};
use crate::server::sign_in::{ATTEMPT_MS, Attempt, Failure, Returned};
use axum::extract::Query;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use http::{HeaderMap, Uri};
use serde::Deserialize;

/// `/auth/<key>`, `/auth/<key>/callback`, by the keys of [`crate::server::config::Provider`], and `/auth/join/cancel`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/auth/google", get(begin))
        .route("/auth/google/callback", get(finish))
        .route("/auth/oidc", get(begin))
        .route("/auth/oidc/callback", get(finish))
        .route("/auth/join/cancel", post(cancel))
}

/// Whose address this is.
fn key_of(uri: &Uri) -> &str {
    uri.path().split('/').nth(2).unwrap_or_default()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Beginning {
    next: String,
    /// From [`accounts::way_to_connect`].
    connect: Option<String>,
    /// The provider shall ask once more: for a fresh session.
    again: bool,
}

async fn begin(
    app: App,
    uri: Uri,
    MaybeSession(session): MaybeSession,
    Extension(ClientAddress(address)): Extension<ClientAddress>,
    headers: HeaderMap,
    query: Result<Query<Beginning>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let key = key_of(&uri);
    let Some(provider) = app.sign_in.find(key) else { return not_found().await };
    let Query(Beginning { next, connect, again }) = query.unwrap_or_default();
    let session = match session_of(&app, session, &headers).await {
        Ok(session) => session,
        Err(error) => return error.into_response(),
    };
    if let Err(error) = app.limits.take(Rule::LoginAddress, accounts::network(address)).await {
        return denied(&app, key, session.as_ref(), &next, error);
    }
    let connect = match connect {
        None => None,
        Some(ticket) => match accounts::ticket(&app, session.as_ref(), &ticket) {
            Some(user_id) => Some(user_id),
            None => return denied(&app, key, session.as_ref(), &next, Error::NotFresh),
        },
    };
    match provider.begin(&next, connect, again).await {
        Ok(begun) => {
            let cookie = cookies::set(cookies::ATTEMPT, begun.attempt.seal(&app.keys), ATTEMPT_MS);
            with_cookies(Redirect::to(begun.url.as_str()).into_response(), [cookie])
        }
        Err(failure) => {
            accounts::failed(key, &failure);
            refused(&app, session.as_ref(), &next, Error::ProviderFailed)
        }
    }
}

async fn finish(
    app: App,
    uri: Uri,
    MaybeSession(session): MaybeSession,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    query: Result<Query<Returned>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let key = key_of(&uri);
    if app.sign_in.find(key).is_none() {
        return not_found().await;
    }
    let Query(returned) = query.unwrap_or_default();
    let session = match session_of(&app, session, &headers).await {
        Ok(session) => session,
        Err(error) => return error.into_response(),
    };
    let attempt = cookies::find(&headers, cookies::ATTEMPT).and_then(|sealed| Attempt::unseal(&app.keys, sealed));
    let next = attempt.as_ref().map(|attempt| attempt.next.clone()).unwrap_or_default();
    let response = match app.sign_in.finish(attempt, key, &returned).await {
        Ok((attempt, identity)) => match attempt.connect {
            Some(user_id) if session.is_some_and(|session| session.user_id == user_id) => {
                match accounts::connect(&app, user_id, key, identity).await {
                    Ok(()) => Redirect::to("/settings/sign-in/connected").into_response(),
                    Err(error) => denied(&app, key, session.as_ref(), &next, error),
                }
            }
            // Signed out, or as somebody else, meanwhile.
            Some(_) => denied(&app, key, session.as_ref(), &next, Error::NotFresh),
            None => {
                let device = device(&app, address, &headers);
                let going_on = session.filter(|_| attempt.again).map(|session| session.user_id);
                match accounts::enter(&app, key, identity, &device, going_on).await {
                    Ok(Entered::SignedIn(signed_in)) => {
                        let fresh = attempt.again.then(|| cookies::fresh(&app.keys, &signed_in));
                        let response =
                            welcome(&app, session.map(|session| session.session_id), &signed_in, &next).await;
                        with_cookies(response, fresh)
                    }
                    Ok(Entered::Pending(pending)) => ask(&app, session.as_ref(), &pending, &next),
                    Err(error) => denied(&app, key, session.as_ref(), &next, error),
                }
            }
        },
        Err(failure) => {
            accounts::failed(key, &failure);
            let error = match failure {
                Failure::Cancelled => Error::ProviderCancelled,
                _ => Error::ProviderFailed,
            };
            refused(&app, session.as_ref(), &next, error)
        }
    };
    with_cookies(response, [cookies::clear(cookies::ATTEMPT)])
}

/// Nobody here yet: a name is asked for, or the password of the account that has the address.
fn ask(app: &App, session: Option<&Session>, pending: &Pending, next: &str) -> Response {
    if session.is_some() {
        // It is another account than the one that is signed in here.
        return denied(app, &pending.provider, session, next, Error::NotFound { what: What::Person });
    }
    let form = if pending.is_known { "/login" } else { "/register" };
    let cookie = cookies::set(cookies::JOINING, pending.seal(app), accounts::JOINING_MS);
    with_cookies(Redirect::to(&login_url(form, next)).into_response(), [cookie])
}

/// Whoever it is, and whatever the provider says of them, may not do this here.
fn denied(app: &App, key: &str, session: Option<&Session>, next: &str, error: Error) -> Response {
    accounts::denied(key, &error);
    refused(app, session, next, error)
}

/// Back to the forms with what was wrong; who is signed in sees it where they are.
fn refused(app: &App, session: Option<&Session>, next: &str, error: Error) -> Response {
    if session.is_some() {
        let why = match error {
            Error::ProviderCancelled => "cancelled",
            Error::Conflict => "taken",
            Error::NotFound { .. } => "unknown",
            Error::RateLimited { .. } => "busy",
            Error::NotFresh => "late",
            _ => "failed",
        };
        return Redirect::to(&format!("/settings/sign-in/{why}")).into_response();
    }
    back(app, "/login", next, &FormState { error: Some(error), ..FormState::default() })
}

/// Somebody who has signed in elsewhere wants no account here after all, or another way in.
async fn cancel() -> Response {
    with_cookies(Redirect::to("/login").into_response(), [cookies::clear(cookies::JOINING)])
}
