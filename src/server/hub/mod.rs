//! Who listens in this process: connections, what each is told, and the bounds of their queues.
//!
//! Plain data and no I/O: telling never waits. Locks are held only while something is looked up or pushed, and never
//! two shards at once.
//!
//! What ends in `_here` reaches the connections of this process only; the rest is told to the other processes, too.

mod attendance;
mod connection;
mod elsewhere;
mod outbox;
mod packet;
mod parted;
mod told;

pub use attendance::Attendance;
pub use connection::{Admission, Connection, Lined, Mark};
pub use elsewhere::Elsewhere;
pub use outbox::{Ending, Outbox};
pub use packet::{Kind, Packet};

use crate::id::{ConnectionId, RoomId, SessionId, UserId};
use crate::live::{LiveEvent, LogoutReason, ServerFrame, close};
use crate::server::access;
use crate::server::bus::{Bus, Notice, Reach};
use dashmap::DashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// Connections of one account in one process; the oldest makes room.
pub const CONNECTIONS_PER_USER: usize = 10;
/// The close code of a process that goes down (RFC 6455: going away).
const GOING_AWAY: u16 = 1001;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Milliseconds since this process first asked; never goes back.
pub fn uptime_ms() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The connections of this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Hub(Arc<Inner>);

#[derive(Default)]
struct Inner {
    connections: DashMap<ConnectionId, Arc<Connection>>,
    /// Oldest first.
    users: DashMap<UserId, Vec<Arc<Connection>>>,
    rooms: DashMap<RoomId, Vec<Arc<Connection>>>,
    parted: parted::Parted,
    told: told::Told,
    /// The newest revision of rooms of which everybody here was told; see [`crate::server::service::groups`].
    followed: DashMap<RoomId, u64>,
    attendance: Attendance,
    elsewhere: Elsewhere,
    bus: Bus,
    access: access::Cache,
    is_closed: AtomicBool,
    is_watched: AtomicBool,
    left: tokio::sync::Notify,
}

/// A connection that is in the hub as long as this lives.
pub struct Listener {
    hub: Hub,
    connection: Arc<Connection>,
}

impl std::ops::Deref for Listener {
    type Target = Arc<Connection>;
    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.hub.unregister(&self.connection);
    }
}

impl Hub {
    /// With nobody else.
    pub fn new() -> Self {
        Self::default()
    }

    /// Beside other processes, if there are any.
    pub fn on(bus: Bus) -> Self {
        Self(Arc::new(Inner { bus, ..Inner::default() }))
    }

    pub fn bus(&self) -> &Bus {
        &self.0.bus
    }

    /// Takes a new connection in; nothing when the process goes down. It hears what its user is told; rooms come with
    /// [`Self::subscribe`].
    pub fn register(&self, user_id: UserId, session_id: SessionId, pongs: bool) -> Option<Listener> {
        let connection = Arc::new(Connection::new(user_id, session_id, pongs));
        // Until the answer to `hello` is there.
        connection.outbox.hold();
        self.0.connections.insert(connection.id, connection.clone());
        let oldest = {
            let mut own = self.0.users.entry(user_id).or_default();
            own.push(connection.clone());
            own.iter().rev().skip(CONNECTIONS_PER_USER).cloned().collect::<Vec<_>>()
        };
        oldest.iter().for_each(|connection| connection.close(close::REPLACED));
        let listener = Listener { hub: self.clone(), connection };
        // Looked at after it is in the map, so that a shutdown either sees it there or is seen here.
        (!self.0.is_closed.load(Ordering::SeqCst)).then_some(listener)
    }

    fn unregister(&self, connection: &Arc<Connection>) {
        let (rooms, typing) = {
            let mut manner = connection.manner();
            manner.gone = true;
            (std::mem::take(&mut manner.rooms), manner.typing.take())
        };
        for room_id in rooms {
            remove(&self.0.rooms, &room_id, connection);
        }
        remove(&self.0.users, &connection.user_id, connection);
        self.0.connections.remove(&connection.id);
        // A permit is kept while nobody waits, so the last one to leave is not missed.
        self.0.left.notify_one();
        if let Some((room_id, _)) = typing {
            self.tell_room_but(
                room_id,
                connection.user_id,
                &LiveEvent::Typing { room_id, user_id: connection.user_id, on: false },
            );
        }
        /// A reload is back by then.
        const RELOAD_MS: u64 = 2_500;
        if !self.is_listening(connection.user_id) {
            self.0.attendance.fade(connection.user_id, uptime_ms() + RELOAD_MS);
        }
    }

