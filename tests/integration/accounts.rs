//! Registering, signing in, staying signed in, signing out.

use crate::support::server::{Answer, Client, PASSWORD, PATIENCE, TestServer};
use base64::Engine;
use futures_util::{SinkExt, StreamExt};
use lavender::id::SessionId;
use lavender::live::SOCKET_PATH;
use lavender::server::http::cookies::{ACCESS, DEVICE, FORM, REFRESH};
use lavender::server::keys::Claims;
use lavender::server::session::{ABSOLUTE_MS, IDLE_MS};
use lavender::server::store::SessionRow;
use lavender::time::Timestamp;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

/// What a form that came back was refused for.
async fn shown_error(client: &Client, answer: &Answer) -> serde_json::Value {
    assert_eq!(answer.status, 303, "{answer:?}");
    let start = client.get("/api/start").await.json();
    start["SignedOut"]["error"].clone()
}

/// Whether this client is signed in.
async fn is_in(client: &Client) -> bool {
    client.get("/api/people?query=zz").await.status == 200
}

/// The id of a session from its access token, as the server reads it.
fn session_of(server: &TestServer, client: &Client) -> SessionId {
    let token = client.cookie(ACCESS).expect("an access token");
    server.app.keys.verify(&token).expect("a good token").session_id
}

type Socket = tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

/// A live connection with the cookies of this client.
async fn socket(server: &TestServer, client: &Client) -> Socket {
    let mut request = format!("ws://{}{SOCKET_PATH}", server.address).into_client_request().expect("a request");
    request.headers_mut().insert("origin", server.origin.parse().expect("ASCII"));
    request.headers_mut().insert("cookie", client.cookie_header().parse().expect("ASCII"));
    let connected = tokio::time::timeout(PATIENCE, tokio_tungstenite::connect_async(request)).await;
    connected.expect("in time").expect("let in").0
}

/// The next message, `None` at the end.
async fn next(socket: &mut Socket) -> Option<Message> {
    tokio::time::timeout(PATIENCE, socket.next()).await.expect("in time")?.ok()
}

/// A session of `person` that the store has known for a while, and a client that holds its tokens.
async fn aged_session(
    server: &TestServer,
    person: &crate::support::server::Person,
    change: impl FnOnce(&mut SessionRow),
) -> Client {
    let token = "a token of the tests".to_owned();
    let now = Timestamp::now();
    let mut row = SessionRow {
        id: SessionId::new(),
        user_id: person.user_id,
        created_at: now,
        last_used_at: now,
        refresh_hash: Sha256::digest(&token).into(),
        previous_hash: None,
        rotated_at: now,
        user_agent: String::new(),
        network: String::new(),
        revoked_at: None,
    };
    change(&mut row);
    server.app.db.create_session(&row).await.expect("it is stored");
    let client = server.visitor();
    client.set_cookie(REFRESH, Some(&token));
    let claims = Claims { user_id: row.user_id, session_id: row.id, expires_at: now.plus_ms(600_000) };
    client.set_cookie(ACCESS, Some(&server.app.keys.sign(&claims, now)));
    client
}

