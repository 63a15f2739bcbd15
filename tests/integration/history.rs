//! Pages of a room's history, and the first paint.

use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::What;
use lavender::id::{RoomId, TxnId};
use lavender::live::Command;
use lavender::model::{Bootstrap, Page, Seq, Start};
use lavender::server::service::{messages, start};
use lavender::server::session::{FormFlash, MaybeSession};

on_both_stores! {
    async fn pages_go_back_to_the_first_message(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        fill(&ana, room, 120).await;
        let newest = page(&ben, room, None, None, None).await.unwrap();
        assert_eq!(described(&newest), (71, 120, 50, true, false));
        let older = page(&ben, room, Some(71), None, Some(60)).await.unwrap();
        assert_eq!(described(&older), (11, 70, 60, true, true));
        let oldest = page(&ben, room, Some(11), None, Some(60)).await.unwrap();
        assert_eq!(described(&oldest), (1, 10, 10, false, true));
        let newer = page(&ben, room, None, Some(100), Some(10)).await.unwrap();
        assert_eq!(described(&newer), (101, 110, 10, true, true));
        let last = page(&ben, room, None, Some(110), Some(10)).await.unwrap();
        assert_eq!(described(&last), (111, 120, 10, true, false));
        let beyond = page(&ben, room, None, Some(120), None).await.unwrap();
        assert!(beyond.messages.is_empty() && beyond.has_older && !beyond.has_newer);
        let before_all = page(&ben, room, Some(1), None, None).await.unwrap();
        assert!(before_all.messages.is_empty() && !before_all.has_older && before_all.has_newer);
    }

    async fn limits_are_clamped_and_both_ends_at_once_refused(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        fill(&ana, room, 110).await;
        assert_eq!(page(&ana, room, None, None, Some(0)).await.unwrap().messages.len(), 1);
        assert_eq!(page(&ana, room, None, None, Some(u16::MAX)).await.unwrap().messages.len(), 100);
        assert!(matches!(page(&ana, room, Some(5), Some(1), None).await, Err(Error::Invalid { .. })));
        let far = page(&ana, room, Some(Seq::MAX), None, Some(1)).await.unwrap();
        assert_eq!(described(&far), (110, 110, 1, true, false));
    }

    async fn strangers_and_unknown_rooms_are_answered_alike(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        fill(&ana, room, 1).await;
        let eve = stage.person("eve").await;
        for room in [room, RoomId::new()] {
            let refused = page(&eve, room, None, None, None).await;
            assert_eq!(refused, Err(Error::NotFound { what: What::Room }));
        }
    }

    async fn the_first_paint_holds_the_list_and_the_open_room(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        fill(&ana, room, 60).await;
        let carl = stage.person("carl").await;
        carl.ask(&ben, "hi").await;
        let first = bootstrap(&ben, Some(room)).await;
        assert_eq!(first.me.person.id, ben.user_id);
        assert_eq!(first.rooms.len(), 1);
        assert_eq!((first.rooms[0].head_seq, first.rooms[0].unread.count), (60, 60));
        assert_eq!(first.rooms[0].title(ben.user_id), "ana Example");
        assert_eq!(first.requests.len(), 1);
        assert_eq!(described(first.open.as_ref().unwrap()), (11, 60, 50, true, false));
        assert!(first.version.starts_with(env!("CARGO_PKG_VERSION")));
        assert_eq!(bootstrap(&ben, Some(RoomId::new())).await.open, None, "an unknown room shows the list");
        assert_eq!(bootstrap(&carl, Some(room)).await.open, None, "and so does another's");
        // Everything after the first paint is brought by its cursor.
        fill(&ana, room, 2).await;
        let mut client = crate::support::client::Client::open(&ben).await;
        let snapshot = client.hello([(room, 60)], Some(first.cursor)).await;
        assert_eq!(snapshot.messages[0].messages.iter().map(|message| message.seq).collect::<Vec<_>>(), [61, 62]);
    }

    async fn counts_agree_with_the_messages(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        fill(&ana, room, 3).await;
        fill(&ben, room, 2).await;
        fill(&ana, room, 1).await;
        for read in [0, 1, 3, 4, 6] {
            let mut client = ben.connect().await;
            client.mark(room, None, Some(read)).await.unwrap();
            let seen = bootstrap(&ben, None).await.rooms[0].unread;
            let by_hand = page(&ben, room, None, None, Some(100)).await.unwrap().messages;
            let by_hand = by_hand.iter().filter(|message| message.author_id != ben.user_id && message.seq > read).count();
            assert_eq!((seen.count as usize, seen.at_seq), (by_hand, 6), "after reading {read}");
        }
    }
}

async fn fill(author: &Person, room_id: RoomId, count: usize) {
    let mut client = author.connect().await;
    let mut ids = Vec::new();
    for index in 0..count {
        let body = format!("message {index}");
        ids.push(
            client
                .command(Command::Send {
                    room_id,
                    txn_id: TxnId::new(),
                    body,
                    reply_to: None,
                    forward: None,
                    files: Vec::new(),
                    extra: None,
                })
                .await,
        );
    }
    for id in ids {
        client.answer(id).await.unwrap();
    }
}

async fn page(
    person: &Person,
    room_id: RoomId,
    before: Option<Seq>,
    after: Option<Seq>,
    limit: Option<u16>,
) -> Result<Page, Error> {
    messages::page(&person.app, &person.session, room_id, (before, after, None), limit).await
}

async fn bootstrap(person: &Person, room_id: Option<RoomId>) -> Bootstrap {
    match start::start(&person.app, &MaybeSession(Some(person.session)), FormFlash::default(), room_id).await.unwrap() {
        Start::SignedIn(bootstrap) => bootstrap,
        other => panic!("signed in, not {other:?}"),
    }
}

/// First and last `seq`, how many, and whether there is more.
fn described(page: &Page) -> (Seq, Seq, usize, bool, bool) {
    let seqs: Vec<_> = page.messages.iter().map(|message| message.seq).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "contiguous: {seqs:?}");
    (seqs[0], seqs[seqs.len() - 1], seqs.len(), page.has_older, page.has_newer)
}
