//! What the assistant keeps of a room: notes that members asked it to keep, and a summary of what was said before.
//!
//! One per room, and only that room's: nothing of it is read anywhere else. Every member sees all of it.

use crate::error::{Error, Problem, Result};
use crate::id::{MessageId, NoteId, RoomId, UserId};
use crate::model::{Message, Person, Seq, limits};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Memory {
    pub room_id: RoomId,
    /// Rises by one with every change; 0: nothing was ever kept.
    pub revision: u64,
    /// Off: nothing new is kept, and nothing of it is read for an answer. What is there stays.
    pub is_on: bool,
    /// Oldest first, at most [`limits::NOTES_MAX`].
    #[serde(default)]
    pub notes: Vec<Note>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// Those whose messages in this room the assistant does not read. They stay in it when they leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hiders: Vec<UserId>,
    /// The assistant does not answer in this room, whoever asks it. Games that have begun go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_silent: bool,
    /// The assistant does not react to messages in this room.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_still: bool,
}

/// Something that a member wanted to be kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Note {
    pub id: NoteId,
    /// One line of 1 to [`limits::NOTE_MAX_CHARS`] characters, in the words of a member.
    pub text: String,
    pub by: UserId,
    pub at: Timestamp,
    /// The message that asked for it; `None` for what was written into the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Read before others where there is not room for all.
    #[serde(default)]
    pub is_pinned: bool,
}

/// Where a note comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    pub message_id: MessageId,
    pub seq: Seq,
}

/// What was said in a part of the room that is too long ago to be read whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Summary {
    pub text: String,
    /// The first and the last message that it covers. Who may not read the first one may not read it.
    pub from: Seq,
    pub upto: Seq,
    pub at: Timestamp,
    /// The model that wrote it; `None`: put together by rules, out of the members' own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

/// What members do to a memory.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum MemoryAct {
    Add {
        text: String,
    },
    /// Of one's own notes, or by those who lead the room.
    Edit {
        note: NoteId,
        text: String,
    },
    Pin {
        note: NoteId,
        on: bool,
    },
    /// Of one's own notes and those that name oneself, or by those who lead the room.
    Forget {
        note: NoteId,
    },
    /// All notes and the summary. By those who lead the room.
    ForgetAll,
    /// By those who lead the room.
    Switch {
        on: bool,
    },
    /// Whether the assistant answers in this room. By those who lead the room.
    Answers {
        on: bool,
    },
    /// Whether the assistant reacts to messages in this room. By those who lead the room.
    Reactions {
        on: bool,
    },
    /// Whether the assistant may read what the caller writes in this room.
    Hide {
        on: bool,
    },
}

/// Who acts.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    pub person: &'a Person,
    /// The owner and the admins of a group; among two, each.
    pub leads: bool,
}

/// A language model.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reader {
    pub model: String,
    /// Where it is, if not on the server's own machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// A memory, and who is named in it that is in no list of the reader's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MemoryView {
    pub memory: Memory,
    /// Who reads along, beside the rules; `None`: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<Reader>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
}

/// What a model was shown for an answer: only what it was, not what it said. So what is deleted since is gone here, too.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Seen {
    pub at: Timestamp,
    pub model: String,
    /// Where it is, if not on the server's own machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Those whose text was in it, in its order.
    pub messages: Vec<MessageId>,
    /// Of how many it was only said that there is one, because they are hidden from the assistant.
    #[serde(default)]
    pub hidden: u32,
    #[serde(default)]
    pub notes: Vec<NoteId>,
    /// When the summary in it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Timestamp>,
}

/// [`Seen`], with what of it the reader may see now.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenView {
    pub seen: Seen,
    /// Those of its messages that are still there and the reader's to see, in its order.
    pub messages: Vec<Message>,
    /// Those of its notes that are still kept.
    pub notes: Vec<Note>,
    /// Its summary, if it is still kept and the reader's to see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Person>,
}

