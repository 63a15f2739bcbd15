//! The machine. It owns no clock, no randomness and no socket: all three come with each input.

mod changes;
mod files;
mod rooms;
mod writing;

use super::{Effect, Input, Transport};
use crate::Error;
use crate::client::outbox::backoff_ms;
use crate::client::state::fold::{Acked, Folded};
use crate::client::state::overlay::ChangeId;
use crate::client::{ConnectionState, State};
use crate::error::What;
use crate::id::{RoomId, TxnId};
use crate::live::{ClientFrame, Command, LiveEvent, LogoutReason, PROTOCOL, ServerFrame, close};
use crate::model::Seq;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// While live updates are delayed the list of rooms is read again every 8 to 16 s, and once within 3 s when they are not.
const LOOK_MS: i64 = 8_000;
const LOOK_ONCE_MS: f64 = 3_000.0;
/// Opening and greeting may each take this long.
const OPEN_MS: i64 = 10_000;
/// Silence before a ping, and silence after it before the connection counts as dead. The server says its heads every 15 s.
const PING_AFTER_MS: i64 = 25_000;
const PONG_WITHIN_MS: i64 = 10_000;
/// Watermarks and drafts are gathered this long.
const READ_EVERY_MS: i64 = 250;
/// Without a connection for this long, who was online may have gone.
const STALE_AFTER_MS: i64 = 1_000;
const DELIVERED_EVERY_MS: i64 = 500;
const DRAFT_AFTER_MS: i64 = 300;
/// After days away hundreds of rooms have something new. The server takes 30 frames in a second: most of them are for sends.
const MARKS_AT_ONCE: usize = 10;
const MARKS_AGAIN_MS: i64 = 1_000;
/// On the HTTP stand-in the socket is tried again this often.
const SOCKET_AGAIN_MS: i64 = 300_000;
/// The access token is renewed this long before its end.
const REFRESH_BEFORE_MS: i64 = 60_000;
/// After "too many connections" this tab waits, unless someone looks at it.
const REPLACED_MS: i64 = 60_000;
/// What only the server can count is asked for after this long: changes come in bunches.
const RECOUNT_AFTER_MS: i64 = 1_000;
/// Names and quotes that could not be fetched are asked for again after this long.
const WANTED_AGAIN_MS: i64 = 5_000;
/// Rooms nobody looks at keep this many messages.
const KEEP: usize = 200;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Phase {
    Idle {
        retry_at: Option<Timestamp>,
    },
    Opening {
        since: Timestamp,
    },
    Greeting {
        since: Timestamp,
    },
    Live {
        heard: Timestamp,
        pinged: bool,
    },
    /// The session ended or this page is too old: nothing more happens.
    Stopped,
}

/// See the module.
#[derive(Debug)]
pub struct Core {
    phase: Phase,
    transport: Transport,
    is_online: bool,
    is_visible: bool,
    /// Tries since the last `synced`, and how many of them came to nothing while HTTP worked.
    attempts: u32,
    failed_opens: u32,
    socket_again_at: Option<Timestamp>,
    refresh_at: Timestamp,
    is_refreshing: bool,
    /// Open again once the token is renewed.
    open_after_refresh: bool,
    next_id: u64,
    /// Sends that wait for an answer on this connection.
    sends: BTreeMap<u64, TxnId>,
    /// Changes that wait for an answer on this connection.
    changes: BTreeMap<u64, ChangeId>,
    reads: BTreeMap<RoomId, Seq>,
    deliveries: BTreeMap<RoomId, Seq>,
    flush_at: Option<Timestamp>,
    flushed_at: Timestamp,
    /// Since when there has been no connection.
    lost_at: Option<Timestamp>,
    drafts: BTreeSet<RoomId>,
    drafts_at: Option<Timestamp>,
    typing: Option<(RoomId, Timestamp)>,
    fetching: BTreeSet<(RoomId, rooms::Slot)>,
    is_asking_people: bool,
    quotes_asked: BTreeSet<RoomId>,
    wanted_again_at: Option<Timestamp>,
    recount_at: Option<Timestamp>,
    /// When to look for what the server's processes could not tell each other.
    look_at: Option<Timestamp>,
    is_reloading: bool,
    /// Something came while the list was read that the answer may not know.
    reload_again: bool,
    /// What the last fetch of a gap asked; the same again only after something new came.
    asked: BTreeMap<RoomId, (Seq, Timestamp)>,
    /// The message for the list that was asked for last.
    asked_shown: BTreeMap<RoomId, (Seq, Timestamp)>,
}

