//! Searching messages: what people type, and what they get.

use crate::Error;
use crate::error::{Problem, Result};
use crate::id::{MessageId, RoomId, UserId};
use crate::model::limits::{SEARCH_MAX_CHARS, SEARCH_QUERY_MAX_CHARS};
use crate::model::{AttachmentKind, Person, Seq};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

const DAY_MS: i64 = 24 * 3_600_000;
/// The hours that clocks on earth differ from UTC by, in minutes.
const OFFSET_MAX_MIN: i32 = 14 * 60;

/// What a message may be asked to have.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Has {
    Link,
    File,
    Image,
}

/// A query, taken apart: `dinner "in Lund" from:anna in:garden has:link after:2026-01-01 before:2026-02-01`.
///
/// A message matches when it has all `terms` and all of `has`, one of the authors, is in one of the rooms and was sent
/// within `after <= created_at < before`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// Words, and what was "quoted".
    pub terms: Vec<String>,
    /// As typed, without `@`.
    pub from: Vec<String>,
    /// As typed, without `#`.
    pub rooms: Vec<String>,
    pub has: Vec<Has>,
    /// The beginning of the day that was typed; that day is not in.
    pub before: Option<Timestamp>,
    /// The beginning of the day that was typed; that day is in.
    pub after: Option<Timestamp>,
}

impl Query {
    /// `offset_min`: how many minutes the reader's clock is ahead of UTC; it says when days begin.
    ///
    /// # Errors
    /// [`Error::Invalid`] of the part that cannot be read: `q` (nothing to search for, more than 64 characters of words, 256
    /// altogether), `from`, `in`, `has`, `before`, `after`.
    pub fn parse(text: &str, offset_min: i32) -> Result<Self> {
        if text.chars().count() > SEARCH_QUERY_MAX_CHARS {
            return Err(Error::invalid("q", Problem::TooLong));
        }
        let offset_ms = i64::from(offset_min.clamp(-OFFSET_MAX_MIN, OFFSET_MAX_MIN)) * 60_000;
        let mut query = Self::default();
        let mut rest = text.trim_start();
        while let Some(part) = Part::next(&mut rest) {
            query.take(&part, offset_ms)?;
        }
        if query == Self::default() {
            return Err(Error::invalid("q", Problem::Missing));
        }
        if query.terms.iter().map(|term| term.chars().count()).sum::<usize>() > SEARCH_MAX_CHARS {
            return Err(Error::invalid("q", Problem::TooLong));
        }
        Ok(query)
    }

