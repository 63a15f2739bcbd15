//! Addresses: shown to be somebody's by a link in a letter, changed the same way, and the way back in for who has forgotten their
//! password. Nothing is stored of a link: it names the account, the address that it had, and the one that is confirmed, sealed.

use super::{Device, email_key, link_state, network, settings};
use crate::error::{Error, Result, What};
use crate::id::UserId;
use crate::model::{EmailView, agent, pattern};
use crate::server::App;
use crate::server::audit;
use crate::server::limits::Rule;
use crate::server::service::mails::{self, About};
use crate::server::session::Session;
use crate::server::store::{StoreError, UserRow};
use crate::time::Timestamp;

const PURPOSE: &str = "email";
/// How long a link is good for: a day.
const LIVES_MS: i64 = 24 * 3_600_000;
const STATE_BYTES: usize = 16;

/// A path that confirms an address of an account.
pub fn confirm_link(app: &App, user: &UserRow, email: &str) -> String {
    let value = [user.id.0.as_bytes(), &link_state(user)[..STATE_BYTES], email.as_bytes()].concat();
    format!("/confirm?token={}", app.keys.seal(PURPOSE, &value, Timestamp::now().plus_ms(LIVES_MS)))
}

/// The address of a link is its account's from now on. Repeated, it changes nothing.
///
/// # Errors
/// [`Error::NotFound`] of a link that is not good any more; [`Error::Conflict`] when the address belongs to another account by now;
/// [`Error::RateLimited`].
pub async fn confirm(app: &App, token: &str, device: &Device) -> Result<UserId> {
    const GONE: Error = Error::NotFound { what: What::Link };
    app.limits.take(Rule::LoginAddress, network(device.address)).await?;
    let value = app.keys.unseal(PURPOSE, token, Timestamp::now()).ok_or(GONE)?;
    let (id, rest) = value.split_at_checked(16).ok_or(GONE)?;
    let (before, email) = rest.split_at_checked(STATE_BYTES).ok_or(GONE)?;
    let id = uuid::Uuid::from_slice(id).map(UserId).map_err(|_| GONE)?;
    let email = std::str::from_utf8(email).map_err(|_| GONE)?;
    let user = app.db.user(id).await?.ok_or(GONE)?;
    let key = email_key(email);
    let is_same = key == user.email_key;
    if link_state(&user)[..STATE_BYTES] != *before {
        // The same link once more.
        return if is_same && user.email_confirmed_at.is_some() { Ok(id) } else { Err(GONE) };
    }
    let now = Timestamp::now();
    match app.db.set_email(id, email, &key, Some(now)).await {
        Ok(()) => {}
        Err(StoreError::Taken(_)) => return Err(Error::Conflict),
        Err(error) => return Err(error.into()),
    }
    audit::done(if is_same { "address_confirmed" } else { "address_changed" }).user(id).from(device.address).note();
    if !is_same {
        // To where their letters went before.
        mails::notify(app, &user, About::EmailChanged { at: now }).await;
    }
    Ok(id)
}

/// Sends a link for a new password to an address, if there is an account that has it. Says nothing of that, and takes no longer for it.
///
/// # Errors
/// [`Error::Invalid`] of `email`; [`Error::RateLimited`] by the address or the network; [`Error::NotFound`] without a mail server.
pub async fn forgot(app: &App, email: &str, device: &Device) -> Result<()> {
    if app.mails.is_none() {
        return Err(Error::NotFound { what: What::Page });
    }
    let key = email_key(&pattern::email(email)?);
    app.limits.take(Rule::LoginAddress, network(device.address)).await?;
    app.limits.take(Rule::Mail, &key).await?;
    let (app, from) = (app.clone(), device.address);
    tokio::spawn(async move {
        let posted = async {
            let user = app.db.user_by_login(&key).await?;
            match user.filter(|user| user.email_key == key && !user.is_bot && user.banned_at.is_none()) {
                Some(user) => {
                    audit::done("reset_asked").user(user.id).from(from).note();
                    mails::post(&app, &user, &user.email, &About::Reset { state: mails::state(&user) }).await
                }
                None => Ok(()),
            }
        };
        if let Err(error) = posted.await {
            tracing::warn!(%error, "a link for a new password was not put in the outbox");
        }
    });
    Ok(())
}

/// What the caller sees of their own address.
pub(super) fn view(app: &App, user: &UserRow) -> EmailView {
    EmailView {
        address: user.email.clone(),
        is_confirmed: user.email_confirmed_at.is_some(),
        can_write: app.mails.is_some(),
    }
}

/// See [`crate::api::account::send_confirmation`].
pub async fn send_confirmation(app: &App, session: &Session) -> Result<()> {
    let user = writable(app, session).await?;
    app.limits.take(Rule::Mail, user.id).await?;
    app.limits.take(Rule::Mail, &user.email_key).await?;
    let about = About::Confirm { email: user.email.clone(), state: mails::state(&user) };
    mails::post(app, &user, &user.email, &about).await
}

/// See [`crate::api::account::change_email`].
pub async fn change_email(app: &App, session: &Session, password: String, email: &str) -> Result<()> {
    writable(app, session).await?;
    let email = pattern::email(email)?;
    let key = email_key(&email);
    let user = settings::prove(app, session, password).await?;
    // Letters to strangers are no way to write to them.
    app.limits.take(Rule::Mail, user.id).await?;
    app.limits.take(Rule::Mail, &key).await?;
    // Who may have it already is not said: its owner gets no letter for it either.
    let other = app.db.user_by_login(&key).await?.filter(|other| other.email_key == key);
    if other.is_some_and(|other| other.id != user.id) {
        return Ok(());
    }
    mails::post(app, &user, &email, &About::Confirm { email: email.clone(), state: mails::state(&user) }).await
}

async fn writable(app: &App, session: &Session) -> Result<UserRow> {
    if app.mails.is_none() {
        return Err(Error::NotFound { what: What::Page });
    }
    app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)
}

/// A letter for a new account, so that its address can be confirmed.
pub(super) async fn greet(app: &App, user: &UserRow) {
    if user.email_confirmed_at.is_none() {
        let about = About::Confirm { email: user.email.clone(), state: mails::state(user) };
        if let Err(error) = mails::post(app, user, &user.email, &about).await {
            tracing::warn!(%error, user.id = %user.id, "a letter for a new account was not put in the outbox");
        }
    }
}

/// Tells somebody that they were signed in where they had not been.
pub(super) async fn notice_device(app: &App, user: &UserRow, device: &Device) {
    if device.trusted_for != Some(user.id) {
        let about = About::NewDevice {
            device: agent::describe(&device.user_agent).0,
            network: super::shortened(device.address),
            at: Timestamp::now(),
        };
        mails::notify(app, user, about).await;
    }
}
