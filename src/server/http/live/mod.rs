//! The live connection: a websocket, or server-sent events down and posts up.

use crate::server::App;
use axum::Router;

/// `SOCKET_PATH`, `EVENTS_PATH` and `POST_PATH`. The request layer has checked Origin and put [`App`] and the session in.
pub fn routes() -> Router<App> {
    Router::new()
}
