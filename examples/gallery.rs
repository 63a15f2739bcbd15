//! Renders the app in fixed states to HTML files, to look at them: `cargo run --features server --example gallery -- DIR`.
//! `assets/tailwind.css` and `assets/public` belong beside them.

use dioxus::prelude::*;
use lavender::app::Route;
use lavender::client::draft::Draft;
use lavender::client::outbox::Entry;
use lavender::client::{ConnectionState, State, use_provide_live};
use lavender::id::{FileId, MessageId, RequestId, RoomId, TxnId, UserId};
use lavender::model::{
    Attachment, AttachmentKind, Body, Bootstrap, Deleted, FormState, LinkPreview, Me, Member, Message, MessageRequest,
    Page, Person, Pin, Presence, Reaction, ReplyTo, RequestState, Role, Room, RoomKind, RoomSummary, Seq, Start,
    SystemLine, Theme, Unread,
};
use lavender::time::Timestamp;
use lavender::ui::room::attachments::{Pending, Progress};
use lavender::{Error, error::Problem};
use std::path::Path;
use std::rc::Rc;
use uuid::Uuid;

/// 2025-06-04 18:13 UTC.
const NOW: Timestamp = Timestamp(1_749_060_780_000);
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const PEOPLE: [(&str, &str); 10] = [
    ("Ana Reyes", "ana"),
    ("Mira Solberg", "mira"),
    ("Theo Okafor", "theo.o"),
    ("Abuela Rosa", "rosa48"),
    ("Jun Park", "junpark"),
    ("Kaito Mori", "kaito"),
    ("Lina Berg", "lina.b"),
    ("Lior Katz", "lior"),
    ("Noor Haddad", "noor_h"),
    ("Ines Duarte", "ines"),
];

fn person(at: usize) -> Person {
    let (display_name, username) = PEOPLE[at];
    Person::new(UserId(Uuid::from_u128(at as u128 + 1)), username, display_name, NOW.plus_ms(-400 * DAY))
}

fn room_id(at: usize) -> RoomId {
    RoomId(Uuid::from_u128(1_000 + at as u128))
}

fn message(room: usize, seq: Seq, author: usize, body: &str, at: Timestamp) -> Message {
    Message {
        id: MessageId(Uuid::from_u128(u128::from(seq) + 10_000 * room as u128)),
        room_id: room_id(room),
        seq,
        author_id: person(author).id,
        txn_id: TxnId(Uuid::from_u128(u128::from(seq) + 20_000 * room as u128)),
        body: Body::stored(body.to_owned()),
        created_at: at,
        revision: 1,
        edited_at: None,
        system: None,
        deleted: None,
        reply_to: None,
        forwarded_from: None,
        mentions: Default::default(),
        reactions: Vec::new(),
        preview: None,
        attachments: Vec::new(),
        extra: None,
        is_hidden_from_assistant: false,
    }
}

/// A direct room of Ana's with `at`; `read` and `delivered` are the other's marks.
fn summary(at: usize, last: Message, unread: u32, delivered: Seq, read: Seq) -> RoomSummary {
    let head = last.seq;
    let member = |user: usize, delivered_seq, read_seq| Member {
        user_id: person(user).id,
        role: Role::Member,
        joined_seq: 0,
        delivered_seq,
        read_seq,
        cleared_seq: 0,
    };
    RoomSummary {
        room: Room::new(room_id(at), RoomKind::Direct, None, NOW.plus_ms(-90 * DAY)),
        members: vec![member(0, head, head - Seq::from(unread)), member(at, delivered, read)],
        people: vec![person(0), person(at)],
        last: Some(last),
        shown: None,
        head_seq: head,
        unread: Unread { count: unread, mentions: 0, at_seq: head },
        can_send: true,
        blocked_by_me: false,
        member_count: 2,
        mine: Default::default(),
    }
}

