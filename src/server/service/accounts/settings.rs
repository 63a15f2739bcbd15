//! What people change about their own account: the password, and the devices that are signed in.

use super::own_words;
use crate::error::{Error, Problem, Result, What};
use crate::id::SessionId;
use crate::live::LogoutReason;
use crate::model::{Proof, SessionView, limits, pattern};
use crate::server::App;
use crate::server::audit;
use crate::server::limits::Rule;
use crate::server::service::mails::{self, About};
use crate::server::session::{self, Fresh, Session};
use crate::server::store::{SessionRow, UserRow};
use crate::time::Timestamp;

/// Somebody who is signed in proves that they know the password: a borrowed device is not enough for what follows. Wrong ones are
/// counted as at the door.
///
/// # Errors
/// [`Problem::NoMatch`] of `password`; [`Error::RateLimited`].
pub(super) async fn prove(app: &App, session: &Session, password: String) -> Result<UserRow> {
    let wrong = || Error::invalid("password", Problem::NoMatch);
    app.limits.check(Rule::Manage, session.user_id)?;
    let user = app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?;
    pattern::password_length(&password).map_err(|_| wrong())?;
    let counter = format!("own {}", user.id);
    app.limits.login(&counter, Timestamp::now()).await?;
    let stored = Some(user.password_hash.clone()).filter(|hash| !hash.is_empty());
    match app.passwords.check(password, stored).await {
        Ok(verdict) if verdict.matches => {
            app.limits.login_succeeded(&counter).await;
            Ok(user)
        }
        Ok(_) => Err(wrong()),
        Err(error) => {
            app.limits.login_undone(&counter).await;
            Err(error)
        }
    }
}

/// [`prove`] of somebody who may have no password: then they have just signed in afresh.
///
/// # Errors
/// As [`prove`]; [`Problem::Missing`] of `password`; [`Error::NotFresh`].
pub(in crate::server::service) async fn prove_any(
    app: &App,
    session: &Session,
    fresh: Fresh,
    proof: Proof,
) -> Result<UserRow> {
    if let Some(password) = proof {
        return prove(app, session, password).await;
    }
    app.limits.check(Rule::Manage, session.user_id)?;
    let user = app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?;
    match user.password_hash.is_empty() {
        true if fresh.0 => Ok(user),
        true => Err(Error::NotFresh),
        false => Err(Error::invalid("password", Problem::Missing)),
    }
}

/// See [`crate::api::account::set_password`].
pub async fn set_password(app: &App, session: &Session, fresh: Fresh, old: Option<String>, new: String) -> Result<()> {
    pattern::password_length(&new)?;
    let user = match old {
        Some(old) => prove(app, session, old).await.map_err(|error| match error {
            Error::Invalid { problem, .. } => Error::invalid("old_password", problem),
            other => other,
        })?,
        None => {
            let user = app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?;
            if !user.password_hash.is_empty() {
                return Err(Error::invalid("old_password", Problem::Missing));
            }
            app.limits.check(Rule::Manage, session.user_id)?;
            // Who has just made the account has signed in for that.
            let is_new = Timestamp::now().0 - user.created_at.0 <= limits::FRESH_MS;
            if !is_new && !fresh.0 {
                return Err(Error::NotFresh);
            }
            user
        }
    };
    let words = own_words(&user.username, &user.display_name, &user.email);
    let hash = app.passwords.make(new, words).await?;
    app.db.set_password_hash(user.id, &hash).await?;
    audit::done("password_changed").user(user.id).session(session.session_id).note();
    mails::notify(app, &user, About::PasswordChanged { at: Timestamp::now() }).await;
    // They sign in again and go on where they were.
    end_others(app, session, LogoutReason::Revoked).await
}

/// See [`crate::api::account::sessions`].
pub async fn sessions(app: &App, session: &Session) -> Result<Vec<SessionView>> {
    let now = Timestamp::now();
    let mut rows = app.db.sessions_of(session.user_id).await?;
    rows.retain(|row| session::is_live(row, now));
    rows.sort_by_key(|row| (row.id != session.session_id, std::cmp::Reverse(row.last_used_at)));
    let view = |row: SessionRow| SessionView {
        is_this: row.id == session.session_id,
        id: row.id,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        user_agent: row.user_agent,
        network: row.network,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// See [`crate::api::account::end_session`]. As a sign-out there: pages leave, and what that device keeps goes.
pub async fn end(app: &App, session: &Session, id: SessionId) -> Result<Vec<SessionView>> {
    let row = app.db.session(id).await?.filter(|row| row.user_id == session.user_id);
    let row = row.ok_or(Error::NotFound { what: What::Session })?;
    session::end(app, row.id, LogoutReason::SignedOut).await?;
    audit::done("session_ended").user(session.user_id).session(row.id).note();
    sessions(app, session).await
}

/// See [`crate::api::account::end_other_sessions`].
pub async fn end_all_others(app: &App, session: &Session) -> Result<Vec<SessionView>> {
    end_others(app, session, LogoutReason::SignedOut).await?;
    sessions(app, session).await
}

pub(super) async fn end_others(app: &App, session: &Session, reason: LogoutReason) -> Result<()> {
    let now = Timestamp::now();
    let rows = app.db.sessions_of(session.user_id).await?;
    let mut ended = 0;
    for row in rows.iter().filter(|row| row.id != session.session_id && session::is_live(row, now)) {
        session::end(app, row.id, reason).await?;
        ended += 1;
    }
    if ended > 0 {
        tracing::info!(user.id = %session.user_id, ended, "other sessions ended");
    }
    Ok(())
}
