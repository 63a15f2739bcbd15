//! The blob store: the same promises by a folder and by a bucket, and the links that lead to blobs.

use crate::support::server::{PATIENCE, TestServer};
use crate::support::storage::{Storage, has_bucket};
use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use lavender::server::blobs::{
    Blob, BlobError, BlobKey, Blobs, Bucket, ByteRange, ByteStream, Disposition, LinkOptions, Links, Local,
};
use lavender::time::Timestamp;
use reqwest::{Method, StatusCode};
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

const MIB: usize = 1024 * 1024;
const PLAIN: LinkOptions<'static> =
    LinkOptions { content_type: "image/webp", disposition: Disposition::Inline, name: "a.webp", expires_s: 60 };

/// Bytes that are different everywhere and the same each time.
fn pattern(from: usize, count: usize) -> Bytes {
    (from..from + count).map(|index| ((index * 31 + index / 251) % 256) as u8).collect()
}

/// `total` bytes of [`pattern`] in pieces whose size fits nothing.
fn pieces(total: usize) -> ByteStream {
    const PIECE: usize = 65_521;
    stream::iter((0..total).step_by(PIECE).map(move |from| Ok(pattern(from, PIECE.min(total - from))))).boxed()
}

/// [`pieces`], and then an end that is none.
fn broken_pieces(total: usize) -> ByteStream {
    let end = stream::once(async { Err(io::Error::from(io::ErrorKind::ConnectionReset)) });
    pieces(total).chain(end).boxed()
}

async fn whole(blob: Blob) -> Vec<u8> {
    let (size, mut all) = (blob.range.end - blob.range.start, Vec::new());
    let mut bytes = blob.bytes;
    while let Some(chunk) = bytes.try_next().await.expect("the store reads on") {
        all.extend_from_slice(&chunk);
    }
    assert_eq!(all.len() as u64, size, "as many bytes as were said");
    all
}

async fn read(blobs: &Arc<dyn Blobs>, key: &BlobKey, range: Option<ByteRange>) -> Vec<u8> {
    whole(blobs.get(key, range).await.expect("it is there")).await
}

async fn is_missing(blobs: &dyn Blobs, key: &BlobKey) {
    assert!(matches!(blobs.size(key).await, Err(BlobError::Missing)));
    assert!(matches!(blobs.get(key, None).await, Err(BlobError::Missing)));
}

/// Asks as a browser without any cookie does, wherever a link leads.
async fn ask(server: &TestServer, method: Method, link: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let url = if link.starts_with('/') { format!("{}{link}", server.origin) } else { link.to_owned() };
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request =
        headers.iter().fold(http.request(method, url), |request, (name, value)| request.header(*name, *value));
    tokio::time::timeout(PATIENCE, request.send()).await.expect("in time").expect("an answer")
}

async fn get(server: &TestServer, link: &str) -> reqwest::Response {
    ask(server, Method::GET, link, &[]).await
}

