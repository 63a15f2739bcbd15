//! Searching messages: whose names stand in the query, what the caller may see, and how an answer is shown.

use crate::error::{Error, Problem, Result, What};
use crate::id::{RoomId, UserId};
use crate::model::limits::{ROOM_HITS_MAX, SEARCH_DEFAULT, SEARCH_MAX};
use crate::model::search::Query;
use crate::model::{
    Covered, Found, FoundFile, MatchRange, Member, Message, Room, RoomHit, RoomKind, RoomSearch, SearchPage, Seq,
};
use crate::server::App;
use crate::server::access::{self, Blocks, Known};
use crate::server::find::Terms;
use crate::server::find::names::{self, Fit};
use crate::server::limits::Rule;
use crate::server::session::Session;
use crate::server::store::search::Place;
use crate::server::store::{Scope, SearchAnswer, SearchRequest, StoreError, searchable};
use crate::time::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// How long a search may look.
const PATIENCE: Duration = Duration::from_millis(1_000);
/// Characters of a line in the list, and how many of them in front of the first match.
const LINE: usize = 200;
const LEAD: usize = 40;

/// See [`crate::api::search::search_messages`].
pub async fn everywhere(
    app: &App,
    session: &Session,
    q: &str,
    cursor: Option<&str>,
    limit: Option<u16>,
    offset: Option<i32>,
) -> Result<SearchPage> {
    let me = session.user_id;
    let query = Query::parse(q, offset.unwrap_or(0))?;
    let behind = cursor.map(read_cursor).transpose()?;
    app.limits.check(Rule::SearchMessages, me)?;
    // Not from the cache: who was removed finds nothing from that moment on.
    let (rooms, own, blocks) = tokio::join!(app.db.rooms_of(me), app.db.memberships_of(me), access::blocks(app, me));
    let (rooms, mut own, blocks) = (rooms?, own?.into_iter().collect::<HashMap<_, _>>(), blocks?);
    let rooms: Vec<Room> = rooms.into_iter().filter(|room| own.contains_key(&room.id)).collect();
    let directory = Directory::read(app, me, &query, &rooms).await?;
    let rooms: Vec<&Room> = match directory.rooms(&query)? {
        Some(named) => rooms.iter().filter(|room| named.contains(&room.id)).collect(),
        None => rooms.iter().collect(),
    };
    let mut hidden = hidden_in(app, me, rooms.iter().map(|room| room.id)).await?;
    let scopes: Vec<Scope> = rooms
        .iter()
        .filter_map(|room| {
            let hidden = hidden.remove(&room.id).unwrap_or_default();
            Some(scope(me, room, &own.remove(&room.id)?, &blocks, hidden))
        })
        .collect();
    let request = SearchRequest { behind, ..directory.request(&query, scopes, limit_of(limit))? };
    let (answer, messages) = tokio::join!(search(app, &request), seen_in(app, &request.rooms));
    let (answer, messages) = (answer?, messages?);
    let authors: BTreeSet<UserId> = answer.messages.iter().map(|message| message.author_id).collect();
    let people = access::people(app, authors).await?;
    let mut people: Vec<_> = people.into_values().map(|known| known.person.clone()).collect();
    people.sort_by(|a, b| a.username.cmp(&b.username));
    Ok(SearchPage {
        found: answer.messages.iter().map(|message| found(message, &request.terms)).collect(),
        people,
        covered: covered(&request, &answer, messages),
        next: answer.next.map(write_cursor),
    })
}

/// See [`crate::api::search::search_room`].
pub async fn in_room(
    app: &App,
    session: &Session,
    room_id: RoomId,
    q: &str,
    before: Option<Seq>,
    offset: Option<i32>,
) -> Result<RoomSearch> {
    let me = session.user_id;
    let query = Query::parse(q, offset.unwrap_or(0))?;
    if !query.rooms.is_empty() {
        return Err(Error::invalid("in", Problem::UnknownField));
    }
    app.limits.check(Rule::SearchMessages, me)?;
    let (room, scope) = scope_of(app, me, room_id).await?;
    let scope = Scope { below: before, ..scope };
    let directory = Directory::read(app, me, &query, std::slice::from_ref(&room)).await?;
    let request = directory.request(&query, vec![scope], ROOM_HITS_MAX)?;
    let (answer, messages) = tokio::join!(search(app, &request), seen_in(app, &request.rooms));
    let (answer, messages) = (answer?, messages?);
    let hit = |message: &Message| RoomHit { seq: message.seq, ranges: request.terms.ranges(message.body.as_str()) };
    Ok(RoomSearch {
        hits: answer.messages.iter().map(hit).collect(),
        has_more: answer.next.is_some() || !answer.complete,
        covered: covered(&request, &answer, messages),
    })
}

