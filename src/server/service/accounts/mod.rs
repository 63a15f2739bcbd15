//! Accounts: register, sign in, refresh, sign out.

mod elsewhere;
mod email;
mod leaving;
mod password;
mod privacy;
mod reset;
mod settings;

pub use elsewhere::{
    Entered, JOINING_MS, Pending, connect, denied, disconnect, enter, failed, join, providers, ticket, way_to_connect,
    ways,
};
pub use email::{change_email, confirm, confirm_link, forgot, send_confirmation};
pub use leaving::{leave, stay, sweep};
pub use password::Passwords;
pub use privacy::{may_ask, privacy, set_privacy};
pub use reset::{is_token, link, reset};
pub(in crate::server::service) use settings::prove_any;
pub use settings::{end, end_all_others, sessions, set_password};

use crate::error::{Error, Problem, Result};
use crate::id::{SessionId, UserId};
use crate::live::LogoutReason;
use crate::model::{Theme, pattern};
use crate::server::App;
use crate::server::audit;
use crate::server::keys::Claims;
use crate::server::limits::Rule;
use crate::server::service::moderation;
use crate::server::session::{self, ACCESS_MS, GRACE_MS};
use crate::server::store::{Field, RefreshOutcome, SessionRow, StoreError, UserRow};
use crate::server::telemetry;
use crate::time::Timestamp;
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use unicode_normalization::UnicodeNormalization;

/// What a registration form holds.
#[derive(Clone, Default)]
pub struct Registration {
    pub username: String,
    /// Empty: the username.
    pub display_name: String,
    pub email: String,
    pub password: String,
}

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Device {
    pub address: IpAddr,
    pub user_agent: String,
    /// The account that has signed in on this device before, from its cookie: the failures of others elsewhere do not
    /// keep its owner out.
    pub trusted_for: Option<UserId>,
}

/// A session and its tokens, for cookies.
pub struct SignedIn {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub theme: Theme,
    pub access_token: String,
    pub access_until: Timestamp,
    /// `None`: keep the one in the cookie.
    pub refresh_token: Option<String>,
}

/// Makes an account and signs it in. One that is opened by an account elsewhere needs no password, and has the address that is
/// vouched for there.
///
/// # Errors
/// [`Error::Invalid`] of a field; `username` may be [`Problem::Taken`], since names are public. [`Error::Conflict`] when
/// the address belongs to an account: it does not say so. [`Error::Forbidden`] when registration is closed;
/// [`Error::RateLimited`] beyond five an hour from one address.
pub async fn register(app: &App, form: Registration, pending: Option<&Pending>, device: &Device) -> Result<SignedIn> {
    if !app.config.registration {
        return Err(Error::Forbidden);
    }
    let username = pattern::username(&form.username)?;
    let display_name = match form.display_name.trim() {
        "" => username.clone(),
        name => pattern::display_name(&name.nfc().collect::<String>())?,
    };
    let vouched = pending.filter(|pending| !pending.is_known).and_then(|pending| pending.email.clone());
    let is_vouched = vouched.is_some();
    let email = vouched.map_or_else(|| pattern::email(&form.email), Ok)?;
    if pending.is_none() {
        pattern::password_length(&form.password)?;
    }
    app.limits.take(Rule::Register, network(device.address)).await?;
    let password_hash = match pending {
        Some(_) => String::new(),
        None => app.passwords.make(form.password, own_words(&username, &display_name, &email)).await?,
    };
    let id = pending.map_or_else(UserId::new, |pending| pending.user_id);
    let (username_key, email_key) = (username_key(&username), email_key(&email));
    let mut user =
        UserRow { display_name, password_hash, ..UserRow::new(id, username, username_key, email, email_key) };
    if let Some(pending) = pending {
        elsewhere::claim(app, pending, id).await?;
    }
    user.is_admin = moderation::is_first(app, id).await?;
    user.email_confirmed_at = is_vouched.then(Timestamp::now);
    let taken = match app.db.create_user(&user).await {
        Ok(()) => None,
        Err(StoreError::Taken(field)) => Some(field),
        // It may be there or not: what opens it stays, and a second try goes on with the same account.
        Err(error) => return Err(error.into()),
    };
    if let Some(field) = taken {
        let own = match pending {
            Some(_) => app.db.user(id).await?,
            None => None,
        };
        match (own, pending) {
            // By the try before, whose answer did not come.
            (Some(made), _) => user = made,
            (None, pending) => {
                if let Some(pending) = pending {
                    elsewhere::unclaim(app, pending, id).await;
                }
                return Err(match field {
                    Field::Username => Error::invalid("username", Problem::Taken),
                    _ => Error::Conflict,
                });
            }
        }
    }
    audit::done("account_made").user(user.id).from(device.address).note();
    email::greet(app, &user).await;
    start_session(app, &user, device).await
}