fn thread() -> Vec<Message> {
    let yesterday = NOW.plus_ms(-22 * HOUR);
    let lines = [
        (1, "Found the spot. Past the mill, second gate on the left.", yesterday),
        (1, "There is a map at https://example.org/fields/second-gate?from=mill", yesterday.plus_ms(MINUTE)),
        (0, "That light! Was it warm enough to sit outside?", yesterday.plus_ms(2 * MINUTE)),
        (1, "Until about eight.\nBring a jacket, it drops fast after that.", yesterday.plus_ms(5 * MINUTE)),
        (0, "Meet at gate 2, Saturday 06:40. I'll text the code.", yesterday.plus_ms(11 * MINUTE)),
        (1, "🌿🌾", NOW.plus_ms(-20 * MINUTE)),
        (1, "Permit came through! Parking is free with it. <script>alert(1)</script>", NOW.plus_ms(-15 * MINUTE)),
        (0, "Can you forward it to Theo?", NOW.plus_ms(-2 * MINUTE)),
        (0, "He's on the early train.", NOW.plus_ms(-MINUTE)),
    ];
    let numbered = lines.into_iter().zip(1..);
    let mut messages: Vec<_> = numbered.map(|((author, body, at), seq)| message(1, seq, author, body, at)).collect();
    messages[1].preview = Some(LinkPreview {
        url: "https://example.org/fields/second-gate?from=mill".to_owned(),
        site: "Fields and gates".to_owned(),
        title: "The second gate: paths around the old mill, with parking and opening hours".to_owned(),
        description: Some(
            "Twelve walks between the river and the mill, from half an hour to a day. Dogs on a lead between March and July. \
             The lower path is closed after heavy rain, and the gates are locked at nine in the evening."
                .to_owned(),
        ),
    });
    messages[4].preview = Some(LinkPreview {
        url: "https://a-very-long-name-of-a-host.that-goes-on-and-on.example.org/".to_owned(),
        site: "a-very-long-name-of-a-host.that-goes-on-and-on.example.org".to_owned(),
        title: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".to_owned(),
        description: None,
    });
    messages
}

fn request(at: usize, from: usize, to: usize, intro: &str) -> MessageRequest {
    MessageRequest {
        id: RequestId(Uuid::from_u128(5_000 + at as u128)),
        from: person(from),
        to: person(to),
        intro: Body::stored(intro.to_owned()),
        state: RequestState::Pending,
        created_at: NOW.plus_ms(-6 * HOUR * (at as i64 + 1)),
        room: None,
    }
}

fn bootstrap(open: bool) -> Bootstrap {
    let messages = thread();
    let last = messages.last().cloned().expect("a thread");
    let row = |at: usize, author: usize, body: &str, ago: i64| message(at, 12, author, body, NOW.plus_ms(-ago));
    Bootstrap {
        me: Me {
            person: person(0),
            email: "ana@example.org".to_owned(),
            theme: Theme::System,
            warning: None,
            muted_until: None,
            leaves_at: None,
        },
        rooms: vec![
            summary(1, last, 0, 8, 7),
            summary(2, row(2, 0, "I'll drive if you bring the good speaker and the flask", 78 * MINUTE), 0, 12, 12),
            summary(3, row(3, 3, "Did you eat?", 5 * HOUR), 2, 12, 12),
            summary(4, row(4, 4, "see you at the gate?", 3 * DAY), 0, 12, 12),
            summary(5, row(5, 5, "thanks", 4 * DAY), 0, 12, 12),
            summary(6, row(6, 6, "Heads. You're buying", 8 * DAY), 0, 12, 12),
            summary(7, row(7, 0, "No rush. Whenever suits", 9 * DAY), 0, 12, 4),
        ],
        requests: vec![
            request(
                0,
                8,
                0,
                "Hi Ana, Lina said you have spare seedlings? I'd love two tomato plants if they're still going. I can trade for mint 🌱",
            ),
            request(1, 9, 0, "Hello! I'm the new neighbour at number 12."),
        ],
        blocked: Vec::new(),
        assistant: None,
        presence: vec![
            (person(1).id, Presence::Online),
            (person(2).id, Presence::Online),
            (person(4).id, Presence::Offline { last_seen: Some(NOW.plus_ms(-9 * HOUR)) }),
        ],
        open: open.then(|| Page::new(room_id(1), messages, true, false)),
        cursor: 1,
        access_until: NOW,
        now: NOW,
        version: "1".to_owned(),
    }
}

