//! How facts from the server change what the page knows. Every fold is harmless when repeated or late.

use super::overlay::{Change, Pending};
use super::{Jump, RoomState, State, Timeline};
use crate::client::outbox::Entry;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::live::{LiveEvent, RoomMessages, Snapshot};
use crate::model::{ExportProgress, Extra, Member, Message, MessageRequest, Page, RequestState, Seq, Unread, limits};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What an `ack` says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Acked {
    pub txn_id: TxnId,
    pub room_id: RoomId,
    pub message_id: MessageId,
    pub seq: Seq,
    pub created_at: Timestamp,
}

/// What a fold asks of its caller.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Folded {
    /// Sends that are confirmed or have nowhere to go: forget them on the device's disk.
    pub confirmed: Vec<TxnId>,
    /// Something about an unknown room, or a step of one was missed: read the list again.
    pub needs_reload: bool,
    /// Only the server can count what is unread now: read the list again, soon.
    pub needs_recount: bool,
}

impl State {
    /// Folds an event in.
    pub fn apply(&mut self, event: LiveEvent, now: Timestamp) -> Folded {
        let mut folded = Folded::default();
        match event {
            LiveEvent::Message { message } => {
                self.see_note(&message);
                self.apply_message(message, &mut folded);
            }
            LiveEvent::MessageChanged { message } => {
                self.see_note(&message);
                self.apply_change(message, &mut folded);
            }
            LiveEvent::Grown { room_id, message_id, attempt, at, text } => {
                self.apply_growth(room_id, message_id, attempt, at, &text);
            }
            LiveEvent::Typing { room_id, user_id, on } => self.apply_typing(room_id, user_id, on, now),
            LiveEvent::Watermark { room_id, user_id, delivered_seq, read_seq, unread } => {
                self.apply_watermark(room_id, user_id, delivered_seq, read_seq, unread);
            }
            LiveEvent::Presence { user_id, presence } => {
                self.presence.insert(user_id, presence);
            }
            LiveEvent::Room { summary } => self.put_summary(summary),
            LiveEvent::RoomChanged { room, members, gone, people, member_count } => {
                self.put_people(&people);
                self.apply_room_change(room, members, &gone, people, member_count, &mut folded);
            }
            LiveEvent::RoomGone { room_id } => self.apply_room_gone(room_id, &mut folded),
            LiveEvent::Prefs { room_id, prefs, member, unread } => {
                folded.needs_recount |= self.apply_prefs(room_id, prefs, member, unread);
            }
            LiveEvent::Person { person } => self.apply_person(&person),
            LiveEvent::Delayed { on } => self.is_delayed = on,
            LiveEvent::Export { progress } => self.export = Some(progress),
            LiveEvent::Block { user_id, on } => {
                if on {
                    self.blocked.insert(user_id)
                } else {
                    self.blocked.remove(&user_id)
                };
            }
            LiveEvent::Request { request } => self.apply_request(request),
            LiveEvent::RequestGone { request_id } => {
                self.requests.remove(&request_id);
            }
            LiveEvent::Memory { room_id, .. } => *self.memories.entry(room_id).or_default() += 1,
            LiveEvent::Unknown => {}
        }
        self.settle_overlay(now);
        folded
    }

    /// A note of another process is told by its message only: whoever shows the list asks again.
    fn see_note(&mut self, message: &Message) {
        if matches!(message.extra, Some(Extra::Note(_))) {
            *self.memories.entry(message.room_id).or_default() += 1;
        }
    }

    fn apply_message(&mut self, message: Message, folded: &mut Folded) {
        let me = self.me.person.id;
        if message.author_id == me && self.outbox.confirm(message.txn_id) {
            folded.confirmed.push(message.txn_id);
        }
        self.note_coins(std::slice::from_ref(&message));
        self.overlay.note(&message, me);
        let Some(room) = self.rooms.get_mut(&message.room_id) else {
            folded.needs_reload = true;
            return;
        };
        self.people.want_those_of(&message);
        room.typing.remove(&message.author_id);
        room.note_later(&message, me);
        room.summary.head_seq = room.summary.head_seq.max(message.seq);
        room.take_in(message, me);
    }

    /// An answer has gone on. Where another part of it is held, the whole of it comes soon.
    fn apply_growth(&mut self, room_id: RoomId, message_id: MessageId, attempt: u32, at: u32, text: &str) {
        let Some(room) = self.rooms.get_mut(&room_id) else { return };
        let runs = [Some(&mut room.timeline), room.detached.as_mut()].into_iter().flatten();
        for run in runs {
            let held = run.messages.iter_mut().rev().find(|message| message.id == message_id);
            if let Some(held) = held
                && matches!(&held.extra, Some(Extra::Answer(answer)) if answer.is_written() && answer.attempt == attempt)
                && held.body.as_str().len() == at as usize
            {
                Rc::make_mut(held).body.grow(at as usize, text);
            }
        }
    }

