//! Groups. Rooms that are not there and rooms of others answer `not_found` alike; what a role does not allow is `forbidden`.

use crate::error::Result;
use crate::id::{RoomId, UserId};
use crate::model::{Added, Invite, InvitePreview, InviteTerm, MembersPage, NewRoom, Role, RoomChange, RoomSummary};
use dioxus::prelude::*;

/// Makes a group that the caller owns. `room_id` is made by the caller (a UUIDv7) and kept through every retry, so that there is
/// one group. Those of `members` (at most 100) with whom the caller shares a direct room are in it; others are asked.
///
/// # Errors
/// `invalid` of `name`, `description` or `members`; `not_found` when one of `members` is nobody; `conflict` when the id is that
/// of another room.
#[post("/api/rooms", app: crate::server::App, session: crate::server::session::Session)]
pub async fn create_room(room_id: RoomId, name: String, description: String, members: Vec<UserId>) -> Result<NewRoom> {
    crate::server::service::groups::create(&app, &session, room_id, &name, &description, &members).await
}

/// Members in the order they joined, 50 at a time, after the one of `after`; with `query` those whose username begins with it
/// or whose name has it.
#[get("/api/rooms/{room_id}/members?after&query", app: crate::server::App, session: crate::server::session::Session)]
pub async fn list_members(room_id: RoomId, after: Option<UserId>, query: Option<String>) -> Result<MembersPage> {
    crate::server::service::groups::members(&app, &session, room_id, after, query.as_deref()).await
}

/// Puts people in, at most 100. With whom the caller shares no direct room is asked instead, and joins by accepting.
///
/// # Errors
/// `invalid` of `users`, or of `room` when it would be full; `not_found` when one of them is nobody.
#[post("/api/rooms/{room_id}/members", app: crate::server::App, session: crate::server::session::Session)]
pub async fn add_members(room_id: RoomId, users: Vec<UserId>) -> Result<Added> {
    crate::server::service::groups::add(&app, &session, room_id, &users).await
}

/// Takes a member out: admins take out members, the owner admins too. No link lets them in again.
#[post("/api/rooms/{room_id}/members/{user_id}/remove", app: crate::server::App, session: crate::server::session::Session)]
pub async fn remove_member(room_id: RoomId, user_id: UserId) -> Result<()> {
    crate::server::service::groups::remove(&app, &session, room_id, user_id).await
}

/// Leaves. An owner hands over to the admin, else the member, who has been in it for longest; the last one closes the room.
#[post("/api/rooms/{room_id}/leave", app: crate::server::App, session: crate::server::session::Session)]
pub async fn leave_room(room_id: RoomId) -> Result<()> {
    crate::server::service::groups::leave(&app, &session, room_id).await
}

/// Makes a member an admin, or an admin a member; the owner may.
///
/// # Errors
/// `invalid` of `role` for `owner`; `conflict` when their role has changed meanwhile.
#[post("/api/rooms/{room_id}/members/{user_id}/role", app: crate::server::App, session: crate::server::session::Session)]
pub async fn set_role(room_id: RoomId, user_id: UserId, role: Role) -> Result<()> {
    crate::server::service::groups::set_role(&app, &session, room_id, user_id, role).await
}

/// Gives the room to another member; the caller is an admin after that.
#[post("/api/rooms/{room_id}/transfer", app: crate::server::App, session: crate::server::session::Session)]
pub async fn transfer_room(room_id: RoomId, to: UserId) -> Result<()> {
    crate::server::service::groups::transfer(&app, &session, room_id, to).await
}

/// Changes name, description or settings.
///
/// # Errors
/// `invalid` of `name`, `description` or `slow_mode_s` (an hour at most).
#[post("/api/rooms/{room_id}/change", app: crate::server::App, session: crate::server::session::Session)]
pub async fn change_room(room_id: RoomId, change: RoomChange) -> Result<()> {
    crate::server::service::groups::change(&app, &session, room_id, change).await
}

/// Makes a link that lets people in until its time is over, it was used `max_uses` times (1 to 1,000), or it is revoked.
///
/// # Errors
/// `invalid` of `max_uses`, or of `invites` when 20 work already.
#[post("/api/rooms/{room_id}/invites", app: crate::server::App, session: crate::server::session::Session)]
pub async fn create_invite(room_id: RoomId, term: InviteTerm, max_uses: Option<u32>) -> Result<Invite> {
    crate::server::service::groups::invite(&app, &session, room_id, term, max_uses).await
}

/// The links that work now, oldest first, for admins.
#[get("/api/rooms/{room_id}/invites", app: crate::server::App, session: crate::server::session::Session)]
pub async fn list_invites(room_id: RoomId) -> Result<Vec<Invite>> {
    crate::server::service::groups::invites(&app, &session, room_id).await
}

/// Ends a link; harmless when it has ended.
#[post("/api/rooms/{room_id}/invites/{code}/revoke", app: crate::server::App, session: crate::server::session::Session)]
pub async fn revoke_invite(room_id: RoomId, code: String) -> Result<()> {
    crate::server::service::groups::revoke(&app, &session, room_id, &code).await
}

/// What a link leads to: name, description and how many are in it.
///
/// # Errors
/// `not_found` for every link that does not work, whatever the reason.
#[get("/api/invites/{code}", app: crate::server::App, session: crate::server::session::Session)]
pub async fn preview_invite(code: String) -> Result<InvitePreview> {
    crate::server::service::groups::preview(&app, &session, &code).await
}

/// Joins by a link; harmless for who is in it already.
///
/// # Errors
/// As [`preview_invite`]; `forbidden` for who was taken out, until an admin adds them; `invalid` of `room` when it is full.
#[post("/api/invites/{code}/join", app: crate::server::App, session: crate::server::session::Session)]
pub async fn join_by_invite(code: String) -> Result<RoomSummary> {
    crate::server::service::groups::join(&app, &session, &code).await
}
