//! The keys that sign access tokens: made at first start, kept in the data folder.

use crate::id::{SessionId, UserId};
use crate::time::Timestamp;

/// The signing keys of this installation.
pub struct Keys;

/// What a valid access token says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claims {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub expires_at: Timestamp,
}
