use super::*;
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
            head_seq: 0,
            unread: Unread::default(),
            can_send: true,
            blocked_by_me: false,
            member_count: 2,
            mine: Default::default(),
        };
        let now = Timestamp(1_000_000);
        let state = State::from_bootstrap(Bootstrap {
            me: Me { person: me, email: String::new(), theme: Theme::System, warning: None },
            rooms: vec![summary],
            requests: Vec::new(),
            presence: Vec::new(),
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
        Snapshot { rooms, requests: vec![], messages: vec![], changed: vec![], presence: vec![], cursor: 9 }
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
        .map(|seq| Message {
            id: MessageId::new(),
            room_id: page.room_id,
            seq,
            author_id,
            txn_id: TxnId::new(),
            body: Body::parse("x").expect("valid"),
            created_at: page.now,
            revision: 1,
            edited_at: None,
            system: None,
            deleted: None,
            reply_to: None,
            forwarded_from: None,
            mentions: Default::default(),
            reactions: Vec::new(),
            preview: None,
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
