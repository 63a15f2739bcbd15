//! Who listens in this process: connections, what each is told, and the bounds of their queues.

use crate::id::SessionId;
use crate::live::LogoutReason;

/// The connections of this process.
#[derive(Clone)]
pub struct Hub;

impl Hub {
    /// No connections yet.
    #[expect(clippy::new_without_default, reason = "one per process")]
    pub fn new() -> Self {
        Self
    }
    /// Tells the sockets of a session that it has ended, and closes them.
    pub fn close_session(&self, _session_id: SessionId, _reason: LogoutReason) {}
    /// Tells every socket to come back later, closes them, and resolves when they are gone.
    pub async fn shutdown(&self) {}
}
