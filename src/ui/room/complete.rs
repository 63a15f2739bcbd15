//! Names to choose from while one is typed behind an `@` in the composer.

use super::format::{byte_at, units};
use crate::model::Person;
use crate::ui::dom::{self, Edit};
use crate::ui::kit::Avatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// The id of the list; its options are called `mention-0` and on.
pub const LIST: &str = "mentions";
/// As many as are seen without scrolling, above a phone's keyboard too.
const PICKS_MAX: usize = 6;
/// Characters of what is looked for.
const TYPED_MAX: usize = 30;

/// A name that is being typed: it begins with the `@` at `start` and ends at the caret, in UTF-16 units.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Query {
    start: u32,
    end: u32,
    typed: String,
}

/// The name in front of the caret, if one is being typed there.
fn query(text: &str, caret: u32) -> Option<Query> {
    let before = &text[..byte_at(text, caret)];
    let (at, _) = before.char_indices().rev().take(TYPED_MAX + 1).find(|(_, c)| *c == '@')?;
    let typed = &before[at + 1..];
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_name = typed.chars().all(|c| is_word(c) || c == '.' || c == '-');
    let is_begun = before[..at].chars().next_back().is_none_or(|c| !is_word(c) && c != '@');
    (is_name && is_begun).then(|| Query { start: units(&before[..at]), end: caret, typed: typed.to_lowercase() })
}

/// What can be chosen.
#[derive(Clone, PartialEq, Debug)]
enum Pick {
    All,
    Person(Person),
}

impl Pick {
    fn name(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Person(person) => &person.username,
        }
    }
}

/// Those whose username begins with what is typed, then those of whose name a word does.
fn picks(people: &[Person], with_all: bool, typed: &str) -> Vec<Pick> {
    let by_username = people.iter().filter(|person| person.username.starts_with(typed));
    let by_name = people.iter().filter(|person| {
        let name = person.display_name.to_lowercase();
        !person.username.starts_with(typed) && name.split_whitespace().any(|word| word.starts_with(typed))
    });
    let all = (with_all && "all".starts_with(typed)).then_some(Pick::All);
    // With something typed it is most likely meant; with nothing it would be the slip of a finger.
    let (first, last) = if typed.is_empty() { (None, all) } else { (all, None) };
    let room = PICKS_MAX - usize::from(first.is_some()) - usize::from(last.is_some());
    let people = by_username.chain(by_name).take(room).cloned().map(Pick::Person);
    first.into_iter().chain(people).chain(last).collect()
}

/// The choice beside a text area.
#[derive(Clone, Copy, PartialEq)]
pub struct Completion {
    area: &'static str,
    query: Signal<Option<Query>>,
    picks: Memo<Vec<Pick>>,
    active: Signal<usize>,
    /// Where a list was closed; it stays closed while that name is typed.
    dismissed: Signal<Option<u32>>,
}

/// Offers `people`, and `@all` when `with_all`, while names are typed into the text area with this id.
pub fn use_completion(area: &'static str, people: Vec<Person>, with_all: bool) -> Completion {
    let query = use_signal(|| None::<Query>);
    let picks = use_memo(use_reactive((&people, &with_all), move |(people, with_all)| {
        query.read().as_ref().map(|query| picks(&people, with_all, &query.typed)).unwrap_or_default()
    }));
    Completion { area, query, picks, active: use_signal(|| 0), dismissed: use_signal(|| None) }
}

impl Completion {
    /// Looks again at what stands before the caret: after typing, and whenever the caret may have moved.
    pub fn refresh(mut self, text: &str) {
        let caret = dom::selection(self.area).and_then(|(from, to)| (from == to).then_some(to));
        let found = caret.and_then(|caret| query(text, caret));
        let start = found.as_ref().map(|query| query.start);
        if start != *self.dismissed.peek() {
            self.dismissed.set(None);
        } else if start.is_some() {
            return;
        }
        if *self.query.peek() != found {
            self.query.set(found);
            self.active.set(0);
        }
    }

    pub fn close(mut self) {
        if self.query.peek().is_some() {
            self.query.set(None);
        }
    }

    /// Whether there is anything to choose.
    pub fn is_open(self) -> bool {
        !self.picks.read().is_empty()
    }

    /// The id of the option that Enter would take.
    pub fn active_id(self) -> Option<String> {
        self.is_open().then(|| format!("mention-{}", self.active.read()))
    }

