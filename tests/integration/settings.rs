//! What people change about their own account: the password, and the devices that are signed in.

use crate::support::client::{Client as Socket, handshake_to};
use crate::support::server::{PASSWORD, TestServer};
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::id::UserId;
use lavender::live::{LiveEvent, LogoutReason, ServerFrame};
use lavender::model::{Presence, Privacy, RequestOutcome, RequestsFrom};
use lavender::server::service::{accounts, profiles, requests};
use lavender::time::Timestamp;
use serde_json::json;

const NEW: &str = "four quiet herons in march";

on_both_stores! {
    async fn a_new_password_ends_every_other_session(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let other = server.visitor();
        assert_eq!(other.login("ana", PASSWORD).await.location(), Some("/"));
        let change = |old: &str, new: &str| json!({ "old_password": old, "password": new });
        let wrong = ana.post("/api/account/password", &change("not the password", NEW)).await;
        let data = wrong.json()["data"].clone();
        assert_eq!((data["field"].as_str(), data["problem"].as_str()), (Some("old_password"), Some("no_match")));
        for (new, problem) in [("short", "too_short"), ("password12", "too_weak"), ("ana@example.org", "too_weak")] {
            let data = ana.post("/api/account/password", &change(PASSWORD, new)).await.json()["data"].clone();
            assert_eq!((data["field"].as_str(), data["problem"].as_str()), (Some("password"), Some(problem)), "{new}");
        }
        assert_eq!(other.get("/api/account/sessions").await.status, 200, "nothing has changed yet");
        assert_eq!(ana.post("/api/account/password", &change(PASSWORD, NEW)).await.status, 200);
        assert_eq!(ana.get("/api/account/sessions").await.json().as_array().map(Vec::len), Some(1));
        assert_eq!(other.get("/api/account/sessions").await.status, 401);
        assert_eq!(server.visitor().login("ana", PASSWORD).await.location(), Some("/login"));
        assert_eq!(server.visitor().login("ana", NEW).await.location(), Some("/"));
    }

    async fn a_device_is_signed_out_from_another_one_with_its_sockets(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let ben = server.register("ben").await;
        let phone = server.visitor();
        phone.login("ana", PASSWORD).await;
        let handshake = handshake_to(server.address, &phone.cookie_header(), &server.origin);
        let mut socket = Socket::enter(handshake).await.expect("let in");
        socket.greet().await.expect("synced");
        let sessions = ana.get("/api/account/sessions").await.json();
        let sessions = sessions.as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        assert_eq!((sessions[0]["is_this"].as_bool(), sessions[1]["is_this"].as_bool()), (Some(true), Some(false)));
        assert_eq!(sessions[0]["network"], "127.0.0.0/24");
        let end = json!({ "session_id": sessions[1]["id"] });
        assert_eq!(ben.post("/api/account/sessions/end", &end).await.status, 404, "it is not ben's");
        let left = ana.post("/api/account/sessions/end", &end).await.json();
        assert_eq!(left.as_array().map(Vec::len), Some(1));
        let (frames, code) = socket.ending().await;
        let told = ServerFrame::LoggedOut { reason: LogoutReason::SignedOut };
        assert!(frames.contains(&told), "{frames:?}");
        assert_eq!(code, Some(4401));
        assert_eq!(phone.get("/api/account/sessions").await.status, 401);
        assert_eq!(ana.get("/api/account/sessions").await.status, 200);
    }

    async fn all_others_are_signed_out_at_once(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let others = [server.visitor(), server.visitor(), server.visitor()];
        for other in &others {
            other.login("ana", PASSWORD).await;
        }
        assert_eq!(ana.get("/api/account/sessions").await.json().as_array().map(Vec::len), Some(4));
        let left = ana.post("/api/account/sessions/end_others", &json!({})).await.json();
        assert_eq!(left.as_array().map(Vec::len), Some(1), "{left}");
        for other in &others {
            assert_eq!(other.get("/api/account/sessions").await.status, 401);
        }
    }
}

