//! Groups: who is in them, what they are called, and what their admins set.
//!
//! Every change goes the same way: the caller's role is read from the store, the change is one call of the store that
//! compares again, then everybody in the room is told, and a line in the log says it for good. What another process changes
//! is found by [`follow`].

mod create;
mod follow;
mod invites;
mod members;
mod settings;

pub use create::create;
pub use follow::Follower;
pub(super) use follow::settle;
pub use invites::{invite, invites, join, preview, revoke};
pub use members::{add, leave, members, remove, set_role, transfer};
pub(super) use members::{admit, may_admit, part};
pub use settings::change;
pub(in crate::server::service) use settings::set_picture;

use crate::error::{Error, Result, What};
use crate::id::{RoomId, TxnId, UserId};
use crate::live::LiveEvent;
use crate::model::{Act, Member, Role, Room, RoomKind, SystemLine, permission};
use crate::server::App;
use crate::server::access::{self, Card, SMALL_ROOM_MAX};
use crate::server::bus::Notice;
use crate::server::service::{presence, requests};
use crate::server::store::NewMessage;
use sha2::{Digest, Sha256};

const NO_ROOM: Error = Error::NotFound { what: What::Room };

/// The caller in a room, as the store has it now.
pub(in crate::server::service) struct Own {
    room: Room,
    role: Role,
}

impl Own {
    fn may(&self, act: Act) -> bool {
        permission::may(self.room.kind, &self.room.settings, self.role, act)
    }
}

/// The room before its members, so that the list is of its revision or newer.
async fn own(app: &App, room_id: RoomId, me: UserId) -> Result<Own> {
    let room = app.db.room(room_id).await?.ok_or(NO_ROOM)?;
    let role = app.db.member(room_id, me).await?.ok_or(NO_ROOM)?.role;
    Ok(Own { room, role })
}

/// [`own`] of someone who may do this.
pub(in crate::server::service) async fn allowed(app: &App, room_id: RoomId, me: UserId, act: Act) -> Result<Own> {
    let own = own(app, room_id, me).await?;
    if own.may(act) { Ok(own) } else { Err(Error::Forbidden) }
}

/// Adds a line to the log. The change it tells of has happened, so a failure is only noted.
async fn say(app: &App, room_id: RoomId, by: UserId, txn_id: TxnId, line: SystemLine) {
    if let Err(error) = app.log.append(NewMessage::system(room_id, by, txn_id, line)).await {
        tracing::warn!(%error, room.id = %room_id, "a line about a change of a group was not stored");
    }
}

/// Tells everybody in a room of its newest revision: `changed` are members who joined or have another role.
pub(super) async fn tell(app: &App, room: &Room, changed: &[Member], gone: &[UserId]) -> Result<()> {
    app.hub.bus().publish(|| Notice::RoomChanged {
        room: room.clone(),
        // What someone cleared is theirs to know.
        members: changed.iter().map(|member| Member { cleared_seq: 0, ..member.clone() }).collect(),
        gone: gone.to_vec(),
    });
    tell_here(app, room, changed, gone).await
}

