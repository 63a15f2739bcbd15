//! Finding and blocking people.

use crate::support::stage::{Person, Stage, texts};
use lavender::Error;
use lavender::client::state::State;
use lavender::error::{Problem, What};
use lavender::id::UserId;
use lavender::live::LiveEvent;
use lavender::model::{Bootstrap, Presence, Relation, Start};
use lavender::server::service::{people, requests, start};
use lavender::server::session::{FormFlash, MaybeSession};
use lavender::time::Timestamp;

on_both_stores! {
    async fn people_are_found_by_name_with_how_one_stands_to_them(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _) = stage.pair().await;
        let (carl, dora, emil) = (stage.person("carl").await, stage.person("dora").await, stage.person("emil").await);
        let blocked = stage.person("fred").await;
        let room = stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap().unwrap();
        ana.ask(&carl, "hi").await;
        dora.ask(&ana, "hi").await;
        people::set_block(&stage.app, &ana.session, blocked.user_id, true).await.unwrap();
        assert_eq!(relation(&ana, &ben).await, Some(Relation::Connected { room_id: room.id }));
        assert_eq!(relation(&ana, &carl).await, Some(Relation::Outgoing));
        assert_eq!(relation(&ana, &dora).await, Some(Relation::Incoming));
        assert_eq!(relation(&ana, &emil).await, Some(Relation::None));
        assert_eq!(relation(&ana, &blocked).await, Some(Relation::Blocked));
        assert_eq!(relation(&ana, &ana).await, Some(Relation::Myself));
        assert_eq!(relation(&blocked, &ana).await, None, "who was blocked does not find who blocked");
        let upper = format!(" @{} ", ben.username.to_uppercase());
        assert_eq!(people::find(&stage.app, &ana.session, &upper).await.unwrap()[0].person.id, ben.user_id);
        let by_display_name = people::find(&stage.app, &ana.session, "emil ex").await.unwrap();
        assert_eq!(by_display_name[0].person.id, emil.user_id);
    }

    async fn a_search_is_text_and_never_a_pattern(store) {
        let stage = Stage::start(store).await;
        let ana = stage.person("ana").await;
        for query in [".*", "%", "_", "a%", "[a]", "\\", "'", "$where", "a\u{0}"] {
            assert_eq!(people::find(&stage.app, &ana.session, query).await.unwrap(), [], "{query:?}");
        }
        let refused = |problem| Err(Error::invalid("query", problem));
        assert_eq!(people::find(&stage.app, &ana.session, " @ ").await, refused(Problem::Missing));
        assert_eq!(people::find(&stage.app, &ana.session, &"x".repeat(65)).await, refused(Problem::TooLong));
    }

    async fn a_block_cuts_both_ways_and_can_be_lifted(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        ana_client.send(room, "before").await.unwrap();
        ana_client.settle().await;
        ben_client.settle().await;
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        let hidden = |user_id| LiveEvent::Presence { user_id, presence: Presence::Offline { last_seen: None } };
        let states = |events: &[LiveEvent]| -> Vec<(bool, bool)> {
            let state = |event: &LiveEvent| match event {
                LiveEvent::Room { summary } => Some((summary.can_send, summary.blocked_by_me)),
                _ => None,
            };
            events.iter().filter_map(state).collect()
        };
        let events = ana_client.settle().await;
        assert_eq!(states(&events), [(false, false)]);
        assert!(events.contains(&hidden(ben.user_id)));
        let events = ben_client.settle().await;
        assert_eq!(states(&events), [(false, true)]);
        assert!(events.contains(&hidden(ana.user_id)));

        assert_eq!(ana_client.send(room, "hello?").await, Err(Error::Unreachable));
        assert_eq!(ben_client.send(room, "no").await, Err(Error::Unreachable));
        ana_client.typing(room, true).await.unwrap();
        ben_client.mark(room, None, Some(1)).await.unwrap();
        assert!(ana_client.settle().await.is_empty(), "no tick through a block");
        assert!(ben_client.settle().await.is_empty());
        let (_again, snapshot) = ana.connect_with().await;
        assert!(snapshot.presence.is_empty());
        assert!(ben_client.settle().await.is_empty(), "no coming through a block");

        people::set_block(&stage.app, &ben.session, ana.user_id, false).await.unwrap();
        let events = ana_client.settle().await;
        assert_eq!(states(&events), [(true, false)]);
        assert!(events.contains(&LiveEvent::Presence { user_id: ben.user_id, presence: Presence::Online }));
        ben_client.settle().await;
        ana_client.send(room, "after").await.unwrap();
        assert_eq!(texts(&ben_client.settle().await), [(ana.user_id, "after")]);
    }

    async fn a_block_of_somebody_without_a_chat_is_known_on_every_device(store) {
        let stage = Stage::start(store).await;
        let (people, _) = stage.group(3).await;
        let (ana, ben) = (&people[1], &people[2]);
        let (mut first, mut second, mut other) = (ana.connect().await, ana.connect().await, ben.connect().await);
        for on in [true, false, true] {
            people::set_block(&stage.app, &ana.session, ben.user_id, on).await.unwrap();
            let told = LiveEvent::Block { user_id: ben.user_id, on };
            assert!(first.settle().await.contains(&told));
            assert!(second.settle().await.contains(&told));
            let events = other.settle().await;
            assert!(!events.iter().any(|event| matches!(event, LiveEvent::Block { .. })), "who is blocked is not told");
        }
        assert_eq!(first_paint(ana).await.blocked, [ben.user_id]);
        assert_eq!(ana.connect_with().await.1.blocked, [ben.user_id]);
        assert!(first_paint(ben).await.blocked.is_empty());
        assert!(ben.connect_with().await.1.blocked.is_empty());
    }

    async fn what_was_unread_before_a_block_is_unread_after_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut ana_client = ana.connect().await;
        ana_client.send(room, "unread").await.unwrap();
        let mut state = State::from_bootstrap(first_paint(&ben).await);
        let mut ben_client = ben.connect().await;
        assert_eq!(state.unread(room), 1);
        for on in [true, false] {
            people::set_block(&stage.app, &ben.session, ana.user_id, on).await.unwrap();
            for event in ben_client.settle().await {
                state.apply(event, Timestamp::now());
            }
        }
        assert_eq!(state.unread(room), 1, "live");
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        ben_client.settle().await;
        let mut state = State::from_bootstrap(first_paint(&ben).await);
        assert_eq!(state.unread(room), 0, "nothing to be done about it");
        people::set_block(&stage.app, &ben.session, ana.user_id, false).await.unwrap();
        for event in ben_client.settle().await {
            state.apply(event, Timestamp::now());
        }
        assert_eq!(state.unread(room), 1, "loaded meanwhile");
    }

    async fn a_message_that_was_stored_before_a_block_is_acked_again_after_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let sent = client.send(room, "just in time").await.unwrap();
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        assert_eq!(client.send_as(sent.txn_id, room, "just in time").await.unwrap(), sent);
    }

    async fn a_block_answers_requests_both_ways_in_silence(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, eve) = (stage.person("ana").await, stage.person("ben").await, stage.person("eve").await);
        let theirs = ben.ask(&ana, "hi").await;
        let own = ana.ask(&eve, "hi").await;
        let (mut ben_client, mut eve_client) = (ben.connect().await, eve.connect().await);
        people::set_block(&stage.app, &ana.session, ben.user_id, true).await.unwrap();
        people::set_block(&stage.app, &ana.session, eve.user_id, true).await.unwrap();
        assert!(ben_client.settle().await.is_empty(), "the blocked one is told nothing");
        assert_eq!(requests::open(&stage.app, ben.user_id).await.unwrap(), [theirs]);
        assert_eq!(eve_client.settle().await, [LiveEvent::RequestGone { request_id: own.id }]);
        assert!(requests::open(&stage.app, ana.user_id).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn nobody_and_oneself_cannot_be_blocked() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let ana = stage.person("ana").await;
    for user_id in [ana.user_id, UserId::new()] {
        let outcome = people::set_block(&stage.app, &ana.session, user_id, true).await;
        assert_eq!(outcome, Err(Error::NotFound { what: What::Person }));
    }
}

async fn first_paint(person: &Person) -> Bootstrap {
    let session = MaybeSession(Some(person.session));
    match start::start(&person.app, &session, FormFlash::default(), None).await.unwrap() {
        Start::SignedIn(bootstrap) => bootstrap,
        other => panic!("signed in, not {other:?}"),
    }
}

async fn relation(person: &Person, other: &Person) -> Option<Relation> {
    let hits = people::find(&person.app, &person.session, &other.username).await.unwrap();
    hits.into_iter().find(|hit| hit.person.id == other.user_id).map(|hit| hit.relation)
}
