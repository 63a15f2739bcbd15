//! How facts from the server change what the page knows. Every fold is harmless when repeated or late.

use super::{RoomState, State, Timeline};
use crate::client::outbox::Entry;
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::live::{LiveEvent, Snapshot};
use crate::model::{
    Member, Message, MessageRequest, Page, Person, RequestState, Room, RoomPrefs, RoomSummary, Seq, Unread, limits,
};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Sends that are confirmed: forget them on the device's disk.
    pub confirmed: Vec<TxnId>,
    /// Something about an unknown room: read the list again.
    pub needs_reload: bool,
}

impl State {
    /// Folds an event in.
    pub fn apply(&mut self, event: LiveEvent, now: Timestamp) -> Folded {
        let mut folded = Folded::default();
        match event {
            LiveEvent::Message { message } => self.apply_message(message, &mut folded),
            LiveEvent::MessageChanged { message } => self.apply_change(message, &mut folded),
            LiveEvent::Typing { room_id, user_id, on } => self.apply_typing(room_id, user_id, on, now),
            LiveEvent::Watermark { room_id, user_id, delivered_seq, read_seq, unread } => {
                self.apply_watermark(room_id, user_id, delivered_seq, read_seq, unread);
            }
            LiveEvent::Presence { user_id, presence } => {
                self.presence.insert(user_id, presence);
            }
            LiveEvent::Room { summary } => self.put_summary(summary),
            LiveEvent::RoomChanged { room, members, gone, people, member_count } => {
                self.apply_room_change(room, members, &gone, people, member_count, &mut folded);
            }
            LiveEvent::RoomGone { room_id } => drop(self.rooms.remove(&room_id)),
            LiveEvent::Prefs { room_id, prefs, member, unread } => self.apply_prefs(room_id, prefs, member, unread),
            LiveEvent::Person { person } => self.apply_person(&person),
            LiveEvent::Request { request } => self.apply_request(request),
            LiveEvent::RequestGone { request_id } => {
                self.requests.remove(&request_id);
            }
            LiveEvent::Unknown => {}
        }
        folded
    }

    fn apply_message(&mut self, message: Message, folded: &mut Folded) {
        let me = self.me.person.id;
        if message.author_id == me && self.outbox.confirm(message.txn_id) {
            folded.confirmed.push(message.txn_id);
        }
        let Some(room) = self.rooms.get_mut(&message.room_id) else {
            folded.needs_reload = true;
            return;
        };
        room.typing.remove(&message.author_id);
        if message.author_id != me && message.seq > room.summary.unread.at_seq {
            room.later.insert(message.seq);
        }
        room.summary.head_seq = room.summary.head_seq.max(message.seq);
        room.put_last(&message);
        room.extend(me, |timeline| timeline.insert(message));
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
        room.note_later(std::slice::from_ref(&message), me);
        room.put_last(&message);
        room.extend(me, |timeline| timeline.insert(message));
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
        if is_me {
            room.read_up_to(user_id, read);
        }
        if let Some(member) = room.summary.members.iter_mut().find(|member| member.user_id == user_id) {
            member.delivered_seq = member.delivered_seq.max(delivered).max(read);
            member.read_seq = member.read_seq.max(read);
        }
        if let Some(unread) = unread.filter(|_| is_me) {
            room.put_unread(unread);
            // The answer to an earlier mark must not raise what a later one has lowered.
            let read = room.mark_of(user_id);
            room.read_up_to(user_id, read);
        }
    }

