use super::{Db, NOW, at_once, user};
use lavender::id::RoomId;
use lavender::model::{Invite, Room};

async fn room(db: &Db, name: &str) -> Room {
    let owner = user(db, name).await;
    db.create_group(RoomId::new(), "Team", None, &[owner], NOW).await.unwrap()
}

pub(super) fn invite(room: &Room, code: &str) -> Invite {
    Invite {
        code: code.into(),
        room_id: room.id,
        by: lavender::id::UserId::new(),
        created_at: NOW,
        expires_at: None,
        uses: 0,
        max_uses: None,
    }
}

pub async fn a_link_is_found_by_its_code(db: Db) {
    let room = room(&db, "ana").await;
    let open = invite(&room, "code-1");
    let bounded = Invite { expires_at: Some(NOW.plus_ms(10)), max_uses: Some(3), ..invite(&room, "code-2") };
    db.create_invite(&open).await.unwrap();
    db.create_invite(&bounded).await.unwrap();
    db.create_invite(&Invite { max_uses: Some(9), ..open.clone() }).await.unwrap();
    assert_eq!(db.invite("code-1", NOW.plus_ms(1_000_000)).await.unwrap(), Some(open), "the first of a code");
    assert_eq!(db.invite("code-2", NOW).await.unwrap(), Some(bounded));
    assert_eq!(db.invite("code-3", NOW).await.unwrap(), None);
    assert_eq!(db.invite("code-", NOW).await.unwrap(), None);
}

pub async fn a_link_ends_with_its_time(db: Db) {
    let room = room(&db, "ana").await;
    db.create_invite(&Invite { expires_at: Some(NOW.plus_ms(10)), ..invite(&room, "code") }).await.unwrap();
    assert!(db.invite("code", NOW.plus_ms(9)).await.unwrap().is_some());
    assert!(db.use_invite("code", NOW.plus_ms(9)).await.unwrap());
    assert_eq!(db.invite("code", NOW.plus_ms(10)).await.unwrap(), None);
    assert!(!db.use_invite("code", NOW.plus_ms(10)).await.unwrap());
    assert!(db.invites_of(room.id, NOW.plus_ms(10)).await.unwrap().is_empty());
}

pub async fn a_link_lets_in_no_more_than_it_says(db: Db) {
    let room = room(&db, "ana").await;
    db.create_invite(&Invite { max_uses: Some(3), ..invite(&room, "code") }).await.unwrap();
    let used = at_once(12, |_| {
        let db = db.clone();
        async move { db.use_invite("code", NOW).await.unwrap() }
    })
    .await;
    assert_eq!(used.iter().filter(|used| **used).count(), 3);
    assert_eq!(db.invite("code", NOW).await.unwrap(), None);
    db.unuse_invite("code").await.unwrap();
    assert_eq!(db.invite("code", NOW).await.unwrap().map(|invite| invite.uses), Some(2));
    for _ in 0..5 {
        db.unuse_invite("code").await.unwrap();
    }
    assert_eq!(db.invite("code", NOW).await.unwrap().map(|invite| invite.uses), Some(0));
}

pub async fn a_link_is_revoked_by_its_own_room_once(db: Db) {
    let (one, two) = (room(&db, "ana").await, room(&db, "ben").await);
    db.create_invite(&invite(&one, "code")).await.unwrap();
    assert!(!db.revoke_invite(two.id, "code", NOW).await.unwrap());
    assert!(db.revoke_invite(one.id, "code", NOW).await.unwrap());
    assert!(!db.revoke_invite(one.id, "code", NOW).await.unwrap());
    assert!(!db.use_invite("code", NOW).await.unwrap());
    assert_eq!(db.invite("code", NOW).await.unwrap(), None);
}

pub async fn links_belong_to_their_room_oldest_first(db: Db) {
    let (one, two) = (room(&db, "ana").await, room(&db, "ben").await);
    for (room, code, at) in [(&one, "c", 3), (&two, "x", 1), (&one, "a", 1), (&one, "b", 2)] {
        db.create_invite(&Invite { created_at: NOW.plus_ms(at), ..invite(room, code) }).await.unwrap();
    }
    db.revoke_invite(one.id, "b", NOW).await.unwrap();
    let codes: Vec<_> = db.invites_of(one.id, NOW).await.unwrap().into_iter().map(|invite| invite.code).collect();
    assert_eq!(codes, ["a", "c"]);
    assert!(db.invites_of(RoomId::new(), NOW).await.unwrap().is_empty());
}
