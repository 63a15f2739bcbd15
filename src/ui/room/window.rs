//! Which rows of a timeline are in the document. However long a room is, it is never more than [`MAX`].
//!
//! Rows are named by `seq`, because indices move when older messages arrive. Pure; `scroll` moves it.

use crate::client::State;
use crate::id::RoomId;
use crate::model::Seq;
use std::ops::Range;

/// Rows to begin with, and at the end of a room.
pub const ROWS: usize = 80;
/// Rows at most.
pub const MAX: usize = 160;
/// How far it moves at once.
pub const STEP: usize = 40;

/// What of the timeline there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Extent {
    /// The oldest loaded message.
    pub first: Option<Seq>,
    /// Loaded messages, one for each `seq`.
    pub stored: usize,
    /// These and what waits in the outbox.
    pub count: usize,
}

impl Extent {
    /// The run that a room draws.
    pub fn of(state: &State, room_id: RoomId) -> Self {
        let Some(shown) = state.shown(room_id) else { return Self::default() };
        Self { first: shown.first(), stored: shown.messages.len(), count: state.row_count(room_id) }
    }

    fn index(self, seq: Seq) -> usize {
        let first = self.first.unwrap_or(seq);
        usize::try_from(seq.saturating_sub(first)).unwrap_or(usize::MAX).min(self.count)
    }

    fn seq(self, index: usize) -> Option<Seq> {
        let first = self.first?;
        (index < self.stored).then(|| first + index as Seq)
    }
}

/// A part of a timeline. `None` follows the end: the newest [`ROWS`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window {
    start: Option<Seq>,
    /// The last drawn one; `None` is the newest.
    end: Option<Seq>,
}

impl Window {
    /// The rows to draw.
    pub fn range(self, extent: Extent) -> Range<usize> {
        let end = self.end.map_or(extent.count, |seq| extent.index(seq).saturating_add(1).min(extent.count));
        match self.start {
            None => end.saturating_sub(ROWS)..end,
            Some(seq) => {
                let start = extent.index(seq).min(end);
                start..end.min(start + MAX)
            }
        }
    }

    /// Whether the newest row is drawn.
    pub fn is_at_end(self, extent: Extent) -> bool {
        self.range(extent).end == extent.count
    }

    /// Whether the row of a `seq` is drawn, unless it is hidden.
    pub fn reaches(self, seq: Seq, extent: Extent) -> bool {
        extent.first.is_some_and(|first| first <= seq) && self.range(extent).contains(&extent.index(seq))
    }

    /// Keeps the first drawn row where it is while newer ones come.
    pub fn pinned(self, extent: Extent) -> Self {
        match self.start {
            Some(_) => self,
            None => Self { start: extent.seq(self.range(extent).start), ..self },
        }
    }

    /// One step towards older rows; the same when there are none.
    pub fn older(self, extent: Extent) -> Self {
        let range = self.range(extent);
        let start = range.start.saturating_sub(STEP);
        self.spanning(start, range.end.min(start + MAX), extent)
    }

    /// One step towards newer rows; the same when there are none.
    pub fn newer(self, extent: Extent) -> Self {
        let range = self.range(extent);
        let end = (range.end + STEP).min(extent.count);
        self.spanning(range.start.max(end.saturating_sub(MAX)), end, extent)
    }

    /// Around a message, with some rows above it.
    pub fn around(seq: Seq, extent: Extent) -> Self {
        let start = extent.index(seq).saturating_sub(STEP);
        Self::default().spanning(start, (start + MAX).min(extent.count), extent)
    }

    fn spanning(self, start: usize, end: usize, extent: Extent) -> Self {
        let last = end.checked_sub(1).and_then(|last| extent.seq(last));
        Self { start: extent.seq(start), end: if end >= extent.count { None } else { last } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Extent = Extent { first: Some(1_001), stored: 1_000, count: 1_002 };

    #[test]
    fn it_begins_at_the_end() {
        assert_eq!(Window::default().range(LONG), 922..1_002);
        assert!(Window::default().is_at_end(LONG));
        assert_eq!(Window::default().range(Extent { first: Some(1), stored: 3, count: 3 }), 0..3);
        assert_eq!(Window::default().range(Extent::default()), 0..0);
    }

    #[test]
    fn it_reaches_both_ends_and_stays_small() {
        let mut window = Window::default();
        for _ in 0..100 {
            window = window.older(LONG);
            assert!(window.range(LONG).len() <= MAX);
        }
        assert_eq!(window.range(LONG).start, 0);
        assert!(!window.is_at_end(LONG));
        for _ in 0..100 {
            window = window.newer(LONG);
            assert!(window.range(LONG).len() <= MAX);
        }
        assert!(window.is_at_end(LONG));
    }

    #[test]
    fn steps_overlap() {
        let mut window = Window::default();
        for _ in 0..20 {
            let next = window.older(LONG);
            let (before, after) = (window.range(LONG), next.range(LONG));
            assert!(after.start <= before.start && after.end > before.start, "{before:?} {after:?}");
            window = next;
        }
    }

    #[test]
    fn older_messages_do_not_move_it() {
        let window = Window::default().older(LONG);
        let before = window.range(LONG);
        let grown = Extent { first: Some(901), stored: 1_100, count: 1_102 };
        assert_eq!(window.range(grown), before.start + 100..before.end + 100);
    }

    #[test]
    fn a_pinned_one_grows_at_its_end_until_it_is_full() {
        let window = Window::default().pinned(LONG);
        let more = |n: usize| Extent { stored: LONG.stored + n, count: LONG.count + n, ..LONG };
        assert_eq!(window.range(more(30)), 922..1_032);
        assert_eq!(window.range(more(500)), 922..922 + MAX);
        assert!(!window.is_at_end(more(500)));
    }

    #[test]
    fn it_can_be_anywhere() {
        let window = Window::around(1_500, LONG);
        assert!(window.range(LONG).contains(&499));
        assert!(window.reaches(1_500, LONG) && !window.reaches(1_000, LONG) && !window.reaches(1_900, LONG));
        assert_eq!(Window::around(1_001, LONG).range(LONG).start, 0);
        assert!(Window::around(2_000, LONG).is_at_end(LONG));
    }
}
