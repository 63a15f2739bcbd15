//! Changes of groups: the room in `rooms`, its members in `members`, who was taken out in `bars` (unique by `room_user`).
//!
//! There are no transactions, so the order of writes matters:
//!
//! - A member is written or deleted first, then the room's revision is raised. A process that ends between the two leaves a
//!   right list under an old revision; whoever reads next reads the list.
//! - Who owns a group is one field of the room, `owner_id`: a transfer is one write, and no reader sees none or two. The
//!   role of the owner's own member document only keeps it from being deleted: it is set before the transfer and taken
//!   back after it. Left over by a process that ended between, it reads as `admin`, and is put right by the next change
//!   of that member.
//! - A bar is written before its member goes.

use super::convert::{BarDoc, MemberDoc, PinDoc, RoomDoc, date, id, json, room_ids, signed, unsigned, uuid};
use super::failure::{failure, taken};
use super::{Mongo, SERVER_TIME_MAX};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::limits::PINS_MAX;
use crate::model::{Member, Picture, Pin, Role, Room, RoomChange, RoomKind};
use crate::server::store::groups::{Groups, Joined, fits};
use crate::server::store::name::Name;
use crate::server::store::{Messages, Rooms, StoreError, row};
use crate::time::Timestamp;
use async_trait::async_trait;
use mongodb::bson::{Bson, Document, Uuid, doc};
use mongodb::options::ReturnDocument;
use serde::Deserialize;

type Result<T> = std::result::Result<T, StoreError>;

#[derive(Deserialize)]
struct RevisionDoc {
    #[serde(rename = "_id")]
    room_id: Uuid,
    revision: i64,
}