    /// From now on the connection hears these rooms.
    pub fn subscribe(&self, connection: &Arc<Connection>, rooms: impl IntoIterator<Item = RoomId>) {
        for room_id in rooms {
            // Under the connection's lock, so that leaving the hub at the same time finds it in every room.
            let mut manner = connection.manner();
            if manner.gone {
                return;
            }
            // The list it comes from was read before they went.
            if self.0.parted.has(room_id, connection.user_id) {
                continue;
            }
            if let Err(place) = manner.rooms.binary_search(&room_id) {
                manner.rooms.insert(place, room_id);
                self.0.rooms.entry(room_id).or_default().push(connection.clone());
            }
        }
    }

    /// These people are in a room from now on: their open connections hear it at once.
    pub fn join(&self, room_id: RoomId, users: &[UserId]) {
        self.join_here(room_id, users);
        self.0.bus.publish(|| Notice::Joined { room_id, users: users.to_vec() });
    }

    /// [`Self::join`] in this process only. The store says that they are in it.
    pub fn join_here(&self, room_id: RoomId, users: &[UserId]) {
        self.0.access.forget_room(room_id);
        for user_id in users {
            self.0.parted.forget(room_id, *user_id);
            for connection in self.connections_of(*user_id) {
                self.subscribe(&connection, [room_id]);
            }
        }
    }

    /// This person is no longer in a room, which is stored already: not one frame of it follows, not even to a connection
    /// that says hello at this moment, and nothing that they are sending is stored behind this.
    pub fn leave(&self, room_id: RoomId, user_id: UserId) {
        self.leave_here(room_id, user_id);
        self.0.bus.publish(|| Notice::Left { room_id, user_id });
    }

    /// [`Self::leave`] in this process only.
    pub fn leave_here(&self, room_id: RoomId, user_id: UserId) {
        self.0.access.forget_room(room_id);
        self.0.parted.note(room_id, user_id);
        for connection in self.connections_of(user_id) {
            let mut manner = connection.manner();
            if let Ok(place) = manner.rooms.binary_search(&room_id) {
                manner.rooms.remove(place);
                remove(&self.0.rooms, &room_id, &connection);
            }
        }
    }

    /// Tells every connection of a person.
    pub fn tell_user(&self, user_id: UserId, event: &LiveEvent) {
        self.tell_users(&[user_id], event);
    }

    /// Tells every connection of these people.
    pub fn tell_users(&self, users: &[UserId], event: &LiveEvent) {
        self.tell_users_here(users, event);
        if !users.is_empty() {
            self.0.bus.publish(|| Notice::Users { users: users.to_vec(), event: event.clone() });
        }
    }

    pub fn tell_user_here(&self, user_id: UserId, event: &LiveEvent) {
        self.tell_users_here(&[user_id], event);
    }

    pub fn tell_users_here(&self, users: &[UserId], event: &LiveEvent) {
        // Most are told of somebody who is not here.
        let mut packet = None;
        for user_id in users {
            if let Some(own) = self.0.users.get(user_id) {
                let packet = packet.get_or_insert_with(|| Packet::event(event));
                own.iter().for_each(|connection| connection.outbox.push(packet.clone()));
            }
        }
    }

    /// Tells everybody.
    pub fn tell_all_here(&self, event: &LiveEvent) {
        let packet = Packet::event(event);
        self.0.connections.iter().for_each(|entry| {
            entry.value().outbox.push(packet.clone());
        });
    }

    /// Tells everybody who listens to a room but one person.
    pub fn tell_room_but(&self, room_id: RoomId, user_id: UserId, event: &LiveEvent) {
        self.tell_room_here(room_id, event, |listener| listener != user_id);
        self.0.bus.publish(|| Notice::Room { room_id, reach: Reach::But(user_id), event: event.clone() });
    }

    /// Tells those who listen to a room and may see what has this `seq`.
    pub fn tell_seeing(&self, card: &access::Card, seq: crate::model::Seq, event: &LiveEvent) {
        self.tell_room_here(card.id, event, |listener| card.sees(listener, seq));
        self.0.bus.publish(|| Notice::Room { room_id: card.id, reach: Reach::Seeing(seq), event: event.clone() });
    }

