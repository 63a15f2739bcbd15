//! What was asked of the server and is not told back yet: laid over what the server said whenever it is read, so that a
//! refusal leaves nothing behind.
//!
//! ```text
//! held (may be undone) ──time, page left──▶ queued ──▶ sent ──done──▶ done ──the change is seen──▶ gone
//!                                              ▲          ├─no answer, lost connection, "later"──▶ queued
//!                                              └──────────┘        refused for good ──▶ gone, with a notice
//! ```

use crate::error::{Error, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::live::Command;
use crate::model::{AnswerAct, Body, Deleted, Extra, GameAct, Message, Pin, PrefsChange, RoomPrefs, Seq, limits};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// Changes that may wait on one device.
pub const CAPACITY: usize = 200;
/// A change without an answer for this long goes again.
const ANSWER_MS: i64 = 10_000;
/// A change that was carried out and is not seen after this long was overtaken by another one.
const SEEN_MS: i64 = 5_000;
/// "Later" this often, and it counts as refused.
pub const ATTEMPTS_MAX: u32 = 5;
/// Changes that leave at once; the server takes 30 frames in a second, and most of them are for sends.
const AT_ONCE: usize = 10;

pub type ChangeId = u64;

/// Names one action that can be undone, however many changes it made.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct UndoToken(u64);

/// A change of one room. All of them may be asked twice.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    Edit {
        message_id: MessageId,
        body: Body,
    },
    /// For everyone.
    Delete {
        message_ids: Vec<MessageId>,
    },
    React {
        message_id: MessageId,
        emoji: String,
        on: bool,
    },
    Pin {
        message_id: MessageId,
        seq: Seq,
        on: bool,
    },
    RemovePreview {
        message_id: MessageId,
    },
    /// Something in a game. Twice it is the same; of several each counts.
    Play {
        message_id: MessageId,
        act: GameAct,
    },
    /// Stops an answer, or has it written anew.
    Answer {
        message_id: MessageId,
        act: AnswerAct,
    },
    Prefs(PrefsChange),
    /// Read up to here, as soon as it can't be undone any more. It leaves as a mark, which is never refused.
    Read {
        upto: Seq,
    },
}

impl Change {
    pub fn command(&self, room_id: RoomId) -> Command {
        match self.clone() {
            Self::Edit { message_id, body } => Command::Edit { room_id, message_id, body: body.as_str().to_owned() },
            Self::Delete { message_ids } => Command::Delete { room_id, message_ids },
            Self::React { message_id, emoji, on } => Command::React { room_id, message_id, emoji, on },
            Self::Pin { message_id, on, .. } => Command::Pin { room_id, message_id, on },
            Self::RemovePreview { message_id } => Command::RemovePreview { room_id, message_id },
            Self::Play { message_id, act } => Command::Play { room_id, message_id, act },
            Self::Answer { message_id, act } => Command::Answer { room_id, message_id, act },
            Self::Prefs(change) => Command::Prefs { room_id, change },
            Self::Read { upto } => Command::Mark { room_id, delivered: Some(upto), read: Some(upto) },
        }
    }

    /// Whether it is about this message.
    pub fn is_of(&self, id: MessageId) -> bool {
        match self {
            Self::Edit { message_id, .. }
            | Self::React { message_id, .. }
            | Self::Pin { message_id, .. }
            | Self::Play { message_id, .. }
            | Self::Answer { message_id, .. }
            | Self::RemovePreview { message_id } => *message_id == id,
            Self::Delete { message_ids } => message_ids.contains(&id),
            Self::Prefs(_) | Self::Read { .. } => false,
        }
    }

