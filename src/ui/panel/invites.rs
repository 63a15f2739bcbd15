//! Links that let people into a group.

use super::{Ask, Call, Load, LoadView, use_load, use_panel};
use crate::api;
use crate::client::use_live;
use crate::id::RoomId;
use crate::model::{Invite, InviteTerm};
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::time::use_clock;
use crate::ui::{dom, words};
use dioxus::prelude::*;

const TERMS: [(InviteTerm, &str); 4] = [
    (InviteTerm::Hour, "1 hour"),
    (InviteTerm::Day, "1 day"),
    (InviteTerm::Week, "1 week"),
    (InviteTerm::Never, "No end"),
];

/// Where a link leads.
fn address(code: &str) -> String {
    format!("{}/invite/{code}", dom::origin())
}

#[component]
pub(super) fn InvitesPage(room_id: RoomId) -> Element {
    let live = use_live();
    let panel = use_panel();
    let mut term = use_signal(InviteTerm::default);
    let mut is_busy = use_signal(|| false);
    let revision = use_memo(move || live.state.read().rooms.get(&room_id).map(|room| room.summary.member_count));
    let (load, retry) = use_load(move || {
        // Whoever joins may have used one.
        revision.read();
        Box::pin(api::groups::list_invites(room_id))
    });
    let mut list = load;
    let create = move |_| {
        if *is_busy.peek() {
            return;
        }
        is_busy.set(true);
        spawn(async move {
            match api::groups::create_invite(room_id, *term.peek(), None).await {
                Ok(invite) => {
                    let copied = dom::copy(&address(&invite.code)).await;
                    panel.say(Toast::new(if copied { "Link made and copied" } else { "Link made" }));
                    if let Load::Here(invites) = &mut *list.write() {
                        invites.push(invite);
                    }
                }
                Err(error) => panel.say(Toast::error(words::error(&error))),
            }
            is_busy.set(false);
        });
    };
    rsx! {
        div { class: "grid gap-3",
            div { class: "sect p-3 grid gap-2",
                p { class: "text-sm text-ink-muted", "Anyone with a link can join until it ends. Links work for people who have an account here." }
                div { class: "field",
                    label { r#for: "invite-term", "How long it works" }
                    select {
                        id: "invite-term",
                        class: "input",
                        onchange: move |event| {
                            if let Some((value, _)) = TERMS.iter().find(|(_, name)| *name == event.value()) {
                                term.set(*value);
                            }
                        },
                        for (value , name) in TERMS {
                            option { key: "{name}", value: "{name}", selected: term() == value, "{name}" }
                        }
                    }
                }
                button { class: "btn btn-primary", r#type: "button", disabled: is_busy(), onclick: create, "Create link" }
            }
            match load() {
                Load::Waiting => rsx! {
                    LoadView { on_retry: retry }
                },
                Load::Failed(failed) => rsx! {
                    LoadView { failed, on_retry: retry }
                },
                Load::Here(invites) if invites.is_empty() => rsx! {
                    p { class: "text-center text-sm text-ink-muted py-4", "No link works at the moment." }
                },
                Load::Here(invites) => rsx! {
                    ul { class: "grid gap-2", "aria-label": "Links that work",
                        for invite in invites.into_iter().rev() {
                            InviteRow { key: "{invite.code}", room_id, invite, list }
                        }
                    }
                },
            }
        }
    }
}

#[component]
fn InviteRow(room_id: RoomId, invite: Invite, list: Signal<Load<Vec<Invite>>>) -> Element {
    let panel = use_panel();
    let clock = use_clock();
    let mut list = list;
    let address = address(&invite.code);
    let until = match invite.expires_at {
        Some(at) => format!("Until {}, {}", clock.day(at), clock.time(at)),
        None => "Until it is revoked".to_owned(),
    };
    let uses = match invite.uses {
        0 => "not used yet".to_owned(),
        uses => words::count(uses as usize, "person joined", "people joined"),
    };
    let copy = {
        let address = address.clone();
        move |_| {
            let address = address.clone();
            spawn(async move {
                panel.say(if dom::copy(&address).await {
                    Toast::new("Link copied")
                } else {
                    Toast::error("This browser doesn't allow copying. Select the link and copy it yourself.")
                });
            });
        }
    };
    let code = invite.code.clone();
    let revoke = move |_| {
        let code = code.clone();
        let run = move || -> Call {
            let code = code.clone();
            Box::pin(async move {
                api::groups::revoke_invite(room_id, code.clone()).await?;
                if let Ok(mut list) = list.try_write()
                    && let Load::Here(invites) = &mut *list
                {
                    invites.retain(|invite| invite.code != code);
                }
                Ok(())
            })
        };
        panel.ask(Ask::new("Revoke this link?", "It lets nobody in any more. Who has joined stays.", "Revoke", run));
    };
    rsx! {
        li { class: "sect p-3 grid gap-2", "data-testid": "invite",
            input { class: "input text-sm", readonly: true, "aria-label": "Invite link", value: "{address}" }
            p { class: "text-sm text-ink-muted", "{until}, {uses}" }
            div { class: "flex gap-2",
                button { class: "btn btn-soft flex-1", r#type: "button", onclick: copy,
                    Icon { d: icon::COPY, class: "i-sm" }
                    "Copy"
                }
                button { class: "btn btn-danger-quiet", r#type: "button", onclick: revoke, "Revoke" }
            }
        }
    }
}
