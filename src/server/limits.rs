//! Rate limits per account, address and connection, and the cool-down of wrong passwords. In memory; keys that have
//! been idle are forgotten every minute, and sooner when there are very many.
//!
//! Several processes keep them together by Redis. What is done often ([`Limits::check`]) is decided here, at once, and reported
//! behind it: together they let a moment's worth too much pass. What guards a door ([`Limits::take`], [`Limits::login`]) is asked
//! of Redis; while that is away a process lets half as much pass as it would on its own.

mod shared;

use crate::error::{Error, Result};
use crate::server::bus::Bus;
use crate::time::Timestamp;
use dashmap::DashMap;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use shared::{Shared, Verdict};
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// What is limited; each has its own bucket per key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rule {
    /// Messages of one account: 20 at once, then 2 a second.
    Send,
    /// People searches of one account: 10 in 10 s.
    Search,
    /// Message searches of one account: 10 in 10 s.
    SearchMessages,
    /// Message requests of one account: 10 a day.
    Request,
    /// Sign-ins per address: 30 in 10 minutes. (Per account: [`Limits::login`].)
    LoginAddress,
    /// New accounts per address: 5 an hour.
    Register,
    /// Refreshed sessions: 10 a minute.
    Refresh,
    /// Reads of history of one account: 60 at once, then 10 a second.
    History,
    /// Reports of one account: 5 an hour.
    Report,
    /// Live connections opened by one account: 20 a minute.
    Connect,
    /// Pages fetched for the links of one account: 20 a minute.
    Preview,
    /// Pages fetched from one host, for all accounts: 10 a minute.
    PreviewHost,
    /// Groups made by one account: 10 at once, then 10 an hour.
    Create,
    /// Changes of groups and their members by one account, and invite links: 30 at once, then one in 10 s.
    Manage,
    /// Groups that one account joins or leaves: 10 at once, then one in 30 s.
    Join,
    /// People asked into groups by one account: 20 at once, then 20 a day.
    Invite,
    /// Pins set and taken back by one account: 30 at once, then 3 a second.
    Pin,
    /// Messages that one account edits, deletes, reacts to or plays in: 30 at once, then 3 a second.
    Change,
    /// Questions of one account to a language model: 3 at once, then 4 a minute.
    Ask,
    /// Changes of one account's own settings of its rooms: 60 at once, then 3 a second.
    Prefs,
    /// Files brought by one account: 30 at once, then one in 2 s.
    Upload,
    /// Files that one account asks for: 300 at once, then 30 a second.
    File,
    /// Letters that somebody asks for to one address: 3 at once, then 3 an hour.
    Mail,
    /// All of one account's data, packed: 3 at once, then one in 20 minutes.
    Export,
}

impl Rule {
    const ALL: [Self; 24] = [
        Self::Send,
        Self::Search,
        Self::SearchMessages,
        Self::Request,
        Self::LoginAddress,
        Self::Register,
        Self::Refresh,
        Self::History,
        Self::Connect,
        Self::Report,
        Self::Preview,
        Self::PreviewHost,
        Self::Create,
        Self::Manage,
        Self::Join,
        Self::Invite,
        Self::Pin,
        Self::Change,
        Self::Ask,
        Self::Prefs,
        Self::Upload,
        Self::File,
        Self::Mail,
        Self::Export,
    ];

    /// How many at once, and the time in which one comes back.
    fn quota(self) -> (u32, Duration) {
        let seconds = Duration::from_secs;
        match self {
            Self::Send => (20, Duration::from_millis(500)),
            Self::Search | Self::SearchMessages => (10, seconds(1)),
            Self::Request => (10, seconds(24 * 3_600 / 10)),
            Self::LoginAddress => (30, seconds(20)),
            Self::Register => (5, seconds(3_600 / 5)),
            Self::Refresh => (10, seconds(6)),
            Self::History => (60, Duration::from_millis(100)),
            Self::Connect => (20, seconds(3)),
            Self::Report => (5, seconds(3_600 / 5)),
            Self::Preview => (20, seconds(3)),
            Self::PreviewHost => (10, seconds(6)),
            Self::Create => (10, seconds(360)),
            Self::Manage => (30, seconds(10)),
            Self::Join => (10, seconds(30)),
            Self::Invite => (20, seconds(24 * 3_600 / 20)),
            Self::Pin | Self::Change => (30, Duration::from_millis(334)),
            Self::Ask => (3, seconds(15)),
            Self::Prefs => (60, Duration::from_millis(334)),
            Self::Upload => (30, seconds(2)),
            Self::File => (300, Duration::from_millis(33)),
            Self::Mail | Self::Export => (3, seconds(20 * 60)),
        }
    }
}

