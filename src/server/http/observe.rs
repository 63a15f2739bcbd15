//! The outermost layer: names each request, writes its one line, and dresses every answer.

use crate::server::App;
use crate::server::http::address::{ClientAddress, Peer, client_address};
use crate::server::http::headers;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Instant;
use tracing::Instrument;

/// The name of one request, in its log line, its `X-Request-Id` and the failures it is answered with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestId(pub String);

/// The layer.
pub async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = uuid::Uuid::now_v7().simple().to_string();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let forwarded = request.headers().get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let address = client_address(peer, &forwarded.collect::<Vec<_>>(), &app.config.trusted_proxies);
    let extensions = request.extensions_mut();
    extensions.insert(app.clone());
    extensions.insert(ClientAddress(address));
    extensions.insert(RequestId(id.clone()));

    let span = tracing::info_span!("request", request.id = id);
    let mut response = next.run(request).instrument(span).await;
    headers::dress(&app, &path, &mut response);
    if let Ok(value) = HeaderValue::try_from(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    // Ids in paths are not secret, queries may be.
    if path.starts_with("/assets/") {
        tracing::debug!(request.id = id, %method, path, status, duration_ms, "answered");
    } else {
        tracing::info!(request.id = id, %method, path, status, duration_ms, "answered");
    }
    response
}
