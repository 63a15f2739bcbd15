//! The request layer: what is refused, what every answer carries, and what bad input cannot do.

use crate::support::server::{Answer, Client, PASSWORD, PATIENCE, Store, TestServer};
use axum::Router;
use axum::routing::get;
use dioxus::prelude::*;
use lavender::live::SOCKET_PATH;
use lavender::server::http::cookies::{ACCESS, REFRESH};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A server function that fails in the worst way.
#[post("/api/test/panic")]
async fn panics(text: String) -> lavender::Result<()> {
    panic!("it said {text}")
}

/// A server function that fails with something that nobody may see.
#[post("/api/test/error")]
async fn fails() -> lavender::Result<()> {
    Err(lavender::server::telemetry::internal("secret cause"))
}

async fn server() -> TestServer {
    TestServer::start(Store::Embedded).await
}

/// A POST with these headers and nothing that a browser would add.
async fn post_with(client: &Client, path: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
    let request = client.request(reqwest::Method::POST, path).body(body);
    client.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await
}

/// Bytes as they are, and what comes back until the server closes.
async fn raw(server: &TestServer, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    stream.write_all(bytes).await.expect("it reads");
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.expect("it closes").ok();
    String::from_utf8_lossy(&answer).into_owned()
}

fn is_ours(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
    assert_eq!(answer.json()["request_id"].as_str(), answer.header("x-request-id"), "{answer:?}");
}

