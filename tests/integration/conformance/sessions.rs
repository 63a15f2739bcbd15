use super::{Db, NOW, at_once, two_users, user};
use lavender::id::{SessionId, UserId};
use lavender::server::store::{RefreshOutcome, SessionRow};

pub(super) fn session_row(user_id: UserId, token: u8) -> SessionRow {
    SessionRow {
        id: SessionId::new(),
        user_id,
        created_at: NOW,
        last_used_at: NOW,
        refresh_hash: [token; 32],
        previous_hash: None,
        rotated_at: NOW,
        user_agent: "Mozilla/5.0".into(),
        network: "192.0.2.0/24".into(),
        revoked_at: None,
    }
}

async fn session(db: &Db) -> SessionRow {
    let row = session_row(user(db, "ana").await, 1);
    db.create_session(&row).await.unwrap();
    row
}

pub async fn a_session_is_found_by_its_id_and_by_both_tokens(db: Db) {
    let row = SessionRow { previous_hash: Some([2; 32]), ..session_row(user(&db, "ana").await, 1) };
    db.create_session(&row).await.unwrap();
    assert_eq!(db.session(row.id).await.unwrap().as_ref(), Some(&row));
    assert_eq!(db.session_by_refresh(&[1; 32]).await.unwrap().as_ref(), Some(&row));
    assert_eq!(db.session_by_refresh(&[2; 32]).await.unwrap().as_ref(), Some(&row));
    assert_eq!(db.session_by_refresh(&[3; 32]).await.unwrap(), None);
    assert_eq!(db.session(SessionId::new()).await.unwrap(), None);
}

pub async fn of_many_rotations_of_one_token_one_succeeds(db: Db) {
    let row = session(&db).await;
    let outcomes = at_once(16, |n| {
        let db = db.clone();
        async move { db.rotate_refresh(&[1; 32], &[100 + n as u8; 32], NOW.plus_ms(1)).await.unwrap() }
    })
    .await;
    let rotated: Vec<_> =
        outcomes.iter().filter_map(|o| if let RefreshOutcome::Rotated(row) = o { Some(row) } else { None }).collect();
    assert_eq!(rotated.len(), 1);
    let replayed = outcomes.iter().filter(|o| matches!(o, RefreshOutcome::Replayed(row) if row == rotated[0]));
    assert_eq!(replayed.count(), 15);
    assert_eq!((rotated[0].previous_hash, rotated[0].rotated_at), (Some([1; 32]), NOW.plus_ms(1)));
    assert_eq!(db.session(row.id).await.unwrap().as_ref(), Some(rotated[0]));
}

pub async fn only_the_previous_token_is_a_replay(db: Db) {
    session(&db).await;
    db.rotate_refresh(&[1; 32], &[2; 32], NOW).await.unwrap();
    db.rotate_refresh(&[2; 32], &[3; 32], NOW).await.unwrap();
    let replayed = db.rotate_refresh(&[2; 32], &[9; 32], NOW).await.unwrap();
    assert!(matches!(replayed, RefreshOutcome::Replayed(row) if row.refresh_hash == [3; 32]));
    assert_eq!(db.rotate_refresh(&[1; 32], &[9; 32], NOW).await.unwrap(), RefreshOutcome::Unknown);
    assert_eq!(db.rotate_refresh(&[7; 32], &[9; 32], NOW).await.unwrap(), RefreshOutcome::Unknown);
}

pub async fn a_revoked_session_does_not_rotate(db: Db) {
    let row = session(&db).await;
    db.revoke_session(row.id, NOW.plus_ms(5)).await.unwrap();
    assert_eq!(db.rotate_refresh(&[1; 32], &[2; 32], NOW.plus_ms(6)).await.unwrap(), RefreshOutcome::Unknown);
    let stored = db.session(row.id).await.unwrap().unwrap();
    assert_eq!((stored.refresh_hash, stored.revoked_at), ([1; 32], Some(NOW.plus_ms(5))));
}

pub async fn a_session_is_revoked_once(db: Db) {
    let row = session(&db).await;
    assert!(db.revoke_session(row.id, NOW).await.unwrap());
    assert!(!db.revoke_session(row.id, NOW.plus_ms(9)).await.unwrap());
    assert!(!db.revoke_session(SessionId::new(), NOW).await.unwrap());
    assert_eq!(db.revoked_since(NOW).await.unwrap(), [row.id]);
    assert_eq!(db.revoked_since(NOW.plus_ms(1)).await.unwrap(), []);
    assert_eq!(db.session(row.id).await.unwrap().unwrap().revoked_at, Some(NOW));
}

pub async fn last_use_only_moves_forward(db: Db) {
    let row = session(&db).await;
    for (at, expected) in [(5, 5), (3, 5), (8, 8)] {
        db.touch_session(row.id, NOW.plus_ms(at)).await.unwrap();
        assert_eq!(db.session(row.id).await.unwrap().unwrap().last_used_at, NOW.plus_ms(expected));
    }
}

pub async fn sessions_belong_to_their_user(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let rows = [session_row(ana, 1), session_row(ana, 2), session_row(ben, 3)];
    for row in &rows {
        db.create_session(row).await.unwrap();
    }
    assert_eq!(db.sessions_of(ana).await.unwrap(), rows[..2]);
    assert_eq!(db.sessions_of(ben).await.unwrap(), rows[2..]);
    assert!(db.sessions_of(UserId::new()).await.unwrap().is_empty());
}
