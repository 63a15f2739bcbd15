//! A run of a room's messages as this page holds it: contiguous, oldest first, and what came too early.

use crate::id::TxnId;
use crate::model::{Message, Page, Seq};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Messages that a room keeps while new ones come in.
const KEEP: usize = 1_000;

/// Contiguous by `seq`. A message that is not next waits in `early` and the gap is fetched.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timeline {
    pub messages: Vec<Rc<Message>>,
    pub early: BTreeMap<Seq, Rc<Message>>,
    /// Whether the first page is here. Without it `messages` are what this device kept: for show only.
    pub is_loaded: bool,
    pub has_older: bool,
    pub is_loading_older: bool,
    /// Whether there are newer ones that are not here: only of a run that is not the newest.
    pub has_newer: bool,
    pub is_loading_newer: bool,
    /// Someone scrolled up: nothing is cut off above until they are back at the newest.
    pub is_browsed: bool,
    /// The last fetch failed: offer "Try again" in its place.
    pub failed: bool,
}

impl Timeline {
    /// A run in the middle of a room.
    pub fn around(page: Page) -> Self {
        Self {
            messages: page.messages.into_iter().map(Rc::new).collect(),
            is_loaded: true,
            has_older: page.has_older,
            has_newer: page.has_newer,
            is_browsed: true,
            ..Self::default()
        }
    }

    /// The oldest `seq` held.
    pub fn first(&self) -> Option<Seq> {
        self.messages.first().map(|message| message.seq)
    }

    /// The newest `seq` up to which nothing is missing; 0 when the room is empty.
    pub fn last(&self) -> Seq {
        self.messages.last().map_or(0, |message| message.seq)
    }

    /// The loaded messages with a higher `seq`.
    pub fn above(&self, seq: Seq) -> &[Rc<Message>] {
        &self.messages[self.messages.partition_point(|message| message.seq <= seq)..]
    }

    /// The stored message of a `seq`, if it is loaded.
    pub fn get(&self, seq: Seq) -> Option<&Rc<Message>> {
        let at = seq.checked_sub(self.first()?)?;
        self.messages.get(usize::try_from(at).ok()?)
    }

    /// Whether a message is missing between what is held and what came early.
    pub fn has_gap(&self) -> bool {
        self.is_loaded && !self.early.is_empty()
    }

    /// A new or changed message. Older revisions and those before the loaded run change nothing.
    pub fn insert(&mut self, message: Message) {
        if !self.is_loaded {
            return;
        }
        let Some(first) = self.first() else {
            // An empty room: only its very first message is surely next.
            if message.seq == 1 {
                self.messages.push(Rc::new(message));
                self.drain_early();
            } else {
                self.early.insert(message.seq, Rc::new(message));
            }
            return;
        };
        let next = self.last() + 1;
        if (first..next).contains(&message.seq) {
            self.replace(message);
        } else if message.seq == next {
            self.messages.push(Rc::new(message));
            self.drain_early();
            self.bound();
        } else if message.seq > next && self.early.get(&message.seq).is_none_or(|held| held.revision < message.revision)
        {
            self.early.insert(message.seq, Rc::new(message));
        }
    }

    /// Takes a newer revision of a message that is held.
    pub fn replace(&mut self, message: Message) {
        let at = self.first().and_then(|first| message.seq.checked_sub(first)).and_then(|at| usize::try_from(at).ok());
        if let Some(held) = at.and_then(|at| self.messages.get_mut(at))
            && held.revision < message.revision
        {
            *held = Rc::new(message);
        }
    }

    fn drain_early(&mut self) {
        while let Some(message) = self.early.remove(&(self.last() + 1)) {
            self.messages.push(message);
        }
        let last = self.last();
        self.early.retain(|seq, _| *seq > last);
    }

    /// Whether there is something to draw.
    pub fn is_shown(&self) -> bool {
        self.is_loaded || !self.messages.is_empty()
    }

    /// What this device kept, to be drawn until the first page comes.
    pub fn show_kept(&mut self, page: Page) {
        if !self.is_loaded {
            self.messages = page.messages.into_iter().map(Rc::new).collect();
            self.has_older = page.has_older;
        }
    }

