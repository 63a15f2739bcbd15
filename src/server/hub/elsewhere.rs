//! Who is there in the other processes, as they say it themselves every 15 s and whenever it changes. A process that falls silent
//! is believed for a while, one that says goodbye for as long as its people take to come back.

use crate::id::UserId;
use crate::server::bus::ProcessId;
use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

/// A process that was killed says nothing any more; three times it would have.
const SILENCE_MS: u64 = 45_000;
/// People of a process that ends are back on another one by then.
const RETURN_MS: u64 = 5_000;

#[derive(Default)]
pub struct Elsewhere(RwLock<Known>);

#[derive(Default)]
struct Known {
    processes: HashMap<ProcessId, Process>,
    /// Went from here, and are there elsewhere.
    quiet: HashSet<UserId>,
}

struct Process {
    users: HashSet<UserId>,
    /// When it counts for nothing any more.
    until: u64,
}

impl Elsewhere {
    pub fn has(&self, user_id: UserId) -> bool {
        self.read().processes.values().any(|process| process.users.contains(&user_id))
    }

    /// A process says who is there. Returns those who were and are not any more.
    pub fn heard(&self, from: ProcessId, users: Vec<UserId>, now: u64) -> Vec<UserId> {
        let mut known = self.write();
        let new = Process { users: users.into_iter().collect(), until: now + SILENCE_MS };
        match known.processes.insert(from, new) {
            None => Vec::new(),
            Some(before) => before.users.into_iter().filter(|id| !known.processes[&from].users.contains(id)).collect(),
        }
    }

    /// Somebody is there in a process.
    pub fn appeared(&self, from: ProcessId, user_id: UserId, now: u64) {
        let mut known = self.write();
        let process = known.processes.entry(from).or_insert_with(|| Process { users: HashSet::new(), until: 0 });
        process.users.insert(user_id);
        process.until = now + SILENCE_MS;
    }

    /// Somebody is no longer there in a process. Returns whether they had gone from here before that, quietly.
    pub fn went(&self, from: ProcessId, user_id: UserId) -> bool {
        let mut known = self.write();
        if let Some(process) = known.processes.get_mut(&from) {
            process.users.remove(&user_id);
        }
        !known.processes.values().any(|process| process.users.contains(&user_id)) && known.quiet.remove(&user_id)
    }

    /// A process ends.
    pub fn ends(&self, from: ProcessId, now: u64) {
        if let Some(process) = self.write().processes.get_mut(&from) {
            process.until = now + RETURN_MS;
        }
    }

    /// Takes out the processes that count for nothing any more. Returns who was there in them.
    pub fn take_lost(&self, now: u64) -> Vec<UserId> {
        let mut known = self.write();
        if known.processes.values().all(|process| process.until > now) {
            return Vec::new();
        }
        let mut lost = Vec::new();
        known.processes.retain(|_, process| {
            let is_there = process.until > now;
            if !is_there {
                lost.extend(process.users.drain());
            }
            is_there
        });
        lost
    }

    /// Somebody goes from here. Returns whether they are there elsewhere, so that it is no news yet.
    pub fn keeps(&self, user_id: UserId) -> bool {
        let mut known = self.write();
        let is_there = known.processes.values().any(|process| process.users.contains(&user_id));
        if is_there {
            known.quiet.insert(user_id);
        }
        is_there
    }

    /// Somebody is here again.
    pub fn is_back(&self, user_id: UserId) {
        if self.read().quiet.contains(&user_id) {
            self.write().quiet.remove(&user_id);
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Known> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn process() -> ProcessId {
        ProcessId(Uuid::now_v7())
    }

    #[test]
    fn someone_is_there_while_one_process_has_them() {
        let (elsewhere, a, b, ana) = (Elsewhere::default(), process(), process(), UserId::new());
        elsewhere.appeared(a, ana, 0);
        assert!(elsewhere.heard(b, vec![ana], 0).is_empty());
        assert!(!elsewhere.went(a, ana) && elsewhere.has(ana), "the other one has her");
        assert_eq!(elsewhere.heard(b, vec![], 0), [ana]);
        assert!(!elsewhere.has(ana));
    }

    #[test]
    fn who_goes_from_two_places_at_once_is_noticed_by_one_of_them() {
        let (elsewhere, other, ana) = (Elsewhere::default(), process(), UserId::new());
        assert!(!elsewhere.keeps(ana));
        elsewhere.appeared(other, ana, 0);
        assert!(elsewhere.keeps(ana));
        assert!(elsewhere.went(other, ana), "she had gone from here already");
        assert!(!elsewhere.went(other, ana), "and that is said once");
        elsewhere.appeared(other, ana, 0);
        assert!(elsewhere.keeps(ana));
        elsewhere.is_back(ana);
        assert!(!elsewhere.went(other, ana));
    }

    #[test]
    fn a_silent_process_and_one_that_ends_are_given_up() {
        let (elsewhere, a, b, ana, ben) = (Elsewhere::default(), process(), process(), UserId::new(), UserId::new());
        elsewhere.heard(a, vec![ana], 0);
        elsewhere.heard(b, vec![ben], 0);
        assert!(elsewhere.take_lost(SILENCE_MS - 1).is_empty());
        elsewhere.heard(b, vec![ben], SILENCE_MS - 1);
        assert_eq!(elsewhere.take_lost(SILENCE_MS), [ana]);
        elsewhere.ends(b, SILENCE_MS);
        assert!(elsewhere.take_lost(SILENCE_MS + RETURN_MS - 1).is_empty() && elsewhere.has(ben));
        assert_eq!(elsewhere.take_lost(SILENCE_MS + RETURN_MS), [ben]);
    }
}
