//! Who is in a group: adding, taking out, leaving, roles.

use super::create::Wanted;
use super::{NO_ROOM, allowed, arrive, depart, own, say, tell};
use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, TxnId, UserId};
use crate::model::{Act, Added, Member, MembersPage, Role, Room, SystemLine};
use crate::server::App;
use crate::server::limits::Rule;
use crate::server::service::{assistant, memory};
use crate::server::session::Session;
use crate::server::store::{Joined, StoreError};
use crate::server::{access, audit};
use crate::time::Timestamp;

const NO_PERSON: Error = Error::NotFound { what: What::Person };
/// Members of one answer.
const PAGE: usize = 50;
/// How often someone who leaves starts again because the group changed under them.
const TRIES: usize = 8;

/// See [`crate::api::groups::add_members`].
pub async fn add(app: &App, session: &Session, room_id: RoomId, users: &[UserId]) -> Result<Added> {
    let me = session.user_id;
    if users.is_empty() {
        return Err(Error::invalid("users", Problem::Missing));
    }
    app.limits.check(Rule::Manage, me)?;
    allowed(app, room_id, me, Act::AddMembers).await?;
    let there = members_of(app, room_id).await?;
    let is_new = |user_id: &&UserId| !there.iter().any(|member| member.user_id == **user_id);
    let new: Vec<UserId> = users.iter().filter(is_new).copied().collect();
    let wanted = Wanted::sort(app, me, &new, "users").await?;
    if !wanted.contacts.is_empty() {
        let joined = let_in(app, room_id, &wanted.contacts).await?;
        if !joined.members.is_empty() {
            arrive(app, &joined.room, &joined.members).await?;
            let users = joined.members.iter().map(|member| member.user_id).collect();
            say(app, room_id, me, TxnId::new(), SystemLine::Added { users }).await;
        }
    }
    wanted.ask(app, me, room_id).await
}

async fn let_in(app: &App, room_id: RoomId, users: &[UserId]) -> Result<Joined> {
    app.db.add_members(room_id, users, Timestamp::now()).await.map_err(|error| match error {
        StoreError::Full => Error::invalid("room", Problem::OutOfRange),
        StoreError::Missing => NO_ROOM,
        other => other.into(),
    })
}

/// Lets one person in who agreed to it: by a link, or asked by `by`. Returns whether they were not in it before. Harmless when
/// repeated with the same `txn_id`.
///
/// # Errors
/// [`Error::NotFound`] when nobody is in the room; [`Error::Invalid`] of `room` when it is full.
pub(crate) async fn admit(
    app: &App,
    room_id: RoomId,
    user_id: UserId,
    (by, txn_id, line): (UserId, TxnId, SystemLine),
) -> Result<bool> {
    let joined = let_in(app, room_id, &[user_id]).await?;
    if joined.members.is_empty() {
        return Ok(false);
    }
    arrive(app, &joined.room, &joined.members).await?;
    say(app, room_id, by, txn_id, line).await;
    Ok(true)
}

