//! Snapshot + live + catch-up = fresh snapshot, for every kind of change, with counts that a recount agrees with at each step.

use super::world::{NOW, World};
use crate::client::State;
use crate::client::outbox::Entry;
use crate::client::state::fold::{Acked, Folded};
use crate::client::state::{Quote, Row, Tally};
use crate::id::TxnId;
use crate::live::{LiveEvent, Snapshot};
use crate::model::{Body, Message, Notify, PrefsChange, Role, RoomSummary, Seq, Tick, Unread};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Send { who: usize, reply: Option<u64>, names_me: bool },
    Edit(u64),
    Name(u64, bool),
    Delete(usize, u64),
    React(usize, u64, u8, bool),
    Preview(u64, bool),
    Game,
    Mark(u64, u8),
    Pin(usize, u64, bool),
    Rename(u8),
    ComeOrGo(usize),
    Role(usize, bool),
    Call(usize, u8),
    Set(PrefsChange),
    Read(usize, u64),
    ReadHere(u64),
    Deliver,
    DeliverTwice,
    Swap,
    Cut,
    Older,
}

fn prefs_change() -> impl Strategy<Value = PrefsChange> {
    prop_oneof![
        any::<bool>().prop_map(|on| PrefsChange::Pinned { on }),
        any::<bool>().prop_map(|on| PrefsChange::Archived { on }),
        Just(PrefsChange::Notify { level: Notify::Mentions }),
        proptest::option::of(1u64..40).prop_map(|seq| PrefsChange::UnreadFrom { seq }),
        (proptest::collection::vec(1u64..40, 1..4), any::<bool>())
            .prop_map(|(seqs, on)| PrefsChange::Hidden { seqs, on }),
        (0u64..40).prop_map(|upto| PrefsChange::Cleared { upto }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let seq = || 1u64..40;
    prop_oneof![
        12 => (0usize..3, proptest::option::weighted(0.3, seq()), proptest::bool::weighted(0.2))
            .prop_map(|(who, reply, names_me)| Step::Send { who, reply, names_me }),
        3 => seq().prop_map(Step::Edit),
        2 => (seq(), any::<bool>()).prop_map(|(seq, on)| Step::Name(seq, on)),
        3 => (0usize..3, seq()).prop_map(|(who, seq)| Step::Delete(who, seq)),
        3 => (0usize..3, seq(), 0u8..3, any::<bool>()).prop_map(|(who, seq, e, on)| Step::React(who, seq, e, on)),
        1 => (seq(), any::<bool>()).prop_map(|(seq, on)| Step::Preview(seq, on)),
        2 => Just(Step::Game),
        6 => (seq(), 0u8..9).prop_map(|(seq, cell)| Step::Mark(seq, cell)),
        2 => (0usize..3, seq(), any::<bool>()).prop_map(|(who, seq, on)| Step::Pin(who, seq, on)),
        1 => any::<u8>().prop_map(Step::Rename),
        2 => (2usize..4).prop_map(Step::ComeOrGo),
        1 => (0usize..4, any::<bool>()).prop_map(|(who, on)| Step::Role(who, on)),
        1 => (0usize..4, any::<u8>()).prop_map(|(who, name)| Step::Call(who, name)),
        4 => prefs_change().prop_map(Step::Set),
        4 => (0usize..3, seq()).prop_map(|(who, seq)| Step::Read(who, seq)),
        5 => seq().prop_map(Step::ReadHere),
        24 => Just(Step::Deliver),
        2 => Just(Step::DeliverTwice),
        2 => Just(Step::Swap),
        2 => Just(Step::Cut),
        2 => Just(Step::Older),
    ]
}

/// A page, the server, what is on its way, and what the page has been told so far.
struct Run {
    world: World,
    state: State,
    queue: Vec<LiveEvent>,
    told: BTreeMap<Seq, Message>,
    ticks: BTreeMap<TxnId, Tick>,
    needs_list: bool,
}

impl Run {
    fn tell(&mut self, message: &Message) {
        let held = self.told.entry(message.seq).or_insert_with(|| message.clone());
        if held.revision < message.revision {
            *held = message.clone();
        }
    }

    fn deliver(&mut self, event: LiveEvent) {
        if let LiveEvent::Message { message } | LiveEvent::MessageChanged { message } = &event {
            self.tell(message);
        }
        let folded = self.state.apply(event, NOW);
        self.note(&folded);
    }

    fn note(&mut self, folded: &Folded) {
        self.needs_list |= folded.needs_reload || folded.needs_recount;
    }

    fn cut(&mut self, limit: usize) {
        self.queue.clear();
        // What was asked over the old connection is told by the new one.
        self.needs_list = false;
        let snapshot = self.world.snapshot(&self.state.held(), self.state.cursor, limit);
        let Snapshot { messages, changed, .. } = &snapshot;
        for message in messages.iter().flat_map(|room| room.messages.clone()).chain(changed.clone()) {
            self.tell(&message);
        }
        let folded = self.state.apply_snapshot(snapshot, NOW);
        self.note(&folded);
    }

    fn take(&mut self, step: Step, limit: usize) {
        let room_id = self.world.room.id;
        let has = |world: &World, who: usize| {
            let id = world.people[who].id;
            world.members.iter().any(|member| member.user_id == id)
        };
        let world = &mut self.world;
        match step {
            Step::Send { who, reply, names_me } if has(world, who) => {
                let txn_id = TxnId::new();
                if who == 0 {
                    let entry = Entry::new(txn_id, room_id, Body::parse("mine").expect("valid"), NOW);
                    let reply_to = reply
                        .and_then(|seq| world.message(seq))
                        .map(|message| crate::model::ReplyTo { message_id: message.id, seq: message.seq });
                    self.state.outbox.push(Entry { reply_to, ..entry });
                }
                let text = if who == 0 { "mine" } else { "theirs" };
                self.queue.push(world.say(who, txn_id, text, reply, names_me && who != 0));
            }
            Step::Edit(seq) => self.queue.extend(world.edit(seq, "edited")),
            Step::Name(seq, on) => {
                let me = world.me();
                self.queue.extend(world.change(seq, |message| {
                    message.mentions.users = if on { vec![me] } else { Vec::new() };
                    message.edited_at = Some(NOW);
                    true
                }));
            }
            Step::Delete(who, seq) => self.queue.extend(world.delete(who, seq)),
            Step::React(who, seq, emoji, on) => {
                self.queue.extend(world.react(who, seq, ["a", "b", "c"][usize::from(emoji)], on));
            }
            Step::Preview(seq, on) => self.queue.extend(world.preview(seq, on)),
            Step::Game => self.queue.push(world.game()),
            Step::Mark(seq, cell) => self.queue.extend(world.take_cell(seq, cell)),
            Step::Pin(who, seq, on) => self.queue.extend(world.pin(who, seq, on)),
            Step::Rename(name) => self.queue.extend(world.rename(&format!("Room {name}"))),
            Step::ComeOrGo(who) => self.queue.extend(world.come_or_go(who)),
            Step::Role(who, on) => {
                self.queue.extend(world.set_role(who, if on { Role::Admin } else { Role::Member }));
            }
            Step::Call(who, name) => self.queue.push(world.call_yourself(who, &format!("Name {name}"))),
            Step::Set(change) => self.queue.extend(world.set(&change)),
            Step::Read(who, seq) => self.queue.extend(world.read(who, seq)),
            Step::ReadHere(seq) if self.state.read_locally(room_id, seq) => {
                let seq = self.state.read_seq(room_id);
                self.queue.extend(world.read(0, seq));
            }
            Step::Deliver if !self.queue.is_empty() => {
                let event = self.queue.remove(0);
                self.deliver(event);
            }
            Step::DeliverTwice if !self.queue.is_empty() => {
                let event = self.queue.remove(0);
                self.deliver(event.clone());
                self.deliver(event);
            }
            Step::Swap if self.queue.len() > 1 => self.queue.swap(0, 1),
            Step::Cut => self.cut(limit),
            Step::Older => {
                if let Some(first) = self.state.rooms[&room_id].timeline.first() {
                    let page = world.page(first.saturating_sub(4), first - 1);
                    let newest: Vec<Message> = page.messages.clone();
                    newest.iter().for_each(|message| self.tell(message));
                    self.state.put_older(page);
                }
            }
            _ => {}
        }
    }

    fn check(&mut self) -> Result<(), TestCaseError> {
        let room_id = self.world.room.id;
        let (state, room) = (&self.state, &self.state.rooms[&room_id]);
        let rows = state.rows(room_id);
        for row in rows.iter().filter(|row| row.seq.is_some()) {
            if let Some(tick) = row.tick {
                let before = self.ticks.insert(row.key, tick);
                // A member who comes has not read what they can't see; one who is new to the page is no step back.
                let is_back = before.is_some_and(|before| before > tick);
                prop_assert!(!is_back, "a tick went back");
            }
        }
        let mut keys: Vec<_> = rows.iter().map(|row| row.key).collect();
        keys.sort_unstable();
        keys.dedup();
        prop_assert_eq!(keys.len(), rows.len(), "a message is drawn twice");
        prop_assert!(rows.len() <= state.row_count(room_id));
        // Counted again from all that the page was told.
        let (mark, me) = (state.mark(room_id), state.me.person.id);
        if room.reaches(mark) {
            let prefs = state.prefs(room_id);
            let from = room.timeline.first().map_or(mark, |first| mark.max(first - 1));
            let counted = self.told.values().filter(|message| {
                let here = message.seq <= room.timeline.last() || room.timeline.early.contains_key(&message.seq);
                message.seq > from
                    && here
                    && message.author_id != me
                    && message.is_countable()
                    && !prefs.hides(message.seq)
            });
            let (mut count, mut mentions) = (0, 0);
            for message in counted {
                count += 1;
                mentions += u32::from(message.mentions.names(me));
            }
            let tally = state.tally(room_id);
            prop_assert_eq!((tally.count, tally.mentions), (count, mentions));
        }
        Ok(())
    }

    /// Everything that is on its way arrives, and what the page asks for is answered.
    fn settle(&mut self) {
        let room_id = self.world.room.id;
        for event in std::mem::take(&mut self.queue) {
            self.deliver(event);
        }
        for (_, after) in self.state.gaps() {
            self.state.put_newer(self.world.page(after, self.world.head()));
        }
        if self.needs_list || !self.state.blanks().is_empty() {
            self.state.put_rooms(vec![self.world.summary()]);
        }
        let wanted = self.state.rooms[&room_id].quotes.batch();
        let quoted = self.world.quoted(&wanted);
        self.state.put_quoted(room_id, &wanted, &quoted);
        // What a limited catch-up did not show is sent again, and acknowledged as what it was.
        for entry in self.state.outbox.entries.clone() {
            let stored = self.world.log.iter().find(|message| message.txn_id == entry.txn_id).expect("sent");
            let (txn_id, message_id, seq, created_at) = (stored.txn_id, stored.id, stored.seq, stored.created_at);
            self.state.acknowledge(Acked { txn_id, room_id, message_id, seq, created_at });
        }
    }
}

/// A quote of something deleted for good, hidden or cleared is drawn alike on both sides; whether the text was ever seen here
/// is no difference.
fn rows(state: &State, world: &World) -> Vec<Row> {
    let room_id = world.room.id;
    let mut rows = state.rows(room_id);
    for row in &mut rows {
        if row.quote == Some(Quote::Loading) {
            let reply = row.message.reply_to.expect("an answer");
            let quoted = world.message(reply.seq).filter(|quoted| quoted.seq > world.own().floor());
            row.quote = Some(quoted.map_or(Quote::Gone, |quoted| Quote::Here(quoted.clone().into())));
        }
    }
    rows
}

proptest! {
    #[test]
    fn a_cut_client_equals_a_fresh_one(steps in proptest::collection::vec(step(), 1..120), limit in 1usize..12) {
        let world = World::new(4);
        let room_id = world.room.id;
        let mut run = Run {
            state: world.state(),
            world,
            queue: Vec::new(),
            told: BTreeMap::new(),
            ticks: BTreeMap::new(),
            needs_list: false,
        };
        for step in steps {
            let is_membership = matches!(step, Step::ComeOrGo(_) | Step::Deliver | Step::DeliverTwice | Step::Cut);
            run.take(step, limit);
            if is_membership {
                // Who comes has read nothing yet: only then may a tick of "everyone" fall.
                run.ticks.clear();
            }
            run.check()?;
        }
        run.settle();
        let (state, fresh) = (&run.state, run.world.state());
        prop_assert!(state.outbox.entries.is_empty() && state.overlay.is_empty());
        prop_assert!(state.gaps().is_empty());
        let tally = |state: &State| state.tally(room_id);
        prop_assert_eq!(tally(state), tally(&fresh));
        prop_assert_eq!(tally(&fresh), Tally {
            count: run.world.unread().count,
            mentions: run.world.unread().mentions,
            is_marked: run.world.prefs.unread_from.is_some(),
        });
        let (held, whole) = (rows(state, &run.world), rows(&fresh, &run.world));
        prop_assert_eq!(&held[..], &whole[whole.len() - held.len()..]);
        let (shown, all) = (state.shown(room_id).expect("there"), fresh.shown(room_id).expect("there"));
        prop_assert_eq!(shown.messages.len() < all.messages.len(), shown.has_older);
        prop_assert_eq!(state.pins(room_id), fresh.pins(room_id));
        prop_assert_eq!(state.newest(room_id), fresh.newest(room_id));
        prop_assert_eq!(state.list(Default::default()), fresh.list(Default::default()));
        // The count and the newest message are compared above; at which head it was taken may differ.
        let summary = |state: &State| RoomSummary {
            unread: Unread::default(),
            last: None,
            shown: None,
            ..state.rooms[&room_id].summary.clone()
        };
        prop_assert_eq!(summary(state), summary(&fresh));
        // Of those who left nothing more is told.
        let members: Vec<_> = run.world.members.iter().map(|member| member.user_id).collect();
        for person in run.world.people.iter().filter(|person| members.contains(&person.id)) {
            let known = state.person(person.id).expect("known");
            prop_assert_eq!(&known.display_name, &person.display_name);
        }
    }
}