    /// Tells those who listen to a room and whom `may_hear` names.
    pub fn tell_room_here(&self, room_id: RoomId, event: &LiveEvent, may_hear: impl Fn(UserId) -> bool) {
        if let Some(listening) = self.0.rooms.get(&room_id) {
            let packet = Packet::event(event);
            for connection in listening.iter().filter(|connection| may_hear(connection.user_id)) {
                connection.outbox.push(packet.clone());
            }
        }
    }

    /// Pushes packets to everybody who listens to a room.
    pub fn push_room_here(&self, room_id: RoomId, packets: &[Packet]) {
        self.push_room_if(room_id, packets, |_| true);
    }

    /// Pushes packets to those who listen to a room here and whom `may_hear` names.
    pub fn push_room_if(&self, room_id: RoomId, packets: &[Packet], may_hear: impl Fn(UserId) -> bool) {
        if let Some(listening) = self.0.rooms.get(&room_id) {
            for connection in listening.iter().filter(|connection| may_hear(connection.user_id)) {
                packets.iter().for_each(|packet| connection.outbox.push(packet.clone()));
            }
        }
    }

    /// Who went from where lately.
    pub(crate) fn parted(&self) -> &parted::Parted {
        &self.0.parted
    }

    /// Which changes of messages were told lately.
    pub(crate) fn told(&self) -> &told::Told {
        &self.0.told
    }

    /// Everybody here was told of a room's revision that this process made.
    pub(crate) fn followed(&self, room_id: RoomId, revision: u64) {
        // Otherwise one that another process made is still to be told of.
        if let Some(mut known) = self.0.followed.get_mut(&room_id).filter(|known| **known + 1 == revision) {
            *known = revision;
        }
    }

    /// Everything of a room up to this revision is known here.
    pub(crate) fn follow(&self, room_id: RoomId, revision: u64) {
        self.0.followed.insert(room_id, revision);
    }

    pub(crate) fn has_followed(&self, room_id: RoomId, revision: u64) -> bool {
        self.0.followed.get(&room_id).is_some_and(|known| *known >= revision)
    }

    /// Forgets what nobody needs any more.
    pub fn sweep(&self) {
        self.0.followed.retain(|room_id, _| self.0.rooms.contains_key(room_id));
        self.0.access.sweep();
        self.0.parted.sweep();
        self.0.told.sweep();
    }

    /// Those who listen to a room, each once.
    pub fn listeners(&self, room_id: RoomId) -> Vec<UserId> {
        let listening = self.0.rooms.get(&room_id);
        let mut users: Vec<_> =
            listening.iter().flat_map(|listening| listening.iter().map(|connection| connection.user_id)).collect();
        users.sort_unstable();
        users.dedup();
        users
    }

    /// Whether anybody listens to a room.
    pub fn has_listeners(&self, room_id: RoomId) -> bool {
        self.0.rooms.contains_key(&room_id)
    }

    /// Whether a person may have a connection, here or in another process.
    pub fn may_listen(&self, user_id: UserId) -> bool {
        self.0.bus.is_on() || self.is_listening(user_id)
    }

    /// Whether a person has a connection to this process.
    pub fn is_listening(&self, user_id: UserId) -> bool {
        self.0.users.contains_key(&user_id)
    }

    /// A person's connections, oldest first.
    pub fn connections_of(&self, user_id: UserId) -> Vec<Arc<Connection>> {
        self.0.users.get(&user_id).map(|own| own.clone()).unwrap_or_default()
    }

    pub fn connection(&self, id: ConnectionId) -> Option<Arc<Connection>> {
        self.0.connections.get(&id).map(|entry| entry.value().clone())
    }

    /// All connections.
    pub fn connections(&self) -> Vec<Arc<Connection>> {
        self.0.connections.iter().map(|entry| entry.value().clone()).collect()
    }

    /// Everybody who has a connection.
    pub fn users(&self) -> Vec<UserId> {
        self.0.users.iter().map(|entry| *entry.key()).collect()
    }

