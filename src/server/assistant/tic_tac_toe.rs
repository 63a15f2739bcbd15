//! How the assistant plays tic-tac-toe: it looks at every end of the game, so it never loses.

use crate::id::UserId;
use crate::model::game::{GameAct, LINES, Mark, TicTacToe};

/// The cells row by row.
pub type Board = [Option<Mark>; 9];

/// The order in which cells are tried: of several that are equally good the one that people like best.
const ORDER: [u8; 9] = [4, 0, 2, 6, 8, 1, 3, 5, 7];
/// More than any score: a win counts 10 less the moves it takes.
const BOUND: i8 = 100;

/// The act of `me` in a game, if it is their turn. The caller has it checked like that of anybody.
pub fn next_act(game: &TicTacToe, me: UserId) -> Option<GameAct> {
    if game.next() != Some(me) {
        return None;
    }
    let mine = if game.player(Mark::X) == Some(me) { Mark::X } else { Mark::O };
    let board = std::array::from_fn(|cell| game.at(u8::try_from(cell).unwrap_or(u8::MAX)));
    Some(GameAct::Mark { turn: game.turn(), cell: best_move(&board, mine)? })
}

/// The best cell for `mine`, whose turn it is: one that wins soonest, else one that loses latest. `None`: the game is over.
pub fn best_move(board: &Board, mine: Mark) -> Option<u8> {
    if won(board, mine) || won(board, other(mine)) {
        return None;
    }
    let mut board = *board;
    let mut best = None;
    let mut best_score = -BOUND;
    for cell in free(&board) {
        let score = score_of(&mut board, cell, mine, 0, -BOUND, -best_score);
        if score > best_score {
            best_score = score;
            best = Some(cell);
        }
    }
    best
}

/// What `mark` gets by taking `cell`: more than 0 wins, less loses. Minimax with alpha and beta, which are the other side's:
/// what they have already found elsewhere, and what we would not let them have.
fn score_of(board: &mut Board, cell: u8, mark: Mark, depth: i8, alpha: i8, beta: i8) -> i8 {
    board[usize::from(cell)] = Some(mark);
    let theirs = if won(board, mark) {
        depth - 10
    } else {
        let mut best: Option<i8> = None;
        for answer in free(board) {
            let floor = best.unwrap_or(alpha).max(alpha);
            if floor >= beta {
                break;
            }
            let score = score_of(board, answer, other(mark), depth + 1, -beta, -floor);
            best = Some(best.map_or(score, |best| best.max(score)));
        }
        // A full board is a draw.
        best.unwrap_or(0)
    };
    board[usize::from(cell)] = None;
    -theirs
}

fn free(board: &Board) -> impl Iterator<Item = u8> + use<> {
    let board = *board;
    ORDER.into_iter().filter(move |cell| board[usize::from(*cell)].is_none())
}

fn won(board: &Board, mark: Mark) -> bool {
    LINES.iter().any(|line| line.iter().all(|cell| board[usize::from(*cell)] == Some(mark)))
}

fn other(mark: Mark) -> Mark {
    match mark {
        Mark::X => Mark::O,
        Mark::O => Mark::X,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[derive(Default, Debug)]
    struct Ends {
        won: u32,
        drawn: u32,
    }

    /// Plays the assistant against everything that the other one can do.
    fn play_all(board: &Board, mine: Mark, is_mine: bool, ends: &mut Ends) {
        assert!(!won(board, other(mine)), "lost: {board:?}");
        if won(board, mine) {
            ends.won += 1;
        } else if board.iter().all(Option::is_some) {
            ends.drawn += 1;
        } else if is_mine {
            let cell = best_move(board, mine).expect("a move");
            assert_eq!(board[usize::from(cell)], None, "taken: {board:?}");
            let mut next = *board;
            next[usize::from(cell)] = Some(mine);
            play_all(&next, mine, false, ends);
        } else {
            for cell in free(board) {
                let mut next = *board;
                next[usize::from(cell)] = Some(other(mine));
                play_all(&next, mine, true, ends);
            }
        }
    }

    #[test]
    fn it_never_loses_whoever_begins() {
        for (mine, is_mine) in [(Mark::X, true), (Mark::O, false)] {
            let mut ends = Ends::default();
            play_all(&[None; 9], mine, is_mine, &mut ends);
            assert!(ends.won > 0 && ends.drawn > 0, "{mine:?}: {ends:?}");
        }
    }

    fn board(cells: &str) -> Board {
        let marks: Vec<Option<Mark>> = cells
            .chars()
            .map(|c| match c {
                'X' => Some(Mark::X),
                'O' => Some(Mark::O),
                _ => None,
            })
            .collect();
        marks.try_into().expect("nine cells")
    }

    #[test]
    fn it_wins_at_once_or_keeps_the_other_from_it() {
        for (cells, mine, best) in [
            ("XX.OO....", Mark::X, Some(2)),
            ("XX.OO...X", Mark::O, Some(5)),
            ("XX..O....", Mark::O, Some(2)),
            // A corner would let the other one make two threats at once.
            ("X...O...X", Mark::O, Some(1)),
            (".........", Mark::X, Some(4)),
            ("XXXOO....", Mark::O, None),
            ("XOXXOOOXX", Mark::O, None),
        ] {
            assert_eq!(best_move(&board(cells), mine), best, "{cells}");
        }
    }

    #[test]
    fn in_a_game_it_moves_in_its_turn_only() {
        let (person, us, now) = (UserId::new(), UserId::new(), Timestamp(1_000));
        let mut game = TicTacToe::offer(person, Some(us), now);
        assert_eq!(next_act(&game, us), None, "it was not accepted");
        assert_eq!(game.play(us, &GameAct::Accept, now), Ok(true));
        assert_eq!(next_act(&game, us), None, "the challenger begins");
        assert_eq!(game.play(person, &GameAct::Mark { turn: 0, cell: 0 }, now), Ok(true));
        let act = next_act(&game, us).expect("our turn");
        assert_eq!(act, GameAct::Mark { turn: 1, cell: 4 });
        assert_eq!(game.play(us, &act, now), Ok(true));
        assert_eq!(next_act(&game, us), None);
        assert_eq!(next_act(&game, UserId::new()), None, "who does not play");
    }
}
