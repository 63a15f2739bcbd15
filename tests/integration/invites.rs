//! Links into groups, and requests that ask into them.

use crate::groups::{befriend, lines, make, trio};
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{RequestId, RoomId};
use lavender::live::LiveEvent;
use lavender::model::limits::INVITES_MAX;
use lavender::model::{Invite, InvitePreview, InviteTerm, MessageRequest, RequestState, Role, RoomSummary, SystemLine};
use lavender::server::service::{groups, people, requests};
use lavender::time::Timestamp;

const NO_INVITE: Error = Error::NotFound { what: What::Invite };

async fn invite(by: &Person, room_id: RoomId, max_uses: Option<u32>) -> Result<Invite, Error> {
    groups::invite(&by.app, &by.session, room_id, InviteTerm::Day, max_uses).await
}

async fn preview(person: &Person, code: &str) -> Result<InvitePreview, Error> {
    groups::preview(&person.app, &person.session, code).await
}

async fn join(person: &Person, code: &str) -> Result<RoomSummary, Error> {
    groups::join(&person.app, &person.session, code).await
}

async fn accept(person: &Person, id: RequestId) -> Result<RoomSummary, Error> {
    requests::accept(&person.app, &person.session, id).await
}

async fn open(person: &Person) -> Vec<MessageRequest> {
    requests::open(&person.app, person.user_id).await.unwrap()
}

async fn is_in(person: &Person, room_id: RoomId) -> bool {
    person.app.db.member(room_id, person.user_id).await.unwrap().is_some()
}

/// Ana's group, and the request that asks Eve, whom she does not know, into it.
async fn asked(stage: &Stage) -> (Person, Person, RoomId, MessageRequest) {
    let (ana, eve) = (stage.person("ana").await, stage.person("eve").await);
    let room_id = make(&ana, "Garden", &[&eve]).await.unwrap().room.room.id;
    let request = open(&eve).await.remove(0);
    (ana, eve, room_id, request)
}

