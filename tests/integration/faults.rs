//! Files while things go wrong, on real processes: the disk is full, the process gets SIGKILL.

use crate::files::sending;
use crate::support::process::{Account, Installation, Process};
use crate::support::reply::upload_path;
use crate::support::server::PATIENCE;
use crate::support::storage::{Inventory, Storage};
use bytes::Bytes;
use futures_util::future::join_all;
use lavender::id::FileId;
use lavender::live::{Command, ServerFrame};
use lavender::server::service::files;
use lavender::server::store::FileState;
use lavender::time::Timestamp;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;

const DAY_MS: i64 = 24 * 3_600_000;
const MB: usize = 1_000_000;
/// Of a large picture, in pixels.
const SIDE: u32 = 4_000;

/// Bytes that are different everywhere, and in each file.
fn bytes_of(file: usize, count: usize) -> Vec<u8> {
    (0..count).map(|at| ((at * 31 + at / 251 + file * 7) % 251) as u8).collect()
}

/// A small file that takes the server long to read: of three at once the last one waits.
fn large_picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::new(SIDE, SIDE).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Polls, with a deadline.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "not in time: {what}");
}

/// An upload by hand, so that it can stop anywhere.
struct Slow {
    socket: TcpStream,
}

impl Slow {
    /// Sends the head. `None`: nobody answers.
    async fn begin(by: &Account, id: FileId, name: &str, length: usize) -> Option<Self> {
        let mut socket = TcpStream::connect(by.address).await.ok()?;
        let head = format!(
            "PUT {} HTTP/1.1\r\nhost: {}\r\norigin: {}\r\ncookie: {}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
            upload_path(id, by.room_id, name),
            by.address,
            by.client.origin,
            by.client.cookie_header(),
        );
        socket.write_all(head.as_bytes()).await.ok()?;
        Some(Self { socket })
    }

    async fn send(&mut self, bytes: &[u8]) -> Option<()> {
        self.socket.write_all(bytes).await.ok()
    }

    /// Status and body; `None`: the connection broke before.
    async fn answer(mut self) -> Option<(u16, Value)> {
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, self.socket.read_to_end(&mut answer)).await.expect("in time");
        read.ok()?;
        let text = String::from_utf8(answer).ok()?;
        let status = text.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let (_, body) = text.split_once("\r\n\r\n")?;
        Some((status, serde_json::from_str(body).ok()?))
    }
}

/// Sends a message; `None` when the server goes meanwhile.
async fn say(by: &Account, command: &Command) -> Option<Result<ServerFrame, lavender::Error>> {
    let mut socket = by.connect().await?;
    let id = socket.command(command.clone()).await;
    socket.answer_or_end(id).await
}

/// A text gets its place.
async fn text_goes(by: &Account) {
    let said = say(by, &sending(by.room_id, "a text", &[])).await.expect("the server lives");
    said.expect("texts go");
}

/// Everything said in somebody's room, oldest first: the files of each message.
async fn shown(by: &Account) -> Vec<Vec<Value>> {
    let page = by.get(&format!("/api/rooms/{}/messages?limit=100", by.room_id)).await;
    let page: Value = serde_json::from_slice(&page.bytes).expect("JSON");
    let files = |message: &Value| message["attachments"].as_array().cloned().unwrap_or_default();
    page["messages"].as_array().expect("messages").iter().map(files).collect()
}

mod full {
    use super::*;

    /// Somebody on a server with one of its folders on a disk of so many megabytes, and where that is. `None` where no test may
    /// mount one.
    async fn on_a_small_disk(
        place: fn(&Installation) -> PathBuf,
        megabytes: usize,
    ) -> Option<(Installation, Process, PathBuf, Account)> {
        let mut home = Installation::new();
        if !home.put_on_a_small_disk(&place(&home), megabytes) {
            return None;
        }
        let server = home.start().await;
        let folder = server.inside(&place(&home));
        let ana = server.register("ana").await;
        Some((home, server, folder, ana))
    }

