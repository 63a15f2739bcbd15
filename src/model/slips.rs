//! Slips of the finger in a name that was typed: a wrong, a missing, a superfluous character, two swapped ones.

/// The most that are allowed.
pub const ALLOWED_MAX: usize = 2;

/// How many slips a search of this many characters may have.
pub fn allowed(chars: usize) -> usize {
    match chars {
        0..=3 => 0,
        4..=7 => 1,
        _ => ALLOWED_MAX,
    }
}

/// Whether `name` begins with something that is `typed` but for the slips allowed at its length; at least one is. Case and
/// accents are folded before.
pub fn is_beginning(typed: &[char], name: &[char]) -> bool {
    let slips = allowed(typed.len());
    slips > 0 && distance_to_beginning(typed, name) <= slips
}

/// The smallest number of slips that makes `typed` a beginning of `name`: Damerau and Levenshtein's distance (optimal string
/// alignment) to the nearest beginning.
fn distance_to_beginning(typed: &[char], name: &[char]) -> usize {
    // A beginning longer than this is further away than its own surplus.
    let name = &name[..name.len().min(typed.len() + ALLOWED_MAX + 1)];
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=name.len()).collect();
    for (i, a) in typed.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in name.iter().enumerate() {
            let mut cost = (last[j] + usize::from(a != b)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == name[j - 1] && typed[i - 1] == *b {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.into_iter().min().unwrap_or(typed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_words_allow_none_and_long_ones_two() {
        let fits = |typed: &str, name: &str| {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            is_beginning(&chars(typed), &chars(name))
        };
        assert!(!fits("jhn", "john") && fits("jhon", "johnny") && !fits("ojnh", "john"));
        assert!(fits("gardne", "garden club") && !fits("gradne", "garden club"));
        assert!(fits("alexnaderr", "alexander"));
        assert!(!fits("", "john") && !fits("john", ""));
    }
}