    /// The newest page, instead of all that is held unless both meet.
    pub fn put_newest(&mut self, page: Page) {
        let meets = self.is_loaded
            && match (page.messages.first(), self.first()) {
                (Some(new), Some(first)) => new.seq >= first && new.seq <= self.last() + 1,
                _ => false,
            };
        if meets {
            self.put_newer(page.messages);
        } else {
            if !self.is_loaded {
                self.messages.clear();
            }
            // Live messages that came while the page was on its way must not be lost.
            let known: Vec<_> = self
                .messages
                .drain(..)
                .map(Rc::unwrap_or_clone)
                .chain(std::mem::take(&mut self.early).into_values().map(Rc::unwrap_or_clone))
                .collect();
            self.messages = page.messages.into_iter().map(Rc::new).collect();
            self.has_older = page.has_older;
            self.is_loaded = true;
            let last = self.last();
            for message in known.into_iter().filter(|message| message.seq > last) {
                self.insert(message);
            }
        }
        self.failed = false;
        self.drain_early();
    }

    /// The page before the oldest loaded message.
    pub fn put_older(&mut self, page: Page) {
        self.is_loading_older = false;
        self.failed = false;
        let joins = match (page.messages.last(), self.first()) {
            (Some(last), Some(first)) => last.seq + 1 == first,
            (None, _) => true,
            (Some(_), None) => false,
        };
        if joins {
            self.has_older = page.has_older;
            self.is_browsed = true;
            self.messages.splice(0..0, page.messages.into_iter().map(Rc::new));
        }
    }

    /// The page after the newest loaded message of a run that is not the newest.
    pub fn put_after(&mut self, page: Page) {
        self.is_loading_newer = false;
        self.failed = false;
        let next = self.last() + 1;
        if page.messages.first().is_none_or(|first| first.seq <= next) {
            self.has_newer = page.has_newer;
            self.put_newer(page.messages);
        }
    }

    /// Takes in an older run that reaches this one. Gives it back when it does not.
    pub fn join(&mut self, older: Self) -> Option<Self> {
        let Some(first) = self.first().filter(|first| self.is_loaded && older.last() + 1 >= *first) else {
            return Some(older);
        };
        if older.first().is_some_and(|start| start < first) {
            self.has_older = older.has_older;
            self.is_loading_older = false;
            let (before, both): (Vec<_>, Vec<_>) = older.messages.into_iter().partition(|message| message.seq < first);
            self.messages.splice(0..0, before);
            for message in both {
                self.insert(Rc::unwrap_or_clone(message));
            }
        }
        self.is_browsed = true;
        None
    }

    /// Nothing up to `floor` is for this member to see (they cleared the chat on another device): what follows it has no gap
    /// before it.
    pub fn begin_after(&mut self, floor: Seq) {
        if self.is_loaded && self.last() < floor {
            self.messages.clear();
            self.early.retain(|seq, _| *seq > floor);
        }
    }

    /// Messages that follow what is held.
    pub fn put_newer(&mut self, messages: Vec<Message>) {
        if self.messages.is_empty() && self.is_loaded {
            self.messages = messages.into_iter().map(Rc::new).collect();
        } else {
            for message in messages {
                self.insert(message);
            }
        }
        self.drain_early();
    }

    /// Whether the message of a send is here.
    pub fn holds(&self, txn_id: TxnId) -> bool {
        self.messages.iter().rev().any(|message| message.txn_id == txn_id)
            || self.early.values().any(|message| message.txn_id == txn_id)
    }

    /// A page that stays open for weeks must not grow for weeks.
    fn bound(&mut self) {
        if !self.is_browsed && self.messages.len() > KEEP + KEEP / 4 {
            self.trim(KEEP);
        }
    }

    /// Keeps only the newest `count`, for a room nobody looks at.
    pub fn trim(&mut self, count: usize) {
        self.is_browsed = false;
        if self.messages.len() > count {
            self.messages.drain(..self.messages.len() - count);
            self.has_older = true;
        }
    }
}