impl Default for Core {
    fn default() -> Self {
        Self {
            phase: Phase::Idle { retry_at: None },
            transport: Transport::Socket,
            is_online: true,
            is_visible: true,
            attempts: 0,
            failed_opens: 0,
            socket_again_at: None,
            refresh_at: Timestamp(i64::MAX),
            is_refreshing: false,
            open_after_refresh: false,
            next_id: 1,
            sends: BTreeMap::new(),
            changes: BTreeMap::new(),
            reads: BTreeMap::new(),
            deliveries: BTreeMap::new(),
            flush_at: None,
            flushed_at: Timestamp::default(),
            lost_at: None,
            drafts: BTreeSet::new(),
            drafts_at: None,
            typing: None,
            fetching: BTreeSet::new(),
            is_asking_people: false,
            quotes_asked: BTreeSet::new(),
            wanted_again_at: None,
            recount_at: None,
            look_at: None,
            is_reloading: false,
            reload_again: false,
            asked: BTreeMap::new(),
            asked_shown: BTreeMap::new(),
        }
    }
}

/// One step: the state, the moment, a random number in `0.0..1.0`, and what comes of it.
struct Step<'a> {
    state: &'a mut State,
    now: Timestamp,
    random: f64,
    effects: Vec<Effect>,
}

impl Core {
    /// Takes one input in.
    pub fn handle(&mut self, state: &mut State, input: Input, now: Timestamp, random: f64) -> Vec<Effect> {
        let mut step = Step { state, now, random, effects: Vec::new() };
        self.dispatch(&mut step, input);
        self.tick(&mut step);
        step.effects
    }