    /// A change carries the whole message, so one that overtakes its message is as good as both.
    fn apply_change(&mut self, message: Message, folded: &mut Folded) {
        let me = self.me.person.id;
        self.confirm_all(std::slice::from_ref(&message), folded);
        let Some(room) = self.rooms.get_mut(&message.room_id) else { return };
        if message.seq > room.summary.head_seq {
            self.apply_message(message, folded);
            return;
        }
        self.overlay.note(&message, me);
        self.people.want_those_of(&message);
        let changed = (message.seq, message.revision);
        let is_known = room.held(message.id).is_some_and(|held| held.revision >= changed.1);
        room.take_in(message.clone(), me);
        if !is_known {
            folded.needs_recount |= room.note_change(&message, me);
        }
    }

    fn apply_typing(&mut self, room_id: RoomId, user_id: UserId, on: bool, now: Timestamp) {
        let Some(room) = self.rooms.get_mut(&room_id) else { return };
        if on && user_id != self.me.person.id {
            let until = now.plus_ms(i64::try_from(limits::TYPING_EXPIRY_MS).unwrap_or(6_000));
            room.typing.insert(user_id, until);
        } else {
            room.typing.remove(&user_id);
        }
    }

    fn apply_watermark(&mut self, room_id: RoomId, user_id: UserId, delivered: Seq, read: Seq, unread: Option<Unread>) {
        let is_me = user_id == self.me.person.id;
        let Some(room) = self.rooms.get_mut(&room_id) else { return };
        room.raise_marks(user_id, delivered.max(read), read);
        if is_me {
            match unread {
                Some(unread) => room.put_unread(user_id, unread),
                None => room.recount(user_id),
            }
        }
    }

    fn apply_room_gone(&mut self, room_id: RoomId, folded: &mut Folded) {
        self.rooms.remove(&room_id);
        self.overlay.forget(room_id);
        folded.confirmed.extend(self.outbox.forget_room(room_id));
    }

    fn apply_request(&mut self, request: MessageRequest) {
        if request.state == RequestState::Pending {
            self.requests.insert(request.id, request);
        } else {
            self.requests.remove(&request.id);
        }
    }

    /// My own read mark, before the server knows of it. `true` when it grew, or took a mark "unread from here" away.
    pub fn read_locally(&mut self, room_id: RoomId, seq: Seq) -> bool {
        let me = self.me.person.id;
        let before = self.read_seq(room_id);
        let Some(room) = self.rooms.get_mut(&room_id) else { return false };
        let seq = seq.min(room.summary.head_seq);
        let takes_mark = room.summary.mine.unread_from.is_some_and(|from| from <= seq);
        if seq <= before && !takes_mark {
            return false;
        }
        if takes_mark {
            room.summary.mine.unread_from = None;
        }
        room.raise_marks(me, seq, seq);
        room.recount(me);
        if room.view == super::View::Newest && seq >= room.timeline.last() {
            // Reading what is new: whoever scrolled up is back.
            room.timeline.is_browsed = false;
        }
        true
    }

    /// The server has it: the waiting row becomes the stored message in the same place.
    pub fn acknowledge(&mut self, ack: Acked) -> Folded {
        let mut folded = Folded::default();
        if let Some(entry) = self.outbox.entry(ack.txn_id) {
            let waiting = entry.message(self.me.person.id);
            // Its revision is below every stored one: whatever the server sends of it wins.
            let stored = Message {
                id: ack.message_id,
                room_id: ack.room_id,
                seq: ack.seq,
                created_at: ack.created_at,
                ..waiting
            };
            self.apply_message(stored, &mut folded);
        }
        folded
    }

    /// Folds the answer to `hello` in.
    pub fn apply_snapshot(&mut self, snapshot: Snapshot, now: Timestamp) -> Folded {
        let mut folded = Folded::default();
        self.cursor = self.cursor.max(snapshot.cursor);
        // Its end may have been told while nobody listened; what goes on is told again in a moment.
        self.export = self.export.filter(|progress| !matches!(progress, ExportProgress::Packing { .. }));
        self.presence = snapshot.presence.into_iter().collect();
        self.blocked = snapshot.blocked.into_iter().collect();
        self.requests = snapshot.requests.into_iter().map(|request| (request.id, request)).collect();
        let kept = std::mem::take(&mut self.is_kept).then(|| std::mem::take(&mut self.rooms));
        self.put_rooms(snapshot.rooms);
        if let Some(kept) = kept {
            self.follow_kept(kept);
            folded.needs_reload = true;
        }
        // Changes of rooms whose newest messages were never loaded are not told.
        for room in self.rooms.values_mut().filter(|room| !room.timeline.is_loaded) {
            room.distrust();
        }
        for missed in snapshot.messages {
            self.put_missed(missed, &mut folded);
        }
        for message in snapshot.changed {
            self.apply_change(message, &mut folded);
        }
        let newest: Vec<Message> = self.rooms.values().filter_map(|room| room.summary.last.clone()).collect();
        self.confirm_all(&newest, &mut folded);
        self.overlay.synced();
        self.settle_overlay(now);
        folded
    }

