//! Own settings of a room, over the live connection: for two devices of one person, and nobody else.

use crate::support::client::Client;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::RoomId;
use lavender::live::{Command, LiveEvent};
use lavender::model::{MUTED_FOR_GOOD, Message, Notify, PrefsChange, RoomPrefs, Seq, Unread, Wallpaper};
use lavender::server::service::{messages, people};
use lavender::time::Timestamp;

async fn set(client: &mut Client, room_id: RoomId, change: PrefsChange) -> Result<(), Error> {
    let id = client.command(Command::Prefs { room_id, change }).await;
    client.answer(id).await.map(drop)
}

/// The last settings that were told, with the floor of the own row and the counts.
fn told(events: &[LiveEvent]) -> Option<(RoomPrefs, Seq, Unread)> {
    let prefs = |event: &LiveEvent| match event {
        LiveEvent::Prefs { prefs, member, unread, .. } => Some((prefs.clone(), member.floor(), *unread)),
        _ => None,
    };
    events.iter().rev().find_map(prefs)
}

/// What a new page of theirs begins with.
async fn listed(person: &Person, room_id: RoomId) -> (RoomPrefs, Unread, Option<Seq>) {
    let (_client, snapshot) = person.connect_with().await;
    let summary = snapshot.rooms.into_iter().find(|summary| summary.room.id == room_id).unwrap();
    (summary.mine, summary.unread, summary.last.map(|last| last.seq))
}

/// The newest message of a room, and the one that the list shows in its place.
async fn shown(person: &Person, room_id: RoomId) -> (Option<Seq>, Option<Seq>) {
    let (_client, snapshot) = person.connect_with().await;
    let summary = snapshot.rooms.into_iter().find(|summary| summary.room.id == room_id).unwrap();
    let seq = |message: Option<Message>| message.map(|message| message.seq);
    (seq(summary.last), seq(summary.shown))
}

