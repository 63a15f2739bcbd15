use super::*;
use crate::model::Extra;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp(1_000);

fn two() -> (UserId, UserId) {
    (UserId::new(), UserId::new())
}

fn playing(ana: UserId, ben: UserId) -> TicTacToe {
    let mut game = TicTacToe::offer(ana, Some(ben), NOW);
    assert_eq!(game.play(ben, &GameAct::Accept, NOW), Ok(true));
    game
}

/// Both in turns, the one with X first.
fn play_out(game: &mut TicTacToe, cells: &[u8]) {
    for cell in cells {
        let (by, turn) = (game.next().expect("somebody is to move"), game.turn());
        assert_eq!(game.play(by, &GameAct::Mark { turn, cell: *cell }, NOW), Ok(true), "cell {cell}");
    }
}

#[test]
fn thirty_two_bytes_are_read_as_they_are_written_and_nothing_else_is() {
    let bytes = Bytes32::random();
    assert_ne!(bytes, Bytes32::random());
    let text = serde_json::to_string(&bytes).expect("JSON");
    assert_eq!(text.len(), 66);
    assert_eq!(serde_json::from_str::<Bytes32>(&text).expect("32 bytes"), bytes);
    let whole = "0".repeat(64);
    let bad = [whole[1..].to_owned(), format!("{whole}0"), format!("{}F", &whole[1..]), format!("{}é", &whole[2..])];
    for text in bad.iter().map(|text| format!("\"{text}\"")).chain(["\"\"".to_owned(), "0".to_owned()]) {
        assert!(serde_json::from_str::<Bytes32>(&text).is_err(), "{text}");
    }
}

#[test]
fn a_coin_lands_once_and_anybody_can_check_it() {
    let (seed, nonce, id) = (Bytes32::random(), Bytes32::random(), MessageId::new());
    let mut coin = Coin::thrown(&seed);
    assert!(!coin.is_fair(id), "it is in the air");
    assert_eq!(coin.land(Bytes32::random(), nonce, id), Err(Error::Conflict), "another seed");
    assert_eq!(coin.land(seed, nonce, id), Ok(true));
    assert_eq!(coin.land(seed, nonce, id), Ok(false));
    assert_eq!(coin.land(seed, Bytes32::random(), id), Err(Error::Conflict), "it lies already");
    assert!(coin.is_fair(id));
    // Another message has the other face half the time: in all of 64 the same one once in 10^19 runs.
    assert!((0..64).any(|_| !coin.is_fair(MessageId::new())), "the face is of this message");
    let landed = coin.landed.clone().expect("it lies");
    let turned = if landed.face == Face::Heads { Face::Tails } else { Face::Heads };
    let loaded = [Landed { face: turned, ..landed.clone() }, Landed { seed: Bytes32::random(), ..landed }];
    for landed in loaded {
        assert!(!Coin { landed: Some(landed), ..coin.clone() }.is_fair(id));
    }
}

/// A known answer, so that a page of another version, or another program, comes to the same.
#[test]
fn a_face_is_the_last_bit_of_the_hash() {
    let id = MessageId("0190a6f4-0000-7000-8000-000000000001".parse().expect("an id"));
    let (seed, nonce) = (Bytes32([1; 32]), Bytes32([2; 32]));
    let mut bytes = vec![1; 32];
    bytes.extend([2; 32]);
    bytes.extend(id.0.as_bytes());
    let last = Sha256::digest(&bytes)[31];
    let mut coin = Coin::thrown(&seed);
    coin.land(seed, nonce, id).expect("it lands");
    let expected = if last.is_multiple_of(2) { Face::Heads } else { Face::Tails };
    assert_eq!(coin.landed.expect("it lies").face, expected);
}

#[test]
fn both_faces_come() {
    let seed = Bytes32::random();
    let heads = (0..400).filter(|_| face(&seed, &Bytes32::random(), MessageId::new()) == Face::Heads).count();
    // Outside of this once in 10^22 runs.
    assert!((100..300).contains(&heads), "{heads} of 400");
}

#[test]
fn sides_are_bounded() {
    for (sides, fits) in [(0, false), (1, false), (2, true), (6, true), (100, true), (101, false)] {
        assert_eq!(Roll::check(sides).is_ok(), fits, "{sides}");
    }
}

