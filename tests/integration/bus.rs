//! Two processes of one MongoDB that tell each other by Redis, and what becomes of that when Redis is slow, gone, empty or lies.

use crate::support::client::Client;
use crate::support::redis::{self as other, PASSWORD, Redis};
use crate::support::server::{Store, has_mongodb};
use crate::support::stage::{PATIENCE, Person, Stage, texts};
use base64::Engine;
use futures_util::StreamExt;
use lavender::Error;
use lavender::id::RoomId;
use lavender::live::{Command, LiveEvent, LogoutReason, ServerFrame, close};
use lavender::model::Presence;
use lavender::server::bus;
use lavender::server::limits::Rule;
use lavender::server::service::{accounts, groups, people, requests};
use lavender::time::Timestamp;
use redis::AsyncCommands;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// A process that hears nothing looks every 15 seconds. What comes within this time was heard, and not found.
const HEARD: Duration = Duration::from_secs(8);

struct Two {
    redis: Redis,
    here: Stage,
    there: Stage,
}

/// Two processes that hear each other; `None`, and it says so, where there is no MongoDB or no Redis.
async fn two(limit_scale: u32) -> Option<Two> {
    if !has_mongodb() {
        return None;
    }
    let redis = Redis::start().await?;
    let here = Stage::start_with(Store::MongoDb, |config| {
        config.redis = Some(redis.settings());
        config.limit_scale = limit_scale;
    })
    .await;
    let there = here.beside().await;
    for stage in [&here, &there] {
        until(|| stage.app.hub.bus().is_up()).await;
    }
    Some(Two { redis, here, there })
}

