//! What is unread, counted again by hand after each step of random histories.

use crate::support::server::Store;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::id::RoomId;
use lavender::model::{Message, PrefsChange, RoomSummary};
use lavender::server::App;
use lavender::server::service::{changes, groups, messages, pins, prefs, rooms};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

const STEPS: usize = 70;

on_both_stores! {
    async fn every_step_of_a_history_leaves_counts_that_a_recount_finds(store) {
        // A failure names its seed; `UNREAD_SEED` runs that one alone.
        let seeds: Vec<u64> = match std::env::var("UNREAD_SEED") {
            Ok(seed) => vec![seed.parse().unwrap()],
            Err(_) => vec![1, 2, rand::random()],
        };
        for seed in seeds {
            history(store, seed).await;
        }
    }
}

async fn history(store: Store, seed: u64) {
    let stage = Stage::start(store).await;
    let mut random = StdRng::seed_from_u64(seed);
    let (mut people, room) = stage.group(3).await;
    let late = stage.person("late").await;
    stage.app.db.direct_room(people[0].user_id, late.user_id, lavender::time::Timestamp::now()).await.unwrap();
    let mut seen = [0_u32; 2];
    for step in 0..STEPS {
        if step == STEPS / 2 {
            groups::add(&stage.app, &people[0].session, room, &[late.user_id]).await.unwrap();
            people.push(late.clone());
        }
        let what = take(&stage.app, &people, room, &mut random).await;
        for person in &people {
            let summary = rooms::summary(&stage.app, person.user_id, room).await.unwrap();
            let (count, mentions) = recount(&stage.app, person, &summary).await;
            let told = (summary.unread.count, summary.unread.mentions);
            assert_eq!(told, (count, mentions), "{} after {what}, step {step} of seed {seed}", person.username);
            assert_eq!(summary.unread.at_seq, summary.head_seq);
            seen[0] += u32::from(count > 0);
            seen[1] += u32::from(mentions > 0);
        }
    }
    assert!(seen[0] > 20 && seen[1] > 0, "there was something to count: {seen:?}");
}

/// From all messages there are.
async fn recount(app: &App, person: &Person, summary: &RoomSummary) -> (u32, u32) {
    let me = person.user_id;
    let own = summary.members.iter().find(|member| member.user_id == me).unwrap();
    let mark = summary.mine.unread_after(own.read_seq).max(own.joined_seq).max(own.cleared_seq);
    let all = app.db.page(summary.room.id, 0, None, Some(0), u16::MAX).await.unwrap();
    let counts = |message: &&Message| {
        message.seq > mark
            && message.author_id != me
            && message.system.is_none()
            && message.deleted.is_none()
            && !summary.mine.hidden.contains(&message.seq)
    };
    let counted: Vec<&Message> = all.iter().filter(counts).collect();
    let named = counted.iter().filter(|message| message.mentions.all || message.mentions.users.contains(&me));
    (counted.len() as u32, named.count() as u32)
}

/// One thing that somebody does, and its name. What is refused changes nothing.
async fn take(app: &App, people: &[Person], room: RoomId, random: &mut StdRng) -> String {
    let who = &people[random.random_range(0..people.len())];
    let other = &people[random.random_range(0..people.len())];
    let stored = app.db.page(room, 0, None, Some(0), u16::MAX).await.unwrap();
    let head = stored.last().map_or(0, |message| message.seq);
    let some = |random: &mut StdRng| (!stored.is_empty()).then(|| &stored[random.random_range(0..stored.len())]);
    let seq = |random: &mut StdRng| random.random_range(1..=head.max(1));
    let text = |random: &mut StdRng| match random.random_range(0..4) {
        0 => format!("hello @{}", other.username),
        1 => "hello @all".to_owned(),
        _ => "hello".to_owned(),
    };
    let done: Result<(), Error> = match random.random_range(0..20) {
        0..8 => {
            let body = text(random);
            let sent = who.connect().await.send(room, &body).await.unwrap();
            return format!("{} wrote {}: {body}", who.username, sent.seq);
        }
        8..10 => match some(random) {
            Some(message) => {
                let body = format!("{}, once more", text(random));
                changes::edit(app, message.author_id, room, message.id, &body).await
            }
            None => Ok(()),
        },
        10 => match some(random) {
            Some(message) => changes::delete(app, message.author_id, room, &[message.id]).await,
            None => Ok(()),
        },
        11 => match some(random) {
            Some(message) => changes::react(app, who.user_id, room, message.id, "👍", true).await,
            None => Ok(()),
        },
        12 => match some(random) {
            // A line of the room follows.
            Some(message) => pins::set(app, who.user_id, room, message.id, true).await,
            None => Ok(()),
        },
        13..16 => messages::mark(app, who.user_id, room, None, Some(seq(random))).await,
        16 => {
            let change = PrefsChange::UnreadFrom { seq: Some(seq(random)) };
            prefs::change(app, who.user_id, room, change).await
        }
        17..19 => {
            let change = PrefsChange::Hidden { seqs: vec![seq(random)], on: random.random_bool(0.7) };
            prefs::change(app, who.user_id, room, change).await
        }
        _ => {
            let change = PrefsChange::Cleared { upto: seq(random) / 2 };
            prefs::change(app, who.user_id, room, change).await
        }
    };
    format!("a change by {}: {done:?}", who.username)
}
