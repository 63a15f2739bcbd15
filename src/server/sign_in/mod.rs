//! Signing in with an account elsewhere: `OpenID` Connect Core 1.0, the authorization code flow with PKCE (RFC 7636).
//!
//! The browser goes to the provider with a state, a nonce and a challenge, and comes back with a code. What belongs to it waits in
//! a sealed cookie of ten minutes, so that only the browser that began can end, on whichever process. The code is exchanged by the
//! `oauth2` crate; the ID token is checked in [`token`], by keys that the provider publishes over TLS.

mod answer;
mod provider;
mod token;

pub use provider::{Begun, Provider, Returned};

use crate::server::config::Config;
use crate::server::keys::Keys;
use crate::time::Timestamp;
use moka::future::Cache;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// How long somebody may take to sign in there: ten minutes.
pub const ATTEMPT_MS: i64 = 10 * 60_000;
/// What sealed attempts are for.
const PURPOSE: &str = "sign in elsewhere";
/// Attempts that have ended are remembered as long as they could be repeated, and this many.
const ENDED_MAX: u64 = 100_000;

/// Who somebody is to a provider, as it vouches for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Only an address that the provider says is theirs.
    pub email: Option<String>,
    pub name: Option<String>,
}

/// Why an attempt led to no [`Identity`]. What it displays is for the log: it holds no secret and nothing that could be more than a
/// short code from outside.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// Whoever sat there did not want to.
    #[error("cancelled there")]
    Cancelled,
    /// There is no such attempt in this browser, it is too old, or it has ended.
    #[error("no such attempt: {0}")]
    NoAttempt(&'static str),
    /// The provider said no.
    #[error("refused there: {0}")]
    Refused(String),
    /// What came is not what the standard asks for, or is not meant for this server.
    #[error("not to be trusted: {0}")]
    Untrusted(&'static str),
    /// No answer, or an unreadable one.
    #[error("no answer: {0}")]
    Unreachable(&'static str),
}

/// What has to be remembered from the beginning to the end of an attempt. In a cookie that only this server reads; it is signed and not
/// hidden, and nothing in it is a secret of anybody but the browser that holds it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    pub provider: String,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    /// Where to go afterwards.
    pub next: String,
    /// The account that the one elsewhere shall open from now on: it has proved its password a moment ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect: Option<crate::id::UserId>,
    /// They were to sign in there afresh.
    #[serde(default)]
    pub again: bool,
}

impl Attempt {
    pub fn seal(&self, keys: &Keys) -> String {
        let body = serde_json::to_vec(self).unwrap_or_default();
        keys.seal(PURPOSE, &body, Timestamp::now().plus_ms(ATTEMPT_MS))
    }

    pub fn unseal(keys: &Keys, sealed: &str) -> Option<Self> {
        serde_json::from_slice(&keys.unseal(PURPOSE, sealed, Timestamp::now())?).ok()
    }
}

/// The providers of this server.
pub struct SignIn {
    providers: Vec<Arc<Provider>>,
    /// The states of attempts that ended here. On other processes the provider is the one who takes a code only once.
    ended: Cache<String, ()>,
}

impl SignIn {
    /// # Errors
    /// The HTTP client can't be made.
    pub fn new(config: &Config) -> Result<Self, String> {
        let make = |one| Provider::new(one, &config.origin).map(Arc::new);
        let providers = config.providers.iter().map(make).collect::<Result<_, _>>()?;
        let ended =
            Cache::builder().max_capacity(ENDED_MAX).time_to_live(Duration::from_millis(ATTEMPT_MS as u64)).build();
        Ok(Self { providers, ended })
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.providers.iter()
    }

    pub fn find(&self, key: &str) -> Option<&Arc<Provider>> {
        self.providers.iter().find(|provider| provider.key() == key)
    }

    /// Whether an attempt had not ended yet. It has now.
    async fn end(&self, state: &str) -> bool {
        self.ended.entry_by_ref(state).or_insert(()).await.is_fresh()
    }

    /// What a browser that came back from a provider has proved.
    ///
    /// # Errors
    /// [`Failure`]; the attempt is over either way.
    pub async fn finish(
        &self,
        attempt: Option<Attempt>,
        key: &str,
        returned: &Returned,
    ) -> Result<(Attempt, Identity), Failure> {
        let attempt = attempt.ok_or(Failure::NoAttempt("none in this browser"))?;
        let provider = self.find(key).filter(|_| attempt.provider == key);
        let provider = provider.ok_or(Failure::NoAttempt("of another provider"))?;
        let state = returned.state.as_deref().unwrap_or_default();
        if !bool::from(subtle::ConstantTimeEq::ct_eq(state.as_bytes(), attempt.state.as_bytes())) {
            return Err(Failure::NoAttempt("another state"));
        }
        if !self.end(&attempt.state).await {
            return Err(Failure::NoAttempt("it has ended"));
        }
        let identity = provider.finish(&attempt, returned).await?;
        Ok((attempt, identity))
    }
}
