//! Message requests: what each side sees, and that nothing else leaks.

use crate::support::stage::{Person, Stage, texts};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{RequestId, UserId};
use lavender::live::LiveEvent;
use lavender::model::limits::{REQUEST_COOLDOWN_MS, REQUEST_EXPIRY_MS, REQUESTS_OPEN, REQUESTS_OPEN_NEW};
use lavender::model::{RequestOutcome, RequestState, RoomSummary};
use lavender::server::service::{people, requests};
use lavender::server::store::RequestRow;
use lavender::time::Timestamp;

on_both_stores! {
    async fn an_accepted_request_opens_the_room_with_its_intro(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let request = ana.ask(&ben, "Hi Ben, Ana here").await;
        assert_eq!((request.from.id, request.to.id, request.state), (ana.user_id, ben.user_id, RequestState::Pending));
        for client in [&mut ana_client, &mut ben_client] {
            assert_eq!(client.settle().await, [LiveEvent::Request { request: request.clone() }]);
        }
        let summary = accept(&ben, request.id).await.unwrap();
        assert_eq!(summary.unread.count, 1, "the intro waits to be read");
        assert_eq!(summary.last.as_ref().map(|message| message.body.as_str()), Some("Hi Ben, Ana here"));
        assert!(summary.can_send && !summary.blocked_by_me);
        for client in [&mut ana_client, &mut ben_client] {
            let events = client.settle().await;
            assert_eq!(texts(&events), [(ana.user_id, "Hi Ben, Ana here")]);
            assert!(events.contains(&LiveEvent::RequestGone { request_id: request.id }));
            let room = events.iter().position(|event| matches!(event, LiveEvent::Room { .. })).expect("the room");
            let message = events.iter().position(|event| matches!(event, LiveEvent::Message { .. })).expect("the intro");
            assert!(room < message, "a message comes into a known room");
            assert!(events.iter().any(|event| matches!(event, LiveEvent::Presence { .. })), "they may know now");
        }
        assert_eq!(ben_client.send(summary.room.id, "Hello Ana").await.unwrap().seq, 2);
        assert_eq!(texts(&ana_client.settle().await), [(ben.user_id, "Hello Ana")]);
        assert!(requests::open(&stage.app, ana.user_id).await.unwrap().is_empty());
    }

    async fn accepting_again_or_from_two_tabs_changes_nothing(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let request = ana.ask(&ben, "hi").await;
        let tabs = (0..8).map(|_| accept(&ben, request.id));
        let rooms: Vec<RoomSummary> =
            futures_util::future::join_all(tabs).await.into_iter().map(Result::unwrap).collect();
        assert!(rooms.iter().all(|summary| summary.room.id == rooms[0].room.id));
        let again = accept(&ben, request.id).await.unwrap();
        assert_eq!(again.head_seq, 1, "one intro");
        assert_eq!(stage.app.db.rooms_of(ana.user_id).await.unwrap().len(), 1);
    }

    async fn an_acceptance_that_was_cut_off_is_finished_by_the_sweep(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let request = ana.ask(&ben, "hi").await;
        // The first write of an acceptance, and then the process ends.
        let (from, to) = (RequestState::Pending, RequestState::Accepted);
        assert!(stage.app.db.move_request(request.id, from, to, true, Timestamp::now()).await.unwrap());
        let (mut client, snapshot) = ana.connect_with().await;
        assert!(snapshot.requests.is_empty() && snapshot.rooms.is_empty());
        let find = async || stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap();
        requests::sweep(&stage.app, Timestamp::now()).await.unwrap();
        assert!(find().await.is_none(), "it may still be on its way");
        requests::sweep(&stage.app, Timestamp::now().plus_ms(60_000)).await.unwrap();
        client.event(|event| matches!(event, LiveEvent::Room { .. })).await;
        let room = find().await.expect("the room");
        assert_eq!(stage.app.db.page(room.id, 0, None, None, 10).await.unwrap().len(), 1);
        assert!(stage.app.db.open_request(ana.user_id, ben.user_id).await.unwrap().is_none());
    }

    async fn a_decline_is_silent_and_lasts_seven_days(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let request = ana.ask(&ben, "hi").await;
        ana_client.settle().await;
        ben_client.settle().await;
        requests::decline(&stage.app, &ben.session, request.id).await.unwrap();
        requests::decline(&stage.app, &ben.session, request.id).await.unwrap();
        assert!(ana_client.settle().await.is_empty(), "the sender is told nothing");
        assert_eq!(ben_client.settle().await, [LiveEvent::RequestGone { request_id: request.id }]);
        let waiting = requests::open(&stage.app, ana.user_id).await.unwrap();
        assert_eq!(waiting, std::slice::from_ref(&request), "it waits, as before");
        assert!(requests::open(&stage.app, ben.user_id).await.unwrap().is_empty());
        assert_eq!(ask(&ana, &ben).await, Err(Error::AlreadyRequested));
        assert_eq!(accept(&ben, request.id).await, Err(Error::Conflict));
    }

    async fn taking_a_declined_request_back_is_no_way_around_the_decline(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let mut ben_client = ben.connect().await;
        let request = ana.ask(&ben, "hi").await;
        requests::decline(&stage.app, &ben.session, request.id).await.unwrap();
        requests::cancel(&stage.app, &ana.session, request.id).await.unwrap();
        assert!(requests::open(&stage.app, ana.user_id).await.unwrap().is_empty());
        ben_client.settle().await;
        let second = ana.ask(&ben, "please").await;
        assert_eq!(requests::open(&stage.app, ana.user_id).await.unwrap(), [second], "to its sender it waits");
        assert!(ben_client.settle().await.is_empty());
        assert!(requests::open(&stage.app, ben.user_id).await.unwrap().is_empty());
    }

    async fn a_request_taken_back_is_gone_on_both_sides_and_may_come_again(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let mut ben_client = ben.connect().await;
        let request = ana.ask(&ben, "hi").await;
        assert_eq!(requests::cancel(&stage.app, &ben.session, request.id).await, Err(NO_REQUEST), "not his");
        requests::cancel(&stage.app, &ana.session, request.id).await.unwrap();
        let gone = LiveEvent::RequestGone { request_id: request.id };
        assert_eq!(ben_client.settle().await.last(), Some(&gone));
        assert_eq!(accept(&ben, request.id).await, Err(Error::Conflict));
        ana.ask(&ben, "hi again").await;
        assert_eq!(requests::open(&stage.app, ben.user_id).await.unwrap().len(), 1);
    }

    async fn crossing_requests_connect_both(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        ana.ask(&ben, "hi from Ana").await;
        let RequestOutcome::Connected { room } = ask(&ben, &ana).await.unwrap() else { panic!("connected") };
        assert_eq!(bodies(&stage, &room).await, ["hi from Ana", "hello"]);
        let RequestOutcome::Connected { room: again } = ask(&ana, &ben).await.unwrap() else { panic!("connected") };
        assert_eq!(again.room.id, room.room.id);
        for person in [&ana, &ben] {
            assert!(requests::open(&stage.app, person.user_id).await.unwrap().is_empty());
        }
    }

    async fn requests_that_cross_in_the_same_moment_connect_both(store) {
        let stage = Stage::start(store).await;
        for _ in 0..10 {
            let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
            let (one, two) = tokio::join!(ask(&ana, &ben), ask(&ben, &ana));
            let (one, two) = (one.unwrap(), two.unwrap());
            let is_connected = |outcome: &RequestOutcome| matches!(outcome, RequestOutcome::Connected { .. });
            assert!(is_connected(&one) || is_connected(&two), "{one:?} {two:?}");
            let room = stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap().expect("one room");
            let page = stage.app.db.page(room.id, 0, None, None, 10).await.unwrap();
            let mut authors: Vec<_> = page.iter().map(|message| message.author_id).collect();
            authors.sort_unstable();
            let mut both = [ana.user_id, ben.user_id];
            both.sort_unstable();
            assert_eq!(authors, both, "each intro once");
            for person in [&ana, &ben] {
                assert!(requests::open(&stage.app, person.user_id).await.unwrap().is_empty());
            }
        }
    }

    async fn asking_someone_one_declined_is_a_yes(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let request = ana.ask(&ben, "hi").await;
        requests::decline(&stage.app, &ben.session, request.id).await.unwrap();
        let RequestOutcome::Connected { room } = ask(&ben, &ana).await.unwrap() else { panic!("connected") };
        assert_eq!(bodies(&stage, &room).await, ["hi", "hello"]);
    }

    async fn a_request_to_someone_who_blocked_looks_like_any_other(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        let mut ben_client = ben.connect().await;
        let mut ana_client = ana.connect().await;
        let request = ana.ask(&ben, "hi").await;
        assert_eq!(request.state, RequestState::Pending);
        assert_eq!(ana_client.settle().await, [LiveEvent::Request { request: request.clone() }]);
        assert!(ben_client.settle().await.is_empty());
        assert!(requests::open(&stage.app, ben.user_id).await.unwrap().is_empty());
        assert_eq!(ask(&ana, &ben).await, Err(Error::AlreadyRequested));
        assert_eq!(accept(&ben, request.id).await, Err(Error::Conflict));
        assert_eq!(ask(&ben, &ana).await, Err(Error::Unreachable), "who blocks has to unblock first");
    }

    async fn nothing_leaks_before_an_answer(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        let (mut ana_client, ben_client) = (ana.connect().await, ben.connect().await);
        ana.ask(&ben, "are you there?").await;
        ana_client.settle().await;
        drop(ben_client);
        let (_ben_client, snapshot) = ben.connect_with().await;
        assert!(snapshot.presence.is_empty() && snapshot.rooms.is_empty());
        assert_eq!(snapshot.requests.len(), 1);
        assert!(ana_client.settle().await.is_empty(), "neither coming nor going is told");
        let (_, snapshot) = ana.connect_with().await;
        assert!(snapshot.presence.is_empty() && snapshot.rooms.is_empty());
    }

    async fn open_requests_are_bounded_by_the_age_of_the_account(store) {
        let stage = Stage::start(store).await;
        let young = stage.person_since("young", Timestamp::now().plus_ms(-3_600_000)).await;
        let old = stage.person("old").await;
        for (person, bound) in [(young, REQUESTS_OPEN_NEW), (old, REQUESTS_OPEN)] {
            let mut asked = Vec::new();
            for _ in 0..bound {
                let other = stage.person("other").await;
                asked.push((person.ask(&other, "hi").await, other));
            }
            let (more, another) = (stage.person("more").await, stage.person("another").await);
            assert!(matches!(ask(&person, &more).await, Err(Error::RateLimited { .. })));
            requests::decline(&stage.app, &asked[0].1.session, asked[0].0.id).await.unwrap();
            assert!(matches!(ask(&person, &more).await, Err(Error::RateLimited { .. })), "a decline does not show");
            requests::cancel(&stage.app, &person.session, asked[1].0.id).await.unwrap();
            person.ask(&another, "hi").await;
        }
    }

    async fn old_requests_make_room(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, eve) = (stage.person("ana").await, stage.person("ben").await, stage.person("eve").await);
        let pending = stored(&stage, &ana, ben.user_id, RequestState::Pending, -REQUEST_EXPIRY_MS - 1).await;
        stored(&stage, &ana, eve.user_id, RequestState::Declined, -REQUEST_COOLDOWN_MS - 1).await;
        assert!(requests::open(&stage.app, ana.user_id).await.unwrap().is_empty());
        assert_eq!(accept(&ben, pending).await, Err(Error::Conflict));
        ana.ask(&ben, "hi again").await;
        ana.ask(&eve, "hi again").await;
        assert_eq!(requests::open(&stage.app, eve.user_id).await.unwrap().len(), 1);
    }

    async fn reading_changes_nothing_and_the_sweep_clears_away(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, eve, joe) =
            (stage.person("ana").await, stage.person("ben").await, stage.person("eve").await, stage.person("joe").await);
        let expired = stored(&stage, &ana, ben.user_id, RequestState::Pending, -REQUEST_EXPIRY_MS - 1).await;
        let cooled = stored(&stage, &ana, eve.user_id, RequestState::Declined, -REQUEST_COOLDOWN_MS - 1).await;
        let cooling = stored(&stage, &ana, joe.user_id, RequestState::Declined, 60_000 - REQUEST_COOLDOWN_MS).await;
        // The process that accepted this one ended before the room was there.
        let left = stored(&stage, &eve, ben.user_id, RequestState::Accepted, -60_000).await;
        let row = async |id| stage.app.db.request(id).await.unwrap().unwrap();
        let before = [row(expired).await, row(cooled).await, row(cooling).await, row(left).await];

        assert_eq!(requests::open(&stage.app, ana.user_id).await.unwrap().len(), 1, "the one that cools down");
        for person in [&ana, &ben, &eve] {
            requests::open(&stage.app, person.user_id).await.unwrap();
            people::find(&stage.app, &person.session, "e").await.unwrap();
        }
        assert_eq!([row(expired).await, row(cooled).await, row(cooling).await, row(left).await], before);

        let (mut ana, mut ben_live) = (ana.connect().await, ben.connect().await);
        requests::sweep(&stage.app, Timestamp::now()).await.unwrap();
        let is_gone = |id| move |event: &LiveEvent| *event == LiveEvent::RequestGone { request_id: id };
        for id in [expired, cooled] {
            assert_eq!((row(id).await.state, row(id).await.open), (RequestState::Expired, false));
            ana.event(is_gone(id)).await;
        }
        ben_live.event(is_gone(expired)).await;
        assert_eq!(row(cooling).await, before[2]);
        let LiveEvent::Room { summary } = ben_live.event(|event| matches!(event, LiveEvent::Room { .. })).await else {
            unreachable!()
        };
        assert!(summary.people.iter().any(|person| person.id == eve.user_id));
        let intro = ben_live.event(|event| matches!(event, LiveEvent::Message { .. })).await;
        assert!(matches!(intro, LiveEvent::Message { message } if message.body.as_str() == "long ago"));
        assert!(!row(left).await.open);
        requests::sweep(&stage.app, Timestamp::now()).await.unwrap();
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
    let send = |to, intro: &'static str| requests::send(&stage.app, &ana.session, to, intro);
    assert_eq!(send(ana.user_id, "me").await, Err(Error::Unreachable));
    assert_eq!(send(UserId::new(), "nobody").await, Err(Error::NotFound { what: What::Person }));
    assert_eq!(send(ben.user_id, " ").await, Err(Error::invalid("intro", Problem::Missing)));
    let long: &'static str = String::leak("x".repeat(301));
    assert_eq!(send(ben.user_id, long).await, Err(Error::invalid("intro", Problem::TooLong)));
    assert_eq!(accept(&ben, RequestId::new()).await, Err(NO_REQUEST));
    let request = ana.ask(&ben, "hi").await;
    let eve = stage.person("eve").await;
    for stranger in [&ana, &eve] {
        assert_eq!(accept(stranger, request.id).await, Err(NO_REQUEST));
        assert_eq!(requests::decline(&stage.app, &stranger.session, request.id).await, Err(NO_REQUEST));
    }
}

const NO_REQUEST: Error = Error::NotFound { what: What::Request };

async fn ask(from: &Person, to: &Person) -> Result<RequestOutcome, Error> {
    requests::send(&from.app, &from.session, to.user_id, "hello").await
}

async fn accept(person: &Person, id: RequestId) -> Result<RoomSummary, Error> {
    requests::accept(&person.app, &person.session, id).await
}

async fn bodies(stage: &Stage, room: &RoomSummary) -> Vec<String> {
    let page = stage.app.db.page(room.room.id, 0, None, None, 10).await.unwrap();
    page.into_iter().map(|message| message.body.as_str().to_owned()).collect()
}

/// A request as it would be after a long time.
async fn stored(stage: &Stage, from: &Person, to: UserId, state: RequestState, age_ms: i64) -> RequestId {
    let at = Timestamp::now().plus_ms(age_ms);
    let intro = lavender::model::Body::parse_intro("long ago").unwrap();
    let row = RequestRow {
        id: RequestId::new(),
        from: from.user_id,
        to,
        intro,
        room_id: None,
        state,
        open: true,
        created_at: at,
        changed_at: at,
    };
    stage.app.db.create_request(&row).await.unwrap();
    row.id
}
