//! What a person asks for, in plain words.
//!
//! A sentence is a wish only if all of it is one, but for politeness around it: "please flip a coin" is, "don't flip a coin"
//! and "how do I flip a coin" are not, without a rule that says so. What is not understood costs an honest answer; what is
//! misunderstood does what nobody asked for.

mod phrases;
#[cfg(test)]
mod tests;

use super::words::{self, Clause, Word};
use crate::model::limits::DICE_SIDES;

/// Characters of a search for a GIF.
pub const QUERY_MAX: usize = 60;
/// Words of a search for a GIF.
const QUERY_WORDS_MAX: usize = 8;
/// Longer sentences and texts are nothing that rules know.
const WORDS_MAX: usize = 24;
const CLAUSES_MAX: usize = 6;
/// A die, if nobody says which.
const SIDES: u8 = 6;
/// What a GIF shows, if nobody says what.
const ANY_GIF: &str = "hello";
/// A reaction, if nobody says which.
const ANY_EMOJI: &str = "👍";

/// What a person asks for, or does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Intent {
    /// A coin.
    Flip,
    /// A die of 2 to 100 sides.
    Roll {
        sides: u8,
    },
    /// 1 to [`QUERY_MAX`] letters, digits and spaces.
    Gif {
        query: String,
    },
    /// What looks like one emoji. Whether it is one is for the caller to check.
    React {
        emoji: String,
    },
    TicTacToe,
    Help,
    Who,
    Greeting,
    Farewell,
    Thanks,
    Laugh,
    Apology,
    Praise,
    /// "ok": nothing to say to it.
    Okay,
    /// They may hurt themselves.
    Distress,
    Abuse,
    None,
}

impl Intent {
    /// Whether a language model, where there is one, has more to say to it than the rules. Not to somebody in distress: what is
    /// said there must be right.
    pub fn is_talk(&self) -> bool {
        matches!(self, Self::None | Self::Who | Self::Help | Self::Greeting | Self::Farewell | Self::Apology)
    }
}

impl Intent {
    /// Whether it is one to do something, not only to say something.
    pub fn acts(&self) -> bool {
        matches!(self, Self::Flip | Self::Roll { .. } | Self::Gif { .. } | Self::React { .. } | Self::TicTacToe)
    }
}

/// What follows `/ai` at the beginning of a text. `None`: it does not begin so.
pub fn command(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let head = text.get(..3).filter(|head| head.eq_ignore_ascii_case("/ai"))?;
    let rest = &text[head.len()..];
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rest)
}

/// Whether a text is a command to the assistant.
pub fn is_command(text: &str) -> bool {
    command(text).is_some()
}

/// What a text asks for.
pub fn intent(text: &str) -> Intent {
    let said = words::unaddressed(text);
    let clauses = words::clauses(&said);
    if clauses.iter().any(|clause| is_distress(clause)) {
        return Intent::Distress;
    }
    if clauses.is_empty() {
        return if is_command(text) || said.contains('?') { Intent::Help } else { Intent::Greeting };
    }
    if clauses.len() > CLAUSES_MAX {
        return Intent::None;
    }
    let found: Option<Vec<Intent>> = clauses.iter().map(|clause| of_clause(clause, is_command(text))).collect();
    // With a sentence that is not understood, none is: it may say that the others are not meant.
    let Some(mut found) = found else { return Intent::None };
    found.sort_by_key(rank);
    found.into_iter().next().unwrap_or(Intent::None)
}

/// Of several the one with the lowest rank is answered; the first of those.
fn rank(intent: &Intent) -> u8 {
    match intent {
        Intent::Distress => 0,
        Intent::Abuse => 1,
        Intent::Flip | Intent::Roll { .. } | Intent::Gif { .. } | Intent::React { .. } | Intent::TicTacToe => 2,
        Intent::Who => 3,
        Intent::Help => 4,
        Intent::Apology => 5,
        Intent::Thanks => 6,
        Intent::Praise => 7,
        Intent::Laugh => 8,
        Intent::Farewell => 9,
        Intent::Greeting => 10,
        Intent::Okay => 11,
        Intent::None => 12,
    }
}

