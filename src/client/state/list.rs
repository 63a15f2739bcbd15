//! The list of rooms: which ones, in which order. The order comes from the log, so it is the same on every device.

use super::{RoomState, State};
use crate::id::RoomId;
use crate::model::RoomKind;
use crate::time::Timestamp;

/// What the list shows. Archived rooms are in their own list only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ListFilter {
    #[default]
    All,
    Unread,
    Groups,
    /// With a bot in them.
    Bots,
    Archived,
}

impl State {
    /// Rooms for the list: pinned ones first, in the order of pinning, then by newest activity.
    pub fn rooms_by_activity(&self) -> Vec<RoomId> {
        self.list(ListFilter::All)
    }

    /// As [`Self::rooms_by_activity`], only some.
    pub fn list(&self, filter: ListFilter) -> Vec<RoomId> {
        let mut rooms: Vec<_> = self
            .rooms
            .iter()
            .filter(|(id, room)| self.is_listed(**id, room, filter))
            .map(|(id, room)| {
                let pinned_at = self.prefs(*id).pinned_at;
                (pinned_at.is_none(), pinned_at, std::cmp::Reverse((self.last_activity(*id, room), *id)))
            })
            .collect();
        rooms.sort_unstable();
        rooms.into_iter().map(|(_, _, std::cmp::Reverse((_, id)))| id).collect()
    }

    /// How many rooms are archived.
    pub fn archived_count(&self) -> usize {
        self.rooms.keys().filter(|id| self.prefs(**id).archived).count()
    }

    fn is_listed(&self, room_id: RoomId, room: &RoomState, filter: ListFilter) -> bool {
        let is_archived = self.prefs(room_id).archived;
        if filter == ListFilter::Archived || is_archived {
            return is_archived && filter == ListFilter::Archived;
        }
        match filter {
            ListFilter::All | ListFilter::Archived => true,
            // The open one stays while it is being read.
            ListFilter::Unread => self.tally(room_id).is_unread() || self.open_room == Some(room_id),
            ListFilter::Groups => room.summary.room.kind == RoomKind::Group,
            ListFilter::Bots => room.summary.people.iter().any(|person| person.is_bot),
        }
    }

    fn last_activity(&self, room_id: RoomId, room: &RoomState) -> Timestamp {
        let last = room.summary.last.as_ref().filter(|last| last.seq > self.floor(room_id));
        let stored = last.map_or(room.summary.room.created_at, |message| message.created_at);
        let waiting = self.outbox.of_room(room_id).last().map(|entry| entry.composed_at);
        stored.max(waiting.unwrap_or_default())
    }
}