    fn apply_room_change(
        &mut self,
        new: Room,
        members: Vec<Member>,
        gone: &[UserId],
        people: Vec<Person>,
        member_count: u32,
        folded: &mut Folded,
    ) {
        let Some(room) = self.rooms.get_mut(&new.id) else {
            folded.needs_reload = true;
            return;
        };
        let summary = &mut room.summary;
        if new.revision <= summary.room.revision {
            return;
        }
        folded.needs_reload |= new.revision > summary.room.revision + 1;
        summary.room = new;
        summary.member_count = member_count;
        summary.members.retain(|member| !gone.contains(&member.user_id));
        for member in members {
            match summary.members.iter_mut().find(|known| known.user_id == member.user_id) {
                Some(known) => *known = merge_member(known, member),
                None => summary.members.push(member),
            }
        }
        for person in people {
            if !summary.people.iter().any(|known| known.id == person.id) {
                summary.people.push(person);
            }
        }
    }

    fn apply_prefs(&mut self, room_id: RoomId, prefs: RoomPrefs, member: Member, unread: Unread) {
        let Some(room) = self.rooms.get_mut(&room_id) else { return };
        if prefs.revision < room.summary.mine.revision {
            return;
        }
        room.summary.mine = prefs;
        room.summary.unread = unread;
        room.later.retain(|seq| *seq > unread.at_seq);
        if let Some(own) = room.summary.members.iter_mut().find(|known| known.user_id == member.user_id) {
            *own = Member { cleared_seq: member.cleared_seq, ..merge_member(own, member) };
        }
    }

    fn apply_person(&mut self, person: &Person) {
        let people = self.rooms.values_mut().flat_map(|room| room.summary.people.iter_mut());
        for known in people.filter(|known| known.id == person.id && known.revision < person.revision) {
            *known = person.clone();
        }
        if self.me.person.id == person.id && self.me.person.revision < person.revision {
            self.me.person = person.clone();
        }
    }

    fn apply_request(&mut self, request: MessageRequest) {
        if request.state == RequestState::Pending {
            self.requests.insert(request.id, request);
        } else {
            self.requests.remove(&request.id);
        }
    }

    /// My own read mark, before the server knows of it. `true` when it grew.
    pub fn read_locally(&mut self, room_id: RoomId, seq: Seq) -> bool {
        let me = self.me.person.id;
        let before = self.read_seq(room_id);
        let Some(room) = self.rooms.get_mut(&room_id) else { return false };
        let seq = seq.min(room.summary.head_seq);
        if seq <= before {
            return false;
        }
        room.read_up_to(me, seq);
        if seq >= room.timeline.last() {
            // Reading what is new: whoever scrolled up is back.
            room.timeline.is_browsed = false;
        }
        if let Some(member) = room.summary.members.iter_mut().find(|member| member.user_id == me) {
            member.read_seq = member.read_seq.max(seq);
            member.delivered_seq = member.delivered_seq.max(seq);
        }
        true
    }

    /// The server has it: the waiting row becomes the stored message in the same place.
    pub fn acknowledge(&mut self, ack: Acked) -> Folded {
        let mut folded = Folded::default();
        if let Some(entry) = self.outbox.entry(ack.txn_id).cloned() {
            let message = Message {
                id: ack.message_id,
                room_id: ack.room_id,
                seq: ack.seq,
                author_id: self.me.person.id,
                txn_id: ack.txn_id,
                body: entry.body,
                created_at: ack.created_at,
                // Below every stored revision: whatever the server sends of it wins.
                revision: 0,
                edited_at: None,
                system: None,
                deleted: None,
                reply_to: None,
                forwarded_from: None,
                mentions: Default::default(),
                reactions: Vec::new(),
                preview: None,
            };
            self.apply_message(message, &mut folded);
        }
        folded
    }

