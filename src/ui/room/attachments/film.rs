//! Films: never played by themselves, with the browser's own controls.

use super::loading::{Instead, Look, use_loading};
use super::names;
use crate::model::{Attachment, Variant, file_url};
use crate::ui::dom::media;
use crate::ui::kit::icon::{self, Icon};
use dioxus::prelude::*;

/// A film that fills the box around it. `id` is its element's, one of its own on the page; `local` as of `Still`.
#[component]
pub fn Film(
    id: String,
    file: Attachment,
    alt: String,
    #[props(default)] local: Option<String>,
    #[props(default = "-1")] tab: &'static str,
) -> Element {
    let loading = use_loading(local.is_some());
    // Where it was when its address ran out.
    let mut left = use_hook(|| CopyValue::new(None::<media::Moment>));
    let look = loading.look();
    let src = loading.src(&local.unwrap_or_else(|| file_url(file.id, Variant::Full)));
    let (playing, loaded, failed) = (id.clone(), id.clone(), id.clone());
    rsx! {
        span { class: "still", "data-look": look.code(), onmounted: move |event: MountedEvent| loading.watch(event),
            if let Some(src) = src {
                video {
                    id,
                    src,
                    controls: true,
                    preload: "metadata",
                    playsinline: true,
                    tabindex: tab,
                    "aria-label": "{alt}",
                    onplay: move |_| media::pause_others(&playing),
                    onloadedmetadata: move |_| {
                        loading.here();
                        if let Some(moment) = left.take() {
                            media::seek(&loaded, moment.at_ms);
                            if moment.is_playing {
                                media::play(&loaded, 1.0);
                            }
                        }
                    },
                    onerror: move |_| {
                        left.set(media::moment(&failed).filter(|moment| moment.at_ms > 0));
                        loading.failed();
                    },
                }
            }
            Instead { file, loading: look, what: "video", tab, on_ask: move |()| loading.ask() }
        }
    }
}

/// A film among pictures: its first moment, and how long it is. A press shows it large.
#[component]
pub fn FilmTile(
    file: Attachment,
    alt: String,
    #[props(default)] local: Option<String>,
    #[props(default)] on_open: Option<Callback<()>>,
    #[props(default = "-1")] tab: &'static str,
) -> Element {
    let loading = use_loading(local.is_some());
    let look = loading.look();
    let src = loading.src(&local.unwrap_or_else(|| file_url(file.id, Variant::Full)));
    rsx! {
        span { class: "still", "data-look": look.code(), onmounted: move |event: MountedEvent| loading.watch(event),
            if let Some(src) = src {
                video {
                    class: "sharp",
                    src,
                    muted: true,
                    preload: "metadata",
                    playsinline: true,
                    tabindex: "-1",
                    "aria-hidden": "true",
                    onloadedmetadata: move |_| loading.here(),
                    onerror: move |_| loading.failed(),
                }
            }
            if look != Look::Broken {
                span { class: "media-mark", "aria-hidden": "true", Icon { d: icon::PLAY, class: "i-sm" } }
                if let Some(ms) = file.duration_ms {
                    span { class: "over-l tnum", "aria-hidden": "true", {names::length(ms)} }
                }
            }
            Instead { file, loading: look, what: "video", tab, on_ask: move |()| loading.ask() }
            if let Some(on_open) = on_open.filter(|_| !matches!(look, Look::Broken | Look::Held)) {
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
