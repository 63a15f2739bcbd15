//! Who asks. The request layer puts the session into a request; the extractors here take it out again.
//!
//! A session is a row in the store. Its access token (JWT, 10 minutes) names the row and is worth nothing once the row is
//! revoked: every request looks, through a cache of 5 s that a sign-out on this process empties at once. Its refresh
//! token (256 random bits, of which only the SHA-256 is stored) is exchanged for the next pair by POST only.

use crate::Error;
use crate::id::{SessionId, UserId};
use crate::live::LogoutReason;
use crate::model::FormState;
use crate::server::App;
use crate::server::store::{SessionRow, StoreError};
use crate::time::Timestamp;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dashmap::DashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// How long an access token lives: 10 minutes.
pub const ACCESS_MS: i64 = 10 * 60_000;
/// A session that nobody used for 7 days has ended.
pub const IDLE_MS: i64 = 7 * 24 * 3_600_000;
/// Every session ends after 30 days.
pub const ABSOLUTE_MS: i64 = 30 * 24 * 3_600_000;
/// Two tabs may use the same refresh token within 10 s; later it is a copy.
pub const GRACE_MS: i64 = 10_000;
/// How long a session is believed without looking: 5 s. Sign-outs on other processes take this long to arrive.
const CACHE_MS: i64 = 5_000;
const CACHE_MAX: usize = 100_000;

/// A valid session. Its absence answers 401.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Session {
    pub user_id: UserId,
    pub session_id: SessionId,
    /// When the access token ends.
    pub access_until: Timestamp,
}

/// A session if there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MaybeSession(pub Option<Session>);

/// What a form that came back holds, from its short-lived cookie.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FormFlash(pub FormState);

/// Whether whoever asks has signed in elsewhere afresh, in this session, a moment ago; see [`crate::server::http::cookies::FRESH`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Fresh(pub bool);

/// The page is rendered as the shell that a service worker keeps for an offline start: nobody's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct IsShell(pub bool);

/// Sessions that were looked up a moment ago.
#[derive(Default)]
pub struct Cache {
    seen: DashMap<SessionId, Seen>,
    /// Rises with every end of a session, so that what was read before it is not remembered after it.
    changes: AtomicU64,
}

#[derive(Clone, Copy)]
struct Seen {
    user_id: UserId,
    ends_at: Timestamp,
    looked_at: Timestamp,
}

impl Cache {
    /// Forgets a session, so that the next request looks.
    pub fn forget(&self, id: SessionId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.seen.remove(&id);
    }

    /// Forgets what is too old to be believed. For a task that runs every minute.
    pub fn sweep(&self) {
        let now = Timestamp::now();
        self.seen.retain(|_, seen| is_fresh(seen, now));
    }

    fn remember(&self, id: SessionId, seen: Seen, read_at: u64) {
        if self.seen.len() >= CACHE_MAX {
            self.seen.clear();
        }
        self.seen.insert(id, seen);
        if self.changes.load(Ordering::SeqCst) != read_at {
            self.seen.remove(&id);
        }
    }
}

fn is_fresh(seen: &Seen, now: Timestamp) -> bool {
    (0..CACHE_MS).contains(&(now.0 - seen.looked_at.0))
}

/// When a session ends if nobody uses it again.
pub fn ends_at(row: &SessionRow) -> Timestamp {
    row.last_used_at.plus_ms(IDLE_MS).min(row.created_at.plus_ms(ABSOLUTE_MS))
}

/// Whether a session may still be used.
pub fn is_live(row: &SessionRow, now: Timestamp) -> bool {
    row.revoked_at.is_none() && now < ends_at(row)
}

/// Whose session this is, while it lives. Sockets ask again and again.
///
/// # Errors
/// The store did not answer.
pub async fn look_up(app: &App, id: SessionId) -> Result<Option<UserId>, StoreError> {
    let now = Timestamp::now();
    if let Some(seen) = app.sessions.seen.get(&id).filter(|seen| is_fresh(seen, now)) {
        let is_good = now < seen.ends_at && !app.sanctions.is_banned(seen.user_id);
        return Ok(is_good.then_some(seen.user_id));
    }
    let read_at = app.sessions.changes.load(Ordering::SeqCst);
    let Some(row) = app.db.session(id).await?.filter(|row| is_live(row, now)) else {
        app.sessions.seen.remove(&id);
        return Ok(None);
    };
    app.sessions.remember(id, Seen { user_id: row.user_id, ends_at: ends_at(&row), looked_at: now }, read_at);
    Ok(Some(row.user_id))
}

/// Ends a session everywhere: its tokens are worth nothing and its sockets close.
///
/// # Errors
/// The store did not answer; the session goes on.
pub async fn end(app: &App, id: SessionId, reason: LogoutReason) -> Result<(), Error> {
    app.hub.expect_end(id, reason);
    app.db.revoke_session(id, Timestamp::now()).await?;
    app.sessions.forget(id);
    app.hub.close_session(id, reason);
    Ok(())
}

/// The session of an access token, if the token is good and the session lives.
///
/// # Errors
/// The store did not answer.
pub async fn authenticate(app: &App, access_token: &str) -> Result<Option<Session>, StoreError> {
    let Some(claims) = app.keys.verify(access_token) else { return Ok(None) };
    let owner = look_up(app, claims.session_id).await?;
    Ok((owner == Some(claims.user_id)).then_some(Session {
        user_id: claims.user_id,
        session_id: claims.session_id,
        access_until: claims.expires_at,
    }))
}

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().copied().ok_or(Error::Unauthenticated)
    }
}

impl<S: Sync> FromRequestParts<S> for MaybeSession {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parts.extensions.get::<Session>().copied()))
    }
}

impl<S: Sync> FromRequestParts<S> for FormFlash {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for Fresh {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for IsShell {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_default())
    }
}

impl<S: Sync> FromRequestParts<S> for App {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Internal { incident: None })
    }
}