/// Whether someone may let others into a room now.
pub(crate) async fn may_admit(app: &App, room_id: RoomId, user_id: UserId) -> Result<bool> {
    match own(app, room_id, user_id).await {
        Ok(own) => Ok(own.may(Act::AddMembers)),
        Err(Error::NotFound { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// See [`crate::api::groups::remove_member`].
pub async fn remove(app: &App, session: &Session, room_id: RoomId, user_id: UserId) -> Result<()> {
    let me = session.user_id;
    app.limits.check(Rule::Manage, me)?;
    let own = own(app, room_id, me).await?;
    let roles: Vec<Role> = [Role::Member, Role::Admin].into_iter().filter(|role| own.may(Act::Remove(*role))).collect();
    if roles.is_empty() {
        return Err(Error::Forbidden);
    }
    let target = app.db.member(room_id, user_id).await?.ok_or(NO_PERSON)?;
    if !roles.contains(&target.role) {
        return Err(Error::Forbidden);
    }
    // The role is compared again by the store.
    let room = app.db.remove_member(room_id, user_id, &roles, true).await?.ok_or(Error::Conflict)?;
    audit::done("member_removed").user(me).about(user_id).room(room_id).note();
    depart(app, &room, user_id).await?;
    say(app, room_id, me, TxnId::new(), SystemLine::Removed { user: user_id }).await;
    // Nobody could see any more what it keeps.
    if user_id == assistant::ID { memory::forget_all(app, room_id).await } else { Ok(()) }
}

/// See [`crate::api::groups::leave_room`].
pub async fn leave(app: &App, session: &Session, room_id: RoomId) -> Result<()> {
    app.limits.check(Rule::Join, session.user_id)?;
    part(app, session.user_id, room_id, TxnId::new()).await
}

/// Takes somebody who wants to go out of a group; who owned it hands it over. `txn_id` is that of the line that says so.
///
/// # Errors
/// Those of [`leave`].
pub(in crate::server::service) async fn part(app: &App, me: UserId, room_id: RoomId, txn_id: TxnId) -> Result<()> {
    allowed(app, room_id, me, Act::Leave).await?;
    for _ in 0..TRIES {
        let members = members_of(app, room_id).await?;
        let role = members.iter().find(|member| member.user_id == me).ok_or(NO_ROOM)?.role;
        let is_last = members.iter().all(|member| member.user_id == me || member.user_id == assistant::ID);
        if is_last && members.len() > 1 {
            // It does not stay on its own, nor own anything.
            hand_over(app, room_id, assistant::ID, me).await?;
            if let Some(room) =
                app.db.remove_member(room_id, assistant::ID, &[Role::Member, Role::Admin], false).await?
            {
                depart(app, &room, assistant::ID).await?;
            }
            continue;
        }
        if role == Role::Owner
            && let Some(heir) = heir(&members)
        {
            // By two writes: a process that ends between them leaves a group with a new owner, and its old one in it.
            hand_over(app, room_id, me, heir).await?;
            continue;
        }
        if let Some(room) = app.db.remove_member(room_id, me, &[role], false).await? {
            depart(app, &room, me).await?;
            if members.len() > 1 {
                say(app, room_id, me, txn_id, SystemLine::Left).await;
            } else {
                app.db.drop_memory(room_id).await?;
            }
            return Ok(());
        }
    }
    Err(Error::Conflict)
}

/// Who owns a group after its owner: the admin, else the member, who has been in it for longest.
fn heir(members: &[Member]) -> Option<UserId> {
    let people = || members.iter().filter(|member| member.user_id != assistant::ID);
    let longest = |role| people().find(|member| member.role == role).map(|member| member.user_id);
    longest(Role::Admin).or_else(|| longest(Role::Member))
}

/// Returns whether it is done; not so when the group changed meanwhile.
async fn hand_over(app: &App, room_id: RoomId, from: UserId, to: UserId) -> Result<bool> {
    let Some(room) = app.db.transfer(room_id, from, to).await? else { return Ok(false) };
    audit::done("role_changed").user(from).about(to).room(room_id).note();
    tell_members(app, &room, &[from, to]).await?;
    say(app, room_id, from, TxnId::new(), SystemLine::Owner { user: to }).await;
    Ok(true)
}

/// Tells of members whose role has changed.
async fn tell_members(app: &App, room: &Room, users: &[UserId]) -> Result<()> {
    let mut members = members_of(app, room.id).await?;
    members.retain(|member| users.contains(&member.user_id));
    tell(app, room, &members, &[]).await
}

/// See [`crate::api::groups::set_role`].
pub async fn set_role(app: &App, session: &Session, room_id: RoomId, user_id: UserId, role: Role) -> Result<()> {
    let me = session.user_id;
    app.limits.check(Rule::Manage, me)?;
    let own = own(app, room_id, me).await?;
    if role == Role::Owner {
        return Err(Error::invalid("role", Problem::OutOfRange));
    }
    if !own.may(Act::SetRole(Role::Member, role)) {
        return Err(Error::Forbidden);
    }
    let from = app.db.member(room_id, user_id).await?.ok_or(NO_PERSON)?.role;
    if !own.may(Act::SetRole(from, role)) {
        return Err(Error::Forbidden);
    }
    if from == role {
        return Ok(());
    }
    let room = app.db.set_role(room_id, user_id, from, role).await?.ok_or(Error::Conflict)?;
    audit::done("role_changed").user(me).about(user_id).room(room_id).note();
    tell_members(app, &room, &[user_id]).await?;
    say(app, room_id, me, TxnId::new(), SystemLine::Role { user: user_id, role }).await;
    Ok(())
}

/// See [`crate::api::groups::transfer_room`].
pub async fn transfer(app: &App, session: &Session, room_id: RoomId, to: UserId) -> Result<()> {
    let me = session.user_id;
    app.limits.check(Rule::Manage, me)?;
    allowed(app, room_id, me, Act::Transfer).await?;
    if to == me {
        return Ok(());
    }
    app.db.member(room_id, to).await?.ok_or(NO_PERSON)?;
    if to == assistant::ID {
        return Err(Error::Forbidden);
    }
    if hand_over(app, room_id, me, to).await? { Ok(()) } else { Err(Error::Conflict) }
}

/// See [`crate::api::groups::list_members`].
pub async fn members(
    app: &App,
    session: &Session,
    room_id: RoomId,
    after: Option<UserId>,
    query: Option<&str>,
) -> Result<MembersPage> {
    let me = session.user_id;
    app.limits.check(Rule::History, me)?;
    let all = members_of(app, room_id).await?;
    // Not from the cache: who was taken out sees nobody.
    if !all.iter().any(|member| member.user_id == me) {
        return Err(NO_ROOM);
    }
    let ids: Vec<UserId> = all.iter().map(|member| member.user_id).collect();
    let people = access::people(app, ids).await?;
    let query = query.unwrap_or_default().trim().trim_start_matches('@').to_lowercase();
    let fits = |member: &&Member| match people.get(&member.user_id) {
        Some(known) => {
            known.person.username.starts_with(&query) || known.person.display_name.to_lowercase().contains(&query)
        }
        None => query.is_empty(),
    };
    let behind = after.and_then(|after| all.iter().position(|member| member.user_id == after));
    let mut found = all[behind.map_or(0, |place| place + 1)..].iter().filter(fits);
    let page: Vec<Member> = found.by_ref().take(PAGE).cloned().collect();
    let next = found.next().and(page.last()).map(|last| last.user_id);
    let people = page.iter().filter_map(|member| people.get(&member.user_id)).map(|known| known.person.clone());
    Ok(MembersPage { people: people.collect(), members: page, next })
}

async fn members_of(app: &App, room_id: RoomId) -> Result<Vec<Member>> {
    Ok(app.db.members(&[room_id]).await?.pop().map(|(_, members)| members).unwrap_or_default())
}
