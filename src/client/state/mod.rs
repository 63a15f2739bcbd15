//! Reactive state: plain data and the fold of events into it. No browser, no signals: all of it runs in native tests.

pub mod timeline;

use crate::client::outbox::Outbox;
use crate::id::{RequestId, RoomId, UserId};
use crate::live::{LiveEvent, Snapshot};
use crate::model::{Bootstrap, Me, MessageRequest, Page, Presence, RoomSummary, Seq};
use crate::time::Timestamp;
use std::collections::BTreeMap;
pub use timeline::{Row, Timeline};

/// Where the connection is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ConnectionState {
    /// Not connected yet; the page shows "Connecting…" after 1 s of it.
    #[default]
    Connecting,
    Online,
    /// Live over HTTP because websockets are blocked: "Live updates may be slower".
    Slow,
    /// The next try is at this moment of this device's clock.
    Reconnecting {
        retry_at: Timestamp,
    },
    /// The browser says there is no network.
    Offline,
    /// The session ended: go to sign-in, drafts kept.
    LoggedOut,
    /// The server is newer: offer a reload.
    Outdated,
}

/// A room as this page knows it.
#[derive(Clone, PartialEq, Debug)]
pub struct RoomState {
    pub summary: RoomSummary,
    pub timeline: Timeline,
    /// Who types, and until when to believe it (this device's clock).
    pub typing: BTreeMap<UserId, Timestamp>,
}

/// Everything the page knows.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    pub me: Me,
    pub rooms: BTreeMap<RoomId, RoomState>,
    pub requests: BTreeMap<RequestId, MessageRequest>,
    pub presence: BTreeMap<UserId, Presence>,
    pub outbox: Outbox,
    pub drafts: BTreeMap<RoomId, String>,
    pub connection: ConnectionState,
    pub open_room: Option<RoomId>,
    pub cursor: u64,
    pub access_until: Timestamp,
    /// The build that this page came from, and the server's newest.
    pub version: String,
    pub server_version: String,
}

impl State {
    pub fn from_bootstrap(bootstrap: Bootstrap) -> Self {
        let mut state = Self {
            me: bootstrap.me,
            rooms: BTreeMap::new(),
            requests: bootstrap.requests.into_iter().map(|request| (request.id, request)).collect(),
            presence: bootstrap.presence.into_iter().collect(),
            outbox: Outbox::default(),
            drafts: BTreeMap::new(),
            connection: ConnectionState::Connecting,
            open_room: bootstrap.open.as_ref().map(|page| page.room_id),
            cursor: bootstrap.cursor,
            access_until: bootstrap.access_until,
            server_version: bootstrap.version.clone(),
            version: bootstrap.version,
        };
        for summary in bootstrap.rooms {
            state.put_room(summary);
        }
        if let Some(page) = bootstrap.open {
            state.put_page(page);
        }
        state
    }

    /// Folds an event in. Harmless when repeated or late: an older revision is dropped, watermarks only grow.
    pub fn apply(&mut self, _event: LiveEvent, _now: Timestamp) {}
    /// Folds the answer to `hello` in.
    pub fn apply_snapshot(&mut self, _snapshot: Snapshot, _now: Timestamp) {}
    /// A page of history: the first one of a room, or one that continues what is loaded.
    pub fn put_page(&mut self, _page: Page) {}
    fn put_room(&mut self, summary: RoomSummary) {
        self.rooms
            .insert(summary.room.id, RoomState { summary, timeline: Timeline::default(), typing: BTreeMap::new() });
    }
    /// Rooms for the list: newest activity first.
    pub fn rooms_by_activity(&self) -> Vec<RoomId> {
        self.rooms.keys().copied().collect()
    }
    /// Unread messages of a room: the server's count plus the countable ones that came after it, minus what was read.
    pub fn unread(&self, _room_id: RoomId) -> u32 {
        0
    }
    /// Requests that others sent me, newest first.
    pub fn incoming(&self) -> Vec<MessageRequest> {
        self.requests.values().filter(|request| request.to.id == self.me.person.id).cloned().collect()
    }
    /// My own open ones.
    pub fn outgoing(&self) -> Vec<MessageRequest> {
        self.requests.values().filter(|request| request.from.id == self.me.person.id).cloned().collect()
    }
    /// What is drawn in a room: stored messages, then what waits in the outbox, each with its tick.
    pub fn rows(&self, _room_id: RoomId) -> Vec<Row> {
        Vec::new()
    }
    /// The last contiguous `seq` held per loaded room: what goes into `hello`.
    pub fn held(&self) -> BTreeMap<RoomId, Seq> {
        BTreeMap::new()
    }
}
