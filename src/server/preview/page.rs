//! The head of an HTML page: what it says of itself for cards like ours (Open Graph, the older Twitter names, or plain).
//!
//! Tokens only, one after the other: no tree, so no depth to run out of.

use crate::model::LinkPreview;
use crate::model::preview::{DESCRIPTION_MAX_CHARS, SITE_MAX_CHARS, TITLE_MAX_CHARS};
use crate::server::preview::text::clean;
use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};
use url::Url;

/// What a page says of itself, cleaned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct About {
    site: Option<String>,
    title: String,
    description: Option<String>,
}

impl About {
    /// The card for a link to the page.
    pub fn card(&self, link: &Url) -> LinkPreview {
        let mut card = LinkPreview {
            url: link.as_str().to_owned(),
            site: String::new(),
            title: self.title.clone(),
            description: self.description.clone(),
        };
        card.site = self.site.clone().unwrap_or_else(|| card.host().to_owned());
        card
    }
}

/// Where a value was said: the first that is there wins.
#[derive(Default)]
struct Said([Option<String>; 3]);

impl Said {
    /// Once said is said: what comes later (in the text of a page, by others) does not replace it.
    fn hear(&mut self, rank: usize, text: Option<String>) {
        let place = &mut self.0[rank];
        *place = place.take().or(text);
    }

    fn best(self) -> Option<String> {
        self.0.into_iter().flatten().next()
    }
}

#[derive(Default)]
struct Heard {
    site: Said,
    title: Said,
    description: Said,
}

