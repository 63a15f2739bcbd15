//! What readers of a group see when a process ended between two of its writes.

use crate::conformance::{Db, NOW, user};
use crate::support::stores::FreshDatabase;
use lavender::id::{RoomId, UserId};
use lavender::model::Role;
use mongodb::bson::{Document, Uuid, doc};

const BELOW_OWNER: [Role; 2] = [Role::Member, Role::Admin];

struct Half {
    database: FreshDatabase,
    db: Db,
    room_id: RoomId,
    ana: UserId,
    ben: UserId,
    cleo: UserId,
}

impl Half {
    /// Ana owns a group, Ben and Cleo are in it.
    async fn new() -> Self {
        let database = FreshDatabase::new();
        let db: Db = database.open().await;
        let (ana, ben, cleo) = (user(&db, "ana").await, user(&db, "ben").await, user(&db, "cleo").await);
        let room = db.create_group(RoomId::new(), "Team", None, &[ana, ben, cleo], NOW).await.unwrap();
        Self { database, db, room_id: room.id, ana, ben, cleo }
    }

    /// One write of the many that a change consists of.
    async fn write(&self, collection: &str, mut key: Document, update: Option<Document>) {
        let client = mongodb::Client::with_uri_str(&self.database.uri).await.unwrap();
        let collection = client.default_database().unwrap().collection::<Document>(collection);
        let room_id = Uuid::from_bytes(self.room_id.0.into_bytes());
        key.insert(if collection.name() == "rooms" { "_id" } else { "room_id" }, room_id);
        let count = match update {
            Some(update) => collection.update_one(key, update).await.unwrap().matched_count,
            None => collection.delete_one(key).await.unwrap().deleted_count,
        };
        assert_eq!(count, 1);
        client.shutdown().await;
    }

    fn of(user_id: UserId) -> Document {
        doc! { "user_id": Uuid::from_bytes(user_id.0.into_bytes()) }
    }

    async fn roles(&self) -> Vec<(UserId, Role)> {
        let members = self.db.members(&[self.room_id]).await.unwrap().remove(0).1;
        members.iter().map(|member| (member.user_id, member.role)).collect()
    }
}

#[tokio::test]
async fn a_transfer_that_only_held_the_heir_has_not_happened() {
    let half = Half::new().await;
    half.write("members", Half::of(half.ben), Some(doc! { "$set": { "role": "owner" } })).await;
    assert_eq!(half.roles().await, [(half.ana, Role::Owner), (half.ben, Role::Admin), (half.cleo, Role::Member)]);
    assert_eq!(half.db.member(half.room_id, half.ben).await.unwrap().unwrap().role, Role::Admin);
    assert!(half.db.set_role(half.room_id, half.ben, Role::Admin, Role::Member).await.unwrap().is_some());
    assert!(half.db.remove_member(half.room_id, half.ben, &[Role::Member], true).await.unwrap().is_some());
    assert!(half.db.transfer(half.room_id, half.ana, half.cleo).await.unwrap().is_some());
    half.database.end().await;
}

#[tokio::test]
async fn a_transfer_that_did_not_clear_up_has_happened() {
    let half = Half::new().await;
    half.write("members", Half::of(half.ben), Some(doc! { "$set": { "role": "owner" } })).await;
    let owner = doc! { "$set": { "owner_id": Uuid::from_bytes(half.ben.0.into_bytes()) } };
    half.write("rooms", doc! {}, Some(owner)).await;
    assert_eq!(half.roles().await, [(half.ana, Role::Admin), (half.ben, Role::Owner), (half.cleo, Role::Member)]);
    assert_eq!(half.db.remove_member(half.room_id, half.ben, &BELOW_OWNER, true).await.unwrap(), None);
    assert!(half.db.remove_member(half.room_id, half.ana, &BELOW_OWNER, true).await.unwrap().is_some());
    half.database.end().await;
}

#[tokio::test]
async fn a_group_whose_owner_is_gone_has_the_next_one() {
    let half = Half::new().await;
    assert!(half.db.set_role(half.room_id, half.cleo, Role::Member, Role::Admin).await.unwrap().is_some());
    half.write("members", Half::of(half.ana), None).await;
    assert_eq!(half.roles().await, [(half.ben, Role::Member), (half.cleo, Role::Owner)]);
    assert!(half.db.transfer(half.room_id, half.cleo, half.ben).await.unwrap().is_some());
    assert_eq!(half.roles().await, [(half.ben, Role::Owner), (half.cleo, Role::Admin)]);
    half.database.end().await;
}

#[tokio::test]
async fn a_member_who_was_written_without_a_revision_is_a_member() {
    let half = Half::new().await;
    half.write("members", Half::of(half.ben), None).await;
    assert_eq!(half.db.room(half.room_id).await.unwrap().unwrap().revision, 1);
    assert_eq!(half.db.remove_member(half.room_id, half.ben, &BELOW_OWNER, true).await.unwrap(), None);
    let back = half.db.add_members(half.room_id, &[half.ben], NOW).await.unwrap();
    assert_eq!((back.room.revision, back.members.len()), (2, 1));
    half.database.end().await;
}
