//! Searching messages: what both drivers take and answer.

use super::StoreError;
use crate::id::{RoomId, UserId};
use crate::model::{AttachmentKind, Has, MediaPage, Message, Seq, markup};
use crate::server::find::Terms;
use crate::time::Timestamp;
use async_trait::async_trait;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::time::Duration;

/// The part of a room that a person may see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    pub room_id: RoomId,
    /// Messages with a `seq` at or below this are not theirs.
    pub floor: Seq,
    /// Only messages before this one.
    pub below: Option<Seq>,
    /// Messages that they have hidden.
    pub hidden: Vec<Seq>,
    /// No messages by these.
    pub without: Vec<UserId>,
}

impl Scope {
    /// All of a room behind `floor`.
    pub fn new(room_id: RoomId, floor: Seq) -> Self {
        Self { room_id, floor, below: None, hidden: Vec::new(), without: Vec::new() }
    }
}

/// A place in the order of results: newest first, within a room by falling `seq`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    pub at: Timestamp,
    pub room_id: RoomId,
    pub seq: Seq,
}

impl Place {
    pub fn of(message: &Message) -> Self {
        Self { at: message.created_at, room_id: message.room_id, seq: message.seq }
    }
}

/// What to look for. Only what is in `rooms` is ever found: the driver is the one that enforces it.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Each room once.
    pub rooms: Vec<Scope>,
    pub terms: Terms,
    /// Only messages by one of these.
    pub authors: Option<Vec<UserId>>,
    pub has: Vec<Has>,
    /// Sent earlier than this.
    pub before: Option<Timestamp>,
    /// Sent then or later.
    pub after: Option<Timestamp>,
    /// Only what comes after this place in the order: a `next` of an earlier answer.
    pub behind: Option<Place>,
    /// At least 1.
    pub limit: usize,
    /// When to stop looking and answer with what there is.
    pub patience: Duration,
}

impl SearchRequest {
    /// All messages with these terms in these rooms, newest first, at most `limit`.
    pub fn new(rooms: Vec<Scope>, terms: Terms, limit: usize) -> Self {
        Self {
            rooms,
            terms,
            authors: None,
            has: Vec::new(),
            before: None,
            after: None,
            behind: None,
            limit,
            patience: Duration::from_secs(1),
        }
    }
}

/// What was found, newest first.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SearchAnswer {
    pub messages: Vec<Message>,
    /// Where to go on, when there may be more.
    pub next: Option<Place>,
    /// Everything in front of `next` was looked through; without `next`, everything. When it is `false`, patience was at its end
    /// before the limit.
    pub complete: bool,
}

#[async_trait]
pub trait Search: Send + Sync {
    /// Messages that match, newest first, within a room by falling `seq`, and as they are now: what was edited is found by its new text at once and never by an old one.
    /// Deleted messages and lines of the system are not found. Paging by `next` leaves no gap and repeats nothing, also
    /// while messages arrive.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when `behind` came from no answer of this store.
    async fn search(&self, request: &SearchRequest) -> Result<SearchAnswer, StoreError>;
    /// Messages of a room that show a web address ([`markup::web_links`]) and have `floor < seq`, as they are now, newest first: the
    /// newest `limit`, or those older than `before`. Only so many are looked at: with a `next` a page may be short, even
    /// empty.
    async fn links(
        &self,
        room_id: RoomId,
        floor: Seq,
        before: Option<Seq>,
        limit: u16,
    ) -> Result<MediaPage, StoreError>;
    /// Brings the index up to date with what was written before. Nobody has to call it: drivers do so on their own, and what is
    /// not in the index yet is searched without it.
    async fn finish_index(&self) -> Result<(), StoreError>;
}

/// A page of links on its way, for both drivers.
pub(super) struct Links {
    found: Vec<Message>,
    limit: usize,
    looked_at: usize,
    last: Option<Seq>,
}

impl Links {
    /// Messages that are looked at for one page, each of which may have an address.
    pub(super) const LOOK_MAX: usize = 1_000;

    pub(super) fn new(limit: u16) -> Self {
        Self { found: Vec::new(), limit: limit.into(), looked_at: 0, last: None }
    }

    /// Whether the page takes no more.
    pub(super) fn is_done(&self) -> bool {
        self.found.len() >= self.limit || self.looked_at >= Self::LOOK_MAX
    }

    /// The next message, in the order of the page.
    pub(super) fn look_at(&mut self, message: Message) {
        self.looked_at += 1;
        self.last = Some(message.seq);
        if !markup::web_links(message.body.as_str()).is_empty() {
            self.found.push(message);
        }
    }

    /// There may be more behind what was looked at.
    pub(super) fn page_with_more(self) -> MediaPage {
        let next = self.last;
        self.page(next)
    }

    /// `next`: the `before` of what may be behind it.
    pub(super) fn page(self, next: Option<Seq>) -> MediaPage {
        MediaPage { messages: self.found, next }
    }
}

/// The last word on whether a message is found, for both drivers; but for `behind`, which each driver's order decides.
pub(super) struct Check<'a> {
    request: &'a SearchRequest,
    scopes: HashMap<RoomId, (&'a Scope, HashSet<Seq>)>,
    authors: Option<HashSet<UserId>>,
}

impl<'a> Check<'a> {
    pub(super) fn new(request: &'a SearchRequest) -> Self {
        let scopes = request.rooms.iter().map(|scope| (scope.room_id, (scope, scope.hidden.iter().copied().collect())));
        let authors = request.authors.as_ref().map(|authors| authors.iter().copied().collect());
        Self { request, scopes: scopes.collect(), authors }
    }

    /// Whether a message is one that the caller may see, and matches.
    pub(super) fn passes(&self, message: &Message) -> bool {
        let request = self.request;
        self.is_in_scope(message)
            && request.before.is_none_or(|before| message.created_at < before)
            && request.after.is_none_or(|after| message.created_at >= after)
            && self.authors.as_ref().is_none_or(|authors| authors.contains(&message.author_id))
            && searchable(message).is_some_and(|text| {
                request.terms.are_in(&text)
                    && (request.has.is_empty() || request.has.iter().all(|has| has_of(message).contains(has)))
            })
    }

    fn is_in_scope(&self, message: &Message) -> bool {
        self.scopes.get(&message.room_id).is_some_and(|(scope, hidden)| {
            message.seq > scope.floor
                && scope.below.is_none_or(|below| message.seq < below)
                && !hidden.contains(&message.seq)
                && !scope.without.contains(&message.author_id)
        })
    }
}

/// The text that a message is found by: its own, then a line for each of its files, with the name and what stands for it. `None`
/// when it is never found: what was deleted and what the room itself says have none.
pub fn searchable(message: &Message) -> Option<Cow<'_, str>> {
    let body = message.body.as_str();
    if message.attachments.is_empty() {
        return Some(body).filter(|text| !text.is_empty()).map(Cow::Borrowed);
    }
    let mut text = body.to_owned();
    for file in &message.attachments {
        for part in [Some(file.name.as_str()), file.alt.as_deref()].into_iter().flatten() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(part);
        }
    }
    Some(Cow::Owned(text))
}

/// What a message has.
pub(super) fn has_of(message: &Message) -> Vec<Has> {
    let kinds = || message.attachments.iter().map(|file| file.kind);
    let has = [
        (Has::Link, !markup::links(message.body.as_str()).is_empty()),
        (Has::File, !message.attachments.is_empty()),
        (Has::Image, kinds().any(AttachmentKind::has_pictures)),
    ];
    has.into_iter().filter(|(_, there)| *there).map(|(has, _)| has).collect()
}
