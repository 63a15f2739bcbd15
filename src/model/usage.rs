//! What answers of a language model have taken.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// For the admins of the instance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AssistantUsage {
    /// `None`: there is no model.
    pub model: Option<ModelState>,
    /// The last [`DAYS`] days in UTC, today first.
    pub days: Vec<DayUsage>,
}

/// Days that admins see.
pub const DAYS: usize = 7;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ModelState {
    pub name: String,
    /// `None`: it is on the server's own machine.
    pub host: Option<String>,
    /// It failed several times, and is left alone for a while.
    pub is_resting: bool,
    /// Tokens that all answers of a day may take; `None`: as many as it takes.
    pub tokens_max: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DayUsage {
    /// When the day began.
    pub at: Timestamp,
    pub answers: u64,
    /// Tokens that the model has read, and written.
    pub read: u64,
    pub written: u64,
    /// Millionths of a dollar, by the prices that are configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub micro_usd: Option<u64>,
}
