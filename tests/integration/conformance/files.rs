use super::{Db, NOW, append, at_once, new_message, room_of_two, say};
use lavender::id::{FileId, RoomId, UserId};
use lavender::model::{Attachment, AttachmentKind, Message, Picture, PictureColour, Rgb, ThemeColour};
use lavender::server::store::{
    FileContent, FileObject, FilePlace, FileRow, FileSlot, FileState, NewMessage, ProfileChange, StoreError,
};

pub(super) const ROOMY: u64 = 1 << 40;

fn attachment(id: FileId, kind: AttachmentKind) -> Attachment {
    Attachment {
        width: Some(640),
        height: Some(480),
        thumbhash: Some("3OcRJYB4d3h_iIeHeEh3eIhw-j3A".into()),
        alt: Some("$set \" { \u{202e}".into()),
        ..Attachment::new(id, kind, "$where a.b.png", "image/png", 5_000_000_000)
    }
}

pub(super) fn file_row(owner_id: UserId, room_id: RoomId, bytes: u64) -> FileRow {
    let id = FileId::new();
    let content = FileContent {
        key: "00112233445566778899aabbccddeeff".into(),
        objects: Vec::new(),
        about: attachment(id, AttachmentKind::Image),
    };
    FileRow {
        id,
        owner_id,
        slot: FileSlot::Message,
        room_id: Some(room_id),
        state: FileState::Uploading,
        bytes,
        created_at: NOW,
        claimed_at: None,
        content,
    }
}

async fn ready(db: &Db, owner_id: UserId, room_id: RoomId) -> FileRow {
    let row = file_row(owner_id, room_id, 10);
    assert_eq!(db.begin_file(&row, ROOMY).await.unwrap(), row);
    assert!(db.finish_file(row.id, 10, &row.content).await.unwrap());
    FileRow { state: FileState::Ready, ..row }
}

pub(super) async fn show(db: &Db, room_id: RoomId, author: UserId, files: &[(FileId, AttachmentKind)]) -> Message {
    let attachments = files.iter().map(|(id, kind)| attachment(*id, *kind)).collect();
    let new = NewMessage { attachments, ..new_message(room_id, author, "") };
    append(db, new).await.unwrap().message
}

pub async fn a_file_is_begun_once_finished_once_and_kept(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let row = file_row(ana, room.id, 500);
    assert_eq!(db.begin_file(&row, ROOMY).await.unwrap(), row);
    assert_eq!(db.file(row.id).await.unwrap(), Some(row.clone()));
    let other = FileRow { owner_id: ben, bytes: 7, ..row.clone() };
    assert_eq!(db.begin_file(&other, ROOMY).await.unwrap(), row, "the first one stays");
    let object = FileObject { suffix: "p".into(), mime: "image/jpeg".into(), size: 321 };
    let content = FileContent { objects: vec![object], ..row.content.clone() };
    assert!(db.finish_file(row.id, 321, &content).await.unwrap());
    assert!(!db.finish_file(row.id, 999, &row.content).await.unwrap());
    let finished = FileRow { state: FileState::Ready, bytes: 321, content, ..row.clone() };
    assert_eq!(db.file(row.id).await.unwrap(), Some(finished));
    assert_eq!(db.file(FileId::new()).await.unwrap(), None);
    assert!(!db.finish_file(FileId::new(), 1, &row.content).await.unwrap());
    let wallpaper = FileRow { slot: FileSlot::Wallpaper, room_id: None, ..file_row(ana, room.id, 1) };
    assert_eq!(db.begin_file(&wallpaper, ROOMY).await.unwrap(), wallpaper);
    assert_eq!(db.file(wallpaper.id).await.unwrap(), Some(wallpaper));
}