/// [`tell`] in this process only.
pub(super) async fn tell_here(app: &App, room: &Room, changed: &[Member], gone: &[UserId]) -> Result<()> {
    app.hub.access().forget_room(room.id);
    let card = access::refreshed(app, room.id).await?.ok_or(NO_ROOM)?;
    if !gone.is_empty() {
        // Also when what should have said so here was lost on its way.
        follow::part_with_strangers(app, &card);
    }
    app.hub.followed(room.id, room.revision);
    let member_count = u32::try_from(card.members.len()).unwrap_or(u32::MAX);
    let event = |members: &[Member], people| LiveEvent::RoomChanged {
        room: room.clone(),
        // What someone cleared is theirs to know.
        members: members.iter().map(|member| Member { cleared_seq: 0, ..member.clone() }).collect(),
        gone: gone.to_vec(),
        people,
        member_count,
    };
    if card.is_small() {
        let ids: Vec<UserId> = changed.iter().map(|member| member.user_id).collect();
        let people = access::people(app, ids).await?;
        let people = people.into_values().map(|known| known.person.clone()).collect();
        app.hub.tell_room_here(room.id, &event(changed, people), |_| true);
        return Ok(());
    }
    // Of a large room everybody holds their own row only.
    let is_changed = |user_id| changed.iter().any(|member| member.user_id == user_id);
    app.hub.tell_room_here(room.id, &event(&[], Vec::new()), |user_id| !is_changed(user_id));
    for member in changed.iter().filter(|member| app.hub.is_listening(member.user_id)) {
        app.hub.tell_user_here(member.user_id, &event(std::slice::from_ref(member), Vec::new()));
    }
    Ok(())
}

/// Lists of members are sent of small rooms only: when a room has grown out of that, or back into it, everybody gets it
/// whole, as they see it.
async fn tell_whole(app: &App, card: &Card) -> Result<()> {
    app.hub.bus().publish(|| Notice::RoomWhole { room_id: card.id });
    tell_whole_here(app, card).await
}

/// [`tell_whole`] in this process only.
async fn tell_whole_here(app: &App, card: &Card) -> Result<()> {
    requests::tell_room_here(app, card.id, &app.hub.listeners(card.id)).await?;
    if !card.is_small() {
        // No longer theirs to know of each other, unless by another room.
        let (app, members) = (app.clone(), card.members.clone());
        tokio::spawn(async move {
            for member in members.iter().filter(|member| app.hub.is_listening(**member)) {
                if let Err(error) = presence::part(&app, *member, &members).await {
                    tracing::warn!(%error, "presence was not withdrawn");
                }
            }
        });
    }
    Ok(())
}

/// These people are in the room now: they hear it, and everybody hears of them.
async fn arrive(app: &App, room: &Room, members: &[Member]) -> Result<()> {
    let new: Vec<UserId> = members.iter().map(|member| member.user_id).collect();
    app.hub.join(room.id, &new);
    // The room comes to them before anything in it.
    requests::tell_room(app, room.id, &new).await?;
    let card = access::refreshed(app, room.id).await?.ok_or(NO_ROOM)?;
    let before = card.members.len().saturating_sub(new.len());
    if before <= SMALL_ROOM_MAX && !card.is_small() {
        app.hub.followed(room.id, room.revision);
        return tell_whole(app, &card).await;
    }
    tell(app, room, members, &[]).await?;
    presence::meet(app, &card, &new).await
}

/// This person is no longer in the room, which the store knows already: nothing of it reaches them from here on.
async fn depart(app: &App, room: &Room, user_id: UserId) -> Result<()> {
    app.hub.leave(room.id, user_id);
    app.hub.tell_user(user_id, &LiveEvent::RoomGone { room_id: room.id });
    let card = access::refreshed(app, room.id).await?.ok_or(NO_ROOM)?;
    if card.members.len() == SMALL_ROOM_MAX {
        app.hub.followed(room.id, room.revision);
        tell_whole(app, &card).await?;
        return presence::meet(app, &card, &card.members).await;
    }
    tell(app, room, &[], &[user_id]).await?;
    if card.is_small() { presence::part(app, user_id, &card.members).await } else { Ok(()) }
}

/// A transaction id that is always the same for one cause, so that its line is said once. A UUIDv8 (RFC 9562).
pub(super) fn txn_of(cause: uuid::Uuid, part: &str) -> TxnId {
    let hash = Sha256::new().chain_update(cause.as_bytes()).chain_update(part).finalize();
    TxnId(uuid::Builder::from_custom_bytes(std::array::from_fn(|i| hash[i])).into_uuid())
}

/// Whether a room is a group that people can be in.
fn is_group(room: &Room) -> bool {
    room.kind == RoomKind::Group
}
