//! The stand-in where websockets are blocked: frames down as server-sent events, frames up by POST.

use super::commands;
use crate::error::{Error, Result, What};
use crate::id::ConnectionId;
use crate::live::ClientFrame;
use crate::model::limits::FRAME_MAX_BYTES;
use crate::server::App;
use crate::server::hub::{Ending, Listener, Packet, uptime_ms};
use crate::server::limits::Rule;
use crate::server::session::Session;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Frames of one POST.
const FRAMES_MAX: usize = 16;

/// `GET /api/live/events`: one server frame per event, as `data:`.
pub async fn open(State(app): State<App>, session: Session) -> Result<Response> {
    app.limits.check(Rule::Connect, session.user_id)?;
    let events = Events { listener: super::register(&app, &session, false)?, is_over: false };
    let mut response = Body::from_stream(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather a response would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

struct Events {
    listener: Listener,
    is_over: bool,
}

impl Stream for Events {
    type Item = std::result::Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let mut packets = VecDeque::new();
        match self.listener.outbox.poll_take(context, &mut packets) {
            Poll::Ready(Ok(())) => Poll::Ready(Some(Ok(events_of(&packets)))),
            Poll::Ready(Err(ending)) => {
                self.is_over = true;
                match ending {
                    // An event stream has no close code; a named event says it.
                    Ending::Close(code) => Poll::Ready(Some(Ok(format!("event: close\ndata: {code}\n\n").into()))),
                    Ending::Drop => Poll::Ready(None),
                }
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// The texts of packets as events. JSON has no line breaks outside its strings, and there they are escaped. A packet
/// without text is a ping: here a comment, which keeps proxies from giving up.
fn events_of(packets: &VecDeque<Packet>) -> Bytes {
    let mut bytes = Vec::with_capacity(packets.iter().map(|packet| packet.bytes.len() + 16).sum());
    for packet in packets {
        let mut texts = packet.texts().peekable();
        if texts.peek().is_none() {
            bytes.extend_from_slice(b":\n\n");
        }
        for text in texts {
            bytes.extend_from_slice(b"data: ");
            bytes.extend_from_slice(text);
            bytes.extend_from_slice(b"\n\n");
        }
    }
    bytes.into()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Post {
    connection_id: ConnectionId,
    frames: Vec<ClientFrame>,
}

/// `POST /api/live/post`: frames up, carried out in their order before the answer, which is 202.
///
/// # Errors
/// [`Error::NotFound`] unless the connection is one of this session's; [`Error::TooLarge`], [`Error::Malformed`].
pub async fn post(State(app): State<App>, session: Session, request: Request) -> Result<StatusCode> {
    let too_large = Error::TooLarge { limit_bytes: FRAME_MAX_BYTES as u64 };
    let body = axum::body::to_bytes(request.into_body(), FRAME_MAX_BYTES).await.map_err(|_| too_large)?;
    let post: Post = serde_json::from_slice(&body).map_err(|_| Error::Malformed)?;
    if post.frames.len() > FRAMES_MAX {
        return Err(Error::Malformed);
    }
    let connection = app
        .hub
        .connection(post.connection_id)
        .filter(|connection| connection.session_id == session.session_id && !connection.pongs)
        .ok_or(Error::NotFound { what: What::Connection })?;
    for frame in post.frames {
        connection.hear(uptime_ms());
        if let Some(running) = commands::receive_frame(&app, &connection, frame) {
            running.await;
        }
    }
    Ok(StatusCode::ACCEPTED)
}
