//! What the box lists, in its order.

use super::answers::Answers;
use super::commands::{COMMANDS, Reach};
use super::hints::{Hint, hints};
use super::names::{Folded, SLIP};
use crate::Error;
use crate::client::state::State;
use crate::id::RoomId;
use crate::model::search::pieces;
use crate::model::{Found, FoundFile, MatchRange, Person, PersonHit, Picture, Relation, RoomKind};
use crate::ui::kit::icon;
use crate::ui::room::attachments::glyph;
use crate::ui::time::Clock;
use crate::ui::words;

const ROOMS_MAX: usize = 5;
const RECENT_MAX: usize = 6;
/// In a list of one kind.
const KIND_MAX: usize = 50;

/// What is listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tab {
    Everything,
    People,
    Messages,
    Files,
    Actions,
}

pub const TABS: [(Tab, &str); 5] = [
    (Tab::Everything, "Everything"),
    (Tab::People, "People"),
    (Tab::Messages, "Messages"),
    (Tab::Files, "Files"),
    (Tab::Actions, "Actions"),
];

/// What the server is asked for when this was typed. In front, since a quotation that does not end yet takes all behind it.
pub fn asked(typed: &str, tab: Tab) -> String {
    let is_narrow = tab == Tab::Files && !typed.trim().is_empty();
    if is_narrow { format!("has:file {typed}") } else { typed.to_owned() }
}

/// What Enter does.
#[derive(Clone, PartialEq, Debug)]
pub enum Pick {
    Room(RoomId),
    Person(Box<PersonHit>),
    Message(RoomId, u64),
    Command(usize),
    /// Puts this into the field.
    Fill(String),
    More,
    Retry,
}

/// What stands in front of a line.
#[derive(Clone, PartialEq, Debug)]
pub enum Face {
    Person(Box<Person>),
    /// One that has a picture, with its name.
    Group(String, Picture),
    Icon(&'static str),
}

/// One option.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Stays the same while the list changes around it.
    pub key: String,
    pub pick: Pick,
    pub face: Face,
    pub text: Vec<(String, bool)>,
    pub about: String,
    pub end: &'static str,
}

/// Lines under a heading.
#[derive(Clone, PartialEq, Debug)]
pub struct Section {
    pub title: &'static str,
    pub lines: Vec<Line>,
}

/// What was typed, and what is known of it.
pub struct Question<'a> {
    pub typed: &'a str,
    pub tab: Tab,
    pub answers: &'a Answers,
    pub clock: Clock,
}

pub fn sections(reach: &Reach, state: &State, question: &Question<'_>) -> Vec<Section> {
    let Question { typed, tab, answers, clock } = *question;
    let typed = typed.trim_start();
    let is_empty = typed.is_empty();
    let has = |kind: Tab| tab == Tab::Everything || tab == kind;
    let mut sections = Vec::new();
    let mut add = |title: &'static str, lines: Vec<Line>| {
        if !lines.is_empty() {
            sections.push(Section { title, lines });
        }
    };
    if (has(Tab::Messages) || tab == Tab::Files) && !is_empty {
        add("Filters", hints(state, typed, clock).into_iter().enumerate().map(hint).collect());
    }
    if has(Tab::People) {
        let count = if tab == Tab::People { KIND_MAX } else { ROOMS_MAX };
        let rooms = if is_empty { recent(state, reach.room_id) } else { rooms(state, typed.trim(), count) };
        let title = if is_empty { "Recent chats" } else { "Chats" };
        let is_listed = |hit: &PersonHit| matches!(hit.relation, Relation::Connected { room_id } if rooms.iter().any(|line| line.pick == Pick::Room(room_id)));
        let people = answers.people.as_deref().unwrap_or_default();
        let people = people.iter().filter(|hit| hit.relation != Relation::Myself && !is_listed(hit));
        let people = people.take(count).map(|hit| person(hit, typed.trim())).collect();
        add(title, rooms);
        add("People", people);
    }
    if has(Tab::Messages) && !is_empty {
        add("Messages", messages(state, answers, clock));
    }
    if tab == Tab::Files && !is_empty {
        add("Files", files(state, answers, clock));
    }
    if has(Tab::Actions) {
        let fits = COMMANDS.iter().enumerate().filter(|(_, command)| command.fits(typed) && (command.is_there)(reach));
        let lines = fits.map(|(at, command)| Line {
            key: format!("c{at}"),
            pick: Pick::Command(at),
            face: Face::Icon(command.icon),
            text: marked(command.name, typed.trim()),
            about: String::new(),
            end: command.key,
        });
        add("Actions", lines.collect());
    }
    sections
}

