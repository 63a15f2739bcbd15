//! Link previews: what pages say of themselves, fetched through [`Outbound`], cleaned, and remembered for a while.
//!
//! Text only. Nothing of a page reaches a browser but plain characters: no image, no script, no address but the one in the
//! message.

mod charset;
mod link;
mod page;
mod text;

pub use link::first_link;

use crate::model::LinkPreview;
use crate::server::outbound::{Failure, Outbound, Overlong, Wish};
use moka::Expiry;
use moka::future::Cache;
use page::About;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

/// What is fetched for a preview: the beginning of an HTML page. Heads of pages are at their beginning.
const WISH: Wish = Wish {
    accept: "text/html,application/xhtml+xml;q=0.9",
    types: &["text/html", "application/xhtml+xml"],
    body_max_bytes: 512 * 1024,
    overlong: Overlong::Cut,
    deadline: Duration::from_secs(5),
};
/// Pages that are remembered, each about 2 KiB.
const PAGES_MAX: u64 = 4_096;
const KEEP: Duration = Duration::from_secs(24 * 3_600);
/// For pages that had nothing to say, or could not be had.
const KEEP_NOTHING: Duration = Duration::from_secs(10 * 60);

/// What a page says of itself, or that it says nothing.
type Known = Option<Arc<About>>;

/// Makes previews. Requests for one page at the same time are one fetch.
pub struct Previews {
    outbound: Outbound,
    /// By address, without its fragment.
    pages: Cache<String, Known>,
}

impl Previews {
    pub fn new(outbound: Outbound) -> Self {
        Self { outbound, pages: Cache::builder().max_capacity(PAGES_MAX).expire_after(Keeping).build() }
    }

    /// The preview of a link, if its page can be had and says anything. `may_fetch` is asked when it is not remembered; a refusal
    /// is not.
    pub async fn of(&self, link: &Url, may_fetch: impl FnOnce() -> bool + Send) -> Option<LinkPreview> {
        let mut address = link.clone();
        address.set_fragment(None);
        let fetch = async {
            if !may_fetch() {
                return Err(Failure::Busy);
            }
            match self.fetch(&address).await {
                // Says nothing about the page.
                Err(Failure::Busy) => Err(Failure::Busy),
                Err(failure) => {
                    tracing::debug!(%failure, "no preview");
                    Ok(None)
                }
                Ok(known) => Ok(known),
            }
        };
        let about = self.pages.try_get_with(address.as_str().to_owned(), fetch).await.ok()??;
        Some(about.card(link))
    }

    async fn fetch(&self, address: &Url) -> Result<Known, Failure> {
        let fetched = self.outbound.get(address, &WISH).await?;
        // Half a megabyte of markup takes some milliseconds; sockets wait on these threads.
        let about = tokio::task::spawn_blocking(move || {
            let html = charset::decode(&fetched.body, &fetched.content_type);
            page::read(&html)
        });
        Ok(about.await.ok().flatten().map(Arc::new))
    }
}

struct Keeping;

impl Expiry<String, Known> for Keeping {
    fn expire_after_create(&self, _address: &String, known: &Known, _now: Instant) -> Option<Duration> {
        Some(if known.is_some() { KEEP } else { KEEP_NOTHING })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::preview::{DESCRIPTION_MAX_CHARS, SITE_MAX_CHARS, TITLE_MAX_CHARS};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;
    use unicode_segmentation::UnicodeSegmentation;

    proptest! {
        /// Whatever a page is made of, what comes out is plain, short and one line.
        #[test]
        fn any_bytes_come_out_plain(parts in vec(prop_oneof![
            select(vec![
                "<title>", "</title>", "<meta property=og:title content='", "<meta name=description content=\"", "'>", "\">",
                "<head>", "</head>", "<body>", "<script>", "</script>", "<!--", "-->", "<![CDATA[", "&#x202e;", "&#0;", "&amp", "&lt;",
                "charset=utf-16", "\u{feff}", "\u{202e}", "\u{200d}", "\u{301}", "👩‍👧", " ", "\n",
            ]).prop_map(|text| text.as_bytes().to_vec()),
            vec(any::<u8>(), 0..16),
        ], 0..64), content_type in "(text/html)?(; ?charset=[a-z0-9-]{0,12})?") {
            let html = charset::decode(&parts.concat(), &content_type);
            let link = Url::parse("https://example.org/").expect("a url");
            if let Some(card) = page::read(&html).map(|about| about.card(&link)) {
                let lines = [(Some(card.site), SITE_MAX_CHARS), (Some(card.title), TITLE_MAX_CHARS), (card.description, DESCRIPTION_MAX_CHARS)];
                for (line, max) in lines {
                    let Some(line) = line else { continue };
                    prop_assert!(!line.is_empty() && line == line.trim(), "{line:?}");
                    prop_assert!(!line.chars().any(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)), "{line:?}");
                    prop_assert!(line.graphemes(true).count() <= max, "{line:?}");
                }
            }
        }
    }

    #[test]
    fn pages_are_kept_for_a_day_and_nothing_for_ten_minutes() {
        let about = page::read("<title>a</title>").map(Arc::new);
        let keep = |known| Keeping.expire_after_create(&String::new(), known, Instant::now());
        assert_eq!(keep(&about), Some(KEEP));
        assert_eq!(keep(&None), Some(KEEP_NOTHING));
    }
}
