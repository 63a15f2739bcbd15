//! One line about the connection, where something has to be said: one at a time, never for less than a second.

use crate::client::{ConnectionState, Live, use_live};
use crate::time::Timestamp;
use crate::ui::dom;
use crate::ui::kit::Petals;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::words;
use dioxus::prelude::*;

/// A connection that comes back sooner is not worth a word.
const PATIENCE_MS: i64 = 1_000;
const TICK_MS: u32 = 250;
/// How long it is said that the connection is there again.
const BACK_MS: i64 = 2_500;

/// What the line says.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Say {
    Nothing,
    Connecting,
    /// Seconds until the next try.
    Reconnecting(u64),
    /// How many messages wait.
    Offline(usize),
    /// The account sends too fast. Seconds until the next message goes.
    Slowed(u64),
    /// This device's disk refuses, and messages wait: a reload would lose them.
    NotKept,
    Slow,
    /// What other processes of the server do is heard late.
    Delayed,
    LoggedOut,
    Reload,
    /// It is there again after a while; whether nothing waits any more.
    Back(bool),
}

/// What the outbox has to do with the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Waiting {
    count: usize,
    paused_until: Option<Timestamp>,
    /// They are in this page's memory only.
    is_volatile: bool,
}

/// `since` is how long there has been no connection.
fn say(
    connection: ConnectionState,
    is_new_version: bool,
    now: Timestamp,
    since: Option<Timestamp>,
    waiting: Waiting,
    is_back: bool,
) -> Say {
    let is_late = since.is_some_and(|since| now.0 - since.0 >= PATIENCE_MS);
    match connection {
        ConnectionState::LoggedOut => Say::LoggedOut,
        ConnectionState::Outdated => Say::Reload,
        _ if waiting.is_volatile && waiting.count > 0 => Say::NotKept,
        ConnectionState::Offline => Say::Offline(waiting.count),
        ConnectionState::Connecting if is_late => Say::Connecting,
        ConnectionState::Reconnecting { retry_at } if is_late => {
            let left = u64::try_from(retry_at.0 - now.0).unwrap_or(0).div_ceil(1_000);
            if left == 0 { Say::Connecting } else { Say::Reconnecting(left) }
        }
        ConnectionState::Connecting | ConnectionState::Reconnecting { .. } => Say::Nothing,
        _ if waiting.count > 0 && waiting.paused_until.is_some_and(|until| until > now) => {
            let left = waiting.paused_until.map_or(0, |until| until.0 - now.0);
            Say::Slowed(u64::try_from(left).unwrap_or(0).div_ceil(1_000))
        }
        _ if is_new_version => Say::Reload,
        ConnectionState::Online if is_back => Say::Back(waiting.count == 0),
        ConnectionState::Slow => Say::Slow,
        ConnectionState::Online => Say::Nothing,
    }
}

