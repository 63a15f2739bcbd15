//! Uploads: what begins, and what comes of it.

use super::{Core, Step};
use crate::client::connection::Effect;
use crate::error::Error;
use crate::id::{FileId, TxnId};
use crate::model::Attachment;

impl Core {
    pub(super) fn begin_uploads(&self, step: &mut Step<'_>) {
        let begun = step.state.outbox.take_uploads(step.now);
        step.effects.extend(begun.into_iter().map(|upload| Effect::Upload(Box::new(upload))));
    }

    pub(super) fn upload_ended(
        &mut self,
        step: &mut Step<'_>,
        local: FileId,
        id: FileId,
        result: Result<Attachment, Error>,
    ) {
        let is_up = result.is_ok();
        match &result {
            Ok(_) => step.state.uploads_down = false,
            Err(Error::Unavailable { .. }) => step.state.uploads_down = true,
            Err(Error::Unauthenticated) => self.refresh(step),
            Err(_) => {}
        }
        if is_up && !step.state.outbox.is_running(local, id) {
            // It was taken back while the answer was on its way.
            step.effects.push(Effect::Withdraw(vec![id]));
            return;
        }
        if let Some(txn_id) = step.state.outbox.upload_ended(local, id, result, step.now, step.random) {
            store(step, txn_id);
        }
    }

    pub(super) fn storage_seen(step: &mut Step<'_>, is_down: bool) {
        // Only after the server itself has said so: storage that it finds well may refuse an upload all the same, and then
        // each waits its time.
        if step.state.storage_down && !is_down {
            step.state.outbox.uploads_at_once();
        }
        step.state.storage_down = is_down;
        step.state.uploads_down = is_down;
    }

    pub(super) fn bytes_lost(step: &mut Step<'_>, local: FileId) {
        if let Some(txn_id) = step.state.outbox.lost_bytes(local) {
            store(step, txn_id);
        }
    }
}

/// What changed of a send goes to the disk.
pub(super) fn store(step: &mut Step<'_>, txn_id: TxnId) {
    if let Some(entry) = step.state.outbox.entry(txn_id) {
        step.effects.push(Effect::Store(Box::new(entry.clone())));
    }
}
