use super::{Db, NOW, at_once, two_users};
use lavender::id::{RequestId, RoomId, UserId};
use lavender::model::{Body, RequestState};
use lavender::server::store::{DueRequests, Field, RequestRow, StoreError};

pub(super) fn request_row(from: UserId, to: UserId) -> RequestRow {
    RequestRow {
        id: RequestId::new(),
        from,
        to,
        intro: Body::stored("Hello, it's me".into()),
        room_id: None,
        state: RequestState::Pending,
        open: true,
        created_at: NOW,
        changed_at: NOW,
    }
}

fn is_taken(outcome: &Result<(), StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Taken(Field::Request)))
}

pub async fn a_pair_has_one_open_request_per_direction(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let first = request_row(ana, ben);
    db.create_request(&first).await.unwrap();
    assert!(is_taken(&db.create_request(&request_row(ana, ben)).await));
    let back = request_row(ben, ana);
    db.create_request(&back).await.unwrap();
    assert_eq!(db.request(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(db.open_request(ana, ben).await.unwrap().as_ref(), Some(&first));
    assert_eq!(db.open_request(ben, ana).await.unwrap().as_ref(), Some(&back));
    assert_eq!(db.request(RequestId::new()).await.unwrap(), None);
    assert_eq!(db.open_request(ana, ana).await.unwrap(), None);
}

pub async fn of_many_requests_at_once_one_is_stored(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let outcomes = at_once(16, |_| {
        let db = db.clone();
        async move { db.create_request(&request_row(ana, ben)).await }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| is_taken(outcome)).count(), 15);
    assert_eq!(db.open_requests_of(ana).await.unwrap().len(), 1);
}

pub async fn a_closed_request_gives_its_place_back(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let first = request_row(ana, ben);
    db.create_request(&first).await.unwrap();
    // Declined, but still holding the place.
    assert!(
        db.move_request(first.id, RequestState::Pending, RequestState::Declined, true, NOW.plus_ms(1)).await.unwrap()
    );
    assert!(is_taken(&db.create_request(&request_row(ana, ben)).await));
    assert!(
        db.move_request(first.id, RequestState::Declined, RequestState::Expired, false, NOW.plus_ms(2)).await.unwrap()
    );
    assert_eq!(db.open_request(ana, ben).await.unwrap(), None);
    let second = request_row(ana, ben);
    db.create_request(&second).await.unwrap();
    assert_eq!(db.open_request(ana, ben).await.unwrap(), Some(second));
    let stored = db.request(first.id).await.unwrap().unwrap();
    let expected = RequestRow { state: RequestState::Expired, open: false, changed_at: NOW.plus_ms(2), ..first };
    assert_eq!(stored, expected);
}

pub async fn a_request_moves_only_from_the_state_it_is_in(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let row = request_row(ana, ben);
    db.create_request(&row).await.unwrap();
    let to = RequestState::Cancelled;
    assert!(!db.move_request(row.id, RequestState::Declined, to, false, NOW).await.unwrap());
    assert!(!db.move_request(RequestId::new(), RequestState::Pending, to, false, NOW).await.unwrap());
    assert_eq!(db.request(row.id).await.unwrap().as_ref(), Some(&row));
    assert!(db.move_request(row.id, RequestState::Pending, to, false, NOW).await.unwrap());
    assert!(!db.move_request(row.id, RequestState::Pending, to, false, NOW).await.unwrap());
}

pub async fn of_many_answers_one_counts(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let row = request_row(ana, ben);
    db.create_request(&row).await.unwrap();
    let answers = [RequestState::Accepted, RequestState::Declined, RequestState::Cancelled, RequestState::Expired];
    let moved = at_once(16, |n| {
        let (db, to) = (db.clone(), answers[n % 4]);
        async move { db.move_request(row.id, RequestState::Pending, to, false, NOW).await.unwrap().then_some(to) }
    })
    .await;
    let moved: Vec<_> = moved.into_iter().flatten().collect();
    assert_eq!(moved.len(), 1);
    assert_eq!(db.request(row.id).await.unwrap().unwrap().state, moved[0]);
}

pub async fn a_request_is_not_reopened_beside_another(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let first = request_row(ana, ben);
    db.create_request(&first).await.unwrap();
    db.move_request(first.id, RequestState::Pending, RequestState::Expired, false, NOW).await.unwrap();
    db.create_request(&request_row(ana, ben)).await.unwrap();
    let reopened = db.move_request(first.id, RequestState::Expired, RequestState::Pending, true, NOW).await;
    assert!(matches!(reopened, Err(StoreError::Taken(Field::Request))));
    assert_eq!(db.request(first.id).await.unwrap().unwrap().state, RequestState::Expired);
}

pub async fn open_requests_are_both_ways_newest_first(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let (cleo, dan) = (super::user(&db, "cleo").await, super::user(&db, "dan").await);
    let rows = [(ana, ben, 1), (cleo, ana, 3), (ana, dan, 2), (cleo, dan, 9), (dan, ana, 4)]
        .map(|(from, to, at)| RequestRow { created_at: NOW.plus_ms(at), ..request_row(from, to) });
    for row in &rows {
        db.create_request(row).await.unwrap();
    }
    db.move_request(rows[4].id, RequestState::Pending, RequestState::Accepted, false, NOW).await.unwrap();
    let open = db.open_requests_of(ana).await.unwrap();
    assert_eq!(open, [rows[1].clone(), rows[2].clone(), rows[0].clone()]);
    assert!(db.open_requests_of(UserId::new()).await.unwrap().is_empty());
}

pub async fn a_person_has_one_open_request_per_group(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let cleo = super::user(&db, "cleo").await;
    let (one, two) = (RoomId::new(), RoomId::new());
    let into = |from, to, room_id| RequestRow { room_id: Some(room_id), ..request_row(from, to) };
    let first = into(ana, ben, one);
    db.create_request(&first).await.unwrap();
    assert!(is_taken(&db.create_request(&into(cleo, ben, one)).await), "whoever asks");
    db.create_request(&into(ana, ben, two)).await.unwrap();
    db.create_request(&into(ana, cleo, one)).await.unwrap();
    let talk = request_row(ana, ben);
    db.create_request(&talk).await.unwrap();
    assert_eq!(db.open_request(ana, ben).await.unwrap(), Some(talk), "the one that asks to talk");
    assert_eq!(db.request(first.id).await.unwrap().as_ref(), Some(&first));
    assert_eq!(db.open_requests_of(ben).await.unwrap().len(), 3);
    assert_eq!(db.open_requests_of(ana).await.unwrap().len(), 4);
    let (pending, declined) = (RequestState::Pending, RequestState::Declined);
    assert!(db.move_request(first.id, pending, declined, true, NOW).await.unwrap());
    assert!(is_taken(&db.create_request(&into(ana, ben, one)).await));
    assert!(db.move_request(first.id, declined, RequestState::Expired, false, NOW.plus_ms(1)).await.unwrap());
    let expected =
        RequestRow { state: RequestState::Expired, open: false, changed_at: NOW.plus_ms(1), ..first.clone() };
    assert_eq!(db.request(first.id).await.unwrap(), Some(expected));
    db.create_request(&into(cleo, ben, one)).await.unwrap();
    let reopened = db.move_request(first.id, RequestState::Expired, pending, true, NOW).await;
    assert!(matches!(reopened, Err(StoreError::Taken(Field::Request))));
}

pub async fn due_requests_are_open_and_their_time_is_over(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let due = DueRequests { pending: NOW, declined: NOW.plus_ms(10), accepted: NOW.plus_ms(20) };
    let mut expected = Vec::new();
    for (state, late) in [
        (RequestState::Pending, 0),
        (RequestState::Declined, 10),
        (RequestState::Cancelled, 10),
        (RequestState::Accepted, 20),
    ] {
        for (by, is_due) in [(late, true), (late + 1, false)] {
            // Made before all of them, or one after it, for one that waits.
            let made = if state == RequestState::Pending { NOW.plus_ms(by) } else { NOW.plus_ms(-by) };
            let row = RequestRow {
                state,
                created_at: made,
                changed_at: NOW.plus_ms(by),
                ..request_row(UserId::new(), UserId::new())
            };
            db.create_request(&row).await.unwrap();
            if is_due {
                expected.push(row);
            }
        }
    }
    let into = |state| RequestRow { room_id: Some(RoomId::new()), state, ..request_row(UserId::new(), UserId::new()) };
    for state in [RequestState::Pending, RequestState::Declined, RequestState::Accepted] {
        let row = into(state);
        db.create_request(&row).await.unwrap();
        expected.push(row);
    }
    let closed = request_row(ana, ben);
    db.create_request(&closed).await.unwrap();
    db.move_request(closed.id, RequestState::Pending, RequestState::Cancelled, false, NOW.plus_ms(-1)).await.unwrap();
    expected.sort_by_key(|row| (row.created_at, row.id));
    assert_eq!(db.due_requests(&due, 10).await.unwrap(), expected);
    assert_eq!(db.due_requests(&due, 2).await.unwrap(), expected[..2]);
}
