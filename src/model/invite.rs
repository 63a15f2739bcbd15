//! Links that let people into a group.

use crate::id::{RoomId, UserId};
use crate::model::Picture;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a link lets people in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InviteTerm {
    Hour,
    Day,
    #[default]
    Week,
    Never,
}

impl InviteTerm {
    /// When a link that is made `now` ends.
    pub fn end(self, now: Timestamp) -> Option<Timestamp> {
        const HOUR_MS: i64 = 3_600_000;
        match self {
            Self::Hour => Some(now.plus_ms(HOUR_MS)),
            Self::Day => Some(now.plus_ms(24 * HOUR_MS)),
            Self::Week => Some(now.plus_ms(7 * 24 * HOUR_MS)),
            Self::Never => None,
        }
    }
}

/// An invite link, as the admins of its group see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// 22 characters that are safe in an address: 128 random bits.
    pub code: String,
    pub room_id: RoomId,
    pub by: UserId,
    pub created_at: Timestamp,
    /// `None`: it lasts until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// How many have joined by it.
    pub uses: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
}

/// What someone who holds a link sees of the group: nothing of who is in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InvitePreview {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub member_count: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// The room, if the caller is in it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
}
