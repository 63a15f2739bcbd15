use super::{Anchor, Rect, Wish, place};
use dioxus::prelude::*;
use futures_util::StreamExt;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, EventTarget, HtmlDialogElement, HtmlElement, KeyboardEvent};

/// What takes the focus.
const FOCUSABLE: &str =
    "a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), select, [tabindex]";
/// Items of a menu that can be chosen.
const ITEMS: &str = "[role^=menuitem]:not([aria-disabled=true])";
/// After a pause this long, typing in a menu begins a new word; milliseconds.
const WORD_MS: f64 = 700.0;

thread_local! {
    /// Who had the focus before layers that have just gone.
    static RETURN: RefCell<Vec<HtmlElement>> = const { RefCell::new(Vec::new()) };
}

/// An open layer: its element, who gets the focus back, where it hangs.
#[derive(Clone, Default)]
pub struct LayerHandle(Rc<RefCell<Option<Open>>>);

impl PartialEq for LayerHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

struct Open {
    root: HtmlElement,
    /// The one that had the focus and what is around it, in case that it is gone at the end.
    openers: Vec<HtmlElement>,
    typed: (String, f64),
    /// Places the layer again when the window changes.
    _listeners: Vec<Listener>,
}

impl LayerHandle {
    /// Puts the element above the page, places it and moves the focus into it.
    pub fn open(&self, event: &MountedEvent, wish: Wish) {
        let Some(root) = event.downcast::<Element>().and_then(|root| root.dyn_ref::<HtmlElement>()) else { return };
        let openers = openers(root);
        match root.dyn_ref::<HtmlDialogElement>() {
            Some(dialog) => dialog.show_modal().ok(),
            // Browsers without popovers show it where it is: above the rest by its style.
            None => has(root, "showPopover").then(|| root.show_popover().ok()).flatten(),
        };
        let is_modal = root.has_attribute("open");
        let mut listeners = Vec::new();
        if !is_modal {
            arrange(root, &wish);
            let again = {
                let root = root.clone();
                move || arrange(&root, &wish)
            };
            let again = Rc::new(again);
            if let Some(window) = web_sys::window() {
                let viewport = window.visual_viewport().map(EventTarget::from);
                for target in viewport.into_iter().chain([window.into()]) {
                    let again = again.clone();
                    listeners.push(Listener::new(&target, "resize", false, move |_| again()));
                }
            }
        }
        let first = root.query_selector("[data-autofocus]").ok().flatten().and_then(|first| first.dyn_into().ok());
        let first = first.or_else(|| self::first(root, ITEMS)).or_else(|| self::first(root, "[data-panel]"));
        *self.0.borrow_mut() =
            Some(Open { root: root.clone(), openers, typed: (String::new(), 0.0), _listeners: listeners });
        if let Some(first) = first {
            focus(&first);
        }
    }

    /// The layer goes: the focus returns to where it was, once the page is painted without it.
    pub fn close(&self) {
        let Some(open) = self.0.borrow_mut().take() else { return };
        RETURN.with(|all| all.borrow_mut().extend(open.openers));
        // Not now: the page is being changed, and what is around a modal dialog takes no focus while that is there.
        wasm_bindgen_futures::spawn_local(async {
            let all = RETURN.with(|all| all.take());
            let is_lost = document().and_then(|document| document.active_element());
            let is_lost = is_lost.is_none_or(|active| active.tag_name() == "BODY");
            if is_lost && let Some(opener) = all.iter().find(|opener| takes_focus(opener)) {
                focus(opener);
            }
        });
    }

    /// Moves the focus by `step` among the items of a menu, round and round.
    pub fn step(&self, step: i32) {
        let items = self.all(ITEMS);
        let count = items.len() as i32;
        let next = match position(&items) {
            Some(at) => (at as i32 + step).rem_euclid(count.max(1)),
            None if step < 0 => count - 1,
            None => 0,
        };
        if let Some(item) = items.get(next as usize) {
            focus(item);
        }
    }

    /// Moves the focus to the first or the last item of a menu.
    pub fn edge(&self, is_last: bool) {
        let items = self.all(ITEMS);
        if let Some(item) = if is_last { items.last() } else { items.first() } {
            focus(item);
        }
    }

    /// Moves the focus to the next item that begins with what is being typed.
    pub fn typeahead(&self, key: &str) {
        let now = js_sys::Date::now();
        let word = match self.0.borrow_mut().as_mut() {
            Some(Open { typed: (word, at), .. }) => {
                if now - *at > WORD_MS {
                    word.clear();
                }
                *at = now;
                word.push_str(&key.to_lowercase());
                word.clone()
            }
            None => return,
        };
        let items = self.all(ITEMS);
        let at = position(&items).unwrap_or_default();
        // A first letter goes on to the next one, a longer word may stay.
        let from = if word.chars().count() == 1 { at + 1 } else { at };
        let turned = items.iter().cycle().skip(from).take(items.len());
        let fits = |item: &&HtmlElement| {
            item.text_content().unwrap_or_default().trim_start().to_lowercase().starts_with(&word)
        };
        if let Some(item) = { turned }.find(fits) {
            focus(item);
        }
    }

    /// Keeps Tab inside. Whether it had to: then the key has done its work.
    pub fn wrap_tab(&self, is_back: bool) -> bool {
        let stops: Vec<_> = self.all(FOCUSABLE).into_iter().filter(|stop| stop.tab_index() >= 0).collect();
        let at = position(&stops);
        let (edge, other) = if is_back { (stops.first(), stops.last()) } else { (stops.last(), stops.first()) };
        let is_at_edge = at.is_none_or(|at| edge.is_some_and(|edge| stops[at] == *edge));
        if is_at_edge && let Some(other) = other {
            focus(other);
        }
        is_at_edge
    }

