use super::*;
use crate::client::outbox::{OutFile, Upload};
use crate::error::What;

fn picture() -> OutFile {
    OutFile::new("cat.png", "image/png", 2_400_000)
}

fn begun(effects: &[Effect]) -> Vec<Upload> {
    let upload = |effect: &Effect| if let Effect::Upload(upload) = effect { Some((**upload).clone()) } else { None };
    effects.iter().filter_map(upload).collect()
}

fn stored(upload: &Upload) -> Attachment {
    Attachment::new(upload.id, AttachmentKind::Image, "cat.png", "image/png", 2_000_000)
}

impl Tab {
    fn compose_files(&mut self, text: &str, files: Vec<OutFile>) -> (TxnId, Vec<Effect>) {
        let (room_id, now) = (self.room_id, self.now);
        self.state.trays.insert(room_id, files);
        let txn_id = self.state.compose(room_id, text, now).expect("room");
        assert!(self.state.trays.is_empty());
        self.put(Input::Composed(txn_id));
        (txn_id, self.put(Input::Stored { txn_id, ok: true }))
    }

    fn ended(&mut self, upload: &Upload, result: Result<Attachment, Error>) -> Vec<Effect> {
        self.put(Input::UploadEnded { local: upload.file.local, id: upload.id, result })
    }
}

#[test]
fn a_picture_shows_at_once_goes_up_and_is_named_in_the_send() {
    let mut page = Tab::new().online();
    let file = OutFile { alt: Some("A cat".to_owned()), ..picture() };
    let local = file.local;
    let (txn_id, effects) = page.compose_files("", vec![file]);
    let shown = page.state.rows(page.room_id).remove(0);
    assert_eq!(shown.message.attachments[0].id, local);
    assert!(sends(&effects).is_empty());
    let upload = begun(&effects).remove(0);
    let effects = page.ended(&upload, Ok(stored(&upload)));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Store(entry) if entry.files[0].uploaded.is_some())));
    assert!(sends(&effects).is_empty(), "first the ids go to the disk");
    let frames = sent(&page.put(Input::Stored { txn_id, ok: true }));
    let Command::Send { body, files, .. } = &frames[0].command else { panic!("a send") };
    assert_eq!((body.as_str(), files.as_slice()), ("", &[SentFile { id: upload.id, alt: Some("A cat".into()) }][..]));
}

#[test]
fn nothing_goes_up_without_a_connection_and_all_of_it_after() {
    let mut page = Tab::new().online();
    page.put(Input::Offline);
    let (_, effects) = page.compose_files("look", vec![picture()]);
    assert!(begun(&effects).is_empty());
    page.put(Input::Online);
    assert_eq!(begun(&page.connect()).len(), 1);
}

#[test]
fn a_cut_network_begins_an_upload_anew() {
    let mut page = Tab::new().online();
    let (_, effects) = page.compose_files("look", vec![picture()]);
    let first = begun(&effects).remove(0);
    page.put(Input::Offline);
    assert!(!page.state.outbox.is_running(first.file.local, first.id));
    page.put(Input::Online);
    let second = begun(&page.connect()).remove(0);
    assert_ne!(first.id, second.id);
    // It got there all the same: nobody shows it.
    assert!(page.ended(&first, Ok(stored(&first))).contains(&Effect::Withdraw(vec![first.id])));
}

