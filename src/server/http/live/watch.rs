//! One task that watches over all connections: pings, heads, deadlines, sessions, presence. No connection has a timer.

use crate::id::{RoomId, SessionId};
use crate::live::{ServerFrame, close};
use crate::model::Seq;
use crate::server::hub::{Connection, Ending, Packet, uptime_ms};
use crate::server::service::{changes, groups, heard, moderation, presence};
use crate::server::{App, Parts, session};
use futures_util::FutureExt;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

const TICK: Duration = Duration::from_secs(1);
/// The first frame must be `hello`, within this time.
const HELLO_MS: u64 = 10_000;
/// A websocket that was not heard of for this long (it is pinged every [`PING_S`]) is dead.
const DEAD_MS: u64 = 60_000;
/// A network that takes nothing for this long is gone.
const STALL_MS: u64 = 20_000;
const PING_S: u64 = 25;
/// Comments to event streams, and the heads digest.
const HEADS_S: u64 = 15;
/// How often a connection's session is looked up. Sign-outs close at once; this is for those that end by time.
const SESSION_S: u64 = 30;
/// How often a process looks for what others did and did not tell it; every second, or so, where they cannot.
const LOOK_S: u64 = 15;
const LOOK_ALONE_S: u64 = 2;
/// The same where nothing says that there are others: mostly there are none.
const LOOK_UNASKED_S: u64 = 5;
/// How often, while others cannot tell it, it reads which rooms everybody here is in.
const ROOMS_S: u64 = 10;
/// How often it says who is there.
const HERE_S: u64 = 15;
const CACHE_S: u64 = 30;

/// Starts the task, once per hub. It ends with the app.
pub fn start(app: &App) {
    if app.hub.begin_watch() {
        tokio::spawn(run(Arc::downgrade(&app.0)));
    }
}

async fn run(app: Weak<Parts>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut others = Others::default();
    for tick in 0.. {
        ticks.tick().await;
        let Some(app) = app.upgrade().map(App) else { return };
        // A bug met in one look must not end all that follow. The panic itself is in the log.
        AssertUnwindSafe(look(&app, tick, uptime_ms())).catch_unwind().await.ok();
        AssertUnwindSafe(others.look(&app, tick)).catch_unwind().await.ok();
    }
}

/// Looks for what other processes of the same store did: all the time where they cannot tell, else now and then, and whenever
/// something may have been missed.
#[derive(Default)]
struct Others {
    rooms: groups::Follower,
    messages: changes::Follower,
    was_down: bool,
}

impl Others {
    async fn look(&mut self, app: &App, tick: u64) {
        if !app.db.is_shared() {
            return;
        }
        let bus = app.hub.bus();
        let (is_up, is_in_doubt) = (bus.is_up(), bus.take_doubt());
        if bus.is_down() != self.was_down {
            self.was_down = !self.was_down;
            heard::tell_delay(app, self.was_down);
        }
        if is_up && (is_in_doubt || tick.is_multiple_of(HERE_S)) {
            presence::say_who_is_here(app, is_in_doubt);
        }
        if is_up && is_in_doubt {
            // What was for one person only is in no room's log: the pages read their lists once more.
            heard::tell_delay(app, false);
        }
        let all = is_in_doubt || (is_up && tick.is_multiple_of(LOOK_S));
        if is_up && !all {
            return;
        }
        self.rooms.look(app, all).await;
        self.messages.look(app).await;
        let period = if bus.is_on() { LOOK_ALONE_S } else { LOOK_UNASKED_S };
        if all || tick.is_multiple_of(period) {
            if let Err(error) = app.log.look().await {
                tracing::warn!(%error, "messages of other processes were not read");
                bus.doubt();
            }
            if let Err(error) = heard::look_for_ended(app).await {
                tracing::warn!(%error, "ended sessions were not read");
                bus.doubt();
            }
        }
        if (is_in_doubt || bus.is_down() && tick.is_multiple_of(ROOMS_S))
            && let Err(error) = heard::look_for_rooms(app).await
        {
            tracing::warn!(%error, "rooms of those who are connected were not read");
            bus.doubt();
        }
    }
}

