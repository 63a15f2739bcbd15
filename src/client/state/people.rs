//! Everyone this page has heard of, by id: names beside what they wrote, also when they left or the room is large.

use super::State;
use crate::id::UserId;
use crate::model::{Extra, Message, Person, SystemLine};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// People asked for at once.
pub const BATCH: usize = 100;

#[derive(Clone, PartialEq, Debug, Default)]
pub struct People {
    known: BTreeMap<UserId, Rc<Person>>,
    /// Seen somewhere and not known yet: to be asked for.
    wanted: BTreeSet<UserId>,
    /// Asked for, and the server knows nobody of that id.
    gone: BTreeSet<UserId>,
}

impl People {
    pub fn get(&self, id: UserId) -> Option<&Rc<Person>> {
        self.known.get(&id)
    }

    /// Takes a person in unless a newer revision is known.
    pub fn put(&mut self, person: &Person) {
        if self.known.get(&person.id).is_none_or(|known| known.revision < person.revision) {
            self.known.insert(person.id, Rc::new(person.clone()));
        }
        self.wanted.remove(&person.id);
    }

    /// Notes someone whose name is to be shown.
    pub fn want(&mut self, id: UserId) {
        if !self.known.contains_key(&id) && !self.gone.contains(&id) {
            self.wanted.insert(id);
        }
    }

    pub(super) fn want_those_of(&mut self, message: &Message) {
        self.want(message.author_id);
        if let Some(id) = message.forwarded_from {
            self.want(id);
        }
        if let Some(Extra::TicTacToe(game)) = &message.extra {
            self.want(game.challenger);
            game.opponent.into_iter().for_each(|id| self.want(id));
        }
        match &message.system {
            Some(SystemLine::Added { users }) => users.iter().for_each(|id| self.want(*id)),
            Some(SystemLine::Removed { user } | SystemLine::Role { user, .. } | SystemLine::Owner { user }) => {
                self.want(*user);
            }
            _ => {}
        }
    }

    /// The next ones to ask for, at most [`BATCH`].
    pub fn batch(&self) -> Vec<UserId> {
        self.wanted.iter().take(BATCH).copied().collect()
    }

    /// The answer for these: who is not in it is not there.
    pub fn answer(&mut self, asked: &[UserId], people: &[Person]) {
        for person in people {
            self.put(person);
        }
        for id in asked {
            if self.wanted.remove(id) {
                self.gone.insert(*id);
            }
        }
    }
}

impl State {
    /// `None`: not known yet, or a deleted account.
    pub fn person(&self, id: UserId) -> Option<&Rc<Person>> {
        self.people.get(id)
    }

    /// Whether I blocked this person.
    pub fn is_blocked(&self, id: UserId) -> bool {
        self.blocked.contains(&id)
    }

    /// The answer for these: who is not in it is not there.
    pub fn put_asked_people(&mut self, asked: &[UserId], people: &[Person]) {
        self.people.answer(asked, people);
        for person in people {
            self.apply_person(person);
        }
    }

    /// Notes people whose names are to be shown, to be asked for with the next batch.
    pub fn want_people(&mut self, ids: &[UserId]) {
        for id in ids {
            self.people.want(*id);
        }
    }

    pub(super) fn put_people<'a>(&mut self, people: impl IntoIterator<Item = &'a Person>) {
        for person in people {
            self.people.put(person);
        }
    }
}
