use super::{Db, NOW, append, at_once, new_message, new_text, room_of_two, say, say_many, seqs};
use lavender::id::{RoomId, TxnId, UserId};
use lavender::model::{Body, Mentions, ReplyTo, Role, SystemLine};
use lavender::server::store::{NewMessage, StoreError};

/// Checks that a room is numbered 1, 2, 3 … and answers with its texts.
async fn texts(db: &Db, room_id: RoomId) -> Vec<String> {
    let messages = db.page(room_id, 0, None, Some(0), u16::MAX).await.unwrap();
    assert_eq!(seqs(&messages), (1..=messages.len() as u64).collect::<Vec<_>>());
    messages.into_iter().map(|message| message.body.as_str().to_owned()).collect()
}

pub async fn concurrent_messages_number_a_room_without_a_gap(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let mut acked = at_once(64, |n| {
        let (db, author) = (db.clone(), if n % 2 == 0 { ana } else { ben });
        async move {
            let stored = append(&db, new_message(room.id, author, &n.to_string())).await.unwrap();
            assert!(!stored.repeated);
            (stored.message.seq, n.to_string())
        }
    })
    .await;
    acked.sort();
    assert_eq!(acked.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), (1..=64).collect::<Vec<_>>());
    assert_eq!(acked.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), texts(&db, room.id).await);
}

pub async fn a_batch_keeps_its_order_in_every_room(db: Db) {
    let rooms = [room_of_two(&db, 1).await, room_of_two(&db, 2).await, room_of_two(&db, 3).await];
    for _ in 0..2 {
        let batch: Vec<NewMessage> =
            (0..30).map(|n| new_message(rooms[n % 3].0.id, rooms[n % 3].1, &n.to_string())).collect();
        let outcomes = db.append(batch.clone()).await;
        assert_eq!(outcomes.len(), batch.len());
        for (outcome, new) in outcomes.into_iter().zip(batch) {
            let message = outcome.unwrap().message;
            assert_eq!((message.id, message.room_id, message.txn_id), (new.id, new.room_id, new.txn_id));
            assert_eq!((message.revision, message.edited_at), (1, None));
        }
    }
    for (n, (room, ..)) in rooms.iter().enumerate() {
        let once: Vec<String> = (n..30).step_by(3).map(|n| n.to_string()).collect();
        assert_eq!(texts(&db, room.id).await, [once.clone(), once].concat());
    }
}

pub async fn batches_at_once_leave_no_gap_in_any_room(db: Db) {
    let rooms: Vec<(RoomId, UserId)> = {
        let made = [room_of_two(&db, 1).await, room_of_two(&db, 2).await, room_of_two(&db, 3).await];
        made.iter().map(|(room, ana, _)| (room.id, *ana)).collect()
    };
    let stored = at_once(12, |task| {
        let (db, rooms) = (db.clone(), rooms.clone());
        async move {
            // Every task takes the rooms in another order.
            let batch = (0..9).map(|n| {
                let (room_id, author) = rooms[(task + n) % 3];
                new_message(room_id, author, "x")
            });
            db.append(batch.collect()).await.into_iter().filter(Result::is_ok).count()
        }
    })
    .await;
    assert_eq!(stored.iter().sum::<usize>(), 108);
    for (room_id, _) in rooms {
        assert_eq!(texts(&db, room_id).await.len(), 36);
    }
}

pub async fn a_repeated_sending_gives_the_stored_message(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let new = new_message(room.id, ana, "hello");
    let first = append(&db, new.clone()).await.unwrap();
    say(&db, room.id, ben, "in between").await;
    // A retry knows the transaction, and may or may not know the id.
    for again in [new.clone(), NewMessage { id: new_message(room.id, ana, "").id, created_at: NOW.plus_ms(9), ..new }] {
        let second = append(&db, again).await.unwrap();
        assert!(second.repeated && !first.repeated);
        assert_eq!(second.message, first.message);
    }
    say(&db, room.id, ben, "after").await;
    assert_eq!(texts(&db, room.id).await, ["hello", "in between", "after"]);
}

pub async fn a_repetition_within_a_batch_is_one(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let one = new_message(room.id, ana, "one");
    let two = new_message(room.id, ana, "two");
    let outcomes = db.append(vec![one.clone(), one.clone(), two.clone(), one, two]).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|o| o.map(|o| (o.message.seq, o.repeated)).unwrap()).collect();
    assert_eq!(outcomes, [(1, false), (1, true), (2, false), (1, true), (2, true)]);
    assert_eq!(texts(&db, room.id).await, ["one", "two"]);
}

pub async fn of_many_sendings_at_once_one_is_stored(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let new = new_message(room.id, ana, "hello");
    let outcomes = at_once(10, |_| {
        let (db, again) = (db.clone(), NewMessage { id: new_message(room.id, ana, "").id, ..new.clone() });
        async move { append(&db, again).await.unwrap() }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| !outcome.repeated).count(), 1);
    assert!(outcomes.iter().all(|outcome| outcome.message == outcomes[0].message));
    assert_eq!(texts(&db, room.id).await, ["hello"]);
}

