//! A picture in words, for those who can't see it.

use super::Attach;
use crate::client::outbox::OutFile;
use crate::model::limits::ALT_MAX_CHARS;
use crate::ui::kit::Dialog;
use dioxus::prelude::*;

const ID: &str = "alt-text";

#[component]
pub fn AltDialog(file: OutFile, on_close: Callback<()>) -> Element {
    let attach = use_context::<Attach>();
    let local = file.local;
    let mut text = use_signal(|| file.alt.clone().unwrap_or_default());
    let chars = text.read().chars().count();
    let is_over = chars > ALT_MAX_CHARS;
    let save = use_callback(move |()| {
        if text.peek().chars().count() <= ALT_MAX_CHARS {
            attach.describe(local, &text.peek());
            on_close.call(());
        }
    });
    rsx! {
        Dialog { title: "Describe the picture", on_close,
            div { class: "grid gap-3",
                if let Some(url) = attach.live.uploads.local_url(local) {
                    img { class: "alt-look", src: url, alt: "{file.name}" }
                }
                div { class: "field",
                    label { r#for: ID, "What it shows" }
                    textarea {
                        id: ID,
                        class: "input intro-in",
                        rows: "3",
                        dir: "auto",
                        "data-autofocus": "",
                        "aria-invalid": is_over.then_some("true"),
                        "aria-describedby": "alt-hint",
                        value: "{text}",
                        oninput: move |event| text.set(event.value()),
                        onkeydown: move |event: KeyboardEvent| {
                            if event.key() == Key::Enter && event.modifiers().intersects(Modifiers::CONTROL | Modifiers::META) {
                                event.prevent_default();
                                save.call(());
                            }
                        },
                    }
                    p { id: "alt-hint", class: "hint", "data-error": is_over.then_some(""),
                        if chars + 50 > ALT_MAX_CHARS { "{chars} of {ALT_MAX_CHARS} characters." } else { "Read aloud to people who can't see the picture." }
                    }
                }
                div { class: "flex justify-end gap-2",
                    button { class: "btn btn-quiet", r#type: "button", onclick: move |_| on_close.call(()), "Cancel" }
                    button { class: "btn btn-primary", r#type: "button", disabled: is_over, onclick: move |_| save.call(()), "Save" }
                }
            }
        }
    }
}
