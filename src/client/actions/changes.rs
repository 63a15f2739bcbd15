//! Changes of what is there: messages, pins, own settings, what is read. And choosing several messages.

use crate::client::Live;
use crate::client::connection::Input;
use crate::client::state::overlay::Change;
use crate::client::state::{NoticeKind, State, UndoToken, refusal_of};
use crate::error::{Error, Result, What};
use crate::id::{MessageId, RoomId};
use crate::model::{AnswerAct, GameAct, PrefsChange, Seq, limits};
use crate::time::Timestamp;
use dioxus::prelude::*;

/// How long a deletion or a mark can be undone, and a cleared chat.
pub const UNDO_MS: i64 = 6_000;
pub const CLEAR_UNDO_MS: i64 = 10_000;

impl Live {
    /// Deletes messages for everyone, once they can't be brought back any more ([`UNDO_MS`]). They are gone here at once,
    /// and a notice offers to undo it.
    ///
    /// # Errors
    /// [`Error::NotFound`]: nothing of it is there; [`Error::Unavailable`]: too many changes wait.
    pub fn delete_for_everyone(mut self, room_id: RoomId, message_ids: &[MessageId]) -> Result<UndoToken> {
        let token = self.state.write().delete_for_everyone(room_id, message_ids, Timestamp::now())?;
        self.inputs.send(Input::Changed);
        Ok(token)
    }

    /// Deletes messages for me only; otherwise as [`Self::delete_for_everyone`].
    ///
    /// # Errors
    /// As there.
    pub fn delete_for_me(mut self, room_id: RoomId, seqs: &[Seq]) -> Result<UndoToken> {
        let token = self.state.write().delete_for_me(room_id, seqs, Timestamp::now())?;
        self.inputs.send(Input::Changed);
        Ok(token)
    }

    /// Hides everything in a room for me, once that can't be undone any more ([`CLEAR_UNDO_MS`]).
    ///
    /// # Errors
    /// As [`Self::delete_for_everyone`].
    pub fn clear_chat(mut self, room_id: RoomId) -> Result<UndoToken> {
        let token = self.state.write().clear_chat(room_id, Timestamp::now())?;
        self.inputs.send(Input::Changed);
        Ok(token)
    }

    /// Takes an action back. `false`: it is too late.
    pub fn undo(mut self, token: UndoToken) -> bool {
        let is_undone = self.state.write().undo(token, Timestamp::now());
        self.inputs.send(Input::Changed);
        is_undone
    }

    /// Sets or takes back a reaction. A refusal is told by a notice, here and below.
    pub fn react(self, room_id: RoomId, message_id: MessageId, emoji: &str, on: bool) {
        self.change(room_id, Change::React { message_id, emoji: emoji.to_owned(), on });
    }

    pub fn pin(self, room_id: RoomId, message_id: MessageId, on: bool) {
        let state = self.state.peek();
        let pinned = state.pins(room_id).into_iter().find(|pin| pin.message_id == message_id).map(|pin| pin.seq);
        let seq = pinned.or_else(|| state.message(room_id, message_id).map(|message| message.seq));
        drop(state);
        if let Some(seq) = seq {
            self.change(room_id, Change::Pin { message_id, seq, on });
        }
    }

    /// Does something in the game of a message.
    pub fn play(self, room_id: RoomId, message_id: MessageId, act: GameAct) {
        self.change(room_id, Change::Play { message_id, act });
    }

    /// Stops an answer of the assistant, or has it written anew.
    pub fn answer(self, room_id: RoomId, message_id: MessageId, act: AnswerAct) {
        self.change(room_id, Change::Answer { message_id, act });
    }

    pub fn remove_preview(self, room_id: RoomId, message_id: MessageId) {
        self.change(room_id, Change::RemovePreview { message_id });
    }

    /// Changes my settings of a room.
    pub fn set_prefs(self, room_id: RoomId, change: PrefsChange) {
        self.change(room_id, Change::Prefs(change));
    }

