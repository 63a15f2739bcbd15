//! A tiny server: one room, its log, its members, what they set for themselves.

use crate::client::State;
use crate::error::{Error, Problem, What};
use crate::id::{MessageId, RoomId, TxnId, UserId};
use crate::live::{Command, LiveEvent, RoomMessages, Snapshot};
use crate::model::{
    Body, Bootstrap, Deleted, Extra, GameAct, LinkPreview, Me, Member, Mentions, Message, Page, Person, Pin,
    PrefsChange, ReplyTo, Role, Room, RoomKind, RoomPrefs, RoomSummary, Seq, SystemLine, Theme, TicTacToe, Unread,
};
use crate::time::Timestamp;
use std::collections::BTreeMap;

pub const NOW: Timestamp = Timestamp(1_000_000);

/// Number 0 looks.
#[derive(Clone)]
pub struct World {
    pub room: Room,
    pub people: Vec<Person>,
    pub members: Vec<Member>,
    pub prefs: RoomPrefs,
    pub log: Vec<Message>,
    pub changes: u64,
    changed_at: Vec<u64>,
}

pub fn member(user_id: UserId, joined_seq: Seq) -> Member {
    let role = Role::Member;
    Member { user_id, role, joined_seq, delivered_seq: joined_seq, read_seq: joined_seq, cleared_seq: 0 }
}

impl World {
    pub fn new(people: usize) -> Self {
        let people: Vec<Person> = (0..people)
            .map(|n| Person::new(UserId::new(), &format!("user{n}"), &format!("User {n}"), Timestamp(0)))
            .collect();
        let members = people.iter().map(|person| member(person.id, 0)).collect();
        let kind = if people.len() > 2 { RoomKind::Group } else { RoomKind::Direct };
        let room = Room::new(RoomId::new(), kind, None, Timestamp(0));
        let prefs = RoomPrefs::default();
        Self { room, people, members, prefs, log: Vec::new(), changes: 0, changed_at: Vec::new() }
    }

    pub fn head(&self) -> Seq {
        self.log.len() as Seq
    }

    pub fn me(&self) -> UserId {
        self.people[0].id
    }

    pub fn message(&self, seq: Seq) -> Option<&Message> {
        self.log.get(usize::try_from(seq).ok()?.checked_sub(1)?)
    }

    pub fn id(&self, seq: Seq) -> MessageId {
        self.message(seq).expect("there").id
    }

    pub fn send(&mut self, who: usize, txn_id: TxnId, text: &str) -> LiveEvent {
        self.say(who, txn_id, text, None, false)
    }

    pub fn say(&mut self, who: usize, txn_id: TxnId, text: &str, reply: Option<Seq>, names_me: bool) -> LiveEvent {
        let reply_to = reply.and_then(|seq| self.message(seq)).map(|m| ReplyTo { message_id: m.id, seq: m.seq });
        let users = if names_me { vec![self.me()] } else { Vec::new() };
        let body = Body::parse(text).expect("valid");
        let author = self.people[who].id;
        let message = Message::text(MessageId::new(), self.room.id, 0, author, txn_id, body);
        self.append(Message { reply_to, mentions: Mentions { users, all: false }, ..message })
    }

    fn append(&mut self, mut message: Message) -> LiveEvent {
        message.seq = self.head() + 1;
        message.created_at = Timestamp(message.seq as i64);
        self.log.push(message.clone());
        self.changes += 1;
        self.changed_at.push(self.changes);
        LiveEvent::Message { message }
    }

    pub fn system(&mut self, who: usize, line: SystemLine) -> LiveEvent {
        let (author, body) = (self.people[who].id, Body::stored(String::new()));
        let message = Message::text(MessageId::new(), self.room.id, 0, author, TxnId::new(), body);
        self.append(Message { system: Some(line), ..message })
    }

    /// Nothing, when it changed nothing.
    pub fn change(&mut self, seq: Seq, change: impl FnOnce(&mut Message) -> bool) -> Option<LiveEvent> {
        let at = usize::try_from(seq).ok()?.checked_sub(1)?;
        let message = self.log.get_mut(at).filter(|message| message.is_countable())?;
        if !change(message) {
            return None;
        }
        message.revision += 1;
        self.changes += 1;
        self.changed_at[at] = self.changes;
        Some(LiveEvent::MessageChanged { message: message.clone() })
    }

    pub fn edit(&mut self, seq: Seq, text: &str) -> Option<LiveEvent> {
        self.change(seq, |message| {
            message.body = Body::parse(text).expect("valid");
            message.edited_at = Some(NOW);
            true
        })
    }

