//! Pictures: blurred first, sharp once they are here.

use super::loading::{Instead, Look, use_loading};
use super::thumbhash;
use crate::model::{Attachment, AttachmentKind, Variant, file_url};
use crate::ui::dom::{self, media};
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// An animation plays so often, then rests.
const LOOPS: u32 = 3;
/// How long one loop is taken to be when nobody knows, in milliseconds.
const LOOP_MS: u32 = 3_000;

/// A still picture that fills the box around it. `alt` is its name; with `on_open` it can be pressed. `local`: its bytes are
/// on this device, at this address.
#[component]
pub fn Still(
    file: Attachment,
    variant: Variant,
    alt: String,
    #[props(default)] local: Option<String>,
    #[props(default)] on_open: Option<Callback<()>>,
    #[props(default = "-1")] tab: &'static str,
    #[props(default)] is_small: bool,
    #[props(default)] is_pending: bool,
) -> Element {
    let loading = use_loading(local.is_some());
    let hash = file.thumbhash.clone();
    let blur = use_hook(|| hash.and_then(|hash| thumbhash::address(&hash)));
    let url = local.unwrap_or_else(|| file_url(file.id, variant));
    let look = loading.look();
    let is_open = on_open.is_some() && matches!(look, Look::Waiting | Look::Here);
    rsx! {
        span {
            class: "still",
            "data-look": look.code(),
            "data-small": is_small.then_some(""),
            onmounted: move |event: MountedEvent| loading.watch(event),
            if let Some(blur) = blur.filter(|_| look != Look::Here) {
                img { class: "blur-up", src: blur, alt: "" }
            }
            if let Some(src) = loading.src(&url) {
                img {
                    class: "sharp",
                    src,
                    alt: if is_open { "" } else { "{alt}" },
                    decoding: "async",
                    draggable: "false",
                    onload: move |_| loading.here(),
                    onerror: move |_| loading.failed(),
                }
            }
            // A file that is not on the server yet, and no picture that can be drawn, has its say above.
            if !is_pending {
                Instead { file, loading: look, what: "picture", tab, on_ask: move |()| loading.ask() }
            }
            if let Some(on_open) = on_open.filter(|_| is_open) {
                button {
                    class: "media-open",
                    r#type: "button",
                    tabindex: tab,
                    "aria-label": "{alt}",
                    "aria-haspopup": "dialog",
                    onclick: move |_| on_open.call(()),
                }
            }
        }
    }
}

/// A file that moves, over a still picture of it. See [`Motion`].
#[component]
pub fn Moving(
    file: Attachment,
    variant: Variant,
    alt: String,
    #[props(default)] on_open: Option<Callback<()>>,
    #[props(default = "-1")] tab: &'static str,
) -> Element {
    let (url, loop_ms) = (file_url(file.id, Variant::Full), file.duration_ms.unwrap_or(LOOP_MS));
    rsx! {
        Motion { url, loop_ms, tab,
            Still { file, variant, alt, on_open, tab }
        }
    }
}

/// What moves, at `url`, over a still picture of it: it plays three times once it is seen, then rests. Always with a pause. Someone
/// who asked for less motion, or for less data, starts it themselves.
#[component]
pub fn Motion(url: String, loop_ms: u32, tab: &'static str, children: Element) -> Element {
    let mut is_playing = use_signal(|| false);
    let mut has_begun = use_signal(|| false);
    let mut tries = use_signal(|| 0_u32);
    // Rises with each play and pause: a timer of an earlier one does nothing.
    let mut turn = use_hook(|| CopyValue::new(0_u32));
    let length = loop_ms.clamp(100, 60_000) * LOOPS;
    let rest = use_callback(move |()| {
        let mine = *turn.peek() + 1;
        turn.set(mine);
        spawn(async move {
            dom::sleep(length).await;
            if *turn.peek() == mine {
                is_playing.set(false);
            }
        });
    });
    let toggle = use_callback(move |()| {
        if is_playing() {
            turn += 1;
            is_playing.set(false);
        } else {
            let is_here = *has_begun.peek();
            has_begun.set(true);
            is_playing.set(true);
            // The first time it is counted from when it is here.
            if is_here {
                rest.call(());
            }
        }
    });
    let src = if tries() == 0 { url } else { format!("{url}#{}", tries()) };
    rsx! {
        span {
            class: "moving",
            "data-playing": is_playing().then_some(""),
            onmounted: move |event: MountedEvent| async move {
                media::near(&event, 0).await;
                if !media::is_calm() && !media::saves_data() && !*has_begun.peek() {
                    toggle.call(());
                }
            },
            {children}
            if has_begun() {
                img {
                    class: "motion",
                    src,
                    alt: "",
                    draggable: "false",
                    onload: move |_| rest.call(()),
                    onerror: move |_| {
                        if *tries.peek() == 0 {
                            tries += 1;
                        } else {
                            // The still one stays, and playing is tried again when it is asked for.
                            tries += 1;
                            has_begun.set(false);
                            is_playing.set(false);
                        }
                    },
                }
            }
            span { class: "over-l", "aria-hidden": "true", "GIF" }
            button {
                class: "media-play",
                r#type: "button",
                tabindex: tab,
                "aria-label": if is_playing() { "Pause GIF" } else { "Play GIF" },
                onclick: move |event: MouseEvent| {
                    event.stop_propagation();
                    toggle.call(());
                },
                Icon { d: if is_playing() { icon::PAUSE } else { icon::PLAY }, class: "i-sm" }
            }
        }
    }
}

/// A small square of a picture, as decoration beside words; nothing for files without one. `size` in CSS pixels.
#[component]
pub fn Thumb(file: Attachment, size: u16) -> Element {
    let mut is_broken = use_signal(|| false);
    let hash = file.thumbhash.clone();
    let blur = use_hook(|| hash.and_then(|hash| thumbhash::address(&hash)));
    if !file.kind.has_pictures() {
        return rsx! {};
    }
    rsx! {
        span {
            class: "thumb",
            style: "--s:{size}px",
            "aria-hidden": "true",
            if let Some(blur) = blur {
                img { src: blur, alt: "" }
            }
            if !is_broken() {
                img { src: file_url(file.id, Variant::Grid), alt: "", loading: "lazy", draggable: "false", onerror: move |_| is_broken.set(true) }
            }
        }
    }
}

/// What stands for a file beside words.
pub fn glyph(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Image | AttachmentKind::Animation => icon::IMAGE,
        AttachmentKind::Video => icon::VIDEO,
        AttachmentKind::Audio => icon::MUSIC,
        AttachmentKind::Voice => icon::MIC,
        AttachmentKind::File => icon::FILE,
    }
}
