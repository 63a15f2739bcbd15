//! Groups: who is told what, who is in, and what the roles allow.

use crate::support::client::Client;
use crate::support::server::Store;
use crate::support::stage::{Person, Stage, texts};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{RoomId, UserId};
use lavender::live::LiveEvent;
use lavender::model::limits::{ADD_MAX, SLOW_MODE_MAX_S};
use lavender::model::{Member, Message, NewRoom, Presence, Role, Room, RoomChange, SystemLine, Who};
use lavender::server::service::{groups, messages, people, pins};
use lavender::time::Timestamp;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_PERSON: Error = Error::NotFound { what: What::Person };

/// Makes two people know each other.
pub async fn befriend(stage: &Stage, one: &Person, two: &Person) {
    stage.app.db.direct_room(one.user_id, two.user_id, Timestamp::now()).await.unwrap();
}

pub async fn make(owner: &Person, name: &str, members: &[&Person]) -> Result<NewRoom, Error> {
    let members: Vec<UserId> = members.iter().map(|person| person.user_id).collect();
    groups::create(&owner.app, &owner.session, RoomId::new(), name, "", &members).await
}

/// A group of Ana, who owns it, and of Ben and Cleo, whom she knows.
pub async fn trio(stage: &Stage) -> (Person, Person, Person, RoomId) {
    let (ana, ben, cleo) = (stage.person("ana").await, stage.person("ben").await, stage.person("cleo").await);
    befriend(stage, &ana, &ben).await;
    befriend(stage, &ana, &cleo).await;
    let room = make(&ana, "Garden", &[&ben, &cleo]).await.unwrap().room.room;
    (ana, ben, cleo, room.id)
}

/// What the room itself says among events.
pub fn lines(events: &[LiveEvent]) -> Vec<(UserId, SystemLine)> {
    let line = |event: &LiveEvent| match event {
        LiveEvent::Message { message: Message { author_id, system: Some(line), .. } } => {
            Some((*author_id, line.clone()))
        }
        _ => None,
    };
    events.iter().filter_map(line).collect()
}

type Change = (Room, Vec<Member>, Vec<UserId>, u32);

fn changes(events: &[LiveEvent]) -> Vec<Change> {
    let change = |event: &LiveEvent| match event {
        LiveEvent::RoomChanged { room, members, gone, member_count, .. } => {
            Some((room.clone(), members.clone(), gone.clone(), *member_count))
        }
        _ => None,
    };
    events.iter().filter_map(change).collect()
}

fn presences(events: &[LiveEvent]) -> Vec<(UserId, Presence)> {
    let presence = |event: &LiveEvent| match event {
        LiveEvent::Presence { user_id, presence } => Some((*user_id, *presence)),
        _ => None,
    };
    events.iter().filter_map(presence).collect()
}

async fn role(person: &Person, room_id: RoomId) -> Option<Role> {
    person.app.db.member(room_id, person.user_id).await.unwrap().map(|member| member.role)
}

async fn remove(by: &Person, room_id: RoomId, user_id: UserId) -> Result<(), Error> {
    groups::remove(&by.app, &by.session, room_id, user_id).await
}

async fn leave(person: &Person, room_id: RoomId) -> Result<(), Error> {
    groups::leave(&person.app, &person.session, room_id).await
}

async fn change(person: &Person, room_id: RoomId, change: RoomChange) -> Result<(), Error> {
    groups::change(&person.app, &person.session, room_id, change).await
}

