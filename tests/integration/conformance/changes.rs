use super::data::HOSTILE;
use super::{Db, NOW, append, at_once, new_message, new_text, room_of_two, say, say_many};
use lavender::id::{MessageId, TxnId, UserId};
use lavender::model::{
    Body, Bytes32, Coin, Deleted, Extra, Gif, LinkPreview, Mentions, Message, Reaction, Roll, SystemLine, TicTacToe,
    limits,
};
use lavender::server::store::{NewMessage, NewText, StoreError};

pub async fn an_edit_raises_the_revision_by_one(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "one").await;
    let mut expected = sent.clone();
    for (revision, text) in [(2, "two"), (3, "three")] {
        let edited = db.edit(sent.id, revision - 1, &new_text(text)).await.unwrap().unwrap();
        assert!(edited.edited_at.is_some());
        expected = Message { revision, body: Body::stored(text.into()), edited_at: edited.edited_at, ..expected };
        assert_eq!(edited, expected);
        assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&expected));
    }
}

pub async fn of_many_edits_of_one_revision_one_succeeds(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "0").await;
    let edits = at_once(8, |n| {
        let db = db.clone();
        async move { db.edit(sent.id, 1, &new_text(&format!("edit {n}"))).await.unwrap() }
    })
    .await;
    let won: Vec<_> = edits.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&won[0]));
}

pub async fn an_edit_of_an_old_revision_changes_nothing(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "one").await;
    let edited = db.edit(sent.id, 1, &new_text("two")).await.unwrap().unwrap();
    for revision in [0, 1, 3, u64::MAX] {
        assert_eq!(db.edit(sent.id, revision, &new_text("three")).await.unwrap(), None);
    }
    assert_eq!(db.message(sent.id).await.unwrap(), Some(edited));
}

pub async fn an_edit_needs_its_message(db: Db) {
    assert!(matches!(db.edit(MessageId::new(), 1, &new_text("x")).await, Err(StoreError::Missing)));
}

pub async fn a_change_is_found_from_a_cursor_taken_before_it(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say_many(&db, room.id, ana, 5).await;
    for message in &sent {
        let cursor = db.cursor().await.unwrap();
        let edited = db.edit(message.id, 1, &new_text("edited")).await.unwrap().unwrap();
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
        db.edit(message.id, 1, &new_text("y")).await.unwrap().unwrap();
        if room.id != other.id {
            ids.push(message.id);
        }
    }
    // Changed again: now the newest change.
    db.edit(ids[0], 2, &new_text("z")).await.unwrap().unwrap();
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
        db.edit(message.id, 1, &new_text("x")).await.unwrap().unwrap();
        let next = db.cursor().await.unwrap();
        assert!(next >= last, "{next} after {last}");
        last = next;
    }
}

fn preview(title: &str) -> LinkPreview {
    LinkPreview {
        url: "https://example.org/".into(),
        site: "example.org".into(),
        title: title.into(),
        description: Some("$set \" {".into()),
    }
}

/// The revision and everything that was said about a message.
fn said(message: &Message) -> Vec<(&str, &[UserId])> {
    message.reactions.iter().map(|reaction| (reaction.emoji.as_str(), &reaction.by[..])).collect()
}

pub async fn an_edit_keeps_what_was_written_before_within_bounds(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "0").await;
    assert!(db.edits(sent.id).await.unwrap().is_empty() && db.edits(MessageId::new()).await.unwrap().is_empty());
    let count = limits::EDITS_MAX + 3;
    let mut before = sent.clone();
    for n in 1..=count {
        let edited = db.edit(sent.id, n as u64, &new_text(&n.to_string())).await.unwrap().unwrap();
        let kept = db.edits(sent.id).await.unwrap();
        let last = kept.last().unwrap();
        assert_eq!((&last.body, last.at), (&before.body, before.edited_at.unwrap_or(before.created_at)));
        assert_eq!(kept.len(), n.min(limits::EDITS_MAX));
        before = edited;
    }
    let kept = db.edits(sent.id).await.unwrap();
    let texts: Vec<String> = kept.into_iter().map(|edit| edit.body.as_str().to_owned()).collect();
    assert_eq!(texts, (3..count).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(db.message(sent.id).await.unwrap(), Some(before.clone()));
    assert_eq!(db.page(room.id, 0, None, None, 9).await.unwrap(), [before.clone()]);
    assert_eq!(db.last_of(&[room.id]).await.unwrap(), [before]);
}

