mod files;
mod games;

use super::*;
use crate::client::draft::Draft;
use crate::client::state::overlay::Change;
use crate::client::state::{NoticeKind, Quote};
use crate::client::{ConnectionState, State};
use crate::id::{ConnectionId, MessageId, UserId};
use crate::live::{ConnectionInfo, LiveEvent, LogoutReason, Snapshot, close};
use crate::model::*;

/// A page with one room, its machine and a clock.
struct Tab {
    core: Core,
    state: State,
    now: Timestamp,
    room_id: RoomId,
}

impl Tab {
    fn new() -> Self {
        let person = |name: &str| Person::new(UserId::new(), &name.to_lowercase(), name, Timestamp(0));
        let (me, peer) = (person("ann"), person("bob"));
        let member = |user_id| Member {
            user_id,
            role: Role::Member,
            joined_seq: 0,
            delivered_seq: 0,
            read_seq: 0,
            cleared_seq: 0,
        };
        let room = Room::new(RoomId::new(), RoomKind::Direct, None, Timestamp(0));
        let room_id = room.id;
        let summary = RoomSummary {
            room,
            members: vec![member(me.id), member(peer.id)],
            people: vec![me.clone(), peer],
            last: None,
            shown: None,
            head_seq: 0,
            unread: Unread::default(),
            can_send: true,
            blocked_by_me: false,
            member_count: 2,
            mine: Default::default(),
        };
        let now = Timestamp(1_000_000);
        let state = State::from_bootstrap(Bootstrap {
            me: Me {
                person: me,
                email: String::new(),
                theme: Theme::System,
                warning: None,
                muted_until: None,
                leaves_at: None,
            },
            rooms: vec![summary],
            requests: Vec::new(),
            presence: Vec::new(),
            blocked: Vec::new(),
            assistant: None,
            open: Some(crate::model::Page::new(room_id, Vec::new(), false, false)),
            cursor: 7,
            access_until: now.plus_ms(600_000),
            now,
            version: "1".into(),
        });
        Self { core: Core::default(), state, now, room_id }
    }

    fn put(&mut self, input: Input) -> Vec<Effect> {
        self.core.handle(&mut self.state, input, self.now, 0.5)
    }

    /// Goes on to the next moment that the machine asked for.
    fn wake(&mut self) -> Vec<Effect> {
        self.now = self.core.next_wake(&self.state).expect("something is due").max(self.now);
        let was_stale = self.state.is_stale;
        let effects = self.put(Input::Tick);
        // That presence grew old is no step of the connection.
        if effects.is_empty() && self.state.is_stale && !was_stale { self.wake() } else { effects }
    }

    fn frame(&mut self, frame: ServerFrame) -> Vec<Effect> {
        self.put(Input::Frame(Box::new(frame)))
    }

    fn snapshot(&self) -> Snapshot {
        let rooms = self.state.rooms.values().map(|room| room.summary.clone()).collect();
        Snapshot {
            rooms,
            requests: vec![],
            messages: vec![],
            changed: vec![],
            presence: vec![],
            blocked: vec![],
            cursor: 9,
        }
    }

    fn connect(&mut self) -> Vec<Effect> {
        self.put(Input::Opened);
        let snapshot = self.snapshot();
        self.frame(ServerFrame::Synced(Box::new(snapshot)))
    }

    fn online(mut self) -> Self {
        self.put(Input::Start { is_online: true });
        self.connect();
        self.put(Input::Restored { entries: vec![], drafts: Some(vec![]) });
        assert_eq!(self.state.connection, ConnectionState::Online);
        self
    }

    fn compose(&mut self, text: &str) -> TxnId {
        let txn_id = TxnId::new();
        let body = Body::parse(text).expect("valid");
        self.state.outbox.push(Entry::new(txn_id, self.room_id, body, self.now));
        txn_id
    }

    fn welcome(&self) -> ServerFrame {
        ServerFrame::Welcome(ConnectionInfo {
            connection_id: ConnectionId::new(),
            user_id: self.state.me.person.id,
            protocol: 1,
            version: "2".into(),
            now: self.now,
        })
    }

    fn ack(&self, id: u64, txn_id: TxnId, seq: Seq) -> ServerFrame {
        ServerFrame::Ack { id, txn_id, room_id: self.room_id, message_id: MessageId::new(), seq, created_at: self.now }
    }
}

fn sent(effects: &[Effect]) -> Vec<ClientFrame> {
    effects.iter().flat_map(|effect| if let Effect::Send(frames) = effect { frames.clone() } else { vec![] }).collect()
}

fn sends(effects: &[Effect]) -> Vec<(u64, TxnId)> {
    sent(effects)
        .into_iter()
        .filter_map(|frame| match frame.command {
            Command::Send { txn_id, .. } => Some((frame.id.expect("wants an answer"), txn_id)),
            _ => None,
        })
        .collect()
}

