//! The names under which both stores keep the values of our enums. They are permanent.

use super::StoreError;
use super::files::{FileSlot, FileState};
use crate::model::report::ReportState;
use crate::model::{AttachmentKind, Notify, RequestState, Role, RoomKind, Theme, Who};

/// An enum that is stored by name.
pub(super) trait Name: Copy + Sized + 'static {
    const ALL: &'static [Self];

    fn name(self) -> &'static str;

    /// # Errors
    /// [`StoreError::Other`]: something newer or broken wrote this.
    fn from_name(name: &str) -> Result<Self, StoreError> {
        Self::ALL
            .iter()
            .copied()
            .find(|value| value.name() == name)
            .ok_or_else(|| StoreError::Other("a stored value has a name that this version does not know".into()))
    }
}

macro_rules! names {
    ($($kind:ident { $($variant:ident = $name:literal),+ $(,)? })+) => {$(
        impl Name for $kind {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    )+};
}

names! {
    Theme { System = "system", Light = "light", Dark = "dark" }
    RoomKind { Direct = "direct", Group = "group" }
    Role { Member = "member", Admin = "admin", Owner = "owner" }
    Who { Everyone = "everyone", Admins = "admins" }
    ReportState { Open = "open", Dismissed = "dismissed", Acted = "acted" }
    FileSlot { Message = "message", Avatar = "avatar", Group = "group", Wallpaper = "wallpaper" }
    FileState { Uploading = "uploading", Ready = "ready", Doomed = "doomed" }
    AttachmentKind {
        Image = "image",
        Animation = "animation",
        Video = "video",
        Audio = "audio",
        Voice = "voice",
        File = "file",
    }
    Notify { All = "all", Mentions = "mentions", Nothing = "nothing" }
    RequestState {
        Pending = "pending",
        Accepted = "accepted",
        Declined = "declined",
        Cancelled = "cancelled",
        Expired = "expired",
    }
}
