//! How notices are written down: 32 bytes of HMAC-SHA256 (RFC 2104) under a key of the installation, the envelope as JSON, a line
//! feed, and whatever follows.

use super::ProcessId;
use super::notice::{Envelope, Notice};
use crate::time::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hmac::{Hmac, Mac};
use sha2::Sha256;

const MAC_BYTES: usize = 32;
/// Clocks of the processes may differ by this much, and a notice may take this long.
const AGE_MAX_MS: i64 = 120_000;

/// The first key seals, every one of them opens: see [`crate::server::keys`].
#[derive(Clone)]
pub struct Seal {
    keys: Vec<[u8; 32]>,
}

pub(super) struct Opened {
    pub from: ProcessId,
    pub number: u64,
    pub notice: Notice,
    pub frames: Bytes,
}

impl Seal {
    /// `keys`: at least one.
    pub fn new(keys: Vec<[u8; 32]>) -> Self {
        Self { keys }
    }

    pub(super) fn close(&self, from: ProcessId, number: u64, notice: &Notice, frames: &[&[u8]]) -> Vec<u8> {
        let mut sealed = vec![0; MAC_BYTES];
        let envelope = Envelope { from: from.0, number, at: Timestamp::now().0, notice };
        serde_json::to_writer(&mut sealed, &envelope).expect("notices are maps with string keys");
        sealed.push(b'\n');
        frames.iter().for_each(|part| sealed.extend_from_slice(part));
        let mac = mac(&self.keys[0], &[&sealed[MAC_BYTES..]]).finalize().into_bytes();
        sealed[..MAC_BYTES].copy_from_slice(&mac);
        sealed
    }

    /// What [`Self::close`] was given, if it was one of us, not long ago.
    pub(super) fn open(&self, sealed: &Bytes) -> Option<Opened> {
        let (tag, body) = sealed.split_at_checked(MAC_BYTES)?;
        if !self.keys.iter().any(|key| mac(key, &[body]).verify_slice(tag).is_ok()) {
            return None;
        }
        let end = body.iter().position(|byte| *byte == b'\n')?;
        // A newer version may say what this one does not know.
        let envelope: Envelope<Notice> = serde_json::from_slice(&body[..end]).ok()?;
        let from = envelope.sender();
        if (Timestamp::now().0 - envelope.at).abs() > AGE_MAX_MS {
            tracing::warn!("a notice of another process is minutes old: check the clocks");
            return None;
        }
        let frames = sealed.slice(MAC_BYTES + end + 1..);
        Some(Opened { from, number: envelope.number, notice: envelope.notice, frames })
    }

    /// A short name for something that shows nothing of it.
    pub(super) fn alias(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(&mac(&self.keys[0], parts).finalize().into_bytes()[..16])
    }
}

/// Over the parts, each with its length in front where there are several, so that none can flow into the next.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC key may have any length");
    for part in parts {
        if parts.len() > 1 {
            mac.update(&(part.len() as u64).to_be_bytes());
        }
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{RoomId, UserId};
    use crate::live::LiveEvent;
    use crate::model::Presence;
    use crate::server::bus::Reach;
    use uuid::Uuid;

    fn process() -> ProcessId {
        ProcessId(Uuid::now_v7())
    }

    #[test]
    fn only_what_one_of_us_sealed_opens() {
        let (ours, theirs) = (Seal::new(vec![[7; 32]]), Seal::new(vec![[8; 32]]));
        let event = LiveEvent::Presence { user_id: UserId::new(), presence: Presence::Online };
        let notice = Notice::Users { users: vec![UserId::new()], event };
        let from = process();
        let sealed = Bytes::from(ours.close(from, 3, &notice, &[b"one\n", b"two"]));
        let opened = ours.open(&sealed).expect("ours");
        assert_eq!((opened.from, opened.number, &opened.notice), (from, 3, &notice));
        assert_eq!(&opened.frames[..], b"one\ntwo");
        assert!(theirs.open(&sealed).is_none());
        for place in 0..sealed.len() {
            let mut forged = sealed.to_vec();
            forged[place] ^= 1;
            assert!(ours.open(&forged.into()).is_none(), "byte {place}");
        }
        for short in [0, 31, 32, 33, sealed.len() - 1] {
            assert!(ours.open(&sealed.slice(..short)).is_none(), "{short} bytes");
        }
    }

    #[test]
    fn a_key_that_was_put_in_front_is_opened_by_who_has_both() {
        let (old, new) = ([1; 32], [2; 32]);
        let (before, after) = (Seal::new(vec![old, new]), Seal::new(vec![new, old]));
        for (by, to) in [(&before, &after), (&after, &before)] {
            assert!(to.open(&by.close(process(), 1, &Notice::Pulse, &[]).into()).is_some());
        }
    }

    #[test]
    fn what_is_old_is_not_believed() {
        let seal = Seal::new(vec![[3; 32]]);
        let text = |at: i64| {
            let envelope = Envelope { from: Uuid::now_v7(), number: 1, at, notice: Notice::Bye };
            let mut body = serde_json::to_vec(&envelope).unwrap();
            body.push(b'\n');
            let tag = mac(&[3; 32], &[&body]).finalize().into_bytes();
            Bytes::from([&tag[..], &body].concat())
        };
        let now = Timestamp::now().0;
        assert!(seal.open(&text(now - AGE_MAX_MS / 2)).is_some());
        assert!(seal.open(&text(now - AGE_MAX_MS * 2)).is_none() && seal.open(&text(now + AGE_MAX_MS * 2)).is_none());
    }

    #[test]
    fn every_notice_comes_back_as_it_was() {
        let seal = Seal::new(vec![[4; 32]]);
        let (room_id, user_id) = (RoomId::new(), UserId::new());
        let event = LiveEvent::Typing { room_id, user_id, on: true };
        for notice in [
            Notice::Pulse,
            Notice::Here { users: vec![user_id], ask: true },
            Notice::Messages { room_id, first: 1, last: 70, packets: vec![(64, 9_000), (6, 800)] },
            Notice::Room { room_id, reach: Reach::Seeing(4), event: event.clone() },
            Notice::Room { room_id, reach: Reach::But(user_id), event },
            Notice::Left { room_id, user_id },
        ] {
            let sealed = seal.close(process(), 1, &notice, &[]);
            assert_eq!(seal.open(&sealed.into()).expect("ours").notice, notice);
        }
    }

    #[test]
    fn an_alias_tells_parts_apart_and_nothing_else() {
        let seal = Seal::new(vec![[5; 32]]);
        assert_eq!(seal.alias(&[b"a", b"b"]), seal.alias(&[b"a", b"b"]));
        assert_ne!(seal.alias(&[b"a", b"b"]), seal.alias(&[b"ab", b""]));
        assert_ne!(seal.alias(&[b"a", b"b"]), Seal::new(vec![[6; 32]]).alias(&[b"a", b"b"]));
        assert_eq!(seal.alias(&[b"a", b"b"]).len(), 22);
    }
}