#[test]
fn a_named_challenge_is_for_the_named_one() {
    let (ana, ben) = two();
    let cara = UserId::new();
    let mut game = TicTacToe::offer(ana, Some(ben), NOW);
    assert_eq!(game.play(cara, &GameAct::Accept, NOW), Err(Error::Forbidden));
    assert_eq!(game.play(ana, &GameAct::Accept, NOW), Err(Error::Forbidden), "against oneself");
    assert_eq!(game.play(cara, &GameAct::Decline, NOW), Err(Error::Forbidden));
    assert_eq!(game.play(ben, &GameAct::Cancel, NOW), Err(Error::Forbidden));
    assert_eq!(game.play(ben, &GameAct::Mark { turn: 0, cell: 0 }, NOW), Err(Error::Conflict), "not accepted yet");
    let mut declined = game.clone();
    assert_eq!(declined.play(ben, &GameAct::Decline, NOW), Ok(true));
    assert_eq!(declined.play(ben, &GameAct::Decline, NOW), Ok(false), "once more");
    assert_eq!(declined.play(ben, &GameAct::Accept, NOW), Err(Error::Conflict));
    let mut cancelled = game.clone();
    assert_eq!(cancelled.play(ana, &GameAct::Cancel, NOW), Ok(true));
    assert_eq!(cancelled.play(ben, &GameAct::Accept, NOW), Err(Error::Conflict));
    assert_eq!(game.play(ben, &GameAct::Accept, NOW), Ok(true));
    assert_eq!(game.play(ben, &GameAct::Accept, NOW), Ok(false), "once more");
    assert_eq!(game.play(ana, &GameAct::Cancel, NOW), Err(Error::Conflict), "too late to cancel");
}

#[test]
fn an_open_challenge_is_for_the_first() {
    let (ana, ben) = two();
    let cara = UserId::new();
    let mut game = TicTacToe::offer(ana, None, NOW);
    assert_eq!(game.play(ben, &GameAct::Decline, NOW), Err(Error::Forbidden));
    assert_eq!(game.play(ben, &GameAct::Accept, NOW), Ok(true));
    assert_eq!(game.play(cara, &GameAct::Accept, NOW), Err(Error::Conflict), "somebody was faster");
    assert_eq!(game.play(cara, &GameAct::Mark { turn: 0, cell: 0 }, NOW), Err(Error::Forbidden));
    assert_eq!((game.player(Mark::X), game.player(Mark::O)), (Some(ana), Some(ben)));
}

#[test]
fn of_two_moves_for_one_turn_the_first_stays() {
    let (ana, ben) = two();
    let mut game = playing(ana, ben);
    let first = GameAct::Mark { turn: 0, cell: 4 };
    assert_eq!(game.play(ben, &first, NOW), Err(Error::Conflict), "not theirs to begin");
    assert_eq!(game.play(ana, &first, NOW), Ok(true));
    assert_eq!(game.play(ana, &first, NOW), Ok(false), "the same once more");
    assert_eq!(game.play(ana, &GameAct::Mark { turn: 0, cell: 5 }, NOW), Err(Error::Conflict));
    assert_eq!(game.play(ana, &GameAct::Mark { turn: 1, cell: 5 }, NOW), Err(Error::Conflict), "not their turn");
    assert_eq!(game.play(ben, &GameAct::Mark { turn: 1, cell: 4 }, NOW), Err(Error::Conflict), "taken");
    assert_eq!(game.play(ben, &GameAct::Mark { turn: 3, cell: 0 }, NOW), Err(Error::Conflict), "not yet");
    let outside = game.play(ben, &GameAct::Mark { turn: 1, cell: 9 }, NOW);
    assert_eq!(outside, Err(Error::invalid("cell", Problem::OutOfRange)));
    assert_eq!(game.moves, [4]);
    assert_eq!(game.play(ben, &GameAct::Mark { turn: 1, cell: 0 }, NOW), Ok(true));
}

