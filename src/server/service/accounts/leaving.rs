//! Accounts that go: arranged by their owner, kept for 14 days in case they change their mind, then made nobody's, and whatever
//! else is kept of them removed.
//!
//! It is done by a sweep of every process. First the account itself is erased, in one step of the store that a sign-in in the
//! same moment either comes before or finds done; then all else, each step harmless when it is done twice. Two minutes later all of it is
//! done once more, for what was under way then, and what tells of the account's end goes, too. A process that ends in between leaves
//! the rest to the next sweep.

use super::prove_any;
use crate::error::{Error, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::live::LogoutReason;
use crate::model::{LEAVING_DAYS, Me, Message, Proof, RoomKind};
use crate::server::App;
use crate::server::audit;
use crate::server::service::mails::{self, About};
use crate::server::service::{changes, files, groups, memory, moderation, profiles, requests};
use crate::server::session::{self, Fresh, Session};
use crate::server::store::{Leaving, StoreError, UserRow};
use crate::time::Timestamp;
use std::collections::BTreeMap;

const DAY_MS: i64 = 24 * 3_600_000;
/// Accounts of one sweep.
const AT_ONCE: usize = 1_000;
/// How long after an account was erased its traces stay: sockets on other processes, and requests and sends under way, have ended by
/// then, and what they still did is taken back, too.
const SETTLE_MS: i64 = 2 * 60_000;
/// Messages of one step.
const STEP: usize = 100;
/// Accounts of one step when admins are counted.
const ACCOUNTS: usize = 200;

/// See [`crate::api::account::leave`].
pub async fn leave(app: &App, session: &Session, fresh: Fresh, proof: Proof, takes_messages: bool) -> Result<Me> {
    let user = prove_any(app, session, fresh, proof).await?;
    if user.is_admin && is_needed(app, &user).await? {
        return Err(Error::Conflict);
    }
    let now = Timestamp::now();
    let leaving = Leaving { due_at: now.plus_ms(LEAVING_DAYS * DAY_MS), takes_messages };
    app.db.set_leaving(user.id, Some(&leaving)).await?;
    // Two of them at the same moment.
    if user.is_admin && is_needed(app, &user).await? {
        app.db.set_leaving(user.id, None).await?;
        return Err(Error::Conflict);
    }
    audit::done("leaving").user(user.id).session(session.session_id).note();
    mails::notify(app, &user, About::Leaving { at: now, due_at: leaving.due_at }).await;
    // It is arranged, whatever becomes of this.
    if let Err(error) = super::settings::end_others(app, session, LogoutReason::SignedOut).await {
        tracing::warn!(%error, user.id = %user.id, "other sessions of an account that goes were not ended");
    }
    Ok(UserRow { leaving: Some(leaving), ..user }.me(app.sanctions.muted_until(session.user_id)))
}

/// Whether somebody is the only admin of others, not counting admins who leave themselves.
async fn is_needed(app: &App, user: &UserRow) -> Result<bool> {
    let (mut after, mut has_others) = (String::new(), false);
    loop {
        let rows = app.db.list_users(&after, ACCOUNTS).await?;
        let Some(last) = rows.last() else { return Ok(has_others) };
        after = last.username.clone();
        for row in rows.iter().filter(|row| row.id != user.id && !row.is_bot) {
            if row.is_admin && row.leaving.is_none() && row.banned_at.is_none() {
                return Ok(false);
            }
            has_others |= row.leaving.is_none();
        }
    }
}

/// See [`crate::api::account::stay`].
pub async fn stay(app: &App, session: &Session) -> Result<Me> {
    let user = app.db.user(session.user_id).await?.ok_or(Error::Unauthenticated)?;
    keep(app, &user).await?;
    Ok(UserRow { leaving: None, ..user }.me(app.sanctions.muted_until(session.user_id)))
}

/// Whoever signs in stays.
///
/// # Errors
/// [`Error::BadCredentials`] when it was erased this moment.
pub(super) async fn come_back(app: &App, user: &UserRow) -> Result<()> {
    if user.deleted_at.is_some() { Err(Error::BadCredentials) } else { keep(app, user).await }
}

async fn keep(app: &App, user: &UserRow) -> Result<()> {
    if user.leaving.is_none() {
        return Ok(());
    }
    match app.db.set_leaving(user.id, None).await {
        Ok(()) => audit::done("staying").user(user.id).note(),
        Err(StoreError::Missing) => return Err(Error::BadCredentials),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Lets a few of those go whose time has come. Returns how many went.
///
/// # Errors
/// Those of the store; the next sweep goes on.
pub async fn sweep(app: &App, now: Timestamp) -> Result<usize> {
    let mut gone = 0;
    let mut failed = None;
    for user in app.db.due_leavings(now, AT_ONCE).await? {
        match erase(app, &user, now).await {
            Ok(is_gone) => gone += usize::from(is_gone),
            Err(error) => {
                // The others must not wait for one that cannot be done.
                tracing::warn!(user.id = %user.id, %error, "an account was not erased to the end");
                failed = Some(error);
            }
        }
    }
    failed.map_or(Ok(gone), Err)
}

/// Returns whether it is gone now; not so when its owner came back in the last moment, or it was gone before.
async fn erase(app: &App, before: &UserRow, now: Timestamp) -> Result<bool> {
    let id = before.id;
    let takes_messages = before.leaving.is_some_and(|leaving| leaving.takes_messages);
    let Some(nobody) = app.db.erase_user(id, now).await? else { return Ok(false) };
    let is_first = before.deleted_at.is_none();
    for row in app.db.sessions_of(id).await?.iter().filter(|row| row.revoked_at.is_none()) {
        session::end(app, row.id, LogoutReason::SignedOut).await?;
    }
    // While they are in their rooms: who shares one is told.
    profiles::announce(app, &nobody).await?;
    requests::end_all_of(app, id).await?;
    if takes_messages {
        take_reactions(app, id).await?;
        take_messages_back(app, id).await?;
    }
    for room in app.db.rooms_of(id).await? {
        if takes_messages {
            memory::take_notes(app, room.id, id).await?;
        }
        if !is_anybody_in(app, room.id).await? {
            app.db.drop_room(room.id).await?;
            app.hub.forget_room(room.id);
        } else if room.kind == RoomKind::Group {
            match groups::part(app, id, room.id, groups::txn_of(id.0, &room.id.to_string())).await {
                Ok(()) | Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    moderation::forget(app, &nobody.person()).await?;
    if nobody.deleted_at.is_none_or(|at| now.0 - at.0 >= SETTLE_MS) {
        app.db.drop_traces(id).await?;
        files::dismiss_all_of(app, id, now).await?;
        app.db.end_leaving(id).await?;
        audit::done("account_erased").user(id).note();
    }
    Ok(is_first)
}

/// Whether a room has a member who is somebody: neither a bot nor erased.
async fn is_anybody_in(app: &App, room_id: RoomId) -> Result<bool> {
    let members = app.db.members(&[room_id]).await?.into_iter().flat_map(|(_, members)| members);
    let ids: Vec<UserId> = members.map(|member| member.user_id).collect();
    Ok(app.db.users(&ids).await?.iter().any(|row| !row.is_bot && row.deleted_at.is_none()))
}

async fn take_messages_back(app: &App, id: UserId) -> Result<()> {
    let mut after = None;
    loop {
        let messages = app.db.messages_by(id, after, STEP).await?;
        let Some(last) = messages.last() else { return Ok(()) };
        after = Some(last.id);
        let mut rooms: BTreeMap<RoomId, Vec<Message>> = BTreeMap::new();
        for message in messages {
            rooms.entry(message.room_id).or_default().push(message);
        }
        for (room_id, messages) in rooms {
            memory::take_notes(app, room_id, id).await?;
            changes::take_back(app, id, room_id, messages).await?;
        }
    }
}

async fn take_reactions(app: &App, id: UserId) -> Result<()> {
    let mut after: Option<MessageId> = None;
    loop {
        let messages = app.db.reacted_by(id, after, STEP).await?;
        let Some(last) = messages.last() else { return Ok(()) };
        after = Some(last.id);
        for message in &messages {
            for reaction in message.reactions.iter().filter(|reaction| reaction.by.contains(&id)) {
                if let Some(changed) = app.db.react(message.id, id, &reaction.emoji, false).await? {
                    changes::tell(app, &changed).await?;
                }
            }
        }
    }
}