fn header(response: &reqwest::Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

on_both_storages! {
    /// 0 bytes, one, more than the smallest part of a bucket, and several parts.
    async fn what_was_written_comes_back(storage) {
        let server = storage.server().await;
        let blobs = server.app.blobs.clone();
        for total in [0, 1, 8 * MIB, 5 * MIB + 1, 20 * MIB] {
            let key = BlobKey::random();
            is_missing(&*blobs, &key).await;
            assert_eq!(blobs.put(&key, pieces(total), total as u64).await.expect("it fits"), total as u64);
            assert_eq!(blobs.size(&key).await.expect("it is there"), total as u64);
            assert!(read(&blobs, &key, None).await == pattern(0, total), "{total} bytes");
        }
        let key = BlobKey::random().variant("g").unwrap();
        blobs.put_bytes(&key, Bytes::from_static(b"small"), "image/webp").await.expect("it fits");
        assert_eq!(read(&blobs, &key, None).await, b"small");
    }

    async fn a_part_is_read_without_the_rest(storage) {
        let server = storage.server().await;
        let blobs = server.app.blobs.clone();
        let (key, total) = (BlobKey::random(), 9 * MIB);
        blobs.put(&key, pieces(total), total as u64).await.expect("it fits");
        let border = 8 * MIB;
        for (range, start, end) in [
            (ByteRange::From { first: 0, last: Some(0) }, 0, 1),
            (ByteRange::From { first: border as u64 - 3, last: Some(border as u64 + 2) }, border - 3, border + 3),
            (ByteRange::From { first: total as u64 - 5, last: None }, total - 5, total),
            (ByteRange::From { first: total as u64 - 5, last: Some(u64::MAX) }, total - 5, total),
            (ByteRange::Last(7), total - 7, total),
        ] {
            let blob = blobs.get(&key, Some(range)).await.unwrap_or_else(|error| panic!("{range:?}: {error}"));
            assert_eq!((blob.size, blob.range.clone()), (total as u64, start as u64..end as u64), "{range:?}");
            assert_eq!(whole(blob).await, pattern(start, end - start), "{range:?}");
        }
        for range in [ByteRange::From { first: total as u64, last: None }, ByteRange::Last(0)] {
            let size = match blobs.get(&key, Some(range)).await {
                Err(BlobError::OutOfRange { size }) => size,
                Err(error) => panic!("{range:?}: {error}"),
                Ok(_) => panic!("{range:?} is none"),
            };
            assert_eq!(size, total as u64);
        }
    }

    async fn what_is_cut_or_too_large_is_not_there(storage) {
        let server = storage.server().await;
        let blobs = server.app.blobs.clone();
        for total in [1, 6 * MIB, 12 * MIB] {
            let key = BlobKey::random();
            let limit_bytes = total as u64 - 1;
            let error = blobs.put(&key, pieces(total), limit_bytes).await.expect_err("one too many");
            assert!(matches!(error, BlobError::TooLarge { limit_bytes: said } if said == limit_bytes), "{error}");
            is_missing(&*blobs, &key).await;
            let error = blobs.put(&key, broken_pieces(total), u64::MAX).await.expect_err("it was cut");
            assert!(matches!(error, BlobError::Cut(_)), "{error}");
            is_missing(&*blobs, &key).await;
        }
    }

    /// A stream that never ends is not read further than the limit.
    async fn a_limit_is_kept_while_bytes_come(storage) {
        let server = storage.server().await;
        let blobs = server.app.blobs.clone();
        let endless = stream::repeat_with(|| Ok(Bytes::from_static(&[7; 4096]))).boxed();
        let key = BlobKey::random();
        let put = blobs.put(&key, endless, 10 * MIB as u64);
        let error = tokio::time::timeout(PATIENCE, put).await.expect("in time").expect_err("endless");
        assert!(matches!(error, BlobError::TooLarge { .. }), "{error}");
    }

    async fn removing_twice_is_fine(storage) {
        let server = storage.server().await;
        let blobs = server.app.blobs.clone();
        let key = BlobKey::random();
        blobs.delete(&key).await.expect("nothing to do");
        blobs.put_bytes(&key, Bytes::from_static(b"x"), "text/plain").await.expect("it fits");
        blobs.delete(&key).await.expect("it goes");
        is_missing(&*blobs, &key).await;
        blobs.delete(&key).await.expect("it is gone already");
    }

    /// What was there before is replaced whole; of two writers one wins.
    async fn two_writers_of_one_key_do_not_mix(storage) {
        let server = storage.server().await;
        let blobs = server.app.blobs.clone();
        let (key, total) = (BlobKey::random(), 9 * MIB);
        let fill = |byte: u8| stream::iter((0..total / 4096).map(move |_| Ok(Bytes::from(vec![byte; 4096])))).boxed();
        blobs.put(&key, pieces(3 * MIB), u64::MAX).await.expect("the first");
        let (one, two) = tokio::join!(blobs.put(&key, fill(1), u64::MAX), blobs.put(&key, fill(2), u64::MAX));
        assert_eq!((one.expect("written"), two.expect("written")), (total as u64, total as u64));
        let all = read(&blobs, &key, None).await;
        assert!(all.len() == total && all.iter().all(|byte| *byte == all[0]), "one of them, whole");
    }

    async fn it_says_whether_it_takes_bytes(storage) {
        let server = storage.server().await;
        server.app.blobs.ping().await.expect("it does");
        let ready = get(&server, "/readyz").await;
        assert_eq!(ready.text().await.unwrap(), "ready\n");
    }

    /// To anybody, with what was asked for.
    async fn a_link_gives_its_blob(storage) {
        let server = storage.server().await;
        let blobs = &server.app.blobs;
        let key = BlobKey::random();
        blobs.put(&key, pieces(300_000), u64::MAX).await.expect("it fits");
        let name = "\u{202e}Späti \"💜\"; filename=\"x.html\"\r\nX-Evil: 1/../бумага 100%.webp";
        let options = LinkOptions { name, disposition: Disposition::Attachment, content_type: "image/webp; x=y", ..PLAIN };
        let link = blobs.link(&key, &options, Timestamp::now()).await.expect("a link");
        assert_eq!(link.starts_with("/blobs/"), storage == Storage::Folder, "{link}");

        let response = get(&server, &link).await;
        assert_eq!(response.status(), StatusCode::OK, "{link}");
        assert_eq!(header(&response, "content-type"), "image/webp; x=y");
        assert_eq!(header(&response, "content-disposition"), options.content_disposition());
        assert!(header(&response, "content-disposition").contains("filename*=UTF-8''_Sp%C3%A4ti%20%22%F0%9F%92%9C%22"));
        assert_eq!(header(&response, "cache-control"), "private, max-age=60");
        assert_eq!(header(&response, "content-length"), "300000");
        assert_eq!(header(&response, "accept-ranges"), "bytes");
        assert_eq!(header(&response, "x-evil"), "");
        assert_eq!(header(&response, "content-encoding"), "");
        if storage == Storage::Folder {
            assert_eq!(header(&response, "x-content-type-options"), "nosniff");
            assert_eq!(header(&response, "content-security-policy"), "sandbox; default-src 'none'");
        }
        assert_eq!(response.bytes().await.unwrap(), pattern(0, 300_000));

        let head = ask(&server, Method::HEAD, &link, &[]).await;
        // A bucket's signature names the method.
        if storage == Storage::Folder {
            assert_eq!((head.status(), header(&head, "content-length").as_str()), (StatusCode::OK, "300000"));
        } else {
            assert!(head.status() == StatusCode::FORBIDDEN || head.status() == StatusCode::OK, "{}", head.status());
        }
    }

    /// Also of a type that would be compressed otherwise.
    async fn a_link_gives_parts(storage) {
        let server = storage.server().await;
        let key = BlobKey::random();
        server.app.blobs.put(&key, pieces(100_000), u64::MAX).await.expect("it fits");
        let options = LinkOptions { content_type: "text/plain; charset=utf-8", ..PLAIN };
        let link = server.app.blobs.link(&key, &options, Timestamp::now()).await.expect("a link");
        for (range, start, end) in
            [("bytes=0-0", 0, 1), ("bytes=500-999", 500, 1_000), ("bytes=99990-", 99_990, 100_000), ("bytes=-5", 99_995, 100_000)]
        {
            let asked = [("range", range), ("accept-encoding", "gzip")];
            let response = ask(&server, Method::GET, &link, &asked).await;
            assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT, "{range}");
            assert_eq!(header(&response, "content-range"), format!("bytes {start}-{}/100000", end - 1));
            assert_eq!(header(&response, "content-length"), (end - start).to_string());
            assert_eq!(header(&response, "content-encoding"), "");
            assert_eq!(response.bytes().await.unwrap(), pattern(start, end - start), "{range}");
        }
        let response = ask(&server, Method::GET, &link, &[("range", "bytes=100000-")]).await;
        assert_eq!(response.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        if storage == Storage::Folder {
            assert_eq!(header(&response, "content-range"), "bytes */100000");
            for all in ["bytes=5-4", "lines=0-1", "bytes=0-1,3-4", "nonsense"] {
                let response = ask(&server, Method::GET, &link, &[("range", all)]).await;
                assert_eq!(response.status(), StatusCode::OK, "{all}");
                assert_eq!(response.bytes().await.unwrap().len(), 100_000, "{all}");
            }
            let response = ask(&server, Method::GET, &link, &[("accept-encoding", "gzip, br")]).await;
            assert_eq!((header(&response, "content-encoding"), header(&response, "content-length")), (String::new(), "100000".to_owned()));
        }
    }

    /// Whatever is changed in it, and a minute later.
    async fn only_a_fresh_link_of_ours_works(storage) {
        let server = storage.server().await;
        let blobs = &server.app.blobs;
        let (key, other) = (BlobKey::random(), BlobKey::random());
        for key in [&key, &other] {
            blobs.put_bytes(key, Bytes::from_static(b"<script>"), "text/plain").await.expect("it fits");
        }
        let now = Timestamp::now();
        let link = blobs.link(&key, &PLAIN, now).await.expect("a link");
        assert_eq!(get(&server, &link).await.status(), StatusCode::OK, "the control passes");

        let (base, query) = link.split_once('?').expect("a query");
        let pairs: Vec<(&str, &str)> = query.split('&').map(|pair| pair.split_once('=').expect("a value")).collect();
        let joined = |pairs: &[(&str, String)]| {
            let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{base}?{}", query.join("&"))
        };
        let mut refused = vec![link.replace(key.as_str(), other.as_str()), base.to_owned()];
        for index in 0..pairs.len() {
            let mut changed: Vec<(&str, String)> = pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            let value = &mut changed[index].1;
            let last = value.pop();
            value.push(if last == Some('1') { '2' } else { '1' });
            // Some name what is to be done; nothing of it can be read.
            if pairs[index].0 != "x-id" {
                refused.push(joined(&changed));
            }
            changed.remove(index);
            if pairs[index].0 != "x-id" && !(pairs[index].0 == "n" && pairs[index].1.is_empty()) {
                refused.push(joined(&changed));
            }
        }
        refused.push(format!("{link}&d=inline"));
        refused.push(format!("{link}&response-content-type=text%2Fhtml"));
        for link in refused {
            let response = get(&server, &link).await;
            let status = response.status();
            assert!(status == StatusCode::FORBIDDEN || storage == Storage::Bucket && status == StatusCode::BAD_REQUEST, "{status}: {link}");
            assert!(!response.text().await.unwrap().starts_with("<script>"), "{link}");
        }

        let expired = blobs.link(&key, &PLAIN, now.plus_ms(-61_000)).await.expect("a link of a minute ago");
        assert_eq!(get(&server, &expired).await.status(), StatusCode::FORBIDDEN, "expired");
        let shorter = LinkOptions { expires_s: 5, ..PLAIN };
        let expired = blobs.link(&key, &shorter, now.plus_ms(-6_000)).await.expect("a link of a moment ago");
        assert_eq!(get(&server, &expired).await.status(), StatusCode::FORBIDDEN, "expired sooner");

        for method in [Method::PUT, Method::DELETE, Method::POST] {
            let response = ask(&server, method.clone(), &link, &[("content-length", "0")]).await;
            assert!(response.status().is_client_error(), "{method}: {}", response.status());
        }
        assert_eq!(get(&server, &link).await.bytes().await.unwrap(), "<script>", "still there, and the link still works");
    }

    /// Once it has a link, its blob may be gone.
    async fn a_link_to_nothing_is_not_found(storage) {
        let server = storage.server().await;
        let link = server.app.blobs.link(&BlobKey::random(), &PLAIN, Timestamp::now()).await.expect("a link");
        assert_eq!(get(&server, &link).await.status(), StatusCode::NOT_FOUND);
    }

    /// 200 MiB in and out; see [`memory`].
    async fn a_large_blob_takes_little_memory(storage) {
        let name = match storage {
            Storage::Folder => "blobs::memory::folder",
            Storage::Bucket => "blobs::memory::bucket",
        };
        let myself = std::env::current_exe().expect("a program");
        let run = move || std::process::Command::new(myself).args(["--exact", "--ignored", "--nocapture", name]).output();
        let output = tokio::task::spawn_blocking(run).await.expect("no panic").expect("it runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}

/// In a process of their own, whose memory nothing else uses.
mod memory {
    use super::*;

    /// Kibibytes of a line of /proc/self/status.
    fn status(name: &str) -> usize {
        let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
        let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }

    /// The highest resident set while it goes in and comes out, over what the server takes that has moved one small blob.
    async fn measure(storage: Storage) {
        const BOUND_KIB: usize = 64 * 1024;
        let (total, server) = (200 * MIB, storage.server().await);
        let blobs = server.app.blobs.clone();
        blobs.put(&BlobKey::random(), pieces(MIB), u64::MAX).await.expect("it fits");
        let before = status("VmRSS");
        let key = BlobKey::random();
        let fill = stream::iter((0..total / 65_536).map(|_| Ok(Bytes::from(vec![7; 65_536])))).boxed();
        assert_eq!(blobs.put(&key, fill, total as u64).await.expect("it fits"), total as u64);
        let blob = blobs.get(&key, None).await.expect("it is there");
        let count = blob.bytes.try_fold(0, |count, chunk| async move { Ok(count + chunk.len()) }).await;
        assert_eq!(count.expect("it reads on"), total);
        blobs.delete(&key).await.expect("it goes");
        let grown = status("VmHWM").saturating_sub(before);
        println!("{storage:?}: {} KiB more than {before} KiB", grown);
        assert!(grown < BOUND_KIB, "{grown} KiB");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "a_large_blob_takes_little_memory runs it"]
    async fn folder() {
        measure(Storage::Folder).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "a_large_blob_takes_little_memory runs it"]
    async fn bucket() {
        measure(Storage::Bucket).await;
    }
}

/// A stream that gives so many bytes and then waits until it is told to go on.
fn halting(total: usize) -> (ByteStream, tokio::sync::oneshot::Sender<()>, tokio::sync::oneshot::Receiver<()>) {
    let (go_on, told) = tokio::sync::oneshot::channel::<()>();
    let (reached, at_halt) = tokio::sync::oneshot::channel();
    let rest = stream::once(async move {
        reached.send(()).ok();
        told.await.ok();
        Ok(Bytes::from_static(b"end"))
    });
    (pieces(total).chain(rest).boxed(), go_on, at_halt)
}

#[tokio::test]
async fn a_folder_keeps_nothing_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("blobs");
    let incoming = root.join(".incoming");
    let count = || std::fs::read_dir(&incoming).unwrap().count();
    let open = || Local::open(&root, Links::new([1; 32])).expect("a folder");
    let blobs = Arc::new(open());
    let key = BlobKey::random();

    let (bytes, go_on, halted) = halting(MIB);
    let writing = tokio::spawn({
        let (blobs, key) = (blobs.clone(), key.clone());
        async move { blobs.put(&key, bytes, u64::MAX).await }
    });
    halted.await.unwrap();
    assert_eq!(count(), 1, "on its way");
    is_missing(&*blobs, &key).await;
    // Another process that starts, and this one's own sweep, leave alone what is being written.
    open();
    assert_eq!(blobs.sweep(Timestamp::now()).await.unwrap(), 0);
    go_on.send(()).unwrap();
    assert_eq!(writing.await.unwrap().expect("written"), MIB as u64 + 3);
    assert_eq!(count(), 0);

    let (bytes, _go_on, halted) = halting(MIB);
    let put = blobs.put(&key, bytes, u64::MAX);
    tokio::select! {
        _ = put => panic!("it halts"),
        told = halted => told.unwrap(),
    }
    // What was begun is removed by a thread that nobody waits for.
    let emptied = async |why: &str| {
        let deadline = Instant::now() + Duration::from_secs(20);
        while count() > 0 {
            assert!(Instant::now() < deadline, "{why}: {} left", count());
            tokio::task::yield_now().await;
        }
    };
    emptied("dropped in the middle").await;
    assert_eq!(blobs.size(&key).await.unwrap(), MIB as u64 + 3, "what was there before stays");
    blobs.put(&key, broken_pieces(MIB), u64::MAX).await.expect_err("it was cut");
    emptied("cut").await;

    // As a killed process leaves it.
    std::fs::write(incoming.join("0190aaaa"), b"half").unwrap();
    open();
    assert_eq!(count(), 0, "removed at the next start");
}

#[tokio::test]
async fn a_folder_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("blobs");
    let blobs = Local::open(&root, Links::new([1; 32])).expect("a folder");
    let key = BlobKey::random();
    blobs.put(&key, pieces(10), 10).await.unwrap();
    let fan = root.join(&key.as_str()[..2]);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&root), mode(&fan), mode(&fan.join(key.as_str()))), (0o700, 0o700, 0o600));
}

