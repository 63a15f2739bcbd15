//! The wire as JSON, one file per variant in `wire/`. Old clients and bots read it: fields may be added, nothing else.
//!
//! `UPDATE_WIRE=1 cargo test --features server --test integration wire` writes the files anew; look at the difference.

use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{ConnectionId, FileId, MessageId, RequestId, RoomId, TxnId, UserId};
use lavender::live::{
    ClientFrame, Command, ConnectionInfo, LiveEvent, LogoutReason, PROTOCOL, RoomMessages, ServerFrame, Snapshot,
};
use lavender::model::{
    AnswerAct, Attachment, AttachmentKind, Body, Bytes32, Coin, ExportProgress, Extra, GameAct, Gif, LinkPreview,
    Member, Mentions, Message, MessageRequest, NewExtra, Notify, Person, Pin, PrefsChange, Presence, Reaction, Refusal,
    ReplyTo, RequestState, Role, Roll, Room, RoomKind, RoomPrefs, RoomSettings, RoomSummary, SentFile, TicTacToe,
    Unread, Wallpaper, Who,
};
use lavender::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use uuid::Uuid;

#[test]
fn every_command_is_written_as_it_always_was() {
    let commands = [
        Command::Hello { protocol: PROTOCOL, rooms: [(room_id(), 41)].into(), cursor: Some(1_764_071_990_000) },
        Command::Send {
            room_id: room_id(),
            txn_id: TxnId(id(7)),
            body: "Hello\n\"world\" 👋".into(),
            reply_to: None,
            forward: None,
            files: vec![SentFile { id: FileId(id(20)), alt: Some("A bench by the lake".into()) }],
            extra: None,
        },
        Command::Typing { room_id: room_id(), on: true },
        Command::Mark { room_id: room_id(), delivered: Some(42), read: Some(40) },
        Command::Visible { on: false },
        Command::Ping,
        Command::Edit { room_id: room_id(), message_id: MessageId(id(6)), body: "Hello again".into() },
        Command::Delete { room_id: room_id(), message_ids: vec![MessageId(id(6))] },
        Command::React { room_id: room_id(), message_id: MessageId(id(6)), emoji: "👍".into(), on: true },
        Command::Pin { room_id: room_id(), message_id: MessageId(id(6)), on: true },
        Command::RemovePreview { room_id: room_id(), message_id: MessageId(id(6)) },
        Command::Play { room_id: room_id(), message_id: MessageId(id(6)), act: GameAct::Mark { turn: 3, cell: 8 } },
        Command::Answer { room_id: room_id(), message_id: MessageId(id(6)), act: AnswerAct::Stop },
        Command::Prefs { room_id: room_id(), change: PrefsChange::Hidden { seqs: vec![7, 9], on: true } },
    ];
    let frames = commands.map(|command| ClientFrame { id: Some(3), command });
    check("command", frames.iter().map(|frame| (command_name(&frame.command), frame)));
}

#[test]
fn what_is_beside_a_text_is_written_as_it_always_was() {
    let asked = [
        ("gif", NewExtra::Gif { name: "wave".into() }),
        ("flip", NewExtra::Flip),
        ("roll", NewExtra::Roll { sides: 20 }),
        ("tic_tac_toe", NewExtra::TicTacToe { with: Some(UserId(id(2))) }),
    ];
    check("new_extra", asked.iter().map(|(name, asked)| (*name, asked)));
    let acts = [
        ("nonce", GameAct::Nonce { nonce: Bytes32([0xa5; 32]) }),
        ("accept", GameAct::Accept),
        ("decline", GameAct::Decline),
        ("cancel", GameAct::Cancel),
        ("mark", GameAct::Mark { turn: 3, cell: 8 }),
        ("resign", GameAct::Resign),
    ];
    check("act", acts.iter().map(|(name, act)| (*name, act)));
    let (seed, nonce) = (Bytes32([1; 32]), Bytes32([2; 32]));
    let mut coin = Coin::thrown(&seed);
    let open = coin.clone();
    coin.land(seed, nonce, MessageId(id(6))).unwrap();
    let (ana, ben, now) = (UserId(id(1)), UserId(id(2)), Timestamp(1_764_072_000_000));
    let offered = TicTacToe::offer(ana, None, now);
    let mut won = offered.clone();
    won.play(ben, &GameAct::Accept, now).unwrap();
    for (turn, cell) in (0..).zip([0, 3, 1, 4, 2]) {
        let by = if turn % 2 == 0 { ana } else { ben };
        won.play(by, &GameAct::Mark { turn, cell }, now).unwrap();
    }
    let extras = [
        ("gif", Extra::Gif(Gif { name: "wave".into(), title: "A wave".into(), width: 320, height: 240 })),
        ("coin", Extra::Coin(open)),
        ("coin_landed", Extra::Coin(coin)),
        ("roll", Extra::Roll(Roll { sides: 20, value: Some(7) })),
        ("tic_tac_toe", Extra::TicTacToe(offered)),
        ("tic_tac_toe_won", Extra::TicTacToe(won)),
    ];
    check("extra", extras.iter().map(|(name, extra)| (*name, extra)));
}

