//! Files on their way up, in messages, and down.

use crate::groups::trio;
use crate::support::client::Client;
use crate::support::reply::{self, Reply, upload_path};
use crate::support::server::Store;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{FileId, MessageId, ReportId, RoomId, TxnId};
use lavender::live::{Command, LiveEvent, ServerFrame};
use lavender::model::report::{EvidenceText, Reason, Report, ReportState, Reported};
use lavender::model::{
    Attachment, AttachmentKind, Body, MediaKind, Message, PrefsChange, Role, SentFile, Seq, Wallpaper,
    WallpaperPicture, limits,
};
use lavender::server::service::{changes, files, groups, moderation};
use lavender::server::store::FileState;
use lavender::time::Timestamp;

const NO_FILE: Error = Error::NotFound { what: What::File };
const DAY_MS: i64 = 24 * 3_600_000;

async fn ask(person: &Person, method: reqwest::Method, path: &str, declared: &str, body: Vec<u8>) -> Reply {
    reply::ask(&person.browser(), method, path, declared, body).await
}

async fn get(person: &Person, path: &str) -> Reply {
    ask(person, reqwest::Method::GET, path, "", Vec::new()).await
}

/// Uploads under a given id.
pub async fn put(person: &Person, id: FileId, room_id: RoomId, name: &str, declared: &str, bytes: &[u8]) -> Reply {
    ask(person, reqwest::Method::PUT, &upload_path(id, room_id, name), declared, bytes.to_vec()).await
}

async fn upload(person: &Person, room_id: RoomId, name: &str, bytes: &[u8]) -> Attachment {
    put(person, FileId::new(), room_id, name, "", bytes).await.attachment()
}

/// A message with these files.
pub fn sending(room_id: RoomId, body: &str, files: &[FileId]) -> Command {
    let files = files.iter().map(|id| SentFile { id: *id, alt: None }).collect();
    Command::Send {
        room_id,
        txn_id: TxnId::new(),
        body: body.into(),
        reply_to: None,
        forward: None,
        files,
        extra: None,
    }
}

async fn sent(client: &mut Client, person: &Person, command: Command) -> Result<Message, Error> {
    let id = client.command(command).await;
    match client.answer(id).await? {
        ServerFrame::Ack { message_id, .. } => Ok(person.app.db.message(message_id).await.unwrap().unwrap()),
        other => panic!("an ack, not {other:?}"),
    }
}

/// Follows a link to the bytes.
async fn fetch(person: &Person, path: &str) -> Reply {
    let link = get(person, path).await;
    assert_eq!(link.status, 302, "{}", String::from_utf8_lossy(&link.bytes));
    assert_eq!(link.header("cache-control"), "no-store");
    get(person, link.header("location")).await
}

fn png(width: u32, height: u32) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 200]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, image::ImageFormat::Png).expect("it is written");
    bytes.into_inner()
}

/// Whether any object of a file is in the blob store.
async fn has_bytes(stage: &Stage, key: &str) -> bool {
    let key: lavender::server::blobs::BlobKey = key.parse().expect("a key");
    let mut found = false;
    for suffix in ["f", "p", "g"] {
        found |= stage.app.blobs.size(&key.variant(suffix).expect("a suffix")).await.is_ok();
    }
    found || stage.app.blobs.size(&key).await.is_ok()
}

