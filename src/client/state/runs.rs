//! Which part of a room is drawn: the newest run, or one around a message far above. Both meet when they are loaded far enough.

use super::fold::Folded;
use super::{NoticeKind, RoomState, State, Timeline};
use crate::error::{Error, What};
use crate::id::RoomId;
use crate::model::{Page, Seq};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum View {
    /// The run that ends with the newest message, and what waits in the outbox.
    #[default]
    Newest,
    /// [`RoomState::detached`].
    Around,
}

/// A message that is to be shown and whose surroundings are on their way.
#[derive(Clone, PartialEq, Debug)]
pub struct Jump {
    pub seq: Seq,
    /// Why it can't be shown.
    pub error: Option<Error>,
}

impl RoomState {
    /// The run that is drawn.
    pub fn run(&self) -> &Timeline {
        self.detached.as_ref().filter(|_| self.view == View::Around).unwrap_or(&self.timeline)
    }

    pub(in crate::client) fn run_mut(&mut self) -> &mut Timeline {
        match (&mut self.detached, self.view) {
            (Some(detached), View::Around) => detached,
            _ => &mut self.timeline,
        }
    }

    /// Whether something else than the newest run is drawn or on its way.
    pub fn is_away(&self) -> bool {
        self.view != View::Newest || self.detached.is_some() || self.jump.is_some()
    }

    /// Back to the newest messages; the other run goes.
    pub fn show_newest(&mut self) {
        self.view = View::Newest;
        self.jump = None;
        if self.detached.take().is_some() {
            self.check_quotes();
        }
    }

    /// Makes one run of both when they meet.
    pub(super) fn rejoin(&mut self) {
        if let Some(detached) = self.detached.take() {
            self.detached = self.timeline.join(detached);
            if self.detached.is_none() {
                self.view = View::Newest;
            }
        }
    }

    /// Nobody looks at this room any more: only its newest `keep` messages stay.
    pub(in crate::client) fn leave(&mut self, keep: usize) {
        self.selected.clear();
        self.show_newest();
        let before = self.timeline.messages.len();
        self.timeline.trim(keep);
        if self.timeline.messages.len() < before {
            self.check_quotes();
        }
    }
}

impl State {
    /// Shows a message with what is around it. `true`: that is not here and must be fetched.
    pub fn jump_to(&mut self, room_id: RoomId, seq: Seq) -> bool {
        let floor = self.floor(room_id);
        let Some(room) = self.rooms.get_mut(&room_id) else { return false };
        room.jump = None;
        room.target = Some(seq);
        if seq <= floor {
            room.jump = Some(Jump { seq, error: Some(Error::NotFound { what: What::Message }) });
            return false;
        }
        if room.timeline.is_loaded && room.timeline.get(seq).is_some() {
            room.view = View::Newest;
            // It must not be cut off while someone reads it.
            room.timeline.is_browsed = true;
            return false;
        }
        if room.detached.as_ref().is_some_and(|run| run.get(seq).is_some()) {
            room.view = View::Around;
            return false;
        }
        room.jump = Some(Jump { seq, error: None });
        true
    }

    /// A jump came to nothing and nobody waits for it any more: says so.
    pub(crate) fn end_jump(&mut self, room_id: RoomId) {
        let Some(room) = self.rooms.get_mut(&room_id) else { return };
        room.target = None;
        if let Some(error) = room.jump.take_if(|jump| jump.error.is_some()).and_then(|jump| jump.error) {
            self.tell(NoticeKind::NotReached, Some(error));
        }
    }

    /// The page around a message that was jumped to.
    pub fn put_around(&mut self, seq: Seq, page: Page) -> Folded {
        let mut folded = Folded::default();
        self.note_page(&page, &mut folded);
        let Some(room) = self.rooms.get_mut(&page.room_id) else { return folded };
        if room.jump.as_ref().is_none_or(|jump| jump.seq != seq || jump.error.is_some()) {
            return folded;
        }
        if page.messages.iter().all(|message| message.seq != seq) {
            room.jump = Some(Jump { seq, error: Some(Error::NotFound { what: What::Message }) });
            return folded;
        }
        room.jump = None;
        if !room.timeline.is_loaded && !page.has_newer {
            room.timeline.put_newest(page);
            room.view = View::Newest;
        } else {
            room.detached = Some(Timeline::around(page));
            room.view = View::Around;
            room.rejoin();
        }
        room.check_quotes();
        folded
    }

    /// A jump that came to nothing.
    pub fn fail_jump(&mut self, room_id: RoomId, seq: Seq, error: Error) {
        if let Some(jump) = self.rooms.get_mut(&room_id).and_then(|room| room.jump.as_mut())
            && jump.seq == seq
        {
            jump.error = Some(error);
        }
    }

    /// A page that continues the run around a message, at its end (`is_after`) or at its beginning.
    pub fn put_beside(&mut self, page: Page, is_after: bool) -> Folded {
        let mut folded = Folded::default();
        self.note_page(&page, &mut folded);
        let Some(room) = self.rooms.get_mut(&page.room_id) else { return folded };
        if let Some(run) = &mut room.detached {
            if is_after {
                run.put_after(page)
            } else {
                run.put_older(page)
            }
            room.rejoin();
        }
        folded
    }
}
