use super::{Db, NOW, at_once, room_of_two, say, say_many, two_users, user};
use lavender::id::{MessageId, RoomId, UserId};
use lavender::model::limits::{MEMBERS_MAX, PINS_MAX};
use lavender::model::{Pin, Role, Room, RoomChange, RoomSettings, Who};
use lavender::server::store::StoreError;
use std::collections::BTreeSet;

const ALL: [Role; 3] = [Role::Member, Role::Admin, Role::Owner];
const BELOW_OWNER: [Role; 2] = [Role::Member, Role::Admin];

/// Who owns it, and its other members.
async fn group(db: &Db, others: usize) -> (Room, UserId, Vec<UserId>) {
    let mut ids = vec![user(db, "owner").await];
    for n in 0..others {
        ids.push(user(db, &format!("member{n}")).await);
    }
    let room = db.create_group(RoomId::new(), "Team", None, &ids, NOW).await.unwrap();
    (room, ids[0], ids.split_off(1))
}

async fn roles(db: &Db, room_id: RoomId) -> Vec<(UserId, Role)> {
    let members = db.members(&[room_id]).await.unwrap().remove(0).1;
    for member in &members {
        assert_eq!(db.member(room_id, member.user_id).await.unwrap().as_ref(), Some(member), "one truth");
    }
    members.iter().map(|member| (member.user_id, member.role)).collect()
}

async fn revision(db: &Db, room_id: RoomId) -> u64 {
    let room = db.room(room_id).await.unwrap().unwrap();
    assert_eq!(db.revisions(&[RoomId::new(), room_id]).await.unwrap(), [(room_id, room.revision)]);
    room.revision
}

pub async fn a_group_keeps_its_description(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let room = db.create_group(RoomId::new(), "Team", Some("What we do"), &[ana, ben], NOW).await.unwrap();
    assert_eq!(room.description.as_deref(), Some("What we do"));
    assert_eq!(db.room(room.id).await.unwrap(), Some(room));
}

pub async fn who_joins_sees_what_comes_after(db: Db) {
    let (room, ana, _) = group(&db, 1).await;
    say_many(&db, room.id, ana, 3).await;
    let (ben, cleo) = (user(&db, "ben").await, user(&db, "cleo").await);
    let joined = db.add_members(room.id, &[ben, cleo, ben], NOW.plus_ms(5)).await.unwrap();
    assert_eq!(joined.room.revision, 2);
    assert_eq!(joined.members.iter().map(|member| member.user_id).collect::<Vec<_>>(), [ben, cleo]);
    for member in &joined.members {
        assert_eq!((member.role, member.joined_seq, member.read_seq, member.delivered_seq), (Role::Member, 3, 3, 3));
        assert_eq!(db.member(room.id, member.user_id).await.unwrap().as_ref(), Some(member));
    }
    let order: Vec<_> = roles(&db, room.id).await.into_iter().map(|(user, _)| user).collect();
    assert_eq!(order[2..], [ben, cleo], "by joining order");
    let shown = RoomChange { history_for_all: Some(true), ..RoomChange::default() };
    db.update_room(room.id, &shown).await.unwrap().unwrap();
    let dan = user(&db, "dan").await;
    let joined = db.add_members(room.id, &[dan], NOW).await.unwrap();
    assert_eq!((joined.members[0].joined_seq, joined.members[0].read_seq), (0, 3), "all of it, and none unread");
}

pub async fn joining_twice_changes_nothing(db: Db) {
    let (room, ana, others) = group(&db, 1).await;
    let again = db.add_members(room.id, &[others[0], ana], NOW.plus_ms(1)).await.unwrap();
    assert_eq!((again.room, again.members.len()), (room.clone(), 0));
    assert_eq!(roles(&db, room.id).await, [(ana, Role::Owner), (others[0], Role::Member)]);
    let ben = user(&db, "ben").await;
    let joined = at_once(8, |_| {
        let db = db.clone();
        async move { db.add_members(room.id, &[ben], NOW).await.unwrap().members.len() }
    })
    .await;
    assert_eq!(joined.iter().sum::<usize>(), 1);
    assert_eq!(revision(&db, room.id).await, 2);
}

