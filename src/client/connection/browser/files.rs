//! Files of waiting sends: their bytes on this device, their way up, and which of the tabs takes them there.

use super::{Browser, DISK_MS, Input};
use crate::client::outbox::{Entry, Upload};
use crate::client::platform::{self, Lock};
use crate::client::storage::Storage;
use crate::client::transfer::Transfer;
use crate::client::{State, Uploads};
use crate::id::{FileId, TxnId};
use crate::time::Timestamp;
use dioxus::prelude::*;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// What the disk of this device may take for files.
const FILES_MS: u32 = 60_000;
/// What another tab composed is left to it this long, as in `core`.
const LEFT_BEHIND_MS: i64 = 30_000;

/// The files of a waiting send, with the ids that the server knows them by.
type Names = Vec<(FileId, Option<FileId>)>;

pub(super) struct Files {
    state: Signal<State>,
    uploads: Uploads,
    inputs: Coroutine<Input>,
    transfers: RefCell<Vec<Transfer>>,
    names: RefCell<BTreeMap<TxnId, Names>>,
    on_disk: RefCell<BTreeSet<FileId>>,
    /// Of each send with files: other tabs leave it alone.
    locks: RefCell<BTreeMap<TxnId, Lock>>,
    /// Sends of other tabs: when these are gone, this one takes over.
    others: RefCell<BTreeSet<TxnId>>,
}

impl Files {
    pub(super) fn new(state: Signal<State>, uploads: Uploads, inputs: Coroutine<Input>) -> Rc<Self> {
        Rc::new(Self {
            state,
            uploads,
            inputs,
            transfers: RefCell::default(),
            names: RefCell::default(),
            on_disk: RefCell::default(),
            locks: RefCell::default(),
            others: RefCell::default(),
        })
    }

    /// Takes out what is for this half only.
    pub(super) fn take(&self, batch: &mut Vec<Input>) {
        batch.retain(|input| match input {
            Input::UploadMoved { local, sent } => {
                self.uploads.tell_sent(*local, *sent);
                false
            }
            _ => true,
        });
    }

    /// Stops what is not wanted any more, and shows how far the rest is.
    pub(super) fn follow(&self) {
        let state = self.state.peek();
        self.uploads.follow(&state.outbox);
        self.transfers.borrow_mut().retain(|transfer| {
            let is_wanted = state.outbox.is_running(transfer.local, transfer.id);
            if !is_wanted && !transfer.is_over() {
                transfer.stop();
                withdraw(transfer.id);
            }
            is_wanted && !transfer.is_over()
        });
    }

    pub(super) fn begin(&self, upload: &Upload, inputs: Coroutine<Input>) {
        let local = upload.file.local;
        let Some(bytes) = self.uploads.bytes(local) else {
            inputs.send(Input::BytesLost(local));
            return;
        };
        match Transfer::begin(upload, &bytes, inputs) {
            Some(transfer) => self.transfers.borrow_mut().push(transfer),
            None => inputs.send(Input::UploadEnded { local, id: upload.id, result: Err(crate::Error::Offline) }),
        }
    }

    /// Remembers what belongs to a send, and keeps other tabs from it.
    fn note(self: &Rc<Self>, entry: &Entry) {
        let names = entry.files.iter().map(|file| (file.local, file.uploaded.as_ref().map(|uploaded| uploaded.id)));
        let is_new = self.names.borrow_mut().insert(entry.txn_id, names.collect()).is_none();
        if is_new && !self.locks.borrow().contains_key(&entry.txn_id) {
            let (files, txn_id) = (self.clone(), entry.txn_id);
            spawn(async move {
                if let Ok(Some(lock)) = platform::lock(&lock_name(txn_id), false).await
                    && files.names.borrow().contains_key(&txn_id)
                {
                    files.locks.borrow_mut().insert(txn_id, lock);
                }
            });
        }
    }

    /// Writes a send and what of its bytes is not there yet. Whether that worked.
    pub(super) async fn store(self: Rc<Self>, storage: Option<Rc<Storage>>, entry: Entry) -> bool {
        let Some(storage) = storage else { return false };
        if entry.files.is_empty() {
            return matches!(platform::within(DISK_MS, storage.put_entry(&entry, &[])).await, Some(Ok(())));
        }
        let new: Vec<_> = {
            let on_disk = self.on_disk.borrow();
            let new = entry.files.iter().map(|file| file.local).filter(|local| !on_disk.contains(local));
            new.filter_map(|local| Some((local, self.uploads.bytes(local)?))).collect()
        };
        let ok = matches!(platform::within(FILES_MS, storage.put_entry(&entry, &new)).await, Some(Ok(())));
        if ok {
            self.on_disk.borrow_mut().extend(new.iter().map(|(local, _)| *local));
        }
        ok
    }

