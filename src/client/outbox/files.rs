//! Files of waiting sends: each is uploaded before its message leaves, one at a time per message and two at once in all.
//!
//! ```text
//! waiting ──▶ on its way up ──answer──▶ uploaded ──▶ named in the send
//!   ▲            ├─no answer, cut, "later"──▶ waiting, after a back-off, with a new id
//!   └──retry── refused (and with it the message, which keeps its text and its other files)
//! ```

use super::{Entry, Outbox, backoff_ms, cap_ms};
use crate::client::uploads::Progress;
use crate::error::{Error, What};
use crate::id::{FileId, RoomId, TxnId};
use crate::model::{Attachment, AttachmentKind, FileHints, SentFile};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Uploads of this page at once.
pub const UPLOADS_AT_ONCE: usize = 2;
/// So often a message is uploaded anew because the server has its files no more.
const ANEW_MAX: u32 = 3;

/// A file that waits, or is in a composer. Its bytes are elsewhere, under `local`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct OutFile {
    /// Its name on this device. On the server it gets another one with each attempt.
    pub local: FileId,
    pub name: String,
    /// As the browser says; may be empty.
    pub mime: String,
    pub size: u64,
    /// A guess, until the server has looked.
    pub kind: AttachmentKind,
    #[serde(default)]
    pub hints: FileHints,
    #[serde(default)]
    pub alt: Option<String>,
    /// What the server made of it.
    #[serde(default)]
    pub uploaded: Option<Attachment>,
    /// Refused for good.
    #[serde(default)]
    pub error: Option<Error>,
    /// On its way up under this id.
    #[serde(skip)]
    pub attempt: Option<FileId>,
    #[serde(skip)]
    pub attempts: u32,
    #[serde(skip)]
    pub not_before: Option<Timestamp>,
}

impl OutFile {
    pub fn new(name: &str, mime: &str, size: u64) -> Self {
        Self {
            local: FileId::new(),
            name: name.to_owned(),
            mime: mime.to_owned(),
            size,
            kind: kind_of(name, mime),
            hints: FileHints::default(),
            alt: None,
            uploaded: None,
            error: None,
            attempt: None,
            attempts: 0,
            not_before: None,
        }
    }

    /// As a part of a message, under its local id.
    pub fn attachment(&self) -> Attachment {
        Attachment {
            width: self.hints.width,
            height: self.hints.height,
            duration_ms: self.hints.duration_ms,
            waveform: self.hints.waveform.clone(),
            alt: self.alt.clone(),
            ..Attachment::new(self.local, self.kind, &self.name, &self.mime, self.size)
        }
    }

    /// Whether this device can show it, or play it.
    pub fn is_shown(&self) -> bool {
        self.kind != AttachmentKind::File
    }

    fn wait(&mut self) {
        self.attempt = None;
        self.not_before = None;
    }
}

/// What a file will most likely be shown as, by its type and, where there is none, its name.
pub fn kind_of(name: &str, mime: &str) -> AttachmentKind {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match (mime, extension.as_str()) {
        ("image/gif", _) | ("", "gif") => AttachmentKind::Animation,
        ("image/jpeg" | "image/png" | "image/webp", _) | ("", "jpg" | "jpeg" | "png" | "webp") => AttachmentKind::Image,
        ("video/mp4" | "video/webm" | "video/quicktime", _) | ("", "mp4" | "webm" | "mov") => AttachmentKind::Video,
        _ if mime.starts_with("audio/") => AttachmentKind::Audio,
        _ => AttachmentKind::File,
    }
}

/// One attempt to upload a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Upload {
    pub txn_id: TxnId,
    pub room_id: RoomId,
    /// The id of this attempt on the server.
    pub id: FileId,
    pub file: OutFile,
}

impl Entry {
    /// Whether nothing of it has to be uploaded before it leaves.
    pub fn is_uploaded(&self) -> bool {
        self.files.iter().all(|file| file.uploaded.is_some())
    }

    /// Its files, as a send names them. Only those that are uploaded.
    pub fn sent_files(&self) -> Vec<SentFile> {
        let sent = |file: &OutFile| Some(SentFile { id: file.uploaded.as_ref()?.id, alt: file.alt.clone() });
        self.files.iter().filter_map(sent).collect()
    }
}

impl Outbox {
    fn file_mut(&mut self, local: FileId) -> Option<(&mut OutFile, TxnId)> {
        self.entries.iter_mut().find_map(|entry| {
            let txn_id = entry.txn_id;
            entry.files.iter_mut().find(|file| file.local == local).map(|file| (file, txn_id))
        })
    }