pub async fn nobody_joins_what_is_not_there(db: Db) {
    let (room, ana, _) = group(&db, 0).await;
    let ben = user(&db, "ben").await;
    let missing = |outcome| matches!(outcome, Err(StoreError::Missing));
    assert!(missing(db.add_members(RoomId::new(), &[ben], NOW).await));
    assert!(missing(db.add_members(room.id, &[ben, UserId::new()], NOW).await));
    assert_eq!(roles(&db, room.id).await.len(), 1, "all or nobody");
    let direct = db.direct_room(ana, ben, NOW).await.unwrap().0;
    let cleo = user(&db, "cleo").await;
    assert!(missing(db.add_members(direct.id, &[cleo], NOW).await));
    db.remove_member(room.id, ana, &ALL, false).await.unwrap().unwrap();
    assert!(missing(db.add_members(room.id, &[ben], NOW).await), "nobody is left to join");
}

pub async fn a_full_group_takes_nobody(db: Db) {
    let (room, _, others) = group(&db, MEMBERS_MAX - 2).await;
    let mut more = Vec::new();
    for n in 0..4 {
        more.push(user(&db, &format!("more{n}")).await);
    }
    assert!(matches!(db.add_members(room.id, &more[..2], NOW).await, Err(StoreError::Full)));
    assert_eq!(revision(&db, room.id).await, 1);
    let outcomes = at_once(4, |n| {
        let (db, user) = (db.clone(), more[n]);
        async move { db.add_members(room.id, &[user], NOW).await.is_ok() }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|fits| **fits).count(), 1);
    assert!(db.add_members(room.id, &others[..1], NOW).await.unwrap().members.is_empty(), "who is in it is in it");
}

pub async fn who_goes_is_gone(db: Db) {
    let (room, ana, others) = group(&db, 2).await;
    let after = db.remove_member(room.id, others[0], &BELOW_OWNER, false).await.unwrap().unwrap();
    assert_eq!(after.revision, 2);
    assert_eq!(db.member(room.id, others[0]).await.unwrap(), None);
    assert!(db.rooms_of(others[0]).await.unwrap().is_empty());
    assert_eq!(db.remove_member(room.id, others[0], &BELOW_OWNER, false).await.unwrap(), None);
    assert_eq!(db.remove_member(RoomId::new(), others[1], &ALL, false).await.unwrap(), None);
    assert_eq!(roles(&db, room.id).await, [(ana, Role::Owner), (others[1], Role::Member)]);
    say(&db, room.id, ana, "one").await;
    let back = db.add_members(room.id, &[others[0]], NOW).await.unwrap();
    assert_eq!(back.members[0].joined_seq, 1, "anew");
}

pub async fn only_the_named_roles_are_taken_out(db: Db) {
    let (room, ana, others) = group(&db, 1).await;
    db.set_role(room.id, others[0], Role::Member, Role::Admin).await.unwrap().unwrap();
    assert_eq!(db.remove_member(room.id, others[0], &[Role::Member], true).await.unwrap(), None);
    assert_eq!(db.remove_member(room.id, ana, &ALL, false).await.unwrap(), None, "an owner goes last");
    assert_eq!(revision(&db, room.id).await, 2);
    assert!(db.remove_member(room.id, others[0], &BELOW_OWNER, true).await.unwrap().is_some());
    assert!(db.remove_member(room.id, ana, &ALL, false).await.unwrap().is_some());
    assert!(roles(&db, room.id).await.is_empty());
}

pub async fn a_bar_lasts_until_somebody_adds_them(db: Db) {
    let (room, _, others) = group(&db, 2).await;
    db.remove_member(room.id, others[0], &BELOW_OWNER, true).await.unwrap().unwrap();
    db.remove_member(room.id, others[1], &BELOW_OWNER, false).await.unwrap().unwrap();
    assert!(db.is_barred(room.id, others[0]).await.unwrap());
    assert!(!db.is_barred(room.id, others[1]).await.unwrap());
    db.add_members(room.id, &[others[0]], NOW).await.unwrap();
    assert!(!db.is_barred(room.id, others[0]).await.unwrap());
}

pub async fn of_many_removals_at_once_one_counts(db: Db) {
    let (room, _, others) = group(&db, 1).await;
    let gone = at_once(8, |_| {
        let (db, user) = (db.clone(), others[0]);
        async move { db.remove_member(room.id, user, &BELOW_OWNER, true).await.unwrap().is_some() }
    })
    .await;
    assert_eq!(gone.iter().filter(|gone| **gone).count(), 1);
    assert_eq!(revision(&db, room.id).await, 2);
}

