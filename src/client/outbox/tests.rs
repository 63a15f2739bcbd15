use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn entry(room: RoomId, at: i64) -> Entry {
    let body = Body::parse("text").expect("valid");
    Entry { is_stored: true, ..Entry::new(TxnId::new(), room, body, Timestamp(at)) }
}

#[test]
fn one_at_a_time_per_room_and_in_order() {
    let (one, two) = (RoomId::new(), RoomId::new());
    let mut outbox = Outbox::default();
    let (a, b, c) = (entry(one, 1), entry(one, 2), entry(two, 3));
    for entry in [&c, &b, &a] {
        outbox.push(entry.clone());
    }
    let ids = |entries: Vec<Entry>| entries.iter().map(|entry| entry.txn_id).collect::<Vec<_>>();
    assert_eq!(ids(outbox.take_ready(Timestamp(10))), [a.txn_id, c.txn_id]);
    assert!(outbox.take_ready(Timestamp(11)).is_empty());
    assert!(outbox.confirm(a.txn_id));
    assert!(!outbox.confirm(a.txn_id));
    assert_eq!(ids(outbox.take_ready(Timestamp(12))), [b.txn_id]);
}

#[test]
fn nothing_leaves_before_it_is_on_disk() {
    let mut outbox = Outbox::default();
    let waiting = Entry { is_stored: false, ..entry(RoomId::new(), 1) };
    outbox.push(waiting.clone());
    assert!(outbox.take_ready(Timestamp(5)).is_empty());
    assert_eq!(outbox.next_wake(), None);
    outbox.stored(waiting.txn_id);
    assert_eq!(outbox.take_ready(Timestamp(5)).len(), 1);
}

#[test]
fn what_was_composed_later_goes_later_whatever_the_clock_says() {
    let room = RoomId::new();
    let mut outbox = Outbox::default();
    let (a, b) = (entry(room, 5_000), entry(room, 100));
    outbox.compose(a.clone());
    outbox.compose(b.clone());
    assert_eq!(outbox.entries.iter().map(|entry| entry.txn_id).collect::<Vec<_>>(), [a.txn_id, b.txn_id]);
}

#[test]
fn what_is_gone_does_not_come_back_from_the_disk() {
    let room = RoomId::new();
    let mut outbox = Outbox::default();
    let (a, b) = (entry(room, 1), entry(room, 2));
    outbox.push(a.clone());
    outbox.push(b.clone());
    outbox.confirm(a.txn_id);
    assert!(outbox.take_back(b.txn_id).is_some());
    outbox.push(a);
    outbox.push(b);
    assert!(outbox.entries.is_empty());
}

#[test]
fn what_left_once_is_not_taken_back_after_the_connection_is_lost() {
    let mut outbox = Outbox::default();
    let a = entry(RoomId::new(), 1);
    outbox.push(a.clone());
    assert_eq!(outbox.take_ready(Timestamp(3)).len(), 1);
    outbox.disconnected();
    assert_eq!(outbox.take_back(a.txn_id), None, "the server may have it");
}

#[test]
fn a_failed_one_holds_nobody_up_and_can_be_taken_back() {
    let room = RoomId::new();
    let mut outbox = Outbox::default();
    let (a, b) = (entry(room, 1), entry(room, 2));
    outbox.push(a.clone());
    outbox.push(b.clone());
    assert_eq!(outbox.take_ready(Timestamp(3)).len(), 1);
    assert_eq!(outbox.take_back(a.txn_id), None, "it is on the wire");
    outbox.fail(a.txn_id, Error::Unreachable);
    assert_eq!(outbox.take_ready(Timestamp(4))[0].txn_id, b.txn_id);
    assert_eq!(outbox.take_back(a.txn_id).map(|entry| entry.body), Some(a.body));
}

