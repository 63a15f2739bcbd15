//! Everything of somebody's in one archive, and nothing else.

use crate::files::{put, sending};
use crate::support::client::Client;
use crate::support::reply::{self, Reply};
use crate::support::server::PASSWORD;
use crate::support::stage::{Person, Stage};
use lavender::id::FileId;
use lavender::live::{Command, LiveEvent};
use lavender::model::{ExportProgress, PrefsChange};
use lavender::server::service::{changes, groups, people};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};

/// Gives somebody a password.
pub async fn with_password(person: &Person) {
    let hash = person.app.passwords.make(PASSWORD.to_owned(), Vec::new()).await.unwrap();
    person.app.db.set_password_hash(person.user_id, &hash).await.unwrap();
}

async fn link(person: &Person) -> String {
    let answer = person.browser().post("/api/account/export", &json!({ "password": PASSWORD })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json().as_str().unwrap().to_owned()
}

async fn get(person: &Person, path: &str) -> Reply {
    reply::ask(&person.browser(), Method::GET, path, "", Vec::new()).await
}

/// The files of an archive, by their paths.
fn unpacked(reply: &Reply) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.bytes));
    let mut zip = zip::ZipArchive::new(Cursor::new(&reply.bytes)).unwrap();
    let mut files = BTreeMap::new();
    for place in 0..zip.len() {
        let mut file = zip.by_index(place).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().unwrap().into_owned();
        assert!(files.insert(name.clone(), bytes).is_none(), "{name} is there twice");
    }
    files
}

fn read(files: &BTreeMap<String, Vec<u8>>, end: &str) -> Value {
    let found: Vec<_> = files.iter().filter(|(path, _)| path.ends_with(end)).collect();
    assert_eq!(found.len(), 1, "{end} of {:?}", files.keys());
    serde_json::from_slice(found[0].1).unwrap()
}

fn bodies(messages: &Value) -> Vec<(&str, &str)> {
    let text = |message: &'_ Value, name: &str| message[name].as_str().unwrap_or_default().to_owned().leak() as &str;
    messages.as_array().unwrap().iter().map(|message| (text(message, "author"), text(message, "body"))).collect()
}

async fn until_packed(client: &mut Client) -> (u64, u64) {
    let mut last = (0, 0);
    loop {
        let event = client.event(|event| matches!(event, LiveEvent::Export { .. })).await;
        match event {
            LiveEvent::Export { progress: ExportProgress::Packing { done, of } } => last = (done, of),
            LiveEvent::Export { progress: ExportProgress::Packed } => return last,
            other => panic!("not {other:?}"),
        }
    }
}

