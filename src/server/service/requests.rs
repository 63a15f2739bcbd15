//! Message requests: one text, and an answer that is never a "no".
//!
//! A row holds the place of its ordered pair while it is `open`:
//!
//! | state | open | the sender sees | the receiver sees |
//! |---|---|---|---|
//! | `Pending` | yes | it waits | it waits for an answer |
//! | `Declined` | for 7 days | it waits | nothing |
//! | `Cancelled` | no; yes, to the end of the 7 days, when it was declined before | nothing | nothing |
//! | `Accepted` | until the room and its first message are there | the room | the room |
//!
//! Someone who is blocked by the receiver gets a row that begins as `Declined`: from outside there is no difference.
//!
//! A request may ask into a group instead: then its place is that of one person and one group, it has no text, and accepting
//! it joins. It ends unanswered when who asked may no longer let people in.

use crate::error::{Error, Result, What};
use crate::id::{RequestId, RoomId, TxnId, UserId};
use crate::live::LiveEvent;
use crate::model::limits::{REQUEST_COOLDOWN_MS, REQUEST_EXPIRY_MS, REQUESTS_OPEN, REQUESTS_OPEN_NEW};
use crate::model::{Body, InvitedTo, MessageRequest, RequestOutcome, RequestState, RoomSummary, SystemLine};
use crate::server::App;
use crate::server::access;
use crate::server::bus::Notice;
use crate::server::limits::Rule;
use crate::server::service::{accounts, assistant, groups, presence, rooms};
use crate::server::session::Session;
use crate::server::store::{DueRequests, Field, NewMessage, RequestRow, StoreError, UserRow};
use crate::time::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// An account younger than this has the lower bound of open requests: 72 hours.
const NEW_ACCOUNT_MS: i64 = 72 * 3_600_000;
/// An accepted request without its room after this long was left so by a process that ended.
const UNFINISHED_MS: i64 = 10_000;
/// Requests of one round of the sweep.
const SWEEP_AT_ONCE: usize = 200;
/// When to try again at the bound of open requests: somebody has to answer first.
const RETRY_OPEN_MS: u64 = 3_600_000;

const NO_REQUEST: Error = Error::NotFound { what: What::Request };

/// Whether a row still holds the place of its pair.
fn is_current(row: &RequestRow, now: Timestamp) -> bool {
    match row.state {
        RequestState::Pending => now < row.created_at.plus_ms(REQUEST_EXPIRY_MS),
        RequestState::Declined | RequestState::Cancelled => now < row.changed_at.plus_ms(REQUEST_COOLDOWN_MS),
        RequestState::Accepted => true,
        RequestState::Expired => false,
    }
}

/// Whether the sender sees it wait.
fn looks_open(row: &RequestRow) -> bool {
    matches!(row.state, RequestState::Pending | RequestState::Declined)
}

