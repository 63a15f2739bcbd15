//! The part of a picture that becomes somebody's: under fingers, mouse, wheel, slider or keys.

use super::frame::{Frame, Grip, Point};
use super::send::{Progress, use_sending};
use super::{Of, PickButton, Problem};
use crate::ui::dom;
use crate::ui::dom::picture::{self, Picked};
use crate::ui::kit::Dialog;
use crate::ui::kit::icon::{self, Icon};
use dioxus::html::geometry::{ClientPoint, WheelDelta};
use dioxus::html::input_data::MouseButton;
use dioxus::prelude::*;

const STAGE: &str = "crop-stage";
const PICTURE: &str = "crop-picture";
const MIDDLE: Point = (0.5, 0.5);
/// How much a pixel of a wheel zooms; a line counts as so many.
const WHEEL: f64 = 0.002;
const LINE: f64 = 30.0;
/// How far an arrow moves the part, as a share of it; with shift, so many times.
const STEP: f64 = 0.02;
const FAR: f64 = 5.0;
const CLOSER: f64 = 1.1;

const UNREADABLE: &str = "This picture can't be read here. Choose a JPEG, PNG, GIF or WebP.";

/// Has the part chosen, sends the picture, and closes: with whether it was set. It closes by itself when that is done.
#[component]
pub fn CropDialog(of: Of, picked: Picked, on_close: Callback<bool>) -> Element {
    let mut picked = use_signal(|| picked);
    let mut frame = use_signal(|| None::<Frame>);
    let mut is_unreadable = use_signal(|| false);
    let sending = use_sending();
    let title = if of == Of::Me { "Your picture" } else { "Picture of the group" };
    let save = move |_| {
        let Some(part) = (*frame.peek()).map(Frame::crop) else { return };
        let chosen = picked.peek().clone();
        sending.begin(of.path_of_new(Some(part)), chosen, move || on_close.call(true));
    };
    let other = move |new| {
        sending.stop();
        let mut problem = sending.problem;
        problem.set(None);
        is_unreadable.set(false);
        frame.set(None);
        picked.set(new);
    };
    let is_busy = sending.is_busy();
    let problem = (sending.problem)();
    rsx! {
        Dialog { title, class: "crop", on_close: move |()| on_close.call(false),
            if is_unreadable() {
                div { class: "crop-stage crop-none", Icon { d: icon::IMAGE_OFF, class: "i-lg" } }
                Problem { text: UNREADABLE }
            } else {
                Stage { url: picked.read().url(), frame, is_unreadable }
                Zoom { frame }
                p { class: "hint text-center",
                    if dom::is_touch() {
                        "Drag to move it, pinch to zoom."
                    } else {
                        "Drag to move it, scroll to zoom. Arrows, + and − do it too."
                    }
                }
            }
            Progress { sending }
            if let Some(problem) = problem {
                Problem { text: problem }
            }
            div { class: "crop-foot",
                PickButton { id: "other-picture", class: "btn btn-quiet -ms-2", disabled: is_busy, on_pick: other,
                    // One word where there is little room.
                    span {
                        "Another"
                        span { class: "only-wide", " picture" }
                    }
                }
                span { class: "flex-1" }
                button { class: "btn btn-quiet", r#type: "button", onclick: move |_| on_close.call(false), "Cancel" }
                button { class: "btn btn-primary", r#type: "button", disabled: is_busy || frame.read().is_none(), onclick: save, "Use picture" }
            }
        }
    }
}

/// The picture under its frame. What is outside of the circle is dimmed.
#[component]
fn Stage(url: String, frame: Signal<Option<Frame>>, is_unreadable: Signal<bool>) -> Element {
    let (mut frame, mut is_unreadable) = (frame, is_unreadable);
    let mut grip = use_signal(Grip::default);
    let mut change = move |by: &dyn Fn(Frame) -> Frame| {
        let next = (*frame.peek()).map(by);
        if *frame.peek() != next {
            frame.set(next);
        }
    };
    let style = (*frame.read()).map(Frame::style);
    rsx! {
        div {
            id: STAGE,
            class: "crop-stage",
            role: "application",
            tabindex: "0",
            "data-autofocus": "",
            "data-held": grip.read().is_held().then_some(""),
            "aria-label": "Part of the picture",
            "aria-roledescription": "Frame",
            onpointerdown: move |event: PointerEvent| {
                if event.trigger_button().is_none_or(|button| button == MouseButton::Primary) {
                    picture::hold(STAGE, event.pointer_id());
                    grip.write().press(event.pointer_id(), share(event.client_coordinates()));
                }
            },
            onpointermove: move |event: PointerEvent| {
                let (is_held, now) = (grip.peek().is_held(), *frame.peek());
                if let Some(now) = now.filter(|_| is_held) {
                    let next = grip.write().moved(event.pointer_id(), share(event.client_coordinates()), now);
                    change(&|_| next);
                }
            },
            onpointerup: move |event: PointerEvent| grip.write().lift(event.pointer_id()),
            onpointercancel: move |event: PointerEvent| grip.write().lift(event.pointer_id()),
            onwheel: move |event: WheelEvent| {
                event.prevent_default();
                let turned = match event.delta() {
                    WheelDelta::Pixels(by) => by.y,
                    WheelDelta::Lines(by) => by.y * LINE,
                    WheelDelta::Pages(by) => by.y * LINE * 10.0,
                };
                let at = share(event.client_coordinates());
                change(&|frame| frame.zoomed((-turned * WHEEL).exp(), at));
            },
            onkeydown: move |event: KeyboardEvent| {
                // The browser's own zoom, and its ways back.
                if event.modifiers().intersects(Modifiers::CONTROL | Modifiers::META | Modifiers::ALT) {
                    return;
                }
                let step = if event.modifiers().shift() { STEP * FAR } else { STEP };
                // The frame goes where the arrow points; the picture goes the other way.
                let move_by = match event.key() {
                    Key::ArrowLeft => (step, 0.0),
                    Key::ArrowRight => (-step, 0.0),
                    Key::ArrowUp => (0.0, step),
                    Key::ArrowDown => (0.0, -step),
                    Key::Character(key) if key == "+" || key == "=" => {
                        change(&|frame| frame.zoomed(CLOSER, MIDDLE));
                        return event.prevent_default();
                    }
                    Key::Character(key) if key == "-" => {
                        change(&|frame| frame.zoomed(1.0 / CLOSER, MIDDLE));
                        return event.prevent_default();
                    }
                    _ => return,
                };
                event.prevent_default();
                change(&|frame| frame.moved(move_by));
            },
            // New for each: its size is asked for when it is there.
            for url in [url] {
                img {
                    key: "{url}",
                    id: PICTURE,
                    src: "{url}",
                    alt: "",
                    draggable: "false",
                    "data-here": style.is_some().then_some(""),
                    style: style.clone(),
                    onload: move |_| match picture::natural(PICTURE) {
                        Some((width, height)) => frame.set(Some(Frame::new(width, height))),
                        None => is_unreadable.set(true),
                    },
                    onerror: move |_| is_unreadable.set(true),
                }
            }
            span { class: "crop-ring", "aria-hidden": "true" }
        }
    }
}

/// As a share of the stage.
fn share(point: ClientPoint) -> Point {
    let area = picture::area(STAGE);
    ((point.x - area.left) / area.width.max(1.0), (point.y - area.top) / area.height.max(1.0))
}

#[component]
fn Zoom(frame: Signal<Option<Frame>>) -> Element {
    let mut frame = frame;
    let now = frame();
    let (zoom, closest) = now.map_or((1.0, 1.0), |frame| (frame.zoom(), frame.closest()));
    let percent = (zoom * 100.0).round();
    rsx! {
        label { class: "crop-zoom",
            Icon { d: icon::ZOOM_OUT, class: "i-sm" }
            input {
                class: "range",
                r#type: "range",
                "aria-label": "Zoom",
                "aria-valuetext": "{percent} per cent",
                min: "100",
                max: "{(closest * 100.0).round()}",
                step: "1",
                value: "{percent}",
                // Nothing to be closer to.
                disabled: closest <= 1.0,
                oninput: move |event| {
                    let now = *frame.peek();
                    if let (Ok(percent), Some(now)) = (event.value().parse::<f64>(), now) {
                        frame.set(Some(now.at_zoom(percent / 100.0, MIDDLE)));
                    }
                },
            }
            Icon { d: icon::ZOOM_IN, class: "i-sm" }
        }
    }
}