#[async_trait]
impl Groups for Mongo {
    async fn add_members(&self, room_id: RoomId, users: &[UserId], now: Timestamp) -> Result<Joined> {
        let users = row::distinct(users);
        // One after the other in this process, so that a room does not overflow. Other processes may add at the same moment:
        // then a few more than the bound fit.
        let _turn = self.changing.lock().await;
        let room = self.room(room_id).await?.filter(|room| room.kind == RoomKind::Group).ok_or(StoreError::Missing)?;
        let there = self.member_docs(room_id).await?;
        if there.is_empty() {
            return Err(StoreError::Missing);
        }
        let ids: Vec<Uuid> = users.iter().map(|user| uuid(user.0)).collect();
        let accounts = self.users.count_documents(doc! { "_id": { "$in": &ids } }).max_time(SERVER_TIME_MAX);
        if self.run(accounts).await? != users.len() as u64 {
            return Err(StoreError::Missing);
        }
        let barred = doc! { "room_id": uuid(room_id.0), "user_id": { "$in": &ids } };
        let new: Vec<Uuid> =
            ids.into_iter().filter(|user| !there.iter().any(|member| member.user_id == *user)).collect();
        fits(there.len(), new.len())?;
        self.run(self.bars.delete_many(barred)).await?;
        if new.is_empty() {
            return Ok(Joined { room, members: Vec::new() });
        }
        let head = signed(self.heads(&[room_id]).await?.first().map_or(0, |(_, seq)| *seq));
        let last_place = there.iter().map(|member| member.place).max().unwrap_or(0);
        let mut members: Vec<Member> = Vec::with_capacity(new.len());
        for (user_id, place) in new.into_iter().zip(last_place + 1..) {
            let member = MemberDoc {
                room_id: uuid(room_id.0),
                user_id,
                role: Role::Member.name().into(),
                joined_at: date(now),
                place,
                joined_seq: if room.settings.history_for_all { 0 } else { head },
                delivered_seq: head,
                read_seq: head,
                cleared_seq: 0,
                prefs: None,
                spoke_at: None,
                spoke_txn: None,
            };
            match self.attempt(self.members.insert_one(&member)).await? {
                Ok(_) => members.push(member.row()?),
                // Another process let them in at the same moment.
                Err(error) if taken(&error).is_some() => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        let room = if members.is_empty() { room } else { self.raise(room_id).await? };
        Ok(Joined { room, members })
    }

    async fn remove_member(&self, room_id: RoomId, user_id: UserId, roles: &[Role], bar: bool) -> Result<Option<Room>> {
        let Some(own) = self.settled(room_id, user_id).await? else { return Ok(None) };
        if !roles.contains(&own.role) {
            return Ok(None);
        }
        let key = doc! { "room_id": uuid(room_id.0), "user_id": uuid(user_id.0) };
        let mut as_it_was = key.clone();
        if own.role == Role::Owner {
            let all = self.members.count_documents(doc! { "room_id": uuid(room_id.0) }).max_time(SERVER_TIME_MAX);
            if self.run(all).await? > 1 {
                return Ok(None);
            }
        } else {
            as_it_was.insert("role", own.role.name());
        }
        if bar {
            let bar = BarDoc { room_id: uuid(room_id.0), user_id: uuid(user_id.0) };
            match self.attempt(self.bars.insert_one(bar)).await? {
                Ok(_) => {}
                Err(error) if taken(&error).is_some() => {}
                Err(error) => return Err(failure(&error)),
            }
        }
        if self.run(self.members.delete_one(as_it_was)).await?.deleted_count == 0 {
            return Ok(None);
        }
        self.raise(room_id).await.map(Some)
    }

    async fn is_barred(&self, room_id: RoomId, user_id: UserId) -> Result<bool> {
        let key = doc! { "room_id": uuid(room_id.0), "user_id": uuid(user_id.0) };
        Ok(self.run(self.bars.find_one(key).max_time(SERVER_TIME_MAX)).await?.is_some())
    }

    async fn set_role(&self, room_id: RoomId, user_id: UserId, from: Role, to: Role) -> Result<Option<Room>> {
        if from == Role::Owner || to == Role::Owner {
            return Ok(None);
        }
        match self.settled(room_id, user_id).await? {
            Some(own) if own.role == from && self.give_role(room_id, user_id, from, to).await? => {
                self.raise(room_id).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn transfer(&self, room_id: RoomId, from: UserId, to: UserId) -> Result<Option<Room>> {
        let members = self.members(&[room_id]).await?.pop().map(|(_, members)| members).unwrap_or_default();
        let role_of = |user_id| members.iter().find(|member| member.user_id == user_id).map(|member| member.role);
        let (Some(Role::Owner), Some(heir)) = (role_of(from), role_of(to).filter(|_| from != to)) else {
            return Ok(None);
        };
        let stored = self.run(self.rooms.find_one(doc! { "_id": uuid(room_id.0) }).max_time(SERVER_TIME_MAX)).await?;
        let Some(stored) = stored else { return Ok(None) };
        // From here on nobody can take the heir out.
        let heir_key = doc! { "room_id": uuid(room_id.0), "user_id": uuid(to.0) };
        let kept = doc! { "$set": { "role": Role::Owner.name() } };
        if self.run(self.members.update_one(heir_key, kept)).await?.matched_count == 0 {
            return Ok(None);
        }
        let as_it_was = match stored.owner_id {
            Some(owner) => doc! { "_id": uuid(room_id.0), "owner_id": owner },
            None => doc! { "_id": uuid(room_id.0), "owner_id": { "$exists": false } },
        };
        let moved = doc! { "$set": { "owner_id": uuid(to.0) }, "$inc": { "revision": 1_i64 } };
        let moved = self.change_room(as_it_was, moved).await?;
        let (loser, role) = if moved.is_some() { (from, Role::Admin) } else { (to, heir) };
        // Another transfer may have made the loser of this one the owner meanwhile: then they stay what they are.
        if self.owner(room_id).await? != Some(uuid(loser.0)) {
            self.give_role(room_id, loser, Role::Owner, role).await?;
        }
        Ok(moved)
    }

    async fn update_room(&self, room_id: RoomId, change: &RoomChange) -> Result<Option<Room>> {
        let (mut set, mut unset, mut differs) = (Document::new(), Document::new(), Vec::new());
        let mut wish = |field: &str, value: Option<Bson>, default: Option<Bson>| {
            let Some(value) = value else { return };
            // A field that is not there has its default.
            differs.push(match Some(&value) == default.as_ref() {
                true => doc! { field: { "$exists": true, "$ne": &value } },
                false => doc! { field: { "$ne": &value } },
            });
            set.insert(field, value);
        };
        wish("name", change.name.clone().map(Bson::from), None);
        wish("history_for_all", change.history_for_all.map(Bson::from), Some(false.into()));
        wish("slow_mode_s", change.slow_mode_s.map(|s| i64::from(s).into()), Some(0_i64.into()));
        wish("pins_by", change.pins_by.map(|who| who.name().into()), Some("everyone".into()));
        match change.description.as_deref() {
            None => {}
            Some("") => {
                differs.push(doc! { "description": { "$exists": true } });
                unset.insert("description", "");
            }
            Some(text) => {
                differs.push(doc! { "description": { "$ne": text } });
                set.insert("description", text);
            }
        }
        if !differs.is_empty() {
            let mut update = doc! { "$inc": { "revision": 1_i64 } };
            // An empty document is refused.
            [("$set", set), ("$unset", unset)].into_iter().filter(|(_, fields)| !fields.is_empty()).for_each(
                |(operator, fields)| {
                    update.insert(operator, fields);
                },
            );
            if let Some(room) = self.change_room(doc! { "_id": uuid(room_id.0), "$or": differs }, update).await? {
                return Ok(Some(room));
            }
        }
        self.room(room_id).await?.ok_or(StoreError::Missing).map(|_| None)
    }

    async fn set_room_picture(&self, room_id: RoomId, picture: Option<&Picture>) -> Result<Option<Room>> {
        let mut update = doc! { "$inc": { "revision": 1_i64 } };
        let (change, differs) = match picture.map(json).transpose()? {
            Some(text) => (("$set", doc! { "picture": &text }), doc! { "$ne": text }),
            None => (("$unset", doc! { "picture": "" }), doc! { "$exists": true }),
        };
        update.insert(change.0, change.1);
        let changed = self.change_room(doc! { "_id": uuid(room_id.0), "picture": differs }, update).await?;
        if changed.is_none() && self.room(room_id).await?.is_none() {
            return Err(StoreError::Missing);
        }
        Ok(changed)
    }

    async fn pin(&self, room_id: RoomId, pin: &Pin) -> Result<Option<Room>> {
        let message_id = uuid(pin.message_id.0);
        let last_place = format!("pins.{}", PINS_MAX - 1);
        let may_be = doc! {
            "_id": uuid(room_id.0), "pins.message_id": { "$ne": message_id }, last_place: { "$exists": false },
        };
        let pin = mongodb::bson::serialize_to_bson(&PinDoc::from(pin))
            .map_err(|error| StoreError::Other(error.to_string()))?;
        let push = doc! { "$push": { "pins": pin }, "$inc": { "revision": 1_i64 } };
        if let Some(room) = self.change_room(may_be, push).await? {
            return Ok(Some(room));
        }
        let room = self.room(room_id).await?.ok_or(StoreError::Missing)?;
        let is_pinned = room.pins.iter().any(|pin| uuid(pin.message_id.0) == message_id);
        if is_pinned { Ok(None) } else { Err(StoreError::Full) }
    }

    async fn unpin(&self, room_id: RoomId, messages: &[MessageId]) -> Result<Option<Room>> {
        let any = doc! { "$in": messages.iter().map(|message| uuid(message.0)).collect::<Vec<_>>() };
        let pull = doc! { "$pull": { "pins": { "message_id": any.clone() } }, "$inc": { "revision": 1_i64 } };
        self.change_room(doc! { "_id": uuid(room_id.0), "pins.message_id": any }, pull).await
    }

    async fn revisions(&self, rooms: &[RoomId]) -> Result<Vec<(RoomId, u64)>> {
        let revisions = self.rooms.clone_with_type::<RevisionDoc>();
        let query = revisions
            .find(doc! { "_id": { "$in": room_ids(rooms) } })
            .projection(doc! { "revision": 1 })
            .max_time(SERVER_TIME_MAX);
        let found = self.all(query).await?;
        Ok(found.into_iter().map(|room| (RoomId(id(room.room_id)), unsigned(room.revision))).collect())
    }
}

impl Mongo {
    /// A member whose stored role is the one that readers see, put right if it was not.
    async fn settled(&self, room_id: RoomId, user_id: UserId) -> Result<Option<Member>> {
        let own = self.member(room_id, user_id).await?;
        if own.as_ref().is_some_and(|own| own.role == Role::Admin) {
            self.give_role(room_id, user_id, Role::Owner, Role::Admin).await?;
        }
        Ok(own)
    }

    /// Returns whether a member of role `from`, as stored, is there.
    async fn give_role(&self, room_id: RoomId, user_id: UserId, from: Role, to: Role) -> Result<bool> {
        let as_it_was = doc! { "room_id": uuid(room_id.0), "user_id": uuid(user_id.0), "role": from.name() };
        let set = doc! { "$set": { "role": to.name() } };
        Ok(self.run(self.members.update_one(as_it_was, set)).await?.matched_count > 0)
    }

    async fn owner(&self, room_id: RoomId) -> Result<Option<Uuid>> {
        let room = self.run(self.rooms.find_one(doc! { "_id": uuid(room_id.0) }).max_time(SERVER_TIME_MAX)).await?;
        Ok(room.and_then(|room| room.owner_id))
    }

    /// The room in its next revision.
    async fn raise(&self, room_id: RoomId) -> Result<Room> {
        let room = self.change_room(doc! { "_id": uuid(room_id.0) }, doc! { "$inc": { "revision": 1_i64 } }).await?;
        room.ok_or(StoreError::Missing)
    }

    async fn change_room(&self, as_it_was: Document, update: Document) -> Result<Option<Room>> {
        let change = self
            .rooms
            .find_one_and_update(as_it_was, update)
            .return_document(ReturnDocument::After)
            .max_time(SERVER_TIME_MAX);
        self.run(change).await?.map(RoomDoc::row).transpose()
    }
}