on_both_stores! {
    async fn nobody_asks_who_wants_no_requests(store) {
        let stage = Stage::start(store).await;
        let (members, _) = stage.group(2).await;
        let [ana, ben] = members.as_slice() else { panic!("two") };
        let cleo = stage.person("cleo").await;
        let wants = async |requests: RequestsFrom| {
            let privacy = Privacy { requests, ..Privacy::default() };
            assert_eq!(accounts::set_privacy(&ana.app, &ana.session, privacy).await.unwrap(), privacy);
            assert_eq!(accounts::privacy(&ana.app, &ana.session).await.unwrap(), privacy);
        };
        let refused = async |from: &Person| requests::send(&from.app, &from.session, ana.user_id, "Hello").await.err();
        wants(RequestsFrom::Nobody).await;
        assert_eq!(refused(ben).await, Some(Error::Unreachable));
        wants(RequestsFrom::Shared).await;
        assert_eq!(refused(&cleo).await, Some(Error::Unreachable), "they share no group");
        assert_eq!(refused(ben).await, None, "they share one");
        // Whom ana asks may answer: asking back is a yes.
        wants(RequestsFrom::Nobody).await;
        ana.ask(&cleo, "Hello").await;
        let back = requests::send(&cleo.app, &cleo.session, ana.user_id, "Hello").await;
        assert!(matches!(back, Ok(RequestOutcome::Connected { .. })), "{back:?}");
        assert_eq!(refused(&cleo).await, None, "what they have goes on");
    }

    async fn who_hides_it_was_never_seen(store) {
        let stage = Stage::start(store).await;
        let (members, _) = stage.group(2).await;
        let [ana, ben] = members.as_slice() else { panic!("two") };
        let presence_of = async |of: UserId| {
            let seen = profiles::profile(&ben.app, &ben.session, of).await.unwrap().presence;
            seen.expect("they share a group")
        };
        stage.app.db.set_last_seen(ana.user_id, Timestamp::now()).await.unwrap();
        assert!(matches!(presence_of(ana.user_id).await, Presence::Offline { last_seen: Some(_) }));
        let mut watching = ben.connect().await;
        let hidden = Privacy { hides_last_seen: true, ..Privacy::default() };
        accounts::set_privacy(&ana.app, &ana.session, hidden).await.unwrap();
        let away = LiveEvent::Presence { user_id: ana.user_id, presence: Presence::Offline { last_seen: None } };
        watching.event(|event| *event == away).await;
        assert_eq!(presence_of(ana.user_id).await, Presence::Offline { last_seen: None });
        // Being there is still seen, and going leaves no trace.
        let there = ana.connect().await;
        let online = LiveEvent::Presence { user_id: ana.user_id, presence: Presence::Online };
        watching.event(|event| *event == online).await;
        drop(there);
        watching.event(|event| *event == away).await;
        let mut anew = ben.connect().await;
        let snapshot = anew.hello([], None).await;
        assert!(snapshot.presence.contains(&(ana.user_id, Presence::Offline { last_seen: None })), "{snapshot:?}");
        accounts::set_privacy(&ana.app, &ana.session, Privacy::default()).await.unwrap();
        assert!(matches!(presence_of(ana.user_id).await, Presence::Offline { last_seen: Some(_) }));
    }

    async fn a_forgotten_password_is_set_anew_by_a_link_once(store) {
        let server = TestServer::start(store).await;
        let root = server.register("olga").await;
        let ana = server.register("ana").await;
        let make = |id: lavender::id::UserId| json!({ "user_id": id });
        assert_eq!(ana.post("/api/admin/reset", &make(root.user_id)).await.status, 404, "only for admins");
        assert_eq!(root.post("/api/admin/reset", &make(root.user_id)).await.status, 403, "of no admin");
        let link = |answer: crate::support::server::Answer| {
            let path = answer.json().as_str().expect("a path").to_owned();
            path.strip_prefix("/reset?token=").expect("a token").to_owned()
        };
        let token = link(root.post("/api/admin/reset", &make(ana.user_id)).await);
        let other = link(root.post("/api/admin/reset", &make(ana.user_id)).await);
        let visitor = server.visitor();
        let weak = visitor.submit("/auth/reset", &[("token", &token), ("password", "password12")]).await;
        assert_eq!(weak.location(), Some(format!("/reset?token={token}").as_str()), "it can be tried again: {weak:?}");
        let shown = visitor.get("/api/start").await.json();
        assert_eq!(shown["SignedOut"]["error"]["problem"], "too_weak");
        let cut = &token[..token.len() - 2];
        for wrong in [String::new(), format!("B{}", &token[1..]), cut.to_owned(), "javascript:alert(1)".to_owned()] {
            let answer = visitor.submit("/auth/reset", &[("token", &wrong), ("password", NEW)]).await;
            assert!(answer.location().is_some_and(|to| to.starts_with("/reset?token=")), "{wrong}: {answer:?}");
            let shown = visitor.get("/api/start").await.json();
            assert_eq!(shown["SignedOut"]["error"], json!({ "code": "not_found", "what": "link" }), "{wrong}");
        }
        assert_eq!(ana.get("/api/account/sessions").await.status, 200, "nothing has changed yet");
        let answer = visitor.submit("/auth/reset", &[("token", &token), ("password", NEW)]).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/")), "{answer:?}");
        assert_eq!(visitor.get("/api/account/sessions").await.json().as_array().map(Vec::len), Some(1));
        assert_eq!(ana.get("/api/account/sessions").await.status, 401);
        assert_eq!(server.visitor().login("ana", PASSWORD).await.location(), Some("/login"));
        assert_eq!(server.visitor().login("ana", NEW).await.location(), Some("/"));
        // Once, and no other one of before.
        for used in [&token, &other] {
            let late = server.visitor();
            late.submit("/auth/reset", &[("token", used), ("password", "another four quiet herons")]).await;
            assert_eq!(late.get("/api/start").await.json()["SignedOut"]["error"]["what"], "link");
        }
        assert_eq!(server.visitor().login("ana", NEW).await.location(), Some("/"));
        let audit = root.get("/api/admin/audit").await.json();
        assert_eq!(audit[0][0]["action"], "reset_link", "{audit}");
        assert!(!audit.to_string().contains(&token[..20]), "the link is in no log");
        // Of a banned account it opens nothing.
        let token = link(root.post("/api/admin/reset", &make(ana.user_id)).await);
        root.post("/api/admin/ban", &json!({ "user_id": ana.user_id, "on": true })).await;
        let banned = server.visitor();
        banned.submit("/auth/reset", &[("token", &token), ("password", "another four quiet herons")]).await;
        assert_eq!(banned.get("/api/start").await.json()["SignedOut"]["error"]["code"], "banned");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guessing_from_a_borrowed_device_is_slowed() {
    let server = TestServer::start_with(crate::support::server::Store::Embedded, |config| config.limit_scale = 1).await;
    let ana = server.register("ana").await;
    let change = json!({ "old_password": "not the password", "password": NEW });
    for _ in 0..5 {
        assert_eq!(ana.post("/api/account/password", &change).await.status, 422);
    }
    let answer = ana.post("/api/account/password", &change).await;
    assert_eq!((answer.status, answer.code().as_str()), (429, "rate_limited"));
    // The owner gets in at the door all the same.
    assert_eq!(server.visitor().login("ana", PASSWORD).await.location(), Some("/"));
}
