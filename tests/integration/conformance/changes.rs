use super::{Db, at_once, room_of_two, say, say_many};
use lavender::id::MessageId;
use lavender::model::Body;
use lavender::server::store::StoreError;

fn body(text: &str) -> Body {
    Body::stored(text.into())
}

pub async fn an_edit_raises_the_revision_by_one(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "one").await;
    let mut expected = sent.clone();
    for (revision, text) in [(2, "two"), (3, "three")] {
        let edited = db.edit(sent.id, revision - 1, &body(text)).await.unwrap().unwrap();
        assert!(edited.edited_at.is_some());
        expected = lavender::model::Message { revision, body: body(text), edited_at: edited.edited_at, ..expected };
        assert_eq!(edited, expected);
        assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&expected));
    }
}

pub async fn of_many_edits_of_one_revision_one_succeeds(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "0").await;
    let edits = at_once(8, |n| {
        let db = db.clone();
        async move { db.edit(sent.id, 1, &body(&format!("edit {n}"))).await.unwrap() }
    })
    .await;
    let won: Vec<_> = edits.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&won[0]));
}

pub async fn an_edit_of_an_old_revision_changes_nothing(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "one").await;
    let edited = db.edit(sent.id, 1, &body("two")).await.unwrap().unwrap();
    for revision in [0, 1, 3, u64::MAX] {
        assert_eq!(db.edit(sent.id, revision, &body("three")).await.unwrap(), None);
    }
    assert_eq!(db.message(sent.id).await.unwrap(), Some(edited));
}

pub async fn an_edit_needs_its_message(db: Db) {
    assert!(matches!(db.edit(MessageId::new(), 1, &body("x")).await, Err(StoreError::Missing)));
}

pub async fn a_change_is_found_from_a_cursor_taken_before_it(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say_many(&db, room.id, ana, 5).await;
    for message in &sent {
        let cursor = db.cursor().await.unwrap();
        let edited = db.edit(message.id, 1, &body("edited")).await.unwrap().unwrap();
        let changed = db.changed_since(&[room.id], cursor, 99).await.unwrap();
        assert!(changed.contains(&edited), "not among {changed:?}");
    }
}

pub async fn changes_come_from_these_rooms_oldest_first_and_limited(db: Db) {
    let (one, ana, _) = room_of_two(&db, 1).await;
    let (two, ben, _) = room_of_two(&db, 2).await;
    let (other, cleo, _) = room_of_two(&db, 3).await;
    let mut ids = Vec::new();
    for (room, author) in [(&one, ana), (&two, ben), (&other, cleo), (&one, ana), (&two, ben)] {
        let message = say(&db, room.id, author, "x").await;
        db.edit(message.id, 1, &body("y")).await.unwrap().unwrap();
        if room.id != other.id {
            ids.push(message.id);
        }
    }
    // Changed again: now the newest change.
    db.edit(ids[0], 2, &body("z")).await.unwrap().unwrap();
    ids.rotate_left(1);
    let rooms = [two.id, one.id];
    let found = |limit| {
        let db = db.clone();
        async move {
            let changed = db.changed_since(&rooms, 0, limit).await.unwrap();
            changed.into_iter().map(|message| message.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(found(99).await, ids);
    assert_eq!(found(2).await, ids[..2]);
    assert!(found(0).await.is_empty());
    assert!(db.changed_since(&[], 0, 99).await.unwrap().is_empty());
    assert!(db.changed_since(&rooms, u64::MAX, 99).await.unwrap().is_empty());
}

pub async fn a_new_message_is_no_change(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    say_many(&db, room.id, ana, 3).await;
    assert!(db.changed_since(&[room.id], 0, 99).await.unwrap().is_empty());
}

pub async fn the_cursor_never_goes_back(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let mut last = db.cursor().await.unwrap();
    for message in say_many(&db, room.id, ana, 10).await {
        db.edit(message.id, 1, &body("x")).await.unwrap().unwrap();
        let next = db.cursor().await.unwrap();
        assert!(next >= last, "{next} after {last}");
        last = next;
    }
}