#[test]
fn hello_comes_first_with_what_is_held() {
    let mut page = Tab::new();
    assert!(page.put(Input::Start { is_online: true }).contains(&Effect::Open(Transport::Socket)));
    let frames = sent(&page.put(Input::Opened));
    let Command::Hello { protocol, rooms, cursor } = &frames[0].command else { panic!("not hello") };
    assert_eq!((*protocol, rooms.get(&page.room_id), *cursor), (crate::live::PROTOCOL, Some(&0), Some(7)));
    assert_eq!(page.state.connection, ConnectionState::Connecting);
    let welcome = page.welcome();
    page.frame(welcome);
    let snapshot = page.snapshot();
    page.frame(ServerFrame::Synced(Box::new(snapshot)));
    assert_eq!(page.state.connection, ConnectionState::Online);
    assert_eq!((page.state.cursor, page.state.server_version.as_str()), (9, "2"));
}

#[test]
fn a_send_leaves_only_from_the_disk_and_is_forgotten_after_the_ack() {
    let mut page = Tab::new().online();
    let txn_id = page.compose("hi");
    let effects = page.put(Input::Composed(txn_id));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Store(entry) if entry.txn_id == txn_id)));
    assert!(sends(&effects).is_empty());
    let effects = page.put(Input::Stored { txn_id, ok: true });
    let [(id, sent_id)] = sends(&effects)[..] else { panic!("one send") };
    assert_eq!(sent_id, txn_id);
    let ack = page.ack(id, txn_id, 1);
    assert!(page.frame(ack).contains(&Effect::Forget(txn_id)));
    assert!(page.state.outbox.entries.is_empty());
    assert_eq!(page.state.rows(page.room_id).len(), 1);
}

#[test]
fn a_refusing_disk_is_told_and_stops_nothing() {
    let mut page = Tab::new().online();
    let txn_id = page.compose("hi");
    page.put(Input::Composed(txn_id));
    assert_eq!(sends(&page.put(Input::Stored { txn_id, ok: false })).len(), 1);
    assert!(page.state.storage_failed);
}

#[test]
fn a_lost_connection_sends_again_with_the_same_id() {
    let mut page = Tab::new().online();
    let txn_id = page.compose("hi");
    page.put(Input::Composed(txn_id));
    assert_eq!(sends(&page.put(Input::Stored { txn_id, ok: true })).len(), 1);
    page.put(Input::Closed { code: 1006 });
    assert!(matches!(page.state.connection, ConnectionState::Reconnecting { .. }));
    assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    let effects = page.connect();
    assert_eq!(sends(&effects).iter().map(|(_, txn_id)| *txn_id).collect::<Vec<_>>(), [txn_id]);
}

#[test]
fn no_answer_sends_again_and_later_means_later() {
    let mut page = Tab::new().online();
    let txn_id = page.compose("hi");
    page.put(Input::Composed(txn_id));
    let first = sends(&page.put(Input::Stored { txn_id, ok: true }));
    let error = Error::RateLimited { retry_after_ms: 4_000 };
    let before = page.now;
    assert!(sends(&page.frame(ServerFrame::Refused { id: Some(first[0].0), error })).is_empty());
    let again = sends(&page.wake());
    assert_eq!(again[0].1, txn_id);
    assert!(page.now >= before.plus_ms(4_000), "{:?}", page.now);
    // Silence: the same again after ten seconds.
    let before = page.now;
    let again = sends(&page.wake());
    assert_eq!((again[0].1, page.now), (txn_id, before.plus_ms(10_000)));
    let effects = page.frame(ServerFrame::Refused { id: Some(again[0].0), error: Error::Unreachable });
    assert!(matches!(&effects[..], [Effect::Store(entry)] if entry.error == Some(Error::Unreachable)));
}

#[test]
fn drafts_and_marks_are_gathered() {
    let mut page = Tab::new().online();
    page.state.drafts.insert(page.room_id, Draft::of("a"));
    let typing = sent(&page.put(Input::DraftChanged(page.room_id)));
    assert!(matches!(typing[0].command, Command::Typing { on: true, .. }));
    page.state.drafts.insert(page.room_id, Draft::of("ab"));
    assert!(page.put(Input::DraftChanged(page.room_id)).is_empty(), "said already");
    assert_eq!(page.wake(), [Effect::StoreDraft(page.room_id, Draft::of("ab"))]);
    page.state.drafts.remove(&page.room_id);
    let typing = sent(&page.put(Input::DraftChanged(page.room_id)));
    assert!(matches!(typing[0].command, Command::Typing { on: false, .. }));
    page.put(Input::Leaving);
    // The first one leaves at once, those that follow within a quarter of a second as one.
    let first = sent(&page.put(Input::MarkRead { room_id: page.room_id, seq: 1 }));
    assert!(matches!(first[..], [ClientFrame { command: Command::Mark { read: Some(1), .. }, .. }]));
    let before = page.now;
    for seq in 2..5 {
        assert!(page.put(Input::MarkRead { room_id: page.room_id, seq }).is_empty());
    }
    let marks = sent(&page.wake());
    assert_eq!((marks.len(), page.now), (1, before.plus_ms(250)));
    assert!(matches!(marks[0].command, Command::Mark { read: Some(4), .. }));
}

