use super::data::HOSTILE;
use super::{Db, NOW, at_once, room_of_two, say_many, user};
use lavender::id::{FileId, RoomId, TxnId};
use lavender::model::{Notify, PrefsChange, RoomPrefs, Seq, Wallpaper, WallpaperPicture, limits};
use lavender::server::store::StoreError;
use lavender::time::Timestamp;

pub async fn nobody_has_set_anything_at_first(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    assert!(db.prefs(&[room.id], ana).await.unwrap().is_empty());
    assert!(db.prefs(&[], ana).await.unwrap().is_empty());
    let change = PrefsChange::Archived { on: false };
    assert_eq!(db.set_prefs(room.id, ana, &change, NOW).await.unwrap().1, RoomPrefs::default());
    let cleo = user(&db, "cleo").await;
    for (room_id, user_id) in [(room.id, cleo), (RoomId::new(), ana)] {
        assert!(matches!(db.set_prefs(room_id, user_id, &change, NOW).await, Err(StoreError::Missing)));
    }
}

pub async fn each_setting_is_kept_and_raises_the_revision(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, ..) = room_of_two(&db, 2).await;
    let wallpaper = |key: &str| Wallpaper { key: key.into(), hue: Some(359), dim: 80, picture: None };
    let changes = [
        PrefsChange::Pinned { on: true },
        PrefsChange::Muted { until: Some(NOW.plus_ms(5)) },
        PrefsChange::Archived { on: true },
        PrefsChange::Notify { level: Notify::Mentions },
        PrefsChange::Wallpaper { wallpaper: Some(wallpaper("petals")) },
        PrefsChange::UnreadFrom { seq: Some(3) },
        PrefsChange::Hidden { seqs: vec![4, 2], on: true },
    ];
    let mut expected = RoomPrefs::default();
    for change in &changes {
        assert!(expected.apply(change, NOW));
        let (member, prefs) = db.set_prefs(room.id, ana, change, NOW).await.unwrap();
        assert_eq!((member.user_id, &prefs), (ana, &expected));
        assert_eq!(db.prefs(&[other.id, room.id], ana).await.unwrap(), [(room.id, expected.clone())]);
    }
    assert_eq!(expected.revision, changes.len() as u64);
    assert!(
        db.prefs(&[room.id], ben).await.unwrap().is_empty() && db.prefs(&[other.id], ana).await.unwrap().is_empty()
    );
    let picture = Some(WallpaperPicture { file_id: FileId::new(), light: 61, dark: 100 });
    let own = Wallpaper { hue: None, picture, ..wallpaper("picture") };
    let change = PrefsChange::Wallpaper { wallpaper: Some(own.clone()) };
    let (_, prefs) = db.set_prefs(room.id, ana, &change, NOW).await.unwrap();
    assert_eq!(prefs.wallpaper, Some(own));
    assert_eq!(db.prefs(&[room.id], ana).await.unwrap(), [(room.id, prefs)]);
    for text in HOSTILE {
        let change = PrefsChange::Wallpaper { wallpaper: Some(wallpaper(text)) };
        let (_, prefs) = db.set_prefs(room.id, ana, &change, NOW).await.unwrap();
        assert_eq!(prefs.wallpaper, Some(wallpaper(text)));
        assert_eq!(db.prefs(&[room.id], ana).await.unwrap(), [(room.id, prefs)]);
    }
}

pub async fn settings_at_once_all_count(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    at_once(8, |n| {
        let db = db.clone();
        let change = PrefsChange::Hidden { seqs: vec![n as Seq + 1], on: true };
        async move { db.set_prefs(room.id, ana, &change, NOW).await.unwrap() }
    })
    .await;
    let prefs = db.prefs(&[room.id], ana).await.unwrap().remove(0).1;
    assert_eq!((prefs.revision, prefs.hidden), (8, (1..=8).collect()));
}

pub async fn a_clear_moves_what_is_seen_and_back(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    say_many(&db, room.id, ben, 9).await;
    for (upto, revision) in [(7, 1), (7, 1), (2, 2), (0, 3)] {
        let (member, prefs) = db.set_prefs(room.id, ana, &PrefsChange::Cleared { upto }, NOW).await.unwrap();
        assert_eq!((member.cleared_seq, prefs.revision), (upto, revision));
        assert_eq!(db.member(room.id, ana).await.unwrap(), Some(member));
    }
    assert_eq!(db.member(room.id, ben).await.unwrap().unwrap().cleared_seq, 0);
}