/// The direct rooms and two groups: one that named Ana, a quiet one.
fn with_groups() -> Vec<RoomSummary> {
    let group = |at: usize, name: &str, people: &[usize], author: usize, text: &str, unread| {
        let last = message(at, 40, author, text, NOW.plus_ms(-(at as i64) * HOUR / 4));
        let mut group = summary(people[0], last, unread, 40, 40);
        group.room = Room::new(room_id(at), RoomKind::Group, Some(name.to_owned()), NOW.plus_ms(-90 * DAY));
        group.people = std::iter::once(0).chain(people.iter().copied()).map(person).collect();
        group.member_count = people.len() as u32 + 1;
        group
    };
    let mut rooms = bootstrap(false).rooms;
    rooms[0].mine.pinned_at = Some(NOW);
    rooms[0].mine.revision = 1;
    let mut harvest = group(10, "Harvest weekend", &[2, 9, 4], 9, "Saturday looks **dry** until four, @ana", 4);
    harvest.unread.mentions = 1;
    let mut canal = group(11, "Canal allotments", &[5, 6], 6, "hose is back, thank you all", 18);
    canal.mine.muted_until = Some(lavender::model::MUTED_FOR_GOOD);
    let mut books = group(12, "Books we never finish", &[3, 7, 8], 0, "I gave up on page 9", 0);
    books.mine.unread_from = Some(40);
    let mut old = group(13, "Old news", &[3, 7], 3, "bye", 0);
    old.mine.archived = true;
    rooms.extend([harvest, canal, books, old]);
    rooms
}

/// How a picture differs from the plain one.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Twist {
    Plain,
    Typing,
    Seen,
    Failed,
    Blocked,
    Loading,
    Broken,
    Unread,
    Empty,
    Long,
    Formatted,
    /// Everything that stands around messages.
    Acts,
    /// The same in a group, while messages are chosen.
    Group,
    /// Pictures, films and animations.
    Pictures,
    /// Cards, sounds, voice messages, uploads.
    Files,
}

/// Everything that people can type.
const FORMATTED: [&str; 6] = [
    "**Bold**, *italic*, ~~gone~~, `cargo test` and ***all* of it**. A ||covered secret|| ends the line.",
    "Hi @ana and @theo.o, also @all: see [the map](https://example.org/map), [example.com](https://example.net/x) or https://example.org/fields/second-gate",
    "> The gate is at the mill\n> and opens at *six*.\n> > Says who?\nThat early?",
    "Bring:\n- a jacket\n- the flask\n  - with tea\n  - without sugar\n1. drive\n2. walk `2 km`\n10. rest",
    "```rust\n/// The gates of a field.\nfn gates(field: &Field) -> Vec<Gate> {\n    let open = 2; // of them, and this line is far too long for the width of any bubble that we have\n    field.gates.iter().filter(|gate| gate.name != \"mill\").take(open).collect()\n}\n```",
    "And without a language:\n```\n06:40  gate 2\n07:15  the mill\n```\nSee you there",
];