pub async fn an_attempt_is_known_by_its_key(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let first = file_row(ana, room.id, 10);
    let key = "ffeeddccbbaa99887766554433221100";
    let second = FileRow { content: FileContent { key: key.into(), ..first.content.clone() }, ..first.clone() };
    db.begin_file(&first, ROOMY).await.unwrap();
    // Of another attempt nothing is finished, doomed or forgotten.
    assert!(!db.finish_file(first.id, 10, &second.content).await.unwrap());
    assert!(!db.doom_upload(first.id, key).await.unwrap());
    db.remove_file(first.id, key).await.unwrap();
    assert_eq!(db.file(first.id).await.unwrap(), Some(first.clone()));
    // The second takes its place, and what comes late of the first changes nothing.
    assert!(db.doom_upload(first.id, &first.content.key).await.unwrap());
    assert!(!db.doom_upload(first.id, &first.content.key).await.unwrap(), "once");
    assert!(!db.finish_file(first.id, 10, &first.content).await.unwrap());
    db.remove_file(first.id, &first.content.key).await.unwrap();
    assert_eq!(db.begin_file(&second, ROOMY).await.unwrap(), second);
    assert!(!db.finish_file(first.id, 10, &first.content).await.unwrap());
    db.remove_file(first.id, &first.content.key).await.unwrap();
    assert!(db.finish_file(second.id, 10, &second.content).await.unwrap());
    assert!(!db.doom_upload(second.id, key).await.unwrap(), "it is finished");
    assert_eq!(db.file(first.id).await.unwrap(), Some(FileRow { state: FileState::Ready, ..second }));
}

pub async fn a_quota_is_kept_also_by_many_at_once(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let begun = at_once(8, |_| {
        let (db, row) = (db.clone(), file_row(ana, room.id, 40));
        async move { db.begin_file(&row, 100).await }
    })
    .await;
    for outcome in &begun {
        assert!(matches!(outcome, Ok(_) | Err(StoreError::Full)), "{outcome:?}");
    }
    let used = db.file_usage(ana).await.unwrap();
    assert_eq!(used, 40 * begun.iter().filter(|outcome| outcome.is_ok()).count() as u64);
    assert!(used <= 100);
    assert_eq!(db.file_usage(ben).await.unwrap(), 0);
    assert!(matches!(db.begin_file(&file_row(ben, room.id, 101), 100).await, Err(StoreError::Full)));
    let fits = file_row(ben, room.id, 100);
    db.begin_file(&fits, 100).await.unwrap();
    assert_eq!(db.file_usage(ben).await.unwrap(), 100);
    db.remove_file(fits.id, &fits.content.key).await.unwrap();
    db.remove_file(fits.id, &fits.content.key).await.unwrap();
    assert_eq!(db.file_usage(ben).await.unwrap(), 0);
}

pub async fn only_ready_files_of_ones_own_can_be_claimed(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (first, second) = (ready(&db, ana, room.id).await, ready(&db, ana, room.id).await);
    let coming = file_row(ana, room.id, 1);
    db.begin_file(&coming, ROOMY).await.unwrap();
    let bens = ready(&db, ben, room.id).await;
    let all = [first.id, second.id, coming.id, bens.id, FileId::new()];
    let mut claimed = db.claim_files(ana, &all, NOW).await.unwrap();
    claimed.sort_by_key(|row| row.id);
    let at = |row: &FileRow, at| FileRow { claimed_at: Some(at), ..row.clone() };
    assert_eq!(claimed, [at(&first, NOW), at(&second, NOW)]);
    // Never back.
    let again = db.claim_files(ana, &[first.id], NOW.plus_ms(-5)).await.unwrap();
    assert_eq!(again, [at(&first, NOW)]);
    assert_eq!(db.keep_files(&[first.id, bens.id, coming.id], NOW.plus_ms(9)).await.unwrap(), 2);
    assert_eq!(db.file(bens.id).await.unwrap(), Some(at(&bens, NOW.plus_ms(9))));
    assert!(db.claim_files(ana, &[], NOW).await.unwrap().is_empty());
}

pub async fn a_claimed_file_is_not_doomed_and_a_doomed_one_not_claimed(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let file = ready(&db, ana, room.id).await;
    db.claim_files(ana, &[file.id], NOW).await.unwrap();
    assert_eq!(db.doom_file(file.id, NOW).await.unwrap(), None);
    let doomed = db.doom_file(file.id, NOW.plus_ms(1)).await.unwrap().unwrap();
    assert_eq!((doomed.id, doomed.state), (file.id, FileState::Doomed));
    assert!(db.claim_files(ana, &[file.id], NOW).await.unwrap().is_empty());
    assert_eq!(db.keep_files(&[file.id], NOW).await.unwrap(), 0);
    // Again: who died before removing it.
    assert!(db.doom_file(file.id, NOW.plus_ms(1)).await.unwrap().is_some());
    db.spare_file(file.id).await.unwrap();
    assert_eq!(db.claim_files(ana, &[file.id], NOW).await.unwrap().len(), 1);
    assert_eq!(db.doom_file(FileId::new(), NOW).await.unwrap(), None);
    let coming = file_row(ana, room.id, 1);
    db.begin_file(&coming, ROOMY).await.unwrap();
    db.spare_file(coming.id).await.unwrap();
    assert_eq!(db.file(coming.id).await.unwrap().unwrap().state, FileState::Uploading, "only a doomed one is spared");
    db.doom_file(coming.id, NOW).await.unwrap().unwrap();
    assert!(!db.finish_file(coming.id, 1, &coming.content).await.unwrap(), "its upload comes too late");
}

