use super::{Db, NOW, at_once, user, user_row};
use lavender::id::UserId;
use lavender::model::{Privacy, RequestsFrom, Theme};
use lavender::server::store::{Field, StoreError, UserRow};
use std::collections::BTreeSet;

pub async fn a_user_is_found_by_id_and_by_either_login(db: Db) {
    let ana =
        UserRow { username_key: "key-of-ana".into(), last_seen: Some(NOW), theme: Theme::Dark, ..user_row("ana") };
    db.create_user(&ana).await.unwrap();
    for found in [
        db.user(ana.id).await.unwrap(),
        db.user_by_login("key-of-ana").await.unwrap(),
        db.user_by_login("ana@example.org").await.unwrap(),
    ] {
        assert_eq!(found.as_ref(), Some(&ana));
    }
    assert_eq!(db.user(UserId::new()).await.unwrap(), None);
    assert_eq!(db.user_by_login("ana").await.unwrap(), None);
}

pub async fn a_username_is_taken_once(db: Db) {
    db.create_user(&user_row("ana")).await.unwrap();
    let second = UserRow { email_key: "other@example.org".into(), ..user_row("ana") };
    assert!(matches!(db.create_user(&second).await, Err(StoreError::Taken(Field::Username))));
    assert_eq!(db.user(second.id).await.unwrap(), None);
    assert_eq!(db.user_by_login("other@example.org").await.unwrap(), None);
}

pub async fn privacy_is_replaced(db: Db) {
    let ana = user(&db, "ana").await;
    assert_eq!(db.user(ana).await.unwrap().unwrap().privacy, Privacy::default());
    let privacy = Privacy { hides_last_seen: true, requests: RequestsFrom::Shared };
    db.set_privacy(ana, &privacy).await.unwrap();
    db.set_last_seen(ana, NOW).await.unwrap();
    let row = db.user(ana).await.unwrap().unwrap();
    assert_eq!((row.privacy, row.last_seen, row.shown_last_seen()), (privacy, Some(NOW), None));
    db.set_privacy(ana, &Privacy::default()).await.unwrap();
    assert_eq!(db.user(ana).await.unwrap().unwrap().shown_last_seen(), Some(NOW));
    assert!(matches!(db.set_privacy(UserId::new(), &privacy).await, Err(StoreError::Missing)));
}

pub async fn an_id_is_taken_once(db: Db) {
    let ana = user_row("ana");
    db.create_user(&ana).await.unwrap();
    let other = UserRow { id: ana.id, ..user_row("ben") };
    assert!(matches!(db.create_user(&other).await, Err(StoreError::Taken(Field::Id))));
    assert_eq!(db.user(ana.id).await.unwrap(), Some(ana));
}

pub async fn an_address_is_taken_once(db: Db) {
    db.create_user(&user_row("ana")).await.unwrap();
    let second = UserRow { email_key: "ana@example.org".into(), ..user_row("ben") };
    assert!(matches!(db.create_user(&second).await, Err(StoreError::Taken(Field::Email))));
    assert_eq!(db.user_by_login("ben").await.unwrap(), None);
}

