//! The mark beside an own message: where it really is. It never goes back.

use crate::id::UserId;
use crate::model::{Member, Seq};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tick {
    /// On this device only, waiting for its turn or for the network.
    Queued,
    /// On its way; the answer has not come.
    Sending,
    /// On the server's disk.
    Sent,
    /// On a device of every other member.
    Delivered,
    /// On the focused screen of every other member.
    Read,
}

/// The tick of a stored message: a comparison with the other members' watermarks.
pub fn of_stored(seq: Seq, author: UserId, members: &[Member]) -> Tick {
    let mut others = members.iter().filter(|member| member.user_id != author && member.joined_seq < seq).peekable();
    if others.peek().is_none() {
        return Tick::Sent;
    }
    others
        .map(|member| {
            if member.read_seq >= seq {
                Tick::Read
            } else if member.delivered_seq >= seq {
                Tick::Delivered
            } else {
                Tick::Sent
            }
        })
        .min()
        .unwrap_or(Tick::Sent)
}
