//! Who left which room a moment ago. Whatever was looked up before that may still be on its way: a list of rooms that a new
//! connection is about to listen to, a text whose sender was a member. Both ask here last.

use crate::id::{RoomId, UserId};
use dashmap::DashMap;
use std::time::{Duration, Instant};

/// Longer than anything that was looked up is believed, and than a request may take.
const KEPT: Duration = Duration::from_secs(120);

#[derive(Default)]
pub struct Parted(DashMap<(RoomId, UserId), Instant>);

impl Parted {
    pub fn has(&self, room_id: RoomId, user_id: UserId) -> bool {
        self.0.contains_key(&(room_id, user_id))
    }

    pub(super) fn note(&self, room_id: RoomId, user_id: UserId) {
        self.0.insert((room_id, user_id), Instant::now());
    }

    pub(super) fn forget(&self, room_id: RoomId, user_id: UserId) {
        self.0.remove(&(room_id, user_id));
    }

    /// A list of members that was read after `since` has this person: another process has let them in again.
    pub fn is_back(&self, room_id: RoomId, user_id: UserId, since: Instant) {
        self.0.remove_if(&(room_id, user_id), |_, went| *went < since);
    }

    pub(super) fn sweep(&self) {
        self.0.retain(|_, went| went.elapsed() < KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_list_read_after_they_went_says_that_someone_is_back() {
        let (parted, room, ana) = (Parted::default(), RoomId::new(), UserId::new());
        let before = Instant::now();
        parted.note(room, ana);
        parted.is_back(room, ana, before);
        assert!(parted.has(room, ana) && !parted.has(RoomId::new(), ana));
        parted.is_back(room, ana, Instant::now() + Duration::from_millis(1));
        assert!(!parted.has(room, ana));
    }
}
