//! What the server answers: people and messages, each as soon as it is there. The latest question wins.

use crate::api;
use crate::client::platform;
use crate::model::limits::SEARCH_MAX_CHARS;
use crate::model::{PersonHit, SearchPage};
use crate::ui::dom;
use crate::{Error, error::Result};
use dioxus::prelude::*;

/// Keys in quick succession ask once.
pub const DEBOUNCE_MS: u32 = 180;
/// A limit that is over this soon is waited for instead of told.
const PATIENCE_MS: u64 = 3_000;

/// What is known of the answer to the last question.
#[derive(Clone, PartialEq, Default)]
pub struct Answers {
    /// `None`: not answered yet. What an earlier question found stays until the next answer is here.
    pub people: Option<Vec<PersonHit>>,
    /// Messages; they stay as people do.
    pub page: Option<SearchPage>,
    /// Why there are no messages.
    pub failed: Option<Error>,
    /// Messages are on their way.
    pub is_busy: bool,
    /// The people are those of an earlier question.
    pub has_old_people: bool,
    /// The messages are those of an earlier question.
    pub has_old_page: bool,
}

/// Asks, and keeps the answers.
#[derive(Clone, Copy, PartialEq)]
pub struct Asker {
    pub answers: Signal<Answers>,
    /// Counts questions, so that an answer that comes late is known.
    asked: CopyValue<u32>,
}

pub fn use_asker() -> Asker {
    use_hook(|| Asker { answers: Signal::new(Answers::default()), asked: CopyValue::new(0) })
}

impl Asker {
    /// Asks for what was typed, when nothing more is typed for a moment.
    pub fn ask(mut self, text: &str, delay_ms: u32) {
        let number = *self.asked.peek() + 1;
        self.asked.set(number);
        let text = text.trim().to_owned();
        if text.is_empty() {
            return self.answers.set(Answers::default());
        }
        {
            let mut answers = self.answers.write();
            answers.is_busy = true;
            answers.failed = None;
            (answers.has_old_people, answers.has_old_page) = (true, true);
        }
        let people = text.clone();
        spawn(async move {
            dom::sleep(delay_ms).await;
            if *self.asked.peek() != number {
                return;
            }
            // Filters are of messages.
            let has_filter = super::hints::FILTERS.iter().any(|(name, _)| people.to_lowercase().contains(name));
            let found = if has_filter || people.chars().count() > SEARCH_MAX_CHARS {
                Vec::new()
            } else {
                // Messages tell what is wrong with the connection.
                api::people::find_people(people).await.unwrap_or_default()
            };
            if *self.asked.peek() == number {
                let mut answers = self.answers.write();
                answers.people = Some(found);
                answers.has_old_people = false;
            }
        });
        spawn(async move {
            dom::sleep(delay_ms).await;
            if *self.asked.peek() != number {
                return;
            }
            let answer = messages(&text, None).await;
            if *self.asked.peek() == number {
                let mut answers = self.answers.write();
                answers.is_busy = false;
                answers.has_old_page = false;
                match answer {
                    Ok(page) => answers.page = Some(page),
                    Err(error) => {
                        answers.page = None;
                        answers.failed = Some(error);
                    }
                }
            }
        });
    }

    /// Asks for the messages behind those that are here.
    pub fn more(mut self, text: &str) {
        let (number, text) = (*self.asked.peek(), text.trim().to_owned());
        let next = self.answers.peek().page.as_ref().and_then(|page| page.next.clone());
        let Some(next) = next.filter(|_| !self.answers.peek().is_busy) else { return };
        {
            let mut answers = self.answers.write();
            answers.is_busy = true;
            answers.failed = None;
        }
        spawn(async move {
            let answer = messages(&text, Some(next)).await;
            if *self.asked.peek() != number {
                return;
            }
            let mut answers = self.answers.write();
            answers.is_busy = false;
            match answer {
                Ok(more) => {
                    if let Some(page) = answers.page.as_mut() {
                        page.found.extend(more.found);
                        page.people.extend(more.people);
                        (page.covered, page.next) = (more.covered, more.next);
                    }
                }
                Err(error) => answers.failed = Some(error),
            }
        });
    }
}

/// Minutes that local time is ahead of UTC: when days begin.
pub fn offset() -> Option<i32> {
    Some(dom::zone_offset_min(platform::now_ms()))
}

async fn messages(text: &str, next: Option<String>) -> Result<SearchPage> {
    let ask = || api::search::search_messages(text.to_owned(), next.clone(), None, offset());
    match ask().await {
        Err(Error::RateLimited { retry_after_ms }) if retry_after_ms <= PATIENCE_MS => {
            dom::sleep(u32::try_from(retry_after_ms).unwrap_or_default()).await;
            ask().await
        }
        answer => answer,
    }
}
