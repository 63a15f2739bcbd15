//! Files as people and attackers send them: each gets its answer, nothing of what it hid is kept, and memory stays bounded.

use crate::support::corpus::{Case, Expected, SECRET, corpus};
use lavender::model::{AttachmentKind, Refusal};
use lavender::server::pictures::{Encoded, Failure, Picture, Worker, classify, picture, probe};
use std::time::{Duration, Instant};

/// How much more memory than before the process may ever have while the corpus is sent, 8 at a time.
const CEILING_KIB: u64 = 192 * 1_024;

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
            for part in
                [SECRET, b"Exif", b"<?php", b"<script", b"PK\x03\x04", b"GPS", b"xmpmeta", b"tEXt", b"ICC_PROFILE"]
            {
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

#[test]
fn bombs_are_refused_by_their_headers_at_once() {
    let bombs: Vec<_> = corpus()
        .into_iter()
        .filter(|case| {
            matches!(case.expected, Expected::Refused(Refusal::TooManyPixels { .. } | Refusal::TooManyFrames { .. }))
        })
        .collect();
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
    let senders: Vec<_> = (0..8)
        .map(|sender| {
            let (corpus, worker) = (corpus.clone(), worker.clone());
            tokio::spawn(async move {
                for at in 0..corpus.len() {
                    // Each begins elsewhere, so that all meet all.
                    let case = &corpus[(at + sender * corpus.len() / 8) % corpus.len()];
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