    /// The send that a file belongs to.
    pub fn owner(&self, local: FileId) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.files.iter().any(|file| file.local == local))
    }

    /// Takes the uploads that may begin now, each under an id of its own, and marks them as on their way.
    pub fn take_uploads(&mut self, now: Timestamp) -> Vec<Upload> {
        let mut running = self.running();
        let mut begun = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.error.is_none() && entry.is_kept) {
            if running >= UPLOADS_AT_ONCE {
                break;
            }
            let Some(file) = next_file(&entry.files).map(|at| &mut entry.files[at]) else { continue };
            if file.not_before.is_some_and(|at| at > now) {
                continue;
            }
            let id = FileId::new();
            file.attempt = Some(id);
            file.not_before = None;
            running += 1;
            begun.push(Upload { txn_id: entry.txn_id, room_id: entry.room_id, id, file: file.clone() });
        }
        begun
    }

    /// When [`Self::take_uploads`] may have something, if nothing else happens.
    pub fn next_upload(&self) -> Option<Timestamp> {
        // One that has to wait for another to end is woken by that.
        if self.running() >= UPLOADS_AT_ONCE {
            return None;
        }
        let entries = self.entries.iter().filter(|entry| entry.error.is_none() && entry.is_kept);
        entries.filter_map(|entry| entry.files[next_file(&entry.files)?].not_before).min()
    }

    fn running(&self) -> usize {
        self.entries.iter().flat_map(|entry| &entry.files).filter(|file| file.attempt.is_some()).count()
    }

    /// Whether this attempt still counts.
    pub fn is_running(&self, local: FileId, id: FileId) -> bool {
        let mut files = self.entries.iter().flat_map(|entry| &entry.files);
        files.any(|file| file.local == local && file.attempt == Some(id))
    }

    /// An attempt has ended. The send to be kept anew on this device, if it has changed.
    pub fn upload_ended(
        &mut self,
        local: FileId,
        id: FileId,
        result: Result<Attachment, Error>,
        now: Timestamp,
        random: f64,
    ) -> Option<TxnId> {
        let (file, txn_id) = self.file_mut(local).filter(|(file, _)| file.attempt == Some(id))?;
        file.attempt = None;
        match result {
            Ok(attachment) => {
                file.uploaded = Some(attachment);
                file.attempts = 0;
            }
            // An id that is still coming, from an attempt that was cut: the next one has another.
            Err(error) if error.is_transient() || error == Error::Conflict => {
                let wait = backoff_ms(file.attempts, random).max(error.retry_after_ms().map_or(0, cap_ms));
                file.attempts += 1;
                file.not_before = Some(now.plus_ms(wait));
                return None;
            }
            Err(error) => {
                file.error = Some(error.clone());
                self.fail(txn_id, error);
            }
        }
        let entry = self.entry_mut(txn_id)?;
        // Only what is on the disk with the ids of its files may leave: the same send after a reload names the same.
        entry.is_stored = false;
        Some(txn_id)
    }

    /// The server has files of a send no more: they are uploaded anew. `false`: that was tried often enough.
    pub fn upload_anew(&mut self, txn_id: TxnId, now: Timestamp, random: f64) -> bool {
        let Some(entry) = self.entry_mut(txn_id).filter(|entry| !entry.files.is_empty() && entry.attempts < ANEW_MAX)
        else {
            return false;
        };
        entry.in_flight = None;
        entry.has_left = false;
        let not_before = Some(now.plus_ms(backoff_ms(entry.attempts, random)));
        entry.attempts += 1;
        for file in &mut entry.files {
            file.wait();
            file.uploaded = None;
            file.not_before = not_before;
        }
        true
    }

    /// Nothing is on its way up any more: the network is gone, or the session.
    pub fn uploads_cut(&mut self) {
        self.entries.iter_mut().flat_map(|entry| &mut entry.files).for_each(OutFile::wait);
    }

    /// Those that were told to wait need not.
    pub fn uploads_at_once(&mut self) {
        self.entries.iter_mut().flat_map(|entry| &mut entry.files).for_each(|file| file.not_before = None);
    }

    /// Takes a file out of its send, which goes on without it. The file, and whether anything is left to be sent: if not,
    /// the send is out too. `None`: the message has left, and may be on the server.
    pub fn remove_file(&mut self, local: FileId) -> Option<(OutFile, Entry, bool)> {
        let entry = self.owner(local).filter(|entry| !entry.has_left || entry.error.is_some())?;
        let txn_id = entry.txn_id;
        let entry = self.entry_mut(txn_id)?;
        let at = entry.files.iter().position(|file| file.local == local)?;
        let file = entry.files.remove(at);
        // What it was refused for may be gone with it.
        entry.error = entry.files.iter().find_map(|file| file.error.clone());
        entry.is_stored = false;
        let is_left = !entry.files.is_empty() || !entry.body.as_str().is_empty();
        let entry = entry.clone();
        if !is_left {
            self.take_back(txn_id);
        }
        Some((file, entry, is_left))
    }

    /// The bytes of a file are gone from this device.
    pub fn lost_bytes(&mut self, local: FileId) -> Option<TxnId> {
        let (file, txn_id) = self.file_mut(local).filter(|(file, _)| file.uploaded.is_none())?;
        let error = Error::NotFound { what: What::File };
        file.wait();
        file.error = Some(error.clone());
        self.fail(txn_id, error);
        Some(txn_id)
    }

    /// The bytes that have to go up still.
    pub fn bytes_waiting(&self) -> u64 {
        let files = self.entries.iter().flat_map(|entry| &entry.files);
        files.filter(|file| file.uploaded.is_none() && file.error.is_none()).map(|file| file.size).sum()
    }

    /// A file that is not on its way yet, to say more of it.
    pub fn waiting_file(&mut self, local: FileId) -> Option<&mut OutFile> {
        self.file_mut(local).map(|(file, _)| file).filter(|file| file.attempt.is_none() && file.uploaded.is_none())
    }

    /// What is not on the server of all that waits. Nothing is said of how much has left.
    pub fn uploads(&self) -> BTreeMap<FileId, Progress> {
        let files = self.entries.iter().flat_map(|entry| &entry.files).filter(|file| file.uploaded.is_none());
        files
            .map(|file| {
                let (is_running, failed) = (file.attempt.is_some(), file.error.clone());
                (file.local, Progress { sent: 0, total: file.size, is_running, failed })
            })
            .collect()
    }
}

/// The file of a send that is to go up next. `None`: all are up, or one is on its way.
fn next_file(files: &[OutFile]) -> Option<usize> {
    if files.iter().any(|file| file.attempt.is_some()) {
        return None;
    }
    files.iter().position(|file| file.uploaded.is_none() && file.error.is_none())
}