/// One look at all connections. Those of one kind of work are spread over its period by their ids.
async fn look(app: &App, tick: u64, now: u64) {
    let (mut digests, mut sessions) = (Vec::new(), HashSet::new());
    for connection in app.hub.connections() {
        check(&connection, now);
        let period = if connection.pongs { PING_S } else { HEADS_S };
        if is_turn(&connection, tick, period) {
            connection.outbox.push(Packet::ping());
        }
        if is_turn(&connection, tick, SESSION_S) {
            sessions.insert(connection.session_id);
        }
        if is_turn(&connection, tick, HEADS_S) && connection.has_said_hello() {
            digests.push(connection);
        }
    }
    send_heads(app, digests).await;
    end_dead_sessions(app, sessions).await;
    presence::sweep(app, now).await;
    if let Err(error) = moderation::refresh(app).await {
        tracing::warn!(%error, "bans and mutes were not read");
    }
    if tick.is_multiple_of(CACHE_S) {
        app.hub.sweep();
    }
}

/// Once per period, at a place in it that is the connection's own.
fn is_turn(connection: &Connection, tick: u64, period: u64) -> bool {
    let bytes = connection.id.0.as_bytes();
    (u64::from(u16::from_be_bytes([bytes[14], bytes[15]])) + tick).is_multiple_of(period)
}

fn check(connection: &Connection, now: u64) {
    let since = |then: u64| now.saturating_sub(then);
    if !connection.has_said_hello() && since(connection.opened) > HELLO_MS {
        connection.close(close::PROTOCOL);
    }
    let is_stalled = connection.outbox.stalled_since().is_some_and(|then| since(then) > STALL_MS);
    let is_dead = connection.pongs && since(connection.heard()) > DEAD_MS;
    if is_stalled || is_dead {
        connection.outbox.end(Ending::Drop);
    }
}

/// Tells connections the newest `seq` of each of their rooms.
async fn send_heads(app: &App, connections: Vec<Arc<Connection>>) {
    let rooms: Vec<(Arc<Connection>, Vec<RoomId>)> =
        connections.into_iter().map(|connection| (connection.clone(), connection.rooms())).collect();
    let heads = match heads_of(app, rooms.iter().flat_map(|(_, rooms)| rooms)).await {
        Ok(heads) => heads,
        // The next round says it.
        Err(()) => return,
    };
    for (connection, rooms) in rooms {
        let rooms: BTreeMap<RoomId, Seq> =
            rooms.into_iter().filter_map(|room_id| heads.get(&room_id).map(|seq| (room_id, *seq))).collect();
        if !rooms.is_empty() {
            connection.answer(&ServerFrame::Heads { rooms });
        }
    }
}

/// From what this process knows; of a shared store it knows only a part, so that one is asked, once for all rooms.
async fn heads_of<'a>(app: &App, rooms: impl Iterator<Item = &'a RoomId>) -> Result<HashMap<RoomId, Seq>, ()> {
    const ROOMS_MAX: usize = 1_000;
    let (mut heads, mut unknown) = (HashMap::new(), HashSet::new());
    for room_id in rooms {
        match app.log.heads().get(*room_id).filter(|_| !app.db.is_shared()) {
            Some(seq) => drop(heads.insert(*room_id, seq)),
            None => drop(unknown.insert(*room_id)),
        }
    }
    let unknown: Vec<_> = unknown.into_iter().collect();
    for part in unknown.chunks(ROOMS_MAX) {
        let read = app.db.heads(part).await.map_err(|error| tracing::warn!(%error, "heads were not read"))?;
        for (room_id, seq) in read {
            app.log.heads().learn(room_id, seq);
            heads.insert(room_id, seq);
        }
    }
    Ok(heads)
}

