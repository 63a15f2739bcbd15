//! Pictures and films large, one at a time, over everything else. Like every layer, a phone that goes back closes it.

mod gesture;
mod slides;
mod stage;

pub use slides::Source;

use crate::app::Route;
use crate::client::use_live;
use crate::id::{FileId, MessageId};
use crate::model::AttachmentKind;
use crate::ui::dom;
use crate::ui::kit::dialog::Modal;
use crate::ui::kit::icon::{self, Icon};
use crate::ui::panel::use_panel;
use crate::ui::room::attachments::DownloadButton;
use crate::ui::time::use_clock;
use crate::ui::words;
use dioxus::prelude::*;
use gesture::View;
use slides::slides;
use stage::Stage;

/// How much a press of a button or a key zooms.
const ZOOM: f64 = 1.5;

#[derive(Clone, PartialEq, Debug)]
struct Opened {
    source: Source,
    message_id: MessageId,
    file_id: FileId,
}

/// What is looked at: a context of the app's frame. Copy; all of it is signals.
#[derive(Clone, Copy, PartialEq)]
pub struct Viewer {
    opened: Signal<Option<Opened>>,
}

/// Provides it to everything below.
pub fn use_provide_viewer() -> Viewer {
    use_context_provider(|| Viewer { opened: Signal::new(None) })
}

impl Viewer {
    /// Shows a picture or a film of a message, with the others of the source beside it.
    pub fn open(mut self, source: Source, message_id: MessageId, file_id: FileId) {
        self.opened.set(Some(Opened { source, message_id, file_id }));
    }

    pub fn close(mut self) {
        self.opened.set(None);
    }
}

/// Where it is drawn.
#[component]
pub fn ViewerRegion() -> Element {
    let viewer = use_context::<Viewer>();
    let is_open = use_memo(move || viewer.opened.read().is_some());
    rsx! {
        if is_open() {
            Pictures {}
        }
    }
}

