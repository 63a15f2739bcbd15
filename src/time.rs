//! Time stamps. They are for people, never for order: order is a room's `seq`.

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The clock of this machine (the browser's own clock on the web: show it, never compare it with the server's).
    pub fn now() -> Self {
        Self(crate::client::platform::now_ms())
    }

    /// This moment moved by `ms` milliseconds; saturates.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}