/// A note in the conversation: that it is kept from now on. The text goes when the note does.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NoteCard {
    pub note: NoteId,
    pub by: UserId,
    /// `None`: it is not kept any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Memory {
    /// Of a room of which nothing was ever kept.
    pub fn new(room_id: RoomId) -> Self {
        Self {
            room_id,
            revision: 0,
            is_on: true,
            notes: Vec::new(),
            summary: None,
            hiders: Vec::new(),
            is_silent: false,
            keeps_still: false,
        }
    }

    pub fn note(&self, id: NoteId) -> Option<&Note> {
        self.notes.iter().find(|note| note.id == id)
    }

    /// Whether the assistant may read what somebody writes in this room.
    pub fn hides(&self, user_id: UserId) -> bool {
        self.hiders.contains(&user_id)
    }

    /// Adds a note of this text.
    ///
    /// # Errors
    /// [`Error::Conflict`] while it is off; [`Error::Invalid`] of `notes` when there are [`limits::NOTES_MAX`].
    pub fn add(&mut self, note: Note) -> Result<()> {
        if !self.is_on {
            return Err(Error::Conflict);
        }
        if self.notes.len() >= limits::NOTES_MAX {
            return Err(Error::invalid("notes", Problem::OutOfRange));
        }
        self.notes.push(note);
        Ok(())
    }

    /// Carries an act out, but for its revision. Returns whether it changed anything. Texts are checked before.
    ///
    /// # Errors
    /// As [`Memory::add`]; [`Error::Forbidden`] for what is for others to do; [`Error::Invalid`] of `note` for one that is not
    /// there. To forget what is not there is none.
    pub fn apply(&mut self, act: &MemoryAct, actor: Actor<'_>, now: Timestamp) -> Result<bool> {
        let me = actor.person.id;
        let allowed = |is_allowed: bool| if is_allowed { Ok(()) } else { Err(Error::Forbidden) };
        let state = |own: &Self| {
            let switches = (own.is_on, own.is_silent, own.keeps_still);
            (own.notes.clone(), own.summary.is_some(), switches, own.hiders.len())
        };
        let before = state(self);
        match act {
            MemoryAct::Add { text } => {
                let (id, text) = (NoteId::new(), text.clone());
                self.add(Note { id, text, by: me, at: now, source: None, is_pinned: false })?;
            }
            MemoryAct::Edit { note, text } => {
                let found = self.found(*note)?;
                allowed(actor.leads || found.by == me)?;
                found.text.clone_from(text);
            }
            MemoryAct::Pin { note, on } => {
                let found = self.found(*note)?;
                allowed(actor.leads || found.by == me)?;
                found.is_pinned = *on;
            }
            MemoryAct::Forget { note } => {
                let may = self.note(*note).is_none_or(|note| note.may_be_forgotten_by(actor));
                allowed(may)?;
                self.notes.retain(|kept| kept.id != *note);
            }
            MemoryAct::ForgetAll => {
                allowed(actor.leads)?;
                self.notes.clear();
                self.summary = None;
            }
            MemoryAct::Switch { on } => {
                allowed(actor.leads)?;
                self.is_on = *on;
            }
            MemoryAct::Answers { on } => {
                allowed(actor.leads)?;
                self.is_silent = !on;
            }
            MemoryAct::Reactions { on } => {
                allowed(actor.leads)?;
                self.keeps_still = !on;
            }
            MemoryAct::Hide { on } => {
                self.hiders.retain(|hider| *hider != me);
                if *on {
                    self.hiders.push(me);
                    // It may say what they said.
                    self.summary = None;
                }
            }
        }
        Ok(before != state(self))
    }

    fn found(&mut self, id: NoteId) -> Result<&mut Note> {
        self.notes.iter_mut().find(|note| note.id == id).ok_or(Error::invalid("note", Problem::NoMatch))
    }

    /// These messages are not for the assistant any more: what was made of them goes. Returns the notes that went, and whether
    /// anything did.
    pub fn part_with(&mut self, messages: &[(MessageId, Seq)]) -> (Vec<Note>, bool) {
        let is_of = |note: &Note| {
            note.source.is_some_and(|source| messages.iter().any(|(message_id, _)| *message_id == source.message_id))
        };
        let (gone, kept) = std::mem::take(&mut self.notes).into_iter().partition(is_of);
        self.notes = kept;
        let seqs: Vec<Seq> = messages.iter().map(|(_, seq)| *seq).collect();
        let has_changed = self.outdate(&seqs) || !gone.is_empty();
        (gone, has_changed)
    }

    /// These messages say something else now: a summary that covers one of them goes. Returns whether it did.
    pub fn outdate(&mut self, seqs: &[Seq]) -> bool {
        let covers = |summary: &Summary| seqs.iter().any(|seq| (summary.from..=summary.upto).contains(seq));
        let is_stale = self.summary.as_ref().is_some_and(covers);
        if is_stale {
            self.summary = None;
        }
        is_stale
    }
}

impl Note {
    pub fn may_be_forgotten_by(&self, actor: Actor<'_>) -> bool {
        actor.leads || self.by == actor.person.id || self.names(actor.person)
    }

