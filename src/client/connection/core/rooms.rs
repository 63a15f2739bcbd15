//! What the page reads: pages of history, gaps, the list of rooms.

use super::{Core, KEEP, Phase, Step};
use crate::Error;
use crate::client::ConnectionState;
use crate::client::connection::{Effect, Fetch};
use crate::client::state::View;
use crate::id::RoomId;
use crate::model::{Page, Seq, Start};
use std::collections::BTreeMap;

/// One fetch of a kind at a time; of those around a message one for each of them.
pub(super) type Slot = (u8, Seq);

fn slot(fetch: Fetch) -> Slot {
    match fetch {
        Fetch::Newest | Fetch::After(_) => (0, 0),
        Fetch::Before(_) => (1, 0),
        Fetch::Around(seq) => (2, seq),
        Fetch::Above(_) => (3, 0),
        Fetch::Below(_) => (4, 0),
    }
}

impl Core {
    pub(super) fn heads(&mut self, step: &mut Step<'_>, rooms: &BTreeMap<RoomId, Seq>) {
        // An empty room has no head to tell.
        let mut missing =
            step.state.rooms.iter().any(|(id, room)| room.summary.head_seq > 0 && !rooms.contains_key(id));
        for (room_id, head) in rooms {
            match step.state.rooms.get_mut(room_id) {
                Some(room) if room.timeline.is_loaded => {
                    room.summary.head_seq = room.summary.head_seq.max(*head);
                }
                Some(room) => missing |= *head > room.summary.head_seq,
                None => missing = true,
            }
        }
        if missing {
            self.reload(step);
        }
    }

    pub(super) fn open_room(&mut self, step: &mut Step<'_>, room_id: RoomId) {
        for (id, room) in &mut step.state.rooms {
            if *id != room_id {
                room.leave(KEEP);
            }
        }
        let Some(room) = step.state.rooms.get_mut(&room_id) else { return };
        if !room.timeline.is_loaded {
            room.timeline.failed = false;
            self.fetch(step, room_id, Fetch::Newest);
        }
    }

    /// A room may be opened before it is known (a request accepted a moment ago) or while nothing can be read.
    pub(super) fn load_open_room(&mut self, step: &mut Step<'_>) {
        let open = step.state.open_room.and_then(|room_id| Some((room_id, step.state.rooms.get(&room_id)?)));
        if let Some((room_id, room)) = open
            && !room.timeline.is_loaded
            && !room.timeline.failed
        {
            self.fetch(step, room_id, Fetch::Newest);
        }
        // What was jumped to before the connection was there, or has to be read again.
        if let Some(room_id) = step.state.open_room {
            self.load_jump(step, room_id);
        }
    }

    /// What could not be read before may be read now.
    pub(super) fn forgive_failures(step: &mut Step<'_>) {
        for room in step.state.rooms.values_mut() {
            room.timeline.failed = false;
            if let Some(detached) = &mut room.detached {
                detached.failed = false;
            }
        }
    }

    pub(super) fn load_older(&mut self, step: &mut Step<'_>, room_id: RoomId) {
        let Some(room) = step.state.rooms.get_mut(&room_id) else { return };
        let is_around = room.detached.is_some() && room.view == View::Around;
        let run = room.run_mut();
        let Some(first) = run.first().filter(|_| run.is_loaded) else {
            self.open_room(step, room_id);
            return;
        };
        if run.has_older && !run.is_loading_older {
            run.is_loading_older = true;
            run.failed = false;
            self.fetch(step, room_id, if is_around { Fetch::Above(first) } else { Fetch::Before(first) });
        }
    }

    /// Only the run around a message has something below that is not here.
    pub(super) fn load_newer(&mut self, step: &mut Step<'_>, room_id: RoomId) {
        let Some(run) = step.state.rooms.get_mut(&room_id).and_then(|room| room.detached.as_mut()) else { return };
        if run.has_newer && !run.is_loading_newer {
            run.is_loading_newer = true;
            run.failed = false;
            let last = run.last();
            self.fetch(step, room_id, Fetch::Below(last));
        }
    }

    /// Fetches what a jump waits for.
    pub(super) fn load_jump(&mut self, step: &mut Step<'_>, room_id: RoomId) {
        let jump = step.state.rooms.get(&room_id).and_then(|room| room.jump.as_ref());
        if let Some(seq) = jump.filter(|jump| jump.error.is_none()).map(|jump| jump.seq) {
            self.fetch(step, room_id, Fetch::Around(seq));
        }
    }