on_both_stores! {
    async fn who_holds_a_link_sees_a_name_and_joins(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let eve = stage.person("eve").await;
        let made = invite(&ana, room_id, None).await.unwrap();
        assert_eq!((made.code.len(), made.room_id, made.uses), (22, room_id, 0));
        assert_eq!(made.expires_at, Some(made.created_at.plus_ms(24 * 3_600_000)));
        let seen = preview(&eve, &made.code).await.unwrap();
        let expected = InvitePreview { name: "Garden".into(), description: None, member_count: 3, picture: None, room_id: None };
        assert_eq!(seen, expected, "nothing of who is in it, not even the id");
        assert_eq!(preview(&ben, &made.code).await.unwrap().room_id, Some(room_id));
        let (mut ben_client, mut eve_client) = (ben.connect().await, eve.connect().await);
        let summary = join(&eve, &made.code).await.unwrap();
        assert_eq!((summary.room.id, summary.member_count), (room_id, 4));
        assert_eq!(lines(&ben_client.settle().await), [(eve.user_id, SystemLine::Joined)]);
        assert_eq!(lines(&eve_client.settle().await), [(eve.user_id, SystemLine::Joined)]);
        join(&eve, &made.code).await.unwrap();
        let listed = groups::invites(&stage.app, &ana.session, room_id).await.unwrap();
        assert_eq!(listed, [Invite { uses: 1, ..made }], "joining twice is one use");
        assert_eq!(groups::invites(&stage.app, &ben.session, room_id).await, Err(Error::Forbidden));
        assert_eq!(invite(&ben, room_id, None).await, Err(Error::Forbidden));
    }

    async fn a_link_that_ended_is_like_one_that_never_was(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let (eve, dan) = (stage.person("eve").await, stage.person("dan").await);
        let once = invite(&ana, room_id, Some(1)).await.unwrap().code;
        join(&eve, &once).await.unwrap();
        let revoked = invite(&ana, room_id, None).await.unwrap().code;
        assert_eq!(groups::revoke(&stage.app, &ben.session, room_id, &revoked).await, Err(Error::Forbidden));
        groups::revoke(&stage.app, &ana.session, room_id, &revoked).await.unwrap();
        let old = Invite { expires_at: Some(Timestamp::now().plus_ms(-1)), code: "o".repeat(22), ..invite(&ana, room_id, None).await.unwrap() };
        stage.app.db.create_invite(&old).await.unwrap();
        for code in [once.as_str(), &revoked, &old.code, "never", &"n".repeat(22), "", "{\"$ne\":null}", "..%2f"] {
            assert_eq!(preview(&dan, code).await, Err(NO_INVITE), "{code}");
            assert_eq!(join(&dan, code).await.map(drop), Err(NO_INVITE), "{code}");
        }
        assert!(!is_in(&dan, room_id).await);
    }

    async fn of_many_who_hold_a_link_for_three_three_join(store) {
        let stage = Stage::start(store).await;
        let (ana, _, _, room_id) = trio(&stage).await;
        let code = invite(&ana, room_id, Some(3)).await.unwrap().code;
        let mut people = Vec::new();
        for _ in 0..8 {
            people.push(stage.person("new").await);
        }
        let outcomes = futures_util::future::join_all(people.iter().map(|person| join(person, &code))).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
        assert_eq!(stage.app.db.members(&[room_id]).await.unwrap()[0].1.len(), 6);
    }

    async fn who_was_taken_out_comes_back_by_an_admin_only(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        let code = invite(&ana, room_id, None).await.unwrap().code;
        groups::remove(&stage.app, &ana.session, room_id, ben.user_id).await.unwrap();
        groups::leave(&stage.app, &cleo.session, room_id).await.unwrap();
        assert_eq!(join(&ben, &code).await.map(drop), Err(Error::Forbidden));
        assert!(join(&cleo, &code).await.is_ok(), "who left may return");
        groups::add(&stage.app, &ana.session, room_id, &[ben.user_id]).await.unwrap();
        groups::leave(&stage.app, &ben.session, room_id).await.unwrap();
        assert!(join(&ben, &code).await.is_ok());
    }

    async fn a_link_leads_nobody_to_someone_behind_a_block(store) {
        let stage = Stage::start(store).await;
        let (ana, _, _, room_id) = trio(&stage).await;
        let code = invite(&ana, room_id, None).await.unwrap().code;
        let (eve, dan) = (stage.person("eve").await, stage.person("dan").await);
        people::set_block(&stage.app, &ana.session, eve.user_id, true).await.unwrap();
        people::set_block(&stage.app, &dan.session, ana.user_id, true).await.unwrap();
        for person in [&eve, &dan] {
            assert_eq!(preview(person, &code).await, Err(NO_INVITE));
            assert_eq!(join(person, &code).await.map(drop), Err(NO_INVITE));
        }
    }

    async fn who_is_asked_joins_by_accepting(store) {
        let stage = Stage::start(store).await;
        let (ana, eve, room_id, request) = asked(&stage).await;
        assert_eq!((request.from.id, request.to.id, request.intro.as_str()), (ana.user_id, eve.user_id, ""));
        assert_eq!(open(&ana).await, std::slice::from_ref(&request), "it waits");
        let (mut ana_client, mut eve_client) = (ana.connect().await, eve.connect().await);
        let summary = accept(&eve, request.id).await.unwrap();
        assert_eq!((summary.room.id, summary.member_count), (room_id, 2));
        for client in [&mut ana_client, &mut eve_client] {
            let events = client.settle().await;
            assert!(events.contains(&LiveEvent::RequestGone { request_id: request.id }));
            assert_eq!(lines(&events), [(ana.user_id, SystemLine::Added { users: vec![eve.user_id] })]);
        }
        assert_eq!(accept(&eve, request.id).await.unwrap().head_seq, summary.head_seq, "harmless when repeated");
        assert!(open(&eve).await.is_empty() && open(&ana).await.is_empty());
        assert_eq!(stage.app.db.find_direct_room(ana.user_id, eve.user_id).await.unwrap(), None, "no chat of two");
    }

    async fn a_declined_question_is_silent_and_not_asked_again(store) {
        let stage = Stage::start(store).await;
        let (ana, eve, room_id, request) = asked(&stage).await;
        let (mut ana_client, mut eve_client) = (ana.connect().await, eve.connect().await);
        requests::decline(&stage.app, &eve.session, request.id).await.unwrap();
        eve_client.settle().await;
        assert!(ana_client.settle().await.is_empty());
        assert_eq!(open(&ana).await, std::slice::from_ref(&request));
        let again = groups::add(&stage.app, &ana.session, room_id, &[eve.user_id]).await.unwrap();
        assert_eq!(again.invited, [eve.user_id], "it looks asked");
        let other = make(&ana, "Another", &[&eve]).await.unwrap();
        assert_eq!(other.added.invited, [eve.user_id]);
        assert!(eve_client.settle().await.is_empty() && open(&eve).await.is_empty());
        assert_eq!(accept(&eve, request.id).await.map(drop), Err(Error::Conflict));
    }

    async fn a_question_may_be_taken_back(store) {
        let stage = Stage::start(store).await;
        let (ana, eve, room_id, request) = asked(&stage).await;
        requests::cancel(&stage.app, &ana.session, request.id).await.unwrap();
        assert!(open(&eve).await.is_empty());
        assert_eq!(accept(&eve, request.id).await.map(drop), Err(Error::Conflict));
        groups::add(&stage.app, &ana.session, room_id, &[eve.user_id]).await.unwrap();
        assert_eq!(open(&eve).await.len(), 1);
    }

    async fn a_question_ends_with_the_right_to_ask(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        groups::set_role(&stage.app, &ana.session, room_id, ben.user_id, Role::Admin).await.unwrap();
        let eve = stage.person("eve").await;
        groups::add(&stage.app, &ben.session, room_id, &[eve.user_id]).await.unwrap();
        let request = open(&eve).await.remove(0);
        groups::remove(&stage.app, &ana.session, room_id, ben.user_id).await.unwrap();
        assert_eq!(accept(&eve, request.id).await.map(drop), Err(Error::Conflict));
        assert!(!is_in(&eve, room_id).await && open(&eve).await.is_empty() && open(&ben).await.is_empty());
    }

    async fn two_admins_ask_once(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        groups::set_role(&stage.app, &ana.session, room_id, ben.user_id, Role::Admin).await.unwrap();
        let eve = stage.person("eve").await;
        for admin in [&ana, &ben, &ana] {
            let added = groups::add(&stage.app, &admin.session, room_id, &[eve.user_id]).await.unwrap();
            assert_eq!(added.invited, [eve.user_id]);
        }
        assert_eq!(open(&eve).await.len(), 1);
    }

    async fn an_acceptance_that_was_cut_off_is_finished_by_the_sweep(store) {
        let stage = Stage::start(store).await;
        let (ana, eve, room_id, request) = asked(&stage).await;
        // The first write of an acceptance, and then the process ends.
        let (from, to) = (RequestState::Pending, RequestState::Accepted);
        assert!(stage.app.db.move_request(request.id, from, to, true, Timestamp::now()).await.unwrap());
        let (_client, snapshot) = ana.connect_with().await;
        assert!(snapshot.requests.is_empty(), "it waits for no answer");
        requests::sweep(&stage.app, Timestamp::now().plus_ms(60_000)).await.unwrap();
        assert!(is_in(&eve, room_id).await);
        assert_eq!(stage.app.db.open_requests_of(eve.user_id).await.unwrap(), []);
    }

    async fn a_block_ends_what_is_open_between_two_people(store) {
        let stage = Stage::start(store).await;
        let (ana, eve, room_id, request) = asked(&stage).await;
        people::set_block(&stage.app, &eve.session, ana.user_id, true).await.unwrap();
        assert!(open(&eve).await.is_empty());
        assert_eq!(open(&ana).await, std::slice::from_ref(&request), "to its sender it waits");
        people::set_block(&stage.app, &eve.session, ana.user_id, false).await.unwrap();
        assert_eq!(accept(&eve, request.id).await.map(drop), Err(Error::Conflict));
        assert!(!is_in(&eve, room_id).await);
    }

    async fn a_question_into_a_group_is_none_to_talk(store) {
        let stage = Stage::start(store).await;
        let (ana, eve, _, _) = asked(&stage).await;
        let hits = people::find(&stage.app, &eve.session, &ana.username).await.unwrap();
        assert_eq!(hits[0].relation, lavender::model::Relation::None);
        let talk = ana.ask(&eve, "Let us talk").await;
        assert_eq!(open(&eve).await.len(), 2);
        let room = accept(&eve, talk.id).await.unwrap();
        assert_eq!(room.last.unwrap().body.as_str(), "Let us talk");
        assert_eq!(open(&eve).await.len(), 1, "the other question waits");
    }
}

