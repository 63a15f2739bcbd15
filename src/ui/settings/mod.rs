//! What this device and this account are set to: a page with its parts at the left, on a phone one of the two.

mod blocked;
mod data;
mod devices;
mod email;
mod look;
mod notifications;
mod password;
mod privacy;
mod prove;
mod sign_in;
mod suggestions;

use crate::app::Route;
use crate::client::use_live;
use crate::ui::kit::Avatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Page, use_panel};
use blocked::Blocked;
use data::Data;
use devices::Devices;
use dioxus::prelude::*;
use look::Look;
use notifications::Notifications;
use privacy::PrivacySection;
use sign_in::SignIn;
use suggestions::Suggestions;

/// A part of the settings: its address, its name and its icon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Look,
    Notifications,
    SignIn,
    Privacy,
    Data,
}

const PARTS: [(Part, &str, &str, &str); 5] = [
    (Part::Look, "look", "Look and devices", icon::SUN_MOON),
    (Part::Notifications, "notifications", "Notifications", icon::BELL),
    (Part::SignIn, "sign-in", "Password and sign-in", icon::SHIELD_CHECK),
    (Part::Privacy, "privacy", "Privacy and blocked", icon::EYE_OFF),
    (Part::Data, "data", "Your data", icon::DOWNLOAD),
];

/// All of them; where there is room with the first one open.
#[component]
pub fn Settings() -> Element {
    rsx! {
        Sheet { part: None, news: String::new() }
    }
}

/// One of them. An address that nobody made shows what there is.
#[component]
pub fn SettingsPart(part: String) -> Element {
    rsx! {
        Sheet { part: named(&part), news: String::new() }
    }
}

/// One of them, and what came of the way to another site and back: see [`sign_in`].
#[component]
pub fn SettingsNews(part: String, news: String) -> Element {
    rsx! {
        Sheet { part: named(&part), news }
    }
}

fn named(path: &str) -> Option<Part> {
    PARTS.iter().find(|(_, known, ..)| *known == path).map(|(part, ..)| *part)
}

#[component]
fn Sheet(part: Option<Part>, news: String) -> Element {
    let live = use_live();
    let panel = use_panel();
    let navigator = use_navigator();
    let me = use_memo(move || live.state.read().me.person.clone());
    let shown = part.unwrap_or(Part::Look);
    let title = PARTS.iter().find(|(known, ..)| *known == shown).map_or("", |(_, _, name, _)| name);
    let back = move |_| {
        navigator.push(if part.is_some() { Route::Settings {} } else { Route::Home {} });
    };
    rsx! {
        section { class: "sheet settings", "aria-label": "Settings", "data-testid": "settings", "data-part": part.map(|_| ""),
            header { class: "info-bar only-phone-bar",
                button { class: "icon-btn -ms-1.5", r#type: "button", "aria-label": "Back", onclick: back,
                    Icon { d: icon::CHEVRON_LEFT }
                }
                h2 { class: "who", if part.is_some() { "{title}" } else { "Settings" } }
            }
            nav { class: "settings-nav scroll", "aria-label": "Settings",
                h2 { class: "font-display text-xl font-bold px-2.5 pb-3 not-phone", "Settings" }
                button { class: "ln settings-me", r#type: "button", onclick: move |_| panel.open(Page::Me),
                    Avatar { person: me(), size: 52 }
                    span { class: "flex-1 min-w-0",
                        span { class: "block font-semibold truncate", "{me().display_name}" }
                        span { class: "block hint truncate", "@{me().username}" }
                    }
                }
                for (value , path , name , glyph) in PARTS {
                    Link {
                        key: "{path}",
                        class: "ln settings-ln",
                        to: Route::SettingsPart { part: path.to_owned() },
                        "data-on": (value == shown).then_some(""),
                        "aria-current": (Some(value) == part).then_some("page"),
                        Icon { d: glyph }
                        span { class: "flex-1 min-w-0", "{name}" }
                        Icon { d: icon::CHEVRON_RIGHT, class: "i-sm only-phone" }
                    }
                }
                button { class: "ln settings-ln", r#type: "button", onclick: move |_| live.sign_out(),
                    Icon { d: icon::LOG_OUT }
                    "Sign out"
                }
            }
            div { class: "settings-body scroll",
                div { class: "settings-part",
                    h2 { class: "font-display text-2xl font-bold tracking-[-.025em] not-phone", "{title}" }
                    match shown {
                        Part::Look => rsx! {
                            Look {}
                            Suggestions {}
                            Devices {}
                        },
                        Part::Notifications => rsx! {
                            Notifications {}
                        },
                        Part::SignIn => rsx! {
                            SignIn { news }
                        },
                        Part::Privacy => rsx! {
                            PrivacySection {}
                            Blocked {}
                        },
                        Part::Data => rsx! {
                            Data {}
                        },
                    }
                }
            }
        }
    }
}
