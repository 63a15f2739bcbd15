use super::{Db, NOW, at_once, two_users, user};
use lavender::id::UserId;
use lavender::server::store::BlockRow;
use std::collections::BTreeSet;

pub async fn a_block_changes_something_once(db: Db) {
    let (ana, ben) = two_users(&db).await;
    assert!(!db.set_block(ana, ben, false, NOW).await.unwrap());
    for on in [true, false, true] {
        assert!(db.set_block(ana, ben, on, NOW).await.unwrap());
        assert!(!db.set_block(ana, ben, on, NOW.plus_ms(1)).await.unwrap());
    }
    assert_eq!(db.blocks_of(ana).await.unwrap(), [BlockRow { by: ana, target: ben }]);
}

pub async fn of_many_blocks_at_once_one_changes_something(db: Db) {
    let (ana, ben) = two_users(&db).await;
    for on in [true, false] {
        let changed = at_once(12, |_| {
            let db = db.clone();
            async move { db.set_block(ana, ben, on, NOW).await.unwrap() }
        })
        .await;
        assert_eq!(changed.into_iter().filter(|changed| *changed).count(), 1);
    }
    assert!(db.blocks_of(ana).await.unwrap().is_empty());
}

pub async fn blocks_are_seen_by_both(db: Db) {
    let (ana, ben) = two_users(&db).await;
    let cleo = user(&db, "cleo").await;
    for (by, target) in [(ana, ben), (ben, ana), (cleo, ana)] {
        db.set_block(by, target, true, NOW).await.unwrap();
    }
    let of = |user: UserId| {
        let db = db.clone();
        async move { db.blocks_of(user).await.unwrap().into_iter().map(|row| (row.by, row.target)).collect::<BTreeSet<_>>() }
    };
    assert_eq!(of(ana).await, BTreeSet::from([(ana, ben), (ben, ana), (cleo, ana)]));
    assert_eq!(of(ben).await, BTreeSet::from([(ana, ben), (ben, ana)]));
    assert_eq!(of(cleo).await, BTreeSet::from([(cleo, ana)]));
}
