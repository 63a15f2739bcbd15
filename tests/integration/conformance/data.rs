use super::{Db, NOW, append, new_message, new_text, room_of_two, say, user_row};
use lavender::id::{RoomId, SessionId};
use lavender::model::{RequestState, Theme};
use lavender::server::store::{SessionRow, StoreError, UserRow};

pub const HOSTILE: [&str; 14] = [
    "$where",
    "{ \"$gt\": \"\" }",
    "a.b.$set",
    ".*",
    "'; DROP TABLE messages; --",
    "\" ' ` \\",
    "%_%",
    "nul \0 inside",
    "\0",
    "\u{feff}bom and \u{202e}direction",
    "\u{10ffff}\u{10fffe}",
    "e\u{301} and é",
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "line\nbreak\r\n\ttab",
];

pub async fn hostile_texts_come_back_as_they_were(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    for (n, text) in HOSTILE.into_iter().enumerate() {
        let sent = say(&db, room.id, ana, text).await;
        assert_eq!(sent.body.as_str(), text);
        assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&sent), "{text:?}");
        let edited = db.edit(sent.id, 1, &new_text(&format!("{text}{text}"))).await.unwrap().unwrap();
        assert_eq!(edited.body.as_str(), format!("{text}{text}"));

        let row = UserRow {
            display_name: text.into(),
            username_key: text.into(),
            email_key: format!("{n}{text}"),
            ..user_row(&format!("user{n}"))
        };
        db.create_user(&row).await.unwrap();
        assert_eq!(db.user_by_login(text).await.unwrap().as_ref(), Some(&row), "{text:?}");
        let group = db.create_group(RoomId::new(), text, None, &[ana, ben], NOW).await.unwrap();
        assert_eq!(db.room(group.id).await.unwrap().and_then(|room| room.name).as_deref(), Some(text));
        let session = SessionRow {
            id: SessionId::new(),
            user_id: ana,
            created_at: NOW,
            last_used_at: NOW,
            refresh_hash: [n as u8; 32],
            previous_hash: None,
            rotated_at: NOW,
            user_agent: text.into(),
            network: text.into(),
            revoked_at: None,
        };
        db.create_session(&session).await.unwrap();
        assert_eq!(db.session(session.id).await.unwrap(), Some(session));
    }
    assert_eq!(db.heads(&[room.id]).await.unwrap(), [(room.id, HOSTILE.len() as u64)]);
}

pub async fn the_longest_messages_fit(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let text = "🦄".repeat(8_000);
    let batch = (0..100).map(|_| new_message(room.id, ana, &text)).collect();
    for outcome in db.append(batch).await {
        outcome.unwrap();
    }
    let page = db.page(room.id, 0, None, None, 100).await.unwrap();
    assert_eq!(page.len(), 100);
    assert!(page.iter().all(|message| message.body.as_str() == text));
}

pub async fn after_closing_every_call_fails(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let sent = say(&db, room.id, ana, "hello").await;
    db.ping().await.unwrap();
    db.close().await;
    db.close().await;
    let failures = [
        db.ping().await.err(),
        db.cursor().await.err(),
        db.user(ana).await.err(),
        db.set_theme(ana, Theme::Dark).await.err(),
        db.find_users("a", 9).await.err(),
        db.session(SessionId::new()).await.err(),
        db.direct_room(ana, ben, NOW).await.err(),
        db.members(&[room.id]).await.err(),
        db.mark(room.id, ben, Some(1), None).await.err(),
        append(&db, new_message(room.id, ana, "late")).await.err(),
        db.page(room.id, 0, None, None, 9).await.err(),
        db.heads(&[room.id]).await.err(),
        db.edit(sent.id, 1, &new_text("x")).await.err(),
        db.open_requests_of(ana).await.err(),
        db.move_request(lavender::id::RequestId::new(), RequestState::Pending, RequestState::Expired, false, NOW)
            .await
            .err(),
        db.set_block(ana, ben, true, NOW).await.err(),
    ];
    for (n, failure) in failures.iter().enumerate() {
        assert!(matches!(failure, Some(StoreError::Unavailable(_))), "call {n}: {failure:?}");
    }
    let created = db.create_user(&user_row("late")).await;
    assert!(matches!(created, Err(StoreError::Unavailable(_))));
}
