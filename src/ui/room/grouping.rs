//! What is drawn in a stream: messages in runs of one author, with the days and the unread mark between them. Pure.

use crate::client::state::Row;
use crate::id::UserId;
use crate::model::{Seq, SystemLine};
use crate::time::Timestamp;

/// Messages of one author within 5 minutes of each other are one run.
const RUN_MS: i64 = 5 * 60_000;

/// A message's place in its run: what shapes its bubble.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    First,
    Middle,
    Last,
    Solo,
}

impl Place {
    pub fn code(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Middle => "mid",
            Self::Last => "last",
            Self::Solo => "solo",
        }
    }

    pub fn begins_run(self) -> bool {
        matches!(self, Self::First | Self::Solo)
    }
}

/// One element of the stream.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    /// Days since 1970, and a moment of that day.
    Day(i64, Timestamp),
    /// Everything below came after the visit before.
    Unread,
    Message(Row, Place),
    /// A line of the room; or several that say the same of different people.
    Lines(Vec<Row>),
}

impl Item {
    /// Who wrote it.
    pub fn author(&self) -> Option<UserId> {
        match self {
            Self::Message(row, _) => Some(row.author_id()),
            _ => None,
        }
    }
}

/// Puts rows into runs. `day_of` is where the reader is; `unread_after` is the mark of this visit. `is_start`: nothing that may
/// be read stands above these rows.
pub fn items(
    rows: Vec<Row>,
    unread_after: Option<Seq>,
    is_start: bool,
    day_of: impl Fn(Timestamp) -> i64,
) -> Vec<Item> {
    let mut starts = Vec::with_capacity(rows.len());
    let mut day = None;
    let mut before: Option<&Row> = None;
    let mut has_mark = false;
    // Rows that begin after the mark have it above them, out of sight; above the very first row there is nothing.
    let mut saw_read = is_start;
    // What stands before each row: whether a day begins, whether the mark is here.
    for row in &rows {
        let new_day = Some(day_of(row.at())).filter(|new| day != Some(*new));
        let is_unread = !has_mark
            && !row.is_own
            && unread_after.is_some_and(|after| row.seq.is_some_and(|seq| seq > after))
            && saw_read;
        let continues = before.is_some_and(|before| {
            before.author_id() == row.author_id()
                && before.system().is_none()
                && row.system().is_none()
                && row.at().0.saturating_sub(before.at().0).abs() <= RUN_MS
        });
        day = new_day.or(day);
        has_mark |= is_unread;
        saw_read |= row.seq.is_some_and(|seq| Some(seq) <= unread_after);
        starts.push((new_day, is_unread, continues && new_day.is_none() && !is_unread));
        before = Some(row);
    }
    let mut items = Vec::with_capacity(rows.len() + 4);
    let continued = |at: usize| starts.get(at).is_some_and(|(_, _, continues)| *continues);
    for (at, row) in rows.into_iter().enumerate() {
        let (new_day, is_unread, _) = starts[at];
        if let Some(day) = new_day {
            items.push(Item::Day(day, row.at()));
        }
        if is_unread {
            items.push(Item::Unread);
        }
        if row.system().is_some() {
            match items.last_mut() {
                Some(Item::Lines(before)) if before.last().is_some_and(|before| is_alike(before, &row)) => {
                    before.push(row);
                }
                _ => items.push(Item::Lines(vec![row])),
            }
            continue;
        }
        let place = match (continued(at), continued(at + 1)) {
            (false, true) => Place::First,
            (true, true) => Place::Middle,
            (true, false) => Place::Last,
            (false, false) => Place::Solo,
        };
        items.push(Item::Message(row, place));
    }
    items
}

