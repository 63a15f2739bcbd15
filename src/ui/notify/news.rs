//! What is worth a notification. Pure.

use crate::client::state::State;
use crate::id::RoomId;
use crate::model::{Message, Notify, RoomKind, Seq};
use crate::time::Timestamp;
use crate::ui::words;
use std::collections::BTreeMap;

/// Characters of a message in a notification.
const TEXT_CHARS: usize = 160;

/// One notification.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct News {
    pub room_id: RoomId,
    pub seq: Seq,
    /// The room, and how many messages wait in it when it is more than one.
    pub title: String,
    /// Who wrote, in groups.
    pub author: Option<String>,
    pub text: String,
}

/// How far each room was looked at: its newest message, and how many named me.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Seen(BTreeMap<RoomId, (Seq, u32)>);

fn newest(state: &State, room_id: RoomId) -> (Seq, u32) {
    let last = state.rooms.get(&room_id).and_then(|room| room.summary.last.as_ref());
    (last.map_or(0, |last| last.seq), state.tally(room_id).mentions)
}

impl Seen {
    /// Everything that is there is old.
    pub fn all(state: &State) -> Self {
        Self(state.rooms.keys().map(|id| (*id, newest(state, *id))).collect())
    }

    /// What came since, and may be told: at most one for each room. `on_screen` is looked at right now.
    pub fn news(&mut self, state: &State, on_screen: Option<RoomId>, now: Timestamp) -> Vec<News> {
        let mut news = Vec::new();
        for (room_id, room) in &state.rooms {
            let (seen, named) = self.0.get(room_id).copied().unwrap_or_default();
            let Some(last) = room.summary.last.as_ref().filter(|last| last.seq > seen) else {
                // What was read or taken back is no longer counted on.
                if named > 0 {
                    self.0.insert(*room_id, (seen, state.tally(*room_id).mentions));
                }
                continue;
            };
            let (seq, names) = newest(state, *room_id);
            self.0.insert(*room_id, (seq, names));
            let names_me = names > named || last.mentions.names(state.me.person.id);
            if on_screen != Some(*room_id) && may_tell(state, *room_id, last, names_me, now) {
                news.push(tell(state, *room_id, last));
            }
        }
        self.0.retain(|room_id, _| state.rooms.contains_key(room_id));
        news
    }
}

fn may_tell(state: &State, room_id: RoomId, last: &Message, names_me: bool, now: Timestamp) -> bool {
    let me = state.me.person.id;
    let prefs = state.prefs(room_id);
    let is_wanted = match prefs.notify {
        Notify::All => names_me || !prefs.archived,
        Notify::Mentions => names_me,
        Notify::Nothing => false,
    };
    is_wanted
        && !prefs.is_muted(now)
        && last.author_id != me
        && last.is_countable()
        && last.seq > state.mark(room_id)
        && !prefs.hides(last.seq)
        && !state.is_blocked(last.author_id)
}

fn tell(state: &State, room_id: RoomId, last: &Message) -> News {
    let summary = state.rooms.get(&room_id).map(|room| &room.summary);
    let title = summary.map(|summary| summary.title(state.me.person.id)).unwrap_or_default();
    let is_group = summary.is_some_and(|summary| summary.room.kind == RoomKind::Group);
    let author = state.person(last.author_id).filter(|_| is_group);
    let count = state.unread(room_id);
    News {
        room_id,
        seq: last.seq,
        title: if count > 1 { format!("{title} ({count})") } else { title },
        author: author.map(|author| words::first_name(&author.display_name).to_owned()),
        text: words::said(state, last, TEXT_CHARS),
    }
}

#[cfg(test)]
#[path = "news_tests.rs"]
mod tests;
