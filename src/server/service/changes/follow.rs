//! Changes of messages that another process made. Processes tell each other; where they cannot, or something was missed, the store
//! is asked what changed in the rooms that are listened to here.

use crate::error::Result;
use crate::server::App;

/// Asked for from this long before the last look, in milliseconds of the store's clock: its stamps are older than what they
/// stamp by what a majority takes, and whole seconds.
const OVERLAP_MS: u64 = 5_000;
/// Rooms of one question.
const ROOMS_MAX: usize = 1_000;
/// Changes of one question. With more of them the rest is heard at the next catching up.
const CHANGED_MAX: usize = 2_000;

/// Remembers how far it has looked.
#[derive(Default)]
pub struct Follower {
    cursor: Option<u64>,
}

impl Follower {
    pub async fn look(&mut self, app: &App) {
        match self.ask(app).await {
            // Who connects from here on asks for what came before.
            Ok(cursor) => self.cursor = Some(cursor),
            // The next look asks for it again.
            Err(error) => tracing::warn!(%error, "changes of messages were not read"),
        }
    }

    async fn ask(&self, app: &App) -> Result<u64> {
        let now = app.db.cursor().await?;
        let Some(before) = self.cursor else { return Ok(now) };
        for part in app.hub.rooms().chunks(ROOMS_MAX) {
            for message in app.db.changed_since(part, before.saturating_sub(OVERLAP_MS), CHANGED_MAX).await? {
                if !app.hub.told().has(message.id, message.revision) {
                    super::tell_here(app, &message).await?;
                }
            }
        }
        Ok(now)
    }
}
