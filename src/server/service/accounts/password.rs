//! Passwords: how guessable they are, and their argon2id hashes. Both cost much, so both run on blocking threads, two
//! at a time, with a short queue: a flood of sign-ins is refused instead of starving everything else.

use crate::error::{Error, Problem, Result};
use crate::server::telemetry;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The smallest setting that OWASP names for argon2id: 19 MiB, 2 passes, 1 lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const AT_ONCE: usize = 2;
const QUEUE_MAX: usize = 20;
/// zxcvbn's "safely unguessable": more than 10^8 guesses.
const SCORE_MIN: zxcvbn::Score = zxcvbn::Score::Three;

/// Hashes and checks passwords.
pub struct Passwords {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Of a password that nobody has: checking it takes an unknown name as long as a known one.
    nobody: String,
}

/// What a check found.
pub struct Verdict {
    pub matches: bool,
    /// A hash by today's parameters, when the stored one is weaker.
    pub rehashed: Option<String>,
}

impl Passwords {
    /// Makes one hash, so it takes some 30 ms.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn new() -> Result<Self> {
        let nobody = hash(b"a password that nobody has").map_err(telemetry::internal)?;
        Ok(Self { permits: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0), nobody })
    }

    /// The hash of a new password that is hard enough to guess, also for one who knows `own_words`.
    ///
    /// # Errors
    /// [`Problem::TooWeak`] of field `password`; [`Error::Unavailable`] when the queue is full.
    pub async fn make(&self, password: String, own_words: Vec<String>) -> Result<String> {
        let permit = self.enter().await?;
        let job = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let words: Vec<&str> = own_words.iter().map(String::as_str).collect();
            if zxcvbn::zxcvbn(&password, &words).score() < SCORE_MIN {
                return Err(Error::invalid("password", Problem::TooWeak));
            }
            hash(password.as_bytes()).map_err(telemetry::internal)
        });
        job.await.map_err(super::broken)?
    }

    /// Whether the password belongs to a stored hash. Without one it does the same work and says no.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the queue is full.
    pub async fn check(&self, password: String, stored: Option<String>) -> Result<Verdict> {
        let permit = self.enter().await?;
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let job = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let parsed = PasswordHash::new(&stored).map_err(telemetry::internal)?;
            let matches = hasher().verify_password(password.as_bytes(), &parsed).is_ok() && known;
            let rehashed = if matches && is_weaker(&parsed) {
                Some(hash(password.as_bytes()).map_err(telemetry::internal)?)
            } else {
                None
            };
            Ok(Verdict { matches, rehashed })
        });
        job.await.map_err(super::broken)?
    }

    /// The permit goes into the job and not with the caller: who hangs up does not make room while the job still runs.
    async fn enter(&self) -> Result<OwnedSemaphorePermit> {
        let place = Place::take(&self.waiting).ok_or(Error::Unavailable { retry_after_ms: 2_000 })?;
        let permit = self.permits.clone().acquire_owned().await.map_err(telemetry::internal)?;
        drop(place);
        Ok(permit)
    }
}

/// A place in the queue, given back also when its caller goes away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        (waiting.fetch_add(1, Ordering::Relaxed) < QUEUE_MAX).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &[u8]) -> Result<String, argon2::password_hash::Error> {
    hasher().hash_password(password).map(|hash| hash.to_string())
}

fn is_weaker(hash: &PasswordHash) -> bool {
    let below = |params: Params| params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES;
    hash.algorithm.as_str() != "argon2id" || Params::try_from(hash).map_or(true, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "violet otter under 7 bridges";

    #[tokio::test]
    async fn a_hash_says_its_parameters_and_no_two_are_alike() {
        let passwords = Passwords::new().expect("random bytes");
        let first = passwords.make(GOOD.to_owned(), vec![]).await.expect("a good one");
        let second = passwords.make(GOOD.to_owned(), vec![]).await.expect("a good one");
        assert!(first.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{first}");
        assert_ne!(first, second);
        let verdict = passwords.check(GOOD.to_owned(), Some(first.clone())).await.expect("a verdict");
        assert!(verdict.matches && verdict.rehashed.is_none());
        assert!(!passwords.check("violet otter".to_owned(), Some(first)).await.expect("a verdict").matches);
        assert!(!passwords.check("a password that nobody has".to_owned(), None).await.expect("a verdict").matches);
    }

    #[tokio::test]
    async fn guessable_passwords_are_refused_also_those_of_own_words() {
        let passwords = Passwords::new().expect("random bytes");
        for weak in ["password123", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "anastasia.petrova"] {
            let words = vec!["anastasia".to_owned(), "petrova".to_owned(), "anastasia.petrova".to_owned()];
            let refused = passwords.make(weak.to_owned(), words).await;
            assert_eq!(refused, Err(Error::invalid("password", Problem::TooWeak)), "{weak}");
        }
    }

    #[tokio::test]
    async fn a_weaker_hash_is_replaced_at_sign_in() {
        let passwords = Passwords::new().expect("random bytes");
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).expect("bounds"));
        let stored = weak.hash_password(GOOD.as_bytes()).expect("a hash").to_string();
        let verdict = passwords.check(GOOD.to_owned(), Some(stored.clone())).await.expect("a verdict");
        assert!(verdict.rehashed.is_some_and(|hash| hash.starts_with("$argon2id$v=19$m=19456,t=2")));
        assert!(passwords.check("wrong".to_owned(), Some(stored)).await.expect("a verdict").rehashed.is_none());
    }

    #[tokio::test]
    async fn a_flood_is_refused_and_places_come_back() {
        let passwords = std::sync::Arc::new(Passwords::new().expect("random bytes"));
        let hold = passwords.permits.acquire_many(AT_ONCE as u32).await.expect("open");
        let queue: Vec<_> = (0..QUEUE_MAX)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.check("x".to_owned(), None).await.map(|_| ()) })
            })
            .collect();
        while passwords.waiting.load(Ordering::Relaxed) < QUEUE_MAX {
            tokio::task::yield_now().await;
        }
        let refused = passwords.check("x".to_owned(), None).await.map(|_| ());
        assert_eq!(refused, Err(Error::Unavailable { retry_after_ms: 2_000 }));
        queue.iter().for_each(tokio::task::JoinHandle::abort);
        for waiter in queue {
            waiter.await.ok();
        }
        drop(hold);
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), 0);
        passwords.check("x".to_owned(), None).await.map(|_| ()).expect("there is room again");
    }
}