    fn take(&mut self, part: &Part, offset_ms: i64) -> Result<()> {
        let Some(filter) = part.filter else {
            if !part.value.is_empty() {
                self.terms.push(part.value.clone());
            }
            return Ok(());
        };
        let value = part.value.as_str();
        let fail = |problem| Err(Error::invalid(filter.name(), problem));
        if value.is_empty() {
            return fail(Problem::Missing);
        }
        match filter {
            Filter::From => self.from.push(value.trim_start_matches('@').to_owned()),
            Filter::In => self.rooms.push(value.trim_start_matches('#').to_owned()),
            Filter::Has => match value.to_lowercase().as_str() {
                "link" | "links" => self.has.push(Has::Link),
                "file" | "files" => self.has.push(Has::File),
                "image" | "images" => self.has.push(Has::Image),
                _ => return fail(Problem::BadFormat),
            },
            Filter::Before | Filter::After => {
                let Some(day) = day_of(value) else { return fail(Problem::BadFormat) };
                let at = Some(Timestamp(day * DAY_MS - offset_ms));
                if filter == Filter::Before {
                    self.before = self.before.map_or(at, |old| Some(old.min(at?)));
                } else {
                    self.after = self.after.max(at);
                }
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Filter {
    From,
    In,
    Has,
    Before,
    After,
}

impl Filter {
    const ALL: [Self; 5] = [Self::From, Self::In, Self::Has, Self::Before, Self::After];

    fn name(self) -> &'static str {
        match self {
            Self::From => "from",
            Self::In => "in",
            Self::Has => "has",
            Self::Before => "before",
            Self::After => "after",
        }
    }
}

/// A word, a quotation or a filter.
struct Part {
    filter: Option<Filter>,
    value: String,
}

impl Part {
    /// Takes the next part off the text. A quotation that does not end goes to the end.
    fn next(rest: &mut &str) -> Option<Self> {
        let text = rest.trim_start();
        let first = text.chars().next()?;
        if first == '"' {
            return Some(Self { filter: None, value: quoted(text, rest) });
        }
        let filter = Filter::ALL.into_iter().find(|filter| {
            let name = filter.name().as_bytes();
            text.as_bytes().get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && text.as_bytes().get(name.len()) == Some(&b':')
        });
        let text = filter.map_or(text, |filter| &text[filter.name().len() + 1..]);
        if filter.is_some() && text.starts_with('"') {
            return Some(Self { filter, value: quoted(text, rest) });
        }
        // A quotation that begins within a word is one of its own.
        let end = text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len());
        *rest = &text[end..];
        Some(Self { filter, value: text[..end].to_owned() })
    }
}

/// What is between the mark that `text` begins with and the next one.
fn quoted<'a>(text: &'a str, rest: &mut &'a str) -> String {
    let inside = &text[1..];
    let (value, after) = inside.split_once('"').unwrap_or((inside, ""));
    *rest = after;
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `2026-01-31` as days since 1970-01-01.
fn day_of(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next()?;
        (part.len() <= digits && part.bytes().all(|byte| byte.is_ascii_digit())).then(|| part.parse::<i64>().ok())?
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        2 => 28 + i64::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if parts.next().is_some() || year < 1970 || !(1..=length).contains(&day) {
        return None;
    }
    // Counted in years that begin in March, so that the leap day is a year's last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// Where a text matches: from this character (Unicode scalar value) up to, not including, that one.
pub type MatchRange = (u32, u32);

/// A text in pieces, each with whether it matches: for marking. Ranges that are out of order or beyond the end are cut.
pub fn pieces<'a>(text: &'a str, ranges: &[MatchRange]) -> Vec<(&'a str, bool)> {
    let mut pieces = Vec::with_capacity(ranges.len() * 2 + 1);
    let (mut rest, mut at) = (text, 0);
    for (start, end) in ranges {
        for (upto, is_match) in [(*start, false), (*end, true)] {
            let chars = upto.saturating_sub(at) as usize;
            let bytes = rest.char_indices().nth(chars).map_or(rest.len(), |(index, _)| index);
            let (piece, after) = rest.split_at(bytes);
            if !piece.is_empty() {
                pieces.push((piece, is_match));
            }
            (rest, at) = (after, at.max(upto));
        }
    }
    if !rest.is_empty() {
        pieces.push((rest, false));
    }
    pieces
}

/// A message that matches, as a line to show: where it is, and the part of its text around the first match.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Found {
    pub message_id: MessageId,
    pub room_id: RoomId,
    pub seq: Seq,
    pub author_id: UserId,
    pub created_at: Timestamp,
    /// At most about 200 characters, with `…` where something was left out.
    pub text: String,
    /// In `text`.
    pub ranges: Vec<MatchRange>,
    /// Its files with a match in their name; all of them when no words were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FoundFile>,
}

/// A file of a message that was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FoundFile {
    pub kind: AttachmentKind,
    pub name: String,
    pub size: u64,
    /// In `name`.
    pub ranges: Vec<MatchRange>,
}

/// What a search looked through. "No results" is true only when it is complete.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Covered {
    pub rooms: u32,
    /// All messages of these rooms that the caller may see.
    pub messages: u64,
    /// `false`: time was up before everything was looked through; ask on with `next`.
    pub complete: bool,
    /// When not complete: how far back it came.
    pub back_to: Option<Timestamp>,
}

/// Messages over all rooms of the caller, newest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SearchPage {
    pub found: Vec<Found>,
    /// The authors of what was found, as far as they still have an account.
    pub people: Vec<Person>,
    pub covered: Covered,
    /// To pass as `cursor` for what is older; `None` when there is nothing more.
    pub next: Option<String>,
}