#[tokio::test]
async fn links_are_bounded() {
    let stage = Stage::start(crate::support::server::Store::Embedded).await;
    let (ana, _, _, room_id) = trio(&stage).await;
    for wrong in [0, 1_001] {
        assert_eq!(invite(&ana, room_id, Some(wrong)).await, Err(Error::invalid("max_uses", Problem::OutOfRange)));
    }
    let mut codes = std::collections::BTreeSet::new();
    for _ in 0..INVITES_MAX {
        codes.insert(invite(&ana, room_id, None).await.unwrap().code);
    }
    assert_eq!(codes.len(), INVITES_MAX);
    assert_eq!(invite(&ana, room_id, None).await, Err(Error::invalid("invites", Problem::OutOfRange)));
    groups::revoke(&stage.app, &ana.session, room_id, codes.first().unwrap()).await.unwrap();
    assert!(invite(&ana, room_id, None).await.is_ok());
    let (ben, dan) = (stage.person("ben").await, stage.person("dan").await);
    befriend(&stage, &ben, &dan).await;
    let (_, direct) = (ben.user_id, stage.app.db.find_direct_room(ben.user_id, dan.user_id).await.unwrap().unwrap().id);
    assert_eq!(invite(&ben, direct, None).await, Err(Error::Forbidden), "a room of two has no links");
}
