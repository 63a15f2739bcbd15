//! What is drawn of files, as HTML.

use crate::client::state::Row;
use crate::id::{FileId, MessageId, RoomId, TxnId, UserId};
use crate::model::{Attachment, AttachmentKind, Body, Deleted, Message, Tick};
use crate::time::Timestamp;
use crate::ui::room::MessageRow;
use crate::ui::room::grouping::Place;
use crate::ui::time::use_provide_clock;
use dioxus::prelude::*;
use uuid::Uuid;

fn file(kind: AttachmentKind, name: &str) -> Attachment {
    let mut file = Attachment::new(FileId(Uuid::from_u128(9)), kind, name, "application/pdf", 2_412_345);
    (file.width, file.height) = (Some(4_000), Some(1_850));
    file
}

fn html(body: &str, files: Vec<Attachment>, change: impl FnOnce(&mut Row)) -> String {
    #[component]
    fn One(row: Row) -> Element {
        use_provide_clock(Timestamp(0));
        rsx! {
            MessageRow { row, place: Place::Solo, author: "Mira Solberg" }
        }
    }
    let id = Uuid::from_u128(7);
    let author = UserId(Uuid::from_u128(1));
    let message = Message::text(MessageId(id), RoomId(id), 3, author, TxnId(id), Body::stored(body.to_owned()));
    let mut row = Row::of(Message { attachments: files, ..message }, UserId(Uuid::from_u128(2)), None::<Tick>);
    change(&mut row);
    let mut dom = VirtualDom::new_with_props(One, OneProps { row });
    dom.rebuild_in_place();
    dioxus::ssr::render(&dom)
}

#[test]
fn a_picture_has_its_size_and_its_name_before_it_is_here() {
    let html = html("", vec![file(AttachmentKind::Image, "a.jpg")], |_| {});
    assert!(html.contains("--w:320px;--ratio:2.1622"), "{html}");
    assert!(html.contains("aria-label=\"Photo from Mira, 00:00\""));
    assert!(!html.contains("/files/"), "nothing is asked for before it is near: {html}");
    assert_eq!(html.matches("<time>").count(), 1);
}

#[test]
fn the_time_stands_under_the_words_when_there_are_some() {
    let html = html("The gate", vec![file(AttachmentKind::Image, "a.jpg")], |_| {});
    assert_eq!(html.matches("<time>").count(), 1);
    assert!(!html.contains("class=\"over\""));
    let (picture, words) = (html.find("class=\"media").unwrap(), html.find("The gate").unwrap());
    assert!(picture < words);
}

#[test]
fn several_pictures_are_one_album_and_the_rest_follows() {
    let kinds = [AttachmentKind::Image, AttachmentKind::File, AttachmentKind::Video, AttachmentKind::Voice];
    let files = kinds
        .iter()
        .enumerate()
        .map(|(at, kind)| Attachment { id: FileId(Uuid::from_u128(at as u128 + 1)), ..file(*kind, "permit.pdf") });
    let html = html("", files.collect(), |_| {});
    assert_eq!(html.matches("class=\"album-tile\"").count(), 2);
    assert!(html.contains("aria-label=\"Album of 2\""));
    assert_eq!(html.matches("<time>").count(), 1);
    let places =
        ["album-row", "data-testid=\"file\"", "data-testid=\"sound\"", "<time>"].map(|text| html.find(text).unwrap());
    assert!(places.is_sorted(), "{places:?}");
}

#[test]
fn a_card_keeps_the_extension_and_says_every_byte() {
    let html = html("", vec![file(AttachmentKind::File, "visitor-permit-june.pdf")], |_| {});
    assert!(html.contains("<bdi>visitor-permit-june</bdi><bdi>.pdf</bdi>"), "{html}");
    assert!(html.contains("title=\"2,412,345 bytes\">2.4 MB<"));
    assert!(html.contains("href=\"/files/00000000-0000-0000-0000-000000000009?download=1\""));
    assert!(html.contains("aria-label=\"Download visitor-permit-june.pdf, 2.4 MB\""));
}

#[test]
fn names_are_never_markup() {
    let html = html("", vec![file(AttachmentKind::File, "<img src=x onerror=alert(1)>.pdf")], |_| {});
    assert!(!html.contains("<img src=x"), "{html}");
}

#[test]
fn what_is_deleted_or_covered_shows_no_files() {
    let files = || vec![file(AttachmentKind::Image, "a.jpg"), file(AttachmentKind::File, "b.pdf")];
    let deleted = html("", files(), |row| {
        let gone = Deleted { by: row.author_id(), at: Timestamp(0) };
        row.message = Message { deleted: Some(gone), ..(*row.message).clone() }.into();
    });
    let covered = html("", files(), |row| row.is_blocked_author = true);
    for html in [deleted, covered] {
        assert!(!html.contains("class=\"media") && !html.contains("class=\"file\""), "{html}");
    }
}