    /// Takes all that is left of a disk, to the last byte.
    fn fill(folder: &Path) {
        let mut file = std::fs::File::create(folder.join("filler")).unwrap();
        let mut piece = 1 << 20;
        while piece > 0 {
            match file.write(&vec![1; piece]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => piece /= 2,
                Err(error) => panic!("{error}"),
            }
        }
        file.sync_all().unwrap();
    }

    fn empty(folder: &Path) {
        std::fs::remove_file(folder.join("filler")).unwrap();
    }

    fn no_room() -> Value {
        json!({ "code": "storage_full" })
    }

    async fn usage(by: &Account) -> u64 {
        let usage = by.get("/api/files/usage").await;
        let usage: Value = serde_json::from_slice(&usage.bytes).unwrap();
        assert_eq!(usage["is_down"], json!(false), "it answers, and may have room for less");
        usage["used"].as_u64().unwrap()
    }

    /// Only what was taken is there, and only that counts.
    async fn nothing_else(server: &Process, home: &Installation, by: &Account, taken: u64) {
        until("what was refused is gone", async || {
            let all = Inventory::of_folder(&server.inside(&home.blobs()));
            all.unfinished.is_empty() && all.blobs.values().sum::<u64>() == taken && usage(by).await == taken
        })
        .await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_blob_folder_refuses_files_with_a_code_of_its_own_and_texts_go() {
        let Some((home, server, folder, ana)) = on_a_small_disk(Installation::blobs, 12).await else { return };
        let first = FileId::new();
        assert_eq!(ana.put(first, "a.bin", "", &bytes_of(0, MB)).await.status, 200);

        // Three at once, of which two fit at most.
        let replies = join_all((0..3).map(|file| {
            let bytes = bytes_of(file, 5 * MB);
            let ana = &ana;
            async move { ana.put(FileId::new(), "b.bin", "", &bytes).await }
        }))
        .await;
        let mut taken = MB as u64;
        for reply in &replies {
            match reply.status {
                200 => taken += 5 * MB as u64,
                status => assert_eq!((status, reply.failure()), (507, no_room())),
            }
        }
        assert!(replies.iter().any(|reply| reply.status == 507));
        text_goes(&ana).await;
        nothing_else(&server, &home, &ana, taken).await;

        // To the last byte: whatever it is that is brought, and whoever reads it back.
        fill(&folder);
        let id = FileId::new();
        for (path, declared, bytes) in [
            (upload_path(id, ana.room_id, "c.txt"), "", b"small".to_vec()),
            (upload_path(FileId::new(), ana.room_id, "d.png"), "image/png", large_picture()),
            (format!("/pictures/me/{}", FileId::new()), "image/png", large_picture()),
            (format!("/pictures/wallpapers/{}/{}", ana.room_id, FileId::new()), "image/png", large_picture()),
        ] {
            let reply = ana.ask(Method::PUT, &path, declared, &bytes).await;
            assert_eq!((reply.status, reply.failure()), (507, no_room()), "{path}");
        }
        text_goes(&ana).await;
        assert_eq!(ana.follow(&format!("/files/{first}")).await.1.bytes, bytes_of(0, MB), "what is there is served");
        until("who watches it is told", async || {
            let ready = ana.get("/readyz").await;
            ready.status == 200 && String::from_utf8_lossy(&ready.bytes).contains("the storage of files is full")
        })
        .await;
        nothing_else(&server, &home, &ana, taken).await;

        // Room comes back: the same file under the same id, without another start.
        empty(&folder);
        assert_eq!(ana.put(id, "c.txt", "", b"small").await.status, 200);
        nothing_else(&server, &home, &ana, taken + 5).await;
        assert!(home.said().contains("no room left for files"), "{}", home.said());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_disk_that_fills_up_in_the_middle_of_a_file_ends_it_cleanly() {
        let Some((home, server, folder, ana)) = on_a_small_disk(Installation::blobs, 12).await else { return };
        let bytes = bytes_of(0, 3 * MB);
        let id = FileId::new();
        let mut upload = Slow::begin(&ana, id, "a.bin", bytes.len()).await.unwrap();
        let (begin, rest) = bytes.split_at(MB / 2);
        upload.send(begin).await.unwrap();
        until("its beginning is on the disk", async || {
            Inventory::of_folder(&folder).unfinished.iter().any(|size| *size > 100_000)
        })
        .await;
        fill(&folder);
        upload.send(rest).await.expect("the rest is read");
        let (status, body) = upload.answer().await.expect("an answer");
        assert_eq!((status, &body["data"]), (507, &no_room()));
        nothing_else(&server, &home, &ana, 0).await;
        text_goes(&ana).await;
        empty(&folder);
        assert_eq!(ana.put(id, "a.bin", "", &bytes).await.status, 200);
        assert_eq!(ana.follow(&format!("/files/{id}")).await.1.bytes, bytes);
    }

    /// The usual case: messages are on the same disk. Files leave room for them, as much as their log grows to.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn files_do_not_take_the_room_of_texts_on_the_same_disk() {
        const SIZE: usize = 8 * MB;
        let Some((home, server, folder, ana)) = on_a_small_disk(Installation::data, 128).await else { return };
        let mut taken = 0;
        let refused = loop {
            let reply = ana.put(FileId::new(), "a.bin", "", &bytes_of(taken, SIZE)).await;
            if reply.status != 200 {
                break reply;
            }
            taken += 1;
            assert!(taken < 17, "the disk has an end");
        };
        assert_eq!((refused.status, refused.failure()), (507, no_room()));
        assert!(taken >= 14, "most of it is for files: {taken}");
        // Several at once find no other end.
        let replies = join_all((0..3).map(|file| {
            let bytes = bytes_of(file, SIZE);
            let ana = &ana;
            async move { ana.put(FileId::new(), "b.bin", "", &bytes).await.status }
        }))
        .await;
        assert_eq!(replies, [507; 3]);
        for _ in 0..50 {
            text_goes(&ana).await;
        }
        nothing_else(&server, &home, &ana, (taken * SIZE) as u64).await;

        // When others fill it up to the last byte, nothing is said to be stored that is not, and all of it goes later.
        fill(&folder);
        let text = sending(ana.room_id, &"a long text ".repeat(600), &[]);
        let mut refused = 0;
        for _ in 0..40 {
            match say(&ana, &text).await.expect("the server lives") {
                Ok(_) => break,
                Err(error) => assert!(matches!(error, lavender::Error::Unavailable { .. }), "{error:?}"),
            }
            refused += 1;
        }
        let late = ana.put(FileId::new(), "c.txt", "", b"small").await;
        assert!([503, 507].contains(&late.status), "{}", late.status);
        empty(&folder);
        say(&ana, &text).await.expect("the server lives").expect("once");
        let texts = shown(&ana).await.len();
        // The line of the group, and each text once.
        assert_eq!(texts, 1 + 50 + 1, "refused {refused} times");
        nothing_else(&server, &home, &ana, (taken * SIZE) as u64).await;
    }
}

/// A file that somebody sends until it is there, and then in a message of its own.
struct Errand {
    by: Account,
    id: FileId,
    name: &'static str,
    bytes: Bytes,
    message: Command,
}

impl Errand {
    fn new(by: &Account, name: &'static str, bytes: Vec<u8>) -> Self {
        let id = FileId::new();
        Self { by: by.clone(), id, name, bytes: bytes.into(), message: sending(by.room_id, name, &[id]) }
    }

