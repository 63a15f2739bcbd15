use super::{Db, NOW, at_once, room_of_two, say, say_many, two_users, user};
use lavender::id::{RoomId, UserId};
use lavender::model::{Member, Role, RoomKind};
use lavender::server::store::StoreError;
use std::collections::BTreeSet;

async fn members_of(db: &Db, room_id: RoomId) -> Vec<Member> {
    let mut answer = db.members(&[room_id]).await.unwrap();
    assert_eq!(answer.len(), 1);
    assert_eq!(answer[0].0, room_id);
    answer.remove(0).1
}

pub async fn however_often_a_pair_asks_it_has_one_room(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let rooms = at_once(16, |n| {
        let db = db.clone();
        let (a, b) = if n % 2 == 0 { (ana, ben) } else { (ben, ana) };
        async move { db.direct_room(a, b, NOW).await.unwrap() }
    })
    .await;
    assert_eq!(rooms.iter().map(|(room, _)| room.id).collect::<BTreeSet<_>>().len(), 1);
    assert_eq!(rooms.iter().filter(|(_, is_new)| *is_new).count(), 1);
    let members: BTreeSet<_> = members_of(&db, rooms[0].0.id).await.iter().map(|member| member.user_id).collect();
    assert_eq!(members, BTreeSet::from([ana, ben]));
    assert_eq!(db.rooms_of(ana).await.unwrap(), [rooms[0].0.clone()]);
}

pub async fn a_pair_has_one_room_in_either_order(db: Db) {
    let (ana, ben) = two_users(&db).await;
    assert_eq!(db.find_direct_room(ana, ben).await.unwrap(), None);
    let (room, is_new) = db.direct_room(ana, ben, NOW).await.unwrap();
    assert!(is_new);
    assert_eq!((room.kind, room.name.as_deref(), room.created_at), (RoomKind::Direct, None, NOW));
    assert_eq!(db.direct_room(ben, ana, NOW.plus_ms(9)).await.unwrap(), (room.clone(), false));
    assert_eq!(db.find_direct_room(ben, ana).await.unwrap().as_ref(), Some(&room));
    assert_eq!(db.room(room.id).await.unwrap().as_ref(), Some(&room));
    let cleo = user(&db, "cleo").await;
    assert_ne!(db.direct_room(ana, cleo, NOW).await.unwrap().0.id, room.id);
}

pub async fn a_person_has_no_direct_room_alone(db: Db) {
    let ana = user(&db, "ana").await;
    assert!(matches!(db.direct_room(ana, ana, NOW).await, Err(StoreError::Missing)));
    assert!(db.rooms_of(ana).await.unwrap().is_empty());
}

pub async fn a_room_needs_accounts(db: Db) {
    let ana = user(&db, "ana").await;
    let (nobody, room_id) = (UserId::new(), RoomId::new());
    assert!(matches!(db.direct_room(ana, nobody, NOW).await, Err(StoreError::Missing)));
    assert!(matches!(db.create_group(room_id, "Team", None, &[ana, nobody], NOW).await, Err(StoreError::Missing)));
    assert_eq!(db.room(room_id).await.unwrap(), None);
    assert!(db.rooms_of(ana).await.unwrap().is_empty());
}

pub async fn a_group_has_its_members_in_order_and_the_first_owns_it(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let cleo = user(&db, "cleo").await;
    let id = RoomId::new();
    let room = db.create_group(id, "Team", None, &[cleo, ana, ben, ana], NOW).await.unwrap();
    assert_eq!((room.id, room.kind, room.name.as_deref()), (id, RoomKind::Group, Some("Team")));
    assert_eq!(db.room(id).await.unwrap(), Some(room));
    let members = members_of(&db, id).await;
    assert_eq!(members.iter().map(|member| member.user_id).collect::<Vec<_>>(), [cleo, ana, ben]);
    assert_eq!(members.iter().map(|member| member.role).collect::<Vec<_>>(), [Role::Owner, Role::Member, Role::Member]);
    assert!(members.iter().all(|member| member.floor() == 0 && member.read_seq == 0 && member.delivered_seq == 0));
    assert_eq!(db.member(id, cleo).await.unwrap().as_ref(), Some(&members[0]));
}