#[test]
fn it_is_won_drawn_or_given_up_once() {
    let (ana, ben) = two();
    let mut won = playing(ana, ben);
    play_out(&mut won, &[0, 3, 1, 4, 2]);
    assert_eq!(won.stage, Stage::Won { by: ana, line: [0, 1, 2] });
    assert_eq!((won.winner(), won.next(), won.wins_of(ana), won.wins_of(ben)), (Some(ana), None, 1, 0));
    assert_eq!(won.play(ben, &GameAct::Mark { turn: 5, cell: 8 }, NOW), Err(Error::Conflict));
    assert_eq!(won.play(ben, &GameAct::Resign, NOW), Err(Error::Conflict));
    let mut drawn = playing(ana, ben);
    play_out(&mut drawn, &[0, 1, 2, 4, 3, 5, 7, 6, 8]);
    assert_eq!((drawn.stage, drawn.winner()), (Stage::Drawn, None));
    let mut last = playing(ana, ben);
    play_out(&mut last, &[0, 1, 2, 3, 4, 5, 7, 6, 8]);
    assert_eq!(last.stage, Stage::Won { by: ana, line: [0, 4, 8] }, "with the ninth move it is won, not drawn");
    let mut given_up = playing(ana, ben);
    assert_eq!(given_up.play(ana, &GameAct::Resign, NOW), Ok(true));
    assert_eq!(given_up.play(ana, &GameAct::Resign, NOW), Ok(false));
    assert_eq!(given_up.play(ben, &GameAct::Resign, NOW), Err(Error::Conflict));
    assert_eq!(given_up.winner(), Some(ben));
}

#[test]
fn what_comes_after_the_deadline_is_refused_and_each_act_moves_it() {
    let (ana, ben) = two();
    let offer = TicTacToe::offer(ana, Some(ben), NOW);
    assert_eq!(offer.deadline, NOW.plus_ms(GAME_TURN_MS));
    let late = offer.deadline;
    for (by, act) in [(ben, GameAct::Accept), (ben, GameAct::Decline), (ana, GameAct::Cancel)] {
        assert_eq!(offer.clone().play(by, &act, late), Err(Error::Conflict), "{act:?}");
    }
    assert!(offer.is_late(late) && !offer.is_late(late.plus_ms(-1)));
    assert!(!offer.was_played(late), "nobody played");
    let mut game = offer;
    game.play(ben, &GameAct::Accept, late.plus_ms(-1)).expect("in time");
    assert_eq!(game.deadline, late.plus_ms(GAME_TURN_MS - 1));
    game.play(ana, &GameAct::Mark { turn: 0, cell: 0 }, game.deadline.plus_ms(-1)).expect("in time");
    let late = game.deadline;
    assert_eq!(game.play(ben, &GameAct::Mark { turn: 1, cell: 1 }, late), Err(Error::Conflict));
    assert_eq!(game.play(ana, &GameAct::Resign, late), Err(Error::Conflict));
    assert!(game.was_played(late) && game.rematch(ana, late).is_some());
}

#[test]
fn a_rematch_swaps_who_begins_and_keeps_the_score() {
    let (ana, ben) = two();
    let mut game = playing(ana, ben);
    assert_eq!(game.rematch(ana, NOW), None, "it goes on");
    play_out(&mut game, &[0, 3, 1, 4, 2]);
    assert_eq!(game.rematch(UserId::new(), NOW), None, "did not play");
    for (by, other) in [(ana, ben), (ben, ana)] {
        let mut next = game.rematch(by, NOW).expect("a rematch");
        assert_eq!((next.challenger, next.opponent, next.stage), (by, Some(other), Stage::Offered));
        assert_eq!((next.player(Mark::X), next.player(Mark::O)), (Some(ben), Some(ana)));
        assert_eq!((next.wins_of(ana), next.wins_of(ben)), (1, 0));
        next.play(other, &GameAct::Accept, NOW).expect("accepted");
        next.play(ana, &GameAct::Resign, NOW).expect("given up");
        assert_eq!((next.wins_of(ana), next.wins_of(ben)), (1, 1));
        let third = next.rematch(ana, NOW).expect("a third one");
        assert_eq!(third.player(Mark::X), Some(ana));
    }
}