pub async fn a_role_changes_from_the_one_it_was(db: Db) {
    let (room, ana, others) = group(&db, 1).await;
    let (ben, set) = (others[0], |from, to| db.set_role(room.id, others[0], from, to));
    assert_eq!(set(Role::Admin, Role::Member).await.unwrap(), None);
    assert_eq!(set(Role::Member, Role::Admin).await.unwrap().unwrap().revision, 2);
    assert_eq!(set(Role::Member, Role::Admin).await.unwrap(), None);
    assert_eq!(roles(&db, room.id).await, [(ana, Role::Owner), (ben, Role::Admin)]);
    assert_eq!(set(Role::Admin, Role::Owner).await.unwrap(), None, "an owner is made by a transfer");
    assert_eq!(db.set_role(room.id, ana, Role::Owner, Role::Member).await.unwrap(), None);
    assert_eq!(db.set_role(room.id, UserId::new(), Role::Member, Role::Admin).await.unwrap(), None);
    assert_eq!(set(Role::Admin, Role::Member).await.unwrap().unwrap().revision, 3);
}

pub async fn ownership_moves_to_one_member(db: Db) {
    let (room, ana, others) = group(&db, 2).await;
    let (ben, cleo) = (others[0], others[1]);
    assert_eq!(db.transfer(room.id, ben, cleo).await.unwrap(), None, "not his");
    assert_eq!(db.transfer(room.id, ana, ana).await.unwrap(), None);
    assert_eq!(db.transfer(room.id, ana, UserId::new()).await.unwrap(), None);
    assert_eq!(db.transfer(room.id, ana, ben).await.unwrap().unwrap().revision, 2);
    assert_eq!(roles(&db, room.id).await, [(ana, Role::Admin), (ben, Role::Owner), (cleo, Role::Member)]);
    assert!(db.transfer(room.id, ben, ana).await.unwrap().is_some());
    assert!(db.transfer(room.id, ana, cleo).await.unwrap().is_some());
    assert_eq!(roles(&db, room.id).await, [(ana, Role::Admin), (ben, Role::Admin), (cleo, Role::Owner)]);
    assert!(db.set_role(room.id, ben, Role::Admin, Role::Member).await.unwrap().is_some());
    assert!(db.remove_member(room.id, ana, &BELOW_OWNER, true).await.unwrap().is_some());
    assert_eq!(db.remove_member(room.id, cleo, &BELOW_OWNER, true).await.unwrap(), None);
    assert_eq!(roles(&db, room.id).await, [(ben, Role::Member), (cleo, Role::Owner)]);
}

/// Whoever looks, while ownership goes round and members come and go, sees one owner.
pub async fn there_is_one_owner_at_every_moment(db: Db) {
    let (room, ana, others) = group(&db, 3).await;
    let (ben, cleo, dan) = (others[0], others[1], others[2]);
    let seen = at_once(6, |n| {
        let db = db.clone();
        async move {
            for turn in 0..12 {
                let ring = [ana, ben, cleo];
                match n {
                    0..3 => drop(db.transfer(room.id, ring[(n + turn) % 3], ring[(n + turn + 1) % 3]).await.unwrap()),
                    3 => {
                        db.remove_member(room.id, dan, &BELOW_OWNER, false).await.unwrap();
                        db.add_members(room.id, &[dan], NOW).await.unwrap();
                    }
                    _ => {
                        let members = db.members(&[room.id]).await.unwrap().remove(0).1;
                        let owners = members.iter().filter(|member| member.role == Role::Owner).count();
                        assert_eq!(owners, 1, "{members:?}");
                    }
                }
            }
            true
        }
    })
    .await;
    assert_eq!(seen.len(), 6);
    let owner = roles(&db, room.id).await.into_iter().find(|(_, role)| *role == Role::Owner).unwrap().0;
    for other in [ana, ben, cleo].into_iter().filter(|other| *other != owner) {
        assert!(db.remove_member(room.id, other, &BELOW_OWNER, false).await.unwrap().is_some(), "no role is stuck");
    }
}

