//! The composer: drafts, answers, edits, sends, forwards.

use crate::client::Live;
use crate::client::connection::Input;
use crate::client::draft::{Draft, Editing};
use crate::client::outbox::{Entry, Forward, OutFile};
use crate::client::state::State;
use crate::client::state::overlay::Change;
use crate::error::{Error, Problem, Result, What};
use crate::id::{MessageId, RoomId, TxnId};
use crate::model::limits::FILES_MAX;
use crate::model::{Body, NewExtra, ReplyTo};
use crate::time::Timestamp;
use dioxus::prelude::*;

impl Live {
    /// Queues a text for a room, with the files of its composer and as an answer to what [`Self::set_reply`] chose; it is in
    /// the timeline at once and on this device's disk before it leaves. Clears the draft and shows the newest messages.
    ///
    /// # Errors
    /// [`Error::Invalid`] of field `body`: too long, or empty without files; of `files`: too many; [`Error::Unavailable`]: too many
    /// sends wait already. Nothing was queued.
    pub fn send_text(mut self, room_id: RoomId, text: &str) -> Result<TxnId> {
        let txn_id = self.state.write().compose(room_id, text, Timestamp::now())?;
        self.inputs.send(Input::Composed(txn_id));
        Ok(txn_id)
    }

    /// Queues what needs no text, such as a game, perhaps as an answer; what is in the composer stays there.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: too many sends wait already. Nothing was queued.
    pub fn send_extra(mut self, room_id: RoomId, extra: NewExtra, reply_to: Option<ReplyTo>) -> Result<TxnId> {
        let txn_id = self.state.write().compose_extra(room_id, extra, reply_to, Timestamp::now())?;
        self.inputs.send(Input::Composed(txn_id));
        Ok(txn_id)
    }

    /// Queues a moving picture of the pack, as an answer to what [`Self::set_reply`] chose; the text of the composer stays there.
    ///
    /// # Errors
    /// As [`Self::send_extra`].
    pub fn send_gif(mut self, room_id: RoomId, name: &str) -> Result<TxnId> {
        let txn_id = self.state.write().compose_gif(room_id, name, Timestamp::now())?;
        self.inputs.send(Input::Composed(txn_id));
        Ok(txn_id)
    }

    /// Queues messages of a room, in their order, for each of `rooms`. How many sends that made.
    ///
    /// # Errors
    /// [`Error::NotFound`]: none of them is here or can be passed on; [`Error::Unavailable`]: so many don't fit. Nothing was
    /// queued.
    pub fn forward(mut self, from: RoomId, message_ids: &[MessageId], rooms: &[RoomId]) -> Result<usize> {
        let queued = self.state.write().compose_forwards(from, message_ids, rooms, Timestamp::now())?;
        for txn_id in &queued {
            self.inputs.send(Input::Composed(*txn_id));
        }
        Ok(queued.len())
    }

    /// Tries a failed send again, with its id.
    pub fn retry(mut self, txn_id: TxnId) {
        self.state.write().outbox.retry(txn_id);
        self.inputs.send(Input::Composed(txn_id));
    }

    /// Takes a failed or queued send out: "Edit" puts its text and its files back into the composer, or what will be there once
    /// one can write again; "Discard" forgets them. `false` once it has left: the server may have it.
    pub fn take_back(mut self, txn_id: TxnId, is_edit: bool) -> bool {
        let taken = self.state.write().take_back(txn_id, is_edit);
        let Some(entry) = taken else { return false };
        if is_edit {
            self.inputs.send(Input::DraftChanged(entry.room_id));
        }
        for file in &entry.files {
            self.uploads.let_go(file.local);
        }
        self.withdraw(entry.files);
        self.inputs.send(Input::TakenBack(txn_id));
        true
    }

    /// The composer's text changed: keeps the draft, tells the room (throttled to one notice in 3 s). While a message is
    /// edited its new text is what changes; the draft stays.
    pub fn set_draft(mut self, room_id: RoomId, text: &str) {
        if self.draft(room_id) == text {
            return;
        }
        if self.state.write().write_draft(room_id, text) {
            self.inputs.send(Input::DraftChanged(room_id));
        }
    }

    /// What the composer of a room holds, now: the text of the edited message, or the kept draft. Not a subscription.
    /// `state.is_restored` says when drafts of earlier visits are there.
    pub fn draft(self, room_id: RoomId) -> String {
        self.state.peek().composed(room_id).to_owned()
    }

