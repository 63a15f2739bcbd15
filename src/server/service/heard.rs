//! What the other processes say, and what it means here. The store knows it all: whatever grants something is looked up there, and
//! what was not heard is found by [`look`].

use crate::error::Result;
use crate::id::RoomId;
use crate::live::LiveEvent;
use crate::server::access;
use crate::server::bus::{Heard, Notice, Reach};
use crate::server::hub::{Kind, Packet, uptime_ms};
use crate::server::service::{changes, groups, messages, presence, requests};
use crate::server::{App, Parts};
use crate::time::Timestamp;
use futures_util::{FutureExt, StreamExt, stream};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use tokio::sync::mpsc;

/// Notices that wait for the store; with more of them this process looks for itself.
const WAITING_MAX: usize = 4_096;
/// Lists of rooms that are read side by side.
const READS_AT_ONCE: usize = 8;
/// Sessions that ended so long ago are closed here by now.
const ENDED_MS: i64 = 20_000;

/// Acts upon what is heard, in its order, until the app ends.
pub fn start(app: &App, heard: mpsc::Receiver<Heard>) {
    tokio::spawn(run(Arc::downgrade(&app.0), heard));
}

async fn run(app: Weak<Parts>, mut heard: mpsc::Receiver<Heard>) {
    // What needs the store waits in a line of its own, so that messages never wait behind it.
    let (wait, mut waiting) = mpsc::channel::<Notice>(WAITING_MAX);
    let looker = app.clone();
    tokio::spawn(async move {
        while let Some(notice) = waiting.recv().await {
            let Some(app) = looker.upgrade().map(App) else { return };
            // A bug met in one notice must not end all that follow. The panic itself is in the log.
            match AssertUnwindSafe(look_up(&app, notice)).catch_unwind().await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(error)) => {
                    tracing::warn!(%error, "what another process told of was not read");
                    app.hub.bus().doubt();
                }
            }
        }
    });
    while let Some(heard) = heard.recv().await {
        let Some(app) = app.upgrade().map(App) else { return };
        match std::panic::catch_unwind(AssertUnwindSafe(|| act(&app, heard))) {
            Ok(None) => {}
            Ok(Some(notice)) => {
                if wait.try_send(notice).is_err() {
                    app.hub.bus().doubt();
                }
            }
            Err(_) => app.hub.bus().doubt(),
        }
    }
}

/// Does what can be done at once. Gives back what needs the store.
fn act(app: &App, heard: Heard) -> Option<Notice> {
    let (hub, now) = (&app.hub, uptime_ms());
    match heard.notice {
        Notice::Pulse => {}
        Notice::Here { users, ask } => {
            presence::see_off(app, hub.elsewhere().heard(heard.from, users, now));
            if ask {
                presence::say_who_is_here(app, false);
            }
        }
        Notice::Appeared { user_id } => hub.elsewhere().appeared(heard.from, user_id, now),
        Notice::Away { user_id } => {
            if hub.elsewhere().went(heard.from, user_id) {
                presence::see_off(app, vec![user_id]);
            }
        }
        Notice::Bye => hub.elsewhere().ends(heard.from, now),
        Notice::Messages { room_id, first, last, packets } => {
            let packets = cut(&heard.frames, &packets)?;
            if !app.log.heard(room_id, first, last, &packets) {
                return Some(Notice::Messages { room_id, first, last, packets: Vec::new() });
            }
        }
        Notice::Users { users, event } => hub.tell_users_here(&users, &event),
        Notice::Room { room_id, reach: Reach::But(user_id), event } => {
            hub.tell_room_here(room_id, &event, |listener| listener != user_id);
        }
        Notice::Left { room_id, user_id } => hub.leave_here(room_id, user_id),
        Notice::SessionEnded { session_id, reason } => {
            app.sessions.forget(session_id);
            hub.close_session_here(session_id, reason);
        }
        Notice::ForgetRoom { room_id } => hub.access().forget_room(room_id),
        Notice::ForgetBlocks { a, b } => hub.access().forget_blocks(a, b),
        Notice::ForgetPerson { user_id } => hub.access().forget_person(user_id),
        Notice::Joined { room_id, users } => {
            hub.access().forget_room(room_id);
            return Some(Notice::Joined { room_id, users });
        }
        later @ (Notice::Room { reach: Reach::Seeing(_), .. }
        | Notice::Typing { .. }
        | Notice::Changed { .. }
        | Notice::RoomChanged { .. }
        | Notice::RoomWhole { .. }
        | Notice::Summary { .. }) => return Some(later),
    }
    None
}