    async fn begin(&self) -> Option<Slow> {
        Slow::begin(&self.by, self.id, self.name, self.bytes.len()).await
    }

    /// One attempt, always under the same id. `moved` counts its bytes.
    async fn attempt(&self, moved: &watch::Sender<u64>) -> Option<()> {
        const PIECE: usize = 16 * 1_024;
        let mut upload = self.begin().await?;
        for piece in self.bytes.chunks(PIECE) {
            upload.send(piece).await?;
            moved.send_modify(|count| *count += piece.len() as u64);
            tokio::task::yield_now().await;
        }
        let (status, body) = upload.answer().await?;
        // Also not a conflict: who had it before is dead.
        assert_eq!(status, 200, "{}: {body}", self.name);
        let acked = say(&self.by, &self.message).await?;
        acked.unwrap_or_else(|error| panic!("{}: {error:?}", self.name));
        Some(())
    }

    /// Again and again; after each failure it waits for the next start.
    async fn run(&self, moved: &watch::Sender<u64>, mut starts: watch::Receiver<usize>) {
        loop {
            let start = *starts.borrow();
            if self.attempt(moved).await.is_some() {
                return;
            }
            let next = starts.wait_for(|now| *now > start);
            tokio::time::timeout(PATIENCE, next).await.expect("in time").expect("it is started again");
        }
    }
}

/// What has to be true whatever happened: a day later there are the files of messages, whole, and nothing else.
async fn is_sound(home: &Installation, people: &[&Account], server: Process) {
    let mut in_messages = Vec::new();
    for person in people {
        in_messages.extend(shown(person).await.into_iter().flatten());
    }
    server.kill();
    let app = home.open().await;
    let later = Timestamp::now().plus_ms(DAY_MS + 3_600_000);
    files::sweep(&app, later).await.unwrap();
    app.blobs.sweep(later).await.unwrap();
    let rows = app.db.old_files(None, later, 10_000).await.unwrap();
    let mut blobs = BTreeMap::new();
    for row in &rows {
        assert_eq!(row.state, FileState::Ready, "{row:?}");
        for object in &row.content.objects {
            let dash = if object.suffix.is_empty() { "" } else { "-" };
            blobs.insert(format!("{}{dash}{}", row.content.key, object.suffix), object.size);
        }
    }
    let mut kept: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let mut said: Vec<String> = in_messages.iter().map(|file| file["id"].as_str().unwrap().to_owned()).collect();
    kept.sort();
    said.sort();
    assert_eq!(kept, said, "each file is in one message, and each message has its file");
    home.holds(&blobs).await;
    app.db.close().await;
}

on_both_storages! {
    /// Files that come, files that are there and are looked at, and files that are there and in no message yet.
    async fn what_kill_9_ends_is_begun_again_and_leaves_nothing(storage) {
        let home = Installation::on(storage, "-3");
        let server = home.start().await;
        let (ana, ben) = (server.register("ana").await, server.register("ben").await);
        let moved = watch::channel(0).0;
        let sent = Errand::new(&ana, "sent.txt", b"in a message".to_vec());
        sent.attempt(&moved).await.unwrap();
        let unsent = FileId::new();
        assert_eq!(ana.put(unsent, "unsent.txt", "", b"in no message").await.status, 200);
        let never = FileId::new();
        assert_eq!(ana.put(never, "never.txt", "", b"in no message, ever").await.status, 200);

        // Three of Ana's stop in the middle: two large ones, one of which nobody takes up again, and the beginning of a small one.
        let large = Errand::new(&ana, "large.bin", bytes_of(1, 20 * MB));
        let dropped = Errand::new(&ana, "dropped.bin", bytes_of(2, 20 * MB));
        let small = Errand::new(&ana, "small.bin", bytes_of(3, 60_000));
        let mut halves = Vec::new();
        for (errand, part) in [(&large, 12 * MB), (&dropped, 10 * MB), (&small, 20_000)] {
            let mut upload = errand.begin().await.unwrap();
            upload.send(&errand.bytes[..part]).await.unwrap();
            halves.push(upload);
        }
        // Three of Ben's are there as a whole and are looked at, one after the other.
        let picture = large_picture();
        let pictures: Vec<Errand> = (0..3).map(|_| Errand::new(&ben, "large.png", picture.clone())).collect();
        for errand in &pictures {
            let mut upload = errand.begin().await.unwrap();
            upload.send(&errand.bytes).await.unwrap();
            halves.push(upload);
        }
        until("halves and whole ones", async || {
            let now = home.inventory().await;
            let whole = now.blobs.values().filter(|size| **size == picture.len() as u64).count();
            let is_begun = match storage {
                Storage::Folder => now.unfinished.len() >= 3,
                // A small one is still in memory.
                Storage::Bucket => now.unfinished.len() >= 2,
            };
            is_begun && whole >= 2
        })
        .await;
        server.kill();
        drop(halves);
        let left = home.inventory().await;
        assert!(!left.unfinished.is_empty(), "something is half-written");
        assert!(left.blobs.values().any(|size| *size == picture.len() as u64), "something is there and not looked at");

        let server = home.start().await;
        if storage == Storage::Folder {
            // At once: who is dead does not go on.
            let kept: BTreeMap<String, u64> = home.inventory().await.blobs;
            home.holds(&kept).await;
        }
        assert_eq!(shown(&ana).await.into_iter().flatten().count(), 1, "what was said is there");
        for errand in [&large, &small].into_iter().chain(&pictures) {
            errand.attempt(&moved).await.expect("it is taken as if nothing had been");
        }
        // What had been taken is known, and goes into a message without being brought again.
        let again = ana.put(unsent, "unsent.txt", "", b"in no message").await.attachment();
        assert_eq!((again.id, again.size), (unsent, 13));
        say(&ana, &sending(ana.room_id, "", &[unsent])).await.unwrap().unwrap();
        for errand in [&sent, &large, &small] {
            let (_, served) = ana.follow(&format!("/files/{}", errand.id)).await;
            assert!(served.bytes == errand.bytes, "{}", errand.name);
        }
        for errand in &pictures {
            let (_, served) = ben.follow(&format!("/files/{}", errand.id)).await;
            let shown = image::load_from_memory(&served.bytes).expect("a picture");
            assert_eq!((shown.width(), shown.height()), (SIDE, SIDE));
        }
        assert_eq!(ana.get(&format!("/files/{}", dropped.id)).await.status, 404);
        is_sound(&home, &[&ana, &ben], server).await;

        // And at any moment, again and again.
        let seed = rand::random();
        println!("seed {seed}");
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        let mut server = home.start().await;
        let errands: Vec<Errand> = [&ana, &ben]
            .into_iter()
            .flat_map(|person| {
                let png = crate::support::corpus::png(900, 700);
                [("any.bin", bytes_of(4, 4 * MB)), ("any.png", png), ("any.txt", b"some text ".repeat(3_000))]
                    .map(|(name, bytes)| Errand::new(person, name, bytes))
            })
            .collect();
        let (starts, started) = watch::channel(0);
        let moved = Arc::new(watch::channel(0_u64).0);
        let everything = join_all(errands.iter().map(|errand| errand.run(&moved, started.clone())));
        let kills = async {
            for kill in 1..=5 {
                // Somewhere in the next megabytes; all of one round are about nine.
                let at = *moved.borrow() + random.random_range(1..2 * MB as u64);
                let reached = async { moved.subscribe().wait_for(|now| *now >= at).await.map(drop) };
                // Fewer were left: then whatever comes behind them is cut.
                if tokio::time::timeout(std::time::Duration::from_secs(2), reached).await.is_err() {
                    println!("kill {kill}: at the end");
                }
                server.kill();
                server = home.start().await;
                starts.send_replace(kill);
            }
            server
        };
        let (server, _) = tokio::join!(kills, everything);
        for errand in &errands {
            let (_, served) = errand.by.follow(&format!("/files/{}", errand.id)).await;
            assert!(errand.name == "any.png" || served.bytes == errand.bytes, "{}", errand.name);
        }
        is_sound(&home, &[&ana, &ben], server).await;
    }
}
