//! When a server is left alone for a while.
//!
//! ```text
//!            5 failures in a row, or a refused key             30 s later, one trial
//! Closed ───────────────────────────────────────────▶ Open ─────────────────────────▶ HalfOpen
//!    ▲                                                  ▲            it fails             │ │
//!    │                                                  └─────────────────────────────────┘ │
//!    └───────────────────────────────── it goes well ───────────────────────────────────────┘
//! ```

use super::ModelError;
use std::time::{Duration, Instant};

/// Failures in a row after which a server rests.
const FAILURES_MAX: u32 = 5;
/// How long it rests before one more is tried.
const REST: Duration = Duration::from_secs(30);

/// The breaker of one endpoint. Pure: the time is passed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Breaker(State);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        since: Instant,
    },
    /// A trial is under way. If nobody ever says how it went (it was cancelled), there may be another after the same rest.
    HalfOpen {
        since: Instant,
    },
}

impl Default for Breaker {
    fn default() -> Self {
        Self(State::Closed { failures: 0 })
    }
}

impl Breaker {
    /// Whether a request may go out now. If so after a rest, it is the trial.
    pub fn may_ask(&mut self, now: Instant) -> bool {
        let (State::Open { since } | State::HalfOpen { since }) = self.0 else { return true };
        let is_rested = now.saturating_duration_since(since) >= REST;
        if is_rested {
            self.0 = State::HalfOpen { since: now };
        }
        is_rested
    }

    /// Whether the server rests: people are told so.
    pub fn is_open(&self) -> bool {
        !matches!(self.0, State::Closed { .. })
    }

    /// An answer came to its end, or a trial found the server well.
    pub fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// An answer failed, before or after its first byte.
    pub fn failed(&mut self, error: &ModelError, now: Instant) {
        let failures = match (&self.0, error) {
            // The server is well; it was asked for what it cannot do.
            (_, ModelError::Overflow { .. } | ModelError::BadRequest { .. }) => return self.answered(),
            (State::Closed { failures }, _) => failures + 1,
            (State::HalfOpen { .. }, _) => FAILURES_MAX,
            // One that was under way when others opened it: the rest is not prolonged.
            (State::Open { .. }, _) => return,
        };
        self.0 = match error {
            ModelError::Auth => State::Open { since: now },
            _ if failures >= FAILURES_MAX => State::Open { since: now },
            _ => State::Closed { failures },
        };
    }

    /// It is no success that a request was refused, but a trial has found that there is somebody.
    fn answered(&mut self) {
        if matches!(self.0, State::HalfOpen { .. }) {
            self.succeeded();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURE: ModelError = ModelError::Unreachable;

    #[test]
    fn five_failures_in_a_row_open_it() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        for _ in 0..4 {
            breaker.failed(&FAILURE, now);
        }
        breaker.succeeded();
        for _ in 0..4 {
            breaker.failed(&ModelError::Broken("x"), now);
            breaker.failed(&ModelError::Overflow { prompt: None, ctx: None }, now);
            assert!(breaker.may_ask(now) && !breaker.is_open());
        }
        breaker.failed(&FAILURE, now);
        assert!(!breaker.may_ask(now) && breaker.is_open());
    }

    #[test]
    fn a_refused_key_opens_it_at_once() {
        let (mut breaker, now) = (Breaker::default(), Instant::now());
        breaker.failed(&ModelError::Auth, now);
        assert!(!breaker.may_ask(now));
    }

    #[test]
    fn after_its_rest_one_trial_decides() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        breaker.failed(&ModelError::Auth, start);
        // Of a request from before: counts no more.
        breaker.failed(&FAILURE, start + REST / 2);
        assert!(!breaker.may_ask(start + REST - Duration::from_millis(1)));
        let trial = start + REST;
        assert!(breaker.may_ask(trial) && breaker.is_open());
        assert!(!breaker.may_ask(trial), "only one");
        breaker.failed(&FAILURE, trial);
        assert!(!breaker.may_ask(trial + REST - Duration::from_millis(1)));
        assert!(breaker.may_ask(trial + REST));
        breaker.succeeded();
        assert!(breaker.may_ask(trial + REST) && !breaker.is_open());
    }

    #[test]
    fn a_trial_that_nobody_reports_blocks_nothing_for_ever() {
        let (mut breaker, start) = (Breaker::default(), Instant::now());
        breaker.failed(&ModelError::Auth, start);
        assert!(breaker.may_ask(start + REST));
        assert!(!breaker.may_ask(start + REST + REST / 2));
        assert!(breaker.may_ask(start + REST * 2));
    }
}