pub async fn an_edit_sets_mentions_and_may_drop_the_preview(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let naming = Mentions { users: vec![ana], all: false };
    let new = NewMessage { mentions: naming, ..new_message(room.id, ana, "https://example.org/") };
    let sent = append(&db, new).await.unwrap().message;
    db.set_preview(sent.id, None, Some(&preview("a"))).await.unwrap().unwrap();
    db.react(sent.id, ben, "👍", true).await.unwrap().unwrap();
    let naming = Mentions { users: vec![ben], all: true };
    let text = NewText { mentions: naming.clone(), keeps_preview: true, ..new_text("see https://example.org/") };
    let edited = db.edit(sent.id, 3, &text).await.unwrap().unwrap();
    assert_eq!((&edited.mentions, &edited.preview), (&naming, &Some(preview("a"))));
    let edited = db.edit(sent.id, 4, &new_text("nothing")).await.unwrap().unwrap();
    assert_eq!((&edited.mentions, &edited.preview), (&Mentions::default(), &None));
    assert_eq!(said(&edited), [("👍", &[ben][..])], "an edit leaves reactions");
    assert_eq!(db.message(sent.id).await.unwrap(), Some(edited));
}

pub async fn a_deletion_takes_all_that_was_said(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let new = NewMessage { mentions: Mentions { users: vec![ben], all: true }, ..new_message(room.id, ana, "secret") };
    let sent = append(&db, new.clone()).await.unwrap().message;
    let edited = db.edit(sent.id, 1, &NewText { mentions: sent.mentions.clone(), ..new_text("secret 2") }).await;
    let edited = edited.unwrap().unwrap();
    db.set_preview(sent.id, None, Some(&preview("a"))).await.unwrap().unwrap();
    db.react(sent.id, ben, "👍", true).await.unwrap().unwrap();
    let deleted = db.delete(sent.id, ben, NOW).await.unwrap().unwrap();
    let expected = Message {
        revision: 5,
        edited_at: edited.edited_at,
        deleted: Some(Deleted { by: ben, at: NOW }),
        ..Message {
            created_at: sent.created_at,
            ..Message::text(sent.id, room.id, 1, ana, sent.txn_id, Body::stored(String::new()))
        }
    };
    assert_eq!(deleted, expected);
    assert_eq!(db.message(sent.id).await.unwrap(), Some(expected.clone()));
    assert!(db.edits(sent.id).await.unwrap().is_empty());
    // Sent again, it is as it is now.
    let again = append(&db, new).await.unwrap();
    assert!(again.repeated && again.message == expected);
}

fn roll(value: u8) -> Extra {
    Extra::Roll(Roll { sides: 100, value: Some(value) })
}

pub async fn what_is_beside_a_text_is_kept_and_goes_with_it(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let gif = Gif { name: "$wave".into(), title: "A \"bee\" {".into(), width: 320, height: 240 };
    let extras = [
        Extra::Gif(gif),
        Extra::Coin(Coin::thrown(&Bytes32::random())),
        roll(7),
        Extra::TicTacToe(TicTacToe::offer(ana, Some(ben), NOW)),
    ];
    for extra in extras {
        let new = NewMessage { extra: Some(extra.clone()), ..new_message(room.id, ana, "") };
        let sent = append(&db, new.clone()).await.unwrap().message;
        assert_eq!(sent.extra, Some(extra));
        assert_eq!(db.message(sent.id).await.unwrap(), Some(sent.clone()));
        assert_eq!(db.page(room.id, 0, None, None, 1).await.unwrap(), std::slice::from_ref(&sent));
        assert_eq!(db.last_of(&[room.id]).await.unwrap(), std::slice::from_ref(&sent));
        assert!(append(&db, new.clone()).await.unwrap().repeated);
        // What else changes leaves it.
        let reacted = db.react(sent.id, ben, "👍", true).await.unwrap().unwrap();
        assert_eq!(reacted.extra, sent.extra);
        let next = db.set_extra(sent.id, 2, &roll(8)).await.unwrap().unwrap();
        assert_eq!(next, Message { revision: 3, extra: Some(roll(8)), ..reacted });
        assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&next));
        let again = append(&db, new).await.unwrap();
        assert!(again.repeated && again.message == next, "sent again, it is as it is now");
        let deleted = db.delete(sent.id, ana, NOW).await.unwrap().unwrap();
        assert_eq!(deleted.extra, None);
        assert_eq!(db.message(sent.id).await.unwrap(), Some(deleted));
    }
    // Another one under the same transaction is another message.
    let new = NewMessage { extra: Some(roll(1)), ..new_message(room.id, ana, "") };
    append(&db, new.clone()).await.unwrap();
    let chance = NewMessage { id: MessageId::new(), extra: Some(roll(2)), ..new.clone() };
    assert!(append(&db, chance).await.unwrap().repeated, "what chance adds was not asked for");
    for extra in [None, Some(Extra::Coin(Coin::default()))] {
        let other = NewMessage { id: MessageId::new(), extra, ..new.clone() };
        assert!(matches!(append(&db, other).await, Err(StoreError::TxnConflict)));
    }
}

