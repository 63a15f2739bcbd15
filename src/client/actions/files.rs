//! Files: those that a composer holds, and those that wait in the outbox.

use crate::client::Live;
use crate::client::connection::Input;
use crate::client::outbox::OutFile;
use crate::client::platform;
use crate::client::state::State;
use crate::client::uploads::Bytes;
use crate::error::Result;
use crate::id::{FileId, RoomId, TxnId};
use crate::model::FileUsage;
use crate::model::limits::FILES_MAX;
use crate::time::Timestamp;
use dioxus::prelude::*;

/// How long files wait for what the server says of its limits, in milliseconds.
const USAGE_MS: u32 = 4_000;

impl Live {
    /// Puts files into the composer of a room, as many as still fit. How many did not.
    pub fn add_files(mut self, room_id: RoomId, files: Vec<(OutFile, Bytes)>) -> usize {
        let free = FILES_MAX.saturating_sub(self.state.peek().tray(room_id).len());
        let left_out = files.len().saturating_sub(free);
        let mut added = Vec::new();
        for (file, bytes) in files.into_iter().take(free) {
            self.uploads.hold(file.local, bytes, file.is_shown());
            added.push(file);
        }
        if !added.is_empty() {
            self.state.write().trays.entry(room_id).or_default().extend(added);
        }
        left_out
    }

    /// Takes a file out of a composer.
    pub fn remove_file(mut self, room_id: RoomId, local: FileId) {
        let removed = self.state.write().take_from_tray(room_id, local);
        self.uploads.let_go(local);
        self.withdraw(removed.into_iter().collect());
    }

    /// Changes what is known of a file in a composer, or of one that was sent from there just now and waits.
    pub fn describe_file(mut self, room_id: RoomId, local: FileId, change: impl FnOnce(&mut OutFile)) {
        let mut state = self.state.write();
        let state = &mut *state;
        let tray = state.trays.get_mut(&room_id).and_then(|tray| tray.iter_mut().find(|file| file.local == local));
        if let Some(file) = tray.or_else(|| state.outbox.waiting_file(local)) {
            change(file);
        }
    }

    /// Asks the server what it takes now. What it said before, if there is no answer within [`USAGE_MS`].
    pub async fn ask_usage(mut self) -> Option<FileUsage> {
        let answer = platform::within(USAGE_MS, crate::api::files::usage()).await;
        if let Some(Ok(usage)) = answer {
            self.uploads.usage.set(Some(usage));
            self.inputs.send(Input::StorageSeen { is_down: usage.is_down });
        }
        *self.uploads.usage.peek()
    }

    /// The bytes of files that are not counted by the server yet: in composers, and on their way.
    pub fn bytes_to_come(self) -> u64 {
        let state = self.state.peek();
        state.outbox.bytes_waiting() + state.trays.values().flatten().map(|file| file.size).sum::<u64>()
    }

    /// Queues something spoken, as a message of its own. What the composer holds stays there.
    ///
    /// # Errors
    /// As [`Self::send_text`].
    pub fn send_voice(mut self, room_id: RoomId, file: OutFile, bytes: Bytes) -> Result<TxnId> {
        self.uploads.hold(file.local, bytes, true);
        let local = file.local;
        let queued = self.state.write().compose_with(room_id, "", vec![file], Timestamp::now());
        match queued {
            Ok(txn_id) => self.inputs.send(Input::Composed(txn_id)),
            Err(_) => self.uploads.let_go(local),
        }
        queued
    }

    /// Puts something spoken that was not sent into the composer of its room, however full that is: it can't be chosen again.
    pub fn keep_voice(mut self, room_id: RoomId, file: OutFile, bytes: Bytes) {
        self.uploads.hold(file.local, bytes, true);
        self.state.write().trays.entry(room_id).or_default().push(file);
    }

    /// Takes a file out of a send that waits; without a text and other files the send is gone, too.
    pub fn cancel_file(mut self, local: FileId) {
        let Some((file, entry, is_left)) = self.state.write().outbox.remove_file(local) else { return };
        self.inputs.send(if is_left { Input::Composed(entry.txn_id) } else { Input::TakenBack(entry.txn_id) });
        self.uploads.let_go(local);
        self.withdraw(vec![file]);
    }

    /// Tries the send of a refused file again.
    pub fn retry_file(self, local: FileId) {
        let owner = self.state.peek().outbox.owner(local).map(|entry| entry.txn_id);
        if let Some(txn_id) = owner {
            self.retry(txn_id);
        }
    }

    /// Has the server forget uploads that no message shows.
    pub(super) fn withdraw(self, files: Vec<OutFile>) {
        let ids: Vec<FileId> = files.iter().filter_map(|file| Some(file.uploaded.as_ref()?.id)).collect();
        if !ids.is_empty() {
            self.inputs.send(Input::Withdrawn(ids));
        }
    }
}

impl State {
    /// The files that the composer of a room holds.
    pub fn tray(&self, room_id: RoomId) -> &[OutFile] {
        self.trays.get(&room_id).map_or(&[], Vec::as_slice)
    }

    fn take_from_tray(&mut self, room_id: RoomId, local: FileId) -> Option<OutFile> {
        let tray = self.trays.get_mut(&room_id)?;
        let at = tray.iter().position(|file| file.local == local)?;
        let file = tray.remove(at);
        if tray.is_empty() {
            self.trays.remove(&room_id);
        }
        Some(file)
    }

    /// Files of a send that is to be changed go back into the composer; those that were refused may be tried again.
    pub(super) fn back_to_tray(&mut self, room_id: RoomId, files: Vec<OutFile>) {
        if files.is_empty() {
            return;
        }
        let tray = self.trays.entry(room_id).or_default();
        let later = std::mem::take(tray);
        tray.extend(files.into_iter().map(|file| OutFile {
            error: None,
            attempt: None,
            attempts: 0,
            not_before: None,
            ..file
        }));
        tray.extend(later);
    }

    /// Whether a composer holds this file.
    pub fn is_in_tray(&self, local: FileId) -> bool {
        self.trays.values().flatten().any(|file| file.local == local)
    }
}
