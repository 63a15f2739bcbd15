//! What a client that was cut off and came back knows is what one knows that loads anew: over random histories, folded by
//! the very code that the page runs.

use crate::support::client::Client;
use crate::support::server::Store;
use crate::support::stage::{Person, Stage};
use lavender::client::state::State;
use lavender::id::{MessageId, RequestId, RoomId, TxnId, UserId};
use lavender::live::Command;
use lavender::model::{Body, Member, Message, PrefsChange, Presence, Reaction, RoomPrefs, Seq, Start};
use lavender::server::service::{changes, messages, people, pins, prefs, requests, start};
use lavender::server::session::{FormFlash, MaybeSession};
use lavender::server::store::NewMessage;
use lavender::time::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::rc::Rc;

const PEOPLE: usize = 4;
/// Steps between two comparisons.
const STEPS: usize = 40;
const COMPARISONS: usize = 3;

on_both_stores! {
    async fn a_client_that_was_cut_off_knows_what_one_knows_that_loads_anew(store) {
        // A failure names its seed; `CATCH_UP_SEED` runs that one alone.
        let seeds: Vec<u64> = match std::env::var("CATCH_UP_SEED") {
            Ok(seed) => vec![seed.parse().unwrap()],
            Err(_) => vec![1, 2, 3, 4, 5, rand::random()],
        };
        for seed in seeds {
            // The state of a page is for one thread.
            tokio::task::LocalSet::new().run_until(history(store, seed)).await;
        }
    }
}

/// A person, what their page knows, and its connection while there is one.
struct Page {
    person: Person,
    state: State,
    client: Option<Client>,
    /// Something came that cannot be told from what is held: the list of rooms is asked for.
    asks_list: bool,
}

async fn history(store: Store, seed: u64) {
    eprintln!("seed {seed}");
    let stage = Stage::start(store).await;
    let mut random = StdRng::seed_from_u64(seed);
    let mut pages = Vec::new();
    for _ in 0..PEOPLE {
        let person = stage.person("someone").await;
        let state = State::from_bootstrap(first_paint(&person, None).await);
        pages.push(Page { person, state, client: None, asks_list: false });
    }
    // Two who know each other from the start, and a group of all.
    let ids: Vec<UserId> = pages.iter().map(|page| page.person.user_id).collect();
    stage.app.db.direct_room(ids[0], ids[1], Timestamp::now()).await.unwrap();
    stage.app.db.create_group(RoomId::new(), "All", None, &ids, Timestamp::now()).await.unwrap();
    for round in 0..COMPARISONS {
        for _ in 0..STEPS {
            step(&stage, &mut pages, &mut random).await;
        }
        for page in &mut pages {
            page.connect().await;
        }
        for page in &mut pages {
            page.take_in().await;
        }
        let rooms: BTreeMap<RoomId, UserId> =
            pages.iter().flat_map(|page| page.state.rooms.keys().map(|id| (*id, page.person.user_id))).collect();
        for (room_id, author_id) in rooms {
            stored_before_this(&stage, room_id, author_id).await;
        }
        for page in &mut pages {
            page.take_in().await;
        }
        for page in &mut pages {
            page.fill_gaps().await;
            page.ask_list().await;
            let known = view(&page.state);
            let open: Vec<RoomId> = known.rooms.iter().filter(|(_, room)| room.is_loaded).map(|(id, _)| *id).collect();
            let mut fresh = State::from_bootstrap(first_paint(&page.person, None).await);
            for room_id in open {
                load(&page.person, &mut fresh, room_id).await;
            }
            let expected = view(&fresh);
            assert_same(&known, &expected, &format!("seed {seed}, comparison {round}"));
        }
    }
}