    fn change(mut self, room_id: RoomId, change: Change) {
        self.state.write().ask(room_id, change, Timestamp::now());
        self.inputs.send(Input::Changed);
    }

    /// Marks a room unread from a message on. While it is open it stays so until it is opened anew.
    pub fn mark_unread(mut self, room_id: RoomId, seq: Seq) {
        self.state.write().mark_unread(room_id, seq, Timestamp::now());
        self.inputs.send(Input::Changed);
    }

    /// Marks one room, or all of them, as read, once that can't be undone any more ([`UNDO_MS`]). `None`: nothing is unread.
    pub fn mark_all_read(mut self, room_id: Option<RoomId>) -> Option<UndoToken> {
        let token = self.state.write().mark_all_read(room_id, Timestamp::now());
        self.inputs.send(Input::Changed);
        token
    }

    /// Everything up to `seq` was on a focused screen. Coalesced; lower values are ignored.
    pub fn mark_read(mut self, room_id: RoomId, seq: Seq) {
        let is_held = self.state.peek().hold_reading == Some(room_id);
        let grows = self.state.peek().rooms.get(&room_id).is_some_and(|room| {
            seq > self.state.peek().read_seq(room_id) || room.summary.mine.unread_from.is_some_and(|from| from <= seq)
        });
        if !is_held && grows && self.state.write().read_locally(room_id, seq) {
            let seq = self.state.peek().read_seq(room_id);
            self.inputs.send(Input::MarkRead { room_id, seq });
        }
    }

    /// Takes a notice away.
    pub fn dismiss(mut self, notice: u64) {
        self.state.write().notices.retain(|other| other.id != notice);
    }

    /// Chooses a message of a room, or no longer. At most [`limits::SELECT_MAX`].
    pub fn select(mut self, room_id: RoomId, seq: Seq, on: bool) {
        if let Some(room) = self.state.write().rooms.get_mut(&room_id) {
            if !on {
                room.selected.remove(&seq);
            } else if room.selected.len() < limits::SELECT_MAX {
                room.selected.insert(seq);
            }
        }
    }

    pub fn clear_selection(mut self, room_id: RoomId) {
        if let Some(room) = self.state.write().rooms.get_mut(&room_id) {
            room.selected.clear();
        }
    }

    /// Asks for the names of people that are to be shown and not known yet.
    pub fn want_people(mut self, ids: &[crate::id::UserId]) {
        let is_known = ids.iter().all(|id| self.state.peek().person(*id).is_some());
        if !is_known {
            self.state.write().want_people(ids);
            self.inputs.send(Input::Changed);
        }
    }
}

impl State {
    /// Asks for a change that leaves at once.
    pub(crate) fn ask(&mut self, room_id: RoomId, change: Change, now: Timestamp) {
        let kind = refusal_of(&change);
        if let (Err(error), Some(kind)) = (self.overlay.add(room_id, change, now), kind) {
            self.tell(kind, Some(error));
        }
    }

    pub(crate) fn delete_for_everyone(
        &mut self,
        room_id: RoomId,
        message_ids: &[MessageId],
        now: Timestamp,
    ) -> Result<UndoToken> {
        let there = |id: &&MessageId| self.message(room_id, **id).is_none_or(|message| message.is_countable());
        let message_ids: Vec<MessageId> = message_ids.iter().filter(there).take(limits::SELECT_MAX).copied().collect();
        let count = some(message_ids.len())?;
        let until = now.plus_ms(UNDO_MS);
        let token = self.overlay.hold(vec![(room_id, Change::Delete { message_ids })], Vec::new(), until, now)?;
        self.offer_undo(NoticeKind::Deleted { count }, token, until);
        Ok(token)
    }

    pub(crate) fn delete_for_me(&mut self, room_id: RoomId, seqs: &[Seq], now: Timestamp) -> Result<UndoToken> {
        let seqs: Vec<Seq> = {
            let prefs = self.prefs(room_id);
            seqs.iter().filter(|seq| !prefs.hides(**seq)).take(limits::SELECT_MAX).copied().collect()
        };
        let count = some(seqs.len())?;
        let hide = |on| vec![(room_id, Change::Prefs(PrefsChange::Hidden { seqs: seqs.clone(), on }))];
        let until = now.plus_ms(UNDO_MS);
        let token = self.overlay.hold(hide(true), hide(false), until, now)?;
        self.offer_undo(NoticeKind::DeletedForMe { count }, token, until);
        Ok(token)
    }

