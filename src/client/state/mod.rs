//! Reactive state: plain data and the fold of events into it. No browser, no signals: all of it runs in native tests.

mod asked;
pub mod fold;
mod list;
mod notice;
pub mod overlay;
pub mod people;
pub mod quotes;
mod row;
mod runs;
mod summary;
#[cfg(test)]
mod tests;
pub mod timeline;
mod unread;
mod writing;

use crate::client::draft::{Draft, Editing};
use crate::client::kept::Kept;
use crate::client::outbox::{OutFile, Outbox};
use crate::id::{MessageId, RequestId, RoomId, UserId};
use crate::model::{Bootstrap, ExportProgress, Me, MessageRequest, Person, Presence, RoomSummary, Seq};
use crate::time::Timestamp;
pub use asked::Asked;
pub use list::ListFilter;
pub(crate) use notice::refusal_of;
pub use notice::{Notice, NoticeKind};
pub use overlay::{Overlay, UndoToken};
pub use people::People;
pub use row::{Quote, ReactionView, Row, Shown};
pub use runs::{Jump, View};
use std::collections::{BTreeMap, BTreeSet};
pub use timeline::Timeline;
use unread::Later;
pub use unread::{Tally, TotalUnread};

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
    /// What the server said, and what I have read here since. Settings and pins that are not confirmed are not in it: read
    /// those through [`State::prefs`] and [`State::pins`].
    pub summary: RoomSummary,
    /// The run that ends with the newest message.
    pub timeline: Timeline,
    /// A run around a message that was jumped to.
    pub detached: Option<Timeline>,
    /// Which of both is drawn.
    pub view: View,
    /// A jump whose target is not here yet.
    pub jump: Option<Jump>,
    /// The message that the stream is to lead to once it is here; the stream takes it.
    pub target: Option<Seq>,
    /// The own message that the composer changes.
    pub editing: Option<Editing>,
    /// Messages chosen to be copied, forwarded or deleted.
    pub selected: BTreeSet<Seq>,
    /// Who types, and until when to believe it (this device's clock).
    pub typing: BTreeMap<UserId, Timestamp>,
    pub quotes: quotes::Quotes,
    /// Others' messages above `summary.unread.at_seq`: they came since the server counted.
    later: BTreeMap<Seq, Later>,
    /// The head at which the server had nothing more to show.
    checked_head: Seq,
}

/// Everything the page knows.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    pub me: Me,
    pub rooms: BTreeMap<RoomId, RoomState>,
    pub requests: BTreeMap<RequestId, MessageRequest>,
    pub presence: BTreeMap<UserId, Presence>,
    /// Whom I blocked.
    pub blocked: BTreeSet<UserId>,
    /// The assistant, where there is one.
    pub assistant: Option<Person>,
    pub people: People,
    pub outbox: Outbox,
    /// How often what the assistant keeps of a room has changed, as far as this page was told: who shows it asks again.
    pub memories: BTreeMap<RoomId, u64>,
    /// Changes that are not confirmed yet.
    pub overlay: Overlay,
    /// Own coins that were seen in the air on this visit, with their rooms until they are given their nonce.
    pub(crate) thrown: BTreeMap<MessageId, Option<RoomId>>,
    /// What is to be told in passing, oldest first.
    pub notices: Vec<Notice>,
    last_notice: u64,
    pub drafts: BTreeMap<RoomId, Draft>,
    /// The files that composers hold, on this visit only.
    pub trays: BTreeMap<RoomId, Vec<OutFile>>,
    /// The server takes no files at the moment; texts go on.
    pub uploads_down: bool,
    /// What the server last said of its storage.
    pub storage_down: bool,
    /// Something in this room was marked unread a moment ago: looking at it reads nothing before it is opened anew.
    pub hold_reading: Option<RoomId>,
    pub connection: ConnectionState,
    /// Not heard for so long that who is here now may have gone.
    pub is_stale: bool,
    pub open_room: Option<RoomId>,
    pub cursor: u64,
    /// When the access token ends, and the server's clock when it said so.
    pub access_until: Timestamp,
    pub server_now: Timestamp,
    /// The build that this page came from, and the server's newest.
    pub version: String,
    pub server_version: String,
    /// What happens in other processes of the server comes late.
    pub is_delayed: bool,
    /// How far this account's data are packed, since somebody asked for them.
    pub export: Option<ExportProgress>,
    /// This device's disk refuses: what waits here would not survive a reload.
    pub storage_failed: bool,
    /// Whether drafts and waiting sends of earlier visits have been read from this device's disk.
    pub is_restored: bool,
    /// Nothing has come from the server yet: what is shown is what an earlier visit kept.
    pub is_kept: bool,
}

