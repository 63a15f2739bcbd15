//! The text of a message, each node of its tree as an element. Nothing anybody writes is ever HTML.

use crate::model::Seq;
use crate::model::markup::highlight::{self, Kind};
use crate::model::markup::{self, Block, Inline};
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::search::{Marks, use_marks};
use dioxus::prelude::*;
use std::rc::Rc;

/// How long a button says that it worked, in milliseconds.
const COPIED_MS: u32 = 2_000;

/// Whom mentions mean: `me` is the own username; pressing one calls `on_mention`, without it they are not buttons.
#[derive(Clone, PartialEq)]
struct Names {
    me: Rc<str>,
    on_mention: Option<Callback<String>>,
    /// What a search found in it.
    marks: Marks,
}

/// A message's text. `children` float at the end of its last line. `me` is the own username, so that it stands out;
/// `on_mention` is told the username of a mention that was pressed.
#[component]
pub fn MessageBody(
    #[props(into)] text: Rc<str>,
    #[props(default = Rc::from(""))] me: Rc<str>,
    #[props(default)] on_mention: Option<Callback<String>>,
    #[props(default)] seq: Option<Seq>,
    children: Element,
) -> Element {
    let marks = use_marks(seq, &text);
    let tree = use_memo(use_reactive(&text, |text| markup::parse(&text)));
    let tree = tree.read();
    let names = Names { me, on_mention, marks };
    let (before, last) = match tree.split_last() {
        Some((Block::Paragraph(parts), before)) => (before, parts.as_slice()),
        _ => (tree.as_slice(), [].as_slice()),
    };
    rsx! {
        {blocks(before, &names)}
        // A line of its own when there is none to end.
        p { class: last.is_empty().then_some("tail"),
            {inlines(last, &names)}
            {children}
        }
    }
}

fn blocks(list: &[Block], names: &Names) -> Element {
    rsx! {
        for block in list {
            {draw_block(block, names)}
        }
    }
}

fn draw_block(block: &Block, names: &Names) -> Element {
    match block {
        Block::Paragraph(parts) => rsx! {
            p { {inlines(parts, names)} }
        },
        Block::Quote(inner) => rsx! {
            blockquote { {blocks(inner, names)} }
        },
        Block::List { is_ordered: false, items } => rsx! {
            ul {
                for item in items {
                    li { {blocks(&item.blocks, names)} }
                }
            }
        },
        Block::List { is_ordered: true, items } => rsx! {
            ol {
                for item in items {
                    li { value: "{item.number}", {blocks(&item.blocks, names)} }
                }
            }
        },
        Block::Code { lang, text } => rsx! {
            Code { lang: lang.clone(), text: text.clone() }
        },
    }
}

fn inlines(parts: &[Inline], names: &Names) -> Element {
    rsx! {
        for part in parts {
            {draw_inline(part, names)}
        }
    }
}

fn draw_inline(part: &Inline, names: &Names) -> Element {
    match part {
        Inline::Text(text) => names.marks.draw(text),
        Inline::Bold(inner) => rsx! {
            strong { {inlines(inner, names)} }
        },
        Inline::Italic(inner) => rsx! {
            em { {inlines(inner, names)} }
        },
        Inline::Strike(inner) => rsx! {
            s { {inlines(inner, names)} }
        },
        Inline::Code(text) => rsx! {
            code { class: "code-in", {names.marks.draw(text)} }
        },
        Inline::Spoiler(inner) => rsx! {
            Spoiler { parts: inner.clone(), names: names.clone() }
        },
        Inline::Link { href, text, leads_to } => link(href, text, leads_to.as_deref(), names),
        Inline::Mention { username } => mention(username, *names.me == **username, names.on_mention),
        Inline::MentionAll => mention("all", true, None),
    }
}

/// A way out of here. What could be taken for another address shows where it leads.
fn link(href: &str, text: &[Inline], leads_to: Option<&str>, names: &Names) -> Element {
    // Without a target a mail program opens beside the page, with one an empty tab stays behind.
    let is_web = !href.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
    rsx! {
        a { href: "{href}", target: is_web.then_some("_blank"), rel: "noopener noreferrer nofollow ugc",
            {inlines(text, names)}
            if let Some(host) = leads_to {
                bdi { class: "leads-to", " ({host})" }
            }
            if is_web {
                svg {
                    class: "i ext",
                    view_box: "0 0 24 24",
                    role: "img",
                    "aria-label": "opens in a new tab",
                    path { d: icon::ARROW_UP_RIGHT }
                }
            }
        }
    }
}

fn mention(name: &str, is_me: bool, on_press: Option<Callback<String>>) -> Element {
    let me = is_me.then_some("");
    match on_press {
        Some(on_press) => {
            let username = name.to_owned();
            rsx! {
                button {
                    class: "mention",
                    r#type: "button",
                    "data-me": me,
                    onclick: move |_| on_press.call(username.clone()),
                    "@{name}"
                }
            }
        }
        None => rsx! {
            span { class: "mention", "data-me": me, "@{name}" }
        },
    }
}

/// What is covered until somebody wants to see it.
#[component]
fn Spoiler(parts: Vec<Inline>, names: Names) -> Element {
    let mut is_open = use_signal(|| false);
    let covered = markup::plain(&parts);
    rsx! {
        if is_open() {
            // It takes the place of the button, and its focus.
            span {
                class: "spoiler",
                "data-open": "",
                tabindex: "-1",
                onmounted: move |event: MountedEvent| async move {
                    event.set_focus(true).await.ok();
                },
                {inlines(&parts, &names)}
            }
        } else {
            button {
                class: "spoiler",
                r#type: "button",
                "aria-label": "Spoiler. Show it",
                "aria-expanded": "false",
                onclick: move |_| is_open.set(true),
                span { "aria-hidden": "true", "{covered}" }
            }
        }
    }
}

/// A block of code: it scrolls sideways by itself, so that the message doesn't.
#[component]
fn Code(lang: Option<String>, text: String) -> Element {
    let mut outcome = use_signal(|| None::<bool>);
    let tokens = lang.as_deref().and_then(|lang| highlight::tokens(lang, &text));
    let tokens = tokens.unwrap_or_else(|| vec![(Kind::Plain, text.as_str())]);
    let (label, d) = match outcome() {
        None => ("Copy", icon::COPY),
        Some(true) => ("Copied", icon::CHECK),
        Some(false) => ("Can't copy here", icon::CIRCLE_ALERT),
    };
    let name = lang.as_ref().map_or_else(|| "Code".to_owned(), |lang| format!("Code, {lang}"));
    let source = text.clone();
    let copy = move |_| {
        let source = source.clone();
        async move {
            outcome.set(Some(dom::copy(&source).await));
            dom::sleep(COPIED_MS).await;
            outcome.set(None);
        }
    };
    rsx! {
        div { class: "code", dir: "ltr",
            div { class: "code-bar",
                span { {lang.as_deref().unwrap_or("code")} }
                button { class: "code-copy", r#type: "button", "aria-live": "polite", onclick: copy,
                    Icon { d, class: "i-xs" }
                    "{label}"
                }
            }
            pre { tabindex: "0", role: "group", "aria-label": "{name}",
                code {
                    for (kind , part) in tokens {
                        match class(kind) {
                            Some(class) => rsx! {
                                span { class, "{part}" }
                            },
                            None => rsx! { "{part}" },
                        }
                    }
                }
            }
        }
    }
}

fn class(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Plain => None,
        Kind::Keyword => Some("code-keyword"),
        Kind::Text => Some("code-text"),
        Kind::Number => Some("code-number"),
        Kind::Comment => Some("code-comment"),
    }
}