/// Signs in by username or e-mail address.
///
/// # Errors
/// [`Error::BadCredentials`] for an unknown name and a wrong password alike, after the same work;
/// [`Error::RateLimited`] with the rest of the cool-down after five failures.
pub async fn sign_in(app: &App, login: &str, password: String, device: &Device) -> Result<SignedIn> {
    pattern::password_length(&password).map_err(|_| Error::BadCredentials)?;
    app.limits.take(Rule::LoginAddress, network(device.address)).await?;
    let key = login_key(login).ok_or(Error::BadCredentials)?;
    let user = app.db.user_by_login(&key).await?.filter(|user| is_named(user, login));
    // Counted by the typed name, whether it exists or not. A device that its owner has used before counts on its own.
    let trusted = user.as_ref().map(|user| user.id).filter(|id| device.trusted_for == Some(*id));
    let counter = trusted.map_or_else(|| format!("name {key}"), |id| format!("device {id} {}", device.address));
    let refuse = |reason| {
        let known = user.as_ref().map(|user| user.id);
        audit::refused("sign_in", reason).user(known).from(device.address).note();
    };
    app.limits.login(&counter, Timestamp::now()).await.inspect_err(|_| refuse("slowed"))?;
    // Who comes by an account elsewhere has none.
    let stored = user.as_ref().map(|user| user.password_hash.clone()).filter(|hash| !hash.is_empty());
    let verdict = match app.passwords.check(password, stored).await {
        Ok(verdict) => verdict,
        Err(error) => {
            app.limits.login_undone(&counter).await;
            return Err(error);
        }
    };
    let known = user.as_ref().map(|user| user.id);
    let Some(user) = user.filter(|_| verdict.matches) else {
        audit::refused("sign_in", "password").user(known).from(device.address).note();
        return Err(Error::BadCredentials);
    };
    // It may have been changed while this waited for its turn.
    let user = app.db.user(user.id).await?.filter(|now| now.password_hash == user.password_hash);
    let user = user.ok_or(Error::BadCredentials)?;
    app.limits.login_succeeded(&counter).await;
    // Only who knows the password learns of it.
    if user.banned_at.is_some() {
        audit::refused("sign_in", "banned").user(user.id).from(device.address).note();
        return Err(Error::Banned);
    }
    if let Some(stronger) = verdict.rehashed
        && let Err(error) = app.db.set_password_hash(user.id, &stronger).await
    {
        tracing::warn!(%error, "the stronger password hash was not kept");
    }
    let signed_in = start_session(app, &user, device).await?;
    audit::done("signed_in").user(user.id).session(signed_in.session_id).from(device.address).note();
    email::notice_device(app, &user, device).await;
    Ok(signed_in)
}

/// Exchanges a refresh token for the next pair. A token that was exchanged less than 10 s ago (another tab) gives an access
/// token only; one exchanged earlier is a copy, and its session ends.
///
/// # Errors
/// [`Error::Unauthenticated`] when there is no such live session.
pub async fn refresh(app: &App, refresh_token: &str) -> Result<SignedIn> {
    let now = Timestamp::now();
    let old = hash_of(refresh_token);
    let Some(row) = app.db.session_by_refresh(&old).await? else {
        out_of_use(app, refresh_token, now).await?;
        return Err(Error::Unauthenticated);
    };
    app.limits.check(Rule::Refresh, row.id)?;
    if !session::is_live(&row, now) {
        return Err(Error::Unauthenticated);
    }
    let (token, new) = refresh_token_pair(app, row.id, now);
    let (row, refresh_token) = match app.db.rotate_refresh(&old, &new, now).await? {
        RefreshOutcome::Rotated(row) => (row, Some(token)),
        RefreshOutcome::Replayed(row) if session::is_live(&row, now) && now.0 - row.rotated_at.0 <= GRACE_MS => {
            (row, None)
        }
        RefreshOutcome::Replayed(row) => {
            audit::refused("token_copied", "used twice").user(row.user_id).session(row.id).note();
            session::end(app, row.id, LogoutReason::Revoked).await?;
            return Err(Error::Unauthenticated);
        }
        RefreshOutcome::Unknown => return Err(Error::Unauthenticated),
    };
    let (access_token, access_until) = access_token(app, row.user_id, row.id, now, ACCESS_MS);
    let theme = Theme::default();
    Ok(SignedIn { user_id: row.user_id, session_id: row.id, theme, access_token, access_until, refresh_token })
}