on_both_stores! {
    async fn a_new_group_comes_to_everybody_in_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben) = (stage.person("ana").await, stage.person("ben").await);
        befriend(&stage, &ana, &ben).await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        ana_client.settle().await;
        let room_id = RoomId::new();
        let members = [ben.user_id];
        let create = || {
            let text = "What grows\r\nand when";
            groups::create(&stage.app, &ana.session, room_id, "  The   garden ", text, &members)
        };
        let made = create().await.unwrap();
        assert_eq!(made.added.added, [ben.user_id]);
        let room = &made.room.room;
        assert_eq!((room.id, room.name.as_deref()), (room_id, Some("The garden")));
        assert_eq!(room.description.as_deref(), Some("What grows\nand when"));
        assert_eq!((made.room.member_count, made.room.members.len(), made.room.people.len()), (2, 2, 2));
        let last = made.room.last.as_ref().and_then(|message| message.system.clone());
        assert_eq!(last, Some(SystemLine::Created { name: "The garden".into() }));
        assert_eq!((role(&ana, room_id).await, role(&ben, room_id).await), (Some(Role::Owner), Some(Role::Member)));
        for client in [&mut ana_client, &mut ben_client] {
            let events = client.settle().await;
            assert!(events.iter().any(|event| matches!(event, LiveEvent::Room { summary } if summary.room.id == room_id)));
        }
        assert_eq!(ben_client.send(room_id, "hello").await.unwrap().seq, 2);
        assert_eq!(texts(&ana_client.settle().await), [(ben.user_id, "hello")]);
        let again = create().await.unwrap();
        assert_eq!((again.room.room.id, again.room.head_seq), (room_id, 2), "one room, and one line of its making");
        let foreign = groups::create(&stage.app, &ben.session, room_id, "Mine", "", &[]).await;
        assert_eq!(foreign, Err(Error::Conflict), "an id that is taken leads nowhere");
    }

    async fn who_is_no_contact_is_asked(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, eve) = (stage.person("ana").await, stage.person("ben").await, stage.person("eve").await);
        befriend(&stage, &ana, &ben).await;
        let mut eve_client = eve.connect().await;
        let made = make(&ana, "Garden", &[&ben, &eve]).await.unwrap();
        assert_eq!((made.added.added, made.added.invited), (vec![ben.user_id], vec![eve.user_id]));
        assert_eq!(role(&eve, made.room.room.id).await, None);
        let LiveEvent::Request { request } = eve_client.event(|event| matches!(event, LiveEvent::Request { .. })).await
        else { unreachable!() };
        let into = request.room.unwrap();
        assert_eq!((into.room_id, into.name.as_str(), into.member_count), (made.room.room.id, "Garden", 2));
    }

    async fn whoever_is_added_hears_the_room_and_the_others_hear_of_them(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        let dan = stage.person("dan").await;
        befriend(&stage, &ana, &dan).await;
        let (mut ana_client, mut ben_client, mut dan_client) = (ana.connect().await, ben.connect().await, dan.connect().await);
        ana_client.send(room_id, "before").await.unwrap();
        ben_client.settle().await;
        let added = groups::add(&stage.app, &ana.session, room_id, &[dan.user_id, cleo.user_id]).await.unwrap();
        assert_eq!(added.added, [dan.user_id], "who is in it is not added");
        let events = ben_client.settle().await;
        let [(room, members, gone, count)] = changes(&events).try_into().unwrap();
        assert_eq!((room.revision, members.len(), gone.len(), count), (2, 1, 0, 4));
        assert_eq!((members[0].user_id, members[0].joined_seq, members[0].role), (dan.user_id, 2, Role::Member));
        let LiveEvent::RoomChanged { people, .. } =
            events.iter().find(|event| matches!(event, LiveEvent::RoomChanged { .. })).unwrap() else { unreachable!() };
        assert_eq!(people.iter().map(|person| person.id).collect::<Vec<_>>(), [dan.user_id]);
        assert_eq!(lines(&events), [(ana.user_id, SystemLine::Added { users: vec![dan.user_id] })]);
        assert!(presences(&events).contains(&(dan.user_id, Presence::Online)));
        let events = dan_client.settle().await;
        let place = |fits: &dyn Fn(&LiveEvent) -> bool| events.iter().position(fits);
        let room = place(&|event| matches!(event, LiveEvent::Room { summary } if summary.room.id == room_id)).unwrap();
        let line = place(&|event| matches!(event, LiveEvent::Message { .. })).unwrap();
        assert!(room < line, "a message comes into a known room");
        assert!(presences(&events).contains(&(ben.user_id, Presence::Online)));
        let page = messages::page(&stage.app, &dan.session, room_id, (None, None, None), None).await.unwrap();
        assert_eq!(page.messages.iter().map(|message| message.seq).collect::<Vec<_>>(), [3], "not what was before");
        assert!(!page.has_older);
    }

    async fn many_at_once_are_one_line(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let mut new = Vec::new();
        for _ in 0..12 {
            let person = stage.person("new").await;
            befriend(&stage, &ana, &person).await;
            new.push(person.user_id);
        }
        let mut ben_client = ben.connect().await;
        groups::add(&stage.app, &ana.session, room_id, &new).await.unwrap();
        let events = ben_client.settle().await;
        assert_eq!(lines(&events), [(ana.user_id, SystemLine::Added { users: new })]);
        let changes = changes(&events);
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].0.revision, changes[0].1.len(), changes[0].3), (2, 12, 15));
    }

    async fn who_is_taken_out_gets_no_frame_more_and_every_path_refuses(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        let second_tab = stage.again(&ben).await;
        let mut tabs = [ben.connect().await, second_tab.connect().await];
        let (mut ana_client, mut cleo_client) = (ana.connect().await, cleo.connect().await);
        let secret = ana_client.send(room_id, "secret").await.unwrap();
        pins::set(&stage.app, ana.user_id, room_id, secret.message_id, true).await.unwrap();
        for client in &mut tabs {
            client.settle().await;
        }
        cleo_client.settle().await;
        remove(&ana, room_id, ben.user_id).await.unwrap();
        for n in 0..10 {
            ana_client.send(room_id, &format!("without Ben {n}")).await.unwrap();
            cleo_client.send(room_id, &format!("without Ben {n}")).await.unwrap();
        }
        ana_client.typing(room_id, true).await.unwrap();
        change(&ana, room_id, RoomChange { name: Some("Without Ben".into()), ..RoomChange::default() }).await.unwrap();
        for client in &mut tabs {
            let events = client.settle().await;
            let of_room: Vec<_> = events.iter().filter(|event| !matches!(event, LiveEvent::Presence { .. })).collect();
            assert_eq!(of_room, [&LiveEvent::RoomGone { room_id }], "nothing but that it is over");
        }
        let app = &stage.app;
        assert_eq!(messages::page(app, &ben.session, room_id, (None, None, None), None).await, Err(NO_ROOM));
        assert_eq!(pins::list(app, &ben.session, room_id).await, Err(NO_ROOM));
        assert_eq!(groups::members(app, &ben.session, room_id, None, None).await, Err(NO_ROOM));
        assert_eq!(groups::invites(app, &ben.session, room_id).await, Err(NO_ROOM));
        assert_eq!(pins::set(app, ben.user_id, room_id, secret.message_id, false).await, Err(NO_ROOM));
        assert_eq!(leave(&ben, room_id).await, Err(NO_ROOM));
        let tab = &mut tabs[0];
        assert_eq!(tab.send(room_id, "still here?").await, Err(NO_ROOM));
        assert_eq!(tab.mark(room_id, Some(9), Some(9)).await, Err(NO_ROOM));
        assert_eq!(tab.typing(room_id, true).await, Err(NO_ROOM));
        let (mut fresh, snapshot) = ben.connect_with().await;
        assert!(snapshot.rooms.iter().all(|summary| summary.room.id != room_id));
        ana_client.send(room_id, "and once more").await.unwrap();
        assert!(texts(&fresh.settle().await).is_empty());
        let events = cleo_client.settle().await;
        assert_eq!(lines(&events)[0], (ana.user_id, SystemLine::Removed { user: ben.user_id }));
        assert!(presences(&events).contains(&(ben.user_id, Presence::Offline { last_seen: None })), "no room in common");
        let (room, members, gone, count) = changes(&events).remove(0);
        assert_eq!((room.revision, members.len(), gone, count), (3, 0, vec![ben.user_id], 2));
    }

    /// Whatever a removed member has under way comes before the line of their removal, or not at all.
    async fn nothing_of_a_removed_member_comes_after_the_line_of_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let mut client = ben.connect().await;
        let sending = tokio::spawn(async move {
            let mut sent = 0;
            while client.send(room_id, "me again").await.is_ok() {
                sent += 1;
            }
            sent
        });
        while stage.app.db.heads(&[room_id]).await.unwrap()[0].1 < 20 {
            tokio::task::yield_now().await;
        }
        remove(&ana, room_id, ben.user_id).await.unwrap();
        assert!(sending.await.unwrap() >= 19);
        let log = stage.app.db.page(room_id, 0, None, Some(0), u16::MAX).await.unwrap();
        let line = log.iter().position(|m| m.system == Some(SystemLine::Removed { user: ben.user_id })).unwrap();
        assert!(log[line..].iter().all(|message| message.author_id != ben.user_id));
    }

    async fn who_comes_back_sees_what_comes_after(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let mut ana_client = ana.connect().await;
        remove(&ana, room_id, ben.user_id).await.unwrap();
        ana_client.send(room_id, "while he is away").await.unwrap();
        let mut ben_client = ben.connect().await;
        groups::add(&stage.app, &ana.session, room_id, &[ben.user_id]).await.unwrap();
        ana_client.send(room_id, "he is back").await.unwrap();
        assert_eq!(texts(&ben_client.settle().await), [(ana.user_id, ""), (ana.user_id, "he is back")]);
        let page = messages::page(&stage.app, &ben.session, room_id, (None, None, None), None).await.unwrap();
        assert!(page.messages.iter().all(|message| message.body.as_str() != "while he is away"));
        assert!(ben_client.send(room_id, "I am").await.is_ok());
    }

    async fn an_owner_who_leaves_hands_over_and_the_last_one_closes(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        groups::set_role(&stage.app, &ana.session, room_id, cleo.user_id, Role::Admin).await.unwrap();
        let code = groups::invite(&stage.app, &ana.session, room_id, Default::default(), None).await.unwrap().code;
        let mut ben_client = ben.connect().await;
        leave(&ana, room_id).await.unwrap();
        assert_eq!((role(&ana, room_id).await, role(&cleo, room_id).await), (None, Some(Role::Owner)), "the admin first");
        let events = ben_client.settle().await;
        let expected = [(ana.user_id, SystemLine::Owner { user: cleo.user_id }), (ana.user_id, SystemLine::Left)];
        assert_eq!(lines(&events), expected);
        let changes = changes(&events);
        assert_eq!(changes.iter().map(|change| change.0.revision).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(changes[1].2, [ana.user_id]);
        leave(&cleo, room_id).await.unwrap();
        assert_eq!(role(&ben, room_id).await, Some(Role::Owner), "then the member");
        assert!(groups::preview(&stage.app, &ana.session, &code).await.is_ok());
        leave(&ben, room_id).await.unwrap();
        assert!(ben_client.settle().await.contains(&LiveEvent::RoomGone { room_id }));
        let dead = Error::NotFound { what: What::Invite };
        assert_eq!(groups::preview(&stage.app, &ana.session, &code).await, Err(dead.clone()));
        assert_eq!(groups::join(&stage.app, &ana.session, &code).await.map(drop), Err(dead));
    }

    async fn an_owner_who_was_cut_off_while_leaving_leaves_an_owner(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        // The first write of leaving, and then the process ends.
        stage.app.db.transfer(room_id, ana.user_id, ben.user_id).await.unwrap().unwrap();
        assert_eq!((role(&ana, room_id).await, role(&ben, room_id).await), (Some(Role::Admin), Some(Role::Owner)));
        leave(&ana, room_id).await.unwrap();
        assert_eq!(role(&ben, room_id).await, Some(Role::Owner));
    }

    async fn roles_decide(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        let app = &stage.app;
        let set_role = |by: &Person, of: &Person, role| {
            let (session, user_id) = (by.session, of.user_id);
            async move { groups::set_role(app, &session, room_id, user_id, role).await }
        };
        assert_eq!(set_role(&ben, &cleo, Role::Admin).await, Err(Error::Forbidden));
        assert_eq!(set_role(&ana, &cleo, Role::Owner).await, Err(Error::invalid("role", Problem::OutOfRange)));
        assert_eq!(set_role(&ana, &ana, Role::Member).await, Err(Error::Forbidden), "an owner stays one");
        let eve = stage.person("eve").await;
        assert_eq!(set_role(&ana, &eve, Role::Admin).await, Err(NO_PERSON));
        let mut cleo_client = cleo.connect().await;
        set_role(&ana, &ben, Role::Admin).await.unwrap();
        set_role(&ana, &ben, Role::Admin).await.unwrap();
        let events = cleo_client.settle().await;
        assert_eq!(lines(&events), [(ana.user_id, SystemLine::Role { user: ben.user_id, role: Role::Admin })]);
        let [(room, members, ..)] = changes(&events).try_into().unwrap();
        assert_eq!((room.revision, members[0].user_id, members[0].role), (2, ben.user_id, Role::Admin));
        assert_eq!(remove(&cleo, room_id, ben.user_id).await, Err(Error::Forbidden));
        assert_eq!(remove(&ben, room_id, ana.user_id).await, Err(Error::Forbidden));
        assert_eq!(remove(&ben, room_id, ben.user_id).await, Err(Error::Forbidden), "admins leave");
        assert_eq!(remove(&ben, room_id, eve.user_id).await, Err(NO_PERSON));
        assert_eq!(remove(&eve, room_id, ben.user_id).await, Err(NO_ROOM));
        assert_eq!(groups::transfer(app, &ben.session, room_id, cleo.user_id).await, Err(Error::Forbidden));
        assert_eq!(groups::transfer(app, &ana.session, room_id, eve.user_id).await, Err(NO_PERSON));
        groups::transfer(app, &ana.session, room_id, cleo.user_id).await.unwrap();
        assert_eq!((role(&ana, room_id).await, role(&cleo, room_id).await), (Some(Role::Admin), Some(Role::Owner)));
        let events = cleo_client.settle().await;
        assert_eq!(lines(&events), [(ana.user_id, SystemLine::Owner { user: cleo.user_id })]);
        let [(_, members, ..)] = changes(&events).try_into().unwrap();
        assert_eq!(members.len(), 2, "both rows");
        assert_eq!(remove(&ana, room_id, ben.user_id).await, Err(Error::Forbidden), "her equal");
        remove(&cleo, room_id, ana.user_id).await.unwrap();
    }

    async fn a_change_of_the_room_is_told_and_said_once(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let mut ben_client = ben.connect().await;
        let wish = RoomChange {
            name: Some("Orchard".into()),
            description: Some("Apples".into()),
            history_for_all: Some(true),
            slow_mode_s: Some(30),
            pins_by: Some(Who::Admins),
        };
        assert_eq!(change(&ben, room_id, wish.clone()).await, Err(Error::Forbidden));
        change(&ana, room_id, wish.clone()).await.unwrap();
        change(&ana, room_id, wish).await.unwrap();
        let events = ben_client.settle().await;
        let [(room, ..)] = changes(&events).try_into().unwrap();
        assert_eq!((room.revision, room.name.as_deref(), room.description.as_deref()), (2, Some("Orchard"), Some("Apples")));
        assert_eq!((room.settings.slow_mode_s, room.settings.pins_by), (30, Who::Admins));
        let said: Vec<SystemLine> = lines(&events).into_iter().map(|(_, line)| line).collect();
        let expected = [
            SystemLine::Renamed { name: "Orchard".into() },
            SystemLine::Described,
            SystemLine::HistoryShown { all: true },
            SystemLine::SlowMode { seconds: 30 },
            SystemLine::PinsBy { who: Who::Admins },
        ];
        assert_eq!(said, expected);
        assert_eq!(ben_client.settle().await, []);
    }

    async fn with_history_for_all_who_joins_sees_everything_and_nothing_is_unread(store) {
        let stage = Stage::start(store).await;
        let (ana, _, _, room_id) = trio(&stage).await;
        let dan = stage.person("dan").await;
        befriend(&stage, &ana, &dan).await;
        ana.connect().await.send(room_id, "old").await.unwrap();
        change(&ana, room_id, RoomChange { history_for_all: Some(true), ..RoomChange::default() }).await.unwrap();
        groups::add(&stage.app, &ana.session, room_id, &[dan.user_id]).await.unwrap();
        let page = messages::page(&stage.app, &dan.session, room_id, (None, None, None), None).await.unwrap();
        assert!(page.messages.iter().any(|message| message.body.as_str() == "old"));
        let (_client, snapshot) = dan.connect_with().await;
        let summary = snapshot.rooms.iter().find(|summary| summary.room.id == room_id).unwrap();
        assert_eq!(summary.unread.count, 0);
    }

    async fn a_block_keeps_people_out_of_each_others_groups(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, eve) = (stage.person("ana").await, stage.person("ben").await, stage.person("eve").await);
        befriend(&stage, &ana, &ben).await;
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        people::set_block(&stage.app, &eve.session, ana.user_id, true).await.unwrap();
        let mut eve_client = eve.connect().await;
        let made = make(&ana, "Garden", &[&ben, &eve]).await.unwrap();
        let room_id = made.room.room.id;
        assert_eq!((made.added.added.len(), made.added.refused), (0, vec![ben.user_id]), "their direct room shows it");
        assert_eq!(made.added.invited, [eve.user_id], "a stranger's block does not show");
        assert!(eve_client.settle().await.is_empty(), "and she is not asked");
        let by_eve = make(&eve, "Mine", &[&ana]).await.unwrap();
        assert_eq!(by_eve.added.refused, [ana.user_id], "nor does who blocks ask");
        people::set_block(&stage.app, &ben.session, ana.user_id, false).await.unwrap();
        assert_eq!(groups::add(&stage.app, &ana.session, room_id, &[ben.user_id]).await.unwrap().added, [ben.user_id]);
    }

    async fn members_come_in_parts_and_by_name(store) {
        let stage = Stage::start(store).await;
        let (people, room_id) = stage.group(61).await;
        let (app, session) = (&stage.app, &people[3].session);
        let first = groups::members(app, session, room_id, None, None).await.unwrap();
        assert_eq!((first.members.len(), first.people.len()), (50, 50));
        assert_eq!(first.members[0].user_id, people[0].user_id, "in the order they joined");
        let second = groups::members(app, session, room_id, first.next, None).await.unwrap();
        assert_eq!((second.members.len(), second.next), (11, None));
        let name = &people[7].username;
        let found = groups::members(app, session, room_id, None, Some(&format!(" @{name} "))).await.unwrap();
        assert!(found.people.iter().any(|person| person.username == *name));
        assert!(found.members.len() < 50);
        let nobody = groups::members(app, session, room_id, None, Some("zzz")).await.unwrap();
        assert!(nobody.members.is_empty() && nobody.next.is_none());
        let eve = stage.person("eve").await;
        assert_eq!(groups::members(app, &eve.session, room_id, None, None).await, Err(NO_ROOM));
    }

    /// Lists of members are for small rooms: at the bound everybody gets the room as they now see it.
    async fn a_room_that_outgrows_its_list_comes_anew(store) {
        let stage = Stage::start(store).await;
        let (people, room_id) = stage.group(50).await;
        let new = stage.person("new").await;
        befriend(&stage, &people[0], &new).await;
        let mut client = people[9].connect().await;
        let mut other = people[8].connect().await;
        client.settle().await;
        groups::add(&stage.app, &people[0].session, room_id, &[new.user_id]).await.unwrap();
        let of_room = |event: &LiveEvent| matches!(event, LiveEvent::Room { .. });
        let LiveEvent::Room { summary } = client.event(of_room).await else { unreachable!() };
        assert_eq!((summary.members.len(), summary.member_count, summary.room.revision), (1, 51, 2));
        let offline = LiveEvent::Presence { user_id: people[8].user_id, presence: Presence::Offline { last_seen: None } };
        client.event(|event| *event == offline).await;
        groups::set_role(&stage.app, &people[0].session, room_id, people[9].user_id, Role::Admin).await.unwrap();
        let LiveEvent::RoomChanged { members, .. } =
            client.event(|event| matches!(event, LiveEvent::RoomChanged { .. })).await else { unreachable!() };
        assert_eq!(members.iter().map(|member| member.role).collect::<Vec<_>>(), [Role::Admin], "the own row");
        let LiveEvent::RoomChanged { members, room, .. } =
            other.event(|event| matches!(event, LiveEvent::RoomChanged { .. })).await else { unreachable!() };
        assert_eq!((members.len(), room.revision), (0, 3));
        leave(&new, room_id).await.unwrap();
        let LiveEvent::Room { summary } = client.event(of_room).await else { unreachable!() };
        assert_eq!((summary.members.len(), summary.member_count), (50, 50));
        let online = LiveEvent::Presence { user_id: people[8].user_id, presence: Presence::Online };
        client.event(|event| *event == online).await;
    }
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let stage = Stage::start(Store::Embedded).await;
    let (ana, ben, room_id) = stage.pair().await;
    let create = |name: &'static str, text: &'static str, members: Vec<UserId>| {
        let (app, session) = (stage.app.clone(), ana.session);
        async move { groups::create(&app, &session, RoomId::new(), name, text, &members).await.map(drop) }
    };
    let invalid = |field: &str, problem| Err(Error::invalid(field, problem));
    assert_eq!(create(" \u{3000} ", "", vec![]).await, invalid("name", Problem::Missing));
    assert_eq!(create("evil\u{202e}name", "", vec![]).await, invalid("name", Problem::BadCharacters));
    assert_eq!(create(String::leak("x".repeat(65)), "", vec![]).await, invalid("name", Problem::TooLong));
    assert_eq!(create("a", String::leak("x".repeat(501)), vec![]).await, invalid("description", Problem::TooLong));
    assert_eq!(create("a", "\u{202e}", vec![]).await, invalid("description", Problem::BadCharacters));
    assert_eq!(create("a", "", vec![UserId::new()]).await, Err(NO_PERSON));
    let many = (0..=ADD_MAX).map(|_| UserId::new()).collect();
    assert_eq!(create("a", "", many).await, invalid("members", Problem::OutOfRange));
    assert_eq!(stage.app.db.rooms_of(ana.user_id).await.unwrap().len(), 1, "nothing was made on the way");
    let app = &stage.app;
    // A room of two is no group.
    assert_eq!(groups::add(app, &ana.session, room_id, &[ben.user_id]).await, Err(Error::Forbidden));
    assert_eq!(leave(&ana, room_id).await, Err(Error::Forbidden));
    assert_eq!(remove(&ana, room_id, ben.user_id).await, Err(Error::Forbidden));
    assert_eq!(groups::transfer(app, &ana.session, room_id, ben.user_id).await, Err(Error::Forbidden));
    let renamed = RoomChange { name: Some("x".into()), ..RoomChange::default() };
    assert_eq!(change(&ana, room_id, renamed).await, Err(Error::Forbidden));
    let slow = RoomChange { slow_mode_s: Some(SLOW_MODE_MAX_S + 1), ..RoomChange::default() };
    assert_eq!(change(&ana, room_id, slow).await, invalid("slow_mode_s", Problem::OutOfRange));
}

