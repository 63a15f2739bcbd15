//! What the members of a group change about it, and the links into it.

use super::{Result, StoreError};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::{Invite, Member, Picture, Pin, Role, Room, RoomChange};
use crate::time::Timestamp;
use async_trait::async_trait;

/// What [`Groups::add_members`] did.
#[derive(Clone, PartialEq, Debug)]
pub struct Joined {
    pub room: Room,
    /// Those who were not in it before; when there is none, nothing has changed.
    pub members: Vec<Member>,
}

/// Changes of a group. Each raises the room's revision by one, after its list of members has changed: who reads the room
/// first and its members then has at least the members of that revision. A group with members has exactly one owner, at
/// every moment.
#[async_trait]
pub trait Groups: Send + Sync {
    /// Lets people in, as plain members. What they see begins at the room's head, or at its first message with
    /// `history_for_all`; nothing is unread. Who is in it already stays as they are, and nobody of `users` is kept out any
    /// more ([`Groups::is_barred`]).
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such group, nobody is in it, or one of them has no account;
    /// [`StoreError::Full`] when not all would fit ([`crate::model::limits::MEMBERS_MAX`]): then nobody is let in.
    async fn add_members(&self, room_id: RoomId, users: &[UserId], now: Timestamp) -> Result<Joined>;
    /// Takes a member out if their role is one of `roles`; an owner goes only as the last one. `bar`: links do not let them in
    /// again. `None`: not a member, or of another role.
    async fn remove_member(&self, room_id: RoomId, user_id: UserId, roles: &[Role], bar: bool) -> Result<Option<Room>>;
    /// Whether a person was taken out, and not added again since.
    async fn is_barred(&self, room_id: RoomId, user_id: UserId) -> Result<bool>;
    /// Compare-and-set; neither role is `Owner`. `None`: not a member of role `from`.
    async fn set_role(&self, room_id: RoomId, user_id: UserId, from: Role, to: Role) -> Result<Option<Room>>;
    /// Makes a member the owner and the owner an admin. `None`: `from` does not own the room, or `to` is not in it.
    async fn transfer(&self, room_id: RoomId, from: UserId, to: UserId) -> Result<Option<Room>>;
    /// `None`: it is so already.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    async fn update_room(&self, room_id: RoomId, change: &RoomChange) -> Result<Option<Room>>;
    /// Sets the picture or takes it away. `None`: it is so already.
    ///
    /// # Errors
    /// [`StoreError::Missing`].
    async fn set_room_picture(&self, room_id: RoomId, picture: Option<&Picture>) -> Result<Option<Room>>;
    /// Rooms of two have pins too. `None`: that message is pinned already.
    ///
    /// # Errors
    /// [`StoreError::Missing`]; [`StoreError::Full`] beyond [`crate::model::limits::PINS_MAX`].
    async fn pin(&self, room_id: RoomId, pin: &Pin) -> Result<Option<Room>>;
    /// `None`: none of these was pinned.
    async fn unpin(&self, room_id: RoomId, messages: &[MessageId]) -> Result<Option<Room>>;
    /// The revision of each of these rooms that exists, in any order.
    async fn revisions(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>>;
}

#[async_trait]
pub trait Invites: Send + Sync {
    /// Stored once per code.
    async fn create_invite(&self, invite: &Invite) -> Result<()>;
    /// A link that works now: not revoked, not expired, not used up.
    async fn invite(&self, code: &str, now: Timestamp) -> Result<Option<Invite>>;
    /// The links of a room that work now, oldest first.
    async fn invites_of(&self, room_id: RoomId, now: Timestamp) -> Result<Vec<Invite>>;
    /// Counts a use if the link works now. Atomic: of many at once no more than `max_uses` succeed.
    async fn use_invite(&self, code: &str, now: Timestamp) -> Result<bool>;
    /// Takes a use back that did not lead into the room.
    async fn unuse_invite(&self, code: &str) -> Result<()>;
    /// Returns whether it worked before.
    async fn revoke_invite(&self, room_id: RoomId, code: &str, now: Timestamp) -> Result<bool>;
}

/// The members that would be too many.
pub(super) fn fits(members: usize, more: usize) -> Result<()> {
    if members + more > crate::model::limits::MEMBERS_MAX { Err(StoreError::Full) } else { Ok(()) }
}
