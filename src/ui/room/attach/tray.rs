//! What is to be sent, over the text that goes with it.

use super::Attach;
use super::alt::AltDialog;
use crate::client::outbox::OutFile;
use crate::id::FileId;
use crate::model::AttachmentKind;
use crate::ui::dom;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::room::attachments::{FileName, FileSize, extension_tile, glyph};
use crate::ui::words;
use dioxus::prelude::*;

/// The buttons that arrows go through.
const BUTTONS: &str = ".tray button";

/// Why some files are not in the tray; also where there is none, while a message is changed.
#[component]
pub fn Problems() -> Element {
    let attach = use_context::<Attach>();
    let problems = attach.problems;
    rsx! {
        if !problems.read().is_empty() {
            div { class: "ribbon attach-problems", "data-k": "error", role: "alert", "data-testid": "attach-problems",
                Icon { d: icon::CIRCLE_ALERT, class: "i-sm" }
                ul { class: "flex-1 min-w-0",
                    for (at , problem) in problems.read().iter().enumerate() {
                        li { key: "{at}", "{problem}" }
                    }
                }
                button { class: "icon-btn", r#type: "button", "aria-label": "Close", onclick: move |_| attach.forget_problems(),
                    Icon { d: icon::X, class: "i-sm" }
                }
            }
        }
    }
}

/// `field`: the id of the text area, which has the focus when the tray is empty.
#[component]
pub fn Tray(field: &'static str) -> Element {
    let attach = use_context::<Attach>();
    let files = use_memo(move || attach.files());
    let mut described = use_signal(|| None::<FileId>);
    let remove = use_callback(move |local: FileId| {
        let all = files.peek().clone();
        let Some(at) = all.iter().position(|file| file.local == local) else { return };
        attach.remove(&all[at]);
        // The next one takes its place, and the focus.
        match all.get(at + 1).or_else(|| at.checked_sub(1).and_then(|before| all.get(before))) {
            Some(next) => dom::focus(&remove_id(next.local)),
            None => dom::focus(field),
        }
    });
    rsx! {
        if !files.read().is_empty() {
            ul {
                class: "tray",
                "data-testid": "tray",
                "aria-label": "Files to send",
                onkeydown: move |event: KeyboardEvent| match event.key() {
                    Key::ArrowRight => {
                        event.prevent_default();
                        dom::move_focus(BUTTONS, 1);
                    }
                    Key::ArrowLeft => {
                        event.prevent_default();
                        dom::move_focus(BUTTONS, -1);
                    }
                    _ => {}
                },
                for file in files.read().iter() {
                    TrayItem {
                        key: "{file.local}",
                        file: file.clone(),
                        on_remove: move |local| remove.call(local),
                        on_describe: move |local| described.set(Some(local)),
                    }
                }
            }
        }
        p { class: "sr-only", role: "status", {attach.news} }
        if let Some(file) = described().and_then(|local| files.read().iter().find(|file| file.local == local).cloned()) {
            AltDialog { file, on_close: move |()| described.set(None) }
        }
    }
}

fn remove_id(local: FileId) -> String {
    format!("remove-{local}")
}

#[component]
fn TrayItem(file: OutFile, on_remove: Callback<FileId>, on_describe: Callback<FileId>) -> Element {
    let attach = use_context::<Attach>();
    let local = file.local;
    let url = attach.live.uploads.local_url(local);
    let is_described = file.alt.is_some();
    let mut is_broken = use_signal(|| false);
    let shows = file.kind.is_visual() && url.is_some() && !is_broken();
    let on_key = move |event: KeyboardEvent| {
        if matches!(event.key(), Key::Delete | Key::Backspace) {
            event.prevent_default();
            on_remove.call(local);
        }
    };
    rsx! {
        li { class: "tray-item", "data-picture": shows.then_some(""), "data-testid": "tray-item", onkeydown: on_key,
            if let Some(url) = url.filter(|_| shows) {
                if file.kind == AttachmentKind::Video {
                    video { src: url, muted: true, preload: "metadata", playsinline: true, tabindex: "-1", "aria-hidden": "true", onerror: move |_| is_broken.set(true) }
                    span { class: "media-mark", "aria-hidden": "true", Icon { d: icon::PLAY, class: "i-sm" } }
                } else {
                    img { src: url, alt: file.alt.clone().unwrap_or_else(|| file.name.clone()), title: "{file.name}", draggable: "false", onerror: move |_| is_broken.set(true) }
                }
                if file.kind.has_pictures() {
                    button {
                        class: "tray-alt",
                        r#type: "button",
                        "data-on": is_described.then_some(""),
                        "aria-label": match &file.alt {
                            Some(alt) => format!("Alt text of {}: {alt}", file.name),
                            None => format!("Alt text of {}", file.name),
                        },
                        title: if is_described { "Change the description" } else { "Describe the picture for those who can't see it" },
                        "aria-haspopup": "dialog",
                        onclick: move |_| on_describe.call(local),
                        if is_described {
                            Icon { d: icon::CHECK, class: "i-xs" }
                        }
                        "Alt"
                    }
                }
            } else {
                span { class: "tile", "aria-hidden": "true",
                    match extension_tile(&file.name) {
                        Some(tile) => rsx! { "{tile}" },
                        None => rsx! { Icon { d: glyph(file.attachment().kind) } },
                    }
                }
                span { class: "min-w-0 flex-1",
                    FileName { name: file.name.clone() }
                    span { class: "text-xs text-ink-muted", FileSize { size: file.size } }
                }
            }
            button {
                id: remove_id(local),
                class: "tray-x",
                r#type: "button",
                "aria-label": "Remove {file.name}, {words::bytes(file.size)}",
                title: "Remove",
                onclick: move |_| on_remove.call(local),
                Icon { d: icon::X, class: "i-xs" }
            }
        }
    }
}