    /// Chooses the message that the next text of a room answers, or none. Kept on this device with the draft.
    pub fn set_reply(mut self, room_id: RoomId, message_id: Option<MessageId>) {
        self.state.write().set_reply(room_id, message_id);
        self.inputs.send(Input::DraftChanged(room_id));
    }

    /// Begins to edit an own text and returns it for the composer. `None`: it is not mine, deleted, or not here.
    pub fn start_edit(mut self, room_id: RoomId, message_id: MessageId) -> Option<String> {
        self.state.write().start_edit(room_id, message_id)
    }

    /// Begins to edit the last own text of a room: ArrowUp in an empty composer.
    pub fn start_edit_last(self, room_id: RoomId) -> Option<String> {
        let last = self.state.peek().last_own(room_id)?.id;
        self.start_edit(room_id, last)
    }

    /// Ends editing without a change: the composer holds the draft that waited.
    pub fn cancel_edit(mut self, room_id: RoomId) {
        if let Some(room) = self.state.write().rooms.get_mut(&room_id) {
            room.editing = None;
        }
    }

    /// Ends editing with this text. The same text changes nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] of field `body`, and those of [`Self::edit`]; editing goes on.
    pub fn finish_edit(mut self, room_id: RoomId, text: &str) -> Result<()> {
        let editing = self.state.peek().rooms.get(&room_id).and_then(|room| room.editing.clone());
        let Some(editing) = editing else { return Ok(()) };
        self.edit(room_id, editing.message_id, text)?;
        if let Some(room) = self.state.write().rooms.get_mut(&room_id) {
            room.editing = None;
        }
        Ok(())
    }

    /// Replaces the text of an own message.
    ///
    /// # Errors
    /// [`Error::Invalid`] of field `body`; [`Error::NotFound`]: it was deleted; [`Error::Unavailable`]: too many changes wait.
    pub fn edit(mut self, room_id: RoomId, message_id: MessageId, text: &str) -> Result<()> {
        let body = Body::parse(text)?;
        let held = self.state.peek().message(room_id, message_id);
        match held {
            Some(message) if message.body == body => return Ok(()),
            Some(message) if message.is_countable() => {}
            _ => return Err(Error::NotFound { what: What::Message }),
        }
        self.state.write().overlay.add(room_id, Change::Edit { message_id, body }, Timestamp::now())?;
        self.inputs.send(Input::Changed);
        Ok(())
    }
}

impl State {
    pub(crate) fn compose(&mut self, room_id: RoomId, text: &str, now: Timestamp) -> Result<TxnId> {
        let txn_id = self.compose_with(room_id, text, self.tray(room_id).to_vec(), now)?;
        self.trays.remove(&room_id);
        Ok(txn_id)
    }

    pub(crate) fn compose_with(
        &mut self,
        room_id: RoomId,
        text: &str,
        files: Vec<OutFile>,
        now: Timestamp,
    ) -> Result<TxnId> {
        let body = if files.is_empty() { Body::parse(text) } else { Body::parse_caption(text) }?;
        // What comes back into a composer does so however full that is.
        if files.len() > FILES_MAX {
            return Err(Error::invalid("files", Problem::OutOfRange));
        }
        if !self.outbox.has_room_for(1) {
            return Err(Error::Unavailable { retry_after_ms: 5_000 });
        }
        let txn_id = TxnId::new();
        let draft = self.drafts.remove(&room_id).unwrap_or_default();
        self.draft_answers(room_id, None);
        self.queue(Entry { reply_to: draft.reply_to, files, ..Entry::new(txn_id, room_id, body, now) });
        Ok(txn_id)
    }

    pub(crate) fn compose_extra(
        &mut self,
        room_id: RoomId,
        extra: NewExtra,
        reply_to: Option<ReplyTo>,
        now: Timestamp,
    ) -> Result<TxnId> {
        if !self.outbox.has_room_for(1) {
            return Err(Error::Unavailable { retry_after_ms: 5_000 });
        }
        let txn_id = TxnId::new();
        let body = Body::stored(String::new());
        self.queue(Entry { extra: Some(extra), reply_to, ..Entry::new(txn_id, room_id, body, now) });
        Ok(txn_id)
    }

    pub(crate) fn compose_gif(&mut self, room_id: RoomId, name: &str, now: Timestamp) -> Result<TxnId> {
        let reply_to = self.drafts.get(&room_id).and_then(|draft| draft.reply_to);
        let txn_id = self.compose_extra(room_id, NewExtra::Gif { name: name.to_owned() }, reply_to, now)?;
        if reply_to.is_some() {
            self.set_reply(room_id, None);
        }
        Ok(txn_id)
    }

