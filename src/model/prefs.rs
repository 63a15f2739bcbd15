//! What a member sets for themselves in one room. Only their own devices are told.

use crate::model::Seq;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Which messages of a room may notify.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    #[default]
    All,
    Mentions,
    Nothing,
}

/// The picture behind a room: `key` names one of the eight of the design, or `plain`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wallpaper {
    pub key: String,
    /// The tint's hue in degrees, 0 to 359; `None`: the theme's own.
    #[serde(default)]
    pub hue: Option<u16>,
    /// Per cent, 0 to 80.
    #[serde(default)]
    pub dim: u8,
}

/// A member's own settings of a room.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct RoomPrefs {
    /// Rises by one with every change; the newest wins.
    #[serde(default)]
    pub revision: u64,
    /// Since when it is at the top of the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Timestamp>,
    /// No notification before this; [`MUTED_FOR_GOOD`] without an end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(default)]
    pub notify: Notify,
    /// Marked unread from here: counted as if nothing from this `seq` on was read. What others see of my reading stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_from: Option<Seq>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wallpaper: Option<Wallpaper>,
    /// Deleted for me: sorted, at most [`crate::model::limits::HIDDEN_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Seq>,
}

/// The end of a mute without an end.
pub const MUTED_FOR_GOOD: Timestamp = Timestamp(253_402_300_799_000);

impl RoomPrefs {
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted_until.is_some_and(|until| until > now)
    }

    pub fn hides(&self, seq: Seq) -> bool {
        self.hidden.binary_search(&seq).is_ok()
    }

    /// The mark that unread counts start after, for a member whose read mark is `read_seq`.
    pub fn unread_after(&self, read_seq: Seq) -> Seq {
        self.unread_from.map_or(read_seq, |from| read_seq.min(from.saturating_sub(1)))
    }
}

/// One change of [`RoomPrefs`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "set", rename_all = "snake_case", deny_unknown_fields)]
pub enum PrefsChange {
    Pinned {
        on: bool,
    },
    Muted {
        until: Option<Timestamp>,
    },
    Archived {
        on: bool,
    },
    Notify {
        level: Notify,
    },
    Wallpaper {
        wallpaper: Option<Wallpaper>,
    },
    /// Marks unread from a message on; `None` takes the mark away. Reading past it does so too.
    UnreadFrom {
        seq: Option<Seq>,
    },
    /// Deletes messages for me only, or brings them back.
    Hidden {
        seqs: Vec<Seq>,
        on: bool,
    },
    /// "Clear chat": hides everything up to `upto` for me; a lower value than before takes a clear back.
    Cleared {
        upto: Seq,
    },
}