#[test]
fn every_server_frame_is_written_as_it_always_was() {
    let frames = [
        ServerFrame::Welcome(ConnectionInfo {
            connection_id: ConnectionId(id(10)),
            user_id: UserId(id(1)),
            protocol: PROTOCOL,
            version: "0.1.0+abc".into(),
            now: Timestamp(1_764_072_000_000),
        }),
        ServerFrame::Synced(Box::new(Snapshot {
            rooms: vec![summary()],
            requests: vec![request()],
            messages: vec![RoomMessages { room_id: room_id(), messages: vec![message()], limited: true }],
            changed: vec![message()],
            presence: vec![
                (UserId(id(1)), Presence::Online),
                (UserId(id(2)), Presence::Offline { last_seen: Some(Timestamp(1_764_071_000_000)) }),
            ],
            blocked: vec![UserId(id(3))],
            cursor: 1_764_072_000_000,
        })),
        ServerFrame::Ack {
            id: 3,
            txn_id: TxnId(id(7)),
            room_id: room_id(),
            message_id: MessageId(id(6)),
            seq: 42,
            created_at: Timestamp(1_764_072_000_123),
        },
        ServerFrame::Done { id: 3 },
        ServerFrame::Refused { id: Some(3), error: Error::RateLimited { retry_after_ms: 500 } },
        ServerFrame::Event { event: LiveEvent::RequestGone { request_id: RequestId(id(5)) } },
        ServerFrame::Heads { rooms: [(room_id(), 42)].into() },
        ServerFrame::Pong,
        ServerFrame::LoggedOut { reason: LogoutReason::SignedOut },
        ServerFrame::Reconnect { after_ms: 1_500 },
        ServerFrame::Outdated,
    ];
    check("frame", frames.iter().map(|frame| (frame_name(frame), frame)));
}

