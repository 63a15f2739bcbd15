//! Rooms, in `rooms` (by `_id`, unique by `pair`), and who is in them, in `members` (unique by `room_user`, found by
//! `user_room`).
//!
//! Members are stored before their room, so the one write of the room makes it exist whole: no transaction is needed, and
//! what a creation that failed half-way leaves behind belongs to a room that nobody can find.

use super::convert::{MemberDoc, RoomDoc, binary, date, id, room_ids, signed, time, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{RoomId, TxnId, UserId};
use crate::model::{Member, Role, Room, RoomKind, Seq};
use crate::server::store::name::Name;
use crate::server::store::{Marked, Messages, Rooms, StoreError, row};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Document, Uuid, doc};
use mongodb::options::ReturnDocument;
use serde::Deserialize;
use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Rooms for Mongo {
    async fn direct_room(&self, a: UserId, b: UserId, now: Timestamp) -> Result<(Room, bool)> {
        let pair = row::pair(a, b)?;
        if let Some(room) = self.room_of_pair(pair).await? {
            return Ok((room, false));
        }
        let room = Room::new(RoomId::new(), RoomKind::Direct, None, now);
        if self.create_room(&room, Some(pair), &[a, b], Role::Member).await? {
            return Ok((room, true));
        }
        // Another call was first; ours is a room that does not exist, with two members.
        self.run(self.members.delete_many(doc! { "room_id": uuid(room.id.0) })).await?;
        self.soon(|| self.room_of_pair(pair)).await.map(|first| (first, false))
    }

    async fn find_direct_room(&self, a: UserId, b: UserId) -> Result<Option<Room>> {
        self.room_of_pair(row::pair(a, b)?).await
    }

    async fn create_group(
        &self,
        id: RoomId,
        name: &str,
        description: Option<&str>,
        members: &[UserId],
        now: Timestamp,
    ) -> Result<Room> {
        if let Some(room) = self.room(id).await? {
            return Ok(room);
        }
        let mut room = Room::new(id, RoomKind::Group, Some(name.to_owned()), now);
        room.description = description.map(str::to_owned);
        if self.create_room(&room, None, &row::distinct(members), Role::Owner).await? {
            return Ok(room);
        }
        self.soon(|| self.room(id)).await
    }

    async fn room(&self, id: RoomId) -> Result<Option<Room>> {
        self.find_room(doc! { "_id": uuid(id.0) }).await
    }

    async fn rooms_of(&self, user_id: UserId) -> Result<Vec<Room>> {
        let of_user = doc! { "user_id": uuid(user_id.0) };
        let memberships =
            self.all(self.members.find(of_user).projection(MemberDoc::public()).max_time(SERVER_TIME_MAX)).await?;
        let ids: Vec<Uuid> = memberships.iter().map(|member| member.room_id).collect();
        let rooms = self.all(self.rooms.find(doc! { "_id": { "$in": ids } }).max_time(SERVER_TIME_MAX)).await?;
        rooms.into_iter().map(RoomDoc::row).collect()
    }

    async fn members(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, Vec<Member>)>> {
        let in_rooms = doc! { "room_id": { "$in": room_ids(rooms) } };
        let found = self.all(self.members.find(in_rooms).projection(MemberDoc::public()).max_time(SERVER_TIME_MAX));
        let (found, owners) = tokio::join!(found, self.owners(rooms));
        let (mut found, owners) = (found?, owners?);
        found.sort_by_key(|member| (member.joined_at, member.place));
        let mut by_room: HashMap<Uuid, Vec<MemberDoc>> = HashMap::with_capacity(rooms.len());
        for member in found {
            by_room.entry(member.room_id).or_default().push(member);
        }
        let mut listed = Vec::with_capacity(rooms.len());
        for room in rooms {
            let mut members = by_room.remove(&uuid(room.0)).unwrap_or_default();
            if let Some(owner) = owners.get(&uuid(room.0)) {
                show_owner(*owner, &mut members);
            }
            listed.push((*room, members.into_iter().map(MemberDoc::row).collect::<Result<_>>()?));
        }
        Ok(listed)
    }

    async fn member(&self, room_id: RoomId, user_id: UserId) -> Result<Option<Member>> {
        let key = doc! { "room_id": uuid(room_id.0), "user_id": uuid(user_id.0) };
        let found = self.members.find_one(key).projection(MemberDoc::public()).max_time(SERVER_TIME_MAX);
        self.member_of(room_id, self.run(found)).await?.map(MemberDoc::row).transpose()
    }

    async fn memberships_of(&self, user_id: UserId) -> Result<Vec<(RoomId, Member)>> {
        let query = self
            .members
            .find(doc! { "user_id": uuid(user_id.0) })
            .projection(MemberDoc::public())
            .max_time(SERVER_TIME_MAX);
        let found = self.all(query).await?;
        found.into_iter().map(|member| Ok((RoomId(id(member.room_id)), member.row()?))).collect()
    }

    async fn mark(
        &self,
        room_id: RoomId,
        user_id: UserId,
        delivered: Option<Seq>,
        read: Option<Seq>,
    ) -> Result<Option<Marked>> {
        let (delivered, read) = (delivered.unwrap_or(0), read.unwrap_or(0));
        let wanted = delivered.max(read);
        // The head is asked for only by a mark beyond what this process knows to be stored.
        let mut head = self.known_head(room_id);
        if wanted > head {
            head = self.heads(&[room_id]).await?.first().map_or(0, |(_, seq)| *seq);
            self.learn_head(room_id, head);
        }
        let (delivered, read) = (signed(delivered.min(head)), signed(read.min(head)));
        let raise = self
            .members
            .find_one_and_update(
                doc! {
                    "room_id": uuid(room_id.0),
                    "user_id": uuid(user_id.0),
                    "$or": [
                        { "delivered_seq": { "$lt": delivered } },
                        { "read_seq": { "$lt": read } },
                        { "prefs.unread_from": { "$lte": read } },
                    ],
                },
                doc! { "$max": { "delivered_seq": delivered, "read_seq": read } },
            )
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        // The role does not matter for a mark; it is read only when the whole member is told.
        let Some(mut raised) = self.run(raise).await? else { return Ok(None) };
        let mut unmarked =
            raised.prefs.as_ref().is_some_and(|prefs| prefs.unread_from.is_some_and(|from| from <= read));
        if unmarked {
            // If this fails the mark is still there, and the next reading takes it away.
            let unmark = self
                .members
                .find_one_and_update(
                    doc! {
                        "room_id": uuid(room_id.0), "user_id": uuid(user_id.0), "prefs.unread_from": { "$lte": read },
                    },
                    doc! { "$unset": { "prefs.unread_from": "" }, "$inc": { "prefs.revision": 1_i64 } },
                )
                .return_document(ReturnDocument::After)
                .max_time(SERVER_TIME_MAX);
            match self.run(unmark).await? {
                Some(after) => {
                    raised = self.member_of(room_id, async { Ok(Some(after.clone())) }).await?.unwrap_or(after);
                }
                // Another device was first, and tells.
                None => {
                    unmarked = false;
                    raised.prefs.iter_mut().for_each(|prefs| prefs.unread_from = None);
                }
            }
        }
        Ok(Some(Marked { prefs: raised.prefs()?, member: raised.row()?, unmarked }))
    }

    async fn take_turn(
        &self,
        room_id: RoomId,
        user_id: UserId,
        txn_id: TxnId,
        now: Timestamp,
        pause_ms: u64,
    ) -> Result<Option<u64>> {
        let key = doc! { "room_id": uuid(room_id.0), "user_id": uuid(user_id.0) };
        let pause = i64::try_from(pause_ms).unwrap_or(i64::MAX);
        let mut free = key.clone();
        free.insert(
            "$or",
            [
                doc! { "spoke_at": { "$exists": false } },
                doc! { "spoke_at": { "$lte": date(Timestamp(now.0.saturating_sub(pause))) } },
                doc! { "spoke_txn": uuid(txn_id.0) },
            ],
        );
        // The turn of a message that comes again stays when it was.
        let again = doc! { "$eq": ["$spoke_txn", uuid(txn_id.0)] };
        let spoke_at = doc! { "$cond": [again, "$spoke_at", date(now)] };
        let take = vec![doc! { "$set": { "spoke_at": spoke_at, "spoke_txn": uuid(txn_id.0) } }];
        if self.run(self.members.update_one(free, take)).await?.matched_count > 0 {
            return Ok(None);
        }
        let stored =
            self.run(self.members.find_one(key).max_time(SERVER_TIME_MAX)).await?.ok_or(StoreError::Missing)?;
        // What refused it may not be with the majority yet.
        Ok(Some(row::turn_wait(stored.spoke_at.map(time), now, pause_ms).unwrap_or(pause_ms.max(1))))
    }
}

