//! The messages that others answer and that are not in a loaded run. They change like all others.

use super::{Quote, RoomState, State};
use crate::id::{MessageId, RoomId};
use crate::model::{Message, Pin, ReplyTo};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Messages asked for at once.
pub const BATCH: usize = 100;

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Quotes {
    held: BTreeMap<MessageId, Rc<Message>>,
    wanted: BTreeSet<MessageId>,
    /// Asked for, and not to be seen by me.
    gone: BTreeSet<MessageId>,
    /// What the draft of the room answers.
    draft: Option<ReplyTo>,
}

impl Quotes {
    pub(super) fn get(&self, id: MessageId) -> Option<&Rc<Message>> {
        self.held.get(&id)
    }

    pub(super) fn put(&mut self, message: &Message) {
        if self.held.get(&message.id).is_none_or(|held| held.revision < message.revision) {
            self.held.insert(message.id, Rc::new(message.clone()));
        }
        self.wanted.remove(&message.id);
    }

    /// Takes a newer revision of one that is held.
    pub(super) fn replace(&mut self, message: &Message) {
        if self.held.contains_key(&message.id) {
            self.put(message);
        }
    }

    pub fn batch(&self) -> Vec<MessageId> {
        self.wanted.iter().take(BATCH).copied().collect()
    }
}

impl RoomState {
    /// The message that is answered, wherever it is held.
    pub(super) fn quoted(&self, reply: ReplyTo) -> Option<&Rc<Message>> {
        let runs = [Some(&self.timeline), self.detached.as_ref()].into_iter().flatten();
        let here = runs.filter_map(|run| run.get(reply.seq)).find(|message| message.id == reply.message_id);
        here.or_else(|| self.quotes.get(reply.message_id))
    }

    pub(super) fn is_quote_gone(&self, id: MessageId) -> bool {
        self.quotes.gone.contains(&id)
    }

    pub(in crate::client) fn keep_quote(&mut self, message: &Message) {
        self.quotes.put(message);
    }

    /// Notes what a message answers, if that is not here.
    pub(super) fn want_quote(&mut self, reply: ReplyTo) {
        if self.quoted(reply).is_none() && !self.is_quote_gone(reply.message_id) {
            self.quotes.wanted.insert(reply.message_id);
        }
    }

    /// After messages came or went: keeps what the held ones answer and what is pinned, and asks for the rest.
    pub(super) fn check_quotes(&mut self) {
        let runs = [Some(&self.timeline), self.detached.as_ref()].into_iter().flatten();
        let answered = runs.flat_map(|run| run.messages.iter()).filter_map(|message| message.reply_to);
        let pinned = self.summary.room.pins.iter().map(|pin| ReplyTo { message_id: pin.message_id, seq: pin.seq });
        let replies: Vec<ReplyTo> = answered.chain(pinned).chain(self.quotes.draft).collect();
        let needed: BTreeSet<MessageId> = replies.iter().map(|reply| reply.message_id).collect();
        self.quotes.held.retain(|id, _| needed.contains(id));
        for reply in replies {
            self.want_quote(reply);
        }
    }

    /// What is held may be out of date: it is asked for again.
    pub(super) fn forget_quotes(&mut self) {
        self.quotes = Quotes { draft: self.quotes.draft, ..Quotes::default() };
        if self.timeline.is_loaded || self.detached.is_some() {
            self.check_quotes();
        }
    }
}

impl State {
    /// Notes what the draft of a room answers, so that it can be shown.
    pub fn draft_answers(&mut self, room_id: RoomId, reply: Option<ReplyTo>) {
        if let Some(room) = self.rooms.get_mut(&room_id) {
            room.quotes.draft = reply;
            if let Some(reply) = reply {
                room.want_quote(reply);
            }
        }
    }

    /// The pins of a room as they are to be drawn, each with its message.
    pub fn pinned(&self, room_id: RoomId) -> Vec<(Pin, Quote)> {
        let quote = |pin: Pin| (pin, self.quote(room_id, ReplyTo { message_id: pin.message_id, seq: pin.seq }));
        self.pins(room_id).into_iter().map(quote).collect()
    }

    /// The answer for these: what is not in it can't be seen.
    pub fn put_quoted(&mut self, room_id: RoomId, asked: &[MessageId], messages: &[Message]) {
        let Some(room) = self.rooms.get_mut(&room_id) else { return };
        for message in messages.iter().filter(|message| message.room_id == room_id) {
            room.quotes.put(message);
            self.people.want_those_of(message);
        }
        for id in asked {
            if room.quotes.wanted.remove(id) {
                room.quotes.gone.insert(*id);
            }
        }
    }
}
