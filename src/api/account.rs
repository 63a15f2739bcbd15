//! The caller's own ways in, and the devices that are signed in.

use crate::error::Result;
use crate::id::SessionId;
use crate::model::{Me, Privacy, Proof, SessionView, SignInWays};
use dioxus::prelude::*;

/// How the caller gets in: whether there is a password, and which accounts elsewhere open this one.
#[get("/api/account/ways", app: crate::server::App, session: crate::server::session::Session)]
pub async fn sign_in_ways() -> Result<SignInWays> {
    crate::server::service::accounts::ways(&app, &session).await
}

/// Where to go, within a minute and from this session, to have an account of a provider open this one too.
///
/// # Errors
/// `not_found` of a provider that this server does not have; `invalid` (`no_match`) of `password`; `rate_limited`.
#[post("/api/account/ways/connect", app: crate::server::App, session: crate::server::session::Session)]
pub async fn connect_way(provider: String, password: String) -> Result<String> {
    crate::server::service::accounts::way_to_connect(&app, &session, &provider, password).await
}

/// The account of a provider opens this one no more.
///
/// # Errors
/// As [`connect_way`].
#[post("/api/account/ways/disconnect", app: crate::server::App, session: crate::server::session::Session)]
pub async fn disconnect_way(provider: String, password: String) -> Result<SignInWays> {
    crate::server::service::accounts::disconnect(&app, &session, &provider, password).await
}

/// Sends the link once more that confirms the caller's address.
///
/// # Errors
/// `not_found` where this server writes no letters; `rate_limited` beyond three an hour.
#[post("/api/account/email/confirm", app: crate::server::App, session: crate::server::session::Session)]
pub async fn send_confirmation() -> Result<()> {
    crate::server::service::accounts::send_confirmation(&app, &session).await
}

/// Sends a link to another address; when it is followed, that is the caller's. Whether somebody else has it is not said.
///
/// # Errors
/// As [`send_confirmation`]; `invalid` of `email`, and (`no_match`) of `password`.
#[post("/api/account/email", app: crate::server::App, session: crate::server::session::Session)]
pub async fn change_email(password: String, email: String) -> Result<()> {
    crate::server::service::accounts::change_email(&app, &session, password, &email).await
}

/// Changes the password, and ends every other session. Without `old_password` only for an account that has none, within five
/// minutes of making it or of signing in afresh (`/auth/{provider}?again=true`).
///
/// # Errors
/// `invalid` of `old_password` (`no_match`, `missing`) or of `password` (`too_short`, `too_long`, `too_weak`); `not_fresh`; `rate_limited`.
#[post("/api/account/password", app: crate::server::App, session: crate::server::session::Session, fresh: crate::server::session::Fresh)]
pub async fn set_password(old_password: Option<String>, password: String) -> Result<()> {
    crate::server::service::accounts::set_password(&app, &session, fresh, old_password, password).await
}

/// The devices that the caller is signed in on: this one first, then as they were used last.
#[get("/api/account/sessions", app: crate::server::App, session: crate::server::session::Session)]
pub async fn sessions() -> Result<Vec<SessionView>> {
    crate::server::service::accounts::sessions(&app, &session).await
}

/// Ends a session of the caller's, with its live connections. Returns the others.
///
/// # Errors
/// `not_found` of somebody else's, and of one that is not there: alike.
#[post("/api/account/sessions/end", app: crate::server::App, session: crate::server::session::Session)]
pub async fn end_session(session_id: SessionId) -> Result<Vec<SessionView>> {
    crate::server::service::accounts::end(&app, &session, session_id).await
}

/// Ends every session of the caller's but this one.
#[post("/api/account/sessions/end_others", app: crate::server::App, session: crate::server::session::Session)]
pub async fn end_other_sessions() -> Result<Vec<SessionView>> {
    crate::server::service::accounts::end_all_others(&app, &session).await
}

/// What the caller lets others know and do.
#[get("/api/account/privacy", app: crate::server::App, session: crate::server::session::Session)]
pub async fn privacy() -> Result<Privacy> {
    crate::server::service::accounts::privacy(&app, &session).await
}

/// Changes it; returns what is kept now.
#[post("/api/account/privacy", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_privacy(privacy: Privacy) -> Result<Privacy> {
    crate::server::service::accounts::set_privacy(&app, &session, privacy).await
}

/// A path under which everything of the caller's can be downloaded, from this session, for a minute: `GET /export`. Of an account without a
/// password no proof is needed within five minutes of signing in afresh.
///
/// # Errors
/// `invalid` (`no_match`, `missing`) of `password`; `not_fresh`; `conflict` while one is under way; `rate_limited` beyond three an hour.
#[post("/api/account/export", app: crate::server::App, session: crate::server::session::Session, fresh: crate::server::session::Fresh)]
pub async fn export(password: Proof) -> Result<String> {
    crate::server::service::export::begin(&app, &session, fresh, password).await
}

/// The account goes in 14 days, unless its owner says [`stay`] or signs in anew; every other session ends. With `takes_messages` what it
/// wrote and brought goes, too; else that stays, under no name.
///
/// # Errors
/// As [`export`]; `conflict` for the only admin of a server with others on it.
#[post("/api/account/leave", app: crate::server::App, session: crate::server::session::Session, fresh: crate::server::session::Fresh)]
pub async fn leave(password: Proof, takes_messages: bool) -> Result<Me> {
    crate::server::service::accounts::leave(&app, &session, fresh, password, takes_messages).await
}

/// The account stays after all.
#[post("/api/account/stay", app: crate::server::App, session: crate::server::session::Session)]
pub async fn stay() -> Result<Me> {
    crate::server::service::accounts::stay(&app, &session).await
}