#[test]
fn silence_is_asked_about_and_then_ended() {
    let mut page = Tab::new().online();
    let start = page.now;
    assert!(matches!(sent(&page.wake())[0].command, Command::Ping));
    assert_eq!(page.now, start.plus_ms(25_000));
    page.frame(ServerFrame::Pong);
    page.wake();
    assert_eq!(page.now, start.plus_ms(50_000));
    assert!(page.wake().contains(&Effect::Close));
    assert_eq!(page.now, start.plus_ms(60_000));
    assert!(matches!(page.state.connection, ConnectionState::Reconnecting { .. }));
}

#[test]
fn offline_waits_and_online_goes_at_once() {
    let mut page = Tab::new().online();
    assert_eq!(page.put(Input::Offline), [Effect::Close]);
    assert_eq!(page.state.connection, ConnectionState::Offline);
    assert!(page.put(Input::ReconnectNow).is_empty());
    assert_eq!(page.put(Input::Online), [Effect::Open(Transport::Socket)]);
}

#[test]
fn who_was_online_is_not_told_for_long_without_a_connection() {
    let mut page = Tab::new().online();
    let peer = page.state.rooms[&page.room_id].summary.members[1].user_id;
    page.state.presence.insert(peer, Presence::Online);
    page.put(Input::Closed { code: 1006 });
    assert_eq!(page.state.presence_of(peer), Some(Presence::Online), "most losses are short");
    page.now = page.now.plus_ms(1_000);
    page.put(Input::Tick);
    assert_eq!(page.state.presence_of(peer), None);
    // Nor are they there again before the server has said so.
    page.put(Input::Opened);
    assert_eq!(page.state.presence_of(peer), None);
    let snapshot = Snapshot { presence: vec![(peer, Presence::Online)], ..page.snapshot() };
    page.frame(ServerFrame::Synced(Box::new(snapshot)));
    assert_eq!(page.state.presence_of(peer), Some(Presence::Online));
    page.put(Input::Offline);
    assert_eq!(page.state.presence_of(peer), None);
}

#[test]
fn a_start_without_a_network_goes_on_when_there_is_one() {
    let mut page = Tab::new();
    (page.state.is_kept, page.state.access_until) = (true, page.state.server_now);
    page.state.rooms.get_mut(&page.room_id).expect("there").timeline = Default::default();
    page.state.open_room = Some(page.room_id);
    page.put(Input::Start { is_online: false });
    assert_eq!(page.state.connection, ConnectionState::Offline);
    page.now = page.now.plus_ms(1_000);
    page.put(Input::Tick);
    assert_eq!(page.core.next_wake(&page.state), None, "nothing to do, however old the token is");
    page.now = page.now.plus_ms(600_000);
    let effects = page.put(Input::Online);
    assert!(effects.contains(&Effect::Open(Transport::Socket)) && effects.contains(&Effect::Refresh), "{effects:?}");
    let newest = Effect::Fetch { room_id: page.room_id, fetch: Fetch::Newest };
    page.put(Input::Fetched { room_id: page.room_id, fetch: Fetch::Newest, result: Err(Error::Offline) });
    let effects = page.connect();
    assert!(effects.contains(&newest) && effects.contains(&Effect::Reload), "{effects:?}");
    assert!(!page.state.is_kept);
}

#[test]
fn a_blocked_socket_gives_way_to_http_and_is_tried_again() {
    let mut page = Tab::new();
    page.put(Input::Start { is_online: true });
    assert!(page.put(Input::Closed { code: 1006 }).contains(&Effect::Probe));
    assert_eq!(page.put(Input::Probed(true)), [Effect::Refresh]);
    page.put(Input::Refreshed(Ok((page.now.plus_ms(600_000), page.now))));
    assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    page.put(Input::Closed { code: 1006 });
    assert_eq!(page.put(Input::Probed(true)), [Effect::Open(Transport::Events)]);
    assert!(page.put(Input::Opened).is_empty(), "the connection has no name yet");
    let welcome = page.welcome();
    assert!(matches!(sent(&page.frame(welcome))[0].command, Command::Hello { .. }));
    let snapshot = page.snapshot();
    page.frame(ServerFrame::Synced(Box::new(snapshot)));
    assert_eq!(page.state.connection, ConnectionState::Slow);
    for _ in 0..200 {
        let effects = page.wake();
        if effects.contains(&Effect::Open(Transport::Socket)) {
            return;
        }
        page.frame(ServerFrame::Pong);
    }
    panic!("the socket was never tried again");
}

#[test]
fn a_server_that_is_away_is_no_blocked_socket() {
    let mut page = Tab::new();
    page.put(Input::Start { is_online: true });
    for _ in 0..6 {
        page.put(Input::Closed { code: 1006 });
        assert!(page.put(Input::Probed(false)).is_empty());
        assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    }
    page.connect();
    assert_eq!(page.state.connection, ConnectionState::Online);
}

