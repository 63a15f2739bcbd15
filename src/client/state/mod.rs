//! Reactive state: plain data and the fold of events into it. No browser, no signals: all of it runs in native tests.

pub mod fold;
#[cfg(test)]
mod tests;
pub mod timeline;

use crate::client::kept::Kept;
use crate::client::outbox::Outbox;
use crate::id::{RequestId, RoomId, UserId};
use crate::model::{Bootstrap, Me, MessageRequest, Presence, RoomSummary, Seq, Tick, tick};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;
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
    /// Countable messages above `summary.unread.at_seq`: others' texts that came since the server counted.
    later: BTreeSet<Seq>,
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
    pub outbox: Outbox,
    pub drafts: BTreeMap<RoomId, String>,
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
            outbox: Outbox::default(),
            drafts: BTreeMap::new(),
            connection: ConnectionState::Connecting,
            is_stale: false,
            open_room: bootstrap.open.as_ref().map(|page| page.room_id),
            cursor: bootstrap.cursor,
            access_until: bootstrap.access_until,
            server_now: bootstrap.now,
            server_version: bootstrap.version.clone(),
            version: bootstrap.version,
            storage_failed: false,
            is_restored: false,
            is_kept: false,
        };
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

    /// Rooms for the list: newest activity first.
    pub fn rooms_by_activity(&self) -> Vec<RoomId> {
        let mut rooms: Vec<_> = self.rooms.iter().map(|(id, room)| (self.last_activity(room), *id)).collect();
        rooms.sort_unstable_by(|a, b| b.cmp(a));
        rooms.into_iter().map(|(_, id)| id).collect()
    }

    fn last_activity(&self, room: &RoomState) -> Timestamp {
        let stored = room.summary.last.as_ref().map_or(room.summary.room.created_at, |message| message.created_at);
        let waiting = self.outbox.of_room(room.summary.room.id).last().map(|entry| entry.composed_at);
        stored.max(waiting.unwrap_or_default())
    }

    /// Unread messages of a room: the server's count plus the countable ones that came after it, minus what was read.
    pub fn unread(&self, room_id: RoomId) -> u32 {
        let Some(room) = self.rooms.get(&room_id) else { return 0 };
        let read = self.read_seq(room_id);
        let later = room.later.iter().filter(|seq| **seq > read).count();
        room.summary.unread.count.saturating_add(u32::try_from(later).unwrap_or(u32::MAX))
    }

    /// What is known of a person now; nothing when that may be out of date.
    pub fn presence_of(&self, user_id: UserId) -> Option<Presence> {
        self.presence.get(&user_id).filter(|_| !self.is_stale).copied()
    }

    /// My read watermark in a room.
    pub fn read_seq(&self, room_id: RoomId) -> Seq {
        self.my_member(room_id).map_or(0, |member| member.read_seq)
    }

    fn my_member(&self, room_id: RoomId) -> Option<&crate::model::Member> {
        let me = self.me.person.id;
        self.rooms.get(&room_id)?.summary.members.iter().find(|member| member.user_id == me)
    }

    /// Requests that others sent me, newest first.
    pub fn incoming(&self) -> Vec<MessageRequest> {
        self.requests.values().rev().filter(|request| request.to.id == self.me.person.id).cloned().collect()
    }

    /// My own open ones, newest first.
    pub fn outgoing(&self) -> Vec<MessageRequest> {
        self.requests.values().rev().filter(|request| request.from.id == self.me.person.id).cloned().collect()
    }

    /// What is drawn in a room: stored messages, then what waits in the outbox, each with its tick.
    pub fn rows(&self, room_id: RoomId) -> Vec<Row> {
        self.rows_in(room_id, 0..usize::MAX)
    }

    /// How many rows [`Self::rows`] has.
    pub fn row_count(&self, room_id: RoomId) -> usize {
        let stored = self.rooms.get(&room_id).map_or(0, |room| room.timeline.messages.len());
        stored + self.unplaced(room_id).count() + self.waiting(room_id).count()
    }

    /// A part of [`Self::rows`], so that a long history costs no more than a short one.
    pub fn rows_in(&self, room_id: RoomId, range: Range<usize>) -> Vec<Row> {
        let Some(room) = self.rooms.get(&room_id) else { return Vec::new() };
        let me = self.me.person.id;
        let stored = &room.timeline.messages;
        let start = range.start.min(stored.len());
        let end = range.end.min(stored.len());
        let mut rows: Vec<Row> = stored[start..end.max(start)]
            .iter()
            .map(|message| {
                let is_own = message.author_id == me;
                Row {
                    key: message.txn_id,
                    is_own,
                    author_id: message.author_id,
                    body: message.body.as_str().into(),
                    at: message.created_at,
                    seq: Some(message.seq),
                    tick: is_own.then(|| tick::of_stored(message.seq, me, &room.summary.members)),
                    error: None,
                    is_edited: message.edited_at.is_some(),
                    message_id: Some(message.id),
                    preview: message.preview.clone().map(Rc::new),
                }
            })
            .collect();
        let skip = range.start.saturating_sub(stored.len());
        let take = range.end.saturating_sub(stored.len().max(range.start));
        let unplaced = self.unplaced(room_id).map(|message| Row {
            key: message.txn_id,
            is_own: true,
            author_id: me,
            body: message.body.as_str().into(),
            at: message.created_at,
            seq: None,
            tick: Some(Tick::Sent),
            error: None,
            is_edited: message.edited_at.is_some(),
            message_id: Some(message.id),
            preview: message.preview.clone().map(Rc::new),
        });
        let waiting = self.waiting(room_id).map(|entry| Row {
            key: entry.txn_id,
            is_own: true,
            author_id: me,
            body: entry.body.as_str().into(),
            at: entry.composed_at,
            seq: None,
            tick: match (&entry.error, entry.in_flight) {
                (Some(_), _) => None,
                (None, Some(_)) => Some(Tick::Sending),
                (None, None) => Some(Tick::Queued),
            },
            error: entry.error.clone(),
            is_edited: false,
            message_id: None,
            preview: None,
        });
        rows.extend(unplaced.chain(waiting).skip(skip).take(take));
        rows
    }

    /// Own messages that are stored while something before them is still on its way: they stay where they were drawn.
    fn unplaced(&self, room_id: RoomId) -> impl Iterator<Item = &crate::model::Message> {
        let me = self.me.person.id;
        self.rooms
            .get(&room_id)
            .into_iter()
            .flat_map(|room| room.timeline.early.values())
            .filter(move |message| message.author_id == me)
    }

    fn waiting(&self, room_id: RoomId) -> impl Iterator<Item = &crate::client::outbox::Entry> {
        self.outbox.of_room(room_id)
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