/// Puts answers, reactions, lines of the room and all else around the messages of the thread.
fn around(messages: &mut Vec<Rc<Message>>) {
    let reaction = |emoji: &str, by: &[usize]| Reaction {
        emoji: emoji.to_owned(),
        by: by.iter().map(|at| person(*at).id).collect(),
    };
    let reply = |to: &Message| Some(ReplyTo { message_id: to.id, seq: to.seq });
    let mut plain: Vec<Message> = messages.drain(..).map(|message| (*message).clone()).collect();
    plain[2].reply_to = reply(&plain[0]);
    plain[3].reply_to = reply(&plain[2]);
    plain[3].reactions = vec![reaction("❤\u{fe0f}", &[0, 1]), reaction("🌿", &[1])];
    plain[4].reactions = vec![reaction("👍", &[1])];
    plain[4].edited_at = Some(NOW);
    plain[5].reactions = vec![reaction("🙏", &[0])];
    plain[6].author_id = person(2).id;
    plain[6].mentions.users.push(person(0).id);
    plain[6].edited_at = Some(NOW);
    plain[7].deleted = Some(Deleted { by: person(0).id, at: NOW });
    plain[7].body = Body::stored(String::new());
    plain[8].forwarded_from = Some(person(3).id);
    for (seq, author, line) in [
        (10, 1, SystemLine::Pinned { message_id: plain[4].id, seq: 5 }),
        (11, 2, SystemLine::Joined),
        (12, 3, SystemLine::Joined),
    ] {
        plain.push(Message { system: Some(line), ..message(1, seq, author, "", NOW) });
    }
    plain.push(message(1, 13, 2, "Permit is in the glove box, next to the map.", NOW));
    messages.extend(plain.into_iter().map(Rc::new));
}

/// Impressions of pictures: a sunrise, a field, a face.
const HASHES: [&str; 3] =
    ["1QcSHQRnh493V4dIh4eXh1h4kJUI", "3OcRJYB4d3h_iIeHeEh3eIhw-j3A", "HBkSHYSIeHiPiHh8eJd4eTN0EEQG"];

fn file(number: u128, kind: AttachmentKind, name: &str, size: u64) -> Attachment {
    Attachment::new(FileId(Uuid::from_u128(number)), kind, name, "application/octet-stream", size)
}

fn picture(number: u128, width: u32, height: u32) -> Attachment {
    let hash = HASHES[number as usize % HASHES.len()].to_owned();
    Attachment {
        width: Some(width),
        height: Some(height),
        thumbhash: Some(hash),
        ..file(number, AttachmentKind::Image, "IMG_2041.jpg", 1_834_221)
    }
}

fn of_kind(kind: AttachmentKind, file: Attachment) -> Attachment {
    Attachment { kind, duration_ms: Some(72_000), ..file }
}

/// Pictures as people send them, from both.
fn pictures() -> Vec<Message> {
    let mut sent: Vec<(usize, &str, Vec<Attachment>)> = vec![
        (1, "", vec![picture(1, 3_200, 1_480)]),
        (0, "That light! Was it warm enough to sit outside?", vec![]),
        (
            1,
            "Until about eight. Bring a jacket, it drops fast after that, and the last bus goes at nine.",
            vec![picture(2, 3_000, 4_000)],
        ),
        (0, "", vec![of_kind(AttachmentKind::Animation, picture(3, 280, 190))]),
        (1, "", vec![of_kind(AttachmentKind::Video, picture(4, 1_920, 1_080))]),
        (0, "", vec![picture(5, 40, 40)]),
    ];
    for count in [2_u32, 3, 4, 5, 7, 10] {
        let shapes = [(3, 4), (4, 3), (1, 1), (16, 9)];
        let files = (0..count).map(|at| {
            let (width, height) = shapes[(at + count) as usize % shapes.len()];
            picture(u128::from(100 * count + at), width * 500, height * 500)
        });
        sent.push(((count % 2) as usize, if count == 5 { "Five of them" } else { "" }, files.collect()));
    }
    sent.push((1, "", vec![picture(6, 1_000, 800), file(7, AttachmentKind::File, "gate-permit.pdf", 2_412_345)]));
    let numbered = sent.into_iter().zip(10..);
    let messages = numbered
        .map(|((author, text, attachments), seq)| Message { attachments, ..message(1, seq, author, text, NOW) });
    messages.collect()
}