/// See [`crate::api::requests::send_request`].
pub async fn send(app: &App, session: &Session, to: UserId, intro: &str) -> Result<RequestOutcome> {
    let (me, now) = (session.user_id, Timestamp::now());
    let intro = Body::parse_intro(intro)?;
    if to == me {
        return Err(Error::Unreachable);
    }
    app.limits.take(Rule::Request, me).await?;
    let people = people(app, [me, to]).await?;
    let asked = people.get(&to).filter(|row| row.deleted_at.is_none());
    let (Some(sender), Some(asked)) = (people.get(&me), asked) else {
        return Err(Error::NotFound { what: What::Person });
    };
    let blocks = access::blocks(app, me).await?;
    if blocks.made(me, to) {
        return Err(Error::Unreachable);
    }
    if let Some(room) = app.db.find_direct_room(me, to).await? {
        return Ok(RequestOutcome::Connected { room: rooms::summary(app, me, room.id).await? });
    }
    let is_blocked = blocks.made(to, me);
    if asked.is_bot && !blocks.made(to, me) {
        return talk_to(app, me, to, intro, now).await;
    }
    // They had asked, and were not answered or even declined: asking is a yes.
    if !is_blocked
        && let Some(theirs) = current(app, to, me, now).await?
        && theirs.state != RequestState::Cancelled
        && let Some(room) = connect(app, &theirs, me, Some(&intro)).await?
    {
        return Ok(RequestOutcome::Connected { room });
    }

    if !is_blocked && !accounts::may_ask(app, me, to).await? {
        return Err(Error::Unreachable);
    }
    let mut row = RequestRow {
        id: RequestId::new(),
        from: me,
        to,
        intro,
        room_id: None,
        state: if is_blocked { RequestState::Declined } else { RequestState::Pending },
        open: true,
        created_at: now,
        changed_at: now,
    };
    match current(app, me, to, now).await? {
        Some(mine) if mine.state == RequestState::Accepted => {
            if let Some(room) = connect(app, &mine, me, None).await? {
                return Ok(RequestOutcome::Connected { room });
            }
        }
        Some(mine) if mine.state == RequestState::Cancelled => {
            // Declined, then taken back by its sender, who asks again: it waits, as far as they can see.
            app.db.move_request(mine.id, RequestState::Cancelled, RequestState::Cancelled, false, now).await?;
            (row.state, row.changed_at) = (RequestState::Declined, mine.changed_at);
        }
        Some(_) => return Err(Error::AlreadyRequested),
        None => {}
    }
    let is_new = now < sender.created_at.plus_ms(NEW_ACCOUNT_MS);
    let open_max = if is_new { REQUESTS_OPEN_NEW } else { REQUESTS_OPEN };
    let open = app.db.open_requests_of(me).await?;
    if open
        .iter()
        .filter(|row| row.from == me && row.room_id.is_none() && looks_open(row) && is_current(row, now))
        .count()
        >= open_max
    {
        return Err(Error::RateLimited { retry_after_ms: RETRY_OPEN_MS });
    }
    app.db.create_request(&row).await.map_err(|error| match error {
        StoreError::Taken(Field::Request) => Error::AlreadyRequested,
        other => other.into(),
    })?;
    // Theirs may have come between the look and the write. Both sides look again after writing, so one of them sees both.
    if row.state == RequestState::Pending
        && let Some(theirs) = current(app, to, me, now).await?
        && theirs.state != RequestState::Cancelled
        // The text is that of the own row, which is answered with theirs.
        && let Some(room) = connect(app, &theirs, me, None).await?
    {
        return Ok(RequestOutcome::Connected { room });
    }
    let request = announce(app, &row, &people, None).ok_or(NO_REQUEST)?;
    Ok(RequestOutcome::Waiting { request })
}

/// Connects someone with a bot, which needs no time to think it over.
///
/// # Errors
/// [`Error::Unreachable`] where it is switched off.
async fn talk_to(app: &App, me: UserId, bot: UserId, intro: Body, now: Timestamp) -> Result<RequestOutcome> {
    if app.assistant.get() != Some(&bot) {
        return Err(Error::Unreachable);
    }
    let mut row = RequestRow {
        id: RequestId::new(),
        from: me,
        to: bot,
        intro,
        room_id: None,
        state: RequestState::Pending,
        open: true,
        created_at: now,
        changed_at: now,
    };
    match app.db.create_request(&row).await {
        Ok(()) => {}
        // From another tab, or by a process that ended in between.
        Err(StoreError::Taken(Field::Request)) => row = current(app, me, bot, now).await?.ok_or(Error::Conflict)?,
        Err(error) => return Err(error.into()),
    }
    let room = connect(app, &row, me, None).await?.ok_or(Error::Conflict)?;
    Ok(RequestOutcome::Connected { room })
}

/// Tells both of a new request, as far as they see it.
fn announce(
    app: &App,
    row: &RequestRow,
    people: &HashMap<UserId, UserRow>,
    room: Option<&InvitedTo>,
) -> Option<MessageRequest> {
    for user_id in [row.from, row.to] {
        if let Some(request) = seen_by(row, user_id, people, room) {
            app.hub.tell_user(user_id, &LiveEvent::Request { request });
        }
    }
    seen_by(row, row.from, people, room)
}

