//! What is drawn of a room: stored messages with what is not confirmed laid over them, then what waits in the outbox.

use super::overlay::Pending;
use super::{RoomState, State, Timeline, View};
use crate::client::outbox::Entry;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::model::{
    Act, Member, Message, Pin, Reaction, ReplyTo, RoomKind, RoomPrefs, RoomSummary, Seq, SystemLine, Tick, may, tick,
};
use crate::time::Timestamp;
use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

/// One drawn message. `key` is the `txn_id`, the same before and after the ack, so that the element stays. Copies are cheap.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    pub key: TxnId,
    pub is_own: bool,
    /// As it is to be drawn: what is not confirmed is laid over it. Of a waiting one, `id` and `seq` mean nothing.
    pub message: Rc<Message>,
    /// `None` until it is stored and everything before it is here.
    pub seq: Option<Seq>,
    /// Own texts only.
    pub tick: Option<Tick>,
    /// Why it was refused for good.
    pub error: Option<crate::Error>,
    /// Of an answer: what it answers.
    pub quote: Option<Quote>,
    /// Who pinned it, while it is pinned.
    pub pinned_by: Option<UserId>,
    /// Somebody else's text that names me, or all.
    pub mentions_me: bool,
    /// A change of it is not confirmed yet.
    pub is_pending: bool,
    /// In a group: from somebody I blocked. To be shown only when asked for.
    pub is_blocked_author: bool,
    /// Who looks.
    pub me: UserId,
}

/// The message that an answer is to.
#[derive(Clone, PartialEq, Debug)]
pub enum Quote {
    /// It is being asked for.
    Loading,
    /// Deleted for me, cleared, or not to be seen by me.
    Gone,
    /// Perhaps with `deleted`.
    Here(Rc<Message>),
}

/// One emoji under a message.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReactionView<'a> {
    pub emoji: &'a str,
    pub by: &'a [UserId],
    /// Whether I am among them.
    pub is_mine: bool,
}

impl Row {
    pub fn author_id(&self) -> UserId {
        self.message.author_id
    }

    pub fn body(&self) -> &str {
        self.message.body.as_str()
    }

    pub fn at(&self) -> Timestamp {
        self.message.created_at
    }

    pub fn is_edited(&self) -> bool {
        self.message.edited_at.is_some()
    }

    pub fn is_deleted(&self) -> bool {
        self.message.deleted.is_some()
    }

    pub fn system(&self) -> Option<&SystemLine> {
        self.message.system.as_ref()
    }

    /// The id of a stored message, which actions need.
    pub fn id(&self) -> Option<MessageId> {
        self.seq.map(|_| self.message.id)
    }

    pub fn reactions(&self) -> impl Iterator<Item = ReactionView<'_>> {
        let view = |reaction: &Reaction| reaction.by.contains(&self.me);
        self.message.reactions.iter().map(move |reaction| ReactionView {
            emoji: &reaction.emoji,
            by: &reaction.by,
            is_mine: view(reaction),
        })
    }

    /// A row that nobody sent: for tests and pictures.
    pub fn of(message: Message, me: UserId, tick: Option<Tick>) -> Self {
        Self {
            key: message.txn_id,
            is_own: message.author_id == me,
            seq: Some(message.seq),
            message: Rc::new(message),
            tick,
            error: None,
            quote: None,
            pinned_by: None,
            mentions_me: false,
            is_pending: false,
            is_blocked_author: false,
            me,
        }
    }
}

/// The run that a room shows, without what was cleared.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Shown<'a> {
    /// One for each `seq`, hidden ones too: rows leave those out.
    pub messages: &'a [Rc<Message>],
    pub view: View,
    /// Whether there is something to draw, and whether it came from the server on this visit.
    pub is_shown: bool,
    pub is_loaded: bool,
    pub has_older: bool,
    pub is_loading_older: bool,
    pub has_newer: bool,
    pub is_loading_newer: bool,
    pub failed: bool,
}