pub async fn a_group_is_created_once(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let id = RoomId::new();
    let room = db.create_group(id, "Team", None, &[ana, ben], NOW).await.unwrap();
    assert_eq!(db.create_group(id, "Other", None, &[ben], NOW.plus_ms(1)).await.unwrap(), room);
    assert_eq!(members_of(&db, id).await.len(), 2);
}

pub async fn rooms_are_those_that_a_user_is_in(db: Db) {
    let (first, ana, _) = room_of_two(&db, 1).await;
    let (_, cleo, _) = room_of_two(&db, 2).await;
    let second = db.direct_room(ana, cleo, NOW).await.unwrap().0;
    let rooms: BTreeSet<_> = db.rooms_of(ana).await.unwrap().into_iter().map(|room| room.id).collect();
    assert_eq!(rooms, BTreeSet::from([first.id, second.id]));
    assert!(db.rooms_of(UserId::new()).await.unwrap().is_empty());
    assert_eq!(db.member(first.id, cleo).await.unwrap(), None);
}

pub async fn members_answers_for_each_room_asked_for(db: Db) {
    let (one, ana, ben) = room_of_two(&db, 1).await;
    let (two, ..) = room_of_two(&db, 2).await;
    let nowhere = RoomId::new();
    let answer = db.members(&[two.id, nowhere, one.id]).await.unwrap();
    assert_eq!(
        answer.iter().map(|(room, members)| (*room, members.len())).collect::<Vec<_>>(),
        [(two.id, 2), (nowhere, 0), (one.id, 2)]
    );
    assert_eq!(answer[2].1.iter().map(|member| member.user_id).collect::<Vec<_>>(), [ana, ben]);
    assert!(db.members(&[]).await.unwrap().is_empty());
}

pub async fn marks_only_grow(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    say_many(&db, room.id, ana, 9).await;
    let marks = |member: Member| (member.delivered_seq, member.read_seq);
    assert_eq!(db.mark(room.id, ben, Some(5), None).await.unwrap().map(|marked| marks(marked.member)), Some((5, 0)));
    assert_eq!(db.mark(room.id, ben, Some(3), Some(4)).await.unwrap().map(|marked| marks(marked.member)), Some((5, 4)));
    assert_eq!(db.mark(room.id, ben, Some(9), Some(2)).await.unwrap().map(|marked| marks(marked.member)), Some((9, 4)));
    assert_eq!(db.member(room.id, ben).await.unwrap().map(marks), Some((9, 4)));
    assert_eq!(db.member(room.id, ana).await.unwrap().map(marks), Some((0, 0)));
}

pub async fn marks_stop_at_the_head(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    assert_eq!(db.mark(room.id, ben, Some(1), Some(1)).await.unwrap(), None);
    say_many(&db, room.id, ana, 3).await;
    let member = db.mark(room.id, ben, Some(u64::MAX), Some(4)).await.unwrap().unwrap().member;
    assert_eq!((member.delivered_seq, member.read_seq), (3, 3));
}

pub async fn a_mark_that_changes_nothing_says_so(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let cleo = user(&db, "cleo").await;
    say(&db, room.id, ana, "hello").await;
    assert!(db.mark(room.id, ben, Some(1), Some(1)).await.unwrap().is_some());
    assert_eq!(db.mark(room.id, ben, Some(1), Some(1)).await.unwrap(), None);
    assert_eq!(db.mark(room.id, ben, None, None).await.unwrap(), None);
    assert_eq!(db.mark(room.id, cleo, Some(1), Some(1)).await.unwrap(), None);
    assert_eq!(db.mark(RoomId::new(), ben, Some(1), Some(1)).await.unwrap(), None);
}

pub async fn marks_at_once_end_at_the_highest(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    say_many(&db, room.id, ana, 20).await;
    let raised = at_once(20, |n| {
        let db = db.clone();
        async move { db.mark(room.id, ben, Some(n as u64 + 1), Some(20 - n as u64)).await.unwrap() }
    })
    .await;
    assert!(raised.iter().any(Option::is_some));
    let member = db.member(room.id, ben).await.unwrap().unwrap();
    assert_eq!((member.delivered_seq, member.read_seq), (20, 20));
}
