//! The life of the connection: a pure machine of inputs and effects ([`Core`]), and the browser's half that carries the
//! effects out (`browser`).
//!
//! ```text
//! Idle ──start, online, timer──▶ Opening ──open──▶ Greeting (hello) ──synced──▶ Live
//!  ▲                                │ 10 s            │ 10 s                     │ silence, close
//!  └────────── back-off ◀───────────┴─────────────────┴──────────────────────────┘
//! ```

#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod browser;
mod core;
#[cfg(test)]
mod tests;

pub use self::core::Core;

use crate::Error;
use crate::client::draft::Draft;
use crate::client::outbox::{Entry, Upload};
use crate::id::{FileId, MessageId, RoomId, TxnId, UserId};
use crate::live::{ClientFrame, Command, ServerFrame};
use crate::model::{Attachment, Message, Page, Person, Seq, Start};
use crate::time::Timestamp;

/// How frames travel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Transport {
    Socket,
    /// Server-sent events down, posts up.
    Events,
}

/// Which messages to fetch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fetch {
    Newest,
    Before(Seq),
    After(Seq),
    /// A run in the middle of the room.
    Around(Seq),
    /// What continues that run, at its beginning and at its end.
    Above(Seq),
    Below(Seq),
}

/// What happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Input {
    /// The page is ready. `is_online`: what the browser says of the network.
    Start {
        is_online: bool,
    },
    /// A moment named by [`Core::next_wake`] has come.
    Tick,
    Opened,
    Frame(Box<ServerFrame>),
    /// A frame of this page's protocol that it cannot read.
    Unreadable,
    /// Also when opening failed. 0: without a code.
    Closed {
        code: u16,
    },
    Online,
    Offline,
    Visible(bool),
    /// The page may be on its way out: keep everything now.
    Leaving,
    /// The answer to [`Effect::Refresh`]: when the access token ends and the server's clock.
    Refreshed(Result<(Timestamp, Timestamp), Error>),
    /// Whether plain HTTP works while the socket does not.
    Probed(bool),
    Fetched {
        room_id: RoomId,
        fetch: Fetch,
        result: Result<Page, Error>,
    },
    Reloaded(Result<Box<Start>, Error>),
    /// The answer to [`Effect::FetchPeople`].
    People {
        asked: Vec<UserId>,
        result: Result<Vec<Person>, Error>,
    },
    /// The answer to [`Effect::FetchQuoted`].
    Quoted {
        room_id: RoomId,
        asked: Vec<MessageId>,
        result: Result<Vec<Message>, Error>,
    },
    /// An entry is on this device's disk (`false`: the disk refuses).
    Stored {
        txn_id: TxnId,
        ok: bool,
    },
    /// What earlier visits left on this device's disk.
    Restored {
        entries: Vec<Entry>,
        /// `None`: the disk did not answer.
        drafts: Option<Vec<(RoomId, Draft)>>,
    },
    /// Another tab is gone, and what it had begun is this one's.
    LeftBehind,
    /// A send was put into the outbox, or tried again by hand.
    Composed(TxnId),
    TakenBack(TxnId),
    /// Uploads that no message shows, and none will.
    Withdrawn(Vec<FileId>),
    /// So many bytes of a file have left. Only the browser's half hears it.
    UploadMoved {
        local: FileId,
        sent: u64,
    },
    /// The answer to [`Effect::Upload`].
    UploadEnded {
        local: FileId,
        id: FileId,
        result: Result<Attachment, Error>,
    },
    /// The server says whether it takes files now.
    StorageSeen {
        is_down: bool,
    },
    /// This device has the bytes of a waiting file no more.
    BytesLost(FileId),
    DraftChanged(RoomId),
    OpenRoom(RoomId),
    LoadOlder(RoomId),
    LoadNewer(RoomId),
    /// A message was jumped to: its surroundings may have to be fetched.
    Jumped(RoomId),
    /// The overlay has something new, or something was undone.
    Changed,
    MarkRead {
        room_id: RoomId,
        seq: Seq,
    },
    Command(Command),
    ReconnectNow,
    Resync,
    /// Forget everything of this account on this device, then sign out.
    SignOut,
}

/// What is to be done.
#[derive(Clone, PartialEq, Debug)]
#[allow(clippy::large_enum_variant, reason = "moved once, never kept in numbers")]
pub enum Effect {
    Open(Transport),
    Close,
    Send(Vec<ClientFrame>),
    Refresh,
    Probe,
    Fetch {
        room_id: RoomId,
        fetch: Fetch,
    },
    Reload,
    FetchPeople(Vec<UserId>),
    FetchQuoted {
        room_id: RoomId,
        ids: Vec<MessageId>,
    },
    /// Upload a file, until it is not on its way any more by the outbox.
    Upload(Box<Upload>),
    /// Have the server forget uploads.
    Withdraw(Vec<FileId>),
    /// Keep an entry, with the bytes of its files, on this device's disk, then say `Stored`.
    Store(Box<Entry>),
    Forget(TxnId),
    /// Keep a draft; empty: forget it.
    StoreDraft(RoomId, Draft),
    /// Read what is on the disk (another tab may have left something).
    Restore,
    /// This account signed out: leave the page at once.
    LeaveSignedOut,
    /// Empty this device's disk of the account, then post the sign-out form.
    Wipe,
}
