//! HTTP: the request layer and the routes that are no server functions.
//!
//! From the outside in: `observe` names, logs and dresses; answers are compressed; `error` shapes failures; panics are
//! caught; `flood` limits; `guard` refuses what is foreign or too large; a deadline; `identify` finds the session. Then the routes: files, the
//! forms of `auth`, `live`, server functions, and for all else `page`.

pub mod accept;
pub mod address;
mod auth;
mod blobs;
pub mod cookies;
mod error;
mod export;
mod files;
mod flood;
mod guard;
mod headers;
mod health;
mod identify;
pub mod live;
mod observe;
mod page;
mod sign_in;
mod stickers;

use crate::Error;
use crate::live::{EVENTS_PATH, SOCKET_PATH};
use crate::server::{App, telemetry};
use axum::Router;
use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use dioxus::server::{DioxusRouterExt, FullstackState, ServeConfig};
use std::path::PathBuf;
use std::time::Duration;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// How long an answer may take; live connections excepted.
const ANSWER_TIME: Duration = Duration::from_secs(15);

/// Every route of the server, behind the request layer.
pub fn router(app: &App) -> Router {
    router_with(app, Router::new())
}

/// With more routes, behind the same layer.
pub fn router_with(app: &App, more: Router) -> Router {
    let state = FullstackState::new(ServeConfig::new(), crate::App);
    let mut routes = Router::<FullstackState>::new().register_server_functions();
    if public_folder().is_dir() {
        routes = routes.serve_static_assets();
    }
    let routes = routes
        .route("/api/{*rest}", any(page::not_found))
        .fallback(get(page::render))
        .with_state(state)
        .merge(auth::routes())
        .merge(sign_in::routes())
        .merge(files::routes())
        .merge(export::routes())
        .merge(health::routes())
        .merge(stickers::routes())
        .merge(blobs::routes())
        .merge(live::routes().with_state(app.clone()))
        .merge(more);
    let inner = routes
        .layer(from_fn_with_state(app.clone(), identify::identify))
        .layer(from_fn(deadline))
        .layer(from_fn_with_state(app.clone(), guard::guard));
    let governed = Router::new().fallback_service(inner.clone()).layer(flood::layer(app));
    let compressible = SizeAbove::new(512)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::new("font/"))
        .and(|_: http::StatusCode, _: http::Version, _: &http::HeaderMap, extensions: &http::Extensions| {
            extensions.get::<AsStored>().is_none()
        });
    // Not by a route of its own: files below are nested, and axum does not nest below a match of another router.
    let chosen = tower::service_fn(move |request: Request| {
        let path = request.uri().path();
        if headers::is_file(path) || files::is_governed_itself(request.method(), path) {
            inner.clone().oneshot(request)
        } else {
            governed.clone().oneshot(request)
        }
    });
    Router::new()
        .fallback_service(chosen)
        .layer(CatchPanicLayer::custom(|_| telemetry::internal("a handler panicked").into_response()))
        .layer(from_fn(error::shape))
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(from_fn_with_state(app.clone(), observe::observe))
}

/// Where Dioxus takes files from: beside the executable. Tests have none.
fn public_folder() -> PathBuf {
    std::env::var_os("DIOXUS_PUBLIC_PATH").map(PathBuf::from).unwrap_or_else(|| {
        let executable = std::env::current_exe().unwrap_or_default();
        executable.parent().map(|folder| folder.join("public")).unwrap_or_default()
    })
}

/// Marks an answer that is not compressed on its way out: parts of it are counted in bytes.
#[derive(Clone, Copy)]
pub struct AsStored;

async fn deadline(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    // A file has a deadline for each of its parts.
    if path == SOCKET_PATH || path == EVENTS_PATH || files::is_upload(request.method(), path) {
        return next.run(request).await;
    }
    match tokio::time::timeout(ANSWER_TIME, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!("an answer took too long");
            Error::Unavailable { retry_after_ms: 1_000 }.into_response()
        }
    }
}
