//! The queue of reports, each with its evidence and what can be done about it.

use super::{Foot, Rows};
use crate::api;
use crate::id::ReportId;
use crate::model::report::{Reason, Report, ReportState, Reported, Verdict};
use crate::ui::kit::dialog::Confirm;
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;

const STATES: [(ReportState, &str); 3] =
    [(ReportState::Open, "Open"), (ReportState::Acted, "Acted on"), (ReportState::Dismissed, "Dismissed")];
const MUTES: [(u32, &str); 2] = [(24, "Mute for a day"), (168, "Mute for a week")];

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Spam => "Spam",
        Reason::Harassment => "Harassment",
        Reason::Hate => "Hate",
        Reason::Violence => "Violence",
        Reason::Sexual => "Sexual content",
        Reason::Impersonation => "Impersonation",
        Reason::Other => "Something else",
    }
}

fn thing(reported: Reported) -> &'static str {
    match reported {
        Reported::Message { .. } => "a message of",
        Reported::Person { .. } => "the account",
        Reported::Room { .. } => "a conversation with",
        Reported::Request { .. } => "a message request of",
    }
}

#[component]
pub(super) fn Reports() -> Element {
    let list = use_signal(Rows::<Report>::new);
    let mut state = use_signal(ReportState::default);
    let load = move |anew: bool| {
        let before = if anew { None } else { list.peek().rows.last().map(|report| report.id) };
        Rows::load(list, anew, Box::pin(api::moderation::reports(*state.peek(), before)));
    };
    use_effect(move || {
        state.read();
        load(true);
    });
    let closed = move |id: ReportId| {
        let mut list = list;
        list.write().rows.retain(|report| report.id != id);
    };
    rsx! {
        label { class: "flex items-center gap-2 text-sm text-ink-muted",
            "Show"
            select {
                class: "input w-auto",
                onchange: move |event| {
                    let chosen = STATES.iter().find(|(_, name)| *name == event.value());
                    if let Some((chosen, _)) = chosen {
                        state.set(*chosen);
                    }
                },
                for (_ , name) in STATES {
                    option { key: "{name}", value: "{name}", "{name}" }
                }
            }
        }
        ul { class: "grid grid-cols-1 gap-3", "aria-label": "Reports",
            for report in list.read().rows.clone() {
                Card { key: "{report.id}", report, on_closed: closed }
            }
        }
        Foot {
            is_loading: list.read().is_loading,
            is_empty: list.read().rows.is_empty(),
            has_more: list.read().has_more,
            failed: list.read().failed.clone(),
            empty: "No reports here.",
            on_more: move |()| load(false),
        }
    }
}

#[component]
fn Card(report: Report, on_closed: EventHandler<ReportId>) -> Element {
    let clock = use_clock();
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<String>);
    let mut warning = use_signal(|| None::<String>);
    // What cannot be taken back is asked once more.
    let mut asking = use_signal(|| None::<Verdict>);
    let id = report.id;
    let mut judge = move |verdict: Verdict| {
        if *busy.peek() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn(async move {
            match api::moderation::judge(id, verdict).await {
                Ok(()) => on_closed.call(id),
                Err(error) => {
                    failed.set(Some(words::error(&error)));
                    busy.set(false);
                }
            }
        });
    };
    let subject = report.subject.clone();
    let name = subject.as_ref().map_or_else(
        || report.room_name.clone().unwrap_or_else(|| "a group".to_owned()),
        |person| format!("{} (@{})", person.display_name, person.username),
    );
    let is_message = matches!(report.reported, Reported::Message { .. });
    rsx! {
        li { class: "card p-5 grid grid-cols-1 gap-3", "data-testid": "report",
            div { class: "flex items-baseline gap-3 flex-wrap",
                h3 { class: "font-semibold min-w-0", "{reason(report.reason)}: {thing(report.reported)} {name}" }
                time { class: "text-xs text-ink-subtle ms-auto", {clock.short(report.created_at)} }
            }
            p { class: "text-sm text-ink-muted", "Reported by {report.reporter.display_name} (@{report.reporter.username}), who is never named to others." }
            if !report.note.is_empty() {
                p { class: "whitespace-pre-wrap intro-text", dir: "auto", "{report.note}" }
            }
            if !report.evidence.is_empty() {
                ol { class: "grid grid-cols-1 gap-1.5 border-s-2 ps-3", "aria-label": "What was written, as it was then",
                    for (n , text) in report.evidence.iter().enumerate() {
                        li { key: "{n}", class: if text.is_reported { "font-semibold" } else { "text-ink-muted" },
                            span { class: "text-sm", "{text.author.display_name}: " }
                            span { class: "whitespace-pre-wrap intro-text", dir: "auto", {text.body.as_str()} }
                        }
                    }
                }
            }
            if report.state == ReportState::Open {
                div { class: "flex flex-wrap gap-2",
                    button { class: "btn btn-soft", r#type: "button", disabled: busy(), onclick: move |_| judge(Verdict::Dismiss), "Dismiss" }
                    if subject.is_some() {
                        button {
                            class: "btn btn-soft",
                            r#type: "button",
                            disabled: busy(),
                            "aria-expanded": if warning.read().is_some() { "true" } else { "false" },
                            onclick: move |_| {
                                let next = warning.peek().is_none().then(String::new);
                                warning.set(next);
                            },
                            "Warn"
                        }
                        for (hours , name) in MUTES {
                            button {
                                key: "{name}",
                                class: "btn btn-soft",
                                r#type: "button",
                                disabled: busy(),
                                onclick: move |_| judge(Verdict::Mute { hours }),
                                "{name}"
                            }
                        }
                        button { class: "btn btn-danger-quiet", r#type: "button", disabled: busy(), onclick: move |_| asking.set(Some(Verdict::Ban)), "Ban" }
                    }
                    if is_message {
                        button { class: "btn btn-danger-quiet", r#type: "button", disabled: busy(), onclick: move |_| asking.set(Some(Verdict::DeleteMessage)), "Delete message" }
                    }
                }
                if let Some(text) = warning() {
                    form {
                        class: "grid gap-2",
                        onsubmit: move |event: FormEvent| {
                            event.prevent_default();
                            let text = warning.peek().clone().unwrap_or_default();
                            judge(Verdict::Warn { text });
                        },
                        label { class: "text-sm text-ink-muted", r#for: "warning-{id}", "They read this when they come next." }
                        textarea {
                            id: "warning-{id}",
                            class: "input",
                            rows: "3",
                            maxlength: "1000",
                            required: true,
                            value: "{text}",
                            oninput: move |event| warning.set(Some(event.value())),
                        }
                        button { class: "btn btn-primary justify-self-start", r#type: "submit", disabled: busy(), "Send warning" }
                    }
                }
            }
            if let Some((verdict, is_ban)) = asking().map(|verdict| (verdict.clone(), verdict == Verdict::Ban)) {
                Confirm {
                    title: if is_ban { "Ban this account?" } else { "Delete this message?" },
                    action: if is_ban { "Ban" } else { "Delete" },
                    on_close: move |()| asking.set(None),
                    on_confirm: move |()| {
                        asking.set(None);
                        judge(verdict.clone());
                    },
                    if is_ban {
                        "They are signed out everywhere at once and cannot sign in until the ban is lifted."
                    } else {
                        "Its text is gone for everyone; the report keeps it."
                    }
                }
            }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}