on_both_stores! {
    async fn a_file_is_sent_and_fetched_by_those_who_may(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let cleo = stage.person("cleo").await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let text = b"one\ntwo\n".repeat(1_000);
        let file = upload(&ana, room, "../na\u{202e}me \"1\".txt", &text).await;
        assert_eq!((file.kind, file.size), (AttachmentKind::File, 8_000));
        let path = format!("/files/{}", file.id);
        // Before it is sent it is its owner's alone.
        assert_eq!(fetch(&ana, &path).await.bytes, text);
        assert_eq!((get(&ben, &path).await.status, get(&cleo, &path).await.status), (404, 404));
        let message = sent(&mut ana_client, &ana, sending(room, "", &[file.id])).await.unwrap();
        assert_eq!(message.attachments, std::slice::from_ref(&file));
        let told = ben_client.event(|event| matches!(event, LiveEvent::Message { .. })).await;
        assert_eq!(told, LiveEvent::Message { message: message.clone() });
        let bytes = fetch(&ben, &path).await;
        assert_eq!((bytes.status, &bytes.bytes), (200, &text));
        assert!(bytes.header("content-disposition").starts_with("attachment"), "{:?}", bytes.headers);
        assert_eq!(bytes.header("x-content-type-options"), "nosniff");
        assert!(bytes.header("content-security-policy").contains("sandbox"));
        assert!(bytes.header("cache-control").contains("private"));
        assert_eq!(get(&cleo, &path).await.status, 404);
        let nobody = Person { cookie: String::new(), ..cleo.clone() };
        assert_eq!(get(&nobody, &path).await.status, 401);
        let refused = put(&cleo, FileId::new(), room, "a.txt", "", b"x").await;
        assert_eq!((refused.status, refused.code()), (404, "not_found".into()));
    }

    async fn who_is_taken_out_gets_nothing_more(store) {
        let stage = Stage::start(store).await;
        let (owner, _, member, room) = trio(&stage).await;
        let mut client = owner.connect().await;
        let file = upload(&owner, room, "plan.txt", b"dig here").await;
        sent(&mut client, &owner, sending(room, "plan", &[file.id])).await.unwrap();
        let path = format!("/files/{}", file.id);
        assert_eq!(fetch(&member, &path).await.bytes, b"dig here");
        lavender::server::service::groups::remove(&stage.app, &owner.session, room, member.user_id).await.unwrap();
        assert_eq!(get(&member, &path).await.status, 404);
        // And takes nothing in.
        assert_eq!(put(&member, FileId::new(), room, "a.txt", "", b"x").await.status, 404);
    }

    async fn a_deleted_message_takes_its_files_along_but_not_those_shown_elsewhere(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (people, _) = stage.group(2).await;
        let mut client = ana.connect().await;
        let (kept, gone) = (upload(&ana, room, "a.txt", b"kept").await, upload(&ana, room, "b.txt", b"gone").await);
        let message = sent(&mut client, &ana, sending(room, "two", &[kept.id, gone.id])).await.unwrap();
        let rows = [stage.app.db.file(kept.id).await.unwrap().unwrap(), stage.app.db.file(gone.id).await.unwrap().unwrap()];
        // Ben passes the first one on, by way of a message of his own.
        let mine = stage.app.db.direct_room(ben.user_id, people[0].user_id, Timestamp::now()).await.unwrap().0;
        let single = sent(&mut client, &ana, sending(room, "", &[kept.id])).await.unwrap();
        let mut ben_client = ben.connect().await;
        let forward = Command::Send {
            room_id: mine.id,
            txn_id: TxnId::new(),
            body: String::new(),
            reply_to: None,
            forward: Some(single.id),
            files: Vec::new(),
            extra: None,
        };
        let forwarded = sent(&mut ben_client, &ben, forward).await.unwrap();
        assert_eq!(forwarded.attachments, std::slice::from_ref(&kept));
        changes::delete(&stage.app, ana.user_id, room, &[message.id, single.id]).await.unwrap();
        let later = Timestamp::now().plus_ms(DAY_MS);
        files::sweep(&stage.app, later).await.unwrap();
        assert_eq!(stage.app.db.file(gone.id).await.unwrap(), None);
        assert!(!has_bytes(&stage, &rows[1].content.key).await);
        assert!(has_bytes(&stage, &rows[0].content.key).await);
        let path = format!("/files/{}", kept.id);
        assert_eq!(fetch(&people[0], &path).await.bytes, b"kept");
        assert_eq!(get(&ana, &path).await.status, 404, "she sees none of the messages that show it");
    }

    async fn what_is_never_sent_goes_and_what_is_sent_stays(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let (unsent, shown) = (upload(&ana, room, "a.txt", b"1").await, upload(&ana, room, "b.txt", b"2").await);
        sent(&mut client, &ana, sending(room, "", &[shown.id])).await.unwrap();
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 2);
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(2 * 3_600_000)).await.unwrap(), 0);
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(DAY_MS)).await.unwrap(), 1);
        assert_eq!(stage.app.db.file(unsent.id).await.unwrap(), None);
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 1);
        let late = sent(&mut client, &ana, sending(room, "late", &[unsent.id])).await;
        assert_eq!(late.unwrap_err(), NO_FILE);
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(30 * DAY_MS)).await.unwrap(), 0);
    }

    async fn only_own_files_of_the_room_can_be_sent(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let cleo = stage.person("cleo").await;
        let other = stage.app.db.direct_room(ana.user_id, cleo.user_id, Timestamp::now()).await.unwrap().0;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let file = upload(&ana, room, "a.txt", b"1").await;
        assert_eq!(sent(&mut ben_client, &ben, sending(room, "", &[file.id])).await.unwrap_err(), NO_FILE);
        assert_eq!(sent(&mut ana_client, &ana, sending(other.id, "", &[file.id])).await.unwrap_err(), NO_FILE);
        assert_eq!(sent(&mut ana_client, &ana, sending(room, "", &[FileId::new()])).await.unwrap_err(), NO_FILE);
        let twice = sent(&mut ana_client, &ana, sending(room, "", &[file.id, file.id])).await.unwrap_err();
        assert!(matches!(twice, Error::Invalid { ref field, .. } if field == "files"), "{twice:?}");
        let empty = sent(&mut ana_client, &ana, sending(room, " ", &[])).await.unwrap_err();
        assert!(matches!(empty, Error::Invalid { ref field, .. } if field == "body"), "{empty:?}");
        // An id is its first owner's.
        let clash = put(&ben, file.id, room, "b.txt", "", b"2").await;
        assert_eq!((clash.status, clash.code()), (409, "conflict".into()));
        assert_eq!(put(&ana, file.id, room, "b.txt", "", b"2").await.attachment(), file, "a repetition");
    }

    async fn a_repeated_send_with_files_is_one_message(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let file = upload(&ana, room, "a.txt", b"1").await;
        let command = sending(room, "look", &[file.id]);
        let first = sent(&mut client, &ana, command.clone()).await.unwrap();
        assert_eq!(sent(&mut client, &ana, command.clone()).await.unwrap(), first);
        let Command::Send { room_id, txn_id, body, .. } = command else { unreachable!() };
        let other = Command::Send { room_id, txn_id, body, reply_to: None, forward: None, files: Vec::new(), extra: None };
        assert_eq!(sent(&mut client, &ana, other).await.unwrap_err(), Error::Conflict);
        // Also when the file is gone for sends, as after its message was deleted.
        changes::delete(&stage.app, ana.user_id, room, &[first.id]).await.unwrap();
        files::sweep(&stage.app, Timestamp::now().plus_ms(DAY_MS)).await.unwrap();
        let again = Command::Send { room_id, txn_id, body: "look".into(), reply_to: None, forward: None, files: vec![SentFile { id: file.id, alt: None }], extra: None };
        assert_eq!(sent(&mut client, &ana, again).await.unwrap().id, first.id);
    }

    async fn what_is_refused_is_refused_with_its_reason_and_leaves_nothing(store) {
        let stage = Stage::start_with(store, |config| {
            config.file_max = 20_000;
            config.file_quota = 50_000;
        })
        .await;
        let (ana, _, room) = stage.pair().await;
        let cases: [(&str, &str, &[u8], &str); 6] = [
            ("empty.txt", "", b"", "empty"),
            ("page.png", "image/png", b"<!doctype html><script>alert(1)</script>", "not_what_it_says"),
            ("photo.png", "text/html", b"\x89PNG\r\n\x1a\n....", "type_mismatch"),
            ("setup.exe", "", b"MZ\x90\x00", "program"),
            ("notes.txt", "", b"\x7fELF\x02\x01\x01", "program"),
            ("cut.png", "image/png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "damaged"),
        ];
        for (name, declared, bytes, reason) in cases {
            let id = FileId::new();
            let reply = put(&ana, id, room, name, declared, bytes).await;
            assert_eq!((reply.status, reply.reason()), (422, reason.into()), "{name}: {}", String::from_utf8_lossy(&reply.bytes));
            gone(&stage, id).await;
        }
        let large = put(&ana, FileId::new(), room, "report.zip", "", &[0; 20_001]).await;
        assert_eq!((large.status, large.code()), (413, "too_large".into()));
        for _ in 0..2 {
            upload(&ana, room, "a.bin", &[7; 20_000]).await;
        }
        let full = put(&ana, FileId::new(), room, "b.bin", "", &[7; 20_000]).await;
        assert_eq!((full.status, full.reason()), (422, "quota_reached".into()));
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 40_000);
        // Ids are UUIDv7, and parameters what they are.
        for path in ["/files/nonsense?room=x&name=a", "/files/..%2f..%2fetc?room=x&name=a"] {
            assert_eq!(ask(&ana, reqwest::Method::PUT, path, "", b"x".to_vec()).await.status, 400);
        }
    }

    async fn an_upload_that_breaks_off_leaves_nothing(store) {
        use tokio::io::AsyncWriteExt;
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let id = FileId::new();
        let mut socket = tokio::net::TcpStream::connect(ana.address).await.unwrap();
        let head = format!(
            "PUT /files/{id}?room={room}&name=a.bin HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\ncontent-length: 100000\r\n\r\n",
            ana.address, ana.app.config.origin, ana.cookie
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&[7; 50_000]).await.unwrap();
        let row = loop {
            if let Some(row) = stage.app.db.file(id).await.unwrap() {
                break row;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!((row.state, row.bytes), (FileState::Uploading, 100_000));
        assert_eq!(put(&ana, id, room, "a.bin", "", b"other").await.code(), "conflict");
        drop(socket);
        gone(&stage, id).await;
        assert!(!has_bytes(&stage, &row.content.key).await);
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 0);
    }

    async fn what_a_killed_process_left_is_swept(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let whole = upload(&ana, room, "a.txt", b"1").await;
        let mut row = stage.app.db.file(whole.id).await.unwrap().unwrap();
        row.id = FileId::new();
        row.state = FileState::Uploading;
        let key = lavender::server::blobs::BlobKey::random();
        row.content.key = key.to_string();
        stage.app.blobs.put_bytes(&key, bytes::Bytes::from_static(b"half"), "text/plain").await.unwrap();
        stage.app.db.begin_file(&row, 1 << 30).await.unwrap();
        assert_eq!(files::sweep(&stage.app, Timestamp::now()).await.unwrap(), 0);
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(2 * 3_600_000)).await.unwrap(), 1);
        assert!(stage.app.db.file(row.id).await.unwrap().is_none() && !has_bytes(&stage, &row.content.key).await);
    }

    async fn a_sweep_that_died_between_question_and_answer_takes_nothing_that_is_shown(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let file = upload(&ana, room, "a.txt", b"1").await;
        sent(&mut client, &ana, sending(room, "", &[file.id])).await.unwrap();
        let doomed = stage.app.db.doom_file(file.id, Timestamp::now().plus_ms(DAY_MS)).await.unwrap();
        assert!(doomed.is_some());
        assert_eq!(get(&ben, &format!("/files/{}", file.id)).await.status, 404);
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(DAY_MS)).await.unwrap(), 0);
        assert_eq!(get(&ben, &format!("/files/{}", file.id)).await.status, 302);
    }

    async fn who_was_demoted_while_the_picture_came_does_not_set_it(store) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let stage = Stage::start(store).await;
        let (owner, admin, _, room) = trio(&stage).await;
        groups::set_role(&stage.app, &owner.session, room, admin.user_id, Role::Admin).await.unwrap();
        let (id, mut bytes) = (FileId::new(), teal(300, 300));
        // More than is looked at before anything is kept.
        bytes.resize(bytes.len() + 50_000, 0);
        let mut socket = tokio::net::TcpStream::connect(admin.address).await.unwrap();
        let head = format!(
            "PUT /pictures/rooms/{room}/{id} HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\ncontent-type: image/png\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n",
            admin.address, admin.app.config.origin, admin.cookie, bytes.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&bytes[..bytes.len() - 1]).await.unwrap();
        while stage.app.db.file(id).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
        groups::set_role(&stage.app, &owner.session, room, admin.user_id, Role::Member).await.unwrap();
        socket.write_all(&bytes[bytes.len() - 1..]).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert_eq!(stage.app.db.room(room).await.unwrap().unwrap().picture, None);
    }

    async fn what_a_killed_process_left_is_brought_again_under_its_id(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let whole = upload(&ana, room, "a.txt", b"1").await;
        let mut left = stage.app.db.file(whole.id).await.unwrap().unwrap();
        left.id = FileId::new();
        left.state = FileState::Uploading;
        let key = lavender::server::blobs::BlobKey::random();
        left.content.key = key.to_string();
        stage.app.blobs.put_bytes(&key, bytes::Bytes::from_static(b"half"), "text/plain").await.unwrap();
        stage.app.db.begin_file(&left, 1 << 30).await.unwrap();
        assert_eq!(put(&ben, left.id, room, "a.txt", "", b"mine").await.code(), "conflict", "it is another's");
        let file = put(&ana, left.id, room, "b.txt", "", b"all of it").await.attachment();
        assert_eq!((file.id, file.name.as_str()), (left.id, "b.txt"));
        assert!(!has_bytes(&stage, &left.content.key).await, "nothing is left of the first attempt");
        assert_eq!(fetch(&ana, &format!("/files/{}", left.id)).await.bytes, b"all of it");
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 1 + 9);
        // Nor does it change anything if it ends late, as in another process.
        assert!(!stage.app.db.finish_file(left.id, 4, &left.content).await.unwrap());
        stage.app.db.remove_file(left.id, &left.content.key).await.unwrap();
        assert_eq!(fetch(&ana, &format!("/files/{}", left.id)).await.bytes, b"all of it");
    }

    async fn a_picture_comes_out_in_three_sizes_without_what_was_around_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let mut bytes = png(1_500, 600);
        bytes.extend_from_slice(b"<script>alert('polyglot')</script>");
        let file = put(&ana, FileId::new(), room, "Lake.PNG", "image/png", &bytes).await.attachment();
        assert_eq!((file.kind, file.width, file.height), (AttachmentKind::Image, Some(1_500), Some(600)));
        assert!(file.thumbhash.as_deref().is_some_and(|hash| !hash.is_empty() && hash.len() <= 34));
        sent(&mut client, &ana, sending(room, "", &[file.id])).await.unwrap();
        let mut sizes = Vec::new();
        for (variant, longest) in [("", 1_500), ("?v=preview", 1_100), ("?v=grid", 320)] {
            let reply = fetch(&ben, &format!("/files/{}{variant}", file.id)).await;
            assert!(reply.header("content-type").starts_with("image/"), "{:?}", reply.headers);
            assert!(reply.header("content-disposition").starts_with("inline"));
            assert!(!reply.bytes.windows(8).any(|part| part == b"<script>"));
            let shown = image::load_from_memory(&reply.bytes).expect("a picture");
            assert_eq!(shown.width().max(shown.height()), longest);
            sizes.push(reply.bytes.len() as u64);
        }
        assert_eq!(file.size, sizes[0], "the size that is shown is the size that is kept");
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), sizes.iter().sum::<u64>());
        let row = stage.app.db.file(file.id).await.unwrap().unwrap();
        let raw: lavender::server::blobs::BlobKey = row.content.key.parse().unwrap();
        assert!(stage.app.blobs.size(&raw).await.is_err(), "what was uploaded is not kept");
    }

    async fn parts_of_a_file_are_sent_and_links_end(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
        let file = upload(&ana, room, "a.bin", &bytes).await;
        let link = get(&ana, &format!("/files/{}", file.id)).await.header("location").to_owned();
        let http = reqwest::Client::new();
        let part = http.get(format!("http://{}{link}", ana.address)).header("range", "bytes=100-199").send().await.unwrap();
        assert_eq!(part.status().as_u16(), 206);
        assert_eq!(part.bytes().await.unwrap(), bytes[100..200]);
        let mut forged = link.clone();
        let last = forged.pop().unwrap();
        forged.push(if last == '0' { '1' } else { '0' });
        assert_eq!(get(&ana, &forged).await.status, 403);
    }

    async fn what_is_withdrawn_is_gone_unless_it_was_sent(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let (one, two) = (upload(&ana, room, "a.txt", b"1").await, upload(&ana, room, "b.txt", b"2").await);
        sent(&mut client, &ana, sending(room, "", &[two.id])).await.unwrap();
        let withdraw = |person: Person, id: FileId| async move {
            ask(&person, reqwest::Method::DELETE, &format!("/files/{id}"), "", Vec::new()).await.status
        };
        assert_eq!(withdraw(ben.clone(), one.id).await, 404);
        assert_eq!(withdraw(ana.clone(), one.id).await, 204);
        assert_eq!(withdraw(ana.clone(), two.id).await, 204);
        assert!(stage.app.db.file(one.id).await.unwrap().is_none() && stage.app.db.file(two.id).await.unwrap().is_some());
    }

    async fn a_reported_file_is_held_and_shown_to_admins(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let admin = stage.person_as("admin", |row| row.is_admin = true).await;
        let mut client = ana.connect().await;
        let file = upload(&ana, room, "a.txt", b"bad").await;
        let message = sent(&mut client, &ana, sending(room, "", &[file.id])).await.unwrap();
        let path = format!("/files/{}", file.id);
        assert_eq!(get(&admin, &path).await.status, 404, "an admin sees no more than others");
        let reported = Reported::Message { message_id: message.id };
        moderation::report(&stage.app, &ben.session, reported, Reason::Other, "").await.unwrap();
        changes::delete(&stage.app, ana.user_id, room, &[message.id]).await.unwrap();
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(DAY_MS)).await.unwrap(), 0);
        // Nor can its owner take evidence away.
        let unsent = upload(&ana, room, "b.txt", b"reported").await;
        evidence_of(&stage, &ben, &ana, unsent.clone()).await;
        ask(&ana, reqwest::Method::DELETE, &format!("/files/{}", unsent.id), "", Vec::new()).await;
        assert_eq!(stage.app.db.file(unsent.id).await.unwrap().map(|row| row.state), Some(FileState::Ready));
        assert_eq!(fetch(&admin, &path).await.bytes, b"bad");
        assert_eq!(get(&ben, &path).await.status, 404);
    }

    async fn the_files_of_a_room_are_listed_for_its_members(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let cleo = stage.person("cleo").await;
        let mut client = ana.connect().await;
        let (photo, note) = (upload(&ana, room, "a.png", &png(8, 8)).await, upload(&ana, room, "report.txt", b"2").await);
        let photo = sent(&mut client, &ana, sending(room, "", &[photo.id])).await.unwrap();
        let note = sent(&mut client, &ana, sending(room, "both", &[note.id])).await.unwrap();
        let list = |person: Person, kind: &'static str| async move {
            let reply = get(&person, &format!("/api/rooms/{room}/media?kind={kind}")).await;
            let body: serde_json::Value = serde_json::from_slice(&reply.bytes).unwrap();
            let ids = body["messages"].as_array().map(|all| all.iter().map(|m| m["id"].as_str().unwrap().parse().unwrap()).collect::<Vec<MessageId>>());
            (reply.status, ids.unwrap_or_default())
        };
        assert_eq!(list(ben.clone(), "photos").await, (200, vec![photo.id]));
        assert_eq!(list(ben.clone(), "files").await, (200, vec![note.id]));
        assert_eq!(list(ben.clone(), "voice").await, (200, vec![]));
        assert_eq!(list(cleo, "photos").await.0, 404);
        // And found by their names.
        let found = get(&ben, "/api/search?q=report%20has:file").await;
        let found: serde_json::Value = serde_json::from_slice(&found.bytes).unwrap();
        assert_eq!(found["found"][0]["message_id"], serde_json::json!(note.id));
        let files = serde_json::json!([{ "kind": "file", "name": "report.txt", "size": 1, "ranges": [[0, 6]] }]);
        assert_eq!(found["found"][0]["files"], files);
        let by_text = get(&ben, "/api/search?q=both%20has:file").await;
        let by_text: serde_json::Value = serde_json::from_slice(&by_text.bytes).unwrap();
        assert_eq!(by_text["found"][0].get("files"), None, "not by its name");
    }

    async fn the_links_of_a_room_are_listed_as_far_as_one_may_see(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room) = trio(&stage).await;
        let dora = stage.person("dora").await;
        let mut client = ana.connect().await;
        let mut say = async |text: &str| sent(&mut client, &ana, sending(room, text, &[])).await.unwrap();
        let mut all = Vec::new();
        for text in ["https://example.org/1", "no link", "[two](https://example.org/2)", "https://example.org/3"] {
            all.push(say(text).await);
        }
        let (one, two, three) = (all[0].seq, all[2].seq, all[3].seq);
        let list = |person: &Person, before: Option<Seq>| {
            let (app, session) = (person.app.clone(), person.session);
            async move {
                let page = files::media(&app, &session, room, MediaKind::Links, before).await?;
                Ok::<_, Error>(page.messages.iter().map(|message| message.seq).collect::<Vec<_>>())
            }
        };
        assert_eq!(list(&ben, None).await, Ok(vec![three, two, one]));
        assert_eq!(list(&ben, Some(three)).await, Ok(vec![two, one]));
        let no_room = Err(Error::NotFound { what: What::Room });
        assert_eq!(list(&dora, None).await, no_room);
        // What one hid, and what was before one cleared the chat.
        let set = async |change: PrefsChange| stage.app.db.set_prefs(room, ben.user_id, &change, Timestamp::now()).await.unwrap();
        set(PrefsChange::Hidden { seqs: vec![two], on: true }).await;
        assert_eq!(list(&ben, None).await, Ok(vec![three, one]));
        set(PrefsChange::Cleared { upto: one }).await;
        assert_eq!(list(&ben, None).await, Ok(vec![three]));
        assert_eq!(list(&cleo, None).await, Ok(vec![three, two, one]), "what one person hides stays for others");
        // What was there before somebody came, and what is said then.
        stage.app.db.add_members(room, &[dora.user_id], Timestamp::now()).await.unwrap();
        assert_eq!(list(&dora, None).await, Ok(vec![]));
        let four = say("https://example.org/4").await.seq;
        assert_eq!(list(&dora, None).await, Ok(vec![four]));
        // What is deleted, and who is gone.
        changes::delete(&stage.app, ana.user_id, room, &[all[3].id]).await.unwrap();
        assert_eq!(list(&cleo, None).await, Ok(vec![four, two, one]));
        stage.app.db.remove_member(room, cleo.user_id, &[Role::Member], false).await.unwrap();
        assert_eq!(list(&cleo, None).await, no_room);
    }

    async fn a_picture_of_ones_own_is_told_shown_and_replaced(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _) = stage.pair().await;
        let cleo = stage.person("cleo").await;
        let mut ben_client = ben.connect().await;
        let wear = |id: FileId, part: &'static str, bytes: Vec<u8>| {
            let ana = ana.clone();
            async move { ask(&ana, reqwest::Method::PUT, &format!("/pictures/me/{id}{part}"), "image/png", bytes).await }
        };
        let first = FileId::new();
        let reply = wear(first, "?x=10&y=0&side=400", teal(600, 400)).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.bytes));
        let told = ben_client.event(|event| matches!(event, LiveEvent::Person { .. })).await;
        let LiveEvent::Person { person } = told else { unreachable!() };
        let picture = person.picture.expect("a picture");
        assert_eq!((person.id, picture.file_id), (ana.user_id, first));
        let colour = picture.colour.expect("teal is vivid");
        assert!((150..=210).contains(&colour.hue), "{colour:?}");
        for size in [64, 128, 256, 512] {
            let shown = get(&cleo, &format!("/avatars/{first}/{size}")).await;
            assert!(shown.header("cache-control").contains("immutable") && shown.header("cache-control").contains("private"));
            let shown = image::load_from_memory(&shown.bytes).expect("a picture");
            assert_eq!((shown.width(), shown.height()), (size.min(400), size.min(400)));
        }
        assert_eq!(get(&cleo, &format!("/avatars/{first}/65")).await.status, 404);
        assert_eq!(get(&ana, &format!("/files/{first}")).await.status, 404, "it is no file of a message");
        // What is no picture changes nothing.
        let refused = wear(FileId::new(), "", b"<svg onload=alert(1)>".to_vec()).await;
        assert_eq!((refused.status, refused.reason()), (422, "not_a_picture".into()));
        // It stays while it is worn, and goes with the next one.
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(2 * DAY_MS)).await.unwrap(), 0);
        let second = FileId::new();
        assert_eq!(wear(second, "", png(300, 300)).await.status, 200);
        gone(&stage, first).await;
        assert_eq!(get(&cleo, &format!("/avatars/{first}/64")).await.status, 404);
        let removed = ask(&ana, reqwest::Method::DELETE, "/pictures/me", "", Vec::new()).await;
        assert_eq!(removed.status, 204);
        gone(&stage, second).await;
        assert_eq!(stage.app.db.user(ana.user_id).await.unwrap().unwrap().picture, None);
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 0);
    }

    async fn the_picture_of_a_group_is_its_admins_to_set(store) {
        let stage = Stage::start(store).await;
        let (owner, member, _, room) = trio(&stage).await;
        let stranger = stage.person("stranger").await;
        let mut client = member.connect().await;
        let wear = |person: Person| async move {
            let path = format!("/pictures/rooms/{room}/{}", FileId::new());
            ask(&person, reqwest::Method::PUT, &path, "image/png", teal(80, 80)).await.status
        };
        assert_eq!((wear(member.clone()).await, wear(stranger).await), (403, 404));
        assert_eq!(wear(owner.clone()).await, 200);
        let told = client.event(|event| matches!(event, LiveEvent::RoomChanged { room, .. } if room.picture.is_some())).await;
        let LiveEvent::RoomChanged { room: changed, .. } = told else { unreachable!() };
        let id = changed.picture.expect("a picture").file_id;
        assert_eq!(get(&member, &format!("/avatars/{id}/64")).await.status, 200);
        let remove = |person: Person| async move {
            ask(&person, reqwest::Method::DELETE, &format!("/pictures/rooms/{room}"), "", Vec::new()).await.status
        };
        assert_eq!((remove(member.clone()).await, remove(owner).await), (403, 204));
        gone(&stage, id).await;
    }

    async fn a_wallpaper_of_ones_own_is_for_its_owner_alone(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let eve = stage.person("eve").await;
        let (mut client, mut phone, mut bens) = (ana.connect().await, stage.again(&ana).await.connect().await, ben.connect().await);
        let put = |person: &Person, id: FileId, bytes: Vec<u8>| {
            let person = person.clone();
            async move { ask(&person, reqwest::Method::PUT, &format!("/pictures/wallpapers/{room}/{id}"), "image/png", bytes).await }
        };
        let first = FileId::new();
        let reply = put(&ana, first, teal(900, 500)).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.bytes));
        let set: Wallpaper = serde_json::from_slice(&reply.bytes).expect("a wallpaper");
        let picture = set.picture.expect("a picture");
        assert_eq!((set.key.as_str(), picture.file_id, set.dim), ("picture", first, 0));
        assert!((1..=99).contains(&picture.light) && (1..=99).contains(&picture.dark), "{picture:?}");
        // All devices of its owner are told, and nobody else is.
        for client in [&mut client, &mut phone] {
            let told = client.event(|event| matches!(event, LiveEvent::Prefs { .. })).await;
            let LiveEvent::Prefs { prefs, .. } = told else { unreachable!() };
            assert_eq!(prefs.wallpaper.as_ref(), Some(&set));
        }
        assert!(!bens.settle().await.iter().any(|event| matches!(event, LiveEvent::Prefs { .. })));
        // In two sizes, for its owner alone.
        for (query, width) in [("", 900), ("?v=grid", 320)] {
            let path = format!("/files/{first}{query}");
            let shown = image::load_from_memory(&fetch(&ana, &path).await.bytes).expect("a picture");
            assert_eq!(shown.width(), width);
            assert_eq!((get(&ben, &path).await.status, get(&eve, &path).await.status), (404, 404));
        }
        assert_eq!(get(&ana, &format!("/avatars/{first}/64")).await.status, 404, "it is nobody's face");
        // Who is not in the room sets nothing there; what is no picture changes nothing.
        assert_eq!(put(&eve, FileId::new(), teal(9, 9)).await.status, 404);
        let refused = put(&ana, FileId::new(), b"<svg onload=alert(1)>".to_vec()).await;
        assert_eq!((refused.status, refused.reason()), (422, "not_a_picture".into()));
        let cut = put(&ana, FileId::new(), teal(300, 300)[..400].to_vec()).await;
        assert_eq!((cut.status, cut.reason()), (422, "damaged".into()));
        let (limit_bytes, nothing) = (limits::PICTURE_MAX_BYTES, Box::pin(futures_util::stream::empty()));
        let large = files::wallpapers::set(&stage.app, &ana.session, room, (FileId::new(), limit_bytes + 1), nothing).await;
        assert_eq!(large, Err(Error::TooLarge { limit_bytes }));
        // It is kept and faded like any other, but nobody chooses a file, or how much lies over it.
        let forged = WallpaperPicture { file_id: FileId::new(), light: 0, dark: 0 };
        let faded = Wallpaper { dim: 30, picture: Some(forged), ..set.clone() };
        choose(&mut client, room, faded).await.unwrap();
        assert_eq!(kept(&stage, &ana, room).await, Some(Wallpaper { dim: 30, ..set.clone() }));
        let forged = Wallpaper { key: "picture".into(), hue: None, dim: 0, picture: Some(forged) };
        assert_eq!(choose(&mut bens, room, forged).await, Err(Error::invalid("key", Problem::BadFormat)));
        // It stays while it is there, and goes with the next one; its fading stays.
        assert_eq!(files::sweep(&stage.app, Timestamp::now().plus_ms(2 * DAY_MS)).await.unwrap(), 0);
        let second = FileId::new();
        assert_eq!(put(&ana, second, teal(40, 40)).await.status, 200);
        gone(&stage, first).await;
        assert_eq!(kept(&stage, &ana, room).await.map(|wallpaper| wallpaper.dim), Some(30));
        // Another choice takes it away.
        let dusk = Wallpaper { key: "dusk".into(), hue: None, dim: 0, picture: Some(picture) };
        choose(&mut client, room, dusk.clone()).await.unwrap();
        gone(&stage, second).await;
        assert_eq!(kept(&stage, &ana, room).await, Some(Wallpaper { picture: None, ..dusk.clone() }));
        let third = FileId::new();
        assert_eq!(put(&ana, third, teal(40, 40)).await.status, 200);
        let remove = || {
            let ana = ana.clone();
            async move { ask(&ana, reqwest::Method::DELETE, &format!("/pictures/wallpapers/{room}"), "", Vec::new()).await.status }
        };
        assert_eq!(remove().await, 204);
        gone(&stage, third).await;
        assert_eq!(kept(&stage, &ana, room).await, None);
        // With nothing to take away, another choice stays.
        choose(&mut client, room, dusk).await.unwrap();
        assert_eq!(remove().await, 204);
        assert!(kept(&stage, &ana, room).await.is_some());
        assert_eq!(stage.app.db.file_usage(ana.user_id).await.unwrap(), 0);
    }

    async fn the_wallpaper_of_who_left_is_swept(store) {
        let stage = Stage::start(store).await;
        let (owner, member, _, room) = trio(&stage).await;
        let id = FileId::new();
        let path = format!("/pictures/wallpapers/{room}/{id}");
        assert_eq!(ask(&member, reqwest::Method::PUT, &path, "image/png", teal(60, 60)).await.status, 200);
        let left = ask(&owner, reqwest::Method::POST, &format!("/api/rooms/{room}/members/{}/remove", member.user_id), "application/json", b"{}".to_vec()).await;
        assert_eq!(left.status, 200, "{}", String::from_utf8_lossy(&left.bytes));
        files::sweep(&stage.app, Timestamp::now().plus_ms(2 * DAY_MS)).await.unwrap();
        gone(&stage, id).await;
    }
}

