//! The websocket: one task per connection, which writes what waits, carries commands out in their order and reads the next.

use super::commands::{self, Running};
use super::wire::Wire;
use crate::error::{Error, Result};
use crate::model::limits::FRAME_MAX_BYTES;
use crate::server::App;
use crate::server::audit;
use crate::server::hub::{Ending, Listener, uptime_ms};
use crate::server::limits::Rule;
use crate::server::session::Session;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use std::task::{Context, Poll};
use std::time::Duration;
use tungstenite::Message;
use tungstenite::error::{CapacityError, Error as WireError};
use tungstenite::handshake::derive_accept_key;

/// How long a closed socket may take to go.
const CLOSING: Duration = Duration::from_secs(3);
/// RFC 6455, 7.4.1.
const PROTOCOL_ERROR: u16 = 1002;
const NOT_UTF8: u16 = 1007;
const TOO_BIG: u16 = 1009;

/// `GET /api/live`: the upgrade (RFC 6455, 4.2). No extension is negotiated, so nothing is compressed.
pub async fn open(State(app): State<App>, session: Session, mut request: Request) -> Result<Response> {
    let accept = accept_key(&request)?;
    let upgrade = request.extensions_mut().remove::<hyper::upgrade::OnUpgrade>().ok_or(Error::Unsupported)?;
    app.limits.check(Rule::Connect, session.user_id)?;
    let listener = super::register(&app, &session, true)?;
    tokio::spawn(async move {
        if let Ok(io) = upgrade.await {
            serve(Wire::new(io, FRAME_MAX_BYTES), app, listener).await;
        }
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

fn accept_key(request: &Request) -> Result<HeaderValue> {
    let headers = request.headers();
    let is_upgrade = request.method() == Method::GET
        && request.version() >= Version::HTTP_11
        && has_token(headers, header::CONNECTION, "upgrade")
        && has_token(headers, header::UPGRADE, "websocket")
        && headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|_| is_upgrade).ok_or(Error::Malformed)?;
    HeaderValue::from_str(&derive_accept_key(key.as_bytes())).map_err(|_| Error::Malformed)
}

fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
}

/// Serves until either side ends it.
async fn serve(wire: Wire, app: App, listener: Listener) {
    let mut socket = Socket { wire, app, listener, running: None };
    let ending = loop {
        match std::future::poll_fn(|context| socket.poll(context)).await {
            Step::Message(message) => socket.take(message),
            Step::End(ending) => break ending,
        }
    };
    let Socket { mut wire, listener, running, .. } = socket;
    // What it began goes on by itself: a send that is in the log is stored and announced.
    drop(running);
    if let Ending::Close(code) = ending {
        if [NOT_UTF8, TOO_BIG, PROTOCOL_ERROR].contains(&code) {
            audit::refused("socket", "protocol").user(listener.user_id).session(listener.session_id).note();
        }
        let closing = Box::pin(async move {
            let sent = wire.send_close(code).await;
            drop(listener);
            if sent.is_ok() {
                wire.linger().await;
            }
        });
        tokio::time::timeout(CLOSING, closing).await.ok();
    }
}

struct Socket {
    wire: Wire,
    app: App,
    listener: Listener,
    /// The command that is being carried out; the next frame is read after it.
    running: Option<Running>,
}

enum Step {
    Message(Message),
    End(Ending),
}

impl Socket {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        loop {
            match self.wire.poll_drain(context) {
                Poll::Ready(Ok(())) => match self.listener.outbox.poll_take(context, self.wire.out()) {
                    Poll::Ready(Ok(())) => continue,
                    Poll::Ready(Err(ending)) => return Poll::Ready(Step::End(ending)),
                    Poll::Pending => break,
                },
                Poll::Ready(Err(_)) => return Poll::Ready(Step::End(Ending::Drop)),
                Poll::Pending => match self.poll_stalled(context) {
                    Poll::Ready(ending) => {
                        // What has begun must end before the close frame; the rest is for the next connection.
                        self.wire.out().truncate(1);
                        return Poll::Ready(Step::End(ending));
                    }
                    Poll::Pending => break,
                },
            }
        }
        if let Some(running) = &mut self.running {
            match running.as_mut().poll(context) {
                Poll::Ready(()) => self.running = None,
                Poll::Pending => return Poll::Pending,
            }
        }
        if !self.listener.may_read() {
            // Every answer to a send wakes this task.
            return Poll::Pending;
        }
        match self.wire.poll_read(context) {
            Poll::Ready(Ok(message)) => Poll::Ready(Step::Message(message)),
            Poll::Ready(Err(error)) => Poll::Ready(Step::End(ending_of(&error))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_stalled(&mut self, context: &mut Context<'_>) -> Poll<Ending> {
        let moved = self.wire.has_moved();
        self.listener.outbox.poll_stalled(context, moved, uptime_ms())
    }

    fn take(&mut self, message: Message) {
        self.listener.hear(uptime_ms());
        match message {
            Message::Text(text) => self.running = commands::receive(&self.app, &self.listener, &text),
            Message::Binary(_) => commands::refuse_malformed(&self.listener),
            // Answered by the protocol itself.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
}

fn ending_of(error: &WireError) -> Ending {
    match error {
        WireError::Utf8(_) => Ending::Close(NOT_UTF8),
        WireError::Capacity(CapacityError::MessageTooLong { .. }) => Ending::Close(TOO_BIG),
        WireError::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => Ending::Drop,
        WireError::Protocol(_) => Ending::Close(PROTOCOL_ERROR),
        _ => Ending::Drop,
    }
}
