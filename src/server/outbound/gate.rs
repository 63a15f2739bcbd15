//! How much is fetched at a time: over all, and from one host.

use dashmap::DashMap;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const AT_A_TIME: usize = 8;
const PER_HOST: usize = 2;

pub(super) struct Gate {
    all: Arc<Semaphore>,
    /// Hosts that are asked right now.
    hosts: Arc<DashMap<String, Arc<Semaphore>>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_A_TIME)), hosts: Arc::default() }
    }
}

impl Gate {
    /// Waits for a turn among all fetches.
    pub async fn enter(&self) -> OwnedSemaphorePermit {
        self.all.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Waits for a turn at one host.
    pub async fn enter_host(&self, host: &str) -> HostTurn {
        let turns = self.hosts.entry(host.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(PER_HOST))).clone();
        let mut turn = HostTurn { host: host.to_owned(), hosts: self.hosts.clone(), turns, permit: None };
        // Made before the wait, so that giving up during it leaves no entry behind.
        turn.permit = Some(turn.turns.clone().acquire_owned().await.expect("the semaphore is never closed"));
        turn
    }
}

/// A turn at a host; the last one takes the host off the list.
pub(super) struct HostTurn {
    host: String,
    hosts: Arc<DashMap<String, Arc<Semaphore>>>,
    turns: Arc<Semaphore>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for HostTurn {
    fn drop(&mut self) {
        drop(self.permit.take());
        // The list's own and this one: nobody else holds or waits for it. New ones come through the list's lock.
        self.hosts.remove_if(&self.host, |_, turns| Arc::ptr_eq(turns, &self.turns) && Arc::strong_count(turns) <= 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn a_host_has_two_turns_and_is_forgotten_after_the_last() {
        let gate = Gate::default();
        let (first, second) = (gate.enter_host("a").await, gate.enter_host("a").await);
        assert!(gate.enter_host("a").now_or_never().is_none(), "a third waits");
        let other = gate.enter_host("b").now_or_never().expect("another host does not");
        drop(first);
        let third = gate.enter_host("a").now_or_never().expect("there is a turn again");
        drop((second, third, other));
        assert!(gate.hosts.is_empty());
    }

    #[tokio::test]
    async fn all_hosts_together_have_eight() {
        let gate = Gate::default();
        let mut turns = Vec::new();
        for _ in 0..AT_A_TIME {
            turns.push(gate.enter().await);
        }
        assert!(gate.enter().now_or_never().is_none());
        turns.pop();
        assert!(gate.enter().now_or_never().is_some());
    }
}
