use super::{Db, NOW, new_message, room_of_two, say, say_many, seqs};
use lavender::id::{MessageId, RoomId, TxnId, UserId};
use lavender::model::{Mentions, Seq, SystemLine};
use lavender::server::store::{NewMessage, Span};

/// A room of ten messages.
async fn ten(db: &Db) -> RoomId {
    let (room, ana, _) = room_of_two(db, 1).await;
    say_many(db, room.id, ana, 10).await;
    let (other, cleo, _) = room_of_two(db, 2).await;
    say_many(db, other.id, cleo, 3).await;
    room.id
}

async fn page(db: &Db, room: RoomId, floor: Seq, before: Option<Seq>, after: Option<Seq>, limit: u16) -> Vec<Seq> {
    let messages = db.page(room, floor, before, after, limit).await.unwrap();
    assert!(messages.iter().all(|message| message.room_id == room));
    seqs(&messages)
}

pub async fn a_page_is_the_newest_oldest_first(db: Db) {
    let room = ten(&db).await;
    assert_eq!(page(&db, room, 0, None, None, 3).await, [8, 9, 10]);
    assert_eq!(page(&db, room, 0, None, None, 10).await, (1..=10).collect::<Vec<_>>());
    assert_eq!(page(&db, room, 0, None, None, 99).await.len(), 10);
    assert!(page(&db, RoomId::new(), 0, None, None, 9).await.is_empty());
}

pub async fn a_page_before_ends_where_it_was_asked_to(db: Db) {
    let room = ten(&db).await;
    assert_eq!(page(&db, room, 0, Some(8), None, 3).await, [5, 6, 7]);
    assert_eq!(page(&db, room, 0, Some(2), None, 3).await, [1]);
    assert!(page(&db, room, 0, Some(1), None, 3).await.is_empty());
    assert_eq!(page(&db, room, 0, Some(99), None, 2).await, [9, 10]);
}

pub async fn a_page_after_begins_where_it_was_asked_to(db: Db) {
    let room = ten(&db).await;
    assert_eq!(page(&db, room, 0, None, Some(0), 3).await, [1, 2, 3]);
    assert_eq!(page(&db, room, 0, None, Some(6), 3).await, [7, 8, 9]);
    assert_eq!(page(&db, room, 0, None, Some(9), 3).await, [10]);
    assert!(page(&db, room, 0, None, Some(10), 3).await.is_empty());
    assert_eq!(page(&db, room, 0, Some(5), Some(2), 9).await, [3, 4]);
}

pub async fn nothing_at_or_below_the_floor_is_shown(db: Db) {
    let room = ten(&db).await;
    assert_eq!(page(&db, room, 8, None, None, 9).await, [9, 10]);
    assert_eq!(page(&db, room, 6, Some(9), None, 9).await, [7, 8]);
    assert_eq!(page(&db, room, 6, None, Some(2), 2).await, [7, 8]);
    assert!(page(&db, room, 10, None, None, 9).await.is_empty());
    assert!(page(&db, room, 6, Some(7), None, 9).await.is_empty());
}

pub async fn a_page_takes_any_number(db: Db) {
    let room = ten(&db).await;
    assert!(page(&db, room, 0, None, None, 0).await.is_empty());
    assert!(page(&db, room, u64::MAX, None, None, 9).await.is_empty());
    assert!(page(&db, room, 0, None, Some(u64::MAX), 9).await.is_empty());
    assert_eq!(page(&db, room, 0, Some(u64::MAX), None, 1).await, [10]);
    assert_eq!(page(&db, room, 0, None, None, u16::MAX).await.len(), 10);
}

pub async fn heads_answers_for_each_room_asked_for(db: Db) {
    let room = ten(&db).await;
    let (empty, ..) = room_of_two(&db, 3).await;
    let nowhere = RoomId::new();
    let mut heads = db.heads(&[room, empty.id, nowhere]).await.unwrap();
    let mut expected = vec![(room, 10), (empty.id, 0), (nowhere, 0)];
    heads.sort_unstable();
    expected.sort_unstable();
    assert_eq!(heads, expected);
    assert!(db.heads(&[]).await.unwrap().is_empty());
}

pub async fn the_last_message_of_each_room_that_has_one(db: Db) {
    let room = ten(&db).await;
    let (empty, ..) = room_of_two(&db, 3).await;
    let (short, ana, _) = room_of_two(&db, 4).await;
    let only = say(&db, short.id, ana, "only").await;
    let mut last = db.last_of(&[room, empty.id, short.id, RoomId::new()]).await.unwrap();
    last.sort_by_key(|message| message.seq);
    assert_eq!(seqs(&last), [1, 10]);
    assert_eq!(last[0], only);
    assert_eq!(last[1].room_id, room);
    assert!(db.last_of(&[]).await.unwrap().is_empty());
}