/// What a sentence asks for. `None`: no rule knows it.
fn of_clause(clause: &Clause, is_command: bool) -> Option<Intent> {
    if clause.len() > WORDS_MAX {
        return None;
    }
    let plain = || {
        let is_meant = |word: &&Word| !phrases::WITHIN.contains(&word.key.as_str());
        of_parts(&clause.iter().filter(is_meant).cloned().collect(), is_command)
    };
    of_parts(clause, is_command).or_else(plain)
}

fn of_parts(clause: &Clause, is_command: bool) -> Option<Intent> {
    let ends = ends(clause);
    starts(clause).into_iter().find_map(|start| {
        let mut parts = ends.iter().filter_map(|end| clause.get(start..*end)).filter(|part| !part.is_empty());
        let may_be_single = clause[..start].iter().all(|word| !phrases::NO_SINGLE.contains(&word.key.as_str()));
        parts.find_map(|part| of_part(part, is_command, may_be_single))
    })
}

fn of_part(part: &[Word], is_command: bool, may_be_single: bool) -> Option<Intent> {
    let intent = act(part, is_command).filter(|_| may_be_single || part.len() > 1);
    if intent.is_some() {
        return intent;
    }
    if part.iter().all(|word| is_laugh(&word.key)) {
        return Some(Intent::Laugh);
    }
    let (intent, _) = phrases::TALK.iter().find(|(_, phrases)| fit(phrases, part).is_some())?;
    Some(intent.clone())
}

fn act(part: &[Word], is_command: bool) -> Option<Intent> {
    let command = |phrases| fit(phrases, part).filter(|_| is_command);
    if fit(phrases::FLIP, part).or_else(|| command(phrases::FLIP_COMMAND)).is_some() {
        return Some(Intent::Flip);
    }
    if let Some(found) = fit(phrases::ROLL, part).or_else(|| command(phrases::ROLL_COMMAND)) {
        return Some(Intent::Roll { sides: sides(found)? });
    }
    if fit(phrases::TIC_TAC_TOE, part).is_some() {
        return Some(Intent::TicTacToe);
    }
    if let Some(found) = fit(phrases::REACT, part) {
        return Some(Intent::React { emoji: emoji(found)? });
    }
    if fit(phrases::GIF, part).is_some() {
        return Some(Intent::Gif { query: ANY_GIF.to_owned() });
    }
    let of = fit(phrases::GIF_OF, part).or_else(|| command(phrases::GIF_COMMAND));
    let query = match of {
        Some(found) => query(without_article(found)),
        // "the cat gif" is a certain one, not any.
        None => query(fit(phrases::WORDS_GIF, part).filter(|found| without_article(found).len() == found.len())?),
    };
    Some(Intent::Gif { query: query? })
}

/// Where a sentence may begin, without one after another of the polite words before it.
fn starts(clause: &[Word]) -> Vec<usize> {
    let mut starts = vec![0];
    let mut at = 0;
    while let Some(len) = phrases::BEFORE.iter().filter_map(|phrase| begins(phrase, &clause[at..])).max() {
        at += len;
        starts.push(at);
    }
    starts
}

/// Where it may end: at its end, before polite words, or before what is to be decided.
fn ends(clause: &[Word]) -> Vec<usize> {
    let mut end = clause.len();
    let mut ends = vec![end];
    loop {
        let len = phrases::AFTER.iter().filter_map(|phrase| {
            let len = phrase.split('_').count();
            begins(phrase, &clause[end.checked_sub(len)?..end])
        });
        if let Some(len) = len.max() {
            end -= len;
        } else if let Some(at) = purpose(&clause[..end]) {
            end = at;
        } else {
            return ends;
        }
        ends.push(end);
    }
}

/// Where "to decide who cooks" begins. A verb of being in it makes another sentence of the whole: "… is silly".
fn purpose(clause: &[Word]) -> Option<usize> {
    const WORDS: usize = 7;
    let from = clause.len().saturating_sub(WORDS).max(1);
    (from..clause.len()).find(|at| {
        let found = phrases::PURPOSE.iter().find_map(|phrase| begins(phrase, &clause[*at..]));
        found.is_some_and(|len| {
            let mut rest = clause[*at + len..].iter();
            rest.all(|word| {
                !phrases::NO_PURPOSE.contains(&word.key.as_str()) && word.key.chars().all(char::is_alphanumeric)
            })
        })
    })
}

