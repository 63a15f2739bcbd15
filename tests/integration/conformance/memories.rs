use super::{Db, NOW, at_once, new_text, room_of_two, say};
use lavender::id::{MessageId, NoteId, RoomId, UserId};
use lavender::model::memory::{Note, Source, Summary};
use lavender::model::{Memory, Seen};
use lavender::server::store::{Account, StoreError, Usage};

pub(super) fn memory(revision: u64, text: &str) -> Memory {
    let source = Some(Source { message_id: MessageId::new(), seq: 3 });
    let by = UserId::new();
    let note = Note { id: NoteId::new(), text: text.to_owned(), by, at: NOW, source, is_pinned: true };
    let summary = Summary { text: format!("of {text}"), from: 1, upto: 9, at: NOW, model: Some("m".to_owned()) };
    Memory { revision, notes: vec![note], summary: Some(summary), hiders: vec![by], ..Memory::new(RoomId::new()) }
}

pub async fn a_memory_is_kept_whole_and_of_its_room(db: Db) {
    let (one, other) = (memory(1, "one $where 'it\"; DROP"), memory(1, "$set 🎉"));
    assert_eq!(db.memory(one.room_id).await.unwrap(), None);
    for memory in [&one, &other] {
        assert!(db.set_memory(memory).await.unwrap());
    }
    assert_eq!(db.memory(one.room_id).await.unwrap(), Some(one.clone()));
    let next = Memory { revision: 2, is_on: false, notes: Vec::new(), summary: None, ..one.clone() };
    assert!(db.set_memory(&next).await.unwrap());
    assert_eq!(db.memory(one.room_id).await.unwrap(), Some(next));
    db.drop_memory(one.room_id).await.unwrap();
    db.drop_memory(one.room_id).await.unwrap();
    assert_eq!(db.memory(one.room_id).await.unwrap(), None);
    assert_eq!(db.memory(other.room_id).await.unwrap(), Some(other));
}

pub async fn of_many_changes_of_one_memory_one_is_made(db: Db) {
    let first = memory(1, "first");
    for revision in [1, 2] {
        let changes = at_once(6, |n| {
            let (db, first) = (db.clone(), first.clone());
            async move {
                db.set_memory(&Memory { revision, hiders: vec![UserId::new()], ..memory_of(&first, n) }).await.unwrap()
            }
        })
        .await;
        assert_eq!(changes.into_iter().filter(|won| *won).count(), 1, "revision {revision}");
    }
    for revision in [0, 1, 2, 4] {
        assert!(!db.set_memory(&Memory { revision, ..first.clone() }).await.unwrap(), "revision {revision}");
    }
}

fn memory_of(first: &Memory, n: usize) -> Memory {
    Memory { notes: Vec::new(), is_on: n.is_multiple_of(2), ..first.clone() }
}

fn seen(model: &str) -> Seen {
    Seen {
        at: NOW,
        model: model.to_owned(),
        host: Some("api.example.com".to_owned()),
        messages: vec![MessageId::new(), MessageId::new()],
        hidden: 1,
        notes: vec![NoteId::new()],
        summary: Some(NOW),
    }
}

pub async fn what_a_model_saw_goes_with_the_text(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "an answer").await;
    assert_eq!(db.seen(sent.id).await.unwrap(), None);
    assert_eq!(db.seen(MessageId::new()).await.unwrap(), None);
    db.set_seen(MessageId::new(), &seen("nobody's")).await.unwrap();
    for model in ["one", "two"] {
        let seen = seen(model);
        db.set_seen(sent.id, &seen).await.unwrap();
        assert_eq!(db.seen(sent.id).await.unwrap(), Some(seen));
    }
    // It is no change of the message, and changes of that leave it.
    assert_eq!(db.message(sent.id).await.unwrap(), Some(sent.clone()));
    db.edit(sent.id, 1, &new_text("another")).await.unwrap().unwrap();
    assert_eq!(db.seen(sent.id).await.unwrap().unwrap().model, "two");
    db.delete(sent.id, ana, NOW).await.unwrap().unwrap();
    assert_eq!(db.seen(sent.id).await.unwrap(), None);
    db.set_seen(sent.id, &seen("late")).await.unwrap();
    assert_eq!(db.seen(sent.id).await.unwrap(), None);
}