impl Shown<'_> {
    pub fn first(&self) -> Option<Seq> {
        self.messages.first().map(|message| message.seq)
    }

    /// 0 when it is empty.
    pub fn last(&self) -> Seq {
        self.messages.last().map_or(0, |message| message.seq)
    }
}

impl State {
    /// The run that is drawn of a room.
    pub fn shown(&self, room_id: RoomId) -> Option<Shown<'_>> {
        let room = self.rooms.get(&room_id)?;
        let run = room.run();
        let floor = self.floor(room_id);
        let messages = run.above(floor);
        let is_cut = messages.len() < run.messages.len() || run.first().is_some_and(|first| first <= floor + 1);
        Some(Shown {
            messages,
            view: room.view,
            is_shown: run.is_shown(),
            is_loaded: run.is_loaded,
            has_older: run.has_older && !is_cut,
            is_loading_older: run.is_loading_older,
            has_newer: run.has_newer,
            is_loading_newer: run.is_loading_newer,
            failed: run.failed,
        })
    }

    /// What is drawn in a room: stored messages, then what waits in the outbox, each with its tick.
    pub fn rows(&self, room_id: RoomId) -> Vec<Row> {
        self.rows_in(room_id, 0..usize::MAX)
    }

    /// How many places [`Self::rows_in`] knows. Hidden messages have one too.
    pub fn row_count(&self, room_id: RoomId) -> usize {
        let Some(shown) = self.shown(room_id) else { return 0 };
        let waiting = match shown.view {
            View::Newest => self.unplaced(room_id).count() + self.outbox.of_room(room_id).count(),
            View::Around => 0,
        };
        shown.messages.len() + waiting
    }

    /// A part of [`Self::rows`], so that a long history costs no more than a short one. Hidden messages are left out.
    pub fn rows_in(&self, room_id: RoomId, range: Range<usize>) -> Vec<Row> {
        let (Some(room), Some(shown)) = (self.rooms.get(&room_id), self.shown(room_id)) else { return Vec::new() };
        let prefs = self.prefs(room_id);
        let pins = self.pins(room_id);
        let stored = shown.messages;
        let start = range.start.min(stored.len());
        let end = range.end.min(stored.len());
        let mut rows: Vec<Row> = stored[start..end.max(start)]
            .iter()
            .filter(|message| !prefs.hides(message.seq))
            .map(|message| {
                let mut row = self.row(room, &prefs, message);
                row.seq = Some(message.seq);
                row.pinned_by = pins.iter().find(|pin| pin.message_id == message.id).map(|pin| pin.by);
                if row.tick.is_some() {
                    row.tick = Some(tick::of_stored(message.seq, row.me, &room.summary.members));
                }
                row
            })
            .collect();
        if shown.view == View::Newest {
            let skip = range.start.saturating_sub(stored.len());
            let take = range.end.saturating_sub(stored.len().max(range.start));
            let unplaced = self.unplaced(room_id).map(|message| self.row(room, &prefs, message));
            let waiting = self.outbox.of_room(room_id).map(|entry| self.waiting_row(room, &prefs, entry));
            rows.extend(unplaced.chain(waiting).skip(skip).take(take));
        }
        rows
    }

    fn row(&self, room: &RoomState, prefs: &RoomPrefs, message: &Rc<Message>) -> Row {
        let me = self.me.person.id;
        let (message, is_pending) = self.laid_over(message);
        let is_own = message.author_id == me;
        Row {
            key: message.txn_id,
            is_own,
            seq: None,
            tick: (is_own && message.is_countable()).then_some(Tick::Sent),
            error: None,
            quote: message.reply_to.map(|reply| self.quote_in(room, prefs, reply)),
            pinned_by: None,
            mentions_me: !is_own && message.mentions.names(me),
            is_pending,
            is_blocked_author: room.summary.room.kind == RoomKind::Group && self.is_blocked(message.author_id),
            me,
            message,
        }
    }

    fn waiting_row(&self, room: &RoomState, prefs: &RoomPrefs, entry: &Entry) -> Row {
        let message = Rc::new(entry.message(self.me.person.id));
        Row {
            tick: match (&entry.error, entry.in_flight) {
                (Some(_), _) => None,
                (None, Some(_)) => Some(Tick::Sending),
                (None, None) => Some(Tick::Queued),
            },
            error: entry.error.clone(),
            ..self.row(room, prefs, &message)
        }
    }

    /// Own messages that are stored while something before them is still on its way: they stay where they were drawn.
    fn unplaced(&self, room_id: RoomId) -> impl Iterator<Item = &Rc<Message>> {
        let me = self.me.person.id;
        let early = self.rooms.get(&room_id).into_iter().flat_map(|room| room.timeline.early.values());
        early.filter(move |message| message.author_id == me)
    }

    /// A message as it is to be drawn, and whether something of it is not confirmed yet.
    pub fn laid_over(&self, message: &Rc<Message>) -> (Rc<Message>, bool) {
        let mut drawn = Cow::Borrowed(message);
        let mut is_pending = false;
        for pending in self.overlay.pending.iter().filter(|pending| pending.change.is_of(message.id)) {
            is_pending = true;
            let mut copy = (**drawn).clone();
            if pending.change.lay_over(&mut copy, self.me.person.id, pending.at) {
                drawn = Cow::Owned(Rc::new(copy));
            }
        }
        (drawn.into_owned(), is_pending)
    }

    /// A message that is here, as it is to be drawn.
    pub fn message(&self, room_id: RoomId, message_id: MessageId) -> Option<Rc<Message>> {
        let message = self.rooms.get(&room_id)?.held(message_id)?;
        Some(self.laid_over(&message).0)
    }

    /// What a message answers.
    pub fn quote(&self, room_id: RoomId, reply: ReplyTo) -> Quote {
        let Some(room) = self.rooms.get(&room_id) else { return Quote::Gone };
        self.quote_in(room, &self.prefs(room_id), reply)
    }

    fn quote_in(&self, room: &RoomState, prefs: &RoomPrefs, reply: ReplyTo) -> Quote {
        if reply.seq <= self.floor(room.summary.room.id) || prefs.hides(reply.seq) {
            return Quote::Gone;
        }
        match room.quoted(reply) {
            Some(message) => Quote::Here(self.laid_over(message).0),
            None if room.is_quote_gone(reply.message_id) => Quote::Gone,
            None => Quote::Loading,
        }
    }

    /// My settings of a room as they are to be drawn.
    pub fn prefs(&self, room_id: RoomId) -> Cow<'_, RoomPrefs> {
        let Some(room) = self.rooms.get(&room_id) else { return Cow::Owned(RoomPrefs::default()) };
        let mut prefs = Cow::Borrowed(&room.summary.mine);
        for pending in self.overlay.of_room(room_id).filter(|pending| pending.is_of_prefs()) {
            let mut cleared = 0;
            pending.change.lay_over_prefs(prefs.to_mut(), &mut cleared, pending.at);
        }
        prefs
    }

    /// The pins of a room as they are to be drawn, oldest first, without those I can't see.
    pub fn pins(&self, room_id: RoomId) -> Vec<Pin> {
        let Some(room) = self.rooms.get(&room_id) else { return Vec::new() };
        let mut pins = room.summary.room.pins.clone();
        for pending in self.overlay.of_room(room_id) {
            pending.change.lay_over_pins(&mut pins, self.me.person.id, pending.at);
        }
        if !pins.is_empty() {
            let (floor, prefs) = (self.floor(room_id), self.prefs(room_id));
            pins.retain(|pin| pin.seq > floor && !prefs.hides(pin.seq));
        }
        pins
    }

    /// Messages with a `seq` at or below this are not drawn: from before I came, or cleared.
    pub fn floor(&self, room_id: RoomId) -> Seq {
        let Some(room) = self.rooms.get(&room_id) else { return 0 };
        let Some(member) = room.member(self.me.person.id) else { return 0 };
        let mut cleared = member.cleared_seq;
        for pending in self.overlay.of_room(room_id).filter(|pending| pending.is_of_prefs()) {
            pending.change.lay_over_prefs(&mut RoomPrefs::default(), &mut cleared, pending.at);
        }
        member.joined_seq.max(cleared)
    }

    /// The newest message that is to be drawn of a room, for the list.
    pub fn newest(&self, room_id: RoomId) -> Option<Cow<'_, Message>> {
        let room = self.rooms.get(&room_id)?;
        let (floor, prefs) = (self.floor(room_id), self.prefs(room_id));
        let is_drawn = |message: &&Message| message.seq > floor && !prefs.hides(message.seq);
        let mut newest = Cow::Borrowed(room.newest(is_drawn)?);
        let id = newest.id;
        for pending in self.overlay.of_room(room_id).filter(|pending| pending.change.is_of(id)) {
            pending.change.lay_over(newest.to_mut(), self.me.person.id, pending.at);
        }
        Some(newest)
    }

    /// Rooms of which the list should show a message that is not here: all that are here were deleted for me. With its `seq`.
    pub fn blanks(&self) -> Vec<(RoomId, Seq)> {
        let blank = |(room_id, room): (&RoomId, &RoomState)| {
            let prefs = &room.summary.mine;
            if prefs.hidden.is_empty() {
                return None;
            }
            let wanted = prefs.newest_shown(room.summary.head_seq);
            let floor = room.member(self.me.person.id).map_or(Seq::MAX, Member::floor);
            let newest = room.newest(|message| !prefs.hides(message.seq)).map_or(0, |message| message.seq);
            (wanted > floor.max(newest)).then_some((*room_id, wanted))
        };
        self.rooms.iter().filter_map(blank).collect()
    }

    /// Whether I may do this in a room.
    pub fn may(&self, room_id: RoomId, act: Act) -> bool {
        let me = self.me.person.id;
        self.rooms.get(&room_id).is_some_and(|room| {
            let RoomSummary { room: info, .. } = &room.summary;
            room.member(me).is_some_and(|member| may(info.kind, &info.settings, member.role, act))
        })
    }

    /// The last text of mine in a room that can be edited.
    pub fn last_own(&self, room_id: RoomId) -> Option<Rc<Message>> {
        let me = self.me.person.id;
        let shown = self.shown(room_id)?;
        let prefs = self.prefs(room_id);
        let own = shown.messages.iter().rev().filter(|message| message.author_id == me && !prefs.hides(message.seq));
        own.map(|message| self.laid_over(message).0)
            .find(|message| message.is_countable() && message.forwarded_from.is_none() && !message.is_bound())
    }
}