#[component]
pub fn ConnectionLine() -> Element {
    let live = use_live();
    let connection = use_memo(move || live.state.read().connection);
    let is_new_version = use_memo(move || {
        let state = live.state.read();
        state.server_version != state.version
    });
    let waiting = use_memo(move || {
        let state = live.state.read();
        Waiting {
            count: state.outbox.entries.iter().filter(|entry| entry.error.is_none()).count(),
            paused_until: state.outbox.paused_until,
            is_volatile: state.storage_failed,
        }
    });
    // Nothing of the clock before the page is alive.
    let mut now = use_signal(|| None::<Timestamp>);
    let mut since = use_signal(|| None::<Timestamp>);
    let mut back = use_signal(|| None::<Timestamp>);
    use_future(move || async move {
        let mut was_connected = false;
        loop {
            dom::sleep(TICK_MS).await;
            let is_connected = matches!(*connection.peek(), ConnectionState::Online | ConnectionState::Slow);
            let at = Timestamp::now();
            let before = *since.peek();
            match (is_connected, before) {
                (true, Some(from)) => {
                    since.set(None);
                    if was_connected && at.0 - from.0 >= PATIENCE_MS {
                        back.set(Some(at.plus_ms(BACK_MS)));
                    }
                }
                (false, None) => since.set(Some(at)),
                (true, None) | (false, Some(_)) => {}
            }
            was_connected |= is_connected;
            if back.peek().is_some_and(|until| until <= at || !is_connected) {
                back.set(None);
            }
            if !is_connected || waiting.peek().paused_until.is_some() {
                now.set(Some(at));
            }
        }
    });
    let is_delayed = use_memo(move || live.state.read().is_delayed);
    let line = use_memo(move || {
        match say(connection(), is_new_version(), now().unwrap_or_default(), since(), waiting(), back().is_some()) {
            Say::Nothing if is_delayed() => Say::Delayed,
            line => line,
        }
    });
    let line = line.read();
    rsx! {
        div { class: "connection", role: "status", "data-testid": "connection", "data-state": code(&line),
            if let Some(Ribbon { kind, glyph, text, action }) = ribbon(&line) {
                div { class: "ribbon", "data-k": kind,
                    if let Some(d) = glyph {
                        Icon { d, class: "i-sm" }
                    } else {
                        span { class: "text-accent inline-flex", Petals {} }
                    }
                    // The seconds of a countdown are not announced one by one.
                    if let Say::Reconnecting(_) | Say::Slowed(_) = *line {
                        span { class: "sr-only", if matches!(*line, Say::Slowed(_)) { "Sending slowed" } else { "Reconnecting" } }
                        span { class: "tnum flex-1", "aria-hidden": "true", "{text}" }
                    } else {
                        span { class: "flex-1", "{text}" }
                    }
                    if let Some((name, act)) = action {
                        button { class: "act", r#type: "button", onclick: move |_| act(live), "{name}" }
                    }
                }
            }
        }
    }
}

/// A name and what pressing it does.
type Action = (&'static str, fn(Live));

/// How a line looks.
struct Ribbon {
    kind: Option<&'static str>,
    /// Moving petals without one.
    glyph: Option<&'static str>,
    text: String,
    action: Option<Action>,
}

fn ribbon(line: &Say) -> Option<Ribbon> {
    let (kind, glyph, text, action): (_, _, &str, Option<Action>) = match line {
        Say::Nothing => return None,
        Say::Connecting => (None, None, "Connecting…", None),
        Say::Reconnecting(seconds) => {
            let text = format!("Reconnecting in {seconds} s");
            return Some(Ribbon { kind: None, glyph: None, text, action: Some(("Retry now", Live::reconnect_now)) });
        }
        Say::Offline(waiting @ 1..) => {
            let waiting = words::count(
                *waiting,
                "message waits here and goes by itself",
                "messages wait here and go by themselves",
            );
            let text = format!("Offline · {waiting}");
            return Some(Ribbon { kind: Some("offline"), glyph: Some(icon::CLOUD_OFF), text, action: None });
        }
        Say::Offline(0) => {
            (Some("offline"), Some(icon::CLOUD_OFF), "Offline · messages wait here and go by themselves", None)
        }
        Say::Slowed(seconds) => {
            let text = format!("Sending slowed, going on in {seconds} s");
            return Some(Ribbon { kind: Some("limit"), glyph: Some(icon::HOURGLASS), text, action: None });
        }
        Say::NotKept => {
            let text = "This browser keeps nothing: what waits here is lost when you leave the page";
            (Some("error"), Some(icon::HOURGLASS), text, None)
        }
        Say::Slow => (Some("limit"), Some(icon::HOURGLASS), "Live updates may be slower", None),
        Say::Delayed => (Some("limit"), Some(icon::HOURGLASS), "Live updates are delayed. Nothing is lost.", None),
        // The server leads to the form, and from there back to this place.
        Say::LoggedOut => {
            (Some("error"), Some(icon::LOG_OUT), "Your session ended", Some(("Sign in", |_| dom::reload())))
        }
        Say::Back(true) => (Some("ok"), Some(icon::CHECK), "Back online. Everything sent.", None),
        Say::Back(false) => (Some("ok"), Some(icon::CHECK), "Back online", None),
        Say::Reload => (None, Some(icon::SPROUT), "A new version is ready", Some(("Reload", |_| dom::reload()))),
    };
    Some(Ribbon { kind, glyph, text: text.to_owned(), action })
}

/// The value of `data-state`.
fn code(line: &Say) -> &'static str {
    match line {
        Say::Nothing => "quiet",
        Say::Connecting => "connecting",
        Say::Reconnecting(_) => "reconnecting",
        Say::Offline(_) => "offline",
        Say::Slowed(_) => "slowed",
        Say::NotKept => "not-kept",
        Say::Slow => "slow",
        Say::Delayed => "delayed",
        Say::LoggedOut => "logged-out",
        Say::Reload => "reload",
        Say::Back(_) => "back",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(100_000);

    fn line(connection: ConnectionState, since_ms: Option<i64>) -> Say {
        say(
            connection,
            false,
            NOW,
            since_ms.map(|ms| NOW.plus_ms(-ms)),
            Waiting { count: 2, ..Waiting::default() },
            false,
        )
    }

    #[test]
    fn a_short_gap_is_not_worth_a_word() {
        assert_eq!(line(ConnectionState::Connecting, None), Say::Nothing);
        assert_eq!(line(ConnectionState::Connecting, Some(999)), Say::Nothing);
        assert_eq!(line(ConnectionState::Connecting, Some(1_000)), Say::Connecting);
        assert_eq!(line(ConnectionState::Online, Some(5_000)), Say::Nothing);
    }

    #[test]
    fn it_counts_down_to_the_next_try() {
        let at = |ms| ConnectionState::Reconnecting { retry_at: NOW.plus_ms(ms) };
        assert_eq!(line(at(3_400), Some(2_000)), Say::Reconnecting(4));
        assert_eq!(line(at(-5), Some(2_000)), Say::Connecting);
        assert_eq!(line(at(3_400), Some(10)), Say::Nothing);
    }

    #[test]
    fn what_needs_a_hand_comes_first() {
        assert_eq!(line(ConnectionState::Offline, None), Say::Offline(2));
        assert_eq!(line(ConnectionState::LoggedOut, None), Say::LoggedOut);
        assert_eq!(say(ConnectionState::Online, true, NOW, None, Waiting::default(), false), Say::Reload);
        assert_eq!(say(ConnectionState::Slow, false, NOW, None, Waiting::default(), false), Say::Slow);
    }

    #[test]
    fn coming_back_is_said_once_all_is_well() {
        let back =
            |count| say(ConnectionState::Online, false, NOW, None, Waiting { count, ..Waiting::default() }, true);
        assert_eq!((back(0), back(3)), (Say::Back(true), Say::Back(false)));
        assert_eq!(say(ConnectionState::Offline, false, NOW, None, Waiting::default(), true), Say::Offline(0));
    }

    #[test]
    fn messages_that_wait_are_spoken_of() {
        let slowed = Waiting { count: 1, paused_until: Some(NOW.plus_ms(3_200)), is_volatile: false };
        assert_eq!(say(ConnectionState::Online, false, NOW, None, slowed, false), Say::Slowed(4));
        assert_eq!(say(ConnectionState::Online, false, NOW.plus_ms(3_200), None, slowed, false), Say::Nothing);
        assert_eq!(say(ConnectionState::Online, false, NOW, None, Waiting { count: 0, ..slowed }, false), Say::Nothing);
        let volatile = Waiting { count: 1, paused_until: None, is_volatile: true };
        assert_eq!(say(ConnectionState::Offline, false, NOW, None, volatile, false), Say::NotKept);
        assert_eq!(say(ConnectionState::LoggedOut, false, NOW, None, volatile, false), Say::LoggedOut);
    }
}