/// Messages of a room with some words, behind `floor`, newest first: what the assistant looks for when `me` asks it. Nothing
/// that they may not see, or blocked.
pub(super) async fn for_assistant(
    app: &App,
    me: UserId,
    room_id: RoomId,
    floor: Seq,
    words: &str,
) -> Result<Vec<Message>> {
    let (_, scope) = scope_of(app, me, room_id).await?;
    let terms = Terms::new(words.split_whitespace());
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    let scope = Scope { floor: floor.max(scope.floor), ..scope };
    let request = SearchRequest { patience: PATIENCE, ..SearchRequest::new(vec![scope], terms, SEARCH_DEFAULT.into()) };
    Ok(search(app, &request).await?.messages)
}

fn limit_of(limit: Option<u16>) -> usize {
    limit.unwrap_or(SEARCH_DEFAULT).clamp(1, SEARCH_MAX).into()
}

/// A room that the caller is in, and what they may see of it.
async fn scope_of(app: &App, me: UserId, room_id: RoomId) -> Result<(Room, Scope)> {
    let (room, own, blocks, hidden) = tokio::join!(
        app.db.room(room_id),
        app.db.member(room_id, me),
        access::blocks(app, me),
        hidden_in(app, me, [room_id])
    );
    let (Some(room), Some(own)) = (room?, own?) else { return Err(Error::NotFound { what: What::Room }) };
    let scope = scope(me, &room, &own, &*blocks?, hidden?.remove(&room_id).unwrap_or_default());
    Ok((room, scope))
}

/// What a member may see of a room: nothing from before they joined or cleared it, nothing that they deleted for themselves,
/// and in groups nothing of those whom they blocked.
fn scope(me: UserId, room: &Room, own: &Member, blocks: &Blocks, hidden: Vec<Seq>) -> Scope {
    let without = if room.kind == RoomKind::Group { blocks.made_by(me) } else { Vec::new() };
    Scope { without, hidden, ..Scope::new(room.id, own.floor()) }
}

/// What the caller deleted for themselves in these rooms.
async fn hidden_in(
    app: &App,
    me: UserId,
    rooms: impl IntoIterator<Item = RoomId>,
) -> Result<HashMap<RoomId, Vec<Seq>>> {
    let rooms: Vec<RoomId> = rooms.into_iter().collect();
    let prefs = app.db.prefs(&rooms, me).await?;
    Ok(prefs.into_iter().map(|(room_id, prefs)| (room_id, prefs.hidden)).collect())
}

async fn search(app: &App, request: &SearchRequest) -> Result<SearchAnswer> {
    app.db.search(request).await.map_err(|error| match error {
        StoreError::Missing => Error::invalid("cursor", Problem::BadFormat),
        error => error.into(),
    })
}

/// How many messages of these rooms the caller may see.
async fn seen_in(app: &App, scopes: &[Scope]) -> Result<u64> {
    let ids: Vec<RoomId> = scopes.iter().map(|scope| scope.room_id).collect();
    let heads: HashMap<RoomId, Seq> = app.db.heads(&ids).await?.into_iter().collect();
    Ok(scopes.iter().map(|scope| heads.get(&scope.room_id).map_or(0, |head| head.saturating_sub(scope.floor))).sum())
}

fn covered(request: &SearchRequest, answer: &SearchAnswer, messages: u64) -> Covered {
    Covered {
        rooms: u32::try_from(request.rooms.len()).unwrap_or(u32::MAX),
        messages,
        complete: answer.complete,
        back_to: answer.next.filter(|_| !answer.complete).map(|next| next.at),
    }
}