/// In the second bucket, where nobody else writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_keeps_nothing_half_written() {
    if !has_bucket() {
        return;
    }
    let blobs = Arc::new(Bucket::new(&Storage::Bucket.settings("-2").unwrap()));
    let much_later = || Timestamp::now().plus_ms(24 * 60 * 60 * 1_000);
    let key = BlobKey::random();
    blobs.put(&key, broken_pieces(9 * MIB), u64::MAX).await.expect_err("it was cut");
    blobs.put(&key, pieces(9 * MIB), 9 * MIB as u64 - 1).await.expect_err("it is too large");
    assert_eq!(blobs.sweep(much_later()).await.expect("it lists"), 0, "no parts are left");

    let (bytes, go_on, halted) = halting(9 * MIB);
    let writing = tokio::spawn({
        let (blobs, key) = (blobs.clone(), key.clone());
        async move { blobs.put(&key, bytes, u64::MAX).await }
    });
    halted.await.unwrap();
    assert_eq!(blobs.sweep(Timestamp::now()).await.expect("it lists"), 0, "it may still go on");
    // As if its process had been killed half a day ago.
    assert_eq!(blobs.sweep(much_later()).await.expect("it lists"), 1);
    assert_eq!(blobs.sweep(much_later()).await.expect("it lists"), 0);
    go_on.send(()).unwrap();
    writing.await.unwrap().expect_err("its parts are gone");
    is_missing(&*blobs, &key).await;
}

