//! Whom I blocked.

use crate::api;
use crate::client::use_live;
use crate::id::UserId;
use crate::model::Person;
use crate::ui::kit::Avatar;
use crate::ui::kit::toast::Toast;
use crate::ui::panel::{Load, LoadView, use_load, use_panel};
use crate::ui::words;
use dioxus::prelude::*;

/// Those are asked for by name at once.
const AT_ONCE: usize = 100;

#[component]
pub fn Blocked() -> Element {
    let live = use_live();
    let ids = use_memo(move || live.state.read().blocked.iter().copied().collect::<Vec<UserId>>());
    let (load, retry) = use_load(move || {
        let ids = ids().iter().take(AT_ONCE).map(ToString::to_string).collect::<Vec<_>>().join(",");
        Box::pin(async move { if ids.is_empty() { Ok(Vec::new()) } else { api::people::people_by_ids(ids).await } })
    });
    let people: Vec<Person> = match load() {
        // Who was unblocked a moment ago goes at once.
        Load::Here(people) => people.into_iter().filter(|person| ids.read().contains(&person.id)).collect(),
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    rsx! {
        div {
            h3 { class: "font-semibold", "Blocked people" }
            p { class: "hint mt-0.5", "Neither of you can write to the other, or see whether the other is online. They aren't told." }
        }
        if people.is_empty() {
            div { class: "sect p-6 text-center",
                p { class: "font-semibold", "Nobody is blocked" }
                p { class: "hint mt-1", "You can block someone from their profile." }
            }
        } else {
            ul { class: "sect", "aria-label": "Blocked people",
                for person in people {
                    BlockedRow { key: "{person.id}", person }
                }
            }
        }
    }
}

#[component]
fn BlockedRow(person: Person) -> Element {
    let live = use_live();
    let panel = use_panel();
    let id = person.id;
    let name = words::first_name(&person.display_name).to_owned();
    let unblock = move |_| {
        let name = name.clone();
        panel.run(Box::pin(async move {
            api::people::set_block(id, false).await?;
            live.resync();
            panel.say(Toast::new(format!("{name} is no longer blocked")));
            Ok(())
        }));
    };
    rsx! {
        li { class: "device",
            Avatar { person: person.clone(), size: 40 }
            div { class: "flex-1 min-w-0",
                p { class: "font-medium truncate", "{person.display_name}" }
                p { class: "hint truncate", "@{person.username}" }
            }
            button { class: "btn btn-soft", r#type: "button", "aria-label": "Unblock {person.display_name}", onclick: unblock, "Unblock" }
        }
    }
}
