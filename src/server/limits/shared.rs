//! Limits that all processes of an installation keep together, in Redis. Its clock counts, and every key there ends by itself.
//!
//! The bucket is the generic cell rate algorithm (ITU-T I.371): one number per key, the time at which the bucket is full again.

use super::Rule;
use crate::server::bus::Bus;
use futures_util::{StreamExt, stream};
use redis::Script;
use redis::aio::MultiplexedConnection;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// How long whoever is limited waits for Redis, once; after that nobody does until it has been heard of again.
const PATIENCE: Duration = Duration::from_millis(150);
/// How often what was spent here is reported, and how much of it at once.
const REPORT: Duration = Duration::from_millis(50);
const REPORTS_AT_ONCE: usize = 64;
/// Keys that wait to be reported; more of them are kept by this process alone.
const REPORTS_MAX: usize = 50_000;

/// Takes ARGV[3] tokens. Microseconds. Answers with the milliseconds until it may be tried again: 0 when it was taken. With
/// ARGV[4] they were spent already: then with those until the next one.
static BUCKET: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local period, burst, count, spent = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
        local full = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
        local limit = now + burst * period
        local after = full + count * period
        if after > limit then
            if not spent then return math.ceil((after - limit) / 1000) end
            after = limit
        end
        redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000) + 1)
        if spent and after + period > limit then return math.ceil((after + period - limit) / 1000) end
        return 0",
    )
});

/// The cool-down of wrong passwords: see [`super::Limits::login`], which does the same in memory.
static LOGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local free, window, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local held = redis.call('HMGET', KEYS[1], 'count', 'last', 'until')
        local count, last, till = tonumber(held[1]) or 0, tonumber(held[2]) or 0, tonumber(held[3]) or 0
        if till > now then return till - now end
        if now - math.max(last, till) > window then count = 0 end
        count = count + 1
        till = 0
        if count >= free then till = now + math.min(60000 * 2 ^ math.min(count - free, 10), longest) end
        redis.call('HSET', KEYS[1], 'count', count, 'last', string.format('%.0f', now), 'until', string.format('%.0f', till))
        redis.call('PEXPIRE', KEYS[1], window + longest)
        return 0",
    )
});

/// One attempt less, and no wait.
static LOGIN_UNDONE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
        if redis.call('HINCRBY', KEYS[1], 'count', -1) < 0 then redis.call('HSET', KEYS[1], 'count', 0) end
        return redis.call('HSET', KEYS[1], 'until', 0)",
    )
});

/// What Redis said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Taken,
    /// Milliseconds.
    Wait(u64),
    /// It did not answer.
    Unknown,
}

/// Counts of this process that the others are still to be told of.
type Spent = HashMap<(Rule, String), u32>;

pub(super) struct Shared {
    bus: Bus,
    scale: u32,
    spent: Mutex<Spent>,
}

impl Shared {
    /// Starts reporting on the current runtime; it ends with what is returned. `over` is told of keys that have spent what all
    /// processes let pass together, and for how long (milliseconds).
    pub fn start(bus: Bus, scale: u32, over: impl Fn(Rule, &str, u64) + Send + Sync + 'static) -> Arc<Self> {
        let shared = Arc::new(Self { bus, scale, spent: Mutex::default() });
        let weak = Arc::downgrade(&shared);
        tokio::spawn(async move {
            let mut tick = tokio::time::interval(REPORT);
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                tick.tick().await;
                let Some(shared) = weak.upgrade() else { return };
                shared.report(&over).await;
            }
        });
        shared
    }

    /// This process let one pass; the others learn of it in a moment.
    pub fn note(&self, rule: Rule, key: String) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() < REPORTS_MAX {
            let count = spent.entry((rule, key)).or_default();
            *count = count.saturating_add(1);
        }
    }

    async fn report(&self, over: &(impl Fn(Rule, &str, u64) + Send + Sync)) {
        let spent = std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner));
        if spent.is_empty() || self.bus.redis().is_none() {
            return;
        }
        stream::iter(spent)
            .for_each_concurrent(REPORTS_AT_ONCE, |((rule, key), count)| async move {
                if let Verdict::Wait(ms) = self.bucket(rule, &key, count, true).await {
                    over(rule, &key, ms);
                }
            })
            .await;
    }

    /// Takes a token for which somebody waits.
    pub async fn take(&self, rule: Rule, key: &str) -> Verdict {
        self.bucket(rule, key, 1, false).await
    }

    async fn bucket(&self, rule: Rule, key: &str, count: u32, is_spent: bool) -> Verdict {
        let (burst, period) = rule.quota();
        let (burst, period) = (burst.saturating_mul(self.scale), (period / self.scale).as_micros().max(1) as u64);
        let name = format!("{rule:?}");
        self.ask("limit", &[name.as_bytes(), key.as_bytes()], |key, mut connection| async move {
            let mut call = BUCKET.prepare_invoke();
            call.key(key).arg(period).arg(burst).arg(count.min(burst)).arg(u8::from(is_spent));
            call.invoke_async(&mut connection).await
        })
        .await
    }

    /// See [`super::Limits::login`].
    pub async fn login(&self, key: &str) -> Verdict {
        let free = super::FREE_FAILURES.saturating_mul(self.scale);
        self.ask("login", &[key.as_bytes()], |key, mut connection| async move {
            let mut call = LOGIN.prepare_invoke();
            call.key(key).arg(free).arg(super::FAILURE_WINDOW_MS).arg(super::COOL_DOWN_MAX_MS);
            call.invoke_async(&mut connection).await
        })
        .await
    }

    pub async fn login_undone(&self, key: &str) -> Verdict {
        self.ask("login", &[key.as_bytes()], |key, mut connection| async move {
            LOGIN_UNDONE.key(key).invoke_async::<u64>(&mut connection).await.map(|_| 0)
        })
        .await
    }

    pub async fn login_succeeded(&self, key: &str) -> Verdict {
        self.ask("login", &[key.as_bytes()], |key, mut connection| async move {
            redis::cmd("DEL").arg(key).query_async::<u64>(&mut connection).await.map(|_| 0)
        })
        .await
    }

    /// Nobody's name or address stands in Redis, but an alias of it.
    async fn ask<F>(
        &self,
        kind: &str,
        parts: &[&[u8]],
        call: impl FnOnce(String, MultiplexedConnection) -> F,
    ) -> Verdict
    where
        F: Future<Output = redis::RedisResult<u64>>,
    {
        let Some((connection, prefix)) = self.bus.redis() else { return Verdict::Unknown };
        let key = format!("{prefix}{kind}:{}", self.bus.alias(parts));
        match tokio::time::timeout(PATIENCE, call(key, connection)).await {
            Ok(Ok(0)) => Verdict::Taken,
            Ok(Ok(ms)) => Verdict::Wait(ms),
            Ok(Err(error)) => {
                tracing::warn!(kind = ?error.kind(), "a shared limit was not counted");
                self.bus.suspect();
                Verdict::Unknown
            }
            Err(_) => {
                self.bus.suspect();
                Verdict::Unknown
            }
        }
    }
}
