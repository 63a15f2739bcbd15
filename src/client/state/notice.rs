//! What is to be told in passing: why something did not work, or that it did and can be undone.

use super::State;
use super::overlay::{Change, UndoToken};
use crate::error::Error;
use crate::model::{GameAct, PrefsChange};
use crate::time::Timestamp;

/// Notices that wait at a time; the oldest give way.
const MAX: usize = 20;

/// What a notice is about. The texts are in `ui`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoticeKind {
    // Refused; what was shown is taken back.
    NotEdited,
    NotDeleted,
    NotReacted,
    NotPinned,
    NotUnpinned,
    PreviewNotRemoved,
    /// A move, or an answer to a challenge.
    NotPlayed,
    /// An answer that was to be stopped or written anew.
    NotAnswered,
    /// Own settings of a room.
    NotSaved,
    /// A message that a link or a quote leads to can't be shown.
    NotReached,
    // Done, and can be undone.
    Deleted {
        count: usize,
    },
    DeletedForMe {
        count: usize,
    },
    Cleared,
    MarkedRead {
        count: u32,
    },
    /// One room, from a message on.
    MarkedUnread,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// Counts up.
    pub id: u64,
    pub kind: NoticeKind,
    pub error: Option<Error>,
    /// What "Undo" is for.
    pub undo: Option<UndoToken>,
    /// With `undo`: until when it surely works, by this device's clock. The notice goes then.
    pub until: Option<Timestamp>,
}

impl State {
    pub(crate) fn tell(&mut self, kind: NoticeKind, error: Option<Error>) {
        self.push_notice(kind, error, None, None);
    }

    pub(crate) fn offer_undo(&mut self, kind: NoticeKind, undo: UndoToken, until: Timestamp) {
        self.push_notice(kind, None, Some(undo), Some(until));
    }

    fn push_notice(
        &mut self,
        kind: NoticeKind,
        error: Option<Error>,
        undo: Option<UndoToken>,
        until: Option<Timestamp>,
    ) {
        self.last_notice += 1;
        // The same once more takes the place of the one before: a toast that says it twice says no more.
        self.notices.retain(|notice| notice.undo.is_some() || notice.kind != kind || notice.error != error);
        if self.notices.len() >= MAX {
            self.notices.remove(0);
        }
        self.notices.push(Notice { id: self.last_notice, kind, error, undo, until });
    }

    /// Drops offers whose time is over. `true` if any was dropped.
    pub(crate) fn expire_notices(&mut self, now: Timestamp) -> bool {
        let before = self.notices.len();
        self.notices.retain(|notice| notice.until.is_none_or(|until| until > now));
        self.notices.len() < before
    }

    pub(crate) fn notices_end(&self) -> Option<Timestamp> {
        self.notices.iter().filter_map(|notice| notice.until).min()
    }
}

/// What is said when a change was refused. `None`: nothing; it went on quietly.
pub(crate) fn refusal_of(change: &Change) -> Option<NoticeKind> {
    match change {
        Change::Edit { .. } => Some(NoticeKind::NotEdited),
        Change::Delete { .. } | Change::Prefs(PrefsChange::Hidden { on: true, .. }) => Some(NoticeKind::NotDeleted),
        Change::React { .. } => Some(NoticeKind::NotReacted),
        Change::Pin { on: true, .. } => Some(NoticeKind::NotPinned),
        Change::Pin { on: false, .. } => Some(NoticeKind::NotUnpinned),
        Change::RemovePreview { .. } => Some(NoticeKind::PreviewNotRemoved),
        // Another tab of the same person was faster, and the coin lies.
        Change::Play { act: GameAct::Nonce { .. }, .. } => None,
        Change::Play { .. } => Some(NoticeKind::NotPlayed),
        Change::Answer { .. } => Some(NoticeKind::NotAnswered),
        Change::Prefs(_) => Some(NoticeKind::NotSaved),
        Change::Read { .. } => None,
    }
}
