//! One client: an outbox that survives everything, and a log of what it was shown.

use crate::Failure;
use futures_util::{SinkExt, StreamExt};
use lavender::id::{MessageId, RoomId, TxnId, UserId};
use lavender::live::{ClientFrame, Command, LiveEvent, PROTOCOL, SOCKET_PATH, ServerFrame, Snapshot};
use lavender::model::{Message, Page, Seq};
use rand::Rng;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long connecting, `hello` or a page may take before it is tried again.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// Between two attempts to connect.
const RETRY_MS: std::ops::Range<u64> = 50..250;
/// Without a frame for this long the connection is taken for dead (heads come every 15 s).
const SILENCE_MAX: Duration = Duration::from_secs(25);
/// So often, in messages, watermarks are raised.
const MARK_EVERY: u64 = 16;
const PAGE: u16 = 100;

/// What everybody is to do.
#[derive(Clone, PartialEq)]
pub enum Phase {
    Write,
    /// Write nothing new; get everything acknowledged.
    Drain,
    /// End once these heads are reached.
    Finish(Arc<BTreeMap<RoomId, Seq>>),
}

#[derive(Clone)]
pub struct Settings {
    pub address: SocketAddr,
    pub origin: String,
    /// Between two messages of one client.
    pub every: Duration,
    pub ack_on_write: bool,
}

pub struct Account {
    pub index: usize,
    pub user_id: UserId,
    pub token: String,
    pub rooms: Vec<RoomId>,
}

/// A message that the client made.
#[derive(Clone)]
pub struct Sent {
    pub room_id: RoomId,
    pub txn_id: TxnId,
    pub body: String,
    made_at: Instant,
}

/// What the server promised.
#[derive(Clone, PartialEq)]
pub struct Acked {
    pub txn_id: TxnId,
    pub room_id: RoomId,
    /// `None` with `ack_on_write`.
    pub place: Option<(Seq, MessageId)>,
}

/// What a client did and saw.
#[derive(Default)]
pub struct Log {
    pub index: usize,
    pub user_id: Option<UserId>,
    pub sent: Vec<Sent>,
    pub acked: Vec<Acked>,
    /// Every room's messages 1, 2, 3 …, as shown.
    pub seen: BTreeMap<RoomId, Vec<Message>>,
    pub violations: Vec<String>,
    pub connections: u64,
    pub healed_by_heads: u64,
}

/// How far everybody is, for the one who kills.
pub struct Gauge(Mutex<Vec<State>>);

#[derive(Clone, Copy, Default)]
struct State {
    /// When the youngest acknowledged message was made.
    acked: Option<Instant>,
    waiting: usize,
}

impl Gauge {
    pub fn new(clients: usize) -> Self {
        Self(Mutex::new(vec![State::default(); clients]))
    }

    fn with<T>(&self, f: impl FnOnce(&mut Vec<State>) -> T) -> T {
        f(&mut self.0.lock().expect("nobody panics while holding it"))
    }

    pub fn all_acked_since(&self, at: Instant) -> bool {
        self.with(|all| all.iter().all(|state| state.acked.is_some_and(|made| made > at)))
    }

    pub fn behind(&self, at: Instant) -> String {
        let behind: Vec<usize> =
            self.with(|all| (0..all.len()).filter(|index| all[*index].acked.is_none_or(|made| made <= at)).collect());
        format!("clients {behind:?}")
    }

    pub fn waiting(&self) -> usize {
        self.with(|all| all.iter().map(|state| state.waiting).sum())
    }

