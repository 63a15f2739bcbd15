//! What is drawn, as HTML.

use super::MessageRow;
use super::grouping::Place;
use crate::client::state::Row;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{Body, LinkPreview, Message, Tick};
use crate::time::Timestamp;
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