/// Whether two lines are one: many who join, are added, or leave.
fn is_alike(one: &Row, other: &Row) -> bool {
    use SystemLine::{Added, Joined, Left};
    matches!(
        (one.system(), other.system()),
        (Some(Added { .. }), Some(Added { .. })) | (Some(Joined), Some(Joined)) | (Some(Left), Some(Left))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{MessageId, RoomId, TxnId, UserId};
    use crate::model::{Body, Message, Tick};
    use uuid::Uuid;

    const DAY_MS: i64 = 86_400_000;

    fn row(seq: Seq, author: u128, at: i64) -> Row {
        let (id, author) = (Uuid::from_u128(u128::from(seq)), UserId(Uuid::from_u128(author)));
        let body = Body::stored("text".to_owned());
        let text = Message::text(MessageId(id), RoomId(id), seq, author, TxnId(id), body);
        let me = UserId(Uuid::from_u128(1));
        Row::of(Message { created_at: Timestamp(at), ..text }, me, (author == me).then_some(Tick::Sent))
    }

    fn shape(rows: Vec<Row>, unread_after: Option<Seq>) -> Vec<String> {
        let is_start = rows[0].seq == Some(1);
        shape_of(rows, unread_after, is_start)
    }

    fn shape_of(rows: Vec<Row>, unread_after: Option<Seq>, is_start: bool) -> Vec<String> {
        let name = |item: Item| match item {
            Item::Day(day, _) => format!("day {day}"),
            Item::Unread => "unread".to_owned(),
            Item::Lines(rows) => format!("{} lines", rows.len()),
            Item::Message(row, place) => format!("{} {}", row.seq.unwrap_or(0), place.code()),
        };
        items(rows, unread_after, is_start, |at| at.0.div_euclid(DAY_MS)).into_iter().map(name).collect()
    }

    #[test]
    fn runs_end_with_the_author_the_pause_and_the_day() {
        let rows = vec![
            row(1, 1, 0),
            row(2, 1, 1_000),
            row(3, 1, 2_000),
            row(4, 2, 3_000),
            row(5, 2, 3_000 + RUN_MS + 1),
            row(6, 2, DAY_MS),
        ];
        let expected = ["day 0", "1 first", "2 mid", "3 last", "4 solo", "5 solo", "day 1", "6 solo"];
        assert_eq!(shape(rows, None), expected);
    }

    #[test]
    fn the_mark_stands_once_before_the_first_unread_message_of_others() {
        let rows = vec![row(1, 2, 0), row(2, 1, 1), row(3, 1, 2), row(4, 2, 3), row(5, 2, 4)];
        assert_eq!(
            shape(rows.clone(), Some(2)),
            ["day 0", "1 solo", "2 first", "3 last", "unread", "4 first", "5 last"]
        );
        assert_eq!(shape(rows.clone(), Some(5)).len(), 6);
        assert_eq!(shape(rows, Some(0))[..2], ["day 0", "unread"]);
    }

    #[test]
    fn the_mark_stands_after_what_i_wrote_when_nothing_was_read() {
        let rows = vec![row(1, 1, 0), row(2, 2, 1), row(3, 2, 2)];
        assert_eq!(shape(rows, Some(0)), ["day 0", "1 solo", "unread", "2 first", "3 last"]);
    }

    #[test]
    fn many_who_join_are_one_line() {
        let line = |seq, line: SystemLine| {
            let row = row(seq, u128::from(seq), 0);
            let message = Message { system: Some(line), ..(*row.message).clone() };
            Row { message: message.into(), ..row }
        };
        let joined = |seq| line(seq, SystemLine::Joined);
        let rows = vec![joined(2), joined(3), joined(4), line(5, SystemLine::Left), row(6, 2, 0), joined(7)];
        assert_eq!(shape(rows, None), ["day 0", "3 lines", "1 lines", "6 solo", "1 lines"]);
    }

    #[test]
    fn the_mark_is_not_drawn_above_rows_that_begin_after_it() {
        let rows = vec![row(10, 2, 0), row(11, 2, 1)];
        assert_eq!(shape(rows.clone(), Some(3)), ["day 0", "10 first", "11 last"]);
        assert_eq!(shape(rows, Some(0)), ["day 0", "10 first", "11 last"], "also when nothing was read");
    }

    #[test]
    fn the_mark_stands_above_the_first_row_of_who_came_later() {
        let rows = vec![row(10, 2, 0), row(11, 2, 1)];
        assert_eq!(shape_of(rows, Some(9), true), ["day 0", "unread", "10 first", "11 last"]);
    }
}