/// Does what needs the store.
async fn look_up(app: &App, notice: Notice) -> Result<()> {
    match notice {
        Notice::Messages { room_id, last, .. } => Ok(app.log.fill(room_id, last).await?),
        Notice::Room { room_id, reach: Reach::Seeing(seq), event } => {
            let card = match access::known_card(app, room_id) {
                Some(card) => Some(card),
                None if app.hub.has_listeners(room_id) => access::refreshed(app, room_id).await?,
                None => None,
            };
            if let Some(card) = card {
                app.hub.tell_room_here(room_id, &event, |listener| card.sees(listener, seq));
            }
            Ok(())
        }
        Notice::Typing { room_id, user_id, on } if app.hub.has_listeners(room_id) => {
            messages::types_here(app, room_id, user_id, on).await
        }
        Notice::Changed { message } if app.hub.has_listeners(message.room_id) => {
            match app.hub.told().has(message.id, message.revision) {
                true => Ok(()),
                false => changes::tell_here(app, &message).await,
            }
        }
        Notice::RoomChanged { room, members, gone } if app.hub.has_listeners(room.id) => {
            groups::tell_here(app, &room, &members, &gone).await
        }
        Notice::RoomWhole { room_id } if app.hub.has_listeners(room_id) => groups::settle(app, room_id).await,
        Notice::Summary { room_id, users } => requests::tell_room_here(app, room_id, &users).await,
        Notice::Joined { room_id, mut users } => {
            users.retain(|user_id| app.hub.is_listening(*user_id));
            if !users.is_empty()
                && let Some(card) = access::refreshed(app, room_id).await?
            {
                // Said long ago, or again by somebody else: only the store says who is in a room.
                // And who has left while it was asked is noted by then.
                users.retain(|user_id| card.has(*user_id) && !app.hub.parted().has(room_id, *user_id));
                app.hub.join_here(room_id, &users);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The packets in what follows a notice.
fn cut(frames: &bytes::Bytes, sizes: &[(u16, u32)]) -> Option<Vec<Packet>> {
    let (mut packets, mut at) = (Vec::with_capacity(sizes.len()), 0_usize);
    for (count, bytes) in sizes {
        let end = at.checked_add(usize::try_from(*bytes).ok()?).filter(|end| *end <= frames.len())?;
        packets.push(Packet { bytes: frames.slice(at..end), frames: *count, kind: Kind::Event });
        at = end;
    }
    Some(packets)
}

/// Looks for sessions that another process has ended, and closes their connections here. How they ended is not known: the page asks for
/// its session anew, and hears it then.
///
/// # Errors
/// Those of the store.
pub async fn look_for_ended(app: &App) -> Result<()> {
    for session_id in app.db.revoked_since(Timestamp::now().plus_ms(-ENDED_MS)).await? {
        app.sessions.forget(session_id);
        app.hub.close_ended_session_here(session_id);
    }
    Ok(())
}

/// Lets everybody who is connected here hear all of their rooms: what let them into one may have been lost on its way.
///
/// # Errors
/// Those of the store.
pub async fn look_for_rooms(app: &App) -> Result<()> {
    let mut lists = stream::iter(app.hub.users())
        .map(|user_id| async move { (user_id, app.db.rooms_of(user_id).await) })
        .buffer_unordered(READS_AT_ONCE);
    while let Some((user_id, rooms)) = lists.next().await {
        let ids: Vec<RoomId> = rooms?.into_iter().map(|room| room.id).collect();
        for connection in app.hub.connections_of(user_id).iter().filter(|connection| connection.has_said_hello()) {
            app.hub.subscribe(connection, ids.iter().copied());
        }
    }
    Ok(())
}

/// Tells everybody here that what happens in other processes comes late, or no longer does.
pub fn tell_delay(app: &App, on: bool) {
    app.hub.tell_all_here(&LiveEvent::Delayed { on });
}