    /// Whether a pressed key was meant for the list.
    pub fn on_key(mut self, event: &KeyboardEvent) -> bool {
        let count = self.picks.peek().len();
        if count == 0 || !event.modifiers().is_empty() {
            return false;
        }
        let active = *self.active.peek();
        match event.key() {
            Key::ArrowDown => self.active.set((active + 1) % count),
            Key::ArrowUp => self.active.set((active + count - 1) % count),
            Key::Enter | Key::Tab => self.take(active),
            Key::Escape => {
                let start = self.query.peek().as_ref().map(|query| query.start);
                self.dismissed.set(start);
                self.close();
            }
            _ => return false,
        }
        event.prevent_default();
        event.stop_propagation();
        true
    }

    /// Writes a name out.
    fn take(self, at: usize) {
        if let (Some(query), Some(pick)) = (&*self.query.peek(), self.picks.peek().get(at)) {
            let text = format!("@{} ", pick.name());
            let caret = query.start + units(&text);
            dom::edit(self.area, Edit { from: query.start, to: query.end, text, select: (caret, caret) });
        }
        self.close();
    }
}

/// The list above the composer. It never has the focus: the text area tells which option is chosen.
#[component]
pub fn Picks(completion: Completion) -> Element {
    let picks = completion.picks.read();
    let active = completion.active;
    let said = match picks.len() {
        0 => String::new(),
        count => format!("{}. Up and down to choose, Enter to take.", words::count(count, "suggestion", "suggestions")),
    };
    rsx! {
        if !picks.is_empty() {
            ul { id: LIST, class: "menu picks", role: "listbox", "aria-label": "People to mention",
                for (at , pick) in picks.iter().enumerate() {
                    li {
                        key: "{pick.name()}",
                        id: "mention-{at}",
                        class: "pick",
                        role: "option",
                        "aria-selected": if at == active() { "true" } else { "false" },
                        // The text area keeps the focus, and a phone its keyboard.
                        onmousedown: move |event| event.prevent_default(),
                        onclick: move |_| completion.take(at),
                        match pick {
                            Pick::Person(person) => rsx! {
                                Avatar { person: person.clone(), size: 28 }
                                span { class: "truncate", "{person.display_name}" }
                                span { class: "text-sm text-ink-muted truncate", "@{person.username}" }
                            },
                            Pick::All => rsx! {
                                span { class: "pick-all", "aria-hidden": "true",
                                    Icon { d: icon::USERS, class: "i-sm" }
                                }
                                span { "Everyone here" }
                                span { class: "text-sm text-ink-muted", "@all" }
                            },
                        }
                    }
                }
            }
        }
        span { class: "sr-only", role: "status", "{said}" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;
    use crate::time::Timestamp;
    use uuid::Uuid;

    fn people() -> Vec<Person> {
        let names = [
            ("mira", "Mira Solberg"),
            ("theo.o", "Théo Okafor"),
            ("ana", "Ana Mirren"),
            ("sol", "Sol"),
            ("altan", "Altan"),
        ];
        let person = |(at, (username, name)): (usize, (&str, &str))| {
            Person::new(UserId(Uuid::from_u128(at as u128)), username, name, Timestamp(0))
        };
        names.into_iter().enumerate().map(person).collect()
    }

    fn found(typed: &str, with_all: bool) -> Vec<String> {
        picks(&people(), with_all, typed).iter().map(|pick| pick.name().to_owned()).collect()
    }

    #[test]
    fn a_name_is_found_before_the_caret() {
        let typed = |text: &str, caret| query(text, caret).map(|query| (query.start, query.end, query.typed));
        assert_eq!(typed("@", 1), Some((0, 1, String::new())));
        assert_eq!(typed("hi @Mi there", 6), Some((3, 6, "mi".to_owned())));
        assert_eq!(typed("😀 @thé", 7), Some((3, 7, "thé".to_owned())));
        assert_eq!(typed("(@theo.o", 8), Some((1, 8, "theo.o".to_owned())));
        for (text, caret) in [("ann@ex", 6), ("@mi ", 4), ("@mi", 0), ("", 0), ("@@mi", 4), ("@a b", 4), ("x_@mi", 5)] {
            assert_eq!(typed(text, caret), None, "{text:?}");
        }
        assert_eq!(typed(&format!("@{}", "a".repeat(40)), 41), None);
    }

    #[test]
    fn usernames_come_before_names_and_all_only_where_it_is_allowed() {
        assert_eq!(found("mir", false), ["mira", "ana"]);
        assert_eq!(found("théo", false), ["theo.o"]);
        assert_eq!(found("sol", false), ["sol", "mira"]);
        assert_eq!(found("al", true), ["all", "altan"]);
        assert_eq!(found("al", false), ["altan"]);
        assert_eq!(found("", true).last().map(String::as_str), Some("all"));
        assert_eq!(found("", true).len(), PICKS_MAX);
        assert_eq!(found("nobody", true), [""; 0]);
    }
}
