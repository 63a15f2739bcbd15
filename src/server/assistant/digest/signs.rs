//! What a message is about, by its words: questions, decisions, days and times, in the languages of the assistant.
//!
//! Guesses, and cheap ones: what they choose is only what is shown first.

mod phrases;

use super::super::words::{self, Clause, Word};
use phrases::{DAYS, DECISIONS, FILLERS, HOURS, MONTHS, OPENERS};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Signs {
    /// Asked of people: what is asked of the assistant is answered by it.
    pub is_question: bool,
    pub is_decision: bool,
    pub has_date: bool,
}

/// The signs of a text without markup: [`super::readable::Readable::words`].
pub fn signs(text: &str) -> Signs {
    let clauses = words::clauses(text);
    let has = |list: &[&str]| clauses.iter().any(|clause| list.iter().any(|phrase| holds(clause, phrase)));
    let is_to_assistant = words::unaddressed(text).len() != text.len();
    Signs {
        is_question: !is_to_assistant && (is_asked(text) || clauses.iter().any(opens_question)),
        is_decision: has(DECISIONS),
        has_date: names_day(&clauses.concat()) || has_time(text),
    }
}

/// Whether a mark in a text ends a question, one with words in it.
fn is_asked(text: &str) -> bool {
    let mut has_words = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        has_words |= c.is_alphanumeric();
        let is_mark = match c {
            // Within a word it belongs to an address or to code.
            '?' => chars.peek().is_none_or(|next| !next.is_alphanumeric() && !matches!(next, '=' | '&' | '.' | '/')),
            '？' | '؟' | '¿' => true,
            _ => false,
        };
        if is_mark && (has_words || c == '¿') {
            return true;
        }
    }
    false
}

fn opens_question(clause: &Clause) -> bool {
    let mut keys = clause.iter().map(|word| word.key.as_str());
    let Some(first) = keys.find(|key| !key.starts_with('@') && !FILLERS.contains(key)) else { return false };
    let next = keys.next();
    // Alone "anyone" may answer.
    next.is_some_and(|next| {
        OPENERS.iter().any(|(word, after)| *word == first && (after.is_empty() || after.contains(&next)))
    })
}

fn holds(clause: &Clause, phrase: &str) -> bool {
    let len = phrase.split(' ').count();
    clause.windows(len).any(|words| words.iter().map(|word| word.key.as_str()).eq(phrase.split(' ')))
}

/// Whether words name a day or a time. A point behind a number ends no clause here: "22. Dezember".
fn names_day(clause: &[Word]) -> bool {
    let key = |at: Option<usize>| at.and_then(|at| clause.get(at)).map_or("", |word| word.key.as_str());
    let is_number = |key: &str| key.starts_with(|c: char| c.is_ascii_digit());
    clause.iter().enumerate().any(|(at, word)| {
        let (before, after) = (key(at.checked_sub(1)), key(Some(at + 1)));
        let word = word.key.as_str();
        DAYS.contains(&word) && !(word == "morgen" && matches!(before, "guten" | "schonen"))
            || MONTHS.contains(&word) && (is_number(before) || is_number(after))
            || HOURS.contains(&word) && is_number(before) && before.len() <= 2
    })
}

/// Whether a word is a time of day or a date in digits: `17:30`, `5pm`, `17h30`, `24.12.`, `2026-11-22`.
fn has_time(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.').to_lowercase();
        is_clock(word.trim_end_matches('.')) || is_date(&word)
    })
}

fn is_clock(word: &str) -> bool {
    let hours = word.chars().take_while(char::is_ascii_digit).count();
    if !(1..=2).contains(&hours) {
        return false;
    }
    let rest = &word[hours..];
    if HOURS.contains(&rest) {
        return true;
    }
    let Some(minutes) = rest.strip_prefix([':', 'h']) else { return false };
    let digits = minutes.chars().take_while(char::is_ascii_digit).count();
    digits == 2 && (minutes.len() == 2 || HOURS.contains(&&minutes[2..]))
}

fn is_date(word: &str) -> bool {
    let is_number = |part: &str| (1..=4).contains(&part.len()) && part.chars().all(|c| c.is_ascii_digit());
    let parts: Vec<&str> = word.trim_end_matches('.').split(['.', '/', '-']).collect();
    let is_short = word.ends_with('.') && word.contains('.') && parts.len() == 2;
    (parts.len() == 3 || is_short)
        && parts.iter().all(|part| is_number(part))
        && parts.iter().any(|part| part.len() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_known_by_their_marks_and_words() {
        for text in [
            "When do we meet?",
            "really??",
            "ok? then go",
            "¿Vienes",
            "明天见？",
            "متى؟",
            "is it (really)?",
            "why?!",
            "hm?🎉",
            "when do we meet",
            "hey, can you bring water",
            "@ann could you look",
            "does anyone know where the key is",
            "wann treffen wir uns",
            "kannst du kommen",
            "weiß jemand wo das ist",
            "quién tiene la llave",
            "alguien sabe algo",
            "est-ce que tu viens",
            "peux-tu venir",
            "Thanks. What time is it",
            "was it so? yes",
        ] {
            assert!(signs(text).is_question, "{text}");
        }
        for text in [
            "",
            "?",
            "???",
            "When I was young",
            "what a day",
            "wie schön",
            "see a.example/?a=b",
            "x?y",
            "anyone",
            "fine.",
            "Was solls",
            "> when do we meet",
            "`is it?x`",
            "@lavender what is the time?",
            "/ai when do we meet?",
        ] {
            assert!(!signs(text).is_question, "{text}");
        }
    }

    #[test]
    fn decisions_are_known_by_their_words() {
        for text in [
            "Let's go",
            "let’s do it",
            "ok, we'll meet there",
            "The deadline is near",
            "it was agreed",
            "Lass uns gehen",
            "wir treffen uns",
            "Abgemacht!",
            "Vamos a comer",
            "la fecha límite",
            "On se retrouve là",
            "c'est décidé",
            "rendez-vous",
        ] {
            assert!(signs(text).is_decision, "{text}");
        }
        for text in ["", "well done", "I let him", "lass das", "vamos", "on se"] {
            assert!(!signs(text).is_decision, "{text}");
        }
    }

    #[test]
    fn days_and_times_are_known() {
        for text in [
            "tomorrow at 5",
            "on Monday",
            "Übermorgen",
            "mañana",
            "aujourd’hui",
            "at 17:30.",
            "(5pm)",
            "5 pm",
            "17h",
            "17h30",
            "17 Uhr",
            "5:30pm",
            "24.12.",
            "24.12.2026",
            "2026-11-22",
            "12/24/2026",
            "May 5th",
            "3 mai",
            "22. Dezember",
        ] {
            assert!(signs(text).has_date, "{text}");
        }
        for text in [
            "",
            "may I",
            "3.5",
            "1/2",
            "v1.2",
            "guten Morgen",
            "12345",
            "5",
            "24.12",
            "a-b-c",
            "1-2-3",
            "marching",
            "1234 h",
        ] {
            assert!(!signs(text).has_date, "{text}");
        }
    }
}
