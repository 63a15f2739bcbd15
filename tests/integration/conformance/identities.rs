use super::{Db, NOW, at_once};
use lavender::id::UserId;
use lavender::server::store::IdentityRow;

const ISSUER: &str = "https://id.example.org";

pub(super) fn row(user_id: UserId, subject: &str) -> IdentityRow {
    IdentityRow {
        issuer: ISSUER.into(),
        subject: subject.into(),
        user_id,
        email: Some("ada@example.org".into()),
        created_at: NOW,
        last_used_at: NOW,
    }
}

pub async fn an_identity_is_found_by_issuer_and_subject(db: Db) {
    let ada = UserId::new();
    assert!(db.add_identity(&row(ada, "1 a")).await.unwrap());
    assert_eq!(db.identity(ISSUER, "1 a").await.unwrap(), Some(row(ada, "1 a")));
    assert_eq!(db.identity(ISSUER, "1").await.unwrap(), None);
    assert_eq!(db.identity("https://id.example.org/", "1 a").await.unwrap(), None);
    assert_eq!(db.identity(ISSUER, "1 A").await.unwrap(), None, "letters count");
}

pub async fn an_identity_opens_one_account_and_an_account_has_one_of_an_issuer(db: Db) {
    let (ada, ben) = (UserId::new(), UserId::new());
    assert!(db.add_identity(&row(ada, "1")).await.unwrap());
    assert!(!db.add_identity(&row(ben, "1")).await.unwrap(), "it opens another one");
    assert!(!db.add_identity(&row(ada, "2")).await.unwrap(), "there is one already");
    let elsewhere = IdentityRow { issuer: "https://a.example.org".into(), ..row(ada, "1") };
    assert!(db.add_identity(&elsewhere).await.unwrap());
    assert_eq!(db.identities_of(ada).await.unwrap(), [elsewhere, row(ada, "1")]);
    assert!(db.identities_of(ben).await.unwrap().is_empty());
}

pub async fn of_many_accounts_at_once_one_gets_an_identity(db: Db) {
    let added = at_once(8, |_| {
        let db = db.clone();
        async move { db.add_identity(&row(UserId::new(), "1")).await.unwrap() }
    })
    .await;
    assert_eq!(added.into_iter().filter(|added| *added).count(), 1);
}

pub async fn an_identity_says_when_it_was_used_and_what_address_it_has(db: Db) {
    let ada = UserId::new();
    db.add_identity(&row(ada, "1")).await.unwrap();
    db.use_identity(ISSUER, "1", None, NOW.plus_ms(5)).await.unwrap();
    db.use_identity(ISSUER, "1", Some("new@example.org"), NOW.plus_ms(3)).await.unwrap();
    let found = db.identity(ISSUER, "1").await.unwrap().unwrap();
    assert_eq!((found.last_used_at, found.email.as_deref()), (NOW.plus_ms(5), Some("new@example.org")));
    db.use_identity(ISSUER, "2", None, NOW).await.unwrap();
    assert_eq!(db.identity(ISSUER, "2").await.unwrap(), None, "nothing is made of it");
}

pub async fn a_removed_identity_is_free_again(db: Db) {
    let (ada, ben) = (UserId::new(), UserId::new());
    db.add_identity(&row(ada, "1")).await.unwrap();
    assert!(!db.remove_identity(ben, ISSUER).await.unwrap());
    assert!(!db.remove_identity(ada, "https://a.example.org").await.unwrap());
    assert!(db.remove_identity(ada, ISSUER).await.unwrap());
    assert!(!db.remove_identity(ada, ISSUER).await.unwrap());
    assert!(db.add_identity(&row(ben, "1")).await.unwrap());
}