/// Makes the roles of a group's members, in the order they joined, what `owner` says: see [`super::groups`]. If the owner is
/// not among them (a process ended while they went), the longest-serving admin or member counts as the owner.
fn show_owner(owner: Uuid, members: &mut [MemberDoc]) {
    let place = members
        .iter()
        .position(|member| member.user_id == owner)
        .or_else(|| members.iter().position(|member| member.role != Role::Member.name()))
        .or_else(|| (!members.is_empty()).then_some(0));
    for (index, member) in members.iter_mut().enumerate() {
        if Some(index) == place {
            member.role = Role::Owner.name().into();
        } else if member.role == Role::Owner.name() {
            member.role = Role::Admin.name().into();
        }
    }
}

#[derive(Deserialize)]
struct OwnerDoc {
    #[serde(rename = "_id")]
    room_id: Uuid,
    owner_id: Uuid,
}

impl Mongo {
    /// The owner of each group that has one.
    async fn owners(&self, rooms: &[RoomId]) -> Result<HashMap<Uuid, Uuid>> {
        let owners = self.rooms.clone_with_type::<OwnerDoc>();
        let query = owners
            .find(doc! { "_id": { "$in": room_ids(rooms) }, "owner_id": { "$exists": true } })
            .projection(doc! { "owner_id": 1 })
            .max_time(SERVER_TIME_MAX);
        Ok(self.all(query).await?.into_iter().map(|room| (room.room_id, room.owner_id)).collect())
    }

