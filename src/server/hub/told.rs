//! Of which changes of messages everybody here was told a moment ago. A store that other processes write to is asked for
//! changes again and again; what this process made itself, and what was found before, is among them.

use crate::id::MessageId;
use dashmap::DashMap;
use std::time::{Duration, Instant};

/// Longer than a change can be found again.
const KEPT: Duration = Duration::from_secs(60);

#[derive(Default)]
pub struct Told(DashMap<MessageId, (u64, Instant)>);

impl Told {
    /// Whether this revision, or a later one, was told.
    pub fn has(&self, id: MessageId, revision: u64) -> bool {
        self.0.get(&id).is_some_and(|known| known.0 >= revision)
    }

    pub fn note(&self, id: MessageId, revision: u64) {
        let mut known = self.0.entry(id).or_insert((revision, Instant::now()));
        *known = (known.0.max(revision), Instant::now());
    }

    pub(super) fn sweep(&self) {
        self.0.retain(|_, (_, at)| at.elapsed() < KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_that_came_late_takes_nothing_back() {
        let (told, id) = (Told::default(), MessageId::new());
        assert!(!told.has(id, 1));
        told.note(id, 3);
        told.note(id, 2);
        assert!(told.has(id, 2) && told.has(id, 3));
        assert!(!told.has(id, 4) && !told.has(MessageId::new(), 1));
    }
}
