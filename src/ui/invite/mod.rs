//! Where an invite link leads: what the group is called, and the way in.

use crate::api;
use crate::app::Route;
use crate::client::use_live;
use crate::error::{Error, What};
use crate::model::InvitePreview;
use crate::ui::kit::avatar::GroupAvatar;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::shell::Heading;
use crate::ui::words;
use dioxus::prelude::*;

/// Where the page is.
#[derive(Clone, PartialEq, Debug)]
enum Stage {
    Looking,
    Here(InvitePreview),
    /// It lets nobody in, whatever the reason.
    Over,
    /// The caller was taken out of this group.
    Barred,
    Failed(String),
}

impl Stage {
    fn of(error: &Error) -> Self {
        match error {
            Error::NotFound { what: What::Invite } => Self::Over,
            Error::Forbidden => Self::Barred,
            other => Self::Failed(words::error(other)),
        }
    }
}

#[component]
pub fn InvitePage(code: String) -> Element {
    rsx! {
        for code in [code] {
            Card { key: "{code}", code }
        }
    }
}

#[component]
fn Card(code: String) -> Element {
    let live = use_live();
    let navigator = use_navigator();
    let mut stage = use_signal(|| Stage::Looking);
    let mut is_busy = use_signal(|| false);
    let code = use_hook(|| CopyValue::new(code));
    let look = use_callback(move |()| {
        stage.set(Stage::Looking);
        spawn(async move {
            let code = code.peek().clone();
            stage.set(match api::groups::preview_invite(code).await {
                Ok(preview) => Stage::Here(preview),
                Err(error) => Stage::of(&error),
            });
        });
    });
    use_effect(move || look.call(()));
    let join = move |_| {
        if *is_busy.peek() {
            return;
        }
        is_busy.set(true);
        spawn(async move {
            let code = code.peek().clone();
            match api::groups::join_by_invite(code).await {
                Ok(room) => {
                    live.resync();
                    navigator.replace(Route::Room { room_id: room.room.id });
                }
                Err(error) => stage.set(Stage::of(&error)),
            }
            is_busy.set(false);
        });
    };
    rsx! {
        section {
            class: "sheet wallpaper",
            "aria-label": "Invitation",
            style: "--wp:var(--wp-petals);--wp-size:var(--wps-petals)",
            Heading { title: "Invitation", only_on_phones: true }
            div { class: "scroll flex-1 grid px-3 py-6",
                div { class: "card invite-card", "data-testid": "invitation", "aria-live": "polite",
                    match stage() {
                        Stage::Looking => rsx! {
                            span { class: "sk block size-16 rounded-full" }
                            span { class: "sk block h-6 w-40 mt-4" }
                            span { class: "sr-only", role: "status", "Loading" }
                        },
                        Stage::Here(InvitePreview { name, description, member_count, picture, room_id }) => rsx! {
                            if let Some(picture) = picture {
                                GroupAvatar { name: name.clone(), picture, size: 72 }
                            } else {
                                span { class: "invite-mark", Icon { d: icon::USERS, class: "i-lg" } }
                            }
                            p { class: "text-sm text-ink-muted mt-4", "You're invited to" }
                            h2 { class: "font-display text-2xl font-bold tracking-[-.025em] intro-text max-w-full", dir: "auto", "{name}" }
                            p { class: "text-ink-muted mt-1", {words::count(member_count as usize, "member", "members")} }
                            if let Some(description) = description {
                                p { class: "mt-3 whitespace-pre-wrap intro-text max-w-full", dir: "auto", "{description}" }
                            }
                            if let Some(room_id) = room_id {
                                p { class: "text-sm text-ink-muted mt-4", "You're in it already." }
                                Link { class: "btn btn-primary mt-3", to: Route::Room { room_id }, "Open" }
                            } else {
                                button { class: "btn btn-primary mt-5 min-h-12", r#type: "button", disabled: is_busy(), onclick: join, "Join group" }
                            }
                        },
                        Stage::Over => rsx! {
                            Closed { title: "This link doesn't work any more", text: "It may have ended or been revoked. Ask for a new one." }
                        },
                        Stage::Barred => rsx! {
                            Closed { title: "You can't join this group", text: "Someone took you out of it. An admin of the group can add you again." }
                        },
                        Stage::Failed(failed) => rsx! {
                            Closed { title: "That didn't work", text: failed }
                            button { class: "btn btn-soft mt-3", r#type: "button", onclick: move |_| look.call(()), "Try again" }
                        },
                    }
                }
            }
        }
    }
}

#[component]
fn Closed(title: &'static str, text: String) -> Element {
    rsx! {
        span { class: "invite-mark", Icon { d: icon::BAN, class: "i-lg" } }
        h2 { class: "font-display text-xl font-bold mt-4", "{title}" }
        p { class: "text-ink-muted mt-1", "{text}" }
        Link { class: "btn btn-soft mt-5", to: Route::Home {}, "Back to chats" }
    }
}
