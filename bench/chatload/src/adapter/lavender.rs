//! Lavender's live connection: JSON text frames. Rooms come by themselves after `hello`, so `join` only asks for an answer.
//!
//! `lavender` says `hello` and is ready when the whole catch-up has come (`synced`): rooms, members, previews, counts.
//! `lavender-auth` is ready when the connection is authenticated (`welcome`), which is what the other servers' connections
//! are when they are ready; it serves the `connect` scenario only.

use super::{Adapter, Frame, HttpCall, Incoming, Upgrade, json_str};
use crate::fixture::User;

pub struct Lavender {
    /// The address that the server was told it has (`LAVENDER_URL`): a websocket from elsewhere is refused.
    pub origin: String,
    pub says_hello: bool,
}

impl Lavender {
    pub fn from_env(says_hello: bool) -> Self {
        Self { says_hello, origin: std::env::var("LAVENDER_URL").unwrap_or_else(|_| "http://127.0.0.1:39410".into()) }
    }

    pub fn headers(&self, user: &User) -> Vec<(&'static str, String)> {
        vec![("origin", self.origin.clone()), ("cookie", format!("__Host-lav_at={}", user.token))]
    }
}

/// The number after `"id":`.
fn id_of(frame: &[u8]) -> Option<u64> {
    let start = memchr::memmem::find(frame, br#""id":"#)? + 5;
    let digits = frame[start..].iter().take_while(|c| c.is_ascii_digit()).count();
    std::str::from_utf8(&frame[start..start + digits]).ok()?.parse().ok()
}

impl Adapter for Lavender {
    fn upgrade(&self, user: &User) -> Upgrade {
        Upgrade { path: "/api/live".into(), headers: self.headers(user) }
    }

    fn hello(&self, _user: &User) -> Option<Frame> {
        self.says_hello.then(|| Frame::text(r#"{"id":0,"command":{"type":"hello","protocol":1}}"#))
    }

    fn join(&self, corr: u64, room: &str, _after: Option<&str>) -> Frame {
        Frame::text(format!(r#"{{"id":{corr},"command":{{"type":"mark","room_id":"{room}","delivered":0}}}}"#))
    }

    fn send(&self, corr: u64, room: &str, client_id: &str, text: &str) -> Frame {
        // A UUID of the generator's 24 hexadecimal digits.
        Frame::text(format!(
            r#"{{"id":{corr},"command":{{"type":"send","room_id":"{room}","txn_id":"{client_id}00000000","body":"{text}"}}}}"#
        ))
    }

    fn typing(&self, room: &str) -> Frame {
        Frame::text(format!(r#"{{"command":{{"type":"typing","room_id":"{room}","on":true}}}}"#))
    }

    fn read<'a>(&self, _user: &User, frame: &'a [u8]) -> Incoming<'a> {
        let Some(kind) = json_str(frame, r#"{"type":""#) else { return Incoming::Other };
        match kind {
            b"welcome" if !self.says_hello => Incoming::Ready,
            b"synced" => Incoming::Ready,
            b"logged_out" | b"outdated" => Incoming::Refused(frame),
            b"event" => match json_str(frame, r#""event":{"type":""#) {
                Some(b"message") => Incoming::Message,
                Some(b"typing") => Incoming::Typing { user: json_str(frame, r#""user_id":""#).unwrap_or_default() },
                _ => Incoming::Other,
            },
            b"ack" | b"done" => match id_of(frame) {
                Some(corr) => {
                    Incoming::Ack { corr, ok: true, id: json_str(frame, r#""message_id":""#).unwrap_or_default() }
                }
                None => Incoming::Other,
            },
            b"refused" => match id_of(frame) {
                Some(corr) => Incoming::Ack { corr, ok: false, id: b"" },
                None => Incoming::Other,
            },
            _ => Incoming::Other,
        }
    }

    fn login(&self, _name: &str, _password: &str) -> HttpCall {
        // Sign-in is a form; the scenarios for Lavender do not use it.
        HttpCall { method: "GET", path: "/login".into(), headers: vec![], body: None }
    }

    fn history(&self, user: &User, room: &str, before: Option<&str>) -> HttpCall {
        let before = before.map(|seq| format!("&before={seq}")).unwrap_or_default();
        HttpCall {
            method: "GET",
            path: format!("/api/rooms/{room}/messages?limit=50{before}"),
            headers: self.headers(user),
            body: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_understood() {
        let user = User { name: "a".into(), id: "1".into(), token: "t".into() };
        let a = Lavender { origin: "http://localhost".into(), says_hello: true };
        let auth = Lavender { origin: "http://localhost".into(), says_hello: false };
        assert!(matches!(a.read(&user, br#"{"type":"welcome"}"#), Incoming::Other));
        assert!(matches!(auth.read(&user, br#"{"type":"welcome"}"#), Incoming::Ready));
        assert!(matches!(a.read(&user, br#"{"type":"synced","rooms":[]}"#), Incoming::Ready));
        assert!(matches!(a.read(&user, br#"{"type":"event","event":{"type":"message","message":{"id":"x"}}}"#), Incoming::Message));
        assert!(matches!(a.read(&user, br#"{"type":"event","event":{"type":"presence","user_id":"x"}}"#), Incoming::Other));
        let typing = br#"{"type":"event","event":{"type":"typing","room_id":"r","user_id":"77","on":true}}"#;
        assert!(matches!(a.read(&user, typing), Incoming::Typing { user: b"77" }));
        let ack = br#"{"type":"ack","id":12,"txn_id":"t","room_id":"r","message_id":"m","seq":4,"created_at":1}"#;
        assert!(matches!(a.read(&user, ack), Incoming::Ack { corr: 12, ok: true, id: b"m" }));
        assert!(matches!(a.read(&user, br#"{"type":"done","id":3}"#), Incoming::Ack { corr: 3, ok: true, .. }));
        let refused = br#"{"type":"refused","id":7,"error":{"code":"rate_limited","retry_after_ms":5}}"#;
        assert!(matches!(a.read(&user, refused), Incoming::Ack { corr: 7, ok: false, .. }));
        assert!(matches!(a.read(&user, br#"{"type":"refused","error":{"code":"malformed"}}"#), Incoming::Other));
    }
}
