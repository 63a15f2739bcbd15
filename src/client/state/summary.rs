//! Rooms, their members and my settings of them. What carries a revision never goes back.

use super::fold::Folded;
use super::{RoomState, State, Timeline, View};
use crate::id::{RoomId, UserId};
use crate::model::{Member, Message, Person, Room, RoomPrefs, RoomSummary, Unread, limits};
use std::collections::{BTreeMap, BTreeSet};

impl RoomState {
    fn new(summary: RoomSummary) -> Self {
        Self {
            summary,
            timeline: Timeline::default(),
            detached: None,
            view: View::Newest,
            jump: None,
            editing: None,
            selected: BTreeSet::new(),
            typing: BTreeMap::new(),
            quotes: Default::default(),
            later: BTreeMap::new(),
            target: None,
            checked_head: 0,
        }
    }
}

impl State {
    pub(super) fn apply_room_change(
        &mut self,
        new: Room,
        members: Vec<Member>,
        gone: &[UserId],
        people: Vec<Person>,
        member_count: u32,
        folded: &mut Folded,
    ) {
        let me = self.me.person.id;
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
        summary.people.retain(|person| !gone.contains(&person.id));
        for user_id in gone {
            room.typing.remove(user_id);
        }
        for member in members {
            match summary.members.iter_mut().find(|known| known.user_id == member.user_id) {
                // What someone cleared is told to themselves only, with their settings.
                Some(known) => {
                    let cleared_seq = known.cleared_seq;
                    *known = Member { cleared_seq, ..merge_member(known, member) };
                }
                None => summary.members.push(member),
            }
        }
        for person in people {
            match summary.people.iter_mut().find(|known| known.id == person.id) {
                Some(known) if known.revision < person.revision => *known = person,
                Some(_) => {}
                None => summary.people.push(person),
            }
        }
        let count = usize::try_from(member_count).unwrap_or(usize::MAX);
        if count > limits::LISTED_MEMBERS_MAX {
            // From here on nobody is told of the others.
            summary.members.retain(|member| member.user_id == me);
        } else {
            folded.needs_reload |= summary.members.len() != count;
        }
        if room.timeline.is_loaded {
            room.check_quotes();
        }
    }

    /// `true`: only the server can count what is unread now.
    pub(super) fn apply_prefs(&mut self, room_id: RoomId, prefs: RoomPrefs, member: Member, unread: Unread) -> bool {
        let me = self.me.person.id;
        let Some(room) = self.rooms.get_mut(&room_id) else { return false };
        if prefs.revision < room.summary.mine.revision {
            return false;
        }
        let is_new = prefs.revision > room.summary.mine.revision;
        if let Some(own) = room.summary.members.iter_mut().find(|known| known.user_id == me) {
            // The role is told by the room: settings that were on their way when it changed hold the one before.
            *own = Member { cleared_seq: member.cleared_seq, role: own.role, ..merge_member(own, member) };
        }
        room.follow_settings(me, is_new.then_some(prefs), unread)
    }

    pub(super) fn apply_person(&mut self, person: &Person) {
        self.people.put(person);
        let people = self.rooms.values_mut().flat_map(|room| room.summary.people.iter_mut());
        for known in people.filter(|known| known.id == person.id && known.revision < person.revision) {
            *known = person.clone();
        }
        if person.is_deleted {
            let me = self.me.person.id;
            let with_them = |summary: &RoomSummary| summary.peer(me).is_some_and(|peer| peer.id == person.id);
            let summaries = self.rooms.values_mut().map(|room| &mut room.summary);
            summaries.filter(|summary| with_them(summary)).for_each(|summary| summary.can_send = false);
        }
        if self.me.person.id == person.id && self.me.person.revision < person.revision {
            self.me.person = person.clone();
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

    /// A room as the server sees it now; a late one changes nothing that is newer here.
    pub(super) fn put_summary(&mut self, summary: RoomSummary) {
        let me = self.me.person.id;
        self.put_people(&summary.people);
        if let Some(last) = &summary.last {
            self.people.want_those_of(last);
        }
        let Some(room) = self.rooms.get_mut(&summary.room.id) else {
            self.rooms.insert(summary.room.id, RoomState::new(summary));
            return;
        };
        let old = &room.summary;
        let settings = (summary.mine.revision > old.mine.revision).then(|| summary.mine.clone());
        let are_settings_old = summary.mine.revision < old.mine.revision;
        // The list of the newer room; the watermarks of both; the clear of the newer settings.
        let (newer, older) = if summary.room.revision >= old.room.revision {
            (&summary.members, &old.members)
        } else {
            (&old.members, &summary.members)
        };
        let mut members = merge_members(older, newer.clone());
        let cleared = if are_settings_old { &old.members } else { &summary.members };
        if let Some(own) = members.iter_mut().find(|member| member.user_id == me)
            && let Some(known) = cleared.iter().find(|member| member.user_id == me)
        {
            own.cleared_seq = known.cleared_seq;
        }
        let (head_seq, last, unread) = (old.head_seq.max(summary.head_seq), summary.last.clone(), summary.unread);
        let (old_shown, mut shown) = (old.shown.clone(), summary.shown.clone());
        let is_late = |old: &Message, new: &Message| old.id == new.id && old.revision > new.revision;
        if are_settings_old || old_shown.as_ref().zip(shown.as_ref()).is_some_and(|(old, new)| is_late(old, new)) {
            shown = old_shown;
        }
        if summary.room.revision >= old.room.revision {
            room.summary =
                RoomSummary { mine: old.mine.clone(), last: old.last.clone(), unread: old.unread, ..summary };
        }
        room.summary.shown = shown;
        room.summary.members = members;
        room.summary.head_seq = head_seq;
        if let Some(last) = &last {
            room.put_last(last);
        }
        if settings.is_some() {
            room.follow_settings(me, settings, unread);
        } else if are_settings_old {
            room.recount(me);
        } else {
            // The server may have counted before it knew of my newest mark.
            room.put_unread(me, unread);
        }
    }
}

impl RoomState {
    /// My settings as the server has them now, unless it has told them before, and the count that belongs to them. `true`:
    /// the count can't be told from what is here.
    fn follow_settings(&mut self, me: UserId, settings: Option<RoomPrefs>, unread: Unread) -> bool {
        let is_new = settings.is_some();
        if let Some(settings) = settings {
            self.summary.mine = settings;
        }
        let floor = self.member(me).map_or(0, Member::floor);
        // A clear that was taken back: there is more above than there was.
        for run in [Some(&mut self.timeline), self.detached.as_mut()].into_iter().flatten() {
            run.has_older |= run.first().is_some_and(|first| first > floor + 1);
        }
        if !is_new {
            self.put_unread(me, unread);
            return false;
        }
        let is_late = unread.at_seq < self.summary.unread.at_seq;
        if !is_late {
            self.set_unread(unread);
        }
        self.recount(me);
        is_late && self.summary.unread.at_seq > self.mark(me) && !self.reaches(self.mark(me))
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
            *member = merge_member(known, member.clone());
        }
    }
    new
}