#[test]
fn every_event_is_written_as_it_always_was() {
    let changed = Message {
        revision: 2,
        edited_at: Some(Timestamp(1_764_072_100_000)),
        reply_to: Some(ReplyTo { message_id: MessageId(id(8)), seq: 41 }),
        forwarded_from: Some(UserId(id(2))),
        mentions: Mentions { users: vec![UserId(id(2))], all: true },
        reactions: vec![Reaction { emoji: "👍".into(), by: vec![UserId(id(2))] }],
        preview: Some(LinkPreview {
            url: "https://example.org/".into(),
            site: "example.org".into(),
            title: "Example".into(),
            description: None,
        }),
        attachments: vec![Attachment {
            width: Some(4_000),
            height: Some(3_000),
            thumbhash: Some("3OcRJYB4d3h_iIeHeEh3eIhw-j3A".into()),
            alt: Some("A bench by the lake".into()),
            ..Attachment::new(FileId(id(20)), AttachmentKind::Image, "lake.jpg", "image/jpeg", 2_412_345)
        }],
        ..message()
    };
    let events = [
        LiveEvent::Message { message: message() },
        LiveEvent::MessageChanged { message: changed },
        LiveEvent::Grown {
            room_id: room_id(),
            message_id: MessageId(id(6)),
            attempt: 1,
            at: 6,
            text: "lavender".into(),
        },
        LiveEvent::Typing { room_id: room_id(), user_id: UserId(id(2)), on: true },
        LiveEvent::Watermark {
            room_id: room_id(),
            user_id: UserId(id(2)),
            delivered_seq: 42,
            read_seq: 40,
            unread: Some(Unread { count: 2, mentions: 0, at_seq: 42 }),
        },
        LiveEvent::Presence { user_id: UserId(id(2)), presence: Presence::Offline { last_seen: None } },
        LiveEvent::Room { summary: summary() },
        LiveEvent::Request { request: request() },
        LiveEvent::Block { user_id: UserId(id(3)), on: true },
        LiveEvent::Delayed { on: true },
        LiveEvent::Export { progress: ExportProgress::Packing { done: 3, of: 12 } },
        LiveEvent::RequestGone { request_id: RequestId(id(5)) },
        LiveEvent::RoomChanged {
            room: group(),
            members: summary().members,
            gone: vec![UserId(id(3))],
            people: summary().people,
            member_count: 2,
        },
        LiveEvent::RoomGone { room_id: room_id() },
        LiveEvent::Prefs {
            room_id: room_id(),
            prefs: prefs(),
            member: summary().members.remove(0),
            unread: Unread { count: 2, mentions: 1, at_seq: 42 },
        },
        LiveEvent::Person { person: Person { status: Some("Away".into()), revision: 2, ..person(1, "Ana") } },
        LiveEvent::Memory { room_id: room_id(), revision: 7 },
    ];
    check("event", events.iter().map(|event| (event_name(event), event)));
}

#[test]
fn every_error_is_written_as_it_always_was() {
    let errors = [
        Error::Unauthenticated,
        Error::BadCredentials,
        Error::Forbidden,
        Error::CrossSite,
        Error::NotFound { what: What::Room },
        Error::Unreachable,
        Error::ProviderCancelled,
        Error::ProviderFailed,
        Error::NotFresh,
        Error::Banned,
        Error::Muted { until: 1_764_079_000_000 },
        Error::Conflict,
        Error::AlreadyRequested,
        Error::TooLarge { limit_bytes: 65_536 },
        Error::Unsupported,
        Error::Refused { refusal: Refusal::NotWhatItSays { expected: "PNG picture".into() } },
        Error::Invalid { field: "body".into(), problem: Problem::TooLong },
        Error::Malformed,
        Error::RateLimited { retry_after_ms: 500 },
        Error::Unavailable { retry_after_ms: 1_000 },
        Error::StorageFull,
        Error::Internal { incident: Some("abcdefgh".into()) },
        Error::Offline,
        Error::Outdated,
    ];
    check("error", errors.iter().map(|error| (error_name(error), error)));
}