#[tokio::test]
async fn whatever_changes_something_must_come_from_our_own_page() {
    let server = server().await;
    let ana = server.register("ana").await;
    let json = ("content-type", "application/json");
    let evil =
        ["https://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1", "http://127.0.0.1.evil.example"];
    for origin in evil.map(|origin| ("origin", origin)) {
        is_ours(&post_with(&ana, "/api/theme", &[json, origin], r#"{"theme":"dark"}"#).await, 403, "cross_site");
        is_ours(&post_with(&ana, "/auth/refresh", &[json, origin], "{}").await, 403, "cross_site");
        let form = ("content-type", "application/x-www-form-urlencoded");
        is_ours(&post_with(&ana, "/auth/logout", &[form, origin], "").await, 403, "cross_site");
    }
    is_ours(&post_with(&ana, "/api/theme", &[json], r#"{"theme":"dark"}"#).await, 403, "cross_site");
    for site in ["cross-site", "same-site", "none"].map(|site| ("sec-fetch-site", site)) {
        is_ours(&post_with(&ana, "/api/theme", &[json, site], r#"{"theme":"dark"}"#).await, 403, "cross_site");
    }
    let twice = [json, ("origin", server.origin.as_str()), ("origin", "https://evil.example")];
    is_ours(&post_with(&ana, "/api/theme", &twice, r#"{"theme":"dark"}"#).await, 403, "cross_site");
    let lying = [json, ("origin", server.origin.as_str()), ("sec-fetch-site", "cross-site")];
    is_ours(&post_with(&ana, "/api/theme", &lying, r#"{"theme":"dark"}"#).await, 403, "cross_site");
    assert_eq!(ana.get("/api/start").await.status, 200, "she is still signed in");
    let old = [json, ("sec-fetch-site", "same-origin")];
    assert_eq!(post_with(&ana, "/api/theme", &old, r#"{"theme":"dark"}"#).await.status, 200, "without Origin");
    assert_eq!(ana.post("/api/theme", &json!({ "theme": "dark" })).await.status, 200, "the control passes");
}

#[tokio::test]
async fn other_sites_may_link_to_pages_but_not_ask_the_api() {
    let server = server().await;
    let ana = server.register("ana").await;
    for site in ["cross-site", "same-site"] {
        let request = |path| ana.request(reqwest::Method::GET, path).header("sec-fetch-site", site);
        is_ours(&ana.send(request("/api/start")).await, 403, "cross_site");
        assert_eq!(ana.send(request("/").header("accept", "text/html")).await.status, 200);
    }
}

#[tokio::test]
async fn the_socket_wants_our_origin_before_anything_else() {
    let server = server().await;
    let ana = server.register("ana").await;
    let upgrade = |origin: Option<&str>| {
        let request = ana.request(reqwest::Method::GET, SOCKET_PATH);
        let request = request.header("connection", "upgrade").header("upgrade", "websocket");
        let request =
            request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        }
    };
    is_ours(&ana.send(upgrade(None)).await, 403, "cross_site");
    for origin in ["null", "https://evil.example", "http://127.0.0.1:1", "https://127.0.0.1"] {
        is_ours(&ana.send(upgrade(Some(origin))).await, 403, "cross_site");
    }
    let response = upgrade(Some(&server.origin)).send().await.expect("an answer");
    assert_eq!(response.status(), 101, "the control is upgraded");
    let visitor = server.visitor();
    ana.set_cookie(ACCESS, None);
    is_ours(&visitor.send(upgrade(Some(&server.origin))).await, 401, "unauthenticated");
}

#[tokio::test]
async fn each_route_takes_its_own_content_type_only() {
    let server = server().await;
    let ana = server.register("ana").await;
    let origin = ("origin", server.origin.as_str());
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx", ""]
    {
        let answer = post_with(&ana, "/api/theme", &[origin, ("content-type", kind)], r#"{"theme":"dark"}"#).await;
        is_ours(&answer, 415, "unsupported");
    }
    is_ours(&post_with(&ana, "/api/theme", &[origin], r#"{"theme":"dark"}"#).await, 415, "unsupported");
    for kind in ["text/plain", "application/json"] {
        let answer = post_with(&ana, "/auth/login", &[origin, ("content-type", kind)], "login=ana&password=x").await;
        is_ours(&answer, 415, "unsupported");
    }
    let coded = [origin, ("content-type", "application/json"), ("content-encoding", "gzip")];
    is_ours(&post_with(&ana, "/api/theme", &coded, r#"{"theme":"dark"}"#).await, 415, "unsupported");
    let utf8 = [origin, ("content-type", "application/json; charset=utf-8")];
    assert_eq!(post_with(&ana, "/api/theme", &utf8, r#"{"theme":"dark"}"#).await.status, 200, "the control passes");
}

#[tokio::test]
async fn bodies_that_are_no_good_get_a_code_and_the_server_goes_on() {
    let server = server().await;
    let ana = server.register("ana").await;
    let headers = [("origin", server.origin.as_str()), ("content-type", "application/json")];
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"x\"",
        "{\"theme\":",
        "{\"theme\":\"dark\"} x",
        "{\"theme\":5}",
        "{\"theme\":\"purple\"}",
        "{\"theme\":{\"$ne\":null}}",
        "{\"theme\":[\"dark\"]}",
        "{\"other\":1}",
        "\u{feff}{\"theme\":\"dark\"}",
        deep.as_str(),
    ] {
        is_ours(&post_with(&ana, "/api/theme", &headers, body.to_owned()).await, 400, "malformed");
    }
    is_ours(&post_with(&ana, "/api/theme", &headers, vec![0xff, 0xfe, b'{']).await, 400, "malformed");
    for path in ["/api/rooms/x/messages", "/api/rooms/0190/messages?limit=x", "/api/people"] {
        is_ours(&ana.get(path).await, 400, "malformed");
    }
    let large = format!("{{\"theme\":\"{}\"}}", "x".repeat(65_536));
    let answer = post_with(&ana, "/api/theme", &headers, large.clone()).await;
    is_ours(&answer, 413, "too_large");
    assert_eq!(answer.json()["data"]["limit_bytes"], 65_536);
    let chunks = futures_util::stream::iter(large.into_bytes().chunks(1_000).map(<[u8]>::to_vec).collect::<Vec<_>>());
    let chunked = reqwest::Body::wrap_stream(futures_util::StreamExt::map(chunks, Ok::<_, std::io::Error>));
    is_ours(&post_with(&ana, "/api/theme", &headers, chunked).await, 411, "malformed");
    let form = [("origin", server.origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    is_ours(&post_with(&ana, "/auth/login", &form, "x".repeat(16_385)).await, 413, "too_large");
    assert_eq!(ana.post("/api/theme", &json!({ "theme": "dark" })).await.status, 200, "the control passes");
}

#[tokio::test]
async fn a_body_that_is_cut_off_disturbs_nobody() {
    let server = server().await;
    let ana = server.register("ana").await;
    let head = format!(
        "POST /api/theme HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"theme\":",
        server.address,
        server.origin,
        ana.cookie_header()
    );
    for _ in 0..20 {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        stream.write_all(head.as_bytes()).await.expect("it reads");
    }
    assert_eq!(ana.post("/api/theme", &json!({ "theme": "dark" })).await.status, 200);
}

#[tokio::test]
async fn a_panic_is_answered_with_an_incident_and_the_process_lives() {
    let boom = Router::new().route("/api/test/boom", get(|| async { std::panic::panic_any("secret text") as () }));
    let server = TestServer::start_adding(Store::Embedded, |_| {}, boom).await;
    let ana = server.register("ana").await;
    for answer in [
        ana.get("/api/test/boom").await,
        ana.post("/api/test/panic", &json!({ "text": "secret text" })).await,
        ana.post("/api/test/error", &json!({})).await,
    ] {
        is_ours(&answer, 500, "internal");
        assert!(answer.json()["data"]["incident"].as_str().is_some_and(|incident| incident.len() == 8), "{answer:?}");
        assert!(!answer.body.contains("secret") && !answer.body.contains("panic"), "{answer:?}");
        assert!(answer.header("content-security-policy").is_some(), "also dressed: {answer:?}");
    }
    assert_eq!(ana.get("/api/start").await.status, 200);
}

#[tokio::test]
async fn people_see_a_page_in_their_colours_and_programs_a_code() {
    let boom = Router::new().route("/boom", get(|| async { std::panic::panic_any("secret text") as () }));
    let server = TestServer::start_adding(Store::Embedded, |_| {}, boom).await;
    let ana = server.register("ana").await;
    ana.post("/api/theme", &json!({ "theme": "dark" })).await;
    let form = [("origin", server.origin.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    let large = post_with(&ana, "/auth/login", &[form[0], form[1], ("accept", "text/html")], "x".repeat(16_385)).await;
    let elsewhere = ana.request(reqwest::Method::GET, "/").header("accept", "text/html").header("host", "evil.example");
    for (answer, status, title) in [
        (ana.open("/nope.html").await, 404, "Not found"),
        (ana.open("/boom").await, 500, "Something went wrong"),
        (large, 413, "Too large"),
        (ana.send(elsewhere).await, 421, "Another address"),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{answer:?}");
        assert!(answer.body.contains("<h1 class=\"font-display") && answer.body.contains(title), "{answer:?}");
        assert!(answer.body.starts_with("<!doctype html><html data-theme=\"dark\" lang=\"en\">"), "{answer:?}");
        assert!(
            answer.body.contains("<link rel=\"stylesheet\" href=\"/") && answer.body.contains("tailwind"),
            "{answer:?}"
        );
        let id = answer.header("x-request-id").expect("named");
        assert!(status == 500 || answer.body.contains(id), "{answer:?}");
        assert!(!answer.body.contains("<script") && !answer.body.contains("secret"), "{answer:?}");
        assert!(answer.header("content-security-policy").is_some_and(|policy| !policy.contains("sha256-")));
    }
    is_ours(&ana.get("/nope.html").await, 404, "not_found");
    is_ours(&ana.get("/boom").await, 500, "internal");
    is_ours(&post_with(&ana, "/auth/login", &form, "x".repeat(16_385)).await, 413, "too_large");
}

#[tokio::test]
async fn unknown_addresses_and_methods_have_the_one_shape() {
    let server = server().await;
    let ana = server.register("ana").await;
    for path in ["/api/nope", "/api/", "/auth/nope", "/assets/nope.js", "/favicon.ico", "/.git/config", "/.env"] {
        is_ours(&ana.get(path).await, 404, "not_found");
    }
    let page = ana.open("/nope.html").await;
    assert_eq!(page.status, 404);
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")), "{page:?}");
    is_ours(&ana.get("/api/theme").await, 405, "malformed");
    is_ours(&ana.get("/auth/login").await, 405, "malformed");
    for method in [reqwest::Method::OPTIONS, reqwest::Method::TRACE] {
        is_ours(&ana.send(ana.request(method, "/api/start")).await, 405, "malformed");
    }
    let put = ana.request(reqwest::Method::PUT, "/api/theme").header("origin", &server.origin);
    is_ours(&ana.send(put.header("content-type", "application/json").body("{}")).await, 405, "malformed");
}

#[tokio::test]
async fn every_answer_is_dressed() {
    let server = server().await;
    let ana = server.register("ana").await;
    let answers = [
        ana.open("/").await,
        ana.open("/login").await,
        ana.open("/shell").await,
        ana.get("/api/start").await,
        ana.get("/api/nope").await,
        ana.get("/assets/nope.js").await,
        ana.get("/healthz").await,
        ana.post("/auth/refresh", &json!({})).await,
        ana.submit("/auth/login", &[("login", "ana"), ("password", PASSWORD)]).await,
        server.visitor().open("/").await,
    ];
    for answer in answers {
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("a policy: {answer:?}"));
        assert!(policy.starts_with("default-src 'none'; ") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("'unsafe-eval'") && !policy.contains("script-src 'self' 'unsafe-inline'"), "{policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("permissions-policy", "camera=(), microphone=(self), geolocation=(), payment=()"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{answer:?}");
        }
        assert!(answer.header("cache-control").is_some_and(|value| value.starts_with("no-")), "{answer:?}");
        assert!(answer.header("server").is_none() && answer.header("strict-transport-security").is_none());
    }
}

#[tokio::test]
async fn https_is_remembered() {
    let server =
        TestServer::start_with(Store::Embedded, |config| config.set_origin("https://chat.example.org".into())).await;
    let request = server.visitor().request(reqwest::Method::GET, "/login").header("host", "chat.example.org");
    let answer = server.visitor().send(request).await;
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=63072000; includeSubDomains"));
}

#[tokio::test]
async fn a_page_allows_its_own_inline_scripts_by_hash() {
    use base64::Engine;
    use sha2::{Digest, Sha256};
    let server = server().await;
    let page = server.visitor().open("/login").await;
    let policy = page.header("content-security-policy").expect("a policy");
    let scripts: Vec<&str> =
        page.body.split("<script>").skip(1).filter_map(|rest| rest.split("</script>").next()).collect();
    assert!(scripts.len() >= 2, "Dioxus writes two at least");
    for script in scripts {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(script));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{script}");
    }
}

#[tokio::test]
async fn another_host_is_refused_but_not_to_probes() {
    let server = server().await;
    let visitor = server.visitor();
    for host in ["evil.example", "localhost", "127.0.0.1", ""] {
        let request = visitor.request(reqwest::Method::GET, "/api/start").header("host", host);
        is_ours(&visitor.send(request).await, 421, "malformed");
    }
    for path in ["/healthz", "/readyz"] {
        let answer = visitor.send(visitor.request(reqwest::Method::GET, path).header("host", "10.1.2.3:8080")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let port = server.address.port();
    let local = visitor.request(reqwest::Method::GET, "/api/start").header("host", format!("localhost:{port}"));
    assert_eq!(visitor.send(local).await.status, 200, "another name of this machine");
    assert!(raw(&server, b"GET /api/start HTTP/1.1\r\nconnection: close\r\n\r\n").await.starts_with("HTTP/1.1 421"));
}

#[tokio::test]
async fn heads_are_bounded_and_ambiguous_ones_refused() {
    let server = server().await;
    let host = format!("host: {}\r\nconnection: close\r\n", server.address);
    let get = |extra: &str| format!("GET /api/start HTTP/1.1\r\n{host}{extra}\r\n");
    assert!(raw(&server, get("").as_bytes()).await.starts_with("HTTP/1.1 200"), "the control passes");
    let many: String = (0..80).map(|index| format!("x-{index}: y\r\n")).collect();
    assert!(raw(&server, get(&many).as_bytes()).await.starts_with("HTTP/1.1 431"));
    let large = format!("x: {}\r\n", "y".repeat(20_000));
    assert!(raw(&server, get(&large).as_bytes()).await.starts_with("HTTP/1.1 431"));
    let long = format!("GET /{} HTTP/1.1\r\n{host}\r\n", "x".repeat(5_000));
    assert!(raw(&server, long.as_bytes()).await.starts_with("HTTP/1.1 414"));
    let post = |extra: &str, body: &str| {
        let origin = &server.origin;
        format!(
            "POST /api/theme HTTP/1.1\r\n{host}origin: {origin}\r\ncontent-type: application/json\r\n{extra}\r\n{body}"
        )
    };
    let body = r#"{"theme":"dark"}"#;
    let control = raw(&server, post("content-length: 16\r\n", body).as_bytes()).await;
    assert!(control.starts_with("HTTP/1.1 200"), "the control passes: {control}");
    for ambiguous in [
        post("content-length: 16\r\ntransfer-encoding: chunked\r\n", "10\r\n{\"theme\":\"dark\"}\r\n0\r\n\r\n"),
        post("content-length: 16\r\ncontent-length: 17\r\n", body),
        post("content-length: +16\r\n", body),
        post("transfer-encoding: gzip\r\n", body),
    ] {
        let answer = raw(&server, ambiguous.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4") && !answer.contains("HTTP/1.1 200"), "{ambiguous}: {answer}");
    }
    let nonsense = raw(&server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await;
    assert!(nonsense.is_empty() || nonsense.starts_with("HTTP/1.1 400"), "{nonsense}");
}

#[tokio::test]
async fn a_head_that_never_ends_is_given_up() {
    let server = server().await;
    let started = Instant::now();
    let answer = raw(&server, b"GET / HTTP/1.1\r\nx: ").await;
    let took = started.elapsed();
    assert!(took > Duration::from_secs(3) && took < Duration::from_secs(10), "{took:?} {answer}");
}

#[tokio::test]
async fn one_address_gets_so_many_requests_and_a_forged_header_changes_nothing() {
    let server = TestServer::start_with(Store::Embedded, |config| config.limit_scale = 1).await;
    let visitor = server.visitor();
    let mut refused = None;
    for index in 0..200 {
        let request = visitor.request(reqwest::Method::GET, "/api/start");
        let answer = visitor.send(request.header("x-forwarded-for", format!("192.0.2.{index}"))).await;
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("the burst is over at some time");
    is_ours(&refused, 429, "rate_limited");
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    for file in ["/assets/nope.js", "/fonts/nope.woff2"] {
        assert_eq!(visitor.get(file).await.status, 404, "files are free: {file}");
    }
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_person_has_their_own_share() {
    let server = TestServer::start_with(Store::Embedded, |config| {
        config.limit_scale = 1;
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let visitor = server.visitor();
    let ask = async |address: &str| {
        let request = visitor.request(reqwest::Method::GET, "/api/start").header("x-forwarded-for", address);
        visitor.send(request).await.status
    };
    let mut asked = 0;
    while ask("203.0.113.9, 192.0.2.1").await == 200 {
        asked += 1;
        assert!(asked < 200, "the burst is over at some time");
    }
    assert_eq!(ask("203.0.113.10, 192.0.2.1").await, 429, "what the client puts in front does not count");
    assert_eq!(ask("192.0.2.2").await, 200, "somebody else");
}

#[tokio::test]
async fn pages_and_answers_are_compressed() {
    let server = server().await;
    let visitor = server.visitor();
    let ask = |path| {
        visitor.request(reqwest::Method::GET, path).header("accept", "text/html").header("accept-encoding", "gzip")
    };
    let page = ask("/login").send().await.expect("an answer");
    assert_eq!(page.headers().get("content-encoding").map(|value| value.as_bytes()), Some(&b"gzip"[..]));
    assert!(
        page.headers()
            .get("content-security-policy")
            .is_some_and(|policy| policy.as_bytes().windows(7).any(|w| w == b"sha256-"))
    );
    let small = ask("/healthz").send().await.expect("an answer");
    assert!(small.headers().get("content-encoding").is_none());
}

#[tokio::test]
async fn a_form_post_to_a_server_function_is_not_sent_elsewhere() {
    let server = server().await;
    let ana = server.register("ana").await;
    let origin = ("origin", server.origin.as_str());
    let headers =
        [origin, ("content-type", "application/json"), ("accept", "text/html"), ("referer", "https://evil.example/")];
    let answer = post_with(&ana, "/api/theme", &headers, r#"{"theme":"dark"}"#).await;
    assert_eq!((answer.status, answer.location()), (200, None), "{answer:?}");
    let request = ana.request(reqwest::Method::GET, "/api/start").header("accept", "text/html");
    let answer = ana.send(request.header("referer", "https://evil.example/")).await;
    assert_eq!((answer.status, answer.location()), (200, None), "{answer:?}");
}

#[tokio::test]
async fn shutting_down_answers_what_is_in_flight_and_takes_no_more() {
    let (entered, mut inside) = tokio::sync::mpsc::channel::<()>(1);
    let (go, gate) = tokio::sync::watch::channel(false);
    let slow = Router::new().route(
        "/api/test/slow",
        get(move || {
            let (entered, mut gate) = (entered.clone(), gate.clone());
            async move {
                entered.send(()).await.expect("the test waits");
                gate.wait_for(|open| *open).await.expect("it opens");
                "done"
            }
        }),
    );
    let mut server = TestServer::start_adding(Store::Embedded, |_| {}, slow).await;
    let client = server.visitor();
    let asked = tokio::spawn(async move { client.get("/api/test/slow").await });
    inside.recv().await.expect("the request is inside");
    let app = server.app.clone();
    let address = server.address;
    let going = tokio::spawn(async move { server.shut_down().await });
    while !app.draining.load(std::sync::atomic::Ordering::Relaxed) {
        tokio::task::yield_now().await;
    }
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go.send(true).expect("it waits");
    let answer = asked.await.expect("no panic");
    assert_eq!((answer.status, answer.body.as_str()), (200, "done"));
    going.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_sign_ins_keeps_nobody_else_waiting() {
    let server = server().await;
    server.register("ana").await;
    let flood = futures_util::future::join_all((0..100).map(|_| {
        let client = server.visitor();
        tokio::spawn(async move { client.login("ana", "wrong password 123").await.status })
    }));
    let flood = tokio::spawn(flood);
    let visitor = server.visitor();
    let mut waits = Vec::new();
    while !flood.is_finished() {
        let started = Instant::now();
        assert_eq!(visitor.get("/healthz").await.status, 200);
        waits.push(started.elapsed());
    }
    waits.sort();
    let late = waits[waits.len() * 95 / 100];
    assert!(late < Duration::from_millis(500), "95 % of {} within {late:?}", waits.len());
    assert!(flood.await.expect("no panic").into_iter().all(|status| matches!(status, Ok(303))));
}

#[tokio::test]
async fn secrets_are_in_cookies_only() {
    let server = server().await;
    let ana = server.register("ana").await;
    let cookies = || [ACCESS, REFRESH].map(|name| ana.cookie(name).expect("a token"));
    let mut secrets = Vec::from(cookies());
    let mut answers = vec![ana.open("/").await, ana.get("/api/start").await];
    // The next pair, in the answer that brings it and in those after it.
    answers.push(ana.post("/auth/refresh", &json!({})).await);
    assert_ne!(ana.cookie(REFRESH).as_ref(), secrets.last(), "it is another one");
    secrets.extend(cookies());
    answers.extend([ana.open("/").await, ana.get("/api/start").await, ana.open("/nope.html").await]);
    // A page that was painted by the refresh token makes an access token of its own.
    ana.set_cookie(ACCESS, None);
    answers.push(ana.open("/").await);
    secrets.extend(cookies());
    answers.push(ana.submit("/auth/login", &[("login", "ana"), ("password", PASSWORD)]).await);
    secrets.extend(cookies());
    for answer in &answers {
        let told = secrets.iter().find(|secret| answer.body.contains(*secret));
        assert!(told.is_none(), "{answer:?}");
        let headers = answer.headers.iter().filter(|(name, _)| *name != "set-cookie");
        let headers = headers.filter_map(|(_, value)| value.to_str().ok()).collect::<Vec<_>>().join("\n");
        assert!(!secrets.iter().any(|secret| headers.contains(secret)), "{answer:?}");
    }
    assert!(answers.iter().any(|answer| answer.body.contains("ana")), "the pages are hers");
}