impl Pending {
    fn is_of_prefs(&self) -> bool {
        use super::overlay::Change;
        matches!(self.change, Change::Prefs(_) | Change::Read { .. })
    }
}

impl RoomState {
    /// The newest message that is held anywhere and that `is_drawn` takes.
    fn newest(&self, is_drawn: impl Fn(&&Message) -> bool) -> Option<&Message> {
        let held = self.timeline.messages.iter().rev().map(|message| &**message).find(&is_drawn);
        let others = [self.summary.last.as_ref(), self.summary.shown.as_ref()];
        let all = held.into_iter().chain(others.into_iter().flatten().filter(&is_drawn));
        all.max_by_key(|message| (message.seq, message.revision))
    }

    pub fn member(&self, user_id: UserId) -> Option<&Member> {
        self.summary.members.iter().find(|member| member.user_id == user_id)
    }

    /// A message that is held anywhere.
    pub fn held(&self, message_id: MessageId) -> Option<Rc<Message>> {
        let runs = [Some(&self.timeline), self.detached.as_ref()].into_iter().flatten();
        runs.flat_map(|run: &Timeline| run.messages.iter().rev().chain(run.early.values()))
            .find(|message| message.id == message_id)
            .or_else(|| self.quotes.get(message_id))
            .cloned()
            .or_else(|| self.summary.last.clone().filter(|last| last.id == message_id).map(Rc::new))
    }
}
