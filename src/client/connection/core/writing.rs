//! What the page says: sends, drafts, typing, watermarks.

use super::{Core, DELIVERED_EVERY_MS, DRAFT_AFTER_MS, MARKS_AGAIN_MS, MARKS_AT_ONCE, Step};
use crate::client::State;
use crate::client::connection::Effect;
use crate::client::draft::Draft;
use crate::client::outbox::Entry;
use crate::id::{RoomId, TxnId};
use crate::live::{ClientFrame, Command};
use crate::model::{Role, RoomSummary, limits};
use std::collections::BTreeSet;

impl Core {
    /// Marks that the server does not know of: new ones, and those that were lost with the last connection.
    pub(super) fn note_lost_marks(&mut self, state: &State, rooms: &[RoomSummary]) {
        let me = state.me.person.id;
        for summary in rooms {
            let Some(member) = summary.members.iter().find(|member| member.user_id == me) else { continue };
            if summary.head_seq > member.delivered_seq {
                self.deliveries.insert(summary.room.id, summary.head_seq);
            }
            let read = state.read_seq(summary.room.id);
            // Here the mark "unread from here" was taken away by reading, and the server has not heard of it.
            let took_mark = state.rooms.get(&summary.room.id).is_some_and(|room| {
                let (mine, theirs) = (&room.summary.mine, &summary.mine);
                mine.revision == theirs.revision && mine.unread_from.is_none() && theirs.unread_from.is_some()
            });
            if read > member.read_seq || took_mark {
                self.reads.insert(summary.room.id, read);
            }
        }
    }

    /// Everything known here has reached a device of this person.
    pub(super) fn note_deliveries(&mut self, step: &mut Step<'_>) {
        let me = step.state.me.person.id;
        for (room_id, room) in &mut step.state.rooms {
            let head = room.summary.head_seq;
            let Some(member) = room.summary.members.iter_mut().find(|member| member.user_id == me) else { continue };
            if head > member.delivered_seq {
                member.delivered_seq = head;
                self.deliveries.insert(*room_id, head);
            }
        }
        if !self.deliveries.is_empty() {
            self.flush_soon(step, DELIVERED_EVERY_MS);
        }
    }

    pub(super) fn flush_soon(&mut self, step: &Step<'_>, within_ms: i64) {
        let at = step.now.plus_ms(within_ms);
        self.flush_at = Some(self.flush_at.map_or(at, |set| set.min(at)));
    }

    pub(super) fn flush_marks(&mut self, step: &mut Step<'_>) {
        self.flush_at = None;
        let rooms: BTreeSet<RoomId> =
            self.reads.keys().copied().chain(self.deliveries.keys().copied()).take(MARKS_AT_ONCE).collect();
        let mut frames = Vec::new();
        for room_id in rooms {
            let read = self.reads.remove(&room_id);
            let delivered = self.deliveries.remove(&room_id).max(read);
            frames.push(ClientFrame { id: None, command: Command::Mark { room_id, delivered, read } });
        }
        if !frames.is_empty() {
            self.flushed_at = step.now;
            step.effects.push(Effect::Send(frames));
        }
        if !self.reads.is_empty() || !self.deliveries.is_empty() {
            self.flush_soon(step, MARKS_AGAIN_MS);
        }
    }

    pub(super) fn send_ready(&mut self, step: &mut Step<'_>) {
        let mut frames = Vec::new();
        for entry in step.state.outbox.take_ready(step.now) {
            let id = self.id();
            self.sends.insert(id, entry.txn_id);
            if self.typing.is_some_and(|(room_id, _)| room_id == entry.room_id) {
                self.typing = None;
            }
            let body = entry.body.as_str().to_owned();
            let command = Command::Send {
                room_id: entry.room_id,
                txn_id: entry.txn_id,
                body,
                reply_to: entry.reply_to.map(|reply| reply.message_id),
                forward: entry.forward.map(|forward| forward.message_id),
                files: entry.sent_files(),
                extra: entry.extra,
            };
            frames.push(ClientFrame { id: Some(id), command });
        }
        if !frames.is_empty() {
            step.effects.push(Effect::Send(frames));
        }
    }

    pub(super) fn draft_changed(&mut self, step: &mut Step<'_>, room_id: RoomId) {
        self.drafts.insert(room_id);
        self.drafts_at = Some(step.now.plus_ms(DRAFT_AFTER_MS));
        let is_empty = step.state.drafts.get(&room_id).is_none_or(|draft| draft.text.is_empty());
        let said = self.typing.filter(|(said, _)| *said == room_id).map(|(_, at)| at);
        let repeat = i64::try_from(limits::TYPING_REPEAT_MS).unwrap_or(3_000);
        if is_empty {
            if said.is_some() {
                self.typing = None;
                self.command(step, Command::Typing { room_id, on: false });
            }
        } else if self.is_live() && said.is_none_or(|at| at.plus_ms(repeat) <= step.now) {
            self.typing = Some((room_id, step.now));
            self.command(step, Command::Typing { room_id, on: true });
        }
    }

    pub(super) fn flush_drafts(&mut self, step: &mut Step<'_>) {
        self.drafts_at = None;
        for room_id in std::mem::take(&mut self.drafts) {
            let draft = step.state.drafts.get(&room_id).cloned().unwrap_or_default();
            step.effects.push(Effect::StoreDraft(room_id, draft));
        }
    }

    /// Takes over what is on the disk: at the first time all of it, later only sends that another tab has left behind, and
    /// drafts that nobody writes here.
    pub(super) fn restored(&mut self, step: &mut Step<'_>, entries: Vec<Entry>, drafts: Option<Vec<(RoomId, Draft)>>) {
        let is_first = !std::mem::replace(&mut step.state.is_restored, true);
        for mut entry in entries {
            let is_left_behind = entry.composed_at.plus_ms(30_000) < step.now;
            // `is_stored`: known to be no other tab's.
            if is_first || is_left_behind || entry.is_stored {
                entry.is_stored = true;
                entry.is_kept = true;
                let txn_id = entry.txn_id;
                if !step.state.restore(entry) {
                    step.effects.push(Effect::Forget(txn_id));
                }
            }
        }
        let Some(drafts) = drafts else { return };
        if !is_first {
            step.state.drafts.retain(|room_id, _| self.drafts.contains(room_id));
        }
        for (room_id, draft) in drafts {
            let kept = step.state.drafts.entry(room_id).or_insert(draft).reply_to;
            step.state.draft_answers(room_id, kept);
        }
    }
}

/// Whether a send waits because its room is slow, which says nothing about others.
pub(super) fn is_slow(state: &State, txn_id: TxnId) -> bool {
    let room = state.outbox.entry(txn_id).and_then(|entry| state.rooms.get(&entry.room_id));
    room.is_some_and(|room| {
        let role = room.member(state.me.person.id).map_or(Role::Member, |member| member.role);
        room.summary.room.settings.slow_mode_s > 0 && role == Role::Member
    })
}

/// A send is in the outbox: to the disk with it, and away with the draft it came from.
pub(super) fn composed(step: &mut Step<'_>, txn_id: TxnId) {
    if let Some(entry) = step.state.outbox.entry(txn_id) {
        step.effects.push(Effect::StoreDraft(
            entry.room_id,
            step.state.drafts.get(&entry.room_id).cloned().unwrap_or_default(),
        ));
        step.effects.push(Effect::Store(Box::new(entry.clone())));
    }
}
