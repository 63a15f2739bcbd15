//! Files as people and attackers send them: each gets its answer, nothing of what it hid is kept, and memory stays bounded.

use crate::support::corpus::{Case, Expected, SECRET, corpus, png};
use crate::support::process::{Account, Installation};
use crate::support::server::PATIENCE;
use futures_util::StreamExt;
use lavender::id::FileId;
use lavender::model::{Attachment, AttachmentKind, Refusal};
use lavender::server::pictures::{Encoded, Failure, Picture, Worker, classify, picture, probe};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How much more memory than before the process may ever have while the corpus is sent, 8 at a time.
const CEILING_KIB: u64 = 192 * 1_024;
/// The same while only bombs are.
const BOMBS_KIB: u64 = 64 * 1_024;
/// Files on their way at once.
const AT_ONCE: usize = 8;
/// What no kept picture has in it.
const HIDDEN: [&[u8]; 9] =
    [SECRET, b"Exif", b"<?php", b"<script", b"PK\x03\x04", b"GPS", b"xmpmeta", b"tEXt", b"ICC_PROFILE"];

async fn answer(worker: &Worker, case: &Case) -> (Result<Expected, Refusal>, Option<Picture>) {
    let found = match classify(case.name, Some(case.declared), &case.bytes) {
        Ok(found) => found,
        Err(refusal) => return (Err(refusal), None),
    };
    assert_eq!(found.name, case.shown.unwrap_or(case.name), "{}", case.label);
    if found.picture.is_none() {
        return (Ok(Expected::File(found.mime)), None);
    }
    match worker.run(case.bytes.clone(), picture).await {
        Ok(made) => {
            let Encoded { mime, width, height, .. } = made.full;
            let expected = match made.kind {
                AttachmentKind::Animation => Expected::Animation(mime, width, height),
                _ => Expected::Image(mime, width, height),
            };
            (Ok(expected), Some(made))
        }
        Err(Failure::Refused(refusal)) => (Err(refusal), None),
        Err(failure) => panic!("{}: {failure}", case.label),
    }
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|at| at == part)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_gets_its_answer_and_keeps_nothing_hidden() {
    let worker = Worker::default();
    let corpus = corpus();
    assert!(corpus.len() >= 40, "{}", corpus.len());
    let mut wrong = Vec::new();
    for case in &corpus {
        let (answer, made) = answer(&worker, case).await;
        let got = answer.unwrap_or_else(Expected::Refused);
        if got != case.expected {
            wrong.push(format!("{} ({}): {got:?} instead of {:?}", case.label, case.name, case.expected));
        }
        let Some(made) = made else { continue };
        let all = [Some(&made.full), made.preview.as_ref(), made.grid.as_ref()];
        for kept in all.into_iter().flatten() {
            for part in HIDDEN {
                assert!(!has(&kept.bytes, part), "{}: {kept:?} has {}", case.label, String::from_utf8_lossy(part));
            }
            // What is kept is a whole picture of the size that it is said to have.
            let again = probe(&kept.bytes).unwrap();
            assert_eq!(
                (again.width, again.height, again.format.mime()),
                (kept.width, kept.height, kept.mime),
                "{}",
                case.label
            );
            assert_eq!(
                probe(&kept.bytes[..kept.bytes.len() - 1]).is_ok(),
                kept.mime == "image/gif",
                "{}: bytes behind the end",
                case.label
            );
        }
        if made.kind == AttachmentKind::Animation {
            let frames = |bytes: &[u8]| probe(bytes).unwrap().frames;
            assert_eq!(frames(&made.full.bytes), frames(&case.bytes), "{}", case.label);
            assert!(made.preview.is_some() && made.grid.is_some());
            image::load_from_memory(&made.full.bytes).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn is_bomb(case: &Case) -> bool {
    matches!(case.expected, Expected::Refused(Refusal::TooManyPixels { .. } | Refusal::TooManyFrames { .. }))
}

#[test]
fn bombs_are_refused_by_their_headers_at_once() {
    let bombs: Vec<_> = corpus().into_iter().filter(is_bomb).collect();
    assert!(bombs.len() >= 5);
    for case in bombs {
        let start = Instant::now();
        probe(&case.bytes).unwrap_err();
        assert!(start.elapsed() < Duration::from_millis(100), "{}: {:?}", case.label, start.elapsed());
    }
}

/// How far two pictures of one size are apart: the mean difference of their channels.
fn apart(one: &image::RgbImage, other: &image::RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let pairs = one.as_raw().iter().zip(other.as_raw());
    pairs.map(|(one, other)| f64::from(one.abs_diff(*other))).sum::<f64>() / one.as_raw().len() as f64
}

/// People send on what they were sent: what was made here has to be read here, again and again.
#[test]
fn what_is_sent_on_keeps_its_pixels() {
    use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage};
    let lake = RgbImage::from_fn(330, 214, |x, y| Rgb([(x / 2) as u8, (y + 20) as u8, 200 - (x / 3) as u8]));
    let flat = RgbImage::from_pixel(40, 40, Rgb([200, 30, 60]));
    let grey = GrayImage::from_fn(90, 61, |x, y| Luma([(x + 2 * y) as u8]));
    let all = [DynamicImage::ImageRgb8(lake), DynamicImage::ImageRgb8(flat), DynamicImage::ImageLuma8(grey)];
    for (picture, format) in all.iter().flat_map(|one| [(one, ImageFormat::Png), (one, ImageFormat::Jpeg)]) {
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        let mut bytes = bytes.into_inner();
        for time in 1..=3 {
            bytes = lavender::server::pictures::picture(&bytes).unwrap().full.bytes;
            let seen = image::load_from_memory(&bytes).unwrap().into_rgb8();
            let apart = apart(&seen, &picture.to_rgb8());
            assert!(apart < 8.0, "{format:?} {:?}, time {time}: {apart} apart", picture.color());
        }
    }
}

/// Our decoder gives wrong pixels for them, without a word.
#[test]
fn jpegs_with_a_scan_for_each_colour_are_refused() {
    let (pixels, mut bytes) = (vec![128; 64 * 64 * 3], Vec::new());
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_optimized_huffman_tables(true);
    encoder.encode(&pixels, 64, 64, jpeg_encoder::ColorType::Rgb).unwrap();
    assert_eq!(probe(&bytes).unwrap_err(), Refusal::Damaged);
    // Progressive ones have many scans, and are read.
    let mut bytes = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
    encoder.set_progressive(true);
    encoder.encode(&pixels, 64, 64, jpeg_encoder::ColorType::Rgb).unwrap();
    let made = picture(&bytes).unwrap();
    let seen = image::load_from_memory(&made.full.bytes).unwrap().into_rgb8();
    assert!(apart(&seen, &image::RgbImage::from_pixel(64, 64, image::Rgb([128; 3]))) < 3.0);
}

/// From `/proc/self/status`, in KiB.
fn memory(row: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(row)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// In a process of its own: memory of others would be counted too.
#[test]
#[cfg(target_os = "linux")]
fn eight_at_a_time_stay_under_the_memory_ceiling() {
    let me = std::env::current_exe().unwrap();
    let child = std::process::Command::new(me)
        .args(["--exact", "pictures::in_a_process_of_its_own", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("grew by"), "{said}{}", String::from_utf8_lossy(&child.stderr));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by eight_at_a_time_stay_under_the_memory_ceiling"]
async fn in_a_process_of_its_own() {
    let corpus = std::sync::Arc::new(corpus());
    // Making the corpus took more than keeping it does.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS:");
    let worker = Worker::default();
    let senders: Vec<_> = (0..AT_ONCE)
        .map(|sender| {
            let (corpus, worker) = (corpus.clone(), worker.clone());
            tokio::spawn(async move {
                for at in 0..corpus.len() {
                    // Each begins elsewhere, so that all meet all.
                    let case = &corpus[(at + sender * corpus.len() / AT_ONCE) % corpus.len()];
                    let (got, _) = answer(&worker, case).await;
                    assert_eq!(got.unwrap_or_else(Expected::Refused), case.expected, "{}", case.label);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.await.unwrap();
    }
    let grown = memory("VmHWM:").saturating_sub(before);
    println!("grew by {grown} KiB");
    assert!(grown < CEILING_KIB, "grew by {grown} KiB");
}

/// Sends a file over HTTP and compares the answer, and what is then served, with what is expected. The blobs that it left behind, by
/// their keys, with their sizes.
async fn sent(by: &Account, case: &Case) -> Result<BTreeMap<String, u64>, String> {
    let id = FileId::new();
    let reply = by.put(id, case.name, case.declared, &case.bytes).await;
    let wrong = |got: &dyn std::fmt::Debug| Err(format!("{} ({}): {got:?}", case.label, case.name));
    if let Expected::Refused(refusal) = &case.expected {
        let expected = serde_json::json!({ "code": "refused", "refusal": refusal });
        if (reply.status, reply.failure()) != (422, expected) {
            return wrong(&(reply.status, String::from_utf8_lossy(&reply.bytes)));
        }
        let asked = by.get(&format!("/files/{id}")).await;
        return if asked.status == 404 { Ok(BTreeMap::new()) } else { wrong(&("it is there", asked.status)) };
    }
    if reply.status != 200 {
        return wrong(&(reply.status, String::from_utf8_lossy(&reply.bytes)));
    }
    let Attachment { kind, name, mime, size, width, height, .. } = reply.attachment();
    let made = match (kind, width.zip(height)) {
        (AttachmentKind::Image, Some(size)) => ("image", size),
        (AttachmentKind::Animation, Some(size)) => ("animation", size),
        _ => ("file", (0, 0)),
    };
    let (as_expected, is_picture) = match case.expected {
        Expected::Image(expected, width, height) => ((made, &*mime) == (("image", (width, height)), expected), true),
        Expected::Animation(expected, width, height) => {
            ((made, &*mime) == (("animation", (width, height)), expected), true)
        }
        Expected::File(expected) => ((made.0, &*mime) == ("file", expected), false),
        Expected::Refused(_) => unreachable!(),
    };
    // A picture may have become one of another format; its name follows.
    let (shown, stem) =
        (case.shown.unwrap_or(case.name), |name: &str| name.rsplit_once('.').map(|(stem, _)| stem.to_owned()));
    let is_named = if is_picture { stem(&name) == stem(shown) } else { name == shown };
    if !as_expected || !is_named {
        return wrong(&(kind, name, mime, width, height));
    }
    let mut left = BTreeMap::new();
    let queries = if is_picture { &["", "?v=preview", "?v=grid", "?download=1"][..] } else { &["", "?download=1"] };
    for query in queries {
        let (link, served) = by.follow(&format!("/files/{id}{query}")).await;
        let disposition = if is_picture && *query != "?download=1" { "inline" } else { "attachment" };
        let policy = served.header("content-security-policy");
        let is_safe = served.header("x-content-type-options") == "nosniff" && policy.starts_with("sandbox;");
        let (given, said) = (served.header("content-type"), served.header("content-disposition"));
        let is_whole = served.header("content-length") == served.bytes.len().to_string();
        if served.status != 200
            || !is_safe
            || !is_whole
            || !said.starts_with(disposition)
            || said.contains(['\r', '\n'])
        {
            return wrong(&(query, served.status, served.headers));
        }
        // The smaller ones of what moves are still.
        if given != mime && !(kind == AttachmentKind::Animation && given.starts_with("image/")) {
            return wrong(&(query, given));
        }
        if is_picture && let Some(part) = HIDDEN.iter().find(|part| has(&served.bytes, part)) {
            return wrong(&(query, "keeps", String::from_utf8_lossy(part)));
        }
        if !is_picture && (served.bytes != case.bytes || size != case.bytes.len() as u64) {
            return wrong(&(query, "other bytes"));
        }
        let key = link.split(['/', '?']).nth(2).unwrap_or_default();
        left.insert(key.to_owned(), served.bytes.len() as u64);
    }
    Ok(left)
}

/// A real process, and everything as people send it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(target_os = "linux")]
async fn over_http_each_gets_its_answer_and_the_server_stays_small_and_clean() {
    let home = Installation::new();
    let server = home.start().await;
    let corpus = corpus();
    assert!(corpus.len() >= 100, "{}", corpus.len());
    let mut senders = Vec::new();
    for sender in 0..AT_ONCE {
        senders.push(server.register(&format!("sender{sender}")).await);
    }
    let (senders, left) = (&senders, &Mutex::new(vec![BTreeMap::new(); AT_ONCE]));
    // Each sender sends what is at its places, and waits for the answer.
    let send_all = |cases: Vec<&'static Case>| async move {
        let send = |sender: usize| {
            let cases = cases.clone();
            async move {
                let mut wrong = Vec::new();
                for case in cases.into_iter().skip(sender).step_by(AT_ONCE) {
                    match sent(&senders[sender], case).await {
                        Ok(blobs) => left.lock().expect("no panic while held")[sender].extend(blobs),
                        Err(what) => wrong.push(what),
                    }
                }
                wrong
            }
        };
        futures_util::stream::iter(0..AT_ONCE).map(send).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.concat()
    };
    let corpus: &'static [Case] = corpus.leak();
    // What it takes once it has worked on a picture, whoever sends it.
    let good = good();
    let before_all = sent(&senders[0], &good).await.expect("a good picture is taken");
    left.lock().expect("no panic while held")[0].extend(before_all);
    let before = server.forget_peak();
    let bombs: Vec<&Case> = corpus.iter().filter(|case| is_bomb(case)).collect();
    // Every sender sends all of them, each in another order.
    let bombs = (0..AT_ONCE * bombs.len()).map(|at| bombs[(at / AT_ONCE + at) % bombs.len()]).collect();
    assert_eq!(send_all(bombs).await, Vec::<String>::new());
    let grown = server.memory("VmHWM:").saturating_sub(before);
    println!("bombs: {grown} KiB more than {before} KiB");
    assert!(grown < BOMBS_KIB, "{grown} KiB");
    for turn in 0..3 {
        // Everything meets other things each time.
        let cases = (0..corpus.len()).map(|at| &corpus[(at * [1, 7, 31][turn]) % corpus.len()]).collect();
        assert_eq!(send_all(cases).await, Vec::<String>::new());
    }
    let grown = server.memory("VmHWM:").saturating_sub(before);
    println!("all {}: {grown} KiB more than {before} KiB", corpus.len());
    assert!(grown < CEILING_KIB, "{grown} KiB");

    // It still takes a good one.
    let after_all = sent(&senders[0], &good).await.expect("a good picture is taken");
    left.lock().expect("no panic while held")[0].extend(after_all);
    // Of what was refused nothing is left: no blob, no half of one, no row that counts, nothing in the temporary folder.
    let left = left.lock().expect("no panic while held").clone();
    let blobs: BTreeMap<String, u64> = left.iter().flatten().map(|(key, size)| (key.clone(), *size)).collect();
    home.holds(&blobs).await;
    for (sender, left) in senders.iter().zip(&left) {
        let used = async {
            loop {
                let usage = sender.get("/api/files/usage").await;
                let usage: serde_json::Value = serde_json::from_slice(&usage.bytes).expect("JSON");
                if usage["used"].as_u64() == Some(left.values().sum()) {
                    break;
                }
            }
        };
        tokio::time::timeout(PATIENCE, used).await.expect("what was refused counts no more");
    }
    assert_eq!(std::fs::read_dir(home.temporary()).unwrap().count(), 0, "temporary files");
    // And whoever starts it again finds no more than that.
    server.kill();
    let app = home.open().await;
    let rows = app.db.old_files(None, lavender::time::Timestamp::now().plus_ms(60_000), 10_000).await.unwrap();
    let kept = rows.iter().flat_map(|row| row.content.objects.iter().map(|object| object.size)).sum::<u64>();
    assert_eq!(kept, blobs.values().sum::<u64>());
    assert!(rows.iter().all(|row| row.state == lavender::server::store::FileState::Ready));
    home.holds(&blobs).await;
    app.db.close().await;
}

fn good() -> Case {
    let expected = Expected::Image("image/jpeg", 640, 480);
    Case { label: "good", name: "good.png", declared: "image/png", bytes: png(640, 480), expected, shown: None }
}

/// What is no way to send a file, whatever is in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_are_no_uploads_are_refused_by_their_heads() {
    let home = Installation::new();
    let server = home.start().await;
    let ana = server.register("ana").await;
    let (room, origin) = (ana.room_id, &ana.client.origin);
    let put = |path: String| ana.client.request(reqwest::Method::PUT, &path).header("origin", origin).body(png(8, 6));
    let id = FileId::new();
    let good = format!("/files/{id}?room={room}&name=a.png");
    let chunked = reqwest::Body::wrap_stream(futures_util::stream::iter([Ok::<_, std::io::Error>(png(8, 6))]));
    for (what, request, status, code) in [
        ("no name", put(format!("/files/{id}?room={room}")), 400, "malformed"),
        ("no room", put(format!("/files/{id}?name=a.png")), 400, "malformed"),
        ("another's name for a thing", put(format!("{good}&size=1")), 400, "malformed"),
        ("two rooms", put(format!("{good}&room={room}")), 400, "malformed"),
        (
            "an id of another kind",
            put(good.replace(&id.to_string(), "3fa85f64-5717-4562-b3fc-2c963f66afa6")),
            422,
            "invalid",
        ),
        ("a path for an id", put(good.replace(&id.to_string(), "..%2f..%2fkeys.json")), 400, "malformed"),
        ("packed", put(good.clone()).header("content-encoding", "gzip"), 415, "unsupported"),
        ("a type that is none", put(good.clone()).header("content-type", &b"image/\xff"[..]), 415, "unsupported"),
        ("in pieces", put(good.clone()).body(chunked), 411, "malformed"),
        ("of another site", put(good.clone()).header("sec-fetch-site", "cross-site"), 403, "cross_site"),
    ] {
        let answer = ana.client.send(request).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{what}");
    }
    home.holds(&BTreeMap::new()).await;
}
