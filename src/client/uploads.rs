//! Own files that are not on the server yet, as they are drawn: how far each is, and where this device has its bytes. What is
//! uploaded when is the business of `outbox` and `connection`.

use crate::client::outbox::Outbox;
use crate::error::Error;
use crate::id::FileId;
use crate::model::FileUsage;
use dioxus::prelude::*;
use std::collections::{BTreeMap, VecDeque};

/// The bytes of a file, as the browser holds them.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub type Bytes = web_sys::Blob;
/// Nothing else sends files.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub type Bytes = ();

/// Addresses of files that were sent on this visit: the sender need not load back what is here.
const SENT_MAX: usize = 30;

/// How far an upload is, in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Progress {
    pub sent: u64,
    pub total: u64,
    /// On its way now. If not, and nothing is wrong, it waits: for a connection, for storage or for others before it.
    pub is_running: bool,
    /// Refused: it stays until somebody tries it again, edits its message or discards it.
    pub failed: Option<Error>,
}

/// What components read of uploads. Files are named by the id that they have on this device ([`crate::client::outbox::OutFile`]).
#[derive(Clone, Copy, PartialEq)]
pub struct Uploads {
    progress: Signal<BTreeMap<FileId, Progress>>,
    urls: Signal<BTreeMap<FileId, String>>,
    /// Under ids of the server, the oldest first.
    sent: CopyValue<VecDeque<FileId>>,
    bytes: CopyValue<BTreeMap<FileId, Bytes>>,
    /// What the server said of its limits, once asked.
    pub usage: Signal<Option<FileUsage>>,
}

impl Uploads {
    /// To be called within a component: it owns the signals.
    pub fn new() -> Self {
        Self {
            progress: Signal::new(BTreeMap::new()),
            urls: Signal::new(BTreeMap::new()),
            sent: CopyValue::new(VecDeque::new()),
            bytes: CopyValue::new(BTreeMap::new()),
            usage: Signal::new(None),
        }
    }

    /// How far a file is. `None`: it is on the server.
    pub fn of(&self, local: FileId) -> Option<Progress> {
        self.progress.read().get(&local).cloned()
    }

    /// An address of a picture, a film or a sound on this device: one that waits, or one that was sent on this visit (by
    /// the id that the server knows it by).
    pub fn local_url(&self, id: FileId) -> Option<String> {
        self.urls.read().get(&id).cloned()
    }

    /// The bytes of a file that waits or is in a composer.
    pub fn bytes(&self, local: FileId) -> Option<Bytes> {
        self.bytes.peek().get(&local).cloned()
    }

    /// Keeps the bytes of a file. `is_shown`: it has a look, or a sound, that wants an address.
    pub fn hold(mut self, local: FileId, bytes: Bytes, is_shown: bool) {
        if is_shown
            && !self.urls.peek().contains_key(&local)
            && let Some(url) = url_of(&bytes)
        {
            self.urls.write().insert(local, url);
        }
        self.bytes.write().insert(local, bytes);
    }

    /// Its message is on the server, where the file is called `id`. The address stays good for a while.
    pub fn is_sent(mut self, local: FileId, id: FileId) {
        self.bytes.write().remove(&local);
        let mut urls = self.urls.write();
        let Some(url) = urls.remove(&local) else { return };
        urls.insert(id, url);
        let mut sent = self.sent.write();
        sent.push_back(id);
        if sent.len() > SENT_MAX
            && let Some(url) = sent.pop_front().and_then(|oldest| urls.remove(&oldest))
        {
            revoke(&url);
        }
    }

    /// Nobody wants it any more.
    pub fn let_go(mut self, local: FileId) {
        self.bytes.write().remove(&local);
        if self.urls.peek().contains_key(&local)
            && let Some(url) = self.urls.write().remove(&local)
        {
            revoke(&url);
        }
    }

    /// Bytes of a file have left.
    pub fn tell_sent(mut self, local: FileId, sent: u64) {
        let is_news = self.progress.peek().get(&local).is_some_and(|progress| progress.sent != sent);
        if is_news && let Some(progress) = self.progress.write().get_mut(&local) {
            progress.sent = sent.min(progress.total);
        }
    }

    /// Follows the outbox: what is not in it any more, or uploaded, is not on its way.
    pub fn follow(mut self, outbox: &Outbox) {
        let mut now = outbox.uploads();
        let before = self.progress.peek();
        if before.is_empty() && now.is_empty() {
            return;
        }
        for (local, progress) in &mut now {
            // Where it was refused it stays, too.
            if progress.is_running || progress.failed.is_some() {
                progress.sent = before.get(local).map_or(0, |known| known.sent);
            }
        }
        let is_news = *before != now;
        drop(before);
        if is_news {
            self.progress.set(now);
        }
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(feature = "web", target_arch = "wasm32"))]
fn url_of(bytes: &Bytes) -> Option<String> {
    web_sys::Url::create_object_url_with_blob(bytes).ok()
}

#[cfg(all(feature = "web", target_arch = "wasm32"))]
fn revoke(url: &str) {
    web_sys::Url::revoke_object_url(url).ok();
}

#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
fn url_of((): &Bytes) -> Option<String> {
    None
}

#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
fn revoke(_: &str) {}