on_both_stores! {
    async fn a_new_account_is_signed_in_and_its_cookies_are_locked_up(store) {
        let server = TestServer::start(store).await;
        let client = server.visitor();
        assert!(!is_in(&client).await);
        let fields = [
            ("username", "Ana"), ("display_name", " Ana  Lima "), ("email", "Ana@Example.org"), ("password", PASSWORD),
            ("next", "/r/1"),
        ];
        let answer = client.submit("/auth/register", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/r/1")), "{answer:?}");
        assert!(is_in(&client).await);
        for name in [ACCESS, REFRESH, DEVICE] {
            let line = answer.set_cookie(name).unwrap_or_else(|| panic!("{name} is set"));
            for attribute in ["; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
                assert!(line.contains(attribute), "{line}");
            }
            assert!(name.starts_with("__Host-") && !line.contains("Domain"), "{line}");
        }
        let user = server.app.db.user_by_login("ana@example.org").await.expect("it answers").expect("it is there");
        assert_eq!((user.username.as_str(), user.display_name.as_str()), ("ana", "Ana Lima"));
        assert!(user.password_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    }

    async fn a_refused_form_comes_back_with_what_was_typed_but_never_the_password(store) {
        let server = TestServer::start(store).await;
        let client = server.visitor();
        let fields = [("username", "x"), ("email", "x@example.org"), ("password", PASSWORD), ("next", "/r/9")];
        let answer = client.submit("/auth/register", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/register?next=%2Fr%2F9")));
        let line = answer.set_cookie(FORM).expect("the form is kept").to_owned();
        assert!(line.contains("Max-Age=60") && line.contains("HttpOnly"), "{line}");
        let start = client.get("/api/start").await;
        let form = &start.json()["SignedOut"];
        assert_eq!(form["username"], "x");
        assert_eq!(form["error"], json!({ "code": "invalid", "field": "username", "problem": "too_short" }));
        assert!(!start.body.contains("otter") && !line.contains("otter"));
        assert_eq!(client.cookie(FORM), None, "it is shown once");
    }

    async fn each_field_says_what_is_wrong_with_it(store) {
        let server = TestServer::start(store).await;
        let good = [("username", "ana"), ("display_name", "Ana"), ("email", "ana@example.org"), ("password", PASSWORD)];
        let long = "x1 ".repeat(50);
        for (name, value, problem) in [
            ("username", "", "missing"),
            ("username", "ana lima", "bad_format"),
            ("username", "admin", "taken"),
            ("display_name", "a\u{202e}b", "bad_characters"),
            ("email", "ana", "bad_format"),
            ("password", "short", "too_short"),
            ("password", long.as_str(), "too_long"),
            ("password", "password1234", "too_weak"),
            ("password", "ana@example.org", "too_weak"),
        ] {
            let client = server.visitor();
            let fields = good.map(|(field, good)| (field, if field == name { value } else { good }));
            let answer = client.submit("/auth/register", &fields).await;
            let error = shown_error(&client, &answer).await;
            assert_eq!(error, json!({ "code": "invalid", "field": name, "problem": problem }), "{name}={value}");
        }
        assert_eq!(server.visitor().submit("/auth/register", &good).await.location(), Some("/"), "the control passes");
    }

    async fn names_and_look_alikes_are_taken_but_an_address_is_not_told(store) {
        let server = TestServer::start(store).await;
        server.register("lily.rose").await;
        server.register("modern").await;
        // The same, in capitals, and written with what looks alike.
        for name in ["lily.rose", "LILY.ROSE", "li1y.r0se", "rnodern", "m0dem"] {
            let client = server.visitor();
            let fields = [("username", name), ("email", "other@example.org"), ("password", PASSWORD)];
            let answer = client.submit("/auth/register", &fields).await;
            let error = shown_error(&client, &answer).await;
            assert_eq!(error, json!({ "code": "invalid", "field": "username", "problem": "taken" }), "{name}");
        }
        let client = server.visitor();
        let fields = [("username", "other"), ("email", "Lily.Rose@example.org"), ("password", PASSWORD)];
        let answer = client.submit("/auth/register", &fields).await;
        assert_eq!(shown_error(&client, &answer).await, json!({ "code": "conflict" }));
    }

    async fn closed_registration_refuses_strangers_and_lets_members_in(store) {
        let mut server = TestServer::start(store).await;
        server.register("ana").await;
        let server = { server.shut_down().await; server.reconfigured(|config| config.registration = false).await };
        let client = server.visitor();
        let answer = client.register("ben").await;
        assert_eq!(shown_error(&client, &answer).await, json!({ "code": "forbidden" }));
        assert_eq!(client.login("ana", PASSWORD).await.location(), Some("/"));
    }

    async fn people_sign_in_by_name_or_address_and_return_to_where_they_were_going(store) {
        let server = TestServer::start(store).await;
        server.register("ana").await;
        for login in ["ana", "@Ana", " ana ", "ANA@example.org"] {
            let client = server.visitor();
            let fields = [("login", login), ("password", PASSWORD), ("next", "/settings?tab=1")];
            let answer = client.submit("/auth/login", &fields).await;
            assert_eq!((answer.status, answer.location()), (303, Some("/settings?tab=1")), "{login}");
            assert!(is_in(&client).await);
        }
    }

    async fn an_unknown_name_and_a_wrong_password_are_answered_alike(store) {
        let server = TestServer::start(store).await;
        server.register("ana").await;
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for _ in 0..9 {
            for (login, times) in [("ana", &mut known), ("nobody", &mut unknown)] {
                let client = server.visitor();
                let started = Instant::now();
                let answer = client.login(login, "wrong password 123").await;
                times.push(started.elapsed());
                assert_eq!((answer.status, answer.location()), (303, Some("/login")));
                assert_eq!(shown_error(&client, &answer).await, json!({ "code": "bad_credentials" }));
                assert!(!is_in(&client).await);
            }
        }
        // The least disturbed of each: other tests run beside this one.
        let fastest = |times: &[Duration]| times.iter().min().copied().unwrap();
        let (known, unknown) = (fastest(&known), fastest(&unknown));
        assert!(unknown * 2 > known && known * 2 > unknown, "known {known:?}, unknown {unknown:?}");
    }

    async fn no_form_leads_to_another_site(store) {
        let server = TestServer::start(store).await;
        server.register("ana").await;
        for next in ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/auth/logout"] {
            let client = server.visitor();
            let fields = [("login", "ana"), ("password", PASSWORD), ("next", next)];
            assert_eq!(client.submit("/auth/login", &fields).await.location(), Some("/"), "{next}");
            let fields = [("login", "ana"), ("password", "wrong password 123"), ("next", next)];
            assert_eq!(server.visitor().submit("/auth/login", &fields).await.location(), Some("/login"), "{next}");
        }
    }

    async fn a_refresh_token_is_exchanged_and_an_old_one_ends_the_session(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let thief = ana.copy();
        let first = ana.cookie(REFRESH);
        let answer = ana.post("/auth/refresh", &json!({})).await;
        assert_eq!(answer.status, 200);
        let until = answer.json()["access_until"].as_i64().expect("a time") - Timestamp::now().0;
        assert!((580_000..=600_000).contains(&until), "{until}");
        assert!(is_in(&ana).await);
        assert_ne!(ana.cookie(REFRESH), first, "rotated");

        // Another tab, a moment later: an access token, but no further refresh token.
        let tab = thief.copy();
        let answer = tab.post("/auth/refresh", &json!({})).await;
        assert_eq!(answer.status, 200);
        assert!(answer.set_cookie(ACCESS).is_some() && answer.set_cookie(REFRESH).is_none(), "{answer:?}");
        assert!(is_in(&ana).await, "the session goes on");
    }

    async fn a_copied_refresh_token_used_after_the_grace_ends_the_session_for_all(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let copied = "a copied token";
        let client = aged_session(&server, &ana, |row| {
            row.previous_hash = Some(Sha256::digest(copied).into());
            row.rotated_at = row.rotated_at.plus_ms(-11_000);
        })
        .await;
        assert!(is_in(&client).await, "the owner is in");
        let thief = server.visitor();
        thief.set_cookie(REFRESH, Some(copied));
        assert_eq!(thief.open("/").await.location(), Some("/login"), "it opens no page");
        thief.set_cookie(REFRESH, Some(copied));
        let answer = thief.post("/auth/refresh", &json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "unauthenticated"));
        assert_eq!(thief.cookie(REFRESH), None, "the cookie is taken away");
        assert!(!is_in(&client).await, "and the owner is out at once");
        assert_eq!(client.post("/auth/refresh", &json!({})).await.status, 401);
        assert!(is_in(&ana).await, "other sessions go on");
    }

    async fn a_token_that_a_thief_exchanged_again_and_again_still_ends_the_session(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let hash = |token: &str| -> [u8; 32] { Sha256::digest(token).into() };
        let earlier = Timestamp::now().plus_ms(-11_000);
        let mut held = hash(&ana.cookie(REFRESH).expect("a refresh token"));
        for next in ["first exchange of the thief", "second exchange of the thief"] {
            let next = hash(next);
            server.app.db.rotate_refresh(&held, &next, earlier).await.expect("the store answers");
            held = next;
        }
        let other = server.visitor();
        other.login("ana", PASSWORD).await;
        assert_eq!(ana.post("/auth/refresh", &json!({})).await.status, 401);
        assert!(!is_in(&ana).await, "the session has ended for both");
        let thief = server.app.db.session_by_refresh(&held).await.expect("the store answers").expect("the row");
        assert!(thief.revoked_at.is_some());
        assert!(is_in(&other).await, "other sessions go on");
        let made_up = server.visitor();
        made_up.set_cookie(REFRESH, Some("AAAA.99999999999999.AAAA"));
        assert_eq!(made_up.post("/auth/refresh", &json!({})).await.status, 401);
    }

    async fn tabs_that_refresh_together_all_stay_signed_in(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let tabs: Vec<_> = (0..8).map(|_| ana.copy()).collect();
        let answers = futures_util::future::join_all(tabs.iter().map(|tab| async move {
            let answer = tab.post("/auth/refresh", &json!({})).await;
            (answer.status, answer.set_cookie(REFRESH).is_some(), is_in(tab).await)
        }))
        .await;
        assert!(answers.iter().all(|(status, _, is_in)| *status == 200 && *is_in), "{answers:?}");
        assert_eq!(answers.iter().filter(|(_, rotated, _)| *rotated).count(), 1, "{answers:?}");
    }

    async fn a_key_that_is_rotated_signs_nobody_out(store) {
        let mut server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let path = server.app.config.data.join("keys.json");
        let keys = || -> serde_json::Value { serde_json::from_slice(&std::fs::read(&path).expect("there")).expect("JSON") };
        let kid = |client: &Client| {
            let token = client.cookie(ACCESS).expect("a token");
            jsonwebtoken::decode_header(&token).expect("a header").kid.expect("a key")
        };
        let old = keys()["keys"][0].clone();
        let new = json!({ "kid": "the-next-one", "secret": base64::engine::general_purpose::STANDARD.encode([7; 32]) });

        // In front of the old one: what was signed before is taken, what is signed now is signed by the new one.
        std::fs::write(&path, json!({ "keys": [new, old] }).to_string()).expect("written");
        let mut server = { server.shut_down().await; server.reconfigured(|_| {}).await };
        assert!(is_in(&ana).await, "a token of the old key is good until it ends");
        let before = ana.copy();
        assert_eq!(ana.post("/auth/refresh", &json!({})).await.status, 200);
        assert_eq!((kid(&before).as_str(), kid(&ana).as_str()), (old["kid"].as_str().expect("text"), "the-next-one"));
        assert!(is_in(&ana).await && is_in(&before).await);

        // The old one is taken out: only what it signed is refused, and a refresh token is no token of a key.
        std::fs::write(&path, json!({ "keys": [new] }).to_string()).expect("written");
        let server = { server.shut_down().await; server.reconfigured(|_| {}).await };
        assert!(is_in(&ana).await && !is_in(&before).await);
        ana.set_cookie(ACCESS, Some(&before.cookie(ACCESS).expect("a token")));
        assert_eq!(ana.post("/auth/refresh", &json!({})).await.status, 200);
        assert!(is_in(&ana).await, "she never had to sign in");
        drop(server);
    }

    async fn a_session_ends_when_unused_for_a_week_or_a_month_old(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let fresh = aged_session(&server, &ana, |row| row.last_used_at = row.last_used_at.plus_ms(60_000 - IDLE_MS)).await;
        assert!(is_in(&fresh).await);
        server.app.db.revoke_session(session_of(&server, &fresh), Timestamp::now()).await.expect("revoked");
        for (index, back) in [(0, IDLE_MS), (1, ABSOLUTE_MS)] {
            let server = TestServer::start(store).await;
            let ana = server.register("ana").await;
            let client = aged_session(&server, &ana, |row| match index {
                0 => row.last_used_at = row.last_used_at.plus_ms(-back),
                _ => row.created_at = row.created_at.plus_ms(-back),
            })
            .await;
            assert!(!is_in(&client).await, "{index}");
            assert_eq!(client.copy().open("/").await.location(), Some("/login"), "{index}");
            assert_eq!(client.post("/auth/refresh", &json!({})).await.status, 401, "{index}");
        }
    }

    async fn a_page_is_painted_signed_in_after_the_access_token_has_run_out(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let (session_id, refresh) = (session_of(&server, &ana), ana.cookie(REFRESH));
        let now = Timestamp::now();
        let claims = Claims { user_id: ana.user_id, session_id, expires_at: now.plus_ms(-60_000) };
        ana.set_cookie(ACCESS, Some(&server.app.keys.sign(&claims, now.plus_ms(-660_000))));
        assert!(!is_in(&ana).await, "the API wants a token that lives");
        let answer = ana.open("/").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(ana.cookie(REFRESH), refresh, "a GET exchanges nothing");
        let line = answer.set_cookie(ACCESS).expect("a short access token");
        assert!(line.contains("Max-Age=60"), "{line}");
        assert!(is_in(&ana).await);
    }

    async fn signing_out_is_final_everywhere(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let (stolen, other) = (ana.copy(), server.visitor());
        other.login("ana", PASSWORD).await;
        assert!(is_in(&stolen).await);
        let answer = ana.submit("/auth/logout", &[]).await;
        assert_eq!((answer.status, answer.location()), (303, Some("/login")));
        assert_eq!(answer.header("clear-site-data"), Some("\"storage\""));
        assert_eq!((ana.cookie(ACCESS), ana.cookie(REFRESH)), (None, None));
        assert!(!is_in(&stolen).await, "the access token is worth nothing at once");
        assert_eq!(stolen.post("/auth/refresh", &json!({})).await.status, 401);
        assert!(is_in(&other).await, "other devices stay");
        assert_eq!(ana.submit("/auth/logout", &[]).await.location(), Some("/login"), "harmless when repeated");
    }

    async fn signing_out_closes_the_sockets_of_that_session_only(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let other = server.visitor();
        other.login("ana", PASSWORD).await;
        let (mut closed, mut open) = (socket(&server, &ana).await, socket(&server, &other).await);
        ana.submit("/auth/logout", &[]).await;
        let (mut texts, mut code) = (Vec::new(), None);
        while let Some(message) = next(&mut closed).await {
            match message {
                Message::Text(text) => texts.push(text.to_string()),
                Message::Close(frame) => code = frame.map(|frame| u16::from(frame.code)),
                _ => {}
            }
        }
        assert_eq!(texts.last().map(String::as_str), Some(r#"{"type":"logged_out","reason":"signed_out"}"#));
        assert_eq!(code, Some(lavender::live::close::LOGGED_OUT));
        open.send(Message::text(r#"{"command":{"type":"ping"}}"#)).await.expect("it is open");
        loop {
            match next(&mut open).await.expect("it stays open") {
                Message::Text(text) if text.as_str() == r#"{"type":"pong"}"# => break,
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn signing_out_works_after_the_access_token_has_run_out(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let stolen = ana.copy();
        ana.set_cookie(ACCESS, None);
        ana.submit("/auth/logout", &[]).await;
        assert!(!is_in(&stolen).await);
    }

    async fn signing_in_again_replaces_the_session_of_this_browser(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let before = ana.copy();
        ana.login("ana", PASSWORD).await;
        assert!(is_in(&ana).await && !is_in(&before).await);
        assert_ne!(ana.cookie(REFRESH), before.cookie(REFRESH));
    }

    async fn sessions_and_keys_survive_a_restart(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let server = server.restart().await;
        assert!(is_in(&ana).await);
        assert_eq!(server.visitor().login("ana", PASSWORD).await.location(), Some("/"));
    }

    async fn the_fifth_wrong_password_starts_a_cool_down_but_not_for_a_device_known_before(store) {
        let server = TestServer::start_with(store, |config| config.limit_scale = 1).await;
        let ana = server.register("ana").await;
        ana.submit("/auth/logout", &[]).await;
        for login in ["ana", "nobody"] {
            let attacker = server.visitor();
            for _ in 0..5 {
                let answer = attacker.login(login, "wrong password 123").await;
                assert_eq!(shown_error(&attacker, &answer).await, json!({ "code": "bad_credentials" }));
            }
            let answer = attacker.login(login, PASSWORD).await;
            let error = shown_error(&attacker, &answer).await;
            assert_eq!(error["code"], "rate_limited", "{login}");
            let wait = error["retry_after_ms"].as_u64().expect("a wait");
            assert!((50_000..=60_000).contains(&wait), "{wait}");
        }
        assert_eq!(ana.login("ana", PASSWORD).await.location(), Some("/"), "the owner's own device is let in");
    }

    async fn a_hundred_guesses_at_once_are_no_more_than_five_in_a_row(store) {
        let server = TestServer::start_with(store, |config| config.limit_scale = 1).await;
        server.register("ana").await;
        let guesses = (0..25).map(|_| {
            let client = server.visitor();
            async move {
                let answer = client.login("ana", "wrong password 123").await;
                shown_error(&client, &answer).await["code"].as_str().map(str::to_owned).expect("a code")
            }
        });
        let codes = futures_util::future::join_all(guesses).await;
        let looked_at = codes.iter().filter(|code| *code == "bad_credentials").count();
        assert!(looked_at <= 5 && codes.iter().any(|code| code == "rate_limited"), "{codes:?}");
    }

    async fn registrations_of_one_address_are_few(store) {
        let server = TestServer::start_with(store, |config| config.limit_scale = 1).await;
        for name in ["ana", "ben", "cleo", "dora", "emil"] {
            server.register(name).await;
        }
        let client = server.visitor();
        let answer = client.register("fred").await;
        assert_eq!(shown_error(&client, &answer).await["code"], "rate_limited");
    }

    async fn pages_send_people_where_they_belong(store) {
        let server = TestServer::start(store).await;
        let visitor = server.visitor();
        assert_eq!(visitor.open("/").await.location(), Some("/login"));
        assert_eq!(visitor.open("/r/1?x=y").await.location(), Some("/login?next=%2Fr%2F1%3Fx%3Dy"));
        assert_eq!(visitor.open("/login").await.status, 200);
        assert_eq!(visitor.open("/register").await.status, 200);
        let ana = server.register("ana").await;
        assert_eq!(ana.open("/login").await.location(), Some("/"));
        assert_eq!(ana.open("/register").await.location(), Some("/"));
        assert_eq!(ana.open("/").await.status, 200);
    }

    async fn the_shell_is_nobodys(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        let (own, other) = (ana.open("/shell").await, server.visitor().open("/shell").await);
        assert_eq!((own.status, own.body.as_str()), (200, other.body.as_str()));
        assert_eq!(own.header("cache-control"), Some("no-cache"));
        assert!(own.header("set-cookie").is_none());
    }

    async fn a_theme_is_kept_on_the_device_and_with_the_account(store) {
        let server = TestServer::start(store).await;
        let ana = server.register("ana").await;
        assert_eq!(ana.post("/api/theme", &json!({ "theme": "dark" })).await.status, 200);
        assert!(ana.open("/").await.body.contains("<html data-theme=\"dark\""));
        let other = server.visitor();
        other.login("ana", PASSWORD).await;
        assert!(other.open("/").await.body.contains("<html data-theme=\"dark\""), "it comes along");
        assert_eq!(ana.post("/api/theme", &json!({ "theme": "system" })).await.status, 200);
        assert!(!ana.open("/").await.body.contains("data-theme"));
    }
}