    /// Whether it changes what counts as unread.
    pub fn moves_unread(&self) -> bool {
        match self {
            Self::Delete { .. } | Self::Read { .. } => true,
            Self::Prefs(change) => matches!(
                change,
                PrefsChange::UnreadFrom { .. } | PrefsChange::Hidden { .. } | PrefsChange::Cleared { .. }
            ),
            Self::Edit { .. }
            | Self::React { .. }
            | Self::Pin { .. }
            | Self::Play { .. }
            | Self::Answer { .. }
            | Self::RemovePreview { .. } => false,
        }
    }

    /// Whether the later one of both is all that needs to be said.
    fn is_replaced_by(&self, later: &Self) -> bool {
        match (self, later) {
            (Self::Edit { message_id, .. }, Self::Edit { message_id: other, .. }) => message_id == other,
            (Self::React { message_id, emoji, .. }, Self::React { message_id: other, emoji: second, .. }) => {
                message_id == other && emoji == second
            }
            (Self::Pin { message_id, .. }, Self::Pin { message_id: other, .. }) => message_id == other,
            (Self::Prefs(PrefsChange::Hidden { .. }), _) => false,
            (Self::Prefs(one), Self::Prefs(other)) => std::mem::discriminant(one) == std::mem::discriminant(other),
            _ => false,
        }
    }

    /// Whether both touch the same thing, so that one can't be seen apart from the other.
    fn is_beside(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Prefs(one), Self::Prefs(other)) => std::mem::discriminant(one) == std::mem::discriminant(other),
            (Self::Delete { message_ids }, other) | (other, Self::Delete { message_ids }) => {
                message_ids.iter().any(|id| other.is_of(*id))
            }
            (
                Self::Edit { message_id, .. }
                | Self::React { message_id, .. }
                | Self::Pin { message_id, .. }
                | Self::Play { message_id, .. }
                | Self::Answer { message_id, .. }
                | Self::RemovePreview { message_id },
                other,
            ) => other.is_of(*message_id),
            _ => false,
        }
    }

    /// Carries it out on a message. Whether that changed anything.
    pub fn lay_over(&self, message: &mut Message, me: UserId, at: Timestamp) -> bool {
        if !self.is_of(message.id) || !message.is_countable() {
            return false;
        }
        match self {
            Self::Edit { body, .. } if *body != message.body => {
                message.body = body.clone();
                message.edited_at = Some(at);
                true
            }
            Self::Delete { .. } => {
                message.body = Body::stored(String::new());
                message.deleted = Some(Deleted { by: me, at });
                message.reactions.clear();
                message.preview = None;
                message.mentions = Default::default();
                message.extra = None;
                true
            }
            Self::React { emoji, on, .. } => message.react(me, emoji, *on),
            Self::RemovePreview { .. } => message.preview.take().is_some(),
            Self::Play { act, .. } => play(message, me, act),
            Self::Answer { act, .. } => answer(message, *act),
            Self::Edit { .. } | Self::Pin { .. } | Self::Prefs(_) | Self::Read { .. } => false,
        }
    }

    /// Carries it out on a room's pins. Whether that changed anything.
    pub fn lay_over_pins(&self, pins: &mut Vec<Pin>, me: UserId, at: Timestamp) -> bool {
        match self {
            Self::Pin { message_id, seq, on: true } => {
                let fits = pins.len() < limits::PINS_MAX && pins.iter().all(|pin| pin.message_id != *message_id);
                if fits {
                    pins.push(Pin { message_id: *message_id, seq: *seq, by: me, at });
                }
                fits
            }
            Self::Pin { on: false, .. } | Self::Delete { .. } => {
                let before = pins.len();
                pins.retain(|pin| !self.is_of(pin.message_id));
                pins.len() < before
            }
            _ => false,
        }
    }

    /// Carries it out on own settings and the mark of a clear. Whether that changed anything.
    pub fn lay_over_prefs(&self, prefs: &mut RoomPrefs, cleared_seq: &mut Seq, at: Timestamp) -> bool {
        match self {
            Self::Prefs(PrefsChange::Cleared { upto }) => std::mem::replace(cleared_seq, *upto) != *upto,
            Self::Prefs(change) => {
                let before = prefs.revision;
                prefs.apply(change, at);
                prefs.revision != before
            }
            Self::Read { upto } if prefs.unread_from.is_some_and(|from| from <= *upto) => {
                prefs.unread_from = None;
                true
            }
            _ => false,
        }
    }
}

