use super::{Area, Moment};
use dioxus::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlMediaElement, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit};

/// What scrolls around pictures.
const SCROLLERS: &str = ".timeline, .scroll";

/// Watches one element, until it is dropped.
struct Watch {
    observer: IntersectionObserver,
    _closure: Closure<dyn FnMut(js_sys::Array)>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Waits until an element is within `margin` pixels of what is seen of the pane that it scrolls in. Without an observer it
/// is near at once.
pub async fn near(event: &MountedEvent, margin: u32) {
    let Some(element) = event.downcast::<Element>().cloned() else { return };
    let mut watch = None;
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let done = resolve.clone();
        let closure = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let is_near = |entry: JsValue| entry.unchecked_into::<IntersectionObserverEntry>().is_intersecting();
            if entries.iter().any(is_near) {
                done.call0(&JsValue::NULL).ok();
            }
        });
        let options = IntersectionObserverInit::new();
        // The margin of the window would not count: what a pane hides is cut off before.
        let root = element.closest(SCROLLERS).ok().flatten();
        options.set_root(root.as_ref());
        options.set_root_margin(&format!("{margin}px"));
        match IntersectionObserver::new_with_options(closure.as_ref().unchecked_ref(), &options) {
            Ok(observer) => {
                observer.observe(&element);
                watch = Some(Watch { observer, _closure: closure });
            }
            Err(_) => drop(resolve.call0(&JsValue::NULL)),
        }
    });
    wasm_bindgen_futures::JsFuture::from(promise).await.ok();
    drop(watch);
}

/// Whether someone asked for less motion.
pub fn is_calm() -> bool {
    let list =
        web_sys::window().and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten());
    list.is_some_and(|list| list.matches())
}

/// Whether someone asked to load less.
pub fn saves_data() -> bool {
    let get = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &name.into()).ok();
    let Some(window) = web_sys::window() else { return false };
    let connection = get(&window.navigator(), "connection").filter(JsValue::is_object);
    connection.and_then(|connection| get(&connection, "saveData")) == Some(JsValue::TRUE)
}

fn element(id: &str) -> Option<HtmlMediaElement> {
    web_sys::window()?.document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Plays at a rate. Whether it may is the browser's to say: `onplay` and `onerror` tell.
pub fn play(id: &str, rate: f64) {
    if let Some(element) = element(id) {
        element.set_playback_rate(rate);
        // Refused or interrupted: it stays as it is.
        if let Ok(playing) = element.play() {
            wasm_bindgen_futures::spawn_local(async move {
                wasm_bindgen_futures::JsFuture::from(playing).await.ok();
            });
        }
    }
}

pub fn pause(id: &str) {
    if let Some(element) = element(id) {
        element.pause().ok();
    }
}

/// Leaves nothing but this one playing.
pub fn pause_others(id: &str) {
    let document = web_sys::window().and_then(|window| window.document());
    let Some(all) = document.and_then(|document| document.query_selector_all("audio, video").ok()) else { return };
    let elements = (0..all.length()).filter_map(|at| all.item(at)?.dyn_into::<HtmlMediaElement>().ok());
    for element in elements.filter(|element| element.id() != id) {
        element.pause().ok();
    }
}

pub fn seek(id: &str, at_ms: u32) {
    if let Some(element) = element(id) {
        element.set_current_time(f64::from(at_ms) / 1_000.0);
    }
}

pub fn set_rate(id: &str, rate: f64) {
    if let Some(element) = element(id) {
        element.set_playback_rate(rate);
    }
}

pub fn moment(id: &str) -> Option<Moment> {
    let element = element(id)?;
    let ms = |seconds: f64| (seconds * 1_000.0) as u32;
    let length = element.duration();
    Some(Moment {
        at_ms: ms(element.current_time()),
        length_ms: (length.is_finite() && length > 0.0).then(|| ms(length)),
        is_playing: !element.paused() && !element.ended(),
    })
}

/// Where an element is; nowhere if it isn't there.
pub fn area(id: &str) -> Area {
    let element = web_sys::window().and_then(|window| window.document()?.get_element_by_id(id));
    let Some(rect) = element.map(|element| element.get_bounding_client_rect()) else { return Area::default() };
    Area { left: rect.left(), top: rect.top(), width: rect.width(), height: rect.height() }
}