fn found(message: &Message, terms: &Terms) -> Found {
    let text = searchable(message).unwrap_or_default();
    let (text, ranges) = line(&text, &terms.ranges(&text));
    let files = message.attachments.iter().map(|file| FoundFile {
        kind: file.kind,
        name: file.name.clone(),
        size: file.size,
        ranges: terms.ranges(&file.name),
    });
    Found {
        message_id: message.id,
        room_id: message.room_id,
        seq: message.seq,
        author_id: message.author_id,
        created_at: message.created_at,
        text,
        ranges,
        files: files.filter(|file| terms.is_empty() || !file.ranges.is_empty()).collect(),
    }
}

/// The part of a text around its first match, in one line, and where the matches are in it.
fn line(text: &str, ranges: &[MatchRange]) -> (String, Vec<MatchRange>) {
    let chars: Vec<char> = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    let first = ranges.first().map_or(0, |range| range.0 as usize);
    let mut start = if chars.len() <= LINE { 0 } else { first.saturating_sub(LEAD).min(chars.len() - LINE) };
    // From the beginning of a word, if there is one in front of the match.
    if start > 0
        && let Some(gap) = chars[start..first.max(start)].iter().position(|c| *c == ' ')
    {
        start += gap + 1;
    }
    let end = chars.len().min(start + LINE);
    let cut = usize::from(start > 0);
    let mut line: String = std::iter::repeat_n('…', cut).chain(chars[start..end].iter().copied()).collect();
    if end < chars.len() {
        line.push('…');
    }
    let inside = |at: u32| ((at as usize).clamp(start, end) - start + cut) as u32;
    let ranges = ranges.iter().map(|(from, to)| (inside(*from), inside(*to))).filter(|(from, to)| from < to);
    (line, ranges.collect())
}

/// The names that a query uses, looked up among the rooms of the caller and the people in them.
struct Directory {
    me: UserId,
    rooms: Vec<(RoomId, Vec<String>)>,
    people: HashMap<UserId, Arc<Known>>,
}

impl Directory {
    /// Reads what the query needs, which is nothing for most.
    async fn read(app: &App, me: UserId, query: &Query, rooms: &[Room]) -> Result<Self> {
        let mut directory = Self { me, rooms: Vec::new(), people: HashMap::new() };
        if query.from.iter().all(|name| is_me(name)) && query.rooms.is_empty() {
            return Ok(directory);
        }
        let cards = access::cards(app, rooms).await?;
        let wanted: BTreeSet<UserId> = match query.from.is_empty() {
            true => cards.iter().filter_map(|card| card.peer(me)).collect(),
            false => cards.iter().flat_map(|card| card.members.iter().copied()).collect(),
        };
        directory.people = access::people(app, wanted).await?;
        for room in rooms {
            let peer = cards.iter().find(|card| card.id == room.id).and_then(|card| card.peer(me));
            let of_peer = peer.and_then(|peer| directory.people.get(&peer)).into_iter();
            let of_peer = of_peer.flat_map(|known| [known.person.display_name.clone(), known.person.username.clone()]);
            directory.rooms.push((room.id, room.name.clone().into_iter().chain(of_peer).collect()));
        }
        Ok(directory)
    }

    /// The rooms that `in:` names; `None` when it is not there.
    fn rooms(&self, query: &Query) -> Result<Option<BTreeSet<RoomId>>> {
        let mut named = BTreeSet::new();
        for name in &query.rooms {
            let rooms = self.rooms.iter().map(|(id, names)| (*id, names.iter().map(String::as_str)));
            named.extend(best(name, rooms).ok_or_else(|| Error::invalid("in", Problem::NoMatch))?);
        }
        Ok((!query.rooms.is_empty()).then_some(named))
    }

    fn authors(&self, query: &Query) -> Result<Option<Vec<UserId>>> {
        let mut named = BTreeSet::new();
        for name in &query.from {
            if is_me(name) {
                named.insert(self.me);
                continue;
            }
            let people = self.people.iter().map(|(id, known)| {
                let person = &known.person;
                (*id, [person.username.as_str(), person.display_name.as_str()].into_iter())
            });
            named.extend(best(name, people).ok_or_else(|| Error::invalid("from", Problem::NoMatch))?);
        }
        Ok((!query.from.is_empty()).then(|| named.into_iter().collect()))
    }

