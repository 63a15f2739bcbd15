//! Who is there, told only to those who may know: people who share a small room, with no block between them.

use crate::error::Result;
use crate::id::UserId;
use crate::live::LiveEvent;
use crate::model::Presence;
use crate::server::App;
use crate::server::access::{self, Card};
use crate::server::bus::Notice;
use crate::server::hub::{Connection, uptime_ms};
use crate::server::service::rooms::View;
use crate::server::store::UserRow;
use crate::time::Timestamp;
use futures_util::{StreamExt, stream};
use std::sync::atomic::Ordering;

/// Someone whose pages are all hidden is believed to be there for this long.
const HIDDEN_MS: u64 = 60_000;
/// People who go in one moment are written down by so many at a time.
const WRITES_AT_ONCE: usize = 16;

/// A connection has said hello; `view` is what was read for it.
pub fn arrived(app: &App, connection: &Connection, view: &View) {
    if connection.is_visible() && app.hub.appear(connection.user_id) {
        let people = access::acquaintances_in(&view.cards, &view.blocks, connection.user_id);
        tell(app, connection.user_id, &people, Presence::Online);
    }
}

/// The page of a connection came to the front or went behind.
pub async fn set_visible(app: &App, connection: &Connection, on: bool) -> Result<()> {
    connection.set_visible(on);
    let user_id = connection.user_id;
    if on {
        if app.hub.appear(user_id) {
            let people = access::acquaintances(app, user_id).await?;
            tell(app, user_id, &people, Presence::Online);
        }
    } else if !is_visible(app, user_id) {
        app.hub.attendance().fade(user_id, uptime_ms() + HIDDEN_MS);
    }
    Ok(())
}

/// Tells two people of each other's presence: they met just now, or (`known` is false) may know no more.
pub async fn introduce(app: &App, a: UserId, b: UserId, known: bool) -> Result<()> {
    let rows = app.db.users(&[a, b]).await?;
    for (viewer, other) in [(a, b), (b, a)] {
        let last_seen = rows.iter().find(|row| row.id == other).and_then(UserRow::shown_last_seen);
        let presence = match known {
            true if app.hub.is_here(other) => Presence::Online,
            true => Presence::Offline { last_seen },
            false => Presence::Offline { last_seen: None },
        };
        tell(app, other, &[viewer], presence);
    }
    Ok(())
}

/// Newcomers of a small room and the others in it learn of each other, where there is no block between them.
pub async fn meet(app: &App, room: &Card, newcomers: &[UserId]) -> Result<()> {
    if !room.is_small() {
        return Ok(());
    }
    let people = access::people(app, room.members.clone()).await?;
    let presence_of = |user_id: UserId| match app.hub.is_here(user_id) {
        true => Presence::Online,
        false => Presence::Offline { last_seen: people.get(&user_id).and_then(|known| known.last_seen) },
    };
    for newcomer in newcomers {
        let blocks = access::blocks(app, *newcomer).await?;
        let is_met = |other: &UserId| newcomers.contains(other) && other < newcomer;
        for other in room.members.iter().filter(|other| *other != newcomer && !is_met(other)) {
            if !blocks.between(*newcomer, *other) {
                tell(app, *other, &[*newcomer], presence_of(*other));
                tell(app, *newcomer, &[*other], presence_of(*newcomer));
            }
        }
    }
    Ok(())
}

/// Someone and these others no longer share a room that they shared: where it was the last small one, they know nothing of
/// each other any more.
pub async fn part(app: &App, user_id: UserId, others: &[UserId]) -> Result<()> {
    let known = access::acquaintances(app, user_id).await?;
    let nothing = Presence::Offline { last_seen: None };
    for other in others.iter().filter(|other| **other != user_id && known.binary_search(other).is_err()) {
        tell(app, *other, &[user_id], nothing);
        tell(app, user_id, &[*other], nothing);
    }
    Ok(())
}

/// Tells of those who have gone for good by now.
pub async fn sweep(app: &App, now: u64) {
    let mut gone = app.hub.attendance().take_due(now);
    gone.retain(|user_id| {
        // Back, or another page of theirs is in front: the deadline was of one that closed.
        if is_visible(app, *user_id) {
            app.hub.attendance().appear(*user_id);
            return false;
        }
        let user_id = *user_id;
        if !is_draining(app) {
            app.hub.bus().publish(|| Notice::Away { user_id });
        }
        !app.hub.elsewhere().keeps(user_id)
    });
    gone.extend(app.hub.elsewhere().take_lost(now));
    see_off(app, gone);
}

/// These people may have gone from the last process that had them.
pub fn see_off(app: &App, mut gone: Vec<UserId>) {
    gone.retain(|user_id| !app.hub.is_here(*user_id));
    if !gone.is_empty() {
        let app = app.clone();
        // Beside the watch: a slow store must not hold its deadlines up.
        tokio::spawn(
            async move { stream::iter(gone).for_each_concurrent(WRITES_AT_ONCE, |id| depart(&app, id)).await },
        );
    }
}

/// Says to the other processes who is there in this one; `ask`: they say it, too.
pub fn say_who_is_here(app: &App, ask: bool) {
    if !is_draining(app) {
        app.hub.bus().publish(|| Notice::Here { users: app.hub.attendance().all(), ask });
    }
}

/// A process that goes down has said so; its people come back elsewhere.
fn is_draining(app: &App) -> bool {
    app.draining.load(Ordering::Relaxed)
}

/// Writes down when everybody who is here was last seen: the process goes down.
pub async fn write_down(app: &App) {
    let now = Timestamp::now();
    let all = app.hub.attendance().take_all();
    stream::iter(all)
        .for_each_concurrent(WRITES_AT_ONCE, |user_id| async move {
            app.db.set_last_seen(user_id, now).await.ok();
        })
        .await;
}

async fn depart(app: &App, user_id: UserId) {
    let now = Timestamp::now();
    if let Err(error) = app.db.set_last_seen(user_id, now).await {
        tracing::warn!(%error, "last seen was not written");
    }
    app.hub.forget_person(user_id);
    match access::acquaintances(app, user_id).await {
        Ok(people) if !app.hub.is_here(user_id) => {
            // What is not known is not told.
            let shown = app.db.user(user_id).await.ok().flatten().and_then(|row| row.shown_last_seen());
            tell(app, user_id, &people, Presence::Offline { last_seen: shown });
            // Who came back in this very moment has said so before; the last word must be true.
            if app.hub.is_here(user_id) {
                tell(app, user_id, &people, Presence::Online);
            }
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "nobody was told that someone left"),
    }
}

fn is_visible(app: &App, user_id: UserId) -> bool {
    app.hub.connections_of(user_id).iter().any(|connection| connection.is_visible())
}

fn tell(app: &App, user_id: UserId, people: &[UserId], presence: Presence) {
    let event = LiveEvent::Presence { user_id, presence };
    app.hub.tell_users(people, &event);
}
