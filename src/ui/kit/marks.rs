//! Small drawings that say a state: where a message is, that someone types, is there, was there.

use crate::model::Tick;
use dioxus::prelude::*;

/// The name of a tick, for who cannot see it.
pub fn tick_name(tick: Tick) -> &'static str {
    match tick {
        Tick::Queued => "Waiting",
        Tick::Sending => "Sending",
        Tick::Sent => "Sent",
        Tick::Delivered => "Delivered",
        Tick::Read => "Read",
    }
}

/// The value of `data-tick`.
pub fn tick_code(tick: Tick) -> &'static str {
    match tick {
        Tick::Queued => "queued",
        Tick::Sending => "sending",
        Tick::Sent => "sent",
        Tick::Delivered => "delivered",
        Tick::Read => "read",
    }
}

/// Where an own message is. Its shape changes at every step; colour only helps.
#[component]
pub fn TickMark(tick: Tick) -> Element {
    rsx! {
        svg { class: "st", "data-s": tick_code(tick), view_box: "0 0 16 14", role: "img", "aria-label": tick_name(tick),
            match tick {
                Tick::Queued => rsx! {
                    circle { cx: "8", cy: "7", r: "5.4" }
                    path { d: "M8 4v3.2l2 1.3" }
                },
                Tick::Sending => rsx! {
                    circle { class: "orb", cx: "8", cy: "7", r: "4.6", stroke_dasharray: "16 13" }
                },
                Tick::Sent => rsx! {
                    path { d: "M4 7.6 7 10.5 12.5 4" }
                },
                Tick::Delivered => rsx! {
                    path { d: "M1 7.6 4 10.5 9.5 4M7.8 9.8l.7.7L15 4" }
                },
                Tick::Read => rsx! {
                    path { class: "st-petal", d: "M1.5 6.5A5.5 5.5 0 0 1 7 1h2a5.5 5.5 0 0 1 5.5 5.5v5A1.5 1.5 0 0 1 13 13H7a5.5 5.5 0 0 1-5.5-5.5z" }
                    path { class: "st-hook", d: "M5 7.2 7.3 9.4 11.3 4.9" }
                },
            }
        }
    }
}

/// The mark of a message that was refused.
#[component]
pub fn FailedMark() -> Element {
    rsx! {
        svg { class: "st", "data-s": "failed", view_box: "0 0 16 14", role: "img", "aria-label": "Not sent",
            circle { cx: "8", cy: "7", r: "5.6" }
            path { d: "M8 4.3v3M8 9.7v.01" }
        }
    }
}

/// Three petals that open in turn: someone is shaping words.
#[component]
pub fn Petals() -> Element {
    rsx! {
        span { class: "petals", "aria-hidden": "true",
            i {}
            i {}
            i {}
        }
    }
}

/// A dot with a ripple: someone is there.
#[component]
pub fn Pulse() -> Element {
    rsx! {
        i { class: "pulse", "aria-hidden": "true" }
    }
}

/// A clock whose hand settles: someone was there.
#[component]
pub fn Hands() -> Element {
    rsx! {
        svg { class: "clock", view_box: "0 0 12 12", "aria-hidden": "true",
            circle { cx: "6", cy: "6", r: "5" }
            path { d: "M6 6V3.2M6 6h2" }
        }
    }
}
