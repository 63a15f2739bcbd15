//! Two processes of one MongoDB, with people on both.

use crate::support::server::{Store, has_mongodb};
use crate::support::stage::{Stage, texts};
use lavender::live::{Command, LiveEvent};
use lavender::model::Message;
use lavender::server::service::groups;

fn changed(event: LiveEvent) -> Message {
    match event {
        LiveEvent::MessageChanged { message } => message,
        other => panic!("a change, not {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_reaches_people_of_another_process_once() {
    if !has_mongodb() {
        return;
    }
    let stage = Stage::start(Store::MongoDb).await;
    let other = stage.beside().await;
    let (ana, ben, room_id) = stage.pair().await;
    let (mut here, mut there) = (ana.connect().await, other.again(&ben).await.connect().await);
    let message_id = here.send(room_id, "frist").await.unwrap().message_id;
    let edit = Command::Edit { room_id, message_id, body: "first".into() };
    let react = Command::React { room_id, message_id, emoji: "👍".into(), on: true };
    let delete = Command::Delete { room_id, message_ids: vec![message_id] };
    let is_change = |event: &LiveEvent| matches!(event, LiveEvent::MessageChanged { .. });
    let mut revision = 1;
    for (command, by_ana) in [(edit, true), (react, false), (delete, true)] {
        let (by, to) = if by_ana { (&mut here, &mut there) } else { (&mut there, &mut here) };
        let id = by.command(command).await;
        by.answer(id).await.unwrap();
        revision += 1;
        // One after the other: each is found again by the looks that follow it, and told no second time.
        let is_it =
            |event: &LiveEvent| matches!(event, LiveEvent::MessageChanged { message } if message.revision == revision);
        let message = changed(to.event(is_it).await);
        assert_eq!(message.id, message_id);
        match revision {
            2 => assert_eq!(message.body.as_str(), "first"),
            3 => assert_eq!(message.reactions.first().map(|given| given.by.clone()), Some(vec![ben.user_id])),
            _ => assert!(message.deleted.is_some()),
        }
    }
    for (client, own) in [(&mut here, 2), (&mut there, 1)] {
        let rest: Vec<Message> = client.settle().await.into_iter().filter(is_change).map(changed).collect();
        assert_eq!(rest.len(), own, "each hears their own change from their own process: {rest:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_removed_by_another_process_hears_nothing_more() {
    if !has_mongodb() {
        return;
    }
    let stage = Stage::start(Store::MongoDb).await;
    let other = stage.beside().await;
    let (people, room_id) = stage.group(3).await;
    let (mut here, mut there) = (people[0].connect().await, other.again(&people[1]).await.connect().await);
    groups::remove(&stage.app, &people[0].session, room_id, people[1].user_id).await.unwrap();
    there.event(|event| matches!(event, LiveEvent::RoomGone { room_id: gone } if *gone == room_id)).await;
    let sent = here.send(room_id, "without you").await.unwrap();
    // Somebody of that process writes: whatever it missed is told with it, to those who are in.
    let mut third = other.again(&people[2]).await.connect().await;
    third.send(room_id, "indeed").await.unwrap();
    let heard = texts(&third.settle().await).iter().map(|(_, text)| (*text).to_owned()).collect::<Vec<_>>();
    assert!(heard.contains(&"indeed".to_owned()), "{heard:?}");
    assert!(texts(&there.settle().await).is_empty());
    let held = [(room_id, sent.seq - 1)];
    let snapshot = other.again(&people[1]).await;
    let mut again = crate::support::client::Client::open(&snapshot).await;
    assert!(again.hello(held, None).await.rooms.is_empty());
}
