//! Who is there, as this process sees it. Going away takes a moment, so that a reload does not flicker.
//!
//! ```text
//! away ──appear──▶ here ──fade(deadline)──▶ fading ──due──▶ away
//!                   ▲──────────appear──────────┘
//! ```

use crate::id::UserId;
use dashmap::DashMap;

/// Who is there: the deadline of those who fade.
#[derive(Default)]
pub struct Attendance(DashMap<UserId, Option<u64>>);

impl Attendance {
    /// Someone is there. Returns whether that is news.
    pub fn appear(&self, user_id: UserId) -> bool {
        self.0.insert(user_id, None).is_none()
    }

    /// Someone who is there seems to have gone; at `deadline` it is true.
    pub fn fade(&self, user_id: UserId, deadline: u64) {
        if let Some(mut entry) = self.0.get_mut(&user_id) {
            *entry = Some(entry.map_or(deadline, |earlier| earlier.min(deadline)));
        }
    }

    /// Those whose deadline has passed; they are away from now on.
    pub fn take_due(&self, now: u64) -> Vec<UserId> {
        let is_due = |deadline: Option<u64>| deadline.is_some_and(|deadline| deadline <= now);
        let due: Vec<_> = self.0.iter().filter(|entry| is_due(*entry.value())).map(|entry| *entry.key()).collect();
        due.into_iter().filter(|user_id| self.0.remove_if(user_id, |_, deadline| is_due(*deadline)).is_some()).collect()
    }

    /// Everybody who is there, for the end of the process.
    pub fn take_all(&self) -> Vec<UserId> {
        let all: Vec<_> = self.0.iter().map(|entry| *entry.key()).collect();
        self.0.clear();
        all
    }

    /// Everybody who is there.
    pub fn all(&self) -> Vec<UserId> {
        self.0.iter().map(|entry| *entry.key()).collect()
    }

    pub fn is_here(&self, user_id: UserId) -> bool {
        self.0.contains_key(&user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_absence_is_no_news() {
        let (attendance, ana) = (Attendance::default(), UserId::new());
        assert!(attendance.appear(ana));
        attendance.fade(ana, 2_500);
        assert!(attendance.take_due(2_499).is_empty());
        assert!(attendance.is_here(ana));
        assert!(!attendance.appear(ana), "she was never away");
        assert!(attendance.take_due(9_000).is_empty());
        attendance.fade(ana, 10_000);
        attendance.fade(ana, 60_000);
        assert_eq!(attendance.take_due(10_000), [ana]);
        assert!(!attendance.is_here(ana));
        attendance.fade(ana, 11_000);
        assert!(attendance.take_due(20_000).is_empty(), "who is away cannot go");
    }
}