/// A name with what was typed marked in it.
fn marked(name: &str, typed: &str) -> Vec<(String, bool)> {
    let name = Folded::new(name);
    match name.find_close(&Folded::new(typed)) {
        Some((_, range)) => owned(&name.text, &[range]),
        None => vec![(name.text, false)],
    }
}

fn owned(text: &str, ranges: &[MatchRange]) -> Vec<(String, bool)> {
    pieces(text, ranges).into_iter().map(|(piece, is_match)| (piece.to_owned(), is_match)).collect()
}

fn hint((at, hint): (usize, Hint)) -> Line {
    Line {
        key: format!("f{at}"),
        pick: Pick::Fill(hint.query),
        face: Face::Icon(icon::SEARCH),
        text: vec![(hint.label, false)],
        about: hint.about,
        end: "",
    }
}

fn recent(state: &State, open: Option<RoomId>) -> Vec<Line> {
    let ids = state.rooms_by_activity().into_iter().filter(|id| Some(*id) != open).take(RECENT_MAX);
    ids.filter_map(|id| room(state, id, "")).collect()
}

fn rooms(state: &State, typed: &str, count: usize) -> Vec<Line> {
    let wanted = Folded::new(typed.trim_start_matches('@'));
    let me = state.me.person.id;
    let mut ranked: Vec<(u8, RoomId)> = Vec::new();
    for id in state.rooms_by_activity() {
        let Some(summary) = state.rooms.get(&id).map(|room| &room.summary) else { continue };
        let by_title = Folded::new(&summary.title(me)).find_close(&wanted).map(|(rank, _)| rank);
        let by_username =
            summary.peer(me).and_then(|peer| Folded::new(&peer.username).find_close(&wanted)).map(|(rank, _)| rank);
        // The better of both: a slip in the title says nothing against a username as it was typed.
        if let Some(rank) = by_title.into_iter().chain(by_username).min() {
            ranked.push((rank, id));
        }
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    // Slips are thought of only when nothing fits as it was typed.
    if ranked.first().is_some_and(|(rank, _)| *rank < SLIP) {
        ranked.retain(|(rank, _)| *rank < SLIP);
    }
    ranked.into_iter().take(count).filter_map(|(_, id)| room(state, id, typed)).collect()
}

fn room(state: &State, id: RoomId, typed: &str) -> Option<Line> {
    let summary = &state.rooms.get(&id)?.summary;
    let me = state.me.person.id;
    let (face, about) = match summary.peer(me) {
        Some(peer) => (Face::Person(Box::new(peer.clone())), peer.handle()),
        None if summary.room.kind == RoomKind::Direct => (Face::Icon(icon::USER_ROUND), String::new()),
        None => {
            let picture = summary.room.picture.clone();
            let face = picture.map_or(Face::Icon(icon::USERS), |picture| Face::Group(summary.title(me), picture));
            (face, words::count(summary.member_count as usize, "member", "members"))
        }
    };
    let text = marked(&summary.title(me), typed.trim_start_matches('@'));
    Some(Line { key: format!("r{id}"), pick: Pick::Room(id), face, text, about, end: "" })
}

fn person(hit: &PersonHit, typed: &str) -> Line {
    let person = &hit.person;
    let state = match hit.relation {
        Relation::Blocked => ", blocked by you",
        Relation::Outgoing => ", asked",
        Relation::Incoming => ", asks to talk",
        Relation::None | Relation::Myself | Relation::Connected { .. } => "",
    };
    Line {
        key: format!("p{}", person.id),
        pick: Pick::Person(Box::new(hit.clone())),
        face: Face::Person(Box::new(person.clone())),
        text: marked(&person.display_name, typed.trim_start_matches('@')),
        about: format!("@{}{state}", person.username),
        end: "",
    }
}

fn messages(state: &State, answers: &Answers, clock: Clock) -> Vec<Line> {
    let page = answers.page.iter();
    let found = page.flat_map(|page| page.found.iter().map(|found| message(state, &page.people, found, clock)));
    listed(found.collect(), answers, "More messages")
}

fn files(state: &State, answers: &Answers, clock: Clock) -> Vec<Line> {
    let page = answers.page.iter();
    let found = page.flat_map(|page| {
        page.found.iter().flat_map(|found| by_files(message(state, &page.people, found, clock), found))
    });
    listed(found.collect(), answers, "More files")
}

/// A message that was found as its files: itself when it was not found by their names.
fn by_files(line: Line, found: &Found) -> Vec<Line> {
    if found.files.is_empty() {
        return vec![line];
    }
    let of_file = |(at, file): (usize, &FoundFile)| Line {
        key: format!("{}f{at}", line.key),
        face: Face::Icon(glyph(file.kind)),
        text: owned(&file.name, &file.ranges),
        about: format!("{}, {}", words::bytes(file.size), line.about),
        ..line.clone()
    };
    found.files.iter().enumerate().map(of_file).collect()
}

/// What was found, and the way to the rest.
fn listed(mut lines: Vec<Line>, answers: &Answers, more: &str) -> Vec<Line> {
    let is_wrong = |error: &Error| matches!(error, Error::Invalid { .. });
    if let Some(error) = answers.failed.as_ref().filter(|error| !is_wrong(error)) {
        lines.push(extra(Pick::Retry, icon::CIRCLE_ALERT, &words::error(error), "Retry"));
    } else if let Some(page) = answers.page.as_ref().filter(|page| page.next.is_some()) {
        let text = match (answers.is_busy, page.covered.complete) {
            (true, _) => "Searching…",
            (_, true) => more,
            (_, false) => "Search further back",
        };
        lines.push(extra(Pick::More, icon::ROTATE_CW, text, ""));
    }
    lines
}

fn extra(pick: Pick, icon: &'static str, text: &str, end: &'static str) -> Line {
    let text = vec![(text.to_owned(), false)];
    Line { key: "more".to_owned(), pick, face: Face::Icon(icon), text, about: String::new(), end }
}

/// `You to Mira, yesterday 20:15`; `Mira Solberg, Wednesday 20:03`; `Mira Solberg in Garden, 2 June 20:03`
fn message(state: &State, people: &[Person], found: &Found, clock: Clock) -> Line {
    let me = &state.me.person;
    let author = people.iter().find(|person| person.id == found.author_id);
    let is_mine = found.author_id == me.id;
    let name = if is_mine { "You" } else { author.map_or("Someone", |author| author.display_name.as_str()) };
    let summary = state.rooms.get(&found.room_id).map(|room| &room.summary);
    let place = match summary {
        Some(summary) if summary.room.kind == RoomKind::Group => format!(" in {}", summary.title(me.id)),
        Some(summary) if is_mine => format!(" to {}", words::first_name(&summary.title(me.id))),
        _ => String::new(),
    };
    let day = clock.day(found.created_at);
    let day = if matches!(day.as_str(), "Today" | "Yesterday") { day.to_lowercase() } else { day };
    let author = author.or(is_mine.then_some(me));
    // Found by what its files are.
    let text = if found.text.is_empty() {
        vec![("Photo or file".to_owned(), false)]
    } else {
        owned(&found.text, &found.ranges)
    };
    Line {
        key: format!("m{}", found.message_id),
        pick: Pick::Message(found.room_id, found.seq),
        face: author.map_or(Face::Icon(icon::USER_ROUND), |author| Face::Person(Box::new(author.clone()))),
        text,
        about: format!("{name}{place}, {day} {}", clock.time(found.created_at)),
        end: "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::MessageId;
    use crate::model::{AttachmentKind, Covered, SearchPage};
    use crate::ui::samples::{self, NOW, room_id, state};
    use uuid::Uuid;

    fn text(line: &Line) -> String {
        line.text.iter().map(|(piece, is_match)| if *is_match { format!("[{piece}]") } else { piece.clone() }).collect()
    }

    #[test]
    fn chats_are_found_by_title_and_username_the_best_fit_first() {
        let state = state(vec![samples::room(1, &[1]), samples::room(2, &[2]), samples::room(3, &[1, 2])]);
        let found = |typed: &str| rooms(&state, typed, 5).iter().map(text).collect::<Vec<_>>();
        assert_eq!(found("o"), ["Theo [O]kafor", "Mira S[o]lberg"]);
        assert_eq!(found("harv"), ["[Harv]est"]);
        assert_eq!(found("@user1"), ["Mira Solberg"]);
        assert_eq!(found("havrest"), ["[Harvest]"]);
        assert_eq!(found("sloberg"), ["Mira [Solberg]"]);
        assert!(found("zzz").is_empty());
    }

    #[test]
    fn a_slip_in_the_title_does_not_hide_a_username_that_fits() {
        let (mut mira, mut club) = (samples::room(1, &[1]), samples::room(3, &[1, 2]));
        for person in mira.people.iter_mut().filter(|person| person.id == samples::person(1).id) {
            person.username = "sloberg".to_owned();
        }
        club.room.name = Some("Sloberg club".to_owned());
        let found = rooms(&state(vec![mira, club]), "sloberg", 5);
        let mut found: Vec<String> = found.iter().map(text).collect();
        found.sort();
        assert_eq!(found, ["Mira [Solberg]", "[Sloberg] club"]);
    }

    #[test]
    fn a_message_says_who_wrote_it_where_and_when() {
        let state = state(vec![samples::room(1, &[1]), samples::room(3, &[1, 2])]);
        let clock = Clock { now: NOW, is_local: false };
        let about = |room: u128, author: usize| {
            let found = Found {
                message_id: MessageId(Uuid::from_u128(7)),
                room_id: room_id(room),
                seq: 4,
                author_id: samples::person(author).id,
                created_at: NOW.plus_ms(-86_400_000),
                text: "the gate".to_owned(),
                ranges: vec![(4, 8)],
                files: Vec::new(),
            };
            let line = message(&state, &[samples::person(1)], &found, clock);
            assert_eq!((text(&line).as_str(), line.pick), ("the [gate]", Pick::Message(room_id(room), 4)));
            line.about
        };
        assert_eq!(about(1, 0), "You to Mira, yesterday 18:13");
        assert_eq!(about(1, 1), "Mira Solberg, yesterday 18:13");
        assert_eq!(about(3, 0), "You in Harvest, yesterday 18:13");
        assert_eq!(about(9, 3), "Someone, yesterday 18:13");
    }

    #[test]
    fn a_file_is_listed_by_its_name() {
        let state = state(vec![samples::room(1, &[1])]);
        let clock = Clock { now: NOW, is_local: false };
        let file = |name: &str, ranges: &[MatchRange]| FoundFile {
            kind: AttachmentKind::File,
            name: name.to_owned(),
            size: 2_400_000,
            ranges: ranges.to_vec(),
        };
        let found = |files: Vec<FoundFile>| Found {
            message_id: MessageId(Uuid::from_u128(7)),
            room_id: room_id(1),
            seq: 4,
            author_id: samples::person(1).id,
            created_at: NOW.plus_ms(-86_400_000),
            text: "both permit.pdf plan of the permit.pdf".to_owned(),
            ranges: vec![(5, 11)],
            files,
        };
        let lines = |files| {
            let found = vec![found(files)];
            let covered = Covered { rooms: 1, messages: 1, complete: true, back_to: None };
            let page = SearchPage { found, people: vec![samples::person(1)], covered, next: None };
            super::files(&state, &Answers { page: Some(page), ..Answers::default() }, clock)
        };
        let two = lines(vec![file("permit.pdf", &[(0, 6)]), file("plan of the permit.pdf", &[(12, 18)])]);
        assert_eq!(two.iter().map(text).collect::<Vec<_>>(), ["[permit].pdf", "plan of the [permit].pdf"]);
        assert_eq!(two[0].about, "2.4 MB, Mira Solberg, yesterday 18:13");
        assert!(two[0].key != two[1].key && two.iter().all(|line| line.pick == Pick::Message(room_id(1), 4)));
        assert!(text(&lines(Vec::new())[0]).starts_with("both [permit]"), "found by what was said with it");
        assert_eq!(asked("\"a per", Tab::Files), "has:file \"a per");
        assert_eq!((asked("a", Tab::Messages), asked("  ", Tab::Files)), ("a".to_owned(), "  ".to_owned()));
    }

    #[test]
    fn what_is_left_out_can_be_asked_for() {
        let state = state(Vec::new());
        let clock = Clock { now: NOW, is_local: false };
        let last =
            |answers: &Answers| messages(&state, answers, clock).last().map(|line| (line.pick.clone(), text(line)));
        let page = |complete, next: Option<&str>| SearchPage {
            found: vec![],
            people: vec![],
            covered: Covered { rooms: 1, messages: 1, complete, back_to: None },
            next: next.map(str::to_owned),
        };
        let with = |page| Answers { page: Some(page), ..Answers::default() };
        assert_eq!(last(&with(page(true, None))), None);
        assert_eq!(last(&with(page(true, Some("x")))), Some((Pick::More, "More messages".to_owned())));
        assert_eq!(last(&with(page(false, Some("x")))), Some((Pick::More, "Search further back".to_owned())));
        let failed = |error| Answers { failed: Some(error), ..Answers::default() };
        assert_eq!(last(&failed(Error::Offline)).map(|(pick, _)| pick), Some(Pick::Retry));
        assert_eq!(last(&failed(Error::invalid("q", crate::error::Problem::TooLong))), None);
    }
}