#[tokio::test]
async fn making_managing_joining_and_asking_are_limited() {
    let stage = Stage::start_limited(Store::Embedded, 1).await;
    let ana = stage.person("ana").await;
    let limited = |outcome: Result<(), Error>| matches!(outcome, Err(Error::RateLimited { .. }));
    let mut rooms = Vec::new();
    for n in 0..10 {
        rooms.push(make(&ana, &format!("Room {n}"), &[]).await.unwrap().room.room.id);
    }
    assert!(limited(make(&ana, "One more", &[]).await.map(drop)));
    for room_id in &rooms {
        leave(&ana, *room_id).await.unwrap();
    }
    assert!(limited(leave(&ana, rooms[0]).await));
    assert!(limited(groups::join(&stage.app, &ana.session, &"x".repeat(22)).await.map(drop)));
    let ben = stage.person("ben").await;
    let room_id = make(&ben, "Garden", &[]).await.unwrap().room.room.id;
    let mut strangers = Vec::new();
    for _ in 0..22 {
        strangers.push(stage.person("stranger").await.user_id);
    }
    let added = groups::add(&stage.app, &ben.session, room_id, &strangers).await.unwrap();
    assert_eq!((added.invited.len(), added.refused.len()), (20, 2));
    for n in 0..29 {
        change(&ben, room_id, RoomChange { name: Some(format!("{n}")), ..RoomChange::default() }).await.unwrap();
    }
    assert!(limited(change(&ben, room_id, RoomChange::default()).await));
}

/// A connection that says hello at the moment of a removal: its list of rooms was read before.
#[tokio::test]
async fn a_list_of_rooms_that_is_too_old_subscribes_to_nothing() {
    let stage = Stage::start(Store::Embedded).await;
    let (ana, ben, cleo, room_id) = trio(&stage).await;
    let mut client: Client = ben.connect().await;
    remove(&ana, room_id, ben.user_id).await.unwrap();
    client.settle().await;
    let connection = stage.app.hub.connection(client.connection_id).unwrap();
    stage.app.hub.subscribe(&connection, [room_id]);
    cleo.connect().await.send(room_id, "without Ben").await.unwrap();
    assert!(texts(&client.settle().await).is_empty());
    assert!(!connection.rooms().contains(&room_id));
}