pub async fn a_message_is_hidden_from_the_assistant_and_shown_again(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "between us").await;
    assert!(!sent.is_hidden_from_assistant);
    assert_eq!(db.hide_from_assistant(sent.id, false).await.unwrap(), None);
    for (revision, on) in [(2, true), (4, false), (6, true)] {
        let changed = db.hide_from_assistant(sent.id, on).await.unwrap().unwrap();
        assert_eq!((changed.revision, changed.is_hidden_from_assistant), (revision, on));
        assert_eq!(db.hide_from_assistant(sent.id, on).await.unwrap(), None);
        assert_eq!(db.message(sent.id).await.unwrap(), Some(changed.clone()));
        // Another change leaves it.
        let edited = db.edit(sent.id, revision, &new_text(&format!("text {revision}"))).await.unwrap().unwrap();
        assert_eq!(edited.is_hidden_from_assistant, on);
    }
    db.delete(sent.id, ana, NOW).await.unwrap().unwrap();
    assert_eq!(db.hide_from_assistant(sent.id, false).await.unwrap(), None);
    assert!(matches!(db.hide_from_assistant(MessageId::new(), true).await, Err(StoreError::Missing)));
}

fn account(name: &str, runs_max: u64, tokens_max: u64) -> Account {
    Account { name: name.to_owned(), runs_max, tokens_max }
}

async fn used(db: &Db, day: i64, name: &str) -> Usage {
    db.usage(day, &[name.to_owned()]).await.unwrap()[0]
}

pub async fn a_run_is_counted_in_all_accounts_or_in_none(db: Db) {
    let both = |ana| [account("person ana", ana, u64::MAX), account("all", u64::MAX, 250)];
    assert_eq!(used(&db, 7, "all").await, Usage::default());
    assert_eq!(db.reserve_usage(7, &both(2), 100).await.unwrap(), None);
    assert_eq!(db.reserve_usage(7, &both(2), 100).await.unwrap(), None);
    // The person is full, then everybody.
    assert_eq!(db.reserve_usage(7, &both(2), 10).await.unwrap(), Some(0));
    assert_eq!(db.reserve_usage(7, &both(9), 51).await.unwrap(), Some(1));
    for name in ["person ana", "all"] {
        assert_eq!(used(&db, 7, name).await, Usage { runs: 2, tokens: 200, read: 0, written: 0 }, "{name}");
    }
    assert_eq!(db.reserve_usage(7, &both(9), 50).await.unwrap(), None);
    // Another day is another account, and an empty one has room for any run.
    assert_eq!(db.reserve_usage(8, &[account("all", 1, 10)], 1_000).await.unwrap(), None);
    assert_eq!(db.reserve_usage(8, &[account("all", 9, 10)], 1).await.unwrap(), Some(0));
    assert_eq!(db.reserve_usage(8, &[], 1).await.unwrap(), None);
}

pub async fn what_was_reserved_is_settled(db: Db) {
    let names = ["person ana".to_owned(), "all".to_owned()];
    let accounts = names.each_ref().map(|name| account(name, u64::MAX, u64::MAX));
    for _ in 0..2 {
        db.reserve_usage(7, &accounts, 500).await.unwrap();
    }
    db.settle_usage(7, &names, 500, 120, 30).await.unwrap();
    assert_eq!(db.usage(7, &names).await.unwrap(), [Usage { runs: 2, tokens: 650, read: 120, written: 30 }; 2]);
    db.settle_usage(7, &names[..1], 500, 0, 0).await.unwrap();
    assert_eq!(used(&db, 7, "person ana").await, Usage { runs: 1, tokens: 150, read: 120, written: 30 });
    assert_eq!(used(&db, 7, "all").await.tokens, 650);
    db.settle_usage(7, &["nobody".to_owned()], 1, 1, 1).await.unwrap();
    assert_eq!(used(&db, 7, "nobody").await, Usage::default());
    db.reserve_usage(9, &accounts, 1).await.unwrap();
    db.drop_usage(9).await.unwrap();
    assert_eq!((used(&db, 7, "all").await.runs, used(&db, 9, "all").await.runs), (0, 1));
}

pub async fn of_many_runs_at_once_no_more_than_fit_are_counted(db: Db) {
    let won = at_once(12, |n| {
        let db = db.clone();
        async move {
            let accounts = [account(&format!("person {n}"), 9, u64::MAX), account("all", 5, u64::MAX)];
            db.reserve_usage(3, &accounts, 10).await.unwrap().is_none()
        }
    })
    .await;
    assert_eq!(won.iter().filter(|won| **won).count(), 5);
    assert_eq!(used(&db, 3, "all").await, Usage { runs: 5, tokens: 50, read: 0, written: 0 });
    for (n, won) in won.into_iter().enumerate() {
        assert_eq!(used(&db, 3, &format!("person {n}")).await.runs, u64::from(won), "{n}");
    }
}