/// More keys of one rule than this are looked through before the minute is over, but at most once a second.
const KEYS_MAX: usize = 100_000;
/// Wrong passwords of one account before it has to wait.
const FREE_FAILURES: u32 = 5;
/// Failures older than this count no more.
const FAILURE_WINDOW_MS: i64 = 5 * 60_000;
/// The longest wait: 15 minutes. Failures during a wait do not happen (they are refused unlooked at).
const COOL_DOWN_MAX_MS: i64 = 15 * 60_000;

type Buckets = DefaultKeyedRateLimiter<u64>;

/// All buckets of this process.
pub struct Limits {
    rules: Vec<(Rule, Buckets)>,
    failures: DashMap<u64, Failures>,
    scale: u32,
    swept_at: AtomicI64,
    /// Keys are hashed with it, so that nobody can choose two that meet.
    seed: RandomState,
    shared: Option<Arc<Shared>>,
    /// Until when (milliseconds since 1970) a key has spent what all processes let pass together.
    over: Arc<DashMap<(Rule, u64), i64>>,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: Timestamp,
    /// No attempt is looked at before.
    until: Timestamp,
}

impl Limits {
    /// Every bucket full, every quota times `scale`.
    pub fn new(scale: u32) -> Self {
        let scale = scale.max(1);
        let rules = Rule::ALL.map(|rule| {
            let (burst, period) = rule.quota();
            let burst = NonZeroU32::new(burst.saturating_mul(scale)).unwrap_or(NonZeroU32::MIN);
            let period = (period / scale).max(Duration::from_nanos(1));
            let quota = Quota::with_period(period).expect("a period above zero").allow_burst(burst);
            (rule, RateLimiter::keyed(quota))
        });
        Self {
            rules: rules.into(),
            failures: DashMap::new(),
            scale,
            swept_at: AtomicI64::new(0),
            seed: RandomState::new(),
            shared: None,
            over: Arc::default(),
        }
    }