    pub fn is_drained(&self) -> bool {
        self.waiting() == 0
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Sends of one room: one at a time, so that their order is kept whatever fails.
#[derive(Default)]
struct Outbox {
    waiting: VecDeque<Sent>,
    /// The frame that carries the first one.
    under_way: Option<u64>,
    /// Refused for now.
    not_before: Option<Instant>,
}

pub struct Client {
    account: Account,
    settings: Settings,
    gauge: Arc<Gauge>,
    phase: watch::Receiver<Phase>,
    http: reqwest::Client,
    outbox: BTreeMap<RoomId, Outbox>,
    frames: HashMap<u64, RoomId>,
    next_frame: u64,
    made: u64,
    cursor: Option<u64>,
    /// Came before what is before it.
    early: BTreeMap<(RoomId, Seq), Message>,
    log: Log,
}

impl Client {
    pub fn new(
        account: Account,
        settings: Settings,
        gauge: Arc<Gauge>,
        phase: watch::Receiver<Phase>,
    ) -> Result<Self, Failure> {
        let log = Log {
            index: account.index,
            user_id: Some(account.user_id),
            seen: account.rooms.iter().map(|room| (*room, Vec::new())).collect(),
            ..Log::default()
        };
        Ok(Self {
            outbox: account.rooms.iter().map(|room| (*room, Outbox::default())).collect(),
            http: reqwest::Client::builder().timeout(ANSWER_MAX).build()?,
            account,
            settings,
            gauge,
            phase,
            frames: HashMap::new(),
            next_frame: 1,
            made: 0,
            cursor: None,
            early: BTreeMap::new(),
            log,
        })
    }

    /// Connects again and again until it is told to finish and has seen everything.
    pub async fn run(mut self) -> Log {
        while !self.is_finished() {
            // Whatever ends a connection, the next one makes up for it.
            self.session().await.ok();
            if self.is_finished() {
                break;
            }
            let wait = rand::rng().random_range(RETRY_MS);
            // Writing goes on without a connection.
            let until = Instant::now() + Duration::from_millis(wait);
            while Instant::now() < until {
                tokio::time::sleep(self.settings.every.min(Duration::from_millis(wait))).await;
                self.write_one();
            }
        }
        self.log
    }

    fn is_finished(&self) -> bool {
        match &*self.phase.borrow() {
            Phase::Finish(heads) => {
                self.log.seen.iter().all(|(room, seen)| heads.get(room).is_none_or(|head| seen.len() as Seq >= *head))
            }
            _ => false,
        }
    }

    async fn session(&mut self) -> Result<(), Failure> {
        let mut socket = tokio::time::timeout(ANSWER_MAX, self.connect()).await??;
        self.log.connections += 1;
        self.frames.clear();
        for outbox in self.outbox.values_mut() {
            (outbox.under_way, outbox.not_before) = (None, None);
        }
        let mut tick = tokio::time::interval(self.settings.every);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut heard = Instant::now();
        loop {
            self.send_waiting(&mut socket).await?;
            if self.is_finished() || heard.elapsed() > SILENCE_MAX {
                return Ok(());
            }
            tokio::select! {
                frame = socket.next() => {
                    heard = Instant::now();
                    match frame.ok_or("closed")?? {
                        Frame::Text(text) => self.take(&mut socket, serde_json::from_str(&text)?).await?,
                        Frame::Close(_) => return Ok(()),
                        _ => {}
                    }
                }
                _ = tick.tick() => self.write_one(),
                changed = self.phase.changed() => changed?,
            }
        }
    }

    async fn connect(&mut self) -> Result<Socket, Failure> {
        let mut request = format!("ws://{}{SOCKET_PATH}", self.settings.address).into_client_request()?;
        request.headers_mut().insert("origin", self.settings.origin.parse()?);
        request.headers_mut().insert("cookie", cookie(&self.account.token).parse()?);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await?;
        let rooms = self.log.seen.iter().map(|(room, seen)| (*room, seen.len() as Seq)).collect();
        let hello = Command::Hello { protocol: PROTOCOL, rooms, cursor: self.cursor };
        say(&mut socket, Some(0), hello).await?;
        loop {
            let Frame::Text(text) = socket.next().await.ok_or("closed")?? else { continue };
            match serde_json::from_str(&text)? {
                ServerFrame::Synced(snapshot) => {
                    self.catch_up(*snapshot).await?;
                    return Ok(socket);
                }
                ServerFrame::Refused { error, .. } => return Err(error.into()),
                ServerFrame::Event { event: LiveEvent::Message { message } } => self.show(message),
                _ => {}
            }
        }
    }

    async fn catch_up(&mut self, snapshot: Snapshot) -> Result<(), Failure> {
        self.cursor = Some(snapshot.cursor);
        for missed in snapshot.messages {
            if missed.limited {
                // More than one answer holds.
                self.load_after(missed.room_id).await?;
            }
            for message in missed.messages {
                self.show(message);
            }
        }
        for summary in snapshot.rooms {
            if summary.head_seq > self.last(summary.room.id) {
                self.load_after(summary.room.id).await?;
            }
        }
        Ok(())
    }

    async fn take(&mut self, socket: &mut Socket, frame: ServerFrame) -> Result<(), Failure> {
        match frame {
            ServerFrame::Event { event: LiveEvent::Message { message } } => {
                let (room, seq) = (message.room_id, message.seq);
                self.show(message);
                if seq > self.last(room) {
                    self.load_after(room).await?;
                }
                if seq % MARK_EVERY == 0 {
                    say(socket, None, Command::Mark { room_id: room, delivered: Some(seq), read: Some(seq) }).await?;
                }
            }
            ServerFrame::Ack { id, txn_id, room_id, message_id, seq, .. } => {
                self.acked(id, txn_id, room_id, Some((seq, message_id)));
            }
            ServerFrame::Refused { id, error } => {
                let Some(room) = id.and_then(|id| self.frames.remove(&id)) else { return Ok(()) };
                if !error.is_transient() {
                    self.log.violations.push(format!("a message was refused: {error}"));
                }
                let wait = Duration::from_millis(error.retry_after_ms().unwrap_or(100));
                if let Some(outbox) = self.outbox.get_mut(&room) {
                    (outbox.under_way, outbox.not_before) = (None, Some(Instant::now() + wait));
                }
            }
            ServerFrame::Heads { rooms } => {
                for (room, head) in rooms {
                    if head > self.last(room) && self.log.seen.contains_key(&room) {
                        self.log.healed_by_heads += 1;
                        self.load_after(room).await?;
                    }
                }
            }
            ServerFrame::LoggedOut { reason } => {
                self.log.violations.push(format!("signed out: {reason:?}"));
                return Err("signed out".into());
            }
            _ => {}
        }
        Ok(())
    }

    fn acked(&mut self, frame: u64, txn_id: TxnId, room_id: RoomId, place: Option<(Seq, MessageId)>) {
        self.frames.remove(&frame);
        let Some(outbox) = self.outbox.get_mut(&room_id) else { return };
        let Some(first) = outbox.waiting.front().filter(|sent| sent.txn_id == txn_id) else {
            if !self.settings.ack_on_write {
                self.log.violations.push(format!("an acknowledgement that nobody waits for: {txn_id}"));
            }
            return;
        };
        let made = first.made_at;
        outbox.waiting.pop_front();
        outbox.under_way = None;
        self.log.acked.push(Acked { txn_id, room_id, place });
        let index = self.account.index;
        self.gauge.with(|all| {
            all[index].waiting -= 1;
            all[index].acked = all[index].acked.max(Some(made));
        });
    }

    /// Makes the next message, in the next room.
    fn write_one(&mut self) {
        if *self.phase.borrow() != Phase::Write {
            return;
        }
        self.made += 1;
        let room_id = self.account.rooms[self.made as usize % self.account.rooms.len()];
        let body = format!("client {} message {}", self.account.index, self.made);
        let sent = Sent { room_id, txn_id: TxnId::new(), body, made_at: Instant::now() };
        self.log.sent.push(sent.clone());
        self.outbox.entry(room_id).or_default().waiting.push_back(sent);
        let index = self.account.index;
        self.gauge.with(|all| all[index].waiting += 1);
    }

    async fn send_waiting(&mut self, socket: &mut Socket) -> Result<(), Failure> {
        let now = Instant::now();
        let rooms: Vec<RoomId> = self.account.rooms.clone();
        for room in rooms {
            while let Some(outbox) = self.outbox.get_mut(&room) {
                let waits = outbox.under_way.is_some() || outbox.not_before.is_some_and(|at| now < at);
                let Some(first) = outbox.waiting.front().filter(|_| !waits) else { break };
                let (txn_id, body) = (first.txn_id, first.body.clone());
                let id = self.next_frame;
                self.next_frame += 1;
                outbox.under_way = Some(id);
                self.frames.insert(id, room);
                say(
                    socket,
                    Some(id),
                    Command::Send {
                        room_id: room,
                        txn_id,
                        body,
                        reply_to: None,
                        forward: None,
                        files: Vec::new(),
                        extra: None,
                    },
                )
                .await?;
                if self.settings.ack_on_write {
                    self.acked(id, txn_id, room, None);
                }
            }
        }
        Ok(())
    }

    fn last(&self, room: RoomId) -> Seq {
        self.log.seen.get(&room).map_or(0, |seen| seen.len() as Seq)
    }

    /// Takes a message in its turn; one that comes early waits, one that was there must be the same.
    fn show(&mut self, message: Message) {
        let Some(seen) = self.log.seen.get_mut(&message.room_id) else {
            self.log.violations.push(format!("a message of a foreign room: {}", message.id));
            return;
        };
        let next = seen.len() as Seq + 1;
        if message.seq < next {
            let held = &seen[message.seq as usize - 1];
            if held.id != message.id || held.body != message.body {
                self.log.violations.push(format!("seq {} was {}, then {}", message.seq, held.id, message.id));
            }
            return;
        }
        let room = message.room_id;
        self.early.insert((room, message.seq), message);
        while let Some(message) = self.early.remove(&(room, seen.len() as Seq + 1)) {
            seen.push(message);
        }
    }

    /// Loads everything after the last message of a room that has no gap before it.
    async fn load_after(&mut self, room: RoomId) -> Result<(), Failure> {
        loop {
            let page = page(&self.http, &self.settings, &self.account.token, room, self.last(room)).await?;
            let more = page.has_newer;
            if page.messages.is_empty() {
                return Ok(());
            }
            for message in page.messages {
                self.show(message);
            }
            if !more {
                return Ok(());
            }
        }
    }
}

fn cookie(token: &str) -> String {
    format!("__Host-lav_at={token}")
}

async fn say(socket: &mut Socket, id: Option<u64>, command: Command) -> Result<(), Failure> {
    let text = serde_json::to_string(&ClientFrame { id, command })?;
    Ok(tokio::time::timeout(ANSWER_MAX, socket.send(Frame::text(text))).await??)
}

/// The messages of a room after `after`, oldest first.
pub async fn page(
    http: &reqwest::Client,
    settings: &Settings,
    token: &str,
    room: RoomId,
    after: Seq,
) -> Result<Page, Failure> {
    let url = format!("http://{}/api/rooms/{room}/messages?after={after}&limit={PAGE}", settings.address);
    let answer = http.get(url).header("cookie", cookie(token)).send().await?.error_for_status()?;
    Ok(answer.json().await?)
}
