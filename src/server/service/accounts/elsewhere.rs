//! Accounts elsewhere that open one here.

use super::{Device, SignedIn, another_session, email_key, start_session};
use crate::error::{Error, Result, What};
use crate::id::{SessionId, UserId};
use crate::model::{Joining, Provider, SignInWays, Way, limits, pattern};
use crate::server::App;
use crate::server::audit;
use crate::server::session::Session;
use crate::server::sign_in::{self, Failure, Identity};
use crate::server::store::{IdentityRow, UserRow};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long an account elsewhere that opens none here waits in its browser for a name, or for the password of the one that has its
/// address.
pub const JOINING_MS: i64 = 15 * 60_000;
const PURPOSE: &str = "joining";
/// An account that is being made is there by then.
const MAKING_MS: i64 = 2 * 60_000;
/// How long a way to a provider that connects it with an account is good for.
const CONNECT_MS: i64 = 60_000;
const CONNECT: &str = "connect";

/// Somebody has proved who they are elsewhere, and that opens no account here yet. Sealed into a cookie.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Its key among the configured ones.
    pub provider: String,
    pub issuer: String,
    pub subject: String,
    /// The address that the provider vouches for.
    pub email: Option<String>,
    pub name: Option<String>,
    /// An account here has that address.
    pub is_known: bool,
    /// The account that it would open, so that a registration that is tried again makes the same one.
    pub user_id: UserId,
}

impl Pending {
    pub fn seal(&self, app: &App) -> String {
        let body = serde_json::to_vec(self).unwrap_or_default();
        app.keys.seal(PURPOSE, &body, Timestamp::now().plus_ms(JOINING_MS))
    }

    /// What is sealed, while its provider is configured.
    pub fn unseal(app: &App, sealed: &str) -> Option<Self> {
        let pending: Self = serde_json::from_slice(&app.keys.unseal(PURPOSE, sealed, Timestamp::now())?).ok()?;
        app.sign_in.find(&pending.provider).is_some_and(|own| own.issuer() == pending.issuer).then_some(pending)
    }

    /// What its page says.
    pub fn shown(&self, app: &App) -> Option<Joining> {
        let provider = app.sign_in.find(&self.provider)?.name().to_owned();
        Some(Joining { provider, email: self.email.clone(), is_known: self.is_known })
    }

    /// A username to begin with: what stands before the `@`, or the name, as far as that may be one. Empty: none.
    pub fn username(&self) -> String {
        let local = self.email.as_deref().and_then(|email| email.split(['@', '+']).next());
        let of = |text: &str| {
            let plain: String = text.chars().map(|c| if c.is_whitespace() { '_' } else { c }).collect();
            let short: String = plain.chars().take(limits::USERNAME_MAX_CHARS).collect();
            pattern::username(&short).ok()
        };
        local.into_iter().chain(self.name.as_deref()).find_map(of).unwrap_or_default()
    }

    /// The name that it has there, if it may be one here.
    pub fn display_name(&self) -> String {
        let name = self.name.as_deref().unwrap_or_default().trim();
        pattern::display_name(name).unwrap_or_default()
    }

    fn row(&self, user_id: UserId) -> IdentityRow {
        let now = Timestamp::now();
        IdentityRow {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            user_id,
            email: self.email.clone(),
            created_at: now,
            last_used_at: now,
        }
    }
}

/// What came of signing in elsewhere.
pub enum Entered {
    SignedIn(SignedIn),
    /// It opens no account yet.
    Pending(Pending),
}

/// Lets somebody in whose account elsewhere opens one here.
///
/// # Errors
/// [`Error::Banned`]; [`Error::Forbidden`] for strangers where registration is closed; [`Error::RateLimited`].
///
/// `going_on`: who is signed in here already and does so once more to show that it is them.
pub async fn enter(
    app: &App,
    provider: &str,
    identity: Identity,
    device: &Device,
    going_on: Option<UserId>,
) -> Result<Entered> {
    let Identity { issuer, subject, email, name } = identity;
    let email = email.and_then(|email| pattern::email(&email).ok());
    if let Some(user) = owner(app, &issuer, &subject).await? {
        if user.banned_at.is_some() {
            audit::refused("sign_in", "banned").user(user.id).from(device.address).note();
            return Err(Error::Banned);
        }
        app.db.use_identity(&issuer, &subject, email.as_deref(), Timestamp::now()).await?;
        let signed_in = if going_on == Some(user.id) {
            another_session(app, &user, device).await?
        } else {
            start_session(app, &user, device).await?
        };
        audit::done("signed_in").user(user.id).session(signed_in.session_id).from(device.address).note();
        super::email::notice_device(app, &user, device).await;
        return Ok(Entered::SignedIn(signed_in));
    }
    let is_known = match &email {
        Some(email) => app.db.user_by_login(&email_key(email)).await?.is_some(),
        None => false,
    };
    if !is_known && !app.config.registration {
        return Err(Error::Forbidden);
    }
    let user_id = UserId::new();
    Ok(Entered::Pending(Pending { provider: provider.to_owned(), issuer, subject, email, name, is_known, user_id }))
}

/// Whose account here one elsewhere opens. What is left of an account that was never finished is taken away.
///
/// # Errors
/// [`Error::Conflict`] while one may be in the making.
async fn owner(app: &App, issuer: &str, subject: &str) -> Result<Option<UserRow>> {
    let Some(row) = app.db.identity(issuer, subject).await? else { return Ok(None) };
    let user = app.db.user(row.user_id).await?.filter(|user| user.deleted_at.is_none());
    if user.is_none() {
        if Timestamp::now().0 - row.created_at.0 < MAKING_MS {
            return Err(Error::Conflict);
        }
        app.db.remove_identity(row.user_id, issuer).await?;
    }
    Ok(user)
}

