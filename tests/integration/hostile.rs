//! Values that are made to break things: they get their code, the process lives, and two people nearby notice nothing.

use crate::support::client::Client;
use crate::support::server::TestServer;
use crate::support::stage::{Person, Stage};
use lavender::id::{RoomId, TxnId};
use lavender::live::{LiveEvent, ServerFrame};
use reqwest::Method;
use serde_json::json;
use tokio_tungstenite::tungstenite::protocol::Message as Raw;

/// Two people who talk while something else goes on.
struct Bystanders {
    ana: Client,
    ben: Client,
    room_id: RoomId,
    said: u64,
}

impl Bystanders {
    async fn on(stage: &Stage) -> Self {
        let (ana, ben, room_id) = stage.pair().await;
        Self { ana: ana.connect().await, ben: ben.connect().await, room_id, said: 0 }
    }

    /// One more message gets its number and arrives.
    async fn go_on(&mut self, after: &str) {
        self.said += 1;
        let text = format!("{} after {}", self.said, after.chars().take(40).collect::<String>());
        let acked = self.ana.send(self.room_id, &text).await.unwrap_or_else(|error| panic!("after {after}: {error}"));
        assert_eq!(acked.seq, self.said, "after {after}");
        let is_it = |event: &LiveEvent| matches!(event, LiveEvent::Message { message } if message.seq == acked.seq);
        self.ben.event(is_it).await;
    }
}

/// A request with the cookie of a person: status and code.
async fn ask(server: &TestServer, person: &Person, method: Method, path: &str, body: Vec<u8>) -> (u16, String) {
    let visitor = server.visitor();
    let mut request = visitor.request(method.clone(), path).header("cookie", &person.cookie);
    if method == Method::POST {
        request = request.header("origin", &visitor.origin).header("content-type", "application/json").body(body);
    }
    let answer = visitor.send(request).await;
    let code = if answer.status < 400 { String::new() } else { answer.code() };
    (answer.status, code)
}

/// A text that no decoder expects.
fn garbage(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let good: &[u8] =
        br#"{"id":1,"command":{"type":"send","room_id":"0197f2d4-0000-7000-8000-0000000000aa","body":"x"}}"#;
    let mut bytes = good.to_vec();
    for _ in 0..1 + next() % 6 {
        let place = next() as usize % bytes.len();
        match next() % 4 {
            0 => bytes[place] = next() as u8,
            1 => bytes.truncate(place.max(1)),
            2 => bytes.insert(place, b"{}[]\":,\\\0\xff"[next() as usize % 10]),
            _ => bytes.extend_from_within(place..),
        }
    }
    bytes
}