#[test]
fn an_ended_session_stops_everything_and_a_renewed_one_goes_on() {
    let mut page = Tab::new().online();
    assert_eq!(page.put(Input::Closed { code: close::LOGGED_OUT }), [Effect::Refresh]);
    page.put(Input::Refreshed(Ok((page.now.plus_ms(600_000), page.now))));
    assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    page.put(Input::Closed { code: close::LOGGED_OUT });
    page.put(Input::Refreshed(Err(Error::Unauthenticated)));
    assert_eq!(page.state.connection, ConnectionState::LoggedOut);
    assert_eq!(page.core.next_wake(&page.state), None);
    assert!(page.put(Input::Online).is_empty());

    let mut page = Tab::new().online();
    let effects = page.frame(ServerFrame::LoggedOut { reason: LogoutReason::SignedOut });
    assert!(effects.contains(&Effect::LeaveSignedOut));
}

#[test]
fn a_gap_is_fetched_once_until_it_is_filled() {
    let mut page = Tab::new().online();
    let heads = [(page.room_id, 3)].into_iter().collect();
    let effects = page.frame(ServerFrame::Heads { rooms: heads });
    assert_eq!(effects, [Effect::Fetch { room_id: page.room_id, fetch: Fetch::After(0) }]);
    assert!(page.put(Input::Tick).is_empty());
    let author_id = page.state.rooms[&page.room_id].summary.people[1].id;
    let messages = (1..=3)
        .map(|seq| {
            let body = Body::parse("x").expect("valid");
            Message {
                created_at: page.now,
                ..Message::text(MessageId::new(), page.room_id, seq, author_id, TxnId::new(), body)
            }
        })
        .collect();
    let result = Ok(crate::model::Page::new(page.room_id, messages, false, false));
    page.put(Input::Fetched { room_id: page.room_id, fetch: Fetch::After(0), result });
    assert_eq!(page.state.row_count(page.room_id), 3);
    let marks = sent(&page.wake());
    assert!(matches!(marks[0].command, Command::Mark { delivered: Some(3), .. }));
}

#[test]
fn a_room_opened_before_it_is_known_loads_when_it_comes() {
    let mut page = Tab::new().online();
    let mut summary = page.state.rooms[&page.room_id].summary.clone();
    summary.room.id = RoomId::new();
    let room_id = summary.room.id;
    page.state.open_room = Some(room_id);
    assert!(page.put(Input::OpenRoom(room_id)).is_empty());
    let effects = page.frame(ServerFrame::Event { event: LiveEvent::Room { summary } });
    assert!(effects.contains(&Effect::Fetch { room_id, fetch: Fetch::Newest }));
}

#[test]
fn a_room_that_could_not_be_read_is_read_after_the_reconnect() {
    let mut page = Tab::new().online();
    page.state.rooms.get_mut(&page.room_id).expect("there").timeline = Default::default();
    page.put(Input::Closed { code: 1006 });
    let newest = Effect::Fetch { room_id: page.room_id, fetch: Fetch::Newest };
    assert!(page.put(Input::OpenRoom(page.room_id)).contains(&newest));
    page.put(Input::Fetched { room_id: page.room_id, fetch: Fetch::Newest, result: Err(Error::Offline) });
    assert!(page.state.rooms[&page.room_id].timeline.failed);
    assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    assert!(page.connect().contains(&newest));
}

#[test]
fn marks_of_many_rooms_leave_a_few_at_a_time() {
    let mut page = Tab::new().online();
    page.wake();
    let at_once = (0..25).filter(|_| !page.put(Input::MarkRead { room_id: RoomId::new(), seq: 1 }).is_empty()).count();
    let counts: Vec<usize> = (0..3).map(|_| sent(&page.wake()).len()).collect();
    assert_eq!((at_once, counts), (1, vec![10, 10, 4]));
}

#[test]
fn heads_without_an_empty_room_reload_nothing() {
    let mut page = Tab::new().online();
    assert!(page.frame(ServerFrame::Heads { rooms: Default::default() }).is_empty());
    let unknown = [(RoomId::new(), 1)].into_iter().collect();
    assert_eq!(page.frame(ServerFrame::Heads { rooms: unknown }), [Effect::Reload]);
}

#[test]
fn a_room_that_comes_while_the_list_is_read_is_read_again() {
    let mut page = Tab::new().online();
    assert_eq!(page.put(Input::Resync), [Effect::Reload]);
    let mut summary = page.state.rooms[&page.room_id].summary.clone();
    summary.room.id = RoomId::new();
    page.frame(ServerFrame::Event { event: LiveEvent::Room { summary } });
    assert!(page.put(Input::Reloaded(Err(Error::Offline))).contains(&Effect::Reload));
    assert!(page.put(Input::Reloaded(Err(Error::Offline))).is_empty());
}

#[test]
fn a_socket_that_opens_and_says_nothing_gives_way_to_http() {
    let mut page = Tab::new();
    page.put(Input::Start { is_online: true });
    for _ in 0..2 {
        page.put(Input::Opened);
        assert!(page.wake().contains(&Effect::Probe), "ten seconds of silence");
        let effects = page.put(Input::Probed(true));
        if effects.contains(&Effect::Open(Transport::Events)) {
            return;
        }
        page.put(Input::Refreshed(Ok((page.now.plus_ms(600_000), page.now))));
        assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    }
    panic!("it never gave way");
}

