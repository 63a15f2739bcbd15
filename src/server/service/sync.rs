//! Catching up: what a client lacks since it was last here.

use crate::error::Result;
use crate::id::RoomId;
use crate::live::{RoomMessages, Snapshot};
use crate::model::limits::CATCH_UP_MAX;
use crate::model::{Member, Message, RoomSummary, Seq};
use crate::server::App;
use crate::server::access;
use crate::server::hub::Connection;
use crate::server::service::{presence, requests, rooms};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Changes are asked for from this long before the cursor: applying one twice is harmless, and no race can hide one.
const OVERLAP_MS: u64 = 30_000;
/// Changed messages of one answer; with more of them what the client holds is replaced by the newest pages.
const CHANGED_MAX: usize = 500;
/// Bytes of texts in one answer; rooms beyond it get only their newest message and are loaded when they are opened.
const TEXTS_MAX_BYTES: usize = 512 * 1024;

/// Subscribes the connection to its rooms, then reads what is missing since `held` and `cursor`: in this order, so that
/// what happens meanwhile is an event that follows.
pub async fn hello(
    app: &App,
    connection: &Arc<Connection>,
    held: &BTreeMap<RoomId, Seq>,
    cursor: Option<u64>,
) -> Result<Snapshot> {
    let user_id = connection.user_id;
    // The cursor before any message: what changes after this moment has a later stamp. Requests and blocks come to the
    // connection by its user, so they may be read before it hears its rooms.
    let (new_cursor, rooms, requests, blocks) = tokio::join!(
        app.db.cursor(),
        app.db.rooms_of(user_id),
        requests::open(app, user_id),
        access::blocks(app, user_id),
    );
    let (new_cursor, rooms, requests, blocks) = (new_cursor?, rooms?, requests?, blocks?);
    let ids: Vec<RoomId> = rooms.iter().map(|room| room.id).collect();
    app.hub.subscribe(connection, ids.iter().copied());
    // They went from one of these on this process, and were let in again on another one.
    for room_id in ids.into_iter().filter(|room_id| app.hub.parted().has(*room_id, user_id)).collect::<Vec<_>>() {
        access::refreshed(app, room_id).await?;
        app.hub.subscribe(connection, [room_id]);
    }
    let view = rooms::view(app, user_id, rooms).await?;
    connection.say_hello();
    presence::arrived(app, connection, &view);

    let held: Vec<(&RoomSummary, Seq)> =
        view.summaries.iter().filter_map(|summary| held.get(&summary.room.id).map(|seq| (summary, *seq))).collect();
    let changed = changed(app, connection, &held, cursor).await?;
    let messages = missed(app, connection, &held, changed.is_none()).await?;
    Ok(Snapshot {
        presence: view.presence(app, user_id),
        blocked: blocks.made_by(user_id),
        requests,
        messages,
        changed: changed.unwrap_or_default(),
        cursor: new_cursor,
        rooms: view.summaries,
    })
}

/// Messages of held rooms that changed since `cursor`. `None`: it cannot be told, or there are too many.
async fn changed(
    app: &App,
    connection: &Connection,
    held: &[(&RoomSummary, Seq)],
    cursor: Option<u64>,
) -> Result<Option<Vec<Message>>> {
    if held.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let Some(cursor) = cursor else { return Ok(None) };
    // Of what they cleared too: a clear can be taken back, and the page may hold it still.
    let joined = |summary: &RoomSummary| own(summary, connection).map_or(Seq::MAX, |own| own.joined_seq);
    let floors: HashMap<RoomId, Seq> = held.iter().map(|(summary, _)| (summary.room.id, joined(summary))).collect();
    let ids: Vec<RoomId> = floors.keys().copied().collect();
    let changed = app.db.changed_since(&ids, cursor.saturating_sub(OVERLAP_MS), CHANGED_MAX + 1).await?;
    if changed.len() > CHANGED_MAX {
        return Ok(None);
    }
    let may_see = |message: &Message| floors.get(&message.room_id).is_some_and(|floor| message.seq > *floor);
    Ok(Some(changed.into_iter().filter(may_see).collect()))
}

/// For each held room with something new: what came after, or only the newest.
async fn missed(
    app: &App,
    connection: &Connection,
    held: &[(&RoomSummary, Seq)],
    replace_all: bool,
) -> Result<Vec<RoomMessages>> {
    let (mut missed, mut bytes) = (Vec::new(), 0);
    for (summary, held) in held {
        let (room_id, head, floor) = (summary.room.id, summary.head_seq, floor(summary, connection));
        let after = (*held).max(floor);
        // A client that holds more than there is comes from another store; what it holds means nothing here.
        let replace = replace_all || *held > head;
        if !replace && after >= head {
            continue;
        }
        let limited = replace || head - after > u64::from(CATCH_UP_MAX);
        let (limited, messages) = if bytes > TEXTS_MAX_BYTES {
            (true, summary.last.clone().into_iter().collect())
        } else if limited {
            (true, app.db.page(room_id, floor, None, None, CATCH_UP_MAX).await?)
        } else {
            (false, app.db.page(room_id, floor, None, Some(after), CATCH_UP_MAX).await?)
        };
        bytes += messages.iter().map(|message| message.body.as_str().len()).sum::<usize>();
        missed.push(RoomMessages { room_id, messages, limited });
    }
    Ok(missed)
}

fn own<'a>(summary: &'a RoomSummary, connection: &Connection) -> Option<&'a Member> {
    summary.members.iter().find(|member| member.user_id == connection.user_id)
}

fn floor(summary: &RoomSummary, connection: &Connection) -> Seq {
    own(summary, connection).map_or(Seq::MAX, Member::floor)
}