pub async fn a_repeated_sending_succeeds_after_an_edit(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let new = new_message(room.id, ana, "helo");
    let sent = append(&db, new.clone()).await.unwrap().message;
    let edited = db.edit(sent.id, sent.revision, &new_text("hello")).await.unwrap().unwrap();
    let again = append(&db, new.clone()).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.message, edited);
    let as_edited = NewMessage { body: edited.body, ..new };
    assert!(matches!(append(&db, as_edited).await, Err(StoreError::TxnConflict)));
}

pub async fn another_text_or_room_under_one_transaction_is_refused(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let (other, ..) = room_of_two(&db, 2).await;
    let new = new_message(room.id, ana, "hello");
    append(&db, new.clone()).await.unwrap();
    for wrong in
        [NewMessage { body: Body::stored("other".into()), ..new.clone() }, NewMessage { room_id: other.id, ..new }]
    {
        let wrong = NewMessage { id: new_message(room.id, ana, "").id, ..wrong };
        assert!(matches!(append(&db, wrong).await, Err(StoreError::TxnConflict)));
    }
    assert_eq!(texts(&db, room.id).await, ["hello"]);
    assert!(texts(&db, other.id).await.is_empty());
}

pub async fn a_transaction_belongs_to_its_author(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let new = new_message(room.id, ana, "hello");
    let of_ben = NewMessage { txn_id: new.txn_id, ..new_message(room.id, ben, "hello") };
    for outcome in db.append(vec![new, of_ben]).await {
        assert!(!outcome.unwrap().repeated);
    }
    assert_eq!(texts(&db, room.id).await.len(), 2);
}

pub async fn a_refused_message_harms_no_other_of_its_batch(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let (other, ..) = room_of_two(&db, 2).await;
    let sent = new_message(room.id, ana, "0");
    append(&db, sent.clone()).await.unwrap();
    let outcomes = db
        .append(vec![
            new_message(room.id, ana, "1"),
            new_message(RoomId::new(), ana, "nowhere"),
            sent.clone(),
            new_message(room.id, ana, "2"),
            NewMessage { body: Body::stored("another".into()), ..sent },
            new_message(room.id, ana, "3"),
            new_message(other.id, ana, "a"),
        ])
        .await;
    let seq = |n: usize| outcomes[n].as_ref().map(|outcome| (outcome.message.seq, outcome.repeated)).ok();
    assert_eq!([0, 2, 3, 5, 6].map(seq), [(2, false), (1, true), (3, false), (4, false), (1, false)].map(Some));
    assert!(matches!(outcomes[1], Err(StoreError::Missing)));
    assert!(matches!(outcomes[4], Err(StoreError::TxnConflict)));
    assert_eq!(texts(&db, room.id).await, ["0", "1", "2", "3"]);
}

pub async fn an_empty_batch_is_nothing(db: Db) {
    assert!(db.append(Vec::new()).await.is_empty());
}

pub async fn times_never_go_back_within_a_room(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let at = |ms| NewMessage { created_at: NOW.plus_ms(ms), ..new_message(room.id, ana, "x") };
    append(&db, at(5)).await.unwrap();
    for outcome in db.append(vec![at(3), at(8), at(7)]).await {
        outcome.unwrap();
    }
    append(&db, at(-3_600_000)).await.unwrap();
    let stored = db.page(room.id, 0, None, None, 9).await.unwrap();
    assert_eq!(stored.iter().map(|m| m.created_at.0 - NOW.0).collect::<Vec<_>>(), [5, 5, 8, 8, 8]);
    assert_eq!(say_many(&db, room.id, ana, 1).await[0].seq, 6);
}

pub async fn what_is_around_a_message_is_kept(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let first = say(&db, room.id, ben, "first").await;
    let full = NewMessage {
        reply_to: Some(ReplyTo { message_id: first.id, seq: first.seq }),
        forwarded_from: Some(ben),
        mentions: Mentions { users: vec![ben, ana], all: true },
        ..new_message(room.id, ana, "@ben @ana @all")
    };
    let lines = [
        SystemLine::Created { name: "$where \" '".into() },
        SystemLine::Added { users: vec![ana, ben] },
        SystemLine::Role { user: ben, role: Role::Admin },
        SystemLine::Pinned { message_id: first.id, seq: 1 },
        SystemLine::SlowMode { seconds: 30 },
    ];
    let system = lines.map(|line| NewMessage::system(room.id, ana, TxnId::new(), line));
    for new in [full].into_iter().chain(system) {
        let stored = append(&db, new.clone()).await.unwrap().message;
        let around = (new.system.clone(), new.reply_to, new.forwarded_from, new.mentions.clone());
        let kept = (stored.system.clone(), stored.reply_to, stored.forwarded_from, stored.mentions.clone());
        assert_eq!(kept, around);
        assert_eq!(db.message(stored.id).await.unwrap().as_ref(), Some(&stored));
        let again = append(&db, new).await.unwrap();
        assert!(again.repeated && again.message == stored);
        assert_eq!(db.last_of(&[room.id]).await.unwrap(), [stored]);
    }
}