#[tokio::test]
async fn a_bucket_is_closed_to_strangers() {
    if !has_bucket() {
        return;
    }
    let server = Storage::Bucket.server().await;
    let settings = Storage::Bucket.settings("").unwrap();
    let key = BlobKey::random();
    server.app.blobs.put_bytes(&key, Bytes::from_static(b"x"), "text/plain").await.expect("it fits");
    let bucket = format!("{}/{}", settings.endpoint, settings.bucket);
    for (method, url) in [
        (Method::GET, format!("{bucket}/{key}")),
        (Method::HEAD, format!("{bucket}/{key}")),
        (Method::PUT, format!("{bucket}/{key}")),
        (Method::DELETE, format!("{bucket}/{key}")),
        (Method::GET, bucket.clone()),
        (Method::GET, format!("{bucket}?list-type=2")),
        (Method::GET, format!("{bucket}?uploads")),
    ] {
        let response = ask(&server, method.clone(), &url, &[]).await;
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{method} {url}");
    }
    assert_eq!(server.app.blobs.size(&key).await.expect("still there"), 1);

    let other = lavender::server::config::S3 { bucket: "another-bucket".into(), ..settings.clone() };
    assert!(
        matches!(Bucket::new(&other).ping().await, Err(BlobError::Unavailable(_))),
        "the key is for this bucket only"
    );
    let forged = lavender::server::config::S3 { secret_access_key: "guessed".to_owned().into(), ..settings };
    let error = Bucket::new(&forged).ping().await.expect_err("another secret");
    assert!(error.to_string().contains("S3_SECRET_ACCESS_KEY"), "{error}");
}