/// Asks a person into a group, on behalf of someone who may let people in. One who was asked already, or has declined lately,
/// is not asked again, which does not show.
///
/// # Errors
/// [`Error::RateLimited`] beyond what may be asked in a day.
pub(super) async fn ask_into(app: &App, me: UserId, to: UserId, room_id: RoomId) -> Result<()> {
    let now = Timestamp::now();
    let mut has_declined = access::blocks(app, me).await?.made(to, me);
    for row in app.db.open_requests_of(to).await?.into_iter().filter(|row| row.to == to) {
        if !release(app, &row, now).await? {
            continue;
        }
        if row.room_id == Some(room_id) {
            return Ok(());
        }
        has_declined |= row.from == me && row.state != RequestState::Pending;
    }
    app.limits.take(Rule::Invite, me).await?;
    let row = RequestRow {
        id: RequestId::new(),
        from: me,
        to,
        intro: Body::stored(String::new()),
        room_id: Some(room_id),
        state: if has_declined { RequestState::Declined } else { RequestState::Pending },
        open: true,
        created_at: now,
        changed_at: now,
    };
    match app.db.create_request(&row).await {
        Ok(()) => {}
        // Another admin was first.
        Err(StoreError::Taken(_)) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let (people, rooms) = tokio::join!(people(app, [me, to]), invited_to(app, vec![room_id]));
    announce(app, &row, &people?, rooms?.get(&room_id));
    Ok(())
}

/// See [`crate::api::requests::accept_request`].
pub async fn accept(app: &App, session: &Session, id: RequestId) -> Result<RoomSummary> {
    let me = session.user_id;
    let row = app.db.request(id).await?.filter(|row| row.to == me).ok_or(NO_REQUEST)?;
    let may_be = match row.state {
        RequestState::Pending => is_current(&row, Timestamp::now()),
        RequestState::Accepted => true,
        RequestState::Declined | RequestState::Cancelled | RequestState::Expired => false,
    };
    if !may_be || access::blocks(app, me).await?.between(me, row.from) {
        return Err(Error::Conflict);
    }
    match row.room_id {
        None => connect(app, &row, me, None).await?,
        Some(room_id) => enter(app, &row, room_id).await?,
    }
    .ok_or(Error::Conflict)
}

/// See [`crate::api::requests::decline_request`].
pub async fn decline(app: &App, session: &Session, id: RequestId) -> Result<()> {
    let (me, now) = (session.user_id, Timestamp::now());
    let row = app.db.request(id).await?.filter(|row| row.to == me).ok_or(NO_REQUEST)?;
    turn_down(app, &row, now).await?;
    match app.db.request(id).await?.map(|row| row.state) {
        Some(RequestState::Accepted) => Err(Error::Conflict),
        _ => Ok(()),
    }
}

/// Declines a request if it waits. Its sender is not told.
async fn turn_down(app: &App, row: &RequestRow, now: Timestamp) -> Result<()> {
    if app.db.move_request(row.id, RequestState::Pending, RequestState::Declined, true, now).await? {
        app.hub.tell_user(row.to, &LiveEvent::RequestGone { request_id: row.id });
    }
    Ok(())
}

/// See [`crate::api::requests::cancel_request`].
pub async fn cancel(app: &App, session: &Session, id: RequestId) -> Result<()> {
    let me = session.user_id;
    let row = app.db.request(id).await?.filter(|row| row.from == me).ok_or(NO_REQUEST)?;
    take_back(app, &row).await?;
    match app.db.request(id).await?.map(|row| row.state) {
        Some(RequestState::Accepted) => Err(Error::Conflict),
        _ => Ok(()),
    }
}

/// Cancels a request as far as its sender sees it wait.
async fn take_back(app: &App, row: &RequestRow) -> Result<()> {
    let now = Timestamp::now();
    let gone = LiveEvent::RequestGone { request_id: row.id };
    if app.db.move_request(row.id, RequestState::Pending, RequestState::Cancelled, false, now).await? {
        app.hub.tell_users(&[row.from, row.to], &gone);
    } else if let Some(declined) = app.db.request(row.id).await?.filter(|row| row.state == RequestState::Declined) {
        // It goes on holding its place: taking a request back must not be a way around the cool-down.
        let open = declined.open && is_current(&declined, now);
        app.db.move_request(row.id, RequestState::Declined, RequestState::Cancelled, open, now).await?;
        app.hub.tell_user(row.from, &gone);
    }
    Ok(())
}

/// Open requests that a person sent or got, as they see them, newest first.
pub async fn open(app: &App, user_id: UserId) -> Result<Vec<MessageRequest>> {
    let now = Timestamp::now();
    let mut rows = app.db.open_requests_of(user_id).await?;
    // Reading changes nothing: what has had its time is cleared away by the sweep.
    rows.retain(|row| is_current(row, now));
    let both: Vec<UserId> = rows.iter().flat_map(|row| [row.from, row.to]).collect();
    let into: Vec<RoomId> = rows.iter().filter_map(|row| row.room_id).collect();
    let (people, rooms_of) = tokio::join!(people(app, both), invited_to(app, into));
    let (people, rooms_of) = (people?, rooms_of?);
    let room_of = |row: &RequestRow| row.room_id.and_then(|room_id| rooms_of.get(&room_id));
    Ok(rows.iter().filter_map(|row| seen_by(row, user_id, &people, room_of(row))).collect())
}

/// Clears away requests that have had their time, and finishes those that were accepted by a process which then ended.
/// Every minute, in each process: what two of them do at once is done once.
pub async fn sweep(app: &App, now: Timestamp) -> Result<()> {
    let due = DueRequests {
        pending: now.plus_ms(-REQUEST_EXPIRY_MS),
        declined: now.plus_ms(-REQUEST_COOLDOWN_MS),
        accepted: now.plus_ms(-UNFINISHED_MS),
    };
    loop {
        let rows = app.db.due_requests(&due, SWEEP_AT_ONCE).await?;
        let is_last = rows.len() < SWEEP_AT_ONCE;
        let mut failed = None;
        for row in rows {
            if let Err(error) = sweep_one(app, &row, now).await {
                // The others must not wait for one that cannot be done.
                tracing::warn!(request.id = %row.id, %error, "a request was not cleared away");
                failed = Some(error);
            }
        }
        match failed {
            Some(error) => return Err(error),
            None if is_last => return Ok(()),
            None => {}
        }
    }
}

async fn sweep_one(app: &App, row: &RequestRow, now: Timestamp) -> Result<()> {
    if row.state == RequestState::Accepted {
        let done = match row.room_id {
            None => connect(app, row, row.to, None).await,
            Some(room_id) => enter(app, row, room_id).await,
        };
        return match done {
            // The group is full. Nobody is there to be told so, and it is not tried for ever.
            Err(Error::Invalid { .. }) => {
                app.db.move_request(row.id, row.state, RequestState::Expired, false, now).await?;
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
    }
    if app.db.move_request(row.id, row.state, RequestState::Expired, false, now).await? {
        let gone = LiveEvent::RequestGone { request_id: row.id };
        match row.state {
            RequestState::Pending => app.hub.tell_users(&[row.from, row.to], &gone),
            RequestState::Declined => app.hub.tell_user(row.from, &gone),
            RequestState::Cancelled | RequestState::Accepted | RequestState::Expired => {}
        }
    }
    Ok(())
}

/// Answers everything that is open between two people: the other one's requests are declined, own ones taken back.
pub(super) async fn end_between(app: &App, me: UserId, other: UserId, now: Timestamp) -> Result<()> {
    for row in app.db.open_requests_of(me).await? {
        if row.from == other && release(app, &row, now).await? {
            turn_down(app, &row, now).await?;
        } else if row.to == other && release(app, &row, now).await? {
            take_back(app, &row).await?;
        }
    }
    Ok(())
}

/// Everything that is open around somebody who goes: nobody waits for them any more, nor they for anybody.
pub(super) async fn end_all_of(app: &App, user_id: UserId) -> Result<()> {
    let now = Timestamp::now();
    for row in app.db.open_requests_of(user_id).await? {
        if app.db.move_request(row.id, row.state, RequestState::Expired, false, now).await? {
            app.hub.tell_users(&[row.from, row.to], &LiveEvent::RequestGone { request_id: row.id });
        }
    }
    Ok(())
}

/// Frees the place of a row that has had its time. Returns whether it still holds it.
async fn release(app: &App, row: &RequestRow, now: Timestamp) -> Result<bool> {
    if is_current(row, now) {
        return Ok(true);
    }
    app.db.move_request(row.id, row.state, RequestState::Expired, false, now).await?;
    Ok(false)
}

/// The row that holds the place of an ordered pair now.
async fn current(app: &App, from: UserId, to: UserId, now: Timestamp) -> Result<Option<RequestRow>> {
    match app.db.open_request(from, to).await? {
        Some(row) if release(app, &row, now).await? => Ok(Some(row)),
        _ => Ok(None),
    }
}

/// `room`: the group that it asks into, if there still is one.
fn seen_by(
    row: &RequestRow,
    user_id: UserId,
    people: &HashMap<UserId, UserRow>,
    room: Option<&InvitedTo>,
) -> Option<MessageRequest> {
    if row.room_id.is_some() && room.is_none() {
        return None;
    }
    let is_seen = if row.from == user_id { looks_open(row) } else { row.state == RequestState::Pending };
    is_seen.then_some(())?;
    Some(MessageRequest {
        id: row.id,
        from: people.get(&row.from)?.person(),
        to: people.get(&row.to)?.person(),
        intro: row.intro.clone(),
        state: RequestState::Pending,
        created_at: row.created_at,
        room: room.cloned(),
    })
}

/// What those who are asked into groups see of them.
async fn invited_to(app: &App, ids: Vec<RoomId>) -> Result<HashMap<RoomId, InvitedTo>> {
    let mut rooms = HashMap::new();
    for room_id in ids {
        if let Some(room) = app.db.room(room_id).await?.filter(|_| !rooms.contains_key(&room_id))
            && let Some(card) = access::cards(app, std::slice::from_ref(&room)).await?.pop()
            && !card.members.is_empty()
        {
            let member_count = u32::try_from(card.members.len()).unwrap_or(u32::MAX);
            rooms.insert(room_id, InvitedTo { room_id, name: room.name.unwrap_or_default(), member_count });
        }
    }
    Ok(rooms)
}

async fn people(app: &App, ids: impl IntoIterator<Item = UserId>) -> Result<HashMap<UserId, UserRow>> {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    Ok(app.db.users(&ids).await?.into_iter().map(|row| (row.id, row)).collect())
}

/// Connects the two of a request and gives the room as `viewer` sees it. `None`: the request was answered otherwise.
///
/// Every step may be repeated, by another tab or after a crash: the state moves first and the row stays open until the
/// rest is done; the room is one per pair; the texts have ids made from the request's.
async fn connect(app: &App, row: &RequestRow, viewer: UserId, reply: Option<&Body>) -> Result<Option<RoomSummary>> {
    let now = Timestamp::now();
    if row.state != RequestState::Accepted
        && !app.db.move_request(row.id, row.state, RequestState::Accepted, true, now).await?
        && app.db.request(row.id).await?.is_none_or(|row| row.state != RequestState::Accepted)
    {
        return Ok(None);
    }
    let (room, is_new) = app.db.direct_room(row.from, row.to, now).await?;
    app.hub.join(room.id, &[row.from, row.to]);
    if is_new {
        tell_room(app, room.id, &[row.from, row.to]).await?;
        presence::introduce(app, row.from, row.to, true).await?;
    }
    let text = |author_id, txn_id, body: &Body| NewMessage {
        created_at: now,
        ..NewMessage::text(room.id, author_id, txn_id, body.clone())
    };
    let said = app.log.append(text(row.from, txn_of(row.id, "intro"), &row.intro)).await?;
    if !said.repeated {
        assistant::hear(app, &said.message);
    }
    // Their own request, if they too had one, is answered with this.
    let crossing = current(app, row.to, row.from, now).await?.filter(looks_open);
    if let Some(crossing) = crossing {
        app.db.move_request(crossing.id, crossing.state, RequestState::Accepted, false, now).await?;
        app.log.append(text(row.to, txn_of(crossing.id, "intro"), &crossing.intro)).await?;
        app.hub.tell_users(&[row.from, row.to], &LiveEvent::RequestGone { request_id: crossing.id });
    } else if let Some(reply) = reply {
        match app.log.append(text(row.to, txn_of(row.id, "reply"), reply)).await {
            // Asked twice with two texts; the first one is there.
            Ok(_) | Err(StoreError::TxnConflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if app.db.move_request(row.id, RequestState::Accepted, RequestState::Accepted, false, now).await? {
        app.hub.tell_users(&[row.from, row.to], &LiveEvent::RequestGone { request_id: row.id });
    }
    rooms::summary(app, viewer, room.id).await.map(Some)
}

/// Lets the one who was asked into the group, and gives it as they see it. `None`: the request was answered otherwise, or who
/// asked may let nobody in any more. As in [`connect`] every step may be repeated.
///
/// # Errors
/// [`Error::Invalid`] of `room` when the group is full; then the request waits again.
async fn enter(app: &App, row: &RequestRow, room_id: RoomId) -> Result<Option<RoomSummary>> {
    let (now, gone) = (Timestamp::now(), LiveEvent::RequestGone { request_id: row.id });
    if row.state != RequestState::Accepted
        && !app.db.move_request(row.id, row.state, RequestState::Accepted, true, now).await?
        && app.db.request(row.id).await?.is_none_or(|row| row.state != RequestState::Accepted)
    {
        return Ok(None);
    }
    let is_member = app.db.member(room_id, row.to).await?.is_some();
    if !is_member && !groups::may_admit(app, room_id, row.from).await? {
        app.db.move_request(row.id, RequestState::Accepted, RequestState::Expired, false, now).await?;
        app.hub.tell_users(&[row.from, row.to], &gone);
        return Ok(None);
    }
    let line = SystemLine::Added { users: vec![row.to] };
    match groups::admit(app, room_id, row.to, (row.from, txn_of(row.id, "added"), line)).await {
        Ok(_) => {}
        Err(error @ Error::Invalid { .. }) => {
            app.db.move_request(row.id, RequestState::Accepted, RequestState::Pending, true, now).await?;
            return Err(error);
        }
        Err(error) => return Err(error),
    }
    if app.db.move_request(row.id, RequestState::Accepted, RequestState::Accepted, false, now).await? {
        app.hub.tell_users(&[row.from, row.to], &gone);
    }
    rooms::summary(app, row.to, room_id).await.map(Some)
}

/// Tells each of these people of a room, as they see it.
pub(super) async fn tell_room(app: &App, room_id: RoomId, users: &[UserId]) -> Result<()> {
    app.hub.bus().publish(|| Notice::Summary { room_id, users: users.to_vec() });
    tell_room_here(app, room_id, users).await
}

/// [`tell_room`] in this process only.
pub(super) async fn tell_room_here(app: &App, room_id: RoomId, users: &[UserId]) -> Result<()> {
    for user_id in users {
        if app.hub.is_listening(*user_id) {
            match rooms::summary(app, *user_id, room_id).await {
                Ok(summary) => app.hub.tell_user_here(*user_id, &LiveEvent::Room { summary }),
                // They have gone meanwhile.
                Err(Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

/// The transaction id of a text that a request holds: always the same, so that it is appended once. A UUIDv8 (RFC 9562:
/// made from a hash).
fn txn_of(id: RequestId, part: &str) -> TxnId {
    let hash = Sha256::new().chain_update(id.0.as_bytes()).chain_update(part).finalize();
    TxnId(uuid::Builder::from_custom_bytes(std::array::from_fn(|i| hash[i])).into_uuid())
}