    /// Whether it is about somebody: it has their whole display name or their username in it.
    pub fn names(&self, person: &Person) -> bool {
        let text = self.text.to_lowercase();
        let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '_');
        [&person.display_name, &person.username].into_iter().filter(|name| !name.trim().is_empty()).any(|name| {
            let name = name.to_lowercase();
            text.match_indices(&name).any(|(at, found)| {
                is_edge(text[..at].chars().next_back()) && is_edge(text[at + found.len()..].chars().next())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str) -> Person {
        Person::new(UserId::new(), &name.to_lowercase(), name, Timestamp(0))
    }

    fn note(by: UserId, text: &str) -> Note {
        Note { id: NoteId::new(), text: text.to_owned(), by, at: Timestamp(0), source: None, is_pinned: false }
    }

    fn summary(from: Seq, upto: Seq) -> Summary {
        Summary { text: "They met.".to_owned(), from, upto, at: Timestamp(1), model: None }
    }

    #[test]
    fn who_may_do_what_with_a_note() {
        let (ana, ben, kim) = (person("Ana"), person("Ben"), person("Kim"));
        let mut memory = Memory::new(RoomId::new());
        memory.add(note(ana.id, "Kim is vegetarian")).expect("room for one");
        let of_ana = memory.notes[0].id;
        let plain = |person| Actor { person, leads: false };
        let forget = MemoryAct::Forget { note: of_ana };
        let edit = MemoryAct::Edit { note: of_ana, text: "Kim is vegan".to_owned() };
        for act in [&forget, &edit, &MemoryAct::Pin { note: of_ana, on: true }, &MemoryAct::ForgetAll] {
            assert_eq!(memory.apply(act, plain(&ben), Timestamp(0)), Err(Error::Forbidden), "{act:?}");
        }
        for act in
            [MemoryAct::Switch { on: false }, MemoryAct::Answers { on: false }, MemoryAct::Reactions { on: false }]
        {
            assert_eq!(memory.apply(&act, plain(&ana), Timestamp(0)), Err(Error::Forbidden), "{act:?}");
        }
        assert_eq!(memory.apply(&edit, plain(&ana), Timestamp(0)), Ok(true));
        assert_eq!(memory.apply(&edit, plain(&ana), Timestamp(0)), Ok(false));
        // It is about Kim.
        assert_eq!(memory.apply(&edit, plain(&kim), Timestamp(0)), Err(Error::Forbidden));
        assert_eq!(memory.clone().apply(&forget, plain(&kim), Timestamp(0)), Ok(true));
        assert_eq!(memory.apply(&forget, Actor { person: &ben, leads: true }, Timestamp(0)), Ok(true));
        assert_eq!(memory.apply(&forget, plain(&ben), Timestamp(0)), Ok(false), "it is not there any more");
        assert_eq!(memory.apply(&edit, plain(&ana), Timestamp(0)), Err(Error::invalid("note", Problem::NoMatch)));
    }

    #[test]
    fn names_are_whole_words() {
        let mut kim = person("Kim");
        for (text, is_named) in [
            ("Kim is vegetarian", true),
            ("we meet at kim's", true),
            ("ask @kim", true),
            ("Kimberly is vegetarian", false),
            ("akim", false),
            ("kim_2 likes tea", false),
            ("", false),
        ] {
            assert_eq!(note(UserId::new(), text).names(&kim), is_named, "{text}");
        }
        kim.display_name = " ".to_owned();
        kim.username = String::new();
        assert!(!note(UserId::new(), "a b").names(&kim));
    }

    #[test]
    fn no_more_fit_than_there_may_be_and_none_while_it_is_off() {
        let ana = person("Ana");
        let mut memory = Memory::new(RoomId::new());
        let add = MemoryAct::Add { text: "x".to_owned() };
        let actor = Actor { person: &ana, leads: true };
        for _ in 0..limits::NOTES_MAX {
            assert_eq!(memory.apply(&add, actor, Timestamp(0)), Ok(true));
        }
        assert_eq!(memory.apply(&add, actor, Timestamp(0)), Err(Error::invalid("notes", Problem::OutOfRange)));
        assert_eq!(memory.apply(&MemoryAct::ForgetAll, actor, Timestamp(0)), Ok(true));
        assert_eq!(memory.apply(&MemoryAct::Switch { on: false }, actor, Timestamp(0)), Ok(true));
        assert_eq!(memory.apply(&add, actor, Timestamp(0)), Err(Error::Conflict));
    }

    #[test]
    fn what_a_message_led_to_goes_with_it() {
        let mut memory = Memory::new(RoomId::new());
        let message_id = MessageId::new();
        memory.notes = vec![
            Note { source: Some(Source { message_id, seq: 7 }), ..note(UserId::new(), "a") },
            note(UserId::new(), "b"),
        ];
        memory.summary = Some(summary(1, 5));
        let (gone, has_changed) = memory.part_with(&[(message_id, 7)]);
        assert!(has_changed && gone.len() == 1 && memory.notes.len() == 1);
        assert!(memory.summary.is_some(), "it was made before the message");
        assert_eq!(memory.part_with(&[(message_id, 7)]), (Vec::new(), false));
        assert_eq!(memory.part_with(&[(MessageId::new(), 5)]), (Vec::new(), true));
        assert!(memory.summary.is_none());
    }

    #[test]
    fn who_hides_takes_the_summary_along() {
        let ana = person("Ana");
        let actor = Actor { person: &ana, leads: false };
        let mut memory = Memory::new(RoomId::new());
        memory.summary = Some(summary(1, 5));
        assert_eq!(memory.apply(&MemoryAct::Hide { on: true }, actor, Timestamp(0)), Ok(true));
        assert!(memory.hides(ana.id) && memory.summary.is_none());
        assert_eq!(memory.apply(&MemoryAct::Hide { on: true }, actor, Timestamp(0)), Ok(false));
        assert_eq!(memory.apply(&MemoryAct::Hide { on: false }, actor, Timestamp(0)), Ok(true));
        assert!(!memory.hides(ana.id));
    }
}