/// Text works without files: a server starts beside a storage that is down, says so, and pages allow its origin.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storage_that_is_down_does_not_keep_a_server_from_starting() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let endpoint = format!("http://{gone}");
    let server = TestServer::start_with(crate::support::server::Store::Embedded, |config| {
        let settings = lavender::server::config::Config::read(|name| match name {
            "S3_ENDPOINT" => Some(endpoint.clone()),
            "S3_BUCKET" | "S3_ACCESS_KEY_ID" | "S3_SECRET_ACCESS_KEY" => Some("files".to_owned()),
            _ => None,
        });
        config.s3 = settings.unwrap().s3;
    })
    .await;
    assert!(!lavender::server::blobs::watch::look(&server.app).await);
    let ready = get(&server, "/readyz").await;
    assert_eq!(ready.status(), StatusCode::OK, "it serves all the same");
    let said = ready.text().await.unwrap();
    assert!(said.starts_with("ready\n") && said.contains("uploads are unavailable"), "{said}");

    let ana = server.register("ana").await;
    let page = ana.open("/").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("img-src 'self' {endpoint} blob: data:;")), "{policy}");
    assert!(policy.contains(&format!("media-src 'self' {endpoint} blob:;")), "{policy}");
    let error = server.app.blobs.get(&BlobKey::random(), None).await.err().expect("down");
    assert!(matches!(error, BlobError::Unavailable(_)), "{error}");
}
