use super::{Edit, PageEvent, Scroll};
use crate::model::Theme;
use crate::ui::keys::{Press, page_event};
use dioxus::prelude::*;
use dioxus::web::WebEventExt;
use futures_util::StreamExt;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Document, Element, Event, EventTarget, HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent, Window,
};

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

fn by_id(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// Waits; a page in the background may wait longer.
pub async fn sleep(ms: u32) {
    gloo_timers::future::TimeoutFuture::new(ms).await;
}

/// Minutes that local time is ahead of UTC at a moment, daylight saving included.
pub fn zone_offset_min(at_ms: i64) -> i32 {
    -(js_sys::Date::new(&JsValue::from_f64(at_ms as f64)).get_timezone_offset() as i32)
}

/// Whether someone looks at the page: visible and focused.
pub fn is_watched() -> bool {
    document().is_some_and(|document| !document.hidden() && document.has_focus().unwrap_or(false))
}

/// Whether the main pointer is a finger.
pub fn is_touch() -> bool {
    matches("(pointer: coarse)")
}

/// Whether the list and the conversation are one pane at a time.
pub fn is_compact() -> bool {
    matches("(width < 720px)")
}

fn matches(query: &str) -> bool {
    window().and_then(|window| window.match_media(query).ok().flatten()).is_some_and(|list| list.matches())
}

/// Whether the browser believes in a network.
pub fn is_online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Paints a theme: the attribute on the root element that the style sheet hangs on, and the colour of the browser's bars.
pub fn set_theme(theme: Theme) {
    let Some(document) = document() else { return };
    let Some(root) = document.document_element() else { return };
    match theme {
        Theme::System => root.remove_attribute("data-theme").ok(),
        Theme::Light => root.set_attribute("data-theme", "light").ok(),
        Theme::Dark => root.set_attribute("data-theme", "dark").ok(),
    };
    // One tag for each scheme of the system. With a chosen theme both say what is painted now.
    let canvas = |name: &str| {
        let style = window().and_then(|window| window.get_computed_style(&root).ok().flatten());
        style.and_then(|style| style.get_property_value(name).ok()).unwrap_or_default()
    };
    for scheme in ["light", "dark"] {
        let tag = format!("meta[name=theme-color][media*={scheme}]");
        let color = if theme == Theme::System { canvas(&format!("--canvas-{scheme}")) } else { canvas("--canvas") };
        if let Some(tag) = document.query_selector(&tag).ok().flatten() {
            tag.set_attribute("content", color.trim()).ok();
        }
    }
}

/// Sets the title of the tab, without the `eval` that Dioxus would use.
pub fn set_title(title: &str) {
    if let Some(document) = document()
        && document.title() != title
    {
        document.set_title(title);
    }
}

/// Makes the app as high as what a phone's keyboard leaves, where the browser does not do that itself.
pub fn fit_viewport() {
    let Some(window) = window().filter(|_| is_touch()) else { return };
    let root = document().and_then(|document| document.document_element());
    let root = root.and_then(|root| root.dyn_into::<HtmlElement>().ok());
    if let (Some(viewport), Some(root)) = (window.visual_viewport(), root) {
        root.style().set_property("--vvh", &format!("{}px", viewport.height())).ok();
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// Gives an element the focus.
pub fn focus(id: &str) {
    if let Some(element) = by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// Gives the first element that matches a selector the focus.
pub fn focus_within(selector: &str) {
    let element = document().and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// Moves the focus by `step` among the focusable elements that match a selector, round and round.
pub fn move_focus(selector: &str, step: i32) {
    let Some(document) = document() else { return };
    let Ok(list) = document.query_selector_all(selector) else { return };
    let active = document.active_element();
    let count = list.length() as i32;
    let at = (0..count).find(|at| {
        list.item(*at as u32).is_some_and(|node| active.as_ref().is_some_and(|active| active.is_same_node(Some(&node))))
    });
    let next = at.map_or(0, |at| (at + step).rem_euclid(count.max(1)));
    if let Some(element) = list.item(next as u32).and_then(|node| node.dyn_into::<HtmlElement>().ok()) {
        element.focus().ok();
    }
}

/// Whether an element has the focus itself.
pub fn is_focused(id: &str) -> bool {
    document().and_then(|document| document.active_element()).is_some_and(|active| active.id() == id)
}

/// Whether Caps Lock is on. The modifiers of Dioxus know only those that are held down.
pub fn has_caps_lock(event: &dioxus::prelude::KeyboardEvent) -> bool {
    event.data().try_as_web_event().is_some_and(|event| event.get_modifier_state("CapsLock"))
}

/// Whether a text is selected.
pub fn has_selection() -> bool {
    let get = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &name.into()).ok();
    let Some(window) = window() else { return false };
    let selection = get(&window, "getSelection").and_then(|method| method.dyn_into::<js_sys::Function>().ok());
    let selection = selection.and_then(|method| method.call0(&window).ok());
    selection.and_then(|selection| get(&selection, "isCollapsed")) == Some(JsValue::FALSE)
}

/// Moves the focus by `step` among the rows of a list (`li` with a tabindex), from the row that has it or holds it; from
/// anywhere else to the last one in view. Whether there was one to go to.
pub fn step_row(id: &str, step: i32) -> bool {
    let Some(list) = by_id(id) else { return false };
    let Ok(rows) = list.query_selector_all("li[tabindex]") else { return false };
    let rows: Vec<HtmlElement> = (0..rows.length()).filter_map(|at| rows.item(at)?.dyn_into().ok()).collect();
    let active = document().and_then(|document| document.active_element());
    let active = active.and_then(|active| active.closest("li[tabindex]").ok().flatten());
    let at = active.and_then(|active| rows.iter().position(|row| active.is_same_node(Some(row))));
    let next = match at {
        Some(at) => at.checked_add_signed(step as isize),
        None => {
            let edge = list.get_bounding_client_rect().bottom();
            rows.iter().rposition(|row| row.get_bounding_client_rect().bottom() <= edge + 1.0)
        }
    };
    let row = next.and_then(|next| rows.get(next));
    row.is_some_and(|row| row.focus().is_ok())
}

/// The first row of a list from a `data-seq` on: its own, and how far below the list's upper edge it begins.
pub fn row_from(id: &str, seq: u64) -> Option<(u64, f64)> {
    let list = by_id(id)?;
    let rows = list.query_selector_all("[data-seq]").ok()?;
    (0..rows.length()).find_map(|at| {
        let row = rows.item(at)?.dyn_into::<Element>().ok()?;
        let own = row.get_attribute("data-seq")?.parse().ok().filter(|own| *own >= seq)?;
        Some((own, row.get_bounding_client_rect().top() - list.get_bounding_client_rect().top()))
    })
}

/// What a field holds in the document: typed before the page came alive.
pub fn value(id: &str) -> Option<String> {
    let element = by_id(id)?;
    match element.dyn_into::<HtmlInputElement>() {
        Ok(input) => Some(input.value()),
        Err(element) => element.dyn_into::<HtmlTextAreaElement>().ok().map(|area| area.value()),
    }
}

/// What was typed into a field of the server's page before this page came alive. Asked while a component is drawn for the first time:
/// then the field is still the server's, and has no number of Dioxus. Later it is too late: the first drawing after the start writes
/// what the signals say into it.
pub fn early_value(id: &str) -> Option<String> {
    let is_alive = by_id(id)?.has_attribute("data-dioxus-id");
    if is_alive { None } else { value(id).filter(|typed| !typed.is_empty()) }
}

fn area(id: &str) -> Option<HtmlTextAreaElement> {
    by_id(id)?.dyn_into().ok()
}

/// What is selected in a text area, in UTF-16 units.
pub fn selection(id: &str) -> Option<(u32, u32)> {
    let area = area(id)?;
    Some((area.selection_start().ok()??, area.selection_end().ok()??))
}

/// Changes what a text area holds as typing does: it can be undone, and `oninput` hears of it. It happens a moment later: an
/// event within an event would find its handler busy.
pub fn edit(id: &'static str, edit: Edit) {
    wasm_bindgen_futures::spawn_local(async move {
        let (Some(area), Some(document)) = (area(id), document()) else { return };
        area.focus().ok();
        area.set_selection_range(edit.from, edit.to).ok();
        // Old and never to be replaced, but the only way that leaves the undo of browsers whole.
        let command = js_sys::Reflect::get(&document, &"execCommand".into()).ok();
        let command = command.and_then(|command| command.dyn_into::<js_sys::Function>().ok());
        let name = if edit.text.is_empty() { "delete" } else { "insertText" };
        let done = command.and_then(|command| {
            command.call3(&document, &name.into(), &JsValue::FALSE, &JsValue::from_str(&edit.text)).ok()
        });
        if done.is_none_or(|done| !done.is_truthy()) {
            area.set_range_text_with_start_and_end(&edit.text, edit.from, edit.to).ok();
            if let Ok(event) = Event::new("input") {
                event.init_event_with_bubbles("input", true);
                area.dispatch_event(&event).ok();
            }
        }
        area.set_selection_range(edit.select.0, edit.select.1).ok();
    });
}

/// Makes a text area as high as its text, up to what its style allows.
pub fn fit_height(id: &str) {
    let Some(area) = by_id(id).and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok()) else { return };
    let style = area.style();
    style.set_property("height", "auto").ok();
    style.set_property("height", &format!("{}px", area.scroll_height())).ok();
}

/// Puts a text on the clipboard. `false` where the browser does not allow it, or has none (a page that is not on https).
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else { return false };
    let navigator = window.navigator();
    // Without one the getter of web-sys would return something that is none.
    let clipboard = js_sys::Reflect::get(&navigator, &"clipboard".into()).ok().filter(JsValue::is_object);
    match clipboard.and_then(|clipboard| clipboard.dyn_into::<web_sys::Clipboard>().ok()) {
        Some(clipboard) => wasm_bindgen_futures::JsFuture::from(clipboard.write_text(text)).await.is_ok(),
        None => false,
    }
}

/// The address of this server, without a path.
pub fn origin() -> String {
    window().and_then(|window| window.location().origin().ok()).unwrap_or_default()
}

/// A parameter of the page's address; plain values only, nothing is decoded.
pub fn query(name: &str) -> Option<String> {
    let search = window()?.location().search().ok()?;
    let pairs = search.trim_start_matches('?').split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// Who had the focus at a moment.
#[derive(Clone, PartialEq, Default)]
pub struct FocusMark(Option<HtmlElement>);

impl FocusMark {
    pub fn now() -> Self {
        Self(document().and_then(|document| document.active_element()).and_then(|element| element.dyn_into().ok()))
    }

    /// Gives the focus back once the page is painted anew, unless something else has it then. What is gone or hidden takes
    /// none: then the button that opens the details.
    pub fn restore(self) {
        wasm_bindgen_futures::spawn_local(async move {
            sleep(50).await;
            let active = document().and_then(|document| document.active_element());
            if active.is_some_and(|active| active.tag_name() != "BODY") {
                return;
            }
            let is_shown = |element: &HtmlElement| element.is_connected() && element.offset_parent().is_some();
            match self.0.filter(is_shown) {
                Some(element) => element.focus().unwrap_or_default(),
                None => focus("details"),
            }
        });
    }
}

/// A row of a list that is about to go, and what can take the focus beside it.
pub struct LeavingRow {
    row: Option<Element>,
    beside: Option<HtmlElement>,
}

impl LeavingRow {
    pub fn of(id: &str) -> Self {
        let row = by_id(id);
        let first = |row: Element| {
            let button =
                row.query_selector(":scope:not([inert]) :is(a[href], button:not([disabled]))").ok().flatten()?;
            button.dyn_into::<HtmlElement>().ok()
        };
        let walk = |step: fn(&Element) -> Option<Element>| {
            std::iter::successors(row.as_ref().and_then(step), step).find_map(first)
        };
        let beside = walk(Element::next_element_sibling).or_else(|| walk(Element::previous_element_sibling));
        Self { row, beside }
    }

    /// Gives the focus to the row beside, once what lies above the list has closed and given the focus back to this one.
    pub fn pass_focus(self) {
        wasm_bindgen_futures::spawn_local(async move {
            sleep(50).await;
            let active = document().and_then(|document| document.active_element());
            let is_ours = active.is_none_or(|active| {
                active.tag_name() == "BODY" || self.row.is_some_and(|row| row.contains(Some(&active)))
            });
            if let Some(beside) = self.beside.filter(|_| is_ours) {
                beside.focus().ok();
            }
        });
    }
}

pub fn reload() {
    if let Some(window) = window() {
        window.location().reload().ok();
    }
}

pub fn go_to(path: &str) {
    if let Some(window) = window() {
        window.location().assign(path).ok();
    }
}

/// Saves what is under a path of this server, under the name that the server says. The page stays, also when there is nothing.
pub fn download(path: &str) {
    let link = window().and_then(|window| window.document()).and_then(|document| document.create_element("a").ok());
    if let Some(link) = link.and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok())
        && link.set_attribute("href", path).is_ok()
        && link.set_attribute("download", "").is_ok()
    {
        link.click();
    }
}

/// The path of the page as the browser shows it.
pub fn path() -> String {
    window().and_then(|window| window.location().pathname().ok()).unwrap_or_default()
}

/// The end of the address of an entry of the history that stands for what is open above the page.
const OPEN: &str = "#open";

/// Whether the browser is at such an entry.
pub fn is_at_open() -> bool {
    window().and_then(|window| window.location().hash().ok()).is_some_and(|hash| hash == OPEN)
}

/// Adds such an entry, with the address of the page itself otherwise.
pub fn push_open() {
    set_entry(OPEN, true);
}

/// Makes such an entry a plain one: it comes from an earlier visit.
pub fn drop_open() {
    set_entry("", false);
}

fn set_entry(end: &str, is_new: bool) {
    let Some((window, location)) = window().map(|window| (window.clone(), window.location())) else { return };
    let address = location.pathname().and_then(|path| Ok(path + &location.search()? + end));
    let (Ok(history), Ok(address)) = (window.history(), address) else { return };
    let state = history.state().unwrap_or(JsValue::NULL);
    if is_new {
        history.push_state_with_url(&state, "", Some(&address)).ok();
    } else {
        history.replace_state_with_url(&state, "", Some(&address)).ok();
    }
}

/// Goes back in the history, a moment later.
pub fn go_back() {
    if let Some(history) = window().and_then(|window| window.history().ok()) {
        history.back().ok();
    }
}

/// Whether our server answers.
pub async fn is_reachable() -> bool {
    let Some(window) = window() else { return false };
    match wasm_bindgen_futures::JsFuture::from(window.fetch_with_str("/healthz")).await {
        Ok(response) => response.dyn_into::<web_sys::Response>().is_ok_and(|response| response.ok()),
        Err(_) => false,
    }
}

/// Reads a file of our own server.
pub async fn read_file(path: &str) -> Option<String> {
    crate::client::platform::get(path).await.ok()
}

/// Registers the service worker, where browsers have one.
pub fn register_service_worker() {
    let Some(window) = window() else { return };
    let navigator = window.navigator();
    if js_sys::Reflect::has(&navigator, &"serviceWorker".into()).unwrap_or(false) {
        let registration = navigator.service_worker().register("/sw.js");
        // A browser may refuse (private windows do); the app works without.
        wasm_bindgen_futures::spawn_local(async move {
            wasm_bindgen_futures::JsFuture::from(registration).await.ok();
        });
    }
}

/// The number on the app's icon, where installed apps have one.
pub fn set_badge(count: u32) {
    let Some(window) = window() else { return };
    let navigator = window.navigator();
    let Ok(method) = js_sys::Reflect::get(&navigator, &"setAppBadge".into()) else { return };
    let Ok(method) = method.dyn_into::<js_sys::Function>() else { return };
    if let Ok(promise) = method.call1(&navigator, &JsValue::from_f64(f64::from(count)))
        && let Ok(promise) = promise.dyn_into::<js_sys::Promise>()
    {
        wasm_bindgen_futures::spawn_local(async move {
            wasm_bindgen_futures::JsFuture::from(promise).await.ok();
        });
    }
}

pub fn scroll(id: &str) -> Option<Scroll> {
    let element = by_id(id)?;
    // Laid out from the end: 0 there, negative above it. The position is fractional, its getter in web-sys is not.
    let top = js_sys::Reflect::get(&element, &"scrollTop".into()).ok()?.as_f64()?;
    let height = f64::from(element.client_height());
    Some(Scroll { from_end: -top, to_start: f64::from(element.scroll_height()) - height + top, height })
}

/// Moves what is shown by `delta` pixels: down when positive.
pub fn scroll_by(id: &str, delta: f64) {
    let Some(element) = by_id(id) else { return };
    if let Some(top) = js_sys::Reflect::get(&element, &"scrollTop".into()).ok().and_then(|top| top.as_f64()) {
        js_sys::Reflect::set(&element, &"scrollTop".into(), &JsValue::from_f64(top + delta)).ok();
    }
}

/// Shows an element from `top` pixels below its upper edge on.
pub fn set_scroll_top(id: &str, top: i32) {
    if let Some(element) = by_id(id) {
        element.set_scroll_top(top);
    }
}

pub fn scroll_to_end(id: &str) {
    if let Some(element) = by_id(id) {
        element.set_scroll_top(0);
    }
}

/// How far below the upper edge of a scrolled element one of its descendants begins.
pub fn offset_of(id: &str, selector: &str) -> Option<f64> {
    let element = by_id(id)?;
    let inner = element.query_selector(selector).ok().flatten()?;
    Some(inner.get_bounding_client_rect().top() - element.get_bounding_client_rect().top())
}

/// The first row that reaches into view: its `data-key` and how far below the upper edge it begins.
pub fn first_in_view(id: &str) -> Option<(String, f64)> {
    let element = by_id(id)?;
    let edge = element.get_bounding_client_rect().top();
    let rows = element.query_selector_all("[data-key]").ok()?;
    // Rows lie in order: halve instead of asking all.
    let (mut low, mut high) = (0, rows.length());
    let rect = |at: u32| {
        let row = rows.item(at)?.dyn_into::<Element>().ok()?;
        let rect = row.get_bounding_client_rect();
        Some((row, rect))
    };
    while low < high {
        let middle = low + (high - low) / 2;
        if rect(middle)?.1.bottom() > edge { high = middle } else { low = middle + 1 }
    }
    let (row, rect) = rect(low)?;
    Some((row.get_attribute("data-key")?, rect.top() - edge))
}

/// The newest message of which a part was on the screen: its `data-seq`.
pub fn last_seq_in_view(id: &str) -> Option<u64> {
    let element = by_id(id)?;
    let edge = element.get_bounding_client_rect().bottom();
    let rows = element.query_selector_all("[data-seq]").ok()?;
    (0..rows.length()).rev().find_map(|at| {
        let row = rows.item(at)?.dyn_into::<Element>().ok()?;
        let rect = row.get_bounding_client_rect();
        // Half of it, or as much as fits.
        let enough = rect.top() + (rect.height() / 2.0).min(48.0) <= edge;
        if enough { row.get_attribute("data-seq")?.parse().ok() } else { None }
    })
}

struct Listener {
    target: EventTarget,
    name: &'static str,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(target: &EventTarget, name: &'static str, on: impl FnMut(Event) + 'static) -> Self {
        let closure = Closure::<dyn FnMut(Event)>::new(on);
        target.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).ok();
        Self { target: target.clone(), name, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.target.remove_event_listener_with_callback(self.name, self.closure.as_ref().unchecked_ref()).ok();
    }
}

fn shortcut(event: &Event) -> Option<PageEvent> {
    let key = event.dyn_ref::<KeyboardEvent>()?;
    let is_in_field = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()).is_some_and(|target| {
        target.is_content_editable() || target.matches("input, textarea, select").unwrap_or(false)
    });
    let press = Press {
        key: &key.key(),
        is_ctrl: key.ctrl_key() || key.meta_key(),
        is_alt: key.alt_key(),
        is_shift: key.shift_key(),
        is_in_field,
    };
    let found = page_event(&press)?;
    if found == PageEvent::Escape {
        return Some(found).filter(|_| !key.is_composing() && !key.default_prevented());
    }
    // Without a chat, and once more in its field, it is the browser's own.
    if found == PageEvent::Find {
        let is_ours = path().starts_with("/r/");
        let active = document().and_then(|document| document.active_element());
        if !is_ours || active.is_some_and(|active| active.id() == crate::ui::search::FIELD) {
            return None;
        }
    }
    event.prevent_default();
    Some(found)
}