#[test]
fn what_a_newer_server_says_is_passed_over() {
    let frame: ServerFrame = serde_json::from_str(r#"{"type":"fireworks","colour":"red"}"#).unwrap();
    assert_eq!(frame, ServerFrame::Unknown);
    let frame = r#"{"type":"event","event":{"type":"reaction_set","emoji":"👍"},"trace":1}"#;
    let frame: ServerFrame = serde_json::from_str(frame).unwrap();
    assert_eq!(frame, ServerFrame::Event { event: LiveEvent::Unknown });
}

#[test]
fn what_a_client_invents_is_refused() {
    let room = room_id();
    let cases = [
        String::new(),
        "null".into(),
        "[]".into(),
        r#"{"command":{"type":"unknown"}}"#.into(),
        r#"{"command":{"type":"ping"},"extra":1}"#.into(),
        r#"{"id":-1,"command":{"type":"ping"}}"#.into(),
        r#"{"id":1.5,"command":{"type":"ping"}}"#.into(),
        format!(r#"{{"command":{{"type":"typing","room_id":"{room}","on":"yes"}}}}"#),
        format!(r#"{{"command":{{"type":"typing","room_id":"{room}"}}}}"#),
        format!(r#"{{"command":{{"type":"typing","room_id":"{room}","on":true,"user_id":"{room}"}}}}"#),
        r#"{"command":{"type":"typing","room_id":"../..","on":true}}"#.into(),
        format!(r#"{{"command":{{"type":"mark","room_id":"{room}","read":-1}}}}"#),
        format!(r#"{{"command":{{"type":"mark","room_id":"{room}","read":18446744073709551616}}}}"#),
    ];
    for text in cases {
        assert_eq!(ClientFrame::decode(&text), Err(Error::Malformed), "{text}");
    }
    let long = format!(r#"{{"command":{{"type":"ping"}}}}{}"#, " ".repeat(70_000));
    assert_eq!(ClientFrame::decode(&long), Err(Error::TooLarge { limit_bytes: 65_536 }));
}

/// Compares each value with its file, both ways, and finds files that nothing writes any more.
fn check<'a, T>(kind: &str, values: impl Iterator<Item = (&'static str, &'a T)>)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug + 'a,
{
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/wire");
    let mut expected = BTreeSet::new();
    for (name, value) in values {
        let path = folder.join(format!("{kind}_{name}.json"));
        let written = serde_json::to_value(value).unwrap();
        if std::env::var_os("UPDATE_WIRE").is_some() {
            std::fs::write(&path, format!("{written:#}\n")).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
        let kept: serde_json::Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(written, kept, "{}", path.display());
        // As it is written: in a file the keys are sorted, and on the wire the tag is first.
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{} is read back", path.display());
        expected.insert(path);
    }
    let prefix = format!("{kind}_");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
    assert_eq!(files.filter(is_ours).collect::<BTreeSet<_>>(), expected);
}

fn command_name(command: &Command) -> &'static str {
    match command {
        Command::Hello { .. } => "hello",
        Command::Send { .. } => "send",
        Command::Typing { .. } => "typing",
        Command::Mark { .. } => "mark",
        Command::Visible { .. } => "visible",
        Command::Ping => "ping",
        Command::Edit { .. } => "edit",
        Command::Delete { .. } => "delete",
        Command::React { .. } => "react",
        Command::Pin { .. } => "pin",
        Command::RemovePreview { .. } => "remove_preview",
        Command::Prefs { .. } => "prefs",
        Command::Play { .. } => "play",
        Command::Answer { .. } => "answer",
    }
}

fn frame_name(frame: &ServerFrame) -> &'static str {
    match frame {
        ServerFrame::Welcome(_) => "welcome",
        ServerFrame::Synced(_) => "synced",
        ServerFrame::Ack { .. } => "ack",
        ServerFrame::Done { .. } => "done",
        ServerFrame::Refused { .. } => "refused",
        ServerFrame::Event { .. } => "event",
        ServerFrame::Heads { .. } => "heads",
        ServerFrame::Pong => "pong",
        ServerFrame::LoggedOut { .. } => "logged_out",
        ServerFrame::Reconnect { .. } => "reconnect",
        ServerFrame::Outdated => "outdated",
        ServerFrame::Unknown => unreachable!("never written"),
    }
}

fn event_name(event: &LiveEvent) -> &'static str {
    match event {
        LiveEvent::Message { .. } => "message",
        LiveEvent::MessageChanged { .. } => "message_changed",
        LiveEvent::Grown { .. } => "grown",
        LiveEvent::Typing { .. } => "typing",
        LiveEvent::Watermark { .. } => "watermark",
        LiveEvent::Presence { .. } => "presence",
        LiveEvent::Room { .. } => "room",
        LiveEvent::Request { .. } => "request",
        LiveEvent::Block { .. } => "block",
        LiveEvent::Delayed { .. } => "delayed",
        LiveEvent::Export { .. } => "export",
        LiveEvent::RequestGone { .. } => "request_gone",
        LiveEvent::RoomChanged { .. } => "room_changed",
        LiveEvent::RoomGone { .. } => "room_gone",
        LiveEvent::Prefs { .. } => "prefs",
        LiveEvent::Person { .. } => "person",
        LiveEvent::Memory { .. } => "memory",
        LiveEvent::Unknown => unreachable!("never written"),
    }
}

fn error_name(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated => "unauthenticated",
        Error::BadCredentials => "bad_credentials",
        Error::Forbidden => "forbidden",
        Error::CrossSite => "cross_site",
        Error::NotFound { .. } => "not_found",
        Error::Unreachable => "unreachable",
        Error::ProviderCancelled => "provider_cancelled",
        Error::ProviderFailed => "provider_failed",
        Error::NotFresh => "not_fresh",
        Error::Banned => "banned",
        Error::Muted { .. } => "muted",
        Error::Conflict => "conflict",
        Error::AlreadyRequested => "already_requested",
        Error::TooLarge { .. } => "too_large",
        Error::Unsupported => "unsupported",
        Error::Refused { .. } => "refused",
        Error::Invalid { .. } => "invalid",
        Error::Malformed => "malformed",
        Error::RateLimited { .. } => "rate_limited",
        Error::Unavailable { .. } => "unavailable",
        Error::StorageFull => "storage_full",
        Error::Internal { .. } => "internal",
        Error::Offline => "offline",
        Error::Outdated => "outdated",
    }
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0197_f2d4_0000_7000_8000_0000_0000_0000 + number)
}

fn room_id() -> RoomId {
    RoomId(id(4))
}

fn person(number: u128, name: &str) -> Person {
    Person::new(UserId(id(number)), &name.to_lowercase(), name, Timestamp(1_760_000_000_000))
}

fn message() -> Message {
    Message {
        id: MessageId(id(6)),
        room_id: room_id(),
        seq: 42,
        author_id: UserId(id(1)),
        txn_id: TxnId(id(7)),
        body: Body::parse("Hello\nworld").unwrap(),
        created_at: Timestamp(1_764_072_000_123),
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

fn group() -> Room {
    Room {
        description: Some("Where we eat".into()),
        settings: RoomSettings { history_for_all: true, slow_mode_s: 10, pins_by: Who::Admins },
        pins: vec![Pin { message_id: MessageId(id(6)), seq: 42, by: UserId(id(1)), at: Timestamp(1_764_072_000_200) }],
        revision: 7,
        ..Room::new(room_id(), RoomKind::Group, Some("Lunch".into()), Timestamp(1_764_070_100_000))
    }
}

fn prefs() -> RoomPrefs {
    RoomPrefs {
        revision: 3,
        pinned_at: Some(Timestamp(1_764_072_000_300)),
        muted_until: Some(Timestamp(1_764_079_000_000)),
        archived: true,
        notify: Notify::Mentions,
        unread_from: Some(41),
        wallpaper: Some(Wallpaper { key: "petals".into(), hue: Some(270), dim: 20, picture: None }),
        hidden: vec![7, 9],
    }
}

fn request() -> MessageRequest {
    MessageRequest {
        id: RequestId(id(5)),
        from: person(1, "Ana"),
        to: person(2, "Ben"),
        intro: Body::parse_intro("Hi, Ana here").unwrap(),
        state: RequestState::Pending,
        created_at: Timestamp(1_764_070_000_000),
        room: None,
    }
}

fn summary() -> RoomSummary {
    let member = |number, read_seq| Member {
        user_id: UserId(id(number)),
        role: Role::Member,
        joined_seq: 0,
        delivered_seq: 42,
        read_seq,
        cleared_seq: 0,
    };
    RoomSummary {
        room: Room::new(room_id(), RoomKind::Direct, None, Timestamp(1_764_070_100_000)),
        members: vec![member(1, 42), member(2, 40)],
        people: vec![person(1, "Ana"), person(2, "Ben")],
        last: Some(message()),
        shown: None,
        head_seq: 42,
        unread: Unread { count: 2, mentions: 0, at_seq: 42 },
        can_send: true,
        blocked_by_me: false,
        member_count: 2,
        mine: Default::default(),
    }
}
