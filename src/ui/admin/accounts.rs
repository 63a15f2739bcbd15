//! All accounts, and what can be done to one.

use super::{Foot, Rows};
use crate::api;
use crate::client::use_live;
use crate::error::Result;
use crate::model::report::Account;
use crate::ui::dom;
use crate::ui::kit::avatar::Avatar;
use crate::ui::kit::dialog::{Confirm, Dialog};
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;
use std::pin::Pin;

#[component]
pub(super) fn Accounts() -> Element {
    let list = use_signal(Rows::<Account>::new);
    let mut query = use_signal(String::new);
    let load = move |anew: bool| {
        let last = list.peek().rows.last().map(|account| account.person.username.clone());
        let after = last.filter(|_| !anew).unwrap_or_default();
        Rows::load(list, anew, Box::pin(api::moderation::accounts(query.peek().clone(), after)));
    };
    use_effect(move || load(true));
    rsx! {
        form {
            class: "flex gap-2",
            role: "search",
            onsubmit: move |event: FormEvent| {
                event.prevent_default();
                load(true);
            },
            input {
                class: "input flex-1",
                r#type: "search",
                "aria-label": "Find accounts",
                placeholder: "Name or username",
                maxlength: "64",
                value: "{query}",
                oninput: move |event| query.set(event.value()),
            }
            button { class: "btn btn-soft", r#type: "submit", "Find" }
        }
        ul { class: "grid grid-cols-1 gap-2", "aria-label": "Accounts",
            for account in list.read().rows.clone() {
                Line { key: "{account.person.id}", account, on_changed: move |()| load(true) }
            }
        }
        Foot {
            is_loading: list.read().is_loading,
            is_empty: list.read().rows.is_empty(),
            has_more: list.read().has_more && query.read().trim().is_empty(),
            failed: list.read().failed.clone(),
            empty: "No account has this name.",
            on_more: move |()| load(false),
        }
    }
}

#[component]
fn Line(account: Account, on_changed: EventHandler) -> Element {
    let live = use_live();
    let clock = use_clock();
    let mut busy = use_signal(|| false);
    let mut failed = use_signal(|| None::<String>);
    let mut is_asking = use_signal(|| false);
    let mut link = use_signal(|| None::<String>);
    let mut is_copied = use_signal(|| false);
    let me = live.state.peek().me.person.id;
    let id = account.person.id;
    let mut run = move |call: Pin<Box<dyn Future<Output = Result<()>>>>| {
        busy.set(true);
        failed.set(None);
        spawn(async move {
            match call.await {
                Ok(()) => on_changed.call(()),
                Err(error) => failed.set(Some(words::error(&error))),
            }
            busy.set(false);
        });
    };
    let is_banned = account.banned_at.is_some();
    let is_muted = account.muted_until.is_some_and(|until| until > clock.now);
    let is_admin = account.person.is_admin;
    let marks: Vec<&str> =
        [(is_admin, "admin"), (is_banned, "banned"), (is_muted, "muted"), (account.person.is_bot, "bot")]
            .into_iter()
            .filter_map(|(is, name)| is.then_some(name))
            .collect();
    rsx! {
        li { class: "card p-4 grid gap-2", "data-testid": "account",
            div { class: "flex items-center gap-3",
                Avatar { person: account.person.clone(), size: 40 }
                div { class: "min-w-0 flex-1",
                    p { class: "font-semibold truncate", "{account.person.display_name}" }
                    p { class: "text-sm text-ink-muted truncate", "@{account.person.username} · {account.email}" }
                    if !marks.is_empty() {
                        p { class: "text-sm font-semibold", {marks.join(", ")} }
                    }
                }
            }
            if id != me {
                div { class: "flex flex-wrap gap-2",
                    if !is_admin {
                        button {
                            class: "btn btn-danger-quiet",
                            r#type: "button",
                            disabled: busy(),
                            onclick: move |_| {
                                if is_banned {
                                    run(Box::pin(api::moderation::set_ban(id, false)));
                                } else {
                                    is_asking.set(true);
                                }
                            },
                            if is_banned { "Lift the ban" } else { "Ban" }
                        }
                        button {
                            class: "btn btn-soft",
                            r#type: "button",
                            disabled: busy(),
                            onclick: move |_| run(Box::pin(api::moderation::set_mute(id, if is_muted { 0 } else { 24 }))),
                            if is_muted { "Unmute" } else { "Mute for a day" }
                        }
                        if !account.person.is_bot {
                            button {
                                class: "btn btn-soft",
                                r#type: "button",
                                disabled: busy(),
                                onclick: move |_| {
                                    run(
                                        Box::pin(async move {
                                            let path = api::moderation::reset_link(id).await?;
                                            is_copied.set(false);
                                            link.set(Some(format!("{}{path}", dom::origin())));
                                            Ok(())
                                        }),
                                    );
                                },
                                "New password"
                            }
                        }
                    }
                    button {
                        class: "btn btn-soft",
                        r#type: "button",
                        disabled: busy(),
                        onclick: move |_| run(Box::pin(api::moderation::set_admin(id, !is_admin))),
                        if is_admin { "Take admin away" } else { "Make admin" }
                    }
                }
            }
            if is_asking() {
                Confirm {
                    title: "Ban this account?",
                    action: "Ban",
                    on_close: move |()| is_asking.set(false),
                    on_confirm: move |()| {
                        is_asking.set(false);
                        run(Box::pin(api::moderation::set_ban(id, true)));
                    },
                    "They are signed out everywhere at once and cannot sign in until the ban is lifted."
                }
            }
            if let Some(address) = link() {
                Dialog { title: "A link for a new password", on_close: move |()| link.set(None),
                    div { class: "grid gap-3",
                        p { class: "text-ink-muted",
                            "Give it to {account.person.display_name} by a way that you both trust, and to nobody else: whoever opens it is them. It works once, and for half an hour."
                        }
                        input {
                            class: "input",
                            r#type: "text",
                            "aria-label": "The link",
                            readonly: true,
                            value: "{address}",
                        }
                        button {
                            class: "btn btn-primary justify-self-end",
                            r#type: "button",
                            onclick: move |_| {
                                let address = address.clone();
                                async move { is_copied.set(dom::copy(&address).await) }
                            },
                            if is_copied() {
                                "Copied"
                            } else {
                                "Copy"
                            }
                        }
                    }
                }
            }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
        }
    }
}
