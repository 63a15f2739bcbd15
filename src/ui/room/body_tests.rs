//! Whatever anybody writes, what is drawn are the elements of [`super::body`] and nothing else.

use super::body::{MessageBody, MessageBodyProps};
use dioxus::prelude::*;
use proptest::prelude::*;
use std::rc::Rc;

fn html(text: &str) -> String {
    let on_mention = None;
    let props =
        MessageBodyProps { text: Rc::from(text), me: Rc::from("ann"), on_mention, seq: None, children: rsx! {} };
    let mut dom = VirtualDom::new_with_props(MessageBody, props);
    dom.rebuild_in_place();
    dioxus::ssr::render(&dom)
}

/// The elements that may be drawn, with the attributes that each may have.
const ALLOWED: &[(&str, &[&str])] = &[
    ("p", &["class"]),
    ("blockquote", &[]),
    ("ul", &[]),
    ("ol", &[]),
    ("li", &["value"]),
    ("strong", &[]),
    ("em", &[]),
    ("s", &[]),
    ("bdi", &["class"]),
    ("code", &["class"]),
    ("pre", &["tabindex", "role", "aria-label"]),
    ("div", &["class", "dir"]),
    ("span", &["class", "aria-hidden", "data-me"]),
    ("button", &["class", "type", "aria-label", "aria-expanded", "aria-live"]),
    ("a", &["href", "target", "rel"]),
    ("svg", &["class", "viewBox", "role", "aria-label", "aria-hidden"]),
    ("path", &["d"]),
];

/// Reads HTML as strictly as browsers read it loosely: every `<` begins a tag, every value is quoted.
#[track_caller]
fn assert_inert(text: &str) {
    let page = html(text);
    let fail = |why: &str| -> ! { panic!("{why}\n{text:?}\n{page}") };
    let mut rest = page.as_str();
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(end) = rest.strip_prefix('/') {
            let Some((name, after)) = end.split_once('>') else { fail("a tag that does not end") };
            if !ALLOWED.iter().any(|(allowed, _)| *allowed == name) {
                fail("an end of an element that is not ours");
            }
            rest = after;
            continue;
        }
        let name = rest.find(|c: char| !c.is_ascii_alphanumeric()).map_or(rest, |end| &rest[..end]);
        let Some((_, attributes)) = ALLOWED.iter().find(|(allowed, _)| *allowed == name) else {
            fail("an element that is not ours")
        };
        rest = &rest[name.len()..];
        let mut found = Vec::new();
        while let Some(attribute) = rest.strip_prefix(' ') {
            let Some((name, value)) = attribute.split_once("=\"") else { fail("an attribute without a value") };
            let Some((value, after)) = value.split_once('"') else { fail("a value that does not end") };
            if !attributes.contains(&name) {
                fail("an attribute that is not ours");
            }
            found.push((name, value));
            rest = after;
        }
        if !rest.starts_with('>') && !rest.starts_with("/>") {
            fail("something else in a tag");
        }
        if name == "a" {
            let value = |name: &str| found.iter().find(|(found, _)| *found == name).map(|(_, value)| *value);
            let href = value("href").unwrap_or_default().to_ascii_lowercase();
            let is_web = href.starts_with("http://") || href.starts_with("https://");
            let is_fine = is_web && value("target") == Some("_blank") || href.starts_with("mailto:");
            if !is_fine || value("rel") != Some("noopener noreferrer nofollow ugc") {
                fail("a link that is not safe");
            }
        }
    }
}

#[test]
fn hostile_texts_come_out_inert() {
    let corpus = include_str!("../../../tests/hostile/markup.txt");
    assert!(corpus.lines().count() >= 150);
    for line in corpus.lines() {
        assert_inert(line);
        for around in [
            "**{}**",
            "||{}||",
            "> {}",
            "- {}",
            "1. {}",
            "`{}`",
            "```\n{}\n```",
            "```html\n{}\n```",
            "[{}](https://example.org)",
            "[x]({})",
            "@{}",
            "{}\n{}",
        ] {
            assert_inert(&around.replace("{}", line));
        }
    }
    assert_inert(&corpus.replace('\n', " "));
    assert_inert(corpus);
}

proptest! {
    #[test]
    fn any_text_comes_out_inert(text in "[<>\"'=&/a-z*_~|`\\[\\]()@:. \\n-]{0,80}") {
        assert_inert(&text);
    }
}

#[test]
fn the_check_finds_what_is_not_ours() {
    // The corpus must not pass because the reader sees nothing.
    let page = html("**a** https://example.org `b` ||c|| @ann\n> d\n- e\n1. f\n```rust\nlet x = 1; // g\n```");
    for part in [
        "<strong>a</strong>",
        "href=\"https://example.org\"",
        "<code class=\"code-in\">b</code>",
        "aria-label=\"Spoiler. Show it\"",
        "data-me=\"\">@ann",
        "<blockquote>",
        "<ul><li>",
        "<li value=\"1\">",
        "<span class=\"code-keyword\">let</span>",
        "<span class=\"code-comment\">",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(std::panic::catch_unwind(|| assert_inert("\u{0}")).is_ok());
}

#[test]
fn a_link_that_pretends_shows_where_it_leads() {
    let page = html("[https://bank.example](https://evil.example/x)");
    assert!(page.contains("(evil.example)"), "{page}");
    let page = html("[the plan](https://example.org/x)");
    assert!(!page.contains("leads-to") && page.contains("opens in a new tab"), "{page}");
}

#[test]
fn a_covered_spoiler_is_read_by_nobody() {
    let page = html("||the *butler*||");
    assert!(page.contains("<span aria-hidden=\"true\">the butler</span>"), "{page}");
    assert!(!page.contains("<em>"), "{page}");
}