pub async fn old_files_come_in_order_and_page_by_page(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let owner = if n % 2 == 0 { ana } else { ben };
        let row = FileRow { created_at: NOW.plus_ms(n), ..file_row(owner, room.id, 1) };
        db.begin_file(&row, ROOMY).await.unwrap();
        ids.push(row.id);
    }
    ids.sort();
    let found = |after, before, limit| {
        let db = db.clone();
        async move {
            let rows = db.old_files(after, before, limit).await.unwrap();
            rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(found(None, NOW.plus_ms(9), 99).await, ids);
    assert_eq!(found(None, NOW.plus_ms(9), 2).await, ids[..2]);
    assert_eq!(found(Some(ids[1]), NOW.plus_ms(9), 99).await, ids[2..]);
    assert_eq!(found(None, NOW.plus_ms(3), 99).await.len(), 3);
    assert!(found(None, NOW.plus_ms(9), 0).await.is_empty());
}

pub async fn a_message_keeps_its_files_and_says_where_they_are(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, cleo, _) = room_of_two(&db, 2).await;
    let (one, two) = (FileId::new(), FileId::new());
    let sent = show(&db, room.id, ana, &[(one, AttachmentKind::Image), (two, AttachmentKind::File)]).await;
    assert_eq!(sent.attachments, [attachment(one, AttachmentKind::Image), attachment(two, AttachmentKind::File)]);
    assert_eq!(db.message(sent.id).await.unwrap().as_ref(), Some(&sent));
    assert_eq!(db.page(room.id, 0, None, None, 9).await.unwrap(), std::slice::from_ref(&sent));
    let forwarded = show(&db, other.id, cleo, &[(one, AttachmentKind::Image)]).await;
    let mut places = db.file_places(one, 9).await.unwrap();
    places.sort_by_key(|place| place.room_id != room.id);
    let place = |message: &Message| FilePlace { room_id: message.room_id, seq: message.seq };
    assert_eq!(places, [place(&sent), place(&forwarded)]);
    assert_eq!(db.file_places(one, 1).await.unwrap().len(), 1);
    let mut shown = db.shown_files(&[two, FileId::new(), one]).await.unwrap();
    shown.sort();
    let mut both = [one, two];
    both.sort();
    assert_eq!(shown, both);
    // An edit and a reaction leave them, a deletion takes them.
    let reacted = db.react(sent.id, ben, "👍", true).await.unwrap().unwrap();
    assert_eq!(reacted.attachments, sent.attachments);
    let edited = db.edit(sent.id, 2, &super::new_text("words")).await.unwrap().unwrap();
    assert_eq!(edited.attachments, sent.attachments);
    assert_eq!(db.message(sent.id).await.unwrap(), Some(edited));
    let deleted = db.delete(sent.id, ana, NOW).await.unwrap().unwrap();
    assert!(deleted.attachments.is_empty());
    assert_eq!(db.message(sent.id).await.unwrap(), Some(deleted));
    assert_eq!(db.file_places(one, 9).await.unwrap(), [place(&forwarded)]);
    assert!(db.file_places(two, 9).await.unwrap().is_empty());
    assert_eq!(db.shown_files(&[one, two]).await.unwrap(), [one]);
}

pub async fn a_repeated_send_is_told_from_one_with_other_files(db: Db) {
    let (room, ana, _) = room_of_two(&db, 1).await;
    let with = |files: &[FileId]| {
        let attachments = files.iter().map(|id| attachment(*id, AttachmentKind::Image)).collect();
        NewMessage { attachments, ..new_message(room.id, ana, "look") }
    };
    let (one, two) = (FileId::new(), FileId::new());
    let first = with(&[one, two]);
    let sent = append(&db, first.clone()).await.unwrap().message;
    let same = append(&db, NewMessage { id: lavender::id::MessageId::new(), ..first.clone() }).await.unwrap();
    assert!(same.repeated);
    assert_eq!(same.message, sent);
    for files in [&[one][..], &[two, one], &[]] {
        let other = NewMessage { txn_id: first.txn_id, ..with(files) };
        assert!(matches!(append(&db, other).await, Err(StoreError::TxnConflict)), "{files:?}");
    }
}

