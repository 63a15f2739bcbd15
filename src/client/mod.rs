//! What the page knows and how it learns it. No markup.
//!
//! [`Live`] is the one thing that components use: signals to read, and methods that ask. It is provided as context by
//! the signed-in shell (`ui/shell`). On the server it exists too, for the first paint, and does nothing.

pub mod connection;
pub mod kept;
pub mod outbox;
pub mod platform;
pub mod state;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod storage;

use crate::error::{Error, Result};
use crate::id::{RoomId, TxnId};
use crate::live::Command;
use crate::model::{Body, Seq};
use crate::time::Timestamp;
use connection::Input;
use dioxus::prelude::*;
pub use state::{ConnectionState, State};

/// The page's connection to the world. Copy; all of it is signals.
#[derive(Clone, Copy)]
pub struct Live {
    /// Everything known. Read it through `use_memo` selectors, so that a component renders only when its slice changes.
    pub state: Signal<State>,
    inputs: Coroutine<Input>,
}

/// Makes the [`Live`] of this page from what it knows first and provides it to everything below. Connects in an effect, so
/// only in a browser.
pub fn use_provide_live(first: impl FnOnce() -> State) -> Live {
    let state = use_signal(first);
    let own = use_hook(|| CopyValue::new(None::<Coroutine<Input>>));
    let inputs = use_coroutine(move |queue| run(state, own, queue));
    use_hook(move || {
        let mut own = own;
        own.set(Some(inputs));
    });
    let live = use_context_provider(move || Live { state, inputs });
    use_effect(move || live.start());
    live
}

#[cfg(all(feature = "web", target_arch = "wasm32"))]
async fn run(state: Signal<State>, own: CopyValue<Option<Coroutine<Input>>>, queue: UnboundedReceiver<Input>) {
    // The task is first polled after the hooks of its component have run.
    let inputs = *own.peek();
    if let Some(inputs) = inputs {
        connection::browser::run(state, inputs, queue).await;
    }
}

/// On the server there is nobody to talk to.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
async fn run(_: Signal<State>, _: CopyValue<Option<Coroutine<Input>>>, _: UnboundedReceiver<Input>) {}

/// The [`Live`] provided above.
pub fn use_live() -> Live {
    use_context()
}

impl Live {
    /// Opens the connection, loads the outbox and the drafts from this device. Once per page.
    fn start(self) {
        #[cfg(all(feature = "web", target_arch = "wasm32"))]
        self.inputs.send(Input::Start { is_online: platform::is_online() });
    }

    /// Queues a text for a room; it is in the timeline at once and on this device's disk before it leaves. Clears the draft.
    ///
    /// # Errors
    /// [`Error::Invalid`] of field `body`: empty or too long; [`Error::Unavailable`]: too many sends wait already. Nothing was
    /// queued.
    pub fn send_text(mut self, room_id: RoomId, text: &str) -> Result<TxnId> {
        let body = Body::parse(text)?;
        let txn_id = TxnId::new();
        let entry = outbox::Entry::new(txn_id, room_id, body, Timestamp::now());
        {
            let mut state = self.state.write();
            if !state.outbox.has_room() {
                return Err(Error::Unavailable { retry_after_ms: 5_000 });
            }
            state.outbox.compose(entry);
            state.drafts.remove(&room_id);
        }
        self.inputs.send(Input::Composed(txn_id));
        Ok(txn_id)
    }

    /// Tries a failed send again, with its id.
    pub fn retry(mut self, txn_id: TxnId) {
        self.state.write().outbox.retry(txn_id);
        self.inputs.send(Input::Composed(txn_id));
    }

    /// Takes a failed or queued send out and returns its text, for "Edit" (put it back into the composer) and "Discard".
    /// `None` once it has left: the server may have it.
    pub fn take_back(mut self, txn_id: TxnId) -> Option<String> {
        let entry = self.state.write().outbox.take_back(txn_id)?;
        self.inputs.send(Input::TakenBack(txn_id));
        Some(entry.body.as_str().to_owned())
    }

    /// The composer's text changed: keeps the draft, tells the room (throttled to one notice in 3 s).
    pub fn set_draft(mut self, room_id: RoomId, text: &str) {
        let is_known = self.state.peek().drafts.get(&room_id).map_or(text.is_empty(), |draft| draft == text);
        if is_known {
            return;
        }
        if text.is_empty() {
            self.state.write().drafts.remove(&room_id);
        } else {
            self.state.write().drafts.insert(room_id, text.to_owned());
        }
        self.inputs.send(Input::DraftChanged(room_id));
    }

    /// The kept draft of a room, now: not a subscription. `state.is_restored` says when drafts of earlier visits are there.
    pub fn draft(self, room_id: RoomId) -> String {
        self.state.peek().drafts.get(&room_id).cloned().unwrap_or_default()
    }

    /// Everything up to `seq` was on a focused screen. Coalesced; lower values are ignored.
    pub fn mark_read(mut self, room_id: RoomId, seq: Seq) {
        if seq > self.state.peek().read_seq(room_id) && self.state.write().read_locally(room_id, seq) {
            let seq = self.state.peek().read_seq(room_id);
            self.inputs.send(Input::MarkRead { room_id, seq });
        }
    }

    /// Loads the newest page of a room unless its timeline is loaded (also for "Try again").
    pub fn open_room(mut self, room_id: Option<RoomId>) {
        if self.state.peek().open_room != room_id {
            self.state.write().open_room = room_id;
        }
        if let Some(room_id) = room_id {
            self.inputs.send(Input::OpenRoom(room_id));
        }
    }

    /// Loads the page before the oldest loaded message; does nothing while one is on its way or at the start.
    pub fn load_older(self, room_id: RoomId) {
        self.inputs.send(Input::LoadOlder(room_id));
    }

    /// "Retry now" of the connection line.
    pub fn reconnect_now(self) {
        self.inputs.send(Input::ReconnectNow);
    }

    /// Sends a command without waiting for an answer.
    pub fn command(self, command: Command) {
        self.inputs.send(Input::Command(command));
    }

    /// Reloads rooms and requests (after a server function changed them).
    pub fn resync(self) {
        self.inputs.send(Input::Resync);
    }

    /// Wipes what this device keeps of the account (IndexedDB, drafts, caches), then posts the sign-out form.
    pub fn sign_out(self) {
        self.inputs.send(Input::SignOut);
    }
}