    fn put_missed(&mut self, missed: RoomMessages, folded: &mut Folded) {
        let me = self.me.person.id;
        self.confirm_all(&missed.messages, folded);
        let Some(room) = self.rooms.get_mut(&missed.room_id) else { return };
        for message in &missed.messages {
            self.people.want_those_of(message);
            room.note_later(message, me);
        }
        if missed.limited {
            // What changed above them is not known either.
            let page = Page::new(missed.room_id, missed.messages, true, false);
            room.timeline = Timeline::default();
            room.timeline.put_newest(page);
            room.distrust();
        } else {
            room.timeline.put_newer(missed.messages);
            room.check_quotes();
            room.rejoin();
        }
        room.recount(me);
    }

    /// Of what this device kept only the drawn messages stay, until those of the server come, and how far they were read.
    fn follow_kept(&mut self, kept: BTreeMap<RoomId, RoomState>) {
        let me = self.me.person.id;
        for (room_id, old) in kept {
            let read = old.member(me).map_or(0, |member| member.read_seq);
            if let Some(room) = self.rooms.get_mut(&room_id) {
                room.timeline = old.timeline;
                self.read_locally(room_id, read);
            }
        }
    }

    /// Own coins in the air wait for the half of their chance that this page makes; the server can't let them land without.
    fn note_coins(&mut self, messages: &[Message]) {
        let me = self.me.person.id;
        for message in messages.iter().filter(|message| message.author_id == me && message.revision > 0) {
            let is_open = matches!(&message.extra, Some(Extra::Coin(coin)) if coin.landed.is_none());
            // Asked for once: of two nonces the first one counts, whoever sends it.
            if is_open && message.is_countable() && !self.thrown.contains_key(&message.id) {
                self.thrown.insert(message.id, Some(message.room_id));
            }
        }
    }

    /// Own coins that were seen in the air and were not given their nonce on this visit.
    pub(crate) fn take_coins(&mut self) -> Vec<(RoomId, MessageId)> {
        let open = self.thrown.iter_mut().filter_map(|(id, room)| Some((room.take()?, *id)));
        open.collect()
    }

    pub(super) fn confirm_all(&mut self, messages: &[Message], folded: &mut Folded) {
        self.note_coins(messages);
        for message in messages.iter().filter(|message| message.author_id == self.me.person.id) {
            if self.outbox.confirm(message.txn_id) {
                folded.confirmed.push(message.txn_id);
            }
        }
    }

    /// What a page says beside its messages' places.
    pub(super) fn note_page(&mut self, page: &Page, folded: &mut Folded) {
        let me = self.me.person.id;
        self.confirm_all(&page.messages, folded);
        self.put_people(&page.people);
        for message in page.messages.iter().chain(&page.quoted) {
            self.people.want_those_of(message);
        }
        if let Some(room) = self.rooms.get_mut(&page.room_id) {
            for message in &page.quoted {
                room.quotes.put(message);
            }
            for message in &page.messages {
                room.note_later(message, me);
                room.quotes.replace(message);
            }
        }
    }

    /// A page of history: the first one of a room, or one that continues what is loaded.
    pub fn put_page(&mut self, page: Page) -> Folded {
        self.put_into_newest(page, |room, page| room.timeline.put_newest(page))
    }

    /// The page before the oldest loaded message.
    pub fn put_older(&mut self, page: Page) -> Folded {
        self.put_into_newest(page, |room, page| room.timeline.put_older(page))
    }

    /// The messages after the last one held, to fill a gap.
    pub fn put_newer(&mut self, page: Page) -> Folded {
        let own = self.rooms.get(&page.room_id).and_then(|room| room.member(self.me.person.id));
        let floor = own.map_or(0, Member::floor);
        self.put_into_newest(page, |room, page| {
            if page.messages.first().is_some_and(|first| first.seq == floor + 1) {
                room.timeline.begin_after(floor);
            }
            match page.messages.last() {
                Some(last) => room.put_last(last),
                // What the head counts is not for this member to see: stop asking.
                None => room.checked_head = room.summary.head_seq,
            }
            room.timeline.put_newer(page.messages);
        })
    }

