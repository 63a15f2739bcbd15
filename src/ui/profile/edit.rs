//! My own profile, as others see it.

use crate::api;
use crate::client::use_live;
use crate::model::limits::{ABOUT_MAX_CHARS, DISPLAY_NAME_MAX_CHARS, STATUS_MAX_CHARS};
use crate::ui::kit::Avatar;
use crate::ui::kit::toast::Toast;
use crate::ui::panel::{Load, LoadView, Top, use_load, use_panel};
use crate::ui::people::{Sending, TextField, use_sending};
use crate::ui::portrait::{Of, PictureButtons};
use dioxus::prelude::*;

#[component]
pub fn EditMe() -> Element {
    let live = use_live();
    let me = use_memo(move || live.state.read().me.person.clone());
    let id = me.peek().id;
    let (load, retry) = use_load(move || Box::pin(api::people::profile(id)));
    let person = me();
    rsx! {
        div { class: "profile",
            Top {
                face: rsx! {
                    span { class: "halo", Avatar { person: person.clone(), size: 104 } }
                },
                name: person.display_name.clone(),
                p { class: "text-ink-muted text-sm", "@{person.username}" }
                PictureButtons { of: Of::Me, has_one: person.picture.is_some() }
            }
            match load() {
                Load::Here(profile) => rsx! {
                    Form { about: profile.about.unwrap_or_default() }
                },
                Load::Waiting => rsx! {
                    LoadView { on_retry: retry }
                },
                Load::Failed(failed) => rsx! {
                    LoadView { failed, on_retry: retry }
                },
            }
        }
    }
}

#[component]
fn Form(about: String) -> Element {
    let mut live = use_live();
    let panel = use_panel();
    let person = live.state.peek().me.person.clone();
    let name = use_signal(|| person.display_name.clone());
    let status = use_signal(|| person.status.clone().unwrap_or_default());
    let about = use_signal(|| about);
    let sending = use_sending();
    let save = move |event: FormEvent| {
        event.prevent_default();
        let field = |value: Signal<String>| Some(value.peek().trim().to_owned());
        let (name, status, about) = (field(name), field(status), field(about));
        sending.send(api::people::set_profile(name, status, about), move |me| {
            live.state.write().me.person = me.person;
            panel.say(Toast::new("Saved"));
        });
    };
    let Sending { problem, failed, is_busy } = sending;
    rsx! {
        form { class: "sect p-3 grid gap-3", novalidate: true, onsubmit: save,
            TextField { id: "display_name", label: "Display name", value: name, max_chars: DISPLAY_NAME_MAX_CHARS, problem: problem() }
            TextField { id: "status", label: "Status", value: status, max_chars: STATUS_MAX_CHARS, problem: problem() }
            TextField { id: "about", label: "About you", value: about, max_chars: ABOUT_MAX_CHARS, rows: 4, problem: problem() }
            p { class: "hint", "Everyone here can see these." }
            if let Some(failed) = failed() {
                p { class: "hint", "data-error": "", role: "alert", "{failed}" }
            }
            button { class: "btn btn-primary", r#type: "submit", disabled: is_busy(), "Save" }
        }
    }
}
