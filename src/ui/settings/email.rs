//! My address: whether it is confirmed, and another one.

use crate::api;
use crate::model::EmailView;
use crate::model::limits::{EMAIL_MAX_CHARS, PASSWORD_MAX_CHARS};
use crate::ui::kit::Dialog;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::kit::toast::Toast;
use crate::ui::panel::use_panel;
use crate::ui::people::{TextField, use_sending};
use dioxus::prelude::*;

#[component]
pub fn EmailSection(email: EmailView, has_password: bool) -> Element {
    let panel = use_panel();
    let sending = use_sending();
    let mut is_changing = use_signal(|| false);
    let EmailView { address, is_confirmed, can_write } = email;
    let shown = address.clone();
    let again = move |_| {
        let address = address.clone();
        sending.send(api::account::send_confirmation(), move |()| {
            panel.say(Toast::new(format!("A link is on its way to {address}.")).icon(icon::CHECK));
        });
    };
    rsx! {
        section { class: "grid grid-cols-1 gap-2", "aria-label": "E-mail",
            h3 { class: "font-semibold", "E-mail" }
            div { class: "sect p-4 grid gap-3", "data-testid": "email",
                div { class: "min-w-0",
                    p { class: "font-medium break-words", dir: "auto", "{shown}" }
                    p { class: "hint mt-0.5",
                        if is_confirmed {
                            "Confirmed. A link goes there when you forget your password, and a notice when somebody signs in on a new device."
                        } else if can_write {
                            "Not confirmed yet: open the link in the letter that was sent there."
                        } else {
                            "Only the people who run this server see it. It writes no letters."
                        }
                    }
                }
                if let Some(failed) = (sending.failed)() {
                    p { class: "hint", "data-error": "", role: "alert",
                        Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                        span { "{failed}" }
                    }
                }
                if can_write {
                    div { class: "flex flex-wrap gap-2",
                        if !is_confirmed {
                            button { class: "btn btn-soft", r#type: "button", disabled: (sending.is_busy)(), onclick: again, "Send the link again" }
                        }
                        if has_password {
                            button { class: "btn btn-soft", r#type: "button", onclick: move |_| is_changing.set(true), "Change address" }
                        }
                    }
                }
            }
        }
        if is_changing() {
            Change { on_close: move |()| is_changing.set(false) }
        }
    }
}

#[component]
fn Change(on_close: Callback<()>) -> Element {
    let panel = use_panel();
    let email = use_signal(String::new);
    let password = use_signal(String::new);
    let sending = use_sending();
    let submit = move |event: FormEvent| {
        event.prevent_default();
        let wanted = email.peek().trim().to_owned();
        sending.send(api::account::change_email(password.peek().clone(), wanted.clone()), move |()| {
            panel.say(Toast::new(format!("Open the link that was sent to {wanted}.")).icon(icon::CHECK));
            on_close.call(());
        });
    };
    let is_ready = !email.read().trim().is_empty() && !password.read().is_empty();
    rsx! {
        Dialog { title: "Another address", on_close,
            form { class: "grid gap-4", onsubmit: submit,
                p { class: "text-ink-muted", "A link goes to it. Once you open that, it is your account's; until then the one you have stays." }
                TextField {
                    id: "email",
                    label: "New address",
                    value: email,
                    max_chars: EMAIL_MAX_CHARS,
                    problem: (sending.problem)(),
                    is_first: true,
                    kind: "email",
                    autocomplete: "email",
                }
                TextField {
                    id: "password",
                    label: "Your password",
                    value: password,
                    max_chars: PASSWORD_MAX_CHARS,
                    problem: (sending.problem)(),
                    kind: "password",
                    autocomplete: "current-password",
                }
                if let Some(failed) = (sending.failed)() {
                    p { class: "hint", "data-error": "", role: "alert", "{failed}" }
                }
                button { class: "btn btn-primary justify-self-end", r#type: "submit", disabled: !is_ready || (sending.is_busy)(), "Send the link" }
            }
        }
    }
}