fn acts() -> impl Strategy<Value = (usize, GameAct, i64)> {
    let act = prop_oneof![
        2 => Just(GameAct::Accept),
        1 => Just(GameAct::Decline),
        1 => Just(GameAct::Cancel),
        1 => Just(GameAct::Resign),
        30 => (0_u8..10, 0_u8..10).prop_map(|(turn, cell)| GameAct::Mark { turn, cell }),
    ];
    // Most are in time.
    (0_usize..3, act, prop_oneof![60 => Just(1_i64), 1 => Just(GAME_TURN_MS)])
}

/// Whether a board could have come about.
fn check(game: &TicTacToe, people: &[UserId; 3]) -> Result<(), TestCaseError> {
    let of = |mark| (0..CELLS).filter(|cell| game.at(*cell) == Some(mark)).count();
    let (crosses, noughts) = (of(Mark::X), of(Mark::O));
    prop_assert_eq!(crosses + noughts, game.moves.len(), "every move is on the board, each in a cell of its own");
    prop_assert!(crosses == noughts || crosses == noughts + 1, "X and O alternate, and X began");
    prop_assert_eq!(game.challenger, people[0]);
    let full =
        |line: &&[u8; 3]| game.at(line[0]).is_some() && line.iter().all(|cell| game.at(*cell) == game.at(line[0]));
    let lines: Vec<_> = LINES.iter().filter(full).collect();
    match game.stage {
        Stage::Offered | Stage::Declined | Stage::Cancelled => prop_assert!(game.moves.is_empty()),
        Stage::Playing | Stage::Resigned { .. } => prop_assert!(lines.is_empty() && game.moves.len() < 9),
        Stage::Drawn => prop_assert!(lines.is_empty() && game.moves.len() == 9),
        Stage::Won { by, line } => {
            prop_assert!(lines.contains(&&line));
            let mark = game.at(line[0]).expect("a full line");
            prop_assert_eq!(game.player(mark), Some(by));
            prop_assert_eq!(game.at(*game.moves.last().expect("moves")), Some(mark), "it ended at once");
        }
        Stage::Unknown => prop_assert!(false, "nobody makes it"),
    }
    if matches!(game.stage, Stage::Playing | Stage::Won { .. } | Stage::Drawn | Stage::Resigned { .. }) {
        prop_assert!(game.opponent.is_some());
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_acts_lead_to_an_illegal_state(is_named in any::<bool>(), acts in prop::collection::vec(acts(), 1..120)) {
        let people = [UserId::new(), UserId::new(), UserId::new()];
        let mut now = NOW;
        let mut game = TicTacToe::offer(people[0], is_named.then_some(people[1]), now);
        for (who, act, passed) in acts {
            now = now.plus_ms(passed);
            let before = game.clone();
            let outcome = game.play(people[who], &act, now);
            check(&game, &people)?;
            match outcome {
                Ok(true) => {
                    prop_assert_ne!(&game, &before);
                    prop_assert!(before.is_open() && !before.is_late(now), "what ended stays as it is");
                    // What was just done is no change a second time.
                    prop_assert_eq!(game.clone().play(people[who], &act, now), Ok(false));
                }
                Ok(false) | Err(_) => prop_assert_eq!(&game, &before),
            }
            let text = serde_json::to_string(&Extra::TicTacToe(game.clone())).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Extra>(&text).expect("an extra"), Extra::TicTacToe(game.clone()));
        }
    }

    #[test]
    fn every_full_game_ends(cells in Just((0_u8..9).collect::<Vec<_>>()).prop_shuffle()) {
        let (ana, ben) = two();
        let mut game = playing(ana, ben);
        for cell in cells {
            let Some(by) = game.next() else { break };
            let turn = game.turn();
            prop_assert_eq!(game.play(by, &GameAct::Mark { turn, cell }, NOW), Ok(true));
        }
        prop_assert!(!game.is_open());
        check(&game, &[ana, ben, UserId::new()])?;
    }

    #[test]
    fn acts_are_read_as_they_are_written((_, act, _) in acts(), bytes in any::<[u8; 32]>()) {
        for act in [act, GameAct::Nonce { nonce: Bytes32(bytes) }] {
            let text = serde_json::to_string(&act).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<GameAct>(&text).expect("an act"), act);
        }
    }
}
