//! How much is unread, derived anew from what is held wherever that reaches far enough.

use super::overlay::{Change, Pending};
use super::{RoomState, State};
use crate::id::{RoomId, UserId};
use crate::model::{Message, RoomPrefs, Seq, Unread};
use crate::time::Timestamp;

/// What of a room is unread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub count: u32,
    /// How many of them name me, or all.
    pub mentions: u32,
    /// Marked unread by hand: to be shown even when nothing counts.
    pub is_marked: bool,
}

/// A message of others above what the server counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Later {
    revision: u64,
    /// Whether it names me; `None`: it does not count.
    named: Option<bool>,
}

impl Later {
    fn of(message: &Message, me: UserId) -> Self {
        Self { revision: message.revision, named: message.is_countable().then(|| message.mentions.names(me)) }
    }
}

impl Tally {
    pub fn is_unread(&self) -> bool {
        self.count > 0 || self.is_marked
    }

    fn add(&mut self, mentions_me: bool) {
        self.count = self.count.saturating_add(1);
        self.mentions = self.mentions.saturating_add(u32::from(mentions_me));
    }
}

/// Over all rooms.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TotalUnread {
    /// Messages in rooms that are neither muted nor archived, and those that name me in the others: for the title and the
    /// badge.
    pub count: u32,
    /// Everywhere.
    pub mentions: u32,
    /// What else there is in muted and archived rooms.
    pub quiet: u32,
    /// Rooms with something unread that are neither muted nor archived.
    pub rooms: u32,
}

/// What decides whether a message counts.
struct Rule<'a> {
    me: UserId,
    mark: Seq,
    prefs: &'a RoomPrefs,
    pending: Vec<&'a Pending>,
}

impl Rule<'_> {
    /// Whether a message counts, and whether it names me.
    fn counts(&self, message: &Message) -> Option<bool> {
        let is_deleted =
            |pending: &&Pending| matches!(pending.change, Change::Delete { .. }) && pending.change.is_of(message.id);
        let counts = message.author_id != self.me
            && message.seq > self.mark
            && message.is_countable()
            && !self.prefs.hides(message.seq)
            && !self.pending.iter().any(is_deleted);
        counts.then(|| message.mentions.names(self.me))
    }
}

impl State {
    /// Unread messages of a room, see [`Self::tally`].
    pub fn unread(&self, room_id: RoomId) -> u32 {
        self.tally(room_id).count
    }

    /// The server's count plus what came after it, minus what was read; with what is not confirmed laid over it.
    pub fn tally(&self, room_id: RoomId) -> Tally {
        let Some(room) = self.rooms.get(&room_id) else { return Tally::default() };
        let me = self.me.person.id;
        let mut tally = room.tally(me);
        let pending: Vec<&Pending> =
            self.overlay.of_room(room_id).filter(|pending| pending.change.moves_unread()).collect();
        if pending.is_empty() {
            return tally;
        }
        let prefs = self.prefs(room_id);
        let mark = self.mark(room_id);
        let rule = Rule { me, mark, prefs: &prefs, pending };
        tally.is_marked = prefs.unread_from.is_some();
        if mark >= room.summary.head_seq {
            Tally { is_marked: tally.is_marked, ..Tally::default() }
        } else if room.reaches(mark) {
            let mut exact = Tally { is_marked: tally.is_marked, ..Tally::default() };
            room.messages_after(mark).filter_map(|message| rule.counts(message)).for_each(|named| exact.add(named));
            exact
        } else {
            room.estimate(tally, &rule)
        }
    }

    /// The mark that counts start after, as it is to be drawn: what I read, unless I marked something before it unread.
    pub fn mark(&self, room_id: RoomId) -> Seq {
        let read = self.overlay.of_room(room_id).filter_map(|pending| match pending.change {
            Change::Read { upto } => Some(upto),
            _ => None,
        });
        let read = read.max().unwrap_or(0).max(self.read_seq(room_id));
        self.prefs(room_id).unread_after(read).max(self.floor(room_id))
    }

    /// How much is unread in all rooms.
    pub fn total_unread(&self, now: Timestamp) -> TotalUnread {
        let mut total = TotalUnread::default();
        for room_id in self.rooms.keys() {
            let tally = self.tally(*room_id);
            if !tally.is_unread() {
                continue;
            }
            total.mentions += tally.mentions;
            let prefs = self.prefs(*room_id);
            if prefs.archived || prefs.is_muted(now) {
                total.count += tally.mentions;
                total.quiet += tally.count.saturating_sub(tally.mentions);
            } else {
                total.count += tally.count;
                total.rooms += 1;
            }
        }
        total
    }
}

impl RoomState {
    /// See [`State::mark`], without what is not confirmed.
    pub(in crate::client) fn mark(&self, me: UserId) -> Seq {
        self.member(me).map_or(0, |member| self.summary.mine.unread_after(member.read_seq).max(member.floor()))
    }