    /// Folds the answer to `hello` in.
    pub fn apply_snapshot(&mut self, snapshot: Snapshot, _now: Timestamp) -> Folded {
        let mut folded = Folded::default();
        self.cursor = self.cursor.max(snapshot.cursor);
        self.presence = snapshot.presence.into_iter().collect();
        self.requests = snapshot.requests.into_iter().map(|request| (request.id, request)).collect();
        let kept = std::mem::take(&mut self.is_kept).then(|| std::mem::take(&mut self.rooms));
        self.put_rooms(snapshot.rooms);
        if let Some(kept) = kept {
            self.follow_kept(kept);
            folded.needs_reload = true;
        }
        for missed in snapshot.messages {
            self.confirm_all(&missed.messages, &mut folded);
            let Some(room) = self.rooms.get_mut(&missed.room_id) else { continue };
            if missed.limited {
                let page = Page::new(missed.room_id, missed.messages, true, false);
                room.timeline = Timeline::default();
                room.timeline.put_newest(page);
            } else {
                room.timeline.put_newer(missed.messages);
            }
        }
        for message in snapshot.changed {
            self.apply_change(message, &mut folded);
        }
        let newest: Vec<Message> = self.rooms.values().filter_map(|room| room.summary.last.clone()).collect();
        self.confirm_all(&newest, &mut folded);
        folded
    }

    /// Of what this device kept only the drawn messages stay, until those of the server come, and how far they were read.
    fn follow_kept(&mut self, kept: BTreeMap<RoomId, RoomState>) {
        let me = self.me.person.id;
        for (room_id, old) in kept {
            let read = old.mark_of(me);
            if let Some(room) = self.rooms.get_mut(&room_id) {
                room.timeline = old.timeline;
                self.read_locally(room_id, read);
            }
        }
    }

    /// The whole list of rooms: what is not in it is gone.
    pub fn put_rooms(&mut self, rooms: Vec<RoomSummary>) {
        let listed: BTreeSet<RoomId> = rooms.iter().map(|summary| summary.room.id).collect();
        self.rooms.retain(|id, _| listed.contains(id));
        for summary in rooms {
            self.put_summary(summary);
        }
    }

    fn confirm_all(&mut self, messages: &[Message], folded: &mut Folded) {
        for message in messages.iter().filter(|message| message.author_id == self.me.person.id) {
            if self.outbox.confirm(message.txn_id) {
                folded.confirmed.push(message.txn_id);
            }
        }
    }

    /// A room as the server sees it now; a late one changes nothing that is newer here.
    pub(super) fn put_summary(&mut self, summary: RoomSummary) {
        let Some(room) = self.rooms.get_mut(&summary.room.id) else {
            let room = RoomState {
                summary,
                timeline: Timeline::default(),
                typing: BTreeMap::new(),
                later: BTreeSet::new(),
                checked_head: 0,
            };
            self.rooms.insert(room.summary.room.id, room);
            return;
        };
        let me = self.me.person.id;
        let unread = summary.unread;
        let old = &room.summary;
        let members = merge_members(&old.members, summary.members.clone());
        let (head_seq, last, known) = (old.head_seq, old.last.clone(), old.unread);
        if summary.room.revision >= old.room.revision {
            room.summary = RoomSummary {
                members,
                unread: known,
                head_seq: head_seq.max(summary.head_seq),
                last,
                ..summary.clone()
            };
        } else {
            room.summary.members = merge_members(&summary.members, old.members.clone());
            room.summary.head_seq = head_seq.max(summary.head_seq);
        }
        if let Some(last) = &summary.last {
            room.put_last(last);
        }
        room.put_unread(unread);
        // The server may have counted before it knew of my newest mark.
        let read = room.mark_of(me);
        room.read_up_to(me, read);
    }

    /// A page of history: the first one of a room, or one that continues what is loaded.
    pub fn put_page(&mut self, page: Page) -> Folded {
        let me = self.me.person.id;
        let mut folded = Folded::default();
        self.confirm_all(&page.messages, &mut folded);
        if let Some(room) = self.rooms.get_mut(&page.room_id) {
            room.note_later(&page.messages, me);
            room.extend(me, |timeline| timeline.put_newest(page));
        }
        folded
    }

    /// The page before the oldest loaded message.
    pub fn put_older(&mut self, page: Page) -> Folded {
        let mut folded = Folded::default();
        self.confirm_all(&page.messages, &mut folded);
        if let Some(room) = self.rooms.get_mut(&page.room_id) {
            room.timeline.put_older(page);
        }
        folded
    }

