//! What the page knows and how it learns it. No markup.
//!
//! [`Live`] is the one thing that components use: signals to read, and methods that ask. It is provided as context by
//! the signed-in shell (`ui/shell`). On the server it exists too, for the first paint, and does nothing.

mod actions;
pub mod chips;
pub mod connection;
pub mod draft;
pub mod kept;
pub mod notes;
pub mod outbox;
pub mod platform;
pub mod state;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod storage;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod transfer;
pub mod uploads;

use crate::id::RoomId;
use crate::live::Command;
use crate::model::Seq;
pub use actions::{CLEAR_UNDO_MS, UNDO_MS};
use connection::Input;
use dioxus::prelude::*;
pub use state::{ConnectionState, State};
pub use uploads::Uploads;

/// The page's connection to the world. Copy; all of it is signals.
#[derive(Clone, Copy, PartialEq)]
pub struct Live {
    /// Everything known. Read it through `use_memo` selectors, so that a component renders only when its slice changes.
    pub state: Signal<State>,
    /// Own files on their way up. A context of its own, too.
    pub uploads: Uploads,
    inputs: Coroutine<Input>,
}

/// Makes the [`Live`] of this page from what it knows first and provides it to everything below. Connects in an effect, so
/// only in a browser.
pub fn use_provide_live(first: impl FnOnce() -> State) -> Live {
    let state = use_signal(first);
    let uploads = use_context_provider(Uploads::new);
    let own = use_hook(|| CopyValue::new(None::<Coroutine<Input>>));
    let inputs = use_coroutine(move |queue| run(state, uploads, own, queue));
    use_hook(move || {
        let mut own = own;
        own.set(Some(inputs));
    });
    let live = use_context_provider(move || Live { state, uploads, inputs });
    use_effect(move || live.start());
    live
}

#[cfg(all(feature = "web", target_arch = "wasm32"))]
async fn run(
    state: Signal<State>,
    uploads: Uploads,
    own: CopyValue<Option<Coroutine<Input>>>,
    queue: UnboundedReceiver<Input>,
) {
    // The task is first polled after the hooks of its component have run.
    let inputs = *own.peek();
    if let Some(inputs) = inputs {
        connection::browser::run(state, uploads, inputs, queue).await;
    }
}

/// On the server there is nobody to talk to.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
async fn run(_: Signal<State>, _: Uploads, _: CopyValue<Option<Coroutine<Input>>>, _: UnboundedReceiver<Input>) {}

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

    /// Shows the newest messages of a room, and loads them unless they are here (also for "Try again").
    pub fn open_room(mut self, room_id: Option<RoomId>) {
        if self.state.peek().open_room != room_id {
            let mut state = self.state.write();
            state.open_room = room_id;
            state.hold_reading = None;
            let room = room_id.and_then(|room_id| state.rooms.get_mut(&room_id));
            // What was jumped to before the room opened is what it opens with.
            if let Some(room) = room.filter(|room| room.target.is_none()) {
                room.show_newest();
            }
        }
        if let Some(room_id) = room_id {
            self.inputs.send(Input::OpenRoom(room_id));
        }
    }

    /// Loads the page before the oldest message of the drawn run; does nothing while one is on its way or at the start.
    pub fn load_older(self, room_id: RoomId) {
        self.inputs.send(Input::LoadOlder(room_id));
    }

    /// Loads the page after the newest message of the drawn run, when that is not the run that ends with the newest one.
    pub fn load_newer(self, room_id: RoomId) {
        self.inputs.send(Input::LoadNewer(room_id));
    }

    /// Shows a message with what is around it, wherever it is. Until that is here the room draws what it drew, and
    /// `RoomState::jump` says that it is on its way, or why it can't be shown. Asked again for "Try again". Works for a room
    /// that is opened just before or after, too.
    pub fn jump_to(mut self, room_id: RoomId, seq: Seq) {
        if self.state.write().jump_to(room_id, seq) {
            self.inputs.send(Input::Jumped(room_id));
        }
    }

    /// The stream leads to what was jumped to, or says that it can't.
    pub fn end_jump(mut self, room_id: RoomId) {
        self.state.write().end_jump(room_id);
    }

    /// Shows the newest messages again after a jump.
    pub fn back_to_newest(mut self, room_id: RoomId) {
        let is_there = self.state.peek().rooms.get(&room_id).is_none_or(|room| !room.is_away());
        if !is_there && let Some(room) = self.state.write().rooms.get_mut(&room_id) {
            room.show_newest();
        }
        self.inputs.send(Input::OpenRoom(room_id));
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
