//! What a row of the list says. Pure.

use crate::client::state::{State, Tally};
use crate::id::RoomId;
use crate::model::{Message, Person, Picture, Presence, Tick, markup, tick};
use crate::time::Timestamp;
use crate::ui::kit::avatar::Tint;
use crate::ui::room::Status;
use crate::ui::room::attachments::glyph;
use crate::ui::{system_line, words};

/// Characters of a preview; the row cuts it where it ends.
const PREVIEW_CHARS: usize = 90;
/// Faces of a group.
const FACES: usize = 3;

/// What the second line begins with.
#[derive(Clone, PartialEq, Debug)]
pub enum Lead {
    Nothing,
    Draft,
    NotSent,
    /// In groups.
    Author(String),
}

/// All that a row shows.
#[derive(Clone, PartialEq, Debug)]
pub struct View {
    pub title: String,
    /// Of a direct room.
    pub peer: Option<Person>,
    /// Of a group: up to three others.
    pub faces: Vec<Person>,
    /// Of a group.
    pub picture: Option<Picture>,
    pub tint: Tint,
    pub is_online: bool,
    /// Who types, in words.
    pub typing: Option<String>,
    /// Of an own text.
    pub tick: Option<Tick>,
    pub lead: Lead,
    /// What stands before the preview when files are in it.
    pub glyph: Option<&'static str>,
    pub preview: String,
    pub at: Option<Timestamp>,
    pub tally: Tally,
    pub is_muted: bool,
    pub is_pinned: bool,
}

impl View {
    /// `None`: there is no such room here.
    pub fn of(state: &State, room_id: RoomId, is_current: bool, now: Timestamp) -> Option<Self> {
        let room = state.rooms.get(&room_id)?;
        let me = state.me.person.id;
        let peer = room.summary.peer(me).cloned();
        let prefs = state.prefs(room_id);
        let faces = match peer {
            Some(_) => Vec::new(),
            None => room.summary.people.iter().filter(|person| person.id != me).take(FACES).cloned().collect(),
        };
        let tint = peer.as_ref().map_or_else(|| Tint::of_group(&room.summary.room), Tint::of);
        let typing = match Status::of(state, room_id) {
            Status::Typing(who) => Some(who.unwrap_or_else(|| "typing".to_owned())),
            Status::Online | Status::LastSeen(_) | Status::Unknown => None,
        };
        let mut view = Self {
            title: room.summary.title(me),
            is_online: peer.as_ref().is_some_and(|peer| state.presence_of(peer.id) == Some(Presence::Online)),
            peer,
            faces,
            picture: room.summary.room.picture.clone(),
            tint,
            typing,
            tick: None,
            lead: Lead::Nothing,
            glyph: None,
            preview: String::new(),
            at: None,
            tally: state.tally(room_id),
            is_muted: prefs.is_muted(now),
            is_pinned: prefs.pinned_at.is_some(),
        };
        let waiting = state.outbox.of_room(room_id).last();
        let failed = state.outbox.of_room(room_id).find(|entry| entry.error.is_some());
        let newest = state.newest(room_id);
        let draft = state.drafts.get(&room_id).filter(|draft| !is_current && !draft.text.trim().is_empty());
        if let Some(entry) = failed {
            view.wait(state, Lead::NotSent, &entry.message(me));
        } else if let Some(draft) = draft {
            view.say(Lead::Draft, &draft.text, newest.map(|message| message.created_at));
        } else if let Some(entry) = waiting {
            view.tick = Some(if entry.in_flight.is_some() { Tick::Sending } else { Tick::Queued });
            view.wait(state, Lead::Nothing, &entry.message(me));
        } else if let Some(message) = newest {
            view.tell(state, &message, room.summary.peer(me).is_none());
            if message.author_id == me && message.is_countable() {
                view.tick = Some(tick::of_stored(message.seq, me, &room.summary.members));
            }
        }
        Some(view)
    }

    /// An own message that is not sent yet.
    fn wait(&mut self, state: &State, lead: Lead, message: &Message) {
        self.lead = lead;
        self.preview = words::said(state, message, PREVIEW_CHARS);
        self.glyph = message.attachments.first().map(|file| glyph(file.kind));
        self.at = Some(message.created_at);
    }

    fn say(&mut self, lead: Lead, text: &str, at: Option<Timestamp>) {
        self.lead = lead;
        self.preview = markup::excerpt(text, PREVIEW_CHARS);
        self.at = at;
    }

    fn tell(&mut self, state: &State, message: &Message, is_group: bool) {
        let me = state.me.person.id;
        self.at = Some(message.created_at);
        if let Some(line) = &message.system {
            self.preview = system_line::sentence(state, line, message.author_id).unwrap_or_default();
            return;
        }
        if is_group && message.author_id != me && state.is_blocked(message.author_id) {
            "Message from someone you blocked".clone_into(&mut self.preview);
            return;
        }
        if is_group {
            let name = state.person(message.author_id).map(|person| words::first_name(&person.display_name));
            let name = if message.author_id == me { Some("You") } else { name };
            self.lead = name.map_or(Lead::Nothing, |name| Lead::Author(name.to_owned()));
        }
        if message.deleted.is_some() {
            "Message deleted".clone_into(&mut self.preview);
        } else {
            self.preview = words::said(state, message, PREVIEW_CHARS);
            self.glyph = message.attachments.first().map(|file| glyph(file.kind));
        }
    }

    /// What follows the name for those who can't see the marks; starts with a comma unless it is empty.
    pub fn spoken(&self) -> String {
        let mut words = Vec::new();
        if self.is_pinned {
            words.push(", pinned");
        }
        if self.is_muted {
            words.push(", muted");
        }
        words.concat()
    }
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
