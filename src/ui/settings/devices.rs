//! Where the account is signed in.

use crate::api;
use crate::model::SessionView;
use crate::model::agent::{Kind, describe};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Ask, Call, Load, LoadView, use_load, use_panel};
use crate::ui::time::{Clock, use_clock};
use dioxus::prelude::*;

/// A device that was used less than this ago is active now: it comes once in ten minutes at least.
const NOW_MS: i64 = 11 * 60_000;

#[component]
pub fn Devices() -> Element {
    let panel = use_panel();
    let (mut load, retry) = use_load(|| Box::pin(api::account::sessions()));
    let ask_all = move |_| {
        let run = move || -> Call {
            Box::pin(async move {
                load.set(Load::Here(api::account::end_other_sessions().await?));
                Ok(())
            })
        };
        let text = "Every device but this one has to sign in again. What they keep of your chats is removed.";
        panel.ask(Ask::new("Sign out the others?", text, "Sign out the others", run));
    };
    let sessions = match load() {
        Load::Here(sessions) => sessions,
        Load::Waiting => return rsx! { LoadView { on_retry: retry } },
        Load::Failed(failed) => return rsx! { LoadView { failed, on_retry: retry } },
    };
    rsx! {
        section { class: "grid grid-cols-1 gap-2", "aria-label": "Where you're signed in", "data-testid": "devices",
            div { class: "flex flex-wrap items-center justify-between gap-2 min-h-11",
                h3 { class: "font-semibold", "Where you're signed in" }
                if sessions.len() > 1 {
                    button { class: "btn btn-quiet text-danger-ink -me-3", r#type: "button", onclick: ask_all, "Sign out the others" }
                }
            }
            ul { class: "sect",
                for session in sessions {
                    Device { key: "{session.id}", session, load }
                }
            }
        }
    }
}

#[component]
fn Device(session: SessionView, load: Signal<Load<Vec<SessionView>>>) -> Element {
    let panel = use_panel();
    let clock = use_clock();
    let mut load = load;
    let id = session.id;
    let (name, kind) = describe(&session.user_agent);
    let glyph = match kind {
        Kind::Phone => icon::SMARTPHONE,
        Kind::Computer | Kind::Unknown => icon::MONITOR,
    };
    let asked = name.clone();
    let end = move |_| {
        let run = move || -> Call {
            Box::pin(async move {
                load.set(Load::Here(api::account::end_session(id).await?));
                Ok(())
            })
        };
        let text = "It has to sign in again. What it keeps of your chats is removed.";
        panel.ask(Ask::new(format!("Sign out {asked}?"), text, "Sign out", run));
    };
    rsx! {
        li { class: "device", "data-testid": "device",
            span { class: "device-mark", Icon { d: glyph, class: "i-sm" } }
            div { class: "flex-1 min-w-0",
                p { class: "flex flex-wrap items-center gap-x-2",
                    span { class: "font-medium", "{name}" }
                    if session.is_this {
                        span { class: "tag", "data-k": "good", "This device" }
                    }
                }
                p { class: "hint", title: "{session.user_agent}", {line(&session, clock)} }
            }
            if !session.is_this {
                button { class: "btn btn-quiet text-danger-ink", r#type: "button", "aria-label": "Sign out {name}", onclick: end, "Sign out" }
            }
        }
    }
}

/// When it was used last, when it came, and from where.
fn line(session: &SessionView, clock: Clock) -> String {
    let began = format!("signed in {} from {}", clock.date(session.created_at), session.network);
    if session.is_this || clock.now.0 - session.last_used_at.0 < NOW_MS {
        return format!("Active now, {began}");
    }
    format!(
        "Active {}, {began}",
        clock.day(session.last_used_at).replace("Today", "today").replace("Yesterday", "yesterday")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::SessionId;
    use crate::time::Timestamp;

    #[test]
    fn a_device_says_when_it_was_used_and_where_it_came_from() {
        let clock = Clock { now: Timestamp(1_750_000_000_000), is_local: false };
        let mut session = SessionView {
            id: SessionId::new(),
            is_this: false,
            created_at: Timestamp(1_749_000_000_000),
            last_used_at: clock.now,
            user_agent: String::new(),
            network: "192.0.2.0/24".to_owned(),
        };
        assert_eq!(line(&session, clock), "Active now, signed in 4 June 2025 from 192.0.2.0/24");
        session.last_used_at = clock.now.plus_ms(-24 * 3_600_000);
        assert_eq!(line(&session, clock), "Active yesterday, signed in 4 June 2025 from 192.0.2.0/24");
    }
}
