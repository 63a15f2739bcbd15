//! Who may do what in which room: the one place that answers it, from a short-lived cache of memberships and blocks.

use crate::error::{Error, Result, What};
use crate::id::{RoomId, UserId};
use crate::model::{Act, Member, Person, Role, Room, RoomKind, RoomSettings, Seq, permission};
use crate::server::App;
use crate::server::store::BlockRow;
use crate::time::Timestamp;
use dashmap::DashMap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long an entry is believed while other processes may change the store; changes of this process show at once.
const SHARED_TTL: Duration = Duration::from_secs(5);
/// How long when nobody else can.
const OWN_TTL: Duration = Duration::from_secs(60);
/// Rooms larger than this carry no presence, no live watermarks and no member list: with a thousand members each of them
/// would be told of every step of every other.
pub const SMALL_ROOM_MAX: usize = 50;

/// A room and who is in it.
#[derive(Clone, Debug)]
pub struct Card {
    pub id: RoomId,
    pub kind: RoomKind,
    pub settings: RoomSettings,
    /// Sorted.
    pub members: Vec<UserId>,
    /// Those who are more than plain members.
    leads: Vec<(UserId, Role)>,
    /// Those who see nothing up to a `seq`, because they joined after it. By id.
    late: Vec<(UserId, Seq)>,
}

impl Card {
    /// From a room and its members.
    pub fn of(room: &Room, members: &[Member]) -> Self {
        let leads = members.iter().filter(|member| member.role > Role::Member);
        let leads = leads.map(|member| (member.user_id, member.role)).collect();
        let late = members.iter().filter(|member| member.joined_seq > 0);
        let mut late: Vec<_> = late.map(|member| (member.user_id, member.joined_seq)).collect();
        late.sort_unstable();
        let mut members: Vec<_> = members.iter().map(|member| member.user_id).collect();
        members.sort_unstable();
        Self { id: room.id, kind: room.kind, settings: room.settings, members, leads, late }
    }

    /// Whether someone is a member and was one when this was written, or may see what was written before.
    pub fn sees(&self, user_id: UserId, seq: Seq) -> bool {
        let joined = self.late.binary_search_by_key(&user_id, |(late, _)| *late).map_or(0, |place| self.late[place].1);
        seq > joined && self.has(user_id)
    }

    /// A member's role.
    pub fn role(&self, user_id: UserId) -> Option<Role> {
        let lead = self.leads.iter().find(|(lead, _)| *lead == user_id).map(|(_, role)| *role);
        lead.or_else(|| self.has(user_id).then_some(Role::Member))
    }

    /// Whether someone is a member and may do this: see [`permission::may`].
    pub fn may(&self, user_id: UserId, act: Act) -> bool {
        self.role(user_id).is_some_and(|role| permission::may(self.kind, &self.settings, role, act))
    }

    pub fn has(&self, user_id: UserId) -> bool {
        self.members.binary_search(&user_id).is_ok()
    }

    /// The other person of a direct room.
    pub fn peer(&self, user_id: UserId) -> Option<UserId> {
        match self.kind {
            RoomKind::Direct => self.members.iter().copied().find(|member| *member != user_id),
            RoomKind::Group => None,
        }
    }

    pub fn is_small(&self) -> bool {
        self.members.len() <= SMALL_ROOM_MAX
    }
}

/// Blocks that a person made or is the target of.
#[derive(Clone, Debug, Default)]
pub struct Blocks(Vec<BlockRow>);

impl Blocks {
    /// Whether there is a block between these two, either way. One of them is the person whose blocks these are.
    pub fn between(&self, a: UserId, b: UserId) -> bool {
        self.made(a, b) || self.made(b, a)
    }

    /// Those whom `by` blocked.
    pub fn made_by(&self, by: UserId) -> Vec<UserId> {
        self.0.iter().filter(|block| block.by == by).map(|block| block.target).collect()
    }

    /// Whether `by` blocked `target`.
    pub fn made(&self, by: UserId, target: UserId) -> bool {
        self.0.iter().any(|block| block.by == by && block.target == target)
    }
}

/// What others may see of an account.
#[derive(Clone, Debug)]
pub struct Known {
    pub person: Person,
    pub last_seen: Option<Timestamp>,
}

/// What was read lately. Every change made in this process takes its entry out.
#[derive(Default)]
pub struct Cache {
    rooms: DashMap<RoomId, (Instant, Arc<Card>)>,
    blocks: DashMap<UserId, (Instant, Arc<Blocks>)>,
    people: DashMap<UserId, (Instant, Arc<Known>)>,
    /// Rises with every change, so that what was read before it is not kept after it.
    changes: AtomicU64,
}

