//! Pages: who may see which, and how Dioxus' HTML is dressed for the content security policy and the theme.

use crate::Error;
use crate::error::Result;
use crate::model::Theme;
use crate::server::App;
use crate::server::http::auth::login_url;
use crate::server::http::{cookies, headers};
use crate::server::service::accounts;
use crate::server::session::{IsShell, Session};
use crate::server::telemetry;
use crate::time::Timestamp;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use dioxus::server::FullstackState;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use std::sync::LazyLock;

/// Where people sign in; who is signed in has no business there.
const FORMS: [&str; 2] = ["/login", "/register"];
/// What letters and their absence lead to, for whoever it is; who is signed in is told so where that matters.
const FOR_ALL: [&str; 3] = ["/reset", "/forgot", "/confirm"];
/// The page that a service worker keeps for an offline start.
const SHELL: &str = "/shell";
/// Bytes of one rendered page: far more than 50 long messages take.
const PAGE_MAX: usize = 8 * 1024 * 1024;
/// How long the access token of a page that was painted by its refresh token lives: enough to connect and to exchange the
/// refresh token, which only a POST does.
const BRIDGE_MS: i64 = 60_000;

/// Tells the browser of the wasm at once: else it hears of it when the script that loads it runs.
static CODE: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
    let files = std::fs::read_dir(super::public_folder().join("assets")).ok()?;
    let mut names =
        files.filter_map(|file| file.ok()?.file_name().into_string().ok()).filter(|name| is_first_wasm(name));
    match (names.next(), names.next()) {
        (Some(name), None) => preload(&name),
        // Beside files of other builds it cannot be told which one it is.
        _ => None,
    }
});

/// The one that a start needs. `later-….wasm` is fetched by the script once that runs.
fn is_first_wasm(name: &str) -> bool {
    name.starts_with("lavender_bg-") && name.ends_with(".wasm")
}

fn preload(name: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("</assets/{name}>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin"))
        .ok()
}

/// Answers every GET that is no file and no other route.
pub async fn render(State(state): State<FullstackState>, mut request: Request) -> Response {
    let Some(app) = request.extensions().get::<App>().cloned() else {
        return telemetry::internal("a page outside of the request layer").into_response();
    };
    let path = request.uri().path().to_owned();
    if headers::is_file(&path) || ["/api/", "/auth/"].contains(&path.as_str()) {
        return not_found().await;
    }
    let theme = cookies::read_theme(request.headers());
    let mut set_cookies = Vec::new();
    if path == SHELL {
        request.extensions_mut().remove::<Session>();
        request.extensions_mut().insert(IsShell(true));
        // Nothing of the one who happens to ask may be in what is kept.
        request.headers_mut().remove(header::COOKIE);
    } else {
        let session = match session_of(&app, &mut request, &mut set_cookies).await {
            Ok(session) => session,
            Err(error) => return error.into_response(),
        };
        match session {
            Some(_) if FORMS.contains(&path.as_str()) => {
                return with_cookies(Redirect::to("/").into_response(), set_cookies);
            }
            Some(_) => {}
            None if FORMS.contains(&path.as_str()) || FOR_ALL.contains(&path.as_str()) => {}
            None => {
                let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
                return with_cookies(Redirect::to(&login_url("/login", target)).into_response(), set_cookies);
            }
        }
    }
    let response = FullstackState::render_handler(State(state), request).await;
    let mut response = dress(&app, response, theme).await;
    if path == SHELL && response.status().is_success() {
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    with_cookies(response, set_cookies)
}

/// The session of the request, or that of its refresh token, which is not exchanged: a GET changes nothing.
async fn session_of(app: &App, request: &mut Request, set_cookies: &mut Vec<HeaderValue>) -> Result<Option<Session>> {
    if let Some(session) = request.extensions().get::<Session>() {
        return Ok(Some(*session));
    }
    let Some(token) = cookies::find(request.headers(), cookies::REFRESH) else { return Ok(None) };
    let Some(row) = accounts::peek(app, token).await? else {
        set_cookies.extend(cookies::sign_out());
        return Ok(None);
    };
    let (token, access_until) = accounts::access_token(app, row.user_id, row.id, Timestamp::now(), BRIDGE_MS);
    set_cookies.push(cookies::set(cookies::ACCESS, token, BRIDGE_MS));
    let session = Session { user_id: row.user_id, session_id: row.id, access_until };
    request.extensions_mut().insert(session);
    Ok(Some(session))
}

/// Gives a page its policy and its theme. What is no page is a failure that the layer above shapes.
async fn dress(app: &App, response: Response, theme: Theme) -> Response {
    let (mut parts, body) = response.into_parts();
    if !is_html(&parts.headers) {
        return Response::from_parts(parts, body);
    }
    let html = match axum::body::to_bytes(body, PAGE_MAX).await.map(|bytes| String::from_utf8(bytes.into())) {
        Ok(Ok(html)) => html,
        Ok(Err(error)) => return telemetry::internal(error).into_response(),
        Err(error) => return telemetry::internal(error).into_response(),
    };
    parts
        .headers
        .insert(header::CONTENT_SECURITY_POLICY, headers::policy(&headers::own_scripts(&html), app.blobs.origin()));
    parts.headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(link) = &*CODE {
        parts.headers.append(header::LINK, link.clone());
    }
    Response::from_parts(parts, Body::from(themed(html, theme)))
}

/// Dioxus renders the body only; the colours hang on the root element.
pub fn themed(html: String, theme: Theme) -> String {
    match theme {
        Theme::System => html,
        Theme::Light => html.replacen("<html", "<html data-theme=\"light\"", 1),
        Theme::Dark => html.replacen("<html", "<html data-theme=\"dark\"", 1),
    }
}

fn is_html(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Adds `Set-Cookie` lines.
pub fn with_cookies(mut response: Response, lines: impl IntoIterator<Item = HeaderValue>) -> Response {
    for line in lines {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

/// What an unknown file, or an unknown address below `/api/` or `/auth/`, answers.
pub async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, Error::NotFound { what: crate::error::What::Page }).into_response()
}