    /// A member that is being read, with the role that their room gives them.
    pub(super) async fn member_of(
        &self,
        room_id: RoomId,
        find: impl Future<Output = Result<Option<MemberDoc>>>,
    ) -> Result<Option<MemberDoc>> {
        let rooms = [room_id];
        let (found, owners) = tokio::join!(find, self.owners(&rooms));
        let (mut found, owners) = (found?, owners?);
        if let (Some(member), Some(owner)) = (&mut found, owners.get(&uuid(room_id.0))) {
            match (member.user_id == *owner, member.role == Role::Owner.name()) {
                (true, _) => member.role = Role::Owner.name().into(),
                (false, true) => member.role = Role::Admin.name().into(),
                (false, false) => {}
            }
        }
        Ok(found)
    }

    /// As stored: the role of an owner is that of [`super::groups`].
    pub(super) async fn member_docs(&self, room_id: RoomId) -> Result<Vec<MemberDoc>> {
        self.all(self.members.find(doc! { "room_id": uuid(room_id.0) }).max_time(SERVER_TIME_MAX)).await
    }

    async fn room_of_pair(&self, pair: [u8; 32]) -> Result<Option<Room>> {
        self.find_room(doc! { "pair": binary(&pair) }).await
    }

    async fn find_room(&self, filter: Document) -> Result<Option<Room>> {
        self.run(self.rooms.find_one(filter).max_time(SERVER_TIME_MAX)).await?.map(RoomDoc::row).transpose()
    }

    /// The room that a unique index has just told of: a moment later a majority has it too.
    async fn soon<F: Future<Output = Result<Option<Room>>>>(&self, find: impl Fn() -> F) -> Result<Room> {
        for pause_ms in [0, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024] {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            if let Some(room) = find().await? {
                return Ok(room);
            }
        }
        Err(StoreError::Unavailable("the room is being created".into()))
    }

    /// `false` when a room of this id or pair is there already.
    async fn create_room(
        &self,
        room: &Room,
        pair: Option<[u8; 32]>,
        members: &[UserId],
        first_role: Role,
    ) -> Result<bool> {
        let ids: Vec<Uuid> = members.iter().map(|member| uuid(member.0)).collect();
        let accounts = self.users.count_documents(doc! { "_id": { "$in": ids } }).max_time(SERVER_TIME_MAX);
        if self.run(accounts).await? != members.len() as u64 {
            return Err(StoreError::Missing);
        }
        let docs: Vec<MemberDoc> = members
            .iter()
            .zip(0_i64..)
            .map(|(user_id, place)| MemberDoc {
                room_id: uuid(room.id.0),
                user_id: uuid(user_id.0),
                role: if place == 0 { first_role } else { Role::Member }.name().into(),
                joined_at: date(room.created_at),
                place,
                joined_seq: 0,
                delivered_seq: 0,
                read_seq: 0,
                cleared_seq: 0,
                prefs: None,
                spoke_at: None,
                spoke_txn: None,
            })
            .collect();
        if !docs.is_empty() {
            // Members that an earlier attempt with this id has stored stay as they are.
            match self.attempt(self.members.insert_many(docs).ordered(false)).await? {
                Ok(_) => {}
                Err(error) if super::failure::refused(&error).is_some() => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        let mut doc = RoomDoc::new(room, pair);
        if first_role == Role::Owner {
            doc.owner_id = members.first().map(|owner| uuid(owner.0));
        }
        match self.attempt(self.rooms.insert_one(doc)).await? {
            Ok(_) => Ok(true),
            Err(error) if taken(&error).is_some() => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }
}
