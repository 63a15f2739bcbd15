//! How strong a password looks while it is typed. Only a hint: the server judges.

use crate::model::limits;

/// 0 (nothing yet) to 4 (strong), from length and variety. Length beats everything else.
pub fn score(password: &str) -> u8 {
    let length = password.chars().count();
    if length == 0 {
        return 0;
    }
    let mut distinct: Vec<char> = password.chars().collect();
    distinct.sort_unstable();
    distinct.dedup();
    if length < limits::PASSWORD_MIN_CHARS || distinct.len() < 5 {
        return 1;
    }
    match (length, distinct.len()) {
        (0..=11, _) | (_, ..=6) => 2,
        (12..=15, _) | (_, ..=9) => 3,
        _ => 4,
    }
}

/// What to say beside a score.
pub fn hint(score: u8) -> &'static str {
    match score {
        0 => "Long beats clever. Four plain words make a strong password.",
        1 => "Too short yet. At least 10 characters; four plain words do well.",
        2 => "It will do. A few more characters make it much harder to guess.",
        3 => "Good. One more word would make it strong.",
        _ => "Strong.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_and_repetition_does_not() {
        assert_eq!(score(""), 0);
        assert_eq!(score("Tr0ub4d&3"), 1);
        assert_eq!(score("aaaaaaaaaaaaaaaaaaaaaaaa"), 1);
        assert_eq!(score("orange-tea"), 2);
        assert_eq!(score("orange-teapot"), 3);
        assert_eq!(score("three-blue-canal-boats"), 4);
    }
}
