//! Frames as bytes. A frame from the server is not masked, so its bytes are the same for every receiver: they are made
//! once and shared.

use crate::live::{LiveEvent, ServerFrame};
use crate::model::Message;
use bytes::Bytes;
use serde::Serialize;

/// What may happen to a packet on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An answer to this connection: goes ahead of events that wait for the answer to `hello`.
    Answer,
    /// The answer to `hello`: may be as long as it is.
    Synced,
    /// What happened: never dropped, the connection closes first.
    Event,
    /// Worth nothing soon (typing): dropped when the receiver is behind.
    Passing,
}

/// One or more whole websocket frames (RFC 6455, 5.2), ready to be written. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Packet {
    pub bytes: Bytes,
    pub frames: u16,
    pub kind: Kind,
}

/// Frames of one packet at most, so that one push is never a large part of a queue.
const FRAMES_MAX: usize = 64;
/// Bytes of one packet before the next one is begun.
const BYTES_MAX: usize = 32 * 1024;
/// The longest header of an unmasked frame.
const HEADER_MAX: usize = 10;
const FIN: u8 = 0x80;
const TEXT: u8 = FIN | 0x1;
const CLOSE: u8 = FIN | 0x8;
const PING: u8 = FIN | 0x9;

impl Packet {
    /// An answer.
    pub fn answer(frame: &ServerFrame) -> Self {
        let kind = if matches!(frame, ServerFrame::Synced(_)) { Kind::Synced } else { Kind::Answer };
        Self::text(frame, kind)
    }

    /// An event.
    pub fn event(event: &LiveEvent) -> Self {
        let kind = if matches!(event, LiveEvent::Typing { .. }) { Kind::Passing } else { Kind::Event };
        Self::text(&EventFrame::of(event), kind)
    }

    /// New messages of one room, in their order, several frames to a packet.
    pub fn messages(messages: Vec<Message>) -> Vec<Self> {
        let mut packets = Vec::with_capacity(messages.len().div_ceil(FRAMES_MAX));
        let (mut bytes, mut frames) = (Vec::new(), 0);
        for message in messages {
            write_text(&mut bytes, &EventFrame::of(&LiveEvent::Message { message }));
            frames += 1;
            if usize::from(frames) == FRAMES_MAX || bytes.len() >= BYTES_MAX {
                packets.push(Self { bytes: std::mem::take(&mut bytes).into(), frames, kind: Kind::Event });
                frames = 0;
            }
        }
        if frames > 0 {
            packets.push(Self { bytes: bytes.into(), frames, kind: Kind::Event });
        }
        packets
    }

    /// A ping of the websocket itself; answered by the client's library.
    pub fn ping() -> Self {
        Self { bytes: Bytes::from_static(&[PING, 0]), frames: 1, kind: Kind::Answer }
    }

    /// A close frame.
    pub fn close(code: u16) -> Self {
        let [high, low] = code.to_be_bytes();
        Self { bytes: vec![CLOSE, 2, high, low].into(), frames: 1, kind: Kind::Answer }
    }

    fn text(value: &impl Serialize, kind: Kind) -> Self {
        let mut bytes = Vec::with_capacity(512);
        write_text(&mut bytes, value);
        Self { bytes: bytes.into(), frames: 1, kind }
    }

    /// What it adds to the bytes that wait. The answer to `hello` comes once, and is as long as it has to be.
    pub(super) fn counted_bytes(&self) -> usize {
        if self.kind == Kind::Synced { 0 } else { self.bytes.len() }
    }

    /// The texts in here, without their headers: for a transport that frames them otherwise.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest: &[u8] = &self.bytes;
        std::iter::from_fn(move || {
            loop {
                let (&[opcode, short], after) = rest.split_first_chunk::<2>()?;
                let (length, after) = match short {
                    126 => {
                        let (length, after) = after.split_first_chunk::<2>()?;
                        (usize::from(u16::from_be_bytes(*length)), after)
                    }
                    127 => {
                        let (length, after) = after.split_first_chunk::<8>()?;
                        (usize::try_from(u64::from_be_bytes(*length)).ok()?, after)
                    }
                    short => (usize::from(short), after),
                };
                let (payload, after) = after.split_at_checked(length)?;
                rest = after;
                if opcode == TEXT {
                    return Some(payload);
                }
            }
        })
    }
}

