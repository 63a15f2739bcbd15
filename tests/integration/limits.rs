//! What one address, account or connection may take, and that others go on meanwhile.

use crate::support::client::{Client as Socket, handshake, refused};
use crate::support::server::{PASSWORD, PATIENCE, Store, TestServer};
use crate::support::stage::Stage;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use lavender::server::hub::CONNECTIONS_PER_USER;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// A server with the limits that people meet.
async fn strict() -> TestServer {
    TestServer::start_with(Store::Embedded, |config| config.limit_scale = 1).await
}

/// What `ask` answers, one after the other, until it is 429, which comes after no more than `most`.
async fn until_limited(most: usize, mut ask: impl AsyncFnMut(usize) -> u16) -> usize {
    for count in 0..=most {
        if ask(count).await == 429 {
            return count;
        }
    }
    panic!("more than {most} were let through");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_tries_so_many_passwords_whatever_the_names() {
    let server = strict().await;
    server.register("ana").await;
    let error = async |login: &str, password: &str| {
        let client = server.visitor();
        client.login(login, password).await;
        client.get("/api/start").await.json()["SignedOut"]["error"]["code"].as_str().map(str::to_owned)
    };
    let tried = until_limited(40, async |count| match error(&format!("nobody{count}"), PASSWORD).await.as_deref() {
        Some("rate_limited") => 429,
        Some("bad_credentials") => 401,
        other => panic!("{other:?}"),
    })
    .await;
    assert_eq!(tried, 30);
    assert_eq!(error("ana", PASSWORD).await.as_deref(), Some("rate_limited"), "a right one waits too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_makes_five_accounts_in_an_hour() {
    let server = strict().await;
    let made = until_limited(8, async |count| {
        let client = server.visitor();
        let answer = client.register(&format!("person{count}")).await;
        if answer.location() == Some("/") {
            return 303;
        }
        let error = client.get("/api/start").await.json()["SignedOut"]["error"].clone();
        assert_eq!(error["code"], "rate_limited", "{error}");
        assert!(error["retry_after_ms"].as_u64().is_some_and(|ms| ms > 60_000), "{error}");
        429
    })
    .await;
    assert_eq!(made, 5);
    assert_eq!(server.visitor().login("person0", PASSWORD).await.location(), Some("/"), "members still come in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_is_renewed_ten_times_a_minute() {
    let server = strict().await;
    let (ana, ben) = (server.register("ana").await, server.register("ben").await);
    let done = until_limited(14, async |_| {
        let answer = ana.post("/auth/refresh", &json!({})).await;
        assert!(answer.status == 200 || answer.header("retry-after").is_some(), "{answer:?}");
        answer.status
    })
    .await;
    assert!((10..=12).contains(&done), "{done}: one comes back every 6 s");
    assert_eq!(ben.post("/auth/refresh", &json!({})).await.status, 200, "it is counted by session");
    assert_eq!(ana.get("/api/people?query=ben").await.status, 200, "and nobody is signed out by it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn history_is_read_so_often_and_the_rest_goes_on() {
    let stage = Stage::start_limited(Store::Embedded, 1).await;
    let (ana, ben, room) = stage.pair().await;
    let ask = async |person: &crate::support::stage::Person, path: &str| {
        let visitor = stage.server.visitor();
        visitor.send(visitor.request(reqwest::Method::GET, path).header("cookie", &person.cookie)).await.status
    };
    let history = format!("/api/rooms/{room}/messages");
    let read = until_limited(110, async |_| ask(&ana, &history).await).await;
    assert!(read >= 60, "{read}");
    // Requests of all kinds are counted too, but there are twice as many.
    assert_eq!(ask(&ana, "/api/start").await, 200);
    assert_eq!(ask(&ben, &history).await, 200, "it is counted by account");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_connections_are_opened_so_often() {
    let stage = Stage::start_limited(Store::Embedded, 1).await;
    let (ana, ben, _) = stage.pair().await;
    for _ in 0..20 {
        drop(Socket::open(&ana).await);
    }
    // One comes back every 3 s: the machine may have taken that long.
    let opened = until_limited(10, async |_| match tokio_tungstenite::connect_async(handshake(&ana)).await {
        Ok(_) => 101,
        Err(_) => refused(handshake(&ana)).await,
    })
    .await;
    assert!(opened < 10);
    ben.connect().await.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_has_so_many_connections_and_another_one_their_own() {
    let stage = Stage::start(Store::Embedded).await;
    let (ana, ben, _) = stage.pair().await;
    let mut of_ben = ben.connect().await;
    let mut of_ana = Vec::new();
    for _ in 0..CONNECTIONS_PER_USER + 3 {
        of_ana.push(ana.connect().await);
    }
    assert_eq!(stage.app.hub.connections_of(ana.user_id).len(), CONNECTIONS_PER_USER);
    for gone in &mut of_ana[..3] {
        assert!(gone.close_code().await.is_some());
    }
    for open in &mut of_ana[3..] {
        open.settle().await;
    }
    of_ben.settle().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_has_256_connections_and_gets_a_place_back() {
    let server = strict().await;
    let connect = async || {
        let mut stream = TcpStream::connect(server.address).await.expect("the kernel takes it");
        // A file that is not there: those are not counted as requests.
        let head = format!("GET /assets/none.js HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
        stream.write_all(head.as_bytes()).await.ok();
        let mut answer = [0; 12];
        let is_answered = stream.read_exact(&mut answer).await.is_ok() && answer.ends_with(b"404");
        (stream, is_answered)
    };
    let mut held = Vec::new();
    for _ in 0..256 {
        let (stream, is_answered) = connect().await;
        assert!(is_answered, "connection {} is served", held.len());
        held.push(stream);
    }
    assert!(!connect().await.1, "one more is closed without a word");
    held.truncate(200);
    // The server learns of the end of one in its own time.
    let freed = async { while !connect().await.1 {} };
    tokio::time::timeout(PATIENCE, freed).await.expect("a place comes back");
}

/// Sends `head`, then a byte every 100 ms, until the server ends it. What it answered, and after how long.
async fn dripped(server: &TestServer, head: &str) -> (String, Duration) {
    let stream = TcpStream::connect(server.address).await.expect("it listens");
    let (mut read, mut write) = stream.into_split();
    let started = Instant::now();
    write.write_all(head.as_bytes()).await.expect("it reads");
    let drip = async move {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        while write.write_all(b"x").await.is_ok() {
            tick.tick().await;
        }
        std::future::pending::<()>().await
    };
    let mut answer = Vec::new();
    let ended = async {
        tokio::select! {
            _ = read.read_to_end(&mut answer) => {}
            () = drip => {}
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("it is given up");
    (String::from_utf8_lossy(&answer).into_owned(), started.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sends_a_head_or_a_body_byte_by_byte_is_given_up_and_others_go_on() {
    let server = TestServer::start(Store::Embedded).await;
    let ana = server.register("ana").await;
    let body = format!(
        "POST /api/theme HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\ncontent-type: application/json\r\n\
         content-length: 60000\r\nconnection: close\r\n\r\n{{",
        server.address,
        server.origin,
        ana.cookie_header()
    );
    let (head, body, others) =
        tokio::join!(dripped(&server, "GET / HTTP/1.1\r\nx-slow: "), dripped(&server, &body), async {
            for _ in 0..20 {
                assert_eq!(ana.post("/api/theme", &json!({ "theme": "dark" })).await.status, 200);
            }
        });
    let () = others;
    assert!((4..10).contains(&head.1.as_secs()), "a head has 5 s: {head:?}");
    assert!(!head.0.contains(" 200 "), "{head:?}");
    assert!((9..15).contains(&body.1.as_secs()), "a body has 10 s: {body:?}");
    assert!(body.0.starts_with("HTTP/1.1 400") && body.0.contains("malformed"), "{body:?}");
}

/// Says that what holds it is gone.
struct Gone(mpsc::UnboundedSender<()>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_an_answer_is_given_up() {
    let (gone, mut is_gone) = mpsc::unbounded_channel();
    let endless = move || {
        let gone = Gone(gone.clone());
        async move {
            Body::from_stream(futures_util::stream::repeat_with(move || {
                let _held = &gone;
                Ok::<_, std::io::Error>(vec![b'x'; 64 * 1024])
            }))
        }
    };
    let routes = Router::new().route("/api/test/endless", get(endless));
    let server = TestServer::start_adding(Store::Embedded, |_| {}, routes).await;
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let head = format!("GET /api/test/endless HTTP/1.1\r\nhost: {}\r\n\r\n", server.address);
    stream.write_all(head.as_bytes()).await.expect("it reads");
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.expect("it answers");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    let started = Instant::now();
    tokio::time::timeout(PATIENCE, is_gone.recv()).await.expect("it is given up");
    assert!(started.elapsed() > Duration::from_secs(5), "a short pause is no reason: {:?}", started.elapsed());
    assert_eq!(server.visitor().get("/healthz").await.status, 200);
}
