use super::*;
use crate::error::What;
use crate::id::FileId;
use crate::model::{AttachmentKind, Refusal};
use proptest::prelude::*;

fn with_files(room: RoomId, at: i64, count: usize) -> Entry {
    let files = (0..count).map(|place| OutFile::new(&format!("{place}.pdf"), "application/pdf", 1_000)).collect();
    let body = Body::parse_caption("").expect("may be empty");
    Entry { is_stored: true, is_kept: true, files, ..Entry::new(TxnId::new(), room, body, Timestamp(at)) }
}

fn up(upload: &Upload) -> Result<Attachment, Error> {
    Ok(Attachment::new(upload.id, AttachmentKind::File, &upload.file.name, "application/pdf", 1_000))
}

fn end(outbox: &mut Outbox, upload: &Upload, result: Result<Attachment, Error>, now: i64) -> Option<TxnId> {
    outbox.upload_ended(upload.file.local, upload.id, result, Timestamp(now), 0.5)
}

#[test]
fn a_message_leaves_after_its_files_and_from_the_disk() {
    let room = RoomId::new();
    let mut outbox = Outbox::default();
    let entry = with_files(room, 1, 2);
    let text = Entry { is_stored: true, ..Entry::new(TxnId::new(), room, Body::stored("later".into()), Timestamp(2)) };
    outbox.push(entry.clone());
    outbox.push(text.clone());
    assert!(outbox.take_ready(Timestamp(5)).is_empty(), "what was written later waits for the files");
    for place in 0..2 {
        let begun = outbox.take_uploads(Timestamp(5));
        assert_eq!(begun.len(), 1, "one at a time for each message");
        assert_eq!(begun[0].file.local, entry.files[place].local);
        assert!(outbox.take_uploads(Timestamp(6)).is_empty());
        assert_eq!(end(&mut outbox, &begun[0], up(&begun[0]), 7), Some(entry.txn_id));
    }
    assert!(outbox.take_ready(Timestamp(8)).is_empty(), "the ids of its files are not on the disk yet");
    assert_eq!(outbox.next_wake(), None);
    outbox.stored(entry.txn_id);
    let sent = outbox.take_ready(Timestamp(9));
    assert_eq!(sent.len(), 1);
    let ids: Vec<FileId> = sent[0].sent_files().iter().map(|file| file.id).collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.iter().all(|id| entry.files.iter().all(|file| file.local != *id)));
    assert!(outbox.confirm(entry.txn_id));
    assert_eq!(outbox.take_ready(Timestamp(10))[0].txn_id, text.txn_id);
}

#[test]
fn two_uploads_run_at_once_and_no_more() {
    let mut outbox = Outbox::default();
    let entries: Vec<_> = (0..3).map(|at| with_files(RoomId::new(), at, 2)).collect();
    entries.iter().for_each(|entry| outbox.push(entry.clone()));
    let begun = outbox.take_uploads(Timestamp(5));
    assert_eq!(begun.iter().map(|upload| upload.txn_id).collect::<Vec<_>>(), [entries[0].txn_id, entries[1].txn_id]);
    assert!(outbox.take_uploads(Timestamp(5)).is_empty());
    end(&mut outbox, &begun[1], up(&begun[1]), 6);
    assert_eq!(outbox.take_uploads(Timestamp(6)).len(), 1);
}

#[test]
fn a_lost_answer_uploads_again_under_another_id_after_a_while() {
    let mut outbox = Outbox::default();
    outbox.push(with_files(RoomId::new(), 1, 1));
    let first = outbox.take_uploads(Timestamp(0)).remove(0);
    assert_eq!(end(&mut outbox, &first, Err(Error::Unavailable { retry_after_ms: 4_000 }), 0), None);
    assert!(outbox.take_uploads(Timestamp(3_999)).is_empty());
    assert_eq!(outbox.next_upload(), Some(Timestamp(4_000)));
    let second = outbox.take_uploads(Timestamp(4_000)).remove(0);
    assert_ne!(first.id, second.id);
    // What comes late of the first attempt counts no more.
    assert_eq!(end(&mut outbox, &first, up(&first), 4_001), None);
    assert!(!outbox.entries[0].is_uploaded());
    outbox.uploads_cut();
    assert!(!outbox.is_running(second.file.local, second.id));
    assert_eq!(outbox.take_uploads(Timestamp(4_002)).len(), 1, "at once when the network is back");
}

#[test]
fn a_refused_file_fails_its_message_which_keeps_the_rest() {
    let mut outbox = Outbox::default();
    let mut entry = with_files(RoomId::new(), 1, 2);
    entry.body = Body::stored("what I wanted to say".into());
    outbox.push(entry.clone());
    let first = outbox.take_uploads(Timestamp(0)).remove(0);
    let refusal = Error::Refused { refusal: Refusal::Program };
    assert_eq!(end(&mut outbox, &first, Err(refusal.clone()), 1), Some(entry.txn_id));
    assert_eq!(outbox.entries[0].error, Some(refusal.clone()));
    assert_eq!(outbox.uploads()[&first.file.local].failed, Some(refusal));
    assert!(outbox.take_uploads(Timestamp(2)).is_empty());
    let (file, left, is_left) = outbox.remove_file(first.file.local).expect("it failed");
    assert_eq!((file.local, left.files.len(), left.error, is_left), (first.file.local, 1, None, true));
    let second = outbox.take_uploads(Timestamp(3)).remove(0);
    assert_eq!(second.file.local, entry.files[1].local);
    end(&mut outbox, &second, up(&second), 4);
    outbox.stored(entry.txn_id);
    assert_eq!(outbox.take_ready(Timestamp(5))[0].body.as_str(), "what I wanted to say");
}