on_both_stores! {
    async fn bodies_and_addresses_get_a_stable_code(store) {
        let stage = Stage::start(store).await;
        let mut bystanders = Bystanders::on(&stage).await;
        let (eve, other) = (stage.person("eve").await, stage.person("oli").await);
        let to = other.user_id;
        let ask_for = |intro: &str| json!({ "to": to, "intro": intro }).to_string().into_bytes();
        let posts: Vec<(&str, Vec<u8>, u16, &str)> = vec![
            ("/api/requests", b"[]".to_vec(), 400, "malformed"),
            ("/api/requests", b"null".to_vec(), 400, "malformed"),
            ("/api/requests", b"{\"to\":".to_vec(), 400, "malformed"),
            ("/api/requests", b"\xff\xfe{}".to_vec(), 400, "malformed"),
            ("/api/requests", br#"{"to":{"$gt":""},"intro":"x"}"#.to_vec(), 400, "malformed"),
            ("/api/requests", br#"{"to":["a"],"intro":"x"}"#.to_vec(), 400, "malformed"),
            ("/api/requests", br#"{"to":"' OR 1=1 --","intro":"x"}"#.to_vec(), 400, "malformed"),
            ("/api/requests", json!({ "to": to }).to_string().into_bytes(), 400, "malformed"),
            ("/api/requests", json!({ "to": to, "intro": 7 }).to_string().into_bytes(), 400, "malformed"),
            ("/api/requests", format!(r#"{{"to":"{to}","intro":"\ud800"}}"#).into_bytes(), 400, "malformed"),
            ("/api/requests", format!(r#"{{"to":"{to}","intro":{}}}"#, "[".repeat(60_000)).into_bytes(), 400, "malformed"),
            ("/api/requests", ask_for(" \u{200b}\u{feff}\n"), 422, "invalid"),
            ("/api/requests", ask_for(&"é".repeat(301)), 422, "invalid"),
            ("/api/requests", vec![b' '; 64 * 1024 + 1], 413, "too_large"),
            ("/api/blocks", json!({ "user_id": to, "on": "yes" }).to_string().into_bytes(), 400, "malformed"),
            ("/api/theme", br#"{"theme":"neon"}"#.to_vec(), 400, "malformed"),
            ("/api/live/post", br#"{"connection_id":"x","frames":[]}"#.to_vec(), 400, "malformed"),
        ];
        for (path, body, status, code) in posts {
            let what = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = ask(&stage, &eve, Method::POST, path, body).await;
            assert_eq!(answer, (status, code.to_owned()), "{path} {what}");
            bystanders.go_on(&what).await;
        }
        let room = bystanders.room_id;
        let nobody = RoomId::new();
        let gets = [
            ("/api/rooms/%24where/messages".to_owned(), 400, "malformed"),
            (format!("/api/rooms/{room}/messages?before=-1"), 400, "malformed"),
            (format!("/api/rooms/{room}/messages?before=99999999999999999999"), 400, "malformed"),
            (format!("/api/rooms/{room}/messages?limit=1e3"), 400, "malformed"),
            (format!("/api/rooms/{room}/messages"), 404, "not_found"),
            (format!("/api/rooms/{nobody}/messages"), 404, "not_found"),
            (format!("/api/people?query={}", "a".repeat(65)), 422, "invalid"),
            ("/api/nothing".to_owned(), 404, "not_found"),
        ];
        for (path, status, code) in gets {
            let answer = ask(&stage, &eve, Method::GET, &path, Vec::new()).await;
            assert_eq!(answer, (status, code.to_owned()), "{path}");
            bystanders.go_on(&path).await;
        }
        // Patterns and operators are only text.
        for query in [".*", "%25", "_", "$ne", "o.i", "(a%2B)%2B$", "%5C", "'", "%22", "%00"] {
            let path = format!("/api/people?query={query}");
            let answer = stage.visitor();
            let answer = answer.send(answer.request(Method::GET, &path).header("cookie", &eve.cookie)).await;
            assert_eq!((answer.status, answer.json()), (200, json!([])), "{path}");
        }
    }

    async fn commands_with_hostile_values_are_answered_and_leave_no_trace(store) {
        let stage = Stage::start(store).await;
        let mut bystanders = Bystanders::on(&stage).await;
        let (eve, oli, own) = stage.pair().await;
        let mut eve = eve.connect().await;
        let foreign = bystanders.room_id;
        let txn = TxnId::new();
        let send = |room: RoomId, txn: TxnId, body: &str| json!({ "type": "send", "room_id": room, "txn_id": txn, "body": body });
        eve.send_as(txn, own, "mine").await.unwrap();
        let cases = [
            (send(foreign, TxnId::new(), "into a room of others"), "not_found"),
            (send(foreign, txn, "mine"), "conflict"),
            (send(own, txn, "another text"), "conflict"),
            (send(own, TxnId::new(), "\u{0}\u{7}\u{200b} \n"), "invalid"),
            (send(own, TxnId::new(), &"x".repeat(8_001)), "invalid"),
            (json!({ "type": "mark", "room_id": foreign, "read": 1 }), "not_found"),
            (json!({ "type": "typing", "room_id": foreign, "on": true }), "not_found"),
        ];
        for (n, (command, code)) in (1_000_u64..).zip(cases) {
            eve.post_raw(&json!({ "id": n, "command": command }).to_string()).await;
            let error = eve.answer(n).await.expect_err("refused");
            assert_eq!(serde_json::to_value(&error).unwrap()["code"], code, "{command}");
            bystanders.go_on(&command.to_string()).await;
        }
        // A mark beyond the end counts up to the end.
        eve.mark(own, Some(u64::MAX), Some(u64::MAX)).await.ok();
        let member = stage.app.db.member(own, eve.user_id).await.unwrap().unwrap();
        assert!(member.read_seq <= 1 && member.delivered_seq <= 1, "{member:?}");
        // What was taken is exactly what was taken.
        let stored = stage.app.db.page(own, 0, None, None, 100).await.unwrap();
        assert_eq!(stored.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["mine"]);
        assert_eq!(oli.connect_with().await.1.rooms.len(), 1);
    }

    async fn garbage_ends_one_connection_at_most(store) {
        let stage = Stage::start(store).await;
        let mut bystanders = Bystanders::on(&stage).await;
        let eve = stage.person("eve").await;
        for round in 0..40_u64 {
            let mut client = eve.connect().await;
            for n in 0..4 {
                let bytes = garbage(round * 31 + n);
                let message = match String::from_utf8(bytes) {
                    Ok(text) => Raw::text(text),
                    Err(error) => Raw::binary(error.into_bytes()),
                };
                client.raw(message).await;
            }
            // Four are forgiven; the fifth is not, and until then every answer is a refusal.
            client.post_raw("{").await;
            client.post_raw("{").await;
            client.post_raw("{").await;
            client.post_raw("{").await;
            client.post_raw("{").await;
            let (frames, code) = client.ending().await;
            assert_eq!(code, Some(1008), "round {round}");
            let refused = frames.iter().filter(|frame| matches!(frame, ServerFrame::Refused { .. })).count();
            assert!(refused >= 4, "round {round}: {frames:?}");
        }
        bystanders.go_on("all that").await;
    }
}
