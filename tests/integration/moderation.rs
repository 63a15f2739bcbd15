//! Reports, bans and mutes, and who may do what about them.

use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{ReportId, UserId};
use lavender::live::{LogoutReason, ServerFrame, close};
use lavender::model::report::{Reason, ReportState, Reported, Verdict};
use lavender::server::service::moderation;
use lavender::server::store::ProfileChange;
use std::time::Duration;

const NO_PAGE: Error = Error::NotFound { what: What::Page };

async fn admin(stage: &Stage) -> Person {
    let admin = stage.person("root").await;
    let change = ProfileChange { is_admin: Some(true), ..ProfileChange::default() };
    stage.app.db.set_profile(admin.user_id, &change).await.unwrap();
    admin
}

async fn open_reports(stage: &Stage, admin: &Person) -> Vec<lavender::model::report::Report> {
    moderation::reports(&stage.app, &admin.session, ReportState::Open, None).await.unwrap()
}

async fn report(stage: &Stage, by: &Person, reported: Reported) -> Result<(), Error> {
    moderation::report(&stage.app, &by.session, reported, Reason::Harassment, "please look").await
}

on_both_stores! {
    async fn evidence_outlives_the_message_and_its_room(store) {
        let stage = Stage::start(store).await;
        let admin = admin(&stage).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        for n in 0..8 {
            ana_client.send(room, &format!("before {n}")).await.unwrap();
        }
        let bad = ben_client.send(room, "something cruel").await.unwrap();
        ana_client.send(room, "after").await.unwrap();
        report(&stage, &ana, Reported::Message { message_id: bad.message_id }).await.unwrap();
        stage.app.db.delete(bad.message_id, ben.user_id, lavender::time::Timestamp::now()).await.unwrap();
        let found = open_reports(&stage, &admin).await;
        assert_eq!(found.len(), 1);
        let texts: Vec<_> = found[0].evidence.iter().map(|text| (text.body.as_str(), text.is_reported)).collect();
        let expected: Vec<(String, bool)> = (3..8)
            .map(|n| (format!("before {n}"), false))
            .chain([("something cruel".into(), true), ("after".into(), false)])
            .collect();
        assert_eq!(texts, expected.iter().map(|(text, is)| (text.as_str(), *is)).collect::<Vec<_>>());
        assert_eq!(found[0].subject.as_ref().map(|person| person.id), Some(ben.user_id));
        assert_eq!((found[0].reporter.id, found[0].note.as_str()), (ana.user_id, "please look"));
    }

    async fn only_what_one_can_see_is_reported_and_never_oneself(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let carl = stage.person("carl").await;
        let sent = ana.connect().await.send(room, "hello").await.unwrap();
        let message = Reported::Message { message_id: sent.message_id };
        let no_message = Err(Error::NotFound { what: What::Message });
        assert_eq!(report(&stage, &carl, message).await, no_message);
        assert_eq!(report(&stage, &carl, Reported::Room { room_id: room }).await, Err(Error::NotFound { what: What::Room }));
        let oneself = Err(Error::invalid("reported", Problem::OutOfRange));
        assert_eq!(report(&stage, &ana, message).await, oneself);
        assert_eq!(report(&stage, &ana, Reported::Person { user_id: ana.user_id }).await, oneself);
        let nobody = Reported::Person { user_id: UserId::new() };
        assert_eq!(report(&stage, &ana, nobody).await, Err(Error::NotFound { what: What::Person }));
        report(&stage, &ben, Reported::Room { room_id: room }).await.unwrap();
        let request = ana.ask(&carl, "buy beans").await;
        let asked = Reported::Request { request_id: request.id };
        assert_eq!(report(&stage, &ben, asked).await, Err(Error::NotFound { what: What::Request }));
        report(&stage, &carl, asked).await.unwrap();
        let long = moderation::report(&stage.app, &ben.session, asked, Reason::Spam, &"x".repeat(1_001)).await;
        assert_eq!(long, Err(Error::invalid("note", Problem::TooLong)));
        let admin = admin(&stage).await;
        let found = open_reports(&stage, &admin).await;
        assert_eq!(found[0].evidence[0].body.as_str(), "buy beans");
    }

    async fn to_others_the_functions_of_admins_do_not_exist(store) {
        let stage = Stage::start(store).await;
        let (app, eve) = (&stage.app, stage.person("eve").await);
        let (session, other) = (&eve.session, UserId::new());
        assert_eq!(moderation::reports(app, session, ReportState::Open, None).await.unwrap_err(), NO_PAGE);
        assert_eq!(moderation::judge(app, session, ReportId::new(), Verdict::Dismiss).await, Err(NO_PAGE));
        assert_eq!(moderation::accounts(app, session, "", "").await.unwrap_err(), NO_PAGE);
        assert_eq!(moderation::set_ban(app, session, other, true).await, Err(NO_PAGE));
        assert_eq!(moderation::set_mute(app, session, other, 1).await, Err(NO_PAGE));
        assert_eq!(moderation::set_admin(app, session, eve.user_id, true).await, Err(NO_PAGE));
        assert_eq!(moderation::audit(app, session, None).await.unwrap_err(), NO_PAGE);
    }

    async fn who_is_banned_is_out_everywhere_within_a_second(store) {
        let stage = Stage::start(store).await;
        let admin = admin(&stage).await;
        let ben = stage.person("ben").await;
        let phone = stage.again(&ben).await;
        let (mut one, mut two) = (ben.connect().await, phone.connect().await);
        let at_once = tokio::time::timeout(Duration::from_secs(1), async {
            moderation::set_ban(&stage.app, &admin.session, ben.user_id, true).await.unwrap();
            for client in [&mut one, &mut two] {
                let (frames, code) = client.ending().await;
                assert!(frames.contains(&ServerFrame::LoggedOut { reason: LogoutReason::Revoked }), "{frames:?}");
                assert_eq!(code, Some(close::LOGGED_OUT));
            }
        });
        at_once.await.unwrap();
        let token = ben.cookie.split_once('=').unwrap().1;
        assert_eq!(lavender::server::session::authenticate(&stage.app, token).await.unwrap(), None);
        moderation::set_ban(&stage.app, &admin.session, ben.user_id, false).await.unwrap();
        assert_eq!(stage.app.db.user(ben.user_id).await.unwrap().unwrap().banned_at, None);
        let (lines, people) = moderation::audit(&stage.app, &admin.session, None).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(), ["unban", "ban"]);
        assert!(people.iter().any(|person| person.id == ben.user_id));
    }

    async fn who_is_muted_reads_and_does_not_write(store) {
        let stage = Stage::start(store).await;
        let admin = admin(&stage).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        ben_client.send(room, "still fine").await.unwrap();
        moderation::set_mute(&stage.app, &admin.session, ben.user_id, 2).await.unwrap();
        let refused = ben_client.send(room, "not now").await.unwrap_err();
        assert!(matches!(refused, Error::Muted { until } if until > lavender::time::Timestamp::now().0));
        ana_client.send(room, "can you read this?").await.unwrap();
        ben_client.mark(room, Some(2), Some(2)).await.unwrap();
        moderation::set_mute(&stage.app, &admin.session, ben.user_id, 0).await.unwrap();
        ben_client.send(room, "back").await.unwrap();
        let bad = moderation::set_mute(&stage.app, &admin.session, ben.user_id, 721).await;
        assert_eq!(bad, Err(Error::invalid("hours", Problem::OutOfRange)));
    }

    async fn of_two_verdicts_one_counts(store) {
        let stage = Stage::start(store).await;
        let (first, second) = (admin(&stage).await, admin(&stage).await);
        let (ana, ben, _) = stage.pair().await;
        report(&stage, &ana, Reported::Person { user_id: ben.user_id }).await.unwrap();
        let id = open_reports(&stage, &first).await[0].id;
        let warn = || Verdict::Warn { text: "Please be kind.".into() };
        let (one, two) = tokio::join!(
            moderation::judge(&stage.app, &first.session, id, warn()),
            moderation::judge(&stage.app, &second.session, id, warn()),
        );
        assert!([&one, &two].contains(&&Ok(())) && [&one, &two].contains(&&Err(Error::Conflict)), "{one:?} {two:?}");
        assert!(open_reports(&stage, &first).await.is_empty());
        assert_eq!(stage.app.db.user(ben.user_id).await.unwrap().unwrap().warning.as_deref(), Some("Please be kind."));
        moderation::read_warning(&stage.app, &ben.session).await.unwrap();
        assert_eq!(stage.app.db.user(ben.user_id).await.unwrap().unwrap().warning, None);
    }

    async fn admins_do_not_shut_each_other_out(store) {
        let stage = Stage::start(store).await;
        let (first, second) = (admin(&stage).await, admin(&stage).await);
        for target in [&first, &second] {
            let ban = moderation::set_ban(&stage.app, &first.session, target.user_id, true).await;
            assert_eq!(ban, Err(Error::Forbidden));
        }
        assert_eq!(moderation::set_admin(&stage.app, &first.session, first.user_id, false).await, Err(Error::Forbidden));
        moderation::set_admin(&stage.app, &first.session, second.user_id, false).await.unwrap();
        moderation::set_ban(&stage.app, &first.session, second.user_id, true).await.unwrap();
    }

    async fn a_reported_message_is_deleted_for_everyone(store) {
        let stage = Stage::start(store).await;
        let admin = admin(&stage).await;
        let (ana, ben, room) = stage.pair().await;
        let mut ana_client = ana.connect().await;
        let bad = ben.connect().await.send(room, "something cruel").await.unwrap();
        report(&stage, &ana, Reported::Message { message_id: bad.message_id }).await.unwrap();
        let id = open_reports(&stage, &admin).await[0].id;
        moderation::judge(&stage.app, &admin.session, id, Verdict::DeleteMessage).await.unwrap();
        let told = ana_client
            .event(|event| {
                matches!(event, lavender::live::LiveEvent::MessageChanged { message } if message.deleted.is_some())
            })
            .await;
        assert!(matches!(told, lavender::live::LiveEvent::MessageChanged { message } if message.body.as_str().is_empty()));
    }
}
