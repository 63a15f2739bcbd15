//! The assistant: one account that answers where it is asked, as a member would, and once.

use crate::support::client::Client;
use crate::support::server::Store;
use crate::support::stage::{Person, Stage};
use lavender::Error;
use lavender::id::{RoomId, TxnId};
use lavender::live::{Command, LiveEvent, ServerFrame};
use lavender::model::game::Stage as Standing;
use lavender::model::{Extra, GameAct, MemoryAct, Message, NewExtra, RequestOutcome, TicTacToe};
use lavender::server::service::assistant::{self, ID};
use lavender::server::service::{accounts, groups, memory, moderation, people, requests, start};
use lavender::server::session::{FormFlash, MaybeSession};

async fn stage(store: Store) -> Stage {
    let stage = Stage::start(store).await;
    assistant::begin(&stage.app).await.unwrap();
    stage
}

async fn talk(person: &Person, intro: &str) -> RoomId {
    match requests::send(&person.app, &person.session, ID, intro).await.unwrap() {
        RequestOutcome::Connected { room } => room.room.id,
        RequestOutcome::Waiting { .. } => panic!("it waits for nothing"),
    }
}

/// The next thing that the assistant writes and that fits.
async fn answer(client: &mut Client, fits: impl Fn(&Message) -> bool) -> Message {
    let is_it =
        |event: &LiveEvent| matches!(event, LiveEvent::Message { message } if message.author_id == ID && fits(message));
    match client.event(is_it).await {
        LiveEvent::Message { message } => message,
        _ => unreachable!("it was looked at"),
    }
}

async fn changed(client: &mut Client, fits: impl Fn(&Message) -> bool) -> Message {
    match client.event(|event| matches!(event, LiveEvent::MessageChanged { message } if fits(message))).await {
        LiveEvent::MessageChanged { message } => message,
        _ => unreachable!("it was looked at"),
    }
}

async fn history(person: &Person, room_id: RoomId) -> Vec<Message> {
    person.app.db.page(room_id, 0, None, None, 100).await.unwrap()
}

fn game(message: &Message) -> &TicTacToe {
    match &message.extra {
        Some(Extra::TicTacToe(game)) => game,
        other => panic!("a game, not {other:?}"),
    }
}

async fn is_read(client: &mut Client, upto: u64) {
    let is_it = |event: &LiveEvent| matches!(event, LiveEvent::Watermark { user_id, read_seq, .. } if *user_id == ID && *read_seq >= upto);
    client.event(is_it).await;
}