    /// When to come back with [`Input::Tick`] if nothing else happens.
    pub fn next_wake(&self, state: &State) -> Option<Timestamp> {
        let phase = match self.phase {
            Phase::Idle { retry_at } => retry_at,
            Phase::Opening { since } | Phase::Greeting { since } => Some(since.plus_ms(OPEN_MS)),
            Phase::Live { heard, pinged } => {
                Some(heard.plus_ms(PING_AFTER_MS + if pinged { PONG_WITHIN_MS } else { 0 }))
            }
            Phase::Stopped => None,
        };
        let live = self.is_live();
        let stopped = self.phase == Phase::Stopped;
        [
            phase,
            state.outbox.next_wake().filter(|_| live),
            state.outbox.next_upload().filter(|_| live),
            self.flush_at.filter(|_| live),
            self.drafts_at,
            self.lost_at.filter(|_| !stopped && !state.is_stale).map(|at| at.plus_ms(STALE_AFTER_MS)),
            state.typing_ends(),
            state.notices_end(),
            state.overlay.next_wake(live),
            self.recount_at.filter(|_| live),
            self.look_at.filter(|_| live),
            self.wanted_again_at.filter(|_| live),
            Some(self.refresh_at).filter(|at| !stopped && self.is_online && !self.is_refreshing && at.0 < i64::MAX),
            self.socket_again_at.filter(|_| live && self.transport == Transport::Events),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn is_live(&self) -> bool {
        matches!(self.phase, Phase::Live { .. })
    }

    fn dispatch(&mut self, step: &mut Step<'_>, input: Input) {
        match input {
            Input::Start { is_online } => self.start(step, is_online),
            Input::Tick => {}
            Input::Opened => self.opened(step),
            Input::Frame(frame) => self.frame(step, *frame),
            Input::Unreadable => self.stop(step, ConnectionState::Outdated),
            Input::Closed { code } => self.closed(step, code),
            Input::Online => {
                self.is_online = true;
                self.reconnect_now(step);
            }
            Input::Offline => self.offline(step),
            Input::Visible(on) => self.visible(step, on),
            Input::Leaving => {
                self.flush_drafts(step);
                self.release(step, true);
            }
            Input::Refreshed(result) => self.refreshed(step, result),
            Input::Probed(works) => self.probed(step, works),
            Input::Fetched { room_id, fetch, result } => self.fetched(step, room_id, fetch, result),
            Input::Reloaded(result) => self.reloaded(step, result),
            Input::Stored { txn_id, ok } => {
                step.state.storage_failed |= !ok;
                step.state.outbox.stored(txn_id);
            }
            Input::People { asked, result } => self.people(step, &asked, result),
            Input::Quoted { room_id, asked, result } => self.quoted(step, room_id, &asked, result),
            Input::Restored { entries, drafts } => self.restored(step, entries, drafts),
            Input::LeftBehind => step.effects.push(Effect::Restore),
            Input::Composed(txn_id) => writing::composed(step, txn_id),
            Input::TakenBack(txn_id) => {
                // Its text may be the draft now: that is on the disk before the send is off it.
                self.flush_drafts(step);
                step.effects.push(Effect::Forget(txn_id));
            }
            Input::Withdrawn(ids) => step.effects.push(Effect::Withdraw(ids)),
            Input::UploadMoved { .. } => {}
            Input::UploadEnded { local, id, result } => self.upload_ended(step, local, id, result),
            Input::StorageSeen { is_down } => Self::storage_seen(step, is_down),
            Input::BytesLost(local) => Self::bytes_lost(step, local),
            Input::SignOut => {
                self.drafts.clear();
                self.stop(step, ConnectionState::LoggedOut);
                step.effects.push(Effect::Wipe);
            }
            Input::DraftChanged(room_id) => self.draft_changed(step, room_id),
            Input::OpenRoom(room_id) => self.open_room(step, room_id),
            Input::LoadOlder(room_id) => self.load_older(step, room_id),
            Input::LoadNewer(room_id) => self.load_newer(step, room_id),
            Input::Jumped(room_id) => self.load_jump(step, room_id),
            Input::Changed => {}
            Input::MarkRead { room_id, seq } => {
                let mark = self.reads.entry(room_id).or_default();
                *mark = seq.max(*mark);
                // The first one at once: somebody looks at the tick. More in quick succession are gathered.
                let since = step.now.0.saturating_sub(self.flushed_at.0).max(0);
                self.flush_soon(step, READ_EVERY_MS.saturating_sub(since).max(0));
            }
            Input::Command(command) => self.command(step, command),
            Input::ReconnectNow => self.reconnect_now(step),
            Input::Resync => self.reload(step),
        }
    }

    /// Whatever is due.
    fn tick(&mut self, step: &mut Step<'_>) {
        let now = step.now;
        step.state.expire_typing(now);
        step.state.expire_notices(now);
        step.state.settle_overlay(now);
        self.release(step, false);
        if self.lost_at.is_some_and(|at| at.plus_ms(STALE_AFTER_MS) <= now) {
            step.state.is_stale = true;
        }
        if self.drafts_at.is_some_and(|at| at <= now) {
            self.flush_drafts(step);
        }
        if self.refresh_at <= now && !self.is_refreshing && self.phase != Phase::Stopped && self.is_online {
            self.refresh(step);
        }
        match self.phase {
            Phase::Idle { retry_at: Some(at) } if at <= now => self.open(step),
            Phase::Opening { since } | Phase::Greeting { since } if since.plus_ms(OPEN_MS) <= now => {
                step.effects.push(Effect::Close);
                self.closed(step, 0);
            }
            Phase::Live { heard, pinged: false } if heard.plus_ms(PING_AFTER_MS) <= now => {
                self.phase = Phase::Live { heard, pinged: true };
                step.effects.push(Effect::Send(vec![ClientFrame { id: None, command: Command::Ping }]));
            }
            Phase::Live { heard, pinged: true } if heard.plus_ms(PING_AFTER_MS + PONG_WITHIN_MS) <= now => {
                step.effects.push(Effect::Close);
                self.closed(step, 0);
            }
            _ => {}
        }
        if !self.is_live() {
            return;
        }
        if self.transport == Transport::Events && self.socket_again_at.is_some_and(|at| at <= now) {
            self.transport = Transport::Socket;
            self.failed_opens = 1;
            step.effects.push(Effect::Close);
            self.disconnected(step);
            self.open(step);
            return;
        }
        if self.recount_at.is_some_and(|at| at <= now) {
            self.recount_at = None;
            self.reload(step);
        }
        if step.state.is_delayed && self.look_at.is_none() {
            self.look_at = Some(now.plus_ms(LOOK_MS + (step.random * LOOK_MS as f64) as i64));
        }
        if self.look_at.is_some_and(|at| at <= now) {
            self.look_at = None;
            self.reload(step);
        }
        if self.flush_at.is_some_and(|at| at <= now) {
            self.flush_marks(step);
        }
        self.begin_uploads(step);
        self.send_ready(step);
        Self::throw_coins(step);
        self.send_changes(step);
        self.fill_gaps(step);
        self.fill_blanks(step);
        self.load_open_room(step);
        self.ask_wanted(step);
    }

    fn start(&mut self, step: &mut Step<'_>, is_online: bool) {
        self.is_online = is_online;
        self.lost_at = Some(step.now);
        self.token_until(step.state.access_until, step.state.server_now, step);
        step.effects.push(Effect::Restore);
        if let Some(room_id) = step.state.open_room {
            self.open_room(step, room_id);
        }
        self.open(step);
    }

    /// Moves the token's end from the server's clock to this device's.
    fn token_until(&mut self, until: Timestamp, server_now: Timestamp, step: &Step<'_>) {
        // Not all tabs at once.
        let early = REFRESH_BEFORE_MS + (step.random * 20_000.0) as i64;
        let left = until.0.saturating_sub(server_now.0).saturating_sub(early);
        self.refresh_at = step.now.plus_ms(left.max(1_000));
    }

    fn refresh(&mut self, step: &mut Step<'_>) {
        if !self.is_refreshing {
            self.is_refreshing = true;
            step.effects.push(Effect::Refresh);
        }
    }

    fn refreshed(&mut self, step: &mut Step<'_>, result: Result<(Timestamp, Timestamp), Error>) {
        self.is_refreshing = false;
        match result {
            Ok((until, server_now)) => {
                step.state.access_until = until;
                step.state.server_now = server_now;
                self.token_until(until, server_now, step);
                Self::forgive_failures(step);
            }
            Err(Error::Unauthenticated | Error::BadCredentials) => {
                self.stop(step, ConnectionState::LoggedOut);
                return;
            }
            Err(_) => self.refresh_at = step.now.plus_ms(10_000),
        }
        if std::mem::take(&mut self.open_after_refresh) {
            self.back_off(step);
        }
    }

    fn open(&mut self, step: &mut Step<'_>) {
        if self.phase == Phase::Stopped {
            return;
        }
        if !self.is_online {
            self.phase = Phase::Idle { retry_at: None };
            step.state.connection = ConnectionState::Offline;
            return;
        }
        self.phase = Phase::Opening { since: step.now };
        step.state.connection = ConnectionState::Connecting;
        step.effects.push(Effect::Open(self.transport));
    }

    fn opened(&mut self, step: &mut Step<'_>) {
        if !matches!(self.phase, Phase::Opening { .. }) {
            return;
        }
        self.phase = Phase::Greeting { since: step.now };
        // Over HTTP nothing can be posted before `welcome` has named the connection.
        if self.transport == Transport::Socket {
            self.hello(step);
        }
    }

    fn hello(&mut self, step: &mut Step<'_>) {
        let command = Command::Hello { protocol: PROTOCOL, rooms: step.state.held(), cursor: Some(step.state.cursor) };
        let id = Some(self.id());
        step.effects.push(Effect::Send(vec![ClientFrame { id, command }]));
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    fn frame(&mut self, step: &mut Step<'_>, frame: ServerFrame) {
        if let Phase::Live { .. } = self.phase {
            self.phase = Phase::Live { heard: step.now, pinged: false };
        }
        match frame {
            ServerFrame::Welcome(info) => {
                if info.user_id != step.state.me.person.id {
                    // Another account signed in from another tab: nothing of this one may go on.
                    step.effects.push(Effect::LeaveSignedOut);
                    self.stop(step, ConnectionState::LoggedOut);
                    return;
                }
                step.state.server_version = info.version;
                // It says so again if it is so.
                step.state.is_delayed = false;
                step.state.server_now = info.now;
                if self.transport == Transport::Events {
                    self.hello(step);
                }
            }
            ServerFrame::Synced(snapshot) => {
                self.note_lost_marks(step.state, &snapshot.rooms);
                let folded = step.state.apply_snapshot(*snapshot, step.now);
                self.folded(step, folded);
                self.synced(step);
            }
            ServerFrame::Ack { id, txn_id, room_id, message_id, seq, created_at } => {
                self.sends.remove(&id);
                let known = step.state.outbox.entry(txn_id).is_some();
                let folded = step.state.acknowledge(Acked { txn_id, room_id, message_id, seq, created_at });
                self.folded(step, folded);
                if !known {
                    step.effects.push(Effect::Forget(txn_id));
                }
            }
            ServerFrame::Refused { id, error } => self.refused(step, id, error),
            ServerFrame::Event { event } => {
                if let LiveEvent::Room { summary } = &event {
                    self.reload_again |= self.is_reloading && !step.state.rooms.contains_key(&summary.room.id);
                }
                // The answer may still have it.
                self.reload_again |= self.is_reloading && matches!(event, LiveEvent::RoomGone { .. });
                if event == (LiveEvent::Delayed { on: false }) {
                    // Once more, and not all pages in the same moment.
                    self.look_at = Some(step.now.plus_ms((step.random * LOOK_ONCE_MS) as i64));
                }
                let folded = step.state.apply(event, step.now);
                self.folded(step, folded);
                self.note_deliveries(step);
            }
            ServerFrame::Heads { rooms } => self.heads(step, &rooms),
            ServerFrame::LoggedOut { reason: LogoutReason::Expired } => {
                step.effects.push(Effect::Close);
                self.refresh_then_open(step);
            }
            ServerFrame::LoggedOut { reason: LogoutReason::SignedOut } => {
                step.effects.push(Effect::LeaveSignedOut);
                self.stop(step, ConnectionState::LoggedOut);
            }
            ServerFrame::LoggedOut { reason: LogoutReason::Revoked } => self.stop(step, ConnectionState::LoggedOut),
            ServerFrame::Reconnect { after_ms } => {
                step.effects.push(Effect::Close);
                let wait = i64::try_from(after_ms).unwrap_or(i64::MAX).clamp(100, 60_000);
                self.wait(step, wait + (step.random * wait as f64) as i64);
            }
            ServerFrame::Outdated => self.stop(step, ConnectionState::Outdated),
            ServerFrame::Done { id } => self.done(step, id),
            ServerFrame::Pong | ServerFrame::Unknown => {}
        }
    }

    fn synced(&mut self, step: &mut Step<'_>) {
        self.phase = Phase::Live { heard: step.now, pinged: false };
        self.lost_at = None;
        step.state.is_stale = false;
        self.attempts = 0;
        self.failed_opens = 0;
        self.asked.clear();
        self.asked_shown.clear();
        self.recount_at = None;
        self.wanted_again_at = None;
        Self::forgive_failures(step);
        self.disconnected(step);
        step.state.connection = match self.transport {
            Transport::Socket => ConnectionState::Online,
            Transport::Events => ConnectionState::Slow,
        };
        self.socket_again_at = (self.transport == Transport::Events).then(|| step.now.plus_ms(SOCKET_AGAIN_MS));
        if !self.is_visible {
            self.command(step, Command::Visible { on: false });
        }
        self.flush_soon(step, 0);
        // Another tab may have closed with something unsent.
        step.effects.push(Effect::Restore);
    }

    fn folded(&mut self, step: &mut Step<'_>, folded: Folded) {
        step.effects.extend(folded.confirmed.into_iter().map(Effect::Forget));
        if folded.needs_reload {
            self.reload(step);
        } else if folded.needs_recount {
            self.recount_at.get_or_insert(step.now.plus_ms(RECOUNT_AFTER_MS));
        }
    }

    fn refused(&mut self, step: &mut Step<'_>, id: Option<u64>, error: Error) {
        if let Error::Muted { until } = error {
            step.state.me.muted_until = Some(Timestamp(until));
        }
        let Some(txn_id) = id.and_then(|id| self.sends.remove(&id)) else {
            if let Some(change) = id.and_then(|id| self.changes.remove(&id)) {
                self.change_refused(step, change, error);
                return;
            }
            if matches!(self.phase, Phase::Greeting { .. }) && id.is_some() {
                // `hello` was refused: try again later, as after a close.
                step.effects.push(Effect::Close);
                self.back_off(step);
            }
            return;
        };
        if error == Error::Unauthenticated {
            self.refresh(step);
        }
        let is_file_gone = error == Error::NotFound { what: What::File };
        if is_file_gone && step.state.outbox.upload_anew(txn_id, step.now, step.random) {
            files::store(step, txn_id);
        } else if error.is_transient() {
            let is_slow = writing::is_slow(step.state, txn_id);
            step.state.outbox.postpone(txn_id, &error, is_slow, step.now, step.random);
        } else {
            step.state.outbox.fail(txn_id, error);
            files::store(step, txn_id);
        }
    }

    fn closed(&mut self, step: &mut Step<'_>, code: u16) {
        if matches!(self.phase, Phase::Idle { .. } | Phase::Stopped) {
            return;
        }
        // Some proxies let the socket open and nothing through it.
        let never_lived = !self.is_live();
        self.lost_at.get_or_insert(step.now);
        self.disconnected(step);
        self.typing = None;
        match code {
            close::LOGGED_OUT => self.refresh_then_open(step),
            close::REPLACED => self.wait(step, REPLACED_MS),
            close::TRY_AGAIN => self.wait(step, 100 + (step.random * 500.0) as i64),
            _ if never_lived && self.is_online => {
                self.failed_opens += 1;
                self.back_off(step);
                step.effects.push(Effect::Probe);
            }
            _ => self.back_off(step),
        }
    }

    /// Whether HTTP works while opening does not: then it is the socket that is blocked, or the session that ended.
    fn probed(&mut self, step: &mut Step<'_>, works: bool) {
        if !works {
            // The server or the network is away: that says nothing about sockets.
            self.failed_opens = 0;
        }
        if !works || !matches!(self.phase, Phase::Idle { .. }) {
            return;
        }
        match self.failed_opens {
            0 | 1 => self.refresh_then_open(step),
            _ => {
                self.transport = match self.transport {
                    Transport::Socket => Transport::Events,
                    Transport::Events => Transport::Socket,
                };
                self.failed_opens = 0;
                self.open(step);
            }
        }
    }

    fn refresh_then_open(&mut self, step: &mut Step<'_>) {
        self.phase = Phase::Idle { retry_at: None };
        self.lost_at.get_or_insert(step.now);
        step.state.connection = ConnectionState::Connecting;
        self.disconnected(step);
        self.open_after_refresh = true;
        self.refresh(step);
    }

    fn back_off(&mut self, step: &mut Step<'_>) {
        if self.attempts == 0 && self.failed_opens == 0 {
            // The first try after a lost connection is nearly at once: most losses are short.
            self.attempts = 1;
            self.wait(step, 100 + (step.random * 400.0) as i64);
        } else {
            let wait = backoff_ms(self.attempts, step.random);
            self.attempts += 1;
            self.wait(step, wait);
        }
    }

    fn wait(&mut self, step: &mut Step<'_>, ms: i64) {
        let retry_at = step.now.plus_ms(ms);
        self.lost_at.get_or_insert(step.now);
        self.disconnected(step);
        self.phase = Phase::Idle { retry_at: Some(retry_at) };
        step.state.connection =
            if self.is_online { ConnectionState::Reconnecting { retry_at } } else { ConnectionState::Offline };
    }

    fn offline(&mut self, step: &mut Step<'_>) {
        self.is_online = false;
        if self.phase != Phase::Stopped {
            step.effects.push(Effect::Close);
            self.disconnected(step);
            step.state.outbox.uploads_cut();
            self.phase = Phase::Idle { retry_at: None };
            self.lost_at.get_or_insert(step.now);
            step.state.is_stale = true;
            step.state.connection = ConnectionState::Offline;
        }
    }

    fn reconnect_now(&mut self, step: &mut Step<'_>) {
        if matches!(self.phase, Phase::Idle { .. }) && !self.open_after_refresh {
            self.open(step);
        }
    }

    fn visible(&mut self, step: &mut Step<'_>, on: bool) {
        self.is_visible = on;
        if on {
            self.reconnect_now(step);
            // Another tab may have written on.
            step.effects.push(Effect::Restore);
        }
        self.command(step, Command::Visible { on });
    }

    fn stop(&mut self, step: &mut Step<'_>, state: ConnectionState) {
        self.phase = Phase::Stopped;
        self.disconnected(step);
        step.state.outbox.uploads_cut();
        step.state.connection = state;
        step.state.is_stale = true;
        step.effects.push(Effect::Close);
        self.flush_drafts(step);
    }

    /// Whatever was on the wire goes again.
    fn disconnected(&mut self, step: &mut Step<'_>) {
        self.sends.clear();
        self.changes.clear();
        step.state.outbox.disconnected();
        step.state.overlay.disconnected();
    }

    fn command(&mut self, step: &mut Step<'_>, command: Command) {
        if self.is_live() {
            step.effects.push(Effect::Send(vec![ClientFrame { id: None, command }]));
        }
    }
}