#[test]
fn rate_limits_pause_everything_and_keep_order() {
    let (one, two) = (RoomId::new(), RoomId::new());
    let mut outbox = Outbox::default();
    let (a, b) = (entry(one, 1), entry(two, 2));
    outbox.push(a.clone());
    outbox.push(b);
    assert_eq!(outbox.take_ready(Timestamp(3)).len(), 2);
    outbox.postpone(a.txn_id, &Error::RateLimited { retry_after_ms: 4_000 }, false, Timestamp(5), 0.0);
    outbox.disconnected();
    assert!(outbox.take_ready(Timestamp(4_000)).is_empty());
    assert_eq!(outbox.next_wake(), Some(Timestamp(4_005)));
    assert_eq!(outbox.take_ready(Timestamp(4_005)).len(), 2);
}

#[test]
fn survives_the_disk() {
    let before = Entry { error: Some(Error::Forbidden), ..entry(RoomId::new(), 7) };
    let text = serde_json::to_string(&before).expect("serializable");
    let after: Entry = serde_json::from_str(&text).expect("readable");
    assert_eq!(after, Entry { is_stored: false, ..before });
}

#[test]
fn backoff_stays_in_bounds() {
    assert_eq!(backoff_ms(0, 0.0), 250);
    assert_eq!(backoff_ms(0, 1.0), 500);
    assert_eq!(backoff_ms(60, 1.0), 30_000);
}

proptest! {
    /// Whatever the network does, every entry reaches the server in order per room, and is stored exactly once by its id.
    #[test]
    fn everything_arrives_once_and_in_order(fates in proptest::collection::vec(0u8..6, 1..200), rooms in 1usize..4, count in 1usize..12) {
        let rooms: Vec<RoomId> = (0..rooms).map(|_| RoomId::new()).collect();
        let mut outbox = Outbox::default();
        let mut composed: BTreeMap<RoomId, Vec<TxnId>> = BTreeMap::new();
        for at in 0..count {
            let entry = entry(rooms[at % rooms.len()], at as i64);
            composed.entry(entry.room_id).or_default().push(entry.txn_id);
            outbox.push(entry);
        }
        let mut server: BTreeMap<RoomId, Vec<TxnId>> = BTreeMap::new();
        let mut now = Timestamp(1_000);
        let mut fates = fates.into_iter();
        while !outbox.entries.is_empty() {
            for sent in outbox.take_ready(now) {
                let log = server.entry(sent.room_id).or_default();
                match fates.next().unwrap_or(0) {
                    // Lost on the way there, or on the way back.
                    1 => {}
                    2 => if !log.contains(&sent.txn_id) { log.push(sent.txn_id) },
                    3 => outbox.postpone(sent.txn_id, &Error::Unavailable { retry_after_ms: 100 }, false, now, 0.5),
                    4 => outbox.disconnected(),
                    5 => outbox.postpone(sent.txn_id, &Error::RateLimited { retry_after_ms: 900 }, false, now, 0.5),
                    _ => {
                        if !log.contains(&sent.txn_id) { log.push(sent.txn_id) }
                        prop_assert!(outbox.confirm(sent.txn_id));
                    }
                }
            }
            if let Some(wake) = outbox.next_wake() {
                now = now.max(wake);
            }
        }
        prop_assert_eq!(server, composed);
    }
}

#[test]
fn entries_of_an_older_version_still_load() {
    let old = r#"{"txn_id":"0193e0a0-0000-7000-8000-000000000001","room_id":"0193e0a0-0000-7000-8000-000000000002",
        "body":"from before","composed_at":5}"#;
    let entry: Entry = serde_json::from_str(old).expect("readable");
    assert_eq!((entry.reply_to, entry.forward, entry.error), (None, None, None));
    let forward = Forward { message_id: MessageId::new(), from: UserId::new() };
    let new = Entry { forward: Some(forward), ..Entry::new(TxnId::new(), RoomId::new(), entry.body, Timestamp(7)) };
    let text = serde_json::to_string(&new).expect("plain data");
    let back: Entry = serde_json::from_str(&text).expect("readable");
    assert_eq!(back.message(forward.from).forwarded_from, Some(forward.from));
    assert_eq!(back, new);
}
