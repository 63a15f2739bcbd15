//! The forms of sign-in, registration and sign-out, which work without any script, and the refresh of a session.
//!
//! A form is answered with 303: to where the person wanted to go, or back to the form with what was wrong in a cookie
//! that lives for a minute and never holds the password.

use crate::Error;
use crate::model::FormState;
use crate::server::App;
use crate::server::http::address::ClientAddress;
use crate::server::http::cookies;
use crate::server::http::page::{not_found, with_cookies};
use crate::server::service::accounts::{self, Device, Pending, Registration, SignedIn};
use crate::server::session::{MaybeSession, Session};
use crate::time::Timestamp;
use axum::body::Bytes;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{any, post};
use axum::{Extension, Json, Router};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::HashMap;

/// The routes below `/auth/`.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/auth/register", post(register))
        .route("/auth/login", post(login))
        .route("/auth/logout", post(logout))
        .route("/auth/reset", post(reset))
        .route("/auth/forgot", post(forgot))
        .route("/auth/confirm", post(confirm))
        .route("/auth/refresh", post(refresh))
        .route("/auth/{*rest}", any(not_found))
}

async fn register(
    app: App,
    MaybeSession(current): MaybeSession,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut fields = fields(&body);
    let mut take = |name| fields.remove(name).unwrap_or_default();
    let form = Registration {
        username: take("username"),
        display_name: take("display_name"),
        email: take("email"),
        password: take("password"),
    };
    let next = take("next");
    let mut shown = FormState {
        username: form.username.clone(),
        display_name: form.display_name.clone(),
        email: form.email.clone(),
        ..FormState::default()
    };
    let pending = pending(&app, &headers, &take("joining"));
    match accounts::register(&app, form, pending.as_ref(), &device(&app, address, &headers)).await {
        Ok(signed_in) => welcome(&app, current.map(|session| session.session_id), &signed_in, &next).await,
        Err(error) => {
            shown.error = Some(error);
            back(&app, "/register", &next, &shown)
        }
    }
}

async fn login(
    app: App,
    MaybeSession(current): MaybeSession,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut fields = fields(&body);
    let mut take = |name| fields.remove(name).unwrap_or_default();
    let (login, password, next, joining) = (take("login"), take("password"), take("next"), take("joining"));
    match accounts::sign_in(&app, &login, password, &device(&app, address, &headers)).await {
        Ok(signed_in) => {
            if let Some(pending) = pending(&app, &headers, &joining)
                && let Err(error) = accounts::join(&app, &pending, signed_in.user_id).await
            {
                // Signed in all the same; the next sign-in there asks again.
                tracing::warn!(%error, "an account elsewhere was not connected");
            }
            welcome(&app, current.map(|session| session.session_id), &signed_in, &next).await
        }
        Err(error) => back(&app, "/login", &next, &FormState { login, error: Some(error), ..FormState::default() }),
    }
}

/// A new password by a link. Whoever is signed in here is signed out.
async fn reset(
    app: App,
    MaybeSession(current): MaybeSession,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut fields = fields(&body);
    let mut take = |name| fields.remove(name).unwrap_or_default();
    let (token, password) = (take("token"), take("password"));
    match accounts::reset(&app, &token, password, &device(&app, address, &headers)).await {
        Ok(signed_in) => welcome(&app, current.map(|session| session.session_id), &signed_in, "/").await,
        Err(error) => {
            let token = if accounts::is_token(&token) { token } else { String::new() };
            let shown = FormState { error: Some(error), ..FormState::default() };
            let response = Redirect::to(&format!("/reset?token={token}")).into_response();
            with_cookies(response, [cookies::flash(&app.keys, &shown)])
        }
    }
}

/// A link for a new password. The answer is the same whether there is such an account or not.
async fn forgot(app: App, Extension(address): Extension<ClientAddress>, headers: HeaderMap, body: Bytes) -> Response {
    let email = fields(&body).remove("email").unwrap_or_default();
    match accounts::forgot(&app, &email, &device(&app, address, &headers)).await {
        Ok(()) => Redirect::to("/forgot?sent=yes").into_response(),
        Err(error) => back(&app, "/forgot", "", &FormState { email, error: Some(error), ..FormState::default() }),
    }
}

/// An address is its account's from now on, whoever is signed in here.
async fn confirm(
    app: App,
    MaybeSession(session): MaybeSession,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let token = fields(&body).remove("token").unwrap_or_default();
    let to = |word: &str| Redirect::to(&format!("/confirm?token={word}")).into_response();
    match accounts::confirm(&app, &token, &device(&app, address, &headers)).await {
        Ok(_) => to("done"),
        // Their pages read no form that came back.
        Err(Error::Conflict) if session.is_some() => to("taken"),
        Err(Error::NotFound { .. }) if session.is_some() => to("gone"),
        Err(error) => {
            let token = if accounts::is_token(&token) { token } else { String::new() };
            let shown = FormState { error: Some(error), ..FormState::default() };
            with_cookies(to(&token), [cookies::flash(&app.keys, &shown)])
        }
    }
}

