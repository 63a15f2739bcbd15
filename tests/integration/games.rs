//! Games in a room: begun by a message, played by acts, seen alike by all.

use crate::groups::trio;
use crate::support::client::Client;
use crate::support::stage::{Person, Stage};
use futures_util::future::join_all;
use lavender::Error;
use lavender::error::{Problem, What};
use lavender::id::{MessageId, RoomId, TxnId, UserId};
use lavender::live::{Command, LiveEvent, ServerFrame};
use lavender::model::game::{Face, Mark, Stage as Standing};
use lavender::model::limits::GAME_TURN_MS;
use lavender::model::{Bytes32, Coin, Extra, GameAct, Message, NewExtra, TicTacToe};
use lavender::server::service::{games, groups, people};
use lavender::time::Timestamp;

const NO_ROOM: Error = Error::NotFound { what: What::Room };
const NO_MESSAGE: Error = Error::NotFound { what: What::Message };

fn asking(room_id: RoomId, extra: NewExtra, reply_to: Option<MessageId>) -> Command {
    let (txn_id, body) = (TxnId::new(), String::new());
    Command::Send { room_id, txn_id, body, reply_to, forward: None, files: Vec::new(), extra: Some(extra) }
}

async fn sent(client: &mut Client, command: Command) -> Result<MessageId, Error> {
    let id = client.command(command).await;
    match client.answer(id).await? {
        ServerFrame::Ack { message_id, .. } => Ok(message_id),
        other => panic!("an ack, not {other:?}"),
    }
}

async fn begin(client: &mut Client, room_id: RoomId, extra: NewExtra) -> Result<MessageId, Error> {
    sent(client, asking(room_id, extra, None)).await
}

async fn act(client: &mut Client, room_id: RoomId, message_id: MessageId, act: GameAct) -> Result<(), Error> {
    let id = client.command(Command::Play { room_id, message_id, act }).await;
    client.answer(id).await.map(drop)
}

fn mark(turn: u8, cell: u8) -> GameAct {
    GameAct::Mark { turn, cell }
}

async fn stored(person: &Person, id: MessageId) -> Message {
    person.app.db.message(id).await.unwrap().unwrap()
}

async fn coin(person: &Person, id: MessageId) -> Coin {
    match stored(person, id).await.extra {
        Some(Extra::Coin(coin)) => coin,
        other => panic!("a coin, not {other:?}"),
    }
}

async fn game(person: &Person, id: MessageId) -> TicTacToe {
    match stored(person, id).await.extra {
        Some(Extra::TicTacToe(game)) => game,
        other => panic!("a game, not {other:?}"),
    }
}

fn changed(events: Vec<LiveEvent>) -> Vec<Message> {
    let message = |event| match event {
        LiveEvent::MessageChanged { message } => Some(message),
        _ => None,
    };
    events.into_iter().filter_map(message).collect()
}