/// How many words `phrase`, with `_` between its own, takes of those that begin a sentence.
fn begins(phrase: &str, words: &[Word]) -> Option<usize> {
    let mut len = 0;
    for key in phrase.split('_') {
        if words.get(len)?.key != key {
            return None;
        }
        len += 1;
    }
    Some(len)
}

/// The words that the first phrase which fits leaves open: see [`phrases`]. Empty if it leaves none.
fn fit<'a>(phrases: &[&str], words: &'a [Word]) -> Option<&'a [Word]> {
    phrases.iter().find_map(|phrase| walk(&phrase.split(' ').collect::<Vec<_>>(), words))
}

fn walk<'a>(items: &[&str], words: &'a [Word]) -> Option<&'a [Word]> {
    let Some((item, items)) = items.split_first() else {
        return words.is_empty().then_some(&[]);
    };
    if *item == "*" {
        return (1..=words.len()).find_map(|len| walk(items, &words[len..]).map(|_| &words[..len]));
    }
    let (choices, is_optional) = item.strip_suffix('?').map_or((*item, false), |item| (item, true));
    let found = choices.split('|').find_map(|choice| {
        if let Some(before) = choice.strip_suffix('#') {
            let number = words.first()?.key.strip_prefix(before)?;
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            return walk(items, &words[1..]).filter(|_| is_number).map(|_| &words[..1]);
        }
        walk(items, &words[begins(choice, words)?..])
    });
    if found.is_none() && is_optional { walk(items, words) } else { found }
}

fn sides(found: &[Word]) -> Option<u8> {
    let Some(word) = found.first() else { return Some(SIDES) };
    let number = word.key.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    number.parse().ok().filter(|sides| DICE_SIDES.contains(sides))
}

fn emoji(found: &[Word]) -> Option<String> {
    let mut found = found;
    while found.last().is_some_and(|last| phrases::EMOJI_ENDS.contains(&last.key.as_str())) {
        found = &found[..found.len() - 1];
    }
    let Some(first) = found.first() else { return Some(ANY_EMOJI.to_owned()) };
    if first.key.starts_with(words::is_emoji) {
        return found.iter().all(|word| word == first).then(|| first.typed.clone());
    }
    let named =
        phrases::EMOJI.iter().find(|(_, names)| names.iter().any(|name| begins(name, found) == Some(found.len())));
    named.map(|(emoji, _)| (*emoji).to_owned())
}

fn without_article(found: &[Word]) -> &[Word] {
    match found.split_first() {
        Some((first, rest)) if !rest.is_empty() && phrases::ARTICLES.contains(&first.key.as_str()) => rest,
        _ => found,
    }
}

fn query(found: &[Word]) -> Option<String> {
    let is_plain =
        |word: &Word| word.typed.chars().all(char::is_alphanumeric) && !phrases::NO_QUERY.contains(&word.key.as_str());
    if found.is_empty() || found.len() > QUERY_WORDS_MAX || !found.iter().all(is_plain) {
        return None;
    }
    let only_article = found.len() == 1 && phrases::ARTICLES.contains(&found[0].key.as_str());
    let query = found.iter().map(|word| word.typed.as_str()).collect::<Vec<_>>().join(" ");
    (!only_article && query.chars().count() <= QUERY_MAX).then_some(query)
}

/// "haha", "hehehe", "jajaj", "lol", "😂".
fn is_laugh(key: &str) -> bool {
    const PAIRS: [[char; 2]; 5] = [['h', 'a'], ['h', 'e'], ['h', 'i'], ['j', 'a'], ['j', 'e']];
    let is_of =
        |pair: &[char; 2]| key.chars().all(|c| pair.contains(&c)) && pair.iter().all(|c| key.matches(*c).count() >= 2);
    phrases::LAUGHS.contains(&key) || PAIRS.iter().any(is_of)
}

fn is_distress(clause: &[Word]) -> bool {
    (0..clause.len()).any(|at| {
        let found = phrases::DISTRESS.iter().filter_map(|phrase| begins(phrase, &clause[at..]));
        let mut next = found.map(|len| clause.get(at + len).map_or("", |word| word.key.as_str()));
        next.any(|next| !phrases::NO_DISTRESS.contains(&next))
    })
}