    fn tally(&self, me: UserId) -> Tally {
        let Unread { count, mentions, .. } = self.summary.unread;
        let mut tally = Tally { count, mentions, is_marked: self.summary.mine.unread_from.is_some() };
        let mark = self.mark(me);
        for (seq, later) in self.later.range(mark + 1..) {
            if let Some(named) = later.named.filter(|_| !self.summary.mine.hides(*seq)) {
                tally.add(named);
            }
        }
        tally
    }

    /// Whether every message after `mark` that the server counted is held.
    pub(super) fn reaches(&self, mark: Seq) -> bool {
        let run = &self.timeline;
        let begins = run.first().map_or(!run.has_older, |first| first <= mark + 1 || !run.has_older);
        run.is_loaded && begins && run.last() >= self.summary.unread.at_seq
    }

    /// Held messages after `mark`, those that came early too.
    fn messages_after(&self, mark: Seq) -> impl Iterator<Item = &std::rc::Rc<Message>> {
        let run = self.timeline.above(mark).iter();
        run.chain(self.timeline.early.values()).filter(move |message| message.seq > mark)
    }

    fn rule<'a>(&self, me: UserId, prefs: &'a RoomPrefs) -> Rule<'a> {
        Rule { me, mark: self.mark(me), prefs, pending: Vec::new() }
    }

    /// Counts anew what is after the mark. Where not everything is held the count stays what the server said.
    pub(super) fn recount(&mut self, me: UserId) {
        let mark = self.mark(me);
        let at_seq = self.summary.unread.at_seq;
        if self.reaches(mark) {
            let rule = self.rule(me, &self.summary.mine);
            let mut counted = Tally::default();
            let run = self.timeline.above(mark).iter().take_while(|message| message.seq <= at_seq);
            run.filter_map(|message| rule.counts(message)).for_each(|named| counted.add(named));
            let later: Vec<(Seq, Later)> = self
                .messages_after(at_seq.max(mark))
                .filter(|message| message.author_id != me)
                .map(|message| (message.seq, Later::of(message, me)))
                .collect();
            // Above what is held nothing new is known.
            let last = self.timeline.last();
            self.later.retain(|seq, _| *seq > last && *seq > mark);
            self.later.extend(later);
            self.summary.unread = Unread { count: counted.count, mentions: counted.mentions, at_seq };
        } else {
            if mark >= at_seq {
                self.summary.unread = Unread { at_seq, ..Unread::default() };
            }
            self.later.retain(|seq, _| *seq > mark);
        }
    }

    /// The server's count, seen at a head. A later head wins; at the same head the lower count, which saw a higher mark.
    pub(super) fn put_unread(&mut self, me: UserId, unread: Unread) {
        let held = self.summary.unread;
        if unread.at_seq > held.at_seq || (unread.at_seq == held.at_seq && unread.count <= held.count) {
            self.set_unread(unread);
        }
        self.recount(me);
    }

    /// The server's count, counted for the settings that are held now.
    pub(super) fn set_unread(&mut self, unread: Unread) {
        self.summary.unread = unread;
        self.later.retain(|seq, _| *seq > unread.at_seq);
    }

    /// A message of others that came after the server counted, or a change of one.
    pub(super) fn note_later(&mut self, message: &Message, me: UserId) {
        let from = self.summary.unread.at_seq.max(self.mark(me));
        let is_newer = self.later.get(&message.seq).is_none_or(|held| held.revision < message.revision);
        if message.author_id != me && message.seq > from && is_newer {
            self.later.insert(message.seq, Later::of(message, me));
        }
    }

    /// A message changed. `true`: the server may have counted it and only it can count again.
    pub(super) fn note_change(&mut self, message: &Message, me: UserId) -> bool {
        self.note_later(message, me);
        let mark = self.mark(me);
        let Unread { count, mentions, at_seq } = self.summary.unread;
        if message.author_id == me || message.seq <= mark || message.seq > at_seq || count == 0 {
            return false;
        }
        if self.reaches(mark) {
            self.recount(me);
            return false;
        }
        message.deleted.is_some() || message.edited_at.is_some() && (mentions > 0 || message.mentions.names(me))
    }

    /// A count where not everything is held: what is surely gone is taken off.
    fn estimate(&self, mut tally: Tally, rule: &Rule<'_>) -> Tally {
        let own_mark = self.mark(rule.me);
        if rule.mark < own_mark {
            tally.count = tally.count.max(1);
        }
        let plain = Rule { me: rule.me, mark: own_mark, prefs: &self.summary.mine, pending: Vec::new() };
        for message in self.messages_after(own_mark) {
            if let (Some(named), None) = (plain.counts(message), rule.counts(message)) {
                tally.count = tally.count.saturating_sub(1);
                tally.mentions = tally.mentions.saturating_sub(u32::from(named));
            }
        }
        tally
    }
}
