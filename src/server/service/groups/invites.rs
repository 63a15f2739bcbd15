//! Links into a group. A link that does not work says the same whatever is the matter with it.

use super::{NO_ROOM, admit, allowed};
use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, TxnId, UserId};
use crate::model::limits::{INVITE_USES_MAX, INVITES_MAX};
use crate::model::{Act, Invite, InvitePreview, InviteTerm, RoomSummary, SystemLine};
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::limits::Rule;
use crate::server::service::rooms;
use crate::server::session::Session;
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngCore;
use std::sync::Arc;

const NO_INVITE: Error = Error::NotFound { what: What::Invite };
/// Characters of 128 bits in base64.
const CODE_CHARS: usize = 22;

/// See [`crate::api::groups::create_invite`].
pub async fn invite(
    app: &App,
    session: &Session,
    room_id: RoomId,
    term: InviteTerm,
    max_uses: Option<u32>,
) -> Result<Invite> {
    let (me, now) = (session.user_id, Timestamp::now());
    if max_uses.is_some_and(|uses| !(1..=INVITE_USES_MAX).contains(&uses)) {
        return Err(Error::invalid("max_uses", Problem::OutOfRange));
    }
    app.limits.check(Rule::Manage, me)?;
    allowed(app, room_id, me, Act::Invite).await?;
    if app.db.invites_of(room_id, now).await?.len() >= INVITES_MAX {
        return Err(Error::invalid("invites", Problem::OutOfRange));
    }
    let mut random = [0; 16];
    rand::rng().fill_bytes(&mut random);
    let invite = Invite {
        code: URL_SAFE_NO_PAD.encode(random),
        room_id,
        by: me,
        created_at: now,
        expires_at: term.end(now),
        uses: 0,
        max_uses,
    };
    app.db.create_invite(&invite).await?;
    Ok(invite)
}

/// See [`crate::api::groups::list_invites`].
pub async fn invites(app: &App, session: &Session, room_id: RoomId) -> Result<Vec<Invite>> {
    app.limits.check(Rule::History, session.user_id)?;
    allowed(app, room_id, session.user_id, Act::Invite).await?;
    Ok(app.db.invites_of(room_id, Timestamp::now()).await?)
}

/// See [`crate::api::groups::revoke_invite`].
pub async fn revoke(app: &App, session: &Session, room_id: RoomId, code: &str) -> Result<()> {
    app.limits.check(Rule::Manage, session.user_id)?;
    allowed(app, room_id, session.user_id, Act::Invite).await?;
    app.db.revoke_invite(room_id, code, Timestamp::now()).await?;
    Ok(())
}

/// See [`crate::api::groups::preview_invite`].
pub async fn preview(app: &App, session: &Session, code: &str) -> Result<InvitePreview> {
    let me = session.user_id;
    app.limits.check(Rule::History, me)?;
    let (invite, card) = live(app, me, code).await?;
    let room = app.db.room(invite.room_id).await?.ok_or(NO_INVITE)?;
    Ok(InvitePreview {
        name: room.name.unwrap_or_default(),
        description: room.description,
        member_count: u32::try_from(card.members.len()).unwrap_or(u32::MAX),
        picture: room.picture,
        room_id: card.has(me).then_some(room.id),
    })
}

/// See [`crate::api::groups::join_by_invite`].
pub async fn join(app: &App, session: &Session, code: &str) -> Result<RoomSummary> {
    let (me, now) = (session.user_id, Timestamp::now());
    app.limits.check(Rule::Join, me)?;
    let (invite, card) = live(app, me, code).await?;
    let room_id = invite.room_id;
    if !card.has(me) {
        if app.db.is_barred(room_id, me).await? {
            return Err(Error::Forbidden);
        }
        if !app.db.use_invite(code, now).await? {
            return Err(NO_INVITE);
        }
        let admitted = admit(app, room_id, me, (me, TxnId::new(), SystemLine::Joined)).await;
        if !matches!(admitted, Ok(true)) {
            // Full, or another tab was first: nobody came in by this use.
            app.db.unuse_invite(code).await?;
        }
        admitted.map_err(|error| if error == NO_ROOM { NO_INVITE } else { error })?;
    }
    rooms::summary(app, me, room_id).await
}

/// A link that works, for someone whom who made it has not blocked, nor they them; and who is in the room.
async fn live(app: &App, me: UserId, code: &str) -> Result<(Invite, Arc<Card>)> {
    let is_code =
        code.len() == CODE_CHARS && code.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
    let found = if is_code { app.db.invite(code, Timestamp::now()).await? } else { None };
    let invite = found.ok_or(NO_INVITE)?;
    let card =
        access::refreshed(app, invite.room_id).await?.filter(|card| !card.members.is_empty()).ok_or(NO_INVITE)?;
    let is_blocked = access::blocks(app, me).await?.between(me, invite.by);
    if is_blocked && !card.has(me) { Err(NO_INVITE) } else { Ok((invite, card)) }
}