/// The live session of a refresh token, without exchanging it: what a page may be painted with when its access token has
/// run out. A token that was exchanged earlier counts within the grace only.
///
/// # Errors
/// The store did not answer.
pub async fn peek(app: &App, refresh_token: &str) -> Result<Option<SessionRow>> {
    let now = Timestamp::now();
    let hash = hash_of(refresh_token);
    let row = app.db.session_by_refresh(&hash).await?.filter(|row| session::is_live(row, now));
    let Some(row) = row.filter(|row| row.refresh_hash == hash || now.0 - row.rotated_at.0 <= GRACE_MS) else {
        return Ok(None);
    };
    if now.0 - row.last_used_at.0 > ACCESS_MS {
        app.db.touch_session(row.id, now).await?;
    }
    Ok(Some(row))
}

/// Ends a session that another one of the same browser takes the place of. If it is the same person's, open pages go on with that.
pub async fn replace(app: &App, before: SessionId, after: &SignedIn) -> Result<()> {
    let is_same = app.db.session(before).await?.is_some_and(|row| row.user_id == after.user_id);
    session::end(app, before, if is_same { LogoutReason::Expired } else { LogoutReason::SignedOut }).await
}

/// Ends a session everywhere: its tokens are worth nothing and its sockets close.
pub async fn sign_out(app: &App, session_id: SessionId) -> Result<()> {
    audit::done("signed_out").session(session_id).note();
    session::end(app, session_id, LogoutReason::SignedOut).await
}

/// Whoever comes in stays, if they were about to go.
async fn start_session(app: &App, user: &UserRow, device: &Device) -> Result<SignedIn> {
    leaving::come_back(app, user).await?;
    another_session(app, user, device).await
}

async fn another_session(app: &App, user: &UserRow, device: &Device) -> Result<SignedIn> {
    let now = Timestamp::now();
    let id = SessionId::new();
    let (token, refresh_hash) = refresh_token_pair(app, id, now);
    let row = SessionRow {
        id,
        user_id: user.id,
        created_at: now,
        last_used_at: now,
        refresh_hash,
        previous_hash: None,
        rotated_at: now,
        user_agent: device.user_agent.chars().filter(|c| !c.is_control()).take(200).collect(),
        network: shortened(device.address),
        revoked_at: None,
    };
    app.db.create_session(&row).await?;
    let (access_token, access_until) = access_token(app, user.id, row.id, now, ACCESS_MS);
    Ok(SignedIn {
        user_id: user.id,
        session_id: row.id,
        theme: user.theme,
        access_token,
        access_until,
        refresh_token: Some(token),
    })
}

/// An access token of a session for `lives_ms`, and when it ends.
pub fn access_token(
    app: &App,
    user_id: UserId,
    session_id: SessionId,
    now: Timestamp,
    lives_ms: i64,
) -> (String, Timestamp) {
    let expires_at = Timestamp(now.plus_ms(lives_ms).0 / 1_000 * 1_000);
    (app.keys.sign(&Claims { user_id, session_id, expires_at }, now), expires_at)
}

/// What a link into an account is bound to: once the address or the password has changed, every link of before is worth nothing.
pub(in crate::server::service) fn link_state(user: &UserRow) -> [u8; 32] {
    Sha256::digest(format!("{} {} {}", user.id, user.email_key, user.password_hash)).into()
}

/// What sealed refresh tokens are for, so that no other sealed value passes for one.
const REFRESH_PURPOSE: &str = "refresh";

/// A new refresh token and its hash: the session's id and 256 random bits, sealed. The seal lets a token that is long out of
/// use still name its session, and nobody make one up.
fn refresh_token_pair(app: &App, session_id: SessionId, now: Timestamp) -> (String, [u8; 32]) {
    let mut value = [0; 48];
    value[..16].copy_from_slice(session_id.0.as_bytes());
    rand::rng().fill_bytes(&mut value[16..]);
    let token = app.keys.seal(REFRESH_PURPOSE, &value, now.plus_ms(session::ABSOLUTE_MS));
    let hash = hash_of(&token);
    (token, hash)
}

