use super::{Brought, Picked};
use crate::client::platform::{Listener, within};
use crate::client::uploads::Bytes;
use crate::model::{AttachmentKind, FileHints};
use dioxus::prelude::*;
use futures_util::StreamExt;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    ClipboardEvent, DataTransfer, DragEvent, Element, Event, EventTarget, FileList, HtmlImageElement, HtmlInputElement,
    HtmlVideoElement,
};

/// A picture that has not told its size after so many milliseconds is sent without it.
const MEASURE_MS: u32 = 10_000;
/// What lies above the room: files are not for what is below.
const ABOVE: &str = "dialog, [popover]";

fn input(id: &str) -> Option<HtmlInputElement> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Opens the device's way to choose files, of an input for files.
pub fn choose(id: &str) {
    if let Some(input) = input(id) {
        input.click();
    }
}

/// Takes what was chosen out of an input for files: the same may be chosen again.
pub fn chosen(id: &str) -> Vec<Picked> {
    let Some(input) = input(id) else { return Vec::new() };
    let picked = input.files().map(|files| list(&files)).unwrap_or_default();
    input.set_value("");
    picked
}

fn list(files: &FileList) -> Vec<Picked> {
    let files = (0..files.length()).filter_map(|at| files.item(at));
    files
        .map(|file| Picked { name: file.name(), mime: file.type_(), size: file.size() as u64, bytes: file.into() })
        .collect()
}

/// The first bytes of a file. `None`: it cannot be read; a folder can't.
pub async fn head(bytes: &Bytes, count: usize) -> Option<Vec<u8>> {
    let part = bytes.slice_with_i32_and_i32(0, i32::try_from(count).ok()?).ok()?;
    let buffer = JsFuture::from(part.array_buffer()).await.ok()?;
    Some(js_sys::Uint8Array::new(&buffer).to_vec())
}

/// What the browser finds out about a picture, a film or a sound at an address of this page.
pub async fn measure(url: String, kind: AttachmentKind) -> FileHints {
    within(MEASURE_MS, look(url, kind)).await.flatten().unwrap_or_default()
}

async fn look(url: String, kind: AttachmentKind) -> Option<FileHints> {
    let side = |pixels: u32| Some(pixels).filter(|pixels| *pixels > 0);
    if kind.has_pictures() {
        let image = HtmlImageElement::new().ok()?;
        loaded(&image, "load", || image.set_src(&url)).await?;
        return Some(FileHints {
            width: side(image.natural_width()),
            height: side(image.natural_height()),
            ..FileHints::default()
        });
    }
    if kind == AttachmentKind::File {
        return None;
    }
    let film: HtmlVideoElement = web_sys::window()?.document()?.create_element("video").ok()?.dyn_into().ok()?;
    film.set_preload("metadata");
    film.set_muted(true);
    loaded(&film, "loadedmetadata", || film.set_src(&url)).await?;
    let ms = film.duration() * 1_000.0;
    Some(FileHints {
        width: side(film.video_width()),
        height: side(film.video_height()),
        duration_ms: (1.0..86_400_000.0).contains(&ms).then_some(ms as u32),
        ..FileHints::default()
    })
}

/// Waits for an event of an element, or for its failure.
async fn loaded(element: &EventTarget, event: &'static str, begin: impl FnOnce()) -> Option<()> {
    let mut listeners = None;
    let mut begin = Some(begin);
    let promise = js_sys::Promise::new(&mut |resolve, reject| {
        let settle = |how: js_sys::Function| move |_: Event| drop(how.call0(&JsValue::NULL));
        let (good, bad) = (settle(resolve), settle(reject));
        listeners = Some((Listener::new(element, event, good), Listener::new(element, "error", bad)));
        if let Some(begin) = begin.take() {
            begin();
        }
    });
    let outcome = JsFuture::from(promise).await;
    drop(listeners);
    outcome.ok().map(|_| ())
}

fn transfer(event: &Event) -> Option<DataTransfer> {
    event.dyn_ref::<DragEvent>()?.data_transfer()
}