/// As a simple program does it: a server that answers in the middle and closes would only be a broken connection to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_only_after_sending_is_told_why_it_was_refused() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    const SIZE: usize = 6_000_000;
    let stage = Stage::start(Store::Embedded).await;
    let (ana, _, room) = stage.pair().await;
    let html = [&b"<!doctype html><script>"[..], &vec![b' '; SIZE - 23]].concat();
    for path in [upload_path(FileId::new(), room, "photo.png"), format!("/pictures/me/{}", FileId::new())] {
        let mut socket = tokio::net::TcpStream::connect(ana.address).await.unwrap();
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\ncontent-length: {SIZE}\r\nconnection: close\r\n\r\n",
            ana.address, ana.app.config.origin, ana.cookie
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&html).await.expect("all of it is read");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 422") && answer.contains("\"reason\":\"not_"), "{answer}");
    }
}

/// An open report of a message of `of` that showed a file which was never claimed, and no longer does.
async fn evidence_of(stage: &Stage, by: &Person, of: &Person, file: Attachment) {
    let person =
        |user_id, app: lavender::server::App| async move { app.db.user(user_id).await.unwrap().unwrap().person() };
    let (author, reporter) = (person(of.user_id, stage.app.clone()).await, person(by.user_id, stage.app.clone()).await);
    let text = EvidenceText {
        message_id: Some(MessageId::new()),
        seq: Some(1),
        author: author.clone(),
        body: Body::stored(String::new()),
        at: Timestamp::now(),
        is_reported: true,
        attachments: vec![file],
    };
    let report = Report {
        id: ReportId::new(),
        state: ReportState::Open,
        reported: Reported::Person { user_id: of.user_id },
        subject: Some(author),
        reporter,
        reason: Reason::Other,
        note: String::new(),
        room_id: None,
        room_name: None,
        evidence: vec![text],
        created_at: Timestamp::now(),
        handled_by: None,
        handled_at: None,
    };
    stage.app.db.create_report(&report).await.unwrap();
}

async fn choose(client: &mut Client, room_id: RoomId, wallpaper: Wallpaper) -> Result<(), Error> {
    let change = PrefsChange::Wallpaper { wallpaper: Some(wallpaper) };
    let id = client.command(Command::Prefs { room_id, change }).await;
    client.answer(id).await.map(|_| ())
}

/// The wallpaper of somebody in a room.
async fn kept(stage: &Stage, person: &Person, room: RoomId) -> Option<Wallpaper> {
    let prefs = stage.app.db.prefs(&[room], person.user_id).await.unwrap();
    prefs.into_iter().find(|(id, _)| *id == room).and_then(|(_, prefs)| prefs.wallpaper)
}

fn teal(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixels = image::RgbImage::from_pixel(width, height, image::Rgb([20, 160, 140]));
    pixels.write_to(&mut bytes, image::ImageFormat::Png).expect("it is written");
    bytes.into_inner()
}

/// Waits until nothing is left of a file.
async fn gone(stage: &Stage, id: FileId) {
    let wait = async {
        while stage.app.db.file(id).await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::stage::PATIENCE, wait).await.expect("it is taken away");
}
