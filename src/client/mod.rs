//! What the page knows and how it learns it. No markup.
//!
//! [`Live`] is the one thing that components use: signals to read, and methods that ask. It is provided as context by
//! the signed-in shell (`ui/shell`). On the server it exists too, for the first paint, and does nothing.

pub mod connection;
pub mod outbox;
pub mod platform;
pub mod state;
pub mod storage;

use crate::error::Result;
use crate::id::{RoomId, TxnId};
use crate::live::Command;
use crate::model::{Bootstrap, Seq};
use dioxus::prelude::*;
pub use state::{ConnectionState, State};

/// The page's connection to the world. Copy; all of it is signals.
#[derive(Clone, Copy)]
pub struct Live {
    /// Everything known. Read it through `use_memo` selectors, so that a component renders only when its slice changes.
    pub state: Signal<State>,
}

/// Makes the [`Live`] of this page from its first paint and provides it to everything below. Connects in an effect, so only in
/// a browser.
pub fn use_provide_live(bootstrap: Bootstrap) -> Live {
    let live = use_context_provider(|| Live { state: Signal::new(State::from_bootstrap(bootstrap)) });
    use_effect(move || live.start());
    live
}

/// The [`Live`] provided above.
pub fn use_live() -> Live {
    use_context()
}

impl Live {
    /// Opens the connection, loads the outbox and the drafts from this device. Once per page.
    pub fn start(self) {}

    /// Queues a text for a room; it is in the timeline at once and on this device's disk before it leaves.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] of field `body`: empty or too long; nothing was queued.
    pub fn send_text(mut self, room_id: RoomId, text: &str) -> Result<TxnId> {
        let _ = (&mut self, room_id, text);
        Err(crate::Error::Offline)
    }
    /// Tries a failed send again, with its id.
    pub fn retry(self, _txn_id: TxnId) {}
    /// Takes a failed or queued send out and returns its text, for "Edit" (put it back into the composer) and "Discard".
    pub fn take_back(self, _txn_id: TxnId) -> Option<String> {
        None
    }
    /// The composer's text changed: keeps the draft, tells the room (throttled to one notice in 3 s).
    pub fn set_draft(self, _room_id: RoomId, _text: &str) {}
    /// The kept draft of a room.
    pub fn draft(self, _room_id: RoomId) -> String {
        String::new()
    }
    /// Everything up to `seq` was on a focused screen. Coalesced; lower values are ignored.
    pub fn mark_read(self, _room_id: RoomId, _seq: Seq) {}
    /// Loads the newest page of a room unless its timeline is loaded; sets `open_room`, so that live messages there stay loaded.
    pub fn open_room(self, _room_id: Option<RoomId>) {}
    /// Loads the page before the oldest loaded message; does nothing while one is on its way or at the start.
    pub fn load_older(self, _room_id: RoomId) {}
    /// "Retry now" of the connection line.
    pub fn reconnect_now(self) {}
    /// Sends a command without waiting for an answer.
    pub fn command(self, _command: Command) {}
    /// Reloads rooms and requests (after a server function changed them).
    pub fn resync(self) {}
    /// Wipes what this device keeps of the account (IndexedDB, drafts, caches), then posts the sign-out form.
    pub fn sign_out(self) {}
}