pub async fn of_many_acts_of_one_revision_one_succeeds(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let new = NewMessage { extra: Some(roll(1)), ..new_message(room.id, ana, "") };
    let sent = append(&db, new).await.unwrap().message;
    let acts = at_once(8, |n| {
        let db = db.clone();
        async move { db.set_extra(sent.id, 1, &roll(10 + n as u8)).await.unwrap() }
    })
    .await;
    let won: Vec<_> = acts.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    assert_eq!((won[0].revision, db.message(sent.id).await.unwrap().as_ref()), (2, Some(&won[0])));
}

pub async fn an_act_needs_its_message_as_it_was(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    assert!(matches!(db.set_extra(MessageId::new(), 1, &roll(1)).await, Err(StoreError::Missing)));
    let new = NewMessage { extra: Some(roll(1)), ..new_message(room.id, ana, "") };
    let sent = append(&db, new).await.unwrap().message;
    let cursor = db.cursor().await.unwrap();
    let next = db.set_extra(sent.id, 1, &roll(2)).await.unwrap().unwrap();
    assert!(db.changed_since(&[room.id], cursor, 99).await.unwrap().contains(&next));
    for revision in [0, 1, 3, u64::MAX] {
        assert_eq!(db.set_extra(sent.id, revision, &roll(3)).await.unwrap(), None);
    }
    db.delete(sent.id, ana, NOW).await.unwrap().unwrap();
    assert_eq!(db.set_extra(sent.id, 3, &roll(3)).await.unwrap(), None, "it is deleted");
}

pub async fn of_many_deletions_one_counts(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "x").await;
    let deletions = at_once(6, |n| {
        let db = db.clone();
        async move { db.delete(sent.id, if n % 2 == 0 { ana } else { ben }, NOW).await.unwrap() }
    })
    .await;
    let counted: Vec<_> = deletions.into_iter().flatten().collect();
    assert_eq!(counted.len(), 1);
    assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&counted[0]));
}

pub async fn a_deleted_message_and_a_line_of_the_room_do_not_change(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "x").await;
    db.delete(sent.id, ana, NOW).await.unwrap().unwrap();
    let line = append(&db, NewMessage::system(room.id, ana, TxnId::new(), SystemLine::Left)).await.unwrap().message;
    for id in [sent.id, line.id] {
        let before = db.message(id).await.unwrap().unwrap();
        assert_eq!(db.edit(id, before.revision, &new_text("y")).await.unwrap(), None);
        assert_eq!(db.delete(id, ben, NOW).await.unwrap(), None);
        assert_eq!(db.react(id, ben, "👍", true).await.unwrap(), None);
        assert_eq!(db.react(id, ben, "👍", false).await.unwrap(), None);
        assert_eq!(db.set_preview(id, None, Some(&preview("a"))).await.unwrap(), None);
        assert_eq!(db.set_preview(id, None, None).await.unwrap(), None);
        assert_eq!(db.message(id).await.unwrap(), Some(before));
    }
    let nowhere = MessageId::new();
    assert!(matches!(db.delete(nowhere, ana, NOW).await, Err(StoreError::Missing)));
    assert!(matches!(db.react(nowhere, ana, "👍", true).await, Err(StoreError::Missing)));
    assert!(matches!(db.react(nowhere, ana, "👍", false).await, Err(StoreError::Missing)));
    assert!(matches!(db.set_preview(nowhere, None, None).await, Err(StoreError::Missing)));
}

pub async fn reactions_are_set_and_taken_back_once(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "x").await;
    type Said<'a> = Vec<(&'a str, Vec<UserId>)>;
    let steps: [(UserId, &str, bool, Option<Said>); 9] = [
        (ben, "👍", false, None),
        (ben, "👍", true, Some(vec![("👍", vec![ben])])),
        (ben, "👍", true, None),
        (ana, "$body", true, Some(vec![("👍", vec![ben]), ("$body", vec![ana])])),
        (ana, "👍", true, Some(vec![("👍", vec![ben, ana]), ("$body", vec![ana])])),
        (ben, "👍", false, Some(vec![("👍", vec![ana]), ("$body", vec![ana])])),
        (ben, "👍", false, None),
        (ana, "👍", false, Some(vec![("$body", vec![ana])])),
        (ana, "$body", false, Some(vec![])),
    ];
    let mut revision = 1;
    for (user, emoji, on, expected) in steps {
        let changed = db.react(sent.id, user, emoji, on).await.unwrap();
        assert_eq!(changed.is_some(), expected.is_some(), "{emoji} {on}");
        if let (Some(changed), Some(expected)) = (changed, expected) {
            revision += 1;
            let expected =
                expected.into_iter().map(|(emoji, by)| Reaction { emoji: emoji.into(), by }).collect::<Vec<_>>();
            assert_eq!((changed.revision, &changed.reactions, changed.edited_at), (revision, &expected, None));
            assert_eq!(db.message(sent.id).await.unwrap(), Some(changed));
        }
    }
}