on_both_stores! {
    async fn a_setting_reaches_all_own_devices_and_nobody_else(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut tab, mut phone) = (ana.connect().await, stage.again(&ana).await.connect().await);
        let mut other = ben.connect().await;
        let wallpaper = Some(Wallpaper { key: "dusk".into(), hue: Some(280), dim: 40, picture: None });
        for change in [
            PrefsChange::Pinned { on: true },
            PrefsChange::Muted { until: Some(MUTED_FOR_GOOD) },
            PrefsChange::Archived { on: true },
            PrefsChange::Notify { level: Notify::Mentions },
            PrefsChange::Wallpaper { wallpaper: wallpaper.clone() },
        ] {
            set(&mut tab, room, change).await.unwrap();
        }
        for client in [&mut tab, &mut phone] {
            let (prefs, ..) = told(&client.settle().await).expect("told");
            assert!(prefs.pinned_at.is_some() && prefs.archived && prefs.is_muted(Timestamp::now()));
            assert_eq!((prefs.notify, prefs.wallpaper, prefs.revision), (Notify::Mentions, wallpaper.clone(), 5));
        }
        assert_eq!(told(&other.settle().await), None);
        assert_eq!(listed(&ana, room).await.0.revision, 5);
        assert_eq!(listed(&ben, room).await.0, RoomPrefs::default());
        set(&mut tab, room, PrefsChange::Pinned { on: true }).await.unwrap();
        assert_eq!(told(&tab.settle().await).map(|(prefs, ..)| prefs.revision), Some(5), "told, though nothing changed");
    }

    async fn clearing_hides_what_was_there_and_can_be_taken_back(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        for n in 1..=4 {
            ben_client.send(room, &format!("{n}")).await.unwrap();
        }
        set(&mut ana_client, room, PrefsChange::Cleared { upto: 99 }).await.unwrap();
        let (_, floor, unread) = told(&ana_client.settle().await).unwrap();
        assert_eq!((floor, unread.count), (4, 0), "not more than there is");
        let page = messages::page(&stage.app, &ana.session, room, (None, None, None), None).await.unwrap();
        assert!(page.messages.is_empty() && !page.has_older);
        assert_eq!(listed(&ana, room).await.2, None);
        ben_client.send(room, "5").await.unwrap();
        let (_, unread, last) = listed(&ana, room).await;
        assert_eq!((unread.count, last), (1, Some(5)));
        assert_eq!(listed(&ben, room).await.2, Some(5), "for me only");
        set(&mut ana_client, room, PrefsChange::Cleared { upto: 0 }).await.unwrap();
        let (_, floor, unread) = told(&ana_client.settle().await).unwrap();
        assert_eq!((floor, unread.count), (0, 5));
    }

    async fn marked_unread_counts_from_there_until_it_is_read(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        for n in 1..=4 {
            ben_client.send(room, &format!("{n}")).await.unwrap();
        }
        ana_client.mark(room, None, Some(4)).await.unwrap();
        ben_client.settle().await;
        set(&mut ana_client, room, PrefsChange::UnreadFrom { seq: Some(3) }).await.unwrap();
        assert_eq!(told(&ana_client.settle().await).map(|(_, _, unread)| unread.count), Some(2));
        let ticks = ben_client.settle().await;
        assert!(!ticks.iter().any(|event| matches!(event, LiveEvent::Watermark { .. })), "others see nothing of it");
        assert_eq!(listed(&ana, room).await.1.count, 2);
        ana_client.mark(room, None, Some(4)).await.unwrap();
        assert_eq!(told(&ana_client.settle().await).map(|(prefs, _, unread)| (prefs.unread_from, unread.count)), Some((None, 0)));
        set(&mut ana_client, room, PrefsChange::UnreadFrom { seq: Some(5) }).await.unwrap();
        assert_eq!(told(&ana_client.settle().await).and_then(|(prefs, ..)| prefs.unread_from), None, "nothing is there yet");
    }

    async fn what_is_deleted_for_me_is_not_counted_and_comes_back(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        for n in 1..=3 {
            ben_client.send(room, &format!("{n}")).await.unwrap();
        }
        set(&mut ana_client, room, PrefsChange::Hidden { seqs: vec![3, 1], on: true }).await.unwrap();
        let (prefs, _, unread) = told(&ana_client.settle().await).unwrap();
        assert_eq!((prefs.hidden, unread.count), (vec![1, 3], 1));
        set(&mut ana_client, room, PrefsChange::Hidden { seqs: vec![3], on: false }).await.unwrap();
        let (prefs, _, unread) = told(&ana_client.settle().await).unwrap();
        assert_eq!((prefs.hidden, unread.count), (vec![1], 2));
        assert_eq!(listed(&ben, room).await.0, RoomPrefs::default());
    }

    async fn the_list_shows_the_newest_that_is_not_deleted_for_me(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        for n in 1..=3 {
            ben_client.send(room, &format!("{n}")).await.unwrap();
        }
        assert_eq!(shown(&ana, room).await, (Some(3), None));
        set(&mut ana_client, room, PrefsChange::Hidden { seqs: vec![2, 3], on: true }).await.unwrap();
        assert_eq!(shown(&ana, room).await, (Some(3), Some(1)));
        assert_eq!(shown(&ben, room).await, (Some(3), None), "nobody else is told");
        set(&mut ana_client, room, PrefsChange::Hidden { seqs: vec![1], on: true }).await.unwrap();
        assert_eq!(shown(&ana, room).await, (Some(3), None), "nothing is left");
        set(&mut ana_client, room, PrefsChange::Hidden { seqs: vec![1], on: false }).await.unwrap();
        set(&mut ana_client, room, PrefsChange::Cleared { upto: 1 }).await.unwrap();
        assert_eq!(shown(&ana, room).await, (Some(3), None), "it was cleared");
    }

    async fn what_makes_no_sense_is_refused_with_its_field(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let paper = |key: &str, hue, dim| PrefsChange::Wallpaper { wallpaper: Some(Wallpaper { key: key.into(), hue, dim, picture: None }) };
        let late = Timestamp(MUTED_FOR_GOOD.0 + 1);
        for (change, field, problem) in [
            (paper("../x", None, 0), "key", Problem::BadFormat),
            (paper("dusk", Some(360), 0), "hue", Problem::OutOfRange),
            (paper("dusk", None, 81), "dim", Problem::OutOfRange),
            (PrefsChange::Muted { until: Some(late) }, "until", Problem::OutOfRange),
            (PrefsChange::UnreadFrom { seq: Some(0) }, "seq", Problem::OutOfRange),
            (PrefsChange::Hidden { seqs: vec![], on: true }, "seqs", Problem::OutOfRange),
            (PrefsChange::Hidden { seqs: (1..=101).collect(), on: true }, "seqs", Problem::OutOfRange),
        ] {
            assert_eq!(set(&mut client, room, change).await, Err(Error::invalid(field, problem)));
        }
        for n in 0..10 {
            let seqs = (n * 100 + 1..=n * 100 + 100).collect();
            set(&mut client, room, PrefsChange::Hidden { seqs, on: true }).await.unwrap();
        }
        let one_more = PrefsChange::Hidden { seqs: vec![5_000], on: true };
        assert_eq!(set(&mut client, room, one_more).await, Err(Error::invalid("hidden", Problem::OutOfRange)));
        let eve = stage.person("eve").await;
        let mut stranger = eve.connect().await;
        let refused = set(&mut stranger, room, PrefsChange::Pinned { on: true }).await;
        assert_eq!(refused, Err(Error::NotFound { what: What::Room }));
    }

    async fn behind_a_block_settings_change_and_nothing_is_counted(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        ben_client.send(room, "hello").await.unwrap();
        people::set_block(&stage.app, &ana.session, ben.user_id, true).await.unwrap();
        set(&mut ana_client, room, PrefsChange::Archived { on: true }).await.unwrap();
        let (prefs, _, unread) = told(&ana_client.settle().await).unwrap();
        assert!(prefs.archived && unread.count == 0);
    }
}