pub async fn unread_counts_what_others_wrote_in_a_range(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let batch = "aabab".chars().map(|author| new_message(room.id, if author == 'a' { ana } else { ben }, "x"));
    db.append(batch.collect()).await;
    for (user, after, upto, expected) in
        [(ana, 0, 5, 2), (ben, 0, 5, 3), (ana, 3, 5, 1), (ana, 0, 2, 0), (ben, 4, 9, 0), (ben, 9, 3, 0)]
    {
        assert_eq!(count(&db, user, Span::new(room.id, after, upto)).await, (expected, 0), "{after}..={upto}");
    }
    assert_eq!(count(&db, UserId::new(), Span::new(room.id, 0, u64::MAX)).await, (5, 0));
    assert_eq!(count(&db, ana, Span::new(RoomId::new(), 0, u64::MAX)).await, (0, 0));
    let (other, _, cleo) = room_of_two(&db, 2).await;
    say_many(&db, other.id, cleo, 7).await;
    let spans = [Span::new(other.id, 2, 6), Span::new(RoomId::new(), 0, 9), Span::new(room.id, 0, 5)];
    let counted = db.count_unread_in(ana, &spans).await.unwrap();
    assert_eq!(counted.iter().map(|counted| counted.texts).collect::<Vec<_>>(), [4, 0, 2]);
    assert!(db.count_unread_in(ana, &[]).await.unwrap().is_empty());
}

async fn count(db: &Db, user_id: UserId, span: Span) -> (u32, u32) {
    let counted = db.count_unread(user_id, &span).await.unwrap();
    (counted.texts, counted.mentions)
}

pub async fn unread_leaves_out_what_is_no_text_or_hidden_and_tells_mentions_apart(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, cleo, _) = room_of_two(&db, 2).await;
    let naming = |users: &[UserId], all| {
        let mentions = Mentions { users: users.to_vec(), all };
        NewMessage { mentions, ..new_message(room.id, ben, "x") }
    };
    let line = NewMessage::system(room.id, ben, TxnId::new(), SystemLine::Described);
    let deleted = new_message(room.id, ben, "gone");
    let gone = deleted.id;
    let batch = vec![
        new_message(room.id, ben, "1"),
        naming(&[cleo, ana], false),
        line,
        naming(&[], true),
        deleted,
        naming(&[cleo], false),
        NewMessage { author_id: ana, ..naming(&[ana], true) },
        naming(&[ana], true),
    ];
    db.append(batch).await.into_iter().for_each(|outcome| drop(outcome.unwrap()));
    db.delete(gone, ben, NOW).await.unwrap().unwrap();
    let counted = |hidden: &[Seq]| Span { hidden: hidden.to_vec(), ..Span::new(room.id, 0, 8) };
    assert_eq!(count(&db, ana, counted(&[])).await, (5, 3));
    assert_eq!(count(&db, ana, counted(&[2])).await, (4, 2));
    assert_eq!(count(&db, ana, counted(&[1, 2, 3, 5, 6, 7, 8, 9, 99])).await, (1, 1), "what is not counted stays so");
    assert_eq!(count(&db, ana, Span { hidden: vec![1, 2], ..Span::new(room.id, 2, 7) }).await, (2, 1));
    assert_eq!(count(&db, cleo, counted(&[])).await, (6, 5));
    // Of many rooms, with and without something hidden.
    say_many(&db, other.id, cleo, 3).await;
    let spans = [Span { hidden: vec![2], ..Span::new(other.id, 0, 3) }, counted(&[4]), Span::new(RoomId::new(), 0, 9)];
    let counts = db.count_unread_in(ana, &spans).await.unwrap();
    assert_eq!(counts.iter().map(|c| (c.texts, c.mentions)).collect::<Vec<_>>(), [(2, 0), (4, 2), (0, 0)]);
}

pub async fn messages_are_those_that_exist(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say_many(&db, room.id, ana, 4).await;
    let mut found = db.messages(&[sent[3].id, MessageId::new(), sent[0].id, sent[3].id]).await.unwrap();
    found.sort_by_key(|message| message.seq);
    assert_eq!(found, [sent[0].clone(), sent[3].clone()]);
    assert!(db.messages(&[]).await.unwrap().is_empty());
}

pub async fn a_message_is_found_by_id_and_by_transaction(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "hello").await;
    assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&sent));
    assert_eq!(db.message_by_txn(ana, sent.txn_id).await.unwrap().as_ref(), Some(&sent));
    assert_eq!(db.message(MessageId::new()).await.unwrap(), None);
    assert_eq!(db.message_by_txn(ben, sent.txn_id).await.unwrap(), None);
    assert_eq!(db.message_by_txn(ana, TxnId::new()).await.unwrap(), None);
}