/// Scrolls an element into view, no farther than it needs.
pub fn show(id: &str) {
    let Some(element) = by_id(id) else { return };
    let options = web_sys::ScrollIntoViewOptions::new();
    options.set_block(web_sys::ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// A text whose accents stand behind their letters (Unicode NFD).
pub fn decomposed(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFD").into()
}

/// What the browser keeps for this device under a name.
pub fn recall(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(name).ok()?
}

/// Has the browser keep a text for this device. Some private windows refuse.
pub fn remember(name: &str, text: &str) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        storage.set_item(name, text).ok();
    }
}

/// Whether keys are called as on a Mac.
pub fn is_apple() -> bool {
    let platform = window().and_then(|window| window.navigator().platform().ok()).unwrap_or_default();
    ["Mac", "iPhone", "iPad"].iter().any(|name| platform.starts_with(name))
}

/// Calls `on` for events of the page while the component is there.
pub fn use_page_events(on: impl FnMut(PageEvent) + 'static) {
    let mut slot = Some(on);
    let events = use_coroutine(move |mut events: UnboundedReceiver<PageEvent>| {
        let on = slot.take();
        async move {
            if let Some(mut on) = on {
                while let Some(event) = events.next().await {
                    on(event);
                }
            }
        }
    });
    use_hook(|| {
        let (Some(window), Some(document)) = (window(), document()) else { return Rc::new(Vec::new()) };
        let send = |event: PageEvent| {
            let sender = events.tx();
            move |_: Event| {
                sender.unbounded_send(event).ok();
            }
        };
        let keys = events.tx();
        // Shrinks when a phone's keyboard opens.
        let viewport: EventTarget = match window.visual_viewport() {
            Some(viewport) => viewport.into(),
            None => window.clone().into(),
        };
        Rc::new(vec![
            Listener::new(&window, "focus", send(PageEvent::Seen)),
            Listener::new(&window, "pointerdown", send(PageEvent::Seen)),
            Listener::new(&document, "visibilitychange", send(PageEvent::Seen)),
            Listener::new(&window, "online", send(PageEvent::Online)),
            Listener::new(&window, "popstate", send(PageEvent::Travelled)),
            Listener::new(&viewport, "resize", send(PageEvent::Resized)),
            Listener::new(&window, "keydown", move |event| {
                if let Some(event) = shortcut(&event) {
                    keys.unbounded_send(event).ok();
                }
            }),
        ])
    });
}