pub async fn a_change_of_a_room_raises_its_revision_once(db: Db) {
    let (room, ..) = group(&db, 0).await;
    let change = RoomChange { name: Some("Club".into()), description: Some("Fun".into()), ..RoomChange::default() };
    let changed = db.update_room(room.id, &change).await.unwrap().unwrap();
    assert_eq!(
        (changed.revision, changed.name.as_deref(), changed.description.as_deref()),
        (2, Some("Club"), Some("Fun"))
    );
    assert_eq!(db.update_room(room.id, &change).await.unwrap(), None);
    assert_eq!(db.update_room(room.id, &RoomChange::default()).await.unwrap(), None);
    let settings = RoomSettings { history_for_all: true, slow_mode_s: 30, pins_by: Who::Admins };
    let change = RoomChange {
        history_for_all: Some(true),
        slow_mode_s: Some(30),
        pins_by: Some(Who::Admins),
        ..RoomChange::default()
    };
    let changed = db.update_room(room.id, &change).await.unwrap().unwrap();
    assert_eq!((changed.revision, changed.settings, changed.name.as_deref()), (3, settings, Some("Club")));
    assert_eq!(db.update_room(room.id, &change).await.unwrap(), None);
    let bare = RoomChange { description: Some(String::new()), slow_mode_s: Some(0), ..RoomChange::default() };
    let changed = db.update_room(room.id, &bare).await.unwrap().unwrap();
    assert_eq!((changed.revision, changed.description.as_deref(), changed.settings.slow_mode_s), (4, None, 0));
    assert_eq!(db.update_room(room.id, &bare).await.unwrap(), None);
    assert_eq!(db.room(room.id).await.unwrap(), Some(changed));
    assert!(matches!(db.update_room(RoomId::new(), &bare).await, Err(StoreError::Missing)));
}

pub async fn the_usual_settings_are_no_change_of_a_new_room(db: Db) {
    let (room, ..) = group(&db, 0).await;
    let usual = RoomChange {
        description: Some(String::new()),
        history_for_all: Some(false),
        slow_mode_s: Some(0),
        pins_by: Some(Who::Everyone),
        ..RoomChange::default()
    };
    assert_eq!(db.update_room(room.id, &usual).await.unwrap(), None);
    assert_eq!(revision(&db, room.id).await, 1);
}

fn pin(seq: u64, by: UserId) -> Pin {
    Pin { message_id: MessageId::new(), seq, by, at: NOW }
}

pub async fn a_message_is_pinned_once(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (first, second) = (pin(1, ana), pin(2, ben));
    let pinned = at_once(8, |n| {
        let (db, by) = (db.clone(), if n % 2 == 0 { ana } else { ben });
        async move { db.pin(room.id, &Pin { by, ..first }).await.unwrap().is_some() }
    })
    .await;
    assert_eq!(pinned.iter().filter(|pinned| **pinned).count(), 1);
    let after = db.pin(room.id, &second).await.unwrap().unwrap();
    assert_eq!(after.pins.iter().map(|pin| pin.message_id).collect::<Vec<_>>(), [first.message_id, second.message_id]);
    assert_eq!((after.pins[1], after.revision), (second, 3));
    assert_eq!(db.room(room.id).await.unwrap(), Some(after));
    let after = db.unpin(room.id, &[MessageId::new(), first.message_id]).await.unwrap().unwrap();
    assert_eq!((after.pins.as_slice(), after.revision), ([second].as_slice(), 4));
    assert_eq!(db.unpin(room.id, &[first.message_id]).await.unwrap(), None);
    assert_eq!(db.unpin(RoomId::new(), &[second.message_id]).await.unwrap(), None);
    assert!(matches!(db.pin(RoomId::new(), &second).await, Err(StoreError::Missing)));
    assert!(db.unpin(room.id, &[second.message_id]).await.unwrap().unwrap().pins.is_empty());
}

pub async fn no_more_pins_than_fit(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let outcomes = at_once(PINS_MAX + 6, |n| {
        let db = db.clone();
        async move { db.pin(room.id, &pin(n as u64 + 1, ana)).await.map(|room| room.is_some()) }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count(), PINS_MAX);
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Full))).count(), 6);
    let pins = db.room(room.id).await.unwrap().unwrap().pins;
    assert_eq!(pins.iter().map(|pin| pin.seq).collect::<BTreeSet<_>>().len(), PINS_MAX);
    assert_eq!(db.pin(room.id, &pins[0]).await.unwrap(), None, "that one is there");
}