    fn request(&self, query: &Query, rooms: Vec<Scope>, limit: usize) -> Result<SearchRequest> {
        let terms = Terms::new(&query.terms);
        // Nothing but accents or invisible characters would find everything.
        if terms.is_empty() && !query.terms.is_empty() {
            return Err(Error::invalid("q", Problem::Missing));
        }
        Ok(SearchRequest {
            authors: self.authors(query)?,
            has: query.has.clone(),
            before: query.before,
            after: query.after,
            patience: PATIENCE,
            ..SearchRequest::new(rooms, terms, limit)
        })
    }
}

fn is_me(name: &str) -> bool {
    name.eq_ignore_ascii_case("me")
}

/// Those whose names fit best: with the exact name there, no other; with a beginning there, no slip.
fn best<'a, Id, Names>(typed: &str, named: impl Iterator<Item = (Id, Names)>) -> Option<Vec<Id>>
where
    Names: Iterator<Item = &'a str>,
{
    let fits: Vec<(Fit, Id)> = named.filter_map(|(id, names)| Some((names::fit(typed, names)?, id))).collect();
    let best = fits.iter().map(|(fit, _)| *fit).min()?;
    Some(fits.into_iter().filter(|(fit, _)| *fit == best).map(|(_, id)| id).collect())
}

fn write_cursor(place: Place) -> String {
    format!("{}_{}_{}", place.at.0, place.room_id.0.simple(), place.seq)
}

fn read_cursor(text: &str) -> Result<Place> {
    let mut parts = text.split('_');
    let mut place = || {
        let (at, room_id, seq) = (parts.next()?, parts.next()?, parts.next()?);
        let place = Place { at: Timestamp(at.parse().ok()?), room_id: room_id.parse().ok()?, seq: seq.parse().ok()? };
        parts.next().is_none().then_some(place)
    };
    place().ok_or_else(|| Error::invalid("cursor", Problem::BadFormat))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let place = Place { at: Timestamp(-5), room_id: RoomId::new(), seq: 7 };
        assert_eq!(read_cursor(&write_cursor(place)), Ok(place));
        for bad in ["", "1", "1_2_3", "_ _", "1_0197f2d4000070008000000000000aaa_x", "9_9_9_9", "💥", "1e3_0_0"] {
            assert_eq!(read_cursor(bad), Err(Error::invalid("cursor", Problem::BadFormat)), "{bad}");
        }
    }

    #[test]
    fn a_long_text_is_cut_around_its_first_match() {
        let text = format!("{}needle\n日本{}", "word ".repeat(100), " more".repeat(100));
        let terms = Terms::new(["needle", "日本"]);
        let (line, ranges) = line(&text, &terms.ranges(&text));
        assert!(line.starts_with("…word ") && line.ends_with('…') && line.chars().count() <= LINE + 2);
        let cut =
            |(from, to): (u32, u32)| line.chars().skip(from as usize).take((to - from) as usize).collect::<String>();
        assert_eq!(ranges.into_iter().map(cut).collect::<Vec<_>>(), ["needle", "日本"]);
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        assert_eq!(line("a\nb", &[(2, 3)]), ("a b".to_owned(), vec![(2, 3)]));
        assert_eq!(line("", &[]), (String::new(), vec![]));
        let long = "x".repeat(500);
        let (all, ranges) = line(&long, &[(0, 500)]);
        assert_eq!((all.chars().count(), ranges), (LINE + 1, vec![(0, LINE as u32)]));
        let (tail, ranges) = line(&long, &[(499, 500)]);
        assert_eq!((tail.chars().count(), ranges), (LINE + 1, vec![(LINE as u32, LINE as u32 + 1)]));
    }

    #[test]
    fn the_best_fit_keeps_others_out() {
        let people = [(1, ["ann", "Ann Lee"]), (2, ["anna", "Anna Berg"]), (3, ["bo", "Bo Lindqvist"])];
        let of = |typed: &str| best(typed, people.iter().map(|(id, names)| (*id, names.iter().copied())));
        assert_eq!(of("ann"), Some(vec![1]));
        assert_eq!(of("an"), Some(vec![1, 2]));
        assert_eq!(of("lindkvist"), Some(vec![3]));
        assert_eq!(of("zoe"), None);
    }
}