fn carries(transfer: &DataTransfer, kind: &str) -> bool {
    transfer.types().includes(&JsValue::from_str(kind), 0)
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

fn is_above(target: &Element) -> bool {
    target.closest(ABOVE).ok().flatten().is_some()
}

/// Whether pasted files are what was meant. Office programs add a picture of the text that they copy.
fn is_for_files(transfer: &DataTransfer) -> bool {
    !(carries(transfer, "text/rtf") || carries(transfer, "text/html") && carries(transfer, "text/plain"))
}

/// While the component is there, files that are dropped where nobody wants them do not take the page away.
pub fn use_no_drops() {
    use_hook(|| {
        let Some(window) = web_sys::window() else { return Rc::new(Vec::new()) };
        let keep = |event: Event| {
            let carried = transfer(&event).filter(|transfer| carries(transfer, "Files"));
            if let Some(transfer) = carried.filter(|_| !event.default_prevented()) {
                event.prevent_default();
                transfer.set_drop_effect("none");
            }
        };
        Rc::new(vec![Listener::new(&window, "dragover", keep), Listener::new(&window, "drop", keep)])
    });
}

/// Calls `on` for files that are held over or dropped on what matches `place`, and for those that are pasted into the field
/// `field` or outside of all fields.
pub fn use_brought(place: &'static str, field: &'static str, on: impl FnMut(Brought) + 'static) {
    let mut slot = Some(on);
    let news = use_coroutine(move |mut news: UnboundedReceiver<Brought>| {
        let on = slot.take();
        async move {
            if let Some(mut on) = on {
                while let Some(brought) = news.next().await {
                    on(brought);
                }
            }
        }
    });
    use_hook(|| {
        let Some(window) = web_sys::window() else { return Rc::new(Vec::new()) };
        let send = || {
            let sender = news.tx();
            move |brought: Brought| drop(sender.unbounded_send(brought))
        };
        let is_inside = move |event: &Event| {
            target(event).is_some_and(|target| !is_above(&target) && target.closest(place).ok().flatten().is_some())
        };
        let is_over = Rc::new(std::cell::Cell::new(false));
        let set_over = || {
            let (is_over, send) = (is_over.clone(), send());
            move |over: bool| {
                if is_over.replace(over) != over {
                    send(Brought::Over(over));
                }
            }
        };
        let (over, left, dropped) = (set_over(), set_over(), set_over());
        let (give, paste) = (send(), send());
        Rc::new(vec![
            Listener::new(&window, "dragover", move |event| {
                let Some(transfer) = transfer(&event).filter(|transfer| carries(transfer, "Files")) else { return };
                event.prevent_default();
                let inside = is_inside(&event);
                transfer.set_drop_effect(if inside { "copy" } else { "none" });
                over(inside);
            }),
            Listener::new(&window, "dragleave", move |event| {
                // Out of the window. Within it the next "dragover" knows.
                if event.dyn_ref::<DragEvent>().is_some_and(|event| event.related_target().is_none()) {
                    left(false);
                }
            }),
            Listener::new(&window, "drop", move |event| {
                let Some(transfer) = transfer(&event).filter(|transfer| carries(transfer, "Files")) else { return };
                event.prevent_default();
                dropped(false);
                let files = transfer.files().map(|files| list(&files)).unwrap_or_default();
                if is_inside(&event) && !files.is_empty() {
                    give(Brought::Files(files));
                }
            }),
            Listener::new(&window, "paste", move |event| {
                let transfer = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
                let Some(transfer) = transfer.filter(is_for_files) else { return };
                let files = transfer.files().map(|files| list(&files)).unwrap_or_default();
                let is_ours = target(&event).is_none_or(|target| {
                    let is_field = target.matches("input, textarea, select, [contenteditable]").unwrap_or(false);
                    !is_above(&target) && (!is_field || target.id() == field)
                });
                if is_ours && !files.is_empty() {
                    event.prevent_default();
                    paste(Brought::Files(files));
                }
            }),
        ])
    });
}