    pub(super) fn fetch(&mut self, step: &mut Step<'_>, room_id: RoomId, fetch: Fetch) {
        if self.fetching.insert((room_id, slot(fetch))) {
            step.effects.push(Effect::Fetch { room_id, fetch });
        }
    }

    pub(super) fn fill_gaps(&mut self, step: &mut Step<'_>) {
        for (room_id, after) in step.state.gaps() {
            // What was asked without success is asked again after a while only.
            let again =
                self.asked.get(&room_id).is_none_or(|(asked, at)| *asked < after || at.plus_ms(5_000) <= step.now);
            if again && !self.fetching.contains(&(room_id, slot(Fetch::Newest))) {
                self.asked.insert(room_id, (after, step.now));
                self.fetch(step, room_id, Fetch::After(after));
            }
        }
    }

    /// The list of rooms brings what it shows where all that is here was deleted for me.
    pub(super) fn fill_blanks(&mut self, step: &mut Step<'_>) {
        if !self.is_live() {
            return;
        }
        let mut is_new = false;
        for (room_id, wanted) in step.state.blanks() {
            let again = self
                .asked_shown
                .get(&room_id)
                .is_none_or(|(asked, at)| *asked != wanted || at.plus_ms(30_000) <= step.now);
            if again {
                self.asked_shown.insert(room_id, (wanted, step.now));
                is_new = true;
            }
        }
        if is_new {
            self.reload(step);
        }
    }

    pub(super) fn fetched(&mut self, step: &mut Step<'_>, room_id: RoomId, fetch: Fetch, result: Result<Page, Error>) {
        self.fetching.remove(&(room_id, slot(fetch)));
        match (result, fetch) {
            (Ok(page), Fetch::Newest) => {
                let folded = step.state.put_page(page);
                self.folded(step, folded);
            }
            (Ok(page), Fetch::Before(_)) => {
                let folded = step.state.put_older(page);
                self.folded(step, folded);
            }
            (Ok(page), Fetch::After(_)) => {
                let folded = step.state.put_newer(page);
                self.folded(step, folded);
                self.note_deliveries(step);
            }
            (Ok(page), Fetch::Around(seq)) => {
                let folded = step.state.put_around(seq, page);
                self.folded(step, folded);
            }
            (Ok(page), Fetch::Above(_) | Fetch::Below(_)) => {
                let folded = step.state.put_beside(page, matches!(fetch, Fetch::Below(_)));
                self.folded(step, folded);
            }
            (Err(error), fetch) => {
                if error == Error::Unauthenticated {
                    self.refresh(step);
                }
                if let Fetch::Around(seq) = fetch {
                    step.state.fail_jump(room_id, seq, error);
                } else if let Fetch::Above(_) | Fetch::Below(_) = fetch {
                    if let Some(run) = step.state.rooms.get_mut(&room_id).and_then(|room| room.detached.as_mut()) {
                        run.is_loading_older = false;
                        run.is_loading_newer = false;
                        run.failed = true;
                    }
                } else if let Some(room) = step.state.rooms.get_mut(&room_id) {
                    room.timeline.is_loading_older = false;
                    room.timeline.failed |= !matches!(fetch, Fetch::After(_));
                }
            }
        }
    }

    pub(super) fn reload(&mut self, step: &mut Step<'_>) {
        self.reload_again |= self.is_reloading;
        if !self.is_reloading && self.phase != Phase::Stopped {
            self.is_reloading = true;
            step.effects.push(Effect::Reload);
        }
    }

    pub(super) fn reloaded(&mut self, step: &mut Step<'_>, result: Result<Box<Start>, Error>) {
        self.is_reloading = false;
        match result.map(|start| *start) {
            Ok(Start::SignedIn(fresh)) if fresh.me.person.id == step.state.me.person.id => {
                step.state.me = fresh.me;
                step.state.requests = fresh.requests.into_iter().map(|request| (request.id, request)).collect();
                step.state.presence = fresh.presence.into_iter().collect();
                step.state.put_rooms(fresh.rooms);
                self.note_deliveries(step);
            }
            Ok(Start::SignedIn(_)) => {
                step.effects.push(Effect::LeaveSignedOut);
                self.stop(step, ConnectionState::LoggedOut);
            }
            Ok(Start::SignedOut(_)) | Err(Error::Unauthenticated) => self.refresh(step),
            Ok(Start::Shell) | Err(_) => {}
        }
        if std::mem::take(&mut self.reload_again) {
            self.reload(step);
        }
    }
}