/// Connects what waits with an account, also one that is about to be made. Repeated, it changes nothing.
///
/// # Errors
/// [`Error::Conflict`] when it opens another one by now.
pub(super) async fn claim(app: &App, pending: &Pending, user_id: UserId) -> Result<()> {
    if app.db.add_identity(&pending.row(user_id)).await? {
        return Ok(());
    }
    let owner = app.db.identity(&pending.issuer, &pending.subject).await?.map(|row| row.user_id);
    if owner == Some(user_id) { Ok(()) } else { Err(Error::Conflict) }
}

/// Takes that back: the account was not made.
pub(super) async fn unclaim(app: &App, pending: &Pending, user_id: UserId) {
    if let Err(error) = app.db.remove_identity(user_id, &pending.issuer).await {
        // It is found, and taken away, when it is used next.
        tracing::warn!(%error, "an account elsewhere stays without one here");
    }
}

/// Connects what waits with the account that has its address, now that somebody has proved its password. Returns whether it did.
///
/// # Errors
/// The store did not answer.
pub async fn join(app: &App, pending: &Pending, user_id: UserId) -> Result<bool> {
    let Some(user) = app.db.user(user_id).await? else { return Ok(false) };
    let is_same = pending.email.as_deref().is_some_and(|email| email_key(email) == user.email_key);
    if !pending.is_known || !is_same {
        return Ok(false);
    }
    let is_added = app.db.add_identity(&pending.row(user_id)).await?;
    if is_added {
        tracing::info!(user.id = %user_id, provider = pending.provider, "an account elsewhere was connected");
    }
    Ok(is_added)
}

/// Connects an account elsewhere with one here that asked for it, by its password, right before.
///
/// # Errors
/// [`Error::Conflict`] when it opens another account, or this one has another account there.
pub async fn connect(app: &App, user_id: UserId, provider: &str, identity: Identity) -> Result<()> {
    let Identity { issuer, subject, email, name } = identity;
    // Also when it opens an account that is gone.
    if owner(app, &issuer, &subject).await?.is_some_and(|owner| owner.id == user_id) {
        return Ok(());
    }
    let pending = Pending { provider: provider.to_owned(), issuer, subject, email, name, is_known: true, user_id };
    claim(app, &pending, user_id).await?;
    tracing::info!(user.id = %user_id, provider, "an account elsewhere was connected");
    Ok(())
}

/// One line of the audit log for everybody who is not let in, or may not connect, whatever the provider says.
pub fn denied(provider: &str, error: &Error) {
    tracing::warn!(target: "audit", provider, reason = %error, "signing in elsewhere was refused");
}

/// One line of the audit log for every attempt that failed.
pub fn failed(provider: &str, failure: &Failure) {
    tracing::warn!(target: "audit", provider, reason = %failure, "signing in elsewhere failed");
}

fn shown(provider: &Arc<sign_in::Provider>) -> Provider {
    Provider { key: provider.key().to_owned(), name: provider.name().to_owned() }
}

/// Whose accounts open one here.
pub fn providers(app: &App) -> Vec<Provider> {
    app.sign_in.all().map(shown).collect()
}

/// See [`crate::api::account::sign_in_ways`].
pub async fn ways(app: &App, session: &Session) -> Result<SignInWays> {
    let (user, identities) = tokio::try_join!(app.db.user(session.user_id), app.db.identities_of(session.user_id))?;
    let user = user.ok_or(Error::Unauthenticated)?;
    let way = |provider: &Arc<sign_in::Provider>| {
        let own = identities.iter().find(|row| row.issuer == provider.issuer());
        Way { provider: shown(provider), is_connected: own.is_some(), email: own.and_then(|row| row.email.clone()) }
    };
    Ok(SignInWays {
        has_password: !user.password_hash.is_empty(),
        ways: app.sign_in.all().map(way).collect(),
        email: super::email::view(app, &user),
    })
}

/// See [`crate::api::account::connect_way`].
pub async fn way_to_connect(app: &App, session: &Session, key: &str, password: String) -> Result<String> {
    let provider = app.sign_in.find(key).ok_or(Error::NotFound { what: What::Provider })?;
    super::settings::prove(app, session, password).await?;
    let mut value = session.user_id.0.as_bytes().to_vec();
    value.extend_from_slice(session.session_id.0.as_bytes());
    let ticket = app.keys.seal(CONNECT, &value, Timestamp::now().plus_ms(CONNECT_MS));
    Ok(format!("/auth/{}?connect={ticket}", provider.key()))
}

/// Whom a ticket of [`way_to_connect`] is for, if they are the ones who use it.
pub fn ticket(app: &App, session: Option<&Session>, ticket: &str) -> Option<UserId> {
    let session = session?;
    let value = app.keys.unseal(CONNECT, ticket, Timestamp::now())?;
    let (user, of) = value.split_at_checked(16)?;
    let id = |bytes| uuid::Uuid::from_slice(bytes).ok();
    let is_own = UserId(id(user)?) == session.user_id && SessionId(id(of)?) == session.session_id;
    is_own.then_some(session.user_id)
}

/// See [`crate::api::account::disconnect_way`].
pub async fn disconnect(app: &App, session: &Session, key: &str, password: String) -> Result<SignInWays> {
    let provider = app.sign_in.find(key).ok_or(Error::NotFound { what: What::Provider })?;
    // Who has a password still gets in without it; who has none can't prove one.
    super::settings::prove(app, session, password).await?;
    if app.db.remove_identity(session.user_id, provider.issuer()).await? {
        tracing::info!(user.id = %session.user_id, provider = key, "an account elsewhere was disconnected");
    }
    ways(app, session).await
}
