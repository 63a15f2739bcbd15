//! Parts of the panel's pages.

use crate::model::Person;
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Avatar, BotTag};
use dioxus::prelude::*;

/// Up to three faces and how many more there are.
#[component]
pub fn Faces(people: Vec<Person>, #[props(default)] more: u32, size: u16) -> Element {
    let hidden = more + u32::try_from(people.len().saturating_sub(3)).unwrap_or(0);
    rsx! {
        span { class: "stack", style: "--s:{size}px", "aria-hidden": "true",
            for person in people.into_iter().take(3) {
                Avatar { key: "{person.id}", person, size }
            }
            if hidden > 0 {
                span { class: "more", "+{hidden}" }
            }
        }
    }
}

/// A face, a name, and what is said below it. On a phone the panel is all there is: its title is the first heading, and the
/// name the second.
#[component]
pub fn Top(face: Element, name: String, children: Element) -> Element {
    rsx! {
        div { class: "grid justify-items-center text-center pt-1 pb-5 px-3 min-w-0",
            {face}
            h3 {
                class: "font-display text-xl font-bold tracking-[-.02em] mt-3 max-w-full intro-text",
                dir: "auto",
                "aria-level": dom::is_compact().then_some("2"),
                "{name}"
            }
            {children}
        }
    }
}

/// A line to press. `trail` stands at its end.
#[component]
pub fn Line(
    icon: &'static str,
    on_press: Callback<()>,
    #[props(default)] is_danger: bool,
    #[props(default)] trail: Option<String>,
    children: Element,
) -> Element {
    rsx! {
        button { class: "ln", r#type: "button", "data-danger": is_danger.then_some(""), onclick: move |_| on_press.call(()),
            Icon { d: icon }
            span { class: "flex-1 min-w-0", {children} }
            if let Some(trail) = trail {
                span { class: "text-ink-muted tnum", "{trail}" }
                Icon { d: icon::CHEVRON_RIGHT, class: "i-sm" }
            }
        }
    }
}

/// What a person is, as far as it matters to others.
#[component]
pub fn Tags(person: Person, #[props(default)] role: Option<&'static str>) -> Element {
    rsx! {
        if let Some(role) = role {
            span { class: "tag", Icon { d: icon::SHIELD_CHECK, class: "i-xs" } "{role}" }
        }
        if person.is_bot {
            BotTag {}
        }
        if person.is_admin && role.is_none() {
            span { class: "tag", title: "Runs this server", Icon { d: icon::SHIELD_CHECK, class: "i-xs" } "Admin" }
        }
    }
}
