//! The picture itself, and the fingers on it.

use super::gesture::{Fingers, Point, Step, View};
use crate::model::{Attachment, AttachmentKind, Variant};
use crate::time::Timestamp;
use crate::ui::dom::media;
use crate::ui::room::attachments::{Film, Moving, Still, shape};
use dioxus::html::geometry::WheelDelta;
use dioxus::html::input_data::MouseButton;
use dioxus::prelude::*;

const STAGE: &str = "viewer-stage";
const BOX: &str = "viewer-box";
/// How much a pixel of a wheel zooms; a line counts as so many.
const WHEEL: f64 = 0.002;
const LINE: f64 = 30.0;

/// From the middle of the stage.
fn point(at: dioxus::html::geometry::ClientPoint) -> Point {
    let stage = media::area(STAGE);
    (at.x - stage.left - stage.width / 2.0, at.y - stage.top - stage.height / 2.0)
}

/// Zooms about a point, and keeps the edges where they belong.
pub fn zoom(view: Signal<View>, factor: f64, about: Point) {
    change(view, |view| view.zoomed(factor, about));
}

fn change(mut view: Signal<View>, next: impl FnOnce(View) -> View) {
    let now = *view.peek();
    let (stage, shown) = (media::area(STAGE), media::area(BOX));
    let plain = (shown.width / now.scale, shown.height / now.scale);
    view.set(next(now).bounded(plain, (stage.width, stage.height)));
}

/// One picture or film in the middle. `on_go` gets -1 or 1.
#[component]
pub fn Stage(
    file: Attachment,
    alt: String,
    view: Signal<View>,
    on_go: Callback<i32>,
    on_close: Callback<()>,
) -> Element {
    let mut fingers = use_hook(|| CopyValue::new(Fingers::default()));
    let mut follow = use_signal(|| None::<Point>);
    let is_film = file.kind == AttachmentKind::Video;
    let run = use_callback(move |(step, is_mouse): (Step, bool)| {
        if !matches!(step, Step::Follow(_)) {
            follow.set(None);
        }
        match step {
            Step::Nothing | Step::Back => {}
            Step::Zoom { factor, about, by } => change(view, |view| view.zoomed(factor, about).moved(by)),
            Step::Follow((x, y)) => follow.set(Some((x, y.max(0.0)))),
            Step::Next => on_go.call(1),
            Step::Previous => on_go.call(-1),
            Step::Close => on_close.call(()),
            Step::DoubleTap(at) => change(view, |view| view.toggled(at)),
            Step::Tap((x, y)) => {
                // On the ground beside it.
                let shown = media::area(BOX);
                let is_beside = x.abs() > shown.width / 2.0 || y.abs() > shown.height / 2.0;
                if is_mouse && is_beside && !view.peek().is_close() {
                    on_close.call(());
                }
            }
        }
    });
    let is_mouse = |event: &PointerEvent| event.pointer_type() == "mouse";
    let View { scale, at } = view();
    let (x, y) = follow().unwrap_or_default();
    let is_still = !is_film && !fingers.peek().are_down();
    let ratio = shape(&file);
    let own = file.width.unwrap_or(1_280).max(240);
    let id = format!("w-{}", file.id);
    rsx! {
        div {
            id: STAGE,
            class: "viewer-stage",
            "data-close": view().is_close().then_some(""),
            onpointerdown: move |event: PointerEvent| {
                if event.trigger_button().is_none_or(|button| button == MouseButton::Primary) {
                    fingers.write().press(event.pointer_id(), point(event.client_coordinates()), Timestamp::now().0);
                }
            },
            onpointermove: move |event: PointerEvent| {
                if !fingers.peek().are_down() {
                    return;
                }
                // Let go outside of the window.
                if event.held_buttons().is_empty() && is_mouse(&event) {
                    let step = fingers.write().cancel();
                    return run.call((step, true));
                }
                let is_close = view.peek().is_close();
                let step = fingers.write().moved(event.pointer_id(), point(event.client_coordinates()), is_close);
                if step != Step::Nothing {
                    run.call((step, is_mouse(&event)));
                }
            },
            onpointerup: move |event: PointerEvent| {
                let is_close = view.peek().is_close();
                let width = media::area(STAGE).width;
                let step = fingers.write().lift(event.pointer_id(), Timestamp::now().0, is_close, width);
                run.call((step, is_mouse(&event)));
            },
            onpointercancel: move |_| {
                let step = fingers.write().cancel();
                run.call((step, false));
            },
            onwheel: move |event: WheelEvent| {
                if is_film {
                    return;
                }
                event.prevent_default();
                let turned = match event.delta() {
                    WheelDelta::Pixels(by) => by.y,
                    WheelDelta::Lines(by) => by.y * LINE,
                    WheelDelta::Pages(by) => by.y * LINE * 10.0,
                };
                zoom(view, (-turned * WHEEL).exp(), point(event.client_coordinates()));
            },
            div {
                id: BOX,
                class: "viewer-box",
                "data-still": is_still.then_some(""),
                style: "--ratio:{ratio:.4};--own:{own}px;transform:translate({at.0 + x:.1}px,{at.1 + y:.1}px) scale({scale:.3})",
                // Its controls are the browser's own: fingers on them mean those.
                onpointerdown: move |event| {
                    if is_film {
                        event.stop_propagation();
                    }
                },
                match file.kind {
                    AttachmentKind::Video => rsx! {
                        Film { id, file, alt, tab: "0" }
                    },
                    AttachmentKind::Animation => rsx! {
                        Moving { file, variant: Variant::Preview, alt, tab: "0" }
                    },
                    _ => rsx! {
                        Still { file, variant: Variant::Full, alt, tab: "0" }
                    },
                }
            }
        }
    }
}
