//! One task that watches over all connections: pings, heads, deadlines, sessions, presence. No connection has a timer.

use crate::id::{RoomId, SessionId};
use crate::live::{LogoutReason, ServerFrame, close};
use crate::model::Seq;
use crate::server::hub::{Connection, Ending, Packet, uptime_ms};
use crate::server::service::presence;
use crate::server::{App, Parts, session};
use std::collections::{BTreeMap, HashMap, HashSet};
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
/// How often a connection's session is looked up. Sign-outs on this process close at once; this is for all the others.
const SESSION_S: u64 = 30;
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
    for tick in 0.. {
        ticks.tick().await;
        let Some(app) = app.upgrade().map(App) else { return };
        look(&app, tick, uptime_ms()).await;
    }
}

/// One look at all connections. Those of one kind of work are spread over its period by their ids.
async fn look(app: &App, tick: u64, now: u64) {
    let is_turn = |connection: &Connection, period: u64| (slot(connection) + tick).is_multiple_of(period);
    let (mut digests, mut sessions) = (Vec::new(), HashSet::new());
    for connection in app.hub.connections() {
        check(&connection, now);
        let period = if connection.pongs { PING_S } else { HEADS_S };
        if is_turn(&connection, period) {
            connection.outbox.push(Packet::ping());
        }
        if is_turn(&connection, SESSION_S) {
            sessions.insert(connection.session_id);
        }
        if is_turn(&connection, HEADS_S) && connection.has_said_hello() {
            digests.push(connection);
        }
    }
    send_heads(app, digests).await;
    end_dead_sessions(app, sessions).await;
    presence::sweep(app, now).await;
    if tick.is_multiple_of(CACHE_S) {
        app.hub.access().sweep();
    }
}

fn slot(connection: &Connection) -> u64 {
    let bytes = connection.id.0.as_bytes();
    u64::from(u16::from_be_bytes([bytes[14], bytes[15]]))
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
            Ok(None) => app.hub.close_session(session_id, LogoutReason::Expired),
            // While the store does not answer nobody is thrown out: nothing can be sent or read either.
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::server::hub::Hub;

    #[test]
    fn deadlines_end_a_connection() {
        let hub = Hub::new();
        let ending = |ahead: u64, prepare: fn(&Connection)| {
            let listener = hub.register(UserId::new(), SessionId::new(), true).expect("open");
            prepare(&listener);
            check(&listener, listener.opened + ahead);
            listener.outbox.is_ending()
        };
        assert!(!ending(HELLO_MS, |_| {}));
        assert!(ending(HELLO_MS + 1, |_| {}));
        assert!(!ending(DEAD_MS, Connection::say_hello));
        assert!(ending(DEAD_MS + 1, Connection::say_hello));
    }
}