/// Files as cards, sounds and voices.
fn cards() -> Vec<Message> {
    let waveform: String = (0..60_u32).map(|at| char::from(b"AEMUckzHRdov79_"[(at * at % 15) as usize])).collect();
    let voice = |number, ms| Attachment {
        waveform: Some(waveform.clone()),
        duration_ms: Some(ms),
        ..file(number, AttachmentKind::Voice, "voice.webm", 38_211)
    };
    let song = Attachment {
        duration_ms: Some(214_000),
        ..file(31, AttachmentKind::Audio, "The-river-at-night-live-recording-from-the-second-evening.mp3", 5_212_000)
    };
    let sent: Vec<(usize, &str, Vec<Attachment>)> = vec![
        (1, "", vec![file(21, AttachmentKind::File, "visitor-permit-june.pdf", 2_412_345)]),
        (1, "Permit came through! Parking is free with it 🌿", vec![]),
        (0, "", vec![file(22, AttachmentKind::File, "shared-costs-harvest-weekend-with-all-the-receipts.xls", 48_211)]),
        (1, "The long one", vec![file(23, AttachmentKind::File, "README", 612)]),
        (
            0,
            "",
            vec![
                file(24, AttachmentKind::File, "תוכנית העבודה לסוף השבוע.docx", 1_200_000),
                file(25, AttachmentKind::File, "data.sqlite3", 18_700_000_000),
            ],
        ),
        (1, "", vec![voice(26, 12_400)]),
        (0, "", vec![voice(27, 72_000)]),
        (1, "", vec![song.clone()]),
        (0, "And this", vec![song]),
        (0, "", vec![file(40, AttachmentKind::File, "saturday-photos.zip", 18_700_000)]),
        (0, "", vec![file(41, AttachmentKind::File, "drone-pass.mov", 94_200_000)]),
        (0, "", vec![picture(42, 1_600, 1_000)]),
        (0, "", vec![Attachment { id: FileId(Uuid::from_u128(43)), ..voice(43, 9_000) }]),
    ];
    let numbered = sent.into_iter().zip(10..);
    let messages = numbered
        .map(|((author, text, attachments), seq)| Message { attachments, ..message(1, seq, author, text, NOW) });
    messages.collect()
}

/// Uploads that never end: 40, 42 and 43 are on their way, 41 has stopped.
fn use_uploads() {
    let of = use_callback(|id: FileId| {
        let (sent, total) = match id.0.as_u128() {
            40 => (8_600_000, 18_700_000),
            41 => (61_000_000, 94_200_000),
            42 => (1_100_000, 2_400_000),
            43 => (12_000, 38_211),
            _ => return None,
        };
        let failed = (id.0.as_u128() == 41).then_some(Error::Offline);
        Some(Progress { sent, total, is_running: failed.is_none(), failed })
    });
    let local_url = use_callback(|_| None);
    let nothing = use_callback(|_| ());
    use_context_provider(|| Pending { of, local_url, cancel: nothing, retry: nothing });
}

