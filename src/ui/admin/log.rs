//! What the admins did.

use super::{Foot, Rows};
use crate::api;
use crate::id::UserId;
use crate::model::Person;
use crate::model::report::AuditEntry;
use crate::ui::time::use_clock;
use dioxus::prelude::*;
use std::collections::HashMap;

fn deed(action: &str) -> &str {
    match action {
        "ban" => "banned",
        "unban" => "lifted the ban of",
        "mute" => "muted",
        "unmute" => "unmuted",
        "warn" => "warned",
        "dismiss" => "dismissed a report about",
        "delete_message" => "deleted a message of",
        "make_admin" => "made an admin of",
        "reset_link" => "made a link for a new password of",
        "unmake_admin" => "took admin away from",
        other => other,
    }
}

#[component]
pub(super) fn Log() -> Element {
    let clock = use_clock();
    let list = use_signal(Rows::<AuditEntry>::new);
    let mut people = use_signal(HashMap::<UserId, Person>::new);
    let load = move |anew: bool| {
        let before = if anew { None } else { list.peek().rows.last().map(|entry| entry.id) };
        let call = async move {
            let (entries, named) = api::moderation::audit(before).await?;
            people.write().extend(named.into_iter().map(|person| (person.id, person)));
            Ok(entries)
        };
        Rows::load(list, anew, Box::pin(call));
    };
    use_effect(move || load(true));
    let name = move |id: UserId| {
        people.read().get(&id).map_or_else(|| "a deleted account".to_owned(), |person| person.display_name.clone())
    };
    rsx! {
        ul { class: "grid grid-cols-1 gap-2", "aria-label": "Log",
            for entry in list.read().rows.clone() {
                li { key: "{entry.id}", class: "card p-4 grid gap-1", "data-testid": "audit",
                    p {
                        strong { {name(entry.actor)} }
                        " {deed(&entry.action)} "
                        if let Some(target) = entry.target {
                            strong { {name(target)} }
                        }
                    }
                    if let Some(note) = &entry.note {
                        p { class: "text-sm whitespace-pre-wrap intro-text", dir: "auto", "{note}" }
                    }
                    time { class: "text-xs text-ink-subtle", {clock.short(entry.at)} }
                }
            }
        }
        Foot {
            is_loading: list.read().is_loading,
            is_empty: list.read().rows.is_empty(),
            has_more: list.read().has_more,
            failed: list.read().failed.clone(),
            empty: "Nothing was done yet.",
            on_more: move |()| load(false),
        }
    }
}