/// A message of the searched room that matches.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomHit {
    pub seq: Seq,
    /// In the text of the message.
    pub ranges: Vec<MatchRange>,
}

/// What matches in one room, newest first: their number is the count to show, and next and previous walk along them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RoomSearch {
    /// At most 999.
    pub hits: Vec<RoomHit>,
    /// There are (or, when not complete, may be) older ones: ask again with `before` set to the last `seq`, and show "999+".
    pub has_more: bool,
    pub covered: Covered,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Query {
        Query::parse(text, 0).unwrap()
    }

    fn refused(text: &str) -> (String, Problem) {
        match Query::parse(text, 0) {
            Err(Error::Invalid { field, problem }) => (field, problem),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn words_quotations_and_filters_are_told_apart() {
        let query = parsed(r#"dinner "in  Lund" FROM:@anna in:"The garden" has:link has:image http://x y"z w"#);
        assert_eq!(query.terms, ["dinner", "in Lund", "http://x", "y", "z w"]);
        assert_eq!((query.from, query.rooms), (vec!["anna".to_owned()], vec!["The garden".to_owned()]));
        assert_eq!(query.has, [Has::Link, Has::Image]);
        assert_eq!(parsed("from:anna").terms, Vec::<String>::new());
        assert_eq!(parsed("formfrom:x in").terms, ["formfrom:x", "in"]);
        assert_eq!(parsed("日本 é").terms, ["日本", "é"]);
    }

    #[test]
    fn days_begin_where_the_reader_is() {
        let query = parsed("after:2026-01-31 before:2026-03-01");
        assert_eq!(query.after, Some(Timestamp(1_769_817_600_000)));
        assert_eq!(query.before, Some(Timestamp(1_772_323_200_000)));
        assert_eq!(Query::parse("after:1970-01-02", 120).unwrap().after, Some(Timestamp(DAY_MS - 7_200_000)));
        assert_eq!(day_of("2000-02-29"), Some(11_016));
        assert_eq!(parsed("after:2026-01-01 after:2026-01-31").after, query.after);
        assert_eq!(parsed("before:2026-03-01 before:2027-01-01").before, query.before);
    }

    #[test]
    fn a_part_that_cannot_be_read_is_named() {
        for bad in
            ["2026-02-29", "2026-13-01", "2026-00-10", "31.1.2026", "2026-01", "2026-1-1-1", "yesterday", "+026-01-01"]
        {
            assert_eq!(refused(&format!("x before:{bad}")), ("before".into(), Problem::BadFormat), "{bad}");
        }
        assert_eq!(refused("after:"), ("after".into(), Problem::Missing));
        assert_eq!(refused("from: x"), ("from".into(), Problem::Missing));
        assert_eq!(refused("has:legs"), ("has".into(), Problem::BadFormat));
        for nothing in ["", "  ", "\"\"", "\""] {
            assert_eq!(refused(nothing), ("q".into(), Problem::Missing), "{nothing}");
        }
        assert_eq!(refused(&"x".repeat(65)), ("q".into(), Problem::TooLong));
        assert_eq!(refused(&format!("x in:{}", "y".repeat(300))), ("q".into(), Problem::TooLong));
        assert!(Query::parse(&"é".repeat(64), 0).is_ok());
    }

    #[test]
    fn a_text_is_cut_at_its_matches() {
        assert_eq!(pieces("a日本b", &[(1, 3)]), [("a", false), ("日本", true), ("b", false)]);
        assert_eq!(pieces("abc", &[]), [("abc", false)]);
        assert_eq!(pieces("abc", &[(0, 1), (2, 3)]), [("a", true), ("b", false), ("c", true)]);
        assert_eq!(pieces("", &[(0, 9)]), []);
        for wrong in [vec![(2, 1)], vec![(5, 9), (0, 2)], vec![(u32::MAX, 0)], vec![(0, u32::MAX), (1, 2)]] {
            let joined: String = pieces("ab日", &wrong).into_iter().map(|(piece, _)| piece).collect();
            assert_eq!(joined, "ab日");
        }
    }
}
