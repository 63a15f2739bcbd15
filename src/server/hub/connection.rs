//! One live connection, whatever carries it: who it is, what waits for it, and how it behaves.

use super::outbox::{Ending, Outbox};
use super::packet::Packet;
use super::uptime_ms;
use crate::id::{ConnectionId, RoomId, SessionId, UserId};
use crate::live::{LogoutReason, ServerFrame, close};
use crate::model::Seq;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Frames that one connection may send at once, and per second for long.
const FRAMES_BURST: f32 = 120.0;
const FRAMES_PER_SECOND: f32 = 30.0;
/// Frames refused in a row before the connection ends: it floods.
const FLOOD: u32 = 200;
/// Malformed frames within [`MALFORMED_WINDOW_MS`] that end the connection.
const MALFORMED_MAX: u32 = 5;
const MALFORMED_WINDOW_MS: u64 = 10_000;
/// Sends of one connection that may wait for the store; then its frames are not read.
const SENDS_MAX: u32 = 64;

/// A live connection. Its transport polls [`Self::outbox`].
pub struct Connection {
    pub id: ConnectionId,
    pub user_id: UserId,
    pub session_id: SessionId,
    /// When it began, by [`uptime_ms`].
    pub opened: u64,
    pub outbox: Outbox,
    /// Whether its transport answers pings (a websocket does, an event stream cannot).
    pub pongs: bool,
    heard: AtomicU64,
    sends: AtomicU32,
    said_hello: AtomicBool,
    hidden: AtomicBool,
    manner: Mutex<Manner>,
}

/// What is known of its behaviour.
#[derive(Default)]
pub(super) struct Manner {
    /// Subscribed rooms, sorted.
    pub(super) rooms: Vec<RoomId>,
    /// It left the hub; nothing may be subscribed any more.
    pub(super) gone: bool,
    /// The room it types in, and since when it last said so.
    pub(super) typing: Option<(RoomId, u64)>,
    /// Why its session is about to end, from before the store is told.
    farewell: Option<LogoutReason>,
    marks: Option<Box<Marks>>,
    spent: f32,
    spent_at: u64,
    refused: u32,
    malformed: u32,
    malformed_since: u64,
}

/// Watermarks that wait to be written, merged per room.
#[derive(Default)]
struct Marks {
    waiting: Vec<Mark>,
}

/// A wish to raise watermarks; `ids` are the frames that want an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub room_id: RoomId,
    pub delivered: Option<Seq>,
    pub read: Option<Seq>,
    pub ids: Vec<u64>,
}

/// What became of a [`Mark`] that was put in line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lined {
    /// Nobody works on the line yet: the caller has to.
    First,
    Behind,
    /// Too many rooms wait.
    Full,
}

/// Whether a frame is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    Welcome,
    /// Not now; try again after so many milliseconds.
    Slower(u64),
    /// It goes on and on: the connection has ended.
    Flood {
        /// It was this frame that ended it.
        is_first: bool,
    },
}

impl Connection {
    pub(super) fn new(user_id: UserId, session_id: SessionId, pongs: bool) -> Self {
        let now = uptime_ms();
        Self {
            id: ConnectionId::new(),
            user_id,
            session_id,
            opened: now,
            outbox: Outbox::default(),
            pongs,
            heard: AtomicU64::new(now),
            sends: AtomicU32::new(0),
            said_hello: AtomicBool::new(false),
            hidden: AtomicBool::new(false),
            manner: Mutex::new(Manner { spent_at: now, ..Manner::default() }),
        }
    }

    /// Queues an answer.
    pub fn answer(&self, frame: &ServerFrame) {
        self.outbox.push(Packet::answer(frame));
    }

    /// Ends it with a close code after what is queued.
    pub fn close(&self, code: u16) {
        self.outbox.end(Ending::Close(code));
    }

    /// Says that the session is over, then closes.
    pub fn log_out(&self, reason: LogoutReason) {
        self.answer(&ServerFrame::LoggedOut { reason });
        self.close(close::LOGGED_OUT);
    }

