//! For whoever watches the process.

use crate::Error;
use crate::server::App;
use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::atomic::Ordering;
use std::time::Duration;

const PING_TIME: Duration = Duration::from_secs(2);

/// `/healthz`: the process answers. `/readyz`: so does the store, and it is not going down; further lines say
/// what else cannot be had.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready))
}

async fn ready(app: App) -> Response {
    let away = Error::Unavailable { retry_after_ms: 1_000 };
    if app.draining.load(Ordering::Relaxed) {
        return away.into_response();
    }
    match tokio::time::timeout(PING_TIME, app.db.ping()).await {
        Ok(Ok(())) => {
            let mut said = String::from("ready\n");
            if !app.storage_up.load(Ordering::Relaxed) {
                said.push_str("uploads are unavailable: the storage of files does not answer\n");
            } else if app.storage_full.load(Ordering::Relaxed) {
                said.push_str("uploads are refused: the storage of files is full\n");
            }
            if app.hub.bus().is_down() {
                said.push_str("live updates between processes are delayed: Redis does not answer\n");
            }
            said.into_response()
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            away.into_response()
        }
        Err(_) => away.into_response(),
    }
}