/// What is only the server's to know, such as how a coin falls, changes nothing here.
fn play(message: &mut Message, me: UserId, act: &GameAct) -> bool {
    let Some(Extra::TicTacToe(game)) = &mut message.extra else { return false };
    // Whether it is too late is the server's to say: this device's clock may be another.
    let deadline = game.deadline;
    let is_changed = game.play(me, act, deadline.plus_ms(-1)) == Ok(true);
    game.deadline = deadline;
    is_changed
}

/// What it is going to say is the server's.
fn answer(message: &mut Message, act: AnswerAct) -> bool {
    let Some(Extra::Answer(answer)) = &mut message.extra else { return false };
    let Some(next) = answer.after(act, None) else { return false };
    *answer = next;
    if act == AnswerAct::Again {
        message.body = Body::stored(String::new());
    }
    true
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Stage {
    /// It may be undone until this moment.
    Held {
        until: Timestamp,
    },
    /// It waits for the connection, for those before it, or for this moment.
    Queued {
        not_before: Option<Timestamp>,
    },
    Sent {
        since: Timestamp,
    },
    /// The server did it; the change itself is still on its way here.
    Done {
        at: Timestamp,
    },
}

/// A change and how far it has come.
#[derive(Clone, PartialEq, Debug)]
pub struct Pending {
    pub id: ChangeId,
    pub room_id: RoomId,
    pub change: Change,
    pub stage: Stage,
    /// By this device's clock.
    pub at: Timestamp,
    group: Option<UndoToken>,
    /// The server may have it.
    has_left: bool,
    attempts: u32,
    /// What the server said since it was sent shows it.
    is_seen: bool,
}

/// What takes an action back once it has left: nothing for some.
#[derive(Clone, PartialEq, Debug)]
struct Undoable {
    token: UndoToken,
    changes: usize,
    reverse: Vec<(RoomId, Change)>,
}

/// In the order of asking.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Overlay {
    pub pending: Vec<Pending>,
    undoable: Vec<Undoable>,
    last_id: u64,
}

impl Overlay {
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Adds a change that leaves as soon as it can. One of the same kind that has not left yet gives way to it.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: too many wait already.
    pub fn add(&mut self, room_id: RoomId, change: Change, now: Timestamp) -> Result<()> {
        let waits =
            |pending: &&mut Pending| matches!(pending.stage, Stage::Queued { .. }) && pending.room_id == room_id;
        let replaced = self
            .pending
            .iter_mut()
            .rev()
            .filter(waits)
            .find(|pending| pending.change.is_beside(&change))
            .filter(|pending| pending.change.is_replaced_by(&change));
        if let Some(pending) = replaced {
            (pending.change, pending.at) = (change, now);
            return Ok(());
        }
        self.push(room_id, change, Stage::Queued { not_before: None }, now, None)
    }