pub async fn of_many_accounts_with_one_name_one_is_created(db: Db) {
    let created = at_once(16, |n| {
        let (db, row) = (db.clone(), UserRow { email_key: format!("{n}@example.org"), ..user_row("ana") });
        async move { db.create_user(&row).await }
    })
    .await;
    assert_eq!(created.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let taken = |outcome: &&Result<(), StoreError>| matches!(outcome, Err(StoreError::Taken(Field::Username)));
    assert_eq!(created.iter().filter(taken).count(), 15);
}

pub async fn users_answers_with_those_that_exist(db: Db) {
    let (ana, ben) = (user(&db, "ana").await, user(&db, "ben").await);
    user(&db, "cleo").await;
    let found = db.users(&[ana, UserId::new(), ben]).await.unwrap();
    assert_eq!(found.iter().map(|user| user.id).collect::<BTreeSet<_>>(), BTreeSet::from([ana, ben]));
    assert!(db.users(&[]).await.unwrap().is_empty());
}

async fn find(db: &Db, prefix: &str) -> Vec<String> {
    db.find_users(prefix, 20).await.unwrap().into_iter().map(|user| user.username).collect()
}

pub async fn a_search_finds_beginnings_of_usernames_and_of_words(db: Db) {
    for (username, display_name) in [("ana", "Ana María Berg"), ("ben", "Benedikt"), ("x_y", "Zoë  Bergström")] {
        db.create_user(&UserRow { display_name: display_name.into(), ..user_row(username) }).await.unwrap();
    }
    assert_eq!(find(&db, "an").await, ["ana"]);
    assert_eq!(find(&db, "BERG").await, ["ana", "x_y"]);
    assert_eq!(find(&db, "zoë").await, ["x_y"]);
    assert_eq!(find(&db, "zoë b").await, ["x_y"]);
    assert_eq!(find(&db, "maría berg").await, ["ana"]);
    assert_eq!(find(&db, "be").await, ["ben", "ana", "x_y"]);
    assert!(find(&db, "erg").await.is_empty());
}

pub async fn a_search_shows_the_best_first_and_no_more_than_asked_for(db: Db) {
    for username in ["ben", "bena", "benb", "benc"] {
        db.create_user(&user_row(username)).await.unwrap();
    }
    db.create_user(&UserRow { display_name: "Ben".into(), ..user_row("a") }).await.unwrap();
    assert_eq!(find(&db, "ben").await, ["ben", "bena", "benb", "benc", "a"]);
    let two = db.find_users("ben", 2).await.unwrap();
    assert_eq!(two.iter().map(|user| user.username.as_str()).collect::<Vec<_>>(), ["ben", "bena"]);
    assert!(db.find_users("ben", 0).await.unwrap().is_empty());
}

pub async fn a_search_is_data_and_never_a_pattern(db: Db) {
    user(&db, "ana").await;
    for hostile in [
        ".*",
        "a.*",
        "^a",
        "%",
        "a%",
        "_na",
        "[a]",
        "a|b",
        "' OR 1=1 --",
        "\"",
        "$where",
        "{\"$gt\":\"\"}",
        "\0",
        "a\0",
    ] {
        assert!(find(&db, hostile).await.is_empty(), "{hostile:?} found someone");
        assert_eq!(db.user_by_login(hostile).await.unwrap(), None);
    }
    db.create_user(&UserRow { display_name: "$where .* 100%".into(), ..user_row("odd") }).await.unwrap();
    for literal in ["$where", ".*", "100%"] {
        assert_eq!(find(&db, literal).await, ["odd"]);
    }
}

pub async fn last_seen_only_moves_forward(db: Db) {
    let ana = user(&db, "ana").await;
    for (at, expected) in [(5, 5), (9, 9), (7, 9)] {
        db.set_last_seen(ana, NOW.plus_ms(at)).await.unwrap();
        assert_eq!(db.user(ana).await.unwrap().unwrap().last_seen, Some(NOW.plus_ms(expected)));
    }
}

pub async fn theme_and_password_are_replaced(db: Db) {
    let (ana, ben) = (user(&db, "ana").await, user(&db, "ben").await);
    db.set_theme(ana, Theme::Light).await.unwrap();
    db.set_password_hash(ana, "$other$").await.unwrap();
    let row = db.user(ana).await.unwrap().unwrap();
    assert_eq!((row.theme, row.password_hash.as_str()), (Theme::Light, "$other$"));
    assert_eq!(db.user(ben).await.unwrap().unwrap().theme, Theme::System);
    assert!(matches!(db.set_theme(UserId::new(), Theme::Dark).await, Err(StoreError::Missing)));
    assert!(matches!(db.set_password_hash(UserId::new(), "").await, Err(StoreError::Missing)));
}
