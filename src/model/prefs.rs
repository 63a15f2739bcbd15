//! What a member sets for themselves in one room. Only their own devices are told.

use crate::id::FileId;
use crate::model::{Seq, limits};
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

/// What is behind a room: `key` names one of [`WALLPAPERS`], or is [`WALLPAPER_OWN`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wallpaper {
    pub key: String,
    /// The tint's hue in degrees, 0 to 359; `None`: the theme's own.
    #[serde(default)]
    pub hue: Option<u16>,
    /// How far it fades, per cent, 0 to 80.
    #[serde(default)]
    pub dim: u8,
    /// The server's to say, and only with [`WALLPAPER_OWN`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<WallpaperPicture>,
}

/// A picture of a member's own, at `/files/{file_id}` for them alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WallpaperPicture {
    pub file_id: FileId,
    /// How opaque the ground of the light theme lies over it at least, so that text can be read everywhere: per cent.
    pub light: u8,
    /// The same in the dark theme.
    pub dark: u8,
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

/// The key of a picture of one's own.
pub const WALLPAPER_OWN: &str = "picture";

/// The wallpapers there are for everyone; none chosen is `sprigs`.
pub const WALLPAPERS: [&str; 8] = ["rows", "sprigs", "petals", "ripple", "pollen", "linen", "dusk", "plain"];

impl RoomPrefs {
    /// Carries a change out and raises the revision if it changes anything. [`PrefsChange::Cleared`] is the member row's
    /// and changes nothing here. `false`: more messages would be hidden than fit, so nothing was changed.
    pub fn apply(&mut self, change: &PrefsChange, now: Timestamp) -> bool {
        let before = self.clone();
        match change {
            PrefsChange::Pinned { on } => self.pinned_at = on.then(|| self.pinned_at.unwrap_or(now)),
            PrefsChange::Muted { until } => self.muted_until = until.filter(|until| *until > now),
            PrefsChange::Archived { on } => self.archived = *on,
            PrefsChange::Notify { level } => self.notify = *level,
            PrefsChange::Wallpaper { wallpaper } => self.wallpaper.clone_from(wallpaper),
            PrefsChange::UnreadFrom { seq } => self.unread_from = *seq,
            PrefsChange::Hidden { seqs, on: true } => {
                self.hidden.extend(seqs);
                self.hidden.sort_unstable();
                self.hidden.dedup();
            }
            PrefsChange::Hidden { seqs, on: false } => self.hidden.retain(|seq| !seqs.contains(seq)),
            PrefsChange::Cleared { .. } => {}
        }
        if self.hidden.len() > limits::HIDDEN_MAX {
            *self = before;
            return false;
        }
        if *self != before {
            self.revision += 1;
        }
        true
    }

    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.muted_until.is_some_and(|until| until > now)
    }

    pub fn hides(&self, seq: Seq) -> bool {
        self.hidden.binary_search(&seq).is_ok()
    }

    /// The newest `seq` that is not hidden, of those up to `head`; 0: there is none.
    pub fn newest_shown(&self, head: Seq) -> Seq {
        let mut seq = head;
        while seq > 0 && self.hides(seq) {
            seq -= 1;
        }
        seq
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_raises_the_revision_when_it_changes_something() {
        let (mut prefs, now) = (RoomPrefs::default(), Timestamp(1_000));
        assert!(prefs.apply(&PrefsChange::Pinned { on: true }, now));
        assert!(prefs.apply(&PrefsChange::Pinned { on: true }, Timestamp(2_000)));
        assert_eq!((prefs.revision, prefs.pinned_at), (1, Some(now)), "pinned since the first time");
        assert!(prefs.apply(&PrefsChange::Muted { until: Some(Timestamp(999)) }, now));
        assert_eq!((prefs.revision, prefs.muted_until), (1, None), "a mute that is over mutes nothing");
        assert!(prefs.apply(&PrefsChange::Muted { until: Some(MUTED_FOR_GOOD) }, now) && prefs.is_muted(now));
    }

    #[test]
    fn hidden_messages_are_sorted_once_each_and_bounded() {
        let (mut prefs, now) = (RoomPrefs::default(), Timestamp(0));
        assert!(prefs.apply(&PrefsChange::Hidden { seqs: vec![9, 2, 9, 5], on: true }, now));
        assert!(prefs.apply(&PrefsChange::Hidden { seqs: vec![5, 7], on: false }, now));
        assert_eq!(prefs.hidden, [2, 9]);
        assert!(prefs.hides(9) && !prefs.hides(5));
        let before = prefs.clone();
        let too_many = (100..100 + limits::HIDDEN_MAX as Seq).collect();
        assert!(!prefs.apply(&PrefsChange::Hidden { seqs: too_many, on: true }, now));
        assert_eq!(prefs, before);
    }

    #[test]
    fn a_mark_counts_from_the_earlier_of_both() {
        let marked = |unread_from| RoomPrefs { unread_from, ..RoomPrefs::default() }.unread_after(8);
        assert_eq!([None, Some(5), Some(9), Some(20), Some(0)].map(marked), [8, 4, 8, 8, 0]);
    }
}