#[component]
fn SignedIn(twist: Twist, open: bool) -> Element {
    let mut live = use_provide_live(|| State::from_bootstrap(bootstrap(open)));
    lavender::ui::time::use_provide_clock(NOW);
    use_uploads();
    use_hook(move || {
        let mut state = live.state.write();
        state.connection = ConnectionState::Online;
        state.drafts.insert(room_id(5), Draft::of("thanks for the map, one more thing"));
        let mut entry = Entry::new(
            TxnId(Uuid::from_u128(7)),
            room_id(4),
            Body::stored("see you at the gate?".to_owned()),
            NOW.plus_ms(-2 * DAY),
        );
        entry.error = Some(Error::Unreachable);
        state.outbox.push(entry);
        if open || twist != Twist::Empty {
            state.put_rooms(with_groups());
        }
        let mira = state.rooms.get_mut(&room_id(1)).expect("a room");
        match twist {
            Twist::Plain => {}
            Twist::Typing => drop(mira.typing.insert(person(1).id, NOW)),
            Twist::Seen => {
                let seen = Presence::Offline { last_seen: Some(NOW.plus_ms(-3 * HOUR)) };
                state.presence.insert(person(1).id, seen);
            }
            Twist::Blocked => {
                mira.summary.can_send = false;
                mira.summary.blocked_by_me = true;
            }
            Twist::Loading => mira.timeline.is_loaded = false,
            Twist::Broken => {
                mira.timeline.is_loaded = false;
                mira.timeline.failed = true;
            }
            Twist::Unread => {
                mira.summary.members[0].read_seq = 5;
                mira.summary.unread = Unread { count: 2, mentions: 0, at_seq: 9 };
                mira.timeline.has_older = false;
            }
            Twist::Failed => {
                for (id, text, ago) in
                    [(8, "See you at the gate?", 30), (9, "Or at the mill", 20), (10, "Sending this", 10)]
                {
                    let txn_id = TxnId(Uuid::from_u128(id));
                    let body = Body::stored(text.to_owned());
                    let mut entry = Entry::new(txn_id, room_id(1), body, NOW.plus_ms(-ago * 1_000));
                    entry.error = (id == 8).then_some(Error::Unreachable);
                    entry.in_flight = (id == 9).then_some(NOW);
                    state.outbox.push(entry);
                }
            }
            Twist::Empty => {
                state.rooms.clear();
                state.requests.clear();
            }
            Twist::Formatted => {
                for (text, seq) in FORMATTED.into_iter().zip(10..) {
                    // Each from both: it must read well on either ground.
                    for author in [1, 0] {
                        let seq = 2 * seq + author as Seq;
                        mira.timeline.messages.push(Rc::new(message(1, seq, author, text, NOW)));
                    }
                }
            }
            Twist::Pictures | Twist::Files => {
                let sent = if twist == Twist::Pictures { pictures() } else { cards() };
                let reply = |to: &Message| Some(ReplyTo { message_id: to.id, seq: to.seq });
                let mut answer = message(1, 30, 0, "This one!", NOW);
                answer.reply_to = reply(&sent[0]);
                let pin = Pin { message_id: sent[0].id, seq: sent[0].seq, by: person(1).id, at: NOW };
                mira.summary.room.pins.push(pin);
                mira.timeline.messages.clear();
                mira.timeline.messages.extend(sent.into_iter().map(Rc::new));
                mira.timeline.messages.push(Rc::new(answer));
                mira.summary.last = mira.timeline.messages.iter().rev().nth(1).map(|message| (**message).clone());
            }
            Twist::Acts | Twist::Group => {
                if twist == Twist::Group {
                    mira.summary.room.kind = RoomKind::Group;
                    mira.summary.room.name = Some("Harvest weekend".to_owned());
                    mira.summary.people.extend([person(2), person(3)]);
                    mira.summary.member_count = 4;
                    mira.selected.extend([4, 6]);
                }
                around(&mut mira.timeline.messages);
                let pin = |seq: Seq| Pin {
                    message_id: MessageId(Uuid::from_u128(u128::from(seq) + 10_000)),
                    seq,
                    by: person(1).id,
                    at: NOW,
                };
                mira.summary.room.pins.extend([pin(1), pin(5)]);
            }
            Twist::Long => {
                let text = "Lavandula angustifolia ".repeat(20);
                let wide = "x".repeat(300);
                mira.timeline.messages.push(Rc::new(message(1, 10, 1, &text, NOW)));
                mira.timeline.messages.push(Rc::new(message(1, 11, 0, &wide, NOW)));
                mira.timeline.messages.push(Rc::new(message(
                    1,
                    12,
                    0,
                    "\n\nindented\n    like this\n\nand a gap",
                    NOW,
                )));
            }
        }
    });
    rsx! {
        Router::<Route> {}
    }
}

