//! Sends with something around them: answers, forwards, mentions, and slow mode.

use crate::groups::trio;
use crate::support::client::Client;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::What;
use lavender::id::{MessageId, RoomId, TxnId};
use lavender::live::{Command, ServerFrame};
use lavender::model::{Message, Page, ReplyTo, Role, RoomChange};
use lavender::server::service::{groups, messages, people};
use lavender::time::Timestamp;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

/// Sends, and gives what was stored.
async fn sent(client: &mut Client, person: &Person, command: Command) -> Result<Message, Error> {
    let id = client.command(command).await;
    match client.answer(id).await? {
        ServerFrame::Ack { message_id, .. } => Ok(person.app.db.message(message_id).await.unwrap().unwrap()),
        other => panic!("an ack, not {other:?}"),
    }
}

fn text(room_id: RoomId, body: &str) -> Command {
    Command::Send {
        room_id,
        txn_id: TxnId::new(),
        body: body.into(),
        reply_to: None,
        forward: None,
        files: Vec::new(),
        extra: None,
    }
}

fn answer_to(room_id: RoomId, reply_to: MessageId, body: &str) -> Command {
    Command::Send {
        room_id,
        txn_id: TxnId::new(),
        body: body.into(),
        reply_to: Some(reply_to),
        forward: None,
        files: Vec::new(),
        extra: None,
    }
}

fn forward(room_id: RoomId, txn_id: TxnId, source: MessageId) -> Command {
    Command::Send {
        room_id,
        txn_id,
        body: "not looked at".into(),
        reply_to: None,
        forward: Some(source),
        files: Vec::new(),
        extra: None,
    }
}

async fn page(person: &Person, room_id: RoomId) -> Page {
    messages::page(&person.app, &person.session, room_id, (None, None, None), Some(3)).await.unwrap()
}