#[test]
fn what_an_earlier_visit_left_goes_out() {
    let mut page = Tab::new().online();
    let body = Body::parse("from yesterday").expect("valid");
    let entry = Entry::new(TxnId::new(), page.room_id, body, page.now.plus_ms(-86_400_000));
    let drafts = Some(vec![(page.room_id, Draft::of("draft"))]);
    let effects = page.put(Input::Restored { entries: vec![entry.clone()], drafts });
    assert_eq!(sends(&effects).iter().map(|(_, id)| *id).collect::<Vec<_>>(), [entry.txn_id]);
}

impl Tab {
    /// A text of the other person, as it comes.
    fn text(&mut self, seq: Seq) -> Message {
        let author = self.state.rooms[&self.room_id].summary.people[1].id;
        let body = Body::parse(&format!("m{seq}")).expect("valid");
        let message = Message::text(MessageId::new(), self.room_id, seq, author, TxnId::new(), body);
        self.frame(ServerFrame::Event { event: LiveEvent::Message { message: message.clone() } });
        message
    }

    fn ask(&mut self, change: Change) -> Vec<Effect> {
        self.state.ask(self.room_id, change, self.now);
        self.put(Input::Changed)
    }
}

fn react(message: &Message, on: bool) -> Change {
    Change::React { message_id: message.id, emoji: "x".into(), on }
}

/// Commands that want an answer, without sends.
fn changes(effects: &[Effect]) -> Vec<(u64, Command)> {
    let is_change = |command: &Command| !matches!(command, Command::Send { .. } | Command::Hello { .. });
    let frames = sent(effects).into_iter().filter(|frame| is_change(&frame.command));
    frames.filter_map(|frame| Some((frame.id?, frame.command))).collect()
}

#[test]
fn a_change_waits_for_the_connection_and_goes_again_until_it_is_answered() {
    let mut page = Tab::new().online();
    let message = page.text(1);
    page.put(Input::Closed { code: 1006 });
    assert!(changes(&page.ask(react(&message, true))).is_empty(), "not without a connection");
    assert!(page.wake().contains(&Effect::Open(Transport::Socket)));
    let first = changes(&page.connect());
    assert!(matches!(first[..], [(_, Command::React { on: true, .. })]), "{first:?}");
    // Silence, then a lost connection: the same again.
    page.now = page.now.plus_ms(10_000);
    assert_eq!(changes(&page.put(Input::Tick)).len(), 1);
    page.put(Input::Closed { code: 1006 });
    while !page.wake().contains(&Effect::Open(Transport::Socket)) {}
    let again = changes(&page.connect());
    assert_eq!(again[0].1, first[0].1);
    assert!(page.frame(ServerFrame::Done { id: first[0].0 }).is_empty(), "an answer of the old connection");
    assert!(!page.state.overlay.is_empty());
    page.frame(ServerFrame::Done { id: again[0].0 });
    let mut changed = message;
    changed.react(page.state.me.person.id, "x", true);
    changed.revision += 1;
    page.frame(ServerFrame::Event { event: LiveEvent::MessageChanged { message: changed } });
    assert!(page.state.overlay.is_empty());
    assert!(page.state.rows(page.room_id)[0].reactions().all(|reaction| reaction.is_mine));
}

#[test]
fn a_refused_change_is_taken_back_and_told_a_late_one_waits() {
    let mut page = Tab::new().online();
    let message = page.text(1);
    let first = changes(&page.ask(react(&message, true)));
    let later = Error::Unavailable { retry_after_ms: 2_000 };
    assert!(page.frame(ServerFrame::Refused { id: Some(first[0].0), error: later }).is_empty());
    assert!(!page.state.rows(page.room_id)[0].message.reactions.is_empty(), "still drawn");
    let before = page.now;
    let again = loop {
        let effects = changes(&page.wake());
        if !effects.is_empty() {
            break effects;
        }
    };
    assert!(page.now >= before.plus_ms(2_000));
    page.frame(ServerFrame::Refused { id: Some(again[0].0), error: Error::Forbidden });
    assert!(page.state.rows(page.room_id)[0].message.reactions.is_empty());
    let told: Vec<_> = page.state.notices.iter().map(|notice| (notice.kind, notice.error.clone())).collect();
    assert_eq!(told, [(NoticeKind::NotReacted, Some(Error::Forbidden))]);
}

#[test]
fn later_forever_is_told_in_the_end() {
    let mut page = Tab::new().online();
    let message = page.text(1);
    let mut waiting = changes(&page.ask(react(&message, true)));
    for _ in 0..200 {
        if let Some((id, _)) = waiting.first() {
            page.frame(ServerFrame::Refused { id: Some(*id), error: Error::Internal { incident: None } });
        }
        if page.state.overlay.is_empty() {
            break;
        }
        waiting = changes(&page.wake());
        page.frame(ServerFrame::Pong);
    }
    assert!(page.state.overlay.is_empty());
    assert_eq!(page.state.notices.len(), 1);
}