    fn put_into_newest(&mut self, page: Page, put: impl FnOnce(&mut RoomState, Page)) -> Folded {
        let me = self.me.person.id;
        let mut folded = Folded::default();
        self.note_page(&page, &mut folded);
        if let Some(room) = self.rooms.get_mut(&page.room_id) {
            put(room, page);
            room.rejoin();
            room.check_quotes();
            room.recount(me);
        }
        folded
    }

    /// Takes over a send that an earlier visit or another tab left on the disk. `false`: it is stored on the server already.
    pub fn restore(&mut self, entry: Entry) -> bool {
        let is_done = self.rooms.get(&entry.room_id).is_some_and(|room| room.timeline.holds(entry.txn_id));
        if !is_done {
            self.outbox.push(entry);
        }
        !is_done
    }

    /// Drops typing notices that were not repeated. `true` if any was dropped.
    pub fn expire_typing(&mut self, now: Timestamp) -> bool {
        let mut dropped = false;
        for room in self.rooms.values_mut() {
            let before = room.typing.len();
            room.typing.retain(|_, until| *until > now);
            dropped |= room.typing.len() < before;
        }
        dropped
    }

    /// When the next typing notice ends.
    pub fn typing_ends(&self) -> Option<Timestamp> {
        self.rooms.values().flat_map(|room| room.typing.values()).min().copied()
    }

    /// Takes changes out that were carried out and are in what the server said.
    pub fn settle_overlay(&mut self, now: Timestamp) {
        if self.overlay.is_empty() {
            return;
        }
        let mut overlay = std::mem::take(&mut self.overlay);
        overlay.settle(now, |pending| self.shows(pending));
        self.overlay = overlay;
    }

    /// Whether what the server said has a change in it; `None`: what it changes is not held here.
    fn shows(&self, pending: &Pending) -> Option<bool> {
        let me = self.me.person.id;
        let room = self.rooms.get(&pending.room_id)?;
        let shows = |id: MessageId| {
            let held = room.held(id)?;
            Some(!pending.change.lay_over(&mut (*held).clone(), me, pending.at))
        };
        match &pending.change {
            Change::Edit { message_id, .. }
            | Change::React { message_id, .. }
            | Change::Play { message_id, .. }
            | Change::Answer { message_id, .. }
            | Change::RemovePreview { message_id } => shows(*message_id),
            Change::Delete { message_ids } => {
                let mut held = message_ids.iter().filter_map(|id| shows(*id)).peekable();
                held.peek().is_some().then(|| held.all(|shows| shows))
            }
            Change::Pin { .. } => {
                Some(!pending.change.lay_over_pins(&mut room.summary.room.pins.clone(), me, pending.at))
            }
            Change::Prefs(_) | Change::Read { .. } => {
                let mut prefs = room.summary.mine.clone();
                let mut cleared_seq = room.member(me)?.cleared_seq;
                Some(!pending.change.lay_over_prefs(&mut prefs, &mut cleared_seq, pending.at))
            }
        }
    }
}

impl RoomState {
    /// Raises a member's watermarks.
    pub(super) fn raise_marks(&mut self, user_id: UserId, delivered: Seq, read: Seq) {
        if let Some(member) = self.summary.members.iter_mut().find(|member| member.user_id == user_id) {
            member.delivered_seq = member.delivered_seq.max(delivered);
            member.read_seq = member.read_seq.max(read);
        }
    }

    /// A message in its newest state, wherever it is held. When that reaches what the server counted, the count can follow
    /// the read mark exactly.
    fn take_in(&mut self, message: Message, me: UserId) {
        self.put_last(&message);
        self.quotes.replace(&message);
        if let Some(detached) = &mut self.detached {
            detached.replace(message.clone());
        }
        let reply_to = message.reply_to;
        let at_seq = self.summary.unread.at_seq;
        let was_short = self.timeline.last() < at_seq;
        self.timeline.insert(message);
        if let Some(reply) = reply_to {
            self.want_quote(reply);
        }
        self.rejoin();
        if was_short && self.timeline.last() >= at_seq {
            self.recount(me);
        }
    }

    pub(super) fn put_last(&mut self, message: &Message) {
        let is_newer =
            self.summary.last.as_ref().is_none_or(|last| (message.seq, message.revision) > (last.seq, last.revision));
        if is_newer {
            self.summary.last = Some(message.clone());
        }
        if let Some(shown) = &mut self.summary.shown
            && shown.id == message.id
            && shown.revision < message.revision
        {
            *shown = message.clone();
        }
        self.summary.head_seq = self.summary.head_seq.max(message.seq);
    }

    /// What is held beside the newest messages may be out of date: it is asked for again.
    fn distrust(&mut self) {
        self.forget_quotes();
        if let Some(run) = &self.detached
            && let Some(middle) = run.messages.get(run.messages.len() / 2)
        {
            self.jump.get_or_insert(Jump { seq: middle.seq, error: None });
        }
    }
}
