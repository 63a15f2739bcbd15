//! What people change about their own account: the password, and the devices that are signed in.

use crate::support::client::{Client as Socket, handshake_to};
use crate::support::server::{PASSWORD, TestServer};
use lavender::live::{LogoutReason, ServerFrame};
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
        let told = ServerFrame::LoggedOut { reason: LogoutReason::Revoked };
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