pub async fn the_files_of_a_room_come_by_kind_newest_first(db: Db) {
    let (room, ana, ben) = room_of_two(&db, 1).await;
    let (other, ..) = room_of_two(&db, 2).await;
    use AttachmentKind::{Animation, File, Image, Voice};
    let mut seqs = Vec::new();
    for kinds in [&[Image][..], &[File], &[Image, Image, File], &[], &[Voice], &[Animation]] {
        let files: Vec<_> = kinds.iter().map(|kind| (FileId::new(), *kind)).collect();
        seqs.push(show(&db, room.id, ana, &files).await.seq);
    }
    say(&db, room.id, ben, "text").await;
    show(&db, other.id, ben, &[(FileId::new(), Image)]).await;
    let media = |floor, before, kinds: &'static [AttachmentKind], limit| {
        let (db, room_id) = (db.clone(), room.id);
        async move {
            let found = db.media(room_id, floor, before, kinds, limit).await.unwrap();
            found.into_iter().map(|message| message.seq).collect::<Vec<_>>()
        }
    };
    assert_eq!(media(0, None, &[Image, Animation], 9).await, [seqs[5], seqs[2], seqs[0]]);
    assert_eq!(media(0, None, &[File], 9).await, [seqs[2], seqs[1]]);
    assert_eq!(media(0, None, &[Image, Animation], 2).await, [seqs[5], seqs[2]]);
    assert_eq!(media(0, Some(seqs[2]), &[Image, Animation], 9).await, [seqs[0]]);
    assert_eq!(media(seqs[2], None, &[Image, File, Voice], 9).await, [seqs[4]]);
    assert!(media(0, None, &[], 9).await.is_empty());
    assert!(media(0, None, &[Image], 0).await.is_empty());
    let whole = db.media(room.id, 0, None, &[Voice], 9).await.unwrap();
    assert_eq!(whole[0].attachments.len(), 1);
}

fn picture() -> Picture {
    let theme = |text, bar| ThemeColour { text: Rgb(text), bar: Rgb(bar) };
    let colour = PictureColour {
        version: 1,
        hue: 178,
        chroma: 140,
        light: theme([0, 0x6c, 0x5c], [0xde, 0xef, 0xf0]),
        dark: theme([0x52, 0xc1, 0xaa], [0x1b, 0x2f, 0x3c]),
    };
    Picture { file_id: FileId::new(), colour: Some(colour) }
}

pub async fn people_and_groups_have_pictures(db: Db) {
    let (direct, ana, ben) = room_of_two(&db, 1).await;
    let plain = Picture { colour: None, ..picture() };
    for picture in [Some(picture()), Some(plain), None] {
        let change = ProfileChange { picture: Some(picture.clone()), ..ProfileChange::default() };
        let row = db.set_profile(ana, &change).await.unwrap();
        assert_eq!(row.person().picture, picture);
        assert_eq!(db.user(ana).await.unwrap(), Some(row.clone()));
        let status = ProfileChange { status: Some("here".into()), ..ProfileChange::default() };
        assert_eq!(db.set_profile(ana, &status).await.unwrap().picture, row.picture, "another change leaves it");
    }
    let group = db.create_group(RoomId::new(), "Garden", None, &[ana, ben], NOW).await.unwrap();
    assert_eq!((&group.picture, &direct.picture), (&None, &None));
    let picture = picture();
    let changed = db.set_room_picture(group.id, Some(&picture)).await.unwrap().unwrap();
    assert_eq!((&changed.picture, changed.revision), (&Some(picture.clone()), group.revision + 1));
    assert_eq!(db.room(group.id).await.unwrap(), Some(changed));
    assert_eq!(db.set_room_picture(group.id, Some(&picture)).await.unwrap(), None);
    assert_eq!(db.set_room_picture(group.id, None).await.unwrap().unwrap().picture, None);
    assert_eq!(db.set_room_picture(group.id, None).await.unwrap(), None);
    assert!(matches!(db.set_room_picture(RoomId::new(), None).await, Err(StoreError::Missing)));
}