    pub(crate) fn clear_chat(&mut self, room_id: RoomId, now: Timestamp) -> Result<UndoToken> {
        let me = self.me.person.id;
        let room = self.rooms.get(&room_id).ok_or(Error::NotFound { what: What::Room })?;
        let (upto, before) = (room.summary.head_seq, room.member(me).map_or(0, |member| member.cleared_seq));
        let clear = |upto| vec![(room_id, Change::Prefs(PrefsChange::Cleared { upto }))];
        let until = now.plus_ms(CLEAR_UNDO_MS);
        let token = self.overlay.hold(clear(upto), clear(before), until, now)?;
        self.offer_undo(NoticeKind::Cleared, token, until);
        Ok(token)
    }

    pub(crate) fn undo(&mut self, token: UndoToken, now: Timestamp) -> bool {
        self.notices.retain(|notice| notice.undo != Some(token));
        let Some(reverse) = self.overlay.undo(token) else { return false };
        for (room_id, change) in reverse {
            // Nothing was read meanwhile: there is nothing to mark.
            let is_needless = matches!(change, Change::Prefs(PrefsChange::UnreadFrom { seq: Some(seq) })
                if self.read_seq(room_id) < seq);
            if is_needless {
                continue;
            }
            self.take_back_reading(room_id, &change);
            self.ask(room_id, change, now);
        }
        true
    }

    pub(crate) fn mark_unread(&mut self, room_id: RoomId, seq: Seq, now: Timestamp) {
        let change = Change::Prefs(PrefsChange::UnreadFrom { seq: Some(seq) });
        self.take_back_reading(room_id, &change);
        self.ask(room_id, change, now);
    }

    /// What is marked unread must not be read by being on the screen.
    fn take_back_reading(&mut self, room_id: RoomId, change: &Change) {
        if matches!(change, Change::Prefs(PrefsChange::UnreadFrom { seq: Some(_) })) && self.open_room == Some(room_id)
        {
            self.hold_reading = Some(room_id);
        }
    }

    pub(crate) fn mark_all_read(&mut self, room_id: Option<RoomId>, now: Timestamp) -> Option<UndoToken> {
        let rooms: Vec<RoomId> = match room_id {
            Some(room_id) => vec![room_id],
            None => self.rooms.keys().copied().collect(),
        };
        let (mut read, mut reverse, mut count) = (Vec::new(), Vec::new(), 0_u32);
        for room_id in rooms {
            let (tally, Some(room)) = (self.tally(room_id), self.rooms.get(&room_id)) else { continue };
            if tally.is_unread() {
                let upto = room.summary.head_seq;
                let seq = Some(self.mark(room_id) + 1);
                read.push((room_id, Change::Read { upto }));
                reverse.push((room_id, Change::Prefs(PrefsChange::UnreadFrom { seq })));
                count = count.saturating_add(tally.count);
            }
        }
        if read.is_empty() {
            return None;
        }
        let until = now.plus_ms(UNDO_MS);
        let token = self.overlay.hold(read, reverse, until, now).ok()?;
        self.offer_undo(NoticeKind::MarkedRead { count }, token, until);
        Some(token)
    }

    /// The message that an answer on its way quotes stays at hand.
    pub(crate) fn keep_answered(&mut self, room_id: RoomId, reply: crate::model::ReplyTo) {
        let held = self.rooms.get(&room_id).and_then(|room| room.held(reply.message_id));
        if let (Some(message), Some(room)) = (held, self.rooms.get_mut(&room_id)) {
            room.keep_quote(&message);
        }
    }
}

fn some(count: usize) -> Result<usize> {
    if count > 0 { Ok(count) } else { Err(Error::NotFound { what: What::Message }) }
}