async fn step(stage: &Stage, pages: &mut [Page], random: &mut StdRng) {
    let who = random.random_range(0..pages.len());
    let other = (who + random.random_range(1..pages.len())) % pages.len();
    let other_id = pages[other].person.user_id;
    let session = pages[who].person.session;
    let app = &stage.app;
    match random.random_range(0..100) {
        0..35 => {
            if let Some(room_id) = pages[who].any_room(random) {
                let body = format!("text {}", random.random::<u16>());
                pages[who].connect().await;
                let client = pages[who].client.as_mut().unwrap();
                // Refused through a block; whether it waits for the answer changes what is in flight when it is cut.
                let command = Command::Send {
                    room_id,
                    txn_id: TxnId::new(),
                    body,
                    reply_to: None,
                    forward: None,
                    files: Vec::new(),
                    extra: None,
                };
                let id = client.command(command).await;
                if random.random() {
                    client.answer(id).await.ok();
                }
            }
        }
        35..50 => pages[who].connect().await,
        50..65 => {
            pages[who].take_in().await;
            pages[who].client = None;
        }
        65..75 => {
            if let Some(room_id) = pages[who].any_room(random) {
                let head = pages[who].state.rooms[&room_id].summary.head_seq;
                let (delivered, read) = (random.random_range(0..=head), random.random_range(0..=head));
                messages::mark(app, session.user_id, room_id, Some(delivered), Some(read)).await.unwrap();
            }
        }
        75..83 => change(stage, &pages[who], random).await,
        83..85 => {
            if let Some(room_id) = pages[who].any_room(random) {
                let change = own_setting(pages[who].state.rooms[&room_id].summary.head_seq, random);
                prefs::change(app, session.user_id, room_id, change).await.unwrap();
            }
        }
        85..87 => {
            if let Some(room_id) = pages[who].any_room(random) {
                let (person, state) = (pages[who].person.clone(), &mut pages[who].state);
                load(&person, state, room_id).await;
            }
        }
        87..92 => drop(requests::send(app, &session, other_id, "hello").await),
        92..96 => {
            if let Some((id, is_own)) = any_request(app, session.user_id, random).await {
                drop(match (is_own, random.random_range(0..3)) {
                    (true, _) => requests::cancel(app, &session, id).await,
                    (false, 0) => requests::decline(app, &session, id).await,
                    (false, _) => requests::accept(app, &session, id).await.map(|_| ()),
                });
            }
        }
        _ => people::set_block(app, &session, other_id, random.random_bool(0.4)).await.unwrap(),
    }
}

/// Sends of which nobody awaits the answer are in the log by now; what goes the same way behind them is stored after them.
async fn stored_before_this(stage: &Stage, room_id: RoomId, author_id: UserId) {
    let message = NewMessage::text(room_id, author_id, TxnId::new(), Body::parse("last").unwrap());
    stage.app.log.append(message).await.unwrap();
}

/// Something that people do to messages, each by someone who may; what a block refuses changes nothing.
async fn change(stage: &Stage, page: &Page, random: &mut StdRng) {
    let Some(room_id) = page.any_room(random) else { return };
    let stored = stage.app.db.page(room_id, 0, None, None, 20).await.unwrap();
    if stored.is_empty() {
        return;
    }
    let message = &stored[random.random_range(0..stored.len())];
    let (app, me) = (&stage.app, page.person.user_id);
    drop(match random.random_range(0..5) {
        0 | 1 => {
            let body = format!("edited {}", random.random::<u16>());
            changes::edit(app, message.author_id, room_id, message.id, &body).await
        }
        2 => changes::delete(app, message.author_id, room_id, &[message.id]).await,
        3 => {
            let emoji = ["👍", "🎉", "💜"][random.random_range(0..3)];
            changes::react(app, me, room_id, message.id, emoji, random.random_bool(0.7)).await
        }
        _ => pins::set(app, me, room_id, message.id, random.random_bool(0.7)).await,
    });
}

fn own_setting(head: Seq, random: &mut StdRng) -> PrefsChange {
    let seq = random.random_range(0..=head);
    match random.random_range(0..5) {
        0 => PrefsChange::Pinned { on: random.random() },
        1 => PrefsChange::Archived { on: random.random() },
        2 => PrefsChange::Hidden { seqs: vec![seq.max(1)], on: random.random() },
        3 => PrefsChange::UnreadFrom { seq: Some(seq.max(1)) },
        _ => PrefsChange::Cleared { upto: seq / 2 },
    }
}

async fn any_request(app: &lavender::server::App, user_id: UserId, random: &mut StdRng) -> Option<(RequestId, bool)> {
    let open = requests::open(app, user_id).await.unwrap();
    (!open.is_empty()).then(|| &open[random.random_range(0..open.len())]).map(|one| (one.id, one.from.id == user_id))
}

impl Page {
    fn any_room(&self, random: &mut StdRng) -> Option<RoomId> {
        let rooms: Vec<RoomId> = self.state.rooms.keys().copied().collect();
        (!rooms.is_empty()).then(|| rooms[random.random_range(0..rooms.len())])
    }