fn hash_of(refresh_token: &str) -> [u8; 32] {
    Sha256::digest(refresh_token).into()
}

/// A token that no session knows any more. If it is one of ours, its session goes on with a copy: somebody exchanged it, and
/// what came of it, before. Nobody can tell who of the two is the owner, so it ends for both.
async fn out_of_use(app: &App, refresh_token: &str, now: Timestamp) -> Result<()> {
    let Some(value) = app.keys.unseal(REFRESH_PURPOSE, refresh_token, now) else { return Ok(()) };
    let Some(id) = value.get(..16).and_then(|id| uuid::Uuid::from_slice(id).ok()) else { return Ok(()) };
    let Some(row) = app.db.session(SessionId(id)).await? else { return Ok(()) };
    // Tabs that exchange in the same moment are no theft.
    if session::is_live(&row, now) && now.0 - row.rotated_at.0 > GRACE_MS {
        audit::refused("token_copied", "out of use").user(row.user_id).session(row.id).note();
        session::end(app, row.id, LogoutReason::Revoked).await?;
    }
    Ok(())
}

/// The key of uniqueness of a username: compatibility-folded, lower case, and with look-alike characters made equal, so
/// that nobody can pass for somebody else.
pub(super) fn username_key(username: &str) -> String {
    let folded: String = username.nfkc().flat_map(char::to_lowercase).collect();
    unicode_security::skeleton(&folded).flat_map(char::to_lowercase).collect()
}

fn email_key(email: &str) -> String {
    email.nfc().flat_map(char::to_lowercase).collect()
}

/// The key to look a typed name up with.
fn login_key(login: &str) -> Option<String> {
    if login.contains('@') && !login.trim_start().starts_with('@') {
        pattern::email(login).ok().map(|email| email_key(&email))
    } else {
        pattern::username(login).ok().map(|name| username_key(&name))
    }
}

/// A look-alike of a username finds its row, but is not its name.
fn is_named(user: &UserRow, login: &str) -> bool {
    pattern::username(login).is_ok_and(|name| name == user.username)
        || pattern::email(login).is_ok_and(|email| email_key(&email) == user.email_key)
}

/// What a password must not be made of.
fn own_words(username: &str, display_name: &str, email: &str) -> Vec<String> {
    let words = display_name.split_whitespace().chain(email.split(['@', '.', '+', '-', '_']));
    let words = words.chain([username, email, "lavender"]).filter(|word| word.chars().count() > 2);
    words.map(str::to_lowercase).collect()
}

/// An address as people share it: IPv4 alone, IPv6 by /56.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !(u128::MAX >> 56)).into()),
        v4 => v4,
    }
}

/// An address as a list of sessions shows it: /24 or /48.
pub fn shortened(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => format!("{}/24", std::net::Ipv4Addr::from(u32::from(v4) & 0xffff_ff00)),
        IpAddr::V6(v6) => format!("{}/48", std::net::Ipv6Addr::from(u128::from(v6) & !(u128::MAX >> 48))),
    }
}

/// The blocking pool refused or its job panicked.
fn broken(error: tokio::task::JoinError) -> Error {
    telemetry::internal(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_share_a_key() {
        assert_eq!(username_key("lola"), username_key("l0la"));
        assert_eq!(username_key("lily"), username_key("1ily"));
        assert_eq!(username_key("modern"), username_key("rnodern"));
        assert_ne!(username_key("ana"), username_key("anna"));
        assert_eq!(login_key(" @Ana "), Some(username_key("ana")));
        assert_eq!(login_key("Ana@Example.org").as_deref(), Some("ana@example.org"));
        assert_eq!(login_key("no such name!"), None);
    }

    #[test]
    fn addresses_are_shortened() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(shortened(address("192.0.2.77")), "192.0.2.0/24");
        assert_eq!(shortened(address("::ffff:192.0.2.77")), "192.0.2.0/24");
        assert_eq!(shortened(address("2001:db8:1:2:3::4")), "2001:db8:1::/48");
        assert_eq!(network(address("2001:db8:1:2ff:3::4")), network(address("2001:db8:1:200::1")));
        assert_ne!(network(address("192.0.2.77")), network(address("192.0.2.78")));
    }
}