#[component]
fn Picture(path: String, look: Look) -> Element {
    use_hook(|| {
        let history: Rc<dyn dioxus::history::History> =
            Rc::new(dioxus::history::MemoryHistory::with_initial_path(&*path));
        provide_context(history)
    });
    match look {
        Look::In(twist) => rsx! {
            SignedIn { twist, open: path.starts_with("/r/") }
        },
        Look::Other(first) => rsx! {
            lavender::app::Screen { first: *first }
        },
    }
}

#[derive(Clone, PartialEq, Debug)]
enum Look {
    In(Twist),
    Other(Box<Result<Start, Error>>),
}

impl Look {
    fn other(first: Result<Start, Error>) -> Self {
        Self::Other(Box::new(first))
    }
}

fn render(path: &str, look: Look, theme: &str) -> String {
    let mut dom = VirtualDom::new_with_props(Picture, PictureProps { path: path.to_owned(), look });
    dom.rebuild_in_place();
    let body = dioxus::ssr::render(&dom);
    let index = include_str!("../index.html").replace("{app_title}", "Lavender");
    index
        .replace("<html", &format!("<html data-theme=\"{theme}\""))
        .replace("</head>", "<link rel=\"stylesheet\" href=\"/tailwind.css\" /></head>")
        .replace("<div id=\"main\">", &format!("<div id=\"main\">{body}"))
}

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "gallery".to_owned());
    std::fs::create_dir_all(&folder)?;
    let room = format!("/r/{}", room_id(1));
    let form = FormState {
        username: "ana".to_owned(),
        display_name: "Ana".to_owned(),
        email: "ana@example".to_owned(),
        login: "ana@example.org".to_owned(),
        ..FormState::default()
    };
    let with = |error| Look::other(Ok(Start::SignedOut(FormState { error: Some(error), ..form.clone() })));
    let pictures = [
        ("chat", room.as_str(), Look::In(Twist::Plain)),
        ("typing", &room, Look::In(Twist::Typing)),
        ("seen", &room, Look::In(Twist::Seen)),
        ("failed", &room, Look::In(Twist::Failed)),
        ("blocked", &room, Look::In(Twist::Blocked)),
        ("loading", &room, Look::In(Twist::Loading)),
        ("broken-room", &room, Look::In(Twist::Broken)),
        ("unread", &room, Look::In(Twist::Unread)),
        ("long", &room, Look::In(Twist::Long)),
        ("acts", &room, Look::In(Twist::Acts)),
        ("group", &room, Look::In(Twist::Group)),
        ("formatted", &room, Look::In(Twist::Formatted)),
        ("pictures", &room, Look::In(Twist::Pictures)),
        ("files", &room, Look::In(Twist::Files)),
        ("list", "/", Look::In(Twist::Plain)),
        ("empty", "/", Look::In(Twist::Empty)),
        ("requests", "/requests", Look::In(Twist::Plain)),
        ("new", "/new", Look::In(Twist::Plain)),
        ("login", "/login", Look::other(Ok(Start::SignedOut(FormState::default())))),
        ("login-wrong", "/login?next=%2Fr%2F1", with(Error::BadCredentials)),
        ("login-wait", "/login", with(Error::RateLimited { retry_after_ms: 30_000 })),
        ("register", "/register", Look::other(Ok(Start::SignedOut(FormState::default())))),
        ("register-taken", "/register", with(Error::invalid("username", Problem::Taken))),
        ("offline", "/shell", Look::other(Ok(Start::Shell))),
        ("broken", "/", Look::other(Err(Error::Unavailable { retry_after_ms: 1_000 }))),
        ("not-found", "/nothing/here", Look::In(Twist::Plain)),
    ];
    for (name, path, look) in pictures {
        for theme in ["light", "dark"] {
            let file = Path::new(&folder).join(format!("{name}-{theme}.html"));
            std::fs::write(file, render(path, look.clone(), theme))?;
        }
    }
    Ok(())
}
