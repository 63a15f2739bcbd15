//! Moving pictures of the built-in pack: sent by name, filled in by the server, and served to whoever asks.

use crate::support::client::Client;
use crate::support::server::{Store, TestServer};
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{MessageId, RoomId, TxnId};
use lavender::live::{Command, LiveEvent, ServerFrame};
use lavender::model::{Extra, Gif, Message, NewExtra, gifs};
use lavender::server::service::people;

fn gif(room_id: RoomId, name: &str) -> Command {
    let (txn_id, body, extra) = (TxnId::new(), String::new(), Some(NewExtra::Gif { name: name.into() }));
    Command::Send { room_id, txn_id, body, reply_to: None, forward: None, files: Vec::new(), extra }
}

async fn sent(client: &mut Client, command: Command) -> Result<MessageId, Error> {
    let id = client.command(command).await;
    match client.answer(id).await? {
        ServerFrame::Ack { message_id, .. } => Ok(message_id),
        other => panic!("an ack, not {other:?}"),
    }
}

async fn stored(person: &Person, id: MessageId) -> Message {
    person.app.db.message(id).await.unwrap().unwrap()
}

fn party() -> Option<Extra> {
    let (name, title) = ("party".to_owned(), "party".to_owned());
    Some(Extra::Gif(Gif { name, title, width: gifs::SIDE, height: gifs::SIDE }))
}

on_both_stores! {
    async fn a_gif_is_sent_by_name_and_the_server_says_the_rest(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut a, mut b) = (ana.connect().await, ben.connect().await);
        let command = gif(room, "party");
        let id = sent(&mut a, command.clone()).await.unwrap();
        assert_eq!(sent(&mut a, command.clone()).await, Ok(id), "a repetition is the same message");
        let event = b.event(|event| matches!(event, LiveEvent::Message { .. })).await;
        let LiveEvent::Message { message } = event else { unreachable!() };
        assert_eq!((message.id, message.body.as_str(), &message.extra), (id, "", &party()));
        assert_eq!(stored(&ana, id).await.extra, party());
        // The same transaction with another one is another message.
        let Command::Send { txn_id, .. } = command else { unreachable!() };
        let Command::Send { room_id, body, reply_to, forward, files, extra, .. } = gif(room, "rain") else { unreachable!() };
        let other = Command::Send { room_id, txn_id, body, reply_to, forward, files, extra };
        assert_eq!(sent(&mut a, other).await, Err(Error::Conflict));
    }

    async fn a_gif_that_nobody_drew_is_refused_and_nothing_is_written(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut a = ana.connect().await;
        let before = a.send(room, "before").await.unwrap().seq;
        for name in ["wave", "", "Party", "party.gif", "../party", "https://example.org/a.gif"] {
            let refused = sent(&mut a, gif(room, name)).await;
            assert_eq!(refused, Err(Error::invalid("extra", Problem::NoMatch)), "{name}");
        }
        assert_eq!(a.send(room, "after").await.unwrap().seq, before + 1);
    }

    async fn who_may_not_write_sends_no_gif(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut stranger = stage.person("cleo").await.connect().await;
        let refused = sent(&mut stranger, gif(room, "hello")).await;
        assert_eq!(refused, Err(Error::NotFound { what: What::Room }));
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        let mut a = ana.connect().await;
        assert_eq!(sent(&mut a, gif(room, "hello")).await, Err(Error::Unreachable));
    }

    async fn a_gif_is_passed_on_answered_captioned_and_deleted(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut a = ana.connect().await;
        let id = sent(&mut a, gif(room, "party")).await.unwrap();
        let send = |body: &str, reply_to, forward, extra| Command::Send {
            room_id: room,
            txn_id: TxnId::new(),
            body: body.into(),
            reply_to,
            forward,
            files: Vec::new(),
            extra,
        };
        let passed = stored(&ana, sent(&mut a, send("", None, Some(id), None)).await.unwrap()).await;
        assert_eq!((passed.extra, passed.forwarded_from), (party(), Some(ana.user_id)));
        let named = Some(NewExtra::Gif { name: "party".into() });
        let answer = stored(&ana, sent(&mut a, send("at last", Some(id), None, named)).await.unwrap()).await;
        assert_eq!((answer.body.as_str(), &answer.extra), ("at last", &party()));
        assert_eq!(answer.reply_to.map(|reply| reply.message_id), Some(id));
        let mut b = ben.connect().await;
        let delete = b.command(Command::Delete { room_id: room, message_ids: vec![id] }).await;
        assert_eq!(b.answer(delete).await.err(), Some(Error::Forbidden));
        let delete = a.command(Command::Delete { room_id: room, message_ids: vec![id] }).await;
        a.answer(delete).await.unwrap();
        assert_eq!(stored(&ana, id).await.extra, None);
        assert_eq!(stored(&ana, passed.id).await.extra, party(), "what was passed on stays");
    }
}

#[tokio::test]
async fn the_files_may_be_kept_for_ever_under_their_version_alone() {
    let server = TestServer::start(Store::Embedded).await;
    let client = server.visitor();
    for is_still in [false, true] {
        for sticker in &gifs::PACK {
            let path = gifs::url(sticker.name, is_still);
            let answer = client.request(reqwest::Method::GET, &path).send().await.unwrap();
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            assert_eq!((answer.status().as_u16(), header("content-type").as_str()), (200, "image/gif"), "{path}");
            assert_eq!(header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert!(answer.headers().get("set-cookie").is_none());
            assert!(answer.bytes().await.unwrap().starts_with(b"GIF89a"), "{path}");
        }
    }
    // A page of another build shows what there is.
    let old = client.request(reqwest::Method::GET, "/stickers/0123456789ab/party.gif").send().await.unwrap();
    assert_eq!((old.status().as_u16(), old.headers()["cache-control"].to_str().unwrap()), (200, "no-cache"));
    for wrong in ["/stickers/x/wave.gif", "/stickers/x/party", "/stickers/x/..%2fparty.gif"] {
        let answer = client.request(reqwest::Method::GET, wrong).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{wrong}");
    }
}