    /// Shown elements that match, in their order.
    fn all(&self, selector: &str) -> Vec<HtmlElement> {
        let root = self.0.borrow().as_ref().map(|open| open.root.clone());
        let Some(list) = root.and_then(|root| root.query_selector_all(selector).ok()) else { return Vec::new() };
        let elements = (0..list.length()).filter_map(|at| list.item(at)?.dyn_into::<HtmlElement>().ok());
        elements.filter(is_shown).collect()
    }
}

fn document() -> Option<web_sys::Document> {
    web_sys::window()?.document()
}

fn has(element: &HtmlElement, method: &str) -> bool {
    js_sys::Reflect::has(element, &JsValue::from_str(method)).unwrap_or(false)
}

fn focus(element: &HtmlElement) {
    element.focus().ok();
}

fn is_shown(element: &HtmlElement) -> bool {
    element.get_bounding_client_rect().width() > 0.0
}

fn takes_focus(element: &HtmlElement) -> bool {
    element.is_connected() && is_shown(element) && element.matches(FOCUSABLE).unwrap_or(false)
}

fn first(root: &HtmlElement, selector: &str) -> Option<HtmlElement> {
    root.query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Where the focus is among these.
fn position(elements: &[HtmlElement]) -> Option<usize> {
    let active = document()?.active_element()?;
    elements.iter().position(|element| active.is_same_node(Some(element)))
}

/// Who has the focus, and what is around it. Some browsers give a pressed button none: then the button beside the layer.
fn openers(root: &HtmlElement) -> Vec<HtmlElement> {
    let active = document().and_then(|document| document.active_element());
    let active = active.filter(|active| active.tag_name() != "BODY");
    let beside = || {
        root.parent_element().filter(|parent| parent.matches(".menu-anchor").unwrap_or(false))?.first_element_child()
    };
    // One layer makes way for another: what the first one owed is owed by the second.
    let mut openers = RETURN.with(|all| all.take());
    let mut next = active.or_else(beside);
    while let Some(element) = next {
        next = element.parent_element();
        openers.extend(element.dyn_into().ok());
    }
    openers
}

fn rect(element: &Element) -> Rect {
    let rect = element.get_bounding_client_rect();
    Rect { left: rect.left(), top: rect.top(), width: rect.width(), height: rect.height() }
}

/// Puts the panel of a popover where it belongs in the window as it is now.
fn arrange(root: &HtmlElement, wish: &Wish) {
    let Some(panel) = first(root, "[data-panel]") else { return };
    let style = panel.style();
    for name in ["left", "top", "bottom", "max-height", "max-width"] {
        style.remove_property(name).ok();
    }
    if wish.is_sheet && crate::ui::dom::is_compact() {
        return;
    }
    let anchor = match &wish.anchor {
        Anchor::Near => root.parent_element().and_then(|parent| parent.first_element_child()).map(|near| rect(&near)),
        Anchor::Id(id) => document().and_then(|document| document.get_element_by_id(id)).map(|element| rect(&element)),
        Anchor::Point(x, y) => Some(Rect { left: *x, top: *y, width: 0.0, height: 0.0 }),
    };
    // Without an anchor it is in the middle, as its style says.
    let Some(anchor) = anchor else { return };
    let window = (f64::from(root.client_width()), f64::from(root.client_height()));
    // Not its rectangle: that is smaller while it blooms.
    let size = (f64::from(panel.offset_width()), f64::from(panel.offset_height()));
    let at = place(anchor, size, window, wish.is_above, wish.is_end);
    let px = |value: f64| format!("{value}px");
    style.set_property("left", &px(at.left)).ok();
    if at.is_above {
        style.set_property("top", "auto").ok();
        style.set_property("bottom", &px(window.1 - at.y)).ok();
    } else {
        style.set_property("top", &px(at.y)).ok();
        style.set_property("bottom", "auto").ok();
    }
    style.set_property("max-height", &px(at.max_height)).ok();
    style.set_property("max-width", &px(at.max_width)).ok();
    panel.set_attribute("data-above", if at.is_above { "true" } else { "false" }).ok();
}

struct Listener {
    target: EventTarget,
    name: &'static str,
    is_capture: bool,
    closure: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(target: &EventTarget, name: &'static str, is_capture: bool, on: impl FnMut(Event) + 'static) -> Self {
        let closure = Closure::<dyn FnMut(Event)>::new(on);
        let function = closure.as_ref().unchecked_ref();
        target.add_event_listener_with_callback_and_bool(name, function, is_capture).ok();
        Self { target: target.clone(), name, is_capture, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.closure.as_ref().unchecked_ref();
        self.target.remove_event_listener_with_callback_and_bool(self.name, function, self.is_capture).ok();
    }
}

/// Calls `on` for every Escape while `is_taken` says so, before anyone else sees the key: nobody else does then.
pub fn use_escape(is_taken: impl Fn() -> bool + 'static, on: impl FnMut() + 'static) {
    let slot = Rc::new(Cell::new(Some(on)));
    let presses = use_coroutine(move |mut presses: UnboundedReceiver<()>| {
        let on = slot.take();
        async move {
            if let Some(mut on) = on {
                while presses.next().await.is_some() {
                    on();
                }
            }
        }
    });
    use_hook(|| {
        let window = web_sys::window()?;
        let sender = presses.tx();
        Some(Rc::new(Listener::new(&window, "keydown", true, move |event| {
            let is_escape =
                event.dyn_ref::<KeyboardEvent>().is_some_and(|key| key.key() == "Escape" && !key.is_composing());
            if is_escape && is_taken() {
                event.prevent_default();
                event.stop_propagation();
                sender.unbounded_send(()).ok();
            }
        })))
    });
}
