//! Lines that a room writes itself, as sentences.

use crate::client::state::State;
use crate::id::UserId;
use crate::model::{Role, SystemLine, Who};
use crate::ui::words;

/// Names that one line says before it counts the rest.
const NAMED: usize = 3;

/// How a line calls somebody.
fn name(state: &State, id: UserId) -> String {
    if id == state.me.person.id {
        return "You".to_owned();
    }
    state.person(id).map_or_else(|| "Someone".to_owned(), |person| person.display_name.clone())
}

/// As an object: `you` in the middle of a sentence.
fn whom(state: &State, id: UserId) -> String {
    if id == state.me.person.id { "you".to_owned() } else { name(state, id) }
}

/// `Theo, Ines and 2 others`
fn all(state: &State, ids: &[UserId]) -> String {
    let mut names: Vec<String> = ids.iter().take(NAMED).map(|id| whom(state, *id)).collect();
    let more = ids.len().saturating_sub(names.len());
    let last = if more > 0 { Some(words::count(more, "other", "others")) } else { names.pop() };
    match (names.join(", "), last) {
        (names, Some(last)) if !names.is_empty() => format!("{names} and {last}"),
        (names, last) => last.unwrap_or(names),
    }
}

/// What many lines of one kind say of all of `ids` at once: who joined, was added, or left.
pub fn together(state: &State, line: &SystemLine, ids: &[UserId]) -> String {
    let names = all(state, ids);
    let mut chars = names.chars();
    let names = chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default();
    match line {
        SystemLine::Added { .. } => format!("{names} were added"),
        SystemLine::Left => format!("{names} left"),
        _ => format!("{names} joined by an invite link"),
    }
}

/// What a line says. `None`: this page is older than the line.
pub fn sentence(state: &State, line: &SystemLine, author_id: UserId) -> Option<String> {
    let who = name(state, author_id);
    Some(match line {
        SystemLine::Created { name } => format!("{who} created the group “{name}”"),
        SystemLine::Added { users } => format!("{who} added {}", all(state, users)),
        SystemLine::Joined => format!("{who} joined by an invite link"),
        SystemLine::Left => format!("{who} left"),
        SystemLine::Removed { user } => format!("{who} removed {}", whom(state, *user)),
        SystemLine::Renamed { name } => format!("{who} named the group “{name}”"),
        SystemLine::Described => format!("{who} changed the description"),
        SystemLine::Role { user, role: Role::Member } => format!("{who} made {} a member", whom(state, *user)),
        SystemLine::Role { user, .. } => format!("{who} made {} an admin", whom(state, *user)),
        SystemLine::Owner { user } if *user == state.me.person.id => "You own the group now".to_owned(),
        SystemLine::Owner { user } => format!("{} owns the group now", name(state, *user)),
        SystemLine::Pinned { .. } => format!("{who} pinned a message"),
        SystemLine::HistoryShown { all: true } => format!("{who} opened the whole history to new members"),
        SystemLine::HistoryShown { all: false } => format!("{who} closed the earlier history to new members"),
        SystemLine::SlowMode { seconds: 0 } => format!("{who} ended slow mode"),
        SystemLine::SlowMode { seconds } => {
            format!("{who} set slow mode: one message every {}", words::duration(u64::from(*seconds) * 1_000))
        }
        SystemLine::PinsBy { who: Who::Everyone } => format!("{who} opened pinning to everyone"),
        SystemLine::PinsBy { who: Who::Admins } => format!("{who} kept pinning to admins"),
        SystemLine::Unknown => return None,
    })
}
