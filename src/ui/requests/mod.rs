//! Requests to talk: those of others, and the own ones.

pub mod actions;

use crate::client::use_live;
use crate::model::MessageRequest;
use crate::model::report::Reported;
use crate::ui::kit::avatar::{Avatar, Tint};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::{Page, use_panel};
use crate::ui::shell::Heading;
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

#[component]
pub fn Requests() -> Element {
    let live = use_live();
    let incoming = use_memo(move || live.state.read().incoming());
    let outgoing = use_memo(move || live.state.read().outgoing());
    let is_empty = incoming.read().is_empty() && outgoing.read().is_empty();
    rsx! {
        section {
            class: "sheet wallpaper",
            "aria-label": "Message requests",
            style: "--wp:var(--wp-ripple);--wp-size:var(--wps-ripple);--wp-alpha:.4",
            Heading { title: "Requests" }
            div { class: "scroll flex-1 px-3 py-5",
                div { class: "grid grid-cols-1 gap-3 mx-auto w-full max-w-[600px]",
                    if is_empty {
                        div { class: "text-center py-16",
                            p { class: "font-display text-xl font-bold", "No requests" }
                            p { class: "text-ink-muted mt-1", "People who want to write to you for the first time, or ask you into a group, appear here." }
                        }
                    }
                    if !incoming.read().is_empty() {
                        ul { class: "grid grid-cols-1 gap-3", "aria-label": "Received",
                            for request in incoming() {
                                Incoming { key: "{request.id}", request }
                            }
                        }
                        p { class: "hint text-center", "Declining never notifies anyone." }
                    }
                    if !outgoing.read().is_empty() {
                        h3 { class: "font-semibold text-ink-muted px-2 mt-3", "Sent" }
                        ul { class: "grid grid-cols-1 gap-3", "aria-label": "Sent",
                            for request in outgoing() {
                                Outgoing { key: "{request.id}", request }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Who asks, what they say, and the three answers.
#[component]
fn Incoming(request: MessageRequest) -> Element {
    let live = use_live();
    let clock = use_clock();
    let navigator = use_navigator();
    let panel = use_panel();
    let busy = use_signal(|| false);
    let failed = use_signal(|| None::<String>);
    let id = request.id;
    let from = request.from.clone();
    let from_id = from.id;
    let tint = Tint::of(&from);
    let name = words::first_name(&from.display_name).to_owned();
    rsx! {
        li { class: "card p-5 petal-in", "data-testid": "request", "data-peer": "", "data-hue": tint.hue(), style: tint.style(),
            div { class: "flex items-center gap-3",
                button {
                    class: "face-btn",
                    r#type: "button",
                    onclick: move |_| panel.open(Page::Person(from_id)),
                    Avatar { person: from.clone(), size: 48 }
                    span { class: "sr-only", "Profile of {from.display_name}" }
                }
                div { class: "min-w-0 flex-1",
                    p { class: "font-semibold truncate", "{from.display_name}" }
                    p { class: "text-sm text-ink-muted truncate", "@{from.username}, joined {clock.month(from.joined_at)}" }
                }
                time { class: "text-xs text-ink-subtle", {clock.short(request.created_at)} }
            }
            if let Some(group) = request.room.clone() {
                div { class: "flex items-center gap-3 mt-4",
                    span { class: "invite-mark size-11", Icon { d: icon::USERS } }
                    div { class: "min-w-0 flex-1",
                        p { class: "text-sm text-ink-muted", "{name} asks you into a group" }
                        p { class: "font-semibold intro-text", dir: "auto", "{group.name}" }
                        p { class: "text-sm text-ink-muted", {words::count(group.member_count as usize, "member", "members")} }
                    }
                }
                p { class: "text-sm text-ink-muted mt-3", "Its members see that you're online once you accept." }
            } else {
                // Inert: links stay text until it is accepted.
                p { class: "mt-3 whitespace-pre-wrap intro-text", dir: "auto", {request.intro.as_str()} }
                p { class: "text-sm text-ink-muted mt-2",
                    "{name} can't see that you're online or that you've read this until you accept."
                }
            }
            div { class: "flex flex-wrap gap-2.5 mt-4",
                button {
                    class: "btn btn-primary",
                    r#type: "button",
                    disabled: busy(),
                    onclick: move |_| actions::accept(live, id, busy, failed, navigator),
                    Icon { d: icon::CHECK, class: "i-sm" }
                    "Accept"
                }
                button {
                    class: "btn btn-soft",
                    r#type: "button",
                    disabled: busy(),
                    onclick: move |_| actions::decline(live, id, busy, failed),
                    "Decline"
                }
                button {
                    class: "btn btn-danger-quiet",
                    r#type: "button",
                    disabled: busy(),
                    onclick: move |_| actions::set_block(live, from_id, true, busy, failed),
                    Icon { d: icon::BAN, class: "i-sm" }
                    "Block"
                }
                button {
                    class: "btn btn-danger-quiet",
                    r#type: "button",
                    onclick: move |_| panel.report(Reported::Request { request_id: id }),
                    "Report"
                }
            }
            if let Some(failed) = failed() {
                p { class: "hint mt-2", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}

#[component]
fn Outgoing(request: MessageRequest) -> Element {
    let live = use_live();
    let clock = use_clock();
    let busy = use_signal(|| false);
    let failed = use_signal(|| None::<String>);
    let id = request.id;
    let to = request.to.clone();
    let name = words::first_name(&to.display_name).to_owned();
    rsx! {
        li { class: "card p-4 petal-in", "data-testid": "sent-request",
            div { class: "flex items-center gap-3",
                Avatar { person: to.clone(), size: 40 }
                div { class: "min-w-0 flex-1",
                    p { class: "font-semibold truncate", "{to.display_name}" }
                    p { class: "text-sm text-ink-muted truncate", "Waiting for {name} since {clock.short(request.created_at)}" }
                }
                button {
                    class: "btn btn-quiet",
                    r#type: "button",
                    disabled: busy(),
                    onclick: move |_| actions::cancel(live, id, busy, failed),
                    "Cancel"
                }
            }
            if let Some(group) = &request.room {
                p { class: "mt-2 text-sm text-ink-muted intro-text", dir: "auto", "Asked into {group.name}" }
            } else {
                p { class: "mt-2 text-sm text-ink-muted whitespace-pre-wrap intro-text", dir: "auto", {request.intro.as_str()} }
            }
            if let Some(failed) = failed() {
                p { class: "hint mt-2", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}