    /// Adds changes that leave at `until`, unless they are undone before. `reverse` takes them back after that.
    ///
    /// # Errors
    /// As [`Self::add`]; then none of them was added.
    pub fn hold(
        &mut self,
        changes: Vec<(RoomId, Change)>,
        reverse: Vec<(RoomId, Change)>,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<UndoToken> {
        if self.pending.len() + changes.len() > CAPACITY {
            return Err(FULL);
        }
        let (token, count) = (UndoToken(self.id()), changes.len());
        for (room_id, change) in changes {
            self.push(room_id, change, Stage::Held { until }, now, Some(token))?;
        }
        self.undoable.push(Undoable { token, changes: count, reverse });
        if self.undoable.len() > 20 {
            self.undoable.remove(0);
        }
        Ok(token)
    }

    fn push(
        &mut self,
        room_id: RoomId,
        change: Change,
        stage: Stage,
        at: Timestamp,
        group: Option<UndoToken>,
    ) -> Result<()> {
        if self.pending.len() >= CAPACITY {
            return Err(FULL);
        }
        let id = self.id();
        self.pending.push(Pending {
            id,
            room_id,
            change,
            stage,
            at,
            group,
            has_left: false,
            attempts: 0,
            is_seen: false,
        });
        Ok(())
    }

    /// Takes an action back: what has not left goes, what has is answered with its reverse. The reverse changes that are to
    /// be added; `None` when it can't be undone any more.
    pub fn undo(&mut self, token: UndoToken) -> Option<Vec<(RoomId, Change)>> {
        let at = self.undoable.iter().position(|undoable| undoable.token == token)?;
        let undoable = self.undoable.remove(at);
        let before = self.pending.len();
        self.pending.retain(|pending| pending.group != Some(token) || pending.has_left);
        match before - self.pending.len() {
            // Messages may have been read by being looked at meanwhile: what marks them unread is given back.
            count if count == undoable.changes => {
                let is_mark = |change: &Change| matches!(change, Change::Prefs(PrefsChange::UnreadFrom { .. }));
                Some(undoable.reverse.into_iter().filter(|(_, change)| is_mark(change)).collect())
            }
            count => (count > 0 || !undoable.reverse.is_empty()).then_some(undoable.reverse),
        }
    }

    /// What can't be undone any more: all that is held with `all`, or what is due. Read marks are given back: they leave
    /// another way.
    pub fn release(&mut self, now: Timestamp, all: bool) -> Vec<(RoomId, Seq)> {
        let mut marks = Vec::new();
        self.pending.retain_mut(|pending| {
            let Stage::Held { until } = pending.stage else { return true };
            if !all && until > now {
                return true;
            }
            pending.stage = Stage::Queued { not_before: None };
            if let Change::Read { upto } = pending.change {
                marks.push((pending.room_id, upto));
                return false;
            }
            true
        });
        marks
    }

    /// Rooms with something on the wire.
    fn busy(&self, now: Timestamp) -> BTreeSet<RoomId> {
        let waits =
            |pending: &&Pending| matches!(pending.stage, Stage::Sent { since } if since.plus_ms(ANSWER_MS) > now);
        self.pending.iter().filter(waits).map(|pending| pending.room_id).collect()
    }

    /// Takes what may leave now: per room one at a time, in order.
    pub fn take_ready(&mut self, now: Timestamp) -> Vec<(ChangeId, Command)> {
        if self.pending.is_empty() {
            return Vec::new();
        }
        let mut busy = self.busy(now);
        let mut ready = Vec::new();
        for pending in &mut self.pending {
            let may_leave = match pending.stage {
                Stage::Held { .. } | Stage::Done { .. } => continue,
                Stage::Queued { not_before } => not_before.is_none_or(|at| at <= now),
                Stage::Sent { .. } => true,
            };
            if busy.insert(pending.room_id) && may_leave && ready.len() < AT_ONCE {
                pending.stage = Stage::Sent { since: now };
                pending.has_left = true;
                ready.push((pending.id, pending.change.command(pending.room_id)));
            }
        }
        ready
    }

    /// When something is due, if nothing else happens. `is_live`: whether anything may leave.
    pub fn next_wake(&self, is_live: bool) -> Option<Timestamp> {
        let mut busy = BTreeSet::new();
        let on_the_wire = |pending: &&Pending| matches!(pending.stage, Stage::Sent { .. });
        busy.extend(self.pending.iter().filter(on_the_wire).map(|pending| pending.room_id));
        self.pending
            .iter()
            .filter_map(|pending| match pending.stage {
                Stage::Held { until } => Some(until),
                Stage::Done { at } => Some(at.plus_ms(SEEN_MS)),
                Stage::Sent { since } => Some(since.plus_ms(ANSWER_MS)).filter(|_| is_live),
                Stage::Queued { not_before } => {
                    (is_live && busy.insert(pending.room_id)).then(|| not_before.unwrap_or_default())
                }
            })
            .min()
    }

    /// The server did it.
    pub fn done(&mut self, id: ChangeId, now: Timestamp) {
        if let Some(pending) = self.pending.iter_mut().find(|pending| pending.id == id) {
            pending.stage = Stage::Done { at: now };
        }
    }

    /// The server said "never": it is taken out.
    pub fn refuse(&mut self, id: ChangeId) -> Option<Pending> {
        let at = self.pending.iter().position(|pending| pending.id == id)?;
        Some(self.pending.remove(at))
    }

    /// The server said "later". How often it has; `None` when it is not there any more.
    pub fn postpone(&mut self, id: ChangeId, until: Timestamp) -> Option<u32> {
        let pending = self.pending.iter_mut().find(|pending| pending.id == id)?;
        pending.stage = Stage::Queued { not_before: Some(until) };
        pending.attempts += 1;
        Some(pending.attempts)
    }

    /// The connection is gone: what was on the wire goes again.
    pub fn disconnected(&mut self) {
        for pending in &mut self.pending {
            if let Stage::Sent { .. } | Stage::Queued { .. } = pending.stage {
                pending.stage = Stage::Queued { not_before: None };
            }
        }
    }

    /// Everything the server did is known now.
    pub fn synced(&mut self) {
        self.pending.retain(|pending| !matches!(pending.stage, Stage::Done { .. }));
    }

    /// A room is gone, and with it what was asked of it.
    pub fn forget(&mut self, room_id: RoomId) {
        self.pending.retain(|pending| pending.room_id != room_id);
    }

    /// Looks at what the server has said by now. `shows` answers whether a change is in it; `None`: what it changes is not
    /// held here, so nobody sees the difference. What was done and is there goes.
    pub fn settle(&mut self, now: Timestamp, shows: impl Fn(&Pending) -> Option<bool>) {
        let mut left: Vec<Pending> = Vec::with_capacity(self.pending.len());
        for mut pending in std::mem::take(&mut self.pending) {
            if matches!(pending.stage, Stage::Sent { .. } | Stage::Done { .. }) {
                // What an earlier one still hides can't be seen.
                let is_hidden = left
                    .iter()
                    .any(|earlier| earlier.room_id == pending.room_id && earlier.change.is_beside(&pending.change));
                let is_there = if is_hidden { Some(false) } else { shows(&pending) };
                pending.is_seen |= is_there == Some(true);
                if let Stage::Done { at } = pending.stage
                    && (pending.is_seen || is_there.is_none() || at.plus_ms(SEEN_MS) <= now)
                {
                    continue;
                }
            }
            left.push(pending);
        }
        self.pending = left;
    }

    /// An event tells of a message, perhaps one that is older than what is held: whether it shows a change that was sent.
    pub fn note(&mut self, message: &Message, me: UserId) {
        let mut is_first = true;
        for pending in self.pending.iter_mut().filter(|pending| pending.change.is_of(message.id)) {
            if is_first && matches!(pending.stage, Stage::Sent { .. } | Stage::Done { .. }) {
                let is_whole = !matches!(&pending.change, Change::Delete { message_ids } if message_ids.len() > 1);
                let is_pin = matches!(pending.change, Change::Pin { .. });
                pending.is_seen |=
                    is_whole && !is_pin && !pending.change.lay_over(&mut message.clone(), me, pending.at);
            }
            is_first = false;
        }
    }

    /// Changes of a room, in order.
    pub fn of_room(&self, room_id: RoomId) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(move |pending| pending.room_id == room_id)
    }
}

const FULL: Error = Error::Unavailable { retry_after_ms: 5_000 };
