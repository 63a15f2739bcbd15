//! Which of the newest messages go in.

/// Messages are cut off in blocks of so many, by their place in the room: the beginning of a prompt then stays the same for
/// several turns, and servers do not compute it anew.
pub const BLOCK: u64 = 8;
/// Fewer messages than these are no conversation. Then single messages are cut off, and the beginning is computed anew.
const KEPT_MIN: usize = 4;

/// A message in the order of the room: its place there, and what it costs in tokens.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub seq: u64,
    pub tokens: u32,
}

/// The first message, of those oldest first, from which on all fit in `tokens` and are at most `count_max`.
pub fn start(costs: &[Cost], tokens: u32, count_max: usize) -> usize {
    let mut left = tokens;
    let mut first = costs.len();
    for (at, cost) in costs.iter().enumerate().rev() {
        match left.checked_sub(cost.tokens) {
            Some(rest) if costs.len() - at <= count_max => (left, first) = (rest, at),
            _ => break,
        }
    }
    let block = |at: usize| costs[at].seq / BLOCK;
    let is_start = |at: &usize| *at == 0 || block(*at) != block(*at - 1);
    let aligned = (first..costs.len()).find(is_start).unwrap_or(costs.len());
    if costs.len() - aligned >= KEPT_MIN { aligned } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn costs(seqs: std::ops::Range<u64>, tokens: u32) -> Vec<Cost> {
        seqs.map(|seq| Cost { seq, tokens }).collect()
    }

    #[test]
    fn blocks_are_cut_off_whole() {
        for (seqs, tokens, count_max, expected) in [
            (0..0, 100, 40, 0),
            (0..5, 100, 40, 0),
            (3..13, 100, 40, 0),
            // 10 fit, of which the first whole block begins at 24.
            (0..30, 100, 40, 24),
            (0..32, 100, 40, 24),
            (0..33, 100, 40, 24),
            (0..34, 100, 40, 24),
            // Three behind a block's beginning are too few: all ten stay.
            (0..35, 100, 40, 25),
            (0..36, 100, 40, 32),
            (0..60, 9_000, 40, 24),
            (0..60, 9_000, 38, 24),
            (0..64, 9_000, 38, 32),
            (0..30, 29, 40, 28),
            (0..30, 9, 40, 30),
            (0..30, 0, 40, 30),
        ] {
            assert_eq!(start(&costs(seqs.clone(), 10), tokens, count_max), expected, "{seqs:?} {tokens}");
        }
    }

    #[test]
    fn the_beginning_stays_for_several_turns() {
        let starts: Vec<usize> = (40..80).map(|len| start(&costs(0..len, 10), 9_000, 38)).collect();
        let changes = starts.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, 5, "{starts:?}");
    }

    #[test]
    fn places_that_nobody_wrote_at_matter_not() {
        let kept: Vec<Cost> = [1, 5, 9, 17, 18, 40, 41, 43, 44, 47].map(|seq| Cost { seq, tokens: 10 }).to_vec();
        assert_eq!(start(&kept, 70, 40), 3);
        assert_eq!(start(&kept, 60, 40), 5);
    }

    proptest! {
        #[test]
        fn what_is_kept_fits(
            tokens in proptest::collection::vec(0_u32..200, 0..80),
            begin in 0_u64..1_000,
            room in 0_u32..3_000,
            count_max in 0_usize..50,
        ) {
            let costs: Vec<Cost> = tokens.iter().zip(begin..).map(|(tokens, seq)| Cost { seq, tokens: *tokens }).collect();
            let first = start(&costs, room, count_max);
            let spent: u32 = costs[first..].iter().map(|cost| cost.tokens).sum();
            prop_assert!(spent <= room && costs.len() - first <= count_max);
        }
    }
}
