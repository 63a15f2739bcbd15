//! A new password for who has forgotten theirs, by a link: in a letter, or from an admin, who gives it to them by a way that both
//! trust.
//!
//! Nothing is stored. The link names the account and what its address and password hash are now, sealed: once one of them has changed, by this or
//! another link or otherwise, it is worth nothing.

use super::{Device, SignedIn, link_state, own_words, start_session};
use crate::error::{Error, Result, What};
use crate::id::UserId;
use crate::live::LogoutReason;
use crate::model::pattern;
use crate::server::App;
use crate::server::audit;
use crate::server::limits::Rule;
use crate::server::service::mails::{self, About};
use crate::server::session;
use crate::server::store::UserRow;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const PURPOSE: &str = "reset";
/// How long a link is good for: half an hour.
const LIVES_MS: i64 = 30 * 60_000;

/// A path for an account, good for half an hour and once. It stands in a query: those are in no log.
pub fn link(app: &App, user: &UserRow) -> String {
    let mut value = user.id.0.as_bytes().to_vec();
    value.extend_from_slice(&link_state(user));
    format!("/reset?token={}", app.keys.seal(PURPOSE, &value, Timestamp::now().plus_ms(LIVES_MS)))
}

/// Gives an account a new password, ends its sessions, and signs it in here.
///
/// # Errors
/// [`Error::NotFound`] of a link that is not good any more; [`Error::Invalid`] of `password`; [`Error::Banned`];
/// [`Error::RateLimited`].
pub async fn reset(app: &App, token: &str, password: String, device: &Device) -> Result<SignedIn> {
    const GONE: Error = Error::NotFound { what: What::Link };
    app.limits.take(Rule::LoginAddress, super::network(device.address)).await?;
    let value = app.keys.unseal(PURPOSE, token, Timestamp::now()).ok_or(GONE)?;
    let (id, before) = value.split_at_checked(16).ok_or(GONE)?;
    let id = uuid::Uuid::from_slice(id).map(UserId).map_err(|_| GONE)?;
    let user = app.db.user(id).await?.filter(|user| link_state(user) == before).ok_or(GONE)?;
    if user.banned_at.is_some() {
        return Err(Error::Banned);
    }
    pattern::password_length(&password)?;
    let words = own_words(&user.username, &user.display_name, &user.email);
    let hash = app.passwords.make(password, words).await?;
    // Two at once: the later one finds that it came too late.
    let still = app.db.user(id).await?.is_some_and(|now| link_state(&now) == before);
    if !still {
        return Err(GONE);
    }
    app.db.set_password_hash(user.id, &hash).await?;
    let now = Timestamp::now();
    for row in app.db.sessions_of(user.id).await?.iter().filter(|row| session::is_live(row, now)) {
        session::end(app, row.id, LogoutReason::Revoked).await?;
    }
    audit::done("password_reset").user(user.id).from(device.address).note();
    mails::notify(app, &user, About::PasswordChanged { at: now }).await;
    start_session(app, &user, device).await
}

/// Whether a text may be the token of a link: what is shown on its page goes back into an address.
pub fn is_token(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_value = |part: Option<&str>| part.is_some_and(|part| URL_SAFE_NO_PAD.decode(part).is_ok());
    let (value, expiry, mac) = (parts.next(), parts.next(), parts.next());
    let is_number = expiry.is_some_and(|expiry| !expiry.is_empty() && expiry.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() < 600 && is_value(value) && is_number && is_value(mac) && parts.next().is_none()
}
