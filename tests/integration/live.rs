//! The live connection: order, exactly once, bounds, and what a hostile client can (not) do.

use crate::support::client::{Client, handshake, refused};
use crate::support::stage::{PATIENCE, Person, Stage, texts};
use futures_util::StreamExt;
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{RoomId, TxnId};
use lavender::live::{
    ClientFrame, Command, EVENTS_PATH, LiveEvent, LogoutReason, POST_PATH, PROTOCOL, ServerFrame, close,
};
use lavender::model::limits::FRAME_MAX_BYTES;
use lavender::model::{Body, Presence, Seq};
use lavender::server::hub::CONNECTIONS_PER_USER;
use lavender::server::service::presence;
use lavender::server::store::{NewMessage, NewText};
use lavender::time::Timestamp;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message as Raw;

on_both_stores! {
    async fn a_text_reaches_every_device_of_both_in_one_order(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_phone, mut ana_laptop, mut ben) = (ana.connect().await, ana.connect().await, ben.connect().await);
        let (one, two) = (TxnId::new(), TxnId::new());
        let (first, second) = tokio::join!(ana_phone.send_as(one, room, "one"), ben.send_as(two, room, "two"));
        let mut seqs = [first.unwrap().seq, second.unwrap().seq];
        seqs.sort_unstable();
        assert_eq!(seqs, [1, 2]);
        let seen = ana_laptop.settle().await;
        assert_eq!(texts(&seen).len(), 2);
        assert_eq!(texts(&ana_phone.settle().await), texts(&seen));
        assert_eq!(texts(&ben.settle().await), texts(&seen));
    }

    async fn a_repeated_send_is_acked_alike_and_told_once(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        let txn_id = TxnId::new();
        let first = ana.send_as(txn_id, room, "once").await.unwrap();
        assert_eq!(ana.send_as(txn_id, room, "once").await.unwrap(), first);
        assert_eq!(ana.send_as(txn_id, room, "  once \n").await.unwrap(), first, "the same after trimming");
        assert_eq!(ana.send_as(txn_id, room, "twice").await, Err(Error::Conflict));
        assert_eq!(texts(&ben.settle().await), [(ana.user_id, "once")]);
        let other = ben.send_as(txn_id, room, "mine").await.unwrap();
        assert_eq!(other.seq, 2, "ids are per author");
    }

    async fn ten_copies_at_once_become_one_message(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut ben = ben.connect().await;
        let txn_id = TxnId::new();
        let mut devices = Vec::new();
        for _ in 0..5 {
            devices.push(ana.connect().await);
        }
        let copies = devices.iter_mut().map(|device| async move {
            let id = device.command(Command::Send { room_id: room, txn_id, body: "hi".into(), reply_to: None, forward: None, files: Vec::new(), extra: None }).await;
            let again = device.command(Command::Send { room_id: room, txn_id, body: "hi".into(), reply_to: None, forward: None, files: Vec::new(), extra: None }).await;
            [device.answer(id).await.unwrap(), device.answer(again).await.unwrap()].map(|frame| match frame {
                ServerFrame::Ack { seq, message_id, .. } => (seq, message_id),
                other => panic!("an ack, not {other:?}"),
            })
        });
        let acks: Vec<_> = futures_util::future::join_all(copies).await.into_iter().flatten().collect();
        assert!(acks.iter().all(|ack| *ack == acks[0]), "{acks:?}");
        assert_eq!(acks[0].0, 1);
        assert_eq!(texts(&ben.settle().await).len(), 1);
    }

    async fn many_senders_and_all_see_one_order(store) {
        const SENDERS: usize = 32;
        const EACH: usize = 8;
        let stage = Stage::start(store).await;
        let (people, room) = stage.group(SENDERS).await;
        let mut clients = Vec::new();
        for person in &people {
            clients.push(person.connect().await);
        }
        // All of them in flight at once on every connection.
        let views = clients.iter_mut().enumerate().map(|(who, client)| async move {
            let mut ids = Vec::new();
            for index in 0..EACH {
                let body = format!("{who}:{index}");
                ids.push(client.command(Command::Send { room_id: room, txn_id: TxnId::new(), body, reply_to: None, forward: None, files: Vec::new(), extra: None }).await);
            }
            let mut own = Vec::new();
            for id in ids {
                match client.answer(id).await.unwrap() {
                    ServerFrame::Ack { seq, .. } => own.push(seq),
                    other => panic!("an ack, not {other:?}"),
                }
            }
            assert!(own.is_sorted(), "a sender's order is kept: {own:?}");
        });
        futures_util::future::join_all(views).await;
        let mut views: Vec<Vec<(Seq, String)>> = Vec::new();
        for client in &mut clients {
            let events = client.settle().await;
            let view = events.iter().filter_map(|event| match event {
                LiveEvent::Message { message } => Some((message.seq, message.body.as_str().to_owned())),
                _ => None,
            });
            views.push(view.collect());
        }
        let seqs: Vec<Seq> = views[0].iter().map(|(seq, _)| *seq).collect();
        assert_eq!(seqs, (1..=(SENDERS * EACH) as Seq).collect::<Vec<_>>(), "live order is seq order, without a gap");
        assert!(views.iter().all(|view| *view == views[0]));
    }

    async fn strangers_and_unknown_rooms_are_answered_alike(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut eve = stage.person("eve").await.connect().await;
        let mut ana = ana.connect().await;
        let no_room = Error::NotFound { what: What::Room };
        for room in [room, RoomId::new()] {
            assert_eq!(eve.send(room, "let me in").await, Err(no_room.clone()));
            assert_eq!(eve.mark(room, None, Some(1)).await, Err(no_room.clone()));
            assert_eq!(eve.typing(room, true).await, Err(no_room.clone()));
        }
        assert!(ana.settle().await.is_empty());
        ana.send(room, "just us").await.unwrap();
        assert!(eve.settle().await.is_empty());
    }

    async fn what_is_no_text_is_refused_with_its_reason(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut ana = ana.connect().await;
        let refused = |problem| Err(Error::invalid("body", problem));
        assert_eq!(ana.send(room, " \n\t").await, refused(Problem::Missing));
        assert_eq!(ana.send(room, &"x".repeat(8_001)).await, refused(Problem::TooLong));
        assert_eq!(ana.send(room, &"x".repeat(8_000)).await.unwrap().seq, 1);
    }

    async fn watermarks_reach_the_other_and_the_count_only_oneself(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut phone, mut ben) = (ana.connect().await, ben.connect().await, ben.connect().await);
        for text in ["one", "two", "three"] {
            ana.send(room, text).await.unwrap();
        }
        ana.settle().await;
        phone.settle().await;
        ben.mark(room, Some(99), Some(2)).await.unwrap();
        let marks = |events: Vec<LiveEvent>| -> Vec<_> {
            let mark = |event| match event {
                LiveEvent::Watermark { user_id, delivered_seq, read_seq, unread, .. } => {
                    Some((user_id, delivered_seq, read_seq, unread.map(|unread| (unread.count, unread.at_seq))))
                }
                _ => None,
            };
            events.into_iter().filter_map(mark).collect()
        };
        assert_eq!(marks(ana.settle().await), [(ben.user_id, 3, 2, None)], "clamped to what is there");
        assert_eq!(marks(phone.settle().await), [(ben.user_id, 3, 2, Some((1, 3)))]);
        ben.mark(room, Some(1), Some(1)).await.unwrap();
        assert!(marks(ana.settle().await).is_empty(), "they only grow");
        ben.mark(room, None, Some(3)).await.unwrap();
        assert_eq!(marks(ana.settle().await), [(ben.user_id, 3, 3, None)]);
    }

    async fn typing_is_told_to_the_others_and_ends_with_the_connection(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut other, mut ben) = (ana.connect().await, ana.connect().await, ben.connect().await);
        ben.settle().await;
        ana.typing(room, true).await.unwrap();
        ana.typing(room, true).await.unwrap();
        let user_id = ana.user_id;
        let typing = |on| LiveEvent::Typing { room_id: room, user_id, on };
        assert_eq!(ben.settle().await, [typing(true)], "once, however often it is repeated within a second");
        assert!(!other.settle().await.contains(&typing(true)));
        drop(ana);
        ben.event(|event| *event == typing(false)).await;
    }

    async fn people_come_online_for_those_they_know(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _) = stage.pair().await;
        let mut eve = stage.person("eve").await.connect().await;
        let (mut ben_client, snapshot) = ben.connect_with().await;
        assert_eq!(snapshot.presence, [(ana.user_id, Presence::Offline { last_seen: None })]);
        let (ana_client, snapshot) = ana.connect_with().await;
        assert_eq!(snapshot.presence, [(ben.user_id, Presence::Online)]);
        let here = LiveEvent::Presence { user_id: ana.user_id, presence: Presence::Online };
        assert_eq!(ben_client.settle().await, [here]);
        drop(ana_client);
        let gone = ben_client.event(|event| matches!(event, LiveEvent::Presence { .. })).await;
        let LiveEvent::Presence { user_id, presence: Presence::Offline { last_seen: Some(at) } } = gone else {
            panic!("offline, not {gone:?}");
        };
        assert_eq!(user_id, ana.user_id);
        let stored = stage.app.db.user(ana.user_id).await.unwrap().unwrap().last_seen;
        assert_eq!(stored, Some(at));
        assert!(eve.settle().await.is_empty(), "strangers hear nothing");
    }

    async fn a_reload_is_no_absence(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _) = stage.pair().await;
        let first = ana.connect().await;
        let mut ben = ben.connect().await;
        let gone = async |client: Client| {
            let id = client.connection_id;
            drop(client);
            while stage.app.hub.connection(id).is_some() {
                tokio::task::yield_now().await;
            }
        };
        gone(first).await;
        let second = ana.connect().await;
        // Long after every deadline that the first connection may have left.
        let later = lavender::server::hub::uptime_ms() + 3_600_000;
        presence::sweep(&stage.app, later).await;
        let events = ben.settle().await;
        assert!(!events.iter().any(|event| matches!(event, LiveEvent::Presence { .. })), "{events:?}");
        assert!(stage.app.hub.attendance().is_here(ana.user_id));
        // Without a return the same is an absence.
        gone(second).await;
        while stage.app.hub.attendance().is_here(ana.user_id) {
            presence::sweep(&stage.app, later).await;
            tokio::task::yield_now().await;
        }
        ben.event(|event| matches!(event, LiveEvent::Presence { presence: Presence::Offline { .. }, .. })).await;
    }

    async fn a_session_that_ends_closes_its_sockets_only(store) {
        let stage = Stage::start(store).await;
        let ana = stage.person("ana").await;
        let laptop = stage.again(&ana).await;
        let (mut phone, mut laptop) = (ana.connect().await, laptop.connect().await);
        stage.app.hub.close_session(ana.session.session_id, LogoutReason::Revoked);
        let (frames, code) = phone.ending().await;
        assert_eq!(code, Some(close::LOGGED_OUT));
        assert_eq!(frames.last(), Some(&ServerFrame::LoggedOut { reason: LogoutReason::Revoked }));
        laptop.settle().await;
    }

    async fn a_reconnect_brings_what_was_missed(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, (mut ben_client, snapshot)) = (ana.connect().await, ben.connect_with().await);
        ana.send(room, "one").await.unwrap();
        ben_client.settle().await;
        drop(ben_client);
        ana.send(room, "two").await.unwrap();
        ana.send(room, "three").await.unwrap();
        let mut ben_client = Client::open(&ben).await;
        let snapshot = ben_client.hello([(room, 1)], Some(snapshot.cursor)).await;
        assert_eq!(snapshot.messages.len(), 1);
        assert!(!snapshot.messages[0].limited);
        let bodies: Vec<_> = snapshot.messages[0].messages.iter().map(|message| message.body.as_str()).collect();
        assert_eq!(bodies, ["two", "three"]);
        let summary = &snapshot.rooms[0];
        assert_eq!((summary.head_seq, summary.unread.count, summary.unread.at_seq), (3, 3, 3));
        assert_eq!(summary.last.as_ref().map(|message| message.seq), Some(3));
        let again = ben_client.hello([(room, 3)], Some(snapshot.cursor)).await;
        assert!(again.messages.is_empty() && again.changed.is_empty());
    }

    async fn too_much_missed_brings_the_newest_only(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut ana = ana.connect().await;
        let mut ids = Vec::new();
        for index in 0..130 {
            let body = index.to_string();
            ids.push(ana.command(Command::Send { room_id: room, txn_id: TxnId::new(), body, reply_to: None, forward: None, files: Vec::new(), extra: None }).await);
        }
        for id in ids {
            ana.answer(id).await.unwrap();
        }
        let mut ben = Client::open(&ben).await;
        let snapshot = ben.hello([(room, 5)], Some(0)).await;
        let missed = &snapshot.messages[0];
        assert!(missed.limited);
        assert_eq!(missed.messages.first().map(|message| message.seq), Some(31));
        assert_eq!(missed.messages.last().map(|message| message.seq), Some(130));
        let snapshot = ben.hello([(room, 5_000)], Some(0)).await;
        assert!(snapshot.messages[0].limited, "who holds more than there is gets what there is");
    }

    async fn a_changed_message_is_brought_by_the_cursor(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, (ben_client, snapshot)) = (ana.connect().await, ben.connect_with().await);
        let sent = ana.send(room, "helo").await.unwrap();
        drop(ben_client);
        let text = NewText { body: Body::parse("hello").unwrap(), mentions: Default::default(), keeps_preview: false };
        stage.app.db.edit(sent.message_id, 1, &text).await.unwrap().expect("revision 1");
        let mut ben_client = Client::open(&ben).await;
        let snapshot = ben_client.hello([(room, 1)], Some(snapshot.cursor)).await;
        let changed: Vec<_> = snapshot.changed.iter().map(|message| (message.revision, message.body.as_str())).collect();
        assert_eq!(changed, [(2, "hello")]);
    }

    async fn a_message_stored_behind_our_back_is_told_before_the_next(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        let txn_id = TxnId::new();
        behind_our_back(&stage, &ana, room, txn_id, "one").await;
        assert_eq!(ana.send(room, "two").await.unwrap().seq, 2);
        assert_eq!(texts(&ben.settle().await), [(ana.user_id, "one"), (ana.user_id, "two")]);
        assert_eq!(ana.send_as(txn_id, room, "one").await.unwrap().seq, 1);
        assert!(texts(&ben.settle().await).is_empty(), "that is known by now");
    }

    async fn a_send_whose_answer_got_lost_is_told_when_it_comes_again(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
        let txn_id = TxnId::new();
        behind_our_back(&stage, &ana, room, txn_id, "once").await;
        for _ in 0..2 {
            assert_eq!(ana.send_as(txn_id, room, "once").await.unwrap().seq, 1);
        }
        assert_eq!(texts(&ben.settle().await), [(ana.user_id, "once")]);
    }

    async fn who_hides_all_pages_is_away_after_a_minute(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _) = stage.pair().await;
        let (mut ben, mut ana) = (ben.connect().await, ana.connect().await);
        ben.settle().await;
        let mut visible = async |on| {
            let id = ana.command(Command::Visible { on }).await;
            ana.answer(id).await.unwrap();
        };
        visible(false).await;
        let now = lavender::server::hub::uptime_ms();
        presence::sweep(&stage.app, now + 50_000).await;
        assert!(ben.settle().await.is_empty());
        presence::sweep(&stage.app, now + 61_000).await;
        ben.event(|event| matches!(event, LiveEvent::Presence { presence: Presence::Offline { .. }, .. })).await;
        visible(true).await;
        ben.event(|event| matches!(event, LiveEvent::Presence { presence: Presence::Online, .. })).await;
    }

    async fn a_server_that_goes_down_says_when_to_come_back(store) {
        let mut stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut ana = ana.connect().await;
        let id = ana.command(Command::Send { room_id: room, txn_id: TxnId::new(), body: "last words".into(), reply_to: None, forward: None, files: Vec::new(), extra: None }).await;
        ana.answer(id).await.unwrap();
        let (ending, ()) = tokio::join!(ana.ending(), stage.server.shut_down());
        assert!(ending.0.iter().any(|frame| matches!(frame, ServerFrame::Reconnect { after_ms: 500..=3_000 })));
        assert_eq!(ending.1, Some(1001));
    }

    async fn the_fallback_over_http_speaks_the_same(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut ben_client = ben.connect().await;
        let mut events = EventStream::open(&ana).await;
        let ServerFrame::Welcome(info) = events.frame().await else { panic!("welcome comes first") };
        let connection = info.connection_id;
        let hello = Command::Hello { protocol: PROTOCOL, rooms: [].into(), cursor: None };
        let send = Command::Send { room_id: room, txn_id: TxnId::new(), body: "by post".into(), reply_to: None, forward: None, files: Vec::new(), extra: None };
        let frames = [hello, send].map(|command| ClientFrame { id: Some(7), command });
        assert_eq!(post(&ana, connection, frames.into()).await, 202);
        assert!(matches!(events.frame().await, ServerFrame::Synced(_)));
        assert!(matches!(events.frame().await, ServerFrame::Event { event: LiveEvent::Message { .. } }));
        assert!(matches!(events.frame().await, ServerFrame::Ack { id: 7, seq: 1, .. }));
        assert_eq!(texts(&ben_client.settle().await), [(ana.user_id, "by post")]);
        ben_client.send(room, "line\nbreak").await.unwrap();
        let ServerFrame::Event { event: LiveEvent::Message { message } } = events.frame().await else { panic!("live") };
        assert_eq!(message.body.as_str(), "line\nbreak");
        let ping = || vec![ClientFrame { id: None, command: Command::Ping }];
        assert_eq!(post(&ben, connection, ping()).await, 404, "someone else's connection");
        assert_eq!(post(&stage.again(&ana).await, connection, ping()).await, 404, "another session's");
        assert_eq!(post(&ana, connection, vec![ping().remove(0); 17]).await, 400);
        drop(events);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_socket_needs_a_session_and_our_own_page() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let ana = stage.person("ana").await;
    let with = |change: fn(&mut tokio_tungstenite::tungstenite::http::HeaderMap)| {
        let mut request = handshake(&ana);
        change(request.headers_mut());
        request
    };
    assert_eq!(refused(with(|headers| drop(headers.remove("cookie")))).await, 401);
    assert_eq!(
        refused(with(|headers| drop(headers.insert("cookie", "__Host-lav_at=x.y.z".parse().unwrap())))).await,
        401
    );
    assert_eq!(refused(with(|headers| drop(headers.remove("origin")))).await, 403);
    let evil = with(|headers| drop(headers.insert("origin", "https://evil.example".parse().unwrap())));
    assert_eq!(refused(evil).await, 403);
    let old = with(|headers| drop(headers.insert("sec-websocket-version", "8".parse().unwrap())));
    assert_eq!(refused(old).await, 400);
    stage.app.db.revoke_session(ana.session.session_id, Timestamp::now()).await.unwrap();
    stage.app.sessions.forget(ana.session.session_id);
    assert_eq!(refused(handshake(&ana)).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hello_comes_first_and_in_a_language_that_is_spoken() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let (ana, _, room) = stage.pair().await;
    let mut ana = Client::open(&ana).await;
    assert_eq!(ana.send(room, "too early").await, Err(Error::Malformed));
    ana.post_raw(r#"{"command":{"type":"hello","protocol":99}}"#).await;
    assert_eq!(ana.frame().await, ServerFrame::Outdated);
    let snapshot = ana.hello([], None).await;
    assert_eq!(snapshot.rooms.len(), 1);
    assert_eq!(ana.send(room, "now").await.unwrap().seq, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_frames_are_refused_and_the_fifth_ends_it() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let (ana, ben, room) = stage.pair().await;
    let mut ben = ben.connect().await;
    let lies = format!(
        r#"{{"command":{{"type":"send","room_id":"{room}","txn_id":"{}","body":"x","author_id":"{}"}}}}"#,
        TxnId::new(),
        ben.user_id
    );
    let hostile: [Raw; 5] = [
        Raw::text("{"),
        Raw::binary(vec![0; 64]),
        Raw::text(r#"{"command":{"type":"become_admin"}}"#),
        Raw::text(lies),
        Raw::text(format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000))),
    ];
    let mut ana = ana.connect().await;
    for frame in hostile {
        ana.raw(frame).await;
    }
    let (frames, code) = ana.ending().await;
    assert_eq!(code, Some(close::PROTOCOL));
    let refusals = frames.iter().filter(|frame| matches!(frame, ServerFrame::Refused { error: Error::Malformed, .. }));
    assert_eq!(refusals.count(), 5);
    assert!(texts(&ben.settle().await).is_empty());
    ben.send(room, "nothing happened").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_break_the_protocol_end_with_its_code() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let ana = stage.person("ana").await;
    // Masked with zeros, so that the payload is what it says.
    let frame = |first: u8, payload: &[u8]| {
        let mut bytes = vec![first, 0x80 | u8::try_from(payload.len()).unwrap(), 0, 0, 0, 0];
        bytes.extend_from_slice(payload);
        bytes
    };
    let huge = [&[0x81, 0xff][..], &(FRAME_MAX_BYTES as u64 + 1).to_be_bytes(), &[0; 4]].concat();
    let cases = [
        (frame(0x81, &[0xff, 0xfe]), 1007, "not UTF-8"),
        (huge, 1009, "too big"),
        (vec![0x81, 0x01, b'x'], 1002, "not masked"),
        (frame(0xc1, b"x"), 1002, "a reserved bit"),
        (frame(0x83, b"x"), 1002, "a reserved opcode"),
        (frame(0x80, b"x"), 1002, "a continuation of nothing"),
        (frame(0x09, b"x"), 1002, "a ping in pieces"),
    ];
    for (bytes, code, what) in cases {
        let mut client = ana.connect().await;
        client.tcp().write_all(&bytes).await.unwrap();
        assert_eq!(client.close_code().await, Some(code), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_slowed_then_closed_and_others_go_on() {
    let stage = Stage::start_limited(crate::support::server::Store::Embedded, 1).await;
    let (ana, ben, room) = stage.pair().await;
    let (mut ana, mut ben) = (ana.connect().await, ben.connect().await);
    for _ in 0..600 {
        ana.post(&ClientFrame { id: None, command: Command::Ping }).await;
    }
    let (frames, code) = ana.ending().await;
    assert_eq!(code, Some(close::FLOOD));
    assert!(frames.iter().any(|frame| matches!(frame, ServerFrame::Refused { error: Error::RateLimited { .. }, .. })));
    ben.send(room, "all calm here").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn too_many_messages_are_slowed_and_a_repeated_one_is_acked_all_the_same() {
    let stage = Stage::start_limited(crate::support::server::Store::Embedded, 1).await;
    let (ana, _, room) = stage.pair().await;
    let mut ana = ana.connect().await;
    let first = ana.send(room, "first").await.unwrap();
    let refusal = loop {
        match ana.send(room, "more").await {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(matches!(refusal, Error::RateLimited { retry_after_ms: 1.. }), "{refusal:?}");
    assert_eq!(ana.send_as(first.txn_id, room, "first").await.unwrap(), first);
    assert_eq!(ana.send_as(first.txn_id, room, "other").await, Err(Error::Conflict));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_oldest_socket_makes_room() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let ana = stage.person("ana").await;
    let mut oldest = ana.connect().await;
    let mut others = Vec::new();
    for _ in 0..CONNECTIONS_PER_USER {
        others.push(ana.connect().await);
    }
    assert_eq!(oldest.close_code().await, Some(close::REPLACED));
    for other in &mut others {
        other.settle().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_is_closed_and_catches_up() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let (ana, ben, room) = stage.pair().await;
    let (mut ana, (mut slow, snapshot)) = (ana.connect().await, ben.connect_with().await);
    let connection = stage.app.hub.connection(slow.connection_id).expect("open");
    // Until the kernel's buffers are full, and then the queue.
    let body = "x".repeat(8_000);
    let mut sent: Seq = 0;
    while !connection.outbox.is_ending() {
        let mut last = 0;
        for _ in 0..32 {
            last = ana
                .command(Command::Send {
                    room_id: room,
                    txn_id: TxnId::new(),
                    body: body.clone(),
                    reply_to: None,
                    forward: None,
                    files: Vec::new(),
                    extra: None,
                })
                .await;
            sent += 1;
        }
        ana.answer(last).await.unwrap();
        assert!(sent < 50_000, "the queue is bounded");
    }
    let (frames, code) = slow.ending().await;
    assert!(matches!(code, Some(close::TRY_AGAIN) | None), "{code:?}");
    let held = frames
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Event { event: LiveEvent::Message { message } } => Some(message.seq),
            _ => None,
        })
        .max()
        .unwrap_or(0);
    assert!(held < sent);
    let mut ben = Client::open(&ben).await;
    let snapshot = ben.hello([(room, held)], Some(snapshot.cursor)).await;
    assert_eq!(snapshot.rooms[0].head_seq, sent);
    assert_eq!(snapshot.messages[0].messages.last().map(|message| message.seq), Some(sent));
}

/// Stores a message as another process would, or as this one does when the store's answer gets lost.
async fn behind_our_back(stage: &Stage, author: &Client, room_id: RoomId, txn_id: TxnId, text: &str) {
    let message = NewMessage::text(room_id, author.user_id, txn_id, Body::parse(text).unwrap());
    stage.app.db.append(vec![message]).await.remove(0).unwrap();
}

/// Server-sent events, one frame each.
struct EventStream {
    body: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<axum::body::Bytes>> + Send>>,
    text: String,
}

impl EventStream {
    async fn open(person: &Person) -> Self {
        let url = format!("http://{}{EVENTS_PATH}", person.address);
        let answer = reqwest::Client::new().get(url).header("cookie", &person.cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self { body: Box::pin(answer.bytes_stream()), text: String::new() }
    }

    async fn frame(&mut self) -> ServerFrame {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(data) = event.strip_prefix("data: ") {
                    return serde_json::from_str(data).unwrap();
                }
                continue;
            }
            let part = tokio::time::timeout(PATIENCE, self.body.next()).await.expect("in time").expect("open").unwrap();
            self.text.push_str(std::str::from_utf8(&part).unwrap());
        }
    }
}

async fn post(person: &Person, connection_id: lavender::id::ConnectionId, frames: Vec<ClientFrame>) -> u16 {
    let url = format!("http://{}{POST_PATH}", person.address);
    let body = serde_json::json!({ "connection_id": connection_id, "frames": frames });
    let request = reqwest::Client::new().post(url).header("cookie", &person.cookie);
    let request = request.header("origin", &person.app.config.origin).header("content-type", "application/json");
    request.body(body.to_string()).send().await.unwrap().status().as_u16()
}