/// [`ServerFrame::Event`] of an event that is only borrowed.
#[derive(Serialize)]
struct EventFrame<'a> {
    r#type: &'static str,
    event: &'a LiveEvent,
}

impl<'a> EventFrame<'a> {
    fn of(event: &'a LiveEvent) -> Self {
        Self { r#type: "event", event }
    }
}

/// Appends one text frame. The header's length is known only afterwards, so there is room for the longest and the
/// payload moves up to a shorter one.
fn write_text(bytes: &mut Vec<u8>, value: &impl Serialize) {
    let start = bytes.len();
    bytes.extend_from_slice(&[0; HEADER_MAX]);
    let body = bytes.len();
    serde_json::to_writer(&mut *bytes, value).expect("wire types are maps with string keys, and memory does not fail");
    let length = bytes.len() - body;
    let mut header = [TEXT, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let used = match u16::try_from(length) {
        Ok(short) if short < 126 => {
            header[1] = short as u8;
            2
        }
        Ok(short) => {
            header[1] = 126;
            header[2..4].copy_from_slice(&short.to_be_bytes());
            4
        }
        Err(_) => {
            header[1] = 127;
            header[2..10].copy_from_slice(&(length as u64).to_be_bytes());
            HEADER_MAX
        }
    };
    bytes[start..start + used].copy_from_slice(&header[..used]);
    bytes.copy_within(body.., start + used);
    bytes.truncate(start + used + length);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{MessageId, RoomId, TxnId, UserId};
    use crate::model::{Body, Presence};
    use crate::time::Timestamp;

    fn message(body: &str) -> Message {
        let body = Body::stored(body.into());
        Message {
            created_at: Timestamp(5),
            ..Message::text(MessageId::new(), RoomId::new(), 1, UserId::new(), TxnId::new(), body)
        }
    }

    #[test]
    fn a_borrowed_event_has_the_bytes_of_a_frame() {
        let event = LiveEvent::Presence { user_id: UserId::new(), presence: Presence::Online };
        let packet = Packet::event(&event);
        let frame = Packet::answer(&ServerFrame::Event { event });
        assert_eq!(packet.bytes, frame.bytes);
    }

    #[test]
    fn headers_fit_every_length_and_texts_come_back() {
        for length in [0, 1, 60, 125, 126, 300, 8_000, 65_535, 65_536, 70_000] {
            let mut bytes = Vec::new();
            write_text(&mut bytes, &"x".repeat(length));
            write_text(&mut bytes, &"end");
            bytes.extend_from_slice(&[PING, 0]);
            let packet = Packet { bytes: bytes.into(), frames: 2, kind: Kind::Event };
            let texts: Vec<_> = packet.texts().map(|text| serde_json::from_slice::<String>(text).unwrap()).collect();
            assert_eq!(texts, ["x".repeat(length), "end".into()]);
        }
    }

    #[test]
    fn many_messages_share_packets_within_bounds() {
        let packets = Packet::messages((0..150).map(|_| message("hello")).collect());
        assert_eq!(packets.iter().map(|packet| packet.frames).collect::<Vec<_>>(), [64, 64, 22]);
        let packets = Packet::messages((0..10).map(|_| message(&"x".repeat(8_000))).collect());
        assert_eq!(packets.iter().map(|packet| usize::from(packet.frames)).sum::<usize>(), 10);
        assert!(packets.iter().all(|packet| packet.bytes.len() < BYTES_MAX + 10_000));
        assert_eq!(packets.iter().flat_map(Packet::texts).count(), 10);
    }
}