impl Cache {
    /// A room's member list has changed.
    pub fn forget_room(&self, room_id: RoomId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.rooms.remove(&room_id);
    }

    /// A block between two people was set or lifted.
    pub fn forget_blocks(&self, a: UserId, b: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.blocks.remove(&a);
        self.blocks.remove(&b);
    }

    /// What others see of a person has changed.
    pub fn forget_person(&self, user_id: UserId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.people.remove(&user_id);
    }

    /// Takes out what nobody would believe any more.
    pub fn sweep(&self) {
        self.rooms.retain(|_, (at, _)| at.elapsed() < OWN_TTL);
        self.blocks.retain(|_, (at, _)| at.elapsed() < OWN_TTL);
        self.people.retain(|_, (at, _)| at.elapsed() < OWN_TTL);
    }

    /// To pass to the `keep` functions: now, before reading.
    pub fn now(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Keeps a card that was read since `read_at`, unless something changed meanwhile.
    pub fn keep_room(&self, card: Arc<Card>, read_at: u64) {
        if self.now() == read_at {
            self.rooms.insert(card.id, (Instant::now(), card));
        }
    }

    fn keep_blocks(&self, user_id: UserId, blocks: Arc<Blocks>, read_at: u64) {
        if self.now() == read_at {
            self.blocks.insert(user_id, (Instant::now(), blocks));
        }
    }
}

fn ttl(app: &App) -> Duration {
    if app.db.is_shared() { SHARED_TTL } else { OWN_TTL }
}

/// A room's card if it is at hand.
pub fn known_card(app: &App, room_id: RoomId) -> Option<Arc<Card>> {
    let entry = app.hub.access().rooms.get(&room_id)?;
    (entry.0.elapsed() < ttl(app)).then(|| entry.1.clone())
}

fn cached_blocks(app: &App, user_id: UserId) -> Option<Arc<Blocks>> {
    let entry = app.hub.access().blocks.get(&user_id)?;
    (entry.0.elapsed() < ttl(app)).then(|| entry.1.clone())
}

/// A room that the caller is in.
///
/// # Errors
/// [`Error::NotFound`] if there is no such room or the caller is not in it: alike.
pub async fn member(app: &App, room_id: RoomId, user_id: UserId) -> Result<Arc<Card>> {
    match known_card(app, room_id) {
        Some(card) if card.has(user_id) => Ok(card),
        _ => read_card(app, room_id).await?.filter(|card| card.has(user_id)).ok_or(NO_ROOM),
    }
}

/// A room in which the caller may do something, as far as this process knows; see [`member`] for how old that may be.
///
/// # Errors
/// As [`member`]; [`Error::Forbidden`] for a member whose role does not allow it.
pub async fn may(app: &App, room_id: RoomId, user_id: UserId, act: Act) -> Result<Arc<Card>> {
    let card = member(app, room_id, user_id).await?;
    if card.may(user_id, act) { Ok(card) } else { Err(Error::Forbidden) }
}

/// Who is in a room now, from the store.
pub async fn refreshed(app: &App, room_id: RoomId) -> Result<Option<Arc<Card>>> {
    read_card(app, room_id).await
}

/// The blocks around a person.
pub async fn blocks(app: &App, user_id: UserId) -> Result<Arc<Blocks>> {
    if let Some(blocks) = cached_blocks(app, user_id) {
        return Ok(blocks);
    }
    let read_at = app.hub.access().now();
    let blocks = Arc::new(Blocks(app.db.blocks_of(user_id).await?));
    app.hub.access().keep_blocks(user_id, blocks.clone(), read_at);
    Ok(blocks)
}

/// These people, those at hand without asking the store again: after a restart everybody comes back at once, and most of
/// them share rooms. Those who are gone are left out.
pub async fn people(app: &App, ids: impl IntoIterator<Item = UserId>) -> Result<HashMap<UserId, Arc<Known>>> {
    let cache = app.hub.access();
    let (mut known, mut missing) = (HashMap::new(), Vec::new());
    for id in ids {
        match cache.people.get(&id).filter(|entry| entry.0.elapsed() < ttl(app)) {
            Some(entry) => drop(known.insert(id, entry.1.clone())),
            None => missing.push(id),
        }
    }
    if !missing.is_empty() {
        let read_at = cache.now();
        for row in app.db.users(&missing).await? {
            let person = Arc::new(Known { person: row.person(), last_seen: row.shown_last_seen() });
            if cache.now() == read_at {
                cache.people.insert(row.id, (Instant::now(), person.clone()));
            }
            known.insert(row.id, person);
        }
    }
    Ok(known)
}

/// Whether the caller may write in a room: a member, and in a direct room with no block either way, and somebody there.
///
/// # Errors
/// [`Error::NotFound`] as [`member`]; [`Error::Unreachable`], without saying who blocked whom.
pub async fn sender(app: &App, room_id: RoomId, user_id: UserId) -> Result<Arc<Card>> {
    if let Some(until) = app.sanctions.muted_until(user_id) {
        return Err(Error::Muted { until: until.0 });
    }
    // Side by side: a send waits for one answer of the store, not for one after the other.
    let (card, blocks) = tokio::join!(member(app, room_id, user_id), blocks(app, user_id));
    let card = card?;
    let peer = card.peer(user_id);
    let known = people(app, peer.into_iter().chain([user_id])).await?;
    let is_there = |id: UserId| known.get(&id).is_some_and(|known| !known.person.is_deleted);
    // Its socket is about to close.
    if !is_there(user_id) {
        return Err(Error::Unauthenticated);
    }
    let Some(peer) = peer else { return Ok(card) };
    if is_there(peer) && !blocks?.between(user_id, peer) { Ok(card) } else { Err(Error::Unreachable) }
}

/// [`sender`] without waiting: `None` when the answer is not at hand.
pub fn known_sender(app: &App, room_id: RoomId, user_id: UserId) -> Option<Arc<Card>> {
    if app.sanctions.muted_until(user_id).is_some() || !is_known_to_be_there(app, user_id) {
        return None;
    }
    let card = known_card(app, room_id).filter(|card| card.has(user_id))?;
    match card.peer(user_id) {
        Some(peer) if is_known_to_be_there(app, peer) => {
            cached_blocks(app, user_id).filter(|blocks| !blocks.between(user_id, peer)).map(|_| card)
        }
        Some(_) => None,
        None => Some(card),
    }
}

fn is_known_to_be_there(app: &App, user_id: UserId) -> bool {
    let entry = app.hub.access().people.get(&user_id);
    entry.is_some_and(|entry| entry.0.elapsed() < ttl(app) && !entry.1.person.is_deleted)
}

/// Cards of rooms, those at hand without asking the store again. Rooms that are gone are left out.
pub async fn cards(app: &App, rooms: &[Room]) -> Result<Vec<Arc<Card>>> {
    let (mut cards, mut missing) = (Vec::with_capacity(rooms.len()), Vec::new());
    for room in rooms {
        match known_card(app, room.id) {
            Some(card) => cards.push(card),
            None => missing.push(room),
        }
    }
    if !missing.is_empty() {
        let read_at = app.hub.access().now();
        let ids: Vec<_> = missing.iter().map(|room| room.id).collect();
        let members = app.db.members(&ids).await?;
        for (room_id, members) in members {
            if let Some(room) = missing.iter().find(|room| room.id == room_id) {
                let card = Arc::new(Card::of(room, &members));
                app.hub.access().keep_room(card.clone(), read_at);
                cards.push(card);
            }
        }
    }
    Ok(cards)
}

/// Those who may know whether a person is there: they share a small room, and neither blocked the other.
pub async fn acquaintances(app: &App, user_id: UserId) -> Result<Vec<UserId>> {
    let rooms = app.db.rooms_of(user_id).await?;
    let (cards, blocks) = (cards(app, &rooms).await?, blocks(app, user_id).await?);
    Ok(acquaintances_in(&cards, &blocks, user_id))
}

/// [`acquaintances`] of rooms that were read already.
pub fn acquaintances_in(cards: &[Arc<Card>], blocks: &Blocks, user_id: UserId) -> Vec<UserId> {
    let mut people: Vec<_> = cards
        .iter()
        .filter(|card| card.is_small())
        .flat_map(|card| card.members.iter().copied())
        .filter(|other| *other != user_id && !blocks.between(user_id, *other))
        .collect();
    people.sort_unstable();
    people.dedup();
    people
}

const NO_ROOM: Error = Error::NotFound { what: What::Room };

async fn read_card(app: &App, room_id: RoomId) -> Result<Option<Arc<Card>>> {
    let (read_at, since) = (app.hub.access().now(), Instant::now());
    let ids = [room_id];
    let (room, members) = tokio::join!(app.db.room(room_id), app.db.members(&ids));
    let Some(room) = room? else { return Ok(None) };
    let members = members?.into_iter().find(|(id, _)| *id == room_id).map(|(_, members)| members).unwrap_or_default();
    let card = Arc::new(Card::of(&room, &members));
    keep(app, &card, read_at, since);
    Ok(Some(card))
}

/// Keeps a card of a list that was read since then.
fn keep(app: &App, card: &Arc<Card>, read_at: u64, since: Instant) {
    app.hub.access().keep_room(card.clone(), read_at);
    card.members.iter().for_each(|user_id| app.hub.parted().is_back(card.id, *user_id, since));
}