/// Closes the connections of sessions that have ended elsewhere, by time or on another process.
async fn end_dead_sessions(app: &App, sessions: HashSet<SessionId>) {
    for session_id in sessions {
        match session::look_up(app, session_id).await {
            Ok(Some(_)) => {}
            Ok(None) => app.hub.close_ended_session_here(session_id),
            // While the store does not answer nobody is thrown out: nothing can be sent or read either.
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::live::LogoutReason;
    use crate::server::config::Config;
    use crate::server::hub::{Hub, Listener};
    use crate::server::startup;
    use crate::server::store::embedded::Embedded;
    use std::collections::VecDeque;
    use std::task::{Context, Poll, Waker};

    fn app(folder: &tempfile::TempDir) -> App {
        let data = folder.path().to_str().map(str::to_owned);
        let config = Config::read(|name| data.clone().filter(|_| name == "LAVENDER_DATA")).expect("good");
        let store = Embedded::open(&folder.path().join("test.db")).expect("a new store");
        startup::build(config, Arc::new(store)).expect("it starts").0
    }

    fn listener(hub: &Hub) -> Listener {
        hub.register(UserId::new(), SessionId::new(), true).expect("open")
    }

    /// The frames that wait, and whether the connection ends after them.
    fn take(connection: &Connection) -> (Vec<ServerFrame>, Option<Ending>) {
        let (mut packets, mut frames) = (VecDeque::new(), Vec::new());
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match connection.outbox.poll_take(&mut context, &mut packets) {
                Poll::Ready(Ok(())) => frames.extend(packets.drain(..).flat_map(|packet| {
                    packet.texts().map(|text| serde_json::from_slice(text).expect("a frame")).collect::<Vec<_>>()
                })),
                Poll::Ready(Err(ending)) => return (frames, Some(ending)),
                Poll::Pending => return (frames, None),
            }
        }
    }

    #[test]
    fn deadlines_end_a_connection() {
        let hub = Hub::new();
        let ending = |ahead: u64, prepare: fn(&Connection)| {
            let listener = listener(&hub);
            prepare(&listener);
            check(&listener, listener.opened + ahead);
            take(&listener).1
        };
        assert_eq!(ending(HELLO_MS, |_| {}), None);
        assert_eq!(ending(HELLO_MS + 1, |_| {}), Some(Ending::Close(close::PROTOCOL)));
        assert_eq!(ending(DEAD_MS, Connection::say_hello), None);
        assert_eq!(ending(DEAD_MS + 1, Connection::say_hello), Some(Ending::Drop));
        let stall = |connection: &Connection| {
            connection.say_hello();
            let mut context = Context::from_waker(Waker::noop());
            assert!(connection.outbox.poll_stalled(&mut context, false, connection.opened).is_pending());
        };
        assert_eq!(ending(STALL_MS, stall), None);
        assert_eq!(ending(STALL_MS + 1, stall), Some(Ending::Drop));
    }

    #[tokio::test]
    async fn within_fifteen_seconds_a_connection_hears_the_heads_of_its_rooms() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = app(&folder);
        let (listener, room) = (listener(&app.hub), RoomId::new());
        app.hub.subscribe(&listener, [room]);
        listener.say_hello();
        app.log.heads().learn(room, 7);
        assert_eq!((0..HEADS_S).filter(|tick| is_turn(&listener, *tick, HEADS_S)).count(), 1);
        send_heads(&app, vec![listener.clone()]).await;
        let heads = ServerFrame::Heads { rooms: [(room, 7)].into() };
        assert_eq!(take(&listener), (vec![heads], None));
    }

    #[tokio::test]
    async fn a_session_that_ended_elsewhere_closes_its_connections() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = app(&folder);
        let listener = listener(&app.hub);
        // A session of which the store knows nothing is one that somebody ended.
        end_dead_sessions(&app, [listener.session_id].into()).await;
        let (frames, ending) = take(&listener);
        assert_eq!(frames, [ServerFrame::LoggedOut { reason: LogoutReason::Expired }]);
        assert_eq!(ending, Some(Ending::Close(close::LOGGED_OUT)));
    }

    #[tokio::test]
    async fn who_finds_a_session_ended_before_it_is_told_says_why_it_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = app(&folder);
        let (listener, other) = (listener(&app.hub), listener(&app.hub));
        app.hub.expect_end(listener.session_id, LogoutReason::SignedOut);
        end_dead_sessions(&app, [listener.session_id, other.session_id].into()).await;
        app.hub.close_session(listener.session_id, LogoutReason::SignedOut);
        assert_eq!(take(&listener).0, [ServerFrame::LoggedOut { reason: LogoutReason::SignedOut }], "once");
        assert_eq!(take(&other).0, [ServerFrame::LoggedOut { reason: LogoutReason::Expired }]);
    }
}