pub async fn reactions_at_once_all_count(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "x").await;
    let changed = at_once(24, |n| {
        let (db, emoji) = (db.clone(), ["👍", "🎉"][n % 2]);
        async move { db.react(sent.id, UserId::new(), emoji, true).await.unwrap() }
    })
    .await;
    let mut revisions: Vec<u64> = changed.into_iter().map(|message| message.unwrap().revision).collect();
    revisions.sort_unstable();
    assert_eq!(revisions, (2..=25).collect::<Vec<_>>());
    let stored = db.message(sent.id).await.unwrap().unwrap();
    assert_eq!(stored.reactions.len(), 2);
    assert!(stored.reactions.iter().all(|reaction| reaction.by.len() == 12));
    // One that is set by many devices at once is set once.
    let again = at_once(8, |_| {
        let db = db.clone();
        async move { db.react(sent.id, ana, "👍", true).await.unwrap() }
    })
    .await;
    assert_eq!(again.into_iter().flatten().count(), 1);
}

pub async fn different_emoji_are_bounded(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "x").await;
    let emoji: Vec<String> = (0..=limits::REACTIONS_MAX).map(|n| format!("e{n}")).collect();
    for one in &emoji[..limits::REACTIONS_MAX] {
        db.react(sent.id, ana, one, true).await.unwrap().unwrap();
    }
    let over = &emoji[limits::REACTIONS_MAX];
    assert!(matches!(db.react(sent.id, ana, over, true).await, Err(StoreError::Full)));
    assert_eq!(db.react(sent.id, ana, over, false).await.unwrap(), None);
    db.react(sent.id, ben, &emoji[3], true).await.unwrap().unwrap();
    db.react(sent.id, ana, &emoji[0], false).await.unwrap().unwrap();
    let full = db.react(sent.id, ana, over, true).await.unwrap().unwrap();
    assert_eq!(full.reactions.len(), limits::REACTIONS_MAX);
}

pub async fn a_preview_is_set_for_the_text_that_it_was_made_for(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "https://example.org/").await;
    assert_eq!(db.set_preview(sent.id, Some(&Body::stored("other".into())), Some(&preview("a"))).await.unwrap(), None);
    assert_eq!(db.set_preview(sent.id, None, None).await.unwrap(), None, "there is none to take away");
    // A reaction that comes between makes it no other text.
    db.react(sent.id, ben, "👍", true).await.unwrap().unwrap();
    let set = db.set_preview(sent.id, Some(&sent.body), Some(&preview("a"))).await.unwrap().unwrap();
    assert_eq!((set.revision, &set.preview, set.edited_at), (3, &Some(preview("a")), None));
    assert_eq!(db.message(sent.id).await.unwrap(), Some(set));
    assert_eq!(db.set_preview(sent.id, Some(&sent.body), Some(&preview("a"))).await.unwrap(), None, "it is so already");
    assert!(db.set_preview(sent.id, Some(&sent.body), Some(&preview("b"))).await.unwrap().is_some());
    let taken = db.set_preview(sent.id, None, None).await.unwrap().unwrap();
    assert_eq!((taken.revision, taken.preview), (5, None));
    for (n, text) in HOSTILE.into_iter().enumerate() {
        let sent = say(&db, room.id, ana, text).await;
        let of = Body::stored(text.into());
        let set = db.set_preview(sent.id, Some(&of), Some(&preview(text))).await.unwrap().unwrap();
        assert_eq!(set.preview, Some(preview(text)), "{n}");
        let reacted = db.react(sent.id, ana, text, true).await.unwrap().unwrap();
        assert_eq!(said(&reacted), [(text, &[ana][..])]);
    }
}

pub async fn every_change_is_found_from_its_cursor(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "x").await;
    for n in 0..5_u64 {
        let cursor = db.cursor().await.unwrap();
        let changed = match n {
            0 => db.react(sent.id, ben, "👍", true).await,
            1 => db.react(sent.id, ben, "👍", false).await,
            2 => db.set_preview(sent.id, None, Some(&preview("a"))).await,
            3 => db.edit(sent.id, 4, &new_text("y")).await,
            _ => db.delete(sent.id, ana, NOW).await,
        };
        let changed = changed.unwrap().unwrap();
        assert_eq!(changed.revision, n + 2);
        assert_eq!(db.changed_since(&[room.id], cursor, 9).await.unwrap(), [changed]);
    }
}