    pub fn delete(&mut self, who: usize, seq: Seq) -> Vec<LiveEvent> {
        let by = self.people[who].id;
        let event = self.change(seq, |message| {
            message.body = Body::stored(String::new());
            message.deleted = Some(Deleted { by, at: NOW });
            message.reactions.clear();
            message.preview = None;
            message.mentions = Mentions::default();
            message.extra = None;
            true
        });
        let mut events: Vec<_> = event.into_iter().collect();
        if !events.is_empty() {
            events.extend(self.pin(who, seq, false).into_iter().take(1));
        }
        events
    }

    pub fn react(&mut self, who: usize, seq: Seq, emoji: &str, on: bool) -> Option<LiveEvent> {
        let by = self.people[who].id;
        self.change(seq, |message| message.react(by, emoji, on))
    }

    /// A game of number 0 against number 1, which has begun.
    pub fn game(&mut self) -> LiveEvent {
        let (ana, ben) = (self.people[0].id, self.people[1].id);
        let mut game = TicTacToe::offer(ana, Some(ben), NOW);
        game.play(ben, &GameAct::Accept, NOW).expect("accepted");
        let body = Body::stored(String::new());
        let message = Message::text(MessageId::new(), self.room.id, 0, ana, TxnId::new(), body);
        self.append(Message { extra: Some(Extra::TicTacToe(game)), ..message })
    }

    pub fn play(&mut self, who: usize, seq: Seq, act: &GameAct) -> Result<Option<LiveEvent>, Error> {
        let by = self.people[who].id;
        let extra = self.message(seq).and_then(|message| message.extra.clone());
        let Some(Extra::TicTacToe(mut game)) = extra else { return Err(Error::Conflict) };
        if !game.play(by, act, NOW)? {
            return Ok(None);
        }
        Ok(self.change(seq, |message| {
            message.extra = Some(Extra::TicTacToe(game));
            true
        }))
    }

    /// Whoever is to move takes a cell.
    pub fn take_cell(&mut self, seq: Seq, cell: u8) -> Option<LiveEvent> {
        let extra = self.message(seq)?.extra.clone();
        let Some(Extra::TicTacToe(game)) = extra else { return None };
        let who = usize::from(game.next()? != self.people[0].id);
        self.play(who, seq, &GameAct::Mark { turn: game.turn(), cell }).ok()?
    }

    pub fn preview(&mut self, seq: Seq, on: bool) -> Option<LiveEvent> {
        let preview = on.then(|| LinkPreview {
            url: "https://example.org/".into(),
            site: "example.org".into(),
            title: "A page".into(),
            description: None,
        });
        self.change(seq, |message| std::mem::replace(&mut message.preview, preview.clone()) != preview)
    }

    /// A change of the room; `members` are those who joined or changed.
    fn room_changed(&mut self, members: Vec<Member>, gone: Vec<UserId>) -> LiveEvent {
        self.room.revision += 1;
        let people = self.people.iter().filter(|person| members.iter().any(|member| member.user_id == person.id));
        LiveEvent::RoomChanged {
            room: self.room.clone(),
            people: people.cloned().collect(),
            members: members.into_iter().map(|member| Member { cleared_seq: 0, ..member }).collect(),
            gone,
            member_count: self.members.len() as u32,
        }
    }

    pub fn pin(&mut self, who: usize, seq: Seq, on: bool) -> Vec<LiveEvent> {
        let (Some(message), by) = (self.message(seq).cloned(), self.people[who].id) else { return Vec::new() };
        let is_pinned = self.room.pins.iter().any(|pin| pin.message_id == message.id);
        if is_pinned == on || on && !message.is_countable() {
            return Vec::new();
        }
        if !on {
            self.room.pins.retain(|pin| pin.message_id != message.id);
            return vec![self.room_changed(Vec::new(), Vec::new())];
        }
        self.room.pins.push(Pin { message_id: message.id, seq, by, at: NOW });
        let changed = self.room_changed(Vec::new(), Vec::new());
        vec![changed, self.system(who, SystemLine::Pinned { message_id: message.id, seq })]
    }

    pub fn rename(&mut self, name: &str) -> Vec<LiveEvent> {
        self.room.name = Some(name.to_owned());
        vec![self.room_changed(Vec::new(), Vec::new()), self.system(1, SystemLine::Renamed { name: name.to_owned() })]
    }