#[test]
fn a_deletion_leaves_after_its_time_or_with_the_page() {
    let mut page = Tab::new().online();
    let message = page.text(1);
    page.wake();
    let delete = |page: &mut Tab| {
        let token = page.state.delete_for_everyone(page.room_id, &[message.id], page.now).expect("there");
        assert!(changes(&page.put(Input::Changed)).is_empty());
        token
    };
    let token = delete(&mut page);
    assert!(page.state.undo(token, page.now));
    assert!(changes(&page.put(Input::Changed)).is_empty() && page.state.overlay.is_empty());
    let before = page.now;
    delete(&mut page);
    let gone = loop {
        let effects = changes(&page.wake());
        if !effects.is_empty() {
            break effects;
        }
    };
    assert!(matches!(gone[0].1, Command::Delete { .. }));
    assert_eq!(page.now, before.plus_ms(6_000));
    assert!(page.state.notices.is_empty(), "the offer went with it");
    page.frame(ServerFrame::Refused { id: Some(gone[0].0), error: Error::Forbidden });
    assert!(!page.state.rows(page.room_id)[0].is_deleted());
    delete(&mut page);
    assert_eq!(changes(&page.put(Input::Leaving)).len(), 1, "the page goes: now or never");
}

#[test]
fn reading_everything_is_told_when_it_stands() {
    let mut page = Tab::new().online();
    page.text(1);
    page.text(2);
    while page.core.next_wake(&page.state).is_some_and(|at| at <= page.now.plus_ms(1_000)) {
        page.wake();
    }
    page.state.mark_all_read(None, page.now).expect("unread");
    assert!(page.put(Input::Changed).is_empty());
    assert_eq!(page.state.total_unread(page.now).count, 0);
    page.now = page.now.plus_ms(6_000);
    let frames = sent(&page.put(Input::Tick));
    assert!(matches!(frames[..], [ClientFrame { command: Command::Mark { read: Some(2), .. }, .. }]), "{frames:?}");
    assert!(page.state.overlay.is_empty());
}

#[test]
fn a_jump_fetches_what_is_around_once_and_both_its_sides() {
    let mut page = Tab::new().online();
    let room_id = page.room_id;
    let messages: Vec<Message> = (1..=30).map(|seq| page.text(seq)).collect();
    page.state.rooms.get_mut(&room_id).expect("there").timeline.trim(5);
    assert!(page.state.jump_to(room_id, 10));
    assert_eq!(page.put(Input::Jumped(room_id)), [Effect::Fetch { room_id, fetch: Fetch::Around(10) }]);
    assert!(page.put(Input::Jumped(room_id)).is_empty(), "it is on its way");
    let of =
        |from: usize, to: usize| crate::model::Page::new(room_id, messages[from - 1..to].to_vec(), from > 1, to < 30);
    page.put(Input::Fetched { room_id, fetch: Fetch::Around(10), result: Ok(of(8, 12)) });
    assert_eq!(page.put(Input::LoadOlder(room_id)), [Effect::Fetch { room_id, fetch: Fetch::Above(8) }]);
    assert_eq!(page.put(Input::LoadNewer(room_id)), [Effect::Fetch { room_id, fetch: Fetch::Below(12) }]);
    assert!(page.put(Input::LoadNewer(room_id)).is_empty());
    page.put(Input::Fetched { room_id, fetch: Fetch::Above(8), result: Ok(of(1, 7)) });
    page.put(Input::Fetched { room_id, fetch: Fetch::Below(12), result: Err(Error::Offline) });
    assert!(page.state.shown(room_id).expect("there").failed);
    assert_eq!(page.put(Input::LoadNewer(room_id)), [Effect::Fetch { room_id, fetch: Fetch::Below(12) }]);
    page.put(Input::Fetched { room_id, fetch: Fetch::Below(12), result: Ok(of(13, 28)) });
    assert_eq!(page.state.rows(room_id).len(), 30);
    assert!(page.put(Input::LoadNewer(room_id)).is_empty(), "nothing is below the newest");
    // The page of a jump that could not be read.
    page.state.rooms.get_mut(&room_id).expect("there").timeline.trim(5);
    page.state.jump_to(room_id, 3);
    page.put(Input::Jumped(room_id));
    page.put(Input::Fetched { room_id, fetch: Fetch::Around(3), result: Err(Error::Offline) });
    assert!(page.state.rooms[&room_id].jump.as_ref().is_some_and(|jump| jump.error == Some(Error::Offline)));
}

#[test]
fn names_and_quotes_that_are_missing_are_asked_for_together() {
    let mut page = Tab::new().online();
    let room_id = page.room_id;
    let (stranger, answered) = (UserId::new(), MessageId::new());
    let message = page.text(1);
    let answer = Message {
        id: MessageId::new(),
        txn_id: TxnId::new(),
        seq: 2,
        author_id: stranger,
        reply_to: Some(ReplyTo { message_id: answered, seq: 0 }),
        ..message
    };
    let mut summary = page.state.rooms[&room_id].summary.clone();
    summary.members[0].joined_seq = 0;
    let reply = ReplyTo { message_id: answered, seq: 1 };
    let answer = Message { reply_to: Some(reply), ..answer };
    let effects = page.frame(ServerFrame::Event { event: LiveEvent::Message { message: answer } });
    assert!(effects.contains(&Effect::FetchPeople(vec![stranger])), "{effects:?}");
    assert!(effects.contains(&Effect::FetchQuoted { room_id, ids: vec![answered] }));
    assert!(page.put(Input::Tick).is_empty(), "asked once");
    page.put(Input::People { asked: vec![stranger], result: Err(Error::Offline) });
    page.put(Input::Quoted { room_id, asked: vec![answered], result: Ok(vec![]) });
    assert_eq!(page.state.quote(room_id, reply), Quote::Gone);
    let before = page.now;
    loop {
        let effects = page.wake();
        if effects.contains(&Effect::FetchPeople(vec![stranger])) {
            break;
        }
        page.frame(ServerFrame::Pong);
    }
    assert_eq!(page.now, before.plus_ms(5_000));
    let zoe = Person::new(stranger, "zoe", "Zoe", page.now);
    page.put(Input::People { asked: vec![stranger], result: Ok(vec![zoe]) });
    assert!(page.state.person(stranger).is_some());
}