on_both_stores! {
    async fn a_coin_falls_alike_for_all_and_everybody_can_check_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut tab, mut ben_client) = (ana.connect().await, ben.connect().await);
        let id = begin(&mut tab, room, NewExtra::Flip).await.unwrap();
        let open = coin(&ana, id).await;
        assert_eq!(open.landed, None, "the server can't let it fall alone");
        let nonce = Bytes32::random();
        for client in [&mut tab, &mut ben_client] {
            client.settle().await;
        }
        act(&mut tab, room, id, GameAct::Nonce { nonce }).await.unwrap();
        act(&mut tab, room, id, GameAct::Nonce { nonce }).await.unwrap();
        let landed = stored(&ana, id).await;
        assert_eq!(landed.revision, 2);
        for client in [&mut tab, &mut ben_client] {
            assert_eq!(changed(client.settle().await), std::slice::from_ref(&landed), "once, and the same for both");
        }
        let Some(Extra::Coin(fallen)) = &landed.extra else { panic!("a coin") };
        assert_eq!(fallen.commitment, open.commitment, "what it was bound to");
        assert_eq!(fallen.landed.as_ref().unwrap().nonce, nonce);
        assert!(fallen.is_fair(id));
    }

    async fn only_the_flipper_gives_a_nonce_and_only_once(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut tab, mut phone) = (ana.connect().await, stage.again(&ana).await.connect().await);
        let mut ben_client = ben.connect().await;
        let id = begin(&mut tab, room, NewExtra::Flip).await.unwrap();
        let nonce = || GameAct::Nonce { nonce: Bytes32::random() };
        assert_eq!(act(&mut ben_client, room, id, nonce()).await, Err(Error::Forbidden));
        assert_eq!(act(&mut tab, room, id, GameAct::Accept).await, Err(Error::invalid("act", Problem::BadFormat)));
        let (first, second) = tokio::join!(act(&mut tab, room, id, nonce()), act(&mut phone, room, id, nonce()));
        let outcomes = [first, second];
        assert!(outcomes.contains(&Ok(())) && outcomes.contains(&Err(Error::Conflict)), "{outcomes:?}");
        let fallen = coin(&ana, id).await;
        assert_eq!(act(&mut tab, room, id, nonce()).await, Err(Error::Conflict));
        assert_eq!(coin(&ana, id).await, fallen);
    }

    async fn coins_are_bound_to_seeds_of_their_own(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let nonce = Bytes32::random();
        let mut faces = Vec::new();
        for _ in 0..24 {
            let id = begin(&mut client, room, NewExtra::Flip).await.unwrap();
            act(&mut client, room, id, GameAct::Nonce { nonce }).await.unwrap();
            faces.push(coin(&ana, id).await.landed.unwrap().face);
        }
        // All alike once in eight million runs.
        assert!(faces.contains(&Face::Heads) && faces.contains(&Face::Tails), "{faces:?}");
    }

    async fn a_die_is_thrown_by_the_server_once(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut client = ana.connect().await;
        let mut values = Vec::new();
        for _ in 0..40 {
            let command = asking(room, NewExtra::Roll { sides: 3 }, None);
            let id = sent(&mut client, command.clone()).await.unwrap();
            assert_eq!(sent(&mut client, command).await, Ok(id), "a repetition throws no second one");
            let Some(Extra::Roll(roll)) = stored(&ana, id).await.extra else { panic!("a die") };
            values.push((roll.sides, roll.value.unwrap()));
        }
        assert!(values.iter().all(|(sides, value)| *sides == 3 && (1..=3).contains(value)), "{values:?}");
        // One of three missing in forty: once in four million runs.
        assert!((1..=3).all(|value| values.contains(&(3, value))), "{values:?}");
        for sides in [0, 1, 101, 255] {
            let refused = begin(&mut client, room, NewExtra::Roll { sides }).await;
            assert_eq!(refused, Err(Error::invalid("sides", Problem::OutOfRange)), "{sides}");
        }
    }

    async fn a_game_goes_from_the_challenge_to_the_line_and_a_rematch_swaps_sides(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut a, mut b) = (ana.connect().await, ben.connect().await);
        let id = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        assert_eq!(game(&ana, id).await.opponent, Some(ben.user_id), "of two, the other one");
        assert_eq!(act(&mut a, room, id, GameAct::Accept).await, Err(Error::Forbidden));
        act(&mut b, room, id, GameAct::Accept).await.unwrap();
        assert_eq!(act(&mut b, room, id, mark(0, 0)).await, Err(Error::Conflict), "X begins");
        for (turn, cell) in [0, 3, 1, 4].into_iter().enumerate() {
            let turn = turn as u8;
            let client = if turn.is_multiple_of(2) { &mut a } else { &mut b };
            act(client, room, id, mark(turn, cell)).await.unwrap();
        }
        assert_eq!(act(&mut a, room, id, mark(4, 3)).await, Err(Error::Conflict), "taken");
        assert_eq!(act(&mut a, room, id, mark(4, 9)).await, Err(Error::invalid("cell", Problem::OutOfRange)));
        act(&mut a, room, id, mark(4, 2)).await.unwrap();
        act(&mut a, room, id, mark(4, 2)).await.unwrap();
        let won = stored(&ana, id).await;
        assert_eq!(won.revision, 7, "each act is one revision, a repeated one none");
        assert_eq!(game(&ana, id).await.stage, Standing::Won { by: ana.user_id, line: [0, 1, 2] });
        assert_eq!(changed(b.settle().await).pop(), Some(won));
        let again = NewExtra::TicTacToe { with: Some(ana.user_id) };
        let second = sent(&mut b, asking(room, again, Some(id))).await.unwrap();
        let rematch = game(&ben, second).await;
        assert_eq!((rematch.player(Mark::X), rematch.player(Mark::O)), (Some(ben.user_id), Some(ana.user_id)));
        assert_eq!((rematch.wins_of(ana.user_id), rematch.wins_of(ben.user_id)), (1, 0));
        act(&mut a, room, second, GameAct::Accept).await.unwrap();
        act(&mut a, room, second, GameAct::Resign).await.unwrap();
        assert_eq!(game(&ana, second).await.winner(), Some(ben.user_id));
        // An answer to a game that goes on is a new game, not a rematch.
        let open = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        let new = sent(&mut a, asking(room, NewExtra::TicTacToe { with: None }, Some(open))).await.unwrap();
        assert_eq!(game(&ana, new).await.wins, [0, 0]);
    }

    async fn of_moves_at_the_same_moment_one_counts_and_the_others_learn_how_it_stands(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut a, mut b) = (ana.connect().await, ben.connect().await);
        let id = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        act(&mut b, room, id, GameAct::Accept).await.unwrap();
        let now = Timestamp::now();
        let tries = (0..9).map(|cell| {
            let (app, me) = (stage.app.clone(), ana.user_id);
            async move { games::play(&app, me, room, id, &mark(0, cell), now).await }
        });
        let outcomes = join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(Error::Conflict))), "{outcomes:?}");
        let state = stored(&ana, id).await;
        assert_eq!((game(&ana, id).await.turn(), state.revision), (1, 3));
        a.settle().await;
        let taken = game(&ana, id).await.moves[0];
        assert_eq!(act(&mut a, room, id, mark(0, (taken + 1) % 9)).await, Err(Error::Conflict));
        assert_eq!(changed(a.settle().await), [state], "the board as it is");
    }

    async fn a_reaction_between_two_moves_costs_neither(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut a, mut b) = (ana.connect().await, ben.connect().await);
        let id = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        act(&mut b, room, id, GameAct::Accept).await.unwrap();
        let react = |n: usize| {
            let (app, me) = (stage.app.clone(), ben.user_id);
            let emoji = ["👍", "🎉", "❤️", "😂"][n];
            async move { lavender::server::service::changes::react(&app, me, room, id, emoji, true).await }
        };
        let first = mark(0, 4);
        let play = games::play(&stage.app, ana.user_id, room, id, &first, Timestamp::now());
        let (played, reacted) = tokio::join!(play, join_all((0..4).map(react)));
        assert_eq!(played, Ok(()));
        assert!(reacted.iter().all(Result::is_ok), "{reacted:?}");
        let message = stored(&ana, id).await;
        assert_eq!((message.reactions.len(), game(&ana, id).await.moves), (4, vec![4]));
    }

    async fn strangers_and_those_who_went_play_nothing_and_others_watch(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, cleo, room) = trio(&stage).await;
        let (mut a, mut b, mut c) = (ana.connect().await, ben.connect().await, cleo.connect().await);
        let mut stranger = stage.person("dora").await.connect().await;
        let named = NewExtra::TicTacToe { with: Some(ben.user_id) };
        let id = begin(&mut a, room, named).await.unwrap();
        assert_eq!(act(&mut stranger, room, id, GameAct::Accept).await, Err(NO_ROOM));
        assert_eq!(act(&mut c, room, id, GameAct::Accept).await, Err(Error::Forbidden), "not the one who is asked");
        assert_eq!(act(&mut c, room, id, GameAct::Decline).await, Err(Error::Forbidden));
        assert_eq!(act(&mut c, room, id, GameAct::Cancel).await, Err(Error::Forbidden));
        act(&mut b, room, id, GameAct::Accept).await.unwrap();
        assert_eq!(act(&mut c, room, id, mark(0, 0)).await, Err(Error::Forbidden), "who watches");
        assert_eq!(act(&mut c, room, id, GameAct::Resign).await, Err(Error::Forbidden));
        c.settle().await;
        act(&mut a, room, id, mark(0, 0)).await.unwrap();
        assert_eq!(changed(c.settle().await).len(), 1, "but sees it");
        groups::remove(&stage.app, &ana.session, room, ben.user_id).await.unwrap();
        assert_eq!(act(&mut b, room, id, mark(1, 1)).await, Err(NO_ROOM));
        assert_eq!(game(&ana, id).await.turn(), 1);
        // Of another room, by its id.
        let (other, _, elsewhere) = stage.pair().await;
        let mut o = other.connect().await;
        assert_eq!(act(&mut o, elsewhere, id, GameAct::Accept).await, Err(NO_MESSAGE));
        for nobody in [UserId::new(), ana.user_id, other.user_id] {
            let refused = begin(&mut a, room, NewExtra::TicTacToe { with: Some(nobody) }).await;
            assert_eq!(refused, Err(Error::invalid("with", Problem::NoMatch)));
        }
    }

    async fn of_many_who_take_an_open_challenge_one_plays(store) {
        let stage = Stage::start(store).await;
        let (members, room) = stage.group(6).await;
        let mut first = members[0].connect().await;
        let id = begin(&mut first, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        assert_eq!(game(&members[0], id).await.opponent, None);
        let now = Timestamp::now();
        let tries = members[1..].iter().map(|person| games::play(&stage.app, person.user_id, room, id, &GameAct::Accept, now));
        let outcomes = join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let playing = game(&members[0], id).await;
        let winner = outcomes.iter().position(Result::is_ok).unwrap() + 1;
        assert_eq!((playing.stage, playing.opponent), (Standing::Playing, Some(members[winner].user_id)));
    }

    async fn what_comes_too_late_is_refused_and_nothing_is_written_for_it(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let mut a = ana.connect().await;
        let id = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        let play = |who: UserId, act: GameAct, at: Timestamp| {
            let app = stage.app.clone();
            async move { games::play(&app, who, room, id, &act, at).await }
        };
        let offered = game(&ana, id).await.deadline;
        assert_eq!(play(ben.user_id, GameAct::Accept, offered).await, Err(Error::Conflict));
        assert_eq!(play(ben.user_id, GameAct::Accept, offered.plus_ms(-1)).await, Ok(()));
        let playing = game(&ana, id).await;
        assert_eq!(playing.deadline, offered.plus_ms(GAME_TURN_MS - 1), "each act gives a day");
        assert_eq!(play(ana.user_id, mark(0, 0), playing.deadline).await, Err(Error::Conflict));
        assert_eq!(play(ben.user_id, GameAct::Resign, playing.deadline).await, Err(Error::Conflict));
        assert_eq!(game(&ana, id).await, playing);
        assert!(playing.is_late(playing.deadline) && playing.winner().is_none());
    }

    async fn a_block_or_a_ban_on_writing_stops_a_game(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut a, mut b) = (ana.connect().await, ben.connect().await);
        let id = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        act(&mut b, room, id, GameAct::Accept).await.unwrap();
        people::set_block(&stage.app, &ben.session, ana.user_id, true).await.unwrap();
        assert_eq!(act(&mut a, room, id, mark(0, 0)).await, Err(Error::Unreachable));
        assert_eq!(act(&mut b, room, id, GameAct::Resign).await, Err(Error::Unreachable));
        assert_eq!(begin(&mut a, room, NewExtra::Flip).await, Err(Error::Unreachable));
    }

    async fn a_game_is_deleted_like_any_message_and_neither_edited_nor_passed_on(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut a = ana.connect().await;
        let id = begin(&mut a, room, NewExtra::Flip).await.unwrap();
        let edit = a.command(Command::Edit { room_id: room, message_id: id, body: "heads!".into() }).await;
        assert_eq!(a.answer(edit).await.err(), Some(Error::Forbidden));
        let forward = Command::Send {
            room_id: room,
            txn_id: TxnId::new(),
            body: String::new(),
            reply_to: None,
            forward: Some(id),
            files: Vec::new(),
            extra: None,
        };
        assert_eq!(sent(&mut a, forward).await, Err(Error::Forbidden));
        let delete = a.command(Command::Delete { room_id: room, message_ids: vec![id] }).await;
        a.answer(delete).await.unwrap();
        assert_eq!(stored(&ana, id).await.extra, None);
        let nonce = GameAct::Nonce { nonce: Bytes32::random() };
        assert_eq!(act(&mut a, room, id, nonce.clone()).await, Err(Error::Conflict));
        let text = a.send(room, "no game").await.unwrap().message_id;
        assert_eq!(act(&mut a, room, text, nonce).await, Err(Error::invalid("message_id", Problem::NoMatch)));
    }

    async fn a_game_says_nothing_else(store) {
        let stage = Stage::start(store).await;
        let (ana, _, room) = stage.pair().await;
        let mut a = ana.connect().await;
        let flip = |body: &str, forward| Command::Send {
            room_id: room,
            txn_id: TxnId::new(),
            body: body.into(),
            reply_to: None,
            forward,
            files: Vec::new(),
            extra: Some(NewExtra::Flip),
        };
        assert_eq!(sent(&mut a, flip("heads I win", None)).await, Err(Error::invalid("body", Problem::TooLong)));
        let text = a.send(room, "a text").await.unwrap().message_id;
        let refused = sent(&mut a, flip("", Some(text))).await;
        assert_eq!(refused, Err(Error::invalid("forward", Problem::OutOfRange)));
        // The same transaction with another game, or with a text, is another message.
        let first = asking(room, NewExtra::Flip, None);
        let Command::Send { txn_id, .. } = first else { unreachable!() };
        let id = sent(&mut a, first).await.unwrap();
        for (body, extra) in [("", Some(NewExtra::Roll { sides: 6 })), ("flip", None)] {
            let command = Command::Send {
                room_id: room,
                txn_id,
                body: body.into(),
                reply_to: None,
                forward: None,
                files: Vec::new(),
                extra,
            };
            assert_eq!(sent(&mut a, command).await, Err(Error::Conflict));
        }
        assert!(matches!(stored(&ana, id).await.extra, Some(Extra::Coin(_))));
    }

    async fn a_game_is_in_what_a_device_catches_up_on(store) {
        let stage = Stage::start(store).await;
        let (ana, ben, room) = stage.pair().await;
        let (mut a, mut b) = (ana.connect().await, ben.connect().await);
        let id = begin(&mut a, room, NewExtra::TicTacToe { with: None }).await.unwrap();
        act(&mut b, room, id, GameAct::Accept).await.unwrap();
        let (_, snapshot) = stage.again(&ben).await.connect_with().await;
        let last = snapshot.rooms.into_iter().find(|summary| summary.room.id == room).unwrap().last.unwrap();
        assert_eq!(last, stored(&ana, id).await);
    }
}

/// A coin that one process bound itself to falls on another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coin_falls_on_another_process() {
    if !crate::support::server::has_mongodb() {
        return;
    }
    let one = Stage::start(crate::support::server::Store::MongoDb).await;
    let two = one.beside().await;
    let (ana, _, room) = one.pair().await;
    let mut here = ana.connect().await;
    let id = begin(&mut here, room, NewExtra::Flip).await.unwrap();
    let mut there = two.again(&ana).await.connect().await;
    act(&mut there, room, id, GameAct::Nonce { nonce: Bytes32::random() }).await.unwrap();
    assert!(coin(&ana, id).await.is_fair(id));
    let is_it = |event: &LiveEvent| matches!(event, LiveEvent::MessageChanged { message } if message.id == id);
    here.event(is_it).await;
}
