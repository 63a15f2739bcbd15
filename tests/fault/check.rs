//! Compares what was promised, what was seen and what is there.

use crate::Failure;
use crate::client::{Log, Settings, page};
use lavender::id::{RoomId, TxnId};
use lavender::model::{Message, Seq};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

/// Examples of one kind that are shown.
const SHOWN: usize = 5;

/// Broken promises, by kind.
#[derive(Default)]
pub struct Findings(BTreeMap<&'static str, Vec<String>>);

impl Findings {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(&mut self, kind: &'static str, what: String) {
        self.0.entry(kind).or_default().push(what);
    }

    pub fn recovery(&mut self, took: Duration, most: Duration) {
        if took > most {
            self.add("SLOW", format!("{:.1} s to recover, at most {} s", took.as_secs_f64(), most.as_secs()));
        }
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (kind, all) in &self.0 {
            writeln!(f, "  {kind}: {}", all.len())?;
            for one in all.iter().take(SHOWN) {
                writeln!(f, "    {one}")?;
            }
        }
        Ok(())
    }
}

/// Every room from its beginning, as someone sees it who loads it anew.
pub async fn read(
    settings: &Settings,
    readers: &[(RoomId, String)],
) -> Result<BTreeMap<RoomId, Vec<Message>>, Failure> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
    let mut truth = BTreeMap::new();
    for (room, token) in readers {
        let messages: &mut Vec<Message> = truth.entry(*room).or_default();
        loop {
            let after = messages.last().map_or(0, |message| message.seq);
            let page = page(&http, settings, token, *room, after).await?;
            let ended = page.messages.is_empty() || !page.has_newer;
            messages.extend(page.messages);
            if ended {
                break;
            }
        }
    }
    Ok(truth)
}

/// Holds every log against the truth.
pub fn compare(truth: &BTreeMap<RoomId, Vec<Message>>, logs: &[Log], findings: &mut Findings) {
    let mut by_txn: HashMap<TxnId, &Message> = HashMap::new();
    for (room, messages) in truth {
        for (index, message) in messages.iter().enumerate() {
            let expected = index as Seq + 1;
            if message.seq != expected {
                findings.add("GAP", format!("room {room}: seq {} where {expected} belongs", message.seq));
                break;
            }
        }
        for message in messages {
            if let Some(other) = by_txn.insert(message.txn_id, message) {
                findings.add("DUPLICATE", format!("{}: seq {} and {}", message.txn_id, other.seq, message.seq));
            }
        }
    }
    let made: HashMap<TxnId, &str> =
        logs.iter().flat_map(|log| &log.sent).map(|sent| (sent.txn_id, sent.body.as_str())).collect();
    for message in by_txn.values() {
        match made.get(&message.txn_id) {
            Some(body) if *body == message.body.as_str() => {}
            Some(_) => findings.add("CHANGED", format!("{}: another text", message.txn_id)),
            None => findings.add("INVENTED", format!("{}: nobody sent it", message.txn_id)),
        }
    }
    for log in logs {
        for violation in &log.violations {
            findings.add("VIOLATION", format!("client {}: {violation}", log.index));
        }
        for acked in &log.acked {
            match (by_txn.get(&acked.txn_id), acked.place) {
                (None, _) => findings.add("LOST", format!("client {}: {} was acknowledged", log.index, acked.txn_id)),
                (Some(message), Some(place)) if place != (message.seq, message.id) => findings.add(
                    "MOVED",
                    format!(
                        "{}: acknowledged as {} at seq {}, stored at {}",
                        acked.txn_id, place.1, place.0, message.seq
                    ),
                ),
                (Some(message), _) if message.room_id != acked.room_id || Some(message.author_id) != log.user_id => {
                    findings.add("MOVED", format!("{}: another room or author", acked.txn_id));
                }
                _ => {}
            }
        }
        compare_view(truth, log, findings);
        compare_order(truth, log, findings);
    }
}

/// What a client was shown is what is there.
fn compare_view(truth: &BTreeMap<RoomId, Vec<Message>>, log: &Log, findings: &mut Findings) {
    for (room, seen) in &log.seen {
        let empty = Vec::new();
        let there = truth.get(room).unwrap_or(&empty);
        if seen.len() != there.len() {
            let what = format!("client {}, room {room}: {} of {} messages", log.index, seen.len(), there.len());
            findings.add("VIEW", what);
        }
        if let Some(index) = seen.iter().zip(there).position(|(seen, there)| seen != there) {
            findings.add("ORDER", format!("client {}, room {room}: differs at seq {}", log.index, index + 1));
        }
    }
}

/// The messages of one author stand in a room as they were written.
fn compare_order(truth: &BTreeMap<RoomId, Vec<Message>>, log: &Log, findings: &mut Findings) {
    for (room, messages) in truth {
        let place: HashMap<TxnId, Seq> = messages.iter().map(|message| (message.txn_id, message.seq)).collect();
        let own: Vec<Seq> = log
            .sent
            .iter()
            .filter(|sent| sent.room_id == *room)
            .filter_map(|sent| place.get(&sent.txn_id).copied())
            .collect();
        if !own.is_sorted() {
            findings.add("OVERTAKEN", format!("client {}, room {room}: not in the order of writing", log.index));
        }
    }
}
