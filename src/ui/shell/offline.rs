//! Pages of a start without the server: the shell that the service worker keeps, and a server that answers with an error.

use crate::Error;
use crate::ui::dom::{self, PageEvent};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::{Brand, Petals};
use crate::ui::words;
use dioxus::prelude::*;

const RETRY_MS: u32 = 5_000;

/// Opens the page again: the shell has an address of its own only when it is looked at directly.
fn open_again() {
    if dom::path() == "/shell" { dom::go_to("/") } else { dom::reload() }
}

/// While it is looked up what can be shown: the mark alone, for so short a time that words would only flicker.
#[component]
pub fn Splash() -> Element {
    rsx! {
        div { class: "vp app",
            main { class: "h-full grid place-items-center p-6 text-center", "aria-busy": "true",
                div { class: "grid justify-items-center max-w-[26rem]",
                    Brand { size: 120 }
                    h1 { class: "sr-only", "Lavender" }
                }
            }
        }
    }
}

/// The kept shell, where nothing else is kept. It finds out by itself when the server is there again.
#[component]
pub fn Offline() -> Element {
    let mut is_trying = use_signal(|| false);
    let mut try_now = move || {
        if *is_trying.peek() {
            return;
        }
        is_trying.set(true);
        spawn(async move {
            if dom::is_reachable().await {
                open_again();
            } else {
                is_trying.set(false);
            }
        });
    };
    use_future(move || async move {
        loop {
            dom::sleep(RETRY_MS).await;
            try_now();
        }
    });
    dom::use_page_events(move |event| match event {
        PageEvent::Online | PageEvent::Seen => try_now(),
        _ => {}
    });
    rsx! {
        Plain { title: "You're offline", text: "Your chats open as soon as there is a connection. Messages that wait here are kept and go by themselves.",
            div { class: "ribbon mt-6", "data-k": "offline", role: "status", "data-testid": "connection", "data-state": "offline",
                Icon { d: icon::CLOUD_OFF, class: "i-sm" }
                span { class: "flex-1", "Offline" }
                button { class: "act", r#type: "button", onclick: move |_| try_now(),
                    if is_trying() {
                        Petals {}
                    } else {
                        "Try again"
                    }
                }
            }
        }
    }
}

/// The first loader failed.
#[component]
pub fn Broken(error: Error) -> Element {
    rsx! {
        Plain { title: "This didn't load", text: words::error(&error),
            // A link, so that it works without any script.
            a { class: "btn btn-primary mt-6", href: "",
                Icon { d: icon::ROTATE_CW, class: "i-sm" }
                "Try again"
            }
        }
    }
}

/// What a browser is shown when the server refuses or fails. `note` names it for whoever asks about it. No script runs here.
#[cfg(feature = "server")]
#[component]
pub fn Failure(title: String, text: String, note: String) -> Element {
    rsx! {
        Plain { title, text,
            a { class: "btn btn-primary mt-6", href: "/", "To Lavender" }
            if !note.is_empty() {
                p { class: "hint mt-6", "{note}" }
            }
        }
    }
}

#[component]
fn Plain(title: String, text: String, children: Element) -> Element {
    rsx! {
        div { class: "vp app",
            main { class: "h-full grid place-items-center p-6 text-center",
                div { class: "grid justify-items-center max-w-[26rem]",
                    Brand { size: 120 }
                    h1 { class: "font-display text-2xl font-bold tracking-[-.025em] mt-5", "{title}" }
                    p { class: "text-ink-muted mt-2", "{text}" }
                    {children}
                }
            }
        }
    }
}
