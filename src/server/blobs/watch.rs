//! Looks after the blob store: whether it takes bytes, and what killed processes left in it.

use super::BlobError;
use crate::server::{App, Parts};
use crate::time::Timestamp;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

const ASK: Duration = Duration::from_secs(10);
const ASK_TIME: Duration = Duration::from_secs(5);
const SWEEP: Duration = Duration::from_secs(60 * 60);

/// Starts both tasks; they end with the app. The first look is now.
pub fn start(app: &App) {
    tokio::spawn(ask(std::sync::Arc::downgrade(&app.0)));
    tokio::spawn(sweep(std::sync::Arc::downgrade(&app.0)));
}

async fn ask(parts: Weak<Parts>) {
    let mut tick = interval(ASK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(parts) = parts.upgrade() else { break };
        look(&App(parts)).await;
    }
}

/// Asks the store now, and remembers the answer in [`Parts::storage_up`] and [`Parts::storage_full`]. Returns whether it is up:
/// one that is full is, and says so to each upload itself, for which there may be room again.
pub async fn look(app: &App) -> bool {
    let answer = match timeout(ASK_TIME, app.blobs.ping()).await {
        Ok(answer) => answer,
        Err(_) => Err(BlobError::Unavailable("no answer".to_owned())),
    };
    let is_full = matches!(answer, Err(BlobError::NoSpace));
    let is_up = answer.is_ok() || is_full;
    let was_full = app.storage_full.swap(is_full, Ordering::Relaxed);
    let was_up = app.storage_up.swap(is_up, Ordering::Relaxed);
    let storage = app.blobs.name();
    match answer {
        Ok(()) if !was_up || was_full => tracing::info!(storage, "uploads are available again"),
        Err(BlobError::NoSpace) if !was_full => {
            tracing::warn!(storage, "uploads are refused: there is no room left for files");
        }
        Err(error) if was_up && !is_full => {
            tracing::warn!(storage, %error, "uploads are unavailable until the storage answers");
        }
        Ok(()) | Err(_) => {}
    }
    is_up
}

async fn sweep(parts: Weak<Parts>) {
    let mut tick = interval(SWEEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(parts) = parts.upgrade() else { break };
        match parts.blobs.sweep(Timestamp::now()).await {
            Ok(0) => {}
            Ok(left) => tracing::info!(left, "removed what unfinished uploads left"),
            Err(error) => tracing::debug!(%error, "unfinished uploads stay for another hour"),
        }
    }
}
