use super::{Db, NOW, at_once, two_users};
use lavender::id::{MailId, UserId};
use lavender::server::store::{Field, MailRow, StoreError};

pub(super) fn row(user_id: UserId) -> MailRow {
    MailRow {
        id: MailId::new(),
        user_id,
        to: "ada@example.org".into(),
        about: r#"{"kind":"reset"}"#.into(),
        created_at: NOW,
        due_at: NOW,
        tries: 0,
    }
}

pub async fn a_mail_is_taken_once_until_its_time_comes_again(db: Db) {
    let (first, second) = (row(UserId::new()), row(UserId::new()));
    for row in [&first, &second, &first] {
        db.add_mail(row).await.unwrap();
    }
    assert!(db.take_mails(NOW.plus_ms(-1), NOW.plus_ms(50), 9).await.unwrap().is_empty(), "not due");
    let taken = db.take_mails(NOW, NOW.plus_ms(50), 1).await.unwrap();
    assert_eq!(taken, [MailRow { due_at: NOW.plus_ms(50), tries: 1, ..first.clone() }]);
    let taken = db.take_mails(NOW, NOW.plus_ms(50), 9).await.unwrap();
    assert_eq!(taken, [MailRow { due_at: NOW.plus_ms(50), tries: 1, ..second.clone() }]);
    assert!(db.take_mails(NOW.plus_ms(49), NOW.plus_ms(99), 9).await.unwrap().is_empty());
    // Whoever took it has ended.
    assert_eq!(db.take_mails(NOW.plus_ms(50), NOW.plus_ms(99), 9).await.unwrap().len(), 2);
    db.put_mail_off(first.id, NOW.plus_ms(500)).await.unwrap();
    db.remove_mail(second.id).await.unwrap();
    db.remove_mail(second.id).await.unwrap();
    db.put_mail_off(second.id, NOW).await.unwrap();
    assert!(db.take_mails(NOW.plus_ms(499), NOW.plus_ms(999), 9).await.unwrap().is_empty());
    let taken = db.take_mails(NOW.plus_ms(500), NOW.plus_ms(999), 9).await.unwrap();
    assert_eq!(taken, [MailRow { due_at: NOW.plus_ms(999), tries: 3, ..first }]);
}

pub async fn of_many_who_take_mails_at_once_each_gets_others(db: Db) {
    for _ in 0..20 {
        db.add_mail(&row(UserId::new())).await.unwrap();
    }
    let taken = at_once(5, |_| {
        let db = db.clone();
        async move { db.take_mails(NOW, NOW.plus_ms(50), 4).await.unwrap() }
    })
    .await;
    let mut ids: Vec<MailId> = taken.into_iter().flatten().map(|row| row.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

pub async fn an_address_is_replaced_and_stays_unique(db: Db) {
    let (ana, ben) = two_users(&db).await;
    db.set_email(ana, "Ana@new.example.org", "ana@new.example.org", Some(NOW)).await.unwrap();
    let row = db.user(ana).await.unwrap().unwrap();
    assert_eq!((row.email.as_str(), row.email_confirmed_at), ("Ana@new.example.org", Some(NOW)));
    assert_eq!(db.user_by_login("ana@new.example.org").await.unwrap().map(|row| row.id), Some(ana));
    let taken = db.set_email(ben, "ANA@new.example.org", "ana@new.example.org", None).await;
    assert!(matches!(taken, Err(StoreError::Taken(Field::Email))), "{taken:?}");
    db.set_email(ana, "a@example.org", "a@example.org", None).await.unwrap();
    assert_eq!(db.user(ana).await.unwrap().unwrap().email_confirmed_at, None);
    let missing = db.set_email(UserId::new(), "x@example.org", "x@example.org", None).await;
    assert!(matches!(missing, Err(StoreError::Missing)), "{missing:?}");
}
