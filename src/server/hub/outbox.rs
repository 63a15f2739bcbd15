//! The bounded queue of one connection. Nobody waits to put something in: who cannot keep up is closed and resumes.
//!
//! ```text
//! push ──▶ held (while `hello` is being answered) ──release──▶ queue ──poll_take──▶ the transport
//!   └─ over the bound ──▶ emptied, closing with 1013
//! ```

use super::packet::{Kind, Packet};
use crate::live::close;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Frames that may wait for a receiver whose network does not take them.
const STALLED_MAX: u32 = 256;
/// Frames that may wait for the transport's own turn to run: a burst is no fault of the receiver.
const FRAMES_MAX: u32 = 2_048;
/// Bytes that may wait. They are shared among receivers, so this bounds what the slowest one keeps alive.
const BYTES_MAX: usize = 1024 * 1024;
/// Beyond this many waiting frames what is only passing is dropped.
const PASSING_MAX: u32 = 64;

/// Why a connection ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// What was queued, then a close frame with this code.
    Close(u16),
    /// At once: nobody is there.
    Drop,
}

/// See the module.
#[derive(Default)]
pub struct Outbox(Mutex<State>);

#[derive(Default)]
struct State {
    queue: VecDeque<Packet>,
    held: Option<VecDeque<Packet>>,
    frames: u32,
    bytes: usize,
    waker: Option<Waker>,
    /// Since when the network takes nothing, by [`super::uptime_ms`].
    stalled_since: Option<u64>,
    ending: Option<Ending>,
}

impl Outbox {
    /// Queues a packet; see the module.
    pub fn push(&self, packet: Packet) {
        let mut state = self.lock();
        if state.ending.is_some() || (packet.kind == Kind::Passing && state.frames >= PASSING_MAX) {
            return;
        }
        let frames_max = if state.stalled_since.is_some() { STALLED_MAX } else { FRAMES_MAX };
        let frames = state.frames + u32::from(packet.frames);
        let bytes = state.bytes + packet.counted_bytes();
        if packet.kind != Kind::Synced && (frames > frames_max || bytes > BYTES_MAX) {
            state.empty();
            return end(state, Ending::Close(close::TRY_AGAIN));
        }
        (state.frames, state.bytes) = (frames, bytes);
        match (&mut state.held, packet.kind) {
            (Some(held), Kind::Event | Kind::Passing) => {
                held.push_back(packet);
                return;
            }
            _ => state.queue.push_back(packet),
        }
        wake(state);
    }

    /// Holds events back from now on, until [`Self::release`].
    pub fn hold(&self) {
        self.lock().held.get_or_insert_default();
    }

    /// Lets the events go that were held back.
    pub fn release(&self) {
        let mut state = self.lock();
        if let Some(mut held) = state.held.take() {
            state.queue.append(&mut held);
            wake(state);
        }
    }

    /// Lets the transport look again, though nothing is there to be written.
    pub fn wake(&self) {
        wake(self.lock());
    }

    /// Ends the connection; the first reason stays.
    pub fn end(&self, ending: Ending) {
        let state = self.lock();
        if state.ending.is_none() || ending == Ending::Drop {
            end(state, ending);
        }
    }

    /// Whether it ends.
    pub fn is_ending(&self) -> bool {
        self.lock().ending.is_some()
    }

    /// Moves everything that waits into `into`; or says that the connection ends, when nothing waits any more.
    pub fn poll_take(&self, context: &mut Context<'_>, into: &mut VecDeque<Packet>) -> Poll<Result<(), Ending>> {
        let mut state = self.lock();
        state.stalled_since = None;
        if !state.queue.is_empty() {
            let queue = std::mem::take(&mut state.queue);
            for packet in &queue {
                state.frames -= u32::from(packet.frames);
                state.bytes -= packet.counted_bytes();
            }
            *into = queue;
            return Poll::Ready(Ok(()));
        }
        if let Some(ending) = state.ending {
            return Poll::Ready(Err(ending));
        }
        state.listen(context);
        Poll::Pending
    }

