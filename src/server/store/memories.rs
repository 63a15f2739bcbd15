//! What the assistant keeps of rooms, and what its answers take.

use super::Result;
use crate::id::{MessageId, RoomId};
use crate::model::{Memory, Seen};
use async_trait::async_trait;

/// An account that answers are counted in, and what fits into it in a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// Such as `all`.
    pub name: String,
    pub runs_max: u64,
    pub tokens_max: u64,
}

/// What an account has taken in a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    pub runs: u64,
    /// Tokens read and written, and those that are reserved.
    pub tokens: u64,
    pub read: u64,
    pub written: u64,
}

#[async_trait]
pub trait Memories: Send + Sync {
    async fn memory(&self, room_id: RoomId) -> Result<Option<Memory>>;
    /// Stores a memory if the one that is stored is of the revision before (none: 0). `false`: it has moved on.
    async fn set_memory(&self, memory: &Memory) -> Result<bool>;
    /// Nothing is kept of this room any more.
    async fn drop_memory(&self, room_id: RoomId) -> Result<()>;
    /// Keeps what a model was shown for an answer, in place of what was kept before. It goes with the message's text. A message
    /// that is deleted or not there gets none.
    async fn set_seen(&self, id: MessageId, seen: &Seen) -> Result<()>;
    async fn seen(&self, id: MessageId) -> Result<Option<Seen>>;
    /// Counts a run of so many tokens in all of these accounts, or in none: then the place of one that is full. An account of
    /// which nothing was taken on that day has room for any run.
    async fn reserve_usage(&self, day: i64, accounts: &[Account], tokens: u64) -> Result<Option<usize>>;
    /// Counts what a run has taken in place of what was reserved. One that took nothing was none.
    async fn settle_usage(&self, day: i64, accounts: &[String], reserved: u64, read: u64, written: u64) -> Result<()>;
    /// What accounts have taken on a day, in the order of their names.
    async fn usage(&self, day: i64, accounts: &[String]) -> Result<Vec<Usage>>;
    /// Forgets what was taken before a day.
    async fn drop_usage(&self, before_day: i64) -> Result<()>;
}