/// Reads a page, or the beginning of one. `None` when it has no title.
pub(super) fn read(html: &str) -> Option<About> {
    let mut emitter = DefaultEmitter::default();
    // Scripts, styles and titles hold text, whatever it looks like.
    emitter.naively_switch_states(true);
    let mut heard = Heard::default();
    let mut title = None;
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"meta" => heard.meta(&tag),
                b"title" => title = Some(String::new()),
                // Some pages have no `head` to end.
                b"body" if heard.has_title() => break,
                _ => {}
            },
            Token::String(text) => {
                if let Some(title) = &mut title {
                    title.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Token::EndTag(tag) => match tag.name.as_slice() {
                b"title" => {
                    let text = title.take().and_then(|text| clean(&text, TITLE_MAX_CHARS));
                    heard.title.hear(2, text);
                }
                b"head" if heard.has_title() => break,
                _ => {}
            },
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    let title = heard.title.best()?;
    // Saying the same again is saying nothing.
    let description = heard.description.best().filter(|text| *text != title);
    Some(About { site: heard.site.best(), title, description })
}

impl Heard {
    fn has_title(&self) -> bool {
        self.title.0.iter().any(Option::is_some)
    }

    fn meta(&mut self, tag: &StartTag<()>) {
        let attribute = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            Some(String::from_utf8_lossy(value).into_owned())
        };
        let (Some(name), Some(content)) = (attribute("property").or_else(|| attribute("name")), attribute("content"))
        else {
            return;
        };
        let (said, rank, max) = match name.trim().to_ascii_lowercase().as_str() {
            "og:site_name" => (&mut self.site, 0, SITE_MAX_CHARS),
            "application-name" => (&mut self.site, 1, SITE_MAX_CHARS),
            "og:title" => (&mut self.title, 0, TITLE_MAX_CHARS),
            "twitter:title" => (&mut self.title, 1, TITLE_MAX_CHARS),
            "og:description" => (&mut self.description, 0, DESCRIPTION_MAX_CHARS),
            "twitter:description" => (&mut self.description, 1, DESCRIPTION_MAX_CHARS),
            "description" => (&mut self.description, 2, DESCRIPTION_MAX_CHARS),
            _ => return,
        };
        said.hear(rank, clean(&content, max));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// Site, title and description.
    fn said(html: &str) -> Option<(String, String, String)> {
        read(html).map(|about| (about.site.unwrap_or_default(), about.title, about.description.unwrap_or_default()))
    }

    fn triple(site: &str, title: &str, description: &str) -> Option<(String, String, String)> {
        Some((site.into(), title.into(), description.into()))
    }

    #[test]
    fn the_head_of_a_page_is_read() {
        let full = r#"<!doctype html><html><head><meta charset=utf-8><title>Plain &amp; simple</title>
            <meta property="og:site_name" content="The Site"><meta property=og:title content='The &quot;Title&quot;'>
            <META NAME="Description" CONTENT="plain"><meta name="twitter:description" content="T"/>
            <meta property="og:description" content="Two
            lines"></head><body><title>not this</title></body></html>"#;
        assert_eq!(said(full), triple("The Site", "The \"Title\"", "Two lines"));
        assert_eq!(said("<title>Just\n a title</title>"), triple("", "Just a title", ""));
        assert_eq!(said("<meta name=og:title content=a><meta property=og:title content=b>"), triple("", "a", ""));
        assert_eq!(said("<meta name=twitter:title content=t><title>x</title>"), triple("", "t", ""));
        assert_eq!(said("<meta property=og:title content=' '><title>x</title>"), triple("", "x", ""));
        assert_eq!(said("<title>same</title><meta name=description content=same>"), triple("", "same", ""));
        assert_eq!(said("<body><p>text</p><meta property=og:title content=late>"), triple("", "late", ""));
    }

    #[test]
    fn a_page_without_a_title_says_nothing() {
        for html in [
            "",
            "hello",
            "<title></title>",
            "<title>",
            "<title>\u{200b}</title>",
            "<meta property=og:title>",
            "<meta property=og:description content=d>",
            "<!-- <title>x</title> -->",
        ] {
            assert_eq!(read(html), None, "{html}");
        }
    }

    #[test]
    fn nothing_in_scripts_comments_or_bodies_counts() {
        let html = r#"<script>var a = '<meta property="og:title" content="script">';</script><style><title>style</title></style>
            <!-- <meta property="og:title" content="comment"> --><noscript><meta property=og:title content=noscript></noscript>
            <title>real</title></head><body><meta property="og:title" content="guest book">"#;
        assert_eq!(said(html), triple("", "real", ""));
    }

    #[test]
    fn hostile_words_are_nothing_but_words() {
        let html = "<title><img src=x onerror=alert(1)>\u{202e}gpj.exe</title><meta name=description content='&lt;script&gt;alert(1)&lt;/script&gt;&#x202e;&#0;&#x200b;'>";
        let (_, title, description) = said(html).expect("a page");
        assert_eq!(title, "<img src=x onerror=alert(1)>gpj.exe");
        assert!(
            description.starts_with("<script>alert(1)</script>")
                && !description.contains(['\u{202e}', '\u{0}', '\u{200b}'])
        );
    }

    #[test]
    fn a_card_leads_where_the_link_does() {
        let about = read(
            "<meta property=og:site_name content='Your Bank'><meta property=og:url content=https://bank.example><title>x</title>",
        );
        let link = Url::parse("https://evil.example/a#b").expect("a url");
        let card = about.expect("a page").card(&link);
        assert_eq!(
            (card.url.as_str(), card.host(), card.site.as_str()),
            ("https://evil.example/a#b", "evil.example", "Your Bank")
        );
        let card = read("<title>x</title>").expect("a page").card(&link);
        assert_eq!(card.site, "evil.example");
    }

    #[test]
    fn pages_made_to_exhaust_are_read_in_time() {
        let half = 512 * 1024;
        let fill = |unit: &str| unit.repeat(half / unit.len());
        let started = Instant::now();
        for html in [
            fill("<div>"),
            fill("<"),
            fill("<a "),
            fill("&amp"),
            fill("&#x41;"),
            fill("<!--"),
            fill("<title>"),
            fill("</title>"),
            fill("<meta property=og:title content=a>"),
            format!("<meta {}>", fill("a b=c ")),
            format!("<meta property=og:title content='{}'>", fill("é")),
            format!("<title>{}", fill("\u{0301}")),
            format!("<script>{}", fill("<!--<script>")),
            format!("<svg>{}", fill("<![CDATA[")),
        ] {
            if let Some(about) = read(&html) {
                assert!(about.title.len() < 10_000);
            }
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    }
}