on_both_stores! {
    async fn an_answer_brings_what_it_answers(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let question = ana_client.send(room, "why?").await.unwrap();
        for n in 0..5 {
            ana_client.send(room, &format!("{n}")).await.unwrap();
        }
        let answer = sent(&mut ben_client, &ben, answer_to(room, question.message_id, "because")).await.unwrap();
        assert_eq!(answer.reply_to, Some(ReplyTo { message_id: question.message_id, seq: question.seq }));
        let newest = page(&ana, room).await;
        assert_eq!(newest.quoted.iter().map(|m| m.body.as_str()).collect::<Vec<_>>(), ["why?"]);
        let ids = format!("{},{}", question.message_id, MessageId::new());
        let quoted = messages::quoted(&stage.app, &ben.session, room, &ids).await.unwrap();
        assert_eq!(quoted, newest.quoted);
        // What was answered is gone: the answer stays, and so does its place.
        lavender::server::service::changes::delete(&stage.app, ana.user_id, room, &[question.message_id]).await.unwrap();
        let newest = page(&ana, room).await;
        assert!(newest.quoted[0].deleted.is_some() && newest.quoted[0].body.as_str().is_empty());
        sent(&mut ben_client, &ben, answer_to(room, question.message_id, "it was good")).await.unwrap();
    }

    async fn what_is_answered_is_of_the_room_and_theirs_to_see(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room) = trio(&stage).await;
        let mut ana_client = ana.connect().await;
        let old = ana_client.send(room, "old").await.unwrap().message_id;
        let direct = stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap().unwrap().id;
        assert_eq!(sent(&mut ana_client, &ana, answer_to(direct, old, "x")).await, Err(NO_MESSAGE));
        assert_eq!(sent(&mut ana_client, &ana, answer_to(room, MessageId::new(), "x")).await, Err(NO_MESSAGE));
        let late = stage.person("late").await;
        stage.app.db.direct_room(ana.user_id, late.user_id, Timestamp::now()).await.unwrap();
        groups::add(&stage.app, &ana.session, room, &[late.user_id]).await.unwrap();
        let mut late_client = late.connect().await;
        assert_eq!(sent(&mut late_client, &late, answer_to(room, old, "x")).await, Err(NO_MESSAGE));
        let quoted = messages::quoted(&stage.app, &late.session, room, &old.to_string()).await;
        assert_eq!(quoted, Ok(vec![]));
        let eve = stage.person("eve").await;
        assert_eq!(messages::quoted(&stage.app, &eve.session, room, &old.to_string()).await, Err(NO_ROOM));
        assert!(matches!(messages::quoted(&stage.app, &ana.session, room, "x").await, Err(Error::Invalid { .. })));
    }

    async fn a_forward_takes_the_text_from_the_store_and_names_who_wrote_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room) = trio(&stage).await;
        let (mut ana_client, mut ben_client, mut cleo_client) =
            (ana.connect().await, ben.connect().await, cleo.connect().await);
        let source = ana_client.send(room, "hear, @all").await.unwrap().message_id;
        let direct = stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap().unwrap().id;
        let txn_id = TxnId::new();
        let passed = sent(&mut ben_client, &ben, forward(direct, txn_id, source)).await.unwrap();
        assert_eq!((passed.body.as_str(), passed.forwarded_from), ("hear, @all", Some(ana.user_id)));
        assert!(passed.mentions.is_empty(), "a forward calls nobody");
        // A repetition is the same message, whatever became of the source.
        lavender::server::service::changes::delete(&stage.app, ana.user_id, room, &[source]).await.unwrap();
        let again = sent(&mut ben_client, &ben, forward(direct, txn_id, source)).await.unwrap();
        assert_eq!(again.id, passed.id);
        assert_eq!(sent(&mut ben_client, &ben, forward(direct, TxnId::new(), source)).await, Err(NO_MESSAGE));
        assert_eq!(sent(&mut cleo_client, &cleo, forward(room, TxnId::new(), passed.id)).await, Err(NO_MESSAGE));
        // Passed on once more it still names who wrote it.
        let on = sent(&mut ana_client, &ana, forward(room, TxnId::new(), passed.id)).await.unwrap();
        assert_eq!(on.forwarded_from, Some(ana.user_id));
        let edited = lavender::server::service::changes::edit(&stage.app, ben.user_id, direct, passed.id, "x").await;
        assert_eq!(edited, Err(Error::Forbidden), "those are not his words");
    }

    async fn mentions_are_members_and_all_is_for_admins(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room) = trio(&stage).await;
        let eve = stage.person("eve").await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let body = format!("@{} @{} @{} `@{}` @all", cleo.username, eve.username, cleo.username, ana.username);
        let by_ben = sent(&mut ben_client, &ben, text(room, &body)).await.unwrap();
        assert_eq!((by_ben.mentions.users.as_slice(), by_ben.mentions.all), (&[cleo.user_id][..], false));
        let by_ana = sent(&mut ana_client, &ana, text(room, "@all come")).await.unwrap();
        assert!(by_ana.mentions.all && by_ana.mentions.names(ben.user_id));
        let (_client, snapshot) = cleo.connect_with().await;
        let unread = snapshot.rooms.iter().find(|summary| summary.room.id == room).unwrap().unread;
        assert_eq!((unread.count, unread.mentions), (2, 2));
        // An edit names anew.
        let plain = "nobody";
        lavender::server::service::changes::edit(&stage.app, ben.user_id, room, by_ben.id, plain).await.unwrap();
        let (_client, snapshot) = cleo.connect_with().await;
        let unread = snapshot.rooms.iter().find(|summary| summary.room.id == room).unwrap().unread;
        assert_eq!((unread.count, unread.mentions), (2, 1));
    }

    async fn in_slow_mode_members_take_turns_and_admins_do_not(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room) = trio(&stage).await;
        groups::set_role(&stage.app, &ana.session, room, cleo.user_id, Role::Admin).await.unwrap();
        let slow = RoomChange { slow_mode_s: Some(600), ..RoomChange::default() };
        groups::change(&stage.app, &ana.session, room, slow).await.unwrap();
        let (mut ben_client, mut cleo_client) = (ben.connect().await, cleo.connect().await);
        let txn_id = TxnId::new();
        let first = ben_client.send_as(txn_id, room, "first").await.unwrap();
        let Err(Error::RateLimited { retry_after_ms }) = ben_client.send(room, "second").await else {
            panic!("he waits for his turn");
        };
        assert!((590_000..=600_000).contains(&retry_after_ms), "{retry_after_ms}");
        let again = ben_client.send_as(txn_id, room, "first").await.unwrap();
        assert_eq!(again.seq, first.seq, "a repetition takes no turn");
        for n in 0..3 {
            cleo_client.send(room, &format!("{n}")).await.unwrap();
        }
        let off = RoomChange { slow_mode_s: Some(0), ..RoomChange::default() };
        groups::change(&stage.app, &ana.session, room, off).await.unwrap();
        ben_client.send(room, "third").await.unwrap();
    }

    async fn an_answer_or_a_mention_through_a_block_is_refused(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let source = client.send(room, "hello").await.unwrap().message_id;
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        for command in [
            answer_to(room, source, "x"),
            forward(room, TxnId::new(), source),
            text(room, &format!("@{}", ben.username)),
        ] {
            assert_eq!(sent(&mut client, &ana, command).await, Err(Error::Unreachable));
        }
    }

    async fn a_page_around_a_message_has_both_sides(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        for n in 1..=30 {
            client.send(room, &format!("{n}")).await.unwrap();
        }
        let around = async |seq, limit| {
            let page = messages::page(&stage.app, &ana.session, room, (None, None, Some(seq)), Some(limit)).await;
            let page = page.unwrap();
            let ends = page.messages.first().map(|m| m.seq).zip(page.messages.last().map(|m| m.seq));
            (ends.unwrap_or_default(), page.has_older, page.has_newer)
        };
        assert_eq!(around(15, 10).await, ((11, 20), true, true));
        assert_eq!(around(1, 10).await, ((1, 6), false, true));
        assert_eq!(around(30, 10).await, ((26, 30), true, false));
        assert_eq!(around(15, 1).await, ((15, 15), true, true));
        assert_eq!(around(99, 10).await, ((26, 30), true, false));
        assert_eq!(around(u64::MAX, 10).await, ((26, 30), true, false));
        let both = messages::page(&stage.app, &ana.session, room, (Some(3), None, Some(3)), None).await;
        assert!(matches!(both, Err(Error::Invalid { .. })));
    }
}