on_both_stores! {
    async fn all_that_somebody_may_see_is_in_their_archive_and_nothing_else(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room_id) = stage.pair().await;
        let cleo = stage.person("cleo").await;
        with_password(&ana).await;
        let (mut anas, mut bens) = (ana.connect().await, ben.connect().await);
        anas.send(room_id, "cleared before").await.unwrap();
        let cleared = Command::Prefs { room_id, change: PrefsChange::Cleared { upto: 1 } };
        let id = anas.command(cleared).await;
        anas.answer(id).await.unwrap();
        let first = anas.send(room_id, "the first words").await.unwrap();
        changes::edit(&stage.app, ana.user_id, room_id, first.message_id, "other words").await.unwrap();
        bens.send(room_id, "bens answer").await.unwrap();
        let hidden = anas.send(room_id, "hidden from myself").await.unwrap();
        let id = anas.command(Command::Prefs { room_id, change: PrefsChange::Hidden { seqs: vec![hidden.seq], on: true } }).await;
        anas.answer(id).await.unwrap();
        let gone = anas.send(room_id, "taken back").await.unwrap();
        changes::delete(&stage.app, ana.user_id, room_id, &[gone.message_id]).await.unwrap();
        // A file of hers, and one of his.
        let (hers, his) = (FileId::new(), FileId::new());
        assert_eq!(put(&ana, hers, room_id, "a *list*.txt", "text/plain", b"milk and honey").await.status, 200);
        assert_eq!(put(&ben, his, room_id, "his.txt", "text/plain", b"bens secret").await.status, 200);
        let id = anas.command(sending(room_id, "see the list", &[hers])).await;
        anas.answer(id).await.unwrap();
        // What others say to each other, and a group that she has left.
        let (other, _) = stage.app.db.direct_room(ben.user_id, cleo.user_id, lavender::time::Timestamp::now()).await.unwrap();
        bens.send(other.id, "of ana behind her back").await.unwrap();
        let (members, group) = stage.group(2).await;
        stage.app.db.add_members(group, &[ana.user_id], lavender::time::Timestamp::now()).await.unwrap();
        let mut anas_again = ana.connect().await;
        anas_again.send(group, "said and gone").await.unwrap();
        groups::leave(&stage.app, &ana.session, group).await.unwrap();
        members[0].connect().await.send(group, "after she left").await.unwrap();
        people::set_block(&stage.app, &ana.session, cleo.user_id, true).await.unwrap();
        anas.settle().await;

        let archive = get(&ana, &link(&ana).await).await;
        assert_eq!(archive.header("content-type"), "application/zip");
        assert_eq!(archive.header("cache-control"), "no-store");
        let disposition = archive.header("content-disposition");
        assert!(disposition.starts_with(&format!("attachment; filename=\"lavender-{}-2", ana.username)), "{disposition}");
        let (done, of) = until_packed(&mut anas).await;
        assert!(done <= of && of >= 6, "{done} of {of}");

        let files = unpacked(&archive);
        let account = read(&files, "account.json");
        assert_eq!(account["username"], ana.username.as_str());
        assert_eq!(account["email"], format!("{}@example.org", ana.username));
        assert_eq!(account["blocked"][0]["user_id"], cleo.user_id.to_string());
        assert_eq!(account["sessions"].as_array().map(Vec::len), Some(1));
        let messages = read(&files, "/messages.json");
        let said = bodies(&messages);
        assert_eq!(said, [
            ("ana Example", "other words"), ("ben Example", "bens answer"), ("ana Example", ""), ("ana Example", "see the list"),
        ]);
        assert_eq!(messages[0]["earlier"][0]["body"], "the first words");
        assert_eq!(bodies(&read(&files, "rooms/left.json")), [("ana Example", "said and gone")]);
        let room = read(&files, "/room.json");
        assert_eq!((room["title"].as_str(), room["members"].as_array().map(Vec::len)), (Some("ben Example"), Some(2)));
        let path = format!("files/{hers} a _list_.txt");
        assert_eq!(files.get(&path).map(Vec::as_slice), Some(b"milk and honey".as_slice()), "{:?}", files.keys());
        let people: Vec<_> = read(&files, "people.json").as_array().unwrap().iter().map(|person| person["id"].clone()).collect();
        assert!(people.contains(&json!(ben.user_id)) && people.contains(&json!(cleo.user_id)), "{people:?}");
        let all: String = files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        for secret in [
            "cleared before", "hidden from myself", "taken back", "bens secret", "behind her back", "after she left", "$argon2", "refresh_hash",
        ] {
            assert!(!all.contains(secret), "{secret}");
        }
        assert!(!all.contains(&format!("{}@example.org", ben.username)), "addresses of others are theirs");
    }

    async fn an_archive_is_for_who_proved_to_be_its_owner_in_that_session(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        with_password(&ana).await;
        let ask = |body: Value| {
            let browser = ana.browser();
            async move { browser.post("/api/account/export", &body).await.json()["data"].clone() }
        };
        let wrong = ask(json!({ "password": "not the password" })).await;
        assert_eq!((wrong["field"].as_str(), wrong["problem"].as_str()), (Some("password"), Some("no_match")));
        let none = ask(json!({ "password": null })).await;
        assert_eq!((none["field"].as_str(), none["problem"].as_str()), (Some("password"), Some("missing")));
        let path = link(&ana).await;
        for other in [&ben, &stage.again(&ana).await] {
            assert_eq!(get(other, &path).await.status, 403);
        }
        for bad in ["/export", "/export?ticket=", "/export?ticket=x", &format!("{path}x")] {
            assert_eq!(get(&ana, bad).await.status, 403, "{bad}");
        }
        assert_eq!(stage.visitor().get(&path).await.status, 401);
        assert_eq!(unpacked(&get(&ana, &path).await).len(), 4, "nothing but the account");
        // Who comes by an account elsewhere has to do so again.
        stage.app.db.set_password_hash(ana.user_id, "").await.unwrap();
        assert_eq!(ask(json!({ "password": null })).await["code"], "not_fresh");
    }

    async fn of_many_messages_each_is_there_once(store) {
        let stage = Stage::start(store).await;
        let (ana, _ben, room_id) = stage.pair().await;
        with_password(&ana).await;
        let mut client = ana.connect().await;
        let mut expected = Vec::new();
        for n in 0..450 {
            let text = format!("number {n}");
            client.send(room_id, &text).await.unwrap();
            expected.push(text);
        }
        let files = unpacked(&get(&ana, &link(&ana).await).await);
        let messages = read(&files, "/messages.json");
        let said: Vec<_> = bodies(&messages).into_iter().map(|(_, body)| body.to_owned()).collect();
        assert_eq!(said, expected);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_archives_then_one_in_twenty_minutes() {
    let stage = Stage::start_limited(crate::support::server::Store::Embedded, 1).await;
    let ana = stage.person("ana").await;
    with_password(&ana).await;
    for _ in 0..3 {
        link(&ana).await;
    }
    let refused = ana.browser().post("/api/account/export", &json!({ "password": PASSWORD })).await;
    assert_eq!(refused.json()["data"]["code"], "rate_limited");
}
