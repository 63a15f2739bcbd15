//! Search: what the index does not have yet, then the index; both newest first. The links of a room are in an index of their
//! own, `messages_links`.

use super::Embedded;
use super::convert::{id, signed};
use super::messages::{COLUMNS, message, message_at};
use super::search_index::{author_token, has_token, room_token, step};
use crate::id::RoomId;
use crate::model::{MediaPage, Message, Seq};
use crate::server::store::StoreError;
use crate::server::store::search::{Check, Links, Place, Search, SearchAnswer, SearchRequest};
use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use std::collections::BTreeMap;
use std::time::Instant;

type Result<T> = std::result::Result<T, StoreError>;

/// Places of the log that are read through by one statement.
const WINDOW: i64 = 5_000;
/// Rooms that are named to the index; who is in more of them sees so much that naming them costs more than it saves.
const ROOMS_MAX: usize = 2_000;
/// With more rooms than this, the newest messages of all rooms that the index has for the terms are tried first, so many of them.
const ROOMS_FEW: usize = 8;
const FIRST: i64 = 512;
/// The rooms of a request as rows; MATERIALIZED gives them an index.
const ROOMS: &str = "WITH r AS MATERIALIZED (SELECT unhex(value ->> 0) AS room_id, value ->> 1 AS floor, value ->> 2 AS below \
    FROM json_each(?1))";
const IN_ROOMS: &str = "CROSS JOIN r ON r.room_id = m.room_id AND m.seq > r.floor AND m.seq < r.below";

#[async_trait]
impl Search for Embedded {
    async fn search(&self, request: &SearchRequest) -> Result<SearchAnswer> {
        let request = request.clone();
        let started = Instant::now();
        self.readers
            .read(move |connection| {
                // One snapshot of the log and of the index.
                let snapshot = connection.unchecked_transaction()?;
                search(&snapshot, &request, started)
            })
            .await?
            .ok_or(StoreError::Missing)
    }

    async fn links(&self, room_id: RoomId, floor: Seq, before: Option<Seq>, limit: u16) -> Result<MediaPage> {
        let before = before.map_or(i64::MAX, signed);
        self.readers
            .read(move |connection| {
                let mut statement = connection.prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM messages m INDEXED BY messages_links \
                     WHERE m.room_id = ?1 AND m.seq > ?2 AND m.seq < ?3 AND instr(m.body, '://') ORDER BY m.seq DESC"
                ))?;
                let mut rows = statement.query(params![id(room_id.0), signed(floor), before])?;
                let mut links = Links::new(limit);
                while let Some(row) = rows.next()? {
                    if links.is_done() {
                        return Ok(links.page_with_more());
                    }
                    links.look_at(message(row)?);
                }
                Ok(links.page(None))
            })
            .await
    }

    async fn finish_index(&self) -> Result<()> {
        while self.writer.write(step).await? {}
        Ok(())
    }
}

/// `None` when the place to go on from is not there.
fn search(
    connection: &Connection,
    request: &SearchRequest,
    started: Instant,
) -> rusqlite::Result<Option<SearchAnswer>> {
    let mut below = i64::MAX;
    if let Some(behind) = request.behind {
        let place = connection
            .prepare_cached("SELECT place FROM messages WHERE room_id = ?1 AND seq = ?2")?
            .query_row(params![id(behind.room_id.0), signed(behind.seq)], |row| row.get(0))
            .optional()?;
        let Some(place) = place else { return Ok(None) };
        below = place;
    }
    let (newest, indexed_to): (i64, i64) = connection
        .prepare_cached("SELECT (SELECT coalesce(max(place), 0) FROM messages), indexed_to FROM search_state")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rooms = rooms(request);
    let mut walk = Walk { check: Check::new(request), request, started, found: Vec::new(), seen: None, is_late: false };

    let mut upto = below.min(newest + 1);
    while upto > indexed_to + 1 && walk.goes_on() {
        let from = (upto - WINDOW).max(indexed_to + 1);
        walk.rows(
            connection,
            &format!(
                "{ROOMS} SELECT m.place, {COLUMNS} FROM messages m {IN_ROOMS} \
                 WHERE m.place >= ?2 AND m.place < ?3 ORDER BY m.place DESC"
            ),
            params![rooms, from, upto],
            |_, _| Ok(()),
        )?;
        upto = from;
    }
    if !walk.goes_on() {
        return Ok(Some(walk.answer()));
    }

    let mut stale = stale(connection, &rooms, below)?;
    // Naming many rooms to the index costs a look-up for each; most searches are over sooner than that.
    if let Some(expression) = expression(request, false).filter(|_| request.rooms.len() > ROOMS_FEW) {
        let newest =
            "SELECT rowid AS place FROM message_grams WHERE message_grams MATCH ?2 AND rowid < ?3 ORDER BY rowid DESC";
        walk.rows(
            connection,
            &format!(
                "{ROOMS} SELECT m.place, {COLUMNS} FROM ({newest} LIMIT {FIRST}) g CROSS JOIN messages m ON m.place = g.place \
                 {IN_ROOMS} ORDER BY m.place DESC"
            ),
            params![rooms, expression, below],
            |walk, place| walk.newer(&mut stale, place),
        )?;
        if !walk.goes_on() {
            return Ok(Some(walk.answer()));
        }
        let (count, oldest): (i64, Option<i64>) = connection
            .prepare_cached(&format!("SELECT count(*), min(place) FROM ({newest} LIMIT {FIRST}), (SELECT ?1)"))?
            .query_row(params![rooms, expression, below], |row| Ok((row.get(0)?, row.get(1)?)))?;
        below = oldest.unwrap_or(below);
        if count < FIRST {
            walk.newer(&mut stale, i64::MIN)?;
            return Ok(Some(walk.answer()));
        }
    }
    match expression(request, true) {
        Some(expression) => walk.rows(
            connection,
            &format!(
                "{ROOMS} SELECT m.place, {COLUMNS} FROM message_grams g CROSS JOIN messages m ON m.place = g.rowid {IN_ROOMS} \
                 WHERE g.message_grams MATCH ?2 AND g.rowid < ?3 ORDER BY g.rowid DESC"
            ),
            params![rooms, expression, below],
            |walk, place| walk.newer(&mut stale, place),
        )?,
        None => walk.rows(
            connection,
            &format!(
                "{ROOMS} SELECT m.place, {COLUMNS} FROM messages m {IN_ROOMS} \
                 WHERE m.place <= ?2 AND m.place < ?3 ORDER BY m.place DESC"
            ),
            params![rooms, indexed_to, below],
            |walk, place| walk.newer(&mut stale, place),
        )?,
    }
    if walk.goes_on() {
        walk.newer(&mut stale, i64::MIN)?;
    }
    Ok(Some(walk.answer()))
}

