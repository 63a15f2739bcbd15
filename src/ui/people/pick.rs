//! Choosing people: those one knows, or anybody by name.

use crate::api;
use crate::client::use_live;
use crate::id::UserId;
use crate::model::limits::{ADD_MAX, SEARCH_MAX_CHARS};
use crate::model::{Person, Relation};
use crate::ui::kit::Avatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::{dom, words};
use dioxus::prelude::*;

const DEBOUNCE_MS: u32 = 250;

/// Whom one can choose, and whether they join at once.
#[derive(Clone, PartialEq)]
struct Candidate {
    person: Person,
    is_known: bool,
}

/// The people of one's direct rooms, or those that a search finds, with a box to tick. `without` are there already.
#[component]
pub fn Pick(chosen: Signal<Vec<Person>>, without: Vec<UserId>) -> Element {
    let live = use_live();
    let mut chosen = chosen;
    let mut query = use_signal(String::new);
    let mut found = use_signal(|| None::<Result<Vec<Candidate>, String>>);
    let mut asked = use_hook(|| CopyValue::new(0_u32));
    let known = use_memo(move || {
        let state = live.state.read();
        let rooms = state.rooms_by_activity();
        let summaries = rooms.iter().filter_map(|id| state.rooms.get(id)).map(|room| &room.summary);
        let open = summaries.filter(|summary| summary.can_send);
        let peers = open.filter_map(|summary| summary.peer(state.me.person.id));
        peers.map(|person| Candidate { person: person.clone(), is_known: true }).collect::<Vec<_>>()
    });
    let ask = move |text: String| {
        query.set(text.clone());
        let number = *asked.peek() + 1;
        asked.set(number);
        let text = text.trim().to_owned();
        if text.is_empty() {
            found.set(None);
            return;
        }
        spawn(async move {
            dom::sleep(DEBOUNCE_MS).await;
            if *asked.peek() != number {
                return;
            }
            let answer = api::people::find_people(text).await;
            if *asked.peek() == number {
                found.set(Some(answer.map_err(|error| words::error(&error)).map(|hits| {
                    let hits =
                        hits.into_iter().filter(|hit| !matches!(hit.relation, Relation::Myself | Relation::Blocked));
                    let candidate = |hit: crate::model::PersonHit| Candidate {
                        is_known: matches!(hit.relation, Relation::Connected { .. }),
                        person: hit.person,
                    };
                    hits.map(candidate).collect()
                })));
            }
        });
    };
    let mut toggle = move |person: Person| {
        let mut chosen = chosen.write();
        match chosen.iter().position(|other| other.id == person.id) {
            Some(at) => drop(chosen.remove(at)),
            None if chosen.len() < ADD_MAX => chosen.push(person),
            None => {}
        }
    };
    let shown = match &*found.read() {
        None => Ok(known()),
        Some(found) => found.clone(),
    };
    let shown = shown
        .map(|all| all.into_iter().filter(|candidate| !without.contains(&candidate.person.id)).collect::<Vec<_>>());
    rsx! {
        div { class: "grid gap-2", role: "group", "aria-label": "People",
            if !chosen.read().is_empty() {
                ul { class: "flex flex-wrap gap-1.5", "aria-label": "Chosen",
                    for person in chosen() {
                        li { key: "{person.id}",
                            button {
                                class: "picked",
                                r#type: "button",
                                onclick: { let person = person.clone(); move |_| toggle(person.clone()) },
                                Avatar { person: person.clone(), size: 24 }
                                span { class: "truncate", {words::first_name(&person.display_name)} }
                                span { class: "sr-only", ", take out" }
                                Icon { d: icon::X, class: "i-xs" }
                            }
                        }
                    }
                }
            }
            input {
                class: "input",
                r#type: "search",
                "aria-label": "Find people to add",
                placeholder: "Name or @username",
                autocomplete: "off",
                autocapitalize: "none",
                spellcheck: "false",
                maxlength: "{SEARCH_MAX_CHARS}",
                value: "{query}",
                oninput: { let mut ask = ask; move |event: FormEvent| ask(event.value()) },
                // It would send the form around it.
                onkeydown: move |event: KeyboardEvent| {
                    if event.key() == Key::Enter {
                        event.prevent_default();
                    }
                },
            }
            div { "aria-live": "polite",
                match shown {
                    Err(failed) => rsx! {
                        p { class: "hint px-1", "data-error": "", role: "alert", "{failed}" }
                    },
                    Ok(all) if all.is_empty() => rsx! {
                        p { class: "text-sm text-ink-muted px-1 py-2",
                            if query.read().trim().is_empty() {
                                "Type a name to find people."
                            } else {
                                "Nobody else matches."
                            }
                        }
                    },
                    Ok(all) => rsx! {
                        ul { class: "grid", "aria-label": "People to choose from",
                            for candidate in all {
                                li { key: "{candidate.person.id}",
                                    label { class: "ln pick", "data-testid": "candidate",
                                        Avatar { person: candidate.person.clone(), size: 38 }
                                        span { class: "flex-1 min-w-0",
                                            span { class: "block truncate font-medium", dir: "auto", "{candidate.person.display_name}" }
                                            span { class: "block truncate text-sm text-ink-muted",
                                                "@{candidate.person.username}"
                                                if !candidate.is_known {
                                                    ", is asked first"
                                                }
                                            }
                                        }
                                        input {
                                            class: "tick",
                                            r#type: "checkbox",
                                            "aria-label": "{candidate.person.display_name}",
                                            checked: chosen.read().iter().any(|person| person.id == candidate.person.id),
                                            onchange: { let person = candidate.person.clone(); move |_| toggle(person.clone()) },
                                        }
                                    }
                                }
                            }
                        }
                    },
                }
            }
        }
    }
}

/// What became of people who were to be in a group, in a sentence or two.
pub fn outcome(people: &[Person], added: &[UserId], invited: &[UserId], refused: &[UserId]) -> String {
    let names = |ids: &[UserId]| {
        let first = people.iter().find(|person| Some(&person.id) == ids.first());
        let first = first.map_or("Someone", |person| words::first_name(&person.display_name));
        match ids.len() {
            1 => format!("{first} was"),
            2 => format!("{first} and one more were"),
            many => format!("{first} and {} more were", many - 1),
        }
    };
    let mut parts = Vec::new();
    for (ids, what) in [(added, "added"), (invited, "asked"), (refused, "not added")] {
        if !ids.is_empty() {
            parts.push(format!("{} {what}.", names(ids)));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn an_outcome_says_what_became_of_whom() {
        let people: Vec<Person> = ["Mira Solberg", "Theo Okafor", "Jun Park"]
            .map(|name| Person::new(UserId::new(), "x", name, Timestamp(0)))
            .to_vec();
        let ids: Vec<UserId> = people.iter().map(|person| person.id).collect();
        assert_eq!(outcome(&people, &ids[..2], &[], &[]), "Mira and one more were added.");
        assert_eq!(outcome(&people, &ids[..1], &ids[1..], &[]), "Mira was added. Theo and one more were asked.");
        assert_eq!(outcome(&people, &[], &[], &ids), "Mira and 2 more were not added.");
    }
}