pub async fn hidden_messages_are_bounded(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let all: Vec<Seq> = (1..=limits::HIDDEN_MAX as Seq).collect();
    let hide = |seqs: &[Seq]| PrefsChange::Hidden { seqs: seqs.to_vec(), on: true };
    db.set_prefs(room.id, ana, &hide(&all), NOW).await.unwrap();
    assert!(matches!(db.set_prefs(room.id, ana, &hide(&[5_000]), NOW).await, Err(StoreError::Full)));
    let stored = db.prefs(&[room.id], ana).await.unwrap().remove(0).1;
    assert_eq!((stored.revision, stored.hidden.len()), (1, limits::HIDDEN_MAX));
    // What a clear hides too makes room.
    db.set_prefs(room.id, ana, &PrefsChange::Cleared { upto: 10 }, NOW).await.unwrap();
    let (_, prefs) = db.set_prefs(room.id, ana, &hide(&[5_000]), NOW).await.unwrap();
    assert_eq!((prefs.hidden.first(), prefs.hidden.last()), (Some(&11), Some(&5_000)));
}

pub async fn reading_takes_a_mark_away(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    say_many(&db, room.id, ben, 9).await;
    db.mark(room.id, ana, None, Some(6)).await.unwrap().unwrap();
    db.set_prefs(room.id, ana, &PrefsChange::UnreadFrom { seq: Some(5) }, NOW).await.unwrap();
    assert_eq!(db.mark(room.id, ana, None, Some(4)).await.unwrap(), None, "what was read before stays read");
    let delivered = db.mark(room.id, ana, Some(7), None).await.unwrap().unwrap();
    assert_eq!((delivered.unmarked, delivered.prefs.unread_from), (false, Some(5)));
    // No mark grows, and yet something changes.
    let read = db.mark(room.id, ana, None, Some(5)).await.unwrap().unwrap();
    assert_eq!((read.unmarked, read.member.read_seq, read.prefs.unread_from, read.prefs.revision), (true, 6, None, 2));
    assert_eq!(db.prefs(&[room.id], ana).await.unwrap(), [(room.id, read.prefs)]);
    assert_eq!(db.mark(room.id, ana, None, Some(5)).await.unwrap(), None);
    db.set_prefs(room.id, ana, &PrefsChange::UnreadFrom { seq: Some(8) }, NOW).await.unwrap();
    let read = db.mark(room.id, ana, None, Some(u64::MAX)).await.unwrap().unwrap();
    assert_eq!((read.unmarked, read.member.read_seq, read.prefs.revision), (true, 9, 4));
}

pub async fn a_turn_to_write_comes_after_the_pause(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (one, two) = (TxnId::new(), TxnId::new());
    let turn = |txn_id, ms| {
        let db = db.clone();
        async move { db.take_turn(room.id, ana, txn_id, NOW.plus_ms(ms), 10_000).await.unwrap() }
    };
    assert_eq!(turn(one, 0).await, None);
    assert_eq!(turn(two, 4_000).await, Some(6_000));
    assert_eq!(turn(one, 5_000).await, None, "the same message may come again");
    assert_eq!(turn(two, 9_999).await, Some(1), "and that takes no time from the next");
    assert_eq!(turn(two, -60_000).await, Some(10_000), "a clock that was set back costs one pause at most");
    assert_eq!(turn(two, 10_000).await, None);
    assert_eq!(turn(one, 10_001).await, Some(9_999));
    assert_eq!(db.take_turn(room.id, ben, one, NOW, 10_000).await.unwrap(), None, "another member");
    assert_eq!(db.take_turn(room.id, ana, one, NOW.plus_ms(11_000), 500).await.unwrap(), None, "a shorter pause");
    let cleo = user(&db, "cleo").await;
    let stranger = db.take_turn(room.id, cleo, one, Timestamp(0), 1).await;
    assert!(matches!(stranger, Err(StoreError::Missing)));
}

pub async fn of_many_turns_at_once_one_is_taken(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let turns = at_once(8, |_| {
        let db = db.clone();
        async move { db.take_turn(room.id, ana, TxnId::new(), NOW, 10_000).await.unwrap() }
    })
    .await;
    assert_eq!(turns.iter().filter(|left| left.is_none()).count(), 1);
}