    /// A send is confirmed, or taken back: then its files may be in the composer again.
    fn forget(&self, txn_id: TxnId) {
        self.locks.borrow_mut().remove(&txn_id);
        let Some(names) = self.names.borrow_mut().remove(&txn_id) else { return };
        for (local, uploaded) in names {
            self.on_disk.borrow_mut().remove(&local);
            if self.state.peek().is_in_tray(local) {
                continue;
            }
            match uploaded {
                Some(id) => self.uploads.is_sent(local, id),
                None => self.uploads.let_go(local),
            }
        }
    }

    /// Whether a send with files that is on the disk is this tab's to take up.
    async fn may_take(self: &Rc<Self>, entry: &Entry) -> bool {
        let txn_id = entry.txn_id;
        if self.locks.borrow().contains_key(&txn_id) {
            return true;
        }
        match platform::lock(&lock_name(txn_id), false).await {
            Ok(Some(lock)) => {
                self.locks.borrow_mut().insert(txn_id, lock);
                true
            }
            Ok(None) => {
                self.follow_other(txn_id);
                false
            }
            // A browser without locks.
            Err(_) => {
                let is_left_behind = entry.composed_at.plus_ms(LEFT_BEHIND_MS) < Timestamp::now();
                is_left_behind || !self.state.peek().is_restored
            }
        }
    }

    /// Takes a send over when the tab that has it is gone, perhaps just now: a page that is left lets go a moment later.
    fn follow_other(self: &Rc<Self>, txn_id: TxnId) {
        if !self.others.borrow_mut().insert(txn_id) {
            return;
        }
        let files = self.clone();
        spawn(async move {
            if let Ok(Some(lock)) = platform::lock(&lock_name(txn_id), true).await {
                files.locks.borrow_mut().insert(txn_id, lock);
                files.inputs.send(Input::LeftBehind);
            }
            files.others.borrow_mut().remove(&txn_id);
        });
    }

    /// Leaves out what another tab sends, and gets the bytes of the rest. Those whose bytes are gone come second.
    pub(super) async fn restore(self: &Rc<Self>, storage: &Storage, entries: Vec<Entry>) -> (Vec<Entry>, Vec<FileId>) {
        let (mut mine, mut lost) = (Vec::new(), Vec::new());
        for mut entry in entries {
            if !entry.files.is_empty() && !self.names.borrow().contains_key(&entry.txn_id) {
                if !self.may_take(&entry).await {
                    continue;
                }
                entry.is_stored = true;
                for file in &entry.files {
                    match platform::within(DISK_MS, storage.file(entry.txn_id, file.local)).await.flatten() {
                        Some(bytes) => {
                            self.on_disk.borrow_mut().insert(file.local);
                            self.uploads.hold(file.local, bytes, file.is_shown());
                        }
                        None => lost.push(file.local),
                    }
                }
                self.note(&entry);
            }
            mine.push(entry);
        }
        // What the other tab had sent already when it let go.
        let names = self.names.borrow();
        self.locks.borrow_mut().retain(|txn_id, _| names.contains_key(txn_id));
        drop(names);
        (mine, lost)
    }
}

impl Browser {
    pub(super) fn store(&self, entry: Entry) {
        if !entry.files.is_empty() {
            self.files.note(&entry);
        }
        let (inputs, files) = (self.inputs, self.files.clone());
        self.with_storage(move |storage| async move {
            let txn_id = entry.txn_id;
            let ok = files.store(storage, entry).await;
            inputs.send(Input::Stored { txn_id, ok });
        });
    }

    pub(super) fn forget(&self, txn_id: TxnId) {
        self.files.forget(txn_id);
        self.with_storage(move |storage| async move {
            if let Some(storage) = storage {
                storage.remove_entry(txn_id).await.ok();
            }
        });
    }

    pub(super) fn restore(&self) {
        let (inputs, files) = (self.inputs, self.files.clone());
        self.with_storage(move |storage| async move {
            let (mut entries, mut drafts, mut lost) = (Vec::new(), None, Vec::new());
            if let Some(storage) = storage {
                let kept = platform::within(DISK_MS, storage.entries()).await.and_then(Result::ok).unwrap_or_default();
                (entries, lost) = files.restore(&storage, kept).await;
                drafts = platform::within(DISK_MS, storage.drafts()).await.and_then(Result::ok);
            }
            inputs.send(Input::Restored { entries, drafts });
            for local in lost {
                inputs.send(Input::BytesLost(local));
            }
        });
    }
}

/// Has the server forget an upload. It does so by itself after a day.
pub(super) fn withdraw(id: FileId) {
    if platform::is_online() {
        spawn(async move {
            platform::delete(&format!("/files/{id}")).await.ok();
        });
    }
}

fn lock_name(txn_id: TxnId) -> String {
    format!("lavender-send-{txn_id}")
}
