//! What this device keeps to show when it starts without a network: the list of chats, and the newest messages of the rooms
//! that were opened last. For show only: whatever the server says replaces it.

use super::state::State;
use crate::client::ConnectionState;
use crate::id::RoomId;
use crate::model::{Bootstrap, Me, Page, Seq, Unread};
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Rooms of the kept list, the newest activity first.
pub const ROOMS: usize = 200;
/// Rooms with messages, the last opened first.
pub const OPENED: usize = 20;
/// Messages of each.
pub const MESSAGES: usize = 50;
/// Changes are gathered this long.
const AFTER_MS: i64 = 1_000;

/// The records: the list, the rooms in the order they were opened in, and a page under each of their ids.
const LIST: &str = "list";
const ORDER: &str = "order";

/// What an earlier visit left.
#[derive(Clone, PartialEq, Debug)]
pub struct Kept {
    pub bootstrap: Bootstrap,
    pub pages: Vec<Page>,
}

impl Kept {
    /// From the records of the disk. `None`: nothing is kept, or nothing that this version of the page can read.
    pub fn unpack(records: &[(String, String)], now: Timestamp) -> Option<Self> {
        let list = records.iter().find(|(key, _)| key == LIST)?;
        let mut bootstrap: Bootstrap = serde_json::from_str(&list.1).ok()?;
        // The token has most likely ended: it is renewed before anything else.
        (bootstrap.now, bootstrap.access_until) = (now, now);
        let pages = records.iter().filter(|(key, _)| key.parse::<RoomId>().is_ok());
        let pages = pages.filter_map(|(_, text)| serde_json::from_str(text).ok()).collect();
        Some(Self { bootstrap, pages })
    }
}

/// What is to be done on the disk.
#[derive(Clone, PartialEq, Debug)]
pub enum Task {
    /// Put these records and remove those.
    Keep(Vec<(String, String)>, Vec<String>),
    /// The session ended: remove all of them.
    Forget,
}

/// Finds out what has changed since the last time.
#[derive(Debug, Default)]
pub struct Keeper {
    /// The last opened first. `None` until it is known what earlier visits opened.
    opened: Option<Vec<RoomId>>,
    /// A mark of what was written, by its key.
    written: BTreeMap<String, u64>,
    due: Option<Timestamp>,
    has_forgotten: bool,
}

impl Keeper {
    /// Takes in which rooms earlier visits kept.
    pub fn start(&mut self, records: &[(String, String)]) {
        let order = records.iter().find(|(key, _)| key == ORDER);
        self.opened = Some(order.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default());
        // What the order does not name is removed by the next task.
        for (key, _) in records.iter().filter(|(key, _)| key.parse::<RoomId>().is_ok()) {
            self.written.insert(key.clone(), 0);
        }
    }

    /// Something may have changed.
    pub fn touch(&mut self, now: Timestamp) {
        self.due.get_or_insert(now.plus_ms(AFTER_MS));
    }

