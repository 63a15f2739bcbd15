//! When answers are suggested (`client/chips`), and to what.

use super::State;
use crate::client::chips::{Kind, LONGEST, LOOK_BACK, Packs, seed};
use crate::id::{MessageId, RoomId};
use crate::model::{AttachmentKind, Extra, Message};
use crate::time::Timestamp;

/// What was said longer ago waits for a real answer.
const FRESH_MS: i64 = 10 * 60_000;

/// A message that can be answered with a press.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    message_id: MessageId,
    /// It may be changed by its author.
    text: String,
    kind: Kind,
    at: Timestamp,
}

impl Asked {
    /// When it was said.
    pub fn at(&self) -> Timestamp {
        self.at
    }
}

fn kind(message: &Message) -> Option<Kind> {
    let is_seen = |kind| matches!(kind, AttachmentKind::Image | AttachmentKind::Animation | AttachmentKind::Video);
    match &message.extra {
        Some(Extra::Gif(_)) => Some(Kind::Gif),
        Some(_) => None,
        None if !message.body.as_str().is_empty() => Some(Kind::Text),
        // What is spoken or has to be read is not known here.
        None => {
            let files = &message.attachments;
            (!files.is_empty() && files.iter().all(|file| is_seen(file.kind))).then_some(Kind::Media)
        }
    }
}

impl State {
    /// The newest message of a room, if somebody else wrote it just now and nothing is being written.
    pub fn asked(&self, room_id: RoomId, now: Timestamp) -> Option<Asked> {
        let room = self.rooms.get(&room_id).filter(|room| self.is_restored && room.summary.can_send)?;
        let is_busy = room.is_away() || room.editing.is_some() || !room.selected.is_empty() || room.timeline.has_gap();
        let is_begun = self.drafts.contains_key(&room_id) || !self.tray(room_id).is_empty();
        if is_busy || is_begun || !room.timeline.is_loaded || self.outbox.of_room(room_id).next().is_some() {
            return None;
        }
        let message = room.timeline.messages.last()?;
        let is_answerable = message.author_id != self.me.person.id
            && message.is_countable()
            && !self.is_blocked(message.author_id)
            && message.seq > self.floor(room_id)
            && !self.prefs(room_id).hides(message.seq)
            && now.0.saturating_sub(message.created_at.0) < FRESH_MS;
        let text = message.body.as_str();
        if !is_answerable || text.chars().count() > LONGEST {
            return None;
        }
        Some(Asked { message_id: message.id, text: text.to_owned(), kind: kind(message)?, at: message.created_at })
    }

    /// A few short answers to what was [`Self::asked`] in a room.
    pub fn suggestions(&self, room_id: RoomId, asked: &Asked, packs: &Packs) -> Vec<String> {
        let Some(shown) = self.shown(room_id) else { return Vec::new() };
        let prefs = self.prefs(room_id);
        let read = shown.messages.iter().rev().filter(|message| message.is_countable() && !prefs.hides(message.seq));
        let mut recent: Vec<&str> = read.take(LOOK_BACK).map(|message| message.body.as_str()).collect();
        recent.reverse();
        let seed = seed(&[asked.message_id.0.as_bytes(), self.me.person.id.0.as_bytes()]);
        packs.suggest(&recent, asked.kind, seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::outbox::Entry;
    use crate::client::state::tests::world::{NOW, World};
    use crate::id::TxnId;
    use crate::model::{Body, SystemLine};

    /// A room where the other one has just asked something.
    fn asked() -> (World, State, Timestamp) {
        let mut world = World::new(2);
        world.send(1, TxnId::new(), "Are you coming?");
        let mut state = world.state();
        state.is_restored = true;
        let at = world.message(1).expect("sent").created_at;
        (world, state, at)
    }

    #[test]
    fn a_fresh_question_of_somebody_else_is_answered() {
        let (world, state, at) = asked();
        let found = state.asked(world.room.id, at).expect("asked");
        let packs = Packs::parse(include_str!("../../../assets/replies.txt")).expect("the file");
        let answers = state.suggestions(world.room.id, &found, &packs);
        assert_eq!(answers.len(), crate::client::chips::MOST);
        assert_eq!(state.suggestions(world.room.id, &found, &packs), answers, "the same after a reload");
    }

    #[test]
    fn not_what_is_old_or_what_i_said_myself_or_the_room_says() {
        let (mut world, state, at) = asked();
        assert!(state.asked(world.room.id, at.plus_ms(FRESH_MS - 1)).is_some());
        assert_eq!(state.asked(world.room.id, at.plus_ms(FRESH_MS)), None);
        let mut state = state;
        let mine = world.send(0, TxnId::new(), "Are you?");
        state.apply(mine, NOW);
        assert_eq!(state.asked(world.room.id, at), None);
        let again = world.send(1, TxnId::new(), "Are you?");
        state.apply(again, NOW);
        assert!(state.asked(world.room.id, at).is_some());
        let line = world.system(1, SystemLine::Described);
        state.apply(line, NOW);
        assert_eq!(state.asked(world.room.id, at), None);
    }

    #[test]
    fn not_while_something_is_written_sent_changed_or_chosen() {
        let (world, state, at) = asked();
        let room_id = world.room.id;
        let with = |change: &dyn Fn(&mut State)| {
            let mut state = state.clone();
            change(&mut state);
            state.asked(room_id, at)
        };
        assert!(with(&|_| {}).is_some());
        assert_eq!(with(&|state| assert!(state.write_draft(room_id, "I"))), None);
        assert_eq!(with(&|state| state.set_reply(room_id, Some(world.id(1)))), None);
        let entry = Entry::new(TxnId::new(), room_id, Body::parse("hi").expect("valid"), NOW);
        assert_eq!(with(&|state| state.outbox.push(entry.clone())), None);
        let room = |state: &mut State, change: &dyn Fn(&mut crate::client::state::RoomState)| {
            change(state.rooms.get_mut(&room_id).expect("there"));
        };
        assert_eq!(with(&|state| room(state, &|room| assert!(room.selected.insert(1)))), None);
        assert_eq!(with(&|state| room(state, &|room| room.summary.can_send = false)), None);
        assert_eq!(with(&|state| state.is_restored = false), None, "a draft may still come");
    }

    #[test]
    fn not_what_was_deleted_or_hidden() {
        let (mut world, mut state, at) = asked();
        let room_id = world.room.id;
        let mut hidden = state.clone();
        hidden.rooms.get_mut(&room_id).expect("there").summary.mine.hidden = vec![1];
        assert_eq!(hidden.asked(room_id, at), None);
        for event in world.delete(1, 1) {
            state.apply(event, NOW);
        }
        assert_eq!(state.asked(room_id, at), None);
    }
}
