//! Edits, deletions and reactions, over the live connection, and the reads around them.

use crate::groups::trio;
use crate::support::client::Client;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{MessageId, RoomId};
use lavender::live::{Command, LiveEvent};
use lavender::model::limits::REACTIONS_MAX;
use lavender::model::{DeliveryCounts, Message, Role};
use lavender::server::service::{changes, groups, messages, moderation, people, pins};

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

async fn done(client: &mut Client, command: Command) -> Result<(), Error> {
    let id = client.command(command).await;
    client.answer(id).await.map(drop)
}

async fn edit(client: &mut Client, room_id: RoomId, message_id: MessageId, body: &str) -> Result<(), Error> {
    done(client, Command::Edit { room_id, message_id, body: body.into() }).await
}

async fn delete(client: &mut Client, room_id: RoomId, message_ids: &[MessageId]) -> Result<(), Error> {
    done(client, Command::Delete { room_id, message_ids: message_ids.to_vec() }).await
}

async fn react(
    client: &mut Client,
    room_id: RoomId,
    message_id: MessageId,
    emoji: &str,
    on: bool,
) -> Result<(), Error> {
    done(client, Command::React { room_id, message_id, emoji: emoji.into(), on }).await
}

fn changed(events: &[LiveEvent]) -> Vec<&Message> {
    events
        .iter()
        .filter_map(|event| match event {
            LiveEvent::MessageChanged { message } => Some(message),
            _ => None,
        })
        .collect()
}

async fn stored(person: &Person, id: MessageId) -> Message {
    person.app.db.message(id).await.unwrap().unwrap()
}