    /// Someone who is not a member comes in, or a member (not number 0) goes, whichever `who` is.
    pub fn come_or_go(&mut self, who: usize) -> Vec<LiveEvent> {
        let user_id = self.people[who].id;
        if self.members.iter().any(|member| member.user_id == user_id) {
            self.members.retain(|member| member.user_id != user_id);
            vec![self.room_changed(Vec::new(), vec![user_id]), self.system(who, SystemLine::Left)]
        } else {
            self.members.push(member(user_id, self.head()));
            let new = self.members.last().cloned().into_iter().collect();
            vec![self.room_changed(new, Vec::new()), self.system(who, SystemLine::Joined)]
        }
    }

    pub fn set_role(&mut self, who: usize, role: Role) -> Vec<LiveEvent> {
        let user = self.people[who].id;
        let Some(member) = self.members.iter_mut().find(|member| member.user_id == user) else { return Vec::new() };
        member.role = role;
        let changed = vec![member.clone()];
        vec![self.room_changed(changed, Vec::new()), self.system(0, SystemLine::Role { user, role })]
    }

    pub fn call_yourself(&mut self, who: usize, name: &str) -> LiveEvent {
        let person = &mut self.people[who];
        person.display_name = name.to_owned();
        person.revision += 1;
        LiveEvent::Person { person: person.clone() }
    }

    pub fn own(&self) -> &Member {
        self.members.iter().find(|member| member.user_id == self.me()).expect("a member")
    }

    /// The events that number 0 gets.
    pub fn read(&mut self, who: usize, seq: Seq) -> Vec<LiveEvent> {
        let (head, user_id) = (self.head(), self.people[who].id);
        let Some(member) = self.members.iter_mut().find(|member| member.user_id == user_id) else { return Vec::new() };
        let seq = seq.min(head);
        member.read_seq = member.read_seq.max(seq);
        member.delivered_seq = member.delivered_seq.max(member.read_seq);
        let (delivered_seq, read_seq) = (member.delivered_seq, member.read_seq);
        let mut unmarked = false;
        if who == 0 && self.prefs.unread_from.is_some_and(|from| from <= seq) {
            self.prefs.unread_from = None;
            self.prefs.revision += 1;
            unmarked = true;
        }
        let unread = (who == 0).then(|| self.unread());
        let mut events = vec![LiveEvent::Watermark { room_id: self.room.id, user_id, delivered_seq, read_seq, unread }];
        if unmarked {
            events.push(self.prefs_event());
        }
        events
    }

    fn prefs_event(&self) -> LiveEvent {
        LiveEvent::Prefs {
            room_id: self.room.id,
            prefs: self.prefs.clone(),
            member: self.own().clone(),
            unread: self.unread(),
        }
    }

    pub fn set(&mut self, change: &PrefsChange) -> Option<LiveEvent> {
        let before = self.prefs.revision;
        if let PrefsChange::Cleared { upto } = change {
            // As the server does: nothing that is still to come is cleared.
            let (me, upto) = (self.me(), &self.head().min(*upto));
            let own = self.members.iter_mut().find(|member| member.user_id == me)?;
            if std::mem::replace(&mut own.cleared_seq, *upto) != *upto {
                self.prefs.revision += 1;
            }
        } else {
            let is_ahead = matches!(change, PrefsChange::UnreadFrom { seq: Some(seq) } if *seq > self.head());
            self.prefs.apply(if is_ahead { &PrefsChange::UnreadFrom { seq: None } } else { change }, NOW);
        }
        (self.prefs.revision > before).then(|| self.prefs_event())
    }

    /// Where counts start for number 0.
    pub fn mark(&self) -> Seq {
        self.prefs.unread_after(self.own().read_seq).max(self.own().floor())
    }

    pub fn unread(&self) -> Unread {
        let (mark, me) = (self.mark(), self.me());
        let counts = |m: &&Message| m.seq > mark && m.author_id != me && m.is_countable() && !self.prefs.hides(m.seq);
        let counted = self.log.iter().filter(counts);
        let mentions = counted.clone().filter(|m| m.mentions.names(me)).count() as u32;
        Unread { count: counted.count() as u32, mentions, at_seq: self.head() }
    }

    pub fn summary(&self) -> RoomSummary {
        let person = |member: &Member| self.people.iter().find(|person| person.id == member.user_id).cloned();
        RoomSummary {
            room: self.room.clone(),
            members: self.members.clone(),
            people: self.members.iter().filter_map(person).collect(),
            last: self.log.last().filter(|last| last.seq > self.own().floor()).cloned(),
            shown: self.shown(),
            head_seq: self.head(),
            unread: self.unread(),
            can_send: true,
            blocked_by_me: false,
            member_count: self.members.len() as u32,
            mine: self.prefs.clone(),
        }
    }