    /// Together with the other processes, if the bus leads to any. Needs a runtime.
    pub fn on(bus: Bus, scale: u32) -> Self {
        let mut limits = Self::new(scale);
        if bus.is_on() {
            let (over, seed) = (limits.over.clone(), limits.seed.clone());
            limits.shared = Some(Shared::start(bus, limits.scale, move |rule, key, ms| {
                let until = Timestamp::now().0.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX));
                over.insert((rule, seed.hash_one(key)), until);
            }));
        }
        limits
    }

    /// Takes one token of `key`'s bucket, at once.
    ///
    /// # Errors
    /// [`Error::RateLimited`] with the time until the next token.
    pub fn check(&self, rule: Rule, key: impl std::fmt::Display) -> Result<()> {
        let key = key.to_string();
        let hash = self.key(&key);
        if let Some(shared) = &self.shared {
            let until = self.over.get(&(rule, hash)).map_or(0, |until| *until);
            let left = until - Timestamp::now().0;
            if left > 0 {
                return Err(Error::RateLimited { retry_after_ms: u64::try_from(left).unwrap_or(1) });
            }
            self.spend(rule, hash, NonZeroU32::MIN)?;
            shared.note(rule, key);
            return Ok(());
        }
        self.spend(rule, hash, NonZeroU32::MIN)
    }

    /// Takes one token of the bucket that all processes share. Without Redis, where there should be one, it costs two of this
    /// process's own.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub async fn take(&self, rule: Rule, key: impl std::fmt::Display) -> Result<()> {
        let key = key.to_string();
        let hash = self.key(&key);
        self.spend(rule, hash, NonZeroU32::MIN)?;
        let Some(shared) = &self.shared else { return Ok(()) };
        match shared.take(rule, &key).await {
            Verdict::Taken => Ok(()),
            Verdict::Wait(retry_after_ms) => Err(Error::RateLimited { retry_after_ms }),
            Verdict::Unknown => self.spend(rule, hash, NonZeroU32::MIN),
        }
    }

    fn spend(&self, rule: Rule, hash: u64, count: NonZeroU32) -> Result<()> {
        let buckets = self.rules.iter().find(|(known, _)| *known == rule).map(|(_, buckets)| buckets);
        let buckets = buckets.expect("every rule has buckets");
        if buckets.len() > KEYS_MAX && self.may_sweep() {
            buckets.retain_recent();
        }
        let fits = buckets.check_key_n(&hash, count).expect("every bucket holds one");
        fits.map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Error::RateLimited { retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1) }
        })
    }

    /// Whether a password for `key` (the name as typed, whether it exists or not) may be tried now. It counts as wrong until
    /// [`Limits::login_succeeded`], so that a hundred at once are no more than five in a row. After the fifth within 5
    /// minutes each further one waits: 1, 2, 4, 8, then 15 minutes.
    ///
    /// # Errors
    /// [`Error::RateLimited`] with the rest of the cool-down.
    pub async fn login(&self, key: &str, now: Timestamp) -> Result<()> {
        let Some(shared) = &self.shared else { return self.login_here(key, now, FREE_FAILURES) };
        match shared.login(key).await {
            Verdict::Taken => Ok(()),
            Verdict::Wait(retry_after_ms) => Err(Error::RateLimited { retry_after_ms }),
            Verdict::Unknown => self.login_here(key, now, FREE_FAILURES / 2),
        }
    }

    fn login_here(&self, key: &str, now: Timestamp, free: u32) -> Result<()> {
        if self.failures.len() >= KEYS_MAX {
            self.forget_old_failures(now);
        }
        let mut entry = self.failures.entry(self.key(key)).or_default();
        if entry.until > now {
            return Err(Error::RateLimited { retry_after_ms: u64::try_from(entry.until.0 - now.0).unwrap_or(1) });
        }
        if now.0 - entry.last.0.max(entry.until.0) > FAILURE_WINDOW_MS {
            *entry = Failures::default();
        }
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
        if let Some(over) = entry.count.checked_sub(free.saturating_mul(self.scale)) {
            entry.until = now.plus_ms((60_000_i64 << over.min(10)).min(COOL_DOWN_MAX_MS));
        }
        Ok(())
    }

    /// The password was not looked at after all: the attempt does not count.
    pub async fn login_undone(&self, key: &str) {
        if let Some(shared) = &self.shared {
            shared.login_undone(key).await;
        }
        if let Some(mut entry) = self.failures.get_mut(&self.key(key)) {
            entry.count = entry.count.saturating_sub(1);
            entry.until = entry.last;
        }
    }

    /// A right password: the account starts anew.
    pub async fn login_succeeded(&self, key: &str) {
        if let Some(shared) = &self.shared {
            shared.login_succeeded(key).await;
        }
        self.failures.remove(&self.key(key));
    }

    /// Forgets buckets that are full again, and old failures. For a task that runs every minute.
    pub fn forget_idle(&self) {
        for (_, buckets) in &self.rules {
            buckets.retain_recent();
        }
        let now = Timestamp::now();
        self.forget_old_failures(now);
        self.over.retain(|_, until| *until > now.0);
    }

    fn forget_old_failures(&self, now: Timestamp) {
        self.failures.retain(|_, entry| now.0 - entry.last.0.max(entry.until.0) <= FAILURE_WINDOW_MS);
        if self.failures.len() >= KEYS_MAX {
            self.failures.clear();
        }
    }

    fn may_sweep(&self) -> bool {
        let (now, swept_at) = (Timestamp::now().0, self.swept_at.load(Ordering::Relaxed));
        (now - swept_at).abs() > 1_000
            && self.swept_at.compare_exchange(swept_at, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn key(&self, key: impl std::fmt::Display) -> u64 {
        self.seed.hash_one(key.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_per_rule_and_key_and_says_when() {
        let limits = Limits::new(1);
        for _ in 0..5 {
            limits.check(Rule::Register, "a").expect("within the burst");
        }
        let Err(Error::RateLimited { retry_after_ms }) = limits.check(Rule::Register, "a") else {
            panic!("the sixth is refused");
        };
        assert!((1..=720_000).contains(&retry_after_ms), "{retry_after_ms}");
        limits.check(Rule::Register, "b").expect("another key");
        limits.check(Rule::Send, "a").expect("another rule");
        let wide = Limits::new(100);
        (0..500).for_each(|_| wide.check(Rule::Register, "a").expect("scaled"));
    }

    #[tokio::test]
    async fn wrong_passwords_cool_down_longer_and_longer_and_a_right_one_forgives() {
        let limits = Limits::new(1);
        let mut now = Timestamp(1_000_000_000);
        for _ in 0..5 {
            limits.login("ana", now).await.expect("five are free");
        }
        for minutes in [1, 2, 4, 8, 15, 15] {
            let Err(Error::RateLimited { retry_after_ms }) = limits.login("ana", now).await else { panic!("it waits") };
            assert_eq!(retry_after_ms, minutes * 60_000);
            now = now.plus_ms(i64::try_from(retry_after_ms).expect("small"));
            limits.login("ana", now).await.expect("the wait is over");
        }
        limits.login("ben", now).await.expect("others are not disturbed");
        limits.login_succeeded("ana").await;
        limits.login("ana", now).await.expect("forgiven");
    }

    #[tokio::test]
    async fn an_attempt_that_was_not_looked_at_does_not_count() {
        let limits = Limits::new(1);
        let now = Timestamp(1_000_000_000);
        for _ in 0..50 {
            limits.login("ana", now).await.expect("undone each time");
            limits.login_undone("ana").await;
        }
    }

    #[tokio::test]
    async fn failures_far_apart_do_not_add_up() {
        let limits = Limits::new(1);
        for index in 0..20 {
            let now = Timestamp(1_000_000 + index * (FAILURE_WINDOW_MS + 1));
            limits.login("ana", now).await.expect("never enough at once");
        }
    }
}