#[component]
fn Pictures() -> Element {
    let live = use_live();
    let panel = use_panel();
    let clock = use_clock();
    let navigator = use_navigator();
    let viewer = use_context::<Viewer>();
    let mut opened = viewer.opened;
    let close = use_callback(move |()| viewer.close());
    let all = use_memo(move || {
        let opened = opened.read();
        let opened = opened.as_ref()?;
        Some(slides(&live.state.read(), &opened.source, opened.message_id))
    });
    // Where it was, in case that what was looked at is deleted meanwhile.
    let mut place = use_hook(|| CopyValue::new(0_usize));
    let mut view = use_signal(View::default);
    let all = all.read();
    let all = all.as_deref().unwrap_or_default();
    let found = {
        let opened = opened.read();
        opened.as_ref().and_then(|opened| all.iter().position(|slide| slide.is(opened.message_id, opened.file_id)))
    };
    let at = found.unwrap_or(*place.peek()).min(all.len().saturating_sub(1));
    place.set(at);
    let (slide, count) = (all.get(at).cloned(), all.len());
    let beside = |step: isize| {
        let slide = all.get(at.checked_add_signed(step)?)?;
        Some((slide.message_id, slide.file.id))
    };
    let (before, after) = (beside(-1), beside(1));
    let go = use_callback(move |to: Option<(MessageId, FileId)>| {
        if let Some((message_id, file_id)) = to
            && let Some(opened) = opened.write().as_mut()
        {
            (opened.message_id, opened.file_id) = (message_id, file_id);
            view.set(View::default());
        }
    });
    let zoom = use_callback(move |factor: f64| stage::zoom(view, factor, (0.0, 0.0)));
    let on_key = move |event: KeyboardEvent| {
        if event.modifiers().intersects(Modifiers::CONTROL | Modifiers::META | Modifiers::ALT) {
            return;
        }
        match event.key() {
            Key::ArrowLeft => go.call(before),
            Key::ArrowRight => go.call(after),
            Key::Character(key) => match key.as_str() {
                "+" | "=" => zoom.call(ZOOM),
                "-" => zoom.call(1.0 / ZOOM),
                "0" => view.set(View::default()),
                _ => return,
            },
            _ => return,
        }
        event.prevent_default();
    };
    let Some(slide) = slide else {
        return rsx! {
            Modal { name: "Pictures", class: "viewer", on_close: close,
                div { class: "viewer-in", "data-theme": "dark", tabindex: "-1", "data-autofocus": "",
                    header { class: "viewer-bar", CloseButton { on_close: close } }
                    p { class: "m-auto p-6 text-center", role: "status", "This picture isn't there any more." }
                }
            }
        };
    };
    let room_id = opened.peek().as_ref().map(|opened| opened.source.room_id());
    let name = {
        let state = live.state.read();
        let is_mine = state.me.person.id == slide.author_id;
        if is_mine {
            "You".to_owned()
        } else {
            state.person(slide.author_id).map_or_else(|| "Someone".to_owned(), |person| person.display_name.clone())
        }
    };
    let time = clock.time(slide.at);
    let alt = words::alt(&slide.file, &name, &time);
    let is_film = slide.file.kind == AttachmentKind::Video;
    let seq = slide.seq;
    let go_to = move |_| {
        close.call(());
        if dom::is_compact() {
            panel.close();
        }
        if let Some(room_id) = room_id {
            // Going back leads out of a room in one step, however often something was looked at in it.
            if live.state.peek().open_room != Some(room_id) {
                navigator.push(Route::Room { room_id });
            }
            live.jump_to(room_id, seq);
        }
    };
    // Those that lead nowhere stay: what has the focus must not vanish, or keys would be lost.
    let arrow = |name: &'static str, glyph: &'static str, class: &'static str, to: Option<(MessageId, FileId)>| {
        rsx! {
            if count > 1 {
                button {
                    class,
                    r#type: "button",
                    "aria-label": name,
                    title: name,
                    "aria-disabled": to.is_none().then_some("true"),
                    onclick: move |_| go.call(to),
                    Icon { d: glyph, class: "i-lg" }
                }
            }
        }
    };
    rsx! {
        Modal { name: "Pictures", class: "viewer", on_close: close,
            div { class: "viewer-in", "data-theme": "dark", "data-testid": "viewer", tabindex: "-1", "data-autofocus": "", onkeydown: on_key,
                header { class: "viewer-bar",
                    CloseButton { on_close: close }
                    div { class: "min-w-0 flex-1",
                        b { class: "block truncate font-semibold", dir: "auto", "{name}" }
                        span { class: "block truncate text-sm text-ink-muted", "{clock.day(slide.at)}, {time}" }
                    }
                    if !is_film {
                        button { class: "icon-btn only-wide-viewer", r#type: "button", "aria-label": "Zoom out", title: "Zoom out", "aria-disabled": (!view().is_close()).then_some("true"), onclick: move |_| zoom.call(1.0 / ZOOM),
                            Icon { d: icon::ZOOM_OUT }
                        }
                        button { class: "icon-btn only-wide-viewer", r#type: "button", "aria-label": "Zoom in", title: "Zoom in", "aria-disabled": (view().scale >= gesture::CLOSEST).then_some("true"), onclick: move |_| zoom.call(ZOOM),
                            Icon { d: icon::ZOOM_IN }
                        }
                    }
                    button { class: "icon-btn", r#type: "button", "aria-label": "Go to message", title: "Go to message", onclick: go_to,
                        Icon { d: icon::MESSAGE_CIRCLE }
                    }
                    DownloadButton { file: slide.file.clone(), tab: "0", class: "icon-btn" }
                }
                // New for each: nothing of one leaks into the next.
                for slide in [slide.clone()] {
                    Stage {
                        key: "{slide.message_id}{slide.file.id}",
                        file: slide.file,
                        alt: alt.clone(),
                        view,
                        on_go: move |step: i32| go.call(if step < 0 { before } else { after }),
                        on_close: close,
                    }
                }
                {arrow("Previous", icon::CHEVRON_LEFT, "viewer-arrow viewer-before", before)}
                {arrow("Next", icon::CHEVRON_RIGHT, "viewer-arrow viewer-after", after)}
                footer { class: "viewer-foot",
                    if !slide.caption.trim().is_empty() {
                        p { class: "viewer-cap scroll", dir: "auto", tabindex: "0", {crate::model::markup::excerpt(&slide.caption, 1_000)} }
                    }
                    if count > 1 {
                        span { class: "viewer-count tnum", "aria-hidden": "true", "{at + 1} of {count}" }
                    }
                }
                p { class: "sr-only", role: "status", "{at + 1} of {count}: {alt}" }
            }
        }
    }
}

#[component]
fn CloseButton(on_close: Callback<()>) -> Element {
    rsx! {
        button { class: "icon-btn", r#type: "button", "aria-label": "Close", title: "Close", onclick: move |_| on_close.call(()),
            Icon { d: icon::X }
        }
    }
}
