//! What is drawn, as HTML.

use super::grouping::Place;
use super::{MessageRow, Visit};
use crate::client::outbox::{Entry, OutFile};
use crate::client::state::Row;
use crate::client::use_provide_live;
use crate::error::Error;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Body, LinkPreview, Message, Refusal, Tick};
use crate::time::Timestamp;
use crate::ui::samples;
use crate::ui::time::use_provide_clock;
use dioxus::prelude::*;
use uuid::Uuid;

fn row(body: &str, tick: Option<Tick>) -> Row {
    let id = Uuid::from_u128(7);
    let (author, me) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(if tick.is_some() { 1 } else { 2 })));
    let message = Message::text(MessageId(id), RoomId(id), 3, author, TxnId(id), Body::stored(body.to_owned()));
    Row::of(message, me, tick)
}

#[component]
fn One(row: Row) -> Element {
    use_provide_clock(Timestamp(0));
    rsx! {
        MessageRow { row, place: Place::Solo, author: "Mira" }
    }
}

fn html(row: Row) -> String {
    let mut dom = VirtualDom::new_with_props(One, OneProps { row });
    dom.rebuild_in_place();
    dioxus::ssr::render(&dom)
}

#[test]
fn nothing_anybody_writes_is_markup() {
    let html = html(row("<script>alert(1)</script> & <img src=x onerror=alert(1)> \"quoted\"", None));
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"), "{html}");
}

#[test]
fn links_lead_out_safely_and_nothing_else_is_a_link() {
    let page = html(row("see https://example.org/a?b=c and javascript:alert(1)", None));
    assert!(page.contains("href=\"https://example.org/a?b=c\""), "{page}");
    assert!(page.contains("rel=\"noopener noreferrer nofollow ugc\"") && page.contains("target=\"_blank\""), "{page}");
    assert_eq!(page.matches("href=").count(), 1, "{page}");
    let quoted = html(row("https://example.org/\"onmouseover=\"alert(1)", None));
    assert!(!quoted.contains("\"onmouseover"), "{quoted}");
}

fn with_preview(preview: LinkPreview) -> Row {
    let row = row("no link here", None);
    Row { message: Message { preview: Some(preview), ..(*row.message).clone() }.into(), ..row }
}

#[test]
fn a_preview_is_words_that_lead_where_they_say() {
    let preview = LinkPreview {
        url: "https://www.example.org/a?b=\"onmouseover=\"alert(1)".into(),
        site: "<script>alert(1)</script>".into(),
        title: "<img src=x onerror=alert(1)>".into(),
        description: Some("<svg onload=alert(1)>".into()),
    };
    let page = html(with_preview(preview));
    for markup in ["<script", "<img", "onload=alert(1)>", "\"onmouseover"] {
        assert!(!page.contains(markup), "{markup}: {page}");
    }
    assert!(page.contains(">example.org<") && page.contains("rel=\"noopener noreferrer nofollow ugc\""), "{page}");
    assert!(
        page.contains("opens in a new tab") && !page.contains("Remove preview"),
        "only the author takes it off: {page}"
    );
    let plain = LinkPreview {
        url: "https://example.org/".into(),
        site: "example.org".into(),
        title: "A title".into(),
        description: None,
    };
    let page = html(with_preview(plain));
    assert_eq!(page.matches("example.org<").count(), 1, "said once: {page}");
    assert!(!page.contains("link-card-text"), "{page}");
}

#[test]
fn every_tick_has_a_name() {
    for (tick, name, code) in [
        (Tick::Queued, "Waiting", "queued"),
        (Tick::Sending, "Sending", "sending"),
        (Tick::Sent, "Sent", "sent"),
        (Tick::Delivered, "Delivered", "delivered"),
        (Tick::Read, "Read", "read"),
    ] {
        let html = html(row("hello", Some(tick)));
        assert!(html.contains(&format!("aria-label=\"{name}\"")), "{html}");
        assert!(html.contains(&format!("data-tick=\"{code}\"")), "{html}");
    }
    assert!(!html(row("hello", None)).contains("data-tick"), "others' messages have none");
}

#[test]
fn line_breaks_stay() {
    let html = html(row("one\n\ntwo", None));
    assert!(html.contains("one\n\ntwo"), "{html}");
}

/// A picture of mine whose upload ended like this, as its message says so.
fn not_taken(problem: Error) -> String {
    #[component]
    fn NotTaken(problem: Error) -> Element {
        use_provide_clock(Timestamp(0));
        let live = use_provide_live(|| {
            let room_id = samples::room_id(1);
            let mut state = samples::state(vec![samples::room(1, &[1])]);
            let files = vec![OutFile::new("cat.png", "image/png", 2_400_000)];
            let body = Body::stored(String::new());
            let entry = Entry::new(TxnId(Uuid::from_u128(7)), room_id, body, samples::NOW);
            state.outbox.push(Entry { is_stored: true, is_kept: true, files, ..entry });
            let upload = state.outbox.take_uploads(samples::NOW).remove(0);
            state.outbox.upload_ended(upload.file.local, upload.id, Err(problem), samples::NOW, 0.5);
            state
        });
        use_hook(|| live.uploads.follow(&live.state.peek().outbox));
        use_context_provider(|| Visit {
            room_id: samples::room_id(1),
            unread: Signal::new(None),
            flash: Signal::new(None),
            rewritten: Signal::new(0),
            sent: Signal::new(0),
        });
        let state = live.state.peek();
        let (me, entry) = (state.me.person.id, &state.outbox.entries[0]);
        let row = Row { error: entry.error.clone(), ..Row::of(entry.message(me), me, Some(Tick::Queued)) };
        rsx! {
            MessageRow { row, place: Place::Solo, author: "You" }
        }
    }
    let mut dom = VirtualDom::new_with_props(NotTaken, NotTakenProps { problem });
    dom.rebuild_in_place();
    dioxus::ssr::render(&dom)
}

#[test]
fn a_file_that_there_is_no_room_for_is_told_and_can_be_tried_again() {
    let full = not_taken(Error::StorageFull);
    assert!(full.contains("cat.png") && full.contains("The server has no room left for files."), "{full}");
    for button in ["Retry", "Edit", "Discard"] {
        assert!(full.contains(button), "{button}: {full}");
    }
    // Unlike one that is to blame itself.
    let program = not_taken(Error::Refused { refusal: Refusal::Program });
    assert!(program.contains("is a program") && !program.contains("Retry"), "{program}");
}