on_both_stores! {
    async fn an_edit_reaches_everybody_and_what_was_there_before_can_be_read(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut tab, mut phone) = (ana.connect().await, stage.again(&ana).await.connect().await);
        let mut ben_client = ben.connect().await;
        let sent = tab.send(room, "frist").await.unwrap().message_id;
        for client in [&mut tab, &mut phone, &mut ben_client] {
            client.settle().await;
        }
        edit(&mut tab, room, sent, " first ").await.unwrap();
        edit(&mut tab, room, sent, "first").await.unwrap();
        edit(&mut phone, room, sent, "first!").await.unwrap();
        for client in [&mut tab, &mut phone, &mut ben_client] {
            let events = client.settle().await;
            let told: Vec<_> = changed(&events).iter().map(|m| (m.body.as_str(), m.revision)).collect();
            assert_eq!(told, [("first", 2), ("first!", 3)], "an edit to the same text is none");
            assert!(changed(&events).iter().all(|message| message.edited_at.is_some()));
        }
        let earlier = changes::edits(&stage.app, &ben.session, room, sent).await.unwrap();
        assert_eq!(earlier.iter().map(|edit| edit.body.as_str()).collect::<Vec<_>>(), ["frist", "first"]);
    }

    async fn an_author_is_told_how_many_have_a_message(store) {
        let stage = Stage::start(store).await;
        let (people, room) = stage.group(52).await;
        let mut author = people[0].connect().await;
        let sent = author.send(room, "hello").await.unwrap();
        let counts = || changes::delivery(&stage.app, &people[0].session, room, sent.message_id);
        assert_eq!(counts().await, Ok(DeliveryCounts { members: 51, delivered: 0, read: 0 }));
        for (reader, read) in [(1, None), (2, Some(sent.seq)), (3, Some(sent.seq))] {
            people[reader].connect().await.mark(room, Some(sent.seq), read).await.unwrap();
        }
        assert_eq!(counts().await, Ok(DeliveryCounts { members: 51, delivered: 3, read: 2 }));
        let late = stage.person("late").await;
        stage.app.db.direct_room(people[0].user_id, late.user_id, lavender::time::Timestamp::now()).await.unwrap();
        groups::add(&stage.app, &people[0].session, room, &[late.user_id]).await.unwrap();
        assert_eq!(counts().await.map(|counts| counts.members), Ok(51), "who came later is none of them");
        let other = changes::delivery(&stage.app, &people[1].session, room, sent.message_id).await;
        assert_eq!(other, Err(Error::Forbidden), "of another");
        let stranger = stage.person("stranger").await;
        let unknown = changes::delivery(&stage.app, &stranger.session, room, sent.message_id).await;
        assert_eq!(unknown, Err(NO_ROOM));
    }

    async fn only_the_author_edits_and_only_what_is_there(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let sent = ana_client.send(room, "mine").await.unwrap().message_id;
        assert_eq!(edit(&mut ben_client, room, sent, "yours").await, Err(Error::Forbidden));
        assert!(matches!(edit(&mut ana_client, room, sent, "  ").await, Err(Error::Invalid { .. })));
        assert_eq!(edit(&mut ana_client, room, MessageId::new(), "x").await, Err(NO_MESSAGE));
        let (eve, _, elsewhere) = stage.pair().await;
        let mut eve_client = eve.connect().await;
        assert_eq!(edit(&mut eve_client, room, sent, "x").await, Err(NO_ROOM));
        assert_eq!(edit(&mut eve_client, elsewhere, sent, "x").await, Err(NO_MESSAGE), "of another room");
        delete(&mut ana_client, room, &[sent]).await.unwrap();
        assert_eq!(edit(&mut ana_client, room, sent, "back").await, Err(Error::Conflict));
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        assert_eq!(edit(&mut ana_client, room, sent, "hey").await, Err(Error::Unreachable));
        assert_eq!(stored(&ana, sent).await.body.as_str(), "");
    }

    async fn edits_and_reactions_at_once_are_all_kept(store) {
        let stage = Stage::start(store).await;
        let (people, room) = stage.group(5).await;
        let mut author = people[0].connect().await;
        let sent = author.send(room, "text").await.unwrap().message_id;
        let reacting = people.iter().map(|person| {
            let app = &stage.app;
            async move { changes::react(app, person.user_id, room, sent, "👍", true).await }
        });
        let editing = (0..4).map(|n| {
            let (app, me) = (&stage.app, people[0].user_id);
            async move { changes::edit(app, me, room, sent, &format!("text {n}")).await }
        });
        let (reacted, edited) =
            tokio::join!(futures_util::future::join_all(reacting), futures_util::future::join_all(editing));
        assert!(reacted.iter().all(Result::is_ok) && edited.iter().all(Result::is_ok), "{reacted:?} {edited:?}");
        let message = stored(&people[0], sent).await;
        assert_eq!((message.revision, message.reactions[0].by.len()), (1 + 5 + 4, 5));
        assert_eq!(changes::edits(&stage.app, &people[1].session, room, sent).await.unwrap().len(), 4);
    }

    async fn a_deleted_message_is_gone_everywhere(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let secret = ana_client.send(room, "the secret").await.unwrap().message_id;
        edit(&mut ana_client, room, secret, "the first secret").await.unwrap();
        react(&mut ben_client, room, secret, "🤫", true).await.unwrap();
        pins::set(&stage.app, ben.user_id, room, secret, true).await.unwrap();
        ben_client.settle().await;
        delete(&mut ana_client, room, &[secret]).await.unwrap();
        delete(&mut ana_client, room, &[secret]).await.unwrap();
        let events = ben_client.settle().await;
        let [told] = changed(&events)[..] else { panic!("told once: {events:?}") };
        assert_eq!((told.body.as_str(), told.deleted.map(|deleted| deleted.by)), ("", Some(ana.user_id)));
        assert!(told.reactions.is_empty() && told.preview.is_none());
        let unpinned = events.iter().any(|event| matches!(event, LiveEvent::RoomChanged { room, .. } if room.pins.is_empty()));
        assert!(unpinned, "its pin goes with it: {events:?}");
        assert_eq!(changes::edits(&stage.app, &ben.session, room, secret).await.unwrap(), []);
        let page = messages::page(&stage.app, &ben.session, room, (None, None, None), None).await.unwrap();
        assert!(!serde_json::to_string(&page).unwrap().contains("secret"));
        assert_eq!(react(&mut ben_client, room, secret, "👍", true).await, Err(Error::Conflict));
    }

    async fn deleting_is_for_authors_and_admins_and_all_or_nothing(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room) = trio(&stage).await;
        let (mut ana_client, mut ben_client, mut cleo_client) =
            (ana.connect().await, ben.connect().await, cleo.connect().await);
        let of_ben = ben_client.send(room, "of ben").await.unwrap().message_id;
        let of_cleo = cleo_client.send(room, "of cleo").await.unwrap().message_id;
        assert_eq!(delete(&mut ben_client, room, &[of_ben, of_cleo]).await, Err(Error::Forbidden));
        assert_eq!(delete(&mut ben_client, room, &[of_ben, MessageId::new()]).await, Err(NO_MESSAGE));
        assert!(stored(&ana, of_ben).await.deleted.is_none(), "one that is refused keeps the others");
        groups::set_role(&stage.app, &ana.session, room, ben.user_id, Role::Admin).await.unwrap();
        delete(&mut ben_client, room, &[of_ben, of_cleo]).await.unwrap();
        for id in [of_ben, of_cleo] {
            assert_eq!(stored(&ana, id).await.deleted.map(|deleted| deleted.by), Some(ben.user_id));
        }
        let page = messages::page(&stage.app, &ana.session, room, (None, None, None), None).await.unwrap();
        let line = page.messages.iter().find(|message| message.system.is_some()).expect("a line of the room");
        assert_eq!(delete(&mut ana_client, room, &[line.id]).await, Err(Error::Conflict));
        for ids in [vec![], vec![of_ben; 101]] {
            let refused = delete(&mut ana_client, room, &ids).await;
            assert_eq!(refused, Err(Error::invalid("message_ids", Problem::OutOfRange)));
        }
    }

    async fn a_reaction_is_one_per_person_and_emoji(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let sent = ana_client.send(room, "text").await.unwrap().message_id;
        ana_client.settle().await;
        react(&mut ben_client, room, sent, "👍", true).await.unwrap();
        react(&mut ben_client, room, sent, "👍", true).await.unwrap();
        react(&mut ana_client, room, sent, "👍", true).await.unwrap();
        react(&mut ben_client, room, sent, "👍", false).await.unwrap();
        let events = ana_client.settle().await;
        let told: Vec<Vec<_>> =
            changed(&events).iter().map(|m| m.reactions.first().map_or(vec![], |r| r.by.clone())).collect();
        assert_eq!(told, [vec![ben.user_id], vec![ben.user_id, ana.user_id], vec![ana.user_id]]);
        let unread = events.iter().any(|event| matches!(event, LiveEvent::Watermark { unread: Some(_), .. }));
        assert!(!unread, "it makes nothing unread");
        for word in ["", "x", "👍👍", "<b>"] {
            let refused = react(&mut ben_client, room, sent, word, true).await;
            assert_eq!(refused, Err(Error::invalid("emoji", Problem::BadFormat)), "{word:?}");
        }
        let emoji = "😀 😃 😄 😁 😆 😅 🤣 😂 🙂 🙃 😉 😊 😇 🥰 😍 🤩 😘 😗 😚 😙 😋 😛".split(' ');
        let outcomes: Vec<_> = {
            let mut outcomes = Vec::new();
            for emoji in emoji {
                outcomes.push(react(&mut ben_client, room, sent, emoji, true).await);
            }
            outcomes
        };
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), REACTIONS_MAX - 1);
        assert_eq!(outcomes.last(), Some(&Err(Error::invalid("emoji", Problem::OutOfRange))));
    }

    async fn who_came_later_hears_nothing_of_what_was_before(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room) = trio(&stage).await;
        let mut ana_client = ana.connect().await;
        let old = ana_client.send(room, "before").await.unwrap().message_id;
        let late = stage.person("late").await;
        stage.app.db.direct_room(ana.user_id, late.user_id, lavender::time::Timestamp::now()).await.unwrap();
        groups::add(&stage.app, &ana.session, room, &[late.user_id]).await.unwrap();
        let new = ana_client.send(room, "after").await.unwrap().message_id;
        let (mut late_client, mut ben_client) = (late.connect().await, ben.connect().await);
        edit(&mut ana_client, room, old, "before!").await.unwrap();
        edit(&mut ana_client, room, new, "after!").await.unwrap();
        let bodies = |events: &[LiveEvent]| -> Vec<String> {
            changed(events).iter().map(|message| message.body.as_str().to_owned()).collect()
        };
        assert_eq!(bodies(&late_client.settle().await), ["after!"]);
        assert_eq!(bodies(&ben_client.settle().await), ["before!", "after!"]);
        assert_eq!(react(&mut late_client, room, old, "👍", true).await, Err(NO_MESSAGE));
        let read = changes::edits(&stage.app, &late.session, room, old).await;
        assert_eq!(read, Err(NO_MESSAGE));
        groups::remove(&stage.app, &ana.session, room, late.user_id).await.unwrap();
        assert_eq!(react(&mut late_client, room, new, "👍", true).await, Err(NO_ROOM));
        edit(&mut ana_client, room, new, "after!!").await.unwrap();
        assert_eq!(changed(&late_client.settle().await), Vec::<&Message>::new());
    }

    async fn who_is_muted_may_delete_but_not_edit_or_react(store) {
        let stage = Stage::start(store).await;
        let (_, ben, room) = stage.pair().await;
        let mut client = ben.connect().await;
        let sent = client.send(room, "rude").await.unwrap().message_id;
        let until = lavender::time::Timestamp::now().plus_ms(60_000);
        let mute = lavender::server::store::Sanction::Mute(Some(until));
        stage.app.db.sanction(ben.user_id, &mute).await.unwrap();
        moderation::refresh(&stage.app).await.unwrap();
        assert_eq!(edit(&mut client, room, sent, "kind").await, Err(Error::Muted { until: until.0 }));
        assert_eq!(react(&mut client, room, sent, "👍", true).await, Err(Error::Muted { until: until.0 }));
        delete(&mut client, room, &[sent]).await.unwrap();
    }

    async fn too_many_changes_are_told_when_to_come_back(store) {
        let stage = Stage::start_limited(store, 1).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let sent = client.send(room, "text").await.unwrap().message_id;
        let mut outcomes = Vec::new();
        for n in 0..40 {
            outcomes.push(changes::edit(&stage.app, ana.user_id, room, sent, &format!("text {n}")).await);
        }
        assert!(outcomes[..30].iter().all(Result::is_ok));
        assert!(matches!(outcomes[39], Err(Error::RateLimited { retry_after_ms: 1.. })), "{:?}", outcomes[39]);
    }
}
