//! Notifications of this device.

use crate::model::MUTED_FOR_GOOD;
use crate::time::Timestamp;
use crate::ui::kit::SwitchLine;
use crate::ui::notify::{NotifySettings, Permission, use_notifier};
use crate::ui::time::{Clock, use_clock};
use dioxus::prelude::*;

const HOUR_MS: i64 = 3_600_000;

/// How long not to disturb.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quiet {
    Off,
    Hour,
    Morning,
    ForGood,
}

const QUIETS: [(Quiet, &str); 4] = [
    (Quiet::Off, "Off"),
    (Quiet::Hour, "For 1 hour"),
    (Quiet::Morning, "Until 8:00"),
    (Quiet::ForGood, "Until I turn it off"),
];

impl Quiet {
    fn until(self, clock: Clock) -> Option<Timestamp> {
        match self {
            Self::Off => None,
            Self::Hour => Some(Timestamp::now().plus_ms(HOUR_MS)),
            Self::Morning => Some(clock.next(8)),
            Self::ForGood => Some(MUTED_FOR_GOOD),
        }
    }
}

/// What is chosen, as a sentence.
fn quiet(settings: NotifySettings, clock: Clock) -> String {
    match settings.quiet_until.filter(|until| *until > clock.now) {
        None => "You are told about new messages.".to_owned(),
        Some(_) if settings.is_quiet_for_good() => "Quiet until you turn it off.".to_owned(),
        Some(until) => format!("Quiet until {}.", clock.time(until)),
    }
}

#[component]
pub fn Notifications() -> Element {
    let notifier = use_notifier();
    let clock = use_clock();
    let settings = notifier.settings();
    let permission = notifier.permission();
    let set = move |next: NotifySettings| notifier.set(next);
    let (title, text) = match permission {
        Permission::Unasked => {
            ("Be told about new messages", "While Lavender is open in a tab, also when you look at something else.")
        }
        Permission::Granted => ("Notifications are allowed", "While Lavender is open in a tab."),
        Permission::Denied => (
            "This browser blocks notifications",
            "Allow them for this site in the browser's settings, beside the address. Then come back here.",
        ),
        Permission::Unsupported => (
            "This browser can't show notifications here",
            "On an iPhone or iPad, add Lavender to the home screen and open it from there.",
        ),
    };
    rsx! {
        div { class: "note-box", role: "status", "data-testid": "permission", "data-state": permission.code(),
            p { class: "font-semibold", "{title}" }
            p { class: "hint mt-0.5", "{text}" }
            if permission == Permission::Unasked {
                button { class: "btn btn-primary mt-3", r#type: "button", onclick: move |_| notifier.ask(), "Turn on notifications" }
            }
        }
        if permission == Permission::Granted {
            div { class: "sect sect-flat",
                SwitchLine {
                    name: "Show notifications",
                    on: settings.is_on,
                    on_change: move |is_on| set(NotifySettings { is_on, ..settings }),
                }
                SwitchLine {
                    name: "Sound",
                    note: "A short one with each notification",
                    on: settings.has_sound,
                    on_change: move |has_sound| {
                        set(NotifySettings { has_sound, ..settings });
                        if has_sound {
                            notifier.chime();
                        }
                    },
                }
                SwitchLine {
                    name: "Show what was written",
                    note: "Off: only who wrote",
                    on: settings.has_text,
                    on_change: move |has_text| set(NotifySettings { has_text, ..settings }),
                }
            }
            fieldset { class: "quiet",
                legend { class: "font-semibold", "Do not disturb" }
                div { class: "flex flex-wrap gap-1 mt-1",
                    for (choice , label) in QUIETS {
                        button {
                            key: "{label}",
                            class: "chip",
                            r#type: "button",
                            "aria-pressed": if is_chosen(choice, settings, clock) { "true" } else { "false" },
                            onclick: move |_| set(NotifySettings { quiet_until: choice.until(clock), ..settings }),
                            "{label}"
                        }
                    }
                }
                p { class: "hint mt-1", role: "status", {quiet(settings, clock)} }
            }
            p { class: "hint", "Each chat has its own level: open its menu in the list." }
        }
    }
}

/// Which of the choices is drawn as chosen: a moment is not remembered by its name.
fn is_chosen(choice: Quiet, settings: NotifySettings, clock: Clock) -> bool {
    match choice {
        Quiet::Off => !settings.is_quiet(clock.now),
        Quiet::ForGood => settings.is_quiet_for_good(),
        Quiet::Hour => settings.is_quiet(clock.now) && !settings.is_quiet_for_good() && !is_morning(settings, clock),
        Quiet::Morning => is_morning(settings, clock),
    }
}

fn is_morning(settings: NotifySettings, clock: Clock) -> bool {
    settings.is_quiet(clock.now) && settings.quiet_until == Some(clock.next(8))
}