async fn until(fits: impl Fn() -> bool) {
    let wait = async {
        while !fits() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("in time");
}

/// Both sockets, at one process each.
async fn pair(two: &Two) -> (Person, Person, RoomId, Client, Client) {
    let (ana, ben, room_id) = two.here.pair().await;
    let ben = two.there.again(&ben).await;
    let (here, there) = (ana.connect().await, ben.connect().await);
    (ana, ben, room_id, here, there)
}

fn is_text(event: &LiveEvent, text: &str) -> bool {
    matches!(event, LiveEvent::Message { message } if message.body.as_str() == text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_in_one_process_is_heard_in_the_other() {
    let Some(two) = two(1_000).await else { return };
    let (ana, ben, room_id, mut here, mut there) = pair(&two).await;
    let since = Instant::now();
    let is_online = |event: &LiveEvent| matches!(event, LiveEvent::Presence { user_id, presence: Presence::Online } if *user_id == ben.user_id);
    here.event(is_online).await;
    for n in 0..5 {
        let text = format!("message {n}");
        here.send(room_id, &text).await.unwrap();
        there.event(|event| is_text(event, &text)).await;
        there.send(room_id, &format!("answer {text}")).await.unwrap();
        here.event(|event| is_text(event, &format!("answer {text}"))).await;
    }
    there.typing(room_id, true).await.unwrap();
    here.event(|event| matches!(event, LiveEvent::Typing { user_id, on: true, .. } if *user_id == ben.user_id)).await;
    there.mark(room_id, Some(10), Some(10)).await.unwrap();
    let read = |event: &LiveEvent| matches!(event, LiveEvent::Watermark { user_id, read_seq: 10, unread: None, .. } if *user_id == ben.user_id);
    here.event(read).await;
    let sent = here.send(room_id, "frist").await.unwrap();
    let edit = Command::Edit { room_id, message_id: sent.message_id, body: "first".into() };
    let id = here.command(edit).await;
    here.answer(id).await.unwrap();
    let is_edited =
        |event: &LiveEvent| matches!(event, LiveEvent::MessageChanged { message } if message.body.as_str() == "first");
    there.event(is_edited).await;
    people::set_block(&ana.app, &ana.session, ben.user_id, true).await.unwrap();
    // Not from a cache of five seconds.
    let refused = async { while there.send(room_id, "after the block").await.is_ok() {} };
    tokio::time::timeout(Duration::from_secs(2), refused).await.expect("the block is known there at once");
    assert!(since.elapsed() < HEARD, "it was found by looking, not heard: {:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_groups_and_sessions_reach_the_other_process() {
    let Some(two) = two(1_000).await else { return };
    let (ana, ben) = (two.here.person("ana").await, two.there.person("ben").await);
    let (mut here, mut there) = (ana.connect().await, ben.connect().await);
    let since = Instant::now();
    let request = ana.ask(&ben, "Hi Ben").await;
    there.event(|event| matches!(event, LiveEvent::Request { .. })).await;
    requests::accept(&ben.app, &ben.session, request.id).await.unwrap();
    here.event(|event| matches!(event, LiveEvent::Room { .. })).await;
    here.event(|event| is_text(event, "Hi Ben")).await;
    // Into a group, and out of it.
    let room_id = RoomId::new();
    let (name, users) = ("Garden".to_owned(), vec![ben.user_id]);
    groups::create(&ana.app, &ana.session, room_id, &name, "", &users).await.unwrap();
    let asked = there.event(|event| matches!(event, LiveEvent::Room { summary } if summary.room.id == room_id)).await;
    drop(asked);
    here.send(room_id, "for you").await.unwrap();
    there.event(|event| is_text(event, "for you")).await;
    groups::remove(&ana.app, &ana.session, room_id, ben.user_id).await.unwrap();
    there.event(|event| matches!(event, LiveEvent::RoomGone { room_id: gone } if *gone == room_id)).await;
    here.send(room_id, "without you").await.unwrap();
    groups::add(&ana.app, &ana.session, room_id, &[ben.user_id]).await.unwrap();
    there.event(|event| matches!(event, LiveEvent::Room { summary } if summary.room.id == room_id)).await;
    here.send(room_id, "again").await.unwrap();
    there.event(|event| is_text(event, "again")).await;
    assert!(!texts(&there.settle().await).iter().any(|(_, text)| *text == "without you"));
    // Out of the account.
    accounts::sign_out(&ana.app, ben.session.session_id).await.unwrap();
    let (frames, code) = there.ending().await;
    assert!(frames.contains(&ServerFrame::LoggedOut { reason: LogoutReason::SignedOut }), "{frames:?}");
    assert_eq!(code, Some(close::LOGGED_OUT));
    assert!(since.elapsed() < HEARD, "it was found by looking, not heard: {:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn someone_on_two_processes_is_away_when_both_have_lost_them() {
    let Some(two) = two(1_000).await else { return };
    let (ana, ben, _, mut here, there) = pair(&two).await;
    let second = two.here.again(&ben).await.connect().await;
    let is = |online: bool| {
        move |event: &LiveEvent| match event {
            LiveEvent::Presence { user_id, presence } => {
                *user_id == ben.user_id && matches!(presence, Presence::Online) == online
            }
            _ => false,
        }
    };
    here.event(is(true)).await;
    drop(there);
    until(|| !two.there.app.hub.attendance().is_here(ben.user_id)).await;
    assert!(two.here.app.hub.is_here(ben.user_id));
    assert!(!here.settle().await.iter().any(is(false)), "there is another tab");
    drop(second);
    here.event(is(false)).await;
    assert!(two.there.app.db.user(ben.user_id).await.unwrap().unwrap().last_seen.is_some());
    // A process that ends takes its people with it, unless they come back elsewhere.
    let (back, away) = (two.there.again(&ana).await, two.there.again(&ben).await);
    let (_first, _second) = (back.connect().await, away.connect().await);
    here.event(is(true)).await;
    let Two { redis: _redis, there, .. } = two;
    let mut there = there;
    there.server.shut_down().await;
    here.event(is(false)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_to_redis_says_nothing_to_anybody() {
    let Some(two) = two(1_000).await else { return };
    let (_, _, room_id, mut here, mut there) = pair(&two).await;
    let client = redis::Client::open(two.redis.url_of("test")).unwrap();
    let mut listening = client.get_async_pubsub().await.unwrap();
    listening.subscribe("lavender:bus").await.unwrap();
    // Nothing of this is in the store, where it could be found.
    here.typing(room_id, true).await.unwrap();
    there.event(|event| matches!(event, LiveEvent::Typing { on: true, .. })).await;
    // What was said, said again; and with another word in it.
    let mut stream = listening.into_on_message();
    let sealed = loop {
        let message = stream.next().await.expect("it listens").get_payload_bytes().to_vec();
        if message.windows(8).any(|part| part == b"\"typing\"") {
            break message;
        }
    };
    let mut changed = sealed.clone();
    let place = changed.windows(4).position(|part| part == b"true").unwrap();
    changed[place..place + 4].copy_from_slice(b"null");
    let bare = format!(
        r#"{{"from":"{}","number":99,"at":{},"notice":{{"left":{{"room_id":"{room_id}","user_id":"{}"}}}}}}"#,
        uuid::Uuid::now_v7(),
        Timestamp::now().0,
        there.user_id
    );
    let forged = [vec![0; 32], bare.into_bytes(), b"\n".to_vec()].concat();
    there.settle().await;
    let mut admin = two.redis.admin().await;
    for message in [sealed, changed, forged, b"hello".to_vec(), Vec::new(), vec![0xff; 100_000]] {
        let heard_by: u32 = admin.publish("lavender:bus", message).await.unwrap();
        assert!(heard_by >= 3, "both processes and this test");
    }
    here.send(room_id, "behind it").await.unwrap();
    there.event(|event| is_text(event, "behind it")).await;
    let rest = there.settle().await;
    let is_forged =
        |event: &LiveEvent| matches!(event, LiveEvent::Typing { on: true, .. } | LiveEvent::RoomGone { .. });
    assert!(!rest.iter().any(is_forged), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_matters_is_in_redis_and_all_of_it_ends_by_itself() {
    let Some(two) = two(1).await else { return };
    let (ana, _, room_id, mut here, mut there) = pair(&two).await;
    here.send(room_id, "a secret in a message").await.unwrap();
    two.here.app.limits.take(Rule::Report, ana.user_id).await.unwrap();
    two.here.app.limits.login(&format!("name {}", ana.username), Timestamp::now()).await.unwrap();
    let mut admin = two.redis.admin().await;
    let keys = async {
        loop {
            let keys: BTreeSet<String> = redis::cmd("KEYS").arg("*").query_async(&mut admin).await.unwrap();
            // What is done often is reported a moment later.
            if keys.len() >= 3 {
                return keys;
            }
        }
    };
    let keys = tokio::time::timeout(PATIENCE, keys).await.expect("sends are reported");
    let user = ana.user_id.to_string();
    for key in &keys {
        assert!(key.starts_with("lavender:") && !key.contains(&user) && !key.contains(&ana.username), "{key}");
        let left: i64 = admin.pttl(key).await.unwrap();
        assert!(left > 0 && left < 24 * 3_600_000 + 1_000, "{key}: {left}");
        let dump: Vec<u8> = redis::cmd("DUMP").arg(key).query_async(&mut admin).await.unwrap();
        assert!(!dump.windows(8).any(|part| part == b"a secret"), "{key}");
    }
    // Emptied in use: nobody notices.
    let _: () = redis::cmd("FLUSHALL").query_async(&mut admin).await.unwrap();
    for n in 0..3 {
        here.send(room_id, &format!("after {n}")).await.unwrap();
        there.event(|event| is_text(event, &format!("after {n}"))).await;
    }
    let (_, snapshot) = two.there.again(&ana).await.connect_with().await;
    assert_eq!(snapshot.rooms.iter().map(|summary| summary.head_seq).collect::<Vec<_>>(), [4]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_everything_goes_on_and_the_page_says_that_it_is_slower() {
    let Some(mut two) = two(1_000).await else { return };
    let (ana, _, room_id, mut here, mut there) = pair(&two).await;
    let tab = two.here.again(&ana).await;
    let mut tab = tab.connect().await;
    two.redis.stop();
    for client in [&mut here, &mut there] {
        client.event(|event| matches!(event, LiveEvent::Delayed { on: true })).await;
    }
    let since = Instant::now();
    here.send(room_id, "alone").await.unwrap();
    tab.event(|event| is_text(event, "alone")).await;
    assert!(since.elapsed() < Duration::from_secs(1), "in one process nothing is slower: {:?}", since.elapsed());
    there.event(|event| is_text(event, "alone")).await;
    assert!(since.elapsed() < Duration::from_secs(5), "others look for it: {:?}", since.elapsed());
    // Whoever comes now is told, too; and sessions that end are found.
    let (ben_again, mut late) = {
        let person = two.there.again(&ana).await;
        (person.clone(), person.connect().await)
    };
    late.event(|event| matches!(event, LiveEvent::Delayed { on: true })).await;
    let since = Instant::now();
    accounts::sign_out(&two.here.app, ben_again.session.session_id).await.unwrap();
    assert_eq!(late.close_code().await, Some(close::LOGGED_OUT));
    assert!(since.elapsed() < Duration::from_secs(6), "{:?}", since.elapsed());
    two.redis.start_again().await;
    // That all is well was also said before.
    for stage in [&two.here, &two.there] {
        until(|| stage.app.hub.bus().is_up()).await;
    }
    for client in [&mut here, &mut there] {
        client.event(|event| matches!(event, LiveEvent::Delayed { on: false })).await;
    }
    let since = Instant::now();
    there.send(room_id, "together").await.unwrap();
    here.event(|event| is_text(event, "together")).await;
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_holds_nobody_up() {
    let Some(two) = two(1_000).await else { return };
    let (_, _, room_id, mut here, mut there) = pair(&two).await;
    two.redis.hold(true);
    let mut slowest = Duration::ZERO;
    for n in 0..20 {
        let since = Instant::now();
        here.send(room_id, &format!("held {n}")).await.unwrap();
        slowest = slowest.max(since.elapsed());
    }
    assert!(slowest < Duration::from_secs(1), "{slowest:?}");
    let since = Instant::now();
    two.here.app.limits.take(Rule::Report, "somebody").await.unwrap();
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    there.event(|event| is_text(event, "held 19")).await;
    there.event(|event| matches!(event, LiveEvent::Delayed { on: true })).await;
    two.redis.hold(false);
    there.event(|event| matches!(event, LiveEvent::Delayed { on: false })).await;
    here.send(room_id, "on").await.unwrap();
    there.event(|event| is_text(event, "on")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_are_kept_together_and_halved_without_redis() {
    let Some(mut two) = two(1).await else { return };
    let (here, there) = (two.here.app.clone(), two.there.app.clone());
    for app in [&here, &there, &here, &there, &here] {
        app.limits.take(Rule::Register, "one address").await.expect("five together");
    }
    for app in [&here, &there] {
        let Err(Error::RateLimited { retry_after_ms }) = app.limits.take(Rule::Register, "one address").await else {
            panic!("the sixth is refused everywhere");
        };
        assert!((1..=720_000).contains(&retry_after_ms), "{retry_after_ms}");
        app.limits.take(Rule::Register, "another address").await.expect("its own bucket");
        app.limits.take(Rule::Report, "one address").await.expect("another rule");
    }
    // Passwords: five in a row, wherever.
    let now = Timestamp::now();
    for app in [&here, &there, &here, &there, &here] {
        app.limits.login("name ana", now).await.expect("five are free");
    }
    let Err(Error::RateLimited { retry_after_ms }) = there.limits.login("name ana", now).await else {
        panic!("it waits")
    };
    assert!((55_000..=60_000).contains(&retry_after_ms), "{retry_after_ms}");
    there.limits.login_undone("name ana").await;
    here.limits.login("name ana", now).await.expect("one did not count");
    here.limits.login("name ana", now).await.expect_err("the next one did");
    there.limits.login_succeeded("name ana").await;
    here.limits.login("name ana", now).await.expect("forgiven everywhere");
    // What is done often is reported behind it: the other process knows soon, long before its own bucket is empty.
    for _ in 0..20 {
        here.limits.check(Rule::Send, "ana").expect("a burst");
    }
    let mut more = 0;
    let mut pace = tokio::time::interval(Duration::from_millis(100));
    while there.limits.check(Rule::Send, "ana").is_ok() {
        more += 1;
        pace.tick().await;
    }
    assert!(more <= 6, "{more} more passed at the other process");
    // Without Redis: half.
    two.redis.stop();
    until(|| here.hub.bus().is_down()).await;
    for n in 0..2 {
        here.limits.take(Rule::Register, "third").await.unwrap_or_else(|error| panic!("{n}: {error:?}"));
        here.limits.login("name ben", now).await.unwrap_or_else(|error| panic!("{n}: {error:?}"));
    }
    here.limits.take(Rule::Register, "third").await.expect_err("two of five");
    here.limits.login("name ben", now).await.expect_err("two of five");
}

#[tokio::test]
async fn what_is_wrong_is_said_at_start_without_the_password() {
    let Some(redis) = Redis::start().await else { return };
    bus::check(&redis.settings()).await.expect("the shipped user may do what is needed, in its prefix");
    let refused = |url: String, prefix: &'static str| async move {
        let problem = bus::check(&other::settings(&[("REDIS_URL", &url), ("REDIS_PREFIX", prefix)])).await.unwrap_err();
        assert!(problem.starts_with("REDIS_URL: ") && !problem.contains('\n'), "{problem}");
        assert!(!problem.contains(PASSWORD) && !problem.contains("wrong-one"), "{problem}");
        problem
    };
    let wrong = redis.url_of("lavender").replace(PASSWORD, "wrong-one");
    assert!(refused(wrong.clone(), "lavender:").await.contains("password is wrong"));
    let nobody = wrong.split_once('?').unwrap().0.to_owned();
    assert!(refused(nobody, "lavender:").await.contains("asks for a user"));
    assert!(refused(redis.url_of("other"), "lavender:").await.contains("may not do"));
    assert!(refused(redis.url_of("lavender"), "foreign:").await.contains("may not do"));
    // One that is away is waited for.
    let away = redis.url_of("lavender").replace("redis.sock", "nothing.sock");
    bus::check(&other::settings(&[("REDIS_URL", &away)])).await.expect("it may come");
}

#[tokio::test]
async fn the_shipped_user_can_do_nothing_else() {
    let Some(redis) = Redis::start().await else { return };
    let client = redis::Client::open(redis.url_of("lavender")).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    for command in [
        "FLUSHALL",
        "FLUSHDB",
        "KEYS *",
        "SCAN 0",
        "CONFIG GET *",
        "CLIENT LIST",
        "ACL LIST",
        "SHUTDOWN NOSAVE",
        "GET foreign:key",
        "SET foreign:key 1",
        "PUBLISH foreign:bus x",
        "MONITOR",
        "REPLICAOF NO ONE",
    ] {
        let mut words = command.split(' ');
        let mut call = redis::cmd(words.next().unwrap());
        words.for_each(|word| {
            call.arg(word);
        });
        let answer: Result<redis::Value, _> = call.query_async(&mut connection).await;
        assert_eq!(answer.unwrap_err().code(), Some("NOPERM"), "{command}");
    }
    let foreign = "return redis.call('SET', 'foreign:key', '1')";
    let answer: Result<redis::Value, _> = redis::cmd("EVAL").arg(foreign).arg(0).query_async(&mut connection).await;
    answer.expect_err("a script reaches no further");
    let found: bool = redis.admin().await.exists("foreign:key").await.unwrap();
    assert!(!found);
}

#[tokio::test]
async fn with_tls_only_a_known_authority_is_trusted() {
    let made = |folder: &std::path::Path| {
        let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(folder.join("cert.pem"), pem("CERTIFICATE", key.cert.der())).unwrap();
        std::fs::write(folder.join("key.pem"), pem("PRIVATE KEY", key.signing_key.serialized_der())).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let words = format!(
            "--tls-port {port} --tls-cert-file cert.pem --tls-key-file key.pem --tls-ca-cert-file cert.pem --tls-auth-clients no"
        );
        std::fs::write(folder.join("port"), port.to_string()).unwrap();
        words.split(' ').map(str::to_owned).collect()
    };
    let Some(redis) = Redis::start_with(made).await else { return };
    let port = std::fs::read_to_string(redis.folder().join("port")).unwrap();
    let ca = redis.folder().join("cert.pem");
    let url = |scheme: &str| format!("{scheme}://lavender:{PASSWORD}{}localhost:{port}", '@');
    let known = other::settings(&[("REDIS_URL", &url("rediss")), ("REDIS_CA", ca.to_str().unwrap())]);
    bus::check(&known).await.expect("its authority is named");
    let problem = bus::check(&other::settings(&[("REDIS_URL", &url("rediss"))])).await.unwrap_err();
    assert!(problem.contains("not trusted") && !problem.contains(PASSWORD), "{problem}");
}

/// RFC 7468.
fn pem(label: &str, der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
