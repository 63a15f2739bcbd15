//! What a person is found by: lower-case texts that a search matches from their beginning, by an index range.

use super::UserRow;
use crate::server::find::fold::fold;

/// Beginnings of the display name at which a search may start; more words than this are found through the first ones.
const WORDS_MAX: usize = 8;

/// The texts that a search for `user` may begin with: both forms of the username, and the display name from each of its
/// words on (so that "ana be" finds "Ana Berg", and "be" does too), as it is written and without accents.
pub(super) fn of(user: &UserRow) -> Vec<String> {
    let mut words = vec![user.username.clone(), user.username_key.clone()];
    for display_name in [folded(&user.display_name), fold(&user.display_name)] {
        let from_each_word =
            std::iter::successors(Some(display_name.as_str()), |rest| rest.split_once(' ').map(|(_, tail)| tail));
        words.extend(from_each_word.take(WORDS_MAX).map(str::to_owned));
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// A search as the texts of [`of`] are written.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The first text after all that begin with `prefix`, by the order of bytes.
pub(super) fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{10ffff}")
}

/// Best first: the exact username, then usernames that begin with it, then the rest; alphabetical within.
pub(super) fn ranked(mut found: Vec<UserRow>, prefix: &str, limit: usize) -> Vec<UserRow> {
    found.sort_by(|a, b| rank(a, prefix).cmp(&rank(b, prefix)).then_with(|| a.username.cmp(&b.username)));
    found.dedup_by_key(|user| user.id);
    found.truncate(limit);
    found
}

fn rank(user: &UserRow, prefix: &str) -> u8 {
    match () {
        () if user.username == prefix || user.username_key == prefix => 0,
        () if user.username.starts_with(prefix) || user.username_key.starts_with(prefix) => 1,
        () => 2,
    }
}