impl State {
    pub fn from_bootstrap(bootstrap: Bootstrap) -> Self {
        let mut state = Self {
            me: bootstrap.me,
            rooms: BTreeMap::new(),
            requests: bootstrap.requests.into_iter().map(|request| (request.id, request)).collect(),
            presence: bootstrap.presence.into_iter().collect(),
            blocked: bootstrap.blocked.into_iter().collect(),
            assistant: bootstrap.assistant,
            people: People::default(),
            memories: BTreeMap::new(),
            outbox: Outbox::default(),
            overlay: Overlay::default(),
            thrown: BTreeMap::new(),
            notices: Vec::new(),
            last_notice: 0,
            drafts: BTreeMap::new(),
            trays: BTreeMap::new(),
            uploads_down: false,
            storage_down: false,
            hold_reading: None,
            connection: ConnectionState::Connecting,
            is_stale: false,
            open_room: bootstrap.open.as_ref().map(|page| page.room_id),
            cursor: bootstrap.cursor,
            access_until: bootstrap.access_until,
            server_now: bootstrap.now,
            server_version: bootstrap.version.clone(),
            is_delayed: false,
            export: None,
            version: bootstrap.version,
            storage_failed: false,
            is_restored: false,
            is_kept: false,
        };
        let me = state.me.person.clone();
        state.people.put(&me);
        for summary in bootstrap.rooms {
            state.put_summary(summary);
        }
        if let Some(page) = bootstrap.open {
            state.put_page(page);
        }
        state
    }

    /// What an earlier visit kept, until the server is heard.
    pub fn from_kept(kept: Kept) -> Self {
        let mut state = Self { is_kept: true, ..Self::from_bootstrap(kept.bootstrap) };
        for page in kept.pages {
            if let Some(room) = state.rooms.get_mut(&page.room_id) {
                room.timeline.show_kept(page);
            }
        }
        state
    }

    /// What is known of a person now; nothing when that may be out of date.
    pub fn presence_of(&self, user_id: UserId) -> Option<Presence> {
        self.presence.get(&user_id).filter(|_| !self.is_stale).copied()
    }

    /// My read watermark in a room.
    pub fn read_seq(&self, room_id: RoomId) -> Seq {
        self.rooms.get(&room_id).and_then(|room| room.member(self.me.person.id)).map_or(0, |member| member.read_seq)
    }

    /// Requests that others sent me, newest first.
    pub fn incoming(&self) -> Vec<MessageRequest> {
        self.requests.values().rev().filter(|request| request.to.id == self.me.person.id).cloned().collect()
    }

    /// My own open ones, newest first.
    pub fn outgoing(&self) -> Vec<MessageRequest> {
        self.requests.values().rev().filter(|request| request.from.id == self.me.person.id).cloned().collect()
    }

    /// The last contiguous `seq` held per loaded room: what goes into `hello`.
    pub fn held(&self) -> BTreeMap<RoomId, Seq> {
        self.rooms
            .iter()
            .filter(|(_, room)| room.timeline.is_loaded)
            .map(|(id, room)| (*id, room.timeline.last()))
            .collect()
    }

    /// Loaded rooms in which something is missing: what to fetch, as `(room, after)`.
    pub fn gaps(&self) -> Vec<(RoomId, Seq)> {
        self.rooms
            .iter()
            .filter(|(_, room)| {
                room.timeline.has_gap()
                    || (room.timeline.is_loaded && room.summary.head_seq > room.timeline.last().max(room.checked_head))
            })
            .map(|(id, room)| (*id, room.timeline.last()))
            .collect()
    }
}