    /// Notes why its session is about to end.
    pub(super) fn expect_end(&self, reason: LogoutReason) {
        self.manner().farewell = Some(reason);
    }

    /// [`Self::log_out`] where the end was found in the store: for the reason that was noted, if this process ends it.
    pub(super) fn log_out_as_found(&self) {
        let farewell = self.manner().farewell;
        self.log_out(farewell.unwrap_or(LogoutReason::Expired));
    }

    /// Something came from the other side.
    pub fn hear(&self, now: u64) {
        self.heard.store(now, Ordering::Relaxed);
    }

    pub fn heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    pub fn has_said_hello(&self) -> bool {
        self.said_hello.load(Ordering::Relaxed)
    }

    pub fn say_hello(&self) {
        self.said_hello.store(true, Ordering::Relaxed);
    }

    /// Whether its page is in front of someone, as far as it said.
    pub fn is_visible(&self) -> bool {
        !self.hidden.load(Ordering::Relaxed)
    }

    pub fn set_visible(&self, on: bool) {
        self.hidden.store(!on, Ordering::Relaxed);
    }

    /// Whether its frames are read: not while too many of its sends wait for the store.
    pub fn may_read(&self) -> bool {
        self.sends.load(Ordering::Acquire) < SENDS_MAX
    }

    pub fn send_began(&self) {
        self.sends.fetch_add(1, Ordering::AcqRel);
    }

    pub fn send_ended(&self) {
        self.sends.fetch_sub(1, Ordering::AcqRel);
    }

    /// Takes a token for one frame; `scale` multiplies the allowance.
    pub fn admit(&self, now: u64, scale: u32) -> Admission {
        let scale = scale.max(1) as f32;
        let mut manner = self.manner();
        let back = now.saturating_sub(manner.spent_at) as f32 / 1_000.0 * FRAMES_PER_SECOND * scale;
        manner.spent = (manner.spent - back).max(0.0);
        manner.spent_at = now;
        if manner.spent + 1.0 <= FRAMES_BURST * scale {
            manner.spent += 1.0;
            manner.refused = 0;
            return Admission::Welcome;
        }
        manner.refused += 1;
        if manner.refused >= FLOOD {
            let is_first = manner.refused == FLOOD;
            drop(manner);
            self.close(close::FLOOD);
            return Admission::Flood { is_first };
        }
        let missing = manner.spent + 1.0 - FRAMES_BURST * scale;
        Admission::Slower((missing / (FRAMES_PER_SECOND * scale) * 1_000.0).ceil() as u64)
    }

    /// Counts a malformed frame; the fifth within 10 s ends the connection. Returns whether this was it.
    pub fn malformed(&self, now: u64) -> bool {
        let mut manner = self.manner();
        if manner.malformed == 0 || now.saturating_sub(manner.malformed_since) > MALFORMED_WINDOW_MS {
            (manner.malformed, manner.malformed_since) = (0, now);
        }
        manner.malformed += 1;
        if manner.malformed >= MALFORMED_MAX {
            let is_last = manner.malformed == MALFORMED_MAX;
            drop(manner);
            self.close(close::PROTOCOL);
            return is_last;
        }
        false
    }

    /// Puts a mark in line, merged with one that waits for the same room.
    pub fn line_up(&self, mark: Mark) -> Lined {
        const ROOMS_MAX: usize = 64;
        const IDS_MAX: usize = 256;
        let mut manner = self.manner();
        let Some(marks) = &mut manner.marks else {
            manner.marks = Some(Box::new(Marks { waiting: vec![mark] }));
            return Lined::First;
        };
        let is_full = marks.waiting.len() >= ROOMS_MAX;
        match marks.waiting.iter_mut().find(|other| other.room_id == mark.room_id) {
            Some(other) if other.ids.len() < IDS_MAX => {
                other.delivered = other.delivered.max(mark.delivered);
                other.read = other.read.max(mark.read);
                other.ids.extend(mark.ids);
                Lined::Behind
            }
            None if !is_full => {
                marks.waiting.push(mark);
                Lined::Behind
            }
            _ => Lined::Full,
        }
    }