    /// The messages after the last one held, to fill a gap.
    pub fn put_newer(&mut self, page: Page) -> Folded {
        let me = self.me.person.id;
        let mut folded = Folded::default();
        self.confirm_all(&page.messages, &mut folded);
        if let Some(room) = self.rooms.get_mut(&page.room_id) {
            room.note_later(&page.messages, me);
            match page.messages.last() {
                Some(last) => room.put_last(last),
                // What the head counts is not for this member to see: stop asking.
                None => room.checked_head = room.summary.head_seq,
            }
            room.extend(me, |timeline| timeline.put_newer(page.messages));
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
}

/// The newer row with the higher watermarks of both.
fn merge_member(known: &Member, mut new: Member) -> Member {
    new.delivered_seq = new.delivered_seq.max(known.delivered_seq);
    new.read_seq = new.read_seq.max(known.read_seq);
    new
}

/// The newer list with each member's watermarks at the higher of both.
fn merge_members(old: &[Member], mut new: Vec<Member>) -> Vec<Member> {
    for member in &mut new {
        if let Some(known) = old.iter().find(|known| known.user_id == member.user_id) {
            member.delivered_seq = member.delivered_seq.max(known.delivered_seq);
            member.read_seq = member.read_seq.max(known.read_seq);
            member.cleared_seq = member.cleared_seq.max(known.cleared_seq);
        }
    }
    new
}

impl RoomState {
    fn mark_of(&self, user_id: UserId) -> Seq {
        self.summary.members.iter().find(|member| member.user_id == user_id).map_or(0, |member| member.read_seq)
    }

    /// Adds to the timeline; when it reaches what the server counted, the count can follow the read mark exactly.
    fn extend(&mut self, me: UserId, add: impl FnOnce(&mut Timeline)) {
        let at_seq = self.summary.unread.at_seq;
        let was_short = self.timeline.last() < at_seq;
        add(&mut self.timeline);
        if was_short && self.timeline.last() >= at_seq {
            self.read_up_to(me, self.mark_of(me));
        }
    }

    fn put_last(&mut self, message: &Message) {
        let is_newer =
            self.summary.last.as_ref().is_none_or(|last| (message.seq, message.revision) > (last.seq, last.revision));
        if is_newer {
            self.summary.last = Some(message.clone());
        }
        self.summary.head_seq = self.summary.head_seq.max(message.seq);
    }

    /// The server's count, seen at a head. A later head wins; at the same head the lower count, which saw a higher mark.
    fn put_unread(&mut self, unread: Unread) {
        let held = self.summary.unread;
        if unread.at_seq > held.at_seq || (unread.at_seq == held.at_seq && unread.count < held.count) {
            self.summary.unread = unread;
            self.later.retain(|seq| *seq > unread.at_seq);
        }
    }

    /// Lowers the count by what lies at or below a read mark, from the loaded messages where the count reaches above it.
    fn read_up_to(&mut self, me: UserId, seq: Seq) {
        let Unread { count, at_seq, .. } = self.summary.unread;
        if count > 0 {
            if seq >= at_seq {
                self.summary.unread.count = 0;
            } else if self.timeline.get(seq).is_some() && self.timeline.last() >= at_seq {
                let left = (seq + 1..=at_seq)
                    .filter_map(|at| self.timeline.get(at))
                    .filter(|message| message.author_id != me)
                    .count();
                self.summary.unread.count = count.min(u32::try_from(left).unwrap_or(u32::MAX));
            }
        }
        self.later.retain(|later| *later > seq);
    }

    fn note_later(&mut self, messages: &[Message], me: UserId) {
        let at_seq = self.summary.unread.at_seq;
        self.later.extend(
            messages
                .iter()
                .filter(|message| message.author_id != me && message.seq > at_seq)
                .map(|message| message.seq),
        );
    }
}
