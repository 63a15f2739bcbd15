//! A link of a room, in its panel: where it leads, who wrote it and when.

use crate::model::markup::{self, WebLink};
use crate::model::{Message, Seq};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::time::Clock;
use dioxus::prelude::*;
use std::rc::Rc;

/// A link with its message.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct LinkItem {
    link: WebLink,
    /// What the page calls itself, what the author calls it, or its address.
    title: String,
    message: Rc<Message>,
}

impl LinkItem {
    pub(super) fn key(&self) -> String {
        format!("{}{}", self.message.id, self.link.href)
    }

    pub(super) fn message(&self) -> &Message {
        &self.message
    }
}

/// The links of a message, in the order of its text.
pub(super) fn items(message: &Rc<Message>) -> Vec<LinkItem> {
    let links = markup::web_links(message.body.as_str()).into_iter().enumerate();
    let item = |(at, link): (usize, WebLink)| {
        // A preview is of the first one.
        let preview = message.preview.as_ref().filter(|preview| at == 0 && preview.host() == bare(&link.host));
        let title = preview.map_or_else(|| name(&link), |preview| preview.title.clone());
        LinkItem { link, title, message: message.clone() }
    };
    links.map(item).collect()
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

/// What the author wrote for it, or its address without the scheme.
fn name(link: &WebLink) -> String {
    let text = link.text.trim();
    let (_, address) = link.href.split_once("://").unwrap_or_default();
    if text == link.href || text.is_empty() { address.trim_end_matches('/').to_owned() } else { text.to_owned() }
}

/// A press follows the link, as in messages; the line below it leads to where it was said.
#[component]
pub(super) fn LinkLine(item: LinkItem, name: String, clock: Clock, on_go: Callback<Seq>) -> Element {
    let LinkItem { link, title, message } = item;
    let (seq, when) = (message.seq, clock.short(message.created_at));
    rsx! {
        div { "data-testid": "media-link",
            div { class: "media-row",
                a { class: "ln", href: "{link.href}", target: "_blank", rel: "noopener noreferrer nofollow ugc",
                    span { class: "tile", "aria-hidden": "true", Icon { d: icon::LINK } }
                    span { class: "flex-1 min-w-0",
                        span { class: "block truncate", dir: "auto", "{title}" }
                        // Whole, whatever the rest says: it is where a press leads.
                        span { class: "media-host",
                            span { dir: "ltr", "{link.host}" }
                            Icon { d: icon::ARROW_UP_RIGHT, class: "i-xs" }
                            span { class: "sr-only", "opens in a new tab" }
                        }
                    }
                }
            }
            button { class: "media-said", r#type: "button", "aria-label": "{name}, {when}: go to the message", onclick: move |_| on_go.call(seq),
                "{name}, {when}"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LinkPreview;
    use crate::time::Timestamp;
    use crate::ui::samples::message;

    fn of(text: &str, preview: Option<(&str, &str)>) -> Vec<LinkItem> {
        let preview = preview.map(|(url, title)| LinkPreview {
            url: url.to_owned(),
            site: "A site".to_owned(),
            title: title.to_owned(),
            description: None,
        });
        items(&Rc::new(Message { preview, ..message(1, 4, 1, text) }))
    }

    fn titles(text: &str, preview: Option<(&str, &str)>) -> Vec<String> {
        of(text, preview).into_iter().map(|item| format!("{} at {}", item.title, item.link.host)).collect()
    }

    #[test]
    fn a_link_is_called_what_is_known_of_it() {
        let text = "[our plan](https://www.example.org/plan), https://example.com/a/?b=c and https://example.net/";
        let plain = ["our plan at www.example.org", "example.com/a/?b=c at example.com", "example.net at example.net"];
        assert_eq!(titles(text, None), plain);
        let with = titles(text, Some(("https://www.example.org/plan", "Beds and paths")));
        assert_eq!(with[0], "Beds and paths at www.example.org");
        assert_eq!(with[1..], plain[1..]);
        assert_eq!(titles(text, Some(("https://other.example/", "Of a text that was there before"))), plain);
        assert_eq!(titles("[bank.example](https://evil.example)", None), ["bank.example at evil.example"]);
        assert!(of("||https://example.org|| and ann@example.org", None).is_empty());
    }

    #[component]
    fn One(text: String) -> Element {
        let clock = Clock { now: Timestamp(0), is_local: false };
        let on_go = use_callback(|_: Seq| ());
        rsx! {
            for item in items(&Rc::new(message(1, 4, 1, &text))) {
                LinkLine { key: "{item.key()}", item, name: "Mira", clock, on_go }
            }
        }
    }

    #[test]
    fn a_link_leads_out_as_safely_as_in_messages() {
        let text =
            "[<img src=x onerror=alert(1)>](https://example.org/a?b=c) javascript:alert(1) https://example.org/\"x";
        let mut dom = VirtualDom::new_with_props(One, OneProps { text: text.to_owned() });
        dom.rebuild_in_place();
        let html = dioxus::ssr::render(&dom);
        assert!(html.contains("href=\"https://example.org/a?b=c\"") && !html.contains("<img"), "{html}");
        assert_eq!(html.matches("href=").count(), 2, "{html}");
        assert_eq!(html.matches("target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\"").count(), 2, "{html}");
        assert!(html.contains(">example.org<") && html.contains("go to the message"), "{html}");
    }
}