    /// When to call [`Self::task`].
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.due.filter(|_| self.opened.is_some())
    }

    /// What is to be written now. `is_leaving`: there may be no later.
    pub fn task(&mut self, state: &State, now: Timestamp, is_leaving: bool) -> Option<Task> {
        if state.connection == ConnectionState::LoggedOut {
            self.due = None;
            return (!std::mem::replace(&mut self.has_forgotten, true)).then_some(Task::Forget);
        }
        let opened = self.opened.as_mut()?;
        if self.has_forgotten || !self.due.is_some_and(|due| due <= now || is_leaving) {
            return None;
        }
        self.due = None;
        if state.is_kept {
            // Nothing but what the disk has already.
            return None;
        }
        if let Some(room_id) = state.open_room.filter(|room_id| opened.first() != Some(room_id)) {
            opened.retain(|id| *id != room_id);
            opened.insert(0, room_id);
        }
        opened.retain(|room_id| state.rooms.contains_key(room_id));
        opened.truncate(OPENED);
        let mut put = Vec::new();
        for room_id in opened.iter() {
            let Some(timeline) =
                state.rooms.get(room_id).map(|room| &room.timeline).filter(|timeline| timeline.is_loaded)
            else {
                continue;
            };
            let newest = &timeline.messages[timeline.messages.len().saturating_sub(MESSAGES)..];
            // An address stands for its message: a changed one has another.
            let marks =
                newest.iter().flat_map(|message| [std::rc::Rc::as_ptr(message) as u64, message.seq, message.revision]);
            let mark = fold(marks);
            let key = room_id.to_string();
            if self.written.insert(key.clone(), mark) != Some(mark) {
                let messages = newest.iter().map(|message| (**message).clone()).collect();
                let has_older = timeline.has_older || newest.len() < timeline.messages.len();
                let page = Page::new(*room_id, messages, has_older, false);
                put.extend(serde_json::to_string(&page).map(|text| (key, text)));
            }
        }
        for (key, text) in [(LIST, serde_json::to_string(&list(state))), (ORDER, serde_json::to_string(opened))] {
            let Ok(text) = text else { continue };
            let mark = fold(text.bytes().map(u64::from));
            if self.written.insert(key.to_owned(), mark) != Some(mark) {
                put.push((key.to_owned(), text));
            }
        }
        let is_kept = |key: &String| key.parse().map_or(true, |room_id: RoomId| opened.contains(&room_id));
        let gone: Vec<String> = self.written.keys().filter(|key| !is_kept(key)).cloned().collect();
        for key in &gone {
            self.written.remove(key);
        }
        (!put.is_empty() || !gone.is_empty()).then_some(Task::Keep(put, gone))
    }
}

/// The first paint as it would be now, without what is true only for a moment.
fn list(state: &State) -> Bootstrap {
    let rooms = state.rooms_by_activity();
    let summaries = rooms.iter().take(ROOMS).filter_map(|room_id| {
        let mut summary = state.rooms.get(room_id)?.summary.clone();
        let tally = state.tally(*room_id);
        summary.unread = Unread { count: tally.count, mentions: tally.mentions, at_seq: summary.head_seq };
        Some(summary)
    });
    let Me { person, theme, .. } = state.me.clone();
    Bootstrap {
        // Nothing on a page without a network needs the address.
        me: Me { person, email: String::new(), theme, warning: None, muted_until: None, leaves_at: None },
        rooms: summaries.collect(),
        requests: state.requests.values().cloned().collect(),
        presence: Vec::new(),
        blocked: state.blocked.iter().copied().collect(),
        assistant: state.assistant.clone(),
        open: None,
        cursor: Seq::MIN,
        access_until: Timestamp::default(),
        now: Timestamp::default(),
        version: state.version.clone(),
    }
}

/// FNV-1a.
fn fold(words: impl Iterator<Item = u64>) -> u64 {
    words.fold(0xcbf2_9ce4_8422_2325, |mark, word| (mark ^ word).wrapping_mul(0x0100_0000_01b3))
}

/// What the account that was here last can be shown without the server.
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub async fn load() -> Option<Kept> {
    use super::{platform, storage};
    // Some browsers' disk never answers at times.
    let records = platform::within(3_000, async {
        let storage = storage::Storage::open(storage::last_account()?).await.ok()?;
        storage.kept().await.ok()
    });
    Kept::unpack(&records.await??, Timestamp::now())
}

/// The server has no disk of this kind.
#[cfg(not(all(feature = "web", target_arch = "wasm32")))]
pub async fn load() -> Option<Kept> {
    None
}

/// Nobody is signed in on this device: what was kept goes.
pub fn forget() {
    #[cfg(all(feature = "web", target_arch = "wasm32"))]
    wasm_bindgen_futures::spawn_local(super::storage::forget_last_account());
}

#[cfg(test)]
mod tests;