    /// Rooms that someone listens to.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.0.rooms.iter().map(|entry| *entry.key()).collect()
    }

    pub fn len(&self) -> usize {
        self.0.connections.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.connections.is_empty()
    }

    /// The session is over: its connections are told and close with 4401.
    pub fn close_session(&self, session_id: SessionId, reason: LogoutReason) {
        self.close_session_here(session_id, reason);
        self.0.bus.publish(|| Notice::SessionEnded { session_id, reason });
    }

    /// [`Self::close_session`] in this process only.
    pub fn close_session_here(&self, session_id: SessionId, reason: LogoutReason) {
        self.of_session(session_id, |connection| connection.log_out(reason));
    }

    /// Notes why a session is about to end. Between the store's word and [`Self::close_session`] somebody may find it ended,
    /// and would not know why.
    pub fn expect_end(&self, session_id: SessionId, reason: LogoutReason) {
        self.of_session(session_id, |connection| connection.expect_end(reason));
    }

    /// Closes the connections here of a session that was found to have ended: by time, on another process, or just now on this one.
    pub fn close_ended_session_here(&self, session_id: SessionId) {
        self.of_session(session_id, Connection::log_out_as_found);
    }

    fn of_session(&self, session_id: SessionId, mut each: impl FnMut(&Connection)) {
        for entry in self.0.connections.iter().filter(|entry| entry.session_id == session_id) {
            each(&entry);
        }
    }

    /// Asks every connection to come back a little later, closes it, takes no new ones, and resolves when they are gone
    /// (or the slowest have had 5 s).
    pub async fn shutdown(&self) {
        /// So that they do not all come back in the same moment.
        const SPREAD_MS: u64 = 2_000;
        const PATIENCE: Duration = Duration::from_secs(5);
        self.0.is_closed.store(true, Ordering::SeqCst);
        for entry in &self.0.connections {
            entry.answer(&ServerFrame::Reconnect {
                after_ms: 500 + u64::from(entry.id.0.as_bytes()[15]) * SPREAD_MS / 256,
            });
            entry.close(GOING_AWAY);
        }
        let all_gone = async {
            while !self.is_empty() {
                self.0.left.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, all_gone).await.ok();
    }

    pub fn is_closed(&self) -> bool {
        self.0.is_closed.load(Ordering::SeqCst)
    }

    /// Who is there in this process.
    pub fn attendance(&self) -> &Attendance {
        &self.0.attendance
    }

    /// Who is there in the others.
    pub fn elsewhere(&self) -> &Elsewhere {
        &self.0.elsewhere
    }

    /// Whether somebody is there, in any process.
    pub fn is_here(&self, user_id: UserId) -> bool {
        self.0.attendance.is_here(user_id) || self.0.elsewhere.has(user_id)
    }

    /// Somebody is there in this process. Returns whether that is news.
    pub fn appear(&self, user_id: UserId) -> bool {
        let is_news = self.0.attendance.appear(user_id);
        if is_news {
            self.0.elsewhere.is_back(user_id);
            self.0.bus.publish(|| Notice::Appeared { user_id });
        }
        is_news && !self.0.elsewhere.has(user_id)
    }

    /// A room's member list has changed.
    pub fn forget_room(&self, room_id: RoomId) {
        self.0.access.forget_room(room_id);
        self.0.bus.publish(|| Notice::ForgetRoom { room_id });
    }

    /// A block between two people was set or lifted.
    pub fn forget_blocks(&self, a: UserId, b: UserId) {
        self.0.access.forget_blocks(a, b);
        self.0.bus.publish(|| Notice::ForgetBlocks { a, b });
    }

    /// What others see of a person has changed.
    pub fn forget_person(&self, user_id: UserId) {
        self.0.access.forget_person(user_id);
        self.0.bus.publish(|| Notice::ForgetPerson { user_id });
    }

    pub(crate) fn access(&self) -> &access::Cache {
        &self.0.access
    }

    /// `true` once: for who starts the task that watches over the connections.
    pub(crate) fn begin_watch(&self) -> bool {
        !self.0.is_watched.swap(true, Ordering::SeqCst)
    }
}

/// Takes a connection out of a list, and an empty list out of the map.
fn remove<K: Eq + std::hash::Hash>(map: &DashMap<K, Vec<Arc<Connection>>>, key: &K, connection: &Arc<Connection>) {
    if let Some(mut list) = map.get_mut(key)
        && let Some(place) = list.iter().position(|other| Arc::ptr_eq(other, connection))
    {
        // Users' lists are by age; they are short.
        list.remove(place);
        if list.len() * 4 < list.capacity() {
            list.shrink_to_fit();
        }
    }
    map.remove_if(key, |_, list| list.is_empty());
}