on_both_stores! {
    async fn a_word_to_it_is_a_room_and_an_answer_at_once(store) {
        let stage = stage(store).await;
        let ana = stage.person("ana").await;
        let mut client = ana.connect().await;
        let room = talk(&ana, "Hello!").await;
        let said = answer(&mut client, |_| true).await;
        assert_eq!((said.room_id, said.reply_to), (room, None));
        assert!(!said.body.as_str().is_empty());
        // It says what it is where it is asked for a talk.
        client.send(room, "What do you think of the war of the roses?").await.unwrap();
        let said = answer(&mut client, |_| true).await;
        assert!(said.body.as_str().contains("language model"), "{}", said.body.as_str());
        assert_eq!(talk(&ana, "And again").await, room, "one room of two");
        let lavender::model::Start::SignedIn(first) =
            start::start(&ana.app, &MaybeSession(Some(ana.session)), FormFlash::default(), None).await.unwrap()
        else { panic!("signed in") };
        assert!(first.assistant.is_some_and(|person| person.is_bot && person.id == ID));
    }

    async fn it_does_what_it_is_asked_for_by_the_servers_chance(store) {
        let stage = stage(store).await;
        let ana = stage.person("ana").await;
        let mut client = ana.connect().await;
        let room = talk(&ana, "Hi").await;
        answer(&mut client, |_| true).await;
        client.send(room, "Roll a d20").await.unwrap();
        let rolled = answer(&mut client, |message| message.extra.is_some()).await;
        let Some(Extra::Roll(roll)) = rolled.extra else { panic!("a roll") };
        assert!(roll.sides == 20 && (1..=20).contains(&roll.value.unwrap()));
        client.send(room, "flip a coin, please").await.unwrap();
        let flipped = answer(&mut client, |message| matches!(message.extra, Some(Extra::Coin(_)))).await;
        let landed = changed(&mut client, |message| message.id == flipped.id).await;
        let Some(Extra::Coin(coin)) = landed.extra else { panic!("a coin") };
        assert!(coin.is_fair(flipped.id), "everybody can check it");
        client.send(room, "send me a gif of a party").await.unwrap();
        let sent = answer(&mut client, |message| message.extra.is_some()).await;
        assert!(matches!(sent.extra, Some(Extra::Gif(_))), "{sent:?}");
        let thanks = client.send(room, "Thank you!").await.unwrap();
        let liked = changed(&mut client, |message| message.id == thanks.message_id).await;
        assert!(liked.reactions.iter().any(|reaction| reaction.by.contains(&ID)), "{liked:?}");
    }

    async fn in_a_group_it_is_silent_until_it_is_meant(store) {
        let stage = stage(store).await;
        let (members, room) = stage.group(2).await;
        let [ana, ben] = members.as_slice() else { panic!("two") };
        let mut client = ana.connect().await;
        let mut ben_client = ben.connect().await;
        let unheard = client.send(room, "@lavender flip a coin").await.unwrap();
        let added = groups::add(&ana.app, &ana.session, room, &[ID]).await.unwrap();
        assert_eq!(added.added, [ID], "nobody has to ask it");
        let plain = ben_client.send(room, "flip a coin").await.unwrap();
        is_read(&mut client, plain.seq).await;
        let meant = ben_client.send(room, "@lavender roll a die").await.unwrap();
        let said = answer(&mut client, |message| message.extra.is_some()).await;
        assert_eq!(said.reply_to.unwrap().message_id, meant.message_id);
        assert!(matches!(said.extra, Some(Extra::Roll(_))));
        // An answer to what it said is meant for it, too.
        let command = Command::Send {
            room_id: room,
            txn_id: TxnId::new(),
            body: "Who are you?".into(),
            reply_to: Some(said.id),
            forward: None,
            files: Vec::new(),
            extra: None,
        };
        let id = ben_client.command(command).await;
        let ServerFrame::Ack { message_id, .. } = ben_client.answer(id).await.unwrap() else { panic!("an ack") };
        let answers = |message: &Message| message.reply_to.is_some_and(|reply| reply.message_id == message_id);
        let about = answer(&mut client, answers).await;
        assert!(about.body.as_str().contains("language model"), "{}", about.body.as_str());
        let texts = history(ana, room).await;
        let answered = |id| texts.iter().filter(|m| m.author_id == ID && m.reply_to.is_some_and(|r| r.message_id == id)).count();
        assert_eq!((answered(unheard.message_id), answered(plain.message_id)), (0, 0));
        assert!(answered(meant.message_id) >= 1 && answered(message_id) == 1);
        assert!(!texts.iter().any(|m| matches!(m.extra, Some(Extra::Coin(_)))), "nothing that nobody asked it for");
    }

    async fn those_who_lead_a_room_have_it_be_silent_there(store) {
        let stage = stage(store).await;
        let (members, room) = stage.group(2).await;
        let [ana, ben] = members.as_slice() else { panic!("two") };
        let mut client = ana.connect().await;
        groups::add(&ana.app, &ana.session, room, &[ID]).await.unwrap();
        let act = |on| MemoryAct::Answers { on };
        assert_eq!(memory::act(&ben.app, &ben.session, room, act(false)).await.unwrap_err(), Error::Forbidden);
        assert!(memory::act(&ana.app, &ana.session, room, act(false)).await.unwrap().memory.is_silent);
        let unheard = client.send(room, "@lavender flip a coin").await.unwrap();
        is_read(&mut client, unheard.seq).await;
        memory::act(&ana.app, &ana.session, room, act(true)).await.unwrap();
        memory::act(&ana.app, &ana.session, room, MemoryAct::Reactions { on: false }).await.unwrap();
        let thanks = client.send(room, "Thank you, @lavender!").await.unwrap();
        is_read(&mut client, thanks.seq).await;
        client.send(room, "@lavender roll a die").await.unwrap();
        let said = answer(&mut client, |message| message.extra.is_some()).await;
        assert!(matches!(said.extra, Some(Extra::Roll(_))), "what was asked while it was off is not answered: {said:?}");
        let texts = history(ana, room).await;
        assert!(!texts.iter().any(|message| message.reactions.iter().any(|one| one.by.contains(&ID))));
        memory::act(&ana.app, &ana.session, room, MemoryAct::Reactions { on: true }).await.unwrap();
        let thanks = client.send(room, "Thank you, @lavender!").await.unwrap();
        changed(&mut client, |message| message.id == thanks.message_id).await;
    }

    async fn it_takes_a_challenge_and_never_loses(store) {
        let stage = stage(store).await;
        let ana = stage.person("ana").await;
        let mut client = ana.connect().await;
        let room = talk(&ana, "Hi").await;
        answer(&mut client, |_| true).await;
        let offer = Command::Send {
            room_id: room,
            txn_id: TxnId::new(),
            body: String::new(),
            reply_to: None,
            forward: None,
            files: Vec::new(),
            extra: Some(NewExtra::TicTacToe { with: None }),
        };
        let id = client.command(offer).await;
        let ServerFrame::Ack { message_id, .. } = client.answer(id).await.unwrap() else { panic!("an ack") };
        let is_mine = |message: &Message| {
            message.id == message_id && (game(message).next() == Some(ana.user_id) || !game(message).is_open())
        };
        let mut now = changed(&mut client, is_mine).await;
        assert_eq!(game(&now).opponent, Some(ID), "it said yes");
        while game(&now).is_open() {
            let board = game(&now).clone();
            // As somebody plays who takes the first free cell.
            let cell = (0..9).find(|cell| board.at(*cell).is_none()).unwrap();
            let act = GameAct::Mark { turn: board.turn(), cell };
            let id = client.command(Command::Play { room_id: room, message_id, act }).await;
            client.answer(id).await.unwrap();
            now = changed(&mut client, is_mine).await;
        }
        let end = game(&now).stage;
        assert!(matches!(end, Standing::Drawn | Standing::Won { by: ID, .. }), "{end:?}");
    }

    async fn nobody_is_it_and_who_may_not_write_it_does_not_either(store) {
        let stage = stage(store).await;
        let ana = stage.person("ana").await;
        let mut client = ana.connect().await;
        let device = accounts::Device { address: [127, 0, 0, 1].into(), user_agent: String::new(), trusted_for: None };
        for login in ["lavender", "lavender@assistant.invalid"] {
            let outcome = accounts::sign_in(&ana.app, login, "violet otter under 7 bridges".into(), &device).await;
            assert_eq!(outcome.err(), Some(Error::BadCredentials), "{login}");
        }
        let room = talk(&ana, "Hi").await;
        answer(&mut client, |_| true).await;
        people::set_block(&ana.app, &ana.session, ID, true).await.unwrap();
        assert_eq!(client.send(room, "Hello?").await, Err(Error::Unreachable));
        people::set_block(&ana.app, &ana.session, ID, false).await.unwrap();
        // Muted by an admin, it keeps silent.
        let admin = stage.person_as("admin", |row| row.is_admin = true).await;
        moderation::set_mute(&admin.app, &admin.session, ID, 1).await.unwrap();
        let unheard = client.send(room, "Hello?").await.unwrap();
        moderation::set_mute(&admin.app, &admin.session, ID, 0).await.unwrap();
        client.send(room, "Hello again!").await.unwrap();
        let said = answer(&mut client, |_| true).await;
        let after: Vec<_> = history(&ana, room).await.into_iter().filter(|message| message.seq > unheard.seq).collect();
        assert_eq!(after.iter().filter(|message| message.author_id == ID).count(), 1, "{after:?}");
        assert_eq!(after.last().map(|message| message.id), Some(said.id));
    }

    async fn switched_off_it_is_not_there(store) {
        let stage = Stage::start_with(store, |config| config.assistant = false).await;
        assistant::begin(&stage.app).await.unwrap();
        let ana = stage.person("ana").await;
        assert!(people::find(&ana.app, &ana.session, "lavender").await.unwrap().is_empty());
        assert!(requests::send(&ana.app, &ana.session, ID, "Hi").await.is_err());
        let outcome = start::start(&ana.app, &MaybeSession(Some(ana.session)), FormFlash::default(), None).await;
        let lavender::model::Start::SignedIn(first) = outcome.unwrap() else { panic!("signed in") };
        assert_eq!(first.assistant, None);
    }
}

/// Of two processes that begin at one moment, both have the same account.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_make_one_account() {
    if !crate::support::server::has_mongodb() {
        return;
    }
    let one = Stage::start(Store::MongoDb).await;
    let two = one.beside().await;
    let (first, second) = tokio::join!(assistant::begin(&one.app), assistant::begin(&two.app));
    first.unwrap();
    second.unwrap();
    let (ana, ben) = (one.person("ana").await, two.person("ben").await);
    let mut client = ben.connect().await;
    let room = talk(&ben, "Hi").await;
    answer(&mut client, |_| true).await;
    assert_ne!(talk(&ana, "Hi").await, room);
}