    /// Told by a transport whose network takes nothing now; `moved`: it took something since the last time. Ready when the
    /// connection ends nevertheless.
    pub fn poll_stalled(&self, context: &mut Context<'_>, moved: bool, now: u64) -> Poll<Ending> {
        let mut state = self.lock();
        if moved || state.stalled_since.is_none() {
            state.stalled_since = Some(now);
        }
        state.listen(context);
        state.ending.map_or(Poll::Pending, Poll::Ready)
    }

    /// Since when the network takes nothing.
    pub fn stalled_since(&self) -> Option<u64> {
        self.lock().stalled_since
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn empty(&mut self) {
        self.queue = VecDeque::new();
        self.held = None;
        (self.frames, self.bytes) = (0, 0);
    }

    fn listen(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
    }
}

fn end(mut state: MutexGuard<'_, State>, ending: Ending) {
    state.ending = Some(ending);
    if let Some(mut held) = state.held.take() {
        state.queue.append(&mut held);
    }
    wake(state);
}

/// Wakes the transport after the lock is gone. Taking the waker means that it is woken once, however much comes.
fn wake(mut state: MutexGuard<'_, State>) {
    let waker = state.waker.take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{RoomId, UserId};
    use crate::live::{LiveEvent, ServerFrame};
    use crate::model::Presence;

    fn event() -> Packet {
        Packet::event(&LiveEvent::Presence { user_id: UserId::new(), presence: Presence::Online })
    }

    fn take(outbox: &Outbox) -> Poll<Result<usize, Ending>> {
        let mut into = VecDeque::new();
        outbox.poll_take(&mut Context::from_waker(Waker::noop()), &mut into).map_ok(|()| into.len())
    }

    #[test]
    fn a_stalled_receiver_is_closed_after_256_frames_and_a_busy_one_is_not() {
        let outbox = Outbox::default();
        (0..1_000).for_each(|_| outbox.push(event()));
        assert_eq!(take(&outbox), Poll::Ready(Ok(1_000)));
        assert!(outbox.poll_stalled(&mut Context::from_waker(Waker::noop()), false, 7).is_pending());
        (0..256).for_each(|_| outbox.push(event()));
        assert!(!outbox.is_ending());
        outbox.push(event());
        assert_eq!(take(&outbox), Poll::Ready(Err(Ending::Close(close::TRY_AGAIN))));
        outbox.push(event());
        assert_eq!(take(&outbox), Poll::Ready(Err(Ending::Close(close::TRY_AGAIN))), "and stays so");
    }

    #[test]
    fn bytes_are_bounded_too() {
        let outbox = Outbox::default();
        let large = Packet { bytes: vec![0; 300_000].into(), frames: 1, kind: Kind::Event };
        (0..3).for_each(|_| outbox.push(large.clone()));
        assert!(!outbox.is_ending());
        outbox.push(large);
        assert!(outbox.is_ending());
    }

    #[test]
    fn events_wait_for_the_answer_to_hello() {
        let outbox = Outbox::default();
        outbox.hold();
        outbox.push(event());
        assert_eq!(take(&outbox), Poll::Pending);
        outbox.push(Packet::answer(&ServerFrame::Pong));
        assert_eq!(take(&outbox), Poll::Ready(Ok(1)));
        outbox.release();
        assert_eq!(take(&outbox), Poll::Ready(Ok(1)));
    }

    #[test]
    fn typing_is_dropped_first() {
        let outbox = Outbox::default();
        let typing = Packet::event(&LiveEvent::Typing { room_id: RoomId::new(), user_id: UserId::new(), on: true });
        (0..500).for_each(|_| outbox.push(typing.clone()));
        assert_eq!(take(&outbox), Poll::Ready(Ok(64)));
        assert!(!outbox.is_ending());
    }

    #[test]
    fn what_was_queued_goes_before_the_end() {
        let outbox = Outbox::default();
        outbox.push(event());
        outbox.end(Ending::Close(close::LOGGED_OUT));
        outbox.end(Ending::Close(close::FLOOD));
        assert_eq!(take(&outbox), Poll::Ready(Ok(1)));
        assert_eq!(take(&outbox), Poll::Ready(Err(Ending::Close(close::LOGGED_OUT))));
    }
}