    /// The newest message that number 0 has not hidden, where that is not the newest of all.
    fn shown(&self) -> Option<Message> {
        let seq = self.prefs.newest_shown(self.head());
        self.message(seq).filter(|shown| shown.seq < self.head() && shown.seq > self.own().floor()).cloned()
    }

    /// What number 0 may see between two places.
    pub fn page(&self, after: Seq, upto: Seq) -> Page {
        let floor = self.own().floor();
        let messages = self.log.iter().filter(|m| m.seq > after.max(floor) && m.seq <= upto).cloned().collect();
        let people = self.people.clone();
        Page { people, ..Page::new(self.room.id, messages, after > floor, upto < self.head()) }
    }

    pub fn quoted(&self, ids: &[MessageId]) -> Vec<Message> {
        let floor = self.own().floor();
        self.log.iter().filter(|m| ids.contains(&m.id) && m.seq > floor).cloned().collect()
    }

    /// A page that was loaded just now.
    pub fn state(&self) -> State {
        let mut state = State::from_bootstrap(Bootstrap {
            me: Me {
                person: self.people[0].clone(),
                email: String::new(),
                theme: Theme::System,
                warning: None,
                muted_until: None,
                leaves_at: None,
            },
            rooms: vec![self.summary()],
            requests: Vec::new(),
            presence: Vec::new(),
            blocked: Vec::new(),
            assistant: None,
            open: None,
            cursor: self.changes,
            access_until: NOW,
            now: NOW,
            version: String::new(),
        });
        state.put_page(self.page(0, self.head()));
        state
    }

    pub fn snapshot(&self, held: &BTreeMap<RoomId, Seq>, cursor: u64, limit: usize) -> Snapshot {
        let floor = self.own().floor();
        let messages = held
            .iter()
            .map(|(room_id, after)| {
                let missed: Vec<Message> = self.log.iter().filter(|m| m.seq > (*after).max(floor)).cloned().collect();
                let limited = missed.len() > limit;
                let messages = missed[missed.len().saturating_sub(limit)..].to_vec();
                RoomMessages { room_id: *room_id, messages, limited }
            })
            .collect();
        let (changed, joined) = (self.log.iter().zip(&self.changed_at), self.own().joined_seq);
        let changed = changed.filter(|(m, at)| **at > cursor && m.seq > joined).map(|(m, _)| m.clone());
        Snapshot {
            rooms: vec![self.summary()],
            requests: Vec::new(),
            messages,
            changed: changed.collect(),
            presence: Vec::new(),
            blocked: Vec::new(),
            cursor: self.changes,
        }
    }

    /// Carries a command of number 0 out.
    pub fn execute(&mut self, command: &Command) -> Result<Vec<LiveEvent>, Error> {
        let seq = |world: &Self, id: &MessageId| {
            world.log.iter().find(|m| m.id == *id).map(|m| m.seq).ok_or(Error::NotFound { what: What::Message })
        };
        Ok(match command {
            Command::Edit { message_id, body, .. } => {
                let seq = seq(self, message_id)?;
                let body = Body::parse(body)?;
                self.change(seq, |message| {
                    let changes = message.body != body;
                    if changes {
                        (message.body, message.edited_at) = (body, Some(NOW));
                    }
                    changes
                })
                .into_iter()
                .collect()
            }
            Command::Delete { message_ids, .. } => {
                let mut events = Vec::new();
                for id in message_ids {
                    let seq = seq(self, id)?;
                    events.extend(self.delete(0, seq));
                }
                events
            }
            Command::React { message_id, emoji, on, .. } => {
                let seq = seq(self, message_id)?;
                self.react(0, seq, emoji, *on).into_iter().collect()
            }
            Command::Pin { message_id, on, .. } => {
                let seq = seq(self, message_id)?;
                self.pin(0, seq, *on)
            }
            Command::RemovePreview { message_id, .. } => {
                let seq = seq(self, message_id)?;
                self.preview(seq, false).into_iter().collect()
            }
            Command::Play { message_id, act, .. } => {
                let seq = seq(self, message_id)?;
                self.play(0, seq, act)?.into_iter().collect()
            }
            Command::Prefs { change, .. } => self.set(change).into_iter().collect(),
            Command::Mark { read, .. } => self.read(0, read.unwrap_or_default()),
            _ => return Err(Error::invalid("command", Problem::UnknownField)),
        })
    }
}
