//! How I get in: the password, and the accounts elsewhere that open this one.

use super::email::EmailSection;
use super::password::PasswordForm;
use super::prove::{Prove, Proved};
use crate::api;
use crate::error::Error;
use crate::model::{SignInWays, Way};
use crate::ui::auth::Google;
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Load, LoadView, use_load};
use crate::ui::words;
use dioxus::prelude::*;

/// What came of the way to a provider and back, from the end of the address; and whether it is good.
fn came_back(news: &str) -> Option<(bool, String)> {
    let text = match news {
        "" => return None,
        "connected" => return Some((true, "Connected. From now on that account opens this one.".to_owned())),
        "cancelled" => words::error(&Error::ProviderCancelled),
        "taken" => "That account opens another one here, or you have connected one from there already.".to_owned(),
        "unknown" => "That account opens no account here, or another one than yours. Connect it below.".to_owned(),
        "busy" => "Too many tries. Wait a few minutes.".to_owned(),
        "late" => "That took too long. Begin once more.".to_owned(),
        _ => words::error(&Error::ProviderFailed),
    };
    Some((false, text))
}

#[component]
pub fn SignIn(news: String) -> Element {
    let (mut load, retry) = use_load(|| Box::pin(api::account::sign_in_ways()));
    // Until something else happens here.
    let mut told = use_signal(|| came_back(&news));
    let ways = match load() {
        Load::Here(ways) => ways,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    let SignInWays { has_password, ways, email } = ways;
    let again = ways.iter().find(|way| way.is_connected).map(|way| way.provider.clone());
    rsx! {
        if let Some((is_good, text)) = told() {
            p { class: "ribbon", "data-k": if is_good { "good" } else { "error" }, role: if is_good { "status" } else { "alert" },
                Icon { d: if is_good { icon::CIRCLE_CHECK } else { icon::CIRCLE_ALERT }, class: "i-sm" }
                span { class: "flex-1", "{text}" }
            }
        }
        if !ways.is_empty() {
            section { class: "grid grid-cols-1 gap-2", "aria-label": "Accounts elsewhere",
                h3 { class: "font-semibold", "Accounts elsewhere" }
                ul { class: "sect",
                    for way in ways {
                        WayRow { key: "{way.provider.key}", way, has_password, on_change: move |ways| { told.set(None); load.set(Load::Here(ways)); } }
                    }
                }
            }
        }
        EmailSection { email, has_password }
        PasswordForm {
            has_password,
            again,
            on_done: move |()| {
                if let Load::Here(ways) = &mut *load.write() {
                    ways.has_password = true;
                }
            },
        }
    }
}

#[component]
fn WayRow(way: Way, has_password: bool, on_change: Callback<SignInWays>) -> Element {
    let mut is_asking = use_signal(|| false);
    let Way { provider, is_connected, email } = way;
    let name = provider.name.clone();
    let key = provider.key.clone();
    let connect = {
        let key = key.clone();
        use_callback(move |password: String| -> Proved<String> {
            Box::pin(api::account::connect_way(key.clone(), password))
        })
    };
    let disconnect = use_callback(move |password: String| -> Proved<SignInWays> {
        Box::pin(api::account::disconnect_way(key.clone(), password))
    });
    rsx! {
        li { class: "device", "data-testid": "way",
            span { class: "device-mark",
                if provider.key == "google" {
                    Google {}
                } else {
                    Icon { d: icon::SHIELD_CHECK, class: "i-sm" }
                }
            }
            div { class: "flex-1 min-w-0",
                p { class: "font-medium", "{name}" }
                p { class: "hint intro-text",
                    match (is_connected, &email) {
                        (false, _) => "Not connected".to_owned(),
                        (true, Some(email)) => format!("Connected as {email}"),
                        (true, None) => "Connected".to_owned(),
                    }
                }
            }
            if has_password {
                button {
                    class: "btn btn-soft",
                    r#type: "button",
                    "aria-label": if is_connected { format!("Disconnect {name}") } else { format!("Connect {name}") },
                    onclick: move |_| is_asking.set(true),
                    if is_connected {
                        "Disconnect"
                    } else {
                        "Connect"
                    }
                }
            }
        }
        if is_asking() {
            if is_connected {
                Prove::<SignInWays> {
                    title: "Disconnect {name}?",
                    text: "That account no longer opens this one. You get in with your password.",
                    action: "Disconnect",
                    call: disconnect,
                    on_done: move |ways| {
                        is_asking.set(false);
                        on_change.call(ways);
                    },
                    on_close: move |()| is_asking.set(false),
                }
            } else {
                Prove::<String> {
                    title: "Connect {name}",
                    text: "First your password here, then you choose an account there. From then on it opens this one.",
                    action: "Go on",
                    call: connect,
                    on_done: move |path: String| dom::go_to(&path),
                    on_close: move |()| is_asking.set(false),
                }
            }
        }
    }
}
