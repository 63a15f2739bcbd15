//! Pinned messages, over the live connection and over HTTP.

use crate::groups::trio;
use crate::support::client::Client;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{MessageId, RoomId};
use lavender::live::{Command, LiveEvent};
use lavender::model::limits::PINS_MAX;
use lavender::model::{Room, RoomChange, SystemLine, Who};
use lavender::server::service::{groups, people, pins};

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

async fn pin(client: &mut Client, room_id: RoomId, message_id: MessageId, on: bool) -> Result<(), Error> {
    let id = client.command(Command::Pin { room_id, message_id, on }).await;
    client.answer(id).await.map(drop)
}

async fn listed(person: &Person, room_id: RoomId) -> Vec<MessageId> {
    let found = pins::list(&person.app, &person.session, room_id).await.unwrap();
    found.into_iter().map(|message| message.id).collect()
}

fn rooms(events: &[LiveEvent]) -> Vec<&Room> {
    events
        .iter()
        .filter_map(|event| match event {
            LiveEvent::RoomChanged { room, .. } => Some(room),
            _ => None,
        })
        .collect()
}

on_both_stores! {
    async fn a_pin_is_seen_by_both_and_said_once(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room_id) = stage.pair().await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let first = ana_client.send(room_id, "first").await.unwrap().message_id;
        let second = ben_client.send(room_id, "second").await.unwrap().message_id;
        ana_client.settle().await;
        pin(&mut ben_client, room_id, second, true).await.unwrap();
        pin(&mut ana_client, room_id, second, true).await.unwrap();
        pin(&mut ana_client, room_id, first, true).await.unwrap();
        let events = ana_client.settle().await;
        let told = rooms(&events);
        assert_eq!(told.iter().map(|room| room.revision).collect::<Vec<_>>(), [2, 3], "a repetition is not told");
        let pins = &told[1].pins;
        assert_eq!(pins.iter().map(|pin| (pin.message_id, pin.by)).collect::<Vec<_>>(), [(second, ben.user_id), (first, ana.user_id)]);
        let lines = crate::groups::lines(&events);
        assert_eq!(lines[0], (ben.user_id, SystemLine::Pinned { message_id: second, seq: 2 }));
        assert_eq!(lines.len(), 2);
        assert_eq!(listed(&ben, room_id).await, [second, first], "oldest pin first");
        pin(&mut ana_client, room_id, second, false).await.unwrap();
        pin(&mut ana_client, room_id, second, false).await.unwrap();
        assert_eq!(rooms(&ana_client.settle().await).len(), 1);
        assert_eq!(listed(&ana, room_id).await, [first]);
    }

    async fn who_may_pin_is_a_setting(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, _, room_id) = trio(&stage).await;
        let (mut ana_client, mut ben_client) = (ana.connect().await, ben.connect().await);
        let sent = ben_client.send(room_id, "mine").await.unwrap().message_id;
        pin(&mut ben_client, room_id, sent, true).await.unwrap();
        let admins = RoomChange { pins_by: Some(Who::Admins), ..RoomChange::default() };
        groups::change(&stage.app, &ana.session, room_id, admins).await.unwrap();
        assert_eq!(pin(&mut ben_client, room_id, sent, false).await, Err(Error::Forbidden));
        pin(&mut ana_client, room_id, sent, false).await.unwrap();
        assert_eq!(pin(&mut ben_client, room_id, sent, true).await, Err(Error::Forbidden));
    }

    async fn a_pin_is_of_its_room_and_of_what_one_sees(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room_id) = trio(&stage).await;
        let (mut ana_client, mut cleo_client) = (ana.connect().await, cleo.connect().await);
        let old = ana_client.send(room_id, "old").await.unwrap().message_id;
        let direct = stage.app.db.find_direct_room(ana.user_id, ben.user_id).await.unwrap().unwrap().id;
        let elsewhere = ana_client.send(direct, "elsewhere").await.unwrap().message_id;
        assert_eq!(pin(&mut ana_client, room_id, elsewhere, true).await, Err(NO_MESSAGE));
        assert_eq!(pin(&mut ana_client, room_id, MessageId::new(), true).await, Err(NO_MESSAGE));
        assert_eq!(pin(&mut cleo_client, direct, elsewhere, true).await, Err(NO_ROOM));
        assert_eq!(pin(&mut cleo_client, RoomId::new(), elsewhere, true).await, Err(NO_ROOM));
        let line = stage.app.db.page(room_id, 0, None, None, 1).await.unwrap()[0].clone();
        assert!(line.system.is_none());
        let created = stage.app.db.page(room_id, 0, None, Some(0), 1).await.unwrap()[0].id;
        assert_eq!(pin(&mut ana_client, room_id, created, true).await, Err(Error::Conflict), "a line of the room");
        pin(&mut ana_client, room_id, old, true).await.unwrap();
        let dan = stage.person("dan").await;
        crate::groups::befriend(&stage, &ana, &dan).await;
        groups::add(&stage.app, &ana.session, room_id, &[dan.user_id]).await.unwrap();
        assert!(listed(&dan, room_id).await.is_empty(), "from before he came");
        assert_eq!(pin(&mut dan.connect().await, room_id, old, false).await, Err(NO_MESSAGE));
        assert_eq!(listed(&cleo, room_id).await, [old]);
    }

    async fn a_block_ends_pinning_for_two(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room_id) = stage.pair().await;
        let mut client = ana.connect().await;
        let sent = client.send(room_id, "first").await.unwrap().message_id;
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        assert_eq!(pin(&mut client, room_id, sent, true).await, Err(Error::Unreachable));
    }

    async fn there_are_fifty_at_most(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room_id) = stage.pair().await;
        let mut client = ana.connect().await;
        let mut sent = Vec::new();
        for n in 0..=PINS_MAX {
            sent.push(client.send(room_id, &n.to_string()).await.unwrap().message_id);
        }
        for message_id in &sent[..PINS_MAX] {
            pin(&mut client, room_id, *message_id, true).await.unwrap();
        }
        let refused = pin(&mut client, room_id, sent[PINS_MAX], true).await;
        assert_eq!(refused, Err(Error::invalid("pins", Problem::OutOfRange)));
        pin(&mut client, room_id, sent[0], false).await.unwrap();
        pin(&mut client, room_id, sent[PINS_MAX], true).await.unwrap();
        assert_eq!(listed(&ana, room_id).await.len(), PINS_MAX);
    }
}
