//! The live connection: a websocket, or server-sent events down and posts up. Both carry the same frames of the same
//! connection.

mod commands;
mod socket;
mod stream;
mod watch;
mod wire;

use crate::error::{Error, Result};
use crate::live::{ConnectionInfo, EVENTS_PATH, POST_PATH, PROTOCOL, SOCKET_PATH, ServerFrame};
use crate::server::App;
use crate::server::hub::Listener;
use crate::server::service::start;
use crate::server::session::Session;
use crate::time::Timestamp;
use axum::Router;
use axum::routing::{get, post};

/// `SOCKET_PATH`, `EVENTS_PATH` and `POST_PATH`. The request layer has checked Origin and put [`App`] and the session in.
pub fn routes() -> Router<App> {
    Router::new()
        .route(SOCKET_PATH, get(socket::open))
        .route(EVENTS_PATH, get(stream::open))
        .route(POST_PATH, post(stream::post))
}

/// Takes a connection of this session into the hub, with `welcome` as its first frame.
fn register(app: &App, session: &Session, pongs: bool) -> Result<Listener> {
    watch::start(app);
    let listener = app
        .hub
        .register(session.user_id, session.session_id, pongs)
        .ok_or(Error::Unavailable { retry_after_ms: 2_000 })?;
    listener.answer(&ServerFrame::Welcome(ConnectionInfo {
        connection_id: listener.id,
        user_id: session.user_id,
        protocol: PROTOCOL,
        version: start::version().to_owned(),
        now: Timestamp::now(),
    }));
    Ok(listener)
}
