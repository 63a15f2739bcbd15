//! What the processes of one installation tell each other. Without `REDIS_URL` there is one process, or several that only look
//! into their store; then everything here does nothing.
//!
//! A notice is a hint: it may be lost, and whoever misses one looks into the store. None is believed without the installation's
//! own seal, so whoever can write to Redis can at most keep notices back.

mod link;
mod notice;
mod seal;

pub use link::check;
pub(in crate::server) use link::is_private;
pub use notice::{Notice, Reach};
pub use seal::Seal;

use crate::server::config;
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use seal::Opened;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// Notices that wait to be sent; with more of them the others look for themselves.
const LINE_MAX: usize = 8_192;
/// Notices that were heard and wait to be acted upon.
const HEARD_MAX: usize = 8_192;
/// Processes whose numbers are kept, those that have ended among them.
const PROCESSES_MAX: usize = 1_000;
/// How long a start waits for the link.
const SETTLE_TIME: Duration = Duration::from_secs(2);
/// How long the last notices may take when the process goes down.
const FLUSH_TIME: Duration = Duration::from_millis(500);

/// A process, for as long as it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ProcessId(pub Uuid);

/// A notice and who gave it.
#[derive(Debug)]
pub struct Heard {
    pub from: ProcessId,
    pub notice: Notice,
    /// What follows the notice as it is: websocket frames.
    pub frames: Bytes,
}

/// The way to the other processes. Cheap to clone.
#[derive(Clone, Default)]
pub struct Bus(Option<Arc<Inner>>);

struct Inner {
    process: ProcessId,
    prefix: String,
    seal: Seal,
    outgoing: Mutex<Outgoing>,
    /// The newest number heard of each process.
    known: Mutex<HashMap<ProcessId, u64>>,
    is_up: AtomicBool,
    /// Something may have been missed.
    is_doubtful: AtomicBool,
    connection: ArcSwapOption<MultiplexedConnection>,
}

struct Outgoing {
    /// Numbers every notice of this process, so that the others see when one is missing.
    number: u64,
    line: mpsc::Sender<Item>,
}

/// What waits to be sent.
enum Item {
    Notice(Vec<u8>),
    /// Answered when all before it was sent.
    Flush(oneshot::Sender<()>),
}

impl Bus {
    /// Starts the link on the current runtime; it ends with the last clone of the bus.
    pub fn start(settings: config::Redis, seal: Seal) -> (Self, mpsc::Receiver<Heard>) {
        let (line, sending) = mpsc::channel(LINE_MAX);
        let (hear, heard) = mpsc::channel(HEARD_MAX);
        let inner = Arc::new(Inner {
            process: ProcessId(Uuid::now_v7()),
            prefix: settings.prefix.clone(),
            seal,
            outgoing: Mutex::new(Outgoing { number: 0, line }),
            known: Mutex::default(),
            is_up: AtomicBool::new(false),
            is_doubtful: AtomicBool::new(true),
            connection: ArcSwapOption::empty(),
        });
        tokio::spawn(link::run(Arc::downgrade(&inner), settings, sending, hear));
        (Self(Some(inner)), heard)
    }

    /// Whether there may be other processes to tell.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Whether what is published arrives: this process has heard itself in the last seconds.
    pub fn is_up(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.is_up.load(Ordering::Relaxed))
    }

    /// There are other processes and they cannot be told.
    pub fn is_down(&self) -> bool {
        self.is_on() && !self.is_up()
    }

    /// Waits for the link, but not for long: whoever comes in the first second need not hear that it is not there yet.
    pub async fn settle(&self) {
        let up = async {
            while self.is_down() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(SETTLE_TIME, up).await.ok();
    }

    /// Whether something may have been missed since this was last asked.
    pub fn take_doubt(&self) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.is_doubtful.swap(false, Ordering::Relaxed))
    }

    /// Something may have been missed.
    pub fn doubt(&self) {
        if let Some(inner) = &self.0 {
            inner.is_doubtful.store(true, Ordering::Relaxed);
        }
    }

    /// Tells all other processes; never waits. `notice` is made only if there are any.
    pub fn publish(&self, notice: impl FnOnce() -> Notice) {
        if let Some(inner) = &self.0 {
            inner.publish(&notice(), &[]);
        }
    }

    /// [`Self::publish`] with websocket frames behind the notice.
    pub fn publish_frames(&self, notice: impl FnOnce() -> Notice, frames: &[&[u8]]) {
        if let Some(inner) = &self.0 {
            inner.publish(&notice(), frames);
        }
    }

    /// Resolves when everything published so far was sent, or half a second later.
    pub async fn flush(&self) {
        let Some(inner) = &self.0 else { return };
        let (done, sent) = oneshot::channel();
        if inner.outgoing().line.try_send(Item::Flush(done)).is_ok() {
            tokio::time::timeout(FLUSH_TIME, sent).await.ok();
        }
    }

    /// Redis itself while it answers, and the prefix of all keys there.
    pub(crate) fn redis(&self) -> Option<(MultiplexedConnection, &str)> {
        let inner = self.0.as_ref().filter(|inner| inner.is_up.load(Ordering::Relaxed))?;
        let connection = inner.connection.load_full()?;
        Some((connection.as_ref().clone(), &inner.prefix))
    }

    /// Redis did not answer in time: nobody waits for it until it has been heard of again.
    pub(crate) fn suspect(&self) {
        if let Some(inner) = &self.0 {
            inner.connection.store(None);
        }
    }

    /// A name in Redis for something that is nobody else's business.
    pub(crate) fn alias(&self, parts: &[&[u8]]) -> String {
        self.0.as_ref().map(|inner| inner.seal.alias(parts)).unwrap_or_default()
    }
}

impl Inner {
    fn outgoing(&self) -> std::sync::MutexGuard<'_, Outgoing> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish(&self, notice: &Notice, frames: &[&[u8]]) {
        let mut outgoing = self.outgoing();
        outgoing.number += 1;
        // One that finds no room is missing in the others' count, and they look.
        if outgoing.line.capacity() > 0 && (self.is_up.load(Ordering::Relaxed) || matches!(notice, Notice::Pulse)) {
            let sealed = self.seal.close(self.process, outgoing.number, notice, frames);
            outgoing.line.try_send(Item::Notice(sealed)).ok();
        }
    }

    /// What was heard, if it is one of ours and new.
    fn open(&self, bytes: &Bytes) -> Option<Heard> {
        let Opened { from, number, notice, frames } = self.seal.open(bytes)?;
        {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() > PROCESSES_MAX {
                known.clear();
            }
            let before = known.insert(from, number);
            if let Some(before) = before {
                if number <= before {
                    // Said again by somebody else.
                    known.insert(from, before);
                    return None;
                }
                if number > before + 1 && from != self.process {
                    self.is_doubtful.store(true, Ordering::Relaxed);
                }
            }
        }
        Some(Heard { from, notice, frames })
    }
}