/// The rooms as `[["hex of the id", floor, below], …]`.
fn rooms(request: &SearchRequest) -> String {
    let rooms = request.rooms.iter().map(|scope| {
        let below = scope.below.map_or(i64::MAX, signed);
        format!("[\"{}\",{},{below}]", scope.room_id.0.simple(), signed(scope.floor))
    });
    format!("[{}]", rooms.collect::<Vec<_>>().join(","))
}

/// What the index is asked for; `None` when it could not narrow anything down. The rooms are checked in any case.
fn expression(request: &SearchRequest, with_rooms: bool) -> Option<String> {
    let any = |tokens: Vec<String>| format!("({})", tokens.join(" OR "));
    let mut all: Vec<String> = request.terms.grams().iter().map(|gram| quoted(&String::from_iter(gram))).collect();
    all.extend(request.has.iter().map(|has| quoted(&has_token(*has))));
    if let Some(authors) = request.authors.as_ref().filter(|authors| !authors.is_empty()) {
        all.push(any(authors.iter().map(|author| quoted(&author_token(*author))).collect()));
    }
    if with_rooms && (1..=ROOMS_MAX).contains(&request.rooms.len()) {
        all.push(any(request.rooms.iter().map(|scope| quoted(&room_token(scope.room_id))).collect()));
    }
    (!all.is_empty()).then(|| all.join(" AND "))
}

/// A string of FTS5: no character in it is an operator.
fn quoted(gram: &str) -> String {
    format!("\"{}\"", gram.replace('"', "\"\""))
}

/// Messages that the index has by an old text. The newest place comes last.
fn stale(connection: &Connection, rooms: &str, below: i64) -> rusqlite::Result<BTreeMap<i64, Message>> {
    connection
        .prepare_cached(&format!(
            "{ROOMS} SELECT m.place, {COLUMNS} FROM search_stale s CROSS JOIN messages m ON m.place = s.place {IN_ROOMS} \
             WHERE s.place < ?2"
        ))?
        .query_map(params![rooms, below], |row| Ok((row.get("place")?, message_at(row, 1)?)))?
        .collect()
}

/// The way back through the log.
struct Walk<'a> {
    check: Check<'a>,
    request: &'a SearchRequest,
    started: Instant,
    /// One more than asked for when there is more.
    found: Vec<Message>,
    /// The last message that was looked at.
    seen: Option<Place>,
    is_late: bool,
}

impl Walk<'_> {
    fn goes_on(&self) -> bool {
        self.found.len() <= self.request.limit && !self.is_late
    }

    /// Looks at the rows of a statement as long as it goes on; `before_each` gets the place of each of them.
    fn rows(
        &mut self,
        connection: &Connection,
        sql: &str,
        values: &[&dyn ToSql],
        mut before_each: impl FnMut(&mut Self, i64) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(values)?;
        while let Some(row) = rows.next()? {
            before_each(self, row.get("place")?)?;
            if !self.goes_on() {
                break;
            }
            self.look_at(message_at(row, 1)?);
            self.is_late = self.started.elapsed() >= self.request.patience;
            if !self.goes_on() {
                break;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, message: Message) {
        self.seen = Some(Place::of(&message));
        if self.check.passes(&message) {
            self.found.push(message);
        }
    }

    /// Looks at the stale messages from the newest one down to `place`, which is among them when the index has it.
    fn newer(&mut self, stale: &mut BTreeMap<i64, Message>, place: i64) -> rusqlite::Result<()> {
        while let Some(last) = stale.last_entry().filter(|last| *last.key() > place) {
            let message = last.remove();
            if self.goes_on() {
                self.look_at(message);
            }
        }
        // It comes again as the row itself, with the text that it has.
        stale.remove(&place);
        Ok(())
    }

    fn answer(mut self) -> SearchAnswer {
        if self.found.len() > self.request.limit {
            self.found.truncate(self.request.limit);
            let next = self.found.last().map(Place::of);
            return SearchAnswer { messages: self.found, next, complete: true };
        }
        let next = if self.is_late { self.seen.or(self.request.behind) } else { None };
        SearchAnswer { messages: self.found, next, complete: !self.is_late }
    }
}