#[test]
fn the_last_file_of_a_message_without_words_takes_it_along() {
    let mut outbox = Outbox::default();
    let entry = with_files(RoomId::new(), 1, 1);
    outbox.push(entry.clone());
    outbox.take_uploads(Timestamp(0));
    let (_, _, is_left) = outbox.remove_file(entry.files[0].local).expect("it is on its way up");
    assert!(!is_left);
    assert!(outbox.entries.is_empty());
    outbox.push(entry);
    assert!(outbox.entries.is_empty(), "the disk does not bring it back");
}

#[test]
fn what_has_left_keeps_its_files() {
    let mut outbox = Outbox::default();
    let entry = with_files(RoomId::new(), 1, 1);
    outbox.push(entry.clone());
    let upload = outbox.take_uploads(Timestamp(0)).remove(0);
    end(&mut outbox, &upload, up(&upload), 1);
    outbox.stored(entry.txn_id);
    assert_eq!(outbox.take_ready(Timestamp(2)).len(), 1);
    assert!(outbox.remove_file(upload.file.local).is_none());
}

#[test]
fn files_that_the_server_has_no_more_go_up_anew_a_few_times() {
    let mut outbox = Outbox::default();
    let entry = with_files(RoomId::new(), 1, 1);
    outbox.push(entry.clone());
    let mut now = Timestamp(0);
    for _ in 0..3 {
        let upload = outbox.take_uploads(now).remove(0);
        end(&mut outbox, &upload, up(&upload), now.0);
        outbox.stored(entry.txn_id);
        assert_eq!(outbox.take_ready(now).len(), 1);
        assert!(outbox.upload_anew(entry.txn_id, now, 0.5));
        assert!(outbox.take_uploads(now).is_empty(), "after a while");
        now = outbox.next_upload().expect("it waits");
    }
    assert!(!outbox.upload_anew(entry.txn_id, now, 0.5));
}

#[test]
fn files_survive_the_disk_without_what_was_under_way() {
    let mut entry = with_files(RoomId::new(), 1, 2);
    entry.files[0].uploaded = Some(Attachment::new(FileId::new(), AttachmentKind::File, "a.pdf", "application/pdf", 3));
    entry.files[1].attempt = Some(FileId::new());
    let back: Entry = serde_json::from_str(&serde_json::to_string(&entry).expect("plain data")).expect("readable");
    entry.files[1].attempt = None;
    assert_eq!(back.files, entry.files);
    assert!(!back.is_kept);
}

#[test]
fn lost_bytes_are_told_and_never_tried() {
    let mut outbox = Outbox::default();
    let entry = with_files(RoomId::new(), 1, 1);
    outbox.push(entry.clone());
    assert_eq!(outbox.lost_bytes(entry.files[0].local), Some(entry.txn_id));
    assert_eq!(outbox.entries[0].error, Some(Error::NotFound { what: What::File }));
    assert!(outbox.take_uploads(Timestamp(1)).is_empty());
}

#[test]
fn a_kind_is_guessed_from_the_type_and_else_the_name() {
    for (name, mime, kind) in [
        ("a.jpg", "image/jpeg", AttachmentKind::Image),
        ("A.JPEG", "", AttachmentKind::Image),
        ("a.gif", "image/gif", AttachmentKind::Animation),
        ("a.svg", "image/svg+xml", AttachmentKind::File),
        ("a.mov", "video/quicktime", AttachmentKind::Video),
        ("a.mp3", "audio/mpeg", AttachmentKind::Audio),
        ("a.png", "application/pdf", AttachmentKind::File),
        ("png", "", AttachmentKind::File),
    ] {
        assert_eq!(kind_of(name, mime), kind, "{name} {mime}");
    }
}

proptest! {
    /// Whatever happens to uploads, never are there more than two, and in the end everything is up.
    #[test]
    fn everything_gets_up(fates in proptest::collection::vec(0u8..5, 1..120), counts in proptest::collection::vec(1usize..4, 1..5)) {
        let mut outbox = Outbox::default();
        for (at, count) in counts.iter().enumerate() {
            outbox.push(with_files(RoomId::new(), at as i64, *count));
        }
        let mut running: Vec<Upload> = Vec::new();
        let mut now = Timestamp(1_000);
        let mut fates = fates.into_iter();
        while !outbox.entries.iter().all(Entry::is_uploaded) {
            running.extend(outbox.take_uploads(now));
            running.retain(|upload| outbox.is_running(upload.file.local, upload.id));
            prop_assert!(running.len() <= UPLOADS_AT_ONCE);
            if running.is_empty() {
                now = now.max(outbox.next_upload().expect("something waits"));
                continue;
            }
            let upload = running.remove(0);
            match fates.next().unwrap_or(0) {
                1 => drop(end(&mut outbox, &upload, Err(Error::Offline), now.0)),
                2 => drop(end(&mut outbox, &upload, Err(Error::Conflict), now.0)),
                3 => outbox.uploads_cut(),
                _ => prop_assert!(end(&mut outbox, &upload, up(&upload), now.0).is_some()),
            }
        }
    }
}
