//! The fetcher against sites that mean no good, over real sockets.

mod site;

use super::*;
use flate2::write::GzEncoder;
use site::{Act, Names, Site, ok, redirect};
use std::io::Write;
use std::time::Instant;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const WISH: Wish = Wish {
    accept: "text/html",
    types: &["text/html"],
    body_max_bytes: 64 * 1024,
    overlong: Overlong::Refuse,
    deadline: Duration::from_secs(30),
};
const HASTE: Wish = Wish { deadline: Duration::from_millis(300), ..WISH };
const CUT: Wish = Wish { overlong: Overlong::Cut, ..WISH };

/// A fetcher that may reach these sites, and the names it knows.
fn outbound(sites: &[&Site]) -> (Outbound, Names) {
    let names = Names::default();
    let exceptions = sites.iter().map(|site| site.address).collect();
    let reach = Reach { denied: Vec::new(), exceptions };
    (Outbound::with(reach, Box::new(names.clone()), RootCertStore::empty()), names)
}

async fn get(outbound: &Outbound, url: &str, wish: &Wish) -> Result<Fetched> {
    outbound.get(&Url::parse(url).expect("a url"), wish).await
}

/// What a site that answers everything with `script` gives.
async fn from_site(script: impl Fn(&str) -> Act + Send + Sync + 'static, wish: &Wish) -> Result<Fetched> {
    let site = Site::start(script).await;
    let (outbound, names) = outbound(&[&site]);
    names.learn("site.test", &["127.0.0.1"]);
    get(&outbound, &site.url("site.test", "/"), wish).await
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn packed(body: &[u8]) -> Act {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    Act::Say([head.as_bytes(), body].concat())
}

const OPEN_END: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n";

#[tokio::test]
async fn a_page_is_fetched_and_nothing_is_told_to_it() {
    let site = Site::start(|_| ok("text/html; charset=utf-8", "hello")).await;
    let (outbound, names) = outbound(&[&site]);
    names.learn("site.test", &["127.0.0.1"]);
    let url = site.url("site.test", "/a?b=c#d");
    let fetched = get(&outbound, &url, &WISH).await.expect("a page");
    assert_eq!((fetched.body.as_slice(), fetched.content_type.as_str()), (&b"hello"[..], "text/html; charset=utf-8"));
    let head = site.heads().remove(0).to_lowercase();
    assert!(head.starts_with("get /a?b=c http/1.1\r\n"), "{head}");
    for line in head.lines().skip(1).filter(|line| !line.is_empty()) {
        let name = line.split(':').next().unwrap_or_default();
        assert!(["host", "user-agent", "accept", "accept-encoding", "connection"].contains(&name), "{line}");
    }
}

#[tokio::test]
async fn what_is_not_public_is_never_connected_to() {
    let site = Site::start(|_| ok("text/html", "secret")).await;
    let outbound = Outbound::with(Reach::default(), Box::new(Names::default()), RootCertStore::empty());
    assert_eq!(get(&outbound, &site.url("127.0.0.1", "/"), &WISH).await.expect_err("refused"), Failure::Address);
    for ip in
        ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1", "0.0.0.0"]
    {
        let names = Names::default();
        names.learn("inside.test", &[ip]);
        let outbound = Outbound::with(Reach::default(), Box::new(names.clone()), RootCertStore::empty());
        let failure = get(&outbound, "http://inside.test/", &WISH).await.expect_err("refused");
        assert_eq!(failure, Failure::NotPublic, "{ip}");
        assert_eq!(names.asked("inside.test"), 1);
    }
    assert!(site.heads().is_empty());
}

#[tokio::test]
async fn one_private_address_among_public_ones_refuses_the_name() {
    let names = Names::default();
    names.learn("mixed.test", &["8.8.8.8", "10.0.0.1"]);
    names.learn("none.test", &[]);
    let outbound = Outbound::with(Reach::default(), Box::new(names), RootCertStore::empty());
    assert_eq!(get(&outbound, "http://mixed.test/", &WISH).await.expect_err("refused"), Failure::NotPublic);
    assert_eq!(get(&outbound, "http://none.test/", &WISH).await.expect_err("refused"), Failure::Unresolved);
    assert_eq!(get(&outbound, "http://unknown.test/", &WISH).await.expect_err("refused"), Failure::Unresolved);
}

#[tokio::test]
async fn networks_of_the_operator_are_refused_like_private_ones() {
    let reach = Reach { denied: vec!["8.8.8.0/24".parse().expect("a network")], exceptions: Vec::new() };
    let outbound = Outbound::with(reach, Box::new(Names::default()), RootCertStore::empty());
    assert_eq!(get(&outbound, "https://8.8.8.8/", &WISH).await.expect_err("refused"), Failure::NotPublic);
}

#[tokio::test]
async fn the_connection_goes_to_the_checked_address_whatever_the_name_says_next() {
    let public = Site::start(|_| ok("text/html", "public")).await;
    // The same port on another address of this machine: where the second answer would lead.
    let inner = SocketAddr::new("127.0.0.2".parse().expect("an address"), public.address.port());
    let inner = Site::serve(inner, None, |_| ok("text/html", "private")).await;
    let (outbound, names) = outbound(&[&public]);
    names.learn("rebind.test", &["127.0.0.1"]);
    names.learn("rebind.test", &["127.0.0.2"]);
    let url = public.url("rebind.test", "/");
    assert_eq!(get(&outbound, &url, &WISH).await.expect("the first answer").body, b"public");
    assert_eq!(names.asked("rebind.test"), 1, "looked up once");
    assert_eq!(get(&outbound, &url, &WISH).await.expect_err("the second answer"), Failure::NotPublic);
    assert!(inner.heads().is_empty());
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_address() {
    let inner = Site::start(|_| ok("text/html", "private")).await;
    let port = inner.address.port();
    let locations = [
        (format!("http://127.0.0.1:{port}/"), Failure::Address),
        ("http://127.0.0.1/".into(), Failure::NotPublic),
        ("http://2130706433/".into(), Failure::NotPublic),
        ("http://[::ffff:127.0.0.1]/".into(), Failure::NotPublic),
        ("http://169.254.169.254/latest/meta-data/".into(), Failure::NotPublic),
        ("http://inside.test/".into(), Failure::NotPublic),
        ("//inside.test:80/".into(), Failure::NotPublic),
        ("http://user:password@site.test/".into(), Failure::Address),
        ("http://site.test:22/".into(), Failure::Address),
        ("file:///etc/passwd".into(), Failure::Address),
        ("http://[".into(), Failure::Address),
    ];
    for (location, failure) in locations {
        let target = location.clone();
        let site = Site::start(move |_| redirect(&target)).await;
        let (outbound, names) = outbound(&[&site]);
        names.learn("site.test", &["127.0.0.1"]);
        names.learn("inside.test", &["192.168.0.1"]);
        let found = get(&outbound, &site.url("site.test", "/"), &WISH).await.expect_err(&location);
        assert_eq!(found, failure, "{location}");
    }
    assert!(inner.heads().is_empty());
}

#[tokio::test]
async fn a_name_is_looked_up_again_for_each_redirect() {
    let site = Site::start(|path| if path == "/" { redirect("/next") } else { ok("text/html", "there") }).await;
    let (outbound, names) = outbound(&[&site]);
    names.learn("site.test", &["127.0.0.1"]);
    names.learn("site.test", &["127.0.0.9"]);
    assert_eq!(get(&outbound, &site.url("site.test", "/"), &WISH).await.expect_err("refused"), Failure::NotPublic);
    assert_eq!(site.paths(), ["/"]);
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_fourth() {
    let site = Site::start(|path| match path.trim_start_matches('/').parse::<u32>() {
        Ok(0) => ok("text/html", "there"),
        Ok(more) => redirect(&format!("/{}", more - 1)),
        Err(_) => redirect("/loop"),
    })
    .await;
    let (outbound, names) = outbound(&[&site]);
    names.learn("site.test", &["127.0.0.1"]);
    let fetched = get(&outbound, &site.url("site.test", "/3"), &WISH).await.expect("three");
    assert_eq!((fetched.body.as_slice(), fetched.url.path()), (&b"there"[..], "/0"));
    assert_eq!(get(&outbound, &site.url("site.test", "/4"), &WISH).await.expect_err("four"), Failure::Redirects);
    let before = site.heads().len();
    assert_eq!(get(&outbound, &site.url("site.test", "/loop"), &WISH).await.expect_err("a loop"), Failure::Redirects);
    assert_eq!(site.heads().len() - before, 4);
}

#[tokio::test]
async fn a_site_that_dawdles_is_left() {
    let byte = |_: &str| Act::Repeat(OPEN_END.to_vec(), b"a".to_vec(), Duration::from_millis(10));
    let head = |_: &str| Act::Repeat(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x: y\r\n".to_vec(), Duration::from_millis(20));
    let started = Instant::now();
    assert_eq!(from_site(byte, &HASTE).await.expect_err("a drip"), Failure::Slow);
    assert_eq!(from_site(head, &HASTE).await.expect_err("a dripping head"), Failure::Slow);
    assert_eq!(from_site(|_| Act::Hang(OPEN_END.to_vec()), &HASTE).await.expect_err("silence"), Failure::Slow);
    assert_eq!(from_site(|_| Act::Hang(Vec::new()), &HASTE).await.expect_err("silence at once"), Failure::Slow);
    // Not counted anew for each step.
    let slow = |path: &str| if path.len() < 4 { redirect(&format!("{path}a")) } else { Act::Hang(Vec::new()) };
    assert_eq!(from_site(slow, &HASTE).await.expect_err("slow after redirects"), Failure::Slow);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_body_without_end_is_cut_or_refused() {
    let endless = |_: &str| Act::Repeat(OPEN_END.to_vec(), vec![b'a'; 4096], Duration::ZERO);
    assert_eq!(from_site(endless, &WISH).await.expect_err("too large"), Failure::TooLarge);
    assert_eq!(from_site(endless, &CUT).await.expect("the beginning").body, vec![b'a'; 64 * 1024]);
    let announced = |_: &str| {
        Act::Hang(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 99999999999\r\n\r\n".to_vec())
    };
    assert_eq!(from_site(announced, &WISH).await.expect_err("too large"), Failure::TooLarge);
    let exact = |_: &str| ok("text/html", vec![b'a'; 64 * 1024]);
    assert_eq!(from_site(exact, &WISH).await.expect("just fits").body.len(), 64 * 1024);
}

#[tokio::test]
async fn a_bomb_unpacks_to_no_more_than_wished() {
    let bomb = gzip(&vec![b'a'; 50 << 20]);
    assert!(bomb.len() < 64 * 1024, "{} bytes are below the limit while packed", bomb.len());
    let twin = bomb.clone();
    assert_eq!(from_site(move |_| packed(&bomb), &WISH).await.expect_err("too large"), Failure::TooLarge);
    assert_eq!(from_site(move |_| packed(&twin), &CUT).await.expect("the beginning").body, vec![b'a'; 64 * 1024]);
    let page = from_site(|_| packed(&gzip(b"hello")), &WISH).await.expect("a packed page");
    assert_eq!(page.body, b"hello");
}

#[tokio::test]
async fn packed_bytes_that_unpack_to_nothing_end_too() {
    // Deflate blocks of no bytes, none the last.
    let head =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: gzip\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\xff";
    let endless = |_: &str| Act::Repeat(head.to_vec(), b"\0\0\0\xff\xff".repeat(1000), Duration::ZERO);
    assert_eq!(from_site(endless, &WISH).await.expect_err("too large"), Failure::TooLarge);
    assert!(from_site(endless, &CUT).await.expect("nothing of it").body.is_empty());
}

#[tokio::test]
async fn what_is_packed_wrongly_is_refused() {
    let broken = gzip(&[b'a'; 1000]);
    let cut = broken[..broken.len() - 12].to_vec();
    assert_eq!(from_site(move |_| packed(&cut), &WISH).await.expect_err("breaks off"), Failure::Malformed);
    assert_eq!(from_site(|_| packed(b"not gzip at all"), &WISH).await.expect_err("not gzip"), Failure::Malformed);
    for coding in ["br", "gzip, gzip", "zstd", "deflate"] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-encoding: {coding}\r\n\r\nhello");
        let failure = from_site(move |_| Act::Say(head.clone().into_bytes()), &WISH).await.expect_err(coding);
        assert_eq!(failure, Failure::Malformed, "{coding}");
    }
}

#[tokio::test]
async fn only_the_wished_types_are_taken() {
    for kind in ["text/plain", "application/json", "image/svg+xml", "text/htmlx", "application/octet-stream", ""] {
        assert_eq!(from_site(move |_| ok(kind, "hello"), &WISH).await.expect_err(kind), Failure::Type, "{kind}");
    }
    let none = |_: &str| Act::Say(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".to_vec());
    assert_eq!(from_site(none, &WISH).await.expect_err("no type"), Failure::Type);
    let two = |_: &str| {
        Act::Say(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-type: image/png\r\n\r\nhello".to_vec())
    };
    assert_eq!(from_site(two, &WISH).await.expect_err("two types"), Failure::Malformed);
    assert!(from_site(|_| ok("Text/HTML ; charset=x", "hello"), &WISH).await.is_ok());
}

#[tokio::test]
async fn heads_are_bounded_and_other_statuses_are_no_page() {
    let large = |_: &str| {
        Act::Say(
            format!("HTTP/1.1 200 OK\r\nx: {}\r\ncontent-type: text/html\r\n\r\nhello", "a".repeat(100_000))
                .into_bytes(),
        )
    };
    assert_eq!(from_site(large, &WISH).await.expect_err("a large head"), Failure::Malformed);
    let many = |_: &str| {
        let lines: String = (0..100).map(|index| format!("x{index}: y\r\n")).collect();
        Act::Say(format!("HTTP/1.1 200 OK\r\n{lines}content-type: text/html\r\n\r\nhello").into_bytes())
    };
    assert_eq!(from_site(many, &WISH).await.expect_err("many fields"), Failure::Malformed);
    let endless = |_: &str| Act::Repeat(b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'a'; 4096], Duration::ZERO);
    assert_eq!(from_site(endless, &WISH).await.expect_err("a head without end"), Failure::Malformed);
    assert_eq!(
        from_site(|_| Act::Say(b"SSH-2.0-x\r\n".to_vec()), &WISH).await.expect_err("not HTTP"),
        Failure::Malformed
    );
    assert_eq!(from_site(|_| Act::Say(Vec::new()), &WISH).await.expect_err("nothing"), Failure::Malformed);
    for status in [204_u16, 206, 304, 401, 404, 500] {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n");
        let failure = from_site(move |_| Act::Say(head.clone().into_bytes()), &WISH).await.expect_err("no page");
        assert_eq!(failure, Failure::Status(status));
    }
}

#[tokio::test]
async fn nobody_listening_is_said() {
    let site = Site::start(|_| ok("text/html", "")).await;
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let reach = Reach { denied: Vec::new(), exceptions: vec![site.address, closed] };
    let outbound = Outbound::with(reach, Box::new(Names::default()), RootCertStore::empty());
    let failure = get(&outbound, &format!("http://{closed}/"), &WISH).await.expect_err("closed");
    assert_eq!(failure, Failure::Unreachable);
}

/// A site on https under `site.test`, and the certificate it shows.
async fn secure_site(script: impl Fn(&str) -> Act + Send + Sync + 'static) -> (Site, RootCertStore) {
    let made = rcgen::generate_simple_self_signed(["site.test".to_owned()]).expect("a certificate");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a good certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("both versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate and its key");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    (Site::serve("127.0.0.1:0".parse().expect("an address"), Some(acceptor), script).await, roots)
}

#[tokio::test]
async fn https_is_verified_and_never_left() {
    let plain = Site::start(|_| ok("text/html", "plain")).await;
    let down = plain.url("site.test", "/");
    let (site, roots) =
        secure_site(move |path| if path == "/down" { redirect(&down) } else { ok("text/html", "secure") }).await;
    let names = Names::default();
    names.learn("site.test", &["127.0.0.1"]);
    names.learn("other.test", &["127.0.0.1"]);
    let reach = Reach { denied: Vec::new(), exceptions: vec![site.address, plain.address] };
    let trusting = Outbound::with(reach.clone(), Box::new(names.clone()), roots);
    let port = site.address.port();
    let url = format!("https://site.test:{port}/");
    assert_eq!(get(&trusting, &url, &WISH).await.expect("a page").body, b"secure");
    let failure = get(&trusting, &format!("https://other.test:{port}/"), &WISH).await.expect_err("another name");
    assert_eq!(failure, Failure::Insecure);
    let failure = get(&trusting, &format!("https://site.test:{port}/down"), &WISH).await.expect_err("a way down");
    assert_eq!(failure, Failure::Insecure);
    assert!(plain.heads().is_empty());
    let strict = Outbound::with(reach, Box::new(names), RootCertStore::empty());
    assert_eq!(get(&strict, &url, &WISH).await.expect_err("an unknown authority"), Failure::Insecure);
}