/// Signs out whoever asks, also one whose access token has run out, and tells the browser to forget what it keeps of the
/// person (not the cookies of the device: theme and trust).
async fn logout(app: App, MaybeSession(session): MaybeSession, headers: HeaderMap) -> Response {
    let session_id = match session_of(&app, session, &headers).await {
        Ok(session) => session.map(|session| session.session_id),
        Err(error) => return error.into_response(),
    };
    if let Some(session_id) = session_id
        && let Err(error) = accounts::sign_out(&app, session_id).await
    {
        return error.into_response();
    }
    let mut response = with_cookies(Redirect::to("/login").into_response(), cookies::sign_out());
    let storage = HeaderValue::from_static("\"storage\"");
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), storage);
    response
}

/// `{}` → `{"access_until": <ms>, "now": <ms>}`, both by the server's clock, and new cookies; or 401, which takes the old
/// ones away.
async fn refresh(app: App, headers: HeaderMap) -> Response {
    let token = cookies::find(&headers, cookies::REFRESH);
    let refreshed = match token {
        Some(token) => accounts::refresh(&app, token).await,
        None => Err(Error::Unauthenticated),
    };
    match refreshed {
        Ok(session) => {
            let body = Json(serde_json::json!({ "access_until": session.access_until, "now": Timestamp::now() }));
            with_cookies(body.into_response(), cookies::sign_in(&session))
        }
        Err(Error::Unauthenticated) => with_cookies(Error::Unauthenticated.into_response(), cookies::sign_out()),
        Err(error) => error.into_response(),
    }
}

/// Signed in: to where the person wanted to go. Who was signed in here before is signed out.
pub(super) async fn welcome(
    app: &App,
    before: Option<crate::id::SessionId>,
    signed_in: &SignedIn,
    next: &str,
) -> Response {
    if let Some(before) = before
        && let Err(error) = accounts::replace(app, before, signed_in).await
    {
        tracing::warn!(%error, "the session before was not ended");
    }
    let response = Redirect::to(local(next).unwrap_or("/")).into_response();
    let lines = cookies::sign_in(signed_in);
    let device = [cookies::trust_device(&app.keys, signed_in.user_id), cookies::theme(signed_in.theme)];
    with_cookies(
        response,
        lines.into_iter().chain(device).chain([cookies::clear(cookies::FORM), cookies::clear(cookies::JOINING)]),
    )
}

/// Who has signed in elsewhere, and has no account here that it opens: if the form says that it is about that. One that was opened
/// before is not.
fn pending(app: &App, headers: &HeaderMap, joining: &str) -> Option<Pending> {
    Pending::unseal(app, cookies::find(headers, cookies::JOINING)?).filter(|_| !joining.is_empty())
}

/// The session of a request, also one whose access token has run out meanwhile: it is not exchanged here.
pub(super) async fn session_of(
    app: &App,
    session: Option<Session>,
    headers: &HeaderMap,
) -> crate::error::Result<Option<Session>> {
    let token = cookies::find(headers, cookies::REFRESH).filter(|_| session.is_none());
    let Some(token) = token else { return Ok(session) };
    let row = accounts::peek(app, token).await?;
    let now = Timestamp::now();
    Ok(row.map(|row| Session { user_id: row.user_id, session_id: row.id, access_until: now }))
}

pub(super) fn back(app: &App, form: &str, next: &str, shown: &FormState) -> Response {
    let response = Redirect::to(&login_url(form, next)).into_response();
    with_cookies(response, [cookies::flash(&app.keys, shown)])
}

/// The address of a form that leads to `next` afterwards.
pub fn login_url(form: &str, next: &str) -> String {
    match local(next) {
        None | Some("/") => form.to_owned(),
        Some(next) => format!("{form}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC)),
    }
}

/// `next` if it is a page of this server: a path, and nothing that a browser could take for another host.
fn local(next: &str) -> Option<&str> {
    let plain = next.len() <= 512 && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let base = url::Url::parse("http://own.invalid").expect("a constant");
    let target = base.join(next).ok()?;
    let own = target.origin() == base.origin() && next.starts_with('/') && !next.starts_with("//");
    let page = !["/api/", "/auth/", "/login", "/register", "/reset", "/forgot", "/confirm"]
        .iter()
        .any(|other| target.path().starts_with(other));
    (plain && own && page).then_some(next)
}

pub(super) fn device(app: &App, ClientAddress(address): ClientAddress, headers: &HeaderMap) -> Device {
    let user_agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Device { address, user_agent: user_agent.to_owned(), trusted_for: cookies::trusted_for(&app.keys, headers) }
}

/// The fields of an urlencoded form; the first of each name.
fn fields(body: &[u8]) -> HashMap<String, String> {
    let mut fields = HashMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        fields.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_leads_to_own_pages_only() {
        for own in ["/", "/r/0190?x=1#y", "/settings", "/?a=//evil"] {
            assert_eq!(local(own), Some(own));
        }
        for foreign in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/ /x",
            "/\u{e9}",
            "r/1",
            "/api/start",
            "/auth/logout",
            "/x/../auth/logout",
            "/login",
        ] {
            assert_eq!(local(foreign), None, "{foreign}");
        }
        assert_eq!(login_url("/login", "/r/1?a=b&c"), "/login?next=%2Fr%2F1%3Fa%3Db%26c");
        assert_eq!(login_url("/login", "//evil.example"), "/login");
    }

    #[test]
    fn the_first_field_of_a_name_counts() {
        let fields = fields(b"login=ana&password=a%20b+c&login=ben");
        assert_eq!(fields["login"], "ana");
        assert_eq!(fields["password"], "a b c");
    }
}