    /// The next mark in line; `None` ends the work on it.
    pub fn next_mark(&self) -> Option<Mark> {
        let mut manner = self.manner();
        let marks = manner.marks.as_mut()?;
        if marks.waiting.is_empty() {
            manner.marks = None;
            return None;
        }
        Some(marks.waiting.remove(0))
    }

    /// Notes that it types in a room or has stopped. Returns whether that is worth telling.
    pub fn set_typing(&self, room_id: RoomId, on: bool, now: u64) -> bool {
        /// A client repeats itself every 3 s; more than one in a second tells nobody anything.
        const REPEAT_MIN_MS: u64 = 1_000;
        let mut manner = self.manner();
        match (manner.typing, on) {
            (Some((room, since)), true) if room == room_id && now.saturating_sub(since) < REPEAT_MIN_MS => false,
            (_, true) => {
                manner.typing = Some((room_id, now));
                true
            }
            (Some((room, _)), false) if room == room_id => {
                manner.typing = None;
                true
            }
            (_, false) => false,
        }
    }

    /// The rooms it listens to.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.manner().rooms.clone()
    }

    pub(super) fn manner(&self) -> MutexGuard<'_, Manner> {
        self.manner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection::new(UserId::new(), SessionId::new(), true)
    }

    #[test]
    fn a_burst_is_welcome_then_it_is_30_a_second_and_a_flood_ends_it() {
        let connection = connection();
        let start = connection.opened;
        assert!((0..120).all(|_| connection.admit(start, 1) == Admission::Welcome));
        let Admission::Slower(wait) = connection.admit(start, 1) else { panic!("over the burst") };
        assert!((1..=34).contains(&wait), "{wait}");
        assert_eq!(connection.admit(start + 1_000, 1), Admission::Welcome);
        let refused = (0..1_000).map(|_| connection.admit(start + 1_000, 1));
        assert_eq!(refused.filter(|admission| matches!(admission, Admission::Slower(_))).count(), 199);
        assert!(connection.outbox.is_ending());
    }

    #[test]
    fn the_fifth_malformed_frame_within_ten_seconds_ends_it() {
        let connection = connection();
        assert!(!(0..4).any(|index| connection.malformed(index)));
        assert!(!connection.malformed(20_000));
        assert!(!connection.outbox.is_ending());
        assert!((0..4).any(|index| connection.malformed(20_001 + index)));
        assert!(connection.outbox.is_ending());
    }

    #[test]
    fn marks_merge_per_room_and_one_worker_takes_them() {
        let connection = connection();
        let (one, two) = (RoomId::new(), RoomId::new());
        let mark = |room_id, read, id| Mark { room_id, delivered: None, read: Some(read), ids: vec![id] };
        assert_eq!(connection.line_up(mark(one, 3, 1)), Lined::First);
        assert_eq!(connection.line_up(mark(two, 1, 2)), Lined::Behind);
        assert_eq!(connection.line_up(mark(one, 2, 3)), Lined::Behind);
        let first = connection.next_mark().unwrap();
        assert_eq!((first.read, first.ids), (Some(3), vec![1, 3]));
        assert_eq!(connection.next_mark().unwrap().room_id, two);
        assert_eq!(connection.next_mark(), None);
        assert_eq!(connection.line_up(mark(one, 9, 4)), Lined::First);
    }

    #[test]
    fn typing_is_told_once_a_second_and_when_it_ends() {
        let connection = connection();
        let (room, other) = (RoomId::new(), RoomId::new());
        assert!(connection.set_typing(room, true, 10));
        assert!(!connection.set_typing(room, true, 900));
        assert!(connection.set_typing(room, true, 1_100));
        assert!(!connection.set_typing(other, false, 1_200));
        assert!(connection.set_typing(room, false, 1_300));
        assert!(!connection.set_typing(room, false, 1_400));
    }
}