    /// Puts a send into the outbox, and shows the newest messages of its room.
    fn queue(&mut self, entry: Entry) {
        let (room_id, reply_to) = (entry.room_id, entry.reply_to);
        self.outbox.compose(entry);
        if let Some(room) = self.rooms.get_mut(&room_id).filter(|room| room.is_away()) {
            room.show_newest();
        }
        if let Some(reply) = reply_to {
            self.keep_answered(room_id, reply);
        }
    }

    pub(crate) fn compose_forwards(
        &mut self,
        from: RoomId,
        message_ids: &[MessageId],
        rooms: &[RoomId],
        now: Timestamp,
    ) -> Result<Vec<TxnId>> {
        let mut messages: Vec<_> = message_ids
            .iter()
            .filter_map(|id| self.message(from, *id))
            .filter(|message| message.is_countable() && !message.is_bound())
            .collect();
        messages.sort_by_key(|message| message.seq);
        let count = messages.len() * rooms.len();
        if count == 0 {
            return Err(Error::NotFound { what: What::Message });
        }
        if !self.outbox.has_room_for(count) {
            return Err(Error::Unavailable { retry_after_ms: 5_000 });
        }
        let mut queued = Vec::with_capacity(count);
        for room_id in rooms {
            for message in &messages {
                let txn_id = TxnId::new();
                let from = message.forwarded_from.unwrap_or(message.author_id);
                let forward = Some(Forward { message_id: message.id, from });
                let attached = message.attachments.clone();
                self.outbox.compose(Entry {
                    forward,
                    attached,
                    passed: message.extra.clone(),
                    ..Entry::new(txn_id, *room_id, message.body.clone(), now)
                });
                queued.push(txn_id);
            }
        }
        Ok(queued)
    }

    /// The send, without what went back into the composer.
    pub(crate) fn take_back(&mut self, txn_id: TxnId, is_edit: bool) -> Option<Entry> {
        let mut entry = self.outbox.take_back(txn_id)?;
        if is_edit {
            let room_id = entry.room_id;
            // Otherwise it would become the new text of the message that is being changed.
            if let Some(room) = self.rooms.get_mut(&room_id) {
                room.editing = None;
            }
            let both = match (entry.body.as_str(), self.composed(room_id).trim_end()) {
                (back, "") => back.to_owned(),
                ("", kept) => kept.to_owned(),
                (back, kept) => format!("{back}\n{kept}"),
            };
            self.write_draft(room_id, &both);
            self.back_to_tray(room_id, std::mem::take(&mut entry.files));
        }
        Some(entry)
    }

    /// What the composer of a room holds.
    pub fn composed(&self, room_id: RoomId) -> &str {
        let editing = self.rooms.get(&room_id).and_then(|room| room.editing.as_ref());
        match editing {
            Some(editing) => &editing.text,
            None => self.drafts.get(&room_id).map_or("", |draft| &draft.text),
        }
    }

    /// `true` when it was the draft that changed.
    pub(crate) fn write_draft(&mut self, room_id: RoomId, text: &str) -> bool {
        if let Some(editing) = self.rooms.get_mut(&room_id).and_then(|room| room.editing.as_mut()) {
            text.clone_into(&mut editing.text);
            return false;
        }
        let draft = self.drafts.entry(room_id).or_default();
        text.clone_into(&mut draft.text);
        if draft.is_empty() {
            self.drafts.remove(&room_id);
        }
        true
    }

    pub(crate) fn set_reply(&mut self, room_id: RoomId, message_id: Option<MessageId>) {
        let message = message_id.and_then(|id| self.message(room_id, id)).filter(|message| message.is_countable());
        let reply_to = message.map(|message| ReplyTo { message_id: message.id, seq: message.seq });
        let draft: &mut Draft = self.drafts.entry(room_id).or_default();
        draft.reply_to = reply_to;
        if draft.is_empty() {
            self.drafts.remove(&room_id);
        }
        self.draft_answers(room_id, reply_to);
    }

    pub(crate) fn start_edit(&mut self, room_id: RoomId, message_id: MessageId) -> Option<String> {
        let me = self.me.person.id;
        let message = self.message(room_id, message_id)?;
        // What was passed on is somebody else's words, and a game has none.
        if message.author_id != me || !message.is_countable() || message.forwarded_from.is_some() || message.is_bound()
        {
            return None;
        }
        let text = message.body.as_str().to_owned();
        let room = self.rooms.get_mut(&room_id)?;
        room.editing = Some(Editing { message_id, seq: message.seq, text: text.clone() });
        Some(text)
    }
}