#[test]
fn a_lost_socket_lets_an_upload_go_on() {
    let mut page = Tab::new().online();
    let (txn_id, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.put(Input::Closed { code: 1006 });
    page.ended(&upload, Ok(stored(&upload)));
    page.put(Input::Stored { txn_id, ok: true });
    assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    assert_eq!(sends(&page.connect()).len(), 1);
}

#[test]
fn uploads_that_are_unavailable_wait_while_texts_go() {
    let mut page = Tab::new().online();
    let (_, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.ended(&upload, Err(Error::Unavailable { retry_after_ms: 2_000 }));
    assert!(page.state.uploads_down);
    assert!(page.state.outbox.entries[0].error.is_none());
    let mut other = page.state.rooms[&page.room_id].summary.clone();
    other.room.id = RoomId::new();
    let second = other.room.id;
    page.frame(ServerFrame::Event { event: LiveEvent::Room { summary: other } });
    let txn_id = page.state.compose(second, "text", page.now).expect("room");
    page.put(Input::Composed(txn_id));
    assert_eq!(sends(&page.put(Input::Stored { txn_id, ok: true })).len(), 1);
    let again = loop {
        if let Some(upload) = begun(&page.wake()).pop() {
            break upload;
        }
    };
    page.ended(&again, Ok(stored(&again)));
    assert!(!page.state.uploads_down);
}

#[test]
fn a_full_storage_fails_the_file_and_nothing_else_until_it_is_tried_again() {
    let mut page = Tab::new().online();
    let (txn_id, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.ended(&upload, Err(Error::StorageFull));
    assert_eq!(page.state.outbox.entries[0].error, Some(Error::StorageFull));
    assert!(!page.state.uploads_down, "smaller ones may fit");
    assert!(begun(&page.put(Input::Tick)).is_empty());
    // It holds no text up.
    let (room_id, now) = (page.room_id, page.now);
    let text = page.state.compose(room_id, "text", now).expect("room");
    page.put(Input::Composed(text));
    assert_eq!(sends(&page.put(Input::Stored { txn_id: text, ok: true })).len(), 1);
    page.state.outbox.retry(txn_id);
    let mut effects = page.put(Input::Composed(txn_id));
    effects.extend(page.put(Input::Stored { txn_id, ok: true }));
    let again = begun(&effects).remove(0);
    assert_ne!(again.id, upload.id, "from the start");
    page.ended(&again, Ok(stored(&again)));
    assert!(page.state.outbox.entries.iter().all(|entry| entry.error.is_none()));
}

#[test]
fn what_waits_for_storage_goes_when_the_server_says_that_it_is_back() {
    let mut page = Tab::new().online();
    let (_, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.ended(&upload, Err(Error::Unavailable { retry_after_ms: 60_000 }));
    assert!(begun(&page.put(Input::StorageSeen { is_down: true })).is_empty());
    assert!(page.state.uploads_down);
    assert_eq!(begun(&page.put(Input::StorageSeen { is_down: false })).len(), 1);
    assert!(!page.state.uploads_down);
}

#[test]
fn storage_that_refuses_though_it_seems_well_is_not_asked_in_a_loop() {
    let mut page = Tab::new().online();
    let (_, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.ended(&upload, Err(Error::Unavailable { retry_after_ms: 60_000 }));
    assert!(begun(&page.put(Input::StorageSeen { is_down: false })).is_empty());
    assert!(page.state.outbox.next_upload().is_some_and(|at| at > page.now.plus_ms(30_000)));
}

#[test]
fn what_waits_for_a_place_wakes_nobody() {
    let mut page = Tab::new().online();
    let first: Vec<_> = (0..3).map(|_| page.compose_files("look", vec![picture()]).1).collect();
    let begun_now: Vec<_> = first.iter().flat_map(|effects| begun(effects)).collect();
    assert_eq!(begun_now.len(), 2);
    // The third waits for a place, whatever its time.
    for entry in &mut page.state.outbox.entries {
        for file in entry.files.iter_mut().filter(|file| file.attempt.is_none()) {
            file.not_before = Some(page.now.plus_ms(-1));
        }
    }
    assert_eq!(page.state.outbox.next_upload(), None);
    page.ended(&begun_now[0], Err(Error::Unavailable { retry_after_ms: 60_000 }));
    assert!(page.state.outbox.next_upload().is_none_or(|at| at > page.now));
}

#[test]
fn a_send_whose_files_are_gone_uploads_them_anew() {
    let mut page = Tab::new().online();
    let (txn_id, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.ended(&upload, Ok(stored(&upload)));
    let (id, _) = sends(&page.put(Input::Stored { txn_id, ok: true })).remove(0);
    page.frame(ServerFrame::Refused { id: Some(id), error: Error::NotFound { what: What::File } });
    assert!(page.state.outbox.entries[0].error.is_none());
    let again = loop {
        if let Some(upload) = begun(&page.wake()).pop() {
            break upload;
        }
    };
    assert_ne!(again.id, upload.id);
    assert_eq!(again.txn_id, txn_id);
}

#[test]
fn the_end_of_a_session_stops_uploads() {
    let mut page = Tab::new().online();
    let (_, effects) = page.compose_files("look", vec![picture()]);
    let upload = begun(&effects).remove(0);
    page.put(Input::SignOut);
    assert!(!page.state.outbox.is_running(upload.file.local, upload.id));
    assert!(begun(&page.put(Input::Tick)).is_empty());
}