#[test]
fn answers_and_forwards_say_what_they_are() {
    let mut page = Tab::new().online();
    let message = page.text(1);
    let room_id = page.room_id;
    page.state.set_reply(room_id, Some(message.id));
    assert_eq!(page.wake().len(), 1);
    let kept = |effects: &[Effect]| {
        effects.iter().any(|effect| {
            matches!(effect, Effect::StoreDraft(_, draft) if draft.reply_to.is_some_and(|reply| reply.message_id == message.id))
        })
    };
    page.put(Input::DraftChanged(room_id));
    assert!(kept(&page.put(Input::Leaving)), "on the disk with the draft");
    let txn_id = page.state.compose(room_id, "yes", page.now).expect("room");
    let effects = page.put(Input::Composed(txn_id));
    assert!(effects.contains(&Effect::StoreDraft(room_id, Draft::default())));
    let frames = sent(&page.put(Input::Stored { txn_id, ok: true }));
    let is_answer =
        |frame: &ClientFrame| matches!(frame.command, Command::Send { reply_to: Some(id), .. } if id == message.id);
    assert!(frames.iter().any(is_answer), "{frames:?}");
    let id = frames[0].id.expect("an id");
    let ack = page.ack(id, txn_id, 2);
    page.frame(ack);
    let queued = page.state.compose_forwards(room_id, &[message.id], &[room_id], page.now).expect("room");
    page.put(Input::Composed(queued[0]));
    let frames = sent(&page.put(Input::Stored { txn_id: queued[0], ok: true }));
    assert!(
        matches!(&frames[0].command, Command::Send { forward: Some(id), body, .. } if *id == message.id && body == "m1")
    );
}

#[test]
fn a_slow_room_holds_up_only_itself() {
    let mut page = Tab::new().online();
    let mut other = page.state.rooms[&page.room_id].summary.clone();
    other.room.id = RoomId::new();
    let second = other.room.id;
    page.frame(ServerFrame::Event { event: LiveEvent::Room { summary: other } });
    page.state.rooms.get_mut(&page.room_id).expect("there").summary.room.settings.slow_mode_s = 60;
    let slow = page.compose("one");
    page.put(Input::Composed(slow));
    let sent_slow = sends(&page.put(Input::Stored { txn_id: slow, ok: true }));
    let error = Error::RateLimited { retry_after_ms: 60_000 };
    page.frame(ServerFrame::Refused { id: Some(sent_slow[0].0), error });
    assert_eq!(page.state.outbox.waits_until(page.room_id), Some(page.now.plus_ms(60_000)));
    let txn_id = page.state.compose(second, "two", page.now).expect("room");
    page.put(Input::Composed(txn_id));
    assert_eq!(sends(&page.put(Input::Stored { txn_id, ok: true })).len(), 1);
}

#[test]
fn what_only_the_server_can_count_is_read_once_for_many() {
    let mut page = Tab::new().online();
    let room_id = page.room_id;
    let messages: Vec<Message> = (1..=4).map(|seq| page.text(seq)).collect();
    let room = page.state.rooms.get_mut(&room_id).expect("there");
    room.summary.unread = Unread { count: 4, mentions: 0, at_seq: 4 };
    room.timeline.trim(1);
    let before = page.now;
    for message in &messages[..3] {
        let by = message.author_id;
        let gone = Message { revision: 2, deleted: Some(Deleted { by, at: page.now }), ..message.clone() };
        let effects = page.frame(ServerFrame::Event { event: LiveEvent::MessageChanged { message: gone } });
        assert!(!effects.contains(&Effect::Reload));
    }
    while !page.wake().contains(&Effect::Reload) {}
    assert_eq!(page.now, before.plus_ms(1_000));
}

#[test]
fn drafts_of_another_tab_come_over_unless_something_is_written_here() {
    let mut page = Tab::new().online();
    let (room_id, other) = (page.room_id, RoomId::new());
    page.state.drafts.insert(room_id, Draft::of("mine"));
    page.state.drafts.insert(other, Draft::of("old"));
    page.put(Input::DraftChanged(room_id));
    assert!(page.put(Input::Visible(true)).contains(&Effect::Restore));
    page.put(Input::Restored { entries: vec![], drafts: None });
    assert_eq!(page.state.drafts.len(), 2, "the disk did not answer");
    let third = RoomId::new();
    let drafts = Some(vec![(room_id, Draft::of("theirs")), (third, Draft::of("new"))]);
    page.put(Input::Restored { entries: vec![], drafts });
    let texts: Vec<_> = page.state.drafts.iter().map(|(id, draft)| (*id, draft.text.as_str())).collect();
    let mut expected = vec![(room_id, "mine"), (third, "new")];
    expected.sort_unstable();
    assert_eq!(texts, expected);
}