    /// Connects, or goes on where it was, as the page does.
    async fn connect(&mut self) {
        if self.client.is_some() {
            return;
        }
        let mut client = Client::open(&self.person).await;
        let snapshot = client.hello(self.state.held(), Some(self.state.cursor)).await;
        let folded = self.state.apply_snapshot(snapshot, Timestamp::now());
        self.asks_list |= folded.needs_reload || folded.needs_recount;
        self.client = Some(client);
    }

    /// Folds in what has come.
    async fn take_in(&mut self) {
        if let Some(client) = &mut self.client {
            for event in client.settle().await {
                let folded = self.state.apply(event, Timestamp::now());
                self.asks_list |= folded.needs_reload || folded.needs_recount;
            }
        }
    }

    async fn ask_list(&mut self) {
        if std::mem::take(&mut self.asks_list) {
            self.state.put_rooms(first_paint(&self.person, None).await.rooms);
        }
    }

    async fn fill_gaps(&mut self) {
        for _ in 0..100 {
            let gaps = self.state.gaps();
            if gaps.is_empty() {
                return;
            }
            for (room_id, after) in gaps {
                let session = &self.person.session;
                let page =
                    messages::page(&self.person.app, session, room_id, (None, Some(after), None), Some(100)).await;
                self.state.put_newer(page.unwrap());
            }
        }
        panic!("a gap that cannot be filled: {:?}", self.state.gaps());
    }
}

async fn first_paint(person: &Person, room_id: Option<RoomId>) -> lavender::model::Bootstrap {
    let session = MaybeSession(Some(person.session));
    match start::start(&person.app, &session, FormFlash::default(), room_id).await.unwrap() {
        Start::SignedIn(bootstrap) => bootstrap,
        other => panic!("signed in, not {other:?}"),
    }
}

async fn load(person: &Person, state: &mut State, room_id: RoomId) {
    let page = messages::page(&person.app, &person.session, room_id, (None, None, None), Some(100)).await.unwrap();
    state.put_page(page);
}

/// What someone sees, without how it came to be known.
#[derive(PartialEq, Debug)]
struct View {
    rooms: BTreeMap<RoomId, RoomView>,
    requests: Vec<RequestId>,
    online: Vec<UserId>,
}

#[derive(PartialEq, Debug)]
struct RoomView {
    members: Vec<Member>,
    last: Option<(Seq, u64, String)>,
    head: Seq,
    /// `None` behind a block: a text that was on its way when it was set is counted by who saw it come.
    unread: Option<u32>,
    can_send: bool,
    blocked_by_me: bool,
    is_loaded: bool,
    messages: Vec<(Seq, MessageId, u64, String, bool, Vec<Reaction>)>,
    pins: Vec<MessageId>,
    mine: RoomPrefs,
}

fn view(state: &State) -> View {
    let rooms = state.rooms.iter().map(|(id, room)| {
        let summary = &room.summary;
        let shown = |message: &Rc<Message>| {
            let Message { seq, id, revision, body, deleted, reactions, .. } = &**message;
            (*seq, *id, *revision, body.as_str().to_owned(), deleted.is_some(), reactions.clone())
        };
        // What was cleared may still be held, and is not drawn.
        let floor = state.floor(*id);
        let view = RoomView {
            members: summary.members.clone(),
            last: summary
                .last
                .as_ref()
                .filter(|last| last.seq > state.floor(*id))
                .map(|last| (last.seq, last.revision, last.body.as_str().to_owned())),
            head: summary.head_seq,
            unread: summary.can_send.then(|| state.unread(*id)),
            can_send: summary.can_send,
            blocked_by_me: summary.blocked_by_me,
            is_loaded: room.timeline.is_loaded,
            messages: room.timeline.above(floor).iter().map(shown).collect(),
            pins: state.pins(*id).into_iter().map(|pin| pin.message_id).collect(),
            mine: summary.mine.clone(),
        };
        (*id, view)
    });
    let online = state.presence.iter().filter(|(_, presence)| **presence == Presence::Online);
    View {
        rooms: rooms.collect(),
        requests: state.requests.keys().copied().collect(),
        online: online.map(|(id, _)| *id).collect(),
    }
}

#[track_caller]
fn assert_same(known: &View, expected: &View, when: &str) {
    assert_eq!(known.requests, expected.requests, "requests; {when}");
    assert_eq!(known.online, expected.online, "presence; {when}");
    assert_eq!(known.rooms.keys().collect::<Vec<_>>(), expected.rooms.keys().collect::<Vec<_>>(), "rooms; {when}");
    for (id, room) in &known.rooms {
        assert_eq!(room, &expected.rooms[id], "room {id}; {when}");
    }
}