#[test]
fn a_lost_read_takes_the_mark_away_after_the_reconnect() {
    let mut page = Tab::new().online();
    page.text(1);
    let room_id = page.room_id;
    page.state.read_locally(room_id, 1);
    let room = page.state.rooms.get_mut(&room_id).expect("there");
    room.summary.mine.unread_from = Some(1);
    let snapshot = page.snapshot();
    page.state.read_locally(room_id, 1);
    page.put(Input::Closed { code: 1006 });
    while !page.wake().contains(&Effect::Open(Transport::Socket)) {}
    page.put(Input::Opened);
    let effects = page.frame(ServerFrame::Synced(Box::new(snapshot)));
    let frames = sent(&effects);
    assert!(frames.iter().any(|frame| matches!(frame.command, Command::Mark { read: Some(1), .. })), "{frames:?}");
    assert!(!page.state.tally(room_id).is_marked);
}

#[test]
fn what_the_list_shows_is_asked_for_when_all_that_is_here_was_deleted_for_me() {
    let mut page = Tab::new().online();
    let (room_id, me) = (page.room_id, page.state.me.person.id);
    let texts: Vec<Message> = (1..=3).map(|seq| page.text(seq)).collect();
    let room = page.state.rooms.get_mut(&room_id).expect("there");
    room.timeline = Default::default();
    let member = room.summary.members.iter().find(|member| member.user_id == me).expect("in it").clone();
    let hide = |hidden: Vec<u64>, revision| LiveEvent::Prefs {
        room_id,
        prefs: RoomPrefs { hidden, revision, ..Default::default() },
        member: member.clone(),
        unread: Default::default(),
    };
    assert!(page.state.newest(room_id).is_some());
    let effects = page.frame(ServerFrame::Event { event: hide(vec![3], 1) });
    assert!(effects.contains(&Effect::Reload), "{effects:?}");
    assert!(page.state.newest(room_id).is_none());
    let mut answer = page.snapshot().rooms.remove(0);
    answer.shown = Some(texts[1].clone());
    page.frame(ServerFrame::Event { event: LiveEvent::Room { summary: answer.clone() } });
    assert_eq!(page.state.newest(room_id).map(|message| message.seq), Some(2));
    page.put(Input::Reloaded(Err(Error::Offline)));
    assert!(page.state.blanks().is_empty());
    // A change of what is shown, and an answer that was on its way before it.
    let edited = Message { revision: 5, body: Body::parse("edited").expect("valid"), ..texts[1].clone() };
    page.frame(ServerFrame::Event { event: LiveEvent::MessageChanged { message: edited } });
    page.frame(ServerFrame::Event { event: LiveEvent::Room { summary: answer } });
    assert_eq!(page.state.newest(room_id).map(|message| message.body.as_str().to_owned()).as_deref(), Some("edited"));
    // Taken back: the newest is here.
    assert!(!page.frame(ServerFrame::Event { event: hide(vec![], 2) }).contains(&Effect::Reload));
    assert_eq!(page.state.newest(room_id).map(|message| message.seq), Some(3));
}

#[test]
fn a_draft_is_on_the_disk_before_the_send_that_it_was_is_off_it() {
    let mut page = Tab::new().online();
    let txn_id = page.compose("hi");
    page.state.take_back(txn_id, true).expect("it did not leave");
    page.put(Input::DraftChanged(page.room_id));
    let effects = page.put(Input::TakenBack(txn_id));
    assert_eq!(effects, [Effect::StoreDraft(page.room_id, Draft::of("hi")), Effect::Forget(txn_id)]);
}

#[test]
fn while_updates_are_delayed_the_page_looks_for_itself() {
    let mut page = Tab::new().online();
    let start = page.now;
    page.frame(ServerFrame::Event { event: LiveEvent::Delayed { on: true } });
    assert!(page.state.is_delayed);
    let looks = |page: &mut Tab| {
        let mut ticks = 0;
        // Pings and what else is due.
        while !page.wake().contains(&Effect::Reload) {
            page.frame(ServerFrame::Pong);
            ticks += 1;
            assert!(ticks < 20);
        }
        page.put(Input::Reloaded(Err(Error::Offline)));
        page.now
    };
    let (first, second) = (looks(&mut page), looks(&mut page));
    assert_eq!((first.0 - start.0, second.0 - first.0), (12_000, 12_000), "half of the way from 8 to 16 s");
    page.frame(ServerFrame::Event { event: LiveEvent::Delayed { on: false } });
    assert_eq!(looks(&mut page).0 - second.0, 1_500);
    for _ in 0..20 {
        assert!(!page.wake().contains(&Effect::Reload), "and then no more");
        page.frame(ServerFrame::Pong);
    }
}
